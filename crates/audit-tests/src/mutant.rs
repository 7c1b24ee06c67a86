//! Small changes of a policy: cases that pass for each of them do not notice the change.

use std::fmt;

use audit_policy::{Level, Policy, Rule};
use audit_types::RuleIndex;

/// A condition of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Predicate {
    /// `users`
    Users,
    /// `userGroups`
    UserGroups,
    /// `verbs`
    Verbs,
    /// `resources`
    Resources,
    /// `namespaces`
    Namespaces,
    /// `nonResourceURLs`
    NonResourceUrls,
}

impl Predicate {
    const ALL: [Self; 6] = [
        Self::Users,
        Self::UserGroups,
        Self::Verbs,
        Self::Resources,
        Self::Namespaces,
        Self::NonResourceUrls,
    ];

    /// Returns the name of the field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::UserGroups => "userGroups",
            Self::Verbs => "verbs",
            Self::Resources => "resources",
            Self::Namespaces => "namespaces",
            Self::NonResourceUrls => "nonResourceURLs",
        }
    }

    /// Removes the condition. Returns false if the rule does not have it.
    fn drop_from(self, rule: &mut Rule) -> bool {
        match self {
            Self::Users => clear(&mut rule.users),
            Self::UserGroups => clear(&mut rule.user_groups),
            Self::Verbs => clear(&mut rule.verbs),
            Self::Resources => clear(&mut rule.resources),
            Self::Namespaces => clear(&mut rule.namespaces),
            Self::NonResourceUrls => clear(&mut rule.non_resource_urls),
        }
    }
}

fn clear<T>(list: &mut Vec<T>) -> bool {
    let had = !list.is_empty();
    list.clear();
    had
}

/// A change of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mutation {
    /// The rule is removed.
    Removed,
    /// The rule and the next one are exchanged.
    Exchanged,
    /// The rule has another level.
    Level(Level),
    /// The rule lacks a condition.
    Without(Predicate),
}

/// A changed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mutant {
    /// The rule that is changed, in the original policy.
    pub rule: RuleIndex,
    /// The change.
    pub mutation: Mutation,
    /// The changed policy.
    pub policy: Policy,
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = self.rule;
        match self.mutation {
            Mutation::Removed => write!(f, "{rule} is removed"),
            Mutation::Exchanged => {
                write!(f, "{rule} and rule {} are exchanged", rule.number() + 1)
            }
            Mutation::Level(level) => write!(f, "{rule} has the level `{level}`"),
            Mutation::Without(predicate) => write!(f, "{rule} lacks `{}`", predicate.name()),
        }
    }
}

impl Mutant {
    /// Returns the index in the original policy of a rule of the changed one.
    pub(crate) fn original(&self, rule: RuleIndex) -> RuleIndex {
        let (at, changed) = (rule.get(), self.rule.get());
        let index = match self.mutation {
            Mutation::Removed if at >= changed => at + 1,
            Mutation::Exchanged if at == changed => at + 1,
            Mutation::Exchanged if at == changed + 1 => changed,
            _ => at,
        };
        RuleIndex::new(index)
    }
}

/// Returns every policy in which one rule is removed, exchanged with the next one, has another level, or lacks one of its conditions.
///
/// ```
/// use audit_policy::{Level, Policy, Rule};
/// use audit_tests::mutants;
///
/// let mut rule = Rule::new(Level::None);
/// rule.verbs = vec!["watch".to_owned()];
/// let policy = Policy::new(vec![rule, Rule::new(Level::Metadata)]);
/// let changes: Vec<String> = mutants(&policy).map(|mutant| mutant.to_string()).collect();
/// // Two are removed, one pair is exchanged, each has three other levels, and one condition can go.
/// assert_eq!(changes.len(), 2 + 1 + 2 * 3 + 1);
/// assert_eq!(changes[0], "rule 1 is removed");
/// ```
pub fn mutants(policy: &Policy) -> impl Iterator<Item = Mutant> + '_ {
    let rules = policy.rules.iter().enumerate();
    rules.flat_map(move |(index, rule)| {
        let levels = Level::ALL.into_iter().filter(|level| *level != rule.level);
        let mutations = [Mutation::Removed, Mutation::Exchanged]
            .into_iter()
            .chain(levels.map(Mutation::Level))
            .chain(Predicate::ALL.into_iter().map(Mutation::Without));
        mutations.filter_map(move |mutation| mutant(policy, index, mutation))
    })
}

fn mutant(policy: &Policy, index: usize, mutation: Mutation) -> Option<Mutant> {
    let mut changed = policy.clone();
    match mutation {
        Mutation::Removed => {
            changed.rules.remove(index);
        }
        Mutation::Exchanged => {
            if index + 1 >= changed.rules.len() {
                return None;
            }
            changed.rules.swap(index, index + 1);
        }
        Mutation::Level(level) => changed.rules.get_mut(index)?.level = level,
        Mutation::Without(predicate) => {
            if !predicate.drop_from(changed.rules.get_mut(index)?) {
                return None;
            }
        }
    }
    Some(Mutant {
        rule: RuleIndex::new(index),
        mutation,
        policy: changed,
    })
}
