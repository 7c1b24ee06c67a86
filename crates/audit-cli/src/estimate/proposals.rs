//! Rules that would make the log smaller, all of them together, and the proof that nothing else goes with them.

use audit_policy::{KubernetesVersion, Matcher, Policy, load};
use audit_sim::{EventTable, Verdicts};
use audit_volume::protection::{ProtectionLoss, check_protection_of};
use audit_volume::suggest::{SuggestOptions, SuggestedRule, Suggestions, apply_all, suggest};
use audit_volume::{ProtectedReason, Volume};
use serde::Serialize;

use super::read::Logs;
use super::words::{bytes, count, counted, request};
use crate::error::Error;

/// What is proposed.
#[derive(Serialize)]
pub(super) struct Proposed {
    /// The noisiest groups, each with a rule or a reason.
    #[serde(flatten)]
    pub(super) found: Suggestions,
    /// What all of the rules come to.
    pub(super) together: Together,
    /// The policy's text with all of them.
    #[serde(skip)]
    pub(super) changed: Vec<u8>,
}

/// All proposals at once.
#[derive(Serialize)]
pub(super) struct Together {
    /// How many rules there are.
    pub(super) rules: usize,
    /// What the policy writes.
    pub(super) before: Volume,
    /// What it writes with the rules.
    pub(super) after: Volume,
    /// That nothing is lost that the log is kept for.
    pub(super) proof: Proof,
}

/// Whether the guarded requests of the log are seen as well as before, those aside that were asked to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proof {
    /// Whether they are.
    pub(super) holds: bool,
    /// Distinct guarded requests of the log.
    pub(super) guarded: u64,
    /// Distinct writes that go because they were asked for.
    pub(super) asked_for: u64,
    /// Distinct requests that lose something.
    pub(super) lost: u64,
    /// Some of those, in words.
    pub(super) examples: Vec<String>,
}

/// Requests that a failed proof names.
const MOST_EXAMPLES: usize = 3;

impl Proposed {
    /// Proposes rules for a policy, given by its text too, over a log.
    pub(super) fn of(
        source: &[u8],
        policy: &Policy,
        logs: &Logs,
        version: KubernetesVersion,
        include_writes: bool,
    ) -> Result<Self, Error> {
        let table = &logs.table;
        let found = suggest(
            source,
            table,
            &SuggestOptions {
                version,
                include_writes,
                impersonated: logs.table.impersonated().collect(),
                ..SuggestOptions::default()
            },
        );
        let (rules, changed) = changed(source, found.rules(), version)?;
        let writes = || found.rules().filter(|proposal| proposal.is_write);
        let (_, only_writes) = self::changed(source, writes(), version)?;
        let judge = |policy: &Policy| Verdicts::new(&Matcher::new(policy), table.requests());
        let before = judge(policy);
        let without_writes = judge(&loaded(&only_writes, version)?);
        let after = judge(&loaded(&changed, version)?);
        let asked_for = writes().map(|proposal| proposal.requests).sum();
        let written = table.evaluate(&after, version).tally.written;
        let together = Together {
            rules,
            before: found.written,
            after: written.into(),
            proof: Proof::of([&before, &without_writes, &after], asked_for, table),
        };
        Ok(Self {
            found,
            together,
            changed,
        })
    }
}

/// How many rules are put in, and the text with them; where there is none, the very bytes that were read.
fn changed<'p>(
    source: &[u8],
    proposals: impl Iterator<Item = &'p SuggestedRule>,
    version: KubernetesVersion,
) -> Result<(usize, Vec<u8>), Error> {
    let proposals: Vec<&SuggestedRule> = proposals.collect();
    if proposals.is_empty() {
        return Ok((0, source.to_vec()));
    }
    let rules = proposals.len();
    let old = load(source, version).text;
    let text = apply_all(&old, proposals).ok_or_else(|| {
        Error::Unproven("the proposed rules do not fit into the policy together".to_owned())
    })?;
    Ok((rules, with_line_ends_of(&old, text).into_bytes()))
}

/// The text with the line ends of another, where those are all `\r\n`.
fn with_line_ends_of(old: &str, text: String) -> String {
    let feeds = old.matches('\n').count();
    if feeds == 0 || old.matches("\r\n").count() < feeds {
        return text;
    }
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

fn loaded(text: &[u8], version: KubernetesVersion) -> Result<Policy, Error> {
    let loaded = load(text, version);
    loaded.policy.ok_or_else(|| {
        let error = loaded.error.unwrap_or_default();
        Error::Unproven(format!("the policy with the rules is rejected: {error}"))
    })
}

impl Proof {
    /// Proves it by the verdicts before, with the writes that were asked for left out, and after. Each proposal was tried alone, so that the
    /// writes it leaves out are known to be its own.
    fn of(verdicts: [&Verdicts; 3], asked_for: u64, table: &EventTable) -> Self {
        let [before, without_writes, after] = verdicts;
        let safety = check_protection_of(without_writes, after, table);
        let writes = check_protection_of(before, without_writes, table);
        let beyond = writes
            .losses
            .iter()
            .filter(|breach| breach.reason != ProtectedReason::Write);
        let excess = (writes.losses.len() as u64 + writes.more_losses)
            .saturating_sub(asked_for)
            .max(beyond.clone().count() as u64);
        let lost = safety.losses.len() as u64 + safety.more_losses + excess;
        let examples = safety.losses.iter().chain(beyond);
        Self {
            holds: lost == 0,
            guarded: safety.protected_requests,
            asked_for,
            lost,
            examples: examples
                .take(MOST_EXAMPLES)
                .map(|breach| spoken(breach, table))
                .collect(),
        }
    }

    /// The same in one sentence.
    pub(super) fn sentence(&self) -> String {
        let guarded = counted(self.guarded, "guarded request", "guarded requests");
        if !self.holds {
            return format!(
                "proof failed: {} of {guarded} of the log lose a level, a stage or managed fields: {}",
                count(self.lost),
                self.examples.join(", ")
            );
        }
        let but = match self.asked_for {
            0 => String::new(),
            writes => format!(
                ", but for {} left out on request",
                counted(writes, "distinct write", "distinct writes")
            ),
        };
        format!(
            "proof: of {guarded} of the log, no write, secret, RBAC or exec event loses a level, a stage or managed fields{but}"
        )
    }
}

fn spoken(breach: &ProtectionLoss, table: &EventTable) -> String {
    let found = table.requests().get(breach.request);
    let what = found.map_or_else(
        || "a request".to_owned(),
        |found| {
            let target = found.target();
            request(found.user(), found.verb(), &target)
        },
    );
    format!("{what} ({})", breach.reason.description())
}

impl Together {
    /// What the rules save, in one sentence.
    pub(super) fn sentence(&self) -> String {
        let (before, after) = (self.before, self.after);
        if self.rules == 0 {
            return format!(
                "no rule is proposed, so the policy stays as it is: {} with {} before and after",
                counted(before.events, "event", "events"),
                bytes(before.bytes)
            );
        }
        format!(
            "{}: {} with {} before, {} with {} after",
            counted(self.rules as u64, "proposed rule", "proposed rules"),
            counted(before.events, "event", "events"),
            bytes(before.bytes),
            counted(after.events, "event", "events"),
            bytes(after.bytes)
        )
    }
}

#[cfg(test)]
mod tests {
    use audit_log::{Event, Location};

    use super::*;

    const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;

    fn table() -> EventTable {
        let mut table = EventTable::new();
        for (verb, uri) in [
            ("list", "/api/v1/secrets"),
            ("update", "/api/v1/namespaces/a/pods/p"),
            ("get", "/version"),
        ] {
            let raw = format!(
                r#"{{"level":"Metadata","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{{"username":"alice","groups":["dev"]}}}}"#
            );
            table.push(0, Location::default(), &Event::new(&raw));
        }
        table
    }

    #[test]
    fn a_changed_policy_keeps_its_line_ends() {
        for (old, text, expected) in [
            ("a\r\nb\r\n", "a\r\nx\nb\r\n", "a\r\nx\r\nb\r\n"),
            ("a\nb\r\n", "a\nx\nb\r\n", "a\nx\nb\r\n"),
            ("a", "a\nb", "a\nb"),
        ] {
            assert_eq!(with_line_ends_of(old, text.to_owned()), expected);
        }
    }

    #[test]
    fn a_proof_fails_where_more_goes_than_was_asked_for() {
        let table = table();
        let judged = |rules: &str| {
            let text = format!(
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}- level: Metadata\n"
            );
            let policy = load(text.as_bytes(), VERSION).policy.unwrap_or_default();
            Verdicts::new(&Matcher::new(&policy), table.requests())
        };
        let all = judged("");
        let no_lists = judged("- level: None\n  verbs: [list]\n");
        let no_updates = judged("- level: None\n  verbs: [update]\n");
        let no_gets = judged("- level: None\n  verbs: [get]\n");
        let neither = judged("- level: None\n  verbs: [list, update]\n");
        for (verdicts, asked_for, lost, example) in [
            ([&all, &all, &no_gets], 0, 0, None),
            (
                [&all, &all, &no_lists],
                0,
                1,
                Some("alice: list secrets (secrets)"),
            ),
            ([&all, &no_updates, &no_updates], 1, 0, None),
            ([&all, &no_updates, &no_updates], 0, 1, None),
            (
                [&all, &no_updates, &neither],
                1,
                1,
                Some("alice: list secrets (secrets)"),
            ),
            // Asked for or not, secrets are no write.
            (
                [&all, &no_lists, &no_lists],
                1,
                1,
                Some("alice: list secrets (secrets)"),
            ),
        ] {
            let proof = Proof::of(verdicts, asked_for, &table);
            assert_eq!(
                (proof.guarded, proof.lost, proof.holds),
                (2, lost, lost == 0)
            );
            assert_eq!(proof.examples.first().map(String::as_str), example);
            assert_eq!(
                proof.sentence().starts_with("proof failed: 1 of 2"),
                lost == 1
            );
        }
    }
}
