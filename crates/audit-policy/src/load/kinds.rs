//! Diagnostics for `apiVersion` and `kind`.

use super::context::{DiagnosticContext, finding as start, is_plain, replace};
use crate::codes::PolicyCode;
use crate::decode::kind::{self, GroupVersionKind, KindResolution};
use audit_types::Span;
use audit_types::excerpt::excerpt_up_to;
use audit_types::spelling;
use audit_types::{Diagnostic, Fix, Level, Path, Severity};
use kube_yaml::tree::{NodeRef, Value};

/// The version that every supported server accepts.
const CURRENT: &str = "audit.k8s.io/v1";

/// Returns AP003 or AP006 if kind or version is wrong, and `true` if the document is intended to be a policy, so that the rest of it is
/// checked.
pub(super) fn finding(
    found: &GroupVersionKind,
    recognized: &KindResolution,
    context: DiagnosticContext<'_>,
) -> (Option<Diagnostic>, bool) {
    let is_old =
        found.group == kind::GROUP && matches!(found.version.as_str(), "v1beta1" | "v1alpha1");
    if is_old && found.kind == "Policy" {
        return (Some(old_version(found, context)), true);
    }
    match recognized {
        KindResolution::Policy => (None, true),
        KindResolution::Internal => (Some(missing_version(found, context)), true),
        KindResolution::Rejected(text) => {
            let (finding, is_meant) = rejected(found, text, context);
            (Some(finding), is_meant)
        }
    }
}

/// Returns the span of the value, of its key if the value is empty, or of the top.
fn span_of(of: Option<(Span, NodeRef)>, context: DiagnosticContext<'_>) -> Span {
    match of {
        Some((key, node)) if node.span.start == node.span.end => key,
        Some((_, node)) => node.span,
        None => context.top(),
    }
}

/// AP003: the server decodes the document as its internal type and rejects it.
fn missing_version(found: &GroupVersionKind, context: DiagnosticContext<'_>) -> Diagnostic {
    let span = span_of(found.version_node, context);
    let message = "missing `apiVersion`: kube-apiserver rejects the file".to_owned();
    let mut finding = start(PolicyCode::NotAPolicy, Severity::Error, message, span);
    finding.help = format!("add `apiVersion: {CURRENT}`");
    finding.path = Path::root().field("apiVersion");
    if found.version_node.is_none() && !is_recognizable(found, context) {
        finding.help =
            "nothing here is a field of a policy: check the file with the audit policy".to_owned();
    } else if found.version_node.is_none() && !context.is_json {
        finding.fix = insertion(context);
    }
    finding
}

/// Fields that a rule of a policy has.
const RULE_FIELDS: [&str; 7] = [
    "level",
    "users",
    "userGroups",
    "verbs",
    "resources",
    "namespaces",
    "nonResourceURLs",
];

/// Returns whether a document without a version has a field that policies have. Another document is not turned into a policy.
fn is_recognizable(found: &GroupVersionKind, context: DiagnosticContext<'_>) -> bool {
    let tree = context.tree;
    let Some(root) = tree.root else { return true };
    let Value::Object(fields) = tree.get(root) else {
        return true;
    };
    let is_rule = |rule: &NodeRef| {
        let mut names = RULE_FIELDS.iter();
        names.any(|name| tree.field(*rule, name).is_some())
    };
    let has_rules = tree
        .field(root, "rules")
        .is_some_and(|rules| match tree.get(rules.node) {
            Value::List(items) => items.is_empty() || items.iter().any(is_rule),
            Value::Object(_) => false,
            _ => true,
        });
    let has = |name: &str| tree.field(root, name).is_some();
    let is_own = has("omitStages") || has("omitManagedFields");
    fields.is_empty() || found.kind_node.is_some() || has_rules || is_own
}

/// Inserts the version before the first key. `None` in flow style.
fn insertion(context: DiagnosticContext<'_>) -> Option<Fix> {
    let at = context.tree.root?.span.start;
    let (before, after) = context.source.split_at_checked(at)?;
    let is_line_start = before.is_empty() || before.ends_with('\n');
    let is_key = after.starts_with(|letter: char| letter.is_ascii_alphabetic());
    (is_line_start && is_key).then(|| {
        let line = format!("apiVersion: {CURRENT}\n");
        replace(
            format!("add `apiVersion: {CURRENT}`"),
            Span::new(at, at),
            line,
        )
    })
}

/// AP003: a version or kind that the server does not support. Similar ones are still treated as policies.
fn rejected(
    found: &GroupVersionKind,
    text: &str,
    context: DiagnosticContext<'_>,
) -> (Diagnostic, bool) {
    let kind_is_right = found.kind == "Policy";
    let version_is_right = found.group_version() == CURRENT;
    let name = found.group_version();
    let (message, given, wanted, field) = if kind_is_right {
        let message = format!("`{name}` is not a version of the audit API");
        (message, found.version_node, CURRENT, "apiVersion")
    } else {
        let message = format!("not an audit policy: kind `{}` of `{name}`", found.kind);
        (message, found.kind_node, "Policy", "kind")
    };
    let mut finding = start(
        PolicyCode::NotAPolicy,
        Severity::Error,
        message,
        span_of(given, context),
    );
    // `apiVersion: v1` or `kind: AuditPolicy` above rules with levels is a policy too.
    let is_meant = found.kind.eq_ignore_ascii_case("policy") && found.group == kind::GROUP
        || (kind_is_right || version_is_right) && has_levels(context);
    let is_similar = is_meant
        || found.group.is_empty()
        || found.group == kind::GROUP
        || spelling::is_similar(&found.group, kind::GROUP);
    let remedy = if is_similar && (kind_is_right || version_is_right || is_meant) {
        format!("write `{field}: {wanted}`")
    } else {
        "this is another kind of document: check the file with the audit policy".to_owned()
    };
    finding.help = format!(
        "{remedy}; kube-apiserver reports: {}",
        excerpt_up_to(text, 200)
    );
    finding.path = Path::root().field(field);
    if is_meant && (kind_is_right || version_is_right) {
        finding.fix = given.and_then(|(_, node)| respelled(node.span, wanted, context));
    }
    (finding, is_meant)
}

/// Returns true if the rules of a document have levels of the audit API, which no other kind of document has.
fn has_levels(context: DiagnosticContext<'_>) -> bool {
    let tree = context.tree;
    let rules = tree.root.and_then(|root| tree.field(root, "rules"));
    let Some(Value::List(items)) = rules.map(|rules| tree.get(rules.node)) else {
        return false;
    };
    let has_level = |rule: &NodeRef| {
        let level = tree.field(*rule, "level").map(|level| tree.get(level.node));
        matches!(level, Some(Value::Text(name)) if Level::from_name(name).is_some())
    };
    !items.is_empty() && items.iter().all(has_level)
}

/// AP006: an old version of the API.
fn old_version(found: &GroupVersionKind, context: DiagnosticContext<'_>) -> Diagnostic {
    let version = context.version;
    let span = span_of(found.version_node, context);
    let name = found.group_version();
    let (severity, message) = if version.at_least(24) {
        let message = format!("`{name}` was removed in 1.24: {version} rejects the file");
        (Severity::Error, message)
    } else if version.at_least(21) {
        let message = format!("`{name}` is deprecated since 1.21 and removed in 1.24");
        (Severity::Warning, message)
    } else {
        (Severity::Info, format!("`{name}` is removed in 1.24"))
    };
    let mut finding = start(PolicyCode::OldApiVersion, severity, message, span);
    finding.help = format!("write `{CURRENT}`, which has the same fields");
    finding.path = Path::root().field("apiVersion");
    finding.fix = respelled(span, CURRENT, context);
    finding
}

/// Replaces a plain or quoted word.
fn respelled(span: Span, wanted: &str, context: DiagnosticContext<'_>) -> Option<Fix> {
    let title = format!("write `{wanted}`");
    if is_plain(span, context.source) {
        return Some(replace(title, span, wanted));
    }
    let spelled = context.source.get(span.start..span.end)?;
    let inner = ['"', '\''].iter().find_map(|mark| {
        let inner = spelled.strip_prefix(*mark)?.strip_suffix(*mark)?;
        Some((*mark, inner))
    });
    let (mark, inner) = inner?;
    let is_word = |letter: char| letter.is_alphanumeric() || "./_-".contains(letter);
    let is_simple = !inner.is_empty() && inner.chars().all(is_word);
    is_simple.then(|| replace(title, span, format!("{mark}{wanted}{mark}")))
}
