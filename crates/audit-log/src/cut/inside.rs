//! Recognition of text that is a part of JSON, without its start and its end.

/// Kind of token that may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expecting {
    /// A value, a key or a closing bracket.
    Value,
    /// A comma, colon or closing bracket.
    Separator,
}

/// Returns `true` if a text that starts anywhere in JSON continues as JSON to its end. It may start inside a string.
pub(super) fn is_inside(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_after = |at, expecting| continues(bytes, at, expecting);
    let after_string = || string_end(bytes, 0).is_some_and(|at| is_after(at, Expecting::Separator));
    let after_word = || is_after(word_end(bytes, 0), Expecting::Separator);
    is_after(0, Expecting::Value) || after_word() || after_string()
}

/// Returns `true` if the bytes from an offset on are tokens of JSON in an order that is possible. The last may be incomplete.
fn continues(bytes: &[u8], mut at: usize, mut expecting: Expecting) -> bool {
    while let Some(byte) = bytes.get(at) {
        let next = match (byte, expecting) {
            (byte, _) if byte.is_ascii_whitespace() => Some((at + 1, expecting)),
            (b'}' | b']', _) => Some((at + 1, Expecting::Separator)),
            (b',' | b':', Expecting::Separator) => Some((at + 1, Expecting::Value)),
            (b'{' | b'[', Expecting::Value) => Some((at + 1, Expecting::Value)),
            (b'"', Expecting::Value) => {
                let end = string_end(bytes, at + 1).unwrap_or(bytes.len());
                Some((end, Expecting::Separator))
            }
            (_, Expecting::Value) => word(bytes, at).map(|end| (end, Expecting::Separator)),
            _ => None,
        };
        let Some(next) = next else {
            return false;
        };
        (at, expecting) = next;
    }
    true
}

/// Returns the offset after the quote that closes a string. `None` if there is none.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Returns the end of a number or literal, which may be cut at the end of the text. `None` if it is another word.
fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let end = word_end(bytes, at);
    let word = bytes.get(at..end)?;
    let is_cut = end == bytes.len();
    let is_literal = [&b"true"[..], b"false", b"null"]
        .iter()
        .any(|literal| *literal == word || is_cut && literal.starts_with(word));
    let is_number = || {
        word.iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
    };
    (!word.is_empty() && (is_literal || is_number())).then_some(end)
}

/// Returns the end of letters, digits and signs.
fn word_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let is_inside = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    at + rest.iter().take_while(is_inside).count()
}
