//! A checked policy for people: what the server says, each finding under its source line, and the policy as the server holds it.

use std::io::Write;

use audit_policy::LineIndex;
use audit_policy::{Diagnostic, Severity};

use super::{Checked, v1};
use crate::Outcome;
use crate::terminal::{Role, Style, safe};

/// Prints the verdict, the findings, and the policy as loaded.
pub(super) fn print(file: &str, checked: &Checked, style: Style, out: &mut impl Write) -> Outcome {
    let loaded = &checked.loaded;
    let verdict = match &loaded.policy {
        Some(policy) => {
            let rules = match policy.rules.len() {
                1 => "1 rule".to_owned(),
                rules => format!("{rules} rules"),
            };
            format!("{} {rules}", style.paint(Role::Note, "accepted,"))
        }
        // The server did not reject what was too large to read here.
        None if loaded.error.is_none() => style.paint(Role::Error, "not read"),
        None => style.paint(Role::Error, "rejected"),
    };
    writeln!(out, "{}: {verdict}", style.paint(Role::Strong, &safe(file)))?;
    if let Some(error) = &loaded.error {
        writeln!(out, "  kube-apiserver says: {}", safe(error))?;
    }
    if let Some(warning) = &loaded.warning {
        writeln!(out, "  kube-apiserver warns: {}", safe(warning))?;
    }
    let index = LineIndex::new(&loaded.text);
    for finding in &checked.findings {
        writeln!(out)?;
        print_finding(file, finding, &index, style, out)?;
    }
    if let Some(policy) = &loaded.policy {
        writeln!(
            out,
            "\n{}",
            style.paint(Role::Strong, "as loaded, in v1 form:")
        )?;
        for line in v1::lines(policy) {
            writeln!(out, "  {}", safe(&line))?;
        }
    }
    Ok(())
}

/// Characters that are shown before what is underlined, and of that with what follows; a policy may be one line of megabytes.
const MAX_BEFORE: usize = 120;
const MAX_AFTER: usize = 240;

/// A line as it is shown, where its underline starts and how long that is: `at` is the byte of the line at which it starts, and it takes so
/// many characters, or goes up to the end where no length is given.
fn excerpt(line: &str, at: usize, length: Option<usize>) -> (String, usize, usize) {
    // A place behind the line, in its end, counts as the line's end.
    let (before, after) = line.split_at_checked(at).unwrap_or((line, ""));
    let mut start = before.char_indices().rev().take(MAX_BEFORE);
    let start = start
        .by_ref()
        .last()
        .map_or(before.len(), |(start, _)| start);
    let (skipped, before) = before.split_at_checked(start).unwrap_or(("", before));
    let mut shown = String::from(if skipped.is_empty() { "" } else { "…" });
    shown.push_str(&safe(before));
    let indent = shown.chars().count();
    let mut underlined = indent;
    let mut count = indent;
    let mut rest = after.chars();
    for (place, character) in rest.by_ref().take(MAX_AFTER).enumerate() {
        let mut buffer = [0; 4];
        let text = safe(character.encode_utf8(&mut buffer));
        count += text.chars().count();
        shown.push_str(&text);
        if length.is_none_or(|length| place < length) {
            underlined = count;
        }
    }
    if rest.next().is_some() {
        shown.push('…');
    }
    (shown, indent, underlined.saturating_sub(indent).max(1))
}

fn print_finding(
    file: &str,
    finding: &Diagnostic,
    index: &LineIndex<'_>,
    style: Style,
    out: &mut impl Write,
) -> Outcome {
    let role = match finding.severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Info => Role::Note,
    };
    let start = index.position(finding.span().unwrap_or_default().start);
    let end = index.position(finding.span().unwrap_or_default().end);
    let head = format!("{}[{}]", finding.severity.name(), finding.code);
    writeln!(
        out,
        "{}: {}",
        style.paint(role, &head),
        safe(&finding.message)
    )?;
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    let bar = style.paint(Role::Faint, "|");
    let arrow = style.paint(Role::Faint, "-->");
    writeln!(
        out,
        "{margin}{arrow} {}:{}:{}",
        safe(file),
        start.line,
        start.column
    )?;
    let length = (end.line == start.line).then(|| end.column.saturating_sub(start.column));
    let at = start.offset.saturating_sub(index.line_start(start.line));
    let (line, before, length) = excerpt(index.line_text(start.line), at, length);
    let underline = " ".repeat(before) + &style.paint(role, &"^".repeat(length));
    writeln!(out, "{margin} {bar}")?;
    writeln!(out, "{} {bar} {}", style.paint(Role::Faint, &number), line)?;
    writeln!(out, "{margin} {bar} {underline}")?;
    if !finding.help.is_empty() {
        writeln!(out, "{margin} = help: {}", safe(&finding.help))?;
    }
    if let Some(fix) = &finding.fix {
        writeln!(out, "{margin} = fix: {} (`--fix`)", safe(&fix.title))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_underline_is_under_what_is_shown() {
        // `\u{202e}` is three bytes, and takes eight places.
        for (line, at, of, shown, before, length) in [
            ("a: Loud", 3, Some(4), "a: Loud", 3, 4),
            ("a: Loud", 3, None, "a: Loud", 3, 4),
            ("a: Loud", 7, Some(0), "a: Loud", 7, 1),
            ("a: Loud", 8, Some(0), "a: Loud", 7, 1),
            ("\u{202e}a: Loud", 6, Some(4), r"\u{202e}a: Loud", 11, 4),
            ("a: L\u{202e}d", 3, Some(3), r"a: L\u{202e}d", 3, 10),
            ("\ta: é", 4, Some(1), " a: é", 4, 1),
            ("", 0, Some(0), "", 0, 1),
        ] {
            let expected = (shown.to_owned(), before, length);
            assert_eq!(excerpt(line, at, of), expected, "{line:?}");
        }
    }

    #[test]
    fn of_a_long_line_the_part_around_the_underline_is_shown() {
        let line = format!("{}Loud{}", "a".repeat(1_000), "b".repeat(1_000));
        let (shown, before, length) = excerpt(&line, 1_000, Some(4));
        assert_eq!((before, length), (1 + MAX_BEFORE, 4));
        let expected = format!("…{}Loud{}…", "a".repeat(120), "b".repeat(236));
        assert_eq!(shown, expected);
    }
}
