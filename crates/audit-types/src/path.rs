//! The path from the top of a document to a value inside it.

use std::fmt;

use crate::ids::RuleIndex;

#[cfg(feature = "serde")]
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A field of a mapping.
    Field(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// A path to a value; prints as `rules[2].resources[0].verbs`.
///
/// For a flag of kube-apiserver it is the flag's name without dashes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// Returns the path of the whole document.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// Returns this path extended by a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Field(name.to_owned()));
        Self(steps)
    }

    /// Returns this path extended by an item.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Self(steps)
    }

    /// Returns the path of a policy's rule.
    pub fn rule(rule: impl Into<RuleIndex>) -> Self {
        Self::root().field("rules").index(rule.into().get())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if at == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(feature = "serde")]
impl Serialize for Path {
    /// Writes the path as it prints.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> Deserialize<'de> for Path {
    /// Reads a printed path. A name that contains a dot or a bracket is read as several steps, which print the same.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut steps = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (name, mut indexes) = part
                .find('[')
                .map_or((part, ""), |bracket| part.split_at(bracket));
            if !name.is_empty() {
                steps.push(Step::Field(name.to_owned()));
            }
            while let Some((index, rest)) = indexes
                .strip_prefix('[')
                .and_then(|inside| inside.split_once(']'))
            {
                steps.push(
                    index
                        .parse()
                        .map_or_else(|_| Step::Field(format!("[{index}]")), Step::Index),
                );
                indexes = rest;
            }
        }
        Ok(Self(steps))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_go_prints_them() {
        let path = Path::rule(2).field("resources").index(0).field("verbs");
        assert_eq!(path.to_string(), "rules[2].resources[0].verbs");
        assert_eq!(Path::root().to_string(), "");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_printed_path_is_read_back() {
        for text in [
            "",
            "rules",
            "rules[2].resources[0].verbs",
            "a[0][1].b",
            "audit-log-path",
        ] {
            let path: Path = serde_json::from_value(text.into()).unwrap();
            assert_eq!(path.to_string(), text);
        }
        let path: Path = serde_json::from_value("rules[2].verbs".into()).unwrap();
        assert_eq!(path, Path::rule(2).field("verbs"));
    }
}
