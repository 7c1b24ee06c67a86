//! What the server accepts without a word and probably does not do what was meant: `AP020` and up.
//!
//! A lint never claims what it cannot prove: a rule is called unreachable only where one earlier rule takes everything it could
//! match, and contents are called recorded only where a concrete request shows it. What is a matter of taste is [`Severity::Info`].
//!
//! [`Severity::Info`]: crate::finding::Severity::Info

mod contents;
mod coverage;
mod groups;
mod reach;
mod report;
mod resources;
mod stages;
mod subsume;
mod verbs;
mod vocabulary;
mod wildcards;

use std::collections::HashSet;

use crate::finding::Finding;
use crate::load::Loaded;
use crate::policy::Policy;
use crate::version::KubernetesVersion;
use report::LintDiagnostics;
use vocabulary::ApiVocabulary;

pub use subsume::unreachable_rules;

/// What the lints share.
struct Lint<'a> {
    policy: &'a Policy,
    version: KubernetesVersion,
    vocabulary: ApiVocabulary,
    /// Groups without resources that were spoken of.
    reported_groups: HashSet<String>,
    report: LintDiagnostics<'a>,
}

/// Every lint over a loaded policy, by place. Empty where the server rejects the policy. Of each code the first 100 are listed.
pub fn lint(loaded: &Loaded, version: KubernetesVersion) -> Vec<Finding> {
    let Some(policy) = &loaded.policy else {
        return Vec::new();
    };
    let mut lint = Lint {
        policy,
        version,
        vocabulary: ApiVocabulary::of(version),
        reported_groups: HashSet::new(),
        report: LintDiagnostics::new(loaded),
    };
    reach::lint(&mut lint);
    groups::lint(&mut lint);
    coverage::lint(&mut lint);
    wildcards::lint(&mut lint);
    verbs::lint(&mut lint);
    contents::lint(&mut lint);
    stages::lint(&mut lint);
    lint.report.finish()
}
