//! Paths compared by their components, as the kubelet and the server resolve them.

/// Components of a path: `/a//b/` and `/a/./b` both are `a`, `b`.
pub fn components(path: &str) -> Vec<&str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

/// Returns whether an absolute path is in a directory or is that directory.
pub(crate) fn is_within(path: &str, directory: &str) -> bool {
    path.starts_with('/') && components(path).starts_with(&components(directory))
}

/// A path as a message shows it: on one line, at most 120 characters.
pub fn shown(path: &str) -> String {
    let mut shown: String = path.chars().take(120).flat_map(escape).collect();
    if path.chars().nth(120).is_some() {
        shown.push('…');
    }
    shown
}

/// A text as a message shows it: at most 120 characters, with U+FFFD for line breaks, other control characters and backticks.
pub fn one_line(text: &str) -> String {
    let safe = |c: char| {
        if c.is_control() || c == '`' {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.chars().take(120).map(safe).collect()
}

fn escape(character: char) -> Vec<char> {
    match character {
        // A backtick would end the quotation.
        '`' => "\\u{60}".chars().collect(),
        _ if character.is_control() => character.escape_default().collect(),
        _ => vec![character],
    }
}
