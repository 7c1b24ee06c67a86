//! Tests of the policy and claims of standards: *Tests* and *Requirements*.

use audit_types::{EventId, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::decision::{Decision, Example, Problem, RequestView};
use crate::export::ExportSettings;
use crate::ids::Generation;

/// A list of claims about the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClaimList {
    /// The tests that the user writes.
    Tests,
    /// The claims of the standards.
    Requirements,
    /// Small changes of the policy that the tests should notice.
    Mutations,
}

impl ClaimList {
    /// All lists.
    pub const ALL: [Self; 3] = [Self::Tests, Self::Requirements, Self::Mutations];
}

/// Request to check a list, or its next part. The worker replies with a [`ClaimsReport`] after each part, so that other messages are not delayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// The list.
    pub list: ClaimList,
    /// The page's number of the check.
    pub number: u32,
    /// Content of the check. `None` continues the check of this number.
    pub start: Option<ClaimsStart>,
}

/// Beginning of a check.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ClaimsStart {
    /// Text of the tests; not used by the claims of standards.
    pub text: String,
    /// Settings that claims about flags are checked with. `None` if they are not known.
    pub settings: Option<ExportSettings>,
}

/// Progress or result of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsReport {
    /// The list.
    pub list: ClaimList,
    /// Number of the check.
    pub number: u32,
    /// Policy that is checked.
    pub generation: Generation,
    /// Progress or result.
    pub step: ClaimsStep,
}

/// State of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ClaimsStep {
    /// Some claims are left.
    Running {
        /// Number of claims that are decided.
        done: usize,
        /// Number of all.
        total: usize,
    },
    /// The tests with their results.
    Tests(TestsView),
    /// The claims of the standards with their results.
    Requirements(RequirementsView),
    /// The changes that no test notices.
    Mutations(MutationsView),
    /// The tests cannot be read: the problems with their places.
    Unreadable(Vec<TextProblem>),
    /// Nothing can be checked: a message in lowercase.
    Undecided(Problem),
}

/// A problem of the tests' text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextProblem {
    /// The problem.
    pub problem: Problem,
    /// Line, counted from 1.
    pub line: usize,
    /// Start of the place, in UTF-16 code units.
    pub from: usize,
    /// End of the place.
    pub to: usize,
}

/// Results of tests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TestsView {
    /// The cases, those that fail first.
    pub cases: Vec<ClaimView>,
    /// Number of cases that pass.
    pub passed: usize,
    /// Number of all cases.
    pub total: usize,
    /// Rules that decide no request of any case. `None` if that takes too long to decide.
    pub unreached: Option<Vec<RulePlace>>,
    /// Differences of the page from the file: sentences with backticks.
    pub notes: Vec<String>,
}

/// A rule with its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulePlace {
    /// The rule.
    pub rule: RuleIndex,
    /// Its line, counted from 1.
    pub line: usize,
}

/// Result of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClaimStatus {
    /// It holds.
    Holds,
    /// It holds for some requests only: a detection fires for some.
    Partly,
    /// It does not hold.
    Fails,
    /// It cannot be decided from what is known.
    Open,
}

/// A claim with its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimView {
    /// Number in a standard; empty for a test.
    pub id: String,
    /// Name, for people.
    pub name: String,
    /// The claim in words, with backticks; empty if it cannot be decided.
    pub claim: String,
    /// Reason for the claim, with backticks; empty if none is given.
    pub why: String,
    /// Source of the claim; empty for a test.
    pub source: String,
    /// Start of the test in the text, in UTF-16 code units.
    pub from: usize,
    /// Line of the test, counted from 1.
    pub line: usize,
    /// The result.
    pub status: ClaimStatus,
    /// Reason for the result, with backticks.
    pub message: String,
    /// `true` if it was proved for a class of requests, rather than evaluated for one.
    pub is_proved: bool,
    /// Verdict on the request of the test, or on the example.
    pub decision: Option<Decision>,
    /// A request that shows why the claim does not hold.
    pub example: Option<Example>,
    /// A change that lets a detection fire: a line in words, and the rules as YAML. Empty if there is none.
    pub change: String,
}

/// Results of the claims of standards.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RequirementsView {
    /// The standards, and then the packs of detections.
    pub packs: Vec<PackView>,
    /// Claims that cannot both be met.
    pub contradictions: Vec<ClaimContradiction>,
    /// `true` if claims about flags were checked with the settings of the export.
    pub has_settings: bool,
}

/// A standard with its claims, or the detections of a tool.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PackView {
    /// Short name.
    pub id: String,
    /// `true` if the claims are detections.
    pub is_detections: bool,
    /// Title.
    pub title: String,
    /// Document, version and date.
    pub source: String,
    /// Note for another Kubernetes version than those of the standard, in lowercase; empty if it is one of them.
    pub note: String,
    /// The claims.
    pub claims: Vec<ClaimView>,
}

/// Two claims that no policy, or no value of a flag, meets together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimContradiction {
    /// Number and name of one claim.
    pub first: String,
    /// Number and name of the other.
    pub second: String,
    /// A request that both are about, in words; empty if they are about a flag.
    pub request: String,
}

/// Result of trying small changes of the policy on the tests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MutationsView {
    /// Number of changes that some test notices.
    pub noticed: usize,
    /// Number of changes that change no verdict, by proof.
    pub equal: usize,
    /// Number of changes that take too long to decide.
    pub undecided: usize,
    /// Changes that no test notices.
    pub unnoticed: Vec<MutationView>,
    /// Number of such changes that are not listed.
    pub more: usize,
}

/// A change that no test notices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MutationView {
    /// The change: `rule 3 is removed`, with backticks.
    pub change: String,
    /// The changed rule.
    pub place: RulePlace,
    /// A request that the changed policy treats differently.
    pub example: Example,
    /// Verdict of the policy on the example.
    pub decision: Decision,
}

/// Request to add a test to the text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddTestRequest {
    /// The page's number for the request.
    pub number: u32,
    /// Text of the tests; empty if there are none yet.
    pub text: String,
    /// The request that the test is about.
    pub of: TestOf,
}

/// Request that a test is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TestOf {
    /// That of an event of the log.
    Event(EventId),
    /// An example.
    Request(Box<RequestView>),
}

/// Answer to an [`AddTestRequest`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddedTest {
    /// Number of the request.
    pub number: u32,
    /// The text with the test, or why none was added: a message in lowercase.
    pub result: Result<TextWithTest, Problem>,
}

/// Text with an added test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextWithTest {
    /// The text.
    pub text: String,
    /// Name of the test.
    pub name: String,
    /// Start of the test, in UTF-16 code units.
    pub from: usize,
    /// End of the test.
    pub to: usize,
}

/// Tests that are built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BuiltInTests {
    /// Those of an example, by its index in the menu.
    Example(usize),
    /// Common goals: secrets never with bodies, changes to permissions with bodies.
    Goals,
}
