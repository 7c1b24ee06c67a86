//! A list of rules without its key `rules`.

use audit_types::{Fix, KubernetesVersion, Span};
use kube_yaml::tree::{NodeRef, Tree, Value};
use kube_yaml::{text, yaml};

use super::context::{DiagnosticContext, first_line, replace};

/// Fields of a rule; a list item that starts with one of them is a rule.
const RULE_FIELDS: [&str; 9] = [
    "level",
    "users",
    "userGroups",
    "verbs",
    "resources",
    "namespaces",
    "nonResourceURLs",
    "omitStages",
    "omitManagedFields",
];

/// Maximum number of bytes of a text that is parsed again with the key.
const MAX_TRIED_BYTES: usize = 1 << 20;

/// The first item of a list without its key, and the fix.
pub(super) struct MissingKey {
    pub(super) message: &'static str,
    pub(super) help: &'static str,
    pub(super) span: Span,
    pub(super) fix: Fix,
}

/// Returns the list that makes a text unreadable because its key is missing. `None` unless the text can be read with the key.
pub(super) fn in_text(source: &str, version: KubernetesVersion) -> Option<MissingKey> {
    if source.len() > MAX_TRIED_BYTES {
        return None;
    }
    let mut at = 0;
    let mut found = None;
    for line in source.split_inclusive('\n') {
        let content = line.trim();
        let is_key = content
            .strip_prefix("rules")
            .is_some_and(|rest| rest.trim_start().starts_with(':'));
        if is_key || content.starts_with("\"rules\"") {
            return None;
        }
        if found.is_none() && content == "rules" {
            return missing_colon(source, at + line.trim_end().len(), version);
        }
        if found.is_none() && is_rule(content) {
            found = Some(at);
        }
        at += line.len();
    }
    missing_at(source, found?, version)
}

/// Returns the missing colon after `rules`, which ends at that byte.
fn missing_colon(source: &str, end: usize, version: KubernetesVersion) -> Option<MissingKey> {
    let (before, after) = source.split_at_checked(end)?;
    let fixed = format!("{before}:{after}");
    let tree = yaml::read(&text::read(fixed.as_bytes()), version);
    let rules = tree.tree.field(tree.tree.root?, "rules")?;
    let is_sound = tree.error.is_none() && is_list_of_rules(&tree.tree, rules.node);
    is_sound.then(|| MissingKey {
        message: "`:` is missing after `rules`",
        help: "write `rules:`",
        span: Span::new(end - "rules".len(), end),
        fix: replace("write `rules:`", Span::new(end, end), ":"),
    })
}

/// Returns the missing key of a document that is a list of rules.
pub(super) fn of_root(context: DiagnosticContext<'_>) -> Option<MissingKey> {
    let DiagnosticContext {
        source,
        tree,
        version,
        is_json,
    } = context;
    let root = tree.root.filter(|_| !is_json)?;
    if source.len() > MAX_TRIED_BYTES || !is_list_of_rules(tree, root) {
        return None;
    }
    let before = source.get(..root.span.start)?;
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    missing_at(source, line, version)
}

/// Returns the missing key of rules that continue the list above them, such as `omitStages`, from the item at a span.
pub(super) fn in_list(context: DiagnosticContext<'_>, item: Span) -> Option<MissingKey> {
    let DiagnosticContext {
        source,
        tree,
        version,
        is_json,
    } = context;
    let has_rules = tree.field(tree.root?, "rules").is_some();
    if is_json || has_rules || source.len() > MAX_TRIED_BYTES {
        return None;
    }
    let before = source.get(..item.start)?;
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let is_item = is_rule(source.get(line..)?.lines().next()?.trim());
    is_item.then(|| missing_at(source, line, version))?
}

/// Returns true for a list whose items are all mappings, the first of them with a field of a rule.
pub(super) fn is_list_of_rules(tree: &Tree, node: NodeRef) -> bool {
    let Value::List(items) = tree.get(node) else {
        return false;
    };
    let is_mapping = |item: &NodeRef| matches!(tree.get(*item), Value::Object(_));
    items.iter().all(is_mapping)
        && items
            .iter()
            .any(|item| tree.field(*item, "level").is_some())
}

/// Returns true for the first line of a list item with a field of a rule.
fn is_rule(line: &str) -> bool {
    let Some(item) = line.strip_prefix('-') else {
        return false;
    };
    let item = item.trim_start_matches(['{', ' ', '"', '\'']);
    RULE_FIELDS.iter().any(|field| {
        let rest = item.strip_prefix(field);
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
    })
}

/// Inserts the key before a line, and the version and kind if they are missing, and reads the result.
fn missing_at(source: &str, line: usize, version: KubernetesVersion) -> Option<MissingKey> {
    let (before, after) = source.split_at_checked(line)?;
    let read = |inserted: &str| {
        let fixed = format!("{before}{inserted}{after}");
        let reading = yaml::read(&text::read(fixed.as_bytes()), version);
        reading.error.is_none().then_some(reading.tree)
    };
    let key = "rules:\n";
    let tree = read(key)?;
    let root = tree.root?;
    let rules = tree.field(root, "rules")?;
    if !is_list_of_rules(&tree, rules.node) {
        return None;
    }
    let mut inserted = String::new();
    let mut missing = Vec::new();
    for (name, text) in [
        ("apiVersion", "apiVersion: audit.k8s.io/v1\n"),
        ("kind", "kind: Policy\n"),
    ] {
        if tree.field(root, name).is_none() {
            inserted.push_str(text);
            missing.push(format!("`{name}`"));
        }
    }
    inserted.push_str(key);
    read(&inserted)?;
    missing.push("`rules:`".to_owned());
    let title = format!("insert {} above the list", missing.join(", "));
    let rest = Span::new(line, source.len());
    let mut span = first_line(rest, source);
    let text = source.get(span.start..span.end)?;
    span.start += text.len() - text.trim_start().len();
    Some(MissingKey {
        message: "`rules:` is missing before this list",
        help: "insert the line `rules:` above it",
        span,
        fix: replace(title, Span::new(line, line), inserted),
    })
}
