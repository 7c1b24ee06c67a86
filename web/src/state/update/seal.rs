//! Sealing the page, and checking the seal.

use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::notices::NoticeKind;
use crate::state::seal::{CheckState, SealAction, SealStatus};

impl AppState {
    pub(super) fn update_seal(&mut self, action: SealAction) -> Option<Effect> {
        match action {
            SealAction::Seal => {
                let is_open = matches!(
                    self.seal.status,
                    SealStatus::Loading | SealStatus::Failed(_)
                );
                if is_open {
                    self.seal.status = SealStatus::Sealing;
                }
                is_open.then_some(Effect::Seal)
            }
            SealAction::Finished(result) => {
                self.seal.status = match result {
                    Ok(()) => {
                        // Every part has arrived.
                        self.dismiss(NoticeKind::PartMissing);
                        SealStatus::Sealed
                    }
                    Err(reason) => {
                        self.report_missing_part();
                        SealStatus::Failed(reason)
                    }
                };
                // Earlier attempts no longer say what would happen now.
                self.seal.check = CheckState::None;
                None
            }
            SealAction::Check => {
                let is_running = self.seal.check == CheckState::Running;
                self.seal.check = CheckState::Running;
                (!is_running).then_some(Effect::CheckSeal)
            }
            SealAction::Checked(attempts) => {
                self.seal.check = CheckState::Done(attempts);
                None
            }
        }
    }
}
