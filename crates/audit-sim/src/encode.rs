//! JSON text as Go's encoder prints it: no white space, `<`, `>`, `&`, U+2028 and U+2029 escaped.

use audit_log::{json, placeholder};
use memchr::memchr;

/// Destination of encoded text: bytes, a string, or a count of bytes.
pub trait Out {
    /// Appends text.
    fn put(&mut self, text: &str);

    /// Appends a byte that is not UTF-8, of a body that was recorded as it came.
    fn put_byte(&mut self, byte: u8);

    /// Returns the spelling of the text.
    fn style(&self) -> Style {
        Style::default()
    }
}

impl Out for Vec<u8> {
    fn put(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }

    fn put_byte(&mut self, byte: u8) {
        self.push(byte);
    }
}

/// For display: a string cannot contain a byte that is not UTF-8, and has U+FFFD in its place.
impl Out for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }

    fn put_byte(&mut self, _: u8) {
        self.push(char::REPLACEMENT_CHARACTER);
    }
}

/// Counts bytes without storing them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count(pub usize);

impl Out for Count {
    fn put(&mut self, text: &str) {
        self.0 += text.len();
    }

    fn put_byte(&mut self, _: u8) {
        self.0 += 1;
    }
}

/// Spelling of recorded text, and of printed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Characters of the recorded text stand for bytes that are not UTF-8.
    pub has_stand_ins: bool,
    /// Backspace and form feed are printed as `\u0008` and `\u000c`, as Go does before 1.22.
    pub has_long_controls: bool,
}

/// An output with a spelling.
pub(crate) struct Styled<'o, O: Out> {
    pub(crate) out: &'o mut O,
    pub(crate) style: Style,
}

impl<O: Out> Out for Styled<'_, O> {
    fn put(&mut self, text: &str) {
        self.out.put(text);
    }

    fn put_byte(&mut self, byte: u8) {
        self.out.put_byte(byte);
    }

    fn style(&self) -> Style {
        self.style
    }
}

/// Writes a body as recorded, without white space and with the five characters escaped, as Go's encoder prints the text of a
/// `runtime.Unknown`.
pub fn compact(raw: &str, out: &mut impl Out) {
    copy(raw, false, out);
}

/// Writes a body that the server itself has encoded: as [`compact`], with control characters as its version of Go prints them.
pub(crate) fn encoded<O: Out>(raw: &str, out: &mut O) {
    copy(raw, true, out);
}

fn copy(raw: &str, is_encoded: bool, out: &mut impl Out) {
    let bytes = raw.as_bytes();
    let mut in_string = false;
    let mut start = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (length, replacement) = match byte {
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            b'\\' if is_encoded => control(bytes.get(at..).unwrap_or_default(), out.style()),
            b'\\' => (2, None),
            b' ' | b'\n' | b'\r' | b'\t' if !in_string => (1, Some("")),
            b'<' => (1, Some("\\u003c")),
            b'>' => (1, Some("\\u003e")),
            b'&' => (1, Some("\\u0026")),
            0xE2 => match bytes.get(at + 1..at + 3) {
                Some([0x80, 0xA8]) => (3, Some("\\u2028")),
                Some([0x80, 0xA9]) => (3, Some("\\u2029")),
                _ => (3, None),
            },
            _ => (1, None),
        };
        if let Some(replacement) = replacement {
            put_raw(raw.get(start..at).unwrap_or_default(), out);
            out.put(replacement);
            start = at + length;
        }
        at += length;
    }
    put_raw(raw.get(start..).unwrap_or_default(), out);
}

/// Returns the length of an escape that Go prints in another way since 1.22, and its other form.
fn control(escape: &[u8], style: Style) -> (usize, Option<&'static str>) {
    let digits = escape.get(..6).unwrap_or_default();
    match (escape.get(1), style.has_long_controls) {
        (Some(b'b'), true) => (2, Some("\\u0008")),
        (Some(b'f'), true) => (2, Some("\\u000c")),
        (Some(b'u'), true) if digits == b"\\u000C" => (6, Some("\\u000c")),
        (Some(b'u'), false) if digits == b"\\u0008" => (6, Some("\\b")),
        (Some(b'u'), false) if digits.eq_ignore_ascii_case(b"\\u000c") => (6, Some("\\f")),
        _ => (2, None),
    }
}

/// Writes recorded text with the bytes that its placeholders stand for.
fn put_raw(text: &str, out: &mut impl Out) {
    if !out.style().has_stand_ins {
        return out.put(text);
    }
    for chunk in placeholder::encode(text).utf8_chunks() {
        out.put(chunk.valid());
        chunk.invalid().iter().for_each(|byte| out.put_byte(*byte));
    }
}

/// Writes a decoded text as a JSON string.
pub fn quote(text: &str, out: &mut impl Out) {
    out.put("\"");
    put_escaped(text, out);
    out.put("\"");
}

/// Writes a text with placeholders for bytes that are not UTF-8 as a JSON string: Go prints `\ufffd` for each.
pub(crate) fn quote_held(text: &str, out: &mut impl Out) {
    out.put("\"");
    put_held(text, out);
    out.put("\"");
}

fn put_escaped(text: &str, out: &mut impl Out) {
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let mut unicode = [0; 6];
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{8}' if !out.style().has_long_controls => "\\b",
            '\u{c}' if !out.style().has_long_controls => "\\f",
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                unicode_escape(character, &mut unicode)
            }
            _ => continue,
        };
        out.put(text.get(start..at).unwrap_or_default());
        out.put(escape);
        start = at + character.len_utf8();
    }
    out.put(text.get(start..).unwrap_or_default());
}

/// Go's output for a byte that is not UTF-8.
const INVALID: &str = "\\ufffd";

fn put_held(text: &str, out: &mut impl Out) {
    for (index, known) in text.split(placeholder::UNKNOWN_BYTE).enumerate() {
        if index > 0 {
            out.put(INVALID);
        }
        for chunk in placeholder::encode(known).utf8_chunks() {
            put_escaped(chunk.valid(), out);
            chunk.invalid().iter().for_each(|_| out.put(INVALID));
        }
    }
}

/// Decodes the content of a recorded string and prints it again.
fn put_again(inner: &str, out: &mut impl Out) {
    let mut rest = inner;
    loop {
        let plain = memchr(b'\\', rest.as_bytes()).unwrap_or(rest.len());
        let (text, escape) = rest.split_at(plain);
        if out.style().has_stand_ins {
            put_held(text, out);
        } else {
            put_escaped(text, out);
        }
        let Some((character, length)) = json::unescape(escape) else {
            return;
        };
        if json::is_invalid_byte_escape(escape) {
            out.put(INVALID);
        } else {
            put_escaped(character.encode_utf8(&mut [0; 4]), out);
        }
        rest = escape.get(length..).unwrap_or_default();
    }
}

fn unicode_escape(character: char, buffer: &mut [u8; 6]) -> &str {
    let code = u32::from(character);
    let digit = |shift: u32| {
        let value = (code >> shift & 0xF) as u8;
        if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        }
    };
    *buffer = [b'\\', b'u', digit(12), digit(8), digit(4), digit(0)];
    std::str::from_utf8(buffer).unwrap_or_default()
}

/// Writes a value that the server decodes and encodes again: strings are printed again, the rest is copied without white space.
pub fn recode<O: Out>(raw: &str, out: &mut O) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'"' => string_end(bytes, at),
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            _ => {
                let rest = bytes.get(at..).unwrap_or_default();
                let plain = |byte: &u8| !matches!(byte, b'"' | b' ' | b'\n' | b'\r' | b'\t');
                at + rest.iter().take_while(|byte| plain(byte)).count()
            }
        };
        let token = raw.get(at..end).unwrap_or_default();
        let inner = token
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match inner {
            Some(inner) => {
                out.put("\"");
                put_again(inner, out);
                out.put("\"");
            }
            None => out.put(token),
        }
        at = end;
    }
}

/// Returns the index of the byte after the string that starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Writes an object with its members in the order of the server's type; members that the type does not have follow, as recorded.
pub fn ordered(raw: &str, order: &[&str], out: &mut impl Out) {
    ordered_without(raw, order, &[], out);
}

/// Writes the same without some of its members.
pub(crate) fn ordered_without(raw: &str, order: &[&str], left_out: &[&str], out: &mut impl Out) {
    if !raw.starts_with('{') {
        return recode(raw, out);
    }
    let members: Vec<_> = json::raw_members(raw)
        .filter_map(|(key, value)| Some((json::string(key)?, key, value)))
        .filter(|(key, ..)| !left_out.contains(&key.as_ref()))
        .collect();
    let known = order
        .iter()
        .filter_map(|name| members.iter().rfind(|(key, ..)| key == name));
    let unknown = members
        .iter()
        .filter(|(key, ..)| !order.contains(&key.as_ref()));
    let mut list = List::new("{", out);
    for (_, key, value) in known.chain(unknown) {
        list.item();
        recode(key, list.out);
        list.out.put(":");
        recode(value, list.out);
    }
    list.end("}");
}

/// A container that is being written: adds the commas.
pub(crate) struct List<'o, O: Out> {
    pub(crate) out: &'o mut O,
    is_empty: bool,
}

impl<'o, O: Out> List<'o, O> {
    pub(crate) fn new(open: &str, out: &'o mut O) -> Self {
        out.put(open);
        Self {
            out,
            is_empty: true,
        }
    }

    pub(crate) fn item(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.put(",");
        }
    }

    pub(crate) fn end(self, close: &str) {
        self.out.put(close);
    }
}

pub(crate) fn put_name(name: &str, out: &mut impl Out) {
    out.put(",\"");
    out.put(name);
    out.put("\":");
}

pub(crate) fn size(write: &dyn Fn(&mut Count)) -> u32 {
    let mut count = Count::default();
    write(&mut count);
    u32::try_from(count.0).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut String)) -> String {
        let mut text = String::new();
        write(&mut text);
        text
    }

    #[test]
    fn bodies_keep_everything_but_white_space_and_five_characters() {
        for (raw, printed) in [
            ("{ \"a\" : [ 1.0 , \"x y\" ] }", "{\"a\":[1.0,\"x y\"]}"),
            (
                "{\"a\":\"<b>&\u{2028}\"}",
                "{\"a\":\"\\u003cb\\u003e\\u0026\\u2028\"}",
            ),
            (
                "{\"a\":1,\"a\":\"\\u00e9\\\" \\\\\"}",
                "{\"a\":1,\"a\":\"\\u00e9\\\" \\\\\"}",
            ),
            ("{\"é€\":null}", "{\"é€\":null}"),
        ] {
            assert_eq!(text(|out| compact(raw, out)), printed);
            let mut count = Count::default();
            compact(raw, &mut count);
            assert_eq!(count.0, printed.len());
        }
    }

    fn styled(style: Style, write: impl Fn(&mut Styled<'_, Vec<u8>>)) -> Vec<u8> {
        let mut text = Vec::new();
        write(&mut Styled {
            out: &mut text,
            style,
        });
        text
    }

    #[test]
    fn bytes_that_are_not_utf8_are_escaped_in_fields_and_kept_in_bodies() {
        let style = Style {
            has_stand_ins: true,
            ..Style::default()
        };
        let recorded = b"\"caf\xe9 \xe2\x82 \xf4\x8f\xbb\xa9 \xc3\xa9\"";
        let raw = placeholder::decode(recorded);
        assert_eq!(styled(style, |out| compact(&raw, out)), recorded);
        assert_eq!(
            styled(style, |out| recode(&raw, out)),
            b"\"caf\\ufffd \\ufffd\\ufffd \xf4\x8f\xbb\xa9 \xc3\xa9\""
        );
        assert_eq!(
            text(|out| quote_held("a\u{10fee9}\u{10fe00}\u{fffd}<", out)),
            "\"a\\ufffd\\ufffd\u{fffd}\\u003c\""
        );
    }

    #[test]
    fn control_characters_are_printed_as_the_version_of_go_does() {
        let long = Style {
            has_long_controls: true,
            ..Style::default()
        };
        for raw in [r#""\b\f\\b\u001f""#, r#""\u0008\u000C\\b\u001f""#] {
            for is_field in [false, true] {
                let of = |style| {
                    let text = styled(style, |out| match is_field {
                        false => encoded(raw, out),
                        true => recode(raw, out),
                    });
                    String::from_utf8(text).unwrap()
                };
                assert_eq!(of(long), r#""\u0008\u000c\\b\u001f""#, "{raw}");
                assert_eq!(of(Style::default()), r#""\b\f\\b\u001f""#, "{raw}");
            }
            assert_eq!(styled(long, |out| compact(raw, out)), raw.as_bytes());
        }
    }

    #[test]
    fn fields_are_decoded_and_encoded_again() {
        for (raw, printed) in [
            (
                r#""caf\ufffd\uFFFD\ud800""#,
                "\"caf\\ufffd\\ufffd\u{fffd}\"",
            ),
            ("\"\u{fffd}\u{10fee9}\"", "\"\u{fffd}\u{10fee9}\""),
            (r#""\u0008\f""#, r#""\b\f""#),
            (r#""a\/b\u00e9""#, "\"a/bé\""),
            (r#""<\n\u0001""#, r#""\u003c\n\u0001""#),
            (r#"{ "a" : [ "\u0041", 1 ] }"#, r#"{"a":["A",1]}"#),
        ] {
            assert_eq!(text(|out| recode(raw, out)), printed);
        }
        assert_eq!(
            text(|out| ordered(
                r#"{"groups":["g"],"x":1,"username":"u"}"#,
                &["username", "uid", "groups"],
                out
            )),
            r#"{"username":"u","groups":["g"],"x":1}"#
        );
    }
}
