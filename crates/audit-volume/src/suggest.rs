//! Suggested settings and rules that would make a log smaller, and the reasons to keep the other noisy requests.
//!
//! A suggested setting omits stages or managed fields, and leaves every request at its level.
//!
//! A suggested rule has level None and names one actor, one verb and one resource. It is inserted into the policy's text where it takes effect
//! without hiding anything that another rule records on purpose. Every rule is tried before it is suggested: the policy with the rule is loaded
//! as kube-apiserver loads it, must be the same except for that rule, and must give the same verdict for every other distinct request of the
//! log. [Protected](crate::protected::ProtectedReason) requests are never suggested, except for two kinds of writes that are commonly dropped
//! and have to be requested ([`SuggestOptions::include_writes`]).
//!
//! A rule can't match on a status, so there is no suggestion for a group with denied requests. The table does not contain `impersonatedUser`;
//! since 1.35, kube-apiserver records a sign of impersonation that is respected, and for older versions the caller gives the events
//! ([`SuggestOptions::impersonated`]).

mod classify;
mod combined;
mod noise;
mod settings;

use audit_analysis::{insert_rule, rule_yaml};
use audit_policy::{KubernetesVersion, Level, Loaded, Matcher, Policy, Rule, RuleIndex, load};
use audit_sim::{EventTable, Verdicts};
use audit_types::EventId;
use audit_types::sort::SortShort;
use serde::Serialize;

use crate::compare::EffectiveVerdict;
use crate::protection::check_protection_of;
use crate::volume::Volume;
use noise::{CandidateGroup, NoisiestGroups};

pub use audit_analysis::{InsertionError, TextEdit, apply_insertions as apply};
pub use classify::{KeepReason, NoiseKind};
pub use combined::{CombineError, CombinedRules, Proof};
pub use noise::{Actor, NoiseCandidate};
pub use settings::{LevelProof, SettingKind, SuggestedSetting};

/// Options for suggestions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestOptions {
    /// Kubernetes version to emulate.
    pub version: KubernetesVersion,
    /// Maximum number of groups to examine, the noisiest first.
    pub max_groups: usize,
    /// `true` to also suggest dropping known writes: lease updates, and events that components record.
    pub include_writes: bool,
    /// Ids of events that have an `impersonatedUser`, if the caller knows them.
    pub impersonated: Vec<EventId>,
}

impl Default for SuggestOptions {
    /// Returns options for the twenty noisiest groups, the newest version and no writes.
    fn default() -> Self {
        Self {
            version: KubernetesVersion::NEWEST,
            max_groups: 20,
            include_writes: false,
            impersonated: Vec::new(),
        }
    }
}

/// Noisiest groups of a log, each with a rule or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestions {
    /// kube-apiserver's error message if it rejects the policy; everything else is empty then.
    #[serde(rename = "refusal")]
    pub policy_error: Option<String>,
    /// Volume that the policy writes of the log.
    pub written: Volume,
    /// Settings of the policy, those for the most bytes first.
    pub settings: Vec<SuggestedSetting>,
    /// Groups, those with the most bytes first.
    pub groups: Vec<CandidateResult>,
}

impl Suggestions {
    /// Returns the suggested rules, those for the most bytes first.
    pub fn rules(&self) -> impl Iterator<Item = &SuggestedRule> {
        self.groups
            .iter()
            .filter_map(|result| match &result.suggestion {
                Suggestion::Rule(rule) => Some(rule.as_ref()),
                Suggestion::None { .. } => None,
            })
    }
}

/// A noisy group with its suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CandidateResult {
    /// The group.
    #[serde(rename = "noise")]
    pub candidate: NoiseCandidate,
    /// The suggestion.
    #[serde(rename = "offer")]
    pub suggestion: Suggestion,
}

/// A rule, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Suggestion {
    /// A rule.
    #[serde(rename = "proposal")]
    Rule(Box<SuggestedRule>),
    /// No rule.
    #[serde(rename = "nothing")]
    None {
        /// Reason.
        #[serde(rename = "why")]
        reason: KeepReason,
        /// The reason in words.
        #[serde(rename = "sentence")]
        explanation: String,
    },
}

/// A rule to insert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SuggestedRule {
    /// Kind of noise that it drops.
    pub kind: NoiseKind,
    /// `true` if it drops writes, which the user has to decide.
    pub is_write: bool,
    /// The rule as YAML, without indentation.
    pub rule: String,
    /// The rule before which it is inserted.
    pub before_rule: RuleIndex,
    /// Insertion into the policy's text.
    pub edit: TextEdit,
    /// Volume that it saves in this log.
    pub saves: Volume,
    /// Number of distinct requests that are no longer recorded. All are of this group; no other request of the log is affected.
    pub requests: u64,
    /// Number of recorded events among them that failed with a status of 400 or more, other than 401 and 403.
    pub failed: u64,
    /// Reason why it is safe.
    pub why: &'static str,
}

/// Suggests rules for the noisiest groups of a log under a policy, given by its text.
///
/// ```
/// use audit_sim::EventTable;
/// use audit_volume::suggest::{SuggestOptions, suggest};
///
/// let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
/// assert!(suggest(policy, &EventTable::new(), &SuggestOptions::default()).groups.is_empty());
/// let rejected = suggest(b"rules: []", &EventTable::new(), &SuggestOptions::default());
/// assert!(rejected.policy_error.is_some());
/// ```
pub fn suggest(source: &[u8], table: &EventTable, options: &SuggestOptions) -> Suggestions {
    let loaded = load(source, options.version);
    let Some(policy) = &loaded.policy else {
        return Suggestions {
            policy_error: loaded.error,
            ..Suggestions::default()
        };
    };
    let verdicts = Verdicts::new(&Matcher::new(policy), table.requests());
    let mut impersonated = options.impersonated.clone();
    impersonated.sort_short();
    let noisiest = NoisiestGroups::of(
        table,
        &verdicts,
        options.version,
        &impersonated,
        options.max_groups,
    );
    let written = table.evaluate(&verdicts, options.version).tally.written;
    let trial = SuggestionTrial {
        loaded: &loaded,
        source,
        policy,
        written: written.into(),
        verdicts: &verdicts,
        table,
        options,
        noisiest: &noisiest,
        coverage: classify::RuleCoverage::of(policy),
    };
    let settings = settings::SettingTrial {
        loaded: &loaded,
        source,
        policy,
        verdicts: &verdicts,
        table,
        version: options.version,
        written: trial.written,
    };
    let answers = noisiest.groups.iter().enumerate().map(|(index, group)| {
        let suggestion = match trial.suggest(index, group) {
            Ok(rule) => Suggestion::Rule(Box::new(rule)),
            Err(reason) => Suggestion::None {
                reason,
                explanation: reason.explanation(),
            },
        };
        CandidateResult {
            candidate: group.candidate.clone(),
            suggestion,
        }
    });
    Suggestions {
        policy_error: None,
        written: trial.written,
        settings: settings.suggest(),
        groups: answers.collect(),
    }
}

/// Returns whether all names in a rule are valid UTF-8.
fn is_text(rule: &Rule) -> bool {
    let resources = rule.resources.iter().flat_map(|group| &group.resources);
    let named = rule.users.iter().chain(&rule.verbs);
    let mut named = named.chain(&rule.non_resource_urls).chain(resources);
    !named.any(|text| audit_log::placeholder::is_in(text))
}

/// Policy and log on which suggestions are tried.
struct SuggestionTrial<'a> {
    loaded: &'a Loaded,
    source: &'a [u8],
    policy: &'a Policy,
    written: Volume,
    verdicts: &'a Verdicts,
    table: &'a EventTable,
    options: &'a SuggestOptions,
    noisiest: &'a NoisiestGroups,
    coverage: classify::RuleCoverage<'a>,
}

impl SuggestionTrial<'_> {
    fn suggest(&self, index: usize, group: &CandidateGroup) -> Result<SuggestedRule, KeepReason> {
        let requests = self.table.requests();
        let kind = classify::kind_of(group, requests, self.options.include_writes)?;
        let before_rule = self.coverage.place_for(group, requests)?;
        let rule = classify::rule_for(group, kind);
        // A policy is UTF-8, so none of its rules can match names with other bytes.
        if !is_text(&rule) {
            return Err(KeepReason::NotAsMeant);
        }
        let edit = insert_rule(self.loaded, self.source, before_rule.get(), &rule)
            .map_err(|why| KeepReason::NotInsertable { why })?;
        let changed = self.apply(&edit, before_rule, &rule)?;
        let after = Verdicts::new(&Matcher::new(&changed), requests);
        let dropped = self.dropped_requests(index, kind, &after)?;
        let written: Volume = self
            .table
            .evaluate(&after, self.options.version)
            .tally
            .written
            .into();
        let saves = self.written.saturating_sub(written);
        if saves.events == 0 {
            return Err(KeepReason::SavesNothing);
        }
        Ok(SuggestedRule {
            kind,
            is_write: kind.is_write(),
            rule: rule_yaml(&rule),
            before_rule,
            edit,
            saves,
            requests: dropped,
            failed: group.candidate.failed,
            why: kind.why(),
        })
    }

    /// Returns the policy with the rule as kube-apiserver loads it; it must be the intended one.
    fn apply(
        &self,
        edit: &TextEdit,
        before_rule: RuleIndex,
        rule: &Rule,
    ) -> Result<Policy, KeepReason> {
        let text =
            apply(&self.loaded.text, std::slice::from_ref(edit)).ok_or(KeepReason::NotAsMeant)?;
        let loaded = load(text.as_bytes(), self.options.version);
        let mut meant = self.policy.clone();
        if before_rule.get() > meant.rules.len() {
            return Err(KeepReason::NotAsMeant);
        }
        meant.rules.insert(before_rule.get(), rule.clone());
        loaded
            .policy
            .filter(|policy| *policy == meant)
            .ok_or(KeepReason::NotAsMeant)
    }

    /// Returns the number of distinct requests that are no longer recorded; all must be of the group, and no other may be affected.
    fn dropped_requests(
        &self,
        index: usize,
        kind: NoiseKind,
        after: &Verdicts,
    ) -> Result<u64, KeepReason> {
        let mut dropped = 0;
        for request in self.table.requests().ids() {
            let [from, to] = [self.verdicts, after]
                .map(|verdicts| verdicts.get(request).map(EffectiveVerdict::new));
            if from == to {
                continue;
            }
            let is_dropped = to.is_some_and(|ruling| ruling.level == Level::None);
            if !is_dropped || !self.noisiest.contains(index, request) {
                return Err(KeepReason::ChangesOthers);
            }
            dropped += 1;
        }
        let safety = check_protection_of(self.verdicts, after, self.table);
        // Requested writes are the only protected requests that may lose anything, and they belong to the group.
        if !kind.is_write() && !safety.passes() {
            return Err(KeepReason::ChangesOthers);
        }
        Ok(dropped)
    }
}

/// Inserts several rules into the policy's text; `None` if one of them is not for this text.
pub fn apply_all<'p>(
    text: &str,
    proposals: impl IntoIterator<Item = &'p SuggestedRule>,
) -> Option<String> {
    let edits: Vec<TextEdit> = proposals
        .into_iter()
        .map(|proposal| proposal.edit.clone())
        .collect();
    apply(text, &edits)
}

#[cfg(test)]
mod tests;
