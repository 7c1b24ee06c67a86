//! The rules of a policy as conditions on attributes, as `audit_policy::Matcher` applies them, and what follows from the rule that matches.

use audit_policy::{GroupResources, Level, Policy, Rule, Stage};
use audit_types::Outcome;

use crate::expression::Expression::{
    All, Any, Choose, Constant, HasAny, IsNumber, Null, Number, Of, StartsWithAny,
};
use crate::expression::{Binding, Expression, Variable};

/// Returns `true` if some rule lists object names.
pub(crate) fn use_names(policy: &Policy) -> bool {
    let mut entries = policy.rules.iter().flat_map(|rule| &rule.resources);
    entries.any(|entry| !entry.resource_names.is_empty())
}

/// Returns the bindings of rule, level and outcome.
pub(crate) fn bindings(policy: &Policy) -> Vec<Binding> {
    let bind = |name, value| Binding { name, value };
    vec![
        bind(Variable::Rule, rule_number(policy)),
        bind(Variable::Level, level(policy)),
        bind(Variable::Outcome, outcome(policy)),
    ]
}

/// Returns the number of the first rule that matches. Rules after one without conditions are left out.
fn rule_number(policy: &Policy) -> Expression {
    let mut choices = vec![(Of(Variable::IsKnown).negated(), Null)];
    for (number, rule) in policy.rules.iter().enumerate() {
        if rule.is_unconditional() {
            return Choose(choices, Box::new(Number(number)));
        }
        choices.push((condition(rule), Number(number)));
    }
    Choose(choices, Box::new(Null))
}

/// Returns the level: that of the rule, or `None` if no rule matches.
fn level(policy: &Policy) -> Expression {
    let mut choices = vec![(Of(Variable::IsKnown).negated(), Null)];
    for level in Level::ALL {
        let rules = numbers(policy, |rule| rule.level == level);
        if level != Level::None && !rules.is_empty() {
            let is_of_level = IsNumber(Variable::Rule, rules);
            choices.push((is_of_level, Expression::text(level.name())));
        }
    }
    Choose(choices, Box::new(Expression::text(Level::None.name())))
}

/// Returns the outcome. A stage that the server does not have may be any, so it counts only if the rule omits none.
fn outcome(policy: &Policy) -> Expression {
    let text = |outcome: Outcome| Expression::text(outcome.name());
    let omits = |rule: &Rule, stage| {
        policy.omit_stages.contains(&stage) || rule.omit_stages.contains(&stage)
    };
    let mut dropped = Vec::new();
    for stage in Stage::ALL {
        let rules = numbers(policy, |rule| omits(rule, stage));
        if !rules.is_empty() {
            let is_stage = Expression::is_in(Variable::Stage, [stage.name()]);
            dropped.push(All(vec![is_stage, IsNumber(Variable::Rule, rules)]));
        }
    }
    let mut choices = vec![
        (Of(Variable::IsKnown).negated(), text(Outcome::Unknowable)),
        (
            Expression::is_in(Variable::Level, [Level::None.name()]),
            text(Outcome::DroppedLevel),
        ),
    ];
    if !dropped.is_empty() {
        let stages = Stage::ALL.map(Stage::name);
        let omit_some = numbers(policy, |rule| {
            Stage::ALL.into_iter().any(|stage| omits(rule, stage))
        });
        let is_other = Expression::is_in(Variable::Stage, stages).negated();
        choices.push((Any(dropped), text(Outcome::DroppedStage)));
        choices.push((
            All(vec![is_other, IsNumber(Variable::Rule, omit_some)]),
            text(Outcome::Unknowable),
        ));
    }
    Choose(choices, Box::new(text(Outcome::Written)))
}

/// Returns the numbers of some rules.
fn numbers(policy: &Policy, is_one: impl Fn(&Rule) -> bool) -> Vec<usize> {
    let rules = policy.rules.iter().enumerate();
    rules
        .filter(|(_, rule)| is_one(rule))
        .map(|(number, _)| number)
        .collect()
}

/// Returns the condition that a rule matches.
fn condition(rule: &Rule) -> Expression {
    let mut conditions = Vec::new();
    if !rule.users.is_empty() {
        conditions.push(Expression::is_in(Variable::UserName, &rule.users));
    }
    if !rule.user_groups.is_empty() {
        conditions.push(HasAny(Variable::Groups, rule.user_groups.clone()));
    }
    if !rule.verbs.is_empty() {
        conditions.push(Expression::is_in(Variable::Verb, &rule.verbs));
    }
    if !rule.namespaces.is_empty() || !rule.resources.is_empty() {
        conditions.push(Of(Variable::IsResource));
    }
    if !rule.namespaces.is_empty() {
        conditions.push(Expression::is_in(Variable::Namespace, &rule.namespaces));
    }
    if !rule.resources.is_empty() {
        conditions.push(Any(rule.resources.iter().map(entry).collect()));
    }
    if !rule.non_resource_urls.is_empty() {
        conditions.push(Of(Variable::IsResource).negated());
        conditions.push(is_url(&rule.non_resource_urls));
    }
    All(conditions)
}

/// Returns the condition that an entry of `resources` matches.
fn entry(entry: &GroupResources) -> Expression {
    let mut conditions = Vec::new();
    if entry.group != "*" {
        conditions.push(Expression::is_in(Variable::ApiGroup, [&entry.group]));
    }
    if !entry.resources.is_empty() {
        conditions.push(is_resource(&entry.resources));
        if !entry.resource_names.is_empty() {
            conditions.push(Expression::is_in(
                Variable::ObjectName,
                &entry.resource_names,
            ));
        }
    }
    All(conditions)
}

/// Returns the condition that a pattern of resources fits: `pods`, `pods/log`, `pods/*`, `*/scale` or `*`. No segment contains a slash.
fn is_resource(patterns: &[String]) -> Expression {
    if patterns.iter().any(|pattern| pattern == "*") {
        return Constant(true);
    }
    let mut plain = Vec::new();
    let mut any_subresource = Vec::new();
    let mut any_resource = Vec::new();
    let mut conditions = Vec::new();
    for pattern in patterns {
        match pattern.split_once('/') {
            None => plain.push(pattern.clone()),
            Some((resource, subresource)) => {
                // A pattern with a second slash equals no resource: the server has only one subresource.
                if !subresource.is_empty() && !subresource.contains('/') {
                    conditions.push(All(vec![
                        Expression::is_in(Variable::Resource, [resource]),
                        Expression::is_in(Variable::Subresource, [subresource]),
                    ]));
                }
            }
        }
        if let Some(resource) = pattern.strip_suffix("/*") {
            any_subresource.push(resource.to_owned());
        }
        if let Some(subresource) = pattern.strip_prefix("*/")
            && !subresource.is_empty()
        {
            any_resource.push(subresource.to_owned());
        }
    }
    if !plain.is_empty() {
        conditions.push(All(vec![
            Expression::is_in(Variable::Subresource, [""]),
            Expression::is_in(Variable::Resource, plain),
        ]));
    }
    if !any_subresource.is_empty() {
        conditions.push(Expression::is_in(Variable::Resource, any_subresource));
    }
    if !any_resource.is_empty() {
        conditions.push(Expression::is_in(Variable::Subresource, any_resource));
    }
    Any(conditions)
}

/// Returns the condition that a pattern of `nonResourceURLs` fits the path. All stars at the end are cut off.
fn is_url(patterns: &[String]) -> Expression {
    if patterns.iter().any(|pattern| pattern == "*") {
        return Constant(true);
    }
    let mut conditions = vec![Expression::is_in(Variable::Path, patterns)];
    let prefixes: Vec<String> = patterns
        .iter()
        .filter(|pattern| pattern.ends_with('*'))
        .map(|pattern| pattern.trim_end_matches('*').to_owned())
        .collect();
    if !prefixes.is_empty() {
        conditions.push(StartsWithAny(Variable::Path, prefixes));
    }
    Any(conditions)
}
