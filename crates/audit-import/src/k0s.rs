//! Reads the configuration of a k0s cluster: on its own, in that of k0sctl, in objects of k0smotron, and in a ClusterDeployment of k0rdent. Sources are
//! those of the exports: k0s' page "Configuration options" and its type `APISpec`, k0sctl's type `UploadFile`, and the cluster templates of k0rdent.
//!
//! k0s runs the server as a process of the node, so there are no mounts, but the server's user must be able to access the files.

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::paths::components;
use apiserver_config::platforms::{K0RDENT_FLAGS, K0S_USER};
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::kubeadm;
use crate::parsed_input::{Lines, ObjectReference, ParsedInput, scalar};
use crate::pod::text_of;
use crate::policy_origin::PolicyOrigin;
use crate::shell_words::ShellWord;

/// A file that a document writes to the nodes.
struct NodeFile {
    path: String,
    text: Option<String>,
    /// Permissions as written, such as `0600`. Empty if not given.
    permissions: String,
    /// Owner. Empty for root.
    owner: String,
    /// `true` if the path is a directory with files whose names are not known.
    is_directory: bool,
    line: usize,
}

impl NodeFile {
    /// Returns whether a path is that of the file, or may be that of one of several that a pattern selects.
    fn has(&self, path: &str) -> bool {
        self.path == path
            || (self.is_directory && components(path).starts_with(&components(&self.path)))
    }
}

/// Reads a ClusterConfig.
pub(crate) fn cluster_config(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::K0s);
    config(root, lines, &mut found);
    access(&[], &user(root), &mut found);
    found
}

/// Reads the configuration of k0sctl: a ClusterConfig, and files for each host.
pub(crate) fn k0sctl(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::K0sctl);
    let inner = root.at_path(&["spec", "k0s", "config"]);
    let mut server_user = K0S_USER.to_owned();
    if let Some(inner) = inner {
        config(inner, lines, &mut found);
        server_user = user(inner);
    }
    let files = host_files(root, lines, &mut found);
    access(&files, &server_user, &mut found);
    found
}

/// Reads the files that k0sctl uploads to controllers, and reports those that do not get the policy.
fn host_files(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) -> Vec<NodeFile> {
    let hosts = root.at_path(&["spec", "hosts"]);
    let hosts: Vec<Node<'_>> = hosts.into_iter().flat_map(Node::items).collect();
    let policy_path = path_of(found, "audit-policy-file");
    let is_policy = |file: &NodeFile| policy_path.as_ref().is_some_and(|path| file.has(path));
    let mut files: Vec<NodeFile> = Vec::new();
    let (mut controllers, mut without_policy) = (0_usize, 0_usize);
    let mut of_worker = None;
    for host in hosts {
        let mut of_host: Vec<NodeFile> = host
            .get("files")
            .into_iter()
            .flat_map(Node::items)
            .map(|file| uploaded(file, lines))
            .collect();
        let policy = of_host.iter().find(|file| is_policy(file));
        if is_controller(host) {
            controllers += 1;
            without_policy += usize::from(policy.is_none());
            files.append(&mut of_host);
        } else if let Some(policy) = policy {
            of_worker = of_worker.or(Some(policy.line));
        }
    }
    let Some(path) = &policy_path else {
        return files;
    };
    let policy = files.iter().find(|file| is_policy(file));
    let message = match (policy, of_worker) {
        (Some(policy), _) if without_policy > 0 => Some((
            policy.line,
            format!(
                "{without_policy} of {controllers} controllers do not get the policy `{}`",
                excerpt(path)
            ),
        )),
        (None, Some(line)) if controllers > 0 => Some((
            line,
            format!("only workers get the policy `{}`", excerpt(path)),
        )),
        _ => None,
    };
    if let Some(policy) = policy {
        found.policy.clone_from(&policy.text);
    } else if message.is_none() {
        other_path(path, &files, found);
    }
    if let Some((line, message)) = message {
        found.report(
            ImportCode::SomeNodesOnly,
            Severity::Warning,
            line,
            message,
            "a server does not start without its policy: add the file to each host that is a controller",
        );
    }
    files
}

/// Reports an uploaded file that is a policy by its name, but has another path than the flag names. One with its text in the document is
/// reported with its policy.
fn other_path(path: &str, files: &[NodeFile], found: &mut ParsedInput) {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let is_like = |file: &&NodeFile| {
        let its = name(&file.path);
        file.text.is_none()
            && (its == name(path) || (its.contains("audit") && its.contains("policy")))
    };
    if !path.starts_with('/') {
        return;
    }
    let Some(file) = files.iter().find(is_like) else {
        return;
    };
    let line = word_of(found, "audit-policy-file").map_or(file.line, |word| word.line);
    found.report(
        ImportCode::PolicyNotWritten,
        Severity::Warning,
        line,
        format!(
            "the flag names the policy `{}`, which is not among the files that k0sctl uploads; one is uploaded to `{}`",
            excerpt(path),
            excerpt(&file.path)
        ),
        format!(
            "the server does not start without the file: use `{}`, or upload it to the flag's path",
            excerpt(&file.path)
        ),
    );
}

/// Reads a K0sControlPlane of k0smotron, or its template.
pub(crate) fn control_plane(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::K0s);
    let spec = root
        .at_path(&["spec", "template", "spec", "k0sConfigSpec"])
        .or(root.at_path(&["spec", "k0sConfigSpec"]));
    if let Some(spec) = spec {
        node_config(spec, spec.get("k0s"), lines, &mut found);
    }
    found
}

/// Reads a control plane of k0smotron that runs in pods of the management cluster.
pub(crate) fn hosted(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::K0s);
    if let Some(inner) = root.at_path(&["spec", "k0sConfig"]) {
        config(inner, lines, &mut found);
    }
    found
}

/// Reads a ClusterDeployment of k0rdent: the values of its template.
pub(crate) fn k0rdent(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::K0rdent);
    if let Some(values) = root.at_path(&["spec", "config", "k0s"]) {
        // The template's values have `api` where a ClusterConfig has `spec.api`.
        if let Some(api) = values.get("api") {
            api_server(api, lines, &mut found);
        }
        let files = files_of(values, lines);
        access(&files, K0S_USER, &mut found);
        policy_of(&files, &mut found);
    }
    let Some(reference) = root.at_path(&["spec", "auditPolicy"]) else {
        return found;
    };
    if let Some(word) = word_of(&found, "audit-policy-file") {
        let line = word.line;
        found.report(
            ImportCode::TwoAuditSettings,
            Severity::Error,
            line,
            "the policy is set by both `auditPolicy` and `extraArgs`",
            "k0rdent's templates write both into one map: remove the audit flags from `extraArgs`, or `auditPolicy`",
        );
        return found;
    }
    found.defaults = K0RDENT_FLAGS.to_vec();
    found.policy_origin = PolicyOrigin::Program;
    found.policy_reference = Some(ObjectReference {
        kind: "ClusterAuditPolicy",
        name: scalar(reference).to_owned(),
        namespace: namespace_of(root),
        line: lines.of(reference),
    });
    if let Some(audit) = root.at_path(&["spec", "config", "audit"]) {
        audit_values(audit, lines, &mut found);
    }
    found
}

/// Reads the values of the log that k0rdent's templates have for a ClusterAuditPolicy.
fn audit_values(audit: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for (value, flag) in [
        ("logPath", "audit-log-path"),
        ("logMaxAge", "audit-log-maxage"),
        ("logMaxBackup", "audit-log-maxbackup"),
        ("logMaxSize", "audit-log-maxsize"),
    ] {
        if let Some(field) = audit.field(value) {
            found.argument(flag, scalar(field.value), lines.at(field.key));
        }
    }
}

/// Reads a ClusterConfig next to the files of its nodes.
fn node_config(
    spec: Node<'_>,
    inner: Option<Node<'_>>,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let mut server_user = K0S_USER.to_owned();
    if let Some(inner) = inner {
        config(inner, lines, found);
        server_user = user(inner);
    }
    let files = files_of(spec, lines);
    access(&files, &server_user, found);
    policy_of(&files, found);
}

fn policy_of(files: &[NodeFile], found: &mut ParsedInput) {
    let path = path_of(found, "audit-policy-file");
    let policy = files.iter().find(|file| Some(&file.path) == path.as_ref());
    found.policy = policy.and_then(|file| file.text.clone());
}

/// Reads `files` with `path`, `content` and `permissions`.
fn files_of(spec: Node<'_>, lines: &Lines<'_>) -> Vec<NodeFile> {
    let items = spec.get("files").into_iter().flat_map(Node::items);
    items
        .map(|file| NodeFile {
            path: text_of(file, "path"),
            text: file.get("content").and_then(Node::text).map(str::to_owned),
            permissions: text_of(file, "permissions"),
            owner: text_of(file, "owner"),
            is_directory: false,
            line: lines.of(file),
        })
        .collect()
}

/// Reads a file that k0sctl uploads: `dst` is a path, or a name in `dstDir`.
fn uploaded(file: Node<'_>, lines: &Lines<'_>) -> NodeFile {
    let source = text_of(file, "src");
    let name = text_of(file, "dst");
    let directory = text_of(file, "dstDir");
    let is_directory =
        name.is_empty() && (source.contains(['*', '?', '[']) || source.ends_with('/'));
    let path = if is_directory {
        directory.trim_end_matches('/').to_owned()
    } else if name.starts_with('/') {
        name
    } else {
        let last = [
            name,
            source.rsplit('/').next().unwrap_or_default().to_owned(),
            text_of(file, "name"),
        ]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default();
        format!("{}/{last}", directory.trim_end_matches('/'))
    };
    NodeFile {
        path,
        text: file.get("data").and_then(Node::text).map(str::to_owned),
        permissions: text_of(file, "perm"),
        owner: text_of(file, "user"),
        is_directory,
        line: lines.of(file),
    }
}

fn is_controller(host: Node<'_>) -> bool {
    matches!(
        text_of(host, "role").as_str(),
        "controller" | "controller+worker" | "single" | "server" | "server+worker"
    )
}

/// Returns the user that k0s starts the server as.
fn user(config: Node<'_>) -> String {
    let user = config.at_path(&["spec", "installConfig", "users", "kubeAPIserverUser"]);
    user.and_then(Node::text).unwrap_or(K0S_USER).to_owned()
}

fn namespace_of(root: Node<'_>) -> Option<String> {
    let namespace = root.at_path(&["metadata", "namespace"])?;
    namespace.text().map(str::to_owned)
}

fn word_of<'f>(found: &'f ParsedInput, flag: &str) -> Option<&'f ShellWord> {
    let start = format!("--{flag}=");
    found
        .words
        .iter()
        .rfind(|word| word.text.starts_with(&start))
}

fn path_of(found: &ParsedInput, flag: &str) -> Option<String> {
    let (_, path) = word_of(found, flag)?.text.split_once('=')?;
    (!path.is_empty()).then(|| path.to_owned())
}

/// Reads a ClusterConfig.
fn config(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    for path in [
        &["spec", "extraArgs"][..],
        &["extraArgs"],
        &["spec", "apiServer", "extraArgs"],
        &["spec", "controllerManager", "extraArgs"],
        &["spec", "scheduler", "extraArgs"],
    ] {
        misplaced(root, path, lines, found);
    }
    if let Some(api) = root.at_path(&["spec", "api"]) {
        api_server(api, lines, found);
    }
}

/// Reports audit flags in another place than `spec.api.extraArgs`.
fn misplaced(root: Node<'_>, path: &[&str], lines: &Lines<'_>, found: &mut ParsedInput) {
    let fields = root.at_path(path).into_iter().flat_map(Node::fields);
    let flag = fields
        .into_iter()
        .find(|field| field.name.starts_with("audit-"));
    if let Some(flag) = flag {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.at(flag.key),
            format!("`{}` is in `{}`", excerpt(flag.name), path.join(".")),
            "move it to `spec.api.extraArgs`, where k0s reads the flags of kube-apiserver",
        );
    }
}

/// Reads `spec.api`: `extraArgs`, a map, and `rawArgs`, a list.
fn api_server(api: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    kubeadm::outside_extra_args(
        api,
        "k0s rejects an unknown field: move it to `extraArgs`",
        lines,
        found,
    );
    if let Some(arguments) = api.get("extraArgs") {
        extra_args(arguments, lines, found);
    }
    let raw = api.get("rawArgs").into_iter().flat_map(Node::items);
    found.words.extend(raw.map(|item| ShellWord {
        text: scalar(item).to_owned(),
        line: lines.of(item),
    }));
}

fn extra_args(arguments: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    if arguments.kind() == Kind::List {
        found.report(
            ImportCode::WrongFormat,
            Severity::Error,
            lines.of(arguments),
            "`extraArgs` is a list here",
            "k0s rejects it: in k0s it is a map of name to value",
        );
    }
    for item in arguments.items() {
        let text = item.text().unwrap_or_default().trim_start_matches('-');
        if let (Some(name), Some(value)) = (item.get("name"), item.get("value")) {
            found.argument(scalar(name), scalar(value), lines.of(item));
        } else if let Some((name, value)) = text.split_once('=') {
            found.argument(name, value, lines.of(item));
        }
    }
    for field in arguments.fields() {
        let name = field.name.trim_start_matches('-');
        if !name.replace('_', "-").starts_with("audit-") && name != "feature-gates" {
            continue;
        }
        let line = lines.at(field.key);
        if name.len() < field.name.len() {
            found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                line,
                format!("the name `{}` starts with dashes", excerpt(field.name)),
                "k0s adds two dashes to each name, so the server gets four and does not start: remove them",
            );
        }
        value_type(name, field.value, lines, found);
        if !matches!(field.value.kind(), Kind::List | Kind::Object) {
            found.argument(name, scalar(field.value), line);
        }
    }
}

/// Reports a value that is not a string.
fn value_type(name: &str, value: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let what = match value.kind() {
        Kind::Text => return,
        Kind::Bool => "a boolean",
        Kind::Number => "a number",
        Kind::Null => "nothing",
        Kind::List => "a list",
        _ => "an object",
    };
    found.report(
        ImportCode::WrongFormat,
        Severity::Error,
        lines.of(value),
        format!(
            "the value `{}` of `{}` is {what}, not a string",
            excerpt(value.spelled()),
            excerpt(name)
        ),
        "k0s rejects the configuration: put the value in quotes",
    );
}

/// Reports files that the server's user must be able to access: with a warning if it certainly cannot.
fn access(files: &[NodeFile], user: &str, found: &mut ParsedInput) {
    if user == "root" {
        return;
    }
    let mut expected = Vec::new();
    for (flag, what) in [
        ("audit-policy-file", "read"),
        ("audit-webhook-config-file", "read"),
        ("audit-log-path", "write"),
    ] {
        let Some((path, line)) = path_of(found, flag).zip(word_of(found, flag).map(|w| w.line))
        else {
            continue;
        };
        if !path.starts_with('/') || path == "/dev/stdout" {
            continue;
        }
        let file = files.iter().find(|file| file.has(&path));
        if let Some(why) = denial(&path, file) {
            found.report(
                SettingCode::InaccessibleFile,
                Severity::Warning,
                file.map_or(line, |file| file.line),
                format!(
                    "the server's user `{}` cannot {what} `{}`: {why}",
                    excerpt(user),
                    excerpt(&path)
                ),
                "the server does not start without the file: set the owner or the permissions, or use another directory",
            );
        } else if file.is_none() {
            expected.push((what, path, line));
        }
    }
    let Some((.., line)) = expected.first() else {
        return;
    };
    let line = *line;
    let list: Vec<_> = expected
        .iter()
        .map(|(what, path, _)| format!("{what} `{}`", excerpt(path)))
        .collect();
    found.report(
        SettingCode::InaccessibleFile,
        Severity::Info,
        line,
        format!(
            "k0s runs kube-apiserver as the user `{}`, which must be able to {}",
            excerpt(user),
            list.join(" and to ")
        ),
        "k0s creates neither the files nor the log's directory: create them on each controller and give them to this user",
    );
}

/// Returns why a user other than root certainly cannot access a file.
fn denial(path: &str, file: Option<&NodeFile>) -> Option<&'static str> {
    if components(path).starts_with(&["root"]) {
        return Some("only root can enter `/root`");
    }
    let file = file.filter(|file| file.owner.is_empty() || file.owner.starts_with("root"))?;
    let permissions = file.permissions.trim_start_matches("0o");
    let is_octal = permissions.starts_with('0') || permissions.len() == 3;
    let others = permissions.chars().last()?.to_digit(8)?;
    (is_octal && others & 4 == 0).then_some("it is owned by root and not readable by others")
}
