//! Reads the arguments that a JSON patch adds: to the command of a static pod, as kubeadm and kustomize apply it, or to the arguments of a configuration.

use audit_policy::document::{Kind, Node};

use crate::input_format::InputFormat;
use crate::kubeadm;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::shell_words::ShellWord;

/// Maximum number of operations, and of values of one, that are read.
const MAX_VALUES: usize = 1_000;

/// Reads a patch.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::JsonPatch);
    for operation in root.items().take(MAX_VALUES) {
        let text = |name: &str| operation.get(name).map(scalar).unwrap_or_default();
        let is_set = matches!(text("op"), "add" | "replace");
        if let Some(value) = operation.get("value").filter(|_| is_set) {
            value_at(text("path"), value, lines, &mut found);
        }
    }
    found
}

/// Reads the value at a pointer of the patched document.
fn value_at(pointer: &str, value: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let mut parts = pointer.rsplit('/');
    let (last, before) = (parts.next(), parts.next());
    // Volumes of kubeadm's configuration: the list, or an item of it.
    if last == Some("extraVolumes") && value.kind() == Kind::List {
        return kubeadm::extra_volumes(value, lines, found);
    }
    if before == Some("extraVolumes") && value.kind() == Kind::Object {
        return kubeadm::extra_volume(value, lines, found);
    }
    match value.kind() {
        Kind::List => {
            for item in value.items().take(MAX_VALUES) {
                value_at(pointer, item, lines, found);
            }
        }
        Kind::Object => {
            let named = value.get("name").zip(value.get("value"));
            if let Some((name, value)) = named {
                audit_argument(scalar(name), value, lines, found);
            }
            for field in value.fields().take(MAX_VALUES) {
                audit_argument(field.name, field.value, lines, found);
                if matches!(field.name, "extraArgs" | "extraVolumes") {
                    value_at(field.name, field.value, lines, found);
                }
            }
        }
        Kind::Null => {}
        _ if matches!(before, Some("extraArgs" | "extra_args")) && last.is_some_and(is_name) => {
            audit_argument(last.unwrap_or_default(), value, lines, found);
        }
        _ => {
            let text = scalar(value);
            let is_argument = text.starts_with("--");
            // k3s and others take the flag without dashes.
            let is_of_audit = text.starts_with("audit-") && text.contains('=');
            if is_argument || is_of_audit {
                let dashes = if is_argument { "" } else { "--" };
                found.words.push(ShellWord {
                    text: format!("{dashes}{text}"),
                    line: lines.of(value),
                });
            }
        }
    }
}

fn is_name(part: &str) -> bool {
    part != "-" && !part.bytes().all(|byte| byte.is_ascii_digit())
}

fn audit_argument(name: &str, value: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let is_scalar = !matches!(value.kind(), Kind::List | Kind::Object | Kind::Null);
    if name.starts_with("audit-") && is_scalar {
        found.argument(name, scalar(value), lines.of(value));
    }
}
