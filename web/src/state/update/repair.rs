//! Changes of the repair of a damaged policy.

use playground_protocol::{AnalysisRequest, RepairReport, RepairRequest};

use super::analysis::send;
use crate::dom_ids;
use crate::state::app_state::AppState;
use crate::state::effect::{EditorCommand, Effect};
use crate::state::repair::RepairAction;

impl AppState {
    pub(crate) fn update_repair(&mut self, action: RepairAction) -> Vec<Effect> {
        match action {
            RepairAction::Show(is_open) => {
                self.repair.is_open = is_open;
                vec![Effect::Focus(dom_ids::REPAIR)]
            }
            RepairAction::Choose(line, reading) => {
                let answers = &mut self.repair.answers;
                answers.retain(|(answered, _)| *answered != line);
                answers.extend(reading.map(|reading| (line, reading)));
                self.repair.report.mark_outdated();
                self.request_repair()
            }
            RepairAction::Apply => self.apply_repair(),
        }
    }

    /// Requests the repair of another text, once the server's verdict on it is known.
    pub(crate) fn follow_repair(&mut self) -> Vec<Effect> {
        self.repair.generation = self.generation;
        self.repair.answers.clear();
        self.repair.report.mark_outdated();
        self.request_repair()
    }

    fn request_repair(&mut self) -> Vec<Effect> {
        let Some(number) = self.repair.report.begin() else {
            return Vec::new();
        };
        vec![send(&AnalysisRequest::Repair(RepairRequest {
            number,
            text: (*self.text).clone(),
            version: self.version,
            answers: self.repair.answers.clone(),
        }))]
    }

    /// Keeps a repair, and requests the next one if something has changed meanwhile.
    pub(super) fn repaired(&mut self, report: RepairReport) -> Vec<Effect> {
        let is_damaged = report.repair.is_some();
        if !self.repair.report.receive(report.number, report) {
            return Vec::new();
        }
        self.repair.is_open &= is_damaged;
        self.request_repair()
    }

    /// Puts the repaired text into the editor, as if it had been typed.
    fn apply_repair(&mut self) -> Vec<Effect> {
        if !self.repair.report.is_fresh() || self.repair.generation != self.generation {
            return Vec::new();
        }
        let report = self.repair.report.shown.as_deref();
        let repair = report.and_then(|report| report.repair.as_ref());
        let Some(repair) = repair.filter(|repair| !repair.edits.is_empty()) else {
            return Vec::new();
        };
        let apply = Effect::Edit(EditorCommand::Apply(repair.edits.clone()));
        self.repair.is_open = false;
        vec![apply, Effect::Edit(EditorCommand::Focus)]
    }
}
