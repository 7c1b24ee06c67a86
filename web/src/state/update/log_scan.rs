//! Changes of results that are computed from the whole log on request.

use playground_protocol::{
    AnalysisRequest, EventId, FoundEvents, LogScan, LogScanStatus, LogScanStep,
};

use super::analysis::send;
use crate::dom_ids;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::log_scan::LogScanAction;
use crate::state::ui::{Pane, Tab};

/// Maximum size in bytes of a log that is searched for findings without a request: it takes a moment.
const SMALL_LOG: f64 = 32e6;

impl AppState {
    pub(crate) fn update_log_scan(&mut self, action: LogScanAction) -> Vec<Effect> {
        match action {
            LogScanAction::Search => self.scan(LogScan::Findings),
            LogScanAction::CancelSearch => {
                let job = self.log_scans.findings.end("The search was cancelled.");
                cancel(job)
            }
            LogScanAction::CancelTimeline => {
                let job = self.log_scans.timeline.end("The timeline was cancelled.");
                cancel(job)
            }
            LogScanAction::ShowFindings => self.show_tab(Tab::LogFindings),
            LogScanAction::List(events) => self.list_found(events),
            LogScanAction::Open(event) => {
                self.list(|_| ());
                self.show_event(event)
            }
            LogScanAction::ClearFilter => {
                self.change_view(|view| view.finding = None);
                self.requests_for_view()
            }
            LogScanAction::ShowTimeline(event) => self.show_timeline(event),
        }
    }

    /// Searches a log that was read, if it is small.
    pub(crate) fn search_small_log(&mut self) -> Vec<Effect> {
        self.log_scans.is_considered = true;
        let bytes = self.log.as_ref().map_or(0.0, |log| {
            log.files.iter().map(|file| file.bytes).sum::<f64>()
        });
        match bytes <= SMALL_LOG && !self.embed.is_compact {
            true => self.scan(LogScan::Findings),
            false => Vec::new(),
        }
    }

    fn scan(&mut self, of: LogScan) -> Vec<Effect> {
        match self.can_scan_log() {
            true => vec![send(&self.log_scans.start(of))],
            false => Vec::new(),
        }
    }

    fn show_timeline(&mut self, event: EventId) -> Vec<Effect> {
        let mut effects = cancel(self.log_scans.timeline.end(""));
        self.log_scans.timeline.shown = None;
        effects.extend(self.scan(LogScan::Timeline(event)));
        effects.extend(self.show_tab(Tab::Timeline));
        effects
    }

    fn show_tab(&mut self, tab: Tab) -> Vec<Effect> {
        self.tab = tab;
        let mut effects = self.show_pane(Pane::Inspector);
        effects.push(Effect::Focus(dom_ids::INSPECTOR_PANEL));
        effects
    }

    fn list_found(&mut self, events: FoundEvents) -> Vec<Effect> {
        match events {
            FoundEvents::Unlisted => return Vec::new(),
            FoundEvents::Problems => return self.show_tab(Tab::Problems),
            FoundEvents::Kind(kind) => self.list(|view| view.finding = Some(kind)),
            FoundEvents::Filter(filter) => self.list(|view| view.text = filter),
        }
        self.focus_events()
    }

    /// Receives progress or the result of a scan, and requests its next part.
    pub(super) fn log_scanned(&mut self, step: LogScanStep) -> Vec<Effect> {
        let Some(running) = self.log_scans.running(step.job) else {
            return Vec::new();
        };
        match step.status {
            LogScanStatus::Running { bytes, total_bytes } => {
                running.bytes = bytes;
                running.total_bytes = total_bytes;
                return vec![send(&running.request())];
            }
            LogScanStatus::Failed(reason) => {
                match running.of {
                    LogScan::Findings => self.log_scans.findings.end(&reason),
                    LogScan::Timeline(_) => self.log_scans.timeline.end(&reason),
                };
            }
            LogScanStatus::Findings(view) => {
                self.log_scans.receive_findings(view);
                // Events may be listed by an earlier search.
                if self.table.view.finding.is_some() {
                    self.table.mark_outdated();
                    return self.requests_for_view();
                }
            }
            LogScanStatus::Timeline(view) => self.log_scans.timeline.finish(view),
        }
        Vec::new()
    }
}

fn cancel(job: Option<u32>) -> Vec<Effect> {
    let request = job.map(AnalysisRequest::CancelScan);
    request.iter().map(send).collect()
}
