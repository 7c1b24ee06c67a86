//! Explains a document without a policy: its kind, and the place of its policy.

use audit_policy::document::Node;
use audit_types::excerpt::excerpt;

use super::kind::{is_list, main_object, rke1_server, title};
use super::other_file::OtherFile;
use super::policies::Contents;
use super::terraform::{self, PolicySource};
use crate::input_format::InputFormat;
use crate::{gardener, openshift};

/// Explanation of a document that contains no policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Explanation {
    /// The kind of the document: `this is a ConfigMap`.
    is: String,
    policy: PolicyPlace,
    help: String,
}

/// Place of the policy that a document does not contain.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PolicyPlace {
    /// The document names none.
    Unknown,
    /// A file.
    File(String),
    /// The kind says it.
    Stated,
}

impl Explanation {
    fn new(title: &str, policy: PolicyPlace, help: impl Into<String>) -> Self {
        Self {
            is: format!("this is {title}"),
            policy,
            help: help.into(),
        }
    }

    /// Explains a document whose description says where its policy is.
    pub(super) fn stated(description: &str, help: impl Into<String>) -> Self {
        Self::new(description, PolicyPlace::Stated, help)
    }

    /// Explains a file of another program.
    pub(super) fn other_file(file: OtherFile) -> Self {
        match file.policy {
            "" => Self::stated(file.title, file.help),
            policy => Self::stated(&format!("{}; {policy}", file.title), file.help),
        }
    }

    /// Returns the explanation with the policy's file. `None` if it already has the place of the policy.
    pub(super) fn with_file(&self, path: &str) -> Option<Self> {
        (self.policy == PolicyPlace::Unknown).then(|| Self {
            is: self.is.clone(),
            policy: PolicyPlace::File(path.to_owned()),
            help: "check that file".to_owned(),
        })
    }

    /// Returns the message.
    pub(super) fn message(&self) -> String {
        format!("not a policy: {}", self.sentence())
    }

    /// Returns what the document is, with the place of its policy.
    pub(super) fn sentence(&self) -> String {
        let is = &self.is;
        match &self.policy {
            PolicyPlace::Unknown => format!("{is} without a policy"),
            PolicyPlace::File(path) => {
                format!("{is}; its policy is the file `{}`", excerpt(path))
            }
            PolicyPlace::Stated => is.clone(),
        }
    }

    /// Returns the help.
    pub(super) fn help(&self) -> &str {
        &self.help
    }
}

/// Help about a document whose policy is not known.
pub(crate) const NAMES_NONE: &str =
    "it contains no policy and names none: check the file that `--audit-policy-file` names";

/// Explains a document that contains no policy. `None` for one of an unknown kind, which may be meant as a policy.
pub(super) fn explain(
    root: Node<'_>,
    format: InputFormat,
    title: &str,
    contents: &Contents,
) -> Option<Explanation> {
    let root = main_object(root);
    if matches!(
        format,
        InputFormat::Unknown
            | InputFormat::Policy
            | InputFormat::Events
            | InputFormat::ManagedCluster
            | InputFormat::OtherProgram
    ) {
        return None;
    }
    if let Some(found) = special(root, format) {
        return Some(found);
    }
    if let Some(path) = contents.compressed.first() {
        let description = format!(
            "{title} with compressed content, `{}`, which was not read",
            excerpt(path)
        );
        let help = "decompress it and check the text";
        return Some(Explanation::stated(&description, help));
    }
    if let Some(found) = kubeconfig(title, contents) {
        return Some(found);
    }
    if let Some(found) = of_several(root, format, title, contents) {
        return Some(found);
    }
    if let Some(reference) = contents.references.last() {
        let from = match origin(root, &reference.path) {
            Some(object) => format!("check the policy in {object}, which the file is written from"),
            None => format!("check that file{}", mounted(root, &reference.path, format)),
        };
        return Some(Explanation::new(
            title,
            PolicyPlace::File(reference.path.clone()),
            format!("{from}; `audit-policy import` reads the settings of this one"),
        ));
    }
    let help = help_about(root, format);
    Some(Explanation::new(title, PolicyPlace::Unknown, help))
}

/// Returns the help about a document that names no policy.
fn help_about(root: Node<'_>, format: InputFormat) -> &'static str {
    match format {
        InputFormat::ConfigMap | InputFormat::Secret => {
            "no key of `data` contains a policy: use the policy as it is, or as the text of a key"
        }
        InputFormat::Kustomization => {
            "none of its patches and generators contains a policy: check the files that it names, or what `kubectl kustomize` prints"
        }
        InputFormat::Kubeconfig => {
            "the webhook backend reads it (`--audit-webhook-config-file`); the policy is another file"
        }
        InputFormat::Kind => {
            "a kind cluster mounts its policy from the host: check the file that `--audit-policy-file` names"
        }
        InputFormat::Rke1 if is_off(root) => {
            "`audit_log.enabled` is not true here, so RKE sets no audit flags"
        }
        InputFormat::Kubespray if is_off(root) => {
            "`kubernetes_audit` is not true here, so kubespray writes no policy"
        }
        InputFormat::Rke1 => {
            "RKE writes a policy of its own, which logs every request at level Metadata"
        }
        InputFormat::Talos => {
            "Talos has a policy of its own, which logs every request at level Metadata"
        }
        InputFormat::Kubespray => {
            "kubespray writes a policy of its own; `audit_policy_custom_rules` replaces its rules"
        }
        _ => NAMES_NONE,
    }
}

/// Maximum number of files that a message lists.
const MAX_FILES: usize = 3;

/// Explains a file with several servers, each of which names its own policy.
fn of_several(
    root: Node<'_>,
    format: InputFormat,
    title: &str,
    contents: &Contents,
) -> Option<Explanation> {
    let mut paths: Vec<&str> = Vec::new();
    for reference in contents.references.iter().take(MAX_REFERENCES) {
        if !paths.contains(&reference.path.as_str()) {
            paths.push(&reference.path);
        }
    }
    if paths.len() < 2 || !(format == InputFormat::Compose || is_list(root)) {
        return None;
    }
    let listed = paths.iter().take(MAX_FILES);
    let listed: Vec<String> = listed.map(|path| format!("`{}`", excerpt(path))).collect();
    Some(Explanation::stated(
        &format!("{title}; its policies are the files {}", listed.join(", ")),
        "check these files; `audit-policy import` reads the settings of this one",
    ))
}

/// Maximum number of paths that are compared.
const MAX_REFERENCES: usize = 100;

/// Returns whether a configuration of RKE1 or kubespray turns the audit log off.
fn is_off(root: Node<'_>) -> bool {
    let log = rke1_server(root).and_then(|server| {
        let log = server.get("audit_log").or_else(|| server.get("auditLog"))?;
        log.get("enabled")
    });
    let variable = root.get("kubernetes_audit");
    let is_true = |text: &str| text.eq_ignore_ascii_case("true") || text == "yes";
    log.or(variable)
        .is_some_and(|value| !value.is_true() && !value.text().is_some_and(is_true))
}

/// Explains a document that contains a kubeconfig file and names no policy.
fn kubeconfig(title: &str, contents: &Contents) -> Option<Explanation> {
    let mut inner = contents.inner.iter();
    let (path, _) = inner.find(|(_, format)| *format == InputFormat::Kubeconfig)?;
    let help = "the webhook backend reads such a file (`--audit-webhook-config-file`); the policy is another file";
    contents.references.is_empty().then(|| {
        let description = format!("{title} with a kubeconfig file, `{}`", excerpt(path));
        Explanation::stated(&description, help)
    })
}

/// Explains a text that is not YAML and contains no policy.
pub(super) fn of_text(
    source: &str,
    format: InputFormat,
    title: &str,
    contents: &Contents,
) -> Explanation {
    let policy = (format == InputFormat::Terraform).then(|| terraform::source_of_policy(source));
    match policy.flatten() {
        Some(PolicySource::File(path)) => {
            return Explanation::new(
                title,
                PolicyPlace::File(path.to_owned()),
                "check that file, rendered if it is a template",
            );
        }
        Some(PolicySource::Reference(name)) => {
            let description = format!(
                "{title}; its policy is `{}`, which has no literal value here",
                excerpt(name)
            );
            return Explanation::stated(
                &description,
                "check the file with its value, or the result, which `terraform console` prints",
            );
        }
        None => {}
    }
    if let Some(reference) = contents.references.last() {
        return Explanation::new(
            title,
            PolicyPlace::File(reference.path.clone()),
            "check that file; `audit-policy import` reads the settings of this one",
        );
    }
    if let Some(path) = file_of_object(source) {
        let place = PolicyPlace::File(path.to_owned());
        return Explanation::new(title, place, "check that file");
    }
    let help = match format {
        InputFormat::Terraform => {
            "only a literal policy can be read here: check the file or the rendered value, such as with `terraform console`"
        }
        InputFormat::CloudInit => "it cannot be read as YAML, and cloud-init cannot read it either",
        _ => "check the file that `--audit-policy-file` names; `audit-policy import` reads flags",
    };
    Explanation::new(title, PolicyPlace::Unknown, help)
}

/// Returns the file that `kubectl create configmap NAME --from-file=KEY=FILE` reads, if its name is that of a policy.
fn file_of_object(source: &str) -> Option<&str> {
    let (_, rest) = source.split_once("--from-file")?;
    let rest = rest.strip_prefix(['=', ' '])?.trim_start_matches(' ');
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let rest = rest.get(usize::from(quote.is_some())..)?;
    let is_end = |c: char| quote.map_or(c.is_whitespace() || c == ';', |quote| c == quote);
    let pair = rest.get(..rest.find(is_end).unwrap_or(rest.len()))?;
    let path = pair.split_once('=').map_or(pair, |(_, path)| path);
    let path = path.trim_matches(['"', '\'']);
    (path.contains("audit") || path.contains("policy")).then_some(path)
}

/// Explains a message of several parts that contains no policy.
pub(super) fn of_message(title: &str, contents: &Contents) -> Explanation {
    match contents.references.last() {
        Some(reference) => Explanation::new(
            title,
            PolicyPlace::File(reference.path.clone()),
            "check that file; `audit-policy import` reads the settings of this one",
        ),
        None => Explanation::new(
            title,
            PolicyPlace::Unknown,
            "no part of it contains a policy: check the file that `--audit-policy-file` names",
        ),
    }
}

/// Returns the Secret or ConfigMap that a file of the node is written from, in clusters of Rancher and of Cluster API.
fn origin(root: Node<'_>, path: &str) -> Option<String> {
    let text = |node: Node<'_>, name: &str| node.get(name).and_then(Node::text).map(str::to_owned);
    let is_path = |node: &Node<'_>| node.get("path").and_then(Node::text) == Some(path);
    let selected = root.at_path(&["spec", "rkeConfig", "machineSelectorFiles"]);
    let sources = selected
        .into_iter()
        .flat_map(Node::items)
        .filter_map(|files| files.get("fileSources"))
        .flat_map(Node::items);
    for source in sources {
        for (field, kind) in [("secret", "Secret"), ("configMap", "ConfigMap")] {
            let object = source.get(field);
            let items = object.and_then(|object| object.get("items"));
            if items.is_some_and(|items| items.items().any(|item| is_path(&item)))
                && let Some(name) = object.and_then(|object| text(object, "name"))
            {
                return Some(format!("the {kind} `{}`", excerpt(&name)));
            }
        }
    }
    let files: [&[&str]; 3] = [
        &["spec", "kubeadmConfigSpec", "files"],
        &["spec", "template", "spec", "kubeadmConfigSpec", "files"],
        &["spec", "files"],
    ];
    let mut files = files
        .iter()
        .filter_map(|path| root.at_path(path))
        .flat_map(Node::items);
    let secret = files
        .find(is_path)
        .and_then(|file| file.at_path(&["contentFrom", "secret"]))?;
    Some(format!("the Secret `{}`", excerpt(&text(secret, "name")?)))
}

/// Returns where kind mounts the policy from.
fn mounted(root: Node<'_>, path: &str, format: InputFormat) -> String {
    if format != InputFormat::Kind {
        return String::new();
    }
    let nodes = root.get("nodes").into_iter().flat_map(Node::items);
    let host = nodes
        .flat_map(|node| node.get("extraMounts").into_iter().flat_map(Node::items))
        .find(|mount| mount.get("containerPath").and_then(Node::text) == Some(path))
        .and_then(|mount| mount.get("hostPath")?.text());
    host.map_or(String::new(), |host| {
        format!(", `{}` on the host", excerpt(host))
    })
}

/// Explains kinds that have their own way to a policy.
fn special(root: Node<'_>, format: InputFormat) -> Option<Explanation> {
    let text = |path: &[&str]| root.at_path(path).and_then(Node::text);
    match format {
        InputFormat::AuditSink => Some(Explanation::stated(
            "an AuditSink, which Kubernetes 1.19 removed",
            audit_sink(root),
        )),
        InputFormat::Gardener => gardener(root),
        InputFormat::OpenShift => {
            let profile = openshift::audit(root).and_then(|audit| audit.get("profile")?.text());
            let profile = profile.map_or("`Default`".to_owned(), |name| {
                format!("`{}`", excerpt(name))
            });
            let what = match text(&["kind"]) {
                Some("HostedCluster") => "a HostedCluster of HyperShift",
                Some("HostedControlPlane") => "a HostedControlPlane of HyperShift",
                _ => "OpenShift's APIServer configuration",
            };
            Some(Explanation::stated(
                &format!("{what} with the audit profile {profile}"),
                "OpenShift writes the policy itself; it only has profiles and `customRules` for groups of users",
            ))
        }
        InputFormat::Rke2ControlPlane | InputFormat::RancherCluster => secret(root, format),
        InputFormat::KubeOne => {
            let path = ["staticAuditLog", "webhookAuditLog"]
                .iter()
                .find_map(|log| text(&["features", log, "config", "policyFilePath"]))?;
            Some(Explanation::new(
                format.title(),
                PolicyPlace::File(path.to_owned()),
                "check that file, which KubeOne copies to the control plane",
            ))
        }
        InputFormat::Kubermatic => {
            root.at_path(&["spec", "auditLogging"])?;
            let preset =
                text(&["spec", "auditLogging", "policyPreset"]).filter(|name| !name.is_empty());
            let preset = preset.map_or_else(
                || "without an audit policy preset".to_owned(),
                |name| format!("with the audit policy preset `{}`", excerpt(name)),
            );
            Some(Explanation::stated(
                &format!("{} {preset}", title(root, format)),
                "Kubermatic writes the policy itself: check that of the ConfigMap `audit-config` in the namespace `cluster-ID` of the seed",
            ))
        }
        _ => None,
    }
}

/// Returns the policy that an AuditSink corresponds to.
fn audit_sink(root: Node<'_>) -> String {
    let level = root
        .at_path(&["spec", "policy", "level"])
        .and_then(Node::text);
    let level = level.unwrap_or("Metadata");
    format!(
        "write a policy with the rule `- level: {}`, and send events with `--audit-webhook-config-file`",
        excerpt(level)
    )
}

fn gardener(root: Node<'_>) -> Option<Explanation> {
    let path = ["auditConfig", "auditPolicy", "configMapRef", "name"];
    let name = gardener::server(root)?.at_path(&path)?.text()?;
    let namespace = if gardener::is_garden(root) {
        "garden"
    } else {
        "garden-PROJECT"
    };
    Some(Explanation::stated(
        &format!(
            "{}; its policy is in the ConfigMap `{}`",
            title(root, InputFormat::Gardener),
            excerpt(name)
        ),
        format!(
            "check the policy in it: `kubectl -n {namespace} get configmap {} -o yaml`",
            excerpt(name)
        ),
    ))
}

/// Returns the Secret with the policy of a cluster that RKE2 runs.
fn secret(root: Node<'_>, format: InputFormat) -> Option<Explanation> {
    let paths: [&[&str]; 3] = [
        &["spec", "serverConfig", "auditPolicySecret", "name"],
        &[
            "spec",
            "template",
            "spec",
            "serverConfig",
            "auditPolicySecret",
            "name",
        ],
        &["spec", "rkeConfig", "auditPolicySecret", "name"],
    ];
    let name = paths.iter().find_map(|path| root.at_path(path)?.text())?;
    Some(Explanation::stated(
        &format!(
            "{}; its policy is the key `audit-policy.yaml` of the Secret `{}`",
            format.title(),
            excerpt(name)
        ),
        format!(
            "check the policy in it: `kubectl get secret {} -o yaml`",
            excerpt(name)
        ),
    ))
}
