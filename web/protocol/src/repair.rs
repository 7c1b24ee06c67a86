//! Repair of a policy that was damaged when it was copied.

use audit_types::{Edit, KubernetesVersion};
use serde::{Deserialize, Serialize};

use crate::inspection::DiffLine;

/// Request to repair a text. The worker replies with a [`RepairReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairRequest {
    /// The page's number for the request.
    pub number: u32,
    /// The text.
    pub text: String,
    /// Kubernetes version whose server decides whether a policy is accepted.
    pub version: KubernetesVersion,
    /// Answers to questions: the line, and the index of the reading.
    pub answers: Vec<(usize, usize)>,
}

/// Answer to a [`RepairRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RepairReport {
    /// Number of the request.
    pub number: u32,
    /// The repair. `None` if the text does not look damaged.
    pub repair: Option<RepairView>,
}

/// A repair as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RepairView {
    /// Result in lowercase, without a full stop.
    pub headline: String,
    /// Changes: the lines, such as `lines 4 to 9`, and a description in lowercase.
    pub changes: Vec<(String, String)>,
    /// Lines with more than one reading.
    pub questions: Vec<RepairQuestion>,
    /// Lines that could not be placed, with the reason in lowercase.
    pub unplaced: Vec<(usize, String)>,
    /// Edits of the text, in UTF-16 code units; empty if nothing is changed.
    pub edits: Vec<Edit>,
    /// The changed lines with some around them.
    pub diff: Vec<DiffLine>,
}

/// A line with more than one reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepairQuestion {
    /// Line of the text, from 1.
    pub line: usize,
    /// Description in lowercase, without a full stop.
    pub sentence: String,
    /// Meaning of the line in each reading, in lowercase.
    pub readings: Vec<String>,
    /// Index of the chosen reading. `None` if the line is left as it is.
    pub chosen: Option<usize>,
}
