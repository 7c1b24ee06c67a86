//! Recognizes files of other programs that people take for an audit policy: rules of Falco or auditd, configurations of log shippers, policies of AWS, Kyverno and
//! OPA; and the audit settings of clouds that run the control plane, which have no policy of the user.

use audit_policy::document::{Kind, Node};

use crate::input_format::InputFormat;

/// Maximum number of list items, and of lines, that are inspected.
const MAX_INSPECTED: usize = 50;

/// A file of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OtherFile {
    pub(super) format: InputFormat,
    /// The file as messages have it.
    pub(super) title: &'static str,
    /// Place of the server's policy.
    pub(super) policy: &'static str,
    pub(super) help: &'static str,
}

const fn program(title: &'static str, help: &'static str) -> OtherFile {
    OtherFile {
        format: InputFormat::OtherProgram,
        title,
        policy: "",
        help,
    }
}

const fn cloud(title: &'static str, policy: &'static str, help: &'static str) -> OtherFile {
    OtherFile {
        format: InputFormat::ManagedCluster,
        title,
        policy,
        help,
    }
}

/// Help about rules that are applied to events.
const OF_EVENTS: &str = "it selects among the events that the server logs; the policy, with `apiVersion: audit.k8s.io/v1` and `kind: Policy`, decides which these are";

/// Help about the configuration of a log shipper.
const OF_SHIPPER: &str = "it reads the log that the server writes; the policy, with `apiVersion: audit.k8s.io/v1` and `kind: Policy`, decides what that contains";

/// Help about a policy of another kind.
const OF_ACCESS: &str = "it decides what is allowed; a policy for the audit log has `apiVersion: audit.k8s.io/v1` and `kind: Policy`";

const FALCO: OtherFile = program("a Falco rules file", OF_EVENTS);
const SIGMA: OtherFile = program("a Sigma rule", OF_EVENTS);
const FLUENT_BIT: OtherFile = program("a Fluent Bit configuration", OF_SHIPPER);
const FLUENTD: OtherFile = program("a Fluentd configuration", OF_SHIPPER);
const VECTOR: OtherFile = program("a Vector configuration", OF_SHIPPER);
const FILEBEAT: OtherFile = program("a Filebeat configuration", OF_SHIPPER);
const PROMTAIL: OtherFile = program("a Promtail configuration", OF_SHIPPER);
const PROMETHEUS: OtherFile = program("a Prometheus configuration", OF_SHIPPER);
const COLLECTOR: OtherFile = program("an OpenTelemetry Collector configuration", OF_SHIPPER);
const RSYSLOG: OtherFile = program("an rsyslog configuration", OF_SHIPPER);
const LOGROTATE: OtherFile = program("a logrotate configuration", OF_SHIPPER);
const IAM: OtherFile = program("an IAM policy of AWS", OF_ACCESS);
const GOOGLE_IAM: OtherFile = program("an IAM policy of Google Cloud", OF_ACCESS);
const REGO: OtherFile = program("a Rego policy of Open Policy Agent", OF_ACCESS);
const CEDAR: OtherFile = program("a Cedar policy", OF_ACCESS);
const AUDITD: OtherFile = program(
    "a rules file of auditd",
    "the Linux audit daemon logs system calls and files of a node; a policy for kube-apiserver has `apiVersion: audit.k8s.io/v1` and `kind: Policy`",
);
const AUDITD_LOG: OtherFile = program(
    "a log of auditd",
    "the Linux audit daemon logs system calls and files of a node, not requests to kube-apiserver",
);

const EKS_POLICY: &str = "EKS sets the policy of kube-apiserver itself";
const EKS_HELP: &str =
    "no policy can be set on EKS: the type `audit` only sends its audit log to CloudWatch Logs";
const GKE_POLICY: &str = "GKE sets the policy of kube-apiserver itself";
const GKE_HELP: &str =
    "no policy can be set on GKE: `auditConfigs` only adds data access logs to Cloud Audit Logs";
const AKS_POLICY: &str = "AKS sets the policy of kube-apiserver itself";
const AKS_HELP: &str = "no policy can be set on AKS: a diagnostic setting only chooses the categories (`kube-audit`, `kube-audit-admin`) that are sent";

const GOOGLE_AUDIT: OtherFile = cloud(
    "an audit configuration of Google Cloud",
    GKE_POLICY,
    GKE_HELP,
);
const GKE_COMMAND: OtherFile = cloud("a command for GKE", GKE_POLICY, GKE_HELP);
const GKE_CLUSTER: OtherFile = cloud("a GKE cluster", GKE_POLICY, GKE_HELP);
const EKS_LOGGING: OtherFile = cloud("a logging configuration of EKS", EKS_POLICY, EKS_HELP);
const EKS_COMMAND: OtherFile = cloud("a command for EKS", EKS_POLICY, EKS_HELP);
const EKS_CLUSTER: OtherFile = cloud("an EKS cluster", EKS_POLICY, EKS_HELP);
const EKSCTL: OtherFile = cloud("an eksctl cluster configuration", EKS_POLICY, EKS_HELP);
const AKS_SETTING: OtherFile = cloud("a diagnostic setting of AKS", AKS_POLICY, AKS_HELP);
const AKS_COMMAND: OtherFile = cloud("a command for AKS", AKS_POLICY, AKS_HELP);
const AKS_CLUSTER: OtherFile = cloud("an AKS cluster", AKS_POLICY, AKS_HELP);

/// Returns what a document of no other known kind is. `None` if it is not known.
pub(super) fn of_document(root: Node<'_>) -> Option<OtherFile> {
    match root.kind() {
        Kind::List => of_list(root),
        Kind::Object => of_object(root),
        _ => None,
    }
}

fn has(node: Node<'_>, name: &str) -> bool {
    node.field(name).is_some()
}

fn is_kind(node: Node<'_>, path: &[&str], kind: Kind) -> bool {
    node.at_path(path).is_some_and(|value| value.kind() == kind)
}

fn of_list(root: Node<'_>) -> Option<OtherFile> {
    let any = |test: fn(Node<'_>) -> bool| root.items().take(MAX_INSPECTED).any(test);
    if any(is_falco) {
        Some(FALCO)
    } else if any(is_aks_category) {
        Some(AKS_SETTING)
    } else if any(is_statement) {
        Some(IAM)
    } else {
        None
    }
}

/// Returns whether an item of a list is one of Falco's rules, macros and lists.
fn is_falco(item: Node<'_>) -> bool {
    let is_rule = has(item, "rule") && (has(item, "condition") || has(item, "priority"));
    is_rule
        || (has(item, "macro") && has(item, "condition"))
        || (is_kind(item, &["list"], Kind::Text) && is_kind(item, &["items"], Kind::List))
        || has(item, "required_engine_version")
}

/// Returns whether an item of a list is a category of the control plane's logs of AKS.
fn is_aks_category(item: Node<'_>) -> bool {
    let category = item.get("category").and_then(Node::text);
    has(item, "enabled")
        && category.is_some_and(|name| name.starts_with("kube-") || name == "guard")
}

fn is_statement(item: Node<'_>) -> bool {
    has(item, "Effect") && (has(item, "Action") || has(item, "NotAction") || has(item, "Principal"))
}

fn of_object(root: Node<'_>) -> Option<OtherFile> {
    let text = |name: &str| root.get(name).and_then(Node::text).unwrap_or_default();
    let version = text("apiVersion");
    if !version.is_empty() {
        return of_api(version, text("kind"));
    }
    of_cloud(root).or_else(|| of_program(root))
}

/// Returns what an object is by its API group and kind.
fn of_api(version: &str, kind: &str) -> Option<OtherFile> {
    let (group, _) = version.split_once('/')?;
    let is_of = |domain: &str| {
        group
            .strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let file = if is_of("kyverno.io") {
        program("a Kyverno policy", OF_ACCESS)
    } else if is_of("gatekeeper.sh") {
        match kind {
            "ConstraintTemplate" => program("a ConstraintTemplate of OPA Gatekeeper", OF_ACCESS),
            _ => program("an object of OPA Gatekeeper", OF_ACCESS),
        }
    } else if is_of("kubewarden.io") {
        program("a Kubewarden policy", OF_ACCESS)
    } else if group == "eksctl.io" {
        EKSCTL
    } else if group == "eks.services.k8s.aws" {
        EKS_CLUSTER
    } else if group == "container.cnrm.cloud.google.com" {
        GKE_CLUSTER
    } else {
        match kind {
            "AWSManagedControlPlane" | "AWSManagedControlPlaneTemplate" => EKS_CLUSTER,
            "GCPManagedControlPlane" | "GCPManagedControlPlaneTemplate" => GKE_CLUSTER,
            "AzureManagedControlPlane"
            | "AzureManagedControlPlaneTemplate"
            | "AzureASOManagedControlPlane" => AKS_CLUSTER,
            _ => return None,
        }
    };
    Some(file)
}

/// Returns what a document without an API version is, if it is about a cluster of a cloud.
fn of_cloud(root: Node<'_>) -> Option<OtherFile> {
    // The policy of a project or of a cluster's resource, or the part that is exported.
    if is_kind(root, &["auditConfigs"], Kind::List)
        || is_kind(root, &["policy", "auditConfigs"], Kind::List)
    {
        return Some(GOOGLE_AUDIT);
    }
    let of_eks: [&[&str]; 3] = [
        &["clusterLogging"],
        &["logging", "clusterLogging"],
        &["cluster", "logging", "clusterLogging"],
    ];
    if of_eks.iter().any(|path| is_kind(root, path, Kind::List)) {
        return Some(EKS_LOGGING);
    }
    let of_aks: [&[&str]; 2] = [&["logs"], &["properties", "logs"]];
    let mut logs = of_aks.iter().filter_map(|path| root.at_path(path));
    if logs.any(|logs| logs.items().take(MAX_INSPECTED).any(is_aks_category)) {
        return Some(AKS_SETTING);
    }
    None
}

/// Returns what a document without an API version is, if it is a file of another program.
fn of_program(root: Node<'_>) -> Option<OtherFile> {
    let is_object = |path: &[&str]| is_kind(root, path, Kind::Object);
    let is_list = |path: &[&str]| is_kind(root, path, Kind::List);
    let statements = root
        .get("Statement")
        .or_else(|| root.at_path(&["PolicyDocument", "Statement"]));
    let is_iam = statements.is_some_and(|statements| {
        is_statement(statements) || statements.items().take(MAX_INSPECTED).any(is_statement)
    });
    let is_pipeline = ["inputs", "filters", "outputs"]
        .iter()
        .any(|name| is_list(&["pipeline", name]));
    let file = if is_iam {
        IAM
    } else if is_list(&["bindings"]) && has(root, "etag") {
        GOOGLE_IAM
    } else if is_pipeline {
        FLUENT_BIT
    } else if is_object(&["sources"]) && (is_object(&["sinks"]) || is_object(&["transforms"])) {
        VECTOR
    } else if is_list(&["filebeat.inputs"]) || is_list(&["filebeat", "inputs"]) {
        FILEBEAT
    } else if is_list(&["scrape_configs"]) && (has(root, "clients") || has(root, "positions")) {
        PROMTAIL
    } else if is_list(&["scrape_configs"]) {
        PROMETHEUS
    } else if is_object(&["receivers"]) && is_object(&["exporters"]) {
        COLLECTOR
    } else if is_object(&["logsource"]) && is_object(&["detection"]) {
        SIGMA
    } else if is_falco(root) {
        FALCO
    } else {
        return None;
    };
    Some(file)
}

/// Returns what a text is that is not YAML. `None` if it is not known.
pub(super) fn of_text(source: &str) -> Option<OtherFile> {
    let source = source.trim_start_matches('\u{feff}');
    let lines = || {
        let lines = source.lines().map(str::trim);
        lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
    };
    let first = lines().next()?;
    let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
    let contains = |words: &[&str]| words.iter().any(|word| source.contains(word));
    let file = if is_auditd(lines().take(MAX_INSPECTED)) {
        AUDITD
    } else if first.starts_with("type=") && first.contains(" msg=audit(") {
        AUDITD_LOG
    } else if is_section(first, lines()) {
        FLUENT_BIT
    } else if starts(&[
        "<source>",
        "<match",
        "<filter",
        "<system>",
        "<label",
        "@include ",
    ]) && contains(&["@type"])
    {
        FLUENTD
    } else if starts(&["[sources.", "[sinks.", "[transforms."]) && contains(&["type ="]) {
        VECTOR
    } else if starts(&[
        "module(",
        "global(",
        "ruleset(",
        "template(",
        "input(",
        "$ModLoad ",
    ]) && contains(&["action(", "ruleset(", "input("])
    {
        RSYSLOG
    } else if first.trim_start_matches('"').starts_with('/')
        && first.ends_with('{')
        && contains(&["rotate ", "copytruncate"])
    {
        LOGROTATE
    } else if first.starts_with("package ")
        && contains(&["input.", "deny", "violation"])
        && !contains(&["func "])
    {
        REGO
    } else if starts(&["permit (", "permit(", "forbid (", "forbid("]) && contains(&["principal"]) {
        CEDAR
    } else {
        return of_command(first, source);
    };
    Some(file)
}

/// Returns whether lines are rules of auditd, from auditctl(8).
fn is_auditd<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    let mut has_rule = false;
    for line in lines {
        let (option, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim_start();
        match option {
            "-w" | "-W" => has_rule |= rest.starts_with('/'),
            "-a" | "-A" | "-d" => has_rule |= rest.contains(',') && rest.contains(" -"),
            "-D"
            | "-b"
            | "-f"
            | "-e"
            | "-r"
            | "-c"
            | "-i"
            | "-p"
            | "--backlog_wait_time"
            | "--loginuid-immutable" => {}
            _ => return false,
        }
    }
    has_rule
}

/// Returns whether a text is a configuration of Fluent Bit in its own format, whose sections are those of no unit of systemd.
fn is_section<'a>(first: &str, mut lines: impl Iterator<Item = &'a str>) -> bool {
    const SECTIONS: [&str; 6] = [
        "[INPUT]",
        "[OUTPUT]",
        "[FILTER]",
        "[PARSER]",
        "[MULTILINE_PARSER]",
        "[PLUGINS]",
    ];
    let is_of = |line: &str| SECTIONS.iter().any(|name| line.eq_ignore_ascii_case(name));
    let may_start = first.starts_with('[') || first.starts_with('@');
    may_start && lines.any(is_of)
}

/// Returns what a command is that sets the logs of a cluster of a cloud.
fn of_command(first: &str, source: &str) -> Option<OtherFile> {
    let command = first.trim_start_matches(['$', ' ']);
    let command = command.strip_prefix("sudo ").unwrap_or(command);
    let starts = |words: &[&str]| words.iter().any(|word| command.starts_with(word));
    let contains = |words: &[&str]| words.iter().any(|word| source.contains(word));
    if starts(&["aws eks ", "eksctl "]) {
        Some(EKS_COMMAND)
    } else if starts(&["az aks "])
        || (command.starts_with("az monitor ") && contains(&["kube-audit", "AKSAudit"]))
    {
        Some(AKS_COMMAND)
    } else if starts(&[
        "gcloud container ",
        "gcloud beta container ",
        "gcloud projects set-iam-policy ",
    ]) {
        Some(GKE_COMMAND)
    } else {
        None
    }
}
