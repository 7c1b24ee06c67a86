//! Requests per class, in all scrapes together, and the time that they cover.

use std::collections::BTreeMap;

use audit_types::format::duration;
use audit_types::sort::SortShort;

use super::error::MetricsError;
use super::requests::RequestClass;
use super::scrape::Scrape;
use super::server::{Mean, ScrapeTime, Server};

const SECONDS_A_DAY: f64 = 86_400.0;

/// Shortest time between two scrapes that the times of garbage collections can give.
const MIN_BETWEEN_COLLECTIONS: f64 = 1_200.0;

/// Counters that cover less than this give no reliable rates.
const SOUND_SECONDS: f64 = 3_600.0;

/// Share of the audited requests from which on those that no counter of requests has are reported.
const MIN_UNCOUNTED: f64 = 0.02;

/// Requests of one API server or several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traffic {
    pub(super) classes: BTreeMap<RequestClass, Count>,
    pub(super) responses: BTreeMap<RequestClass, Mean>,
    pub(super) bodies: BTreeMap<(String, String), Mean>,
    /// Events that the servers wrote under their policy; `None` if no server counts them.
    pub(super) audit_events: Option<Count>,
    /// Requests by the level that their policy gives.
    pub(super) levels: BTreeMap<String, f64>,
    pub(super) servers: usize,
    /// Seconds that the counters cover; of several servers, the shortest.
    pub(super) seconds: Option<f64>,
    /// A scrape has the start of its server, but no time of its own.
    lacks_scrape_time: bool,
    pub(super) version: Option<String>,
    pub(super) cautions: Vec<String>,
}

/// A number of requests or events.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Count {
    pub(super) total: f64,
    /// `None` if the time is not known.
    pub(super) per_day: Option<f64>,
}

impl Count {
    fn add(&mut self, total: f64, seconds: Option<f64>) {
        let per_day = seconds.map(|seconds| total * (SECONDS_A_DAY / seconds));
        self.per_day = match (self.total > 0.0, self.per_day) {
            (true, known) => known.zip(per_day).map(|(one, other)| one + other),
            (false, _) => per_day,
        };
        self.total += total;
    }
}

impl Traffic {
    /// Combines scrapes: two of the same API server give the requests between them, those of different servers are added up. `window` is
    /// the time in seconds that the counters cover, if it is known.
    ///
    /// # Errors
    /// Fails if counters decrease from one scrape of a server to the next.
    pub fn new(scrapes: Vec<Scrape>, window: Option<f64>) -> Result<Self, MetricsError> {
        let mut traffic = Self::default();
        // Scrapes of a server have its name and the same start.
        let mut servers: BTreeMap<(String, Option<i64>), Vec<Server>> = BTreeMap::new();
        for scrape in scrapes {
            traffic.cautions.extend(scrape.cautions);
            for (instance, server) in scrape.servers {
                let start = server.start.map(|start| start as i64);
                servers.entry((instance, start)).or_default().push(server);
            }
        }
        traffic.servers = servers.len();
        let names: Vec<&String> = servers.keys().map(|(instance, _)| instance).collect();
        if names
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one == other))
        {
            traffic.cautions.push(
                "the files differ in `process_start_time_seconds`: they count as different API servers, also if one has been restarted".to_owned(),
            );
        }
        let is_difference = servers.values().any(|scrapes| scrapes.len() > 1);
        for (_, mut scrapes) in servers {
            if scrapes
                .iter()
                .all(|server| matches!(server.time, Some(ScrapeTime::Exact(_))))
            {
                let time = |server: &Server| server.time.map_or(0.0, ScrapeTime::seconds);
                scrapes.sort_short_by(|one, other| time(one).total_cmp(&time(other)));
            }
            traffic.add_server(&scrapes, window)?;
        }
        traffic.finish(is_difference);
        Ok(traffic)
    }

    fn add_server(&mut self, scrapes: &[Server], window: Option<f64>) -> Result<(), MetricsError> {
        let Some(last) = scrapes.last() else {
            return Ok(());
        };
        let (server, seconds) = match scrapes {
            [first, .., last] => {
                let server = last.since(first).ok_or(MetricsError::Decreasing)?;
                (server, window.or_else(|| seconds_between(first, last)))
            }
            _ => (last.clone(), window.or_else(|| seconds_of(last))),
        };
        self.lacks_scrape_time |= last.start.is_some() && last.time.is_none();
        self.seconds = match (self.seconds, seconds) {
            (Some(known), Some(seconds)) => Some(known.min(seconds)),
            (known, seconds) => known.or(seconds),
        };
        let mut counted = 0.0;
        for (class, requests) in &server.requests {
            counted += requests;
            self.classes
                .entry(class.clone())
                .or_default()
                .add(*requests, seconds);
        }
        if let Some(audited) = server.audited_requests() {
            let others = audited - counted;
            if others > audited * MIN_UNCOUNTED {
                let class = RequestClass::default();
                self.classes.entry(class).or_default().add(others, seconds);
            }
        }
        for (class, mean) in &server.responses {
            self.responses.entry(class.clone()).or_default().add(*mean);
        }
        for (key, mean) in &server.bodies {
            self.bodies.entry(key.clone()).or_default().add(*mean);
        }
        if let Some(events) = server.audit_events {
            self.audit_events
                .get_or_insert_default()
                .add(events, seconds);
        }
        for (level, requests) in server.levels {
            *self.levels.entry(level).or_insert(0.0) += requests;
        }
        if server.audit_errors > 0.0 {
            self.cautions.push(format!(
                "{} events could not be written (`apiserver_audit_error_total`)",
                server.audit_errors
            ));
        }
        self.version = server.version.or(self.version.take());
        Ok(())
    }

    fn finish(&mut self, is_difference: bool) {
        match self.seconds {
            None if is_difference => self.cautions.push(
                "the scrapes have no exact times, so there is no rate: give the time between them".to_owned(),
            ),
            None if self.lacks_scrape_time => self.cautions.push(
                "the metrics contain the start of the server (`process_start_time_seconds`), but not the time of the scrape, so there is no rate: give the time that the counters cover, from the start to the scrape".to_owned(),
            ),
            None => self.cautions.push(
                "the metrics do not say how long the server has been running, so there is no rate: give the time that the counters cover, or a second scrape".to_owned(),
            ),
            Some(seconds) if seconds < SOUND_SECONDS => self.cautions.push(format!(
                "the counters cover only {}: the time after a start is not typical of a day",
                duration(seconds)
            )),
            Some(_) => {}
        }
        if self.servers == 1 {
            self.cautions.push(
                "these are the requests of one API server: a cluster with several has as many logs"
                    .to_owned(),
            );
        }
        self.cautions.sort_short();
        self.cautions.dedup();
    }

    /// Returns the version of the server, such as `v1.36.1`, if the metrics contain it.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

/// Returns the time that the counters of a scrape cover.
fn seconds_of(server: &Server) -> Option<f64> {
    server
        .covered
        .or_else(|| Some(server.time?.seconds() - server.start?))
        .filter(|seconds| *seconds >= 1.0)
}

/// Returns the time between two scrapes.
fn seconds_between(first: &Server, last: &Server) -> Option<f64> {
    let (from, to) = (first.time?, last.time?);
    let seconds = to.seconds() - from.seconds();
    let is_exact = matches!((from, to), (ScrapeTime::Exact(_), ScrapeTime::Exact(_)));
    let shortest = if is_exact {
        1.0
    } else {
        MIN_BETWEEN_COLLECTIONS
    };
    (seconds >= shortest).then_some(seconds)
}
