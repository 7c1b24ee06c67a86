//! From events to distinct requests, quickly: what was read once is recognised by its text.
//!
//! A log repeats itself, and each request stands in it twice. The user's text and the URL's are looked up among those seen lately;
//! only new ones are taken apart.

use std::hash::BuildHasher;

use audit_log::attributes::read_user;
use audit_log::{Attributes, Event};
use audit_policy::{Aim, Requests, SubjectNumber, Unknown};
use foldhash::fast::FixedState;

use crate::derive::object_ref;
use crate::outcome::Nature;

/// How many texts of a kind are kept; a power of two.
const KEPT: usize = 8192;

/// Turns events into numbers of distinct requests.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    requests: Requests,
    users: Recent<User>,
    urls: Recent<Url>,
}

/// What is known of the request behind an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) request: u32,
    pub(crate) nature: Nature,
    pub(crate) has_user: bool,
    /// The length of `objectRef` as the URL alone gives it.
    pub(crate) object_ref: usize,
}

#[derive(Debug, Clone, Copy)]
struct User {
    subject: SubjectNumber,
    exists: bool,
}

#[derive(Debug, Clone, Copy)]
struct Url {
    aim: Aim,
    nature: Nature,
    object_ref: usize,
}

impl Intake {
    pub(crate) const fn requests(&self) -> &Requests {
        &self.requests
    }

    /// The request behind an event.
    pub(crate) fn see(&mut self, event: &Event<'_>) -> Seen {
        let user = self.user(event);
        let url = self.url(event);
        Seen {
            request: self.requests.join(user.subject, url.aim),
            nature: url.nature,
            has_user: user.exists,
            object_ref: url.object_ref,
        }
    }

    fn user(&mut self, event: &Event<'_>) -> User {
        let Some(raw) = event.user else {
            let unknown = Unknown {
                user: true,
                ..Unknown::NOTHING
            };
            return User {
                subject: self.requests.add_subject(None, &[], unknown),
                exists: false,
            };
        };
        let requests = &mut self.requests;
        self.users.get_or(raw, "", || {
            let (name, groups) = read_user(raw);
            User {
                subject: requests.add_subject(name.as_deref(), &groups, Unknown::NOTHING),
                exists: name.is_some(),
            }
        })
    }

    fn url(&mut self, event: &Event<'_>) -> Url {
        let requests = &mut self.requests;
        let (verb, uri) = (
            event.verb.unwrap_or_default(),
            event.request_uri.unwrap_or_default(),
        );
        self.urls.get_or(uri, verb, || {
            let Attributes { request, unknown } = Attributes::of(event);
            let without_user = Unknown {
                user: false,
                groups: false,
                ..unknown
            };
            Url {
                aim: requests.add_aim(&request, without_user),
                nature: Nature::of(&request, unknown),
                object_ref: object_ref(&request).len(),
            }
        })
    }
}

/// Values by the texts they were made of: the last of each place, found by its hash and told apart by the texts themselves.
#[derive(Debug)]
struct Recent<T> {
    slots: Vec<Option<(String, String, T)>>,
    hasher: FixedState,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            hasher: FixedState::default(),
        }
    }
}

impl<T: Copy> Recent<T> {
    fn get_or(&mut self, first: &str, second: &str, make: impl FnOnce() -> T) -> T {
        if self.slots.is_empty() {
            self.slots.resize_with(KEPT, || None);
        }
        let hash = self.hasher.hash_one((first, second));
        // The low bits alone name the place.
        let place = (hash % KEPT as u64) as usize;
        let Some(slot) = self.slots.get_mut(place) else {
            return make();
        };
        match slot {
            Some((known, also, value)) if known == first && also == second => *value,
            _ => {
                let value = make();
                *slot = Some((first.to_owned(), second.to_owned(), value));
                value
            }
        }
    }
}
