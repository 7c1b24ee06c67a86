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

    fn is_in(self, rule: &Rule) -> bool {
        !match self {
            Self::Users => rule.users.is_empty(),
            Self::UserGroups => rule.user_groups.is_empty(),
            Self::Verbs => rule.verbs.is_empty(),
            Self::Resources => rule.resources.is_empty(),
            Self::Namespaces => rule.namespaces.is_empty(),
            Self::NonResourceUrls => rule.non_resource_urls.is_empty(),
        }
    }

    fn drop_from(self, rule: &mut Rule) {
        match self {
            Self::Users => rule.users.clear(),
            Self::UserGroups => rule.user_groups.clear(),
            Self::Verbs => rule.verbs.clear(),
            Self::Resources => rule.resources.clear(),
            Self::Namespaces => rule.namespaces.clear(),
            Self::NonResourceUrls => rule.non_resource_urls.clear(),
        }
    }
}

/// A change of one rule, or of what holds for all rules.
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
    /// The rule omits no stages of its own.
    WithoutStages,
    /// The rule has another value of `omitManagedFields`.
    ManagedFields(bool),
    /// The policy omits no stages; its rules still do.
    PolicyWithoutStages,
    /// The policy does not omit managed fields, unless a rule does.
    PolicyWithManagedFields,
}

impl Mutation {
    /// Returns true if the whole policy is changed, instead of a rule.
    pub const fn is_policy_wide(self) -> bool {
        matches!(
            self,
            Self::PolicyWithoutStages | Self::PolicyWithManagedFields
        )
    }
}

/// A changed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mutant {
    /// The rule that is changed, in the original policy. The first one if the whole policy is.
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
            Mutation::WithoutStages => write!(f, "{rule} lacks `omitStages`"),
            Mutation::ManagedFields(omit) => write!(f, "{rule} has `omitManagedFields: {omit}`"),
            Mutation::PolicyWithoutStages => f.write_str("the policy lacks `omitStages`"),
            Mutation::PolicyWithManagedFields => {
                f.write_str("the policy lacks `omitManagedFields`")
            }
        }
    }
}

impl Mutant {
    /// Returns the rule that is changed. `None` if the whole policy is.
    pub fn changed_rule(&self) -> Option<RuleIndex> {
        (!self.mutation.is_policy_wide()).then_some(self.rule)
    }

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

/// Returns every policy in which one rule is removed, exchanged with the next one, has another level, lacks one of its conditions or its omitted
/// stages, or has the other value of `omitManagedFields`. The last ones lack what the policy omits for all rules.
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
    mutations(policy).filter_map(move |(rule, mutation)| Mutant::new(policy, rule, mutation))
}

/// Returns the changes that are tried, each with its rule.
pub(crate) fn mutations(policy: &Policy) -> impl Iterator<Item = (RuleIndex, Mutation)> + '_ {
    let rules = policy.rules.iter().enumerate();
    let of_rules = rules.flat_map(move |(index, rule)| {
        let is_last = index + 1 == policy.rules.len();
        let levels = Level::ALL.into_iter().filter(|level| *level != rule.level);
        let conditions = Predicate::ALL
            .into_iter()
            .filter(|predicate| predicate.is_in(rule));
        let omits_stages = !rule.omit_stages.is_empty();
        let managed_fields = rule.omit_managed_fields;
        std::iter::once(Mutation::Removed)
            .chain((!is_last).then_some(Mutation::Exchanged))
            .chain(levels.map(Mutation::Level))
            .chain(conditions.map(Mutation::Without))
            .chain(omits_stages.then_some(Mutation::WithoutStages))
            .chain(managed_fields.map(|omit| Mutation::ManagedFields(!omit)))
            .map(move |mutation| (RuleIndex::new(index), mutation))
    });
    let omits_stages = !policy.omit_stages.is_empty();
    let omits_stages = omits_stages.then_some(Mutation::PolicyWithoutStages);
    let omits_managed_fields = policy.omit_managed_fields;
    let omits_managed_fields = omits_managed_fields.then_some(Mutation::PolicyWithManagedFields);
    let of_policy = omits_stages.into_iter().chain(omits_managed_fields);
    of_rules.chain(of_policy.map(|mutation| (RuleIndex::new(0), mutation)))
}

impl Mutant {
    /// Changes a policy. `None` if it lacks what would be changed.
    pub(crate) fn new(policy: &Policy, rule: RuleIndex, mutation: Mutation) -> Option<Self> {
        let index = rule.get();
        let mut changed = policy.clone();
        match mutation {
            Mutation::Removed => {
                policy.rules.get(index)?;
                changed.rules.remove(index);
            }
            Mutation::Exchanged => {
                policy.rules.get(index + 1)?;
                changed.rules.swap(index, index + 1);
            }
            Mutation::PolicyWithoutStages => changed.omit_stages.clear(),
            Mutation::PolicyWithManagedFields => changed.omit_managed_fields = false,
            of_rule => {
                let rule = changed.rules.get_mut(index)?;
                match of_rule {
                    Mutation::Level(level) => rule.level = level,
                    Mutation::Without(predicate) => predicate.drop_from(rule),
                    Mutation::ManagedFields(omit) => rule.omit_managed_fields = Some(omit),
                    _ => rule.omit_stages.clear(),
                }
            }
        }
        Some(Self {
            rule,
            mutation,
            policy: changed,
        })
    }
}
