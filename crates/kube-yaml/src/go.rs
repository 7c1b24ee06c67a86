//! Formatting of values as in Go, for the server's messages: `%q`, `%#v` of floats, and JSON strings and numbers.

mod printable;

use std::fmt::Write;

use printable::is_printable;

/// Formats a string as `strconv.Quote` (`%q`) does.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            other => push_escaped(&mut out, other),
        }
    }
    out.push('"');
    out
}

/// Formats a string of bytes as `%q` does.
pub(crate) fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        let quoted = quote(chunk.valid());
        out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
        for byte in chunk.invalid() {
            let _ = write!(out, r"\x{byte:02x}");
        }
    }
    out.push('"');
    out
}

/// Formats an unexpected byte in single quotes, as `encoding/json` does.
pub(crate) fn quote_char(character: char) -> String {
    match character {
        '\'' => r"'\''".to_owned(),
        other => {
            let mut out = String::from("'");
            push_escaped(&mut out, other);
            out.push('\'');
            out
        }
    }
}

fn push_escaped(out: &mut String, character: char) {
    match character {
        '\\' => out.push_str(r"\\"),
        '\x07' => out.push_str(r"\a"),
        '\x08' => out.push_str(r"\b"),
        '\x0c' => out.push_str(r"\f"),
        '\n' => out.push_str(r"\n"),
        '\r' => out.push_str(r"\r"),
        '\t' => out.push_str(r"\t"),
        '\x0b' => out.push_str(r"\v"),
        other if is_printable(other) => out.push(other),
        other => {
            let code = u32::from(other);
            let _ = if code < 0x20 || code == 0x7f {
                write!(out, r"\x{code:02x}")
            } else if code < 0x10000 {
                write!(out, r"\u{code:04x}")
            } else {
                write!(out, r"\U{code:08x}")
            };
        }
    }
}

/// Formats a string as `json.Marshal` does, with HTML characters escaped.
pub fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            '\t' => out.push_str(r"\t"),
            '\x08' => out.push_str(r"\b"),
            '\x0c' => out.push_str(r"\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                let _ = write!(out, r"\u{:04x}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Formats a string of bytes as `json.Marshal` before Go 1.22 does: `\b` and `\f` as `\u0008` and `\u000c`, and each invalid UTF-8 byte
/// as the escape of U+FFFD.
pub fn old_json_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for part in chunk.valid().split_inclusive(['\x08', '\x0c']) {
            let (plain, last) = match part.strip_suffix('\x08') {
                Some(plain) => (plain, r"\u0008"),
                None => match part.strip_suffix('\x0c') {
                    Some(plain) => (plain, r"\u000c"),
                    None => (part, ""),
                },
            };
            let quoted = json_string(plain);
            out.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
            out.push_str(last);
        }
        for _ in chunk.invalid() {
            out.push_str(r"\ufffd");
        }
    }
    out.push('"');
    out
}

/// Formats a list of strings as `json.Marshal` does.
pub fn json_strings(texts: &[String]) -> String {
    let items: Vec<String> = texts.iter().map(|text| json_string(text)).collect();
    format!("[{}]", items.join(","))
}

/// Formats a list of strings as `%#v` does.
pub fn go_strings(texts: &[String]) -> String {
    let items: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    format!("[]string{{{}}}", items.join(", "))
}

/// Returns the sign, the shortest digits that round-trip, and the power of ten of the first digit.
fn digits(scientific: &str) -> (&'static str, String, i32) {
    let (sign, rest) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific),
    };
    let (mantissa, exponent) = rest.split_once('e').unwrap_or((rest, "0"));
    let digits = mantissa.replace('.', "");
    (sign, digits, exponent.parse().unwrap_or(0))
}

fn plain(digits: &str, exponent: i32) -> String {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    }
    if exponent + 1 >= count {
        let zeros = usize::try_from(exponent + 1 - count).unwrap_or(0);
        return format!("{digits}{}", "0".repeat(zeros));
    }
    let (whole, rest) = digits.split_at(usize::try_from(exponent + 1).unwrap_or(0));
    format!("{whole}.{rest}")
}

fn mantissa(digits: &str) -> String {
    match digits.split_at_checked(1) {
        Some((first, rest)) if !rest.is_empty() => format!("{first}.{rest}"),
        _ => digits.to_owned(),
    }
}

/// Formats a finite number as `json.Marshal` does.
pub(crate) fn json_float(number: f64) -> String {
    let (sign, digits, exponent) = digits(&format!("{number:e}"));
    if number != 0.0 && !(-6..21).contains(&exponent) {
        let mark = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{}e{mark}{}", mantissa(&digits), exponent.abs());
    }
    format!("{sign}{}", plain(&digits, exponent))
}

/// Formats a number as `%v` and `strconv.FormatFloat(_, 'g', -1, _)` do, from Rust's shortest scientific form.
pub fn go_float(scientific: &str) -> String {
    let (sign, digits, exponent) = digits(scientific);
    if (-4..6).contains(&exponent) {
        return format!("{sign}{}", plain(&digits, exponent));
    }
    let mark = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{}e{mark}{:02}", mantissa(&digits), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_go_does() {
        for (text, quoted) in [
            ("a\"b\\", r#""a\"b\\""#),
            ("\u{200b}é\u{301}<", "\"\\u200bé\u{301}<\""),
            ("\x01\x7f\n\u{a0}", r#""\x01\x7f\n\u00a0""#),
            ("\u{e0001}", r#""\U000e0001""#),
        ] {
            assert_eq!(quote(text), quoted);
        }
        assert_eq!(
            json_string("a<b>&\u{2028}\"\n"),
            r#""a\u003cb\u003e\u0026\u2028\"\n""#
        );
        assert_eq!(quote_char('\''), r"'\''");
        assert_eq!(quote_char('"'), "'\"'");
    }

    #[test]
    fn numbers_are_printed_as_go_does() {
        for (number, text) in [
            (1.0, "1"),
            (1.5, "1.5"),
            (-0.001, "-0.001"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.25e-7, "1.25e-7"),
            (0.0, "0"),
        ] {
            assert_eq!(json_float(number), text);
        }
    }
}
