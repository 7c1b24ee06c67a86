//! `simplify`: an equal policy from which nothing can be removed.

use std::io::Write;

use audit_analysis::{Options, Simplified, edited, simplified_edits, simplify};
use audit_policy::{KubernetesVersion, Loaded, Policy};
use audit_text::diff::unified;
use audit_types::{Edit, RuleIndex, format};

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
    let (simplified, edits) = simpler(&policy, &loaded, version)?;
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

/// Returns the simpler policy, and the edits of the text that lead to it. Rules are only merged if the text can be edited accordingly.
fn simpler(
    policy: &Policy,
    loaded: &Loaded,
    version: KubernetesVersion,
) -> Result<(Simplified, Option<Vec<Edit>>)> {
    let options = Options::default().with_version(version);
    let spans = loaded.rule_spans();
    // Comments inside a rule go with it.
    let has_comment = |rule: RuleIndex| {
        let span = spans.get(rule.get());
        let rest = span.and_then(|span| Some((span, loaded.text.get(span.end..)?)));
        let end = rest.map(|(span, rest)| span.end + rest.find('\n').unwrap_or(rest.len()));
        let text = span.zip(end);
        let text = text.and_then(|(span, end)| loaded.text.get(span.start..end));
        text.is_none_or(|text| text.contains('#'))
    };
    let simplify = |merges: bool| {
        simplify(policy, options, &|_, other| merges && !has_comment(other))
            .map_err(|error| Error::Usage(error.to_string()))
    };
    let simplified = simplify(true)?;
    let edits = simplified_edits(loaded, &simplified, version);
    if edits.is_some() || simplified.merged.is_empty() {
        return Ok((simplified, edits));
    }
    let simplified = simplify(false)?;
    let edits = simplified_edits(loaded, &simplified, version);
    Ok((simplified, edits))
}

/// What is printed.
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
    // `rules` and an index.
    let is_rule = |path: &&audit_types::Path| path.0.len() == 2;
    let rules = simplified.removed.iter().filter(is_rule).count();
    let values = simplified.removed.len() - rules;
    let merged = simplified.merged.len();
    if simplified.removed.is_empty() && merged == 0 {
        diagnostic(
            "nothing can be removed: without any rule or value, some request would be treated differently",
        );
    } else {
        let all = simplified.policy.rules.len() + rules + merged;
        let mut done = Vec::new();
        if !simplified.removed.is_empty() {
            let rules = format::counted(rules as f64, "rule", "rules");
            let values = format::counted(values as f64, "value", "values");
            done.push(format!("removed {rules} of {all}, and {values} of others"));
        }
        if merged > 0 {
            let rules = format::counted(merged as f64, "rule", "rules");
            done.push(format!("added {rules} of {all} to the rule before"));
        }
        let done = done.join("; ");
        diagnostic(&format!("{done}; every request is treated as before"));
    }
    for (first, second) in &simplified.mergeable {
        diagnostic(&format!(
            "{first} and {second} of the simpler policy differ in one list only, and can be one rule"
        ));
    }
}
