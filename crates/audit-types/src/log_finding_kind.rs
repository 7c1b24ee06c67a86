//! Findings about a log that single events belong to.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// Finding about a log that an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub enum LogFindingKind {
    /// The audit ID and stage are those of a different request.
    SharedAuditId,
    /// The request had no credentials and was allowed.
    AnonymousAllowed,
    /// The URL contains a secret.
    SecretInUrl,
    /// The server left out the bodies, because the event was too large.
    LostBodies,
}

impl LogFindingKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::SharedAuditId,
        Self::AnonymousAllowed,
        Self::SecretInUrl,
        Self::LostBodies,
    ];

    /// Returns a label for display.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SharedAuditId => "with the audit ID of another request",
            Self::AnonymousAllowed => "anonymous and allowed",
            Self::SecretInUrl => "with a secret in the URL",
            Self::LostBodies => "without the bodies",
        }
    }
}

/// Set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct LogFindingKinds(u8);

impl LogFindingKinds {
    /// Returns `true` if the set has no kind.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns `true` if the set has the kind.
    pub const fn contains(self, kind: LogFindingKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    /// Adds a kind.
    pub const fn insert(&mut self, kind: LogFindingKind) {
        self.0 |= Self::bit(kind);
    }

    const fn bit(kind: LogFindingKind) -> u8 {
        1 << kind as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_the_kinds_that_were_added() {
        for added in LogFindingKind::ALL {
            let mut kinds = LogFindingKinds::default();
            assert!(kinds.is_empty());
            kinds.insert(added);
            assert!(!kinds.is_empty());
            for kind in LogFindingKind::ALL {
                assert_eq!(kinds.contains(kind), kind == added, "{kind:?}");
            }
        }
    }
}
