//! A checked policy as text: the server's verdict, each finding with its source line, and the policy as loaded.

use std::io::Write;

use audit_import::settings_errors;
use audit_policy::LineIndex;
use audit_policy::{Diagnostic, Severity};

use super::policy::PolicyReport;
use super::v1;
use crate::config::IgnoredFinding;
use crate::error::Result;
use crate::terminal::{Role, Style, safe};

/// Prints the verdict, the findings and the policy as loaded. `index` is that of the file, which several policies share.
pub(super) fn print(
    file: &str,
    checked: &PolicyReport<'_>,
    index: &LineIndex<'_>,
    style: Style,
    out: &mut impl Write,
) -> Result {
    let verdict = match checked.policy() {
        Some(policy) => {
            let rules = match policy.rules.len() {
                1 => "1 rule".to_owned(),
                rules => format!("{rules} rules"),
            };
            if checked.is_accepted {
                let settings = settings_words(checked);
                let settings = settings.map(|errors| style.paint(Role::Error, &errors));
                let accepted = style.paint(Role::Note, "accepted,");
                format!("{accepted} {rules}{}", settings.unwrap_or_default())
            } else {
                style.paint(Role::Error, "not usable")
            }
        }
        None => no_policy(checked, style),
    };
    let subject = match &checked.place {
        None => String::new(),
        Some(place) => match place.path.filter(|path| !path.is_empty()) {
            Some(path) => format!(" {} of {}:", safe(path), safe(place.title)),
            None => format!(" {}:", safe(place.title)),
        },
    };
    let name = style.paint(Role::Strong, &safe(file));
    writeln!(out, "{name}:{subject} {verdict}")?;
    if let Some(error) = checked.error() {
        writeln!(out, "  kube-apiserver: {}", safe(error))?;
    }
    if let Some(warning) = checked.warning() {
        writeln!(out, "  kube-apiserver warning: {}", safe(warning))?;
    }
    for finding in checked.findings {
        writeln!(out)?;
        print_finding(file, finding, index, style, out)?;
    }
    print_ignored(checked.ignored, out)?;
    if let Some(repaired) = checked.repaired {
        repaired.print(style, out)?;
    }
    if let Some(policy) = checked.policy() {
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

/// Prints what comments or the configuration take away, a line each.
fn print_ignored(ignored: &[IgnoredFinding], out: &mut impl Write) -> Result {
    if ignored.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for IgnoredFinding {
        finding,
        by,
        line,
        reason,
    } in ignored
    {
        let reason = match reason.is_empty() {
            true => String::new(),
            false => format!(": {}", safe(reason)),
        };
        let place = match by.config_file() {
            Some(file) => format!("{}:{line}", safe(file)),
            None => format!("line {line}"),
        };
        writeln!(out, "ignored[{}] by {place}{reason}", finding.code)?;
    }
    Ok(())
}

/// Returns the number of errors in the settings around a policy, as it is printed behind the verdict. `None` if there are none.
fn settings_words(checked: &PolicyReport<'_>) -> Option<String> {
    match settings_errors(checked.findings) {
        0 => None,
        1 => Some("; 1 error in the settings".to_owned()),
        errors => Some(format!("; {errors} errors in the settings")),
    }
}

/// Returns the verdict on a text that is not loaded as a policy.
fn no_policy(checked: &PolicyReport<'_>, style: Style) -> String {
    match &checked.place {
        Some(place) if place.is_template => style.paint(Role::Warning, "not rendered"),
        Some(_) if checked.is_config() => style.paint(Role::Warning, "unused ignores"),
        Some(place) if checked.is_settings() && place.path.is_none() => {
            format!("{} no policy", style.paint(Role::Note, "settings checked,"))
        }
        Some(place) if place.path.is_none() => style.paint(Role::Error, "no policy"),
        // A policy that is too large for this program is not rejected by the server.
        _ if checked.loaded.error.is_none() => style.paint(Role::Error, "not read"),
        _ => style.paint(Role::Error, "rejected"),
    }
}

/// Maximum number of characters that are shown before the underlined part; a policy may be one line of megabytes.
const MAX_BEFORE: usize = 120;

/// Maximum number of characters that are shown from the start of the underlined part.
const MAX_AFTER: usize = 240;

/// Returns the shown part of a line, and the start and length of its underline in characters. `at` is the byte of the line at which the underline
/// starts; without a length, it extends to the end of the line.
fn excerpt(line: &str, at: usize, length: Option<usize>) -> (String, usize, usize) {
    // An offset within the line end counts as the end of the line.
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
    for (index, character) in rest.by_ref().take(MAX_AFTER).enumerate() {
        let mut buffer = [0; 4];
        let text = safe(character.encode_utf8(&mut buffer));
        count += text.chars().count();
        shown.push_str(&text);
        if length.is_none_or(|length| index < length) {
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
) -> Result {
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
    for label in finding
        .secondary
        .iter()
        .filter(|label| !label.text.is_empty())
    {
        let line = index.position(label.span.start).line;
        writeln!(out, "{margin} = line {line}: {}", safe(&label.text))?;
    }
    if !finding.help.is_empty() {
        writeln!(out, "{margin} = help: {}", safe(&finding.help))?;
    }
    if let Some(fix) = &finding.fix {
        let how = if fix.is_choice {
            "optional, `--fix` does not apply it"
        } else {
            "`--fix`"
        };
        writeln!(out, "{margin} = fix: {} ({how})", safe(&fix.title))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_underline_matches_the_shown_text() {
        // `\u{202e}` has three bytes, and eight characters when it is escaped.
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
    fn only_the_part_of_a_long_line_around_the_underline_is_shown() {
        let line = format!("{}Loud{}", "a".repeat(1_000), "b".repeat(1_000));
        let (shown, before, length) = excerpt(&line, 1_000, Some(4));
        assert_eq!((before, length), (1 + MAX_BEFORE, 4));
        let expected = format!("…{}Loud{}…", "a".repeat(120), "b".repeat(236));
        assert_eq!(shown, expected);
    }
}
