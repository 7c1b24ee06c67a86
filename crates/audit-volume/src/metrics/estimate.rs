//! Events and bytes that a policy writes of counted requests.

use std::collections::BTreeMap;

use audit_policy::{KubernetesVersion, Level, Policy, RuleIndex};
use audit_types::format::count;
use audit_types::sort::SortShort;
use serde::Serialize;

use super::range::{Range, VolumeRange};
use super::requests::RequestClass;
use super::rules::RuleFinder;
use super::sizes::EventShape;
use super::traffic::{Count, Traffic};

const SECONDS_A_DAY: f64 = 86_400.0;

/// Volume per day.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct DailyRange {
    /// Factor from the counters to a day; of several servers, on average.
    pub factor: f64,
    /// Number of events.
    pub events: Range,
    /// Lower bound of the bytes.
    pub low: f64,
    /// Upper bound of the bytes.
    pub high: f64,
}

/// Volume that a policy writes of counted requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricsEstimate {
    /// Number of requests that the metrics count.
    pub requests: f64,
    /// Number of API servers.
    pub servers: usize,
    /// Seconds that the counters cover; `None` if the metrics do not say. Of several servers, the shortest time.
    pub seconds: Option<f64>,
    /// Volume that the policy writes of these requests.
    pub written: VolumeRange,
    /// Volume per day; `None` if the time is not known.
    pub per_day: Option<DailyRange>,
    /// Number of requests that may fall under more than one rule.
    pub undecided: f64,
    /// The volume by rule, level and target.
    pub by: Vec<MetricsBreakdown>,
    /// Events that the servers wrote under their own policy; `None` if the metrics do not say.
    pub server: Option<ServerAudit>,
    /// Version of the server, such as `v1.36.1`.
    pub version: Option<String>,
    /// Reasons to doubt the figures, one sentence each.
    pub cautions: Vec<String>,
}

/// The volume by one attribute.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricsBreakdown {
    /// The attribute.
    pub dimension: MetricsDimension,
    /// Groups: rules and levels in their order, targets with the most bytes first.
    pub groups: Vec<MetricsGroup>,
}

/// Attribute of a breakdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MetricsDimension {
    /// The rule that decides.
    Rule,
    /// The level.
    Level,
    /// Verb and resource, or path.
    Request,
}

/// Requests of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricsGroup {
    /// Value of the attribute: rule number from 1 or `none`, level, or verb and target.
    pub key: String,
    /// The rule, in the breakdown by rule; `None` for requests that no rule matches.
    pub rule: Option<RuleIndex>,
    /// Level of the rule, in the breakdown by rule.
    pub level: Option<&'static str>,
    /// Number of requests.
    pub requests: Range,
    /// Volume that the policy writes of them.
    pub written: VolumeRange,
    /// Volume per day; `None` if the time is not known.
    pub per_day: Option<VolumeRange>,
}

/// Events that servers wrote under their own policy, by `apiserver_audit_event_total` and `apiserver_audit_level_total`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerAudit {
    /// Number of events.
    pub events: f64,
    /// Number of events per day; `None` if the time is not known.
    pub events_per_day: Option<f64>,
    /// Number of requests by level.
    pub requests_by_level: BTreeMap<String, f64>,
}

impl MetricsEstimate {
    /// Estimates the volume of requests under a policy.
    pub fn new(traffic: &Traffic, policy: &Policy) -> Self {
        let mut sums = Sums::new(policy);
        for (class, count) in &traffic.classes {
            sums.add(class, *count, traffic);
        }
        sums.finish(traffic)
    }
}

/// Sums over all classes.
struct Sums {
    rules: RuleFinder,
    requests: Count,
    undecided: f64,
    written: VolumeRange,
    per_day: VolumeRange,
    by_rule: BTreeMap<RuleOrder, GroupSum>,
    by_level: BTreeMap<Level, GroupSum>,
    by_request: BTreeMap<String, GroupSum>,
}

/// Rules in their order, those of no rule last.
type RuleOrder = (bool, Option<RuleIndex>);

#[derive(Default)]
struct GroupSum {
    requests: Range,
    written: VolumeRange,
    per_day: VolumeRange,
}

impl GroupSum {
    fn add(&mut self, requests: f64, per_day: f64, each: VolumeRange, is_certain: bool) {
        let low = if is_certain { 1.0 } else { 0.0 };
        let each = VolumeRange {
            events: Range {
                low: each.events.low * low,
                ..each.events
            },
            bytes: Range {
                low: each.bytes.low * low,
                ..each.bytes
            },
        };
        self.requests += Range {
            low: low * requests,
            high: requests,
        };
        self.written.add(each.times(requests));
        self.per_day.add(each.times(per_day));
    }

    fn group(self, key: String, has_rate: bool) -> MetricsGroup {
        MetricsGroup {
            key,
            rule: None,
            level: None,
            requests: self.requests,
            written: self.written,
            per_day: has_rate.then_some(self.per_day),
        }
    }
}

impl Sums {
    fn new(policy: &Policy) -> Self {
        Self {
            rules: RuleFinder::new(policy),
            requests: Count::default(),
            undecided: 0.0,
            written: VolumeRange::default(),
            per_day: VolumeRange::default(),
            by_rule: BTreeMap::new(),
            by_level: BTreeMap::new(),
            by_request: BTreeMap::new(),
        }
    }

    fn add(&mut self, class: &RequestClass, count: Count, traffic: &Traffic) {
        let (requests, per_day) = (count.total, count.per_day.unwrap_or(0.0));
        if requests <= 0.0 {
            return;
        }
        self.requests.total += requests;
        let shape = EventShape::new(class, sent(class, traffic), received(class, traffic));
        let candidates = self.rules.candidates(class);
        let is_certain = candidates.len() == 1;
        self.undecided += if is_certain { 0.0 } else { requests };
        let mut all: Option<VolumeRange> = None;
        let mut levels: BTreeMap<Level, VolumeRange> = BTreeMap::new();
        for rule in candidates {
            let verdict = self.rules.verdict(rule);
            let (events, bytes) = shape.volume(verdict);
            let each = VolumeRange {
                events: Range {
                    low: events,
                    high: events,
                },
                bytes,
            };
            let covers = |known: VolumeRange| VolumeRange {
                events: known.events.cover(each.events),
                bytes: known.bytes.cover(each.bytes),
            };
            all = Some(all.map_or(each, covers));
            let of_level = levels.get(&verdict.level).copied().map_or(each, covers);
            levels.insert(verdict.level, of_level);
            let by_rule = self.by_rule.entry((rule.is_none(), rule)).or_default();
            by_rule.add(requests, per_day, each, is_certain);
        }
        let is_one_level = levels.len() == 1;
        for (level, each) in levels {
            let by_level = self.by_level.entry(level).or_default();
            by_level.add(requests, per_day, each, is_one_level);
        }
        let each = all.unwrap_or_default();
        self.written.add(each.times(requests));
        self.per_day.add(each.times(per_day));
        let by_request = self.by_request.entry(request_label(class)).or_default();
        by_request.add(requests, per_day, each, true);
    }

    fn finish(self, traffic: &Traffic) -> MetricsEstimate {
        let classes = || traffic.classes.values();
        let has_rate = classes().all(|count| count.total <= 0.0 || count.per_day.is_some());
        let total: f64 = classes().map(|count| count.total).sum();
        let daily: f64 = classes().filter_map(|count| count.per_day).sum();
        let factor = if total > 0.0 {
            daily / total
        } else {
            traffic
                .seconds
                .map_or(0.0, |seconds| SECONDS_A_DAY / seconds)
        };
        let per_day = DailyRange {
            factor,
            events: self.per_day.events,
            low: self.per_day.bytes.low,
            high: self.per_day.bytes.high,
        };
        MetricsEstimate {
            requests: self.requests.total,
            servers: traffic.servers,
            seconds: traffic.seconds,
            written: self.written,
            per_day: (has_rate && traffic.seconds.is_some()).then_some(per_day),
            undecided: self.undecided,
            server: traffic.audit_events.map(|events| ServerAudit {
                events: events.total,
                events_per_day: events.per_day,
                requests_by_level: traffic.levels.clone(),
            }),
            version: traffic.version.clone(),
            cautions: cautions(traffic),
            by: self.breakdowns(has_rate),
        }
    }

    fn breakdowns(self, has_rate: bool) -> Vec<MetricsBreakdown> {
        let rules = self.rules;
        let by_rule = self.by_rule.into_iter().map(|((_, rule), sum)| {
            let key = rule.map_or_else(|| "none".to_owned(), |rule| rule.number().to_string());
            MetricsGroup {
                rule,
                level: Some(rules.verdict(rule).level.name()),
                ..sum.group(key, has_rate)
            }
        });
        let by_level = self.by_level.into_iter();
        let by_level = by_level.map(|(level, sum)| sum.group(level.name().to_owned(), has_rate));
        let by_request = self.by_request.into_iter();
        let mut by_request: Vec<MetricsGroup> = by_request
            .map(|(key, sum)| sum.group(key, has_rate))
            .collect();
        by_request.sort_short_by(|one, other| {
            other.written.bytes.high.total_cmp(&one.written.bytes.high)
        });
        let breakdown = |dimension, groups| MetricsBreakdown { dimension, groups };
        vec![
            breakdown(MetricsDimension::Rule, by_rule.collect()),
            breakdown(MetricsDimension::Level, by_level.collect()),
            breakdown(MetricsDimension::Request, by_request),
        ]
    }
}

/// States that metrics are of another version than the one that is emulated, if they are. `metrics` is the server's version, such as `v1.36.1`.
pub fn version_difference(metrics: Option<&str>, emulated: KubernetesVersion) -> Option<String> {
    let mut parts = metrics?.trim_start_matches('v').split(['.', '-', '+']);
    let (major, minor) = parts.next().zip(parts.next())?;
    let version = format!("{major}.{minor}");
    (version != emulated.to_string()).then(|| {
        format!("the metrics are those of Kubernetes `{version}`, and {emulated} is emulated")
    })
}

fn cautions(traffic: &Traffic) -> Vec<String> {
    let mut cautions = traffic.cautions.clone();
    if let Some(others) = traffic.classes.get(&RequestClass::default())
        && !traffic.levels.is_empty()
    {
        cautions.push(format!(
            "{} audited requests are not in `apiserver_request_total`: discovery, aggregated APIs, rejected requests and open watches; they count from nothing to the most that a rule writes",
            count(others.total as u64)
        ));
    } else if traffic.levels.is_empty() {
        cautions.push(
            "`apiserver_request_total` does not count discovery, aggregated APIs and requests that are rejected before they are handled, so there are more events".to_owned(),
        );
    }
    cautions
}

fn request_label(class: &RequestClass) -> String {
    match class.verb.as_deref() {
        Some(verb) => format!("{} {}", verb.to_ascii_lowercase(), class.target()),
        None => class.target(),
    }
}

/// Returns the average size of the responses; the metrics have it for reads only.
fn received(class: &RequestClass, traffic: &Traffic) -> Option<f64> {
    let key = RequestClass {
        failed: false,
        ..class.clone()
    };
    traffic.responses.get(&key)?.value()
}

/// Returns the average size of the requests' bodies. The metrics have it by resource, so it says nothing about a subresource.
fn sent(class: &RequestClass, traffic: &Traffic) -> Option<f64> {
    if class.subresource.as_deref() != Some("") {
        return None;
    }
    let possible = class.possible();
    let (request, _) = possible.first()?;
    let key = (request.resource.clone(), request.verb.clone());
    traffic.bodies.get(&key)?.value()
}
