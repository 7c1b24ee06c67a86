//! An equal, simpler policy.

use audit_analysis::{edited, simplify_text};
use audit_policy::{Edit, load, utf16_offsets};
use audit_text::diff::unified;
use playground_protocol::{DiffKind, DiffLine, Problem, SimplerPolicy, SimplifyReport};

use crate::ask::{no_policy, too_large};
use crate::policy::Accepted;

/// Maximum number of lines of a comparison.
const MAX_LINES: usize = 400;

/// Simplifies the page's policy.
pub(crate) fn simplify(accepted: Option<&Accepted>, number: u32) -> SimplifyReport {
    SimplifyReport {
        number,
        generation: accepted.map_or(0, |accepted| accepted.generation),
        result: accepted.ok_or_else(no_policy).and_then(simpler),
    }
}

fn simpler(accepted: &Accepted) -> Result<SimplerPolicy, Problem> {
    let loaded = load(accepted.text.as_bytes(), accepted.version);
    let simplified = simplify_text(&accepted.policy, &loaded, accepted.version);
    let (simplified, edits) = simplified.map_err(too_large)?;
    let summary = simplified.words();
    let warnings = simplified.warnings();
    if simplified.is_unchanged() {
        return Ok(SimplerPolicy {
            summary,
            ..SimplerPolicy::default()
        });
    }
    let before = accepted.editor_text();
    let edits = edits.and_then(|edits| {
        let edits = edits.iter().map(|edit| accepted.editor_edit(edit));
        edits.collect::<Option<Vec<Edit>>>()
    });
    let after = edits.as_ref().and_then(|edits| edited(before, edits));
    let (Some(edits), Some(after)) = (edits, after) else {
        return Ok(SimplerPolicy {
            summary,
            warnings,
            obstacle: Some("The layout of the policy leaves no certain place for the change. `audit-policy simplify` prints the simpler policy.".to_owned()),
            ..SimplerPolicy::default()
        });
    };
    Ok(SimplerPolicy {
        summary,
        warnings,
        edits: in_utf16(before, edits),
        diff: lines(&unified(before, &after, "policy.yaml")),
        obstacle: None,
    })
}

/// Converts the spans of edits from bytes to UTF-16 code units. Edits are sorted and do not overlap.
pub(crate) fn in_utf16(text: &str, mut edits: Vec<Edit>) -> Vec<Edit> {
    let ends = edits
        .iter()
        .flat_map(|edit| [edit.span.start, edit.span.end]);
    let units = utf16_offsets(text, ends.collect::<Vec<_>>());
    for (edit, units) in edits.iter_mut().zip(units.chunks_exact(2)) {
        if let [start, end] = units {
            edit.span.start = *start;
            edit.span.end = *end;
        }
    }
    edits
}

/// Returns the lines of a unified diff.
pub(crate) fn lines(diff: &str) -> Vec<DiffLine> {
    // The names of the files.
    let mut lines: Vec<&str> = diff.lines().skip(2).collect();
    let more = lines.len().saturating_sub(MAX_LINES);
    lines.truncate(MAX_LINES);
    let line = |line: &str| {
        let (kind, text) = match line.split_at_checked(1) {
            Some(("-", text)) => (DiffKind::Removed, text),
            Some(("+", text)) => (DiffKind::Added, text),
            Some((" ", text)) => (DiffKind::Same, text),
            _ => (DiffKind::Gap, ""),
        };
        DiffLine {
            kind,
            text: text.to_owned(),
        }
    };
    let rest = (more > 0).then(|| DiffLine {
        kind: DiffKind::Gap,
        text: format!("{more} lines omitted"),
    });
    lines.into_iter().map(line).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use audit_policy::KubernetesVersion;

    use super::*;
    use crate::policy::PolicyState;

    fn simplified(text: &str) -> SimplerPolicy {
        let mut state = PolicyState::default();
        state.set(7, text, KubernetesVersion::NEWEST, 0);
        let report = simplify(state.accepted.as_ref(), 3);
        assert_eq!((report.number, report.generation), (3, 7));
        report.result.unwrap()
    }

    #[test]
    fn edits_of_the_editor_lead_to_the_simpler_policy() {
        // The first letter of the comment is one unit of UTF-16, but two bytes.
        let text = "# \u{e4}\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n- level: None\n  verbs: [get]\n";
        let simpler = simplified(text);
        assert_eq!(
            simpler.summary,
            "removed 1 rule of 2; every request is treated as before"
        );
        let mut units: Vec<u16> = text.encode_utf16().collect();
        for edit in simpler.edits.iter().rev() {
            units.splice(edit.span.start..edit.span.end, edit.text.encode_utf16());
        }
        let after = String::from_utf16(&units).unwrap();
        assert_eq!(
            after,
            "# \u{e4}\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n"
        );
        let removed = simpler
            .diff
            .iter()
            .filter(|line| line.kind == DiffKind::Removed);
        let removed: Vec<&str> = removed.map(|line| line.text.as_str()).collect();
        assert_eq!(removed, ["- level: None", "  verbs: [get]"]);
    }

    #[test]
    fn an_irredundant_policy_stays() {
        let simpler =
            simplified("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
        assert!(simpler.edits.is_empty() && simpler.diff.is_empty());
        assert!(simpler.summary.starts_with("nothing can be removed"));
    }
}
