//! Counters of one API server at one time.

use std::collections::BTreeMap;

use super::requests::RequestClass;

/// Counters of one API server at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Server {
    /// Requests since the server started.
    pub(super) requests: BTreeMap<RequestClass, f64>,
    /// Sum and number of response sizes, by class; failures count as successes.
    pub(super) responses: BTreeMap<RequestClass, Mean>,
    /// Sum and number of request sizes, by resource and audit verb.
    pub(super) bodies: BTreeMap<(String, String), Mean>,
    /// `apiserver_audit_event_total`
    pub(super) audit_events: Option<f64>,
    /// `apiserver_audit_level_total`: requests by the level that the current policy gives them.
    pub(super) levels: BTreeMap<String, f64>,
    /// Events that failed to be written.
    pub(super) audit_errors: f64,
    /// Start of the process, in seconds since 1970.
    pub(super) start: Option<f64>,
    pub(super) time: Option<ScrapeTime>,
    /// Seconds that the counters cover, if they are increases.
    pub(super) covered: Option<f64>,
    /// `v1.36.1`
    pub(super) version: Option<String>,
}

/// Time of a scrape, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ScrapeTime {
    /// Of its samples.
    Exact(f64),
    /// Of the last garbage collection before it, which Go runs at least every two minutes.
    Collection(f64),
}

impl ScrapeTime {
    pub(super) const fn seconds(self) -> f64 {
        match self {
            Self::Exact(seconds) | Self::Collection(seconds) => seconds,
        }
    }
}

/// A sum with the number of its terms.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Mean {
    pub(super) sum: f64,
    pub(super) count: f64,
}

impl Mean {
    pub(super) fn value(self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.count += other.count;
    }
}

impl Server {
    /// Number of requests that `apiserver_audit_level_total` counts; `None` without it.
    pub(super) fn audited_requests(&self) -> Option<f64> {
        let sum: f64 = self.levels.values().sum();
        (sum > 0.0).then_some(sum)
    }

    /// Returns the counters since an earlier scrape of the same server. `None` if one is lower than before.
    pub(super) fn since(&self, earlier: &Self) -> Option<Self> {
        let counted = |now: f64, before: f64| (now >= before).then_some(now - before);
        let mut requests = BTreeMap::new();
        for (class, now) in &self.requests {
            let before = earlier.requests.get(class).copied().unwrap_or(0.0);
            requests.insert(class.clone(), counted(*now, before)?);
        }
        let mut levels = BTreeMap::new();
        for (level, now) in &self.levels {
            let before = earlier.levels.get(level).copied().unwrap_or(0.0);
            levels.insert(level.clone(), counted(*now, before)?);
        }
        let audit_events = match (self.audit_events, earlier.audit_events) {
            (Some(now), Some(before)) => Some(counted(now, before)?),
            _ => None,
        };
        Some(Self {
            requests,
            levels,
            audit_events,
            audit_errors: counted(self.audit_errors, earlier.audit_errors)?,
            covered: None,
            ..self.clone()
        })
    }
}
