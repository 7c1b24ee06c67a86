//! Differences between the policy and another one, over every possible request and over the log.

use audit_analysis::{
    Change, Class, Difference, Options, PolicyVersions, Summary, diff, summarize,
};
use audit_policy::{Explanation, Level, Matcher, Policy, Request, Verdict, explain};
use audit_sim::Verdicts;
use audit_types::MissingAttributes;
use audit_volume::class_counts::{ClassCount, ClassCounts, count_classes};
use playground_protocol::{
    ClassChange, CompareReport, CompareRequest, CompareResult, LogChange, Problem,
};

use crate::ask::{decision, example, no_policy, too_large};
use crate::log::Log;
use crate::other_policy::OtherPolicy;
use crate::policy::Accepted;

/// Maximum number of listed classes.
const MAX_CHANGES: usize = 200;

/// Compares the page's policy with another one, which is the one before.
pub(crate) fn compare(
    accepted: Option<&Accepted>,
    log: &Log,
    request: &CompareRequest,
) -> CompareReport {
    CompareReport {
        number: request.number,
        generation: accepted.map_or(0, |accepted| accepted.generation),
        result: result(accepted, log, request).unwrap_or_else(CompareResult::Undecided),
    }
}

fn result(
    accepted: Option<&Accepted>,
    log: &Log,
    request: &CompareRequest,
) -> Result<CompareResult, Problem> {
    let after = accepted.ok_or_else(no_policy)?;
    let other = &request.before;
    let before = OtherPolicy::load(other)?;
    let options = Options::default()
        .with_version(after.version)
        .only_possible(request.only_possible);
    let policies = (&before.policy, &after.policy);
    let differences = diff(policies.0, policies.1, &[], options).map_err(too_large)?;
    let summaries = summarize(policies.0, policies.1, &differences, options).map_err(too_large)?;
    let more = summaries.len().saturating_sub(MAX_CHANGES);
    let listed = summaries.get(..MAX_CHANGES).unwrap_or(&summaries);
    let counts = (!log.sources.is_empty()).then(|| count(log, &before.policy, listed));
    let comparison = Comparison {
        before: &before,
        after,
        differences: &differences,
        versions: PolicyVersions::between(after.text.as_bytes(), other.version, after.version),
    };
    let changes = listed.iter().enumerate().filter_map(|(index, summary)| {
        let count = counts.as_ref().and_then(|counts| counts.classes.get(index));
        comparison.change(summary, count)
    });
    Ok(CompareResult::Differences {
        changes: changes.collect(),
        more,
        log: counts.as_ref().map(|counts| LogChange {
            bytes_per_day: counts.total.bytes_per_day,
            lost: whole(counts.lost),
            gained: whole(counts.gained),
            unknown: whole(counts.unknown),
        }),
    })
}

/// Two policies with their differences.
struct Comparison<'c> {
    before: &'c OtherPolicy,
    after: &'c Accepted,
    differences: &'c [Difference],
    /// The page's policy in the versions after that of the other one.
    versions: PolicyVersions,
}

impl Comparison<'_> {
    fn change(&self, summary: &Summary, count: Option<&ClassCount>) -> Option<ClassChange> {
        let members: Vec<&Difference> = summary
            .differences
            .iter()
            .filter_map(|index| self.differences.get(*index))
            .collect();
        // The first one has the witness.
        let first = members.first()?;
        let mut before: Vec<Level> = members.iter().map(|member| member.before.level).collect();
        before.sort_unstable();
        before.dedup();
        Some(ClassChange {
            title: summary.change.title().to_owned(),
            is_loss: !matches!(summary.change, Change::Gained | Change::Nothing),
            before,
            after: first.after.level,
            notes: notes(&members),
            requests: summary.class.words(),
            events: count.map(|count| whole(count.events)),
            bytes_per_day: count.and_then(|count| count.bytes_per_day),
            example: example(&summary.witness, summary.is_producible, self.after.version),
            decision_before: decision(first.before, &self.before.lines),
            decision_after: decision(first.after, &self.after.lines),
            reason: self.reason(&summary.witness, first.after),
            since: self
                .versions
                .first(first)
                .map(|version| version.to_string()),
        })
    }

    /// Returns why the rule that decides now matches the request; empty if no rule does.
    fn reason(&self, witness: &Request, verdict: Verdict) -> String {
        let Some(rule) = verdict.rule else {
            return String::new();
        };
        let results = explain(&self.after.policy, witness, MissingAttributes::default());
        match results.into_iter().nth(rule.get()) {
            Some(Explanation::Matched { text }) => text,
            _ => String::new(),
        }
    }
}

/// Returns what changes besides the level, in words.
fn notes(members: &[&Difference]) -> String {
    let mut notes: Vec<String> = members
        .iter()
        .flat_map(|member| member.change_notes())
        .collect();
    notes.sort_unstable();
    notes.dedup();
    notes.join("; ")
}

/// Returns a number of events of a log that is in memory.
fn whole(events: u64) -> usize {
    usize::try_from(events).unwrap_or(usize::MAX)
}

/// Counts the events of each class, and the effect of all differences.
fn count(log: &Log, before: &Policy, summaries: &[Summary]) -> ClassCounts {
    let old = Verdicts::new(&Matcher::new(before), log.table.requests());
    let classes: Vec<&Class> = summaries.iter().map(|summary| &summary.class).collect();
    let verdicts = [&old, &log.verdicts];
    count_classes(&log.table, &log.window, verdicts, log.version, &classes)
}
