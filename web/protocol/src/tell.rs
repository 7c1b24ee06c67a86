//! From the worker to the page.

use serde::{Deserialize, Serialize};

use crate::export::{ExportReport, ImportReport};
use crate::volume::{ModelReport, Proposals, VolumeReport};
use crate::{Column, Generation, LevelTag, LogNumber, OutcomeTag, Sum, View};

/// From the worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Tell {
    /// The worker has started.
    Ready {
        /// The worked examples, in menu order.
        examples: Vec<ExampleTitle>,
        /// The Kubernetes versions it knows, newest first: `1.36`.
        versions: Vec<String>,
    },
    /// What loading a policy says.
    Policy(PolicyReport),
    /// An example's policy, to be put into the editor.
    Example {
        /// Its place in the menu.
        index: usize,
        /// The policy's text.
        policy: String,
        /// What to look at: one or two sentences.
        story: String,
        /// The row to select first: its place in the log's own order, and [`Row::event`].
        event: Option<(usize, usize)>,
    },
    /// A log is being read.
    Progress(Progress),
    /// A log that was asked for has an event, and takes the place of the one that was open. What follows is about it.
    Opened {
        /// The page's number for it.
        log: LogNumber,
    },
    /// A log that was asked for has no event: the one that is open stays.
    NotOpened {
        /// The page's number for it.
        log: LogNumber,
        /// What reading found.
        report: LogReport,
        /// Why there was nothing to read, in one sentence; empty where the report says it.
        reason: String,
    },
    /// The open log was read to its end, or as far as it goes.
    Log(LogReport),
    /// What the policy does to the log.
    Answer(Answer),
    /// Rows of the view.
    Rows(Rows),
    /// What the view's events share, counted.
    Facets(Facets),
    /// Lines to copy or to save.
    Piece(Piece),
    /// Everything about one event.
    Inspection(Box<Inspection>),
    /// Flags and manifests.
    Export(Box<ExportReport>),
    /// All files of an export in one archive: its name, and its bytes.
    Archive(String, Vec<u8>),
    /// What a pasted text sets.
    Imported(ImportReport),
    /// How much the policy writes.
    Volume(Box<VolumeReport>),
    /// What the modelled log is made of that comes next.
    Model(ModelReport),
    /// Rules that would save bytes.
    Proposals(Proposals),
    /// The answer to a ping.
    Pong,
    /// The worker could not do what was asked: one sentence.
    Failure {
        /// What went wrong and what to do.
        message: String,
    },
    /// The event that was asked about is not in the log: the question was about a log that another one has replaced, or about an event
    /// that is still to be read.
    NoEvent {
        /// Its number.
        event: usize,
    },
}

/// An entry of the examples menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleTitle {
    /// A few words.
    pub title: String,
    /// One sentence: what it shows.
    pub summary: String,
}

/// What loading a policy says, with places in UTF-16 units as the editor counts them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PolicyReport {
    /// The edit it is about.
    pub generation: Generation,
    /// Whether kube-apiserver would start with it.
    pub accepted: bool,
    /// The server's own reason for refusing, to the letter.
    pub error: Option<String>,
    /// The warning that the server would log, to the letter.
    pub warning: Option<String>,
    /// The gravest first, then by place.
    pub findings: Vec<FindingView>,
    /// The rules of this text where it was accepted, else of the last text that was.
    pub rules: Vec<RuleView>,
}

/// A finding, for squiggles and for the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// `AP012`
    pub code: String,
    /// `info`, `warning` or `error`.
    pub severity: String,
    /// One sentence; user text and field names in backticks.
    pub message: String,
    /// What to do; may be empty; backticks as in the message.
    pub help: String,
    /// Line, from 1.
    pub line: usize,
    /// UTF-16 offset of the first unit.
    pub from: usize,
    /// UTF-16 offset after the last unit.
    pub to: usize,
    /// A change that mends it.
    pub fix: Option<FixView>,
}

/// A change offered in the editor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixView {
    /// A short imperative.
    pub title: String,
    /// Ascending, without overlap.
    pub edits: Vec<EditView>,
}

/// One replacement, in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditView {
    /// First unit.
    pub from: usize,
    /// After the last unit; equal to `from` to insert.
    pub to: usize,
    /// What stands there afterwards.
    pub text: String,
}

/// A rule, for the editor's gutter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// The rule's level.
    pub level: LevelTag,
    /// UTF-16 offset of the rule's first unit.
    pub from: usize,
    /// UTF-16 offset after its last unit.
    pub to: usize,
    /// Whether an earlier rule takes everything it could match.
    pub unreachable: bool,
}

/// How far reading has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The file being read.
    pub file: String,
    /// Bytes read of all files.
    pub bytes: f64,
    /// Bytes of all files.
    pub total_bytes: f64,
    /// Events found so far.
    pub events: usize,
    /// Seconds since reading began.
    pub seconds: f64,
}

/// What reading a log found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LogReport {
    /// By file, in the order opened.
    pub files: Vec<FileReport>,
    /// Events in all.
    pub events: usize,
    /// Whether reading was cancelled before the end.
    pub cancelled: bool,
    /// Whether reading ended before the end for want of memory.
    pub full: bool,
    /// Bytes of memory that the engine holds, its readers included.
    pub memory: f64,
    /// Places that could not be read, in all.
    pub unreadable: usize,
    /// The first of them; the rest is counted only.
    pub problems: Vec<ProblemView>,
}

/// One file of a log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: f64,
    /// What it holds: `JSON lines, 5,728 events`, `AKS diagnostic records, 22 events`.
    pub format: String,
    /// Events found in it.
    pub events: usize,
    /// Why it cannot be used, in one sentence, where it is no audit log.
    pub refusal: Option<String>,
    /// What the wrappers round its events have lost, or may have: a sentence each, backticks as in findings.
    pub lost: Vec<String>,
}

/// A place of a log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemView {
    /// The file's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
    /// The beginning of the text there.
    pub excerpt: String,
}

/// What the policy does to the log. Counts are events; sizes are bytes of the server's own lines, line end included.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The policy it was made under.
    pub generation: Generation,
    /// Set where the newest text is rejected and this is the answer of the last one that was not.
    pub stale: bool,
    /// Recorded.
    pub in_sum: Sum,
    /// Written under this policy, derived events included.
    pub out_sum: Sum,
    /// Of those written: events of stages that the log lacks, derived from the later stage.
    pub derived: usize,
    /// Events written whose size is not certain: the log lacks bodies that the policy would record.
    pub sizes_unknown: usize,
    /// Events whose verdict cannot be known from the log.
    pub unknowable: usize,
    /// By level of the verdict, all four: events judged at that level, and of those the bytes written.
    pub by_level: Vec<LevelSum>,
    /// By rule in order; the last entry, with no index, is "no rule matched".
    pub by_rule: Vec<RuleSum>,
    /// What a day would write at this rate.
    pub per_day: PerDay,
}

/// What falls to a level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LevelSum {
    /// The level.
    pub level: LevelTag,
    /// Events judged at it, omitted stages included.
    pub matched: usize,
    /// Events written, and their bytes.
    pub written: Sum,
}

/// What falls to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RuleSum {
    /// From 0; none for "no rule matched".
    pub rule: Option<usize>,
    /// The rule's level.
    pub level: LevelTag,
    /// Events that it caught, omitted stages included.
    pub matched: usize,
    /// Events written, and their bytes.
    pub written: Sum,
}

/// An extrapolation from the log's own time window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PerDay {
    /// Bytes a day; none where the log gives no window.
    pub bytes: Option<f64>,
    /// Events a day; none where the log gives no window.
    pub events: Option<f64>,
    /// From the first to the last event, in seconds.
    pub window_seconds: Option<f64>,
    /// Why the figure means little, in one sentence; none where it is sound.
    pub caution: Option<String>,
}

/// A stretch of the view.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rows {
    /// The policy it was made under.
    pub generation: Generation,
    /// The view it belongs to.
    pub view: View,
    /// Rows in the view.
    pub total: usize,
    /// Place of the first row below.
    pub start: usize,
    /// The rows.
    pub rows: Vec<Row>,
    /// The groups, where the view groups: largest first, at most 500.
    pub groups: Vec<Group>,
    /// Bytes recorded of all the view's events, where it groups.
    pub grouped_bytes: f64,
}

/// A group of the view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// What its events share.
    pub key: String,
    /// A filter term that selects them: `user:alice`.
    pub term: String,
    /// Recorded.
    pub in_sum: Sum,
    /// Written.
    pub out_sum: Sum,
}

/// What a view's events share, counted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facets {
    /// The policy it was made under.
    pub generation: Generation,
    /// The view whose events were counted.
    pub view: View,
    /// In the order they are shown.
    pub fields: Vec<Facet>,
}

/// The values of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    /// The field.
    pub column: Column,
    /// Those of most events, the most first.
    pub values: Vec<FacetValue>,
    /// How many more there are.
    pub more: usize,
}

/// A value, and the view's events that have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FacetValue {
    /// The value; may be empty.
    pub key: String,
    /// The filter term that selects it: `user:alice`.
    pub term: String,
    /// Its rows in the view, and their bytes as recorded.
    pub sum: Sum,
}

/// Lines to copy or to save, whole ones, as far as they came.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Piece {
    /// The page's number for the errand.
    pub errand: u32,
    /// The lines, each with its end.
    pub text: String,
    /// How far the errand has come with them.
    pub account: Account,
    /// Files that have changed or gone since they were opened, as far as that was noticed.
    pub changed: Vec<String>,
    /// Why it ends here, in one sentence, where it does so before its time.
    pub failure: Option<String>,
}

/// How far an errand has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Account {
    /// Events looked at so far.
    pub done: usize,
    /// Events to look at.
    pub total: usize,
    /// Lines made of them.
    pub lines: usize,
    /// Events left out since they are in no log, but derived.
    pub derived: usize,
    /// Events left out since the policy writes nothing of them.
    pub dropped: usize,
    /// Events left out that are written, but with bodies or fields that the log lacks.
    pub incomplete: usize,
    /// Events left out of which cannot be known whether they are written.
    pub unknowable: usize,
    /// Events left out since their file has changed or gone.
    pub gone: usize,
}

/// One event in the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The event's number in the log, from 0.
    pub event: usize,
    /// `09:14:02.118`; empty where the log has none.
    pub time: String,
    /// The verb; may be empty.
    pub verb: String,
    /// `pods/exec`, or a path.
    pub resource: String,
    /// The object's name; may be empty.
    pub name: String,
    /// The namespace; may be empty.
    pub namespace: String,
    /// The user's name; none where authentication failed.
    pub user: Option<String>,
    /// `RequestReceived`, `ResponseComplete`…
    pub stage: String,
    /// The HTTP status, where the stage has one.
    pub code: Option<u16>,
    /// The rule that matched, from 0.
    pub rule: Option<usize>,
    /// The verdict's level; none where it cannot be known.
    pub level: Option<LevelTag>,
    /// What becomes of it.
    pub outcome: OutcomeTag,
    /// Bytes recorded.
    pub recorded: f64,
    /// Bytes written; none where that cannot be known.
    pub written: Option<f64>,
    /// The log lacks this event: it is derived from the later stage of its request, and written.
    pub derived: bool,
}

/// Everything about one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The policy it was made under.
    pub generation: Generation,
    /// The row it is about.
    pub row: Row,
    /// Its file.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What each rule said, in order.
    pub why: Vec<WhyLine>,
    /// The conclusion, one sentence: what is written, or what drops it. Backticks as in findings.
    pub conclusion: String,
    /// The event as written, against the event as recorded.
    pub written: Vec<DiffLine>,
    /// The one line that the server would write, for copying; none where nothing is written or the bodies are unknown.
    pub line_as_written: Option<String>,
    /// Said above the diff, where something has to be: "dropped: …", "the log lacks the request body".
    pub written_note: Option<String>,
    /// The attributes that the policy saw.
    pub request: Vec<AttributeView>,
}

/// What one rule said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyLine {
    /// From 0.
    pub rule: usize,
    /// The rule's level.
    pub level: LevelTag,
    /// What it said.
    pub state: WhyState,
    /// One sentence, backticks as in findings.
    pub text: String,
}

/// What a rule said of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyState {
    /// A predicate failed.
    Failed,
    /// Every predicate held.
    Matched,
    /// An earlier rule had decided.
    NotAsked,
    /// The log lacks what it asks about.
    Unknowable,
}

/// A line of the diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// What happened to it.
    pub kind: DiffKind,
    /// Pretty-printed JSON, indented by two spaces a level.
    pub text: String,
}

/// What happens to a line of the recorded event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiffKind {
    /// Stays.
    Same,
    /// Recorded, and not written.
    Removed,
    /// Written, and not recorded so.
    Added,
    /// Lines left out of a long diff; the text says how many.
    Gap,
}

/// An attribute of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeView {
    /// `resource`, `user groups`…
    pub name: String,
    /// Its value; empty ones print as `""`, absent ones as `none`.
    pub value: String,
    /// Where it was read from: `requestURI`, `user.groups`, `verb`.
    pub source: String,
    /// Where it differs from what the event shows, and why.
    pub note: Option<String>,
}
