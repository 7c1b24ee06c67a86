//! Places where logs live: how the policy is applied to them there.

use serde::{Deserialize, Serialize};

/// Request for a place. The worker replies with a [`PlaceReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRequest {
    /// The page's number for the request.
    pub number: u32,
    /// Index of the place.
    pub place: usize,
    /// Index of the way to apply the policy there.
    pub way: usize,
}

/// Answer to a [`PlaceRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceReport {
    /// Number of the request.
    pub number: u32,
    /// Titles of all places.
    pub places: Vec<String>,
    /// Titles of the ways at this place.
    pub ways: Vec<String>,
    /// Sentences on what is out of reach of any filter there.
    pub out_of_reach: String,
    /// The cloud that runs the control plane. `None` without one.
    pub cloud: Option<CloudView>,
    /// Sentences on what has to be done, and on its limits.
    pub steps: Vec<String>,
    /// The text to copy.
    pub program: ProgramView,
}

/// A cloud, with what it documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudView {
    /// Its name in sentences.
    pub title: String,
    /// Sentences on what it documents.
    pub about: String,
    /// The rules of its control planes as a policy. `None` if it documents none.
    pub policy: Option<String>,
}

/// A text to copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgramView {
    /// Lines of a shell.
    Shell(String),
    /// The policy as a program.
    Compiled {
        /// Name to save it under.
        file_name: String,
        /// The program.
        text: String,
        /// Parts of the policy that it treats differently from the server, in sentences.
        differences: Vec<String>,
    },
    /// No policy was accepted yet.
    NoPolicy,
}
