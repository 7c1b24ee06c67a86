//! The synthetic log, event by event in the order in which a server writes them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::context::RequestContext;
use crate::event::{Stage, event};
use crate::profile::{Profile, ProfileError};
use crate::random::{mix, unit};
use crate::rate::{RequestRate, Timing};
use crate::rates::{events_per_second, rates};
use crate::sample::{MAX_EVENTS, MAX_SECONDS};
use crate::time::SECOND;

/// Events of a log as lines of JSON without newlines.
///
/// The log contains all requests received within its time span, each with all its stages. Longer requests, such as watches, end with the log, as
/// if the server stopped. So there is no event whose request started before the log.
#[derive(Debug)]
pub struct SyntheticLog {
    model: Arc<Model>,
    end: i64,
    due: BinaryHeap<Reverse<ScheduledEvent>>,
}

/// Profile and rates.
#[derive(Debug)]
struct Model {
    profile: Profile,
    rates: Vec<RequestRate>,
}

/// An upcoming event; ordered by time, then in a fixed order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct ScheduledEvent {
    at: i64,
    rate: usize,
    tick: i64,
    stage: Stage,
}

/// Generates the log of a cluster for a number of seconds.
///
/// # Errors
/// If the profile exceeds its limits, `seconds` is zero or more than [`MAX_SECONDS`], or the log would have more than [`MAX_EVENTS`] events;
/// use [`Sample::plan`](crate::Sample::plan) to find a possible length.
pub fn generate(profile: &Profile, seconds: u32) -> Result<SyntheticLog, ProfileError> {
    if !(1..=MAX_SECONDS).contains(&seconds) {
        return Err(ProfileError::Seconds { given: seconds });
    }
    let rates = rates(profile)?;
    let per_second = events_per_second(&rates);
    if per_second * f64::from(seconds) > MAX_EVENTS as f64 {
        return Err(ProfileError::Events {
            per_second,
            max: MAX_EVENTS / u64::from(seconds),
        });
    }
    let end = i64::from(seconds) * SECOND;
    let due = rates
        .iter()
        .enumerate()
        .filter_map(|(number, rate)| first_event(number, rate, end))
        .map(Reverse)
        .collect();
    let profile = profile.clone();
    Ok(SyntheticLog {
        model: Arc::new(Model { profile, rates }),
        end,
        due,
    })
}

/// Returns the time of a request by its sequence number; increasing.
fn request_time(rate: &RequestRate, tick: i64) -> i64 {
    let template = &rate.request;
    let part = match template.timing {
        // Equal intervals between the requests of one client, up to a hundredth.
        Timing::Regular(seed) => unit(seed) + 0.01 * unit(mix(seed, tick.unsigned_abs())),
        // A random time within the interval.
        Timing::Random(seed) => unit(mix(seed, tick.unsigned_abs())),
    };
    let seconds = (tick as f64 + part) / rate.per_second + template.delay;
    (seconds * SECOND as f64) as i64
}

/// Returns the first event of a rate within the log.
fn first_event(number: usize, rate: &RequestRate, end: i64) -> Option<ScheduledEvent> {
    if rate.per_second <= 0.0 {
        return None;
    }
    let mut tick = -((rate.request.delay * rate.per_second).ceil() as i64) - 2;
    while request_time(rate, tick) < 0 {
        tick += 1;
    }
    next(number, rate, tick, end)
}

fn next(number: usize, rate: &RequestRate, tick: i64, end: i64) -> Option<ScheduledEvent> {
    let at = request_time(rate, tick);
    (at < end).then_some(ScheduledEvent {
        at,
        rate: number,
        tick,
        stage: Stage::Received,
    })
}

impl SyntheticLog {
    /// Schedules the later stages of a request, and the next request of its rate.
    fn schedule_following(
        &mut self,
        due: ScheduledEvent,
        context: &RequestContext<'_>,
        rate: &RequestRate,
    ) {
        let bits = mix(due.rate as u64, due.tick.unsigned_abs());
        // A few milliseconds: the response time of a small request.
        let answered = due.at + 800 + i64::try_from(bits % 9_000).unwrap_or(0);
        let later = |stage, at| Reverse(ScheduledEvent { at, stage, ..due });
        if rate.is_long_running() {
            let lasts = context.watch_seconds() * SECOND;
            let last = self.end + i64::try_from(bits % 1_000_000).unwrap_or(0);
            let ended = due.at.saturating_add(lasts).min(last).max(answered);
            self.due.push(later(Stage::Started, answered));
            self.due.push(later(Stage::Complete, ended));
        } else {
            self.due.push(later(Stage::Complete, answered));
        }
        if let Some(next) = next(due.rate, rate, due.tick + 1, self.end) {
            self.due.push(Reverse(next));
        }
    }
}

impl Iterator for SyntheticLog {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let Reverse(due) = self.due.pop()?;
        let model = Arc::clone(&self.model);
        let rate = model.rates.get(due.rate)?;
        let at = request_time(rate, due.tick);
        let context = RequestContext::new(&model.profile, &rate.request, due.tick, at);
        if due.stage == Stage::Received {
            self.schedule_following(due, &context, rate);
        }
        Some(event(&context, due.rate, due.stage, due.at))
    }
}
