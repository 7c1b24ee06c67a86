//! What a stream means for the queue before a backend: batches, throttling, how the queue fills in a peak, and what is dropped.
//!
//! In batch mode kube-apiserver puts every event into a queue of `buffer-size`; where that is full the new event is dropped and counted,
//! and no request waits. One loop takes events out until it has `max-size` of them or `max-wait` has passed since it began, waits for the
//! throttle, sends and begins again; sends to a webhook do not wait for each other, those to the file do. The throttle is a bucket of
//! `burst` batches that fills with `qps` batches a second. So the queue drains at most `qps × max-size` events a second, and in a peak
//! of `P` events a second that lasts `T` seconds
//!
//! ```text
//! dropped = (P − qps × max-size) × T − burst × max-size − buffer-size, if that is above zero
//! ```
//!
//! give or take the one batch that the loop holds in its hand. In the blocking modes there is no queue: nothing is dropped, each event is sent
//! by itself, and the request waits for it.

use audit_export::{Batch, LogBackend, Mode, WebhookBackend};
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Unit, positive, sound};
use audit_types::format::{bytes, number};

/// Where events go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Receiver {
    /// The file or standard output.
    Log,
    /// The webhook.
    Webhook,
}

impl Receiver {
    /// As flags and messages have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Webhook => "webhook",
        }
    }
}

/// How events come.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Traffic {
    /// Events a second, on average.
    pub mean: f64,
    /// Events a second in the peak; a peak below the mean counts as the mean.
    pub peak: f64,
    /// How long the peak lasts, in seconds.
    pub peak_seconds: f64,
    /// Bytes of an event, on average.
    pub bytes_an_event: f64,
}

/// What goes out at a steady rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// Sends a second.
    pub batches: Figure,
    /// Events in one send.
    pub events_a_batch: Figure,
    /// Bytes in one send.
    pub bytes_a_batch: Option<Figure>,
    /// Bytes a second.
    pub bytes: Option<Figure>,
}

/// What a peak does to the queue.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Peak {
    /// Events in the queue when the peak ends.
    pub queued: Option<Figure>,
    /// Seconds until the queue is full; none where it never is.
    pub full_after: Option<Figure>,
    /// Events dropped while the peak lasts.
    pub dropped: Option<Figure>,
    /// Seconds after the peak until the queue is empty again; none where it never is.
    pub recovers_after: Option<Figure>,
}

/// What the settings of a backend make of traffic.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WireUse {
    /// Where events go.
    pub receiver: Receiver,
    /// Whether requests wait.
    pub mode: Mode,
    /// Sends at the mean rate.
    pub at_mean: Option<Flow>,
    /// Sends at the peak rate.
    pub at_peak: Option<Flow>,
    /// The most events a second that the throttle lets out; none where there is no throttle.
    pub drain: Option<Figure>,
    /// How many times the mean rate the throttle would let out.
    pub headroom: Option<Figure>,
    /// The same of the peak rate; below 1 the queue fills.
    pub headroom_at_peak: Option<Figure>,
    /// Memory that a full queue takes, at the size events have when written.
    pub buffer: Option<Figure>,
    /// Events dropped a second, on average, where the mean rate alone is more than the throttle lets out.
    pub dropped_a_second: Option<Figure>,
    /// The peak; none without a queue or a throttle.
    pub peak: Option<Peak>,
    /// What else is to be known, and why a figure is missing: a sentence each.
    pub notes: Vec<String>,
}

/// What the webhook backend makes of traffic, whether it is on or not.
///
/// ```
/// use audit_export::WebhookBackend;
/// use audit_volume::wire::{Traffic, webhook};
///
/// // A flood of 10,000 events a second for 10 seconds against the defaults:
/// // (10,000 − 4,000) × 10 = 60,000 too many, of which 15 × 400 go in the burst and 10,000 fit into the queue.
/// let traffic = Traffic { mean: 100.0, peak: 10_000.0, peak_seconds: 10.0, bytes_an_event: 1000.0 };
/// let use_ = webhook(&traffic, &WebhookBackend::default());
/// assert_eq!(use_.peak.unwrap().dropped.unwrap().value, 44_000.0);
/// ```
pub fn webhook(traffic: &Traffic, settings: &WebhookBackend) -> WireUse {
    wire_use(traffic, Receiver::Webhook, settings.mode, &settings.batch)
}

/// What the log backend makes of traffic.
pub fn log(traffic: &Traffic, settings: &LogBackend) -> WireUse {
    wire_use(traffic, Receiver::Log, settings.mode, &settings.batch)
}

fn wire_use(traffic: &Traffic, receiver: Receiver, mode: Mode, batch: &Batch) -> WireUse {
    let mut wire = WireUse {
        receiver,
        mode,
        at_mean: None,
        at_peak: None,
        drain: None,
        headroom: None,
        headroom_at_peak: None,
        buffer: None,
        dropped_a_second: None,
        peak: None,
        notes: Vec::new(),
    };
    let Some(rates) = Rates::of(traffic) else {
        wire.notes.push(
            "a rate or a duration is no number to reckon with, so there are no figures".to_owned(),
        );
        return wire;
    };
    if mode != Mode::Batch {
        blocking(&rates, &mut wire);
        return wire;
    }
    match Queue::of(batch, receiver) {
        Ok(queue) => queue.fill(&rates, &mut wire),
        Err(refusal) => wire
            .notes
            .push(format!("the server does not start: {refusal}")),
    }
    wire
}

/// Traffic that can be reckoned with.
struct Rates {
    mean: f64,
    peak: f64,
    seconds: f64,
    event: Option<f64>,
}

impl Rates {
    fn of(traffic: &Traffic) -> Option<Self> {
        let mean = sound(traffic.mean)?;
        Some(Self {
            mean,
            peak: sound(traffic.peak)?.max(mean),
            seconds: sound(traffic.peak_seconds)?,
            event: positive(traffic.bytes_an_event),
        })
    }
}

fn blocking(rates: &Rates, wire: &mut WireUse) {
    let one = |rate: f64, event: Option<f64>| Flow::new(rate, 1.0, "1 event a send", event);
    wire.at_mean = one(rates.mean, rates.event);
    wire.at_peak = one(rates.peak, rates.event);
    let (waits, sends) = match wire.receiver {
        Receiver::Log => ("the write to the file", "writes"),
        Receiver::Webhook => ("the webhook's answer", "requests to the webhook"),
    };
    wire.notes.push(format!(
        "there is no queue and nothing is dropped for want of room: every request waits for {waits}, once for each of its events"
    ));
    wire.notes.push(format!(
        "batching and throttling do not count in this mode: there are as many {sends} as events"
    ));
    if wire.mode == Mode::BlockingStrict {
        wire.notes.push(
            "a failure at the stage RequestReceived fails the request with status 500; later failures do not"
                .to_owned(),
        );
    }
}

impl Flow {
    fn new(rate: f64, events: f64, why: &str, event: Option<f64>) -> Option<Self> {
        let per_batch = Unit::EventsABatch.spell(events);
        let rate_text = Unit::EventsASecond.spell(rate);
        let size = |event: f64| bytes(event);
        Some(Self {
            batches: Figure::new(
                rate / events,
                Unit::BatchesASecond,
                format!("{rate_text} ÷ {per_batch}"),
            )?,
            events_a_batch: Figure::new(events, Unit::EventsABatch, why)?,
            bytes_a_batch: event.and_then(|event| {
                let terms = format!("{per_batch} × {} an event", size(event));
                Figure::new(events * event, Unit::Bytes, terms)
            }),
            bytes: event.and_then(|event| {
                let terms = format!("{rate_text} × {} an event", size(event));
                Figure::new(rate * event, Unit::BytesASecond, terms)
            }),
        })
    }
}

/// A queue whose settings the server takes.
struct Queue {
    receiver: Receiver,
    buffer: f64,
    max: f64,
    /// Seconds.
    wait: f64,
    throttle: Option<Throttle>,
}

#[derive(Clone, Copy)]
struct Throttle {
    qps: f64,
    burst: f64,
}

impl Queue {
    /// The settings, or the server's words for refusing them.
    fn of(batch: &Batch, receiver: Receiver) -> Result<Self, String> {
        let name = receiver.name();
        let refuse = |what: &str, value: String| {
            Err(format!(
                "invalid audit batch {name} {what} {value}, must be a positive number"
            ))
        };
        if batch.buffer_size < 1 {
            return refuse("buffer size", batch.buffer_size.to_string());
        }
        if batch.max_size < 1 {
            return refuse("max batch size", batch.max_size.to_string());
        }
        let throttle = if batch.throttle_enable {
            let Some(qps) = positive(f64::from(batch.throttle_qps)) else {
                return refuse("throttle QPS", batch.throttle_qps.to_string());
            };
            if batch.throttle_burst < 1 {
                return refuse("throttle burst", batch.throttle_burst.to_string());
            }
            Some(Throttle {
                qps,
                burst: batch.throttle_burst as f64,
            })
        } else {
            None
        };
        Ok(Self {
            receiver,
            buffer: batch.buffer_size as f64,
            max: batch.max_size as f64,
            wait: batch.max_wait_ms as f64 / 1000.0,
            throttle,
        })
    }

    /// Events in a batch at a rate, and why: the size or the wait ends it, and a throttle makes it wait until more have come.
    fn batch_at(&self, rate: f64) -> (f64, String) {
        let max = number(self.max);
        let waited = rate * self.wait;
        if self.max <= 1.0 || waited >= self.max {
            return (self.max, format!("max-size {max}, full before max-wait"));
        }
        let rate_text = Unit::EventsASecond.spell(rate);
        let by_wait = waited.max(1.0);
        let batches = rate / by_wait;
        match self.throttle {
            Some(throttle) if batches > throttle.qps => {
                let events = (rate / throttle.qps).min(self.max);
                let terms = format!("{rate_text} ÷ {} batches a second", number(throttle.qps));
                (events, terms)
            }
            _ if waited < 1.0 => (1.0, "one event, as fewer come within max-wait".to_owned()),
            _ => {
                let wait = Unit::Seconds.term(self.wait);
                (by_wait, format!("{rate_text} × {wait} of max-wait"))
            }
        }
    }

    /// What goes out at a rate: what comes in, or what the throttle lets out.
    fn flow_at(&self, rate: f64, event: Option<f64>) -> Option<Flow> {
        let out = self.drain().map_or(rate, |drain| rate.min(drain));
        let (events, why) = self.batch_at(rate);
        Flow::new(out, events, &why, event)
    }

    fn drain(&self) -> Option<f64> {
        self.throttle.map(|throttle| throttle.qps * self.max)
    }

    fn fill(&self, rates: &Rates, wire: &mut WireUse) {
        wire.at_mean = self.flow_at(rates.mean, rates.event);
        wire.at_peak = self.flow_at(rates.peak, rates.event);
        wire.buffer = rates.event.and_then(|event| {
            let terms = format!(
                "{} in the queue × {} an event",
                Unit::Events.spell(self.buffer),
                bytes(event)
            );
            Figure::new(self.buffer * event, Unit::Bytes, terms)
        });
        let Some((throttle, drain)) = self.throttle.zip(self.drain()) else {
            wire.notes.push(self.unthrottled().to_owned());
            return;
        };
        let terms = format!(
            "{} batches a second × {} a batch",
            number(throttle.qps),
            Unit::Events.spell(self.max)
        );
        wire.drain = Figure::new(drain, Unit::EventsASecond, terms);
        let headroom = |rate: f64| {
            let terms = format!(
                "{} ÷ {}",
                Unit::EventsASecond.spell(drain),
                Unit::EventsASecond.spell(rate)
            );
            Figure::new(drain / positive(rate)?, Unit::Times, terms)
        };
        wire.headroom = headroom(rates.mean);
        wire.headroom_at_peak = headroom(rates.peak);
        if rates.mean > drain {
            let terms = format!("{} − {}", number(rates.mean), number(drain));
            wire.dropped_a_second = Figure::new(rates.mean - drain, Unit::EventsASecond, terms);
            wire.notes.push(
                "the mean rate alone is more than the throttle lets out: the queue is always full, and events are dropped all day"
                    .to_owned(),
            );
        }
        wire.peak = Some(self.peak(rates, throttle, drain));
        if self.receiver == Receiver::Webhook {
            wire.notes.push(
                "a batch that the webhook does not take within five tries is dropped whole; that comes on top"
                    .to_owned(),
            );
        }
    }

    const fn unthrottled(&self) -> &'static str {
        match self.receiver {
            Receiver::Log => {
                "there is no throttle: the queue drains as fast as the disk takes lines, and fills only where that is slower than events come"
            }
            Receiver::Webhook => {
                "there is no throttle: batches are sent as soon as they are ready, without waiting for each other, so it is the receiver that has to keep up"
            }
        }
    }

    /// Arithmetic of a queue with a drain: what comes in less what goes out, and what room there is for the rest.
    fn peak(&self, rates: &Rates, throttle: Throttle, drain: f64) -> Peak {
        let is_full = rates.mean > drain;
        // The bucket is full of batches only where the traffic before the peak left it so.
        let is_spared = !is_full && rates.mean / self.batch_at(rates.mean).0 < throttle.qps;
        let burst = if is_spared {
            throttle.burst * self.max
        } else {
            0.0
        };
        let room = if is_full { 0.0 } else { self.buffer };
        let over = rates.peak - drain;
        let waiting = (over * rates.seconds - burst).max(0.0);
        let dropped = (waiting - room).max(0.0).floor();
        let queued = if is_full {
            self.buffer
        } else {
            waiting.min(room).ceil()
        };
        let rise = format!("({} − {})", number(rates.peak), number(drain));
        let of_burst = format!("{} of the burst", number(burst));
        let of_room = format!("{} of room", number(room));
        let excess = format!(
            "{rise} × {} − {of_burst}",
            Unit::Seconds.term(rates.seconds)
        );
        let (of_queued, of_dropped) = if over <= 0.0 {
            let within = "the peak is within what the throttle lets out";
            (within.to_owned(), within.to_owned())
        } else if is_full {
            ("the queue is full before the peak".to_owned(), excess)
        } else {
            let queued = format!("{excess}, at most {}", number(room));
            (
                queued,
                at_least_zero(format!("{excess} − {of_room}"), dropped),
            )
        };
        Peak {
            queued: Figure::new(queued, Unit::Events, of_queued),
            dropped: Figure::new(dropped, Unit::Events, of_dropped),
            full_after: positive(dropped).and_then(|_| {
                let terms = format!("({of_burst} + {of_room}) ÷ {rise}");
                Figure::new((burst + room) / over, Unit::Seconds, terms)
            }),
            recovers_after: positive(drain - rates.mean).and_then(|rest| {
                let events = Unit::Events.spell(queued);
                let terms = format!("{events} ÷ ({} − {})", number(drain), number(rates.mean));
                Figure::new(queued / rest, Unit::Seconds, terms)
            }),
        }
    }
}

/// Terms that may come to less than nothing, where nothing is meant.
fn at_least_zero(terms: String, value: f64) -> String {
    if value > 0.0 {
        terms
    } else {
        format!("{terms}, not below 0")
    }
}

#[cfg(test)]
mod tests;
