//! Parts of a file that contain no event, and the reasons.

use std::fmt;

use crate::detect::UnrecognizedKind;
use crate::json::JsonError;
use crate::limits::MAX_FRAME_BYTES;
use crate::location::Location;

/// A piece of a file that holds no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub location: Location,
    /// Why it cannot be used.
    pub reason: ProblemReason,
    /// Its first characters.
    pub excerpt: String,
}

/// Why a piece of a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemReason {
    /// It is not JSON.
    NotJson(JsonError),
    /// It is not valid UTF-8.
    NotUtf8,
    /// It is NUL bytes only.
    NulBytes,
    /// It is longer than [`MAX_FRAME_BYTES`].
    TooLong,
    /// The file ends before the list of records that is open here.
    UnclosedList,
    /// It is JSON, but no audit event.
    Unrecognized(UnrecognizedKind),
}

impl fmt::Display for ProblemReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => write!(f, "not JSON: {error}"),
            Self::NotUtf8 => f.write_str("not text (not valid UTF-8)"),
            Self::NulBytes => f.write_str(
                "NUL bytes: log rotation with `copytruncate` leaves them, or a crash while the log was written",
            ),
            Self::TooLong => write!(f, "longer than {} MiB, skipped", MAX_FRAME_BYTES >> 20),
            Self::UnclosedList => f.write_str("cut off: the file ends inside a list of records"),
            Self::Unrecognized(unrecognized) => unrecognized.fmt(f),
        }
    }
}

impl ProblemReason {
    /// Why damaged text cannot be used that stops being JSON there.
    pub(crate) fn from_damage(text: &[u8], error: JsonError) -> Self {
        if !text.is_empty() && text.iter().all(|byte| *byte == 0) {
            Self::NulBytes
        } else if str::from_utf8(text).is_err() {
            Self::NotUtf8
        } else {
            Self::NotJson(error)
        }
    }

    /// The reason without what differs from place to place, by which problems are counted.
    pub fn category(&self) -> String {
        match self {
            Self::NotJson(_) => "not JSON".to_owned(),
            reason => reason.to_string(),
        }
    }
}
