//! Changes of *Tests* and *Requirements*.

use playground_protocol::{
    AddTestRequest, AddedTest, AnalysisRequest, BuiltInTests, ClaimList, ClaimsReport,
    ClaimsRequest, ClaimsStart, ClaimsStep, SimplifyReport, TestOf, TextWithTest, WhyReport,
    WhyRequest,
};

use super::analysis::send;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::claims::{ClaimsAction, OpenClaim, PolicyTab};
use crate::state::effect::{EditorCommand, Effect, FileContent};
use crate::state::opening::LogSource;
use crate::state::ui::{Pane, Tab};

impl AppState {
    pub(crate) fn update_claims(&mut self, action: ClaimsAction) -> Vec<Effect> {
        match action {
            ClaimsAction::ShowTab(tab) => {
                self.claims.tab = tab;
                self.request_claims()
            }
            ClaimsAction::Edit(text) => self.edit_tests(text),
            ClaimsAction::Open(name, text) => {
                self.show_tests();
                let before = self.claims.text.clone();
                let effects = self.put_tests(text);
                let name = name.map_or_else(String::new, |name| [" ", &in_code(&name)].concat());
                self.claims.message = Some(["Opened the tests", &name, "."].concat());
                self.claims.before = Some(before).filter(|text| !text.is_empty());
                effects
            }
            ClaimsAction::OpenBuiltIn(tests) => {
                vec![send(&AnalysisRequest::BuiltInTests(tests))]
            }
            ClaimsAction::ShowText(is_shown) => {
                self.claims.is_editing = is_shown;
                // The focus also brings it into view.
                vec![match is_shown {
                    true => Effect::RevealTest(0, 0),
                    false => Effect::Edit(EditorCommand::Focus),
                }]
            }
            ClaimsAction::Reveal(from, to) => {
                self.claims.is_editing = true;
                vec![Effect::RevealTest(from, to)]
            }
            ClaimsAction::Save => {
                let text = FileContent::Text((*self.claims.text).clone());
                vec![Effect::SaveFile("policy-tests.yaml".to_owned(), text)]
            }
            ClaimsAction::Add(of) => vec![self.add_test(of)],
            ClaimsAction::Undo => {
                let before = self.claims.before.take();
                before.map_or_else(Vec::new, |text| self.put_tests((*text).clone()))
            }
            ClaimsAction::TryChanges(true) => self.try_changes(),
            ClaimsAction::TryChanges(false) => {
                self.claims.mutations.clear();
                vec![send(&AnalysisRequest::CancelClaims(ClaimList::Mutations))]
            }
            ClaimsAction::UseSettings(uses_settings) => {
                self.claims.uses_settings = uses_settings;
                self.check_settings_again()
            }
            ClaimsAction::OpenExample(list, index) => self.open_claim(list, index),
            ClaimsAction::Simplify(true) => {
                let number = self.claims.simplified.begin();
                let request = number.map(AnalysisRequest::Simplify);
                let mut effects: Vec<Effect> = request.iter().map(send).collect();
                effects.push(Effect::Focus(dom_ids::SIMPLIFY));
                effects
            }
            ClaimsAction::Simplify(false) => {
                self.claims.close_simplified();
                vec![Effect::Focus(dom_ids::SIMPLIFY)]
            }
            ClaimsAction::ApplySimplified => self.apply_simplified(),
            ClaimsAction::CloseExample => {
                self.claims.example = None;
                vec![Effect::Focus(dom_ids::INSPECTOR_PANEL)]
            }
        }
    }

    /// Puts the simpler policy into the editor, as if it had been typed.
    fn apply_simplified(&mut self) -> Vec<Effect> {
        let shown = self.claims.simplified.shown.as_deref();
        let simpler = shown.and_then(|report| report.result.as_ref().ok());
        let Some(simpler) = simpler.filter(|simpler| !simpler.edits.is_empty()) else {
            return Vec::new();
        };
        let apply = Effect::Edit(EditorCommand::Apply(simpler.edits.clone()));
        self.claims.is_editing = false;
        vec![apply, Effect::Edit(EditorCommand::Focus)]
    }

    /// Keeps a simpler policy.
    pub(super) fn policy_simplified(&mut self, report: SimplifyReport) {
        if report.generation == self.generation {
            self.claims.simplified.receive(report.number, report);
        } else {
            self.claims.close_simplified();
        }
    }

    /// Shows the tests under the policy.
    fn show_tests(&mut self) {
        self.claims.tab = PolicyTab::Tests;
        if !self.pane.replaces_events() {
            self.pane = Pane::Policy;
        }
    }

    /// Returns the request for the tests of the open example, if the tests are shown for the first time.
    fn example_tests(&mut self) -> Option<AnalysisRequest> {
        let claims = &mut self.claims;
        // Without the description, the policy is another one.
        let is_wanted = self.description.is_some()
            && claims.tab == PolicyTab::Tests
            && !claims.has_tests()
            && !claims.has_example_tests;
        match self.openings.current() {
            Some(LogSource::Example(index)) if is_wanted => {
                claims.has_example_tests = true;
                Some(AnalysisRequest::BuiltInTests(BuiltInTests::Example(*index)))
            }
            _ => None,
        }
    }

    fn edit_tests(&mut self, text: String) -> Vec<Effect> {
        if *self.claims.text == text {
            return Vec::new();
        }
        self.claims.text = IdentityRc::new(text);
        self.claims.before = None;
        self.claims.message = None;
        self.mark_modified();
        self.tests_changed()
    }

    /// Puts a text into the editor of the tests.
    fn put_tests(&mut self, text: String) -> Vec<Effect> {
        self.claims.put(text);
        self.mark_modified();
        self.tests_changed()
    }

    /// Puts the tests of another workspace into the editor, which may be none.
    pub(super) fn replace_tests(&mut self, text: String) {
        let claims = &mut self.claims;
        if *claims.text != text {
            claims.put(text);
            claims.is_editing &= claims.has_tests();
            claims.tests.clear();
            claims.mutations.clear();
        }
        claims.has_example_tests = false;
        claims.example = None;
    }

    /// Leaves the tests for those of an example.
    pub(super) fn leave_tests(&mut self) {
        let left = self.claims.text.clone();
        self.replace_tests(String::new());
        self.claims.left = Some(left).filter(|text| !text.is_empty());
    }

    /// Restores the tests that were left for an example, unless its tests were changed.
    pub(super) fn restore_tests(&mut self) {
        let claims = &mut self.claims;
        let is_unchanged = !claims.has_tests() || claims.text == claims.built_in;
        if let Some(text) = claims.left.take_if(|_| is_unchanged) {
            self.replace_tests((*text).clone());
        }
    }

    fn tests_changed(&mut self) -> Vec<Effect> {
        let claims = &mut self.claims;
        claims.tests.answered.mark_outdated();
        claims.mutations.answered.mark_outdated();
        if !claims.has_tests() {
            claims.tests.clear();
            claims.mutations.clear();
        }
        self.request_claims()
    }

    fn add_test(&mut self, of: TestOf) -> Effect {
        let claims = &mut self.claims;
        claims.number = claims.number.wrapping_add(1);
        send(&AnalysisRequest::AddTest(AddTestRequest {
            number: claims.number,
            text: (*claims.text).clone(),
            of,
        }))
    }

    /// Keeps a text with an added test.
    pub(super) fn test_added(&mut self, added: AddedTest) -> Vec<Effect> {
        if added.number != self.claims.number {
            return Vec::new();
        }
        self.show_tests();
        match added.result {
            Err(problem) => {
                let sentence = [
                    "No test was added: ",
                    &problem.message,
                    " (",
                    &problem.help,
                    ").",
                ];
                self.claims.message = Some(sentence.concat());
                Vec::new()
            }
            Ok(TextWithTest { text, name, .. }) => {
                let before = self.claims.text.clone();
                let effects = self.put_tests(text);
                self.claims.has_example_tests = true;
                self.claims.before = Some(before);
                self.claims.message = Some(["Added the test ", &in_code(&name), "."].concat());
                effects
            }
        }
    }

    /// Opens built-in tests, unless others were written meanwhile.
    pub(super) fn built_in_tests(&mut self, text: String) -> Vec<Effect> {
        if self.claims.has_tests() {
            return Vec::new();
        }
        // The workspace is not modified: they can be opened again at any time.
        self.claims.put(text);
        self.claims.built_in = self.claims.text.clone();
        self.tests_changed()
    }

    fn try_changes(&mut self) -> Vec<Effect> {
        self.claims.mutations.answered.mark_outdated();
        let request = self.begin_check(ClaimList::Mutations);
        request.iter().map(send).collect()
    }

    /// Starts a check of a list unless the shown result is fresh or a check runs.
    fn begin_check(&mut self, list: ClaimList) -> Option<AnalysisRequest> {
        let number = self.claims.check_mut(list).begin()?;
        let claims = &self.claims;
        let start = ClaimsStart {
            text: match list {
                ClaimList::Requirements => String::new(),
                ClaimList::Tests | ClaimList::Mutations => (*claims.text).clone(),
            },
            settings: claims.uses_settings.then(|| self.export.settings.clone()),
        };
        Some(AnalysisRequest::Claims(ClaimsRequest {
            list,
            number,
            start: Some(start),
        }))
    }

    /// Requests the results that are shown if they are not up to date.
    pub(crate) fn request_claims(&mut self) -> Vec<Effect> {
        if self.loading.is_some() || self.accepted.is_none() {
            return Vec::new();
        }
        let mut requests = Vec::new();
        if self.claims.has_tests() {
            requests.extend(self.begin_check(ClaimList::Tests));
        }
        if self.claims.tab == PolicyTab::Requirements {
            requests.extend(self.begin_check(ClaimList::Requirements));
        }
        requests.extend(self.example_tests());
        // The list follows the tests, once it is shown.
        let claims = &self.claims;
        let is_followed =
            claims.mutations.answered.shown.is_some() && claims.tests.answered.is_fresh();
        if is_followed && claims.has_tests() {
            requests.extend(self.begin_check(ClaimList::Mutations));
        }
        requests.iter().map(send).collect()
    }

    /// Marks the results that depend on the settings of the export as outdated, and requests those that are shown.
    pub(super) fn check_settings_again(&mut self) -> Vec<Effect> {
        self.claims.requirements.answered.mark_outdated();
        self.claims.tests.answered.mark_outdated();
        self.request_claims()
    }

    /// Keeps progress or the result of a check, and requests its next part.
    pub(super) fn claims_checked(&mut self, report: ClaimsReport) -> Vec<Effect> {
        let ClaimsReport {
            list, number, step, ..
        } = report;
        let check = self.claims.check_mut(list);
        if !check.answered.is_pending(number) {
            return Vec::new();
        }
        if let ClaimsStep::Running { done, total } = step {
            if check.answered.is_wanted(number) {
                check.progress = Some((done, total));
                let next = ClaimsRequest {
                    list,
                    number,
                    start: None,
                };
                return vec![send(&AnalysisRequest::Claims(next))];
            }
            // Nobody waits for the rest.
            check.cancel_pending();
            return self.request_claims();
        }
        check.progress = None;
        let is_first = list == ClaimList::Mutations && check.answered.shown.is_none();
        check.answered.receive(number, step);
        let mut effects = self.renew_example(list);
        if is_first {
            effects.push(Effect::Focus(dom_ids::CHANGES_TITLE));
        }
        effects.extend(self.request_claims());
        effects
    }

    /// Shows the newest example of the open claim, or closes it.
    fn renew_example(&mut self, list: ClaimList) -> Vec<Effect> {
        if self
            .claims
            .example
            .as_ref()
            .is_none_or(|open| open.list != list)
        {
            return Vec::new();
        }
        let renewed = self.claims.renewed_example();
        match renewed {
            Some(claim) => vec![self.explain_claim(claim)],
            None => {
                self.claims.example = None;
                Vec::new()
            }
        }
    }

    fn open_claim(&mut self, list: ClaimList, index: usize) -> Vec<Effect> {
        let Some(claim) = self.claims.claim(list, index) else {
            return Vec::new();
        };
        self.tab = Tab::Why;
        let mut effects = vec![self.explain_claim(claim)];
        effects.extend(self.show_pane(Pane::Inspector));
        effects.push(Effect::Focus(dom_ids::INSPECTOR_PANEL));
        effects
    }

    /// Shows an example and requests why the policy decides as it does.
    fn explain_claim(&mut self, claim: OpenClaim) -> Effect {
        let number = self.analysis.example.next_number();
        let request = claim.example.request.clone();
        self.claims.example = Some(OpenClaim { number, ..claim });
        send(&AnalysisRequest::Why(WhyRequest { number, request }))
    }

    /// Keeps the explanation of the open example. Returns `false` if it is of another one.
    pub(super) fn claim_explained(&mut self, report: &WhyReport) -> bool {
        let open = self.claims.example.as_mut();
        let Some(open) = open.filter(|open| open.number == report.number) else {
            return false;
        };
        open.why = Some(IdentityRc::new(report.clone()));
        true
    }
}

/// Returns a name as code in a sentence. A backtick would end it.
fn in_code(name: &str) -> String {
    ["`", &name.replace('`', "'"), "`"].concat()
}
