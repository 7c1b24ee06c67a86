//! Explanation of a finding's code.

use serde::{Deserialize, Serialize};

/// The page of a code, as `audit-policy explain` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodePage {
    /// The code: `AP012`.
    pub code: String,
    /// Title: "a field at the wrong level".
    pub title: String,
    /// The text in Markdown, without its heading: paragraphs, lists and code blocks.
    pub text: String,
}
