//! `verify`: whether logs were written by servers with a policy.

mod record;
mod report;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;

use audit_log::{Event, Location, LogItem, LogReader};
use audit_policy::KubernetesVersion;
use audit_sim::policy_check::{PolicyCheck, PolicyCheckResult, best_fit, node_name};

use crate::arguments::{TextOrJson, Verify};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogProblems, LogReport, all_read};
use crate::input::{check_read_once, policy};
use crate::logs::read_log;
use crate::output::Output;
use record::Window;
use report::{LogSource, Report};

/// Maximum number of nodes that are distinguished in a log. Events of further nodes count as those of the file.
const MAX_NODES: usize = 256;

/// Checks every event of every log against every policy.
pub(crate) fn run(arguments: &Verify, version: KubernetesVersion) -> Result {
    check_read_once(arguments.policies.iter().chain(&arguments.logs))?;
    let mut checks = Vec::new();
    for name in &arguments.policies {
        checks.push(PolicyCheck::new(&policy(name, version)?));
    }
    let mut logs = Logs {
        checks,
        sources: Vec::new(),
        ids: HashMap::new(),
        window: Window::default(),
        files: Vec::new(),
    };
    for name in &arguments.logs {
        logs.read(name)?;
    }
    let Logs {
        checks,
        sources,
        files,
        ..
    } = logs;
    let results: Vec<PolicyCheckResult> = checks.into_iter().map(PolicyCheck::finish).collect();
    let Some(best) = best_fit(&results) else {
        return Ok(());
    };
    let report = Report {
        policies: &arguments.policies,
        results: &results,
        best,
        sources: &sources,
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
    sources: Vec<LogSource>,
    /// Indices of sources, by node, for the current file.
    ids: HashMap<Option<String>, usize>,
    /// The last bytes of the current file.
    window: Window,
    files: Vec<LogReport>,
}

impl Logs {
    fn read(&mut self, name: &FileName) -> Result {
        self.ids.clear();
        self.window = Window::default();
        let mut reader = LogReader::new();
        let mut reading = LogProblems::new(name);
        let unpacking = read_log(name, &mut |bytes| {
            reading.observe(bytes);
            self.window.push(bytes);
            reader.push(bytes, &mut |item| self.take(&mut reading, item));
            Ok(())
        });
        let unpacking = match unpacking {
            Ok(unpacking) => unpacking,
            Err(error) => {
                reading.read_error(error)?;
                self.files.push(reading.interrupted(reader.events()));
                return Ok(());
            }
        };
        let summary = reader.finish(&mut |item| self.take(&mut reading, item));
        self.files
            .push(reading.finish(&summary, unpacking.err().as_ref()));
        Ok(())
    }

    fn take(&mut self, reading: &mut LogProblems<'_>, item: LogItem<'_>) {
        match item {
            LogItem::Event(location, event) => self.check(reading.name(), location, event),
            LogItem::Problem(problem) => reading.problem(&problem),
        }
    }

    fn check(&mut self, file: &str, location: Location, event: &Event<'_>) {
        let node = node_name(event).map(Cow::into_owned);
        let node = node.or_else(|| self.window.node(location));
        let source = self.source(file, node);
        for check in &mut self.checks {
            check.push(source, location, event);
        }
    }

    /// Returns the index of the source of an event.
    fn source(&mut self, file: &str, node: Option<String>) -> usize {
        if let Some(known) = self.ids.get(&node) {
            return *known;
        }
        let node = node.filter(|_| self.ids.len() < MAX_NODES);
        if let Some(known) = self.ids.get(&node) {
            return *known;
        }
        let index = self.sources.len();
        self.sources.push(LogSource {
            file: file.to_owned(),
            node: node.clone(),
        });
        self.ids.insert(node, index);
        index
    }
}
