//! Detection of a worker that does not reply. The page sends a ping from time to time while a reply is expected. Silence is only
//! reported: a worker may be busy for a long time.

/// Interval of the checks in milliseconds.
pub const CHECK_INTERVAL_MS: u32 = 2_000;

/// Milliseconds without a message before a report. The next report comes after twice as long.
const UNRESPONSIVE_MS: f64 = 10_000.0;

/// State of the detection. Times are milliseconds of any clock.
#[derive(Debug, Default)]
pub struct Heartbeat {
    /// The worker is ready.
    is_ready: bool,
    /// The next check is scheduled.
    is_check_scheduled: bool,
    /// A message was sent since the last check, or a log is being read.
    is_reply_expected: bool,
    /// A ping is not answered yet.
    is_ping_pending: bool,
    /// Time of the last message, or of the last ping.
    last_message: f64,
    /// Milliseconds of silence before the next report.
    report_after: f64,
}

/// Action after a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Send a ping, and check again.
    Ping,
    /// Check again.
    Wait,
    /// Report the seconds of silence, and check again.
    Unresponsive(u32),
    /// Nothing: there is no reply to expect.
    Idle,
}

impl Heartbeat {
    /// Notes that the worker is ready.
    pub const fn worker_ready(&mut self) {
        self.is_ready = true;
    }

    /// Expects a reply. Returns whether to schedule a check.
    pub const fn expect_reply(&mut self) -> bool {
        if !self.is_ready {
            return false;
        }
        self.is_reply_expected = true;
        !std::mem::replace(&mut self.is_check_scheduled, true)
    }

    /// Notes a message of the worker.
    pub const fn message_received(&mut self, now: f64) {
        self.last_message = now;
        self.report_after = UNRESPONSIVE_MS;
    }

    /// Notes the answer to the ping.
    pub const fn pong_received(&mut self) {
        self.is_ping_pending = false;
    }

    /// Checks. Another check follows unless the result is [`Check::Idle`].
    pub fn check(&mut self, now: f64) -> Check {
        if self.is_ping_pending {
            let silence = now - self.last_message;
            if silence < self.report_after {
                return Check::Wait;
            }
            self.report_after = silence * 2.0;
            return Check::Unresponsive((silence / 1000.0) as u32);
        }
        if std::mem::take(&mut self.is_reply_expected) {
            self.is_ping_pending = true;
            self.message_received(now);
            return Check::Ping;
        }
        self.is_check_scheduled = false;
        Check::Idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Heartbeat {
        let mut heartbeat = Heartbeat::default();
        assert!(
            !heartbeat.expect_reply(),
            "while it starts, nothing is expected of it"
        );
        heartbeat.worker_ready();
        assert!(heartbeat.expect_reply());
        assert!(!heartbeat.expect_reply(), "one look is enough");
        assert_eq!(heartbeat.check(2_000.0), Check::Ping);
        heartbeat
    }

    #[test]
    fn a_worker_that_answers_is_left_alone() {
        let mut heartbeat = asked();
        heartbeat.message_received(2_001.0);
        heartbeat.pong_received();
        assert_eq!(heartbeat.check(4_000.0), Check::Idle);
        assert!(heartbeat.expect_reply(), "until something is asked again");
    }

    #[test]
    fn silence_is_reported_after_a_while_and_then_ever_less_often() {
        let mut heartbeat = asked();
        let reports: Vec<u32> = (2..60)
            .filter_map(|look| match heartbeat.check(f64::from(look) * 2_000.0) {
                Check::Unresponsive(seconds) => Some(seconds),
                _ => None,
            })
            .collect();
        assert_eq!(reports, [10, 20, 40, 80]);
    }

    #[test]
    fn a_worker_that_reads_and_says_so_is_not_silent() {
        let mut heartbeat = asked();
        for look in 2..60 {
            let now = f64::from(look) * 2_000.0;
            heartbeat.message_received(now - 100.0);
            heartbeat.expect_reply();
            assert!(matches!(heartbeat.check(now), Check::Wait | Check::Ping));
        }
    }
}
