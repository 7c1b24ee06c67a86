//! A checked policy for people: what the server says, each finding under its source line, and the policy as the server holds it.

use std::io::Write;

use audit_policy::span::LineIndex;
use audit_policy::{Finding, Severity};

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
        None => style.paint(Role::Error, "rejected"),
    };
    writeln!(out, "{}: {verdict}", style.paint(Role::Strong, file))?;
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

fn print_finding(
    file: &str,
    finding: &Finding,
    index: &LineIndex<'_>,
    style: Style,
    out: &mut impl Write,
) -> Outcome {
    let role = match finding.severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Info => Role::Note,
    };
    let start = index.position(finding.span.start);
    let end = index.position(finding.span.end);
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
        "{margin}{arrow} {file}:{}:{}",
        start.line, start.column
    )?;
    let line = index.line_text(start.line);
    let width = line.chars().count() + 1;
    let last = if end.line == start.line {
        end.column
    } else {
        width
    };
    let length = last.saturating_sub(start.column).max(1);
    let underline =
        " ".repeat(start.column.saturating_sub(1)) + &style.paint(role, &"^".repeat(length));
    writeln!(out, "{margin} {bar}")?;
    writeln!(
        out,
        "{} {bar} {}",
        style.paint(Role::Faint, &number),
        safe(line)
    )?;
    writeln!(out, "{margin} {bar} {underline}")?;
    if !finding.help.is_empty() {
        writeln!(out, "{margin} = help: {}", safe(&finding.help))?;
    }
    if let Some(fix) = &finding.fix {
        writeln!(out, "{margin} = fix: {} (`--fix`)", safe(&fix.title))?;
    }
    Ok(())
}
