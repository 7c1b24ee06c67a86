//! Sets of rules, as the matcher intersects them.

/// A set of rules of one policy: one bit a rule, in the policy's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct RuleSet(Box<[u64]>);

impl RuleSet {
    /// No rule, with room for `rules` of them.
    pub(crate) fn empty(rules: usize) -> Self {
        Self(vec![0; rules.div_ceil(64)].into_boxed_slice())
    }

    /// The rules, of `rules` in all, for which `is_member` holds.
    pub(crate) fn of(rules: usize, is_member: impl Fn(usize) -> bool) -> Self {
        let mut set = Self::empty(rules);
        for rule in (0..rules).filter(|rule| is_member(*rule)) {
            set.insert(rule);
        }
        set
    }

    /// Adds a rule; one past the room made at the start is not added.
    pub(crate) fn insert(&mut self, rule: usize) {
        if let Some(word) = self.0.get_mut(rule / 64) {
            *word |= 1 << (rule % 64);
        }
    }

    /// Rules `64 * index` to `64 * index + 63`.
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }
}
