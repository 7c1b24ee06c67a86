//! Sizes of bodies that a log lacks: taken from similar requests in the log, or else typical for resource and verb.

use audit_types::RequestId;
use std::collections::BTreeMap;

use audit_sim::{EventTable, Requests, SizeBreakdown, UnknownSizes};
use serde::Serialize;

use super::typical;
pub use super::typical::BodyKind;
use super::volume::{EstimatedVolume, SizeRange};

/// Minimum number of similar bodies whose sizes are used.
const MIN_SAMPLES: usize = 3;

/// Sizes of the bodies in a log, by verb and resource. They don't depend on a policy.
#[derive(Debug, Clone, Default)]
pub struct BodySizes {
    by_class: BTreeMap<Class, Sizes>,
}

/// Verb and resource, by their ids in the log's requests.
type Class = (Option<u32>, u32);

/// Sorted sizes with and without managed fields, of request bodies, response bodies, and bodies of failed responses.
#[derive(Debug, Clone, Default)]
struct Sizes {
    of: [[Vec<u32>; 2]; 3],
}

/// Assumed size of bodies that a log lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BodySizeEstimate {
    /// The verb.
    pub verb: String,
    /// Resource with subresource, or path.
    pub resource: String,
    /// Kind of body.
    pub body: BodyKind,
    /// Number of events that lack one.
    pub events: u64,
    /// Size of one body, from the 10th to the 90th percentile.
    pub each: SizeRange,
    /// Source of the size.
    #[serde(rename = "basis")]
    pub source: SizeSource,
}

/// Source of an assumed body size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "from")]
pub enum SizeSource {
    /// Similar requests in the log.
    Log {
        /// Number of bodies.
        bodies: usize,
    },
    /// The table of typical sizes.
    Typical,
}

impl BodySizes {
    /// Measures the bodies of a log.
    pub fn measure(table: &EventTable) -> Self {
        let classes: Vec<Class> = table
            .requests()
            .value_ids()
            .map(|values| (values.verb, values.target))
            .collect();
        let mut by_class = BTreeMap::<Class, Sizes>::new();
        for (request, has_failed, parts) in table.bodies() {
            if let Some(class) = classes.get(request.index()) {
                by_class.entry(*class).or_default().add(&parts, has_failed);
            }
        }
        by_class.values_mut().for_each(Sizes::sort);
        Self { by_class }
    }

    fn range(&self, class: Class, body: BodyKind, lean: bool) -> Option<(SizeRange, usize)> {
        let sizes = self.by_class.get(&class)?;
        let [full, without] = sizes.of.get(body as usize)?;
        let sizes = if lean { without } else { full };
        if sizes.len() < MIN_SAMPLES {
            return None;
        }
        let at = |tenths: usize| {
            let place = (sizes.len() - 1) * tenths / 10;
            sizes.get(place).copied().map_or(0, u64::from)
        };
        let range = SizeRange {
            low: at(1),
            high: at(9),
        };
        Some((range, sizes.len()))
    }
}

impl Sizes {
    fn add(&mut self, parts: &SizeBreakdown, has_failed: bool) {
        let answer = if has_failed {
            BodyKind::Failure
        } else {
            BodyKind::Response
        };
        for (body, size, managed) in [
            (BodyKind::Request, parts.request, parts.request_managed),
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

/// Estimates body sizes and collects the assumptions.
pub(super) struct BodySizeEstimator<'t> {
    bodies: &'t BodySizes,
    requests: &'t Requests,
    classes: Vec<Class>,
    made: BTreeMap<(Class, BodyKind, bool), BodySizeEstimate>,
}

impl<'t> BodySizeEstimator<'t> {
    pub(super) const fn new(bodies: &'t BodySizes, requests: &'t Requests) -> Self {
        Self {
            bodies,
            requests,
            classes: Vec::new(),
            made: BTreeMap::new(),
        }
    }

    /// Returns the volume of a request's events that lack parts.
    pub(super) fn amount(
        &mut self,
        request: RequestId,
        open: &UnknownSizes,
        lean: bool,
    ) -> EstimatedVolume {
        let mut missing = SizeRange::default();
        for (body, count) in [
            (BodyKind::Request, open.requests),
            (BodyKind::Response, open.responses),
            (BodyKind::Failure, open.failures),
        ] {
            if count > 0 {
                missing += self.each(request, body, lean, count).times(count);
            }
        }
        missing += typical::LINE.times(open.lines);
        EstimatedVolume {
            events: open.known.events,
            bytes: open.known.bytes,
            incomplete_events: open.known.events,
            missing_bytes: missing,
        }
    }

    fn each(&mut self, request: RequestId, body: BodyKind, lean: bool, count: u64) -> SizeRange {
        if self.classes.is_empty() {
            let values = self.requests.value_ids();
            self.classes = values.map(|values| (values.verb, values.target)).collect();
        }
        let class = self.classes.get(request.index()).copied();
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
                Some((range, bodies)) => (range, SizeSource::Log { bodies }),
                None => (typical::size(verb, &resource, body), SizeSource::Typical),
            };
            BodySizeEstimate {
                verb: verb.to_owned(),
                resource,
                body,
                events: 0,
                each,
                source: basis,
            }
        });
        guess.events += count;
        guess.each
    }

    /// Returns all assumptions, those with the most bytes first.
    pub(super) fn finish(self) -> Vec<BodySizeEstimate> {
        let mut guesses: Vec<BodySizeEstimate> = self.made.into_values().collect();
        guesses.sort_by_key(|guess| std::cmp::Reverse(guess.each.times(guess.events).high));
        guesses
    }
}
