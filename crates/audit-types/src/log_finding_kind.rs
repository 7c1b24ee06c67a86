//! Findings about a log that single events belong to.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::kind_set::{Kind, KindSet};

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

impl Kind for LogFindingKind {
    fn place(self) -> u8 {
        self as u8
    }
}

/// Set of findings about a log that an event belongs to.
pub type LogFindingKinds = KindSet<LogFindingKind>;
