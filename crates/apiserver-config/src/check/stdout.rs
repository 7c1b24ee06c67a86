//! Checks a log that is a stream of the process by its file name.
//!
//! Only `-` is standard output to kube-apiserver; every other path is opened as a file and rotated by renaming it. Renaming `/dev/stdout` leaves a regular
//! file of that name in the container's `/dev`, which is in memory.

use audit_types::{Diagnostic, Severity};

use crate::codes::SettingCode;
use crate::finding::{LOG, flag_finding};
use crate::paths::excerpt;
use crate::settings::Settings;

/// Reports a stream that is rotated like a file.
pub(super) fn check_stdout(settings: &Settings, findings: &mut Vec<Diagnostic>) {
    if settings.log.is_device() {
        findings.push(device(settings, &settings.log.path));
    }
}

/// Reports a stream that the server treats as a file.
fn device(settings: &Settings, path: &str) -> Diagnostic {
    let shown = excerpt(path);
    let is_proc = path.starts_with("/proc/");
    let (severity, message, help) = match settings.log.rotates_at_mb(settings.version) {
        Some(size) if is_proc => (
            Severity::Warning,
            format!(
                "kube-apiserver opens `{shown}` as a file, and fails to rename it at {size} MB"
            ),
            "nothing more is written then: use `-`, which is standard output and never rotated; the kubelet rotates the container's output (`containerLogMaxSize`)",
        ),
        Some(size) => (
            Severity::Warning,
            format!("kube-apiserver opens `{shown}` as a file, and renames it at {size} MB"),
            "further events go to a regular file in the container's `/dev`, which is in memory, and rotation flags apply to it: use `-`, which is standard output and never rotated; the kubelet rotates the container's output (`containerLogMaxSize`)",
        ),
        None => (
            Severity::Info,
            format!("kube-apiserver opens `{shown}` as a file"),
            "`-` is standard output; the kubelet rotates the container's output (`containerLogMaxSize`)",
        ),
    };
    flag_finding(SettingCode::StandardOutput, severity, LOG, message, help)
}
