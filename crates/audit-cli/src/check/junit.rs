//! Findings as XML of JUnit: one suite per policy, with a case for the server's verdict and one for each finding.

use std::io::Write;

use audit_policy::{Diagnostic, LineIndex};

use super::policy::PolicyReport;
use super::report::{FileReport, Reporter};
use super::sarif::message;
use crate::error::Result;
use crate::formats::junit::{self, escape};

/// Reports as XML.
pub(super) struct Junit;

impl Reporter for Junit {
    fn begin(&mut self, out: &mut dyn Write) -> Result {
        junit::begin(out)
    }

    fn file(&mut self, report: &FileReport<'_>, out: &mut dyn Write) -> Result {
        for policy in report.policies {
            suite(report, policy, out)?;
        }
        Ok(())
    }

    fn unread(&mut self, file: &str, message: &str, out: &mut dyn Write) -> Result {
        junit::unread(file, "can be read", message, out)
    }

    fn end(&mut self, out: &mut dyn Write) -> Result {
        junit::end(out)
    }
}

fn suite(report: &FileReport<'_>, policy: &PolicyReport<'_>, out: &mut dyn Write) -> Result {
    let place = policy.place.as_ref().and_then(|place| place.path);
    let name = match place.filter(|path| !path.is_empty()) {
        Some(path) => format!("{} {path}", report.file),
        None => report.file.to_owned(),
    };
    let name = escape(&name);
    let fails = |finding: &Diagnostic| {
        report
            .fail_on
            .is_some_and(|lowest| finding.severity >= lowest)
    };
    let has_verdict = !policy.is_config();
    let tests = policy.findings.len() + usize::from(has_verdict);
    let of_findings = policy.findings.iter().filter(|finding| fails(finding));
    let failures = of_findings.count() + usize::from(has_verdict && !policy.is_passed());
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\">"
    )?;
    if has_verdict {
        verdict(policy, &name, out)?;
    }
    for finding in policy.findings {
        case(finding, report.lines, &name, fails(finding), out)?;
    }
    writeln!(out, "  </testsuite>")?;
    Ok(())
}

/// Writes the case of the server's verdict.
fn verdict(policy: &PolicyReport<'_>, suite: &str, out: &mut dyn Write) -> Result {
    write!(
        out,
        "    <testcase name=\"kube-apiserver accepts it\" classname=\"{suite}\""
    )?;
    if policy.is_passed() {
        writeln!(out, "/>")?;
        return Ok(());
    }
    let error = escape(policy.error().unwrap_or("it has errors"));
    writeln!(
        out,
        ">\n      <failure message=\"{error}\"/>\n    </testcase>"
    )?;
    Ok(())
}

/// Writes the case of a finding. One that does not fail the check is passed, with the finding as its output.
fn case(
    finding: &Diagnostic,
    lines: &LineIndex<'_>,
    suite: &str,
    fails: bool,
    out: &mut dyn Write,
) -> Result {
    let start = lines.position(finding.span().unwrap_or_default().start);
    let name = format!("{} line {}", finding.code, start.line);
    let name = escape(&name);
    writeln!(out, "    <testcase name=\"{name}\" classname=\"{suite}\">")?;
    let text = escape(&message(finding));
    let severity = finding.severity.name();
    if fails {
        let first = escape(&finding.message);
        writeln!(
            out,
            "      <failure type=\"{severity}\" message=\"{first}\">{text}</failure>"
        )?;
    } else {
        writeln!(out, "      <system-out>{severity}: {text}</system-out>")?;
    }
    writeln!(out, "    </testcase>")?;
    Ok(())
}
