//! What the server accepts without a word and probably does not do what was meant: `AP020` and up.
//!
//! A lint never claims what it cannot prove: a rule is called unreachable only where one earlier rule takes everything it could
//! match, and contents are called recorded only where a concrete request shows it. What is a matter of taste is [`Severity::Info`].
//!
//! [`Severity::Info`]: crate::finding::Severity::Info

mod contents;
mod facts;
mod groups;
mod literals;
mod names;
mod reach;
mod report;
mod resources;
mod stages;
mod subsume;
mod verbs;

use std::collections::HashSet;

use crate::finding::Finding;
use crate::load::Loaded;
use crate::policy::Policy;
use crate::version::KubernetesVersion;
use facts::Facts;
use report::Report;

pub use subsume::unreachable_rules;

/// What the lints share.
struct Lint<'a> {
    policy: &'a Policy,
    version: KubernetesVersion,
    facts: Facts,
    /// Groups without resources that were spoken of.
    gone_groups: HashSet<String>,
    report: Report<'a>,
}

/// Every lint over a loaded policy, by place. Empty where the server rejects the policy. Of each code the first 100 are listed.
pub fn lint(loaded: &Loaded, version: KubernetesVersion) -> Vec<Finding> {
    let Some(policy) = &loaded.policy else {
        return Vec::new();
    };
    let mut lint = Lint {
        policy,
        version,
        facts: Facts::of(version),
        gone_groups: HashSet::new(),
        report: Report::new(loaded),
    };
    reach::lint(&mut lint);
    groups::lint(&mut lint);
    names::lint(&mut lint);
    literals::lint(&mut lint);
    verbs::lint(&mut lint);
    contents::lint(&mut lint);
    stages::lint(&mut lint);
    lint.report.finish()
}
