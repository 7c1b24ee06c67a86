//! The sums of a simulation as one JSON object.

use audit_sim::sums::TallyJson;
use serde::Serialize;

use super::simulation::Simulation;
use crate::files::{LogReport, unreadable};

#[derive(Serialize)]
struct Summary<'a> {
    #[serde(flatten)]
    tally: TallyJson,
    unreadable: u64,
    /// Reports of the logs.
    files: &'a [LogReport],
}

/// The object and a line end.
pub(crate) fn line(simulation: &Simulation) -> Result<Vec<u8>, serde_json::Error> {
    let matcher = simulation.simulator.matcher();
    let summary = Summary {
        tally: TallyJson::new(&simulation.tally, matcher),
        unreadable: unreadable(&simulation.files),
        files: &simulation.files,
    };
    let mut line = serde_json::to_vec(&summary)?;
    line.push(b'\n');
    Ok(line)
}
