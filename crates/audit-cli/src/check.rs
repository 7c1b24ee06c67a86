//! `check`: what the server would say of a policy, and what is doubtful in it.

mod json;
mod text;
mod v1;

use std::io::{self, Write};

use audit_policy::finding::Fix;
use audit_policy::lint::lint;
use audit_policy::{Finding, KubernetesVersion, Loaded, Severity, load};

use crate::Outcome;
use crate::arguments::{Check, TextOrJson};
use crate::failure::Failure;
use crate::input::{STANDARD_INPUT, policy_bytes, save};
use crate::terminal::Style;

/// A policy, looked at.
struct Checked {
    loaded: Loaded,
    findings: Vec<Finding>,
}

impl Checked {
    fn new(source: &[u8], version: KubernetesVersion) -> Self {
        let loaded = load(source, version);
        let mut findings = loaded.findings.clone();
        findings.extend(lint(&loaded, version));
        findings.sort_by_key(|finding| (finding.span.start, finding.code));
        Self { loaded, findings }
    }

    fn accepted(&self) -> bool {
        self.loaded.policy.is_some()
    }

    fn is_doubtful(&self) -> bool {
        self.loaded.warning.is_some()
            || self
                .findings
                .iter()
                .any(|finding| finding.severity >= Severity::Warning)
    }
}

/// Checks each policy, and fails at the end if any is rejected.
pub(crate) fn run(arguments: &Check, version: KubernetesVersion) -> Outcome {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let style = Style::of_stdout();
    let mut is_sound = true;
    for file in &arguments.policies {
        let mut source = policy_bytes(file)?;
        if arguments.fix {
            source = mend(file, source, version)?;
            if file == STANDARD_INPUT {
                out.write_all(&source)?;
                is_sound &= Checked::new(&source, version).accepted();
                continue;
            }
        }
        let checked = Checked::new(&source, version);
        is_sound &= checked.accepted() && !(arguments.strict && checked.is_doubtful());
        match arguments.format {
            TextOrJson::Json => json::print(file, &checked, &mut out)?,
            TextOrJson::Text => text::print(file, &checked, style, &mut out)?,
        }
    }
    out.flush()?;
    if is_sound {
        Ok(())
    } else {
        Err(Failure::Rejected)
    }
}

/// Rounds of mending; a fix may bring another to light.
const ROUNDS: usize = 10;

/// Applies fixes until none is offered, and writes the file back if it has changed.
fn mend(file: &str, source: Vec<u8>, version: KubernetesVersion) -> Result<Vec<u8>, Failure> {
    let mut text = source.clone();
    for _ in 0..ROUNDS {
        let checked = Checked::new(&text, version);
        let fixes = checked
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_ref());
        match apply(&checked.loaded.text, fixes) {
            Some(mended) => text = mended.into_bytes(),
            None => break,
        }
    }
    if text != source && file != STANDARD_INPUT {
        save(file, &text)?;
    }
    Ok(text)
}

/// The text with every fix that does not touch an earlier one; none where there is nothing to do.
fn apply<'f>(text: &str, fixes: impl Iterator<Item = &'f Fix>) -> Option<String> {
    let mut edits: Vec<_> = Vec::new();
    for fix in fixes {
        let is_free = fix.edits.iter().all(|edit| {
            edits.iter().all(|other: &&audit_policy::finding::Edit| {
                edit.span.end < other.span.start || other.span.end < edit.span.start
            })
        });
        if is_free {
            edits.extend(&fix.edits);
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    for edit in &edits {
        mended.push_str(text.get(at..edit.span.start)?);
        mended.push_str(&edit.text);
        at = edit.span.end;
    }
    mended.push_str(text.get(at..)?);
    (mended != text).then_some(mended)
}
