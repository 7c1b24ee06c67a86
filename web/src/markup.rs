//! Sentences with code in backticks. Text is never parsed as HTML.

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// Text between backticks.
    Code(&'a str),
}

/// Splits a sentence at its backticks. A single backtick is text.
pub fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, next)) = after.split_once('`') else {
            break;
        };
        if !before.is_empty() {
            out.push(Piece::Text(before));
        }
        if !code.is_empty() {
            out.push(Piece::Code(code));
        }
        rest = next;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Piece::{Code, Text};
    use super::pieces;

    #[test]
    fn code_is_what_stands_between_backticks() {
        assert_eq!(pieces(""), vec![]);
        assert_eq!(pieces("plain"), vec![Text("plain")]);
        assert_eq!(
            pieces("`verbs` inside `resources`"),
            vec![Code("verbs"), Text(" inside "), Code("resources")]
        );
        assert_eq!(pieces("a lone ` stays"), vec![Text("a lone ` stays")]);
        assert_eq!(
            pieces("an ``empty one"),
            vec![Text("an "), Text("empty one")]
        );
    }
}
