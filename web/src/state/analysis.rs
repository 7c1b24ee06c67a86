//! Questions about every possible request: the query of *Ask*, the comparison of *Compare*, and the example that is open.

use playground_protocol::{
    AnalysisRequest, AskReport, CompareReport, KubernetesVersion, QueryCompletionRequest,
    QueryCompletions, WhyReport,
};

use crate::identity_rc::IdentityRc;

/// The newest answer to a question that changes, and the one request in progress.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    /// Newest answer.
    pub shown: Option<IdentityRc<T>>,
    /// Increases with every change of the question or the policy.
    revision: u32,
    shown_revision: Option<u32>,
    pending: Option<u32>,
    /// The question whose answer a person does not wait for any more.
    cancelled: Option<u32>,
}

impl<T> Default for Answered<T> {
    fn default() -> Self {
        Self {
            shown: None,
            revision: 0,
            shown_revision: None,
            pending: None,
            cancelled: None,
        }
    }
}

impl<T> Answered<T> {
    /// Marks the answer as outdated.
    pub(super) const fn mark_outdated(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Starts the next request and returns its number. `None` if the answer is up to date, a request is in progress, or the question was cancelled.
    pub(super) fn begin(&mut self) -> Option<u32> {
        if self.pending.is_some() || self.is_fresh() || self.is_cancelled() {
            return None;
        }
        self.pending = Some(self.revision);
        self.pending
    }

    /// Keeps an answer. Returns `false` if it is not that to the request in progress.
    pub(super) fn receive(&mut self, number: u32, answer: T) -> bool {
        if self.pending != Some(number) {
            return false;
        }
        self.shown_revision = self.pending.take();
        self.shown = Some(IdentityRc::new(answer));
        true
    }

    /// Shows an answer that needs no request.
    pub(super) fn show(&mut self, answer: T) {
        self.pending = None;
        self.shown_revision = Some(self.revision);
        self.shown = Some(IdentityRc::new(answer));
    }

    /// Returns whether a request is in progress.
    pub const fn is_in_progress(&self) -> bool {
        self.pending.is_some()
    }

    /// Returns whether a request is the one in progress.
    pub(super) fn is_pending(&self, number: u32) -> bool {
        self.pending == Some(number)
    }

    /// Returns whether the answer to a request will be up to date.
    pub(super) const fn is_wanted(&self, number: u32) -> bool {
        self.revision == number
    }

    /// Forgets the answer.
    pub(super) fn clear(&mut self) {
        self.shown = None;
        self.shown_revision = None;
    }

    /// Forgets the request in progress: there will be no response. It is not sent again before something changes.
    pub(super) const fn cancel_pending(&mut self) {
        self.pending = None;
    }

    /// Waits for the answer no more: its reply is ignored. The question is not sent again before it changes, or is asked again.
    pub(super) const fn cancel(&mut self) {
        if self.pending.take().is_some() {
            self.cancelled = Some(self.revision);
        }
    }

    /// Allows to ask a question again that was cancelled.
    pub(super) const fn resume(&mut self) {
        self.cancelled = None;
    }

    /// Returns the number of the request in progress.
    pub const fn pending(&self) -> Option<u32> {
        self.pending
    }

    /// Returns whether the question was cancelled, and has not changed since.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled == Some(self.revision)
    }

    /// Returns whether the answer is up to date.
    pub fn is_fresh(&self) -> bool {
        self.shown_revision == Some(self.revision)
    }
}

/// State of *Ask* and *Compare*.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisState {
    /// The query.
    pub query: IdentityRc<String>,
    /// Verdicts that requests of the query can get.
    pub verdicts: Answered<AskReport>,
    /// Completion of the query.
    pub completion: QueryCompletion,
    /// The other policy of the comparison.
    pub compared_with: ComparedWith,
    /// Name of the file that the baseline was opened from.
    pub baseline_name: Option<String>,
    /// Differences from the other policy.
    pub differences: Answered<CompareReport>,
    /// Leave out requests that no URL, method and identity produce.
    pub only_possible: bool,
    /// The example that is open.
    pub example: OpenExample,
}

impl Default for AnalysisState {
    fn default() -> Self {
        Self {
            query: IdentityRc::default(),
            verdicts: Answered::default(),
            completion: QueryCompletion::default(),
            compared_with: ComparedWith::Baseline,
            baseline_name: None,
            differences: Answered::default(),
            only_possible: true,
            example: OpenExample::default(),
        }
    }
}

/// The other policy of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedWith {
    /// The baseline.
    Baseline,
    /// The same policy on another version.
    Version(KubernetesVersion),
}

/// A list of examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleList {
    /// The verdicts of a query.
    Verdicts,
    /// The differences of policies.
    Differences,
}

/// The example whose explanation is open. There is one at a time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OpenExample {
    /// Its list, and its index there.
    pub place: Option<(ExampleList, usize)>,
    /// Its explanation.
    pub shown: Option<IdentityRc<WhyReport>>,
    /// Number of the last request.
    pub(super) number: u32,
}

impl OpenExample {
    /// Returns the number of the next request for an explanation.
    pub(super) const fn next_number(&mut self) -> u32 {
        self.number = self.number.wrapping_add(1);
        self.number
    }

    /// Returns the explanation of an example if it is open.
    pub fn of(&self, list: ExampleList, index: usize) -> Option<Option<&WhyReport>> {
        (self.place == Some((list, index))).then_some(self.shown.as_deref())
    }

    /// Closes it if it belongs to a list.
    pub(super) fn close(&mut self, list: ExampleList) {
        if self.place.is_some_and(|(own, _)| own == list) {
            self.place = None;
            self.shown = None;
        }
    }
}

/// Completion of the query: the newest choices, and the one request in progress.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryCompletion {
    /// Newest choices.
    pub shown: Option<IdentityRc<QueryCompletions>>,
    wanted: Option<QueryCompletionRequest>,
    is_pending: bool,
}

impl QueryCompletion {
    /// Requests choices, after those of a request in progress. `None` closes the list.
    pub(super) fn request(
        &mut self,
        wanted: Option<QueryCompletionRequest>,
    ) -> Option<AnalysisRequest> {
        if wanted.is_none() {
            self.shown = None;
        }
        self.wanted = wanted;
        self.next_request()
    }

    pub(super) fn receive(&mut self, choices: QueryCompletions) -> Option<AnalysisRequest> {
        self.is_pending = false;
        if self.wanted.as_ref() == Some(&choices.request) {
            self.wanted = None;
            self.shown = Some(IdentityRc::new(choices));
        }
        self.next_request()
    }

    const fn cancel_pending(&mut self) {
        self.is_pending = false;
    }

    fn next_request(&mut self) -> Option<AnalysisRequest> {
        let wanted = self.wanted.clone().filter(|_| !self.is_pending)?;
        self.is_pending = true;
        Some(AnalysisRequest::Complete(wanted))
    }
}

impl AnalysisState {
    /// Takes over a query that is still to be asked. Without one, the verdicts of the last one are forgotten.
    pub(super) fn set_query(&mut self, query: String) {
        self.query = IdentityRc::new(query);
        self.verdicts.mark_outdated();
        if self.query.trim().is_empty() {
            self.verdicts.clear();
            self.example.close(ExampleList::Verdicts);
        }
    }

    /// Takes over what a workspace asks.
    pub(super) fn restore(&mut self, query: String, only_possible: bool) {
        self.set_query(query);
        self.completion.shown = None;
        self.only_possible = only_possible;
        self.mark_outdated();
    }

    /// Marks all answers as outdated: the policy or the log has changed.
    pub(super) const fn mark_outdated(&mut self) {
        self.verdicts.mark_outdated();
        self.differences.mark_outdated();
    }

    /// Forgets the requests in progress: there will be no response.
    pub(super) const fn cancel_pending(&mut self) {
        self.verdicts.cancel_pending();
        self.differences.cancel_pending();
        self.completion.cancel_pending();
    }
}

/// Actions on *Ask* and *Compare*.
#[derive(Debug, Clone, PartialEq)]
pub enum AnalysisAction {
    /// The query was changed, and is still being typed.
    Type(String),
    /// The question that is shown is to be answered, even if it was cancelled.
    Ask,
    /// The answer to the question that is shown is waited for no more.
    Cancel,
    /// A whole query was chosen.
    SetQuery(String),
    /// Choices at a caret are to be listed, or the list is to be closed.
    Complete(Option<QueryCompletionRequest>),
    /// Requests that cannot come are left out, or not.
    SetOnlyPossible(bool),
    /// An example was opened, or closed again.
    ToggleExample(ExampleList, usize),
    /// Another policy was chosen to compare with.
    CompareWith(ComparedWith),
    /// A policy was opened as the baseline: the name of its file, and its text.
    OpenBaseline(String, String),
}
