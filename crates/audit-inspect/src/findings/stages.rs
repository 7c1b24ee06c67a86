//! Stages that no event of a log has.

use audit_log::{Event, json};
use audit_types::{Diagnostic, Stage, format};

use crate::codes::LogCode;
use crate::log_finding::{FoundEvents, LogFinding};

/// Minimum number of events of a log in which a missing stage means something: a shorter one may be an extract.
const MIN_EVENTS: u64 = 20;

/// Numbers of events by stage.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stages {
    received: u64,
    started: u64,
    complete: u64,
    /// Watches that are complete.
    watches: u64,
    unknown: u64,
}

impl Stages {
    pub(crate) fn push(&mut self, event: &Event<'_>) {
        match event.recorded_stage() {
            Some(Stage::RequestReceived) => self.received += 1,
            Some(Stage::ResponseStarted) => self.started += 1,
            Some(Stage::ResponseComplete) => {
                self.complete += 1;
                let verb = event.verb.and_then(json::string);
                self.watches += u64::from(verb.as_deref() == Some("watch"));
            }
            Some(_) => {}
            None => self.unknown += 1,
        }
    }

    pub(crate) fn finish<P>(self) -> Vec<LogFinding<P>> {
        let events = self.received + self.started + self.complete;
        if events < MIN_EVENTS || self.unknown > 0 {
            return Vec::new();
        }
        let mut all = Vec::new();
        let mut add = |message: String, help: &str| {
            all.push(LogFinding {
                diagnostic: Diagnostic::of(LogCode::MissingStage, message).with_help(help),
                count: events,
                first: Vec::new(),
                events: FoundEvents::Unlisted,
            });
        };
        if self.received == 0 {
            add(
                "no event has the stage `RequestReceived`".to_owned(),
                "this is usual, because most policies omit it; requests that never got an answer, such as those during a crash of kube-apiserver, are not in the log",
            );
        }
        if self.started == 0 && self.watches > 0 {
            let watches = format::counted(self.watches as f64, "watch", "watches");
            add(
                format!("no event has the stage `ResponseStarted`, although {watches} ended"),
                "the policy omits it, or the log was filtered: failed authentications (401) have only this stage, so they are not in the log, and neither are watches, exec and logs that have not ended",
            );
        }
        if self.complete == 0 {
            add(
                "no event has the stage `ResponseComplete`".to_owned(),
                "the policy omits it, or the log was filtered: results of ordinary requests are not in the log",
            );
        }
        all
    }
}
