//! Runs cases on the page's policy.

use audit_tests::{Case, Outcome, Runner};
use playground_protocol::ClaimsStep;
use playground_protocol::export::ExportSettings;

use crate::browser::now;
use crate::export::settings;
use crate::policy::Accepted;

/// Runs the cases that have no outcome yet, until a time. Returns the progress if some are left.
pub(super) fn run_until<'c>(
    runner: &Runner<'_>,
    cases: impl ExactSizeIterator<Item = &'c Case>,
    outcomes: &mut Vec<Outcome>,
    end: f64,
) -> Option<ClaimsStep> {
    let total = cases.len();
    for case in cases.skip(outcomes.len()) {
        outcomes.push(runner.run(case));
        if now() > end && outcomes.len() < total {
            return Some(ClaimsStep::Running {
                done: outcomes.len(),
                total,
            });
        }
    }
    None
}

/// Values of flags by their names, without `--`.
pub(super) type FlagValues = Vec<(String, String)>;

/// Returns what runs cases on the policy, with the values of flags if they are known.
pub(super) fn runner<'a>(accepted: &'a Accepted, flags: Option<&'a FlagValues>) -> Runner<'a> {
    let runner = Runner::new(&accepted.policy, accepted.version);
    match flags {
        None => runner,
        Some(flags) => runner.with_flags(|name| {
            let found = flags.iter().find(|(own, _)| own == name);
            Ok(found.map(|(_, value)| value.clone()))
        }),
    }
}

/// Returns the values of the flags that the form of the export sets.
pub(super) fn flag_values(form: &ExportSettings, accepted: &Accepted) -> FlagValues {
    let (settings, _) = settings(form, accepted.version, &accepted.text);
    let flags = settings.changed_flags().into_iter();
    flags.map(|flag| (flag.name, flag.value)).collect()
}
