//! Any value of compact JSON, from its first byte to its last, in one pass and without recursion.

use super::text::{scalar_end, string_end};

/// How many values are open in a list that is a member of the outermost value.
const LIST_OF_BODY: usize = 2;

/// Deeper values are left to the slow reader.
const MAX_DEPTH: usize = 60;

/// What is noted on the way through a value.
pub(super) trait Visitor {
    /// Whether strings may hold escapes that the server's encoder does not print.
    const ANY_ESCAPE: bool;

    /// A key, by the place of its text; false where the slow reader is to have the line. `around` is where the values around it
    /// open, from the outside.
    fn key(&mut self, around: &[u32], from: usize, to: usize) -> bool;

    /// Something that is not an object is an item of the list that opened last.
    #[inline]
    fn bare_item(&mut self, _around: &[u32]) {}

    /// A list closes, with so many values open around it.
    fn list_closes(&mut self, depth: usize, at: usize);
}

/// Where the value ends that starts at a place. None where it is not compact JSON, or not as the server's encoder would print it.
#[inline]
pub(super) fn value_end(bytes: &[u8], start: usize, visitor: &mut impl Visitor) -> Option<usize> {
    let mut opened = [0; MAX_DEPTH];
    let mut depth = 0;
    // The lowest bit says whether the innermost value is an object; the others those around it.
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

/// What comes after a string.
#[inline(always)]
fn string_end_of<W: Visitor>(bytes: &[u8], at: usize, _: &W) -> Option<usize> {
    string_end(bytes, at + 1, W::ANY_ESCAPE).map(|end| end + 1)
}

/// What comes after a key and its colon.
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
    fn a_value_ends_where_its_json_does() {
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
    fn what_is_too_deep_is_left_alone() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let end = |depth| value_end(nested(depth).as_bytes(), 0, &mut Anything);
        assert_eq!(end(MAX_DEPTH), Some(2 * MAX_DEPTH));
        assert_eq!(end(MAX_DEPTH + 1), None);
    }
}
