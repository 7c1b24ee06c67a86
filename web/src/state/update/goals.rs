//! Changes of the goals of a new policy.

use playground_protocol::{AnalysisRequest, GoalsReport, GoalsRequest};

use super::analysis::send;
use crate::dom_ids;
use crate::state::app_state::AppState;
use crate::state::effect::{EditorCommand, Effect};
use crate::state::goals::{GoalsAction, MAX_CLAIMS};
use crate::state::ui::Dialog;

impl AppState {
    pub(crate) fn update_goals(&mut self, action: GoalsAction) -> Vec<Effect> {
        let goals = &mut self.goals;
        let mut focus = None;
        match action {
            GoalsAction::Open => self.dialog = Some(Dialog::Goals),
            GoalsAction::ChoosePack(name, is_chosen) => {
                goals.packs.retain(|chosen| *chosen != name);
                goals.packs.extend(is_chosen.then_some(name));
            }
            GoalsAction::AddClaim => {
                if goals.claims.len() < MAX_CLAIMS {
                    goals.claims.push(String::new());
                }
                return vec![Effect::Focus(dom_ids::LAST_GOAL)];
            }
            GoalsAction::EditClaim(index, text) => {
                if let Some(claim) = goals.claims.get_mut(index) {
                    *claim = text;
                }
            }
            GoalsAction::RemoveClaim(index) => {
                if index < goals.claims.len() {
                    goals.claims.remove(index);
                }
                focus = Some(Effect::Focus(dom_ids::ADD_GOAL));
            }
            GoalsAction::SetOtherwise(level) => goals.otherwise = level,
            GoalsAction::Apply => return self.apply_goals(),
        }
        // Opened again, the log or the version may be another one.
        self.goals.answered.mark_outdated();
        let mut effects = self.request_goals();
        effects.extend(focus);
        effects
    }

    fn request_goals(&mut self) -> Vec<Effect> {
        if self.dialog != Some(Dialog::Goals) {
            return Vec::new();
        }
        let goals = &mut self.goals;
        let Some(number) = goals.answered.begin() else {
            return Vec::new();
        };
        vec![send(&AnalysisRequest::Goals(GoalsRequest {
            number,
            packs: goals.packs.clone(),
            claims: goals.claims.clone(),
            otherwise: goals.otherwise,
            version: self.version,
        }))]
    }

    /// Keeps a policy, and requests the next one if the goals have changed meanwhile.
    pub(super) fn goals_met(&mut self, report: GoalsReport) -> Vec<Effect> {
        if !self.goals.answered.receive(report.number, report) {
            return Vec::new();
        }
        self.request_goals()
    }

    /// Puts the policy into the editor. The one before can be restored, by a notice and in the editor.
    fn apply_goals(&mut self) -> Vec<Effect> {
        if self.embed.is_read_only || !self.goals.answered.is_fresh() {
            return Vec::new();
        }
        let Some(policy) = self.goals.policy() else {
            return Vec::new();
        };
        let text = policy.text.clone();
        self.dialog = None;
        self.claims.is_editing = false;
        self.mark_modified();
        let mut effects = self.open_policy(None, text);
        effects.push(Effect::Edit(EditorCommand::Focus));
        effects
    }
}
