//! What to say of a text's version and kind.

use super::report::{DiagnosticContext, finding as start, is_plain, replace};
use crate::decode::kind::{self, GroupVersionKind, KindResolution};
use crate::finding::{Finding, Fix, Path, Severity};
use crate::source::tree::Slot;
use crate::span::Span;

/// The version that every known server takes.
const CURRENT: &str = "audit.k8s.io/v1";

/// AP003 or AP006, and whether the text is meant to be a policy, so that the rest of it is worth reading.
pub(super) fn finding(
    found: &GroupVersionKind,
    recognised: &KindResolution,
    about: DiagnosticContext<'_>,
) -> (Option<Finding>, bool) {
    let is_old =
        found.group == kind::GROUP && matches!(found.version.as_str(), "v1beta1" | "v1alpha1");
    if is_old && found.kind == "Policy" {
        return (Some(old_version(found, about)), true);
    }
    match recognised {
        KindResolution::Policy => (None, true),
        KindResolution::Internal => (Some(missing_version(found, about)), true),
        KindResolution::Rejected(text) => {
            let (finding, is_meant) = rejected(found, text, about);
            (Some(finding), is_meant)
        }
    }
}

/// The value, or its key where the value is empty, or the top.
fn span_of(of: Option<(Span, Slot)>, about: DiagnosticContext<'_>) -> Span {
    match of {
        Some((key, slot)) if slot.span.start == slot.span.end => key,
        Some((_, slot)) => slot.span,
        None => about.top(),
    }
}

/// AP003: the server reads the text as its internal form, and refuses it.
fn missing_version(found: &GroupVersionKind, about: DiagnosticContext<'_>) -> Finding {
    let span = span_of(found.version_node, about);
    let message = "apiVersion is missing, and the server refuses the file for it".to_owned();
    let mut finding = start("AP003", Severity::Error, message, span);
    finding.help = format!("add `apiVersion: {CURRENT}`");
    finding.path = Path::root().field("apiVersion");
    if found.version_node.is_none() && !about.is_json {
        finding.fix = insertion(about);
    }
    finding
}

/// Puts the version before the first key of a block, where that starts its line.
fn insertion(about: DiagnosticContext<'_>) -> Option<Fix> {
    let at = about.tree.root?.span.start;
    let (before, after) = about.source.split_at_checked(at)?;
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

/// AP003: a version or kind that is none of the server's. Near misses are still meant to be policies.
fn rejected(found: &GroupVersionKind, text: &str, about: DiagnosticContext<'_>) -> (Finding, bool) {
    let kind_is_right = found.kind == "Policy";
    let version_is_right = found.group_version() == CURRENT;
    let name = found.group_version();
    let (message, given, wanted, field) = if kind_is_right {
        let message = format!("`{name}` is no version of the audit API");
        (message, found.version_node, CURRENT, "apiVersion")
    } else {
        let message = format!("the kind `{}` of `{name}` is no audit policy", found.kind);
        (message, found.kind_node, "Policy", "kind")
    };
    let mut finding = start("AP003", Severity::Error, message, span_of(given, about));
    finding.help = format!(
        "write `{field}: {wanted}`; the server says: {}",
        shorten(text)
    );
    finding.path = Path::root().field(field);
    let is_meant = found.kind.eq_ignore_ascii_case("policy") && found.group == kind::GROUP;
    if is_meant && (kind_is_right || version_is_right) {
        finding.fix = given
            .filter(|(_, slot)| is_plain(slot.span, about.source))
            .map(|(_, slot)| replace(format!("write `{wanted}`"), slot.span, wanted));
    }
    (finding, is_meant)
}

/// AP006.
fn old_version(found: &GroupVersionKind, about: DiagnosticContext<'_>) -> Finding {
    let version = about.version;
    let span = span_of(found.version_node, about);
    let name = found.group_version();
    let (severity, message) = if version.at_least(24) {
        let message = format!("`{name}` is gone since 1.24, and {version} refuses the file");
        (Severity::Error, message)
    } else if version.at_least(21) {
        let message = format!("`{name}` is deprecated since 1.21 and gone in 1.24");
        (Severity::Warning, message)
    } else {
        (Severity::Info, format!("`{name}` is gone in 1.24"))
    };
    let mut finding = start("AP006", severity, message, span);
    finding.help =
        format!("the fields are the same in `{CURRENT}`: changing this line is all it takes");
    finding.path = Path::root().field("apiVersion");
    if is_plain(span, about.source) {
        finding.fix = Some(replace(format!("write `{CURRENT}`"), span, CURRENT));
    }
    finding
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
