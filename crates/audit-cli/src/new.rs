//! `new`: a policy that meets claims.

mod json;

use std::io::Write;

use audit_analysis::query_notes;
use audit_goals::{NewPolicy, NoPolicy, Wanted};
use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_tests::{Case, terms_of_line};
use audit_types::format::counted;
use audit_volume::estimate::{BodySizes, Estimate};
use audit_volume::report::volume;

use crate::arguments::{New, TextOrJson};
use crate::chunks::thread_count;
use crate::error::{Error, Result};
use crate::estimate::read::Logs;
use crate::files::all_read;
use crate::input::check_read_once;
use crate::output::{Output, diagnostic};
use crate::packs::{Pack, is_file};

/// Prints the policy, or the claims that contradict each other. `given` is the version of the call.
pub(crate) fn run(arguments: &New, given: Option<KubernetesVersion>) -> Result {
    let packs = arguments.packs.iter().filter(|name| is_file(name));
    check_read_once(packs.chain(&arguments.files).chain(&arguments.log))?;
    let (packs, version) = Pack::read_claims(&arguments.packs, &arguments.files, given)?;
    let mut cases: Vec<Case> = packs.into_iter().flat_map(|pack| pack.file.tests).collect();
    for (index, line) in arguments.claims.iter().enumerate() {
        cases.push(claim(index, line, version)?);
    }
    if cases.is_empty() {
        let help = "choose a pack with `--pack cis`, or state a claim with `--claim 'resource=secrets level=Metadata'`";
        return Err(Error::Usage(format!("no claims are given (help: {help})")));
    }
    let wanted = Wanted::default()
        .with_otherwise(arguments.otherwise)
        .with_version(version);
    match NewPolicy::new(&cases, wanted) {
        Ok(new) => print(&new, &cases, arguments, version),
        Err(reason) => fail(&reason, &cases, arguments.format),
    }
}

/// Parses a claim of the call, and reports resources that are probably misspelled.
fn claim(index: usize, line: &str, version: KubernetesVersion) -> Result<Case> {
    let place = |start: usize| {
        let before = line.get(..start).unwrap_or_default();
        let column = before.chars().count() + 1;
        format!("claim {}, column {column}", index + 1)
    };
    let case = Case::from_line(line)
        .map_err(|error| Error::Usage(format!("{}: {error}", place(error.span.start))))?;
    for note in query_notes(&terms_of_line(line), &Policy::default(), version) {
        let (place, help) = (place(note.span.start), note.help);
        diagnostic(&format!("{place}: {} (help: {help})", note.message));
    }
    Ok(case)
}

fn print(new: &NewPolicy, cases: &[Case], arguments: &New, version: KubernetesVersion) -> Result {
    let mut read = Ok(());
    let mut estimate = None;
    if !arguments.log.is_empty() {
        let logs = Logs::read(&arguments.log, None, thread_count(None))?;
        let table = &logs.table;
        let verdicts = Verdicts::new(&Matcher::new(&new.policy), table.requests());
        let bodies = BodySizes::measure(table);
        let measured = Estimate::new(table, &verdicts, version, &logs.window, &bodies);
        estimate = Some(measured);
        read = all_read(&logs.files);
    }
    match arguments.format {
        TextOrJson::Json => json::print(new, cases, estimate.as_ref())?,
        TextOrJson::Text => {
            let mut out = Output::data();
            out.write_all(new.text.as_bytes())?;
            out.flush()?;
            report(new, cases, estimate.as_ref());
        }
    }
    read
}

/// Prints on standard error what was proved and what was not, and the volume.
fn report(new: &NewPolicy, cases: &[Case], estimate: Option<&Estimate>) {
    let met = counted(new.met.len() as f64, "claim", "claims");
    let aside = match new.set_aside.len() {
        0 => String::new(),
        count => format!("; {count} of {} not about the policy", cases.len()),
    };
    diagnostic(&format!("{met} met, by proof{aside}"));
    if !new.named_rule.is_empty() {
        let claims = counted(new.named_rule.len() as f64, "claim", "claims");
        diagnostic(&format!(
            "the number of a rule in {claims} was left out: the order of a new policy follows from its claims"
        ));
    }
    if !new.is_exact {
        diagnostic(
            "requests that no claim is about may be recorded otherwise than `--otherwise` states: rules cannot distinguish them from those of a claim",
        );
    }
    let Some(estimate) = estimate else {
        return;
    };
    let section = volume(estimate);
    for row in &section.rows {
        diagnostic(&format!("{}: {}", row.label, row.value_text()));
    }
    for text in section.warnings.iter().chain(&section.notes) {
        diagnostic(text);
    }
}

/// Prints why no policy meets the claims.
fn fail(reason: &NoPolicy, cases: &[Case], format: TextOrJson) -> Result {
    if format == TextOrJson::Json {
        json::print_reason(reason, cases)?;
    }
    for message in reason.messages(cases) {
        diagnostic(&message);
    }
    Err(match reason {
        NoPolicy::NoClaim | NoPolicy::OnlyRules | NoPolicy::TooLarge => Error::Reported,
        _ => Error::Rejected,
    })
}
