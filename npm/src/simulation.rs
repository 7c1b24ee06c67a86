//! The outcome of a policy for each event of a log that arrives in chunks.

use audit_json::{EventReport, LogProblems, LogReport};
use audit_log::{Event, Location, LogItem, LogReader};
use audit_sim::sums::TallyJson;
use audit_sim::{SimulatedEvent, Simulator, Tally};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Error, Result};
use crate::policy::LoadedPolicy;

/// The totals, as `audit-policy simulate --format summary` prints them.
#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    tally: TallyJson,
    unreadable: u64,
    files: [LogReport; 1],
}

/// A simulation of one log.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Simulation {
    simulator: Simulator,
    reader: LogReader,
    sums: Sums,
}

#[derive(Debug)]
struct Sums {
    file: String,
    tally: Tally,
    problems: LogProblems,
    /// Results that were not taken, as JSON with commas between. `None` if only sums are needed.
    results: Option<Vec<u8>>,
    /// First error of formatting.
    error: Option<serde_json::Error>,
}

#[wasm_bindgen]
impl Simulation {
    /// Starts a simulation. `file` is the name of the log in results.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: &LoadedPolicy, file: String, has_results: bool) -> Self {
        Self {
            simulator: Simulator::new(&policy.policy, policy.version),
            reader: LogReader::new(),
            sums: Sums {
                file,
                tally: Tally::new(policy.policy.rules.len()),
                problems: LogProblems::default(),
                results: has_results.then(Vec::new),
                error: None,
            },
        }
    }

    /// Reads the next bytes of the log. Returns the results of the events that they complete, as a list in JSON.
    ///
    /// # Errors
    /// None.
    pub fn push(&mut self, bytes: &[u8]) -> Result<String, JsValue> {
        let (simulator, sums) = (&self.simulator, &mut self.sums);
        sums.problems.observe(bytes);
        self.reader
            .push(bytes, &mut |item| sums.add(simulator, item));
        Ok(self.sums.take()?)
    }

    /// Computes the results of the events that the end of the log completes. Returns them and the totals as a list with two items.
    ///
    /// # Errors
    /// If the log contains no events.
    pub fn finish(self) -> Result<String, JsValue> {
        Ok(self.end()?)
    }
}

impl Simulation {
    fn end(self) -> Result<String> {
        let Self {
            simulator,
            reader,
            mut sums,
        } = self;
        let summary = reader.finish(&mut |item| sums.add(&simulator, item));
        let results = sums.take()?;
        let file = sums.file.clone();
        let report = sums.problems.finish(file, &summary);
        if let Some(reason) = report.rejection.as_ref().filter(|_| report.is_unread) {
            let message = format!("the log does not contain audit events: {reason}");
            return Err(Error::new("not-a-log", message));
        }
        let totals = serde_json::to_string(&Summary {
            tally: TallyJson::new(&sums.tally, simulator.matcher()),
            unreadable: report.unreadable,
            files: [report],
        })?;
        Ok(format!("[{results},{totals}]"))
    }
}

impl Sums {
    fn add(&mut self, simulator: &Simulator, item: LogItem<'_>) {
        match item {
            LogItem::Event(location, event) => {
                let result = simulator.simulate(event);
                self.tally.add_simulated(&result);
                self.report(location, event, &result);
            }
            LogItem::Problem(problem) => self.problems.add(&problem),
        }
    }

    fn report(&mut self, location: Location, event: &Event<'_>, result: &SimulatedEvent) {
        let Some(out) = &mut self.results else { return };
        let id = event.id();
        let report = EventReport::new(&self.file, location, id.as_deref(), result);
        if !out.is_empty() {
            out.push(b',');
        }
        if let Err(error) = serde_json::to_writer(out, &report) {
            self.error = Some(error);
        }
    }

    /// Returns the results since the last call, as a list.
    fn take(&mut self) -> Result<String> {
        if let Some(error) = self.error.take() {
            return Err(error.into());
        }
        let results = self.results.as_mut().map(std::mem::take);
        let results = results.unwrap_or_default();
        Ok(format!("[{}]", String::from_utf8_lossy(&results)))
    }
}
