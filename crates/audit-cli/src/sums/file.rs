//! The file that `sums` writes and `merge` reads.

use audit_types::time;
use serde::{Deserialize, Serialize};

use crate::tally_json::{Amount, TallyJson};

/// The form of the file: the value of its key `sums`.
pub(super) const FORM: u32 = 1;

const MICROS_A_DAY: f64 = 86_400_000_000.0;

/// Shortest time between two events that a day is computed from, in microseconds.
const SHORTEST_MICROS: i64 = 1_000_000;

/// Totals of some logs under a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sums {
    /// [`FORM`].
    pub(super) sums: u32,
    pub(super) kubernetes_version: String,
    /// SHA-256 of the policy's bytes.
    pub(super) policy_sha256: String,
    /// Number of logs.
    pub(super) logs: u64,
    /// Time of the first event, in RFC 3339; null if no event has one.
    pub(super) from: Option<String>,
    /// Time of the last event.
    pub(super) to: Option<String>,
    /// Number of events without a time.
    pub(super) untimed: u64,
    /// Written events and bytes per day, from the first event to the last; null if that is less than a second. It is computed, never added.
    #[serde(default)]
    pub(super) per_day: Option<Rate>,
    #[serde(flatten)]
    pub(super) tally: TallyJson,
    pub(super) unreadable: u64,
}

/// Written events and bytes per day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Rate {
    pub(super) events: f64,
    pub(super) bytes: f64,
}

impl Sums {
    /// Checks what a file may have wrong that JSON cannot tell.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn check(&self) -> Result<(), String> {
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
        match (&self.from, &self.to) {
            (Some(_), None) | (None, Some(_)) => {
                Err("only one of `from` and `to` has a time".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Adds the totals of other logs.
    ///
    /// # Errors
    /// A sentence, if they are of another policy or version, or a sum exceeds 64 bits.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), String> {
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
    pub(super) fn set_window(&mut self, bounds: Option<(i64, i64)>) {
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
    pub(super) fn set_rate(&mut self) {
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
