//! Totals of logs under a policy as a file of `audit-policy sums`, which can be added up: what any number of machines exchange.

mod tally_json;

use audit_types::time;
use serde::{Deserialize, Serialize};

use crate::rate::Window;
use crate::tally::Tally;
use audit_policy::{KubernetesVersion, Matcher};
pub use tally_json::{AddError, Amount, LevelShare, RuleShare, StageShare, TallyJson};

/// The form of the file: the value of its key `sums`.
pub const FORM: u32 = 1;

const MICROS_A_DAY: f64 = 86_400_000_000.0;

/// Shortest time between two events that a day is computed from, in microseconds.
const SHORTEST_MICROS: i64 = 1_000_000;

/// Totals of some logs under a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sums {
    /// [`FORM`].
    pub sums: u32,
    /// Version of Kubernetes that was emulated.
    pub kubernetes_version: String,
    /// SHA-256 of the policy's bytes.
    pub policy_sha256: String,
    /// Number of logs.
    pub logs: u64,
    /// Time of the first event, in RFC 3339; null if no event has one.
    pub from: Option<String>,
    /// Time of the last event.
    pub to: Option<String>,
    /// Number of events without a time.
    pub untimed: u64,
    /// Written events and bytes per day, from the first event to the last; null if that is less than a second. It is computed, never added.
    #[serde(default)]
    pub per_day: Option<Rate>,
    /// The totals.
    #[serde(flatten)]
    pub tally: TallyJson,
    /// Number of places that could not be read.
    pub unreadable: u64,
}

/// Written events and bytes per day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Events per day.
    pub events: f64,
    /// Bytes per day.
    pub bytes: f64,
}

impl Sums {
    /// Returns the totals of some logs. `policy_sha256` is the SHA-256 of the policy's bytes, in hexadecimal.
    pub fn new(
        tally: &Tally,
        window: &Window,
        matcher: &Matcher,
        policy_sha256: String,
        version: KubernetesVersion,
    ) -> Self {
        let mut sums = Self {
            sums: FORM,
            kubernetes_version: version.to_string(),
            policy_sha256,
            logs: 0,
            from: None,
            to: None,
            untimed: window.untimed(),
            per_day: None,
            tally: TallyJson::new(tally, matcher),
            unreadable: 0,
        };
        sums.set_window(window.bounds());
        sums
    }

    /// Checks what a file may have wrong that JSON cannot tell.
    ///
    /// # Errors
    /// A sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.sums != FORM {
            let form = self.sums;
            return Err(format!(
                "the sums have the form {form}, and this version reads {FORM}: use the version of `audit-policy` that has written them"
            ));
        }
        for text in [&self.from, &self.to].into_iter().flatten() {
            if time::parse(text).is_none() {
                return Err(format!(
                    "`{text}` is not a time, such as 2026-01-02T03:04:05Z"
                ));
            }
        }
        if self.from.is_some() != self.to.is_some() {
            return Err("only one of `from` and `to` has a time".to_owned());
        }
        if let Some((first, last)) = self.bounds()
            && first > last
        {
            return Err("`from` is later than `to`".to_owned());
        }
        self.tally.check()
    }

    /// Adds the totals of other logs.
    ///
    /// # Errors
    /// A sentence, if they are of another policy or version, or a sum exceeds 64 bits.
    pub fn add(&mut self, other: &Self) -> Result<(), String> {
        if other.policy_sha256 != self.policy_sha256 {
            return Err(format!(
                "the policy is another than in the first file (SHA-256 `{}`, not `{}`): totals add up under one policy only",
                other.policy_sha256, self.policy_sha256
            ));
        }
        if other.kubernetes_version != self.kubernetes_version {
            return Err(format!(
                "the Kubernetes version is `{}`, and that of the first file `{}`: use one version for all",
                other.kubernetes_version, self.kubernetes_version
            ));
        }
        self.tally
            .add(&other.tally)
            .map_err(|error| error.to_string())?;
        for (sum, other) in [
            (&mut self.logs, other.logs),
            (&mut self.untimed, other.untimed),
            (&mut self.unreadable, other.unreadable),
        ] {
            *sum = sum.saturating_add(other);
        }
        let bounds = match (self.bounds(), other.bounds()) {
            (Some((first, last)), Some((begin, end))) => Some((first.min(begin), last.max(end))),
            (own, theirs) => own.or(theirs),
        };
        self.set_window(bounds);
        Ok(())
    }

    /// Returns the times of the first and the last event, in microseconds since 1970.
    fn bounds(&self) -> Option<(i64, i64)> {
        let parse = |text: &Option<String>| time::parse(text.as_deref()?);
        Some((parse(&self.from)?, parse(&self.to)?))
    }

    /// Sets the times of the first and the last event, and the rate.
    fn set_window(&mut self, bounds: Option<(i64, i64)>) {
        let text = |micros| {
            let mut text = String::new();
            time::write_rfc_3339_micros(micros, &mut text);
            text
        };
        self.from = bounds.map(|(first, _)| text(first));
        self.to = bounds.map(|(_, last)| text(last));
        self.set_rate();
    }

    /// Computes the rate.
    pub fn set_rate(&mut self) {
        let span = self
            .bounds()
            .map(|(first, last)| last.saturating_sub(first));
        let Amount { events, bytes } = self.tally.written;
        self.per_day = span.filter(|span| *span >= SHORTEST_MICROS).map(|span| {
            let days = span as f64 / MICROS_A_DAY;
            Rate {
                events: events as f64 / days,
                bytes: bytes as f64 / days,
            }
        });
    }
}
