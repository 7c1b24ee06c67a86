//! Questions about every possible request: *Ask* and *Compare*.

use audit_types::{Edit, Level};
use serde::{Deserialize, Serialize};

use crate::claims::{
    AddTestRequest, AddedTest, BuiltInTests, ClaimList, ClaimsReport, ClaimsRequest,
};
use crate::decision::{Decision, Example, Problem};
use crate::goals::{GoalsReport, GoalsRequest};
use crate::ids::Generation;
use crate::inspection::DiffLine;
use crate::lessons::{LessonCheck, LessonOutcome, LessonReport, LessonSource, LessonTitle};
use crate::log_scan::{LogScanRequest, LogScanStep};
use crate::logs_place::{PlaceReport, PlaceRequest};
use crate::repair::{RepairReport, RepairRequest};
use crate::to_worker::BaselinePolicy;
use crate::why::{WhyReport, WhyRequest};

/// A message from the page to the worker. It travels as bytes in [`ToWorker::Analysis`](crate::ToWorker::Analysis), so that only the second
/// parts of page and worker contain its code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AnalysisRequest {
    /// Decide which verdicts requests can get. The worker replies with [`AnalysisReply::Asked`].
    Ask(AskRequest),
    /// Send what can complete a query. The worker replies with [`AnalysisReply::Completions`].
    Complete(QueryCompletionRequest),
    /// Explain the verdict on a request. The worker replies with [`AnalysisReply::Why`].
    Why(WhyRequest),
    /// Compare the policy with another one. The worker replies with [`AnalysisReply::Compared`].
    Compare(CompareRequest),
    /// Simplify the policy, with the page's number for the request. The worker replies with [`AnalysisReply::Simplified`].
    Simplify(u32),
    /// Check tests or the claims of standards. The worker replies with [`AnalysisReply::Claims`].
    Claims(ClaimsRequest),
    /// Forget the check of a list that is in progress.
    CancelClaims(ClaimList),
    /// Add a test to a text. The worker replies with [`AnalysisReply::AddedTest`].
    AddTest(AddTestRequest),
    /// Send tests that are built in. The worker replies with [`AnalysisReply::BuiltInTests`].
    BuiltInTests(BuiltInTests),
    /// Repair a text. The worker replies with [`AnalysisReply::Repaired`].
    Repair(RepairRequest),
    /// Find a policy that meets goals. The worker replies with [`AnalysisReply::Goals`].
    Goals(GoalsRequest),
    /// Compile the policy for a place where logs live. The worker replies with [`AnalysisReply::Place`].
    Place(PlaceRequest),
    /// Read the next part of the log for findings about it or a timeline. The worker replies with [`AnalysisReply::Scanned`].
    ScanLog(LogScanRequest),
    /// Forget the scan with this number.
    CancelScan(u32),
    /// Send the titles of the lessons. The worker replies with [`AnalysisReply::Lessons`].
    Lessons,
    /// Send a lesson. The worker replies with [`AnalysisReply::Lesson`].
    Lesson(LessonSource),
    /// Send a lesson to write one's own from. The worker replies with [`AnalysisReply::LessonTemplate`].
    LessonTemplate,
    /// Check an answer to a step of a lesson. The worker replies with [`AnalysisReply::LessonChecked`].
    CheckLesson(LessonCheck),
}

/// A message from the worker to the page. It travels as bytes in [`ToPage::Analysis`](crate::ToPage::Analysis).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AnalysisReply {
    /// Verdicts that requests can get.
    Asked(AskReport),
    /// Texts that can complete a query.
    Completions(QueryCompletions),
    /// Explanation of the verdict on a request.
    Why(WhyReport),
    /// Differences from another policy.
    Compared(CompareReport),
    /// An equal, simpler policy.
    Simplified(SimplifyReport),
    /// A repaired text.
    Repaired(RepairReport),
    /// A policy that meets goals, or why there is none.
    Goals(Box<GoalsReport>),
    /// The policy as a program for a place where logs live.
    Place(Box<PlaceReport>),
    /// Progress or result of checking claims.
    Claims(ClaimsReport),
    /// Text with an added test.
    AddedTest(AddedTest),
    /// Text of tests that are built in.
    BuiltInTests(BuiltInTests, String),
    /// Progress or result of a scan of the log.
    Scanned(LogScanStep),
    /// Titles of the lessons, in order.
    Lessons(Vec<LessonTitle>),
    /// A lesson.
    Lesson(Box<LessonReport>),
    /// The text of a lesson's file.
    LessonTemplate(String),
    /// Result of checking an answer.
    LessonChecked(Box<LessonOutcome>),
}

/// A query about the last accepted policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskRequest {
    /// The page's number for the request.
    pub number: u32,
    /// The query: `verb=get resource=secrets`.
    pub query: String,
    /// `true` to leave out requests that no URL, method and identity produce.
    pub only_possible: bool,
}

/// Answer to an [`AskRequest`]: the verdicts that its requests can get.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskReport {
    /// Number of the request.
    pub number: u32,
    /// Generation of the policy that was asked about.
    pub generation: Generation,
    /// The verdicts, or why they are not known.
    pub result: AskResult,
}

/// Result of a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AskResult {
    /// Every verdict that requests of the query can get.
    Answers {
        /// Classes of requests with their verdict, in the order of the rules.
        answers: Vec<VerdictView>,
        /// The answer in a few words, in lowercase: "always recorded, at `Metadata`".
        summary: String,
        /// Number of classes of requests that are not listed.
        more: usize,
    },
    /// The query cannot be read.
    Error(QueryProblem),
    /// Missing part of a question: an accepted policy, or a smaller question.
    Undecided(Problem),
}

/// Problem of a query, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryProblem {
    /// The problem.
    pub problem: Problem,
    /// Range of the query, in bytes.
    pub from: usize,
    /// End of the range.
    pub to: usize,
}

/// A verdict that requests can get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictView {
    /// The verdict.
    pub decision: Decision,
    /// The requests, in words.
    pub requests: String,
    /// One of them.
    pub example: Example,
}

/// Answer to an [`AnalysisRequest::Simplify`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SimplifyReport {
    /// Number of the request.
    pub number: u32,
    /// Policy that was simplified.
    pub generation: Generation,
    /// The result, or why there is none: a message in lowercase.
    pub result: Result<SimplerPolicy, Problem>,
}

/// An equal policy from which nothing can be removed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SimplerPolicy {
    /// Removed and merged rules and values in words, in lowercase.
    pub summary: String,
    /// Removed rules that may have been meant to come first, in sentences.
    pub warnings: Vec<String>,
    /// Edits of the editor's text, in UTF-16 code units; empty if nothing can be removed, or not in this layout.
    pub edits: Vec<Edit>,
    /// The changed lines with some around them.
    pub diff: Vec<DiffLine>,
    /// Why the text cannot be edited: a sentence; `None` if it can.
    pub obstacle: Option<String>,
}

/// Request for what can complete a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryCompletionRequest {
    /// The query.
    pub query: String,
    /// Position of the caret, in bytes.
    pub caret: usize,
}

/// Answer to a [`QueryCompletionRequest`]: what can be written at the caret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryCompletions {
    /// The request that it answers; the choices fit no other text.
    pub request: QueryCompletionRequest,
    /// Start of what a choice replaces, in bytes.
    pub from: usize,
    /// End of what a choice replaces.
    pub to: usize,
    /// The choices, the best first.
    pub choices: Vec<QueryChoice>,
}

/// A text that completes a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryChoice {
    /// The text as it is shown.
    pub label: String,
    /// Description; empty for a value.
    pub note: String,
    /// The text as it is written in a query.
    pub insert: String,
}

/// Request to compare the last accepted policy with another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareRequest {
    /// The page's number for the request.
    pub number: u32,
    /// The other policy, which is the one before.
    pub before: BaselinePolicy,
    /// `true` to leave out requests that no URL, method and identity produce.
    pub only_possible: bool,
}

/// Answer to a [`CompareRequest`]: what the policies treat differently.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompareReport {
    /// Number of the request.
    pub number: u32,
    /// Generation of the page's policy that was compared.
    pub generation: Generation,
    /// The differences, or why they are not known.
    pub result: CompareResult,
}

/// Result of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CompareResult {
    /// The requests that the policies treat differently; without any, the policies are equal.
    Differences {
        /// Classes of requests, the worst losses first.
        changes: Vec<ClassChange>,
        /// Number of classes that are not listed.
        more: usize,
        /// Effect on the open log; `None` without one.
        log: Option<LogChange>,
    },
    /// Missing part of a comparison: an accepted policy on either side, or smaller policies.
    Undecided(Problem),
}

/// Effect of all differences on the log.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LogChange {
    /// More bytes per day, or fewer. `None` if the log has no times, or lacks what sizes depend on.
    pub bytes_per_day: Option<f64>,
    /// Events that are no longer recorded.
    pub lost: usize,
    /// Events that are recorded only now.
    pub gained: usize,
    /// Events whose class is not known, because the log lacks attributes that rules ask for.
    pub unknown: usize,
}

/// Requests that change in the same way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassChange {
    /// Heading of such changes: `Bodies lost`.
    pub title: String,
    /// `true` if something is lost.
    pub is_loss: bool,
    /// Levels before, without duplicates.
    pub before: Vec<Level>,
    /// Level after.
    pub after: Level,
    /// Changes besides the level: `now omits ResponseStarted`; empty if only the level changes.
    pub notes: String,
    /// The requests, in words.
    pub requests: String,
    /// Events of the log; `None` without one.
    pub events: Option<usize>,
    /// More bytes per day in the log, or fewer; `None` if unknown.
    pub bytes_per_day: Option<f64>,
    /// One of the requests.
    pub example: Example,
    /// Verdict on the example before.
    pub decision_before: Decision,
    /// Verdict on the example now.
    pub decision_after: Decision,
    /// Why the rule that decides now matches the example: `matches the user …`, with backticks; empty if no rule matches.
    pub reason: String,
    /// First version with the new verdict, if the policies differ in the version only.
    pub since: Option<String>,
}
