//! Applies fixes to the text of a policy, and keeps its encoding and line ends.

use std::collections::{BTreeMap, HashSet};

use audit_policy::{Diagnostic, Edit};
use audit_types::{LineIndex, Step};

use super::checked::Checked;
use super::document::CheckedDocuments;
use super::policy::CheckedPolicy;
use crate::config::FileSettings;
use crate::file_name::FileName;
use crate::output::diagnostic;

/// Maximum number of rounds: after a fix, another finding may appear.
const ROUNDS: usize = 10;

/// A file with fixes.
pub(super) struct Fixed {
    pub(super) bytes: Vec<u8>,
    /// Lines about the changes, one per fix or repair.
    changes: Vec<String>,
    /// Lines about damage that is not repaired.
    open: Vec<String>,
}

impl Fixed {
    /// Prints what was changed.
    pub(super) fn report(&self) {
        for change in &self.changes {
            diagnostic(change);
        }
        self.report_open();
    }

    /// Prints what is not repaired.
    pub(super) fn report_open(&self) {
        for line in &self.open {
            diagnostic(line);
        }
    }
}

/// Applies fixes until there are none. Returns `None` if nothing changes.
pub(super) fn fixed(file: &FileName, source: &[u8], settings: &FileSettings<'_>) -> Option<Fixed> {
    let first = match Checked::new(source, settings) {
        Checked::Policy(policy) => policy,
        Checked::Documents(documents) => {
            return fixed_document(file, source, documents, settings);
        }
    };
    let encoding = Encoding::of(source);
    if encoding.encode(&first.loaded.text) != source {
        diagnostic(&format!(
            "{}: not fixed: it contains bytes that are not text and that a fix would remove",
            file
        ));
        return None;
    }
    let mut text = first.loaded.text;
    let mut findings = first.findings;
    let (mut changes, mut open) = (Vec::new(), Vec::new());
    if let Some(repaired) = first.repaired {
        (changes, open) = (repaired.changes(file), repaired.open(file));
        text = repaired.repair.text;
        findings = CheckedPolicy::new(text.as_bytes(), settings).findings;
    }
    let line_end = line_end(&text);
    let mut is_searched = true;
    for _ in 0..ROUNDS {
        if let Some(fixed) = apply(&text, findings.iter().map(|finding| (0, finding)), line_end) {
            fixed.describe(file, &text, &mut changes);
            text = fixed.text;
            findings = CheckedPolicy::new(text.as_bytes(), settings).findings;
            is_searched = false;
            continue;
        }
        // What was fixed can show damage.
        if std::mem::replace(&mut is_searched, true) {
            break;
        }
        let again = CheckedPolicy::new(text.as_bytes(), settings).with_repair(settings.version);
        match again.repaired {
            Some(repaired) if repaired.repair.text != text => {
                changes.extend(repaired.changes(file));
                open = repaired.open(file);
                text = repaired.repair.text;
                findings = CheckedPolicy::new(text.as_bytes(), settings).findings;
            }
            _ => break,
        }
    }
    let bytes = encoding.encode(&text);
    let is_empty = bytes == source && open.is_empty();
    (!is_empty).then_some(Fixed {
        bytes,
        changes,
        open,
    })
}

/// Applies fixes to the policies inside a document. Every other byte stays as it is.
fn fixed_document(
    file: &FileName,
    source: &[u8],
    first: CheckedDocuments,
    settings: &FileSettings<'_>,
) -> Option<Fixed> {
    let encoding = Encoding::of(source);
    let unwritable = first.unwritable_fixes();
    let (mut changes, mut open) = (Vec::new(), Vec::new());
    for repaired in first.repaired() {
        open.extend(repaired.open(file));
    }
    let mut documents = repaired_document(file, first, settings, &mut changes);
    for _ in 0..ROUNDS {
        let line_end = line_end(&documents.text);
        let Some(applied) = apply(&documents.text, documents.findings(), line_end) else {
            break;
        };
        let fixed = CheckedDocuments::of_text(applied.text.clone(), settings);
        if !fixed.is_improvement_on(&documents) {
            diagnostic(&format!(
                "{file}: not fixed: the fixes would change another part of the document"
            ));
            break;
        }
        applied.describe(file, &documents.text, &mut changes);
        documents = fixed;
    }
    if unwritable > 0 {
        let fixes = if unwritable == 1 { "fix" } else { "fixes" };
        diagnostic(&format!(
            "{file}: {unwritable} {fixes} not applied: the place in the document is not certain"
        ));
    }
    let bytes = encoding.encode(&documents.text);
    let is_empty = bytes == source && open.is_empty();
    (!is_empty).then_some(Fixed {
        bytes,
        changes,
        open,
    })
}

/// Repairs the damaged policies inside a document. Every other byte stays as it is.
fn repaired_document(
    file: &FileName,
    documents: CheckedDocuments,
    settings: &FileSettings<'_>,
    changes: &mut Vec<String>,
) -> CheckedDocuments {
    let mut text = String::with_capacity(documents.text.len());
    let mut at = 0;
    let mut described = Vec::new();
    for repaired in documents.repaired() {
        let span = repaired.span;
        let Some(before) = documents.text.get(at..span.start) else {
            continue;
        };
        text.push_str(before);
        text.push_str(&repaired.repair.text);
        at = span.end;
        described.extend(repaired.changes(file));
    }
    text.push_str(documents.text.get(at..).unwrap_or_default());
    if text == documents.text {
        return documents;
    }
    let fixed = CheckedDocuments::of_text(text, settings);
    if !fixed.is_improvement_on(&documents) {
        diagnostic(&format!(
            "{file}: not repaired: the repair would change another part of the document"
        ));
        return documents;
    }
    changes.extend(described);
    fixed
}

/// Encodings of a policy that kube-apiserver reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// With a byte order mark or without.
    Utf8,
    /// With the byte order mark `ff fe`.
    Utf16Little,
    /// With the byte order mark `fe ff`.
    Utf16Big,
}

impl Encoding {
    fn of(source: &[u8]) -> Self {
        match source {
            [0xff, 0xfe, ..] => Self::Utf16Little,
            [0xfe, 0xff, ..] => Self::Utf16Big,
            _ => Self::Utf8,
        }
    }

    /// Encodes a text. UTF-16 gets the byte order mark, which the text does not contain.
    fn encode(self, text: &str) -> Vec<u8> {
        let units = |bytes: fn(u16) -> [u8; 2]| {
            let mark = std::iter::once(0xfeff);
            mark.chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Utf16Little => units(u16::to_le_bytes),
            Self::Utf16Big => units(u16::to_be_bytes),
        }
    }
}

/// Returns the text of an edit with the line end of the text that it changes.
pub(super) fn with_line_end(edit: &str, line_end: &str) -> String {
    if line_end == "\n" {
        return edit.to_owned();
    }
    edit.replace("\r\n", "\n").replace('\n', line_end)
}

/// Returns the line end of most lines.
pub(super) fn line_end(text: &str) -> &'static str {
    let all = text.matches('\n').count();
    let windows = text.matches("\r\n").count();
    if windows * 2 > all { "\r\n" } else { "\n" }
}

/// A text with fixes.
struct Applied {
    text: String,
    /// Titles of the fixes, each with the place of its finding in the text before.
    fixes: Vec<(usize, String)>,
}

impl Applied {
    /// Adds what was changed, one line per fix. `before` is the text before.
    fn describe(&self, file: &FileName, before: &str, changes: &mut Vec<String>) {
        let lines = LineIndex::new(before);
        for (start, title) in &self.fixes {
            let line = lines.position(*start).line;
            changes.push(format!("{file}:{line}: fixed: {title}"));
        }
    }
}

/// Applies every fix that does not touch an earlier one, and makes no two items of a list equal: once the first is fixed, that of the second removes it.
/// Each finding has the number of its policy. Inserted lines get the text's line ends. Returns `None` if nothing changes.
fn apply<'f>(
    text: &str,
    findings: impl Iterator<Item = (usize, &'f Diagnostic)>,
    line_end: &str,
) -> Option<Applied> {
    let mut fixes = Vec::new();
    let mut edits: Vec<&Edit> = Vec::new();
    let mut accepted: BTreeMap<usize, usize> = BTreeMap::new();
    let mut items: HashSet<(usize, &[Step], &str)> = HashSet::new();
    for (policy, finding) in findings {
        let Some(fix) = finding.certain_fix() else {
            continue;
        };
        if let (Some((Step::Index(_), list)), [edit]) = (finding.path.0.split_last(), &*fix.edits)
            && !edit.text.is_empty()
            && !items.insert((policy, list, edit.text.trim_matches(['"', '\''])))
        {
            continue;
        }
        if fix.edits.iter().all(|edit| is_free(&accepted, edit)) {
            edits.extend(&fix.edits);
            let start = finding.span().map_or(0, |span| span.start);
            fixes.push((start, fix.title.clone()));
            for Edit { span, .. } in &fix.edits {
                let end = accepted.entry(span.start).or_default();
                *end = span.end.max(*end);
            }
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in &edits {
        fixed.push_str(text.get(at..edit.span.start)?);
        fixed.push_str(&with_line_end(&edit.text, line_end));
        at = edit.span.end;
    }
    fixed.push_str(text.get(at..)?);
    (fixed != text).then_some(Applied { text: fixed, fixes })
}

/// Returns whether an edit neither overlaps nor touches an accepted one. Accepted ones do not overlap, so only the nearest is compared.
fn is_free(accepted: &BTreeMap<usize, usize>, edit: &Edit) -> bool {
    let before = accepted.range(..=edit.span.end).next_back();
    before.is_none_or(|(_, end)| *end < edit.span.start)
}
