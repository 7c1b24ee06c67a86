//! `estimate`: the volume that a policy writes of a log, per day and by attribute; its consequences, and rules that would reduce it.

pub(crate) mod compression;
mod json;
mod metrics;
pub(crate) mod read;
mod results;
mod text;

use std::io::Write;

use apiserver_config::{SettingCode, Settings, check};
use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_types::{Code, Diagnostic, Severity};
use audit_volume::estimate::{BodySizes, Estimate};
use audit_volume::retention::check_retention;
use audit_volume::suggest::CombinedRules;

use crate::arguments::{self, TextOrJson};
use crate::chunks::thread_count;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::all_read;
use crate::input::check_read_once;
use crate::output::{Output, diagnostic};
use crate::policy_file::{AcceptedPolicy, PolicyFile, policy};
use crate::settings::{print_finding, settings};
use crate::simulate::check_sizes;
use compression::{CompressionSample, LineSampler};
use read::Logs;
use results::{Results, SuggestedChanges};

/// Reads the logs as one, and estimates them.
pub(crate) fn run(arguments: &arguments::Estimate, version: KubernetesVersion) -> Result {
    check_call(arguments)?;
    if !arguments.metrics.is_empty() {
        return metrics::run(arguments, version);
    }
    let mut settings = settings(&arguments.log, version)?;
    let version = settings.version;
    truncate(arguments, &mut settings);
    let file = PolicyFile::read(&arguments.policy, version)?;
    let AcceptedPolicy {
        policy: judged,
        text,
        source,
    } = file.accepted(&arguments.policy)?;
    settings.policy = text;
    let baseline = match &arguments.baseline {
        Some(file) => Some(policy(file, version)?),
        None => None,
    };
    let compresses = settings.log.compress && !arguments.apply;
    let sampler = compresses.then(|| LineSampler::new(&judged, version));
    let threads = thread_count(arguments.jobs);
    let logs = Logs::read(&arguments.logs, sampler, threads)?;
    let suggestions = if arguments.propose {
        let changes = SuggestedChanges::new(&source, &judged, &logs, arguments, version)?;
        Some(changes)
    } else {
        None
    };
    if arguments.apply {
        suggestions.map_or(Ok(()), |changes| apply(&changes.together))?;
        return all_read(&logs.files);
    }
    let mut results = Results::new(&logs, &judged, baseline.as_ref(), &settings, arguments);
    let proof = suggestions.as_ref().map(|changes| &changes.together.proof);
    let unproven = proof
        .filter(|proof| !proof.holds)
        .map(|proof| Error::Unproven(proof.summary()));
    results.suggestions = suggestions;
    print(&results, arguments)?;
    if let Some(failure) = unproven {
        return Err(failure);
    }
    let accepted = check_settings(&settings);
    all_read(&logs.files).and(accepted)
}

fn print(results: &Results<'_>, arguments: &arguments::Estimate) -> Result {
    let mut out = match arguments.format {
        TextOrJson::Json => Output::json(),
        TextOrJson::Text => Output::text(),
    };
    match arguments.format {
        TextOrJson::Json => json::print(results, &mut out)?,
        TextOrJson::Text => text::print(results, arguments, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

/// Checks the requested retention against these logs.
pub(crate) fn retention(
    policy: &Policy,
    settings: &Settings,
    logs: &[FileName],
) -> Result<(Option<Diagnostic>, Result), Error> {
    let version = settings.version;
    let compresses = settings.log.compress;
    let sampler = compresses.then(|| LineSampler::new(policy, version));
    let logs = Logs::read(logs, sampler, thread_count(None))?;
    let table = &logs.table;
    let verdicts = Verdicts::new(&Matcher::new(policy), table.requests());
    let bodies = BodySizes::measure(table);
    let estimate = Estimate::new(table, &verdicts, version, &logs.window, &bodies);
    let compression = logs.sample.as_ref().and_then(CompressionSample::measure);
    let ratio = compression.map(|compression| compression.ratio);
    let short = estimate.rate.short_log_caution.as_deref();
    let finding = estimate
        .write_rate()
        .and_then(|rate| check_retention(&rate, settings, ratio, short));
    Ok((finding, all_read(&logs.files)))
}

/// Checks everything that can be checked before any file is read.
fn check_call(arguments: &arguments::Estimate) -> Result {
    check_sizes(
        arguments.truncate_max_event_size,
        arguments.truncate_max_batch_size,
    )?;
    if arguments.apply && arguments.format == TextOrJson::Json {
        return Err(Error::Usage(
            "`--apply` prints a policy, which is not JSON: remove `--format json`".to_owned(),
        ));
    }
    if !arguments.metrics.is_empty() {
        check_metrics_call(arguments)?;
    }
    let policies = [
        Some(&arguments.policy),
        arguments.baseline.as_ref(),
        arguments.log.settings.as_ref(),
    ];
    let inputs = arguments.metrics.iter().chain(&arguments.logs);
    check_read_once(policies.into_iter().flatten().chain(inputs))
}

/// Rejects options that need a log, with the reason.
fn check_metrics_call(arguments: &arguments::Estimate) -> Result {
    let reason = if arguments.baseline.is_some() {
        "`--baseline` needs a log: metrics give ranges, which overlap, so they don't show what another policy changes; estimate each policy by itself"
    } else if arguments.propose {
        "`--propose` needs a log: metrics don't contain the users, names and namespaces that a rule would be for"
    } else {
        return Ok(());
    };
    Err(Error::Usage(reason.to_owned()))
}

/// Turns truncation on if its options are given.
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

/// Reports why kube-apiserver would not start with the settings, if so.
fn check_settings(settings: &Settings) -> Result {
    let findings = check(settings);
    let errors = findings.iter().filter(|finding| {
        finding.code == SettingCode::RejectedValue.id() && finding.severity == Severity::Error
    });
    let mut outcome = Ok(());
    for finding in errors {
        print_finding(finding);
        outcome = Err(Error::Rejected);
    }
    outcome
}

/// Prints the policy with all suggested rules, unless something would be lost.
fn apply(combined: &CombinedRules) -> Result {
    diagnostic(&combined.summary());
    if !combined.proof.holds {
        return Err(Error::Unproven(combined.proof.summary()));
    }
    diagnostic(&combined.proof.summary());
    let mut out = Output::data();
    out.write_all(&combined.policy)?;
    out.flush()?;
    Ok(())
}
