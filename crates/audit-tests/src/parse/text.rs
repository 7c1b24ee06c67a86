//! Scalars that people write: texts, lists of texts, levels, stages and versions. YAML reads `1.30` as a number and `on` as a boolean, so the
//! errors say how to write a text.

use std::fmt;

use audit_policy::KubernetesVersion;
use audit_types::excerpt::quote;
use audit_types::{Level, Stage, spelling};
use kube_yaml::de::{Spanned, with_help};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Help for a value that YAML does not read as a text.
const QUOTES: &str = "write it in quotes";

/// A text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

/// Implements the methods of a visitor for values that are not text.
macro_rules! reject_other_scalars {
    () => {
        fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
            let message = format!("expected a text, found the boolean `{value}`");
            Err(E::custom(with_help(message, QUOTES)))
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
            not_a_text(value)
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
            not_a_text(value)
        }

        fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
            not_a_text(value)
        }
    };
}

fn not_a_text<T, E: de::Error>(value: impl fmt::Display) -> Result<T, E> {
    let message = format!("expected a text, found the number `{value}`");
    Err(E::custom(with_help(message, QUOTES)))
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Text, E> {
        Ok(Text(value.to_owned()))
    }

    reject_other_scalars!();
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A value of an attribute. `None` is `null`.
pub(crate) type Value = Spanned<Option<Text>>;

/// Values of an attribute of a class.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ValueSet {
    /// One of these. `None` if any that is not listed below.
    pub(crate) among: Option<Vec<Value>>,
    /// None of these.
    pub(crate) not: Vec<Value>,
}

/// One value or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OneOrMore(pub(crate) Vec<Value>);

struct OneOrMoreVisitor;

/// Returns the value of a visitor, whose place is that of the whole list: the caller replaces it.
fn single(text: Option<&str>) -> OneOrMore {
    OneOrMore(vec![Spanned {
        value: text.map(|text| Text(text.to_owned())),
        span: audit_types::Span::default(),
    }])
}

impl<'de> Visitor<'de> for OneOrMoreVisitor {
    type Value = OneOrMore;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<OneOrMore, E> {
        Ok(single(Some(value)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<OneOrMore, E> {
        Ok(single(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMore, A::Error> {
        let mut values: Vec<Value> = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        if values.is_empty() {
            let help = "leave it out for every value";
            return Err(de::Error::custom(with_help("the list is empty", help)));
        }
        Ok(OneOrMore(values))
    }

    reject_other_scalars!();
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMoreVisitor)
    }
}

impl OneOrMore {
    /// Returns the values with places: a value that stands alone has the place of the whole.
    pub(crate) fn placed(spanned: Spanned<Self>) -> Vec<Value> {
        let mut values = spanned.value.0;
        if let [only] = values.as_mut_slice()
            && only.span == audit_types::Span::default()
        {
            only.span = spanned.span;
        }
        values
    }
}

struct ValueSetVisitor;

impl<'de> Visitor<'de> for ValueSetVisitor {
    type Value = ValueSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list of texts, or `not` with such a list")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<ValueSet, E> {
        OneOrMoreVisitor.visit_str(value).map(among)
    }

    fn visit_unit<E: de::Error>(self) -> Result<ValueSet, E> {
        OneOrMoreVisitor.visit_unit().map(among)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<ValueSet, A::Error> {
        OneOrMoreVisitor.visit_seq(list).map(among)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ValueSet, A::Error> {
        let mut set = ValueSet::default();
        while let Some(key) = map.next_key::<SetKey>()? {
            let values: Spanned<OneOrMore> = map.next_value()?;
            let values = OneOrMore::placed(values);
            match key {
                SetKey::In => set.among = Some(values),
                SetKey::Not => set.not = values,
            }
        }
        if set == ValueSet::default() {
            let help = "write `{not: [a, b]}`";
            return Err(de::Error::custom(with_help("the object is empty", help)));
        }
        Ok(set)
    }

    reject_other_scalars!();
}

/// Keys of a set of values.
#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum SetKey {
    In,
    Not,
}

fn among(values: OneOrMore) -> ValueSet {
    ValueSet {
        among: Some(values.0),
        not: Vec::new(),
    }
}

impl<'de> Deserialize<'de> for ValueSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueSetVisitor)
    }
}

impl ValueSet {
    /// Returns the set with the place of the whole for a value that stands alone.
    pub(crate) fn placed(spanned: Spanned<Self>) -> Self {
        let Spanned { mut value, span } = spanned;
        value.among = value.among.map(|values| {
            let value = OneOrMore(values);
            OneOrMore::placed(Spanned { value, span })
        });
        value
    }
}

/// Returns the error about an unknown name, with the one that was meant.
fn unknown<E: de::Error>(what: &str, name: &str, known: &[&str]) -> E {
    let message = format!("unknown {what} {}", quote(name));
    let begins = |known: &&&str| {
        let start = known.get(..name.len());
        name.len() > 2 && start.is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let begun = known.iter().find(begins).copied();
    match begun.or_else(|| spelling::nearest(name, known.iter().copied(), 2)) {
        Some(meant) => E::custom(with_help(message, format_args!("did you mean `{meant}`?"))),
        None => {
            let known = known.join(", ");
            E::custom(with_help(message, format_args!("expected {known}")))
        }
    }
}

/// A level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LevelName(pub(crate) Level);

impl<'de> Deserialize<'de> for LevelName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(name) = Text::deserialize(deserializer)?;
        let known = Level::ALL.map(Level::name);
        Level::from_name(&name)
            .map(Self)
            .ok_or_else(|| unknown("level", &name, &known))
    }
}

/// A stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StageName(pub(crate) Stage);

impl<'de> Deserialize<'de> for StageName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(name) = Text::deserialize(deserializer)?;
        let known = Stage::ALL.map(Stage::name);
        Stage::from_name(&name)
            .map(Self)
            .ok_or_else(|| unknown("stage", &name, &known))
    }
}

/// A version of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(pub(crate) KubernetesVersion);

struct VersionVisitor;

impl Visitor<'_> for VersionVisitor {
    type Value = Version;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version, such as \"1.36\"")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Version, E> {
        let known = format!(
            "known are {} to {}",
            KubernetesVersion::OLDEST,
            KubernetesVersion::NEWEST_SELECTABLE
        );
        value.parse().map(Version).map_err(|_| {
            let message = format!("unknown Kubernetes version {}", quote(value));
            E::custom(with_help(message, known))
        })
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Version, E> {
        not_a_text(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Version, E> {
        let message = format!("expected a version, found the number `{value}`");
        Err(E::custom(with_help(
            message,
            "write it in quotes: 1.30 is the number 1.3",
        )))
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VersionVisitor)
    }
}
