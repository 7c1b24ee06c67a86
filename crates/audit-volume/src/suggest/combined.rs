//! All suggested settings and rules in one policy, and the proof that nothing else is lost with them.

use audit_policy::{KubernetesVersion, Matcher, Policy, load};
use audit_sim::{EventTable, Verdicts};
use serde::Serialize;

use super::{LevelProof, SuggestedRule, Suggestions, TextEdit, apply};
use crate::metric::Unit;
use crate::protected::ProtectedReason;
use crate::protection::{ProtectionLoss, check_protection_of};
use crate::volume::Volume;
use audit_types::format::{counted, number};

/// Requests that a failed proof names.
const MAX_EXAMPLES: usize = 3;

/// All suggested settings and rules at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CombinedRules {
    /// Number of rules.
    pub rules: usize,
    /// Number of settings.
    #[serde(skip_serializing_if = "is_zero")]
    pub settings: usize,
    /// Volume without them.
    pub before: Volume,
    /// Volume with them.
    pub after: Volume,
    /// Proof that nothing security-relevant is lost.
    pub proof: Proof,
    /// The policy's text with all settings and rules.
    #[serde(skip)]
    pub policy: Vec<u8>,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Proof that the protected requests of the log are recorded as before, except for writes that the caller agreed to drop, and for what
/// settings omit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    /// `true` if the proof holds.
    pub holds: bool,
    /// Number of distinct protected requests of the log.
    #[serde(rename = "guarded")]
    pub protected: u64,
    /// Number of distinct writes that are dropped because the caller included writes.
    #[serde(rename = "askedFor")]
    pub dropped_writes: u64,
    /// `true` if settings omit stages or managed fields; what they omit is not counted as lost.
    #[serde(skip)]
    pub has_settings: bool,
    /// Number of distinct requests that lose something.
    pub lost: u64,
    /// Names of some of those.
    pub examples: Vec<String>,
}

/// Error of applying all suggested rules together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CombineError {
    /// The rules are not insertions into the same text.
    #[error("the suggested rules can't be inserted together")]
    Conflict,
    /// The policy with the rules is rejected.
    #[error("the policy with the suggested rules is rejected: {0}")]
    Rejected(String),
}

impl CombinedRules {
    /// Applies all suggested settings and rules to a policy, which is also given as text.
    ///
    /// # Errors
    /// If the rules can't be inserted together, or the resulting policy is rejected.
    pub fn new(
        source: &[u8],
        policy: &Policy,
        suggestions: &Suggestions,
        table: &EventTable,
        version: KubernetesVersion,
    ) -> Result<Self, CombineError> {
        let settings: Vec<&TextEdit> = suggestions
            .settings
            .iter()
            .map(|setting| &setting.edit)
            .collect();
        let writes = || suggestions.rules().filter(|rule| rule.is_write);
        let with = |rules: &mut dyn Iterator<Item = &SuggestedRule>| {
            let rules: Vec<&TextEdit> = rules.map(|rule| &rule.edit).collect();
            let text = changed(source, settings.iter().copied().chain(rules), version)?;
            let policy = loaded(&text, version)?;
            Ok((
                text,
                Verdicts::new(&Matcher::new(&policy), table.requests()),
            ))
        };
        let before = Verdicts::new(&Matcher::new(policy), table.requests());
        let (_, with_settings) = with(&mut std::iter::empty())?;
        let (_, with_writes) = with(&mut writes())?;
        let (text, after) = with(&mut suggestions.rules())?;
        let dropped_writes = writes().map(|rule| rule.requests).sum();
        let mut proof = Proof::new(
            [&with_settings, &with_writes, &after],
            dropped_writes,
            table,
        );
        if !settings.is_empty() {
            let levels = LevelProof::new(&before, &with_settings, table);
            proof.has_settings = true;
            proof.lost += levels.lost;
            proof.holds = proof.lost == 0;
        }
        let written = table.evaluate(&after, version).tally.written;
        Ok(Self {
            rules: suggestions.rules().count(),
            settings: settings.len(),
            before: suggestions.written,
            after: written.into(),
            proof,
            policy: text,
        })
    }

    /// Summarizes the savings: `1 suggested rule: 5 events with 8.00 KB before, 2 events with 2.00 KB after`.
    pub fn summary(&self) -> String {
        let volume = |volume: Volume| {
            format!(
                "{} with {}",
                counted(volume.events as f64, "event", "events"),
                Unit::Bytes.format(volume.bytes as f64)
            )
        };
        let (before, after) = (volume(self.before), volume(self.after));
        if self.rules + self.settings == 0 {
            return format!("no rule is suggested; the policy is unchanged: {before}");
        }
        let rules = counted(self.rules as f64, "suggested rule", "suggested rules");
        let settings = counted(
            self.settings as f64,
            "suggested setting",
            "suggested settings",
        );
        let changes = match (self.settings, self.rules) {
            (0, _) => rules,
            (_, 0) => settings,
            _ => format!("{settings} and {rules}"),
        };
        format!("{changes}: {before} before, {after} after")
    }
}

/// Returns the text with insertions; without any, the very bytes that were given.
fn changed<'p>(
    source: &[u8],
    edits: impl Iterator<Item = &'p TextEdit>,
    version: KubernetesVersion,
) -> Result<Vec<u8>, CombineError> {
    let edits: Vec<TextEdit> = edits.cloned().collect();
    if edits.is_empty() {
        return Ok(source.to_vec());
    }
    let old = load(source, version).text;
    let text = apply(&old, &edits).ok_or(CombineError::Conflict)?;
    Ok(with_line_endings_of(&old, text).into_bytes())
}

/// Returns the text with the line endings of another if those are all `\r\n`.
fn with_line_endings_of(old: &str, text: String) -> String {
    let feeds = old.matches('\n').count();
    if feeds == 0 || old.matches("\r\n").count() < feeds {
        return text;
    }
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn loaded(text: &[u8], version: KubernetesVersion) -> Result<Policy, CombineError> {
    let loaded = load(text, version);
    loaded
        .policy
        .ok_or_else(|| CombineError::Rejected(loaded.error.unwrap_or_default()))
}

impl Proof {
    /// Compares verdicts before, with only the write rules inserted, and after. Each rule was tried alone before, so the writes that it
    /// drops are known to be its own.
    fn new(verdicts: [&Verdicts; 3], dropped_writes: u64, table: &EventTable) -> Self {
        let [before, without_writes, after] = verdicts;
        let check = check_protection_of(without_writes, after, table);
        let writes = check_protection_of(before, without_writes, table);
        let beyond = writes
            .losses
            .iter()
            .filter(|loss| loss.reason != ProtectedReason::Write);
        let excess = (writes.losses.len() as u64 + writes.more_losses)
            .saturating_sub(dropped_writes)
            .max(beyond.clone().count() as u64);
        let lost = check.losses.len() as u64 + check.more_losses + excess;
        let examples = check.losses.iter().chain(beyond);
        Self {
            holds: lost == 0,
            protected: check.protected_requests,
            dropped_writes,
            has_settings: false,
            lost,
            examples: examples
                .take(MAX_EXAMPLES)
                .map(|loss| loss_name(loss, table))
                .collect(),
        }
    }

    /// Summarizes the proof in one sentence.
    pub fn summary(&self) -> String {
        let protected = counted(
            self.protected as f64,
            "security-relevant request",
            "security-relevant requests",
        );
        if !self.holds {
            return format!(
                "proof failed: {} of {protected} in the log lose a level, a stage or managed fields: {}",
                number(self.lost as f64),
                self.examples.join(", ")
            );
        }
        let except = match self.dropped_writes {
            0 => String::new(),
            writes => format!(
                ", except for {} dropped on request",
                counted(writes as f64, "distinct write", "distinct writes")
            ),
        };
        if self.has_settings {
            return format!(
                "proof: of {protected} in the log, no write, secret, RBAC or exec event loses anything but the stages and managed fields that the settings omit{except}"
            );
        }
        format!(
            "proof: of {protected} in the log, no write, secret, RBAC or exec event loses a level, a stage or managed fields{except}"
        )
    }
}

fn loss_name(loss: &ProtectionLoss, table: &EventTable) -> String {
    let request = table.requests().get(loss.request);
    let name = request.map_or_else(
        || "a request".to_owned(),
        |request| {
            format!(
                "{}: {} {}",
                request.user().unwrap_or("(no user)"),
                request.verb(),
                request.target()
            )
        },
    );
    format!("{name} ({})", loss.reason.description())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn table() -> EventTable {
        let events = [
            ("list", "/api/v1/secrets"),
            ("update", "/api/v1/namespaces/a/pods/p"),
            ("get", "/version"),
        ]
        .map(|(verb, uri)| testing::event(1, "alice", verb, uri, 200));
        testing::table(&events.each_ref().map(String::as_str))
    }

    #[test]
    fn a_changed_policy_keeps_its_line_endings() {
        for (old, text, expected) in [
            ("a\r\nb\r\n", "a\r\nx\nb\r\n", "a\r\nx\r\nb\r\n"),
            ("a\nb\r\n", "a\nx\nb\r\n", "a\nx\nb\r\n"),
            ("a", "a\nb", "a\nb"),
        ] {
            assert_eq!(with_line_endings_of(old, text.to_owned()), expected);
        }
    }

    #[test]
    fn a_proof_fails_if_more_is_lost_than_the_caller_agreed_to() {
        let table = table();
        let verdicts =
            |rules: &str| testing::verdicts(&format!("{rules}- level: Metadata\n"), &table);
        let all = verdicts("");
        let no_lists = verdicts("- level: None\n  verbs: [list]\n");
        let no_updates = verdicts("- level: None\n  verbs: [update]\n");
        let no_gets = verdicts("- level: None\n  verbs: [get]\n");
        let neither = verdicts("- level: None\n  verbs: [list, update]\n");
        let secrets = Some("alice: list secrets (secrets)");
        for (verdicts, dropped_writes, lost, example) in [
            ([&all, &all, &no_gets], 0, 0, None),
            ([&all, &all, &no_lists], 0, 1, secrets),
            ([&all, &no_updates, &no_updates], 1, 0, None),
            ([&all, &no_updates, &no_updates], 0, 1, None),
            ([&all, &no_updates, &neither], 1, 1, secrets),
            // Secrets are not writes that the caller agreed to drop.
            ([&all, &no_lists, &no_lists], 1, 1, secrets),
        ] {
            let proof = Proof::new(verdicts, dropped_writes, &table);
            assert_eq!(
                (proof.protected, proof.lost, proof.holds),
                (2, lost, lost == 0)
            );
            assert_eq!(proof.examples.first().map(String::as_str), example);
            assert_eq!(
                proof.summary().starts_with("proof failed: 1 of 2"),
                lost == 1
            );
        }
    }
}
