//! JSON text as Go's encoder prints it: no white space, `<`, `>`, `&`, U+2028 and U+2029 escaped.

use audit_log::json;

/// Where encoded text goes: into a string, or only into a count of its bytes.
pub trait Out {
    /// Takes the next piece.
    fn put(&mut self, text: &str);
}

impl Out for String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Counts bytes and keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count(pub usize);

impl Out for Count {
    fn put(&mut self, text: &str) {
        self.0 += text.len();
    }
}

/// A body as the server prints it: raw JSON with white space removed and the five characters escaped, all else as it stands.
pub fn compact(raw: &str, out: &mut impl Out) {
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
            out.put(raw.get(start..at).unwrap_or_default());
            out.put(replacement);
            start = at + length;
        }
        at += length;
    }
    out.put(raw.get(start..).unwrap_or_default());
}

/// A decoded text as a JSON string.
pub fn quote(text: &str, out: &mut impl Out) {
    out.put("\"");
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let mut unicode = [0; 6];
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
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
    out.put("\"");
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

/// A value that the server decodes and encodes again: strings printed anew, the rest as it stands without white space.
pub fn recode(raw: &str, out: &mut impl Out) {
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
        match json::string(token) {
            Some(text) => quote(&text, out),
            None => out.put(token),
        }
        at = end;
    }
}

/// The byte after the string that starts at `start`.
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

/// An object with its members in the order of the server's type; members that the type does not have follow, as they stood.
pub fn ordered(raw: &str, order: &[&str], out: &mut impl Out) {
    ordered_without(raw, order, &[], out);
}

/// The same without some of its members.
pub(crate) fn ordered_without(raw: &str, order: &[&str], left_out: &[&str], out: &mut impl Out) {
    if !raw.starts_with('{') {
        return recode(raw, out);
    }
    let members: Vec<_> = json::members(raw)
        .filter(|(key, _)| !left_out.contains(&key.as_ref()))
        .collect();
    let known = order
        .iter()
        .filter_map(|name| members.iter().rfind(|(key, _)| key == name));
    let unknown = members
        .iter()
        .filter(|(key, _)| !order.contains(&key.as_ref()));
    let mut list = List::new("{", out);
    for (key, value) in known.chain(unknown) {
        list.item();
        quote(key, list.out);
        list.out.put(":");
        recode(value, list.out);
    }
    list.end("}");
}

/// A container being written: puts the commas.
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

    #[test]
    fn fields_are_printed_anew() {
        for (raw, printed) in [
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
