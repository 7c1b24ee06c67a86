//! `filter`: the events of a stream that kube-apiserver would have written.

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_sim::{Outcome, Simulator};
use audit_types::format::{bytes, count, counted};

use crate::arguments::{Filter, SimulateFormat};
use crate::chunks::{read_logs, thread_count};
use crate::error::Result;
use crate::files::{all_read, print_wrappers, unreadable};
use crate::formats::check_not_read;
use crate::input::check_read_once;
use crate::output::{Output, diagnostic};
use crate::policy_file::policy;
use crate::progress::OnInterrupt;
use crate::save::save;
use crate::simulate::{PartSimulation, Printed, Simulation, summary_line};

/// Prints what the server would have written of each log, until the input ends, its reader is gone, or a signal stops it.
pub(crate) fn run(arguments: &Filter, version: KubernetesVersion) -> Result {
    check_read_once(std::iter::once(&arguments.policy).chain(&arguments.logs))?;
    check_summary(arguments)?;
    let policy = policy(&arguments.policy, version)?;
    let simulator = Simulator::new(&policy, version);
    let printed = if arguments.keep_unknown {
        Printed::WrittenOrUnknown
    } else {
        Printed::Format(SimulateFormat::Events)
    };
    let part = || PartSimulation::new(simulator.clone(), printed, None);
    let mut simulation = Simulation::new(simulator.clone(), part(), Output::data());
    let threads = (0..thread_count(arguments.jobs)).map(|_| part()).collect();
    let mode = (true, OnInterrupt::Stop);
    let read = read_logs(&arguments.logs, threads, mode, &mut simulation);
    let read = read.and_then(|()| Ok(simulation.out.flush()?));
    diagnostic(&summary(&simulation, arguments.keep_unknown));
    print_wrappers(&simulation.files, &mut |line| {
        diagnostic(&line);
        Ok(())
    })?;
    if let Some(file) = &arguments.summary {
        save(file, &summary_line(&simulation)?)?;
    }
    read?;
    all_read(&simulation.files)
}

/// Fails if the summary would replace what is read.
fn check_summary(arguments: &Filter) -> Result {
    let Some(file) = &arguments.summary else {
        return Ok(());
    };
    let mut inputs = std::iter::once(&arguments.policy).chain(&arguments.logs);
    inputs.try_for_each(|input| check_not_read("--summary", file, input))
}

/// Returns the totals in a line.
fn summary(simulation: &Simulation, keeps_unknown: bool) -> String {
    let tally = &simulation.tally;
    let of = |outcome| tally.outcome(outcome);
    let mut line = format!(
        "{} read ({}), {} written ({}), {} dropped",
        counted(tally.recorded.events as f64, "event", "events"),
        bytes(tally.recorded.bytes as f64),
        count(tally.written.events),
        bytes(tally.written.bytes as f64),
        count(of(Outcome::DroppedLevel) + of(Outcome::DroppedStage)),
    );
    let unknown = of(Outcome::Unknowable);
    if unknown > 0 {
        let action = if keeps_unknown { "kept" } else { "left out" };
        let note = format!(
            ", {} unknown and {action}: the log lacks what the policy depends on",
            count(unknown)
        );
        line.push_str(&note);
    }
    let lacking = simulation.lacking_bodies;
    if lacking > 0 {
        let note = ": the log has no bodies, and the policy asks for them";
        line.push_str(&format!("; {} without bodies{note}", count(lacking)));
    }
    let unreadable = unreadable(&simulation.files);
    if unreadable > 0 {
        let places = counted(unreadable as f64, "place", "places");
        line.push_str(&format!("; {places} could not be read"));
    }
    line
}
