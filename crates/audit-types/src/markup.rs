//! Sentences with code in backticks. Text is never parsed as HTML.

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Plain text.
    Text(&'a str),
    /// Text between backticks.
    Code(&'a str),
}

/// Splits a sentence at its code: text between as many backticks as before it, without the space that separates it from them, as in Markdown.
/// Backticks without others that end the code are text.
///
/// ```
/// use audit_types::markup::{Piece, pieces};
///
/// assert_eq!(pieces("by `` a`b ``"), [Piece::Text("by "), Piece::Code("a`b")]);
/// ```
pub fn pieces(sentence: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    // The text that is not yet in a piece, and where to look for code in it.
    let (mut rest, mut from) = (sentence, 0);
    while let Some((start, fence)) = next_fence(rest, from) {
        let inside = start + fence;
        let Some(end) = end_of_code(rest, inside, fence) else {
            from = inside;
            continue;
        };
        let text = rest.get(..start).unwrap_or_default();
        let code = rest.get(inside..end).unwrap_or_default();
        let padded = code
            .strip_prefix(' ')
            .and_then(|code| code.strip_suffix(' '));
        if !text.is_empty() {
            out.push(Piece::Text(text));
        }
        out.push(Piece::Code(
            padded
                .filter(|code| !code.trim().is_empty())
                .unwrap_or(code),
        ));
        rest = rest.get(end + fence..).unwrap_or_default();
        from = 0;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    out
}

/// Returns where the next backticks are, and how many there are in a row.
fn next_fence(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text.get(from..)?.find('`')?;
    let after = text.get(start..)?;
    Some((start, after.len() - after.trim_start_matches('`').len()))
}

/// Returns where as many backticks in a row begin.
fn end_of_code(text: &str, from: usize, fence: usize) -> Option<usize> {
    let mut at = from;
    while let Some((start, length)) = next_fence(text, at) {
        if length == fence {
            return Some(start);
        }
        at = start + length;
    }
    None
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
            pieces("an ``open one, and `code`"),
            vec![Text("an ``open one, and "), Code("code")]
        );
    }
}
