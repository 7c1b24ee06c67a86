//! Changes of the place where logs live.

use playground_protocol::AnalysisRequest;
use playground_protocol::logs_place::{PlaceReport, PlaceRequest};

use super::analysis::send;
use crate::state::analysis::AnalysisAction;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::logs_place::PlaceAction;
use crate::state::ui::{Dialog, Pane};

impl AppState {
    pub(crate) fn update_place(&mut self, action: PlaceAction) -> Vec<Effect> {
        match action {
            PlaceAction::Open => self.dialog = Some(Dialog::Place),
            PlaceAction::Choose(place) => {
                self.place.place = place;
                self.place.way = 0;
            }
            PlaceAction::ChooseWay(way) => self.place.way = way,
            PlaceAction::Compare => return self.compare_with_cloud(),
        }
        // Opened again, the policy may be another one.
        self.place.answered.mark_outdated();
        self.request_place()
    }

    fn request_place(&mut self) -> Vec<Effect> {
        if self.dialog != Some(Dialog::Place) {
            return Vec::new();
        }
        let Some(number) = self.place.answered.begin() else {
            return Vec::new();
        };
        vec![send(&AnalysisRequest::Place(PlaceRequest {
            number,
            place: self.place.place,
            way: self.place.way,
        }))]
    }

    /// Keeps an answer, and requests the next one if another place was chosen meanwhile.
    pub(super) fn place_answered(&mut self, report: PlaceReport) -> Vec<Effect> {
        if !self.place.answered.receive(report.number, report) {
            return Vec::new();
        }
        self.request_place()
    }

    /// Shows the differences between the cloud's rules, as the baseline, and the policy.
    fn compare_with_cloud(&mut self) -> Vec<Effect> {
        let shown = self.place.answered.shown.as_deref();
        let cloud = shown.and_then(|report| report.cloud.as_ref());
        let Some((title, policy)) =
            cloud.and_then(|cloud| Some((cloud.title.clone(), cloud.policy.clone()?)))
        else {
            return Vec::new();
        };
        self.dialog = None;
        let mut effects = self.update_analysis(AnalysisAction::OpenBaseline(title, policy));
        effects.extend(self.show_pane(Pane::Compare));
        effects
    }
}
