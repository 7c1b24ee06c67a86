//! Likely secrets in a whole log, counted by kind.

use std::collections::BTreeMap;

use audit_types::{excerpt, format};

use crate::secrets::{Secret, SecretKind, secrets};

/// Likely secrets in the events of a log, by kind. `P` is the place of an event.
///
/// ```
/// use audit_redact::LogSecrets;
///
/// let mut found = LogSecrets::default();
/// found.push(r#"{"requestURI":"/api/v1/namespaces/a/pods/b/exec?command=mysql&command=--password%3Dhunter2"}"#, || 7);
/// found.push(r#"{"requestURI":"/healthz"}"#, || 8);
/// let counts = found.into_counts();
/// assert_eq!((counts.len(), counts[0].events, counts[0].place), (1, 1, 7));
/// assert_eq!(counts[0].title(), "1 event seems to contain a password or token on a command line");
/// ```
#[derive(Debug, Clone)]
pub struct LogSecrets<P>(BTreeMap<SecretKind, SecretCount<P>>);

/// Events with likely secrets of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretCount<P> {
    /// Number of the events.
    pub events: u64,
    /// Secret in the first of them.
    pub first: Secret,
    /// Place of that event.
    pub place: P,
}

impl<P> Default for LogSecrets<P> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<P> LogSecrets<P> {
    /// Title of the counts.
    pub const TITLE: &'static str = "Likely secrets";

    /// Sentence for a log without any.
    pub const NONE: &'static str = "No likely secrets: no token, key or password in a form that is known, and no value whose name says that it is one.";

    /// Looks for secrets in an event as it is recorded. Its place is asked for if it is the first with a kind.
    pub fn push(&mut self, event: &str, place: impl Fn() -> P) {
        let mut seen = Vec::new();
        for secret in secrets(event) {
            if seen.contains(&secret.kind) {
                continue;
            }
            seen.push(secret.kind);
            let count = self.0.entry(secret.kind).or_insert_with(|| SecretCount {
                events: 0,
                first: secret,
                place: place(),
            });
            count.events += 1;
        }
    }

    /// Returns the counts, in the order of the kinds.
    pub fn into_counts(self) -> Vec<SecretCount<P>> {
        self.0.into_values().collect()
    }
}

impl<P> SecretCount<P> {
    /// Returns the number of events and the kind, without a full stop.
    pub fn title(&self) -> String {
        let events = format::counted(self.events as f64, "event seems", "events seem");
        format!("{events} to contain {}", self.first.kind)
    }

    /// Returns the first secret and where it is in its event, in backticks.
    pub fn describe_first(&self) -> String {
        let quote = |text: &str| excerpt::quote(text);
        let (shown, place) = (quote(&self.first.shown), quote(&self.first.place));
        format!("{shown} in {place}")
    }
}
