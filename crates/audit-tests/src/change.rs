//! Changes of a policy that let a detection fire.

use audit_analysis::{
    Attribute, Class, TooLarge, Values, counterexample, edited, insert_rule, removal_edits,
    rule_yaml,
};
use audit_policy::{GroupResources, KubernetesVersion, Level, Loaded, Policy, Rule, Verdict, load};
use audit_types::{Path, RuleIndex, Stage};

use crate::detect::{Blinding, Detected};
use crate::detection::{Detection, Fires};
use crate::run::Runner;

/// A change of a policy after which a detection that never fired can fire. Nothing can be left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// A stage that the policy no longer omits for all rules.
    pub recorded_stage: Option<Stage>,
    /// Rules that are inserted.
    pub rules: Vec<Rule>,
    /// The rule before which they are inserted; the number of rules for the end.
    pub before: RuleIndex,
    /// The changed policy.
    pub policy: Policy,
    /// The requests for which the detection can fire then.
    pub fires: Fires,
}

/// Reason why a change cannot be written into the text of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeError {
    /// The layout of the text leaves no certain place for it, such as with anchors or in JSON.
    Layout,
}

impl Change {
    /// Describes the change in one line: "insert a rule before rule 3".
    pub fn words(&self) -> String {
        let stage = self.recorded_stage;
        let stage = stage.map(|stage| format!("no longer omit `{stage}` for all rules"));
        let rules = match self.rules.len() {
            0 => None,
            1 => Some("insert a rule".to_owned()),
            count => Some(format!("insert {count} rules")),
        };
        let is_last = self.before.get() + self.rules.len() >= self.policy.rules.len();
        let place = match is_last {
            true => "at the end".to_owned(),
            false => format!("before {}", self.before),
        };
        let rules = rules.map(|rules| format!("{rules} {place}"));
        let parts: Vec<String> = stage.into_iter().chain(rules).collect();
        parts.join(", and ")
    }

    /// Returns the inserted rules as YAML.
    pub fn yaml(&self) -> String {
        self.rules.iter().map(rule_yaml).collect()
    }

    /// Returns the text of the policy with the change; everything else stays as it is written. The text loads as the changed policy.
    ///
    /// # Errors
    ///
    /// Returns an error if the layout of the text leaves no certain place for the change.
    pub fn text(&self, loaded: &Loaded, version: KubernetesVersion) -> Result<String, ChangeError> {
        let mut text = loaded.text.clone();
        if let Some(stage) = self.recorded_stage {
            text = without_stage(loaded, stage, version).ok_or(ChangeError::Layout)?;
        }
        for (offset, rule) in self.rules.iter().enumerate() {
            let now = load(text.as_bytes(), version);
            let place = self.before.get() + offset;
            let edit = insert_rule(&now, text.as_bytes(), place, rule);
            let edit = edit.map_err(|_| ChangeError::Layout)?;
            text.insert_str(edit.at, &edit.insert);
        }
        let policy = load(text.as_bytes(), version).policy;
        match policy.is_some_and(|policy| policy == self.policy) {
            true => Ok(text),
            false => Err(ChangeError::Layout),
        }
    }
}

/// Returns the text without a stage that the policy omits for all rules.
fn without_stage(loaded: &Loaded, stage: Stage, version: KubernetesVersion) -> Option<String> {
    let list = Path::root().field("omitStages");
    let omitted = &load(loaded.text.as_bytes(), version).policy?.omit_stages;
    let removed = match omitted.iter().all(|one| *one == stage) {
        true => vec![list],
        false => {
            let indexed = omitted.iter().enumerate();
            let of_stage = indexed.filter(|(_, one)| **one == stage);
            of_stage
                .map(|(index, _)| list.clone().index(index))
                .collect()
        }
    };
    edited(&loaded.text, &removal_edits(loaded, &removed)?)
}

impl Runner<'_> {
    /// Returns a change after which a detection that never fires can fire for as many of its requests as rules can name. `None` if it can already
    /// fire, or if no rule can name its requests.
    ///
    /// The rules come before the first one that blinds it, so that what comes before keeps its effect. So do rules of level `None` for some users or
    /// groups, if it can fire for others. No request is recorded at a lower level than before. Without any verb, resource or other value of them, fewer of its requests would be recorded.
    ///
    /// # Errors
    ///
    /// Returns an error if that takes too long to decide.
    pub fn change_for(
        &self,
        detection: &Detection,
        detected: &Detected,
    ) -> Result<Option<Change>, TooLarge> {
        let (Some(Fires::Never), Some(first)) = (detected.fires, detected.blinded_by.first())
        else {
            return Ok(None);
        };
        let place = |blinding: &Blinding| {
            let rule = blinding.rule();
            rule.map_or(self.rule_count(), RuleIndex::get)
        };
        let first = place(first);
        let mut places = detected.blinded_by.iter().map(place);
        let after_exclusions = places.find(|place| !self.is_exclusion(*place));
        let mut draft = Draft {
            detection,
            version: self.version(),
            policy: self.policy().clone(),
            before: after_exclusions.unwrap_or(first),
            rules: Vec::new(),
        };
        let recorded_stage = draft.record_stage();
        let mut fires = draft.fires()?;
        if fires == Fires::Never {
            fires = draft.insert_rules()?;
            if fires == Fires::Never {
                draft.before = first;
                fires = draft.insert_rules()?;
            }
            if fires == Fires::Never {
                return Ok(None);
            }
            draft.minimize(fires)?;
        }
        Ok(Some(Change {
            recorded_stage,
            policy: draft.changed(),
            before: RuleIndex::new(draft.before),
            rules: draft.rules,
            fires,
        }))
    }
}

impl Runner<'_> {
    /// Returns true if a rule leaves out requests of some users or groups on purpose.
    fn is_exclusion(&self, rule: usize) -> bool {
        self.policy().rules.get(rule).is_some_and(|rule| {
            rule.level == Level::None && !(rule.users.is_empty() && rule.user_groups.is_empty())
        })
    }
}

/// A change that is being made.
struct Draft<'d> {
    detection: &'d Detection,
    version: KubernetesVersion,
    /// The policy without the rules.
    policy: Policy,
    before: usize,
    rules: Vec<Rule>,
}

impl Draft<'_> {
    /// Records a stage if the policy omits all that the detection can use, and returns it.
    fn record_stage(&mut self) -> Option<Stage> {
        let omitted = &mut self.policy.omit_stages;
        let mut stages = self.detection.stages.iter();
        if !stages.all(|stage| omitted.contains(&stage)) {
            return None;
        }
        let stage = self.detection.preferred_stage()?;
        omitted.retain(|one| *one != stage);
        Some(stage)
    }

    fn changed(&self) -> Policy {
        let mut policy = self.policy.clone();
        let at = self.before.min(policy.rules.len());
        policy.rules.splice(at..at, self.rules.iter().cloned());
        policy
    }

    fn fires(&self) -> Result<Fires, TooLarge> {
        let policy = self.changed();
        let detected = Runner::new(&policy, self.version).detect(self.detection)?;
        Ok(detected.fires.unwrap_or(Fires::Never))
    }

    /// Sets the rules for the place, and returns the requests for which the detection can fire then.
    fn insert_rules(&mut self) -> Result<Fires, TooLarge> {
        self.rules = rules_for(self.detection);
        self.raise_levels()?;
        self.fires()
    }

    /// Gives each rule the highest level that its requests had before, so that none is recorded at a lower one.
    fn raise_levels(&mut self) -> Result<(), TooLarge> {
        let runner = Runner::new(&self.policy, self.version);
        let before = self.before;
        for rule in &mut self.rules {
            let classes = classes_of(rule);
            loop {
                let is_kept = |verdict: Verdict| {
                    let is_earlier = verdict.rule.is_some_and(|rule| rule.get() < before);
                    is_earlier || verdict.level <= rule.level
                };
                let options = runner.options(false);
                match counterexample(&self.policy, &classes, options, is_kept)? {
                    Some(found) => rule.level = found.verdict.level,
                    None => break,
                }
            }
        }
        Ok(())
    }

    /// Leaves out each rule and each value without which the detection can fire for as many requests.
    fn minimize(&mut self, fires: Fires) -> Result<(), TooLarge> {
        let mut index = 0;
        while index < self.rules.len() {
            let rule = self.rules.remove(index);
            if self.fires()? == fires {
                continue;
            }
            self.rules.insert(index, rule);
            self.minimize_rule(index, fires)?;
            index += 1;
        }
        Ok(())
    }

    fn minimize_rule(&mut self, index: usize, fires: Fires) -> Result<(), TooLarge> {
        let mut place = 0;
        while let Some(rule) = self.rules.get(index).cloned() {
            match without_value(&rule, place) {
                Smaller::End => break,
                Smaller::Needed => place += 1,
                Smaller::Rule(smaller) => {
                    self.replace(index, smaller);
                    if self.fires()? != fires {
                        self.replace(index, rule);
                        place += 1;
                    }
                }
            }
        }
        Ok(())
    }

    fn replace(&mut self, index: usize, rule: Rule) {
        if let Some(place) = self.rules.get_mut(index) {
            *place = rule;
        }
    }
}

/// A rule without one of its values.
enum Smaller {
    /// The rule without the value.
    Rule(Rule),
    /// The value is the only one of its list, without which the rule would match more.
    Needed,
    /// There is no such value.
    End,
}

/// Returns a rule without one of its values, which are counted through its lists.
fn without_value(rule: &Rule, place: usize) -> Smaller {
    let mut smaller = rule.clone();
    let is_only_entry = smaller.resources.len() == 1;
    let mut rest = place;
    let lists = [
        &mut smaller.verbs,
        &mut smaller.namespaces,
        &mut smaller.users,
        &mut smaller.user_groups,
        &mut smaller.non_resource_urls,
    ];
    let entries = smaller.resources.iter_mut();
    let of_entries = entries.flat_map(|entry| [&mut entry.resources, &mut entry.resource_names]);
    let mut is_needed = None;
    for list in lists.into_iter().chain(of_entries) {
        if rest < list.len() {
            is_needed = Some(list.len() == 1);
            list.remove(rest);
            break;
        }
        rest -= list.len();
    }
    match is_needed {
        Some(true) => return Smaller::Needed,
        Some(false) => return Smaller::Rule(smaller),
        None => {}
    }
    // After the values, whole entries.
    match rest < smaller.resources.len() {
        true if is_only_entry => Smaller::Needed,
        true => {
            smaller.resources.remove(rest);
            Smaller::Rule(smaller)
        }
        false => Smaller::End,
    }
}

/// Returns rules that match the requests of a detection, and others if rules cannot tell them apart.
fn rules_for(detection: &Detection) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for class in &detection.classes {
        let rule = rule_for(class, detection.level);
        let alike = rules.iter_mut().find(|other| is_alike(other, &rule));
        match alike {
            Some(other) => rule
                .resources
                .into_iter()
                .for_each(|entry| add_entry(other, entry)),
            None => rules.push(rule),
        }
    }
    rules
}

/// Returns true if two rules differ in their resources only.
fn is_alike(one: &Rule, other: &Rule) -> bool {
    let mut same = one.clone();
    same.resources.clone_from(&other.resources);
    same == *other && !one.resources.is_empty() && !other.resources.is_empty()
}

fn add_entry(rule: &mut Rule, entry: GroupResources) {
    let mut entries = rule.resources.iter_mut();
    let alike = entries.find(|one| {
        one.group == entry.group
            && one.resource_names == entry.resource_names
            && !one.resources.is_empty()
            && !entry.resources.is_empty()
    });
    match alike {
        Some(one) => {
            let new = entry.resources.into_iter();
            let new: Vec<String> = new.filter(|name| !one.resources.contains(name)).collect();
            one.resources.extend(new);
        }
        None => rule.resources.push(entry),
    }
}

fn rule_for(class: &Class, level: Level) -> Rule {
    let mut rule = Rule::new(level);
    rule.verbs = listed(class, Attribute::Verb);
    rule.namespaces = listed(class, Attribute::Namespace);
    rule.user_groups = listed(class, Attribute::UserGroup);
    rule.non_resource_urls = listed(class, Attribute::Path);
    let users = listed(class, Attribute::User);
    match users.as_slice() {
        [prefix] if prefix.ends_with('*') => rule.user_groups.extend(group_of(prefix)),
        names if names.iter().any(|name| name.ends_with('*')) => {}
        _ => rule.users = users,
    }
    let resources = full_resources(class);
    let names = listed(class, Attribute::Name);
    let has_prefix = names.iter().any(|name| name.ends_with('*'));
    let is_of_resources = !resources.is_empty();
    rule.resources = listed(class, Attribute::ApiGroup)
        .into_iter()
        .filter(|_| is_of_resources || rule.non_resource_urls.is_empty())
        .map(|group| {
            let mut entry = GroupResources::new(group, resources.clone());
            if !has_prefix && is_of_resources {
                entry.resource_names.clone_from(&names);
            }
            entry
        })
        .collect();
    rule
}

/// Returns the values that a class lists for an attribute; empty if it leaves some out or has no condition.
fn listed(class: &Class, attribute: Attribute) -> Vec<String> {
    let mut conditions = class.conditions.iter();
    let listed = conditions.find_map(|condition| match &condition.values {
        Values::In(values) if condition.attribute == attribute => Some(values),
        _ => None,
    });
    listed.into_iter().flatten().flatten().cloned().collect()
}

/// Returns the resources with their subresources, as rules write them.
fn full_resources(class: &Class) -> Vec<String> {
    let resources = listed(class, Attribute::Resource);
    let subresources = listed(class, Attribute::Subresource);
    if subresources.is_empty() {
        let with_all = |name: String| format!("{name}/*");
        return resources.into_iter().map(with_all).collect();
    }
    let any = vec!["*".to_owned()];
    let resources = if resources.is_empty() { any } else { resources };
    let full = |resource: &String, subresource: &String| match subresource.is_empty() {
        true => resource.clone(),
        false => format!("{resource}/{subresource}"),
    };
    let pairs = resources.iter().flat_map(|resource| {
        let with = subresources.iter();
        with.map(move |subresource| full(resource, subresource))
    });
    pairs.collect()
}

/// Returns the group of the users whose names begin so.
fn group_of(prefix: &str) -> Option<String> {
    match prefix.strip_suffix('*')? {
        "system:serviceaccount:" => Some("system:serviceaccounts".to_owned()),
        "system:node:" => Some("system:nodes".to_owned()),
        account => {
            let namespace = account.strip_prefix("system:serviceaccount:")?;
            let namespace = namespace.strip_suffix(':')?;
            Some(format!("system:serviceaccounts:{namespace}"))
        }
    }
}

/// Returns the requests of a rule that was made of classes.
fn classes_of(rule: &Rule) -> Vec<Class> {
    let mut base = Class::default();
    let lists = [
        (Attribute::Verb, &rule.verbs),
        (Attribute::Namespace, &rule.namespaces),
        (Attribute::User, &rule.users),
        (Attribute::UserGroup, &rule.user_groups),
        (Attribute::Path, &rule.non_resource_urls),
    ];
    for (attribute, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
        base = base.with(attribute, Values::among(values.iter().cloned()));
    }
    if rule.resources.is_empty() {
        return vec![base];
    }
    let entries = rule.resources.iter();
    entries
        .flat_map(|entry| classes_of_entry(&base, entry))
        .collect()
}

fn classes_of_entry(base: &Class, entry: &GroupResources) -> Vec<Class> {
    let group = Values::among([entry.group.clone()]);
    let mut base = base.clone().with(Attribute::ApiGroup, group);
    if !entry.resource_names.is_empty() {
        let names = Values::among(entry.resource_names.iter().cloned());
        base = base.with(Attribute::Name, names);
    }
    if entry.resources.is_empty() {
        return vec![base];
    }
    let class = |full: &String| {
        let (resource, subresource) = full.split_once('/').unwrap_or((full, ""));
        let mut class = base.clone();
        if resource != "*" {
            class = class.with(Attribute::Resource, Values::among([resource]));
        }
        if subresource != "*" {
            class = class.with(Attribute::Subresource, Values::among([subresource]));
        }
        class
    };
    entry.resources.iter().map(class).collect()
}
