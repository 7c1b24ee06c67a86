//! Everything that a review is made of.

use std::ffi::{OsStr, OsString};

use audit_policy::Severity;

use super::policies::ReviewedPolicy;
use crate::file_name::FileName;
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
    /// Returns the outcome with names of files that count from the root of the repository, as its readers see them. `root` is the relative path of it.
    pub(super) fn named_from(mut self, root: &OsStr) -> Self {
        for policy in &mut self.policies {
            let names = policy.old_file.iter_mut().chain([&mut policy.file]);
            names.for_each(|name| *name = from_root(name, root));
        }
        for tests in &mut self.tests {
            let name = FileName::from(OsString::from(&tests.file));
            tests.file = from_root(&name, root).to_string();
        }
        self
    }

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

/// Returns a name relative to the root. A file elsewhere keeps its name.
fn from_root(name: &FileName, root: &OsStr) -> FileName {
    match name.path().strip_prefix(root) {
        Ok(path) => FileName::from(path.as_os_str().to_owned()),
        Err(_) => name.clone(),
    }
}
