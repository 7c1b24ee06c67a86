//! The outcome of a policy for each event.

use audit_sim::sums::TallyJson;
use audit_sim::{Simulator, Tally};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::{PyArray, PyRecordBatch};

use crate::columns::Columns;
use crate::policy::Policy;
use crate::read::{self, Item};

/// Results, and totals as JSON.
type Simulated = (PyRecordBatch, String);

/// Simulates the events of a column, of which each row is JSON.
///
/// # Errors
/// `TypeError` if the column is not text.
#[pyfunction]
pub fn simulate_rows(py: Python<'_>, column: PyArray, policy: &Policy) -> PyResult<Simulated> {
    let (column, _) = column.into_inner();
    py.detach(|| simulate(policy, |sink| read::rows(&column, sink)))
}

/// Simulates the events of a log, which may be compressed.
///
/// # Errors
/// `ValueError` if the log cannot be decompressed.
#[pyfunction]
pub fn simulate_bytes(py: Python<'_>, log: &[u8], policy: &Policy) -> PyResult<Simulated> {
    py.detach(|| simulate(policy, |sink| read::log(log, sink)))
}

fn simulate(
    policy: &Policy,
    read: impl FnOnce(&mut dyn FnMut(u64, Item<'_>)) -> PyResult<()>,
) -> PyResult<Simulated> {
    let simulator = Simulator::new(&policy.policy, policy.version);
    let mut tally = Tally::new(policy.policy.rules.len());
    let mut columns = Columns::default();
    let mut unreadable = 0;
    read(&mut |line, item| match item {
        Item::Event(event) => {
            let result = simulator.simulate(event);
            tally.add_simulated(&result);
            columns.event(line, event, &result, &simulator);
        }
        Item::Unreadable => {
            unreadable += 1;
            columns.unreadable(line);
        }
    })?;
    let invalid = |error: &dyn std::fmt::Display| PyValueError::new_err(error.to_string());
    let totals = TallyJson::new(&tally, simulator.matcher());
    let mut totals = serde_json::to_value(totals).map_err(|error| invalid(&error))?;
    if let Some(totals) = totals.as_object_mut() {
        totals.insert("unreadable".to_owned(), unreadable.into());
    }
    let batch = columns.finish().map_err(|error| invalid(&error))?;
    Ok((batch.into(), totals.to_string()))
}
