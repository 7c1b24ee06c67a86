//! Load on a backend: batches, throttling, how its queue fills during a peak, and dropped events.
//!
//! In batch mode, kube-apiserver puts every event into a queue of `buffer-size`. If the queue is full, the new event is dropped and
//! counted, and no request waits. One loop collects events until it has `max-size` of them or `max-wait` has passed, waits for the throttle,
//! sends the batch and starts again. Batches to a webhook are sent concurrently, batches to the file one after another. The throttle is a
//! bucket of `burst` batches that is refilled with `qps` batches per second. So the queue drains at most `qps × max-size` events per
//! second, and during a peak of `P` events per second that lasts `T` seconds
//!
//! ```text
//! dropped = (P − qps × max-size) × T − burst × max-size − buffer-size, if that is greater than zero
//! ```
//!
//! not counting the one batch that the loop is collecting. In the blocking modes there is no queue: nothing is dropped, each event is sent
//! on its own, and the request waits for it.

use apiserver_config::{Batch, LogBackend, Mode, WebhookBackend};
use serde::{Deserialize, Serialize};

use crate::metric::{Metric, Unit, non_negative, positive};
use audit_types::format::{bytes, number};

/// A backend that events are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BackendKind {
    /// The log file or standard output.
    Log,
    /// The webhook.
    Webhook,
}

impl BackendKind {
    /// Returns the name used in flags and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Webhook => "webhook",
        }
    }
}

/// Rates and sizes of the events sent to a backend.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EventLoad {
    /// Average events per second.
    pub mean: f64,
    /// Events per second during the peak; a peak below the average counts as the average.
    pub peak: f64,
    /// Duration of the peak in seconds.
    pub peak_seconds: f64,
    /// Average bytes per event.
    pub bytes_per_event: f64,
}

/// Batches sent at a constant rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SendRate {
    /// Batches per second.
    pub batches: Metric,
    /// Events per batch.
    #[serde(rename = "eventsABatch")]
    pub events_per_batch: Metric,
    /// Bytes per batch.
    #[serde(rename = "bytesABatch")]
    pub bytes_per_batch: Option<Metric>,
    /// Bytes per second.
    pub bytes: Option<Metric>,
}

/// State of the queue during and after a peak.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PeakBacklog {
    /// Events in the queue at the end of the peak.
    pub queued: Option<Metric>,
    /// Seconds until the queue is full; `None` if it never is.
    pub full_after: Option<Metric>,
    /// Events dropped during the peak.
    pub dropped: Option<Metric>,
    /// Seconds after the peak until the queue is empty again; `None` if it never is.
    pub recovers_after: Option<Metric>,
}

/// Load on a backend with its settings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackendUsage {
    /// The backend.
    #[serde(rename = "receiver")]
    pub backend: BackendKind,
    /// Mode of the backend: in `blocking` modes, requests wait for it.
    pub mode: Mode,
    /// Batches at the average rate.
    pub at_mean: Option<SendRate>,
    /// Batches at the peak rate.
    pub at_peak: Option<SendRate>,
    /// Maximum events per second that the throttle allows; `None` without a throttle.
    #[serde(rename = "drain")]
    pub throttle_limit: Option<Metric>,
    /// Throttle limit divided by the average rate.
    pub headroom: Option<Metric>,
    /// Throttle limit divided by the peak rate; below 1, the queue fills.
    pub headroom_at_peak: Option<Metric>,
    /// Memory used by a full queue, with events as large as their lines.
    #[serde(rename = "buffer")]
    pub queue_memory: Option<Metric>,
    /// Events dropped per second, on average, if the average rate exceeds the throttle limit.
    #[serde(rename = "droppedASecond")]
    pub dropped_per_second: Option<Metric>,
    /// The peak; `None` without a queue or a throttle.
    pub peak: Option<PeakBacklog>,
    /// Notes, and reasons for missing metrics.
    pub notes: Vec<String>,
}

/// Computes the load on the webhook backend, enabled or not.
///
/// ```
/// use apiserver_config::WebhookBackend;
/// use audit_volume::backend::{EventLoad, webhook_usage};
///
/// // 10,000 events per second for 10 seconds with default settings:
/// // (10,000 − 4,000) × 10 = 60,000 too many, of which 15 × 400 are sent in the burst and 10,000 fit into the queue.
/// let load = EventLoad { mean: 100.0, peak: 10_000.0, peak_seconds: 10.0, bytes_per_event: 1000.0 };
/// let usage = webhook_usage(&load, &WebhookBackend::default());
/// assert_eq!(usage.peak.unwrap().dropped.unwrap().value, 44_000.0);
/// ```
pub fn webhook_usage(load: &EventLoad, settings: &WebhookBackend) -> BackendUsage {
    backend_usage(load, BackendKind::Webhook, settings.mode, &settings.batch)
}

/// Computes the load on the log backend.
pub fn log_usage(load: &EventLoad, settings: &LogBackend) -> BackendUsage {
    backend_usage(load, BackendKind::Log, settings.mode, &settings.batch)
}

fn backend_usage(
    load: &EventLoad,
    backend: BackendKind,
    mode: Mode,
    batch: &Batch,
) -> BackendUsage {
    let mut usage = BackendUsage {
        backend,
        mode,
        at_mean: None,
        at_peak: None,
        throttle_limit: None,
        headroom: None,
        headroom_at_peak: None,
        queue_memory: None,
        dropped_per_second: None,
        peak: None,
        notes: Vec::new(),
    };
    let Some(rates) = ValidLoad::of(load) else {
        usage.notes.push(
            "a rate or a duration is not a finite number, so the load can't be computed".to_owned(),
        );
        return usage;
    };
    if mode != Mode::Batch {
        blocking(&rates, &mut usage);
        return usage;
    }
    match Queue::new(batch, backend) {
        Ok(queue) => queue.fill(&rates, &mut usage),
        Err(error) => usage
            .notes
            .push(format!("kube-apiserver does not start: {error}")),
    }
    usage
}

/// A load whose numbers are finite and not negative.
struct ValidLoad {
    mean: f64,
    peak: f64,
    seconds: f64,
    event: Option<f64>,
}

impl ValidLoad {
    fn of(load: &EventLoad) -> Option<Self> {
        let mean = non_negative(load.mean)?;
        Some(Self {
            mean,
            peak: non_negative(load.peak)?.max(mean),
            seconds: non_negative(load.peak_seconds)?,
            event: positive(load.bytes_per_event),
        })
    }
}

fn blocking(rates: &ValidLoad, usage: &mut BackendUsage) {
    let one = |rate: f64, event: Option<f64>| SendRate::new(rate, 1.0, "1 event per send", event);
    usage.at_mean = one(rates.mean, rates.event);
    usage.at_peak = one(rates.peak, rates.event);
    let (waits, sends) = match usage.backend {
        BackendKind::Log => ("the write to the file", "writes"),
        BackendKind::Webhook => ("the response of the webhook", "requests to the webhook"),
    };
    usage.notes.push(format!(
        "there is no queue, so no event is dropped because of a full queue: every request waits for {waits}, once per event"
    ));
    usage.notes.push(format!(
        "batching and throttling don't apply in this mode: there are as many {sends} as events"
    ));
    if usage.mode == Mode::BlockingStrict {
        usage.notes.push(
            "a failure at stage RequestReceived fails the request with status 500; later failures don't"
                .to_owned(),
        );
    }
}

impl SendRate {
    fn new(rate: f64, events: f64, why: &str, event: Option<f64>) -> Option<Self> {
        let per_batch = Unit::EventsPerBatch.format(events);
        let rate_text = Unit::EventsPerSecond.format(rate);
        let size = |event: f64| bytes(event);
        Some(Self {
            batches: Metric::new(
                rate / events,
                Unit::BatchesPerSecond,
                format!("{rate_text} ÷ {per_batch}"),
            )?,
            events_per_batch: Metric::new(events, Unit::EventsPerBatch, why)?,
            bytes_per_batch: event.and_then(|event| {
                let terms = format!("{per_batch} × {} per event", size(event));
                Metric::new(events * event, Unit::Bytes, terms)
            }),
            bytes: event.and_then(|event| {
                let terms = format!("{rate_text} × {} per event", size(event));
                Metric::new(rate * event, Unit::BytesPerSecond, terms)
            }),
        })
    }
}

/// A batch setting that kube-apiserver rejects, with its message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid audit batch {} {setting} {value}, must be a positive number", .backend.name())]
struct InvalidBatch {
    backend: BackendKind,
    setting: &'static str,
    value: String,
}

/// A queue with valid settings.
struct Queue {
    backend: BackendKind,
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
    /// Creates a queue.
    ///
    /// # Errors
    /// The first setting that kube-apiserver rejects.
    fn new(batch: &Batch, backend: BackendKind) -> Result<Self, InvalidBatch> {
        let invalid = |setting, value: String| {
            Err(InvalidBatch {
                backend,
                setting,
                value,
            })
        };
        if batch.buffer_size < 1 {
            return invalid("buffer size", batch.buffer_size.to_string());
        }
        if batch.max_size < 1 {
            return invalid("max batch size", batch.max_size.to_string());
        }
        let throttle = if batch.throttle_enable {
            let Some(qps) = positive(f64::from(batch.throttle_qps)) else {
                return invalid("throttle QPS", batch.throttle_qps.to_string());
            };
            if batch.throttle_burst < 1 {
                return invalid("throttle burst", batch.throttle_burst.to_string());
            }
            Some(Throttle {
                qps,
                burst: batch.throttle_burst as f64,
            })
        } else {
            None
        };
        Ok(Self {
            backend,
            buffer: batch.buffer_size as f64,
            max: batch.max_size as f64,
            wait: batch.max_wait_ms as f64 / 1000.0,
            throttle,
        })
    }

    /// Returns the events per batch at a rate, with a formula: `max-size` or `max-wait` ends a batch, and a throttle delays it so that it grows.
    fn batch_at(&self, rate: f64) -> (f64, String) {
        let max = number(self.max);
        let waited = rate * self.wait;
        if self.max <= 1.0 || waited >= self.max {
            return (self.max, format!("max-size {max}, full before max-wait"));
        }
        let rate_text = Unit::EventsPerSecond.format(rate);
        let by_wait = waited.max(1.0);
        let batches = rate / by_wait;
        match self.throttle {
            Some(throttle) if batches > throttle.qps => {
                let events = (rate / throttle.qps).min(self.max);
                let terms = format!("{rate_text} ÷ {} batches per second", number(throttle.qps));
                (events, terms)
            }
            _ if waited < 1.0 => (
                1.0,
                "one event, because fewer arrive within max-wait".to_owned(),
            ),
            _ => {
                let wait = Unit::Seconds.format_term(self.wait);
                (by_wait, format!("{rate_text} × {wait} of max-wait"))
            }
        }
    }

    /// Returns the batches sent at a rate of events, limited by the throttle.
    fn flow_at(&self, rate: f64, event: Option<f64>) -> Option<SendRate> {
        let out = self.drain().map_or(rate, |drain| rate.min(drain));
        let (events, why) = self.batch_at(rate);
        SendRate::new(out, events, &why, event)
    }

    fn drain(&self) -> Option<f64> {
        self.throttle.map(|throttle| throttle.qps * self.max)
    }

    fn fill(&self, rates: &ValidLoad, usage: &mut BackendUsage) {
        usage.at_mean = self.flow_at(rates.mean, rates.event);
        usage.at_peak = self.flow_at(rates.peak, rates.event);
        usage.queue_memory = rates.event.and_then(|event| {
            let terms = format!(
                "{} in the queue × {} per event",
                Unit::Events.format(self.buffer),
                bytes(event)
            );
            Metric::new(self.buffer * event, Unit::Bytes, terms)
        });
        let Some((throttle, drain)) = self.throttle.zip(self.drain()) else {
            usage.notes.push(self.unthrottled().to_owned());
            return;
        };
        let terms = format!(
            "{} batches per second × {} per batch",
            number(throttle.qps),
            Unit::Events.format(self.max)
        );
        usage.throttle_limit = Metric::new(drain, Unit::EventsPerSecond, terms);
        let headroom = |rate: f64| {
            let terms = format!(
                "{} ÷ {}",
                Unit::EventsPerSecond.format(drain),
                Unit::EventsPerSecond.format(rate)
            );
            Metric::new(drain / positive(rate)?, Unit::Times, terms)
        };
        usage.headroom = headroom(rates.mean);
        usage.headroom_at_peak = headroom(rates.peak);
        if rates.mean > drain {
            let terms = format!("{} − {}", number(rates.mean), number(drain));
            usage.dropped_per_second =
                Metric::new(rates.mean - drain, Unit::EventsPerSecond, terms);
            usage.notes.push(
                "the average rate exceeds the throttle limit: the queue is always full, and events are dropped all the time"
                    .to_owned(),
            );
        }
        usage.peak = Some(self.peak(rates, throttle, drain));
        if self.backend == BackendKind::Webhook {
            usage.notes.push(
                "a batch that the webhook doesn't accept within five attempts is also dropped"
                    .to_owned(),
            );
        }
    }

    const fn unthrottled(&self) -> &'static str {
        match self.backend {
            BackendKind::Log => {
                "there is no throttle: the queue drains as fast as the disk writes lines, and fills only if events arrive faster"
            }
            BackendKind::Webhook => {
                "there is no throttle: batches are sent concurrently as soon as they are ready, so the backend has to keep up"
            }
        }
    }

    /// Computes the queue during a peak: arriving events minus sent events, and the room for the rest.
    fn peak(&self, rates: &ValidLoad, throttle: Throttle, drain: f64) -> PeakBacklog {
        let is_full = rates.mean > drain;
        // The bucket is full only if the traffic before the peak left it full.
        let has_burst = !is_full && rates.mean / self.batch_at(rates.mean).0 < throttle.qps;
        let burst = if has_burst {
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
        let of_burst = format!("{} in the burst", number(burst));
        let of_room = format!("{} of room", number(room));
        let excess = format!(
            "{rise} × {} − {of_burst}",
            Unit::Seconds.format_term(rates.seconds)
        );
        let (of_queued, of_dropped) = if over <= 0.0 {
            let within = "the peak rate is within the throttle limit";
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
        PeakBacklog {
            queued: Metric::new(queued, Unit::Events, of_queued),
            dropped: Metric::new(dropped, Unit::Events, of_dropped),
            full_after: positive(dropped).and_then(|_| {
                let terms = format!("({of_burst} + {of_room}) ÷ {rise}");
                Metric::new((burst + room) / over, Unit::Seconds, terms)
            }),
            recovers_after: positive(drain - rates.mean).and_then(|rest| {
                let events = Unit::Events.format(queued);
                let terms = format!("{events} ÷ ({} − {})", number(drain), number(rates.mean));
                Metric::new(queued / rest, Unit::Seconds, terms)
            }),
        }
    }
}

/// Marks terms that would be negative, if the value is zero.
fn at_least_zero(terms: String, value: f64) -> String {
    if value > 0.0 {
        terms
    } else {
        format!("{terms}, not below 0")
    }
}

#[cfg(test)]
mod tests;
