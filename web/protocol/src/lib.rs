//! What the page and its worker say to each other: plain data, both ways, one message a piece of bytes.
//!
//! The page never sees a policy type or an event type: the worker holds the engine and says what to show. Files travel beside
//! the bytes of [`Ask::Open`], as browser `File` objects in the same order.
//!
//! Answers carry the [`Generation`] of the policy they were made under, so that the page can tell a stale one from a fresh one.

#![forbid(unsafe_code)]

mod ask;
pub mod export;
mod tell;
pub mod terms;
pub mod verified;
pub mod volume;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use ask::{Ask, Column, Form, Lines, View, Which};
pub use tell::*;

/// A message as bytes; both ends are built together, so nothing of its shape is sent along.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // A plain value in memory always has an encoding: no map of unknown length, no failing `Serialize`.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// The message of such bytes; none where the other end is of another version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

/// Counts the policy edits of a page's life; an answer under an older generation is stale.
pub type Generation = u32;

/// Counts the logs that a page asks for.
pub type LogNumber = u32;

/// The level of a rule or of an event, `N`, `M`, `R` or `RR` in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LevelTag {
    /// None.
    N,
    /// Metadata.
    M,
    /// Request.
    R,
    /// RequestResponse.
    RR,
}

impl LevelTag {
    /// Every level, least first.
    pub const ALL: [Self; 4] = [Self::N, Self::M, Self::R, Self::RR];

    /// The letters that double the colour.
    pub const fn letters(self) -> &'static str {
        match self {
            Self::N => "N",
            Self::M => "M",
            Self::R => "R",
            Self::RR => "RR",
        }
    }

    /// Kubernetes' own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::N => "None",
            Self::M => "Metadata",
            Self::R => "Request",
            Self::RR => "RequestResponse",
        }
    }
}

/// Events and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// Events.
    pub events: usize,
    /// Bytes.
    pub bytes: f64,
}

/// What becomes of an event, without the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OutcomeTag {
    /// It is written.
    Written,
    /// The level is None.
    DroppedLevel,
    /// Its stage is omitted.
    DroppedStage,
    /// Any of the dropped ones; for filters.
    Dropped,
    /// The log does not hold what the policy asks about.
    Unknowable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_way() {
        let view = View {
            text: "user:alice é".to_owned(),
            rule: Some(None),
            sort: Some(Column::Written),
            ..View::default()
        };
        let ask = Ask::View(view);
        assert_eq!(decode::<Ask>(&encode(&ask)), Some(ask));
        let tell = Tell::Answer(Answer {
            per_day: PerDay {
                bytes: Some(1.5e12),
                ..PerDay::default()
            },
            ..Answer::default()
        });
        assert_eq!(decode::<Tell>(&encode(&tell)), Some(tell));
        assert_eq!(decode::<Tell>(&[0xff; 3]), None);
    }
}
