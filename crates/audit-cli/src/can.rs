//! `can`: every verdict that requests of a class can get.

use std::io::Write;

use audit_analysis::{
    Answer, Class, Options, QueryError, can, not_served, outcome_words, query, query_notes,
    request_words, verdict_notes,
};
use audit_json::VerdictReport;
use audit_policy::{KubernetesVersion, Request, Verdict};
use audit_text::escape;
use audit_types::Span;
use serde::Serialize;

use crate::arguments::{Can, TextOrJson};
use crate::error::{Error, Result};
use crate::output::{Output, diagnostic};
use crate::policy_file::PolicyFile;
use crate::verdict::{RuleLines, caution};

/// Answers as a JSON object.
#[derive(Serialize)]
struct Report<'a> {
    answers: Vec<AnswerReport<'a>>,
}

#[derive(Serialize)]
struct AnswerReport<'a> {
    #[serde(flatten)]
    verdict: VerdictReport,
    class: &'a Class,
    requests: String,
    witness: &'a Request,
    producible: bool,
    /// The version has the witness's resource, subresource and verb.
    served: bool,
}

/// Prints the verdicts.
pub(crate) fn run(arguments: &Can, version: KubernetesVersion) -> Result {
    let text = arguments.query.join(" ");
    let classes = query(&text).map_err(|error| Error::Usage(place(&text, &error)))?;
    let file = PolicyFile::read(&arguments.policy, version)?;
    let lines = RuleLines::of(&file);
    let policy = file.accepted(&arguments.policy)?.policy;
    for note in query_notes(&text, &policy, version) {
        let place = column(&text, note.span);
        diagnostic(&format!("{place}: {} (help: {})", note.message, note.help));
    }
    let options = Options::default()
        .with_version(version)
        .only_possible(arguments.possible);
    let answers =
        can(&policy, &classes, options).map_err(|error| Error::Usage(error.to_string()))?;
    match arguments.format {
        TextOrJson::Json => print_json(&answers, version),
        TextOrJson::Text => print_text(&answers, &lines, version),
    }
}

/// Returns an error in a query with its place.
fn place(text: &str, error: &QueryError) -> String {
    format!("{}: {error}", column(text, error.span))
}

fn column(text: &str, span: Span) -> String {
    let before = text.get(..span.start).unwrap_or_default();
    format!("query, column {}", before.chars().count() + 1)
}

fn print_json(answers: &[Answer], version: KubernetesVersion) -> Result {
    let mut out = Output::json();
    let report = Report {
        answers: answers
            .iter()
            .map(|answer| AnswerReport {
                verdict: answer.verdict.into(),
                class: &answer.class,
                requests: answer.class.words(),
                witness: &answer.witness,
                producible: answer.is_producible,
                served: not_served(&answer.witness, version).is_none(),
            })
            .collect(),
    };
    serde_json::to_writer(&mut out, &report)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

fn print_text(answers: &[Answer], lines: &RuleLines, version: KubernetesVersion) -> Result {
    let mut out = Output::text();
    for answer in answers {
        let rule = lines.words(answer.verdict.rule);
        writeln!(
            out,
            "{} by {rule}: {}",
            verdict(answer.verdict),
            escape(&answer.class.words())
        )?;
        let note = caution(&answer.witness, answer.is_producible, version);
        writeln!(
            out,
            "  for example: {}{}",
            escape(&request_words(&answer.witness)),
            escape(&note)
        )?;
    }
    // Last, so that it is next to the prompt after a long list.
    writeln!(out, "{}", outcome_words(answers))?;
    out.flush()?;
    Ok(())
}

/// Returns a verdict in words: `Metadata, without RequestReceived`.
fn verdict(verdict: Verdict) -> String {
    let notes = verdict_notes(verdict);
    if notes.is_empty() {
        verdict.level.name().to_owned()
    } else {
        format!("{}, {notes}", verdict.level.name())
    }
}
