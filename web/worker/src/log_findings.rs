//! Findings about the log.

use audit_inspect::{FoundEvents, LogFinding, LogFindings};
use audit_types::{EventId, LogFindingKinds};
use playground_protocol::{FoundPlace, LogFindingView, LogFindingsView, LogScanStatus};

use crate::event_marks::EventMarks;
use crate::log::Log;
use crate::log_pass::PassItem;
use crate::scan::Scan;

/// Place of an event, or of a part that is not one: its id, the index of its file, and its line.
type Place = (Option<EventId>, usize, u64);

/// Findings while the log is read.
#[derive(Default)]
pub(crate) struct FindingsScan {
    findings: LogFindings<Place>,
    marks: EventMarks<LogFindingKinds>,
}

impl Scan for FindingsScan {
    const READS_TO_THE_END: bool = true;

    fn push(&mut self, item: PassItem<'_>, _: &Log) {
        match item {
            PassItem::File(_) | PassItem::Bytes(_) => {}
            PassItem::Event {
                id,
                file,
                location,
                event,
            } => {
                let place = || (Some(id), file, location.line);
                let kinds = self.findings.push(event, place);
                if !kinds.is_empty() {
                    self.marks.set(id, kinds);
                }
            }
            PassItem::Problem { file, problem } => {
                let place = || (None, file, problem.location.line);
                self.findings.push_problem(&problem.reason, place);
            }
        }
    }

    fn finish(self, log: &mut Log) -> LogScanStatus {
        log.findings = self.marks;
        let not_examined = self.findings.not_examined();
        let findings = self.findings.finish().into_iter();
        LogScanStatus::Findings(LogFindingsView {
            findings: findings.map(|found| view(found, log)).collect(),
            not_examined,
            events: log.table.recorded(),
        })
    }
}

fn view(found: LogFinding<Place>, log: &Log) -> LogFindingView {
    let place = |(event, file, line): Place| FoundPlace {
        place: format!("{}:{line}", log.file_name(file)),
        event,
    };
    LogFindingView {
        finding: found.diagnostic,
        count: usize::try_from(found.count).unwrap_or(usize::MAX),
        events: match found.events {
            FoundEvents::Unlisted => playground_protocol::FoundEvents::Unlisted,
            FoundEvents::Kind(kind) => playground_protocol::FoundEvents::Kind(kind),
            FoundEvents::Filter(filter) => playground_protocol::FoundEvents::Filter(filter),
            FoundEvents::Problems => playground_protocol::FoundEvents::Problems,
        },
        first: found.first.into_iter().map(place).collect(),
    }
}
