//! Details of one event: result of each rule, event as written, and attributes of the request.

use std::borrow::Cow;

use audit_analysis::query_of;
use audit_log::{Attributes, Event, OwnedEvent, json};
use audit_policy::{Explanation, KubernetesVersion, Level, Request, RuleIndex, Verdict, explain};
use audit_redact::secret_notes;
use audit_sim::written::{line, recorded_line};
use audit_sim::{DerivedEvent, EventOutcome, EventRow, Outcome, Rendering, impersonation_note};
use audit_text::diff::{Change, Line, abridged, json_lines, json_with_change};
use audit_types::{EventId, MissingAttributes, format};
use playground_protocol::{
    AttributeView, DiffKind, DiffLine, Inspection, RowView, WhyLine, WhyState,
};

use crate::log::Log;
use crate::policy::Accepted;
use crate::view::row_view;
use crate::who::who;

/// Maximum number of consecutive lines of one kind; longer runs are shortened.
const MAX_RUN: usize = 400;

/// Reason why an event can't be inspected.
#[derive(Debug)]
pub(crate) enum InspectError {
    /// The log has no such event.
    NoEvent,
    /// Its file can no longer be read. Contains a sentence.
    Unreadable(String),
}

/// Reads an event again from its file.
///
/// # Errors
/// If the log has no such event, or its file can no longer be read.
pub(crate) fn reread(log: &Log, event: EventId) -> Result<OwnedEvent, InspectError> {
    let row = log.table.row(event).ok_or(InspectError::NoEvent)?;
    let file = log.file_name(row.file);
    let raw = log
        .sources
        .get(row.file)
        .and_then(|source| source.read(row.place))
        .ok_or_else(|| {
            InspectError::Unreadable(format!("`{file}` can no longer be read: it was moved or changed since it was opened; open it again"))
        })?;
    let rank = log.table.rank_in_place(event);
    let header = log.csv_header(row.file);
    audit_log::reread_with_header(header, &raw, rank).ok_or_else(|| {
        InspectError::Unreadable(format!(
            "`{file}` has changed since it was opened: open it again"
        ))
    })
}

/// Reads an event again from its file and returns its details.
///
/// # Errors
/// If the log has no such event, or its file can no longer be read.
pub(crate) fn inspect(
    log: &Log,
    accepted: &Accepted,
    event: EventId,
) -> Result<Inspection, InspectError> {
    let (Some(row), Some(shown)) = (log.table.row(event), row_view(log, event)) else {
        return Err(InspectError::NoEvent);
    };
    let file = log.file_name(row.file);
    let again = reread(log, event)?;
    let recorded = again.event();
    let request = Attributes::from_event(&recorded);
    let derived = row.derived_event(&recorded);
    let event = derived
        .as_ref()
        .map_or_else(|| recorded.clone(), DerivedEvent::event);
    let (verdict, event_outcome) = log.outcome_of(&row);
    let version = accepted.version;
    let line_as_written = event_outcome
        .written_bytes
        .filter(|bytes| *bytes > 0)
        .and(verdict)
        .map(|verdict| {
            let text = line(&event, Rendering::new(verdict, version));
            text.trim_end().to_owned()
        });
    let is_dropped = event_outcome.written_bytes == Some(0);
    let known_line = line_as_written.as_deref().or(is_dropped.then_some(""));
    Ok(Inspection {
        generation: accepted.generation,
        why: why_lines(accepted, &request.request, request.unknown, verdict),
        conclusion: conclusion(&row, verdict, &event_outcome),
        impersonation: impersonation_note(&recorded),
        written: written(&event, &row, verdict, &event_outcome, version),
        secrets: secret_notes(event.raw, known_line),
        line_as_written,
        written_note: note(&row, verdict, &event_outcome),
        query: query_of(&request.request, request.unknown),
        who: who(&recorded),
        request: attributes(&event, &request),
        line: usize::try_from(row.place.line).unwrap_or(usize::MAX),
        file,
        row: with_object_name(shown, &event),
    })
}

/// Adds the name that the server completed from the body, for the inspector's heading.
fn with_object_name(row: RowView, event: &Event<'_>) -> RowView {
    let name = if row.name.is_empty() {
        object_ref(event, "name").unwrap_or_default()
    } else {
        row.name
    };
    RowView { name, ..row }
}

/// Number of rules shown from the policy's beginning, and on either side of the matching rule.
const MAX_RULES: usize = 100;

/// Returns the result of each rule for a request, as far as they are shown.
pub(crate) fn why_lines(
    accepted: &Accepted,
    request: &Request,
    unknown: MissingAttributes,
    verdict: Option<Verdict>,
) -> Vec<WhyLine> {
    let answers = explain(&accepted.policy, request, unknown);
    let matched = verdict.and_then(|verdict| verdict.rule);
    let last = answers.len().saturating_sub(1);
    // The first rules, those around the matching one, and the last: nobody reads ten thousand.
    let around = matched.map_or(last, RuleIndex::get);
    let is_shown = move |index: usize| {
        index < MAX_RULES || index.abs_diff(around) < MAX_RULES || index == last
    };
    answers
        .into_iter()
        .enumerate()
        .filter(move |(index, _)| is_shown(*index))
        .map(|(index, answer)| {
            let (state, text) = match (answer, matched) {
                (_, Some(rule)) if index > rule.get() => (
                    WhyState::NotEvaluated,
                    format!("not evaluated: {rule} already matched"),
                ),
                (Explanation::Matched { text }, _) => (WhyState::Matched, text),
                (Explanation::Failed(failure), _) => (WhyState::Failed, failure.text),
                (Explanation::Undetermined(predicate), _) => (
                    WhyState::Unknowable,
                    format!(
                        "depends on `{}`, which the log does not contain",
                        predicate.field()
                    ),
                ),
            };
            let rule = RuleIndex::new(index);
            WhyLine {
                rule,
                level: accepted.matcher.verdict_of(Some(rule)).level,
                state,
                text,
            }
        })
        .collect()
}

fn conclusion(
    row: &EventRow<'_>,
    verdict: Option<Verdict>,
    event_outcome: &EventOutcome,
) -> String {
    let stage = row
        .attributes
        .stage
        .map_or("its stage", |stage| stage.name());
    let missing = event_outcome
        .missing
        .fields(row.request.unknown())
        .unwrap_or_default();
    let Some(verdict) = verdict else {
        return format!("the log does not contain `{missing}`, so the rule can't be determined");
    };
    let rule = match verdict.rule {
        Some(rule) => format!("{rule} matches"),
        None => "no rule matches".to_owned(),
    };
    match (event_outcome.outcome, event_outcome.written_bytes) {
        (Outcome::DroppedLevel, _) => format!("{rule}: level None, so nothing is written"),
        (Outcome::DroppedStage, _) => format!(
            "{rule}: level {}, but stage {stage} is omitted, so this event is not written",
            verdict.level
        ),
        (Outcome::DroppedTruncation, _) => {
            format!("{rule}, and the event is too large for the backend")
        }
        (Outcome::Unknowable, _) => format!("{rule}, but the log does not contain `{missing}`"),
        (Outcome::Written, Some(bytes)) => format!(
            "{rule}: level {}; stage {stage} is kept, so {} bytes are written",
            verdict.level,
            format::count(bytes)
        ),
        (Outcome::Written, None) => format!(
            "{rule}: level {}; it is written, but the log does not contain `{missing}`, so the size is unknown",
            verdict.level
        ),
    }
}

fn written(
    event: &Event<'_>,
    row: &EventRow<'_>,
    verdict: Option<Verdict>,
    event_outcome: &EventOutcome,
    version: KubernetesVersion,
) -> Vec<DiffLine> {
    // The event at the level it was recorded at, with everything that was recorded.
    let old = recorded_line(event, row.attributes.level.unwrap_or(Level::Metadata));
    let old = old.trim_end();
    let lines = match (event_outcome.outcome, verdict) {
        (Outcome::Written, Some(verdict)) if row.is_derived => {
            let new = line(event, Rendering::new(verdict, version));
            json_with_change(new.trim_end(), Change::Added)
        }
        (Outcome::Written, Some(verdict)) => {
            let new = line(event, Rendering::new(verdict, version));
            json_lines(old, new.trim_end())
        }
        (Outcome::Unknowable, _) | (_, None) => json_with_change(old, Change::Unchanged),
        _ => json_with_change(old, Change::Removed),
    };
    abridged(lines, MAX_RUN)
        .into_iter()
        .map(diff_line)
        .collect()
}

fn diff_line((line, left_out): (Line, usize)) -> DiffLine {
    if left_out > 0 {
        return DiffLine {
            kind: DiffKind::Gap,
            text: format!("{} lines omitted", format::count(left_out as u64)),
        };
    }
    DiffLine {
        kind: match line.change {
            Change::Unchanged => DiffKind::Same,
            Change::Removed => DiffKind::Removed,
            Change::Added => DiffKind::Added,
        },
        text: line.text,
    }
}

fn note(
    row: &EventRow<'_>,
    verdict: Option<Verdict>,
    event_outcome: &EventOutcome,
) -> Option<String> {
    let missing = event_outcome.missing.fields(row.request.unknown());
    if row.is_derived {
        return Some(
            "The log does not contain this stage, but the policy keeps it: derived from a later event of the same request."
                .to_owned(),
        );
    }
    match event_outcome.outcome {
        Outcome::DroppedLevel => Some("Not written: the level is None.".to_owned()),
        Outcome::DroppedStage => {
            let stage = row.attributes.stage.map_or("this", |stage| stage.name());
            Some(format!("Not written: stage {stage} is omitted."))
        }
        Outcome::DroppedTruncation => Some("Not written: too large for the backend.".to_owned()),
        Outcome::Unknowable => Some(format!(
            "Can't be determined: the log doesn't contain `{}`. This is the event as recorded.",
            missing.unwrap_or_default()
        )),
        Outcome::Written => missing.map(|missing| {
            let level = verdict.map_or(Level::None, |verdict| verdict.level);
            format!("Level {level} would also record `{missing}`, which this log doesn't contain. The rest is exact.")
        }),
    }
}

fn object_ref(event: &Event<'_>, field: &str) -> Option<String> {
    let raw = json::member(event.object_ref?, field)?;
    json::string(raw).map(Cow::into_owned)
}

fn attributes(event: &Event<'_>, attributes: &Attributes) -> Vec<AttributeView> {
    let request = &attributes.request;
    let unknown = attributes.unknown;
    // GKE keeps the path in its own form, and no request URI.
    let url = if event.path.is_some() {
        "protoPayload.resourceName"
    } else {
        "requestURI"
    };
    let kind = if request.is_resource_request {
        "resource request"
    } else {
        "non-resource request"
    };
    let verb = recorded(!unknown.verb, || shown(&request.verb));
    let kind = recorded(!unknown.url, || kind.to_owned());
    let mut views = vec![
        attribute("user", user(attributes), "user.username"),
        attribute("user groups", groups(attributes), "user.groups"),
        attribute("verb", verb, "verb"),
        attribute("kind of request", kind, url),
    ];
    if let Some(user) = views.first_mut() {
        user.note = impersonation_note(event);
    }
    if request.is_resource_request {
        views.extend(resource_attributes(event, attributes, url));
    }
    views.push(attribute("path", shown(&request.path), url));
    views
}

/// Returns the attributes of a request for a resource, each with a note if the server has recorded another value for the object.
fn resource_attributes(
    event: &Event<'_>,
    attributes: &Attributes,
    url: &str,
) -> [AttributeView; 5] {
    let request = &attributes.request;
    let unknown = attributes.unknown;
    [
        ("namespace", &request.namespace, "namespace"),
        ("API group", &request.api_group, "apiGroup"),
        ("resource", &request.resource, "resource"),
        ("subresource", &request.subresource, "subresource"),
        ("name", &request.name, "name"),
    ]
    .map(|(name, value, field)| {
        let is_recorded = !(unknown.url || (unknown.name && field == "name"));
        let object = event
            .object_ref
            .map(|_| object_ref(event, field).unwrap_or_default());
        let other = object.filter(|object| object != value);
        AttributeView {
            note: other.map(|object| describe_difference(field, &object)),
            ..attribute(name, recorded(is_recorded, || shown(value)), url)
        }
    })
}

/// Returns an attribute without a note.
fn attribute(name: &str, value: String, source: &str) -> AttributeView {
    AttributeView {
        name: name.to_owned(),
        value,
        source: source.to_owned(),
        note: None,
    }
}

fn recorded(is_recorded: bool, value: impl FnOnce() -> String) -> String {
    if is_recorded {
        value()
    } else {
        "not recorded".to_owned()
    }
}

fn describe_difference(field: &str, shown: &str) -> String {
    let shown = if shown.is_empty() { "\"\"" } else { shown };
    match field {
        "name" | "namespace" => format!(
            "`objectRef.{field}` is `{shown}`: the server completes it from the body, after the policy is evaluated"
        ),
        _ => format!("`objectRef.{field}` is `{shown}`"),
    }
}

fn user(attributes: &Attributes) -> String {
    match &attributes.request.user {
        _ if attributes.unknown.user => "not recorded".to_owned(),
        Some(name) => shown(name),
        None => "none: authentication failed".to_owned(),
    }
}

fn groups(attributes: &Attributes) -> String {
    let groups = &attributes.request.groups;
    if attributes.unknown.groups || attributes.unknown.user {
        "not recorded".to_owned()
    } else if groups.is_empty() {
        "none".to_owned()
    } else {
        groups.join(", ")
    }
}

fn shown(value: &str) -> String {
    if value.is_empty() {
        "\"\"".to_owned()
    } else {
        value.to_owned()
    }
}
