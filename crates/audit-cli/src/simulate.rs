//! `simulate`: the outcome of a policy for each event of a log.

mod report;
mod simulation;
mod summary;
mod table;

use std::io::Write;

use audit_log::{Event, Location, LogItem, LogReader};
use audit_policy::KubernetesVersion;
use audit_sim::backend::Format;
use audit_sim::written::ApiVersion;
use audit_sim::{Backend, SimulatedEvent, Simulator, StageDeriver, Tally};

use crate::arguments::{LogFormat, LogVersion, Simulate, SimulateFormat};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{self, LogProblems};
use crate::input::{check_read_once, policy};
use crate::logs::{Log, read_log};
use crate::output::{Output, diagnostic};
use simulation::{Simulated, Simulation};

/// Simulates every event of every log, in order.
pub(crate) fn run(arguments: &Simulate, version: KubernetesVersion) -> Result {
    check_sizes(
        arguments.truncate_max_event_size,
        arguments.truncate_max_batch_size,
    )?;
    if arguments.explain
        && matches!(
            arguments.format,
            SimulateFormat::Events | SimulateFormat::Summary
        )
    {
        return Err(Error::Usage(
            "`--explain` needs `--format table` or `--format json`".to_owned(),
        ));
    }
    check_read_once(std::iter::once(&arguments.policy).chain(&arguments.logs))?;
    let api_version = api_version(arguments.log_version, version)?;
    let policy = policy(&arguments.policy, version)?;
    let backend = Backend {
        format: match arguments.log_format {
            LogFormat::Json => Format::Json,
            LogFormat::Legacy => Format::Legacy,
        },
        max_event_size: arguments.truncate_max_event_size,
        version,
        api_version,
    };
    let mut simulation = Simulation {
        simulator: Simulator::with_backend(&policy, backend),
        format: arguments.format,
        explained: arguments.explain.then(|| policy.clone()),
        tally: Tally::new(policy.rules.len()),
        stages: arguments.derive_stages.then(StageDeriver::default),
        files: Vec::new(),
        out: match arguments.format {
            SimulateFormat::Table => Output::text(),
            SimulateFormat::Events => Output::data(),
            SimulateFormat::Json | SimulateFormat::Summary => Output::json(),
        },
        result: Ok(()),
    };
    if arguments.format == SimulateFormat::Table {
        table::head(&mut simulation.out)?;
    }
    let mut kept = Vec::new();
    if arguments.derive_stages {
        for name in &arguments.logs {
            kept.push(simulation.first_pass(name));
        }
    }
    let mut kept = kept.into_iter();
    for name in &arguments.logs {
        simulation.read(name, kept.next())?;
    }
    simulation.finish()
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
    fn finish(&mut self) -> Result {
        match self.format {
            SimulateFormat::Summary => {
                let summary = summary::line(self)?;
                self.out.write_all(&summary)?;
            }
            SimulateFormat::Table => {
                let Simulation {
                    tally, files, out, ..
                } = self;
                table::foot(tally, files::unreadable(files), out)?;
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

    /// Records the stages in a log, so that no stage is derived that the log contains later.
    fn first_pass<'n>(&mut self, name: &'n FileName) -> Result<Log<'n>, Error> {
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

    /// Simulates a log; `kept` is the same log, or why it cannot be read, where it has been read before.
    fn read(&mut self, name: &FileName, kept: Option<Result<Log<'_>, Error>>) -> Result {
        let mut reader = LogReader::new();
        let mut reading = LogProblems::new(name);
        let mut take = |bytes: &[u8]| {
            reading.observe(bytes);
            reader.push(bytes, &mut |item| self.take(&mut reading, item));
            std::mem::replace(&mut self.result, Ok(()))
        };
        let unpacking = match kept {
            Some(Ok(log)) => log.read(&mut take),
            Some(Err(error)) => Err(error),
            None => read_log(name, &mut take),
        };
        let unpacking = match unpacking {
            Ok(unpacking) => unpacking,
            Err(error) => {
                reading.read_error(error)?;
                let events = reader.events();
                self.files.push(reading.interrupted(events));
                return Ok(());
            }
        };
        let summary = reader.finish(&mut |item| self.take(&mut reading, item));
        std::mem::replace(&mut self.result, Ok(()))?;
        self.files
            .push(reading.finish(&summary, unpacking.err().as_ref()));
        Ok(())
    }

    fn take(&mut self, reading: &mut LogProblems<'_>, item: LogItem<'_>) {
        if self.result.is_err() {
            return;
        }
        match item {
            LogItem::Event(place, event) => {
                self.result = self.simulate(reading.name(), place, event)
            }
            LogItem::Problem(problem) => reading.problem(&problem),
        }
    }

    /// Simulates an event, and before it those of its request that the log lacks.
    fn simulate(&mut self, file: &str, place: Location, event: &Event<'_>) -> Result {
        let Self {
            simulator,
            format,
            explained,
            tally,
            stages,
            out,
            ..
        } = self;
        let mut visit = |event: &Event<'_>, result: SimulatedEvent| {
            tally.add_simulated(&result);
            let simulated = Simulated {
                file,
                place,
                event,
                result: &result,
                explained: explained.as_ref(),
            };
            print(*format, simulator, &simulated, out)
        };
        match stages {
            Some(stages) => simulator.simulate_stages(stages, event, visit),
            None => visit(event, simulator.simulate(event)),
        }
    }
}

fn print(
    format: SimulateFormat,
    simulator: &Simulator,
    simulated: &Simulated<'_>,
    out: &mut impl Write,
) -> Result {
    match format {
        SimulateFormat::Json => report::print(simulated, out),
        SimulateFormat::Table => {
            table::row(simulated, out)?;
            match simulated.explained {
                Some(policy) => table::reasons(simulated, policy, out),
                None => Ok(()),
            }
        }
        SimulateFormat::Events => {
            if let Some(line) = simulator.line(simulated.event, simulated.result) {
                out.write_all(&line)?;
            }
            Ok(())
        }
        SimulateFormat::Summary => Ok(()),
    }
}
