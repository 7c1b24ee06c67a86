//! Reasons why something is not redacted.

/// Reason why something cannot be redacted. Nothing is returned in part: it could contain names, or differ in meaning from the original.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedactError {
    /// There are more names of one length than pseudonyms.
    #[error(
        "too many names of {length} characters: each needs another pseudonym of the same length"
    )]
    TooManyNames {
        /// Number of characters of the name without a pseudonym.
        length: usize,
    },
    /// The redacted policy is not the original one with other names.
    #[error("the policy would have another meaning: {reason}")]
    PolicyDiffers {
        /// The difference.
        reason: &'static str,
    },
    /// The redacted event has another verdict, outcome or size.
    #[error("the event {event} would have another {what}")]
    EventDiffers {
        /// The audit ID of the event, quoted.
        event: String,
        /// The difference: `verdict`, `outcome` or `size`.
        what: &'static str,
    },
}
