//! Variables of a container that the kubelet replaces in its arguments: `$(NAME)`.

use std::collections::HashMap;

use audit_policy::document::Node;

use crate::parsed_input::scalar;
use crate::shell_words::ShellWord;

/// Maximum size of an argument after variables are replaced.
const MAX_ARGUMENT_BYTES: usize = 131_072;

/// Returns the variables of a container that have a value in the text.
pub(crate) fn variables(container: Node<'_>) -> HashMap<&str, &str> {
    let environment = container.get("env").into_iter().flat_map(Node::items);
    environment
        .filter_map(|item| Some((item.get("name")?.text()?, scalar(item.get("value")?))))
        .collect()
}

/// Replaces `$(NAME)` in arguments as the kubelet does: unknown names stay, and `$$(NAME)` is `$(NAME)`.
pub(crate) fn replace(words: &mut [ShellWord], variables: &HashMap<&str, &str>) {
    if variables.is_empty() {
        return;
    }
    for word in words.iter_mut().filter(|word| word.text.contains("$(")) {
        if let Some(text) = replaced(&word.text, variables) {
            word.text = text;
        }
    }
}

fn replaced(text: &str, variables: &HashMap<&str, &str>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("$(") {
        let name = after.split(')').next()?;
        let value = variables.get(name).filter(|_| after.contains(')'));
        match value {
            _ if before.ends_with('$') => {
                out.push_str(before);
                out.push('(');
                rest = after;
            }
            Some(value) => {
                out.push_str(before);
                out.push_str(value);
                rest = after.get(name.len() + 1..)?;
            }
            None => {
                out.push_str(before);
                out.push_str("$(");
                rest = after;
            }
        }
        if out.len() > MAX_ARGUMENT_BYTES {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}
