//! The block that says how an answer is checked.

use apiserver_config::SettingCode;
use audit_import::ImportCode;
use audit_tests::{Claim, SettingClaim, TestFile};
use audit_types::excerpt::quote;
use audit_types::{Code, Span};
use kube_yaml::de::{self, Spanned};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::lines::Block;
use crate::error::PlacedError;
use crate::settings::unknown_flag;
use crate::task::{About, Check, EventCheck, Pick, Question, SettingsCheck};

/// The block as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a check with `tests`, `equal`, `settings`, `question` or `event`")]
struct RawCheck {
    tests: Option<Spanned<IgnoredAny>>,
    equal: Option<Spanned<RawEqual>>,
    settings: Option<Spanned<Vec<Spanned<RawSetting>>>>,
    mounted: Option<Spanned<bool>>,
    without: Option<Spanned<Vec<Spanned<String>>>>,
    question: Option<Spanned<About>>,
    of: Option<Spanned<String>>,
    pick: Option<Spanned<Pick>>,
    event: Option<Spanned<String>>,
    asks: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum RawEqual {
    Answer,
}

/// A claim about a flag.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[serde(expecting = "a claim with `flag`")]
struct RawSetting {
    flag: Spanned<String>,
    value: Option<String>,
    at_least: Option<i64>,
    at_most: Option<i64>,
    is_set: Option<bool>,
}

/// Kind of a check, before the answer is known.
pub(super) enum RawKind {
    Check(Check),
    /// The policy is equal to the step's answer.
    EqualToAnswer,
}

/// Reads a check.
pub(super) fn read(block: &Block<'_>) -> Result<RawKind, Vec<PlacedError>> {
    let placed = |error| vec![PlacedError::of_part(error, block.start)];
    let raw: RawCheck = de::from_str(block.text).map_err(placed)?;
    let moved = |span: Span| Span::new(block.start + span.start, block.start + span.end);
    let settings = raw.settings.as_ref().map(|settings| settings.span);
    let mounts = raw.mounted.as_ref().map(|mounted| mounted.span);
    let without = raw.without.as_ref().map(|without| without.span);
    let kinds = [
        ("tests", raw.tests.as_ref().map(|tests| tests.span)),
        ("equal", raw.equal.as_ref().map(|equal| equal.span)),
        ("settings", settings.or(mounts).or(without)),
        (
            "question",
            raw.question.as_ref().map(|question| question.span),
        ),
        ("event", raw.event.as_ref().map(|event| event.span)),
    ];
    let mut given = kinds
        .iter()
        .filter_map(|(name, span)| Some((*name, (*span)?)));
    let Some((kind, _)) = given.next() else {
        let help =
            "state `tests`, `equal`, `settings`, `mounted`, `without`, `question` or `event`";
        return Err(vec![PlacedError::new(
            "the check requires nothing",
            help,
            block.span,
        )]);
    };
    if let Some((other, span)) = given.next() {
        let message = format!("both `{kind}` and `{other}` in one check");
        return Err(vec![PlacedError::new(
            message,
            "make a step of each",
            moved(span),
        )]);
    }
    if kind != "question"
        && let Some(span) = raw
            .of
            .as_ref()
            .map(|of| of.span)
            .or(raw.pick.as_ref().map(|pick| pick.span))
    {
        let message = "`of` and `pick` without `question`";
        return Err(vec![PlacedError::new(message, "", moved(span))]);
    }
    if kind != "event"
        && let Some(asks) = &raw.asks
    {
        let message = "`asks` without `event`";
        return Err(vec![PlacedError::new(message, "", moved(asks.span))]);
    }
    match kind {
        "tests" => tests(block).map(RawKind::Check),
        "equal" => Ok(RawKind::EqualToAnswer),
        "settings" => of_settings(raw, block).map(RawKind::Check),
        "question" => question(raw, block).map(RawKind::Check),
        _ => {
            let event = raw.event.unwrap_or_default();
            let mut event = event_check(event, block).map_err(|error| vec![error])?;
            event.asks = raw.asks.map(|asks| asks.value);
            Ok(RawKind::Check(Check::Event(event)))
        }
    }
}

fn tests(block: &Block<'_>) -> Result<Check, Vec<PlacedError>> {
    let of_part = |error| PlacedError::of_part(error, block.start);
    let file = TestFile::parse(block.text).map_err(|errors| {
        errors
            .into_iter()
            .map(of_part)
            .collect::<Vec<PlacedError>>()
    })?;
    let is_of_requests = |claim: &Claim| matches!(claim, Claim::Request { .. } | Claim::Class(_));
    if let Some(case) = file.tests.iter().find(|case| !is_of_requests(&case.claim)) {
        let span = Span::new(block.start + case.span.start, block.start + case.span.end);
        let message = "a test of a lesson is about requests";
        let help = "write claims about flags under `settings`, in a step of its own";
        return Err(vec![PlacedError::new(message, help, span)]);
    }
    Ok(Check::Policy(file.tests))
}

fn of_settings(raw: RawCheck, block: &Block<'_>) -> Result<Check, Vec<PlacedError>> {
    let mut errors = Vec::new();
    let mut claims = Vec::new();
    for claim in raw.settings.into_iter().flat_map(|settings| settings.value) {
        match setting(claim, block) {
            Ok(claim) => claims.push(claim),
            Err(error) => errors.push(error),
        }
    }
    let mut without = Vec::new();
    for code in raw.without.into_iter().flat_map(|without| without.value) {
        if !is_code(&code.value) {
            let span = Span::new(block.start + code.span.start, block.start + code.span.end);
            let message = format!("{} is not a finding about settings", quote(&code.value));
            errors.push(PlacedError::new(
                message,
                "write its code, such as `AE009`",
                span,
            ));
        }
        without.push(code.value);
    }
    let is_mounted = raw.mounted.is_some_and(|mounted| mounted.value);
    if errors.is_empty() && claims.is_empty() && without.is_empty() && !is_mounted {
        let span = Span::new(block.start, block.start);
        let help = "add a claim under `settings`, `mounted: true` or a code under `without`";
        errors.push(PlacedError::new("the check requires nothing", help, span));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Check::Settings(SettingsCheck {
        claims,
        is_mounted,
        without,
    }))
}

/// Returns true for the code of a finding about flags or a manifest.
fn is_code(code: &str) -> bool {
    let mut codes = SettingCode::TABLE.iter().chain(ImportCode::TABLE);
    codes.any(|info| info.id == code)
}

fn setting(raw: Spanned<RawSetting>, block: &Block<'_>) -> Result<SettingClaim, PlacedError> {
    let Spanned { value: raw, span } = raw;
    let moved = |span: Span| Span::new(block.start + span.start, block.start + span.end);
    if let Some(help) = unknown_flag(&raw.flag.value) {
        let message = format!("unknown audit flag {}", quote(&raw.flag.value));
        return Err(PlacedError::new(message, help, moved(raw.flag.span)));
    }
    let mut claim = SettingClaim::default();
    claim.flag = raw.flag.value;
    claim.value = raw.value;
    claim.at_least = raw.at_least;
    claim.at_most = raw.at_most;
    claim.is_set = raw.is_set;
    let is_empty = claim.value.is_none()
        && claim.at_least.is_none()
        && claim.at_most.is_none()
        && claim.is_set.is_none();
    if is_empty {
        let help = "state `value`, `atLeast`, `atMost` or `isSet`";
        return Err(PlacedError::new(
            "nothing is expected of the flag",
            help,
            moved(span),
        ));
    }
    Ok(claim)
}

fn question(raw: RawCheck, block: &Block<'_>) -> Result<Check, Vec<PlacedError>> {
    let Some(of) = raw.of else {
        let help = "add `of`, a filter that selects the events";
        let message = "the question is not about any events";
        return Err(vec![PlacedError::new(message, help, block.span)]);
    };
    let of = event_check(of, block).map_err(|error| vec![error])?;
    Ok(Check::Question(Question {
        about: raw.question.map_or(About::User, |question| question.value),
        of,
        pick: raw.pick.map(|pick| pick.value).unwrap_or_default(),
    }))
}

/// Reads a filter.
pub(super) fn event_check(
    text: Spanned<String>,
    block: &Block<'_>,
) -> Result<EventCheck, PlacedError> {
    let span = Span::new(block.start + text.span.start, block.start + text.span.end);
    let text = text.value;
    let parsed = audit_filter::parse(&text);
    if let Some(problem) = parsed.problems.into_iter().next() {
        return Err(PlacedError::new(problem.message, problem.help, span));
    }
    if parsed.filter.terms.is_empty() {
        let help = "write terms such as `verb:delete resource:secrets`";
        return Err(PlacedError::new(
            "the filter selects every event",
            help,
            span,
        ));
    }
    Ok(EventCheck {
        text,
        filter: parsed.filter,
        asks: None,
    })
}
