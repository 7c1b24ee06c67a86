//! The part of a document that is a policy: all of it, or the lines of a policy inside.

use audit_import::{PolicyForm, Recognized, recognize_other};

use super::documents::Document;

/// A policy in a document.
pub(super) struct Region<'d> {
    /// Byte of the document at which the text begins: the start of a line.
    pub(super) start: usize,
    pub(super) text: &'d str,
}

/// Returns the policy around a byte. `None` if it is in no policy, or in one that is not written as lines of its own.
pub(super) fn region_at<'d>(document: &'d Document, uri: &str, at: usize) -> Option<Region<'d>> {
    let text = document.text.as_str();
    if !text.contains("audit.k8s.io") && !is_named_as_policy(uri) {
        return None;
    }
    match recognize_other(text, false) {
        Some(recognized) => inside(&recognized, text, at),
        None => Some(Region { start: 0, text }),
    }
}

/// Returns whether a file is named like a policy, which can be completed from its first character: `audit-policy.yaml`.
fn is_named_as_policy(uri: &str) -> bool {
    let name = uri
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    name.contains("audit") && name.contains("policy")
}

fn inside<'d>(recognized: &Recognized, text: &'d str, at: usize) -> Option<Region<'d>> {
    let documents = recognized.documents.iter();
    let policies = documents.flat_map(|document| &document.policies);
    let mut regions = policies
        .filter(|policy| policy.form != PolicyForm::Rules)
        .filter_map(|policy| block_at(text, policy.span().start));
    regions.find(|region| region.start <= at && at <= region.start + region.text.len())
}

/// Returns the lines from that of a byte on which are indented as far; if a text in lines of its own begins at the byte, those of the text. `None` if
/// something else is before the byte on its line.
fn block_at(text: &str, first: usize) -> Option<Region<'_>> {
    let first = match text.get(first..)?.starts_with(['|', '>']) {
        true => first_line_below(text, first)?,
        false => first,
    };
    let before = text.get(..first)?;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let rest = text.get(start..)?;
    let content = rest.trim_start_matches(' ');
    let indent = rest.len() - content.len();
    if start + indent < first {
        return None;
    }
    let is_inside = |line: &&str| {
        let content = line.trim_start_matches(' ');
        line.len() - content.len() >= indent || content.trim().is_empty()
    };
    let lines = rest.split_inclusive('\n').take_while(is_inside);
    let length = lines.map(str::len).sum();
    Some(Region {
        start,
        text: rest.get(..length)?,
    })
}

/// Returns the first byte that is not white space on the lines below that of a byte.
fn first_line_below(text: &str, at: usize) -> Option<usize> {
    let next = at + text.get(at..)?.find('\n')?;
    let rest = text.get(next..)?;
    Some(next + rest.find(|character: char| !character.is_whitespace())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_ends_before_the_first_line_that_is_further_left() {
        let text = "data:\n  p: |\n    kind: Policy\n\n    rules:\n  q: x\n";
        for (first, expected) in [
            (17, Some("    kind: Policy\n\n    rules:\n")),
            // `|`, behind which the text of `p` begins.
            (11, Some("    kind: Policy\n\n    rules:\n")),
            // `kind` has its own line, `Policy` does not begin one.
            (23, None),
            (0, Some(text)),
        ] {
            let found = block_at(text, first).map(|region| region.text);
            assert_eq!(found, expected, "{first}");
        }
    }

    #[test]
    fn a_file_is_named_as_a_policy_by_both_words() {
        for (uri, expected) in [
            ("file:///etc/audit-policy.yaml", true),
            ("file:///Audit_Policy.yml", true),
            ("file:///audit-policy/values.yaml", false),
            ("file:///policy.yaml", false),
        ] {
            assert_eq!(is_named_as_policy(uri), expected, "{uri}");
        }
    }
}
