//! The simulation of parts of logs, and of all of them.

use std::io::Write;
use std::sync::Arc;

use audit_log::{Event, Location};
use audit_policy::{Level, Policy};
use audit_sim::written::recorded_line;
use audit_sim::{Outcome, SimulatedEvent, Simulator, StageDeriver, Tally, Totals};

use super::simulated::Simulated;
use super::{report, table};
use crate::arguments::SimulateFormat;
use crate::chunks::{ChunkReader, ChunkStart, LogSink};
use crate::error::Result;
use crate::files::LogReport;
use crate::output::Output;

/// Sums and output of a part of a log.
pub(crate) struct PartResult {
    pub(crate) tally: Tally,
    /// Written events whose size is unknown because the policy writes bodies that the log lacks.
    pub(crate) lacking_bodies: u64,
    pub(crate) text: Vec<u8>,
    /// First error of formatting; nothing is simulated after it.
    pub(crate) result: Result,
}

/// Method of simulating events.
#[derive(Debug)]
enum Method {
    /// Each is evaluated, and may be printed.
    Each(Box<Simulator>),
    /// Only sums are needed.
    Sums(Box<Totals>),
}

/// Form in which events are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    /// The result, or the event if it is written.
    Format(SimulateFormat),
    /// The event if it is written, and as it was recorded if that cannot be known.
    WrittenOrUnknown,
}

/// Simulates the events of parts of logs.
pub(crate) struct PartSimulation {
    method: Method,
    printed: Printed,
    /// The policy, if its rules are explained for each event.
    explained: Option<Arc<Policy>>,
    file: Arc<str>,
    part: PartResult,
}

/// A simulation of all logs.
pub(crate) struct Simulation {
    pub(crate) simulator: Simulator,
    pub(crate) tally: Tally,
    /// Written events whose size is unknown because the policy writes bodies that the logs lack.
    pub(crate) lacking_bodies: u64,
    /// Stages of each request in the logs, if missing ones are derived.
    pub(crate) stages: Option<StageDeriver>,
    /// Simulation of the parts that are read in order.
    pub(crate) ordered: PartSimulation,
    pub(crate) files: Vec<LogReport>,
    pub(crate) out: Output,
    /// First error of writing.
    pub(crate) result: Result,
}

impl PartResult {
    fn new(rules: usize) -> Self {
        Self {
            tally: Tally::new(rules),
            lacking_bodies: 0,
            text: Vec::new(),
            result: Ok(()),
        }
    }
}

impl PartSimulation {
    /// Creates a simulation that prints events.
    pub(crate) fn new(
        simulator: Simulator,
        printed: Printed,
        explained: Option<Arc<Policy>>,
    ) -> Self {
        Self {
            part: PartResult::new(simulator.matcher().rule_count()),
            method: Method::Each(Box::new(simulator)),
            printed,
            explained,
            file: Arc::from(""),
        }
    }

    /// Creates a simulation that only adds up.
    pub(crate) fn with_totals(totals: Totals, rules: usize) -> Self {
        Self {
            part: PartResult::new(rules),
            method: Method::Sums(Box::new(totals)),
            printed: Printed::Format(SimulateFormat::Summary),
            explained: None,
            file: Arc::from(""),
        }
    }

    /// Returns the sums and the output since the last call.
    fn take(&mut self) -> PartResult {
        let rules = self.part.tally.by_rule.len().saturating_sub(1);
        let empty = PartResult {
            // The next part is likely to be as long.
            text: Vec::with_capacity(self.part.text.len()),
            ..PartResult::new(rules)
        };
        let mut part = std::mem::replace(&mut self.part, empty);
        if let Method::Sums(totals) = &mut self.method {
            part.tally = totals.take();
        }
        part
    }

    /// Simulates an event of a log, which is by default that of the current chunk, and before it those of its request that the log lacks, if
    /// stages are derived.
    fn simulate(
        &mut self,
        file: Option<&str>,
        location: Location,
        event: &Event<'_>,
        stages: Option<&mut StageDeriver>,
    ) {
        let simulator = match &mut self.method {
            Method::Sums(totals) => return totals.add(event),
            Method::Each(simulator) => simulator,
        };
        let PartResult {
            tally,
            lacking_bodies,
            text,
            result,
        } = &mut self.part;
        if result.is_err() {
            return;
        }
        let file = file.unwrap_or(&self.file);
        let explained = self.explained.as_deref();
        let mut visit = |event: &Event<'_>, simulated: SimulatedEvent| {
            tally.add_simulated(&simulated);
            let outcome = &simulated.outcome;
            let lacks_bodies = outcome.missing.request || outcome.missing.response;
            *lacking_bodies += u64::from(outcome.written_bytes.is_none() && lacks_bodies);
            let simulated = Simulated {
                file,
                location,
                event,
                result: &simulated,
                explained,
            };
            print(self.printed, simulator, &simulated, text)
        };
        *result = match stages {
            Some(stages) => simulator.simulate_stages(stages, event, visit),
            None => visit(event, simulator.simulate(event)),
        };
    }
}

fn print(
    printed: Printed,
    simulator: &Simulator,
    simulated: &Simulated<'_>,
    out: &mut Vec<u8>,
) -> Result {
    let format = match printed {
        Printed::Format(format) => format,
        Printed::WrittenOrUnknown => {
            if simulated.result.outcome.outcome == Outcome::Unknowable {
                let level = simulated.result.attributes.level;
                let line = recorded_line(simulated.event, level.unwrap_or(Level::Metadata));
                out.extend_from_slice(line.as_bytes());
            }
            SimulateFormat::Events
        }
    };
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
            simulator.append_line(simulated.event, simulated.result, out);
            Ok(())
        }
        SimulateFormat::Summary => Ok(()),
    }
}

impl ChunkReader for PartSimulation {
    type Output = PartResult;

    const NEEDS_EVENT_NUMBERS: bool = false;

    fn begin(&mut self, start: &ChunkStart) {
        self.file = Arc::clone(&start.file);
    }

    fn event(&mut self, location: Location, event: &Event<'_>) {
        self.simulate(None, location, event, None);
    }

    fn finish(&mut self) -> PartResult {
        self.take()
    }

    fn discard(&mut self) {
        self.take();
    }

    fn output_bytes(part: &PartResult) -> usize {
        part.text.len()
    }
}

impl Simulation {
    /// Creates a simulation without events. `ordered` simulates the parts that are read in order.
    pub(crate) fn new(simulator: Simulator, ordered: PartSimulation, out: Output) -> Self {
        Self {
            tally: Tally::new(simulator.matcher().rule_count()),
            simulator,
            lacking_bodies: 0,
            stages: None,
            ordered,
            files: Vec::new(),
            out,
            result: Ok(()),
        }
    }

    /// Adds the sums and prints the output of a part.
    fn add(&mut self, part: PartResult) {
        if self.result.is_err() {
            return;
        }
        self.tally += &part.tally;
        self.lacking_bodies += part.lacking_bodies;
        let written = self.out.write_all(&part.text).map_err(Into::into);
        self.result = written.and(part.result);
    }
}

impl LogSink<PartResult> for Simulation {
    fn event(&mut self, file: &str, location: Location, event: &Event<'_>) {
        self.ordered
            .simulate(Some(file), location, event, self.stages.as_mut());
    }

    fn chunk(&mut self, _: usize, part: PartResult) {
        self.add(part);
    }

    fn discarded_chunk(&mut self, _: usize, _: PartResult) {}

    fn write_pending(&mut self) -> Result {
        let part = self.ordered.take();
        self.add(part);
        std::mem::replace(&mut self.result, Ok(()))
    }

    fn flush(&mut self) -> Result {
        Ok(self.out.flush()?)
    }

    fn report(&mut self, report: LogReport) {
        self.files.push(report);
    }
}
