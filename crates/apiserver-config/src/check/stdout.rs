//! Checks a log that is a stream of the process by its file name.
//!
//! Only `-` is standard output to kube-apiserver; every other path is opened as a file and rotated by renaming it. Renaming `/dev/stdout` leaves a regular
//! file of that name in the container's `/dev`, which is in memory.

use audit_types::{Diagnostic, ServerPlace, Severity};

use crate::codes::SettingCode;
use crate::finding::{LOG, flag_finding};
use crate::settings::Settings;
use audit_types::excerpt::excerpt;

/// Reports a stream that is rotated like a file.
pub(super) fn check_stdout(
    settings: &Settings,
    place: ServerPlace,
    findings: &mut Vec<Diagnostic>,
) {
    if settings.log.is_device() {
        findings.push(device(settings, place, &settings.log.path));
    }
}

/// Returns what rotates the output of a server, with the settings for that.
const fn rotation(place: ServerPlace) -> &'static str {
    match place {
        ServerPlace::Pod => "the kubelet rotates the container's output (`containerLogMaxSize`)",
        ServerPlace::Host => "systemd-journald rotates the output of the service (`SystemMaxUse`)",
        ServerPlace::Docker => {
            "Docker's log driver rotates the container's output (`max-size` in its `log-opts`)"
        }
    }
}

/// Reports a stream that the server treats as a file.
fn device(settings: &Settings, place: ServerPlace, path: &str) -> Diagnostic {
    let shown = excerpt(path);
    let rotation = rotation(place);
    let devices = match place {
        ServerPlace::Host => "`/dev`",
        _ => "the container's `/dev`",
    };
    let is_proc = path.starts_with("/proc/");
    let (severity, message, help) = match settings.log.rotates_at_mb(settings.version) {
        Some(size) if is_proc => (
            Severity::Warning,
            format!(
                "kube-apiserver opens `{shown}` as a file, and fails to rename it at {size} MB"
            ),
            format!(
                "nothing more is written then: use `-`, which is standard output and never rotated; {rotation}"
            ),
        ),
        Some(size) => (
            Severity::Warning,
            format!("kube-apiserver opens `{shown}` as a file, and renames it at {size} MB"),
            format!(
                "further events go to a regular file in {devices}, which is in memory, and rotation flags apply to it: use `-`, which is standard output and never rotated; {rotation}"
            ),
        ),
        None => (
            Severity::Info,
            format!("kube-apiserver opens `{shown}` as a file"),
            format!("`-` is standard output; {rotation}"),
        ),
    };
    flag_finding(SettingCode::StandardOutput, severity, LOG, message, help)
}
