//! Diagnostics for unknown fields: misspelled, at the wrong level, of another version, or unknown altogether.

use super::context::{DiagnosticContext, dropped, finding, replace};
use super::rules_key;
use crate::codes::PolicyCode;
use crate::decode::schema::{Field, FieldType, GROUP_RESOURCES, POLICY, RULE, StructType};
use crate::validate;
use audit_types::Span;
use audit_types::spelling::distance;
use audit_types::{Diagnostic, Edit, Fix, Path, Severity, Step};
use audit_types::{Level, Stage};
use kube_yaml::tree::{Entry, NodeRef, Tree, Value};

/// A field that its type does not have.
pub(super) struct UnknownField<'a> {
    pub(super) context: DiagnosticContext<'a>,
    pub(super) path: &'a Path,
    pub(super) entry: &'a Entry,
    pub(super) inside: &'static StructType,
    /// The object that contains it.
    pub(super) parent: NodeRef,
}

/// Names that RBAC and other APIs use: type, name, name in a policy.
const SYNONYMS: [(&str, &str, &str); 10] = [
    ("PolicyRule", "groups", "userGroups"),
    ("PolicyRule", "group", "userGroups"),
    ("PolicyRule", "user", "users"),
    ("PolicyRule", "username", "users"),
    ("PolicyRule", "nonResourceURL", "nonResourceURLs"),
    ("PolicyRule", "urls", "nonResourceURLs"),
    ("PolicyRule", "operations", "verbs"),
    ("GroupResources", "apiGroup", "group"),
    ("GroupResources", "apiGroups", "group"),
    ("GroupResources", "names", "resourceNames"),
];

impl UnknownField<'_> {
    pub(super) fn finding(&self) -> Diagnostic {
        let mut finding = self
            .other_version()
            .or_else(|| self.misplaced())
            .or_else(|| self.misspelled())
            .unwrap_or_else(|| self.unknown());
        finding.path = self.path.clone();
        finding
    }

    fn key(&self) -> &str {
        &self.entry.key
    }

    fn start(&self, code: PolicyCode, message: String) -> Diagnostic {
        finding(code, Severity::Warning, message, self.entry.key_span)
    }

    /// AP010: a field that exists in other versions.
    fn other_version(&self) -> Option<Diagnostic> {
        let field = self
            .inside
            .fields
            .iter()
            .find(|field| field.name == self.key())?;
        let message = if self.context.version.at_least(field.until) {
            format!("`{}` was removed in 1.{}", field.name, field.until)
        } else {
            format!("`{}` was added in 1.{}", field.name, field.since)
        };
        let mut finding = self.start(PolicyCode::UnknownField, message);
        finding.help = dropped(self.context.version);
        Some(finding)
    }

    fn unknown(&self) -> Diagnostic {
        let message = format!(
            "unknown field `{}` in {}",
            self.key(),
            type_name(self.inside)
        );
        let mut finding = self.start(PolicyCode::UnknownField, message);
        finding.help = if self.inside.name == "Policy" && self.key() == "spec" {
            format!(
                "a policy has no `spec`: move its fields to the top level; {}",
                dropped(self.context.version)
            )
        } else if self.inside.name == "Policy" && self.key().starts_with("rules:") {
            format!(
                "start a new line after `rules:`, or it is part of the key; {}",
                dropped(self.context.version)
            )
        } else {
            dropped(self.context.version)
        };
        finding
    }

    /// AP012: a field that belongs to another level.
    fn misplaced(&self) -> Option<Diagnostic> {
        let DiagnosticContext {
            tree,
            version,
            is_json,
            ..
        } = self.context;
        let known = |target: &'static StructType| target.find(self.key(), version).is_some();
        let (belongs, effect) = match self.inside.name {
            "GroupResources" if known(&RULE) => ("the rule", self.effect_in_resources()),
            "PolicyRule" if self.key() == "resourceNames" || self.key() == "group" => (
                "an entry of the rule's `resources`",
                "the rule matches more than it seems to".to_owned(),
            ),
            "PolicyRule" if known(&POLICY) => {
                ("the top level of the policy", "it has no effect".to_owned())
            }
            "Policy" if known(&RULE) => ("a rule", "it has no effect".to_owned()),
            _ => return None,
        };
        // A list of strings under `group` of a rule is a mistake for `userGroups`.
        if self.inside.name == "PolicyRule"
            && self.key() == "group"
            && matches!(tree.get(self.entry.node), Value::List(_))
        {
            return None;
        }
        let message = format!(
            "`{}` belongs in {belongs} and is ignored here: {effect}",
            self.key()
        );
        let mut finding = self.start(PolicyCode::MisplacedField, message);
        finding.help = format!("move it to {belongs}; {}", dropped(self.context.version));
        if self.inside.name == GROUP_RESOURCES.name && !is_json {
            finding.fix = self.move_up();
        }
        Some(finding)
    }

    /// Effect on the rule if the field is ignored.
    fn effect_in_resources(&self) -> String {
        match self.key() {
            "verbs" => "the rule matches every verb".to_owned(),
            "users" => "the rule matches every user".to_owned(),
            "userGroups" => "the rule matches users of any group".to_owned(),
            "namespaces" => "the rule matches every namespace".to_owned(),
            "level" => "the rule does not use this level".to_owned(),
            "omitStages" => "the rule omits no stages".to_owned(),
            _ => "it has no effect".to_owned(),
        }
    }

    /// AP013: a misspelled field.
    fn misspelled(&self) -> Option<Diagnostic> {
        let DiagnosticContext { tree, source, .. } = self.context;
        let wanted = self.suggestion()?;
        let message = format!(
            "unknown field `{}` in {}",
            self.key(),
            type_name(self.inside)
        );
        let mut finding = self.start(PolicyCode::MisspelledField, message);
        finding.help = format!(
            "did you mean `{}`? {}",
            wanted.name,
            dropped(self.context.version)
        );
        let is_free = tree.field(self.parent, wanted.name).is_none();
        if is_free && self.is_valid_there(self.entry.node, wanted, self.parent) {
            // The key keeps its quotes.
            let key = self.entry.key_span;
            let spelled = source.get(key.start..key.end).unwrap_or_default();
            let quote = spelled.get(..1).filter(|mark| matches!(*mark, "\"" | "'"));
            let quote = quote.unwrap_or_default();
            let name = format!("{quote}{}{quote}", wanted.name);
            let title = format!("rename it to `{}`", wanted.name);
            finding.fix = Some(replace(title, self.entry.key_span, name));
        }
        Some(finding)
    }

    /// Returns the field with the most similar name, or `None` if no name is similar.
    fn suggestion(&self) -> Option<&'static Field> {
        let version = self.context.version;
        let key = self.key();
        let synonym = SYNONYMS.iter().find(|(inside, name, _)| {
            *inside == self.inside.name && name.eq_ignore_ascii_case(key)
        });
        if let Some((_, _, meant)) = synonym {
            return self.inside.find(meant, version).map(|(_, field)| field);
        }
        let DiagnosticContext { tree, .. } = self.context;
        if self.inside.name == POLICY.name
            && tree.field(self.parent, "rules").is_none()
            && rules_key::is_list_of_rules(tree, self.entry.node)
        {
            return self.inside.find("rules", version).map(|(_, field)| field);
        }
        if key.len() > 40 {
            return None;
        }
        let fields: &'static [Field] = self.inside.fields;
        fields
            .iter()
            .filter(|field| field.is_in(version))
            .map(|field| (distance(key, field.name), field))
            .filter(|(distance, field)| *distance <= field.name.len().min(key.len()) / 4)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, field)| field)
    }

    /// Returns true if the server would accept the value as that field of that object, so that a fix cannot make a policy unloadable.
    fn is_valid_there(&self, node: NodeRef, wanted: &Field, object: NodeRef) -> bool {
        let DiagnosticContext { tree, version, .. } = self.context;
        let value = tree.get(node);
        let items: &[NodeRef] = match value {
            Value::List(items) => items,
            _ => &[],
        };
        let fits = match wanted.field_type {
            FieldType::Text(_) => matches!(value, Value::Text(_)),
            FieldType::Bool | FieldType::OptionalBool => matches!(value, Value::Bool(_)),
            FieldType::Object(_) | FieldType::TextMap => matches!(value, Value::Object(_)),
            FieldType::Texts(_) => items
                .iter()
                .all(|item| matches!(tree.get(*item), Value::Text(_))),
            FieldType::Objects(_) => items
                .iter()
                .all(|item| matches!(tree.get(*item), Value::Object(_))),
            _ => false,
        };
        let is_list = matches!(
            wanted.field_type,
            FieldType::Texts(_) | FieldType::Objects(_)
        );
        if !fits || is_list != matches!(value, Value::List(_)) {
            return false;
        }
        let has = |name: &str| {
            let entry = tree.field(object, name);
            entry.is_some_and(
                |entry| matches!(tree.get(entry.node), Value::List(items) if !items.is_empty()),
            )
        };
        let texts = || {
            let nodes = if is_list { items.to_vec() } else { vec![node] };
            nodes.into_iter().filter_map(|node| match tree.get(node) {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            })
        };
        match wanted.name {
            "kind" => texts().all(|text| text == "Policy"),
            "apiVersion" => texts().all(|text| text == "audit.k8s.io/v1"),
            "level" => texts().all(|text| Level::from_name(text).is_some()),
            "omitStages" => texts().all(|text| Stage::from_name(text).is_some()),
            "group" => texts().all(|text| validate::group_problems(text, version).is_empty()),
            "resourceNames" => has("resources"),
            "nonResourceURLs" => {
                let sound = texts().all(|text| validate::url_problems(text).is_empty());
                sound && !has("resources") && !has("namespaces")
            }
            "resources" | "namespaces" => !has("nonResourceURLs"),
            _ => true,
        }
    }

    /// Moves the field out of every entry of `resources` into the rule. `None` unless all entries have the same value.
    fn move_up(&self) -> Option<Fix> {
        let DiagnosticContext { tree, source, .. } = self.context;
        let Some((Step::Index(index), above)) = self.path.0.split_last().and_then(|(_, rest)| {
            rest.split_last()
                .map(|(last, above)| (last.clone(), Path(above.to_vec())))
        }) else {
            return None;
        };
        let rule = Path(above.0.split_last()?.1.to_vec());
        let resources = tree.locate(&above)?;
        let rule_node = tree.node(&rule)?;
        if index != 0 || tree.field(rule_node, self.key()).is_some() {
            return None;
        }
        let Value::List(items) = tree.get(tree.node(&above)?) else {
            return None;
        };
        let (_, field) = RULE.find(self.key(), self.context.version)?;
        let mut edits = Vec::new();
        let mut moved: Option<String> = None;
        let mut comment = "";
        let key = resources.key?;
        // Values from an alias or a merge key are written elsewhere and may be shared.
        let contains =
            |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
        if !contains(rule_node.span, key) {
            return None;
        }
        let indent = column(source, key.start)?;
        for item in items {
            let entry = tree.field(*item, self.key())?;
            let is_sound = self.is_valid_there(entry.node, field, rule_node);
            if !is_sound || !contains(item.span, entry.key_span) {
                return None;
            }
            let text = self.dedented(source, entry, indent)?;
            if moved.as_ref().is_some_and(|earlier| *earlier != text) {
                return None;
            }
            moved = Some(text);
            if comment.is_empty() {
                comment = comment_behind(source, entry);
            }
            edits.push(Edit {
                span: removal(tree, source, *item, entry)?,
                text: String::new(),
            });
        }
        let pad = " ".repeat(indent);
        edits.insert(
            0,
            Edit {
                span: Span::new(key.start, key.start),
                text: format!("{}{comment}\n{pad}", moved?),
            },
        );
        let in_order = edits.is_sorted_by(|one, next| one.span.end <= next.span.start);
        in_order.then(|| Fix::new(format!("move `{}` to the rule", self.key()), edits))
    }

    /// Returns the field's text, indented for its new position.
    fn dedented(&self, source: &str, entry: &Entry, indent: usize) -> Option<String> {
        let start = entry.key_span.start;
        let end = entry.node.span.end.max(entry.key_span.end);
        let text = source.get(start..end)?;
        let shift = column(source, start)?.checked_sub(indent)?;
        let mut lines = text.split('\n');
        let mut out = lines.next()?.to_owned();
        for line in lines {
            let cut = line.get(..shift)?;
            if !cut.bytes().all(|byte| byte == b' ') {
                return None;
            }
            out.push('\n');
            out.push_str(line.get(shift..)?);
        }
        Some(out)
    }
}

/// Returns the indentation of a key, counting `- ` as two spaces. `None` in flow style.
fn column(source: &str, at: usize) -> Option<usize> {
    // Does not search the whole line: a document in flow style may be one line of megabytes.
    let before = source.get(..at)?;
    let ahead = before.trim_end_matches([' ', '-']);
    let is_line = ahead.is_empty() || ahead.ends_with('\n');
    is_line.then_some(before.len() - ahead.len())
}

/// Returns the comment behind a field's value, on its last line, with the white space before it. Empty if there is none.
fn comment_behind<'s>(source: &'s str, entry: &Entry) -> &'s str {
    let end = entry.node.span.end.max(entry.key_span.end);
    let rest = source.get(end..).unwrap_or_default();
    let tail = rest.split('\n').next().unwrap_or_default().trim_end();
    match tail.trim_start().starts_with('#') {
        true => tail,
        false => "",
    }
}

/// Returns the span to delete to remove the field: its lines, or up to the next field if it follows a `- `.
fn removal(tree: &Tree, source: &str, item: NodeRef, entry: &Entry) -> Option<Span> {
    let start = entry.key_span.start;
    let end = entry.node.span.end.max(entry.key_span.end);
    let line = start - column(source, start)?;
    let is_alone = source.get(line..start)?.bytes().all(|byte| byte == b' ');
    if is_alone {
        let rest = source.get(end..)?;
        let tail = rest.split('\n').next().unwrap_or_default();
        let is_clear = tail.trim().is_empty() || tail.trim_start().starts_with('#');
        let next = (end + tail.len() + 1).min(source.len());
        return is_clear.then_some(Span::new(line, next));
    }
    let Value::Object(entries) = tree.get(item) else {
        return None;
    };
    let next = entries
        .iter()
        .map(|other| other.key_span.start)
        .filter(|other| *other > end)
        .min()?;
    source
        .get(end..next)?
        .trim()
        .is_empty()
        .then_some(Span::new(start, next))
}

fn type_name(target: &StructType) -> &'static str {
    match target.name {
        "Policy" => "a policy",
        "PolicyRule" => "a rule",
        "GroupResources" => "an entry of `resources`",
        _ => "the metadata",
    }
}
