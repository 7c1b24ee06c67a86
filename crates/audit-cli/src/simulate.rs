//! `simulate`: what a policy makes of the events of a log.

mod report;
mod summary;
mod table;

use std::io::{self, StdoutLock, Write};

use audit_log::{Attributes, Event, Item, LogReader, Place};
use audit_policy::{KubernetesVersion, Matcher, Verdict};
use audit_sim::backend::Format;
use audit_sim::{
    Backend, Derived, Emission, Facts, Outcome as EventOutcome, Stages, Tally, verdict,
};

use crate::Outcome;
use crate::arguments::{LogFormat, Simulate, SimulateFormat};
use crate::failure::Failure;
use crate::files;
use crate::input::policy;
use crate::logs::{Log, read_log};
use crate::terminal::safe;

/// An event, judged.
struct Judged<'e> {
    file: &'e str,
    place: Place,
    event: &'e Event<'e>,
    attributes: &'e Attributes,
    facts: Facts,
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
        },
        format: arguments.format,
        tally: Tally::new(policy.rules.len()),
        stages: arguments.derive_stages.then(Stages::default),
        unreadable: 0,
        files: Vec::new(),
        out: io::BufWriter::with_capacity(1 << 16, io::stdout().lock()),
        result: Ok(()),
    };
    if arguments.format == SimulateFormat::Table {
        table::head(&mut simulation.out)?;
    }
    let logs: Vec<Log> = if arguments.derive_stages {
        let logs: Result<_, _> = arguments.logs.iter().map(|name| Log::open(name)).collect();
        logs?
    } else {
        Vec::new()
    };
    for log in &logs {
        simulation.foresee(log)?;
    }
    let mut logs = logs.iter();
    for name in &arguments.logs {
        simulation.read(name, logs.next())?;
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

struct Simulation {
    matcher: Matcher,
    backend: Backend,
    format: SimulateFormat,
    tally: Tally,
    /// What the logs hold of each request, where the rest is to be derived.
    stages: Option<Stages>,
    unreadable: u64,
    files: Vec<files::File>,
    out: io::BufWriter<StdoutLock<'static>>,
    /// The first failure to write; nothing is judged after it.
    result: Outcome,
}

impl Simulation {
    /// Prints what is said of all events together.
    fn finish(&mut self) -> Outcome {
        match self.format {
            SimulateFormat::Summary => summary::print(self, &mut io::stdout().lock())?,
            SimulateFormat::Table => {
                let Simulation {
                    tally,
                    unreadable,
                    files,
                    out,
                    ..
                } = self;
                table::foot(tally, *unreadable, out)?;
                files::say("", files, out)?;
            }
            // Standard output is the events' alone.
            SimulateFormat::Json | SimulateFormat::Events => {
                files::say("audit-policy: ", &self.files, &mut io::stderr().lock())?;
            }
        }
        self.out.flush()?;
        Ok(())
    }

    /// Takes note of which stages a log holds, so that none is derived that comes later.
    fn foresee(&mut self, log: &Log) -> Outcome {
        let Some(stages) = &mut self.stages else {
            return Ok(());
        };
        let mut reader = LogReader::new();
        let mut note = |item: Item<'_>| {
            if let Item::Event(_, event) = item {
                stages.foresee(event);
            }
        };
        // What is wrong with the log is said when it is judged.
        let _ = log.read(&mut |bytes| {
            reader.push(bytes, &mut note);
            Ok(())
        })?;
        reader.finish(&mut note);
        Ok(())
    }

    /// Judges a log; `held` is the same log, where it may have been read before.
    fn read(&mut self, file: &str, held: Option<&Log>) -> Outcome {
        let mut reader = LogReader::new();
        let mut take = |bytes: &[u8]| {
            reader.push(bytes, &mut |item| self.take(file, item));
            std::mem::replace(&mut self.result, Ok(()))
        };
        let unpacking = match held {
            Some(log) => log.read(&mut take)?,
            None => read_log(file, &mut take)?,
        };
        let summary = reader.finish(&mut |item| self.take(file, item));
        std::mem::replace(&mut self.result, Ok(()))?;
        if let Err(error) = unpacking {
            self.unreadable += 1;
            eprintln!("audit-policy: {file}: {error}");
        }
        if let Some(refusal) = &summary.refusal {
            eprintln!("audit-policy: `{file}` holds no audit events: {refusal}");
        }
        self.files.push(files::File::new(file, &summary));
        Ok(())
    }

    fn take(&mut self, file: &str, item: Item<'_>) {
        if self.result.is_err() {
            return;
        }
        match item {
            Item::Event(place, event) => self.result = self.judge(file, place, event),
            Item::Problem(problem) => {
                self.unreadable += 1;
                eprintln!(
                    "audit-policy: {file}:{}: {}",
                    problem.place.line,
                    safe(&problem.reason.to_string())
                );
            }
        }
    }

    /// Judges an event, and before it those of its request that the log lacks.
    fn judge(&mut self, file: &str, place: Place, event: &Event<'_>) -> Outcome {
        let attributes = Attributes::of(event);
        let verdict = verdict(&self.matcher, &attributes);
        let missing = match &mut self.stages {
            Some(stages) => stages.missing_before(event, &attributes),
            None => Vec::new(),
        };
        for stage in missing {
            let derived = Derived::new(event, &attributes, stage);
            let earlier = derived.event();
            let judged = self.judged(file, place, &earlier, &attributes, verdict, true);
            self.tally
                .add_derived(stage, verdict, &judged.emission.judgement);
            if judged.emission.judgement.outcome == EventOutcome::Written {
                print(self.format, &self.backend, &judged, &mut self.out)?;
            }
        }
        let judged = self.judged(file, place, event, &attributes, verdict, false);
        self.tally.add(
            judged.facts.stage,
            judged.facts.recorded_bytes(),
            verdict,
            &judged.emission.judgement,
        );
        print(self.format, &self.backend, &judged, &mut self.out)
    }

    fn judged<'e>(
        &self,
        file: &'e str,
        place: Place,
        event: &'e Event<'e>,
        attributes: &'e Attributes,
        verdict: Option<Verdict>,
        is_derived: bool,
    ) -> Judged<'e> {
        let facts = Facts::of(event, attributes);
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
                out.write_all(backend.line(judged.event, rendering).as_bytes())?;
            }
            Ok(())
        }
        SimulateFormat::Summary => Ok(()),
    }
}
