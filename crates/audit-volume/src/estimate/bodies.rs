//! How long the bodies are that a log lacks: as those of like requests in it, else as is typical for the resource and the verb.

use std::collections::BTreeMap;

use audit_sim::{EventTable, Open, Parts, Requests};
use serde::Serialize;

use super::amount::{Amount, Range};
use super::typical;
pub use super::typical::Body;

/// From so many like bodies on, their sizes say something.
const FEW: usize = 3;

/// The sizes of the bodies that a log holds, by verb and resource. They do not depend on a policy.
#[derive(Debug, Clone, Default)]
pub struct BodySizes {
    by_class: BTreeMap<Class, Sizes>,
}

/// A verb and a resource, by their numbers in the log's requests.
type Class = (Option<u32>, u32);

/// Sorted sizes with and without managed fields, of request bodies, response bodies, and the answers of failures.
#[derive(Debug, Clone, Default)]
struct Sizes {
    of: [[Vec<u32>; 2]; 3],
}

/// What the size of some bodies is taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Guess {
    /// The verb.
    pub verb: String,
    /// Resource and subresource, or path.
    pub resource: String,
    /// Which bodies it is about.
    pub body: Body,
    /// How many events lack one.
    pub events: u64,
    /// The size of one, from the tenth part that is shortest to the tenth part that is longest.
    pub each: Range,
    /// Where the sizes are from.
    pub basis: Basis,
}

/// Where sizes of bodies are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "from")]
pub enum Basis {
    /// From like requests in the log.
    Log {
        /// How many.
        bodies: usize,
    },
    /// From the table of what is typical.
    Typical,
}

impl BodySizes {
    /// Measures the bodies of a log.
    pub fn of(table: &EventTable) -> Self {
        let classes: Vec<Class> = table
            .requests()
            .values()
            .map(|values| (values.verb, values.target))
            .collect();
        let mut by_class = BTreeMap::<Class, Sizes>::new();
        for (request, has_failed, parts) in table.bodies() {
            if let Some(class) = classes.get(request as usize) {
                by_class.entry(*class).or_default().add(&parts, has_failed);
            }
        }
        by_class.values_mut().for_each(Sizes::sort);
        Self { by_class }
    }

    fn range(&self, class: Class, body: Body, lean: bool) -> Option<(Range, usize)> {
        let sizes = self.by_class.get(&class)?;
        let [full, without] = sizes.of.get(body as usize)?;
        let sizes = if lean { without } else { full };
        if sizes.len() < FEW {
            return None;
        }
        let at = |tenths: usize| {
            let place = (sizes.len() - 1) * tenths / 10;
            sizes.get(place).copied().map_or(0, u64::from)
        };
        let range = Range {
            low: at(1),
            high: at(9),
        };
        Some((range, sizes.len()))
    }
}

impl Sizes {
    fn add(&mut self, parts: &Parts, has_failed: bool) {
        let answer = if has_failed {
            Body::Failure
        } else {
            Body::Response
        };
        for (body, size, managed) in [
            (Body::Request, parts.request, parts.request_managed),
            (answer, parts.response, parts.response_managed),
        ] {
            if size > 0
                && let Some(of) = self.of.get_mut(body as usize)
            {
                let [full, lean] = of;
                full.push(size);
                lean.push(size.saturating_sub(managed));
            }
        }
    }

    fn sort(&mut self) {
        self.of
            .iter_mut()
            .flatten()
            .for_each(|sizes| sizes.sort_unstable());
    }
}

/// The guesses that an estimate rests on.
pub(super) struct Guesses<'t> {
    bodies: &'t BodySizes,
    requests: &'t Requests,
    classes: Vec<Class>,
    made: BTreeMap<(Class, Body, bool), Guess>,
}

impl<'t> Guesses<'t> {
    pub(super) const fn new(bodies: &'t BodySizes, requests: &'t Requests) -> Self {
        Self {
            bodies,
            requests,
            classes: Vec::new(),
            made: BTreeMap::new(),
        }
    }

    /// What events of a request come to that lack parts.
    pub(super) fn amount(&mut self, request: u32, open: &Open, lean: bool) -> Amount {
        let mut missing = Range::default();
        for (body, count) in [
            (Body::Request, open.requests),
            (Body::Response, open.responses),
            (Body::Failure, open.failures),
        ] {
            if count > 0 {
                missing += self.each(request, body, lean, count).times(count);
            }
        }
        missing += typical::LINE.times(open.lines);
        Amount {
            events: open.held.events,
            bytes: open.held.bytes,
            open_events: open.held.events,
            missing,
        }
    }

    fn each(&mut self, request: u32, body: Body, lean: bool, count: u64) -> Range {
        if self.classes.is_empty() {
            let values = self.requests.values();
            self.classes = values.map(|values| (values.verb, values.target)).collect();
        }
        let class = self.classes.get(request as usize).copied();
        let class = class.unwrap_or((None, u32::MAX));
        let Self {
            bodies,
            requests,
            made,
            ..
        } = self;
        let guess = made.entry((class, body, lean)).or_insert_with(|| {
            let view = requests.get(request);
            let verb = view.map(|view| view.verb()).unwrap_or_default();
            let resource = view
                .map(|view| view.target().into_owned())
                .unwrap_or_default();
            let (each, basis) = match bodies.range(class, body, lean) {
                Some((range, bodies)) => (range, Basis::Log { bodies }),
                None => (typical::size(verb, &resource, body), Basis::Typical),
            };
            Guess {
                verb: verb.to_owned(),
                resource,
                body,
                events: 0,
                each,
                basis,
            }
        });
        guess.events += count;
        guess.each
    }

    /// All that were made, those first that matter most.
    pub(super) fn finish(self) -> Vec<Guess> {
        let mut guesses: Vec<Guess> = self.made.into_values().collect();
        guesses.sort_by_key(|guess| std::cmp::Reverse(guess.each.times(guess.events).high));
        guesses
    }
}
