//! Results of `diff`, for every format.

use audit_analysis::{Difference, Summary};
use audit_policy::KubernetesVersion;
use audit_volume::class_counts::ClassCount;

use super::log::LogCounts;
use crate::verdict::RuleLines;

/// Everything that is printed, in any format.
pub(super) struct Findings<'a> {
    /// Names of the policies' files.
    pub(super) files: [&'a str; 2],
    /// Requests that nothing can produce are left out.
    pub(super) is_only_possible: bool,
    /// Version of the newer policy.
    pub(super) version: KubernetesVersion,
    pub(super) differences: &'a [Difference],
    pub(super) summaries: &'a [Summary],
    pub(super) old_lines: RuleLines,
    pub(super) new_lines: RuleLines,
    /// Counts of the log. `None` without one.
    pub(super) log: Option<LogCounts>,
    /// First version with the second verdict on the witness, for each difference. `None` if both have the same version.
    pub(super) since: Vec<Option<KubernetesVersion>>,
}

impl Findings<'_> {
    pub(super) fn count(&self, difference: usize) -> Option<&ClassCount> {
        self.log.as_ref()?.of_differences.get(difference)
    }

    pub(super) fn summary_count(&self, summary: usize) -> Option<&ClassCount> {
        self.log.as_ref()?.of_summaries.get(summary)
    }

    /// Returns the difference that has the witness of a summary.
    pub(super) fn first(&self, summary: &Summary) -> Option<&Difference> {
        self.differences.get(*summary.differences.first()?)
    }

    /// Returns what changes for the requests of a summary: `Metadata, Request → None`.
    pub(super) fn words(&self, summary: &Summary) -> String {
        let members = summary.differences.iter();
        let mut words: Vec<String> = members
            .filter_map(|at| self.differences.get(*at))
            .map(Difference::change_words)
            .collect();
        words.sort_unstable();
        words.dedup();
        words.join("; ")
    }
}
