//! Commands that a step of a GitHub workflow prints to annotate files: `::error file=policy.yaml,line=3,title=AP012::message`.
//!
//! A command is one line; `%`, carriage returns and line feeds are escaped everywhere, `:` and `,` in properties too.

use std::io::Write;

use audit_policy::Severity;

use crate::error::Result;
use crate::terminal::safe;

/// Place of an annotation: lines and columns from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) line: usize,
    pub(crate) end_line: usize,
    /// First column, and the one behind the last. GitHub shows columns of one line only.
    pub(crate) columns: Option<[usize; 2]>,
}

/// Returns the name of the command.
const fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// Escapes a message. Line feeds are kept, each line is made safe for a terminal.
fn data(text: &str) -> String {
    let lines = text.split('\n').map(|line| safe(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Prints an annotation of a file, whose name counts from the root of the repository.
pub(crate) fn annotate(
    severity: Severity,
    file: &str,
    place: Option<Lines>,
    title: &str,
    message: &str,
    out: &mut dyn Write,
) -> Result {
    write!(out, "::{} file={}", command(severity), property(file))?;
    if let Some(place) = place {
        write!(out, ",line={},endLine={}", place.line, place.end_line)?;
        if let Some([start, end]) = place.columns {
            write!(out, ",col={start},endColumn={end}")?;
        }
    }
    writeln!(out, ",title={}::{}", property(title), data(message))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_whatever_its_texts_are() {
        let place = Lines {
            line: 3,
            end_line: 3,
            columns: Some([5, 9]),
        };
        for (file, title, message, line) in [
            (
                "p.yaml",
                "AP012",
                "100 %: a, b",
                "::warning file=p.yaml,line=3,endLine=3,col=5,endColumn=9,title=AP012::100 %25: a, b\n",
            ),
            (
                "a/p.yaml",
                "AP012",
                "a",
                "::warning file=a/p.yaml,line=3,endLine=3,col=5,endColumn=9,title=AP012::a\n",
            ),
            (
                "a,b:c.yaml",
                "x,y",
                "one\ntwo",
                "::warning file=a%2Cb%3Ac.yaml,line=3,endLine=3,col=5,endColumn=9,title=x%2Cy::one%0Atwo\n",
            ),
            (
                "p\n::error::.yaml",
                "t",
                "\u{1b}[2J",
                "::warning file=p%0A%3A%3Aerror%3A%3A.yaml,line=3,endLine=3,col=5,endColumn=9,title=t::\\u{1b}[2J\n",
            ),
        ] {
            let mut out = Vec::new();
            annotate(
                Severity::Warning,
                file,
                Some(place),
                title,
                message,
                &mut out,
            )
            .unwrap();
            assert_eq!(String::from_utf8_lossy(&out), line);
        }
    }

    #[test]
    fn a_file_without_a_place_is_annotated_as_a_whole() {
        let mut out = Vec::new();
        annotate(Severity::Error, "p.yaml", None, "t", "m", &mut out).unwrap();
        assert_eq!(out, b"::error file=p.yaml,title=t::m\n");
    }
}
