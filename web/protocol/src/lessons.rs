//! Lessons: their texts, and the check of an answer.

use audit_types::KubernetesVersion;
use serde::{Deserialize, Serialize};

use crate::claims::TextProblem;
use crate::decision::Example;
use crate::why::WhyReport;

/// A lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LessonSource {
    /// One that comes with the page, by its id.
    BuiltIn(String),
    /// The text of one that somebody has written.
    Own(String),
}

/// A lesson in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonTitle {
    /// Short name.
    pub id: String,
    /// Title of its track.
    pub track: String,
    /// Title.
    pub title: String,
    /// Minutes that it takes.
    pub minutes: u16,
    /// Number of its steps.
    pub steps: usize,
}

/// Answer to a request for a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonReport {
    /// The lesson.
    pub source: LessonSource,
    /// The lesson, or the problems of its text.
    pub result: Result<LessonView, Vec<TextProblem>>,
}

/// A lesson as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonView {
    /// Short name.
    pub id: String,
    /// Title of its track.
    pub track: String,
    /// Place in its track, counted from 1, and the number of lessons of the track. `None` for a lesson that does not come with the page.
    pub place: Option<(usize, usize)>,
    /// Id of the lesson after it.
    pub next: Option<String>,
    /// Title.
    pub title: String,
    /// Minutes that it takes; the time limit of a timed lesson.
    pub minutes: u16,
    /// `true` if the time is shown.
    pub is_timed: bool,
    /// Text before the first step.
    pub intro: LessonText,
    /// The steps: at least one.
    pub steps: Vec<StepView>,
}

/// A step of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Title.
    pub title: String,
    /// The task.
    pub task: LessonText,
    /// Hints, in the order in which to show them.
    pub hints: Vec<LessonText>,
    /// Subject of the answer.
    pub subject: LessonSubject,
    /// Texts with which the step starts.
    pub start: StepStart,
}

/// Kind of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LessonSubject {
    /// The policy.
    Policy,
    /// Flags of kube-apiserver.
    Flags,
    /// The manifest of kube-apiserver.
    Manifest,
    /// A typed answer: a word for it, such as `time`.
    Text(String),
    /// A selected event.
    Event,
}

/// Texts with which a step starts. `None` for a text that neither the step nor one before it has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepStart {
    /// The policy.
    pub policy: Option<String>,
    /// Flags of kube-apiserver.
    pub flags: Option<String>,
    /// The manifest of kube-apiserver.
    pub manifest: Option<String>,
    /// The log as JSON lines.
    pub log: Option<String>,
    /// Kubernetes version.
    pub version: KubernetesVersion,
    /// `true` if a learner who comes from the step before goes on with their own policy, flags and manifest.
    pub is_continued: bool,
}

/// A text: blocks, one below the other.
pub type LessonText = Vec<LessonBlock>;

/// A block of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LessonBlock {
    /// A paragraph.
    Paragraph(Vec<LessonInline>),
    /// A list, numbered or not.
    List(bool, Vec<Vec<LessonInline>>),
    /// Code, line by line.
    Code(String),
}

/// A part of a paragraph or an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LessonInline {
    /// Plain text.
    Text(String),
    /// Code.
    Code(String),
    /// Emphasis.
    Emphasis(String),
    /// Strong emphasis.
    Strong(String),
    /// A link: its text, and its address.
    Link(String, String),
}

/// Texts of a learner, of which a check looks at its part.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LessonAnswer {
    /// The policy.
    pub policy: String,
    /// Flags of kube-apiserver.
    pub flags: String,
    /// The manifest of kube-apiserver.
    pub manifest: String,
    /// The typed answer.
    pub text: String,
    /// The selected event: its index in the log.
    pub event: Option<usize>,
}

/// Request to check an answer. The worker replies with a [`LessonOutcome`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonCheck {
    /// The page's number for the request.
    pub number: u32,
    /// The lesson.
    pub source: LessonSource,
    /// Index of the step.
    pub step: usize,
    /// The answer.
    pub answer: LessonAnswer,
}

/// Result of checking an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonOutcome {
    /// Number of the request.
    pub number: u32,
    /// Index of the step.
    pub step: usize,
    /// `true` if the answer is right.
    pub has_passed: bool,
    /// Reason in lowercase, with backticks.
    pub reason: String,
    /// The event that shows it: its index in the lesson's log.
    pub event: Option<usize>,
    /// The request that shows why the answer is wrong.
    pub example: Option<Example>,
    /// Why the policy decides as it does about that request.
    pub why: Option<WhyReport>,
}
