use super::*;

fn load(mean: f64, peak: f64, peak_seconds: f64) -> EventLoad {
    EventLoad {
        mean,
        peak,
        peak_seconds,
        bytes_per_event: 1000.0,
    }
}

fn with(change: impl FnOnce(&mut Batch)) -> WebhookBackend {
    let mut settings = WebhookBackend::default();
    change(&mut settings.batch);
    settings
}

fn value(metric: &Option<Metric>) -> Option<f64> {
    metric.as_ref().map(|metric| metric.value)
}

#[test]
fn a_batch_ends_by_size_wait_or_throttle() {
    // Events per second; batches per second and events per batch that follow.
    for (rate, max, wait_ms, batches, events) in [
        (4000.0, 400, 30_000, 10.0, 400.0),
        (400.0, 400, 30_000, 1.0, 400.0),
        (10.0, 400, 30_000, 1.0 / 30.0, 300.0),
        (0.01, 400, 30_000, 0.01, 1.0),
        (5.0, 1, 0, 5.0, 1.0),
        // Ten batches per second is the throttle: twenty ready batches of five become ten of ten.
        (100.0, 400, 50, 10.0, 10.0),
        // Eight thousand events per second are more than it lets out.
        (8000.0, 400, 30_000, 10.0, 400.0),
    ] {
        let settings = with(|batch| {
            batch.max_size = max;
            batch.max_wait_ms = wait_ms;
        });
        let flow = webhook_usage(&load(rate, rate, 0.0), &settings)
            .at_mean
            .unwrap();
        let name = format!("{rate} per second, {max} or {wait_ms} ms");
        assert!(
            (flow.batches.value - batches).abs() < 1e-9,
            "{name}: {flow:?}"
        );
        assert_eq!(flow.events_per_batch.value, events, "{name}");
    }
}

#[test]
fn a_peak_fills_the_queue_before_events_are_dropped() {
    // Defaults: 4,000 events per second go out, 15 × 400 = 6,000 at once, 10,000 fit into the queue.
    for (peak, seconds, queued, dropped, full_after, recovers) in [
        (4000.0, 1000.0, 0.0, 0.0, None, 0.0),
        (5000.0, 6.0, 0.0, 0.0, None, 0.0),
        (5000.0, 9.9, 3900.0, 0.0, None, 1.0),
        (5000.0, 16.0, 10_000.0, 0.0, None, 10_000.0 / 3900.0),
        (
            5000.0,
            20.0,
            10_000.0,
            4000.0,
            Some(16.0),
            10_000.0 / 3900.0,
        ),
        (
            10_000.0,
            10.0,
            10_000.0,
            44_000.0,
            Some(16_000.0 / 6000.0),
            10_000.0 / 3900.0,
        ),
    ] {
        let usage = webhook_usage(&load(100.0, peak, seconds), &WebhookBackend::default());
        let peak_use = usage.peak.unwrap();
        let name = format!("{peak} per second for {seconds} s");
        assert_eq!(value(&peak_use.queued), Some(queued), "{name}");
        assert_eq!(value(&peak_use.dropped), Some(dropped), "{name}");
        assert_eq!(value(&peak_use.full_after), full_after, "{name}");
        assert_eq!(value(&peak_use.recovers_after), Some(recovers), "{name}");
    }
}

#[test]
fn metrics_include_their_arithmetic() {
    let usage = webhook_usage(&load(100.0, 10_000.0, 10.0), &WebhookBackend::default());
    let peak = usage.peak.unwrap();
    let mean = usage.at_mean.unwrap();
    for (metric, formula) in [
        (
            Some(mean.batches),
            "100 events per second ÷ 400 events per batch = 0.250 batches per second",
        ),
        (
            mean.bytes_per_batch,
            "400 events per batch × 1.00 KB per event = 400 KB",
        ),
        (
            mean.bytes,
            "100 events per second × 1.00 KB per event = 100 KB per second",
        ),
        (
            usage.throttle_limit,
            "10 batches per second × 400 events per batch = 4,000 events per second",
        ),
        (
            usage.headroom,
            "4,000 events per second ÷ 100 events per second = 40 times",
        ),
        (
            usage.queue_memory,
            "10,000 events in the queue × 1.00 KB per event = 10.0 MB",
        ),
        (
            peak.queued,
            "(10,000 − 4,000) × 10 s − 6,000 in the burst, at most 10,000 = 10,000 events",
        ),
        (
            peak.dropped,
            "(10,000 − 4,000) × 10 s − 6,000 in the burst − 10,000 of room = 44,000 events",
        ),
        (
            peak.full_after,
            "(6,000 in the burst + 10,000 of room) ÷ (10,000 − 4,000) = 2.7 s",
        ),
        (peak.recovers_after, "10,000 events ÷ (4,000 − 100) = 2.6 s"),
    ] {
        assert_eq!(
            metric.map(|metric| metric.formula).as_deref(),
            Some(formula)
        );
    }
}

/// The server's loop, event by event: the time of every token and of every event decides. How many events are dropped.
fn simulated(rate: f64, seconds: f64, batch: &Batch) -> u64 {
    let (qps, burst) = (f64::from(batch.throttle_qps), batch.throttle_burst as f64);
    let (mut queue, mut hand, mut dropped) = (0_i64, 0_i64, 0);
    let (mut tokens, mut clock) = (burst, 0.0);
    for event in 0..(rate * seconds) as u64 {
        let now = event as f64 / rate;
        tokens = (tokens + (now - clock) * qps).min(burst);
        clock = now;
        loop {
            let taken = queue.min(batch.max_size - hand);
            (queue, hand) = (queue - taken, hand + taken);
            if hand < batch.max_size || tokens < 1.0 {
                break;
            }
            (tokens, hand) = (tokens - 1.0, 0);
        }
        if queue < batch.buffer_size {
            queue += 1;
        } else {
            dropped += 1;
        }
    }
    dropped
}

#[test]
fn the_formula_matches_the_loop_within_one_batch() {
    for (rate, seconds, buffer, max, qps, burst) in [
        (5000.0, 20.0, 10_000, 400, 10.0, 15),
        (10_000.0, 10.0, 10_000, 400, 10.0, 15),
        (50_000.0, 3.0, 10_000, 400, 10.0, 15),
        (3000.0, 30.0, 500, 100, 5.0, 2),
        (900.0, 60.0, 100, 1, 100.0, 50),
        (4000.0, 30.0, 10_000, 400, 10.0, 15),
    ] {
        let settings = with(|batch| {
            *batch = Batch {
                buffer_size: buffer,
                max_size: i64::from(max),
                throttle_qps: qps,
                throttle_burst: burst,
                ..batch.clone()
            };
        });
        let usage = webhook_usage(&load(0.0, rate, seconds), &settings);
        let formula = usage.peak.unwrap().dropped.unwrap().value;
        let loop_ = simulated(rate, seconds, &settings.batch) as f64;
        assert!(
            (formula - loop_).abs() <= f64::from(max) + 1.0,
            "{rate} per second for {seconds} s: {formula} by formula, {loop_} by loop"
        );
    }
}

#[test]
fn an_average_rate_above_the_throttle_drops_all_the_time() {
    let usage = webhook_usage(&load(5000.0, 6000.0, 10.0), &WebhookBackend::default());
    assert_eq!(value(&usage.dropped_per_second), Some(1000.0));
    let peak = usage.peak.unwrap();
    // The queue is full and the bucket empty before the peak begins.
    assert_eq!(value(&peak.dropped), Some(20_000.0));
    assert_eq!(value(&peak.queued), Some(10_000.0));
    assert_eq!(peak.recovers_after, None);
}

#[test]
fn blocking_modes_drop_nothing_and_delay_requests() {
    for (mode, notes) in [(Mode::Blocking, 2), (Mode::BlockingStrict, 3)] {
        let settings = WebhookBackend {
            mode,
            ..with(|batch| batch.buffer_size = 0)
        };
        let usage = webhook_usage(&load(100.0, 9000.0, 60.0), &settings);
        assert_eq!(
            (usage.peak, usage.throttle_limit, usage.notes.len()),
            (None, None, notes)
        );
        let flow = usage.at_peak.unwrap();
        assert_eq!(
            (flow.batches.value, flow.events_per_batch.value),
            (9000.0, 1.0)
        );
    }
}

#[test]
fn the_log_backend_has_no_throttle_by_default() {
    let settings = LogBackend {
        mode: Mode::Batch,
        ..LogBackend::default()
    };
    let usage = log_usage(&load(100.0, 9000.0, 60.0), &settings);
    assert_eq!(
        (usage.peak, usage.throttle_limit, usage.notes.len()),
        (None, None, 1)
    );
    let throttled = LogBackend {
        batch: Batch {
            throttle_enable: true,
            throttle_qps: 10.0,
            throttle_burst: 15,
            ..settings.batch.clone()
        },
        ..settings
    };
    assert_eq!(
        value(&log_usage(&load(5.0, 5.0, 1.0), &throttled).throttle_limit),
        Some(10.0)
    );
}

#[test]
fn invalid_settings_give_the_error_message_of_the_server() {
    type Change = fn(&mut Batch);
    let cases: [(Change, &str); 4] = [
        (|batch| batch.buffer_size = 0, "buffer size 0"),
        (|batch| batch.max_size = -1, "max batch size -1"),
        (|batch| batch.throttle_qps = 0.0, "throttle QPS 0"),
        (|batch| batch.throttle_burst = 0, "throttle burst 0"),
    ];
    for (change, words) in cases {
        let usage = webhook_usage(&load(1.0, 1.0, 1.0), &with(change));
        let message = format!(
            "kube-apiserver does not start: invalid audit batch webhook {words}, must be a positive number"
        );
        assert_eq!(usage.notes, [message]);
    }
}

#[test]
fn every_metric_is_finite() {
    let odd = [
        0.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
    ];
    let settings = [
        WebhookBackend::default(),
        with(|batch| batch.throttle_qps = f32::NAN),
        with(|batch| batch.throttle_qps = f32::MIN_POSITIVE),
        with(|batch| batch.buffer_size = i64::MAX),
        with(|batch| batch.max_wait_ms = u64::MAX),
        with(|batch| batch.throttle_enable = false),
    ];
    for mean in odd {
        for peak in odd {
            for seconds in odd {
                for settings in &settings {
                    let usage = webhook_usage(&load(mean, peak, seconds), settings);
                    let text = serde_json::to_string(&usage).unwrap();
                    // JSON can express a value that is not a number only as null.
                    assert!(!text.contains(r#""value":null"#), "{text}");
                }
            }
        }
    }
}
