//! Flags that a program sets by itself, for texts that name the program but are not its configuration: a command, a patch, Terraform.

use apiserver_config::platforms::{self, ROTATION_FLAGS};

use crate::input_format::InputFormat;
use crate::parsed_input::ParsedInput;

/// Adds the flags that the program of the text sets by itself.
pub(crate) fn add(text: &str, found: &mut ParsedInput) {
    let is_partial = matches!(
        found.format,
        InputFormat::Flags | InputFormat::JsonPatch | InputFormat::Terraform
    );
    let has_audit_flag = found
        .words
        .iter()
        .any(|word| word.text.starts_with("--audit-"));
    if !is_partial || !has_audit_flag || !found.defaults.is_empty() {
        return;
    }
    let has = |word: &str| text.contains(word);
    let is_talos = has("/cluster/apiServer/")
        || (has("auditPolicy") && has("apiServer") && has("extraArgs"))
        || has("talos_machine_configuration");
    // A flag of RKE2 itself, not one of the server after `--kube-apiserver-arg`.
    let is_rke2 = has("rke2 server") && has(" --audit-policy-file");
    if is_talos {
        found.defaults = vec![
            ("audit-policy-file", platforms::TALOS_POLICY),
            ("audit-log-path", platforms::TALOS_LOG),
        ];
    } else if is_rke2 {
        found.defaults = vec![("audit-log-path", platforms::RKE2_LOG)];
    } else {
        return;
    }
    found.defaults.extend(ROTATION_FLAGS);
}
