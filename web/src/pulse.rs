//! Whether the worker answers: it is asked now and then, while there is something to answer. Silence is reported and nothing more: a
//! worker may be busy for long.

/// Milliseconds from a question to the first look, and between looks.
pub const LOOK_MS: u32 = 2_000;

/// Milliseconds without a word after which that is reported, and again after twice as many.
const QUIET_MS: f64 = 10_000.0;

/// What is known of the worker's answers. Times are milliseconds of any clock.
#[derive(Debug, Default)]
pub struct Pulse {
    /// It is up.
    is_up: bool,
    /// The next look is set.
    is_set: bool,
    /// Something was asked since the last look, or a log is being read.
    is_due: bool,
    /// A ping is not answered yet.
    is_asked: bool,
    /// When the worker was heard last, or asked.
    heard: f64,
    /// How long it may be silent until the next report.
    patience: f64,
}

/// What to do after a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Pings the worker, and look again.
    Ping,
    /// Look again.
    Wait,
    /// Report so many seconds of silence, and look again.
    Quiet(u32),
    /// Nothing: all was answered.
    Rest,
}

impl Pulse {
    /// The worker is up.
    pub const fn begin(&mut self) {
        self.is_up = true;
    }

    /// Something was asked, or is going on; whether a look is to be set.
    pub const fn note(&mut self) -> bool {
        if !self.is_up {
            return false;
        }
        self.is_due = true;
        !std::mem::replace(&mut self.is_set, true)
    }

    /// The worker was heard.
    pub const fn hear(&mut self, now: f64) {
        self.heard = now;
        self.patience = QUIET_MS;
    }

    /// The worker has answered the ping.
    pub const fn answer(&mut self) {
        self.is_asked = false;
    }

    /// Looks; whatever is to be done, a look is set but for [`Look::Rest`].
    pub fn look(&mut self, now: f64) -> Look {
        if self.is_asked {
            let silence = now - self.heard;
            if silence < self.patience {
                return Look::Wait;
            }
            self.patience = silence * 2.0;
            return Look::Quiet((silence / 1000.0) as u32);
        }
        if std::mem::take(&mut self.is_due) {
            self.is_asked = true;
            self.hear(now);
            return Look::Ping;
        }
        self.is_set = false;
        Look::Rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Pulse {
        let mut pulse = Pulse::default();
        assert!(!pulse.note(), "while it starts, nothing is expected of it");
        pulse.begin();
        assert!(pulse.note());
        assert!(!pulse.note(), "one look is enough");
        assert_eq!(pulse.look(2_000.0), Look::Ping);
        pulse
    }

    #[test]
    fn a_worker_that_answers_is_left_alone() {
        let mut pulse = asked();
        pulse.hear(2_001.0);
        pulse.answer();
        assert_eq!(pulse.look(4_000.0), Look::Rest);
        assert!(pulse.note(), "until something is asked again");
    }

    #[test]
    fn silence_is_reported_after_a_while_and_then_ever_less_often() {
        let mut pulse = asked();
        let reports: Vec<u32> = (2..60)
            .filter_map(|look| match pulse.look(f64::from(look) * 2_000.0) {
                Look::Quiet(seconds) => Some(seconds),
                _ => None,
            })
            .collect();
        assert_eq!(reports, [10, 20, 40, 80]);
    }

    #[test]
    fn a_worker_that_reads_and_says_so_is_not_silent() {
        let mut pulse = asked();
        for look in 2..60 {
            let now = f64::from(look) * 2_000.0;
            pulse.hear(now - 100.0);
            pulse.note();
            assert!(matches!(pulse.look(now), Look::Wait | Look::Ping));
        }
    }
}
