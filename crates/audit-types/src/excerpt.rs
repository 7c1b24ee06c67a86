//! The user's text in messages.

/// Maximum number of characters that [`excerpt`] keeps.
const MAX_CHARACTERS: usize = 120;

/// Returns the start of a text as messages put it between backticks: on one line, at most 120 characters, with control characters and
/// backticks escaped.
///
/// ```
/// use audit_types::excerpt::excerpt;
///
/// assert_eq!(excerpt("a`b\nc"), r"a\u{60}b\nc");
/// ```
pub fn excerpt(text: &str) -> String {
    excerpt_up_to(text, MAX_CHARACTERS)
}

/// Like [`excerpt`], with another maximum number of characters.
pub fn excerpt_up_to(text: &str, max_characters: usize) -> String {
    let mut characters = text.chars();
    let mut excerpt = String::new();
    for character in characters.by_ref().take(max_characters) {
        match character {
            // A backtick would end the quotation.
            '`' => excerpt.push_str("\\u{60}"),
            _ if character.is_control() => excerpt.extend(character.escape_default()),
            _ => excerpt.push(character),
        }
    }
    if characters.next().is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// Returns the excerpt of a text between backticks.
///
/// ```
/// use audit_types::excerpt::quote;
///
/// assert_eq!(quote("admin"), "`admin`");
/// assert_eq!(quote(""), "``");
/// ```
pub fn quote(text: &str) -> String {
    quote_up_to(text, MAX_CHARACTERS)
}

/// Like [`quote`], with another maximum number of characters.
pub fn quote_up_to(text: &str, max_characters: usize) -> String {
    format!("`{}`", excerpt_up_to(text, max_characters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_has_at_most_its_number_of_characters() {
        for (text, limit, expected) in [
            ("", 3, ""),
            ("äöü", 3, "äöü"),
            ("äöüß", 3, "äöü…"),
            ("a", 0, "…"),
            ("\u{1b}[2J", 4, r"\u{1b}[2J"),
            ("a\tb\r\n", 9, r"a\tb\r\n"),
            ("```", 2, r"\u{60}\u{60}…"),
        ] {
            assert_eq!(excerpt_up_to(text, limit), expected, "{text:?}");
        }
    }
}
