//! Audit IDs that different requests have.

use std::hash::{DefaultHasher, Hash, Hasher};

use audit_log::{Event, json};
use audit_types::excerpt::quote;
use audit_types::{Diagnostic, LogFindingKind, format};
use hashbrown::HashMap;

use super::hits::Hits;
use crate::codes::LogCode;
use crate::log_finding::{FoundEvents, LogFinding};

/// Maximum number of audit IDs with a stage that are remembered: 24 bytes each.
const MAX_IDS: usize = 900_000;

/// Maximum number of microseconds between two records of one request. An aggregated API server records what kube-apiserver passes on under the
/// same audit ID, a little later.
const MAX_APART: i64 = 60_000_000;

/// Audit IDs of a log. Texts are compared by hashes of 64 bits.
#[derive(Debug, Clone)]
pub(crate) struct AuditIds<P> {
    /// Request and time by audit ID and stage.
    known: HashMap<u64, (u64, i64)>,
    different: Hits<P>,
    /// Number of events beyond the limit.
    not_compared: u64,
}

impl<P> Default for AuditIds<P> {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            different: Hits::default(),
            not_compared: 0,
        }
    }
}

impl<P> AuditIds<P> {
    /// Adds an event. Returns `true` if its audit ID and stage are those of a different request.
    pub(crate) fn push(&mut self, event: &Event<'_>, place: impl Fn() -> P) -> bool {
        // The raw text of an ID is as good as the decoded one.
        let (Some(id), Some(stage), Some(uri)) =
            (event.audit_id, event.recorded_stage(), event.request_uri)
        else {
            return false;
        };
        if id.len() <= 2 {
            return false;
        }
        let user = event.user.and_then(|user| json::member(user, "username"));
        let key = hash(&(id, stage));
        let request = hash(&(event.verb, uri, user));
        let time = event.time().unwrap_or(0);
        match self.known.get(&key) {
            Some((known, at)) => {
                let is_late =
                    *at != 0 && time != 0 && time.abs_diff(*at) > MAX_APART.unsigned_abs();
                let is_different = *known != request || is_late;
                if is_different {
                    self.different.push(place, || describe(event));
                }
                return is_different;
            }
            None if self.known.len() >= MAX_IDS => self.not_compared += 1,
            None => {
                self.known.insert(key, (request, time));
            }
        }
        false
    }

    /// Returns the number of events whose audit IDs are beyond the limit.
    pub(crate) const fn not_compared(&self) -> u64 {
        self.not_compared
    }

    pub(crate) fn finish(self) -> Option<LogFinding<P>> {
        let Hits {
            count,
            first,
            example,
        } = self.different;
        let noun = if count == 1 {
            "event has the audit ID and stage of a different request"
        } else {
            "events have the audit ID and stage of a different request"
        };
        (count > 0).then(|| LogFinding {
            diagnostic: Diagnostic::of(
                LogCode::SharedAuditId,
                format!("{} {noun}, such as {example}", format::count(count)),
            )
            .with_help("do not rely on audit IDs: a client has chosen them with the header `Audit-ID`; look at users and addresses of all events with this ID"),
            count,
            first,
            events: FoundEvents::Kind(LogFindingKind::SharedAuditId),
        })
    }
}

fn hash(value: &impl Hash) -> u64 {
    // Its keys are constants, so results are the same everywhere.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn describe(event: &Event<'_>) -> String {
    let text = |raw: Option<&str>| {
        let text = raw.and_then(json::string_with_placeholders);
        text.unwrap_or_default().into_owned()
    };
    let path = text(event.request_uri);
    let path = path.split_once('?').map_or(path.as_str(), |(path, _)| path);
    format!(
        "{} with the ID {}",
        quote(&format!("{} {path}", text(event.verb))),
        quote(&text(event.audit_id))
    )
}
