//! `simplify`: an equal policy from which nothing can be removed.

use std::io::Write;

use audit_analysis::{Simplified, edited, simplify_text};
use audit_policy::{KubernetesVersion, Loaded};
use audit_text::diff::unified;
use audit_types::Edit;

use crate::arguments::Simplify;
use crate::error::{Error, Result};
use crate::output::{Output, diagnostic};
use crate::policy_file::{Around, PolicyFile};

/// Prints the simpler policy, or what changes. A policy inside a document is printed with the document.
pub(crate) fn run(arguments: &Simplify, version: KubernetesVersion) -> Result {
    let mut file = PolicyFile::read(&arguments.policy, version)?;
    let loaded = file.loaded.clone();
    let around = file.around.take();
    let policy = file.accepted(&arguments.policy)?.policy;
    let (simplified, edits) = simplify_text(&policy, &loaded, version)
        .map_err(|error| Error::Usage(error.to_string()))?;
    let written = written(&loaded, around.as_ref(), &simplified, edits, version)?;
    let printed = match (&written.before, arguments.diff) {
        (before, true) => unified(before, &written.after, &arguments.policy),
        (_, false) => written.after,
    };
    let mut out = Output::own();
    out.write_exact(printed.as_bytes())?;
    out.flush()?;
    report(&simplified);
    if let Some(note) = written.note {
        diagnostic(note);
    }
    Ok(())
}

/// Printed text, and the text before.
struct Written {
    before: String,
    after: String,
    note: Option<&'static str>,
}

fn written(
    loaded: &Loaded,
    around: Option<&Around>,
    simplified: &Simplified,
    edits: Option<Vec<Edit>>,
    version: KubernetesVersion,
) -> Result<Written> {
    let before = loaded.text.clone();
    let text = edits.as_ref().and_then(|edits| edited(&before, edits));
    let Some(after) = text else {
        let policy = serde_json::to_string_pretty(&simplified.policy)?;
        return Ok(Written {
            before,
            after: format!("{policy}\n"),
            note: Some(
                "printed as JSON: in this layout, nothing can be removed without changing something else (anchors, or several items in a line)",
            ),
        });
    };
    let Some(around) = around else {
        let note = None;
        return Ok(Written {
            before,
            after,
            note,
        });
    };
    let edits = edits.unwrap_or_default();
    match around.edited(&before, &edits, &simplified.policy, version) {
        Some(document) => Ok(Written {
            before: around.text.clone(),
            after: document,
            note: None,
        }),
        None => Ok(Written {
            before,
            after,
            note: Some(
                "printed without the document around it: the place of a change in it is not certain",
            ),
        }),
    }
}

/// Prints on standard error what was removed, and what else could be done.
fn report(simplified: &Simplified) {
    diagnostic(&simplified.words());
    for warning in simplified.warnings() {
        diagnostic(&warning);
    }
    for (first, second) in &simplified.mergeable {
        diagnostic(&format!(
            "{first} and {second} of the simpler policy differ in one list only, and can be one rule"
        ));
    }
}
