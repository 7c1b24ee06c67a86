//! `simplify`: an equal policy from which nothing can be removed.

use std::io::Write;

use audit_analysis::{Options, Simplified, simplified_text, simplify};
use audit_policy::KubernetesVersion;
use audit_text::diff::unified;
use audit_types::format;

use crate::arguments::Simplify;
use crate::error::{Error, Result};
use crate::output::{Output, diagnostic};
use crate::policy_file::PolicyFile;

/// Prints the simpler policy, or what changes.
pub(crate) fn run(arguments: &Simplify, version: KubernetesVersion) -> Result {
    let file = PolicyFile::read(&arguments.policy, version)?;
    let loaded = file.loaded.clone();
    let policy = file.accepted(&arguments.policy)?.policy;
    let options = Options::default().with_version(version);
    let simplified = simplify(&policy, options).map_err(|error| Error::Usage(error.to_string()))?;
    let text = simplified_text(&loaded, &simplified.removed, &simplified.policy, version);
    let is_rewritten = text.is_none();
    let text = match text {
        Some(text) => text,
        None => format!("{}\n", serde_json::to_string_pretty(&simplified.policy)?),
    };
    let printed = if arguments.diff {
        unified(&loaded.text, &text, &arguments.policy)
    } else {
        text
    };
    let mut out = Output::own();
    out.write_exact(printed.as_bytes())?;
    out.flush()?;
    report(&simplified, policy.rules.len(), is_rewritten);
    Ok(())
}

/// Prints on standard error what was removed, and what else could be done.
fn report(simplified: &Simplified, rules: usize, is_rewritten: bool) {
    if simplified.removed.is_empty() {
        diagnostic(
            "nothing can be removed: without any rule or value, some request would be treated differently",
        );
    } else {
        let left = simplified.policy.rules.len();
        let removed = format::counted((rules - left) as f64, "rule", "rules");
        let values = simplified.removed.len() - (rules - left);
        let values = format::counted(values as f64, "value", "values");
        diagnostic(&format!(
            "removed {removed} of {rules}, and {values} of others; every request is treated as before"
        ));
    }
    if is_rewritten {
        diagnostic(
            "printed as JSON: in this layout, nothing can be removed without changing something else (anchors, or several items in a line)",
        );
    }
    for (first, second) in &simplified.mergeable {
        diagnostic(&format!(
            "{first} and {second} of the simpler policy differ in one list only, and can be one rule"
        ));
    }
}
