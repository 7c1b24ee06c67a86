//! Lessons about audit policies: a text with steps, each with a task, a start, a check and hints. `FORMAT.md` describes the files.
//!
//! A check never compares texts. A policy is checked by tests and proofs, flags and manifests by their properties, and the answer to a question
//! is computed from the log: any right answer passes, and a wrong one is answered with the request that shows it.
//!
//! ```
//! use audit_lessons::{Answer, check, lesson};
//!
//! let lesson = lesson("first-match-wins").unwrap();
//! let step = &lesson.steps[1];
//! assert_eq!(step.title, "Config maps with their body");
//! assert!(check(step, &step.model).passed);
//!
//! // Nothing is changed yet.
//! let outcome = check(step, &Answer::from_start(&step.start));
//! let reason = "`patch` of `configmaps` named `web` in namespace `shop`, by `admin` is `Metadata` (rule 2); expected the level `Request`";
//! assert_eq!(outcome.reason, reason);
//! assert_eq!((outcome.witness.unwrap().resource.as_str(), outcome.event), ("configmaps", Some(1)));
//! ```
//!
//! Invariant: this crate knows no file, browser or clock, and no input makes a function panic.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod asked;
mod brief;
mod check;
mod error;
mod filter;
mod lesson;
mod library;
mod log;
mod outcome;
mod parse;
mod policy;
mod question;
mod review;
mod settings;
mod task;
mod text;

pub use check::check;
pub use error::LessonError;
pub use lesson::{Answer, Lesson, Start, Step, Subject, Track, WrongAnswer};
pub use library::{TEMPLATE_ID, lesson, lesson_files, lesson_template, lessons, position};
pub use outcome::Outcome;
pub use review::{StepProblem, StepReview, review};
pub use task::{About, Check, EventCheck, Pick, Question, SettingsCheck};
pub use text::{Block, Inline, Text};
