//! Reads and checks a kubeconfig file as the webhook backend reads one.
//!
//! The rules are those of `clientcmd` and `rest` in client-go, with which kube-apiserver loads the file: the current context names a cluster and a user, and
//! the cluster has the address.

use apiserver_config::{SettingCode, placeholder};
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::base64_data::{self, BadData};
use crate::codes::ImportCode;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::pod::text_of;

/// Maximum number of clusters, contexts and users that are searched.
const MAX_ENTRIES: usize = 1_000;

/// Help for an address that only the cluster's own DNS resolves.
const CLUSTER_NAME: &str = "kube-apiserver resolves names with the DNS of its node, not with that of the cluster: use the service's cluster IP, or a name that the node resolves";

/// Returns whether a document is a kubeconfig file: by its kind, or by its fields.
pub(crate) fn is_kubeconfig(root: Node<'_>, kind: &str) -> bool {
    let fields = ["clusters", "contexts", "users", "current-context"];
    let count = fields
        .iter()
        .filter(|name| root.field(name).is_some())
        .count();
    let has_context = root
        .field("contexts")
        .or(root.field("current-context"))
        .is_some();
    (kind == "Config" && text_of(root, "apiVersion") == "v1") || (count >= 2 && has_context)
}

/// Reads a kubeconfig file.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Kubeconfig);
    let mut check = Check {
        lines,
        found: &mut found,
    };
    check.document(root);
    found
}

/// Checks an address that another program writes into the webhook's configuration.
pub(crate) fn check_address(server: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    // The address stands alone: the object around it has no settings of TLS.
    Check { lines, found }.server(server, server, None);
}

struct Check<'l, 'f> {
    lines: &'l Lines<'l>,
    found: &'f mut ParsedInput,
}

impl Check<'_, '_> {
    fn broken(&mut self, node: Node<'_>, message: impl Into<String>, help: impl Into<String>) {
        let line = self.lines.of(node);
        self.found.report(
            ImportCode::BrokenWebhook,
            Severity::Error,
            line,
            message,
            help,
        );
    }

    fn doubtful(
        &mut self,
        severity: Severity,
        node: Node<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let line = self.lines.of(node);
        self.found
            .report(ImportCode::DoubtfulWebhook, severity, line, message, help);
    }

    fn document(&mut self, root: Node<'_>) {
        if let Some(kind) = root.get("kind").filter(|kind| scalar(*kind) != "Config") {
            let message = format!("the kind `{}` is not a kubeconfig's", excerpt(scalar(kind)));
            self.broken(kind, message, "write `kind: Config`");
        }
        for name in ["clusters", "contexts", "users"] {
            if let Some(value) = root.get(name)
                && !matches!(value.kind(), Kind::List | Kind::Null)
            {
                let message = format!("`{name}` is not a list");
                self.broken(value, message, "write a list of items with `name`");
            }
        }
        let mut name = text_of(root, "current-context");
        if name.is_empty() {
            let at = root.get("contexts").unwrap_or(root);
            self.broken(
                at,
                "the file has no `current-context`",
                "kube-apiserver does not start with it: set `current-context` to the name of a context",
            );
            // The rest is checked as if the first context were the current one.
            let first = root.get("contexts").and_then(|list| list.items().next());
            match first {
                Some(first) => name = text_of(first, "name"),
                None => return self.without_context(root),
            }
        }
        let mut context = entry(root, "contexts", &name, "context");
        if context.is_none() {
            let at = root.get("current-context").unwrap_or(root);
            let message = format!("`contexts` has no context `{}`", excerpt(&name));
            let help = format!(
                "kube-apiserver does not start with it: {}",
                known(root, "contexts", "add the context")
            );
            self.broken(at, message, help);
            context = only(root, "contexts", "context");
        }
        let Some(context) = context else {
            return self.without_context(root);
        };
        let user_name = text_of(context, "user");
        let user = entry(root, "users", &user_name, "user");
        if !user_name.is_empty() && user.is_none() {
            let at = context.get("user").unwrap_or(context);
            let message = format!("`users` has no user `{}`", excerpt(&user_name));
            let help = format!(
                "events are sent without credentials: {}",
                known(root, "users", "add the user")
            );
            self.doubtful(Severity::Warning, at, message, help);
        }
        self.cluster(root, context, user);
        if let Some(user) = user {
            self.methods(user);
        }
    }

    /// Checks the only cluster and the only user of a file whose context is missing.
    fn without_context(&mut self, root: Node<'_>) {
        let user = only(root, "users", "user");
        if let Some(cluster) = only(root, "clusters", "cluster") {
            self.address_of(cluster, "", user);
        }
        if let Some(user) = user {
            self.methods(user);
        }
    }

    fn cluster(&mut self, root: Node<'_>, context: Node<'_>, user: Option<Node<'_>>) {
        let name = text_of(context, "cluster");
        let mut cluster = entry(root, "clusters", &name, "cluster");
        if cluster.is_none() {
            let at = context.get("cluster").unwrap_or(context);
            let message = if name.is_empty() {
                "the context has no `cluster`".to_owned()
            } else {
                format!("`clusters` has no cluster `{}`", excerpt(&name))
            };
            let help = format!(
                "kube-apiserver does not start with it: {}",
                known(root, "clusters", "add the cluster")
            );
            self.broken(at, message, help);
            cluster = only(root, "clusters", "cluster");
        }
        if let Some(cluster) = cluster {
            self.address_of(cluster, &name, user);
        }
    }

    /// Checks the address of a cluster.
    fn address_of(&mut self, cluster: Node<'_>, name: &str, user: Option<Node<'_>>) {
        let server = cluster
            .get("server")
            .filter(|node| !scalar(*node).is_empty());
        let Some(server) = server.filter(|node| node.kind() != Kind::Null) else {
            let message = if name.is_empty() {
                "the cluster has no `server`".to_owned()
            } else {
                format!("the cluster `{}` has no `server`", excerpt(name))
            };
            let help = "kube-apiserver does not start with it: set `server` to the URL that events are sent to";
            return self.broken(cluster, message, help);
        };
        self.data(cluster, &["certificate-authority-data"]);
        self.trust(cluster);
        self.server(server, cluster, user);
    }

    /// Checks that fields with the contents of a file are Base64.
    fn data(&mut self, node: Node<'_>, names: &[&str]) {
        for name in names {
            let Some(value) = node.get(name).filter(|value| value.kind() == Kind::Text) else {
                continue;
            };
            let text = scalar(value);
            let file = name.strip_suffix("-data").unwrap_or(name);
            match base64_data::check(text) {
                Ok(()) => {}
                Err(BadData::Placeholder) => self.doubtful(
                    Severity::Info,
                    value,
                    format!("`{}` in `{name}` is a placeholder", excerpt(text)),
                    "write the contents of the file in Base64: `base64 -w0 FILE`",
                ),
                Err(BadData::Pem) => self.broken(
                    value,
                    format!("`{name}` is PEM, not Base64"),
                    format!(
                        "kube-apiserver does not start with it: encode the whole file once more, with `base64 -w0 FILE`, or name it in `{file}`"
                    ),
                ),
                Err(BadData::NotBase64(what)) => self.broken(
                    value,
                    format!("`{name}` is not Base64: {what}"),
                    "kube-apiserver does not start with it: write the contents of the file in Base64, with `base64 -w0 FILE`",
                ),
            }
        }
    }

    /// Checks how the webhook's certificate is verified.
    fn trust(&mut self, cluster: Node<'_>) {
        let insecure = cluster
            .get("insecure-skip-tls-verify")
            .filter(|node| node.is_true());
        let authority = cluster
            .get("certificate-authority")
            .filter(|node| !scalar(*node).is_empty());
        let data = cluster
            .get("certificate-authority-data")
            .filter(|node| !scalar(*node).is_empty());
        if let Some(insecure) = insecure
            && authority.or(data).is_some()
        {
            self.broken(
                insecure,
                "`insecure-skip-tls-verify` and a certificate authority are both set",
                "kube-apiserver does not start with both: remove `insecure-skip-tls-verify`",
            );
        }
        let Some(file) = authority else {
            return;
        };
        let path = scalar(file);
        let message = format!(
            "kube-apiserver reads `{}` in its own container",
            excerpt(path)
        );
        if path.starts_with('/') {
            let help = "mount the file there too, or put it into this file as `certificate-authority-data`";
            self.doubtful(Severity::Info, file, message, help);
        } else {
            let help = "a relative path starts at the directory of this file, which must be mounted with it: use an absolute path or `certificate-authority-data`";
            self.doubtful(Severity::Warning, file, message, help);
        }
    }

    fn server(&mut self, server: Node<'_>, cluster: Node<'_>, user: Option<Node<'_>>) {
        let text = scalar(server);
        let shown = excerpt(text);
        let variable = placeholder(text);
        if let Some(variable) = variable {
            let line = self.lines.of(server);
            self.found.report(
                SettingCode::UnknownValue,
                Severity::Info,
                line,
                format!("the server `{shown}` contains the variable `{}`", excerpt(variable)),
                "its value is unknown here and not checked; kube-apiserver itself replaces no variables",
            );
        }
        if variable.is_some_and(|variable| text.starts_with(variable)) {
            return;
        }
        let Some((scheme, host)) = self.address(server, text) else {
            return;
        };
        let insecure = cluster
            .get("insecure-skip-tls-verify")
            .filter(|node| node.is_true());
        if scheme == "http" {
            self.plain_http(server, user);
        } else if let Some(insecure) = insecure {
            self.doubtful(
                Severity::Warning,
                insecure,
                "the certificate of the webhook is not verified",
                "anyone between the two can read the events: set `certificate-authority-data`",
            );
        }
        if variable.is_none() {
            self.host(server, host);
        }
    }

    /// Returns scheme and host of an address. `None` if no events can be sent to it.
    fn address<'t>(&mut self, server: Node<'_>, text: &'t str) -> Option<(String, &'t str)> {
        let shown = excerpt(text);
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => (String::new(), text),
        };
        let host = host(rest);
        let has_space = text.contains(char::is_whitespace) && placeholder(text).is_none();
        if host.is_empty() || has_space {
            let message = format!("the server `{shown}` is not a URL");
            let help = "write `https://`, the host and, if necessary, port and path";
            self.broken(server, message, help);
            return None;
        }
        if scheme.is_empty() {
            let path = rest.split_once('/').map_or("", |(_, path)| path);
            let message = format!("the server `{shown}` has no scheme");
            if path.is_empty() {
                let help = "it is read as `http://`, or `https://` if a certificate is set: write the scheme";
                self.doubtful(Severity::Warning, server, message, help);
            } else {
                let help = "kube-apiserver does not start with it, since it also has a path: write `https://` or `http://` before it";
                self.broken(server, message, help);
            }
        } else if scheme != "http" && scheme != "https" {
            let message = format!("the server `{shown}` has the scheme `{}`", excerpt(&scheme));
            let help = "events are only sent over `https` or `http`";
            self.broken(server, message, help);
        }
        Some((scheme, host))
    }

    /// Reports what is sent without encryption.
    fn plain_http(&mut self, server: Node<'_>, user: Option<Node<'_>>) {
        let secret = ["token", "tokenFile", "password", "exec"];
        let credentials = user.and_then(|user| {
            let mut secret = secret.iter().filter_map(|name| user.field(name));
            secret.find(|field| !scalar(field.value).is_empty())
        });
        match credentials {
            Some(field) => {
                let what = if field.name == "password" { "password" } else { "token" };
                self.doubtful(
                    Severity::Warning,
                    server,
                    format!("the {what} is sent over plain http"),
                    "anyone on the network can read and use it: use `https`",
                );
            }
            None => self.doubtful(
                Severity::Info,
                server,
                "events are sent over plain http",
                "anyone on the network can read them, including the bodies that the policy records: use `https`",
            ),
        }
    }

    /// Reports a host that kube-apiserver does not resolve, or that is its own node.
    fn host(&mut self, server: Node<'_>, host: &str) {
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let is_local = name == "localhost" || name.starts_with("127.") || name == "::1";
        let is_service =
            name.ends_with(".svc") || name.ends_with(".cluster.local") || name.contains(".svc.");
        let is_short = !name.contains(['.', ':']) && !is_local;
        let is_service = is_service || is_of_namespace(&name);
        if is_service || is_short {
            let message = format!("`{}` is a name of the cluster's own DNS", excerpt(host));
            let message = if is_short {
                format!("`{}` is a name without a domain", excerpt(host))
            } else {
                message
            };
            self.doubtful(Severity::Warning, server, message, CLUSTER_NAME);
        } else if is_local {
            self.doubtful(
                Severity::Info,
                server,
                format!("`{}` is the node of kube-apiserver itself", excerpt(host)),
                "the webhook must listen on every control-plane node, and kube-apiserver's pod must use the node's network",
            );
        }
    }

    /// Reports a user with more than one method of authentication.
    fn methods(&mut self, user: Node<'_>) {
        let has = |name: &str| user.get(name).is_some_and(|node| !scalar(node).is_empty());
        self.data(user, &["client-certificate-data", "client-key-data"]);
        let token = has("token") || has("tokenFile");
        if token && (has("username") || has("password")) {
            self.broken(
                user,
                "the user has both a token and a password",
                "kube-apiserver does not start with both: keep one of them",
            );
        }
        for name in ["client-certificate", "client-key", "tokenFile"] {
            if let Some(file) = user.get(name)
                && !scalar(file).is_empty()
            {
                let path = excerpt(scalar(file));
                self.doubtful(
                    Severity::Info,
                    file,
                    format!("kube-apiserver reads `{path}` in its own container"),
                    "mount the file there too, or put its contents into this file",
                );
            }
        }
    }
}

/// Returns an entry of a list by its name: the object below `field`.
fn entry<'d>(root: Node<'d>, list: &str, name: &str, field: &str) -> Option<Node<'d>> {
    let mut items = root.get(list)?.items().take(MAX_ENTRIES);
    let item = items.find(|item| item.get("name").map(scalar) == Some(name))?;
    Some(item.get(field).unwrap_or(item))
}

/// Returns the entry of a list that has only one: the object below `field`.
fn only<'d>(root: Node<'d>, list: &str, field: &str) -> Option<Node<'d>> {
    let mut items = root.get(list)?.items();
    let item = items.next().filter(|_| items.next().is_none())?;
    Some(item.get(field).unwrap_or(item))
}

/// Returns a help that lists the names of a list, or another one if there are no names.
fn known(root: Node<'_>, list: &str, otherwise: &str) -> String {
    let items = root.get(list).into_iter().flat_map(Node::items);
    let names: Vec<String> = items
        .filter_map(|item| item.get("name").map(scalar))
        .take(3)
        .map(|name| format!("`{}`", excerpt(name)))
        .collect();
    if names.is_empty() {
        otherwise.to_owned()
    } else {
        format!("the file has {}", names.join(", "))
    }
}

/// Returns whether a name is `service.namespace`: its last part is a usual namespace, or has a dash, which no top-level domain has.
fn is_of_namespace(name: &str) -> bool {
    let usual = [
        "audit",
        "default",
        "elastic",
        "falco",
        "logging",
        "monitoring",
        "observability",
    ];
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let last = name.split_once('.').map_or("", |(_, namespace)| namespace);
    let has_dash = last.contains('-') && !last.starts_with("xn--");
    !last.contains('.') && !is_number(last) && (has_dash || usual.contains(&last))
}

/// Returns the host of a URL without its scheme.
fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default();
    }
    match host.split_once(':') {
        Some((name, _)) => name,
        None => host,
    }
}
