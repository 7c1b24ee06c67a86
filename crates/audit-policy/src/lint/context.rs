//! State shared by the lints.

use std::collections::HashSet;

use audit_types::{KubernetesVersion, Stage, StageSet};

use super::report::LintDiagnostics;
use crate::load::{Doubts, Loaded};
use crate::matcher::Verdict;
use crate::policy::{Policy, Rule};
use crate::vocabulary::ApiVocabulary;

/// State shared by the lints.
pub(super) struct Lint<'a> {
    pub(super) policy: &'a Policy,
    /// The same rules, each matching every request that it may match. Differs only if the server rejects the policy.
    pub(super) widest: &'a Policy,
    /// Parts of a rejected policy that are not known.
    pub(super) doubts: &'a Doubts,
    pub(super) version: KubernetesVersion,
    pub(super) vocabulary: ApiVocabulary,
    /// For each rule whether it only matches requests that have a namespace.
    requires_namespace: Vec<bool>,
    /// Groups without resources that were reported.
    pub(super) reported_groups: HashSet<String>,
    /// For each rule the earlier rule that covers it.
    pub(super) shadows: Vec<Option<usize>>,
    /// Rules that no request matches, because of their users or URLs.
    pub(super) dead: HashSet<usize>,
    /// Rules of which no usual request has the object names that they list: it would be a `create` with a name in the URL.
    pub(super) nameless: HashSet<usize>,
    /// The rule after which no rule logs anything but failed authentications.
    pub(super) silent_after: Option<usize>,
    pub(super) report: LintDiagnostics<'a>,
}

impl<'a> Lint<'a> {
    /// Creates the state for a policy, with its widest form.
    pub(super) fn new(
        loaded: &'a Loaded,
        (policy, widest): (&'a Policy, &'a Policy),
        doubts: &'a Doubts,
        version: KubernetesVersion,
    ) -> Self {
        Self {
            policy,
            widest,
            doubts,
            version,
            vocabulary: ApiVocabulary::new(version),
            requires_namespace: policy.rules.iter().map(requires_namespace).collect(),
            reported_groups: HashSet::new(),
            shadows: Vec::new(),
            dead: HashSet::new(),
            nameless: HashSet::new(),
            silent_after: None,
            report: LintDiagnostics::new(loaded, doubts),
        }
    }

    /// Returns true if a rule requires a namespace, which requests for the resource do not have.
    pub(super) fn is_out_of_scope(&self, rule: usize, group: &str, pattern: &str) -> bool {
        let name = pattern.split('/').next().unwrap_or_default();
        // A request for the namespace `x` itself has the namespace `x`.
        self.requires_namespace.get(rule) == Some(&true)
            && name != "namespaces"
            && self
                .vocabulary
                .resource(group, name)
                .is_some_and(|resource| !resource.namespaced)
    }

    /// Returns true if no request reaches a rule, so that its effect is not reported.
    pub(super) fn is_shadowed(&self, rule: usize) -> bool {
        self.shadows.get(rule).copied().flatten().is_some()
            || self.dead.contains(&rule)
            || self.nameless.contains(&rule)
            || self.silent_after.is_some_and(|after| rule > after)
    }

    /// Returns true if a verdict of [`widest`](Self::widest) is certain: no rule that may match comes before, and the level is known.
    pub(super) fn is_certain(&self, verdict: Verdict) -> bool {
        let rule = verdict.rule;
        rule.is_none_or(|rule| self.doubts.is_decided(rule.get()))
    }

    /// Returns the stages that a rule and the policy omit. `None` if they are not known.
    pub(super) fn omitted(&self, index: usize, rule: &Rule) -> Option<StageSet> {
        let common: StageSet = self.policy.omit_stages.iter().copied().collect();
        let all = common.union(rule.omit_stages.iter().copied().collect());
        self.doubts.are_stages_read(index).then_some(all)
    }

    /// Returns true if a rule with a level logs nothing, because all stages are omitted, or if that is not known.
    pub(super) fn may_omit_all(&self, index: usize, rule: &Rule) -> bool {
        let omitted = self.omitted(index, rule);
        omitted.is_none_or(|omitted| omitted.iter().count() == Stage::ALL.len())
    }

    /// Returns true if events of a stage are certainly logged by a rule with a level.
    pub(super) fn keeps(&self, index: usize, rule: &Rule, stage: Stage) -> bool {
        let omitted = self.omitted(index, rule);
        omitted.is_some_and(|omitted| !omitted.contains(stage))
    }
}

/// Returns true if a rule only matches requests that have a namespace; `""` stands for those without.
fn requires_namespace(rule: &Rule) -> bool {
    !rule.namespaces.is_empty() && !rule.namespaces.iter().any(String::is_empty)
}
