//! Lints: policies that the server accepts without a warning but that probably do not do what was intended, `AP020` and up.
//!
//! A lint only reports what it can prove: a rule is unreachable only if a single earlier rule matches everything it could match, and
//! contents are logged only if a concrete request shows it. Matters of taste are [`Severity::Info`].
//!
//! [`Severity::Info`]: audit_types::Severity::Info

mod contents;
mod context;
mod coverage;
mod exec_verbs;
mod fixes;
mod groups;
mod names;
mod reach;
mod recorded;
mod report;
mod resources;
mod stages;
mod streams;
mod subjects;
mod subsume;
mod suggest;
mod twins;
mod urls;
mod verbs;
mod wildcards;
mod witness;

use crate::load::{Doubts, Loaded};
use audit_types::Diagnostic;
use audit_types::KubernetesVersion;
use context::Lint;

pub use subjects::has_possible_subjects;
pub use subsume::unreachable_rules;
pub use suggest::meant_resource;

/// Runs all lints on a loaded policy and returns their findings in order of position, at most 100 per code.
///
/// If the server rejects the policy, it is linted as far as it is known: a rule with a condition that is not known may match any request that
/// its other conditions allow, and findings that depend on whether it does are left out.
pub fn lint(loaded: &Loaded, version: KubernetesVersion) -> Vec<Diagnostic> {
    let certain = Doubts::default();
    let (policies, doubts) = match (&loaded.policy, &loaded.draft) {
        (Some(policy), _) => ((policy, policy), &certain),
        (None, Some(draft)) => ((&draft.policy, &draft.widest), &draft.doubts),
        (None, None) => return Vec::new(),
    };
    let mut lint = Lint::new(loaded, policies, doubts, version);
    reach::lint(&mut lint);
    groups::lint(&mut lint);
    coverage::lint(&mut lint);
    wildcards::lint(&mut lint);
    verbs::lint(&mut lint);
    subjects::lint(&mut lint);
    urls::lint(&mut lint);
    recorded::lint(&mut lint);
    contents::lint(&mut lint);
    streams::lint(&mut lint);
    exec_verbs::lint(&mut lint);
    twins::lint(&mut lint);
    stages::lint(&mut lint);
    let mut findings = lint.report.finish();
    loaded.leave_shared(&mut findings);
    findings
}
