//! Reports flags for rotation of a log on standard output, which only a file needs.

use apiserver_config::{ServerPlace, SettingCode, Settings};
use audit_types::{Code, Severity};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::input_format::InputFormat;
use crate::shell_words::ShellWord;

/// Flags that only apply to a log in a file.
const ROTATION: [&str; 4] = [
    "audit-log-maxage",
    "audit-log-maxbackup",
    "audit-log-maxsize",
    "audit-log-compress",
];

/// Help about the output of a server in a pod.
const IN_POD: &str = "events are in the container's output, mixed with the server's own messages, and the kubelet rotates it: set `containerLogMaxSize` and `containerLogMaxFiles` in its configuration, or write the log to a file";

/// Help about the output of a server that a service of systemd starts: k3s and k0s run it without a container.
const IN_SERVICE: &str = "events are in the output of the service, mixed with other messages, and systemd-journald rotates it: set `SystemMaxUse` in `journald.conf`, or write the log to a file";

/// Help about the output of a server in a container of Docker: a node of k3d, and kube-apiserver of RKE1.
const IN_DOCKER: &str = "events are in the container's output, mixed with other messages, and Docker's log driver rotates it: set `max-size` and `max-file` in its `log-opts`, or write the log to a file";

/// Returns the place of the server that a text starts.
pub(crate) fn place(format: InputFormat, text: &str) -> ServerPlace {
    let is_flags = format == InputFormat::Flags;
    let has = |word: &str| text.contains(word);
    let is_pod = matches!(format, InputFormat::Manifest | InputFormat::PodList);
    // In a systemd unit, the server or k3s is the service; MicroK8s is a snap.
    let is_unit = is_flags
        && (text.lines().any(|line| line.trim() == "[Service]")
            || ["k3s server", "get.k3s.io", "$SNAP", "${SNAP", "/var/snap/"]
                .into_iter()
                .any(has));
    let starts_server = |line: &str| {
        line.trim_start().starts_with("ExecStart")
            && ["kube-apiserver", "k3s", "hyperkube"]
                .iter()
                .any(|name| line.contains(name))
    };
    let is_k3d = is_flags && has("k3d cluster");
    let is_rke1 = format == InputFormat::Terraform && has("\"rke_cluster\"");
    match format {
        InputFormat::K3s | InputFormat::K0s | InputFormat::K0sctl | InputFormat::K0rdent => {
            ServerPlace::Host
        }
        InputFormat::Compose | InputFormat::K3d | InputFormat::Rke1 => ServerPlace::Docker,
        _ if is_k3d || is_rke1 => ServerPlace::Docker,
        _ if is_unit || (!is_pod && text.lines().any(starts_server)) => ServerPlace::Host,
        _ => ServerPlace::Pod,
    }
}

/// Returns the help about where the output of a server goes.
const fn output(place: ServerPlace) -> &'static str {
    match place {
        ServerPlace::Host => IN_SERVICE,
        ServerPlace::Docker => IN_DOCKER,
        ServerPlace::Pod => IN_POD,
    }
}

/// Returns the finding about flags for rotation, at the first of them. Those with an error of their own among the findings are left out.
pub(crate) fn check(
    settings: &Settings,
    words: &[ShellWord],
    place: ServerPlace,
    findings: &[LineFinding],
) -> Option<LineFinding> {
    if !settings.log.is_stdout() {
        return None;
    }
    let is_error = |finding: &&LineFinding| {
        let codes = [ImportCode::InvalidValue.id(), ImportCode::WrongFormat.id()];
        finding.severity == Severity::Error && codes.contains(&finding.code)
    };
    let errors: Vec<&LineFinding> = findings.iter().filter(is_error).collect();
    let has_error = |name: &str, line: usize| {
        errors
            .iter()
            .any(|error| error.line == line && error.message.contains(name))
    };
    let flag = |word: &ShellWord| {
        let bare = word.text.strip_prefix("--")?.replace('_', "-");
        let name = bare.split('=').next()?;
        let known = ROTATION.into_iter().find(|known| *known == name)?;
        (!has_error(known, word.line)).then_some(known)
    };
    let given: Vec<&str> = words.iter().filter_map(flag).collect();
    let first = words.iter().find_map(flag)?;
    // The server uses the last value.
    let first = words.iter().rfind(|word| flag(word) == Some(first))?;
    let mut names = ROTATION.to_vec();
    names.retain(|name| given.contains(name));
    let verb = if names.len() == 1 { "has" } else { "have" };
    let names: Vec<String> = names.iter().map(|name| format!("`--{name}`")).collect();
    let message = format!(
        "{} {verb} no effect: the log goes to standard output",
        names.join(", ")
    );
    Some(finding(
        SettingCode::StandardOutput,
        Severity::Warning,
        first.line,
        message,
        output(place),
    ))
}
