//! One line, block by block: whether it is compact JSON without a doubt, and where the members of its object stand.
//!
//! Brackets, strings and what may follow what are checked for all bytes of a block at once, by shifting bits. Only brackets, plain
//! scalars and escapes are looked at one by one.

use super::block::{BLOCK, Classes, parity};

/// Deeper values are left to the slow reader.
const MAX_DEPTH: u32 = 60;

/// What the walk notes on its way.
pub(super) trait Sink {
    /// A member of the outermost object: where its key's text starts, where that ends, and where the value starts.
    fn member(&mut self, key: usize, key_end: usize, value: usize) -> bool;
    /// The end of the member noted last.
    fn member_end(&mut self, end: usize);
    /// A key of an object that is itself a value of the outermost object; false where it is there twice.
    fn inner_key(&mut self, is_first: bool, key: usize, key_end: usize) -> bool;
    /// A list opens; the places where the values around it open, from the outside.
    fn list_opens(&mut self, around: &[u32], at: usize) -> bool;
    /// A value closes; `depth` is how many are open around it.
    fn closes(&mut self, depth: usize, at: usize);
    /// An escape that the server's encoder does not print.
    fn odd_escape(&mut self, at: usize) -> bool;
}

/// The state between two blocks.
struct Walk<'a> {
    line: &'a [u8],
    /// Bit `n` says whether the value at depth `n` is an object.
    objects: u64,
    depth: u32,
    opened: [u32; MAX_DEPTH as usize + 4],
    /// In the innermost object, a colon comes next; else a comma.
    colon_next: bool,
    /// The last separator of the outermost object, and of an object inside it.
    last: [usize; 2],
    inner_is_fresh: bool,
}

/// Carries from one block into the next.
#[derive(Default)]
struct Carry {
    escaped: u64,
    in_string: u64,
    quote_closed: u64,
    scalar: u64,
    close: u64,
    separator: u64,
    object_comma: u64,
    open: u64,
}

/// Walks a line that starts with `{`. False where anything is not as the server's encoder would print it, or not JSON at all.
pub(super) fn walk(line: &[u8], sink: &mut impl Sink) -> bool {
    let mut walk = Walk {
        line,
        objects: 0,
        depth: 0,
        opened: [0; MAX_DEPTH as usize + 4],
        colon_next: false,
        last: [0; 2],
        inner_is_fresh: false,
    };
    let mut carry = Carry::default();
    let (blocks, tail) = line.as_chunks::<BLOCK>();
    let mut start = 0;
    for block in blocks {
        if !walk.block(&Classes::of(block), start, u64::MAX, &mut carry, sink) {
            return false;
        }
        start += BLOCK;
    }
    if !tail.is_empty() {
        let mut block = [b' '; BLOCK];
        block
            .iter_mut()
            .zip(tail)
            .for_each(|(to, byte)| *to = *byte);
        let valid = (1 << tail.len()) - 1;
        if !walk.block(&Classes::of(&block), start, valid, &mut carry, sink) {
            return false;
        }
    }
    walk.depth == 0 && carry.in_string == 0
}

/// The backslashes that start an escape, and the bytes that one escapes.
#[inline]
const fn escapes(backslash: u64, carry: &mut u64) -> (u64, u64) {
    if backslash == 0 {
        let escaped = *carry;
        *carry = 0;
        return (0, escaped);
    }
    // A run of backslashes that begins at an odd place and one that begins at an even place end differently; the sum carries each
    // through its run.
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let candidates = backslash & !*carry;
    let follows = candidates << 1 | *carry;
    let odd_starts = candidates & !EVEN & !follows;
    let (sum, overflows) = odd_starts.overflowing_add(candidates);
    let escaped = (EVEN ^ (sum << 1)) & follows;
    *carry = if overflows { 1 } else { 0 };
    (candidates & !escaped, escaped)
}

impl Walk<'_> {
    #[inline]
    fn block(
        &mut self,
        classes: &Classes,
        start: usize,
        valid: u64,
        carry: &mut Carry,
        sink: &mut impl Sink,
    ) -> bool {
        let (escape_starts, escaped) = escapes(classes.backslash & valid, &mut carry.escaped);
        let quotes = classes.quote & !escaped & valid;
        let inside = parity(quotes) ^ carry.in_string;
        let opens_string = quotes & inside;
        let closes_string = quotes & !inside;
        // Escapes are a matter of strings; outside, a backslash is a scalar that is none.
        let outside = !inside & !closes_string & valid;
        let open = classes.open & outside;
        let close = classes.close & outside;
        let comma = classes.comma & outside;
        let colon = classes.colon & outside;
        let scalar = outside & !(open | close | comma | colon);
        if (classes.space & outside) | (classes.odd & valid) != 0 {
            return false;
        }
        let value = opens_string | open | scalar;
        let after = |bits: u64, before: u64| bits << 1 | before;
        let faults = after(closes_string, carry.quote_closed) & !(colon | comma | close)
            | after(scalar, carry.scalar) & !(scalar | comma | close)
            | after(close, carry.close) & !(comma | close)
            | after(comma | colon, carry.separator) & !value
            | after(open, carry.open) & !(value | close)
            | colon & !after(closes_string, carry.quote_closed);
        if faults & valid != 0 {
            return false;
        }
        let scalar_starts = scalar & !after(scalar, carry.scalar);
        let Some(in_objects) = self.brackets(open, close, comma, colon, start, valid, sink) else {
            return false;
        };
        let object_comma = comma & in_objects;
        if after(object_comma, carry.object_comma) & !opens_string & valid != 0 {
            return false;
        }
        carry.in_string = if inside >> 63 == 1 { u64::MAX } else { 0 };
        carry.quote_closed = closes_string >> 63;
        carry.scalar = scalar >> 63;
        carry.close = close >> 63;
        carry.separator = (comma | colon) >> 63;
        carry.object_comma = object_comma >> 63;
        carry.open = open >> 63;
        self.scalars(scalar_starts, start) && self.escapes(escape_starts, start, sink)
    }

    /// Follows the brackets of a block; which of its bytes stand in objects and not in lists. None at a fault.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "the classes of one block")]
    fn brackets(
        &mut self,
        open: u64,
        close: u64,
        comma: u64,
        colon: u64,
        start: usize,
        valid: u64,
        sink: &mut impl Sink,
    ) -> Option<u64> {
        let separators = comma | colon;
        let turns = parity(separators);
        let mut in_objects = 0;
        let mut brackets = (open | close) & valid;
        let mut from = 0;
        loop {
            let at = brackets.trailing_zeros();
            // The bytes up to the next bracket, which all stand in the same value.
            let stretch = below(at) & !below(from);
            if separators & stretch != 0 || self.depth > 0 {
                let is_object = self.objects >> self.depth & 1 == 1;
                if is_object {
                    in_objects |= stretch;
                    let turned = turns
                        ^ if from > 0 && turns >> (from - 1) & 1 == 1 {
                            u64::MAX
                        } else {
                            0
                        };
                    let odd = if self.colon_next { turned } else { !turned };
                    let here = separators & stretch;
                    if colon & stretch != here & odd {
                        return None;
                    }
                    self.colon_next ^= here.count_ones() % 2 == 1;
                    if self.depth <= 2 && !self.members(here, colon, start, sink) {
                        return None;
                    }
                } else if colon & stretch != 0 || self.depth == 0 {
                    return None;
                }
            }
            if at >= 64 {
                return Some(in_objects);
            }
            let place = start + at as usize;
            let is_brace = self.line.get(place)? & 0x20 != 0;
            if open >> at & 1 == 1 {
                self.opens(place, is_brace, sink)?;
            } else {
                self.closes(place, is_brace, sink)?;
            }
            brackets &= brackets - 1;
            from = at + 1;
        }
    }

    #[inline]
    fn opens(&mut self, place: usize, is_brace: bool, sink: &mut impl Sink) -> Option<()> {
        if self.depth == 0 && place > 0 || self.depth >= MAX_DEPTH {
            return None;
        }
        *self.opened.get_mut(self.depth as usize)? = u32::try_from(place).ok()?;
        if !is_brace {
            let around = self.opened.get(..self.depth as usize)?;
            if !sink.list_opens(around, place) {
                return None;
            }
        }
        self.depth += 1;
        let bit = 1 << self.depth;
        if is_brace {
            // A list may start with any value, an object with a key only.
            if !matches!(self.line.get(place + 1), Some(b'"' | b'}')) {
                return None;
            }
            self.objects |= bit;
        } else {
            self.objects &= !bit;
        }
        self.colon_next = true;
        if let Some(last) = self.last.get_mut(self.depth as usize - 1) {
            *last = place;
        }
        // What opens further in leaves the keys noted so far as they are.
        self.inner_is_fresh |= self.depth == 2;
        Some(())
    }

    #[inline]
    fn closes(&mut self, place: usize, is_brace: bool, sink: &mut impl Sink) -> Option<()> {
        let is_object = self.objects >> self.depth & 1 == 1;
        if self.depth == 0 || is_object != is_brace {
            return None;
        }
        self.depth -= 1;
        let opened = *self.opened.get(self.depth as usize)? as usize;
        // An object ends after a value, or right where it began.
        if is_object && self.colon_next && opened + 1 != place {
            return None;
        }
        sink.closes(self.depth as usize, place);
        if self.depth == 0 {
            sink.member_end(place);
            return (place + 1 == self.line.len()).then_some(());
        }
        self.colon_next = false;
        Some(())
    }

    /// Notes the keys of the outermost object, and of an object right inside it.
    #[inline]
    fn members(&mut self, separators: u64, colon: u64, start: usize, sink: &mut impl Sink) -> bool {
        let is_outermost = self.depth == 1;
        let Some(last) = self.last.get_mut(self.depth as usize - 1) else {
            return false;
        };
        let mut rest = separators;
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            let place = start + at as usize;
            if colon >> at & 1 == 1 {
                let (key, key_end) = (*last + 2, place.saturating_sub(1));
                let is_new = if is_outermost {
                    sink.member(key, key_end, place + 1)
                } else {
                    let is_first = std::mem::take(&mut self.inner_is_fresh);
                    sink.inner_key(is_first, key, key_end)
                };
                if !is_new {
                    return false;
                }
            } else {
                if is_outermost {
                    sink.member_end(place);
                }
                *last = place;
            }
        }
        true
    }

    #[inline]
    fn scalars(&self, starts: u64, start: usize) -> bool {
        let mut rest = starts;
        while rest != 0 {
            let at = start + rest.trailing_zeros() as usize;
            rest &= rest - 1;
            if !self.line.get(at..).is_some_and(is_scalar) {
                return false;
            }
        }
        true
    }

    #[inline]
    fn escapes(&self, starts: u64, start: usize, sink: &mut impl Sink) -> bool {
        let mut rest = starts;
        while rest != 0 {
            let at = start + rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let is_known = match self.line.get(at + 1..) {
                Some([b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f', ..]) => true,
                Some([b'/', ..]) => sink.odd_escape(at),
                Some([b'u', digits @ ..]) => match digits.first_chunk::<4>() {
                    Some(b"0026" | b"003c" | b"003e" | b"2028" | b"2029") => true,
                    Some(digits) => digits.iter().all(u8::is_ascii_hexdigit) && sink.odd_escape(at),
                    None => false,
                },
                _ => false,
            };
            if !is_known {
                return false;
            }
        }
        true
    }
}

/// The bits below a place; all of them for 64.
#[inline]
const fn below(at: u32) -> u64 {
    if at >= 64 { u64::MAX } else { (1 << at) - 1 }
}

/// Whether the text starts with a number or a literal, and a comma or a closing bracket after it.
#[inline]
fn is_scalar(text: &[u8]) -> bool {
    let rest = match text {
        [b't', b'r', b'u', b'e', rest @ ..] | [b'n', b'u', b'l', b'l', rest @ ..] => rest,
        [b'f', b'a', b'l', b's', b'e', rest @ ..] => rest,
        _ => match after_number(text) {
            Some(rest) => rest,
            None => return false,
        },
    };
    matches!(rest.first(), Some(b',' | b'}' | b']'))
}

fn after_number(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = match text {
        [b'0', rest @ ..] => rest,
        [b'1'..=b'9', ..] => after_digits(text)?,
        _ => return None,
    };
    if let [b'.', fraction @ ..] = rest {
        rest = after_digits(fraction)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let digits = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            digits => digits,
        };
        rest = after_digits(digits)?;
    }
    Some(rest)
}

fn after_digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(count..).filter(|_| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_backslashes_escape_every_other_byte() {
        for (text, starts) in [
            (r#"a\"b"#, vec![1]),
            (r#"\\""#, vec![0]),
            (r#"\\\""#, vec![0, 2]),
            (r#"x\\\\y\n"#, vec![1, 3, 6]),
        ] {
            let backslash = text
                .bytes()
                .enumerate()
                .fold(0, |bits, (at, byte)| bits | u64::from(byte == b'\\') << at);
            let mut carry = 0;
            let (found, escaped) = escapes(backslash, &mut carry);
            let expected = starts.iter().fold(0, |bits, at| bits | 1 << at);
            assert_eq!((found, escaped), (expected, expected << 1), "{text}");
        }
    }

    #[test]
    fn an_escape_reaches_into_the_next_block() {
        let mut carry = 0;
        assert_eq!(escapes(1 << 63, &mut carry), (1 << 63, 0));
        assert_eq!(carry, 1);
        assert_eq!(escapes(1, &mut carry), (0, 1));
        assert_eq!(carry, 0);
    }
}
