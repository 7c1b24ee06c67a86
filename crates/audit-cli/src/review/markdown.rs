//! The review as a comment for a pull request.

use std::fmt::Write as _;

use audit_types::excerpt::excerpt_up_to;
use audit_types::format::counted;

use super::outcome::Outcome;
use super::policies::{ChangeKind, Compared, ReviewedPolicy};
use crate::check::ExaminedFinding;
use crate::markdown::{code, words};
use crate::test::TestResults;

/// First line of the comment, which is not shown. An Action finds its previous comment by it.
const MARKER: &str = "<!-- audit-policy review -->";

/// Maximum length of the comment in bytes. GitHub rejects one of more than 65,536 characters.
const MAX_BYTES: usize = 60_000;

/// Part of it for the tests.
const MAX_TEST_BYTES: usize = 15_000;

/// Maximum number of new findings that are listed for a policy. With the differences, that stays under 60 lines.
const MAX_FINDINGS: usize = 8;

/// Maximum number of files of tests that are listed.
const MAX_TEST_FILES: usize = 20;

/// Maximum number of failed cases that are listed.
const MAX_CASES: usize = 20;

/// Maximum length of a text of the user in characters.
const MAX_TEXT: usize = 300;

/// Returns the comment.
pub(super) fn comment(outcome: &Outcome) -> String {
    let mut out = format!("{MARKER}\n## Audit policy review\n\n");
    totals(outcome, &mut out);
    let tests = tests(&outcome.tests);
    // The sentence about what is left out.
    let max = MAX_BYTES - tests.len().min(MAX_TEST_BYTES) - 200;
    let mut left_out: usize = 0;
    for policy in &outcome.policies {
        let full = section(policy, true);
        let fits = |text: &str| out.len().saturating_add(text.len()) <= max;
        if fits(&full) {
            out.push_str(&full);
            continue;
        }
        let short = section(policy, false);
        match fits(&short) {
            true => out.push_str(&short),
            false => left_out += 1,
        }
    }
    if left_out > 0 {
        let policies = counted(left_out as f64, "policy", "policies");
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n{policies} more: `--format json` prints all.");
    }
    out.push_str(&tests);
    out
}

/// Writes what the comment is about in one sentence.
fn totals(outcome: &Outcome, out: &mut String) {
    let mut base = String::new();
    code(&excerpt_up_to(&outcome.base, MAX_TEXT), &mut base);
    let policies = &outcome.policies;
    let mut parts = Vec::new();
    let failing = |is_accepted| {
        let failing = policies.iter().filter(|policy| policy.fails());
        failing
            .filter(|policy| (policy.is_accepted() == Some(true)) == is_accepted)
            .count()
    };
    for (number, words) in [
        (failing(false), "rejected"),
        (failing(true), "with an error"),
    ] {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    let losing = |policy: &&ReviewedPolicy| matches!(&policy.comparison, Compared::Differences(found) if found.losses > 0);
    let losing = policies.iter().filter(losing).count();
    if losing > 0 {
        parts.push(format!("{losing} with less in the log than before"));
    }
    let new: usize = policies
        .iter()
        .map(|policy| policy.findings.new.len())
        .sum();
    if new > 0 {
        parts.push(counted(new as f64, "new finding", "new findings"));
    }
    let failed = outcome.tests.iter();
    let failed: usize = failed
        .map(|tests| tests.failed.len() + usize::from(tests.error.is_some()))
        .sum();
    if failed > 0 {
        parts.push(counted(failed as f64, "failed test", "failed tests"));
    }
    let changed = match policies.len() {
        0 => "No policy has changed".to_owned(),
        1 => "1 policy has changed".to_owned(),
        number => format!("{number} policies have changed"),
    };
    let parts = match parts.is_empty() {
        true => String::new(),
        false => format!(": {}", parts.join(", ")),
    };
    let _ = writeln!(out, "{changed} since {base}{parts}.");
}

/// Returns the section of a policy. Without details, it is only what happened to it.
fn section(policy: &ReviewedPolicy, has_details: bool) -> String {
    let mut out = String::from("\n### ");
    heading(policy, &mut out);
    out.push_str("\n\n");
    verdict(policy, &mut out);
    match &policy.comparison {
        Compared::Not => {}
        Compared::TooLarge(reason) => {
            out.push_str("\nThe differences are not known: ");
            text(reason, &mut out);
            out.push('\n');
        }
        Compared::Differences(found) if has_details => {
            out.push('\n');
            out.push_str(&found.markdown);
        }
        Compared::Differences(found) => {
            let classes = counted(found.classes as f64, "class", "classes");
            let _ = writeln!(
                out,
                "\n{classes} of requests treated differently, {} with losses. `--format json` prints all.",
                found.losses
            );
        }
    }
    findings(policy, has_details, &mut out);
    out
}

fn heading(policy: &ReviewedPolicy, out: &mut String) {
    code(&excerpt_up_to(&policy.file, MAX_TEXT), out);
    if let Some((title, path)) = &policy.place {
        out.push_str(": ");
        if !path.is_empty() {
            code(&excerpt_up_to(path, MAX_TEXT), out);
            out.push_str(" of ");
        }
        text(title, out);
    }
    if let Some(old) = &policy.old_file {
        out.push_str(", renamed from ");
        code(&excerpt_up_to(old, MAX_TEXT), out);
    }
}

/// Writes whether the server accepts the policy, and whether it did before.
fn verdict(policy: &ReviewedPolicy, out: &mut String) {
    let rules = |rules: usize| counted(rules as f64, "rule", "rules");
    match (policy.kind, &policy.rejection) {
        (ChangeKind::Deleted, _) => {
            out.push_str("Deleted: what it recorded depends on other policies now.\n")
        }
        (_, Some(error)) => {
            let before = match policy.was_rejected {
                _ if policy.is_accepted() == Some(true) => "Accepted, but **with an error**",
                None => "New, and **rejected**",
                Some(true) => "**Rejected**, as before",
                Some(false) => "**Rejected**; it was accepted before",
            };
            out.push_str(before);
            out.push_str(": ");
            text(error, out);
            out.push('\n');
        }
        (_, None) => {
            let mut verdict = match (policy.kind, policy.was_rejected, policy.rules) {
                (_, _, None) => "Not checked: it has to be rendered first".to_owned(),
                (ChangeKind::Added, _, Some(number)) => {
                    format!("New: accepted, {}", rules(number))
                }
                (_, Some(true), Some(number)) => {
                    format!("Accepted, {}; it was rejected before", rules(number))
                }
                (_, _, Some(number)) => format!("Accepted, {}", rules(number)),
            };
            verdict.push_str(".\n");
            out.push_str(&verdict);
        }
    }
    if let Some(warning) = &policy.new_warning {
        out.push_str("\nkube-apiserver warns: ");
        text(warning, out);
        out.push('\n');
    }
}

fn findings(policy: &ReviewedPolicy, has_details: bool, out: &mut String) {
    let (new, gone) = (&policy.findings.new, &policy.findings.gone);
    let number_gone = match gone.len() {
        0 => None,
        1 => Some("1 finding is gone".to_owned()),
        number => Some(format!("{number} findings are gone")),
    };
    let number = match new.len() {
        0 => None,
        number => Some(counted(number as f64, "new finding", "new findings")),
    };
    let parts: Vec<String> = number.into_iter().chain(number_gone).collect();
    if parts.is_empty() {
        return;
    }
    // Of a deleted policy, all findings are gone.
    let has_details = has_details && policy.kind != ChangeKind::Deleted;
    let end = match has_details {
        true => ":\n",
        false => ".",
    };
    let _ = writeln!(out, "\n{}{end}", parts.join("; "));
    if !has_details {
        return;
    }
    for finding in new.iter().take(MAX_FINDINGS) {
        self::finding(finding, out);
    }
    if new.len() > MAX_FINDINGS {
        let _ = writeln!(out, "- and {} more", new.len() - MAX_FINDINGS);
    }
    for finding in gone.iter().take(MAX_FINDINGS) {
        let _ = write!(out, "- gone: {}: ", finding.code);
        text(&finding.message, out);
        out.push('\n');
    }
    if gone.len() > MAX_FINDINGS {
        let _ = writeln!(out, "- and {} more gone", gone.len() - MAX_FINDINGS);
    }
}

fn finding(finding: &ExaminedFinding, out: &mut String) {
    let severity = finding.severity.name();
    let _ = write!(
        out,
        "- {severity} {}, line {}: ",
        finding.code, finding.line
    );
    text(&finding.message, out);
    if !finding.help.is_empty() {
        out.push_str(" (help: ");
        text(&finding.help, out);
        out.push(')');
    }
    out.push('\n');
}

/// Returns the section of the tests. Empty if there are none.
fn tests(all: &[TestResults]) -> String {
    let mut out = String::new();
    if all.is_empty() {
        return out;
    }
    out.push_str(
        "\n### Tests\n\n| file | passed | failed | not decidable |\n| --- | --- | --- | --- |\n",
    );
    // Whoever reads no further knows what fails.
    let failed = all.iter().filter(|tests| !tests.has_passed());
    let passed = all.iter().filter(|tests| tests.has_passed());
    for tests in failed.chain(passed).take(MAX_TEST_FILES) {
        out.push_str("| ");
        code(&excerpt_up_to(&tests.file, MAX_TEXT), &mut out);
        let counts = match tests.error {
            Some(_) => " | | not run | |".to_owned(),
            None => format!(
                " | {} | {} | {} |",
                tests.passed,
                tests.failed.len(),
                tests.undecidable
            ),
        };
        out.push_str(&counts);
        out.push('\n');
    }
    if all.len() > MAX_TEST_FILES {
        let _ = writeln!(out, "\nand {} more files.", all.len() - MAX_TEST_FILES);
    }
    let mut lines = all.iter().flat_map(failures);
    let mut is_first = true;
    for line in lines.by_ref().take(MAX_CASES) {
        if out.len() + line.len() > MAX_TEST_BYTES {
            out.push_str("- and more\n");
            return out;
        }
        if std::mem::take(&mut is_first) {
            out.push('\n');
        }
        out.push_str(&line);
    }
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(out, "- and {more} more");
    }
    out
}

/// Returns a line for each case of a file that fails.
fn failures(tests: &TestResults) -> impl Iterator<Item = String> {
    let start = |line: Option<usize>| {
        let mut out = String::from("- ");
        code(&excerpt_up_to(&tests.file, MAX_TEXT), &mut out);
        if let Some(line) = line {
            let _ = write!(out, " line {line}");
        }
        out.push_str(": ");
        out
    };
    let error = tests.error.iter().map(move |error| {
        let mut out = start(None);
        text(error, &mut out);
        out.push('\n');
        out
    });
    let failed = tests.failed.iter().map(move |case| {
        let mut out = start(Some(case.line));
        text(&case.name, &mut out);
        out.push_str(": ");
        text(&case.message, &mut out);
        if let Some(witness) = &case.witness {
            out.push_str("; for example: ");
            text(witness, &mut out);
        }
        out.push('\n');
        out
    });
    error.chain(failed)
}

/// Writes words with code in backticks, up to a maximum length, on one line.
fn text(text: &str, out: &mut String) {
    let mut shown: String = text.chars().take(MAX_TEXT).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    words(&shown, out);
}
