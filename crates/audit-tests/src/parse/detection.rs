//! Parses the needs of a detection.

use audit_types::excerpt::quote;
use audit_types::{Level, Stage, StageSet, spelling};
use kube_yaml::de::{Error, Spanned};

use super::class::classes;
use super::raw::RawClasses;
use super::text::Text;
use crate::detection::{Detection, EventField, FIELDS};
use crate::expectation::{Expectation, ExpectedStages};

/// Returns the detection of a case. Of the expectations, it has a level and stages.
pub(super) fn detection(
    requests: Spanned<RawClasses>,
    reads: Vec<Spanned<Text>>,
    expected: &Expectation,
) -> Result<Detection, Error> {
    let span = requests.span;
    let allowed = Expectation {
        at_least: expected.at_least,
        stages: expected.stages,
        ..Expectation::default()
    };
    if *expected != allowed {
        let message = "a detection states what it needs by `reads`, `atLeast` and `stages`";
        return Err(Error::new(
            message,
            "leave the other expectations out",
            span,
        ));
    }
    let fields: Vec<(&EventField, Spanned<Text>)> = reads
        .into_iter()
        .map(|read| Ok((event_field(&read)?, read)))
        .collect::<Result<_, Error>>()?;
    let late = fields.iter().find(|(field, _)| field.is_late);
    let stages = match expected.stages {
        None => default_stages(late.is_some()),
        Some(ExpectedStages::Exactly(stages)) if stages != StageSet::default() => stages,
        Some(_) => {
            let help = "list the stages of which one is enough";
            return Err(Error::new("`stages` of a detection is a list", help, span));
        }
    };
    if let Some((field, read)) = late.filter(|_| stages.contains(Stage::RequestReceived)) {
        let message = format!("events of `RequestReceived` have no `{}`", field.name);
        let help = "leave that stage out";
        return Err(Error::new(message, help, read.span));
    }
    let levels = fields.iter().map(|(field, _)| field.level);
    let levels = levels.chain(expected.at_least);
    Ok(Detection {
        classes: classes(requests.value)?,
        level: levels.fold(Level::Metadata, Ord::max),
        stages,
        fields: fields.into_iter().map(|(_, read)| read.value.0).collect(),
        span,
    })
}

/// Returns the stages that requests which are not long-running have, as far as they have what is read.
fn default_stages(is_late: bool) -> StageSet {
    let first = (!is_late).then_some(Stage::RequestReceived);
    first.into_iter().chain([Stage::ResponseComplete]).collect()
}

fn event_field(read: &Spanned<Text>) -> Result<&'static EventField, Error> {
    let Text(path) = &read.value;
    let name = path.split('.').next().unwrap_or_default();
    FIELDS
        .iter()
        .find(|field| field.name == name)
        .ok_or_else(|| {
            let names = FIELDS.iter().map(|field| field.name);
            let help = match spelling::nearest(name, names.clone(), 2) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "it begins with one of {}",
                    names.collect::<Vec<_>>().join(", ")
                ),
            };
            let message = format!("{} is not a field of an event", quote(path));
            Error::new(message, help, read.span)
        })
}
