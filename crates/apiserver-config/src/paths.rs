//! Paths by their components, and as messages quote them.

/// Splits a path into its components: both `/a//b/` and `/a/./b` are `a` and `b`.
pub fn components(path: &str) -> Vec<&str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

/// Returns whether an absolute path is in a directory or is that directory.
pub(crate) fn is_within(path: &str, directory: &str) -> bool {
    path.starts_with('/') && components(path).starts_with(&components(directory))
}

/// Returns the start of a text as messages quote it between backticks: on one line, at most 120 characters, with control characters and backticks
/// escaped.
pub fn excerpt(text: &str) -> String {
    let mut excerpt: String = text.chars().take(120).flat_map(escape).collect();
    if text.chars().nth(120).is_some() {
        excerpt.push('…');
    }
    excerpt
}

fn escape(character: char) -> Vec<char> {
    match character {
        // A backtick would end the quotation.
        '`' => "\\u{60}".chars().collect(),
        _ if character.is_control() => character.escape_default().collect(),
        _ => vec![character],
    }
}
