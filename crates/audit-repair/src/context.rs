//! Objects of a policy that are open at a line, and where a key belongs.

use audit_policy::{FieldForm, KubernetesVersion, PolicyObject, field_form};

use crate::token::{ValueForm, is_known, is_of_rule};

/// Column of a line in the source, and in the repaired text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) printed: usize,
    pub(crate) out: usize,
}

impl Column {
    /// Returns the column of a list's dash below this key. A dash may be in the column of its key, but not before it.
    pub(crate) const fn of_items(self, printed: usize) -> Self {
        Self {
            printed,
            out: self.out + printed.saturating_sub(self.printed),
        }
    }

    /// Returns the column some characters further.
    pub(crate) const fn plus(self, offset: usize) -> Self {
        Self {
            printed: self.printed + offset,
            out: self.out + offset,
        }
    }
}

/// An open object.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    object: PolicyObject,
    /// Column of its keys.
    pub(crate) column: Column,
    /// Fields that it has.
    seen: Vec<String>,
}

impl Context {
    pub(crate) const fn new(object: PolicyObject, column: Column) -> Self {
        Self {
            object,
            column,
            seen: Vec::new(),
        }
    }

    /// Returns `true` if the object has the field already.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.seen.iter().any(|seen| seen == name)
    }

    /// Notes a field. Only those that policies have are counted, so there are few.
    pub(crate) fn note(&mut self, name: &str) {
        if is_known(name) && !self.has(name) {
            self.seen.push(name.to_owned());
        }
    }

    /// Returns the form of a field. `None` if the object has no such field.
    pub(crate) fn form(&self, name: &str) -> Option<FieldForm> {
        field_form(self.object, name, KubernetesVersion::NEWEST)
    }

    /// Returns `true` if a key with such a value belongs here.
    fn fits(&self, name: &str, value: ValueForm) -> bool {
        if self.has(name) {
            return false;
        }
        match self.form(name) {
            Some(FieldForm::Texts) => value != ValueForm::Objects,
            Some(FieldForm::Objects) => value != ValueForm::Texts && value != ValueForm::Other,
            Some(FieldForm::Scalar | FieldForm::Mapping) => true,
            None => false,
        }
    }
}

/// An object of which a key can be a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Policy,
    Rule,
    Group,
}

/// Place of a key without a dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// In an open object.
    In(Place),
    /// In the rule or in the policy.
    Ask,
    /// In a rule that begins here, of which the dash is lost.
    NewRule,
    /// In an entry of the rule's resources that begins here, of which the dash is lost.
    NewGroup,
    /// Nowhere.
    Nowhere,
}

/// A key without a dash.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'t> {
    pub(crate) name: &'t str,
    pub(crate) value: ValueForm,
    pub(crate) column: usize,
    /// `true` if the rules go on after it.
    pub(crate) is_before_rules_end: bool,
}

/// Open objects, the rule's entry first.
pub(crate) struct Open<'c> {
    pub(crate) group: Option<&'c Context>,
    pub(crate) rule: Option<&'c Context>,
    pub(crate) policy: &'c Context,
    /// Column of the dashes of rules.
    pub(crate) dash: Option<usize>,
    /// `true` if the rule has a list of resources to which entries can be added.
    pub(crate) has_list: bool,
    /// `true` if `rules` is there.
    pub(crate) has_rules: bool,
    /// `true` if a part of a rule before was not in the column of its object.
    pub(crate) is_lost: bool,
}

impl Open<'_> {
    fn all(&self) -> impl Iterator<Item = (Place, &Context)> {
        let group = self.group.map(|group| (Place::Group, group));
        let rule = self.rule.map(|rule| (Place::Rule, rule));
        let policy = (Place::Policy, self.policy);
        group.into_iter().chain(rule).chain([policy])
    }

    /// Decides where a key belongs: where it is printed if that is possible, and else where the schema has it.
    pub(crate) fn choose(&self, key: Key<'_>) -> Choice {
        let Key { name, column, .. } = key;
        if name == "rules" {
            return if self.has_rules {
                Choice::Nowhere
            } else {
                Choice::In(Place::Policy)
            };
        }
        let fits = |place: Place| {
            self.all()
                .any(|(open, context)| open == place && context.fits(name, key.value))
        };
        let is_printed_in = |context: &Context| context.column.printed == column;
        let mut exact = self.all().filter(|(_, context)| is_printed_in(context));
        let exact_fit = exact
            .find(|(place, _)| fits(*place))
            .map(|(place, _)| place);
        let is_in_rules = self.rule.is_some();
        match exact_fit {
            Some(Place::Policy) if is_in_rules && fits(Place::Rule) => {
                return match (key.is_before_rules_end, self.is_lost) {
                    (true, _) => Choice::In(Place::Rule),
                    (false, true) => Choice::Ask,
                    (false, false) => Choice::In(Place::Policy),
                };
            }
            Some(Place::Policy) if is_in_rules && key.is_before_rules_end => {
                return Choice::Nowhere;
            }
            Some(place) => return Choice::In(place),
            None => {}
        }
        if name == "level"
            && !fits(Place::Rule)
            && (is_in_rules || self.policy.has("rules") || !self.has_rules)
        {
            return Choice::NewRule;
        }
        if name == "group" && !fits(Place::Group) && self.has_list {
            return Choice::NewGroup;
        }
        if self.is_field_of_rule_in_entry(key) {
            return Choice::In(Place::Group);
        }
        let is_in_both = fits(Place::Rule) && fits(Place::Policy);
        if is_in_both && !key.is_before_rules_end && self.dash.is_some_and(|dash| column <= dash) {
            return Choice::Ask;
        }
        let fitting = [Place::Group, Place::Rule]
            .into_iter()
            .find(|place| fits(*place));
        match fitting {
            Some(place) => Choice::In(place),
            None if fits(Place::Policy) && !(is_in_rules && key.is_before_rules_end) => {
                Choice::In(Place::Policy)
            }
            None => self.without_fit(key),
        }
    }

    /// Returns `true` for a rule's field in the column of an entry's fields. The server ignores it there, and so it is not moved.
    fn is_field_of_rule_in_entry(&self, key: Key<'_>) -> bool {
        let column = |context: Option<&Context>| context.map(|context| context.column.printed);
        let group = column(self.group);
        is_of_rule(key.name) && group == Some(key.column) && group != column(self.rule)
    }

    /// Decides where a key belongs that is a field of no open object: unknown, or there twice.
    fn without_fit(&self, key: Key<'_>) -> Choice {
        let mut open = self.all();
        let exact = open
            .find(|(_, context)| context.column.printed == key.column)
            .map(|(place, _)| place);
        let is_in_rules = self.rule.is_some();
        match exact {
            Some(Place::Policy) | None if is_in_rules && !is_known(key.name) => {
                let is_deeper = key.column > self.policy.column.printed;
                Choice::In(if key.is_before_rules_end || is_deeper {
                    Place::Rule
                } else {
                    Place::Policy
                })
            }
            Some(Place::Policy) if is_in_rules => Choice::Nowhere,
            Some(place) => Choice::In(place),
            None if is_known(key.name) => Choice::Nowhere,
            None => Choice::In(Place::Policy),
        }
    }
}
