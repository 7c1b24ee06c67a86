//! From events to ids of distinct requests. Texts that were parsed recently are recognized.
//!
//! Logs repeat themselves, and each request occurs in them twice. The texts of user and URL are looked up among recent ones; only new ones
//! are parsed.

use std::hash::BuildHasher;

use audit_log::read_user;
use audit_log::{Attributes, Event, json};
use audit_policy::MissingAttributes;
use audit_types::RequestId;
use foldhash::fast::FixedState;

use crate::clients::Clients;
use crate::request_traits::{RequestTraits, object_ref};
use crate::requests::{RequestIdRemap, RequestTarget, Requests, RequestsDelta, SubjectId};

/// Number of cached texts of a kind; a power of two.
const CACHE_SLOTS: usize = 8192;

/// Turns events into ids of distinct requests.
#[derive(Debug, Default)]
pub(crate) struct RequestInterner {
    requests: Requests,
    users: RecentCache<InternedUser>,
    urls: RecentCache<InternedUrl>,
    recent_clients: RecentCache<u16>,
    clients: Clients,
}

/// The request behind an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventRequest {
    pub(crate) request: RequestId,
    pub(crate) traits: RequestTraits,
    pub(crate) has_user: bool,
    /// Id of the client: source addresses and user agent.
    pub(crate) client: u16,
    /// Length of the `objectRef` that the URL alone gives.
    pub(crate) object_ref: usize,
}

#[derive(Debug, Clone, Copy)]
struct InternedUser {
    subject: SubjectId,
    exists: bool,
}

#[derive(Debug, Clone, Copy)]
struct InternedUrl {
    target: RequestTarget,
    traits: RequestTraits,
    object_ref: usize,
}

impl RequestInterner {
    pub(crate) const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// Returns the request behind an event, and adds it if it is new.
    pub(crate) fn intern(&mut self, event: &Event<'_>) -> EventRequest {
        let user = self.user(event);
        let url = self.url(event);
        EventRequest {
            request: self.requests.add_interned(user.subject, url.target),
            traits: url.traits,
            has_user: user.exists,
            client: self.client_of(event),
            object_ref: url.object_ref,
        }
    }

    /// Returns the clients.
    pub(crate) const fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Returns the clients, to add some.
    pub(crate) const fn clients_mut(&mut self) -> &mut Clients {
        &mut self.clients
    }

    /// Adds the requests that were added to another table.
    pub(crate) fn apply_delta(&mut self, delta: &RequestsDelta, remap: &mut RequestIdRemap) {
        self.requests.apply_delta(delta, remap);
    }

    fn client_of(&mut self, event: &Event<'_>) -> u16 {
        let addresses = event.source_ips.unwrap_or_default();
        let agent = event.user_agent.unwrap_or_default();
        let clients = &mut self.clients;
        self.recent_clients.get_or(addresses, agent, || {
            let addresses: Vec<_> = json::elements(addresses).filter_map(json::string).collect();
            let source = clients.sources.add(&addresses.join(", "));
            let agent = clients.agents.add(&json::string(agent).unwrap_or_default());
            clients.add(source, agent)
        })
    }

    fn user(&mut self, event: &Event<'_>) -> InternedUser {
        let unknown = MissingAttributes {
            user: event.user.is_none(),
            groups: event.missing.groups,
            ..MissingAttributes::NONE
        };
        let requests = &mut self.requests;
        let mut make = || {
            let (name, groups) = event.user.map(read_user).unwrap_or_default();
            InternedUser {
                subject: requests.add_subject(name.as_deref(), &groups, unknown),
                exists: name.is_some(),
            }
        };
        match event.user {
            Some(raw) if !unknown.groups => self.users.get_or(raw, "", make),
            // The text is missing, or it does not contain all of the user.
            _ => make(),
        }
    }

    fn url(&mut self, event: &Event<'_>) -> InternedUrl {
        let requests = &mut self.requests;
        let mut make = || {
            let Attributes { request, unknown } = Attributes::from_event(event);
            let without_user = MissingAttributes {
                user: false,
                groups: false,
                ..unknown
            };
            InternedUrl {
                target: requests.add_target(&request, without_user),
                traits: RequestTraits::new(&request, unknown),
                object_ref: object_ref(&request).len(),
            }
        };
        if event.path.is_some() || event.missing.query {
            // The request is not read from verb and URL alone.
            return make();
        }
        let (verb, uri) = (
            event.verb.unwrap_or_default(),
            event.request_uri.unwrap_or_default(),
        );
        self.urls.get_or(uri, verb, make)
    }
}

/// Cache of values by the texts they were parsed from: one value per slot, chosen by the hash of the texts.
#[derive(Debug)]
struct RecentCache<T> {
    slots: Vec<Option<(String, String, T)>>,
    hasher: FixedState,
}

impl<T> Default for RecentCache<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            hasher: FixedState::default(),
        }
    }
}

impl<T: Copy> RecentCache<T> {
    fn get_or(&mut self, first: &str, second: &str, make: impl FnOnce() -> T) -> T {
        if self.slots.is_empty() {
            self.slots.resize_with(CACHE_SLOTS, || None);
        }
        let hash = self.hasher.hash_one((first, second));
        // The low bits alone select the slot.
        let place = (hash % CACHE_SLOTS as u64) as usize;
        let Some(slot) = self.slots.get_mut(place) else {
            return make();
        };
        match slot {
            Some((known, also, value)) if is_equal(known, first) && is_equal(also, second) => {
                *value
            }
            _ => {
                let value = make();
                *slot = Some((first.to_owned(), second.to_owned(), value));
                value
            }
        }
    }
}

/// Compares two texts, sixteen bytes at a time: in WebAssembly the comparison of slices goes byte by byte.
#[inline]
fn is_equal(one: &str, other: &str) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (chunks, tail) = one.as_bytes().as_chunks::<16>();
    let (others, other_tail) = other.as_bytes().as_chunks::<16>();
    let differ =
        |one: &[u8; 16], other: &[u8; 16]| u128::from_le_bytes(*one) != u128::from_le_bytes(*other);
    !chunks
        .iter()
        .zip(others)
        .any(|(one, other)| differ(one, other))
        && tail.iter().zip(other_tail).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use audit_log::MissingFields;

    use super::*;

    #[test]
    fn equal_texts_with_different_missing_fields_are_distinct_requests() {
        let raw = r#"{"verb":"list","user":{"username":"alice"},"requestURI":"/api/v1/pods"}"#;
        let whole = Event::new(raw);
        let lost = |groups, query| Event {
            missing: MissingFields {
                groups,
                query,
                ..MissingFields::default()
            },
            ..whole.clone()
        };
        let of_path = |path: &'static str| Event {
            path: Some(path),
            request_uri: None,
            ..lost(true, true)
        };
        let mut intake = RequestInterner::default();
        for event in [
            whole.clone(),
            lost(true, false),
            lost(false, true),
            of_path("/api/v1/pods"),
            of_path("/api/v1/secrets"),
            Event {
                user: None,
                ..of_path("/api/v1/secrets")
            },
            Event {
                request_uri: None,
                ..whole.clone()
            },
            whole.clone(),
        ] {
            let seen = intake.intern(&event);
            let Attributes { request, unknown } = Attributes::from_event(&event);
            assert_eq!(intake.requests.add(&request, unknown), seen.request);
            assert_eq!(seen.has_user, request.user.is_some());
        }
        assert_eq!(intake.requests.len(), 7);
    }
}
