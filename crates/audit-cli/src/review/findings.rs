//! Findings that are new, and those that are gone.

use std::collections::HashMap;

use crate::check::ExaminedFinding;

/// Difference of the findings of two states of a policy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FindingChanges {
    /// In the order of the text.
    pub(super) new: Vec<ExaminedFinding>,
    /// Those of the base that are gone, in the order of its text.
    pub(super) gone: Vec<ExaminedFinding>,
}

/// Part of a finding by which it is found again.
type Key<'f> = fn(&'f ExaminedFinding) -> (&'f str, &'f str);

/// Compares findings. One is the same if the text of its line is, wherever the line has moved to, or else if its message is.
pub(super) fn changes(before: &[ExaminedFinding], after: &[ExaminedFinding]) -> FindingChanges {
    let by_line: Key<'_> = |finding| (&finding.code, &finding.line_text);
    let by_message: Key<'_> = |finding| (&finding.code, &finding.message);
    let (before, after) = without_common(before.iter(), after.iter(), by_line);
    let (gone, new) = without_common(before.into_iter(), after.into_iter(), by_message);
    let mut gone: Vec<ExaminedFinding> = gone.into_iter().cloned().collect();
    gone.sort_by(|one, other| (one.line, &one.code).cmp(&(other.line, &other.code)));
    FindingChanges {
        new: new.into_iter().cloned().collect(),
        gone,
    }
}

/// Returns what is left of two lists without what both have.
fn without_common<'f>(
    before: impl Iterator<Item = &'f ExaminedFinding>,
    after: impl Iterator<Item = &'f ExaminedFinding>,
    key: Key<'f>,
) -> (Vec<&'f ExaminedFinding>, Vec<&'f ExaminedFinding>) {
    let mut known: HashMap<_, Vec<&ExaminedFinding>> = HashMap::new();
    for finding in before {
        known.entry(key(finding)).or_default().push(finding);
    }
    let is_new = |finding: &&'f ExaminedFinding| {
        let known = known.get_mut(&key(finding));
        known.is_none_or(|known| known.pop().is_none())
    };
    let new = after.filter(is_new).collect();
    (known.into_values().flatten().collect(), new)
}

#[cfg(test)]
mod tests {
    use audit_policy::Severity;

    use super::*;

    fn finding((code, line, line_text, message): (&str, usize, &str, &str)) -> ExaminedFinding {
        ExaminedFinding {
            code: code.to_owned(),
            severity: Severity::Warning,
            message: message.to_owned(),
            help: String::new(),
            line,
            line_text: line_text.to_owned(),
        }
    }

    #[test]
    fn a_finding_is_the_same_by_its_line_or_its_message() {
        type Row = (&'static str, usize, &'static str, &'static str);
        type Case = (
            &'static [Row],
            &'static [Row],
            &'static [usize],
            &'static [usize],
        );
        const ONE: Row = ("AP020", 4, "- level: None", "rule 2 never matches");
        let table: [Case; 7] = [
            (&[], &[ONE], &[0], &[]),
            (&[ONE], &[], &[], &[0]),
            (&[ONE], &[ONE], &[], &[]),
            // Moved, and with another number in its message.
            (
                &[ONE],
                &[("AP020", 9, "- level: None", "rule 3 never matches")],
                &[],
                &[],
            ),
            // The line was edited.
            (
                &[ONE],
                &[("AP020", 4, "- level: None # x", "rule 2 never matches")],
                &[],
                &[],
            ),
            (
                &[ONE],
                &[("AP021", 4, "- level: None", "rule 2 never matches")],
                &[0],
                &[0],
            ),
            // Two of a line are two.
            (&[ONE], &[ONE, ONE], &[1], &[]),
        ];
        for (before, after, new, gone) in table {
            let [before, after] =
                [before, after].map(|rows| rows.iter().copied().map(finding).collect::<Vec<_>>());
            let expected = FindingChanges {
                new: new.iter().map(|at| after[*at].clone()).collect(),
                gone: gone.iter().map(|at| before[*at].clone()).collect(),
            };
            assert_eq!(changes(&before, &after), expected, "{before:?} {after:?}");
        }
    }
}
