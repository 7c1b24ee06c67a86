//! The clients of a log with their numbers of events.

use audit_log::Event;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::client::{Client, ClientKind};

/// Maximum number of clients that are distinguished; events of further ones are counted together.
const MAX_CLIENTS: usize = 10_000;

/// Maximum number of bytes of a name that is kept. Clients with a longer one are among the further ones.
const MAX_NAME_BYTES: usize = 1_024;

/// A client of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientCount {
    /// Its kind.
    pub kind: ClientKind,
    /// Its name. `None` if there is none.
    pub user: Option<String>,
    /// Number of events.
    pub events: u64,
    /// Number of events with a status of 401 or 403.
    pub denied: u64,
    /// Number of events in which it acted as someone else.
    pub impersonating: u64,
    /// Time of its first event, in microseconds since 1970.
    pub first: Option<i64>,
    /// Time of its last event.
    pub last: Option<i64>,
}

/// The clients of a log while it is read.
#[derive(Debug, Clone, Default)]
pub struct ClientCounts {
    clients: HashMap<(ClientKind, Option<String>), ClientCount>,
    further: u64,
    unrecorded: u64,
    events: u64,
}

impl ClientCounts {
    /// Message for a log whose events have no users.
    pub const NO_USERS: &'static str = "the log doesn't contain users: its format or a program on the way has dropped the field `user`, so clients are unknown";

    /// Adds an event.
    pub fn push(&mut self, event: &Event<'_>) {
        self.events += 1;
        let client = Client::from_event(event);
        if client.kind == ClientKind::Unrecorded {
            self.unrecorded += 1;
        }
        let length = client.user.as_ref().map_or(0, String::len);
        let key = (client.kind, client.user);
        if !self.clients.contains_key(&key)
            && (self.clients.len() >= MAX_CLIENTS || length > MAX_NAME_BYTES)
        {
            self.further += 1;
            return;
        }
        let count = self
            .clients
            .entry(key)
            .or_insert_with_key(|(kind, user)| ClientCount {
                kind: kind.clone(),
                user: user.clone(),
                events: 0,
                denied: 0,
                impersonating: 0,
                first: None,
                last: None,
            });
        count.events += 1;
        count.denied += u64::from(matches!(event.code(), Some(401 | 403)));
        count.impersonating += u64::from(client.impersonated.is_some());
        if let Some(time) = event.time() {
            count.first = Some(count.first.map_or(time, |first| first.min(time)));
            count.last = Some(count.last.map_or(time, |last| last.max(time)));
        }
    }

    /// Returns `true` if there are events, and none of them has a user.
    pub const fn has_no_users(&self) -> bool {
        self.events > 0 && self.unrecorded == self.events
    }

    /// Returns the number of events of further clients, beyond the first 10,000.
    pub const fn further(&self) -> u64 {
        self.further
    }

    /// Returns the clients, those with most events first.
    pub fn into_counts(self) -> Vec<ClientCount> {
        let mut counts: Vec<ClientCount> = self.clients.into_values().collect();
        counts.sort_by(|one, other| {
            let by_events = other.events.cmp(&one.events);
            by_events
                .then_with(|| one.user.cmp(&other.user))
                .then_with(|| one.kind.title().cmp(other.kind.title()))
        });
        counts
    }
}
