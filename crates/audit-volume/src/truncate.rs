//! Truncation: events of a log that a backend would cut or discard because of their size.
//!
//! Off unless `--audit-log-truncate-enabled` (or `--audit-webhook-…`) is set. The size of an event is that of its JSON line including the
//! newline. An event of level Request or higher that is larger than `max-event-size` loses both bodies and gets the annotation
//! `audit.k8s.io/truncated`. If it is still too large, or of level Metadata, it is discarded: an error metric counts it, and no line is
//! written. `max-batch-size` hardly matters, because events arrive one at a time.

use std::borrow::Cow;

use apiserver_config::Truncate;
use audit_policy::{KubernetesVersion, Level, Verdict};
use audit_sim::written::TRUNCATED_ANNOTATION;
use audit_sim::{EventRow, EventTable, Outcome, RequestView, SizeBreakdown, Verdicts};
use audit_types::EventId;
use audit_types::sort::SortShort;
use hashbrown::HashMap;
use serde::Serialize;

use crate::backend::BackendKind;
use crate::volume::{ExampleEvents, Volume};

/// Effect of truncation on a log under a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Truncation {
    /// kube-apiserver's error message if the settings are invalid, which it checks even if truncation is off.
    #[serde(rename = "refusal")]
    pub settings_error: Option<String>,
    /// Events that the policy writes, with their bytes before truncation.
    pub written: Volume,
    /// Totals over all events that are too large.
    #[serde(rename = "cut")]
    pub totals: TruncationTotals,
    /// Events of unknown size whose known parts are within the limit: they may or may not be too large.
    pub unknown: u64,
    /// Totals by resource, those with the most bytes first; at most [`MAX_RESOURCES`].
    pub by_resource: Vec<ResourceTruncation>,
    /// Totals of all other resources.
    pub rest: TruncationTotals,
}

/// Maximum number of resources that are listed.
pub const MAX_RESOURCES: usize = 50;

/// Events that are too large, and what truncation does to them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TruncationTotals {
    /// Events that lose their bodies, and the bytes saved: those of the bodies minus those of the annotation.
    #[serde(rename = "bodiesLost")]
    pub bodies_removed: Volume,
    /// Events that are discarded, with the bytes they would have had.
    pub discarded: Volume,
    /// Number of these events of which the log lacks a part, so their bytes are lower bounds.
    pub at_least: u64,
    /// Examples of events that lose their bodies.
    #[serde(rename = "examplesOfBodiesLost")]
    pub examples_of_bodies_removed: ExampleEvents,
    /// Examples of events that are discarded.
    pub examples_of_discarded: ExampleEvents,
}

/// Truncation totals of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceTruncation {
    /// The API group; empty is core.
    pub api_group: String,
    /// The resource with its subresource, such as `pods/log`, or the path of a non-resource request.
    pub resource: String,
    /// Totals over its events.
    #[serde(rename = "cut")]
    pub totals: TruncationTotals,
}

/// Effect of truncation on one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EventTruncation {
    Whole,
    /// Its bodies are removed, which saves this many bytes.
    BodiesLost(u64),
    Discarded(u64),
    Unknown,
}

/// Computes the effect of truncation on a log under a policy with these verdicts. All totals are zero if truncation is off.
pub fn truncation(
    table: &EventTable,
    verdicts: &Verdicts,
    backend: BackendKind,
    settings: &Truncate,
    version: KubernetesVersion,
) -> Truncation {
    let mut truncation = Truncation {
        settings_error: settings_error(backend, settings),
        ..Truncation::default()
    };
    let Some(limit) = limit(settings).filter(|_| truncation.settings_error.is_none()) else {
        return truncation;
    };
    let requests = table.requests();
    let targets: Vec<u32> = requests.value_ids().map(|values| values.target).collect();
    let tally = table.evaluate(verdicts, version).tally;
    truncation.written = tally.written.into();
    truncation.unknown = tally.sizes_unknown;
    let mut cuts: Vec<TruncationTotals> = Vec::new();
    // Events that are small at every level are skipped.
    for event in table.ids_over(limit) {
        let Some(row) = table.row(event) else {
            continue;
        };
        let Some(verdict) = verdicts.get(row.request_id) else {
            continue;
        };
        let outcome = row.attributes.outcome(Some(verdict), version);
        if outcome.outcome != Outcome::Written {
            continue;
        }
        let effect = event_truncation(&row, verdict, outcome.written_bytes, limit, version);
        if matches!(effect, EventTruncation::Whole | EventTruncation::Unknown) {
            continue;
        }
        let is_partial = outcome.written_bytes.is_none();
        truncation.unknown = truncation.unknown.saturating_sub(u64::from(is_partial));
        truncation.totals.add(effect, event, is_partial);
        let target = targets.get(row.request_id.index());
        if let Some(cut) = target.and_then(|target| slot(&mut cuts, *target)) {
            cut.add(effect, event, is_partial);
        }
    }
    let named = requests.targets().zip(cuts);
    truncation.list(named.filter(|(_, cut)| cut.events() > 0));
    truncation
}

/// Returns the error message of kube-apiserver at startup.
fn settings_error(backend: BackendKind, settings: &Truncate) -> Option<String> {
    let name = backend.name();
    let (event, batch) = (settings.max_event_size, settings.max_batch_size);
    if event < 1 {
        return Some(format!(
            "invalid audit truncate {name} max event size {event}, must be a positive number"
        ));
    }
    (batch < event).then(|| {
        format!(
            "invalid audit truncate {name} max batch size {batch}, must be greater than max event size ({event})"
        )
    })
}

fn limit(settings: &Truncate) -> Option<u64> {
    let size = u64::try_from(settings.max_event_size).ok();
    size.filter(|_| settings.enabled)
}

fn slot(cuts: &mut Vec<TruncationTotals>, target: u32) -> Option<&mut TruncationTotals> {
    let target = target as usize;
    if cuts.len() <= target {
        cuts.resize_with(target + 1, TruncationTotals::default);
    }
    cuts.get_mut(target)
}

/// Returns the effect on an event. If its size is unknown, it is decided by the known parts if those alone are too large.
fn event_truncation(
    row: &EventRow<'_>,
    verdict: Verdict,
    size: Option<u64>,
    limit: u64,
    version: KubernetesVersion,
) -> EventTruncation {
    let sized =
        |parts: SizeBreakdown| parts.size(verdict.level, verdict.omit_managed_fields, version);
    let known = size.unwrap_or_else(|| sized(row.attributes.sizes));
    if known <= limit {
        return size.map_or(EventTruncation::Unknown, |_| EventTruncation::Whole);
    }
    if verdict.level < Level::Request {
        return EventTruncation::Discarded(known);
    }
    let cut = sized(row.attributes.sizes.without_bodies()) + annotation_bytes();
    if cut > limit {
        EventTruncation::Discarded(known)
    } else {
        EventTruncation::BodiesLost(known.saturating_sub(cut))
    }
}

/// Bytes that the annotation adds. Every event with a body has other annotations, such as the authorizer's decision.
const fn annotation_bytes() -> u64 {
    (",\"\":\"true\"".len() + TRUNCATED_ANNOTATION.len()) as u64
}

impl TruncationTotals {
    fn add(&mut self, effect: EventTruncation, event: EventId, is_partial: bool) {
        self.at_least += u64::from(is_partial);
        match effect {
            EventTruncation::BodiesLost(bytes) => {
                self.bodies_removed += Volume::single_event(bytes);
                self.examples_of_bodies_removed.push(event);
            }
            EventTruncation::Discarded(bytes) => {
                self.discarded += Volume::single_event(bytes);
                self.examples_of_discarded.push(event);
            }
            EventTruncation::Whole | EventTruncation::Unknown => {}
        }
    }

    const fn events(&self) -> u64 {
        self.bodies_removed.events + self.discarded.events
    }

    const fn bytes(&self) -> u64 {
        self.bodies_removed.bytes + self.discarded.bytes
    }
}

impl Truncation {
    fn list<'t>(&mut self, cuts: impl Iterator<Item = (RequestView<'t>, TruncationTotals)>) {
        // Each proxied path is a separate target, but not a separate resource.
        let mut by_name: HashMap<(&str, Cow<'t, str>), TruncationTotals> = HashMap::new();
        for (target, cut) in cuts {
            let name = (target.api_group(), target.target());
            by_name.entry(name).or_default().merge(&cut);
        }
        let mut all: Vec<ResourceTruncation> = by_name
            .into_iter()
            .map(|((api_group, resource), cut)| ResourceTruncation {
                api_group: api_group.to_owned(),
                resource: resource.into_owned(),
                totals: cut,
            })
            .collect();
        all.sort_short_by(|one, other| {
            let by_bytes = other.totals.bytes().cmp(&one.totals.bytes());
            by_bytes.then_with(|| {
                (&one.api_group, &one.resource).cmp(&(&other.api_group, &other.resource))
            })
        });
        for more in all.split_off(MAX_RESOURCES.min(all.len())) {
            self.rest.merge(&more.totals);
        }
        self.by_resource = all;
    }
}

impl TruncationTotals {
    fn merge(&mut self, other: &Self) {
        self.bodies_removed += other.bodies_removed;
        self.discarded += other.discarded;
        self.at_least += other.at_least;
        for event in other.examples_of_bodies_removed.ids() {
            self.examples_of_bodies_removed.push(*event);
        }
        for event in other.examples_of_discarded.ids() {
            self.examples_of_discarded.push(*event);
        }
    }
}

#[cfg(test)]
mod tests {
    use audit_log::Event;
    use audit_policy::{Matcher, Policy, Rule, Stage};
    use audit_sim::{Backend, Simulator};

    use super::*;
    use crate::testing::{table, text};

    const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

    fn policy(level: Level) -> Policy {
        let mut rule = Rule::new(level);
        rule.omit_stages = vec![Stage::RequestReceived];
        Policy::new(vec![rule])
    }

    fn settings(bytes: i64) -> Truncate {
        Truncate {
            enabled: true,
            max_event_size: bytes,
            ..Truncate::default()
        }
    }

    fn create(number: usize, body: usize, user_agent: usize) -> String {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{number}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/dev/{}","verb":"create","user":{{"username":"alice"}},"userAgent":"{}","responseStatus":{{"metadata":{{}},"code":201}},"requestObject":{{"a":"{}"}},"responseObject":{{"a":1}},"annotations":{{"authorization.k8s.io/decision":"allow"}}}}"#,
            if number.is_multiple_of(2) {
                "pods"
            } else {
                "secrets"
            },
            "u".repeat(user_agent),
            "x".repeat(body)
        )
    }

    #[test]
    fn totals_match_the_backend() {
        for body in [0, 100, 400, 700, 1000] {
            for agent in [0, 200, 400, 600] {
                for limit in [300, 500, 700, 900, 1100, 2000] {
                    for level in [Level::Metadata, Level::Request, Level::RequestResponse] {
                        let raw = create(1, body, agent);
                        let table = table(&[&raw]);
                        let policy = policy(level);
                        let verdicts = Verdicts::new(&Matcher::new(&policy), table.requests());
                        let found = truncation(
                            &table,
                            &verdicts,
                            BackendKind::Log,
                            &settings(limit),
                            NEWEST,
                        );
                        let event = Event::new(&raw);
                        let backend = Backend {
                            max_event_size: u64::try_from(limit).ok(),
                            ..Backend::default()
                        };
                        let simulated = Simulator::with_backend(&policy, backend).simulate(&event);
                        let whole = simulated.attributes.outcome(simulated.verdict, NEWEST);
                        let whole = whole.written_bytes.unwrap();
                        let name = format!("{body} {agent} {limit} {level}");
                        let is_cut = simulated
                            .rendering
                            .is_some_and(|rendering| rendering.truncated);
                        assert_eq!(
                            found.totals.bodies_removed.events,
                            u64::from(is_cut),
                            "{name}"
                        );
                        let is_gone = simulated.outcome.outcome == Outcome::DroppedTruncation;
                        assert_eq!(found.totals.discarded.events, u64::from(is_gone), "{name}");
                        let left = whole - found.totals.bytes();
                        assert_eq!(Some(left), simulated.outcome.written_bytes, "{name}");
                    }
                }
            }
        }
    }

    #[test]
    fn resources_are_sorted_by_bytes_with_examples() {
        let raws: Vec<String> = (0..9)
            .map(|number| create(number, 1000 * number, 0))
            .collect();
        let lines: Vec<&str> = raws.iter().map(String::as_str).collect();
        let table = table(&lines);
        let verdicts = Verdicts::new(&Matcher::new(&policy(Level::Request)), table.requests());
        let found = truncation(&table, &verdicts, BackendKind::Log, &settings(2000), NEWEST);
        // Of 0 to 8 KB, those of 2 KB and more are too large: 2, 4, 6, 8 of pods and 3, 5, 7 of secrets.
        let listed: Vec<_> = found
            .by_resource
            .iter()
            .map(|of| (of.resource.as_str(), of.totals.bodies_removed.events))
            .collect();
        assert_eq!(listed, [("pods", 4), ("secrets", 3)]);
        assert_eq!(
            (
                found.totals.bodies_removed.events,
                found.totals.discarded.events
            ),
            (7, 0)
        );
        let examples = &found.by_resource[0].totals.examples_of_bodies_removed;
        let seen: Vec<_> = examples
            .ids()
            .iter()
            .map(|event| table.row(*event).unwrap().place.line)
            .collect();
        assert_eq!(seen, [3, 5, 7]);
    }

    #[test]
    fn an_unknown_size_is_not_estimated() {
        let short = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"create","user":{}}"#;
        let table = table(&[short]);
        let verdicts = Verdicts::new(&Matcher::new(&policy(Level::Request)), table.requests());
        let found = truncation(
            &table,
            &verdicts,
            BackendKind::Log,
            &settings(100_000),
            NEWEST,
        );
        assert_eq!((found.unknown, found.totals.events()), (1, 0));
        // The known parts are too large even without a body.
        let found = truncation(&table, &verdicts, BackendKind::Log, &settings(10), NEWEST);
        assert_eq!((found.unknown, found.totals.at_least), (0, 1));
        assert_eq!(found.totals.discarded.events, found.written.events);
    }

    #[test]
    fn disabled_or_invalid_settings_truncate_nothing() {
        let raw = create(1, 5000, 0);
        let table = table(&[&raw]);
        let verdicts = Verdicts::new(&Matcher::new(&policy(Level::Request)), table.requests());
        let off = truncation(
            &table,
            &verdicts,
            BackendKind::Log,
            &Truncate::default(),
            NEWEST,
        );
        assert_eq!(off, Truncation::default());
        for (event, batch, words) in [
            (0, 1, "max event size 0, must be a positive number"),
            (-1, 1, "max event size -1, must be a positive number"),
            (
                102_400,
                100,
                "max batch size 100, must be greater than max event size (102400)",
            ),
        ] {
            let settings = Truncate {
                enabled: false,
                max_batch_size: batch,
                max_event_size: event,
            };
            let found = truncation(&table, &verdicts, BackendKind::Log, &settings, NEWEST);
            let message = format!("invalid audit truncate log {words}");
            assert_eq!(
                (found.settings_error, found.totals),
                (Some(message), TruncationTotals::default())
            );
        }
        let nothing = truncation(
            &EventTable::new(),
            &Verdicts::default(),
            BackendKind::Webhook,
            &settings(1),
            NEWEST,
        );
        assert_eq!(nothing, Truncation::default());
        assert!(text(&nothing).contains("bodiesLost"));
    }
}
