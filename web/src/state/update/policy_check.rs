//! Changes of the check whether the log was written by the policy.

use playground_protocol::{
    ContradictionFilter, ContradictionKind, ContradictionView, EventId, PolicyCheckStatus,
    PolicyCheckStep, RuleFilter, ToWorker, View,
};

use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::policy_check::{PolicyCheckAction, RunningCheck};
use crate::state::table::Selection;
use crate::state::ui::{Pane, Tab};

impl AppState {
    pub(crate) fn update_policy_check(&mut self, action: PolicyCheckAction) -> Vec<Effect> {
        match action {
            PolicyCheckAction::Start if self.can_check_policy() => {
                vec![Effect::Send(self.policy_check.start())]
            }
            PolicyCheckAction::Start => Vec::new(),
            PolicyCheckAction::Cancel => {
                self.policy_check.end("The check was cancelled.");
                vec![Effect::Send(ToWorker::CancelPolicyCheck)]
            }
            PolicyCheckAction::ListAll => {
                self.list(|view| view.contradiction = Some(ContradictionFilter::Any));
                self.focus_events()
            }
            PolicyCheckAction::List(found) => {
                self.list_contradiction(&found);
                self.focus_events()
            }
            PolicyCheckAction::Open(found) => {
                self.list_contradiction(&found);
                self.show_event(found.event)
            }
            PolicyCheckAction::OpenSecret(event) => {
                self.list(|_| ());
                self.show_event(event)
            }
            PolicyCheckAction::ClearFilter => {
                self.change_view(|view| view.contradiction = None);
                self.requests_for_view()
            }
        }
    }

    /// Shows the events, and focuses them.
    pub(super) fn focus_events(&mut self) -> Vec<Effect> {
        let mut effects = self.show_pane(Pane::Events);
        effects.extend(self.requests_for_view());
        effects.push(Effect::Focus(dom_ids::EVENTS_GRID));
        effects
    }

    /// Selects an event that is listed, and shows why it has its outcome.
    pub(super) fn show_event(&mut self, event: EventId) -> Vec<Effect> {
        self.table.selection = Some(Selection::of_chosen(event));
        self.tab = Tab::Why;
        let mut effects = self.show_pane(Pane::Inspector);
        effects.extend(self.requests_for_view());
        effects.extend(self.request_inspection());
        effects.push(Effect::Focus(dom_ids::INSPECTOR_PANEL));
        effects
    }

    fn list_contradiction(&mut self, found: &ContradictionView) {
        let filter = match found.kind {
            // No event shows that another is missing; those of the rule all do.
            ContradictionKind::MissingStage => None,
            kind => Some(ContradictionFilter::Kind(kind)),
        };
        let rule = RuleFilter::from(found.rule);
        self.list(|view| {
            view.contradiction = filter;
            view.rule = filter.is_none().then_some(rule);
        });
    }

    /// Lists events in the log's own order, with no other filter.
    pub(super) fn list(&mut self, select: impl FnOnce(&mut View)) {
        self.change_view(|view| {
            *view = View::default();
            select(view);
        });
    }

    /// Receives progress or the result of a check, and requests its next part.
    pub(super) fn policy_check_step(&mut self, step: PolicyCheckStep) -> Vec<Effect> {
        let check = &mut self.policy_check;
        let Some(running) = check.running.filter(|running| running.job == step.job) else {
            return Vec::new();
        };
        match step.status {
            PolicyCheckStatus::Running { bytes, total_bytes } => {
                check.running = Some(RunningCheck {
                    bytes,
                    total_bytes,
                    ..running
                });
                vec![Effect::Send(ToWorker::CheckPolicy { job: step.job })]
            }
            PolicyCheckStatus::Failed(reason) => {
                check.end(&reason);
                Vec::new()
            }
            PolicyCheckStatus::Finished(report) => {
                check.running = None;
                check.shown = Some(IdentityRc::new(*report));
                // Events may be listed by an earlier check.
                if self.table.view.contradiction.is_some() {
                    self.table.mark_outdated();
                    return self.requests_for_view();
                }
                Vec::new()
            }
        }
    }
}
