//! Parts of reports in XML of JUnit that `check` and `test` share.

use std::fmt::Write as _;
use std::io::Write;

use crate::error::Result;

/// Starts a report.
pub(crate) fn begin(out: &mut dyn Write) -> Result {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"audit-policy\">")?;
    Ok(())
}

/// Writes a suite for a file that could not be used, with one case, which has this name.
pub(crate) fn unread(file: &str, case: &str, message: &str, out: &mut dyn Write) -> Result {
    let (name, message) = (escape(file), escape(message));
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"1\" errors=\"1\">"
    )?;
    writeln!(out, "    <testcase name=\"{case}\" classname=\"{name}\">")?;
    writeln!(out, "      <error message=\"{message}\"/>")?;
    writeln!(out, "    </testcase>\n  </testsuite>")?;
    Ok(())
}

/// Ends a report.
pub(crate) fn end(out: &mut dyn Write) -> Result {
    writeln!(out, "</testsuites>")?;
    Ok(())
}

/// Escapes a text for an attribute or an element. Characters that XML does not allow become U+FFFD.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                // As such, they would become spaces in an attribute. Writing to a string cannot fail.
                let _ = write!(out, "&#{};", u32::from(character));
            }
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_an_attribute_or_an_element() {
        for (text, escaped) in [
            ("a<b>&\"c\"", "a&lt;b&gt;&amp;&quot;c&quot;"),
            ("a\nb\tc", "a&#10;b&#9;c"),
            ("\u{1b}[2J\0", "\u{fffd}[2J\u{fffd}"),
            ("]]>", "]]&gt;"),
            ("é😀", "é😀"),
        ] {
            assert_eq!(escape(text), escaped, "{text:?}");
        }
    }
}
