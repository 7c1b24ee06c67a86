//! Claims in one line: `verb=get,list resource=secrets atLeast=Metadata`.

use std::ops::Range;

use audit_analysis::query;
use audit_types::excerpt::quote;
use audit_types::{Level, Span, Stage, StageSet, spelling};
use kube_yaml::de::Error;

use crate::case::{Case, Claim, ClassClaim};
use crate::expectation::{Expectation, ExpectedStages};

/// Fields of an expectation in a line.
const FIELDS: [&str; 6] = [
    "level",
    "atLeast",
    "atMost",
    "stages",
    "omitManagedFields",
    "notRecorded",
];

/// Help for a line without an expectation.
const EXPECTATIONS: &str = "add `level=`, `atLeast=`, `atMost=`, `stages=`, `stages!=`, `omitManagedFields=` or `notRecorded`";

impl Case {
    /// Parses a claim in one line: the terms of a [`query`], and one or more expectations with the names that files of tests have. Without terms, it is
    /// about every request. `stages=` lists the stages that are recorded, and no others are; `stages!=` those that are not. `notRecorded` needs no value.
    /// The name of the case is the line.
    ///
    /// ```
    /// use audit_tests::Case;
    ///
    /// let case = Case::from_line("verb=get,list resource=secrets atLeast=Metadata").unwrap();
    /// let words = case.claim.words().unwrap();
    /// assert!(words.ends_with(": at least `Metadata`"), "{words}");
    /// let error = Case::from_line("resource=secrets atLeast=Metdata").unwrap_err();
    /// assert_eq!(error.to_string(), "`Metdata` is not a level (help: did you mean `Metadata`?)");
    /// assert_eq!((error.span.start, error.span.end), (17, 32));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error for a wrong term, with its place in the line; for a line that expects nothing; and for one that no verdict meets.
    pub fn from_line(line: &str) -> Result<Self, Error> {
        let mut expected = Expectation::default();
        for word in words(line) {
            let text = line.get(word.clone()).unwrap_or_default();
            if is_expectation(text) {
                add(&mut expected, text, Span::new(word.start, word.end))?;
            }
        }
        let span = Span::new(0, line.len());
        let classes = query(&terms_of_line(line))
            .map_err(|error| Error::new(error.message, error.help, error.span))?;
        if expected.is_empty() {
            return Err(Error::new("nothing is expected", EXPECTATIONS, span));
        }
        if expected.is_contradictory() {
            let help = "remove one of the expectations";
            return Err(Error::new("no verdict is as expected", help, span));
        }
        Ok(Self {
            name: line.trim().to_owned(),
            span,
            id: None,
            source: None,
            why: None,
            claim: Claim::Class(ClassClaim {
                classes,
                is_every: false,
                expected,
                span,
            }),
        })
    }
}

/// Returns the terms of a line that are about requests, in their places: the query without the expectations of [`Case::from_line`].
///
/// ```
/// let terms = audit_tests::terms_of_line("level=None verb=get");
/// assert_eq!(terms, "           verb=get");
/// ```
pub fn terms_of_line(line: &str) -> String {
    let mut terms = line.to_owned();
    for word in words(line) {
        if line.get(word.clone()).is_some_and(is_expectation) {
            terms.replace_range(word.clone(), &" ".repeat(word.len()));
        }
    }
    terms
}

/// Returns the field of a word, and what follows it.
fn field(word: &str) -> (&str, &str) {
    let end = word.find(['=', '!', ':']).unwrap_or(word.len());
    word.split_at_checked(end).unwrap_or((word, ""))
}

/// Returns true if a word is an expectation, and not about requests.
fn is_expectation(word: &str) -> bool {
    FIELDS.contains(&field(word).0)
}

/// Returns the words of a line. A space in double quotes does not end a word.
fn words(line: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, character) in line.char_indices() {
        if character.is_whitespace() && !is_quoted {
            words.extend(start.take().map(|start| start..at));
            continue;
        }
        start.get_or_insert(at);
        match character {
            '"' if !is_escaped => is_quoted = !is_quoted,
            '\\' if is_quoted && !is_escaped => {
                is_escaped = true;
                continue;
            }
            _ => {}
        }
        is_escaped = false;
    }
    words.extend(start.map(|start| start..line.len()));
    words
}

/// Adds a term to the expectation.
fn add(expected: &mut Expectation, word: &str, span: Span) -> Result<(), Error> {
    let (field, rest) = field(word);
    let (is_in, value) = match (rest.strip_prefix("!="), rest.strip_prefix(['=', ':'])) {
        (Some(value), _) if field == "stages" => (false, value),
        (_, Some(value)) => (true, value),
        _ if field == "notRecorded" && rest.is_empty() => (true, "true"),
        _ => {
            let message = format!("{} is not an expectation", quote(word));
            return Err(Error::new(message, format!("write `{field}=value`"), span));
        }
    };
    match field {
        "level" => expected.level = Some(level(value, span)?),
        "atLeast" => expected.at_least = Some(level(value, span)?),
        "atMost" => expected.at_most = Some(level(value, span)?),
        "omitManagedFields" => expected.omit_managed_fields = Some(boolean(value, span)?),
        "notRecorded" => expected.not_recorded = Some(boolean(value, span)?),
        _ => add_stages(expected, is_in, stages(value, span)?, span)?,
    }
    Ok(())
}

fn add_stages(
    expected: &mut Expectation,
    is_in: bool,
    stages: StageSet,
    span: Span,
) -> Result<(), Error> {
    let new = match (expected.stages, is_in) {
        (None, true) => ExpectedStages::Exactly(stages),
        (None, false) => ExpectedStages::Some {
            recorded: StageSet::default(),
            not: stages,
        },
        (Some(ExpectedStages::Some { recorded, not }), false) => ExpectedStages::Some {
            recorded,
            not: not.union(stages),
        },
        _ => {
            let help = "write the stages that are recorded once: no others are";
            return Err(Error::new("`stages` is given twice", help, span));
        }
    };
    expected.stages = Some(new);
    Ok(())
}

fn level(value: &str, span: Span) -> Result<Level, Error> {
    Level::from_name(value)
        .ok_or_else(|| unknown(value, "a level", &Level::ALL.map(Level::name), span))
}

fn stages(value: &str, span: Span) -> Result<StageSet, Error> {
    let names = Stage::ALL.map(Stage::name);
    let stage =
        |name: &str| Stage::from_name(name).ok_or_else(|| unknown(name, "a stage", &names, span));
    value.split(',').map(stage).collect()
}

fn boolean(value: &str, span: Span) -> Result<bool, Error> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(unknown(value, "true or false", &["true", "false"], span)),
    }
}

fn unknown(value: &str, what: &str, names: &[&'static str], span: Span) -> Error {
    let help = match spelling::nearest(value, names.iter().copied(), 3) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("write one of {}", names.join(", ")),
    };
    Error::new(format!("{} is not {what}", quote(value)), help, span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_what_files_say() {
        for (line, case) in [
            (
                "verb=get,list resource=pods/exec level=Metadata",
                "requests: {verb: [get, list], resource: pods/exec}, level: Metadata",
            ),
            (
                "apiGroup= resource=secrets user!=alice atLeast=Metadata atMost=Request",
                "requests: {apiGroup: \"\", resource: secrets, user: {not: alice}}, atLeast: Metadata, atMost: Request",
            ),
            (
                "path=/healthz* notRecorded",
                "requests: {path: \"/healthz*\"}, notRecorded: true",
            ),
            (
                "stages=ResponseComplete,Panic omitManagedFields=true",
                "requests: {}, stages: [ResponseComplete, Panic], omitManagedFields: true",
            ),
            (
                "stages!=RequestReceived stages!=Panic notRecorded=false",
                "requests: {}, stages: {not: [RequestReceived, Panic]}, notRecorded: false",
            ),
            (
                "user=\"a level=None\" level=None",
                "requests: {user: \"a level=None\"}, level: None",
            ),
        ] {
            let text = format!("tests: [{{name: a, {case}}}]");
            let file = crate::TestFile::parse(&text).unwrap();
            let (Claim::Class(own), Claim::Class(of_file)) =
                (Case::from_line(line).unwrap().claim, &file.tests[0].claim)
            else {
                panic!("not a class: {line}");
            };
            assert_eq!(own.expected, of_file.expected, "{line}");
            let words = |claim: &ClassClaim| {
                let words = claim.classes.iter().map(|class| class.words());
                words.collect::<Vec<_>>()
            };
            assert_eq!(words(&own), words(of_file), "{line}");
        }
    }

    #[test]
    fn errors_have_their_place() {
        for (line, message, start, end) in [
            ("resource=secrets", "nothing is expected", 0, 16),
            ("", "nothing is expected", 0, 0),
            ("verb=get level", "`level` is not an expectation", 9, 14),
            ("level!=None", "`level!=None` is not an expectation", 0, 11),
            ("verb=get level=none", "`none` is not a level", 9, 19),
            ("stages=Done", "`Done` is not a stage", 0, 11),
            ("notRecorded=1", "`1` is not true or false", 0, 13),
            (
                "stages=Panic stages!=Panic",
                "`stages` is given twice",
                13,
                26,
            ),
            ("level=None verbs=get", "unknown attribute `verbs`", 11, 16),
            (
                "atLeast=Request atMost=Metadata",
                "no verdict is as expected",
                0,
                31,
            ),
        ] {
            let error = Case::from_line(line).unwrap_err();
            assert_eq!(error.message, message, "{line}");
            assert_eq!((error.span.start, error.span.end), (start, end), "{line}");
        }
    }
}
