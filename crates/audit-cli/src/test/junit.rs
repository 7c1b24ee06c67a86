//! Results as XML of JUnit, in the form that CI systems read.

use std::fmt::Write as _;
use std::io::Write;

use audit_tests::Status;

use super::report::{CaseReport, Reporter};
use crate::error::Result;

/// Results as XML. Failures are not counted in attributes: those come before the results, which are written one by one.
pub(super) struct Junit;

/// Escapes a text for an attribute or an element. Characters that XML does not allow become U+FFFD.
fn escape(text: &str) -> String {
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

impl Reporter for Junit {
    fn begin(&mut self, out: &mut dyn Write) -> Result {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"audit-policy\">")?;
        Ok(())
    }

    fn begin_file(&mut self, file: &str, cases: usize, out: &mut dyn Write) -> Result {
        let name = escape(file);
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{cases}\">")?;
        Ok(())
    }

    fn case(&mut self, report: &CaseReport<'_>, out: &mut dyn Write) -> Result {
        let name = escape(&report.case.name);
        let class = escape(report.file);
        let message = escape(&report.outcome.message);
        write!(out, "    <testcase name=\"{name}\" classname=\"{class}\"")?;
        match report.outcome.status {
            Status::Passed => writeln!(out, "/>")?,
            Status::Failed => {
                let mut details = format!("{}:{}", report.file, report.line);
                if let Some(witness) = &report.outcome.witness {
                    details.push('\n');
                    details.push_str(&serde_json::to_string(witness)?);
                }
                let details = escape(&details);
                writeln!(out, ">")?;
                writeln!(
                    out,
                    "      <failure message=\"{message}\">{details}</failure>"
                )?;
                writeln!(out, "    </testcase>")?;
            }
            _ => {
                writeln!(out, ">")?;
                writeln!(out, "      <skipped>{message}</skipped>")?;
                writeln!(out, "    </testcase>")?;
            }
        }
        Ok(())
    }

    fn unread_file(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        let (name, message) = (escape(file), escape(message));
        writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"1\" errors=\"1\">"
        )?;
        writeln!(
            out,
            "    <testcase name=\"can be run\" classname=\"{name}\">"
        )?;
        writeln!(out, "      <error message=\"{message}\"/>")?;
        writeln!(out, "    </testcase>\n  </testsuite>")?;
        Ok(())
    }

    fn end_file(&mut self, out: &mut dyn Write) -> Result {
        writeln!(out, "  </testsuite>")?;
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        writeln!(out, "</testsuites>")?;
        Ok(())
    }
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
