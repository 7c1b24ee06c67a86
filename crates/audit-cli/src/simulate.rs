//! `simulate`: what a policy makes of the events of a log.

mod report;
mod summary;
mod table;

use std::io::Write;

use audit_log::{Attributes, Event, Location, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher, Verdict};
use audit_sim::backend::Format;
use audit_sim::written::ApiVersion;
use audit_sim::{
    Backend, DerivedEvent, Emission, EventAttributes, Outcome as EventOutcome, StageDeriver, Tally,
    verdict,
};

use crate::Outcome;
use crate::arguments::{LogFormat, LogVersion, Simulate, SimulateFormat};
use crate::failure::Failure;
use crate::file_name::FileName;
use crate::files::{self, Reading};
use crate::input::{check_read_once, policy};
use crate::logs::{Log, read_log};
use crate::output::{Output, diagnostic};

/// An event, judged.
struct Judged<'e> {
    file: &'e str,
    place: Location,
    event: &'e Event<'e>,
    attributes: &'e Attributes,
    facts: EventAttributes,
    verdict: Option<Verdict>,
    emission: Emission,
    /// The log lacks the event; its place is that of the later one.
    is_derived: bool,
}

/// Judges every event of every log, in order.
pub(crate) fn run(arguments: &Simulate, version: KubernetesVersion) -> Outcome {
    check_sizes(
        arguments.truncate_max_event_size,
        arguments.truncate_max_batch_size,
    )?;
    check_read_once(std::iter::once(&arguments.policy).chain(&arguments.logs))?;
    let api_version = api_version(arguments.log_version, version)?;
    let policy = policy(&arguments.policy, version)?;
    let mut simulation = Simulation {
        matcher: Matcher::new(&policy),
        backend: Backend {
            format: match arguments.log_format {
                LogFormat::Json => Format::Json,
                LogFormat::Legacy => Format::Legacy,
            },
            max_event_size: arguments.truncate_max_event_size,
            version,
            api_version,
        },
        format: arguments.format,
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
            kept.push(simulation.foresee(name));
        }
    }
    let mut kept = kept.into_iter();
    for name in &arguments.logs {
        simulation.read(name, kept.next())?;
    }
    simulation.finish()
}

/// The server's own check of its two sizes, with its text.
pub(crate) fn check_sizes(event: Option<u64>, batch: Option<u64>) -> Outcome {
    match (event, batch) {
        (Some(event), Some(batch)) if batch < event => Err(Failure::Usage(format!(
            "invalid audit truncate log max batch size {batch}, must be greater than max event size ({event})"
        ))),
        _ => Ok(()),
    }
}

/// The version of the API in which a server writes events, if it can.
fn api_version(chosen: LogVersion, version: KubernetesVersion) -> Result<ApiVersion, Failure> {
    let chosen = match chosen {
        LogVersion::V1 => ApiVersion::V1,
        LogVersion::V1beta1 => ApiVersion::V1beta1,
        LogVersion::V1alpha1 => ApiVersion::V1alpha1,
    };
    if chosen.is_known_to(version) {
        return Ok(chosen);
    }
    Err(Failure::Usage(format!(
        "kube-apiserver {version} does not write `audit.k8s.io/{}`: only versions up to 1.23 do",
        chosen.name()
    )))
}

struct Simulation {
    matcher: Matcher,
    backend: Backend,
    format: SimulateFormat,
    tally: Tally,
    /// What the logs hold of each request, where the rest is to be derived.
    stages: Option<StageDeriver>,
    files: Vec<files::File>,
    out: Output,
    /// The first failure to write; nothing is judged after it.
    result: Outcome,
}

impl Simulation {
    /// Prints what is said of all events together.
    fn finish(&mut self) -> Outcome {
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
                files::say(files, &mut |line| Ok(writeln!(out, "{line}")?))?;
            }
            // Standard output is the events' alone.
            SimulateFormat::Json | SimulateFormat::Events => {
                files::say(&self.files, &mut |line| {
                    diagnostic(&line);
                    Ok(())
                })?;
            }
        }
        self.out.flush()?;
        files::all_read(&self.files)
    }

    /// Takes note of which stages a log holds, so that none is derived that comes later.
    fn foresee<'n>(&mut self, name: &'n FileName) -> Result<Log<'n>, Failure> {
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
        // What is wrong with the log is said when it is judged.
        let _ = log.read(&mut |bytes| {
            reader.push(bytes, &mut note);
            Ok(())
        })?;
        reader.finish(&mut note);
        Ok(log)
    }

    /// Judges a log; `kept` is the same log, or why it cannot be read, where it has been read before.
    fn read(&mut self, name: &FileName, kept: Option<Result<Log<'_>, Failure>>) -> Outcome {
        let mut reader = LogReader::new();
        let mut reading = Reading::new(name);
        let mut take = |bytes: &[u8]| {
            reading.see(bytes);
            reader.push(bytes, &mut |item| self.take(&mut reading, item));
            std::mem::replace(&mut self.result, Ok(()))
        };
        let unpacking = match kept {
            Some(Ok(log)) => log.read(&mut take),
            Some(Err(failure)) => Err(failure),
            None => read_log(name, &mut take),
        };
        let unpacking = match unpacking {
            Ok(unpacking) => unpacking,
            Err(failure) => {
                reading.failed(failure)?;
                let events = reader.events();
                self.files.push(reading.broken_off(events));
                return Ok(());
            }
        };
        let summary = reader.finish(&mut |item| self.take(&mut reading, item));
        std::mem::replace(&mut self.result, Ok(()))?;
        self.files
            .push(reading.finish(&summary, unpacking.err().as_ref()));
        Ok(())
    }

    fn take(&mut self, reading: &mut Reading<'_>, item: LogItem<'_>) {
        if self.result.is_err() {
            return;
        }
        match item {
            LogItem::Event(place, event) => self.result = self.judge(reading.name(), place, event),
            LogItem::Problem(problem) => reading.problem(&problem),
        }
    }

    /// Judges an event, and before it those of its request that the log lacks.
    fn judge(&mut self, file: &str, place: Location, event: &Event<'_>) -> Outcome {
        let attributes = Attributes::from_event(event);
        let verdict = verdict(&self.matcher, &attributes);
        let missing = match &mut self.stages {
            Some(stages) => stages.missing_before(event, &attributes),
            None => Vec::new(),
        };
        for stage in missing {
            let derived = DerivedEvent::new(event, &attributes, stage);
            let earlier = derived.event();
            let judged = self.judged(file, place, &earlier, &attributes, verdict, true);
            self.tally
                .add_derived(stage, verdict, &judged.emission.event_outcome);
            if judged.emission.event_outcome.outcome == EventOutcome::Written {
                print(self.format, &self.backend, &judged, &mut self.out)?;
            }
        }
        let judged = self.judged(file, place, event, &attributes, verdict, false);
        self.tally.add(
            judged.facts.stage,
            judged.facts.recorded_bytes(),
            verdict,
            &judged.emission.event_outcome,
        );
        print(self.format, &self.backend, &judged, &mut self.out)
    }

    fn judged<'e>(
        &self,
        file: &'e str,
        place: Location,
        event: &'e Event<'e>,
        attributes: &'e Attributes,
        verdict: Option<Verdict>,
        is_derived: bool,
    ) -> Judged<'e> {
        let facts = EventAttributes::new(event, attributes);
        Judged {
            file,
            place,
            event,
            attributes,
            facts,
            verdict,
            emission: self.backend.emit(event, &facts, verdict),
            is_derived,
        }
    }
}

fn print(
    format: SimulateFormat,
    backend: &Backend,
    judged: &Judged<'_>,
    out: &mut impl Write,
) -> Outcome {
    match format {
        SimulateFormat::Json => report::print(judged, out),
        SimulateFormat::Table => table::row(judged, out),
        SimulateFormat::Events => {
            if let Some(rendering) = judged.emission.rendering {
                out.write_all(&backend.line(judged.event, rendering))?;
            }
            Ok(())
        }
        SimulateFormat::Summary => Ok(()),
    }
}
