//! Fixes of values that an anchor shares with other places of the document.

use audit_types::{Diagnostic, Span};
use kube_yaml::tree::Tree;

/// Makes fixes that change a value which aliases use too a matter of choice: they would change those places as well.
pub(super) fn leave_to_the_reader(findings: &mut [Diagnostic], tree: &Tree, source: &str) {
    if !source.contains('&') || !source.contains('*') {
        return;
    }
    let shared = joined(tree.shared());
    for finding in findings {
        if let Some(fix) = &mut finding.fix
            && fix.edits.iter().any(|edit| touches(&shared, edit.span))
        {
            fix.is_choice = true;
        }
    }
}

/// Joins spans that overlap. The result is in order of position.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable_by_key(|span| span.start);
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => all.push(span),
        }
    }
    all
}

/// Returns whether a span overlaps or touches one of several, which are in order.
fn touches(spans: &[Span], span: Span) -> bool {
    let behind = spans.partition_point(|one| one.end < span.start);
    spans.get(behind).is_some_and(|one| one.start <= span.end)
}
