//! The requests with an audit ID: who sent them, and what is known about them.

use audit_inspect::{AnnotationSentence, Client, Follow, annotation_sentences, follow};
use audit_log::{Attributes, Event};

use super::place::Place;

/// Maximum number of requests with one audit ID; the events of further ones are counted.
const MAX_REQUESTS: usize = 20;

/// A request with the audit ID.
pub(super) struct Request {
    pub(super) verb: String,
    pub(super) path: String,
    pub(super) code: Option<u16>,
    /// Time at which it was received, in microseconds since 1970.
    pub(super) time: Option<i64>,
    pub(super) client: Client,
    pub(super) annotations: Vec<AnnotationSentence>,
    pub(super) follow: Vec<Follow>,
    /// Places of its events.
    pub(super) places: Vec<Place>,
    /// Number of events whose place is left out.
    pub(super) omitted_places: u64,
}

/// Requests with an audit ID while the logs are read.
pub(super) struct Requests<'a> {
    id: &'a str,
    found: Vec<Request>,
    omitted: u64,
}

/// Maximum number of places of a request.
const MAX_PLACES: usize = 10;

impl<'a> Requests<'a> {
    pub(super) const fn new(id: &'a str) -> Self {
        Self {
            id,
            found: Vec::new(),
            omitted: 0,
        }
    }

    pub(super) fn push(&mut self, event: &Event<'_>, place: Place) {
        if event.id().as_deref() != Some(self.id) {
            return;
        }
        let client = Client::from_event(event);
        let request = Attributes::from_event(event).request;
        let is_same = |known: &&mut Request| {
            (&known.verb, &known.path, &known.client.user)
                == (&request.verb, &request.path, &client.user)
        };
        if let Some(known) = self.found.iter_mut().find(is_same) {
            known.code = event.code().or(known.code);
            // Later stages know more.
            if event.annotations.is_some() {
                known.annotations = annotation_sentences(event);
            }
            known.client.impersonated = client.impersonated.or(known.client.impersonated.take());
            known.follow = follow(event);
            if known.places.len() < MAX_PLACES {
                known.places.push(place);
            } else {
                known.omitted_places += 1;
            }
        } else if self.found.len() < MAX_REQUESTS {
            self.found.push(Request {
                verb: request.verb,
                path: request.path,
                code: event.code(),
                time: event.time(),
                client,
                annotations: annotation_sentences(event),
                follow: follow(event),
                places: vec![place],
                omitted_places: 0,
            });
        } else {
            self.omitted += 1;
        }
    }

    /// Returns the requests, and the number of events of further ones.
    pub(super) fn finish(self) -> (Vec<Request>, u64) {
        (self.found, self.omitted)
    }
}
