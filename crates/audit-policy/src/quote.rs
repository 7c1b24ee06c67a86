//! The user's text in messages.

/// Maximum number of bytes of the user's text in a message.
const MAX_QUOTED_BYTES: usize = 80;

/// Returns the user's text in backticks, on one line and shortened.
pub(crate) fn quote(text: &str) -> String {
    let mut shown = String::from("`");
    for character in text.chars() {
        if shown.len() > MAX_QUOTED_BYTES {
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
