//! The user's text in messages.

/// Maximum number of bytes of the user's text in a message.
const MAX_QUOTED_BYTES: usize = 80;

/// Returns the user's text in backticks, on one line and shortened.
pub(crate) fn quote(text: &str) -> String {
    quote_up_to(text, MAX_QUOTED_BYTES)
}

/// Like [`quote`], with another maximum number of bytes.
pub(crate) fn quote_up_to(text: &str, max_bytes: usize) -> String {
    let mut shown = String::from("`");
    for character in text.chars() {
        if shown.len() > max_bytes {
            shown.push('…');
            break;
        }
        if character.is_control() || character == '`' {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown.push('`');
    shown
}
