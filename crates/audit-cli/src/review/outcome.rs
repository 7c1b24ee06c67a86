//! Everything that a review is made of.

use audit_policy::Severity;

use super::policies::ReviewedPolicy;
use crate::test::TestResults;

/// Everything that a review is made of.
pub(super) struct Outcome {
    /// The revision of the call.
    pub(super) base: String,
    /// Those that fail first.
    pub(super) policies: Vec<ReviewedPolicy>,
    pub(super) tests: Vec<TestResults>,
}

impl Outcome {
    /// Returns whether a policy is rejected, a new finding has a severity or a higher one, or a test fails.
    pub(super) fn fails(&self, lowest: Option<Severity>) -> bool {
        let reaches = |policy: &ReviewedPolicy| {
            lowest.is_some_and(|lowest| policy.highest_new_severity() >= Some(lowest))
        };
        let mut policies = self.policies.iter();
        policies.any(|policy| policy.fails() || reaches(policy))
            || !self.tests.iter().all(TestResults::has_passed)
    }
}
