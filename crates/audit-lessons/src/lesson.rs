//! A lesson: a text, and steps that a learner solves one after the other.

use std::fmt;

use audit_types::{KubernetesVersion, Span};
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::task::Check;
use crate::text::Text;

/// A lesson.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Lesson {
    /// Short name, of lowercase letters, digits and dashes; unique among the lessons.
    pub id: String,
    /// Track that the lesson is part of.
    pub track: Track,
    /// Title.
    pub title: String,
    /// Minutes that it takes; in exam practice, the time limit.
    pub minutes: u16,
    /// Text before the first step.
    pub intro: Text,
    /// The steps: at least one.
    pub steps: Vec<Step>,
}

/// A track: lessons that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Track {
    /// Levels, stages, the order of rules, subresources, groups.
    FirstSteps,
    /// Secrets, shells, permissions, tokens, noise and retention.
    Hardening,
    /// Tasks against the clock, in the manner of the CKS exam.
    ExamPractice,
}

impl Track {
    /// All tracks, in order.
    pub const ALL: [Self; 3] = [Self::FirstSteps, Self::Hardening, Self::ExamPractice];

    /// Returns the name as people read it.
    ///
    /// ```
    /// use audit_lessons::Track;
    ///
    /// assert_eq!(Track::FirstSteps.title(), "First steps");
    /// ```
    pub const fn title(self) -> &'static str {
        match self {
            Self::FirstSteps => "First steps",
            Self::Hardening => "Hardening",
            Self::ExamPractice => "Exam practice",
        }
    }

    /// Returns the name in a lesson's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstSteps => "first steps",
            Self::Hardening => "hardening",
            Self::ExamPractice => "exam practice",
        }
    }

    /// Returns true if lessons are timed, and show the task only until a hint is requested.
    pub const fn is_timed(self) -> bool {
        matches!(self, Self::ExamPractice)
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A step: a task, what to start from, and how an answer is checked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// Short title.
    pub title: String,
    /// The task.
    pub task: Text,
    /// Documents that the step starts from.
    pub start: Start,
    /// Check of an answer.
    pub check: Check,
    /// Hints, in the order in which to show them.
    pub hints: Vec<Text>,
    /// Sentence on the step's lesson, without a full stop; it follows the reason of a right answer. Empty if the step does not have one.
    pub learned: String,
    /// An answer that passes.
    pub model: Answer,
    /// Answers that fail, each with its reason.
    pub wrong: Vec<WrongAnswer>,
    /// True if the start is an answer too: the task is to see that.
    pub start_passes: bool,
    /// Place of the heading in the file.
    pub span: Span,
}

impl Step {
    /// Returns what the learner changes or gives.
    ///
    /// ```
    /// use audit_lessons::{Subject, lesson};
    ///
    /// let lesson = lesson("four-levels").unwrap();
    /// assert_eq!(lesson.steps[0].subject(), Subject::Event);
    /// ```
    pub const fn subject(&self) -> Subject {
        match &self.check {
            Check::Policy(_) | Check::Equal(_) => Subject::Policy,
            Check::Settings(_) if self.start.manifest.is_some() => Subject::Manifest,
            Check::Settings(_) => Subject::Flags,
            Check::Question(_) => Subject::Text,
            Check::Event(_) => Subject::Event,
        }
    }
}

/// Part of an answer that a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Subject {
    /// The policy.
    Policy,
    /// Flags of kube-apiserver.
    Flags,
    /// The manifest of kube-apiserver.
    Manifest,
    /// A word or a time that is typed.
    Text,
    /// A selected event of the log.
    Event,
}

/// Documents that a step starts from. A part that neither the step nor one before it has is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Start {
    /// The policy.
    pub policy: Option<String>,
    /// Flags of kube-apiserver.
    pub flags: Option<String>,
    /// The manifest of kube-apiserver.
    pub manifest: Option<String>,
    /// The log, as JSON lines. `None` if the step has no log: one that is open from another lesson is not part of it.
    pub log: Option<String>,
    /// Kubernetes version.
    pub version: KubernetesVersion,
    /// True if policy, flags and manifest are those with which the step before is solved: a learner who comes from there goes on with their
    /// own.
    pub is_continued: bool,
}

/// Work of a learner: documents, and what is typed or selected. A check looks at one part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Answer {
    /// The policy.
    pub policy: String,
    /// Flags of kube-apiserver.
    pub flags: String,
    /// The manifest of kube-apiserver.
    pub manifest: String,
    /// The typed answer to a question.
    pub text: String,
    /// The selected event: its index in the log, from 0.
    pub event: Option<usize>,
}

impl Answer {
    /// Returns the answer of a learner who has changed nothing yet.
    pub fn from_start(start: &Start) -> Self {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        Self {
            policy: text(&start.policy),
            flags: text(&start.flags),
            manifest: text(&start.manifest),
            ..Self::default()
        }
    }
}

/// An answer that fails, to test the check with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongAnswer {
    /// The answer.
    pub answer: Answer,
    /// A part of the reason that [`check`](crate::check()) has to state, without backticks.
    pub reason: String,
    /// Place of the answer in the file.
    pub span: Span,
}

impl WrongAnswer {
    /// Returns true if an outcome fails with the stated reason.
    pub fn is_met(&self, outcome: &Outcome) -> bool {
        !outcome.passed && outcome.reason.replace('`', "").contains(&self.reason)
    }
}
