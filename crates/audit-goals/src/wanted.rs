//! Choices that claims leave open.

use audit_policy::{KubernetesVersion, Level};

/// Wanted policy, besides its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// Level of the requests that no claim is about. Claims that allow several levels get the one that is the nearest to it.
    pub otherwise: Level,
    /// Version that loads the policy.
    pub version: KubernetesVersion,
}

impl Default for Wanted {
    /// Requests that no claim is about are not recorded.
    fn default() -> Self {
        Self {
            otherwise: Level::None,
            version: KubernetesVersion::NEWEST,
        }
    }
}

impl Wanted {
    /// Sets the level of the requests that no claim is about.
    #[must_use]
    pub const fn with_otherwise(mut self, level: Level) -> Self {
        self.otherwise = level;
        self
    }

    /// Sets the version that loads the policy.
    #[must_use]
    pub const fn with_version(mut self, version: KubernetesVersion) -> Self {
        self.version = version;
        self
    }
}
