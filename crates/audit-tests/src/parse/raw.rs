//! The fields of a file as they are written.

use audit_types::Level;
use kube_yaml::de::{Spanned, with_help};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{LevelName, OneOrMore, StageName, Text, ValueSet, Version};
use crate::expectation::{ExpectedRule, ExpectedStages};
use crate::file::FileKind;

/// Reads a field whose value may be `null`, which differs from a field that is left out.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The top level of a file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a file of tests, with `tests`")]
pub(super) struct RawFile {
    pub(super) kind: Option<RawKind>,
    pub(super) id: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) source: Option<Text>,
    // These are read from the nodes: a policy is loaded as a text, and cases are read one by one, so that each reports its error.
    #[serde(rename = "policy")]
    _policy: Option<IgnoredAny>,
    pub(super) kubernetes_version: Option<Spanned<Version>>,
    pub(super) kubernetes_versions: Option<Spanned<RawVersions>>,
    #[serde(rename = "settings")]
    _settings: Option<IgnoredAny>,
    #[serde(rename = "tests")]
    _tests: Option<IgnoredAny>,
}

/// Versions that a pack was written for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[serde(expecting = "versions with `from` and `to`")]
pub(super) struct RawVersions {
    pub(super) from: Option<Version>,
    pub(super) to: Option<Version>,
}

/// Kind of a file.
#[derive(Deserialize)]
pub(super) enum RawKind {
    PolicyTests,
    RequirementPack,
}

impl From<RawKind> for FileKind {
    fn from(kind: RawKind) -> Self {
        match kind {
            RawKind::PolicyTests => Self::PolicyTests,
            RawKind::RequirementPack => Self::RequirementPack,
        }
    }
}

/// A case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a case with `name`")]
pub(super) struct RawCase {
    pub(super) name: Spanned<Text>,
    pub(super) id: Option<Text>,
    pub(super) source: Option<Text>,
    pub(super) why: Option<Text>,
    pub(super) request: Option<Spanned<RawRequest>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) requests: Option<Spanned<RawClasses>>,
    pub(super) setting: Option<Spanned<RawSetting>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) detects: Option<Spanned<RawClasses>>,
    pub(super) reads: Option<Vec<Spanned<Text>>>,
    pub(super) decidable: Option<Spanned<bool>>,
    pub(super) every: Option<Spanned<bool>>,
    pub(super) level: Option<LevelName>,
    pub(super) at_least: Option<LevelName>,
    pub(super) at_most: Option<LevelName>,
    pub(super) rule: Option<RawRule>,
    pub(super) stages: Option<RawStages>,
    pub(super) omit_managed_fields: Option<bool>,
    pub(super) not_recorded: Option<bool>,
}

impl RawCase {
    pub(super) fn level(name: Option<LevelName>) -> Option<Level> {
        name.map(|LevelName(level)| level)
    }
}

/// A request.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "attributes of a request")]
pub(super) struct RawRequest {
    #[serde(default, deserialize_with = "present")]
    pub(super) user: Option<Option<Text>>,
    pub(super) groups: Option<Vec<Text>>,
    pub(super) user_group: Option<Spanned<OneOrMore>>,
    pub(super) verb: Option<Text>,
    pub(super) namespace: Option<Spanned<Text>>,
    pub(super) api_group: Option<Spanned<Text>>,
    pub(super) resource: Option<Spanned<Text>>,
    pub(super) subresource: Option<Spanned<Text>>,
    pub(super) name: Option<Spanned<Text>>,
    pub(super) path: Option<Spanned<Text>>,
    pub(super) is_resource_request: Option<bool>,
}

/// A union of classes.
pub(super) struct RawClasses(pub(super) Vec<RawClass>);

/// A class of requests.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "attributes of requests")]
pub(super) struct RawClass {
    #[serde(default, deserialize_with = "present")]
    pub(super) user: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) user_group: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) verb: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) namespace: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) api_group: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) resource: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) subresource: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) name: Option<Spanned<ValueSet>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) path: Option<Spanned<ValueSet>>,
}

impl<'de> Deserialize<'de> for RawClasses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ClassesVisitor;

        impl<'de> Visitor<'de> for ClassesVisitor {
            type Value = RawClasses;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("attributes of requests, or a list of such objects")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawClasses, A::Error> {
                let map = de::value::MapAccessDeserializer::new(map);
                RawClass::deserialize(map).map(|class| RawClasses(vec![class]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawClasses, A::Error> {
                let mut classes = Vec::new();
                while let Some(class) = list.next_element()? {
                    classes.push(class);
                }
                if classes.is_empty() {
                    let message = with_help("the list is empty", "write `{}` for every request");
                    return Err(de::Error::custom(message));
                }
                Ok(RawClasses(classes))
            }

            fn visit_unit<E: de::Error>(self) -> Result<RawClasses, E> {
                let message = with_help("no attributes", "write `{}` for every request");
                Err(E::custom(message))
            }
        }

        deserializer.deserialize_any(ClassesVisitor)
    }
}

/// A claim about a flag.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a claim about a flag")]
pub(super) struct RawSetting {
    pub(super) flag: Spanned<Text>,
    pub(super) is_set: Option<bool>,
    pub(super) value: Option<Spanned<Scalar>>,
    pub(super) at_least: Option<i64>,
    pub(super) at_most: Option<i64>,
}

/// A value of a flag: a text, number or boolean, as a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar(pub(super) String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;

        impl Visitor<'_> for ScalarVisitor {
            type Value = Scalar;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a value of a flag")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar(value.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar(value.to_string()))
            }
        }

        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// The number of a rule, or `none`.
pub(super) struct RawRule(pub(super) ExpectedRule);

impl<'de> Deserialize<'de> for RawRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RuleVisitor;

        impl Visitor<'_> for RuleVisitor {
            type Value = RawRule;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the number of a rule, counted from 1, or `none`")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<RawRule, E> {
                let number = usize::try_from(value).unwrap_or(usize::MAX);
                let Some(index) = number.checked_sub(1) else {
                    let message = with_help(
                        "rule numbers start at 1",
                        "write `rule: 1` for the first rule",
                    );
                    return Err(E::custom(message));
                };
                Ok(RawRule(ExpectedRule::Rule(index.into())))
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<RawRule, E> {
                if value == "none" {
                    return Ok(RawRule(ExpectedRule::NoRule));
                }
                Err(E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }

        deserializer.deserialize_any(RuleVisitor)
    }
}

/// Expected stages.
pub(super) struct RawStages(pub(super) ExpectedStages);

impl<'de> Deserialize<'de> for RawStages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Partial {
            #[serde(default)]
            include: Vec<StageName>,
            #[serde(default)]
            not: Vec<StageName>,
        }

        struct StagesVisitor;

        impl<'de> Visitor<'de> for StagesVisitor {
            type Value = RawStages;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of stages, or `include` and `not` with such lists")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawStages, A::Error> {
                let mut stages = Vec::new();
                while let Some(StageName(stage)) = list.next_element()? {
                    stages.push(stage);
                }
                Ok(RawStages(ExpectedStages::Exactly(
                    stages.into_iter().collect(),
                )))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawStages, A::Error> {
                let map = de::value::MapAccessDeserializer::new(map);
                let Partial { include, not } = Partial::deserialize(map)?;
                if include.is_empty() && not.is_empty() {
                    let message = "no stage is named, so any verdict would pass";
                    return Err(de::Error::custom(message));
                }
                let set = |names: Vec<StageName>| {
                    names.into_iter().map(|StageName(stage)| stage).collect()
                };
                Ok(RawStages(ExpectedStages::Some {
                    recorded: set(include),
                    not: set(not),
                }))
            }
        }

        deserializer.deserialize_any(StagesVisitor)
    }
}
