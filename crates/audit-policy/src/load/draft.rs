//! A rejected policy as far as it was read, so that the lints can report what is certain of it.

use std::collections::BTreeSet;

use crate::decode::decoder::{DecodeProblem, ProblemKind};
use crate::decode::raw_policy::RawPolicy;
use crate::policy::{GroupResources, Policy, Rule};
use crate::validate::InvalidValue;
use audit_types::{Level, Path, Stage, Step};

/// The policy that the rest of a rejected document describes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// The policy without the values that are not known.
    pub(crate) policy: Policy,
    /// The same rules, each matching every request that it may match: a condition that is not known is left out.
    pub(crate) widest: Policy,
    pub(crate) doubts: Doubts,
}

/// Parts of a policy that are not known, because the server rejects them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubts {
    /// Rules whose conditions are not known.
    conditions: BTreeSet<usize>,
    /// Those of them whose resources are not known, apart from their groups.
    resources: BTreeSet<usize>,
    /// Rules whose level is not known.
    levels: BTreeSet<usize>,
    /// Rules whose omitted stages are not known.
    stages: BTreeSet<usize>,
    /// True if the omitted stages of the policy are not known.
    policy_stages: bool,
    /// Values that were rejected; a finding about one of them, or about what contains it, would be a guess.
    rejected: BTreeSet<String>,
}

impl Doubts {
    /// Returns true if the conditions of a rule are known.
    pub(crate) fn is_read(&self, rule: usize) -> bool {
        !self.conditions.contains(&rule)
    }

    /// Returns the level of a rule, if it is known.
    pub(crate) fn level(&self, index: usize, rule: &Rule) -> Option<Level> {
        (!self.levels.contains(&index)).then_some(rule.level)
    }

    /// Returns true if the omitted stages of a rule and of the policy are known.
    pub(crate) fn are_stages_read(&self, rule: usize) -> bool {
        !self.policy_stages && !self.stages.contains(&rule)
    }

    /// Returns true if the resources that a rule lists are known, apart from their groups.
    pub(crate) fn are_resources_read(&self, rule: usize) -> bool {
        !self.resources.contains(&rule)
    }

    /// Returns true if the conditions and the level of a rule are known.
    pub(crate) fn is_decided(&self, rule: usize) -> bool {
        self.is_read(rule) && !self.levels.contains(&rule)
    }

    /// Returns true if all rules and their levels are known.
    pub(crate) fn is_complete(&self) -> bool {
        self.conditions.is_empty() && self.levels.is_empty()
    }

    /// Returns true if a value or one that contains it was rejected.
    pub(crate) fn is_rejected(&self, path: &Path) -> bool {
        let mut above = path.clone();
        while !self.rejected.is_empty() && !above.0.is_empty() {
            if self.rejected.contains(&above.to_string()) {
                return true;
            }
            above.0.pop();
        }
        false
    }

    /// Returns true if a value, one that contains it, or one inside it was rejected.
    pub(crate) fn concerns(&self, path: &Path) -> bool {
        if self.rejected.is_empty() {
            return false;
        }
        if self.is_rejected(path) {
            return true;
        }
        let own = path.to_string();
        // Values inside it sort right behind it, as `rules[1].` and `rules[1][` do.
        [format!("{own}."), format!("{own}[")].iter().any(|prefix| {
            let next = self.rejected.range(prefix.clone()..).next();
            next.is_some_and(|next| next.starts_with(prefix.as_str()))
        })
    }

    /// Notes a rejected value.
    fn reject(&mut self, path: &Path) {
        // Without its group, nothing is known of an entry.
        let entry = match path.0.split_last() {
            Some((Step::Field(field), entry)) if field == "group" => Path(entry.to_vec()),
            _ => path.clone(),
        };
        self.rejected.insert(entry.to_string());
    }

    /// Notes what a rejected value leaves unknown.
    fn doubt(&mut self, path: &Path) {
        match path.0.as_slice() {
            [Step::Field(field), ..] if field == "omitStages" => self.policy_stages = true,
            [Step::Field(_), Step::Index(rule), rest @ ..] => match rest.first() {
                Some(Step::Field(field)) if field == "level" => {
                    self.levels.insert(*rule);
                }
                Some(Step::Field(field)) if field == "omitStages" => {
                    self.stages.insert(*rule);
                }
                Some(Step::Field(field)) if field == "omitManagedFields" => {}
                Some(field) => {
                    self.conditions.insert(*rule);
                    let is_group =
                        matches!(rest.last(), Some(Step::Field(last)) if last == "group");
                    if matches!(field, Step::Field(field) if field == "resources") && !is_group {
                        self.resources.insert(*rule);
                    }
                }
                None => {
                    self.conditions.insert(*rule);
                    self.resources.insert(*rule);
                    self.levels.insert(*rule);
                    self.stages.insert(*rule);
                }
            },
            _ => {}
        }
    }
}

/// Returns the values of the wrong type.
pub(super) fn wrong_types(problems: &[DecodeProblem]) -> Vec<Path> {
    problems
        .iter()
        .filter(|problem| matches!(problem.kind, ProblemKind::WrongType(_)))
        .map(|problem| problem.path.clone())
        .collect()
}

/// Returns true if a value is, or is inside, one of the wrong type: its validation error is an effect of that.
pub(super) fn is_effect(path: &Path, wrong_types: &[Path]) -> bool {
    wrong_types
        .iter()
        .any(|wrong| path.0.starts_with(&wrong.0) || wrong.0.starts_with(&path.0))
}

/// Makes the policy of what was read. `policy` converts it, with the default for an unknown level.
pub(super) fn draft(
    mut raw: RawPolicy,
    wrong_types: &[Path],
    invalid: &[InvalidValue],
    policy: fn(RawPolicy) -> Policy,
) -> Draft {
    let mut doubts = Doubts::default();
    let mut unknown = Vec::new();
    for path in wrong_types {
        doubts.reject(path);
        doubts.doubt(path);
        unknown.push(path);
    }
    // A level or stage that is right except for its case is certain.
    respell(&mut raw);
    for InvalidValue { path, .. } in invalid {
        if is_respelled(&raw, path) {
            continue;
        }
        doubts.doubt(path);
        unknown.push(path);
        // What an invalid URL means is known even so.
        let is_url = path.to_string().contains(".nonResourceURLs[");
        if !is_url {
            doubts.reject(path);
        }
    }
    let policy = policy(raw);
    Draft {
        widest: widest(&policy, &unknown),
        policy,
        doubts,
    }
}

/// Returns a policy whose rules match every request that they match with any values at the paths.
fn widest(policy: &Policy, unknown: &[&Path]) -> Policy {
    let mut widest = policy.clone();
    for path in unknown {
        if let [Step::Field(rules), Step::Index(at), condition @ ..] = path.0.as_slice()
            && rules == "rules"
            && let Some(rule) = widest.rules.get_mut(*at)
        {
            widen(rule, condition);
        }
    }
    for rule in &mut widest.rules {
        // Either may be what is meant.
        let is_for_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
        if is_for_resources && !rule.non_resource_urls.is_empty() {
            rule.resources.clear();
            rule.namespaces.clear();
            rule.non_resource_urls.clear();
        }
    }
    widest
}

/// Makes a rule match what it matches with any value at the path.
fn widen(rule: &mut Rule, condition: &[Step]) {
    let every = || GroupResources {
        group: "*".to_owned(),
        ..GroupResources::default()
    };
    let Some(Step::Field(field)) = condition.first() else {
        *rule = Rule {
            level: rule.level,
            ..Rule::default()
        };
        return;
    };
    match (field.as_str(), condition.get(1), condition.get(2)) {
        ("users", ..) => rule.users.clear(),
        ("userGroups", ..) => rule.user_groups.clear(),
        ("verbs", ..) => rule.verbs.clear(),
        ("namespaces", ..) => {
            rule.namespaces.clear();
            if rule.resources.is_empty() {
                rule.resources.push(every());
            }
        }
        ("nonResourceURLs", ..) => rule.non_resource_urls = vec!["*".to_owned()],
        ("resources", Some(Step::Index(at)), Some(Step::Field(part))) => {
            let Some(entry) = rule.resources.get_mut(*at) else {
                rule.resources = vec![every()];
                return;
            };
            if part == "group" {
                "*".clone_into(&mut entry.group);
            } else {
                entry.resource_names.clear();
                if part == "resources" {
                    entry.resources.clear();
                }
            }
        }
        ("resources", ..) => rule.resources = vec![every()],
        _ => {}
    }
}

fn respell(raw: &mut RawPolicy) {
    let stages = |names: &mut Vec<String>| {
        for name in names {
            if let Some(stage) = stage(name) {
                stage.name().clone_into(name);
            }
        }
    };
    stages(&mut raw.omit_stages);
    for rule in &mut raw.rules {
        stages(&mut rule.omit_stages);
        if let Some(level) = level(&rule.level) {
            level.name().clone_into(&mut rule.level);
        }
    }
}

fn level(name: &str) -> Option<Level> {
    let mut levels = Level::ALL.into_iter();
    levels.find(|level| level.name().eq_ignore_ascii_case(name.trim()))
}

fn stage(name: &str) -> Option<Stage> {
    let mut stages = Stage::ALL.into_iter();
    stages.find(|stage| stage.name().eq_ignore_ascii_case(name.trim()))
}

/// Returns true if the value at a path is a level or stage that is known despite its spelling.
fn is_respelled(raw: &RawPolicy, path: &Path) -> bool {
    let is_stage = |names: &[String], at: usize| {
        let name = names.get(at);
        name.is_some_and(|name| Stage::from_name(name).is_some())
    };
    match path.0.as_slice() {
        [Step::Field(_), Step::Index(at)] => is_stage(&raw.omit_stages, *at),
        [
            Step::Field(_),
            Step::Index(rule),
            Step::Field(field),
            rest @ ..,
        ] => {
            let Some(rule) = raw.rules.get(*rule) else {
                return false;
            };
            match (field.as_str(), rest) {
                ("level", _) => Level::from_name(&rule.level).is_some(),
                ("omitStages", [Step::Index(at)]) => is_stage(&rule.omit_stages, *at),
                _ => false,
            }
        }
        _ => false,
    }
}
