//! Adds a case to the text of a file, which keeps its comments and its layout.

use std::ops::Range;

use crate::case::Case;
use crate::file::TestFile;

/// Beginning of a file of tests.
const HEADER: &str = "kind: PolicyTests\ntests:\n";

/// Reason why a case cannot be added to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddError {
    /// The text is not a file of tests.
    Unreadable,
    /// The list of cases is not written as one item per line, such as in brackets.
    Layout,
}

/// Adds a case, as [`case_text`](crate::case_text) writes it, after the last one, and returns the new text with the range of the case in bytes. A
/// blank text becomes a file with this case. All other cases stay as they are.
///
/// # Errors
///
/// Returns an error if the text is not a file of tests, or if its layout leaves no place for the case.
///
/// ```
/// let text = "tests:\n  # today\n  - name: a\n    request: {verb: get, path: /version}\n    level: None\n";
/// let case = "- name: b\n  request: {verb: get, path: /healthz}\n  level: None\n";
/// let (added, range) = audit_tests::add_case(text, case).unwrap();
/// assert_eq!(&added[..text.len()], text);
/// assert_eq!(&added[range], "  - name: b\n    request: {verb: get, path: /healthz}\n    level: None\n");
/// ```
pub fn add_case(text: &str, case: &str) -> Result<(String, Range<usize>), AddError> {
    if text.trim().is_empty() {
        return Ok((
            [HEADER, case].concat(),
            HEADER.len()..HEADER.len() + case.len(),
        ));
    }
    if let Some(added) = first_of_empty_list(text, case) {
        return Ok(added);
    }
    let file = TestFile::parse(text).map_err(|_| AddError::Unreadable)?;
    let last = file.tests.last().ok_or(AddError::Unreadable)?;
    let indentation = dash_indentation(text, last).ok_or(AddError::Layout)?;
    let places = [Some(text.len()), end_of_item(text, last, indentation.len())];
    let added = places.into_iter().flatten().find_map(|place| {
        let (added, range) = inserted(text, place, case, indentation)?;
        is_added(&file, &added).then_some((added, range))
    });
    added.ok_or(AddError::Layout)
}

/// Adds a case to a text that ends with an empty list of cases. `None` if it does not.
fn first_of_empty_list(text: &str, case: &str) -> Option<(String, Range<usize>)> {
    let trimmed = text.trim_end();
    let head = trimmed.strip_suffix("[]").map_or(trimmed, str::trim_end);
    let line = head.rsplit('\n').next()?;
    let added = [head, "\n", case].concat();
    let start = head.len() + 1;
    let is_added =
        line == "tests:" && TestFile::parse(&added).is_ok_and(|file| file.tests.len() == 1);
    is_added.then(|| (added, start..start + case.len()))
}

/// Returns the spaces before the dash of a case. `None` if it is not an item of its own line.
fn dash_indentation<'t>(text: &'t str, case: &Case) -> Option<&'t str> {
    let before = text.get(..case.span.start)?;
    let line = before.rsplit('\n').next()?;
    let indentation = line.trim_end().strip_suffix('-')?;
    indentation.trim().is_empty().then_some(indentation)
}

/// Returns the offset of the first line after a case that is not part of it.
fn end_of_item(text: &str, case: &Case, indentation: usize) -> Option<usize> {
    let mut at = case.span.start;
    for line in text.get(at..)?.split_inclusive('\n') {
        let depth = line.len() - line.trim_start_matches(' ').len();
        if at > case.span.start && !line.trim().is_empty() && depth <= indentation {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Returns the text with a case in a place, and its range.
fn inserted(
    text: &str,
    place: usize,
    case: &str,
    indentation: &str,
) -> Option<(String, Range<usize>)> {
    let (before, after) = text.split_at_checked(place)?;
    let mut added = before.to_owned();
    if !added.ends_with('\n') {
        added.push('\n');
    }
    let start = added.len();
    for line in case.lines() {
        added.push_str(indentation);
        added.push_str(line);
        added.push('\n');
    }
    let end = added.len();
    added.push_str(after);
    Some((added, start..end))
}

/// Returns true if a text has one more case than the file, after the same ones.
fn is_added(file: &TestFile, text: &str) -> bool {
    let Ok(new) = TestFile::parse(text) else {
        return false;
    };
    let is_same = |(old, new): (&Case, &Case)| old.name == new.name && old.claim == new.claim;
    new.tests.len() == file.tests.len() + 1
        && new.policy.is_some() == file.policy.is_some()
        && new.settings.is_some() == file.settings.is_some()
        && file.tests.iter().zip(&new.tests).all(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = "- name: new\n  request: {verb: get, path: /version}\n  level: None\n";

    #[test]
    fn a_case_is_added_after_the_last_one() {
        let old = "- name: a\n  request: {verb: get, path: /a}\n  level: None\n";
        let indented = old.replace('\n', "\n  ");
        for (text, expected) in [
            ("", format!("{HEADER}{CASE}")),
            (" \n", format!("{HEADER}{CASE}")),
            (&format!("tests:\n{old}"), format!("tests:\n{old}{CASE}")),
            ("tests: []\n", format!("tests:\n{CASE}")),
            ("title: a\ntests:\n", format!("title: a\ntests:\n{CASE}")),
            // The last line is not ended.
            (
                format!("tests:\n{old}").trim_end(),
                format!("tests:\n{old}{CASE}"),
            ),
            // Another key follows.
            (
                &format!("tests:\n{old}\ntitle: b\n"),
                format!("tests:\n{old}\n{CASE}title: b\n"),
            ),
            (
                &format!("tests:\n  {}\n", indented.trim_end()),
                format!(
                    "tests:\n  {}\n  {}\n",
                    indented.trim_end(),
                    CASE.replace('\n', "\n  ").trim_end()
                ),
            ),
            (
                &format!("tests:\n{old}# the end\n"),
                format!("tests:\n{old}# the end\n{CASE}"),
            ),
        ] {
            let (added, range) = add_case(text, CASE).unwrap();
            assert_eq!(added, expected, "{text}");
            assert!(added[range].contains("name: new"), "{text}");
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        for (text, error) in [
            ("tests: [", AddError::Unreadable),
            ("kind: Policy\nrules: []\n", AddError::Unreadable),
            (
                "tests: [{name: a, request: {verb: get, path: /a}, level: None}]\n",
                AddError::Layout,
            ),
            // What follows the end of the document would not be read.
            (
                "{tests: [\n{name: a, request: {verb: get, path: /a}, level: None}\n]}\n",
                AddError::Layout,
            ),
        ] {
            assert_eq!(add_case(text, CASE).unwrap_err(), error, "{text}");
        }
    }
}
