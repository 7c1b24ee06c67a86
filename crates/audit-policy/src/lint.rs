//! Lints: policies that the server accepts without a warning but that probably do not do what was intended, `AP020` and up.
//!
//! A lint only reports what it can prove: a rule is unreachable only if a single earlier rule matches everything it could match, and
//! contents are logged only if a concrete request shows it. Matters of taste are [`Severity::Info`].
//!
//! [`Severity::Info`]: audit_types::Severity::Info

mod contents;
mod context;
mod coverage;
mod groups;
mod reach;
mod report;
mod resources;
mod stages;
mod subsume;
mod verbs;
mod wildcards;

use crate::load::Loaded;
use audit_types::Diagnostic;
use audit_types::KubernetesVersion;
use context::Lint;

pub use subsume::unreachable_rules;

/// Runs all lints on a loaded policy and returns their findings in order of position, at most 100 per code. Empty if the server rejects
/// the policy.
pub fn lint(loaded: &Loaded, version: KubernetesVersion) -> Vec<Diagnostic> {
    let Some(policy) = &loaded.policy else {
        return Vec::new();
    };
    let mut lint = Lint::new(loaded, policy, version);
    reach::lint(&mut lint);
    groups::lint(&mut lint);
    coverage::lint(&mut lint);
    wildcards::lint(&mut lint);
    verbs::lint(&mut lint);
    contents::lint(&mut lint);
    stages::lint(&mut lint);
    lint.report.finish()
}
