#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod error;
mod event;
mod kept;
mod log_secrets;
mod policy;
mod pseudonyms;
mod secrets;
mod text;
mod units;

use audit_log::{Event, MissingFields, json, record_of};
use audit_policy::{KubernetesVersion, Policy, load};
use audit_sim::{SimulatedEvent, Simulator};
use audit_types::excerpt;

use crate::pseudonyms::Pseudonyms;

pub use crate::error::RedactError;
pub use crate::log_secrets::{LogSecrets, SecretCount};
pub use crate::secrets::{Secret, SecretKind, secret_notes, secrets};

/// Replaces the names in a policy and in events, always by the same pseudonyms.
///
/// Each event is checked: it has the same verdict, outcome and sizes as before, under the redacted policy.
#[derive(Debug)]
pub struct Redactor {
    pseudonyms: Pseudonyms,
    policies: Vec<String>,
    version: KubernetesVersion,
    /// Each policy before and after, except those that the server rejects.
    simulators: Vec<Simulators>,
}

/// An event of a log with its names replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactedLine {
    /// The line, without its end.
    pub text: String,
    /// The same parts are missing as in the original. Otherwise rules can match fewer or other events.
    pub has_same_parts: bool,
}

#[derive(Debug)]
struct Simulators {
    before: Simulator,
    after: Simulator,
}

impl Redactor {
    /// Creates a redactor for a policy, which the server may reject.
    ///
    /// The key decides which pseudonym a name gets, and should be random: anyone who knows it can compute the pseudonym of a name and search for it.
    ///
    /// # Errors
    /// Returns an error if the redacted policy would have another meaning.
    pub fn new(policy: &str, version: KubernetesVersion, key: u64) -> Result<Self, RedactError> {
        Self::for_policies(vec![policy.to_owned()], version, key)
    }

    /// Creates a redactor for several policies, such as one and its baseline: each event is checked under each of them.
    ///
    /// # Errors
    /// Returns an error if one of the redacted policies would have another meaning.
    pub fn for_policies(
        policies: Vec<String>,
        version: KubernetesVersion,
        key: u64,
    ) -> Result<Self, RedactError> {
        let mut redactor = Self {
            pseudonyms: Pseudonyms::new(key),
            policies,
            version,
            simulators: Vec::new(),
        };
        policy::add_prefixes(&mut redactor.pseudonyms, &redactor.policies)?;
        for (_, policies) in redactor.redacted_policies()? {
            redactor
                .simulators
                .extend(policies.map(|(before, after)| Simulators {
                    before: Simulator::new(&before, version),
                    after: Simulator::new(&after, version),
                }));
        }
        Ok(redactor)
    }

    /// Returns whether verdicts and outcomes are compared under every policy. Under one that the server rejects, there are none.
    pub fn compares_verdicts(&self) -> bool {
        self.simulators.len() == self.policies.len()
    }

    /// Returns an event with its names replaced, as JSON of the same length.
    ///
    /// # Errors
    /// Returns an error if the event would have another verdict, outcome or size.
    pub fn event(&mut self, event: &str) -> Result<String, RedactError> {
        let redacted = event::redact_event(&mut self.pseudonyms, event)?;
        let (before, after) = (Event::new(event), Event::new(&redacted));
        let what = if event.len() == redacted.len() {
            self.simulators.iter().find_map(|simulators| {
                difference(
                    &simulators.before.simulate(&before),
                    &simulators.after.simulate(&after),
                )
            })
        } else {
            Some("size")
        };
        match what {
            Some(what) => Err(RedactError::EventDiffers {
                event: excerpt::quote(&before.id().unwrap_or_default()),
                what,
            }),
            None => Ok(redacted),
        }
    }

    /// Returns an event that was read from a log, with its names replaced, as a line of a log without its end. If the format of the log drops
    /// fields, the line is a record of such a format, so that the same parts are missing when it is read.
    ///
    /// # Errors
    /// Returns an error if the event would have another verdict, outcome or size.
    pub fn recorded(&mut self, event: &Event<'_>) -> Result<RedactedLine, RedactError> {
        // Strings have no line breaks, so all of them are between two tokens.
        let text = self.event(event.raw)?.replace(['\n', '\r'], "");
        if event.missing == MissingFields::default() && event.path.is_none() {
            return Ok(RedactedLine {
                text,
                has_same_parts: true,
            });
        }
        let path = event.path.map(|path| self.path(path)).transpose()?;
        let record = record_of(&Event {
            path: path.as_deref(),
            missing: event.missing,
            ..Event::new(&text)
        });
        Ok(RedactedLine {
            has_same_parts: record.is_some(),
            text: record.unwrap_or(text),
        })
    }

    /// Returns the path of a URL with its names replaced.
    fn path(&mut self, path: &str) -> Result<String, RedactError> {
        let quoted = kube_yaml::go::json_string(path);
        let event = format!("{{\"verb\":\"get\",\"requestURI\":{quoted},\"user\":{{}}}}");
        let redacted = event::redact_event(&mut self.pseudonyms, &event)?;
        let path = json::member(&redacted, "requestURI").and_then(json::string);
        Ok(path.unwrap_or_default().into_owned())
    }

    /// Returns the policies with their names replaced, and in their comments those that the events so far contain.
    ///
    /// # Errors
    /// Returns an error if a policy would have another meaning.
    pub fn policies(&mut self) -> Result<Vec<String>, RedactError> {
        let redacted = self.redacted_policies()?;
        Ok(redacted.into_iter().map(|(text, _)| text).collect())
    }

    /// Returns the first policy with its names replaced: see [`Redactor::policies`].
    ///
    /// # Errors
    /// Returns an error if a policy would have another meaning.
    pub fn policy(&mut self) -> Result<String, RedactError> {
        Ok(self.policies()?.into_iter().next().unwrap_or_default())
    }

    /// Returns the parts of names that were replaced, with their pseudonyms, in alphabetical order.
    pub fn replaced(&self) -> Vec<(String, String)> {
        self.pseudonyms.replaced()
    }

    /// Returns the words that stayed as they are, in alphabetical order.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.pseudonyms.kept().iter().map(String::as_str)
    }

    /// Returns each redacted text, with the policy before and after; `None` if the server rejects both.
    fn redacted_policies(&mut self) -> Result<Vec<RedactedPolicy>, RedactError> {
        let (pseudonyms, version) = (&mut self.pseudonyms, self.version);
        let policies = self.policies.iter();
        policies
            .map(|policy| redact_and_compare(pseudonyms, policy, version))
            .collect()
    }
}

/// A redacted text, with the policy before and after; `None` if the server rejects both.
type RedactedPolicy = (String, Option<(Policy, Policy)>);

fn redact_and_compare(
    pseudonyms: &mut Pseudonyms,
    policy: &str,
    version: KubernetesVersion,
) -> Result<RedactedPolicy, RedactError> {
    let text = policy::redact_policy(pseudonyms, policy)?;
    let before = load(policy.as_bytes(), version).policy;
    let after = load(text.as_bytes(), version).policy;
    let reason = match (before, after) {
        (None, None) => return Ok((text, None)),
        (Some(before), Some(after)) => {
            check_policies(&before, &after)?;
            return Ok((text, Some((before, after))));
        }
        (Some(_), None) => "it would be rejected, unlike the original",
        (None, Some(_)) => "it would be accepted, unlike the original",
    };
    Err(RedactError::PolicyDiffers { reason })
}

/// Compares all that is not a name.
fn check_policies(before: &Policy, after: &Policy) -> Result<(), RedactError> {
    let differs = |reason| Err(RedactError::PolicyDiffers { reason });
    if before.omit_stages != after.omit_stages
        || before.omit_managed_fields != after.omit_managed_fields
    {
        return differs("its settings would change");
    }
    if before.rules.len() != after.rules.len() {
        return differs("its number of rules would change");
    }
    let is_same = before
        .rules
        .iter()
        .zip(&after.rules)
        .all(|(before, after)| {
            before.level == after.level
                && before.verbs == after.verbs
                && before.omit_stages == after.omit_stages
                && before.omit_managed_fields == after.omit_managed_fields
                && before.resources.len() == after.resources.len()
                && before.namespaces.len() == after.namespaces.len()
                && before.users.len() == after.users.len()
                && before.user_groups.len() == after.user_groups.len()
                && before.non_resource_urls.len() == after.non_resource_urls.len()
        });
    match is_same {
        true => Ok(()),
        false => differs("a rule would change"),
    }
}

/// Returns what two simulations do not have in common.
fn difference(before: &SimulatedEvent, after: &SimulatedEvent) -> Option<&'static str> {
    if before.verdict != after.verdict {
        return Some("verdict");
    }
    if before.outcome.outcome != after.outcome.outcome {
        return Some("outcome");
    }
    let sizes = |event: &SimulatedEvent| {
        (
            event.attributes.recorded_bytes(),
            event.outcome.written_bytes,
        )
    };
    (sizes(before) != sizes(after)).then_some("size")
}
