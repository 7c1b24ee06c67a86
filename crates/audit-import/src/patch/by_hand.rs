//! The error for a manifest that only its owner can change, with what to add.

use apiserver_config::{Flag, Settings};
use audit_text::quote;

use super::error::PatchError;

/// Creates the error: the reason, and the flags and mounts to add.
pub(super) fn by_hand(line: Option<usize>, reason: &str, settings: &Settings) -> PatchError {
    let flags = settings.flags();
    let flags: Vec<String> = flags
        .iter()
        .map(Flag::argument)
        .map(|flag| quote::shell(&flag))
        .collect();
    let mut help = if flags.is_empty() {
        "remove the audit flags from the server's own arguments by hand".to_owned()
    } else {
        format!(
            "add to the server's own arguments by hand: {}",
            flags.join(" ")
        )
    };
    let mounts = settings.mounts();
    for (number, mount) in mounts.iter().enumerate() {
        let lead = if number == 0 {
            "; mount from the node "
        } else {
            " and "
        };
        let access = if mount.read_only {
            "read-only"
        } else {
            "writable"
        };
        help.push_str(&format!(
            "{lead}{} ({}, {access})",
            mount.path,
            mount.path_type.name()
        ));
    }
    PatchError::new(line, reason, help)
}
