//! Rules that two policies share at their start and at their end.

use audit_policy::{Policy, Rule};

/// The rules of two policies that are the same at the start and at the end. Between them is a window of rules that may differ. The number of
/// rules, which stands for none, is one of those at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alignment {
    /// Number of rules that are the same at the start: the first rule of both windows.
    pub(crate) start: usize,
    /// End of the window of the first policy.
    pub(crate) before_end: usize,
    /// End of the window of the second policy.
    pub(crate) after_end: usize,
}

impl Alignment {
    pub(crate) fn new(before: &Policy, after: &Policy) -> Self {
        let (before, after) = (&before.rules, &after.rules);
        let count = |pairs: &mut dyn Iterator<Item = (&Rule, &Rule)>| {
            pairs.take_while(|(one, other)| one == other).count()
        };
        let start = count(&mut before.iter().zip(after));
        let rest = |rules: &[Rule]| rules.len().saturating_sub(start);
        let end = count(&mut before.iter().rev().zip(after.iter().rev()))
            .min(rest(before))
            .min(rest(after));
        Self {
            start,
            before_end: before.len() - end,
            after_end: after.len() - end,
        }
    }

    /// Returns true if a request can have one rule of the first policy as its first match, and the other rule of the second policy, as far as the
    /// shared rules decide that.
    pub(crate) const fn can_meet(&self, one: usize, other: usize) -> bool {
        if one < self.start || other < self.start {
            return one == other;
        }
        one < self.before_end
            || other < self.after_end
            || one - self.before_end == other - self.after_end
    }

    /// Returns the rule of the first policy that is the same as one of the second. `None` for one of the window.
    pub(crate) const fn before_of(&self, other: usize) -> Option<usize> {
        if other < self.start {
            Some(other)
        } else if other >= self.after_end {
            Some(other - self.after_end + self.before_end)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::Level;

    use super::*;

    fn policy(levels: &[Level]) -> Policy {
        Policy::new(levels.iter().map(|level| Rule::new(*level)).collect())
    }

    #[test]
    fn rules_at_both_ends_are_shared_once() {
        use Level::{Metadata, None, Request};
        for (before, after, window) in [
            (&[None, Metadata][..], &[None, Metadata][..], (2, 2, 2)),
            (&[None, Metadata], &[None, Request], (1, 2, 2)),
            (&[None, Metadata], &[Metadata], (0, 1, 0)),
            (&[Metadata], &[None, Metadata], (0, 0, 1)),
            // The second one of equal rules could be the shared one as well.
            (&[None, None], &[None], (1, 2, 1)),
            (&[], &[None], (0, 0, 1)),
            (&[], &[], (0, 0, 0)),
        ] {
            let found = Alignment::new(&policy(before), &policy(after));
            let found = (found.start, found.before_end, found.after_end);
            assert_eq!(found, window, "{before:?} {after:?}");
        }
    }

    #[test]
    fn shared_rules_meet_only_each_other() {
        use Level::{Metadata, None, Request};
        let before = policy(&[None, Metadata, Request]);
        let after = policy(&[None, Request]);
        let alignment = Alignment::new(&before, &after);
        let meet = |one, other| alignment.can_meet(one, other);
        assert!(meet(0, 0) && !meet(0, 1) && !meet(1, 0));
        // The rule that is removed meets every later one, and no match.
        assert!(meet(1, 1) && meet(1, 2));
        assert!(meet(2, 1) && meet(3, 2) && !meet(2, 2) && !meet(3, 1));
        assert_eq!(alignment.before_of(1), Some(2));
    }
}
