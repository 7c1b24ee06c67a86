//! From events to distinct requests, quickly: what was read once is recognised by its text.
//!
//! A log repeats itself, and each request stands in it twice. The user's text and the URL's are looked up among those seen lately;
//! only new ones are taken apart.

use std::hash::BuildHasher;

use audit_log::read_user;
use audit_log::{Attributes, Event, json};
use audit_policy::MissingAttributes;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::request_traits::{RequestTraits, object_ref};
use crate::requests::{RequestIdRemap, RequestTarget, Requests, RequestsDelta, SubjectId};

/// How many texts of a kind are kept; a power of two.
const CACHE_SLOTS: usize = 8192;

/// Turns events into numbers of distinct requests.
#[derive(Debug, Default)]
pub(crate) struct RequestInterner {
    requests: Requests,
    users: RecentCache<InternedUser>,
    urls: RecentCache<InternedUrl>,
    recent_sources: RecentCache<u16>,
    sources: SourceInterner,
}

/// What is known of the request behind an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventRequest {
    pub(crate) request: u32,
    pub(crate) nature: RequestTraits,
    pub(crate) has_user: bool,
    /// The number of the source addresses.
    pub(crate) source: u16,
    /// The length of `objectRef` as the URL alone gives it.
    pub(crate) object_ref: usize,
}

#[derive(Debug, Clone, Copy)]
struct InternedUser {
    subject: SubjectId,
    exists: bool,
}

#[derive(Debug, Clone, Copy)]
struct InternedUrl {
    aim: RequestTarget,
    nature: RequestTraits,
    object_ref: usize,
}

impl RequestInterner {
    pub(crate) const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// The request behind an event.
    pub(crate) fn intern(&mut self, event: &Event<'_>) -> EventRequest {
        let user = self.user(event);
        let url = self.url(event);
        EventRequest {
            request: self.requests.add_interned(user.subject, url.aim),
            nature: url.nature,
            has_user: user.exists,
            source: self.source_of(event),
            object_ref: url.object_ref,
        }
    }

    /// The distinct texts of source addresses, by number.
    pub(crate) fn sources(&self) -> impl ExactSizeIterator<Item = &str> {
        self.sources.texts.iter().map(String::as_str)
    }

    /// The text of a number; empty for none.
    pub(crate) fn source(&self, number: u16) -> &str {
        let text = self.sources.texts.get(usize::from(number));
        text.map(String::as_str).unwrap_or_default()
    }

    /// The number of a text of source addresses.
    pub(crate) fn add_source(&mut self, text: &str) -> u16 {
        self.sources.add(text)
    }

    /// Adds the requests that another table has gained.
    pub(crate) fn apply_delta(&mut self, part: &RequestsDelta, translation: &mut RequestIdRemap) {
        self.requests.apply_delta(part, translation);
    }

    fn source_of(&mut self, event: &Event<'_>) -> u16 {
        let raw = event.source_ips.unwrap_or_default();
        let sources = &mut self.sources;
        self.recent_sources.get_or(raw, "", || {
            let addresses: Vec<_> = json::elements(raw).filter_map(json::string).collect();
            sources.add(&addresses.join(", "))
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
            // The text is not all there was, or there is none.
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
                aim: requests.add_target(&request, without_user),
                nature: RequestTraits::new(&request, unknown),
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

/// Distinct texts of source addresses. The first is empty; the last stands for all that come after as many as are numbered.
#[derive(Debug)]
struct SourceInterner {
    texts: Vec<String>,
    numbers: HashMap<String, u16>,
}

/// How many texts of source addresses are told apart.
const MAX_SOURCES: usize = u16::MAX as usize;

/// Stands for the source addresses that are not told apart.
const OTHER_SOURCES: &str = "(others)";

impl Default for SourceInterner {
    fn default() -> Self {
        Self {
            texts: vec![String::new()],
            numbers: HashMap::from_iter([(String::new(), 0)]),
        }
    }
}

impl SourceInterner {
    fn add(&mut self, text: &str) -> u16 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let is_last = self.texts.len() >= MAX_SOURCES;
        let number = u16::try_from(self.texts.len().min(MAX_SOURCES)).unwrap_or(u16::MAX);
        if self.texts.len() <= MAX_SOURCES {
            let text = if is_last { OTHER_SOURCES } else { text };
            self.texts.push(text.to_owned());
        }
        if !is_last {
            self.numbers.insert(text.to_owned(), number);
        }
        number
    }
}

/// Values by the texts they were made of: the last of each place, found by its hash and told apart by the texts themselves.
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
        // The low bits alone name the place.
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

/// Whether two texts are equal, sixteen bytes at a time: in WebAssembly the comparison of slices goes byte by byte.
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
    fn what_a_record_lost_tells_requests_apart_whose_texts_are_alike() {
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
