//! The Kubernetes minor version whose behaviour is asked for.

use std::fmt;
use std::str::FromStr;

#[cfg(feature = "serde")]
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A Kubernetes minor version from 1.20 to 1.37; the default is the newest that was compared with upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion(u8);

impl KubernetesVersion {
    /// The oldest version the engine knows.
    pub const OLDEST: Self = Self(20);
    /// The newest version that was compared with upstream's code and servers. The default.
    pub const NEWEST: Self = Self(36);
    /// The newest version that can be chosen. Those after [`NEWEST`](Self::NEWEST) behave as it does; none was compared.
    pub const NEWEST_SELECTABLE: Self = Self(37);

    /// Version `1.minor`, where it is one that the engine knows.
    pub const fn from_minor(minor: u8) -> Option<Self> {
        if minor >= Self::OLDEST.0 && minor <= Self::NEWEST_SELECTABLE.0 {
            Some(Self(minor))
        } else {
            None
        }
    }

    /// The number after `1.`.
    pub const fn minor(self) -> u8 {
        self.0
    }

    /// Every version that can be chosen, newest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.0..=Self::NEWEST_SELECTABLE.0).rev().map(Self)
    }

    /// Returns true if the engine was compared with the upstream code of this version.
    pub const fn is_verified(self) -> bool {
        self.0 <= Self::NEWEST.0
    }

    /// Returns true for `1.minor` and newer.
    pub const fn at_least(self, minor: u8) -> bool {
        self.0 >= minor
    }
}

impl Default for KubernetesVersion {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// The text is not a version that the engine knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVersionError(String);

impl fmt::Display for UnknownVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown Kubernetes version `{}`: known are {} to {}",
            self.0,
            KubernetesVersion::OLDEST,
            KubernetesVersion::NEWEST_SELECTABLE
        )
    }
}

impl std::error::Error for UnknownVersionError {}

impl FromStr for KubernetesVersion {
    type Err = UnknownVersionError;

    /// Reads `1.29`, `v1.29` or `1.29.4`; the patch number does not matter to auditing.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownVersionError(text.to_owned());
        let digits = text.strip_prefix('v').unwrap_or(text);
        let mut parts = digits.split('.');
        if parts.next() != Some("1") {
            return Err(unknown());
        }
        let minor = parts.next().and_then(|minor| minor.parse().ok());
        let patch_is_sound = match parts.next() {
            None => true,
            Some(patch) => patch.parse::<u16>().is_ok() && parts.next().is_none(),
        };
        minor
            .filter(|_| patch_is_sound)
            .and_then(Self::from_minor)
            .ok_or_else(unknown)
    }
}

#[cfg(feature = "serde")]
impl Serialize for KubernetesVersion {
    /// Writes it as a string: `1.36`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> Deserialize<'de> for KubernetesVersion {
    /// Reads what [`FromStr`] parses; an unknown version is an error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        for (text, minor) in [("1.36", 36), ("1.37", 37), ("v1.20", 20), ("1.29.4", 29)] {
            assert_eq!(text.parse::<KubernetesVersion>().unwrap().minor(), minor);
        }
        for text in [
            "", "1", "1.19", "1.38", "2.30", "1.x", "1.30.x", "1.30.1.1", "latest",
        ] {
            assert!(text.parse::<KubernetesVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_default_is_the_newest_that_was_compared() {
        assert_eq!(KubernetesVersion::default().to_string(), "1.36");
        let unverified: Vec<String> = KubernetesVersion::all()
            .filter(|version| !version.is_verified())
            .map(|version| version.to_string())
            .collect();
        assert_eq!(unverified, ["1.37"]);
    }
}
