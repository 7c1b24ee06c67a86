//! Text as a YAML scalar and as a shell word. Whatever the text, one scalar or word on one line comes out.

use std::fmt::Write;

/// Words that YAML 1.1 reads as something else than a string.
const NOT_STRINGS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A YAML scalar that every reader takes for this string: plain where that is certain, else in double quotes.
pub fn yaml(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    double(text)
}

/// A YAML scalar in double quotes.
pub fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Control characters, and those that look like nothing or like a plain space.
            _ if must_show(character) => {
                let code = u32::from(character);
                // Writing to a string cannot fail.
                let _ = if code <= 0xffff {
                    write!(out, "\\u{code:04x}")
                } else {
                    write!(out, "\\U{code:08x}")
                };
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// A YAML scalar in single quotes, or in double ones where single ones cannot hold it.
pub fn single(text: &str) -> String {
    if text.chars().any(must_show) {
        return double(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// A JSON string.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ if character.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
    out
}

/// A YAML scalar of several lines that every reader takes for this string: a literal block where that is certain, else in double quotes.
pub fn block(text: &str, indent: &str) -> String {
    let shown = |c: char| c == '\n' || !must_show(c);
    let is_block = text.ends_with('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && text.chars().all(shown);
    if !is_block {
        return yaml(text);
    }
    let mut out = String::from("|");
    for line in text.lines() {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(indent);
            out.push_str(line);
        }
    }
    out
}

/// A path, a flag or a lowercase word of safe characters only.
fn is_plain(text: &str) -> bool {
    let safe = |c: char| c.is_ascii_alphanumeric() || "/_.=-".contains(c);
    let starts = text.starts_with('/')
        || text.starts_with("--")
        || (text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && !NOT_STRINGS.contains(&text));
    starts && text.chars().all(safe) && text != "---"
}

fn must_show(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(u32::from(character), 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff)
        || u32::from(character) & 0xfffe == 0xfffe
}

/// One word of a POSIX shell; with control characters, a word of bash (`$'…'`).
pub fn shell(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "/_.=,:@%+-".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    if !text.chars().any(|c| c.is_control()) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for character in text.chars() {
        match character {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            _ if character.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_is_plain_only_where_that_is_certain() {
        for (text, quoted) in [
            (
                "/etc/kubernetes/audit-policy.yaml",
                "/etc/kubernetes/audit-policy.yaml",
            ),
            ("--audit-log-maxage=30", "--audit-log-maxage=30"),
            ("blocking-strict", "blocking-strict"),
            ("30", "\"30\""),
            ("true", "\"true\""),
            ("off", "\"off\""),
            ("-", "\"-\""),
            ("---", "\"---\""),
            ("", "\"\""),
            ("/var/log/my cluster/a.log", "\"/var/log/my cluster/a.log\""),
            ("/a #b", "\"/a #b\""),
            ("/a: b", "\"/a: b\""),
            (r#"/a"b\c"#, r#""/a\"b\\c""#),
            ("/a\nb", r#""/a\nb""#),
            ("/a\u{a0}b", r#""/a\u00a0b""#),
            ("/\u{2028}", r#""/\u2028""#),
            ("/журнал", "\"/журнал\""),
        ] {
            assert_eq!(yaml(text), quoted);
        }
    }

    #[test]
    fn yaml_reads_back() {
        let mut texts: Vec<String> = (0..0x3000_u32)
            .filter_map(char::from_u32)
            .map(|c| format!("/a{c}{c}b{c}"))
            .collect();
        texts.extend(
            [
                "'",
                "\u{10ffff}",
                "\u{fffe}",
                "\u{feff}",
                "~",
                "1e3",
                "0x1f",
                "2024-01-01",
                "{{ x }}",
                "%a",
            ]
            .map(str::to_owned),
        );
        for text in texts {
            let list = format!("- {}\n", yaml(&text));
            assert_eq!(list.lines().count(), 1, "{list}");
            let back: Vec<String> =
                serde_norway::from_str(&list).unwrap_or_else(|e| panic!("{list}: {e}"));
            assert_eq!(back, [text]);
        }
    }

    #[test]
    fn a_block_reads_back() {
        for text in [
            "",
            "a",
            "a\n",
            "a\n\n",
            " a\n",
            "\na\n",
            "a\n\n  b: c\n",
            "a\r\nb\n",
            "#a\n",
            "- a\n- b\n",
            "a\n  \nb\n",
            "\ta\n",
        ] {
            let map = format!("k: {}\nl: m\n", block(text, "  "));
            let back: std::collections::BTreeMap<String, String> =
                serde_norway::from_str(&map).unwrap_or_else(|e| panic!("{map}: {e}"));
            assert_eq!(back["k"], text, "{map}");
        }
    }

    #[test]
    fn shell_words_are_one_line() {
        for (text, word) in [
            ("--audit-log-path=/a/b.log", "--audit-log-path=/a/b.log"),
            ("--a=/my log", "'--a=/my log'"),
            ("it's", r"'it'\''s'"),
            ("a$b`c", "'a$b`c'"),
            ("", "''"),
            ("a\nb'c", r"$'a\nb\'c'"),
        ] {
            assert_eq!(shell(text), word);
        }
    }
}
