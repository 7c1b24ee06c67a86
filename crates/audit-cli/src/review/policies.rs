//! Policies of changed files, before and after.

use audit_policy::{KubernetesVersion, Severity};

use super::base::BaseReader;
use super::changes::{BaseFile, ChangedFile};
use super::findings::{FindingChanges, changes};
use crate::check::{
    ExaminedPolicy, MAX_WALKED_BYTES, examine, may_have_policy_in, quotes_policies,
};
use crate::config::{Config, FileSettings};
use crate::diff::{Comparison, compare};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::policy_bytes;
use crate::output::diagnostic;
use crate::verdict::RuleLines;

/// A policy before and after the changes.
pub(super) struct ReviewedPolicy {
    /// Name of the file; of a deleted one, that at the base.
    pub(super) file: FileName,
    /// Earlier name of a renamed file.
    pub(super) old_file: Option<FileName>,
    /// The document around it, with its path there. `None` if the file itself is the policy.
    pub(super) place: Option<(String, String)>,
    /// Kind of the change.
    pub(super) kind: ChangeKind,
    /// Why the server rejects it, or an error of the document around it or by the configuration. `None` if there is none.
    pub(super) rejection: Option<String>,
    /// True if it was rejected at the base. `None` if it was not there.
    pub(super) was_rejected: Option<bool>,
    /// True if neither its text nor its findings have changed.
    pub(super) is_same: bool,
    pub(super) findings: FindingChanges,
    /// The server's warning, if it is new.
    pub(super) new_warning: Option<String>,
    /// Number of rules. `None` if it is rejected.
    pub(super) rules: Option<usize>,
    pub(super) comparison: Compared,
}

/// Kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChangeKind {
    Added,
    Changed,
    Deleted,
}

impl ChangeKind {
    /// Returns its name in JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }
}

/// Differences between a policy before and after.
pub(super) enum Compared {
    /// The policy is new, deleted, or rejected on one side.
    Not,
    /// The policies are too large.
    TooLarge(String),
    /// Requests that are treated differently; may be none.
    Differences(Comparison),
}

impl ReviewedPolicy {
    /// Returns whether the server rejects the policy, or something about it is an error.
    pub(super) const fn fails(&self) -> bool {
        self.rejection.is_some()
    }

    /// Returns whether the server accepts the policy. `None` if it was deleted, or has to be rendered first.
    pub(super) fn is_accepted(&self) -> Option<bool> {
        match (&self.rejection, self.rules) {
            (_, Some(_)) => Some(true),
            (Some(_), None) => Some(false),
            (None, None) => None,
        }
    }

    /// Returns the highest severity of what is new. `None` if nothing is.
    pub(super) fn highest_new_severity(&self) -> Option<Severity> {
        let of_server = self.new_warning.as_ref().map(|_| Severity::Warning);
        let of_findings = self.findings.new.iter().map(|finding| finding.severity);
        of_findings.chain(of_server).max()
    }
}

/// Reads the policies of changed files.
pub(super) struct Reader<'c> {
    pub(super) base: BaseReader,
    pub(super) config: &'c Config,
    pub(super) version: KubernetesVersion,
}

impl Reader<'_> {
    /// Returns the policies of a file, on either side. Those that are the same on both are left out, unless the file was renamed.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(super) fn policies(&mut self, file: &ChangedFile) -> Result<Vec<ReviewedPolicy>> {
        let Some(name) = file.name() else {
            return Ok(Vec::new());
        };
        let settings = self.config.file_settings(name, self.version);
        let before = match &file.before {
            Some(before) => self.before(before, &settings)?,
            None => Vec::new(),
        };
        let after = match &file.after {
            Some(after) => after_of(after, &settings)?,
            None => Vec::new(),
        };
        let old = file.before.as_ref().map(|before| &before.name);
        let old_file = old.filter(|old| *old != name && file.after.is_some());
        let pairs = pairs(before, after).into_iter();
        let policies = pairs.filter_map(|(before, after)| {
            let mut policy = reviewed(name, before, after, self.version)?;
            if policy.is_same && old_file.is_none() {
                return None;
            }
            policy.old_file = old_file.cloned();
            Some(policy)
        });
        Ok(policies.collect())
    }

    fn before(
        &mut self,
        file: &BaseFile,
        settings: &FileSettings<'_>,
    ) -> Result<Vec<ExaminedPolicy>> {
        if quotes_policies(file.name.path()) {
            return Ok(Vec::new());
        }
        let Some(bytes) = self.base.read(&file.object, MAX_WALKED_BYTES)? else {
            return Ok(Vec::new());
        };
        Ok(match may_have_policy_in(&bytes) {
            true => examine(&file.name, &bytes, settings),
            false => Vec::new(),
        })
    }
}

/// Returns the policies of a file of the working tree.
fn after_of(file: &FileName, settings: &FileSettings<'_>) -> Result<Vec<ExaminedPolicy>> {
    if quotes_policies(file.path()) {
        return Ok(Vec::new());
    }
    let found = std::fs::symlink_metadata(file.path());
    let found = found.map_err(|error| Error::Read {
        file: file.to_string(),
        error,
    })?;
    if !found.is_file() {
        return Ok(Vec::new());
    }
    if found.len() > MAX_WALKED_BYTES {
        let size = MAX_WALKED_BYTES >> 20;
        diagnostic(&format!(
            "passed over `{file}`, which is larger than {size} MB"
        ));
        return Ok(Vec::new());
    }
    let bytes = policy_bytes(file)?;
    Ok(match may_have_policy_in(&bytes) {
        true => examine(file, &bytes, settings),
        false => Vec::new(),
    })
}

/// A policy before and after.
type Pair = (Option<ExaminedPolicy>, Option<ExaminedPolicy>);

/// Pairs the policies of a file: those at the same place, and if one is left on each side, those.
fn pairs(before: Vec<ExaminedPolicy>, after: Vec<ExaminedPolicy>) -> Vec<Pair> {
    let mut before: Vec<Option<ExaminedPolicy>> = before.into_iter().map(Some).collect();
    let mut pairs: Vec<Pair> = Vec::new();
    // Files with many policies are rare, but must not take quadratic time.
    let mut places = std::collections::HashMap::<_, std::collections::VecDeque<usize>>::new();
    for (index, policy) in before.iter().enumerate() {
        let place = policy.as_ref().and_then(|policy| policy.place.clone());
        places.entry(place).or_default().push_back(index);
    }
    for policy in after {
        let at = places
            .get_mut(&policy.place)
            .and_then(|indexes| indexes.pop_front());
        let same = at.and_then(|at| before.get_mut(at)?.take());
        pairs.push((same, Some(policy)));
    }
    let mut left: Vec<ExaminedPolicy> = before.into_iter().flatten().collect();
    let mut alone = pairs.iter_mut().filter(|(before, _)| before.is_none());
    if let (Some(pair), None, 1) = (alone.next(), alone.next(), left.len()) {
        pair.0 = left.pop();
    }
    pairs.extend(left.into_iter().map(|before| (Some(before), None)));
    pairs
}

/// Compares a policy. `None` if it is on neither side.
fn reviewed(
    file: &FileName,
    before: Option<ExaminedPolicy>,
    after: Option<ExaminedPolicy>,
    version: KubernetesVersion,
) -> Option<ReviewedPolicy> {
    let kind = match (&before, &after) {
        (None, None) => return None,
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Deleted,
        (Some(_), Some(_)) => ChangeKind::Changed,
    };
    let of = |policy: &Option<ExaminedPolicy>| {
        let findings = policy.as_ref().map(|policy| policy.findings.clone());
        findings.unwrap_or_default()
    };
    let findings = changes(&of(&before), &of(&after));
    let text = |policy: &Option<ExaminedPolicy>| policy.as_ref().map(|policy| policy.text.clone());
    let is_same = text(&before) == text(&after) && findings == FindingChanges::default();
    let was_rejected = before
        .as_ref()
        .map(|before| !before.is_passed && before.policy.is_none());
    let old_warning = before.as_ref().and_then(|before| before.warning.clone());
    let comparison = compared(before.as_ref(), after.as_ref(), version);
    let place = after.as_ref().or(before.as_ref())?.place.clone();
    let warning = after.as_ref().and_then(|after| after.warning.clone());
    Some(ReviewedPolicy {
        file: file.clone(),
        old_file: None,
        place,
        kind,
        rejection: after.as_ref().and_then(rejection),
        was_rejected,
        is_same,
        findings,
        new_warning: warning.filter(|warning| Some(warning) != old_warning.as_ref()),
        rules: after.and_then(|after| Some(after.policy?.rules.len())),
        comparison,
    })
}

/// Returns why a policy is rejected. `None` if it is not.
fn rejection(policy: &ExaminedPolicy) -> Option<String> {
    if policy.is_passed {
        return None;
    }
    let mut findings = policy.findings.iter();
    let error = findings.find(|finding| finding.severity == Severity::Error);
    let error = error.map(|error| error.message.clone());
    let error = policy.error.clone().or(error);
    Some(error.unwrap_or("it cannot be loaded".to_owned()))
}

fn compared(
    before: Option<&ExaminedPolicy>,
    after: Option<&ExaminedPolicy>,
    version: KubernetesVersion,
) -> Compared {
    let side = |policy: &ExaminedPolicy| {
        let loaded = policy.policy.clone()?;
        Some((loaded, RuleLines::new(policy.rule_lines.clone())))
    };
    let (before, after) = (before.and_then(side), after.and_then(side));
    let (Some((before, old_lines)), Some((after, new_lines))) = (before, after) else {
        return Compared::Not;
    };
    match compare((&before, old_lines), (&after, new_lines), version) {
        Ok(comparison) => Compared::Differences(comparison),
        Err(error) => Compared::TooLarge(error.message().unwrap_or_default()),
    }
}
