//! `verify`: whether logs were written by servers with a policy.

mod report;

use std::io::Write;

use audit_log::{Event, Location, Problem};
use audit_policy::KubernetesVersion;
use audit_redact::LogSecrets;
use audit_sim::policy_check::{PolicyCheck, PolicyCheckResult, SourceFinder, best_fit};

use crate::arguments::{TextOrJson, Verify};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogReport, all_read};
use crate::input::check_read_once;
use crate::logs::{LogVisitor, visit_log};
use crate::output::Output;
use crate::policy_file::policy;
use report::Report;

/// Checks every event of every log against every policy.
pub(crate) fn run(arguments: &Verify, version: KubernetesVersion) -> Result {
    check_read_once(arguments.policies.iter().chain(&arguments.logs))?;
    let mut checks = Vec::new();
    for name in &arguments.policies {
        checks.push(PolicyCheck::new(&policy(name, version)?));
    }
    let mut logs = Logs {
        checks,
        finder: SourceFinder::default(),
        secrets: LogSecrets::default(),
        files: Vec::new(),
    };
    for name in &arguments.logs {
        logs.finder.begin_file(name);
        let report = visit_log(name, &mut logs)?;
        logs.files.push(report);
    }
    let Logs {
        checks,
        finder,
        secrets,
        files,
    } = logs;
    let secrets = secrets.into_counts();
    let results: Vec<PolicyCheckResult> = checks.into_iter().map(PolicyCheck::finish).collect();
    let Some(best) = best_fit(&results) else {
        return Ok(());
    };
    let report = Report {
        policies: &arguments.policies,
        results: &results,
        best,
        sources: finder.sources(),
        secrets: &secrets,
        files: &files,
    };
    let mut out = match arguments.format {
        TextOrJson::Json => Output::json(),
        TextOrJson::Text => Output::text(),
    };
    match arguments.format {
        TextOrJson::Json => report.print_json(&mut out)?,
        TextOrJson::Text => report.print_text(&mut out)?,
    }
    out.flush()?;
    all_read(&files)?;
    if report.best().consistent == Some(true) {
        Ok(())
    } else {
        Err(Error::Rejected)
    }
}

/// Logs while they are read.
struct Logs {
    checks: Vec<PolicyCheck>,
    finder: SourceFinder,
    /// Each with the index of its source and its location.
    secrets: LogSecrets<(usize, Location)>,
    files: Vec<LogReport>,
}

impl LogVisitor for Logs {
    fn bytes(&mut self, bytes: &[u8]) {
        self.finder.push(bytes);
    }

    fn event(&mut self, _: &FileName, location: Location, event: &Event<'_>) -> Result {
        let source = self.finder.source_of(location, event);
        self.secrets.push(event.raw, || (source, location));
        for check in &mut self.checks {
            check.push(source, location, event);
        }
        Ok(())
    }

    fn problem(&mut self, problem: &Problem) {
        for check in &mut self.checks {
            check.push_problem(&problem.reason);
        }
    }
}
