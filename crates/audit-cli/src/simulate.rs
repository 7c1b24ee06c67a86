//! `simulate`: the outcome of a policy for each event of a log.

mod report;
mod simulated;
mod simulation;
mod summary;
mod table;

use std::io::Write;
use std::sync::Arc;

use audit_log::{LogItem, LogReader};
use audit_policy::KubernetesVersion;
use audit_sim::backend::Format;
use audit_sim::written::ApiVersion;
use audit_sim::{Backend, Simulator, StageDeriver, Totals};

use crate::arguments::{LogFormat, LogVersion, Simulate, SimulateFormat};
use crate::chunks::{Pool, read_logs, thread_count};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{self, LogProblems};
use crate::input::check_read_once;
use crate::logs::{Input, Log};
use crate::output::{Output, diagnostic};
use crate::policy_file::policy;
use crate::progress::{OnInterrupt, Progress};

pub(crate) use simulation::{PartSimulation, Printed, Simulation};
pub(crate) use summary::line as summary_line;

/// Simulates every event of every log, in order.
pub(crate) fn run(arguments: &Simulate, version: KubernetesVersion) -> Result {
    check_call(arguments)?;
    let backend = backend(arguments, version)?;
    let policy = policy(&arguments.policy, version)?;
    let default = Backend {
        version,
        ..Backend::default()
    };
    let is_summary = arguments.format == SimulateFormat::Summary;
    let adds_up = is_summary && backend == default && !arguments.derive_stages;
    let explained = arguments.explain.then(|| Arc::new(policy.clone()));
    let simulator = Simulator::with_backend(&policy, backend);
    let part = || {
        if adds_up {
            PartSimulation::with_totals(Totals::new(&policy, version), policy.rules.len())
        } else {
            let printed = Printed::Format(arguments.format);
            PartSimulation::new(simulator.clone(), printed, explained.clone())
        }
    };
    let out = match arguments.format {
        SimulateFormat::Table => Output::text(),
        SimulateFormat::Events => Output::data(),
        SimulateFormat::Json | SimulateFormat::Summary => Output::json(),
    };
    let mut simulation = Simulation::new(simulator.clone(), part(), out);
    simulation.stages = arguments.derive_stages.then(StageDeriver::default);
    if arguments.format == SimulateFormat::Table {
        table::head(&mut simulation.out)?;
    }
    if arguments.derive_stages {
        simulation.derive(&arguments.logs, !is_summary)?;
    } else {
        let threads = (0..thread_count(arguments.jobs)).map(|_| part()).collect();
        let mode = (!is_summary, OnInterrupt::Exit);
        read_logs(&arguments.logs, threads, mode, &mut simulation)?;
    }
    simulation.finish(arguments.format)
}

/// Checks everything that can be checked before any file is read.
fn check_call(arguments: &Simulate) -> Result {
    check_sizes(
        arguments.truncate_max_event_size,
        arguments.truncate_max_batch_size,
    )?;
    let prints_reasons = matches!(
        arguments.format,
        SimulateFormat::Table | SimulateFormat::Json
    );
    if arguments.explain && !prints_reasons {
        return Err(Error::Usage(
            "`--explain` needs `--format table` or `--format json`".to_owned(),
        ));
    }
    check_read_once(std::iter::once(&arguments.policy).chain(&arguments.logs))
}

/// Returns the server's log backend.
fn backend(arguments: &Simulate, version: KubernetesVersion) -> Result<Backend> {
    Ok(Backend {
        format: match arguments.log_format {
            LogFormat::Json => Format::Json,
            LogFormat::Legacy => Format::Legacy,
        },
        max_event_size: arguments.truncate_max_event_size,
        version,
        api_version: api_version(arguments.log_version, version)?,
    })
}

/// Checks the two sizes as the server does, with its message.
pub(crate) fn check_sizes(event: Option<u64>, batch: Option<u64>) -> Result {
    match (event, batch) {
        (Some(event), Some(batch)) if batch < event => Err(Error::Usage(format!(
            "invalid audit truncate log max batch size {batch}, must be greater than max event size ({event})"
        ))),
        _ => Ok(()),
    }
}

/// The version of the API in which a server writes events, if it can.
fn api_version(chosen: LogVersion, version: KubernetesVersion) -> Result<ApiVersion, Error> {
    let chosen = match chosen {
        LogVersion::V1 => ApiVersion::V1,
        LogVersion::V1beta1 => ApiVersion::V1beta1,
        LogVersion::V1alpha1 => ApiVersion::V1alpha1,
    };
    if chosen.is_known_to(version) {
        return Ok(chosen);
    }
    Err(Error::Usage(format!(
        "kube-apiserver {version} does not write `audit.k8s.io/{}`: only versions up to 1.23 do",
        chosen.name()
    )))
}

impl Simulation {
    /// Prints the totals and the reports of the logs.
    fn finish(&mut self, format: SimulateFormat) -> Result {
        match format {
            SimulateFormat::Summary => {
                let summary = summary::line(self)?;
                self.out.write_all(&summary)?;
            }
            SimulateFormat::Table => {
                let Simulation {
                    tally,
                    lacking_bodies,
                    files,
                    out,
                    ..
                } = self;
                table::foot(tally, *lacking_bodies, files::unreadable(files), out)?;
                files::print_wrappers(files, &mut |line| Ok(writeln!(out, "{line}")?))?;
            }
            // Standard output is the events' alone.
            SimulateFormat::Json | SimulateFormat::Events => {
                files::print_wrappers(&self.files, &mut |line| {
                    diagnostic(&line);
                    Ok(())
                })?;
            }
        }
        self.out.flush()?;
        files::all_read(&self.files)
    }

    /// Simulates logs with stages that they lack, which need all events of a request: each log is read twice, in order.
    fn derive(&mut self, names: &[FileName], has_results: bool) -> Result {
        let logs: Vec<_> = names.iter().map(|name| self.first_pass(name)).collect();
        let mut progress = Progress::new(names, has_results, OnInterrupt::Exit);
        let mut pool = Pool::empty();
        for (name, log) in names.iter().zip(logs) {
            match log {
                Ok(log) => pool.read(Input::Again(log), &mut progress, self)?,
                Err(error) => {
                    let mut problems = LogProblems::new(name);
                    problems.read_error(error)?;
                    self.files.push(problems.finish_after_read_error(0));
                }
            }
        }
        Ok(())
    }

    /// Records the stages in a log, so that no stage is derived that the log contains later.
    fn first_pass(&mut self, name: &FileName) -> Result<Log, Error> {
        let log = Log::open(name)?;
        let Some(stages) = &mut self.stages else {
            return Ok(log);
        };
        let mut reader = LogReader::new();
        let mut note = |item: LogItem<'_>| {
            if let LogItem::Event(_, event) = item {
                stages.first_pass(event);
            }
        };
        // Problems of the log are reported when it is simulated.
        let _ = log.read(&mut |bytes| {
            reader.push(bytes, &mut note);
            Ok(())
        })?;
        reader.finish(&mut note);
        Ok(log)
    }
}
