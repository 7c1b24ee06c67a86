//! Applying fixes to a policy as it stands in its file: in its encoding and with its line ends.

use std::collections::BTreeMap;

use audit_policy::KubernetesVersion;
use audit_policy::{Edit, Fix};

use super::Checked;
use crate::file_name::FileName;
use crate::output::diagnostic;

/// Rounds of fixing; a fix may bring another to light.
const ROUNDS: usize = 10;

/// Applies fixes until none is offered; `None` if nothing changes.
pub(super) fn fixed(file: &FileName, source: &[u8], version: KubernetesVersion) -> Option<Vec<u8>> {
    let first = Checked::new(source, version);
    let encoding = Encoding::of(source);
    if encoding.encode(&first.loaded.text) != source {
        diagnostic(&format!(
            "{}: not fixed: it contains bytes that are not text, which a fix would destroy",
            file
        ));
        return None;
    }
    let mut text = first.loaded.text;
    let line_end = line_end(&text);
    let mut findings = first.findings;
    for _ in 0..ROUNDS {
        let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
        match apply(&text, fixes, line_end) {
            Some(fixed) => text = fixed,
            None => break,
        }
        findings = Checked::new(text.as_bytes(), version).findings;
    }
    let fixed = encoding.encode(&text);
    (fixed != source).then_some(fixed)
}

/// The encodings in which kube-apiserver reads a policy.
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

    /// The text in this encoding; one of UTF-16 has its mark outside of the text.
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

/// How most lines of a text end.
fn line_end(text: &str) -> &'static str {
    let all = text.matches('\n').count();
    let windows = text.matches("\r\n").count();
    if windows * 2 > all { "\r\n" } else { "\n" }
}

/// The text with every fix that does not touch an earlier one; `None` if there is nothing to do. Inserted lines end as those of the text do.
fn apply<'f>(text: &str, fixes: impl Iterator<Item = &'f Fix>, line_end: &str) -> Option<String> {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for fix in fixes {
        if fix.edits.iter().all(|edit| is_free(&taken, edit)) {
            edits.extend(&fix.edits);
            for Edit { span, .. } in &fix.edits {
                let end = taken.entry(span.start).or_default();
                *end = span.end.max(*end);
            }
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in &edits {
        fixed.push_str(text.get(at..edit.span.start)?);
        if line_end == "\n" {
            fixed.push_str(&edit.text);
        } else {
            let lines = edit.text.replace("\r\n", "\n");
            fixed.push_str(&lines.replace('\n', line_end));
        }
        at = edit.span.end;
    }
    fixed.push_str(text.get(at..)?);
    (fixed != text).then_some(fixed)
}

/// Whether an edit neither overlaps nor touches one that is taken; those do not overlap each other, so that the two next to it tell.
fn is_free(taken: &BTreeMap<usize, usize>, edit: &Edit) -> bool {
    let before = taken.range(..=edit.span.end).next_back();
    before.is_none_or(|(_, end)| *end < edit.span.start)
}
