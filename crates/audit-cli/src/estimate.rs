//! `estimate`: how much a policy writes of a log, a day, and by what; what that means, and what would make it less.

mod consequences;
mod json;
mod proposals;
mod read;
mod sample;
mod text;
mod words;

use std::io::Write;

use apiserver_config::{SettingCode, Settings, check};
use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_types::{Code, Diagnostic, Severity};
use audit_volume::Volume;
use audit_volume::backend::BackendKind;
use audit_volume::compare::{Comparison, compare};
use audit_volume::estimate::{BodySizes, Estimate};
use audit_volume::truncate::{Truncation, truncation};

use crate::arguments::{self, TextOrJson};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::all_read;
use crate::input::{accepted, check_read_once, policy, policy_bytes};
use crate::output::{Output, diagnostic};
use crate::settings::{print_finding, settings};
use crate::simulate::check_sizes;
use consequences::{Consequences, Prices};
use proposals::Proposed;
use read::Logs;
use sample::{Packing, Sample};

/// All that there is to say of logs under a policy.
struct Answer<'a> {
    logs: &'a Logs,
    policy: &'a Policy,
    settings: &'a Settings,
    estimate: Estimate,
    /// Of what is written: events that the logs lack, before the later ones from which they are derived.
    derived: Volume,
    /// The policy that is compared with, and how.
    baseline: Option<(&'a Policy, Comparison)>,
    packing: Option<Packing>,
    prices: Prices,
    consequences: Consequences,
    /// Where it is on.
    truncation: Option<Truncation>,
    /// Where it is asked for.
    proposed: Option<Proposed>,
}

/// Reads the logs as one, and estimates them.
pub(crate) fn run(arguments: &arguments::Estimate, version: KubernetesVersion) -> Result {
    check_call(arguments)?;
    let mut settings = settings(&arguments.log, version)?;
    let version = settings.version;
    truncate(arguments, &mut settings);
    let source = policy_bytes(&arguments.policy)?;
    let (judged, text) = accepted(&arguments.policy, &source, version)?;
    settings.policy = text;
    let baseline = match &arguments.baseline {
        Some(file) => Some(policy(file, version)?),
        None => None,
    };
    let packs = settings.log.compress && !arguments.apply;
    let sample = packs.then(|| Sample::new(&judged, version));
    let logs = Logs::read(&arguments.logs, sample)?;
    let proposed = if arguments.propose {
        let include_writes = arguments.include_writes;
        let proposed = Proposed::of(&source, &judged, &logs, version, include_writes)?;
        Some(proposed)
    } else {
        None
    };
    if arguments.apply {
        proposed.map_or(Ok(()), |proposed| apply(&proposed))?;
        return all_read(&logs.files);
    }
    let mut answer = Answer::of(&logs, &judged, baseline.as_ref(), &settings, arguments);
    let proof = proposed.as_ref().map(|proposed| &proposed.together.proof);
    let unproven = proof
        .filter(|proof| !proof.holds)
        .map(|proof| Error::Unproven(proof.sentence()));
    answer.proposed = proposed;
    print(&answer, arguments)?;
    if let Some(error) = unproven {
        return Err(error);
    }
    let refused = refuse(&settings);
    all_read(&logs.files).and(refused)
}

fn print(answer: &Answer<'_>, arguments: &arguments::Estimate) -> Result {
    let mut out = match arguments.format {
        TextOrJson::Json => Output::json(),
        TextOrJson::Text => Output::text(),
    };
    match arguments.format {
        TextOrJson::Json => json::print(answer, &mut out)?,
        TextOrJson::Text => text::print(answer, arguments, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// What is to be said of the retention that is asked for, with these logs at hand.
pub(crate) fn retention(
    policy: &Policy,
    settings: &Settings,
    logs: &[FileName],
) -> Result<(Option<Diagnostic>, Result), Error> {
    let version = settings.version;
    let sample = settings.log.compress.then(|| Sample::new(policy, version));
    let logs = Logs::read(logs, sample)?;
    let table = &logs.table;
    let verdicts = Verdicts::new(&Matcher::new(policy), table.requests());
    let bodies = BodySizes::measure(table);
    let estimate = Estimate::new(table, &verdicts, version, &logs.window, &bodies);
    let packing = logs.sample.as_ref().and_then(Sample::measure);
    let ratio = packing.map(|packing| packing.ratio);
    let short = estimate.rate.short_log_caution.as_deref();
    let finding = estimate.write_rate().and_then(|stream| {
        audit_volume::retention::check_retention(&stream, settings, ratio, short)
    });
    Ok((finding, all_read(&logs.files)))
}

/// What can be told to be wrong before anything is read.
fn check_call(arguments: &arguments::Estimate) -> Result {
    check_sizes(
        arguments.truncate_max_event_size,
        arguments.truncate_max_batch_size,
    )?;
    if arguments.apply && arguments.format == TextOrJson::Json {
        return Err(Error::Usage(
            "`--apply` prints a policy, which is no JSON: leave out `--format json`".to_owned(),
        ));
    }
    let policies = [
        Some(&arguments.policy),
        arguments.baseline.as_ref(),
        arguments.log.settings.as_ref(),
    ];
    check_read_once(policies.into_iter().flatten().chain(&arguments.logs))
}

/// Turns truncation on where its options are given.
fn truncate(arguments: &arguments::Estimate, settings: &mut Settings) {
    let truncate = &mut settings.log.truncate;
    let signed = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
    if let Some(size) = arguments.truncate_max_event_size {
        truncate.enabled = true;
        truncate.max_event_size = signed(size);
    }
    if let Some(size) = arguments.truncate_max_batch_size {
        truncate.max_batch_size = signed(size);
    }
}

/// Says why the server would not start with the settings, if so.
fn refuse(settings: &Settings) -> Result {
    let findings = check(settings);
    let refusals = findings.iter().filter(|finding| {
        finding.code == SettingCode::RejectedValue.id() && finding.severity == Severity::Error
    });
    let mut outcome = Ok(());
    for finding in refusals {
        print_finding(finding);
        outcome = Err(Error::Rejected);
    }
    outcome
}

/// Prints the policy with every proposed rule in it, unless something would be lost.
fn apply(proposed: &Proposed) -> Result {
    let together = &proposed.together;
    diagnostic(&together.sentence());
    if !together.proof.holds {
        return Err(Error::Unproven(together.proof.sentence()));
    }
    diagnostic(&together.proof.sentence());
    let mut out = Output::data();
    out.write_all(&proposed.changed)?;
    out.flush()?;
    Ok(())
}

impl<'a> Answer<'a> {
    fn of(
        logs: &'a Logs,
        policy: &'a Policy,
        baseline: Option<&'a Policy>,
        settings: &'a Settings,
        arguments: &arguments::Estimate,
    ) -> Self {
        let (table, version) = (&logs.table, settings.version);
        let judge = |policy: &Policy| Verdicts::new(&Matcher::new(policy), table.requests());
        let verdicts = judge(policy);
        let bodies = BodySizes::measure(table);
        let estimate = Estimate::new(table, &verdicts, version, &logs.window, &bodies);
        let packing = logs.sample.as_ref().and_then(Sample::measure);
        let prices = Prices {
            ingested: arguments.price_ingested,
            stored: arguments.price_stored,
        };
        let truncate = &settings.log.truncate;
        let cut = || truncation(table, &verdicts, BackendKind::Log, truncate, version);
        Self {
            baseline: baseline
                .map(|other| (other, compare(table, &judge(other), &verdicts, version))),
            consequences: Consequences::of(&estimate, settings, packing, prices),
            truncation: truncate.enabled.then(cut),
            derived: table.evaluate(&verdicts, version).tally.derived.into(),
            proposed: None,
            logs,
            policy,
            settings,
            estimate,
            packing,
            prices,
        }
    }
}
