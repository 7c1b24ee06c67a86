//! Content of a link or a file for others: the policy, its baseline and some events, with or without pseudonyms.

use serde::{Deserialize, Serialize};

use crate::{EventId, EventSelection, KubernetesVersion};

/// Maximum length of the events of a link or file, in bytes.
pub const MAX_SAMPLE_BYTES: usize = 1_000_000;

/// Content to prepare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRequest {
    /// The page's number for the request. Only the reply to the newest one counts.
    pub number: u32,
    /// Version to emulate.
    pub version: KubernetesVersion,
    /// Text of the policy, as typed.
    pub policy: String,
    /// Text of its baseline.
    pub baseline: Option<String>,
    /// Events to add.
    pub events: Option<EventSelection>,
    /// The selected event.
    pub selected: Option<EventId>,
    /// Names are replaced by pseudonyms that follow from this number; `None` to leave them.
    pub key: Option<u64>,
}

/// Content that was prepared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShareReport {
    /// Number of the request.
    pub number: u32,
    /// Text of the policy.
    pub policy: String,
    /// The document that contains the policy was left out, because its other names cannot be replaced.
    pub is_policy_only: bool,
    /// Text of the baseline.
    pub baseline: Option<String>,
    /// Events, a line each. `None` if none were requested, or none could be read.
    pub sample: Option<String>,
    /// Number of these events.
    pub events: usize,
    /// Index of the selected event among these, if it is one.
    pub selected: Option<u64>,
    /// Number of requested events that were left out, because they did not fit or their file has changed.
    pub left_out: usize,
    /// Result of the redaction; `None` if none was requested.
    pub redaction: Option<Redaction>,
    /// Likely secrets in the events before the redaction, the first of them.
    pub secrets: Vec<LikelySecret>,
    /// Number of all likely secrets.
    pub secret_count: usize,
    /// Reason why nothing can be shared, as a sentence. All else is empty then.
    pub error: Option<String>,
}

/// Names that a redaction replaced.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Redaction {
    /// Parts of names and their pseudonyms, the first of them.
    pub replaced: Vec<(String, String)>,
    /// Number of all parts of names that were replaced.
    pub replaced_count: usize,
    /// `true` if the verdicts of each event were compared; `false` if the server rejects a policy, so that there are none.
    pub has_verdicts: bool,
    /// Words that stayed, because they are the same in every cluster.
    pub kept: Vec<String>,
}

/// A likely secret in an event, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikelySecret {
    /// Number of the event among those shared, from 1.
    pub event: usize,
    /// Kind of secret that it seems to be, as a noun with its article.
    pub kind: String,
    /// Path of the value in the event.
    pub place: String,
    /// Text that identifies it, with `…` for the secret.
    pub shown: String,
}
