//! A rejected policy as far as it was read, so that the lints can report what is certain of it.

use std::collections::BTreeSet;

use crate::decode::decoder::{DecodeProblem, ProblemKind};
use crate::decode::raw_policy::RawPolicy;
use crate::policy::{Policy, Rule};
use crate::validate::InvalidValue;
use audit_types::{Level, Path, Stage, Step};

/// The policy that the rest of a rejected document describes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) policy: Policy,
    pub(crate) doubts: Doubts,
}

/// Parts of a policy that are not known, because the server rejects them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doubts {
    /// Rules whose conditions are not known.
    conditions: BTreeSet<usize>,
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

    /// Returns true if a rule and those before it, with their levels, are known.
    pub(crate) fn is_complete_up_to(&self, rule: usize) -> bool {
        let mut unknown = self
            .conditions
            .range(..=rule)
            .chain(self.levels.range(..=rule));
        unknown.next().is_none()
    }

    /// Returns true if all rules and their levels are known.
    pub(crate) fn is_complete(&self) -> bool {
        self.conditions.is_empty() && self.levels.is_empty()
    }

    /// Returns true if a value, one that contains it, or one inside it was rejected.
    pub(crate) fn concerns(&self, path: &Path) -> bool {
        if self.rejected.is_empty() {
            return false;
        }
        let own = path.to_string();
        let mut above = path.clone();
        loop {
            if self.rejected.contains(&above.to_string()) {
                return true;
            }
            if above.0.pop().is_none() || above.0.is_empty() {
                break;
            }
        }
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
                Some(_) => {
                    self.conditions.insert(*rule);
                }
                None => {
                    self.conditions.insert(*rule);
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
    for path in wrong_types {
        doubts.reject(path);
        doubts.doubt(path);
    }
    // A level or stage that is right except for its case is certain.
    respell(&mut raw);
    for InvalidValue { path, .. } in invalid {
        if is_respelled(&raw, path) {
            continue;
        }
        doubts.doubt(path);
        // What an invalid URL means is known even so.
        let is_url = path.to_string().contains(".nonResourceURLs[");
        if !is_url {
            doubts.reject(path);
        }
    }
    Draft {
        policy: policy(raw),
        doubts,
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
