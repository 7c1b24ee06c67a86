//! Escapes of `printf`.

/// Returns the text of an escape after its backslash, and the number of bytes that spell it.
pub(super) fn escape(after: &str) -> (String, usize) {
    let octal = after
        .bytes()
        .take(4)
        .take_while(|byte| matches!(byte, b'0'..=b'7'))
        .count();
    let octal = if after.starts_with('0') {
        octal
    } else {
        octal.min(3)
    };
    if octal > 0 {
        let code = u32::from_str_radix(after.get(..octal).unwrap_or_default(), 8);
        let character = code.ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
        return (character.to_string(), octal);
    }
    let known = match after.chars().next() {
        Some('n') => "\n",
        Some('t') => "\t",
        Some('r') => "\r",
        Some('\\') => "\\",
        Some('"') => "\"",
        Some('\'') => "'",
        Some(other) => return (format!("\\{other}"), other.len_utf8()),
        None => return ("\\".to_owned(), 0),
    };
    (known.to_owned(), 1)
}
