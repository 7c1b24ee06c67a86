//! Tests of the policy and claims of standards: the text of the tests, the checks, and the example that is open.

use playground_protocol::{
    BuiltInTests, ClaimList, ClaimStatus, ClaimView, ClaimsStep, Example, PackView, SimplifyReport,
    TestOf, WhyReport,
};

use super::analysis::Answered;
use super::ui::EditorDocument;
use crate::identity_rc::IdentityRc;

/// A tab under the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PolicyTab {
    /// The findings.
    #[default]
    Findings,
    /// The tests.
    Tests,
    /// The claims of standards.
    Requirements,
}

impl PolicyTab {
    /// All tabs, in order.
    pub const ALL: [Self; 3] = [Self::Findings, Self::Tests, Self::Requirements];
}

/// A check of a list of claims: the newest result, and the progress of the one that runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClaimCheck {
    /// Results.
    pub answered: Answered<ClaimsStep>,
    /// Number of decided claims and of all, while a check runs.
    pub progress: Option<(usize, usize)>,
}

impl ClaimCheck {
    /// Returns the number of the next check. `None` if the shown result is fresh or a check runs.
    pub(super) fn begin(&mut self) -> Option<u32> {
        let number = self.answered.begin()?;
        self.progress = Some((0, 0));
        Some(number)
    }

    /// Forgets the result and the check that runs.
    pub(super) fn clear(&mut self) {
        self.answered.clear();
        self.answered.mark_outdated();
        self.cancel_pending();
    }

    /// Forgets the check that runs: there will be no result.
    pub(super) const fn cancel_pending(&mut self) {
        self.answered.cancel_pending();
        self.progress = None;
    }
}

/// State of *Tests* and *Requirements*.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClaimsState {
    /// Tab under the policy.
    pub tab: PolicyTab,
    /// Text of the tests.
    pub text: IdentityRc<String>,
    /// Last text that was put into the editor of the tests other than by typing.
    pub document: IdentityRc<EditorDocument>,
    /// The tests are in the place of the policy.
    pub is_editing: bool,
    /// Results of the tests.
    pub tests: ClaimCheck,
    /// Results of the claims of standards.
    pub requirements: ClaimCheck,
    /// Changes of the policy that no test notices.
    pub mutations: ClaimCheck,
    /// An equal, simpler policy.
    pub simplified: Answered<SimplifyReport>,
    /// Check claims about flags with the settings of the export.
    pub uses_settings: bool,
    /// Result of the last action on the tests: a sentence with backticks.
    pub message: Option<String>,
    /// Text before the last test that was added, or the last file that was opened.
    pub before: Option<IdentityRc<String>>,
    /// The example that is open in the inspector.
    pub example: Option<OpenClaim>,
    /// Number of the last test that was to be added.
    pub(super) number: u32,
    /// The tests of the open example were requested. They are not requested again if the user removes them.
    pub(super) has_example_tests: bool,
    /// Built-in tests as they were opened.
    pub(super) built_in: IdentityRc<String>,
    /// Tests that were left for an example.
    pub(super) left: Option<IdentityRc<String>>,
}

/// A claim whose example is open.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenClaim {
    /// The list.
    pub list: ClaimList,
    /// Name of the test or the claim, or the change.
    pub name: String,
    /// Why the claim does not hold.
    pub message: String,
    /// The request.
    pub example: Example,
    /// Why the policy decides as it does, once that is known.
    pub why: Option<IdentityRc<WhyReport>>,
    /// Number of the request for it.
    pub(super) number: u32,
}

impl OpenClaim {
    const fn new(list: ClaimList, name: String, message: String, example: Example) -> Self {
        Self {
            list,
            name,
            message,
            example,
            why: None,
            number: 0,
        }
    }
}

impl ClaimsState {
    /// Returns the check of a list.
    pub const fn check(&self, list: ClaimList) -> &ClaimCheck {
        match list {
            ClaimList::Tests => &self.tests,
            ClaimList::Requirements => &self.requirements,
            ClaimList::Mutations => &self.mutations,
        }
    }

    pub(super) const fn check_mut(&mut self, list: ClaimList) -> &mut ClaimCheck {
        match list {
            ClaimList::Tests => &mut self.tests,
            ClaimList::Requirements => &mut self.requirements,
            ClaimList::Mutations => &mut self.mutations,
        }
    }

    /// Marks all results as outdated: the policy has changed.
    pub(super) fn mark_outdated(&mut self) {
        self.tests.answered.mark_outdated();
        self.requirements.answered.mark_outdated();
        self.mutations.answered.mark_outdated();
        // Its edits are of another text.
        self.close_simplified();
    }

    /// Forgets the simpler policy.
    pub(super) fn close_simplified(&mut self) {
        self.simplified.clear();
        self.simplified.mark_outdated();
        self.simplified.cancel_pending();
    }

    /// Forgets the checks that run: there will be no results.
    pub(super) const fn cancel_pending(&mut self) {
        self.tests.cancel_pending();
        self.requirements.cancel_pending();
        self.mutations.cancel_pending();
        self.simplified.cancel_pending();
    }

    /// Replaces the text of the tests, and forgets the results.
    pub(super) fn put(&mut self, text: String) {
        self.document = IdentityRc::new(EditorDocument {
            revision: self.document.revision.wrapping_add(1),
            first: self.text.is_empty(),
            text: text.clone(),
        });
        self.text = IdentityRc::new(text);
        self.before = None;
        self.message = None;
    }

    /// Returns whether there are tests, or another tab than that of the findings is shown.
    pub fn is_used(&self) -> bool {
        self.tab != PolicyTab::Findings || self.has_tests()
    }

    /// Returns whether there is a text of tests.
    pub fn has_tests(&self) -> bool {
        !self.text.trim().is_empty()
    }

    /// Returns the claims of the standards and the detections with their results, if they are decided.
    pub fn requirement_claims(&self) -> impl Iterator<Item = &ClaimView> {
        self.requirement_packs().flat_map(|pack| &pack.claims)
    }

    fn requirement_packs(&self) -> impl Iterator<Item = &PackView> {
        let shown = self.requirements.answered.shown.as_deref();
        let packs = match shown {
            Some(ClaimsStep::Requirements(view)) => view.packs.as_slice(),
            _ => &[],
        };
        packs.iter()
    }

    /// Returns the claims of the standards, without detections.
    pub fn standard_claims(&self) -> impl Iterator<Item = &ClaimView> {
        self.requirement_packs()
            .filter(|pack| !pack.is_detections)
            .flat_map(|pack| &pack.claims)
    }

    /// Returns the numbers of met and of decided claims. `None` before they are decided.
    pub fn requirement_counts(&self) -> Option<(usize, usize)> {
        let count = |status| {
            self.standard_claims()
                .filter(|claim| claim.status == status)
                .count()
        };
        let (met, refuted) = (count(ClaimStatus::Holds), count(ClaimStatus::Fails));
        let decided = met.saturating_add(refuted);
        (decided > 0).then_some((met, decided))
    }

    /// Returns the numbers of passed and of all tests. `None` before they are run.
    pub fn test_counts(&self) -> Option<(usize, usize)> {
        match self.tests.answered.shown.as_deref() {
            Some(ClaimsStep::Tests(view)) => Some((view.passed, view.total)),
            _ => None,
        }
    }

    /// Returns a claim whose example can be opened, by its index in the list.
    pub(super) fn claim(&self, list: ClaimList, index: usize) -> Option<OpenClaim> {
        let of = |claim: &ClaimView| {
            let (name, message) = (claim.name.clone(), claim.message.clone());
            Some(OpenClaim::new(list, name, message, claim.example.clone()?))
        };
        match (list, self.check(list).answered.shown.as_deref()?) {
            (ClaimList::Tests, ClaimsStep::Tests(view)) => of(view.cases.get(index)?),
            (ClaimList::Requirements, _) => of(self.requirement_claims().nth(index)?),
            (ClaimList::Mutations, ClaimsStep::Mutations(view)) => {
                let found = view.unnoticed.get(index)?;
                let message = "no test notices this change".to_owned();
                let (name, example) = (found.change.clone(), found.example.clone());
                Some(OpenClaim::new(list, name, message, example))
            }
            _ => None,
        }
    }

    /// Returns the open claim with its newest example. `None` if the claim holds now.
    pub(super) fn renewed_example(&self) -> Option<OpenClaim> {
        let open = self.example.as_ref()?;
        let is_open = |claim: &ClaimView| claim.name == open.name && claim.example.is_some();
        let index = match self.check(open.list).answered.shown.as_deref()? {
            ClaimsStep::Tests(view) => view.cases.iter().position(is_open),
            ClaimsStep::Requirements(_) => self.requirement_claims().position(is_open),
            ClaimsStep::Mutations(view) => {
                let mut changes = view.unnoticed.iter();
                changes.position(|found| found.change == open.name)
            }
            _ => None,
        };
        self.claim(open.list, index?)
    }
}

/// Actions on *Tests* and *Requirements*.
#[derive(Debug, Clone, PartialEq)]
pub enum ClaimsAction {
    /// A tab under the policy was selected.
    ShowTab(PolicyTab),
    /// The text in the editor of the tests changed.
    Edit(String),
    /// A text of tests was opened: the name of its file, if it has one.
    Open(Option<String>, String),
    /// Built-in tests are to be opened.
    OpenBuiltIn(BuiltInTests),
    /// The tests are to be shown in the place of the policy, or the policy again.
    ShowText(bool),
    /// A place of the tests is to be shown, in UTF-16 code units.
    Reveal(usize, usize),
    /// The tests are to be saved as a file.
    Save,
    /// A test is to be added.
    Add(TestOf),
    /// The text before the last test that was added, or the last file that was opened, is to be restored.
    Undo,
    /// Changes of the policy are to be tried on the tests, or no longer.
    TryChanges(bool),
    /// Claims about flags are to be checked with the settings of the export, or not.
    UseSettings(bool),
    /// The example of a claim is to be shown, by the claim's index in its list.
    OpenExample(ClaimList, usize),
    /// The example is to be closed.
    CloseExample,
    /// An equal, simpler policy is to be shown, or no longer.
    Simplify(bool),
    /// The simpler policy is to be put into the editor.
    ApplySimplified,
}
