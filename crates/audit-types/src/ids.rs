//! Indexes and ids that would be mixed up as bare numbers.

use std::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// Index of a rule in its policy, from 0. Prints as people count rules: index 2 as `rule 3`.
///
/// ```
/// use audit_types::RuleIndex;
///
/// let rule = RuleIndex::new(2);
/// assert_eq!((rule.get(), rule.number()), (2, 3));
/// assert_eq!(rule.to_string(), "rule 3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
#[repr(transparent)]
pub struct RuleIndex(usize);

impl RuleIndex {
    /// Creates an index, counted from 0.
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// Returns the index, counted from 0.
    pub const fn get(self) -> usize {
        self.0
    }

    /// Returns the number of the rule, counted from 1.
    pub const fn number(self) -> usize {
        self.0.saturating_add(1)
    }
}

impl From<usize> for RuleIndex {
    fn from(index: usize) -> Self {
        Self(index)
    }
}

impl fmt::Display for RuleIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}", self.number())
    }
}

/// Id of a distinct request in a store of requests: many events can have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
#[repr(transparent)]
pub struct RequestId(u32);

impl RequestId {
    /// Creates an id from its number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// Returns the number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns the position of the request in its store.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Id of an event in the table of a log: of a recorded one, or of one that is derived from it. Ids increase in the order of the table, with
/// gaps; a table that is sorted has other ids. An event's place in a list, or among the recorded events, is a plain index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
#[repr(transparent)]
pub struct EventId(usize);

impl EventId {
    /// Creates an id from its number.
    #[inline]
    pub const fn new(number: usize) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[inline]
    pub const fn get(self) -> usize {
        self.0
    }

    /// Ids of a row of the table: a recorded event has one, and so has each event that may be derived from it.
    pub const PER_ROW: usize = 4;

    /// Place of the recorded event among the ids of its row.
    pub const RECORDED: usize = 2;

    /// Returns the id of a recorded event by its index among the recorded ones; `None` if there can be none.
    #[inline]
    pub const fn of_recorded(index: usize) -> Option<Self> {
        match index.checked_mul(Self::PER_ROW) {
            Some(first) => match first.checked_add(Self::RECORDED) {
                Some(number) => Some(Self(number)),
                None => None,
            },
            None => None,
        }
    }

    /// Returns whether the log contains the event: it is not derived from another stage.
    #[inline]
    pub const fn is_recorded(self) -> bool {
        self.0 % Self::PER_ROW == Self::RECORDED
    }

    /// Returns the index of the recorded event, or of the one that this event is derived from.
    #[inline]
    pub const fn recorded_index(self) -> usize {
        self.0 / Self::PER_ROW
    }
}
