#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod error;
mod event;
mod kept;
mod policy;
mod pseudonyms;
mod text;
mod units;

use audit_log::Event;
use audit_policy::{KubernetesVersion, Policy, load};
use audit_sim::{SimulatedEvent, Simulator};
use audit_types::excerpt;

use crate::pseudonyms::Pseudonyms;

pub use crate::error::RedactError;

/// Replaces the names in a policy and in events, always by the same pseudonyms.
///
/// Each event is checked: it has the same verdict, outcome and sizes as before, under the redacted policy.
#[derive(Debug)]
pub struct Redactor {
    pseudonyms: Pseudonyms,
    policy: String,
    version: KubernetesVersion,
    /// The policy before and after; `None` if the server rejects it.
    simulators: Option<Simulators>,
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
        let mut redactor = Self {
            pseudonyms: Pseudonyms::new(key),
            policy: policy.to_owned(),
            version,
            simulators: None,
        };
        policy::add_prefixes(&mut redactor.pseudonyms, policy)?;
        let (_, policies) = redactor.redacted_policy()?;
        redactor.simulators = policies.map(|(before, after)| Simulators {
            before: Simulator::new(&before, version),
            after: Simulator::new(&after, version),
        });
        Ok(redactor)
    }

    /// Returns an event with its names replaced, as JSON of the same length.
    ///
    /// # Errors
    /// Returns an error if the event would have another verdict, outcome or size.
    pub fn event(&mut self, event: &str) -> Result<String, RedactError> {
        let redacted = event::redact_event(&mut self.pseudonyms, event)?;
        let (before, after) = (Event::new(event), Event::new(&redacted));
        let what = match &self.simulators {
            _ if event.len() != redacted.len() => Some("size"),
            Some(simulators) => difference(
                &simulators.before.simulate(&before),
                &simulators.after.simulate(&after),
            ),
            None => None,
        };
        match what {
            Some(what) => Err(RedactError::EventDiffers {
                event: excerpt::quote(&before.id().unwrap_or_default()),
                what,
            }),
            None => Ok(redacted),
        }
    }

    /// Returns the policy with its names replaced, and in its comments those that the events so far contain.
    ///
    /// # Errors
    /// Returns an error if the policy would have another meaning.
    pub fn policy(&mut self) -> Result<String, RedactError> {
        Ok(self.redacted_policy()?.0)
    }

    /// Returns the parts of names that were replaced, with their pseudonyms, in alphabetical order.
    pub fn replaced(&self) -> Vec<(String, String)> {
        self.pseudonyms.replaced()
    }

    /// Returns the words that stayed as they are, in alphabetical order.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.pseudonyms.kept().iter().map(String::as_str)
    }

    /// Returns the redacted text, and the policy before and after; `None` if the server rejects both.
    fn redacted_policy(&mut self) -> Result<(String, Option<(Policy, Policy)>), RedactError> {
        let text = policy::redact_policy(&mut self.pseudonyms, &self.policy)?;
        let before = load(self.policy.as_bytes(), self.version).policy;
        let after = load(text.as_bytes(), self.version).policy;
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
