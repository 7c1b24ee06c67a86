//! Finds the end of any compact JSON value in one pass, without recursion.

use super::text::{scalar_end, string_end};

/// Depth inside a list that is a member of the outermost value.
const LIST_OF_BODY: usize = 2;

/// Deeper values are left to the general parser.
const MAX_DEPTH: usize = 60;

/// Observer of the keys and lists of a value.
pub(super) trait Visitor {
    /// Accepts escapes that the server's encoder does not write.
    const ANY_ESCAPE: bool;

    /// Visits a key by the range of its text. Returns `false` to leave the line to the general parser. `around` has the start of each
    /// enclosing value, from the outside in.
    fn key(&mut self, around: &[u32], from: usize, to: usize) -> bool;

    /// Visits an item of the innermost list that is not an object.
    #[inline]
    fn bare_item(&mut self, _around: &[u32]) {}

    /// Visits the end of a list with `depth` values around it.
    fn list_closes(&mut self, depth: usize, at: usize);
}

/// Returns the end of the value that starts at an offset. `None` if it is not compact JSON as the server's encoder writes it.
#[inline]
pub(super) fn value_end(bytes: &[u8], start: usize, visitor: &mut impl Visitor) -> Option<usize> {
    let mut opened = [0; MAX_DEPTH];
    let mut depth = 0;
    // One bit per open value, the innermost lowest: 1 for objects.
    let mut objects = 0u64;
    let mut at = start;
    loop {
        // A value starts here.
        if depth == LIST_OF_BODY && objects & 1 == 0 && *bytes.get(at)? != b'{' {
            visitor.bare_item(opened.get(..depth)?);
        }
        match bytes.get(at)? {
            b'"' => at = string_end_of(bytes, at, visitor)?,
            opening @ (b'{' | b'[') => {
                *opened.get_mut(depth)? = u32::try_from(at).ok()?;
                depth += 1;
                let is_object = *opening == b'{';
                objects = objects << 1 | u64::from(is_object);
                at += 1;
                let closing = *opening + 2;
                if *bytes.get(at)? != closing {
                    if is_object {
                        at = key_end(bytes, at, opened.get(..depth)?, visitor)?;
                    }
                    continue;
                }
            }
            _ => at = scalar_end(bytes, at)?,
        }
        // A value has ended, or the innermost one is empty.
        loop {
            if depth == 0 {
                return Some(at);
            }
            let is_object = objects & 1 == 1;
            match bytes.get(at)? {
                b',' => {
                    at += 1;
                    if is_object {
                        at = key_end(bytes, at, opened.get(..depth)?, visitor)?;
                    }
                    break;
                }
                b'}' if is_object => {}
                b']' if !is_object => visitor.list_closes(depth - 1, at),
                _ => return None,
            }
            depth -= 1;
            objects >>= 1;
            at += 1;
        }
    }
}

/// Returns the offset after a string.
#[inline(always)]
fn string_end_of<W: Visitor>(bytes: &[u8], at: usize, _: &W) -> Option<usize> {
    string_end(bytes, at + 1, W::ANY_ESCAPE).map(|end| end + 1)
}

/// Returns the offset after a key and its colon.
#[inline(always)]
fn key_end(bytes: &[u8], at: usize, around: &[u32], visitor: &mut impl Visitor) -> Option<usize> {
    if *bytes.get(at)? != b'"' {
        return None;
    }
    let end = string_end(bytes, at + 1, false)?;
    let is_key = *bytes.get(end + 1)? == b':';
    (is_key && visitor.key(around, at + 1, end)).then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Anything;

    impl Visitor for Anything {
        const ANY_ESCAPE: bool = true;

        fn key(&mut self, _: &[u32], _: usize, _: usize) -> bool {
            true
        }

        fn list_closes(&mut self, _: usize, _: usize) {}
    }

    #[test]
    fn value_end_is_the_end_of_the_json() {
        for (text, end) in [
            (r#"{},"#, Some(2)),
            (r#"[]]"#, Some(2)),
            (r#""a","b""#, Some(3)),
            (r#"-1.5e+3,"#, Some(7)),
            (r#"true"#, Some(4)),
            (r#"{"a":[1,{"b":"}"},[]],"c":null}}"#, Some(31)),
            (r#"[[[]],{}]"#, Some(9)),
            (r#"{"a"}"#, None),
            (r#"{"a":}"#, None),
            (r#"{"a":1,}"#, None),
            (r#"{,"a":1}"#, None),
            (r#"{"a":1"b":2}"#, None),
            (r#"{1:2}"#, None),
            (r#"[1,]"#, None),
            (r#"[,1]"#, None),
            (r#"["a":1]"#, None),
            (r#"[1}"#, None),
            (r#"{"a":1]"#, None),
            (r#"{"a": 1}"#, None),
            (r#"[1"#, None),
            (r#""#, None),
            (r#"x"#, None),
        ] {
            assert_eq!(value_end(text.as_bytes(), 0, &mut Anything), end, "{text}");
        }
    }

    #[test]
    fn values_that_are_too_deep_are_rejected() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let end = |depth| value_end(nested(depth).as_bytes(), 0, &mut Anything);
        assert_eq!(end(MAX_DEPTH), Some(2 * MAX_DEPTH));
        assert_eq!(end(MAX_DEPTH + 1), None);
    }
}
