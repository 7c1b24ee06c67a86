//! Claims as goals of the analysis.

use std::collections::BTreeSet;

use audit_analysis::{Attribute, Class, Effects, Goal, Values};
use audit_policy::Verdict;
use audit_tests::{Case, Claim, Expectation};
use audit_types::{Level, Request, Stage};

/// Claims that are goals, and those that are not about the policy.
#[derive(Debug)]
pub(crate) struct Goals {
    pub(crate) goals: Vec<Goal>,
    /// For each goal: the index of its claim, and the claim without the number of a rule.
    pub(crate) cases: Vec<(usize, Case)>,
    /// Claims about flags, and claims that neither policy nor flags decide, by index.
    pub(crate) set_aside: Vec<usize>,
    /// Claims that name a rule, by index: a new policy has its own order.
    pub(crate) named_rule: Vec<usize>,
    /// True if goals are about more requests than their claims: those of a user whatever the groups.
    pub(crate) is_wider: bool,
}

impl Goals {
    /// Returns the goals of claims.
    pub(crate) fn new(cases: &[Case]) -> Self {
        Self::among(cases, listed_groups(cases), false)
    }

    /// Returns goals that are about the users of requests whatever their groups. A policy that meets them meets the claims and has fewer rules, but
    /// they can contradict each other where the claims do not. `None` if no request has groups.
    pub(crate) fn wider(cases: &[Case]) -> Option<Self> {
        let has_groups = |case: &Case| matches!(&case.claim, Claim::Request { request, .. } if request.user.is_some() && !request.groups.is_empty());
        cases
            .iter()
            .any(has_groups)
            .then(|| Self::among(cases, BTreeSet::new(), true))
    }

    fn among(cases: &[Case], groups: BTreeSet<&str>, is_wider: bool) -> Self {
        let mut goals = Self {
            goals: Vec::new(),
            cases: Vec::new(),
            set_aside: Vec::new(),
            named_rule: Vec::new(),
            is_wider,
        };
        for (index, case) in cases.iter().enumerate() {
            goals.add(index, case, &groups);
        }
        goals
    }

    fn add(&mut self, index: usize, case: &Case, groups: &BTreeSet<&str>) {
        let mut case = case.clone();
        let expected = match &mut case.claim {
            Claim::Class(claim) => &mut claim.expected,
            Claim::Request { expected, .. } => expected,
            _ => {
                self.set_aside.push(index);
                return;
            }
        };
        if expected.rule.take().is_some() {
            self.named_rule.push(index);
        }
        let expected = *expected;
        if expected == Expectation::default() {
            return;
        }
        let allowed = Effects::of(|verdict| !is_silent(verdict) && expected.is_met(verdict));
        let mut goal = match &case.claim {
            Claim::Class(claim) => Goal::new(claim.classes.clone(), allowed),
            Claim::Request { request, .. } => Goal::new(vec![class_of(request, groups)], allowed),
            _ => return,
        };
        goal.is_every = match &case.claim {
            Claim::Class(claim) => claim.is_every,
            _ => true,
        };
        self.goals.push(goal);
        self.cases.push((index, case));
    }
}

/// Returns true for a level whose events are all omitted. Nobody means that by claiming a level: who wants no events wants the level `None`.
fn is_silent(verdict: Verdict) -> bool {
    let mut stages = Stage::ALL.into_iter();
    verdict.level != Level::None && stages.all(|stage| verdict.omit_stages.contains(stage))
}

/// Returns the groups that claims name.
fn listed_groups(cases: &[Case]) -> BTreeSet<&str> {
    let mut groups = BTreeSet::new();
    for case in cases {
        match &case.claim {
            Claim::Class(claim) => {
                let conditions = claim.classes.iter().flat_map(|class| &class.conditions);
                let of_groups = conditions.filter(|own| own.attribute == Attribute::UserGroup);
                let listed = of_groups.flat_map(|own| own.values.listed());
                groups.extend(listed.flatten().map(String::as_str));
            }
            Claim::Request { request, .. } => {
                groups.extend(request.groups.iter().map(String::as_str));
            }
            _ => {}
        }
    }
    groups
}

/// Returns the class of the requests that no rule distinguishes from a request: of the groups, only those that claims name matter.
fn class_of(request: &Request, groups: &BTreeSet<&str>) -> Class {
    let one = |value: &str| Values::among([value]);
    let user = Values::In(vec![request.user_name().map(str::to_owned)]);
    let mut class = Class::default()
        .with(Attribute::User, user)
        .with(Attribute::Verb, one(&request.verb));
    for group in groups {
        let is_in = request.groups.iter().any(|own| own == group);
        let values = match is_in {
            true => one(group),
            false => Values::other_than([*group]),
        };
        class = class.with(Attribute::UserGroup, values);
    }
    if !request.is_resource_request {
        return class.with(Attribute::Path, one(&request.path));
    }
    class
        .with(Attribute::ApiGroup, one(&request.api_group))
        .with(Attribute::Resource, one(&request.resource))
        .with(Attribute::Subresource, one(&request.subresource))
        .with(Attribute::Namespace, one(&request.namespace))
        .with(Attribute::Name, one(&request.name))
}
