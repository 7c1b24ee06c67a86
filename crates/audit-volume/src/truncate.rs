//! Which events of a log a backend that truncates would cut, and which it would discard.
//!
//! Off unless `--audit-log-truncate-enabled` (or `--audit-webhook-…`) is given. The size is that of the JSON line, line end included. An
//! event of level Request or higher that is larger than `max-event-size` loses both bodies and gets the annotation
//! `audit.k8s.io/truncated`; one that is still larger, or that is of level Metadata, is discarded: an error metric counts it, and no
//! line says that it was. `max-batch-size` hardly matters, since events come to it one at a time.

use std::borrow::Cow;

use audit_export::Truncate;
use audit_policy::{KubernetesVersion, Level, Verdict};
use audit_sim::written::TRUNCATED_ANNOTATION;
use audit_sim::{EventRow, EventTable, Outcome, RequestView, SizeBreakdown, Verdicts};
use hashbrown::HashMap;
use serde::Serialize;

use crate::amount::{Amount, Examples};
use crate::wire::Receiver;

/// What truncation does to a log under a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Truncation {
    /// The server's words for refusing the settings; it checks them even where truncation is off.
    pub refusal: Option<String>,
    /// Events that the policy writes, with their bytes before truncation.
    pub written: Amount,
    /// What happens to those too large, in all.
    pub cut: Cut,
    /// Events whose size the log does not tell, while what it tells is within the limit. They may be too large or not.
    pub unknown: u64,
    /// By resource, the most bytes first; at most [`MOST_RESOURCES`].
    pub by_resource: Vec<ResourceCut>,
    /// Of resources beyond those.
    pub rest: Cut,
}

/// Resources that are listed.
pub const MOST_RESOURCES: usize = 50;

/// Events that are too large.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cut {
    /// Events that lose their bodies, and the bytes that go: those of the bodies less those of the annotation.
    pub bodies_lost: Amount,
    /// Events that are discarded, with the bytes that they would have had.
    pub discarded: Amount,
    /// Of both: events of which the log lacks a part, so that the bytes are more.
    pub at_least: u64,
    /// Events that lose their bodies.
    pub examples_of_bodies_lost: Examples,
    /// Events that are discarded.
    pub examples_of_discarded: Examples,
}

/// The same for one resource.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceCut {
    /// The API group; empty is core.
    pub api_group: String,
    /// The resource with its subresource, `pods/log`; of a non-resource request the path.
    pub resource: String,
    /// What happens to its events.
    pub cut: Cut,
}

/// What becomes of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Whole,
    /// Its bodies go, and so many bytes.
    BodiesLost(u64),
    Discarded(u64),
    Unknown,
}

/// What a backend with these settings makes of a log under a policy, whose verdicts these are. All is nought where truncation is off.
pub fn truncation(
    table: &EventTable,
    verdicts: &Verdicts,
    receiver: Receiver,
    settings: &Truncate,
    version: KubernetesVersion,
) -> Truncation {
    let mut truncation = Truncation {
        refusal: refusal(receiver, settings),
        ..Truncation::default()
    };
    let Some(limit) = limit(settings).filter(|_| truncation.refusal.is_none()) else {
        return truncation;
    };
    let requests = table.requests();
    let targets: Vec<u32> = requests.value_ids().map(|values| values.target).collect();
    let tally = table.evaluate(verdicts, version).tally;
    truncation.written = tally.written.into();
    truncation.unknown = tally.sizes_unknown;
    let mut cuts: Vec<Cut> = Vec::new();
    // What is small at any level needs no look.
    for number in table.ids_over(limit) {
        let Some(row) = table.row(number) else {
            continue;
        };
        let Some(verdict) = verdicts.get(row.request_id) else {
            continue;
        };
        let judgement = row.attributes.outcome(Some(verdict), version);
        if judgement.outcome != Outcome::Written {
            continue;
        }
        let fate = fate(&row, verdict, judgement.written_bytes, limit, version);
        if matches!(fate, Fate::Whole | Fate::Unknown) {
            continue;
        }
        let is_partial = judgement.written_bytes.is_none();
        truncation.unknown = truncation.unknown.saturating_sub(u64::from(is_partial));
        truncation.cut.note(fate, number, is_partial);
        let target = targets.get(row.request_id as usize);
        if let Some(cut) = target.and_then(|target| slot(&mut cuts, *target)) {
            cut.note(fate, number, is_partial);
        }
    }
    let named = requests.targets().zip(cuts);
    truncation.list(named.filter(|(_, cut)| cut.events() > 0));
    truncation
}

/// What the server says at its start.
fn refusal(receiver: Receiver, settings: &Truncate) -> Option<String> {
    let name = receiver.name();
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

fn slot(cuts: &mut Vec<Cut>, target: u32) -> Option<&mut Cut> {
    let target = target as usize;
    if cuts.len() <= target {
        cuts.resize_with(target + 1, Cut::default);
    }
    cuts.get_mut(target)
}

/// What becomes of an event of a size; where that is not known, what the log does tell of it decides if that alone is too large.
fn fate(
    row: &EventRow<'_>,
    verdict: Verdict,
    size: Option<u64>,
    limit: u64,
    version: KubernetesVersion,
) -> Fate {
    let sized =
        |parts: SizeBreakdown| parts.size(verdict.level, verdict.omit_managed_fields, version);
    let known = size.unwrap_or_else(|| sized(row.attributes.sizes));
    if known <= limit {
        return size.map_or(Fate::Unknown, |_| Fate::Whole);
    }
    if verdict.level < Level::Request {
        return Fate::Discarded(known);
    }
    let cut = sized(row.attributes.sizes.without_bodies()) + annotation_bytes();
    if cut > limit {
        Fate::Discarded(known)
    } else {
        Fate::BodiesLost(known.saturating_sub(cut))
    }
}

/// What the annotation adds to an event that has others, as every event with a body has: the authorizer's decision comes before it.
const fn annotation_bytes() -> u64 {
    (",\"\":\"true\"".len() + TRUNCATED_ANNOTATION.len()) as u64
}

impl Cut {
    fn note(&mut self, fate: Fate, number: usize, is_partial: bool) {
        self.at_least += u64::from(is_partial);
        match fate {
            Fate::BodiesLost(bytes) => {
                self.bodies_lost += Amount::one(bytes);
                self.examples_of_bodies_lost.note(number);
            }
            Fate::Discarded(bytes) => {
                self.discarded += Amount::one(bytes);
                self.examples_of_discarded.note(number);
            }
            Fate::Whole | Fate::Unknown => {}
        }
    }

    const fn events(&self) -> u64 {
        self.bodies_lost.events + self.discarded.events
    }

    const fn bytes(&self) -> u64 {
        self.bodies_lost.bytes + self.discarded.bytes
    }
}

impl Truncation {
    fn list<'t>(&mut self, cuts: impl Iterator<Item = (RequestView<'t>, Cut)>) {
        // What proxies were asked for is a target of its own, and no resource of its own.
        let mut by_name: HashMap<(&str, Cow<'t, str>), Cut> = HashMap::new();
        for (target, cut) in cuts {
            let name = (target.api_group(), target.target());
            by_name.entry(name).or_default().join(&cut);
        }
        let mut all: Vec<ResourceCut> = by_name
            .into_iter()
            .map(|((api_group, resource), cut)| ResourceCut {
                api_group: api_group.to_owned(),
                resource: resource.into_owned(),
                cut,
            })
            .collect();
        all.sort_by(|one, other| {
            let by_bytes = other.cut.bytes().cmp(&one.cut.bytes());
            by_bytes.then_with(|| {
                (&one.api_group, &one.resource).cmp(&(&other.api_group, &other.resource))
            })
        });
        for more in all.split_off(MOST_RESOURCES.min(all.len())) {
            self.rest.join(&more.cut);
        }
        self.by_resource = all;
    }
}

impl Cut {
    fn join(&mut self, other: &Self) {
        self.bodies_lost += other.bodies_lost;
        self.discarded += other.discarded;
        self.at_least += other.at_least;
        for number in other.examples_of_bodies_lost.numbers() {
            self.examples_of_bodies_lost.note(*number);
        }
        for number in other.examples_of_discarded.numbers() {
            self.examples_of_discarded.note(*number);
        }
    }
}

#[cfg(test)]
mod tests {
    use audit_log::{Attributes, Event};
    use audit_policy::{Matcher, Policy, Rule, Stage};
    use audit_sim::{Backend, EventAttributes, verdict};

    use super::*;
    use crate::testing::{table, text};

    const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

    fn policy(level: Level) -> Matcher {
        let rules = vec![Rule {
            level,
            omit_stages: vec![Stage::RequestReceived],
            ..Rule::default()
        }];
        Matcher::new(&Policy {
            rules,
            ..Policy::default()
        })
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
    fn the_table_says_what_the_backend_does() {
        for body in [0, 100, 400, 700, 1000] {
            for agent in [0, 200, 400, 600] {
                for limit in [300, 500, 700, 900, 1100, 2000] {
                    for level in [Level::Metadata, Level::Request, Level::RequestResponse] {
                        let raw = create(1, body, agent);
                        let table = table(&[&raw]);
                        let matcher = policy(level);
                        let verdicts = Verdicts::new(&matcher, table.requests());
                        let found =
                            truncation(&table, &verdicts, Receiver::Log, &settings(limit), NEWEST);
                        let event = Event::new(&raw);
                        let attributes = Attributes::of(&event);
                        let facts = EventAttributes::new(&event, &attributes);
                        let backend = Backend {
                            max_event_size: u64::try_from(limit).ok(),
                            ..Backend::default()
                        };
                        let ruling = verdict(&matcher, &attributes);
                        let emission = backend.emit(&event, &facts, ruling);
                        let whole = facts.outcome(ruling, NEWEST).written_bytes.unwrap();
                        let name = format!("{body} {agent} {limit} {level}");
                        let is_cut = emission
                            .rendering
                            .is_some_and(|rendering| rendering.truncated);
                        assert_eq!(found.cut.bodies_lost.events, u64::from(is_cut), "{name}");
                        let is_gone = emission.event_outcome.outcome == Outcome::DroppedTruncation;
                        assert_eq!(found.cut.discarded.events, u64::from(is_gone), "{name}");
                        let left = whole - found.cut.bytes();
                        assert_eq!(Some(left), emission.event_outcome.written_bytes, "{name}");
                    }
                }
            }
        }
    }

    #[test]
    fn resources_come_by_bytes_with_examples() {
        let raws: Vec<String> = (0..9)
            .map(|number| create(number, 1000 * number, 0))
            .collect();
        let lines: Vec<&str> = raws.iter().map(String::as_str).collect();
        let table = table(&lines);
        let verdicts = Verdicts::new(&policy(Level::Request), table.requests());
        let found = truncation(&table, &verdicts, Receiver::Log, &settings(2000), NEWEST);
        // Of 0 to 8 KB, those of 2 KB and more are too large: 2, 4, 6, 8 of pods and 3, 5, 7 of secrets.
        let listed: Vec<_> = found
            .by_resource
            .iter()
            .map(|of| (of.resource.as_str(), of.cut.bodies_lost.events))
            .collect();
        assert_eq!(listed, [("pods", 4), ("secrets", 3)]);
        assert_eq!(
            (found.cut.bodies_lost.events, found.cut.discarded.events),
            (7, 0)
        );
        let examples = &found.by_resource[0].cut.examples_of_bodies_lost;
        let seen: Vec<_> = examples
            .numbers()
            .iter()
            .map(|number| table.row(*number).unwrap().place.line)
            .collect();
        assert_eq!(seen, [3, 5, 7]);
    }

    #[test]
    fn a_size_that_the_log_does_not_tell_is_not_guessed() {
        let short = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"create","user":{}}"#;
        let table = table(&[short]);
        let verdicts = Verdicts::new(&policy(Level::Request), table.requests());
        let found = truncation(&table, &verdicts, Receiver::Log, &settings(100_000), NEWEST);
        assert_eq!((found.unknown, found.cut.events()), (1, 0));
        // What is known is too large already, and is so without any body.
        let found = truncation(&table, &verdicts, Receiver::Log, &settings(10), NEWEST);
        assert_eq!((found.unknown, found.cut.at_least), (0, 1));
        assert_eq!(found.cut.discarded.events, found.written.events);
    }

    #[test]
    fn off_or_refused_cuts_nothing() {
        let raw = create(1, 5000, 0);
        let table = table(&[&raw]);
        let verdicts = Verdicts::new(&policy(Level::Request), table.requests());
        let off = truncation(
            &table,
            &verdicts,
            Receiver::Log,
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
            let found = truncation(&table, &verdicts, Receiver::Log, &settings, NEWEST);
            let refusal = format!("invalid audit truncate log {words}");
            assert_eq!((found.refusal, found.cut), (Some(refusal), Cut::default()));
        }
        let nothing = truncation(
            &EventTable::new(),
            &Verdicts::default(),
            Receiver::Webhook,
            &settings(1),
            NEWEST,
        );
        assert_eq!(nothing, Truncation::default());
        assert!(text(&nothing).contains("bodiesLost"));
    }
}
