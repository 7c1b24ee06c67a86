//! Partial sums, as `audit-policy sums` writes and `audit-policy merge` adds them.

use audit_policy::KubernetesVersion;
use audit_sim::{Totals, Window};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;

use crate::policy::Policy;
use crate::read::{self, Item};

/// Sums of events under a policy.
#[pyclass(module = "audit_policy._engine")]
pub struct Sums {
    totals: Totals,
    window: Window,
    unreadable: u64,
    matcher: audit_policy::Matcher,
    policy_sha256: String,
    version: KubernetesVersion,
    logs: u64,
}

#[pymethods]
impl Sums {
    /// Creates empty sums.
    #[new]
    fn new(policy: &Policy) -> Self {
        Self {
            totals: Totals::new(&policy.policy, policy.version),
            window: Window::default(),
            unreadable: 0,
            matcher: policy.matcher.clone(),
            policy_sha256: policy.sha256.clone(),
            version: policy.version,
            logs: 0,
        }
    }

    /// Adds the events of a column, of which each row is JSON.
    fn add_rows(&mut self, py: Python<'_>, column: PyArray) -> PyResult<()> {
        let (column, _) = column.into_inner();
        py.detach(|| read::rows(&column, &mut |_, item| self.add(&item)))
    }

    /// Adds a log, which may be compressed.
    fn add_log(&mut self, py: Python<'_>, log: &[u8]) -> PyResult<()> {
        self.logs += 1;
        py.detach(|| read::log(log, &mut |_, item| self.add(&item)))
    }

    /// Returns the sums as JSON, and starts again from nothing.
    fn take(&mut self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| {
            let tally = self.totals.take();
            let window = std::mem::take(&mut self.window);
            let hash = self.policy_sha256.clone();
            let matcher = &self.matcher;
            let mut sums = audit_sim::sums::Sums::new(&tally, &window, matcher, hash, self.version);
            sums.unreadable = std::mem::take(&mut self.unreadable);
            sums.logs = std::mem::take(&mut self.logs);
            json(&sums)
        })
    }
}

impl Sums {
    fn add(&mut self, item: &Item<'_>) {
        match item {
            Item::Event(event) => {
                self.window.record(event.time());
                self.totals.add(event);
            }
            Item::Unreadable => self.unreadable += 1,
        }
    }
}

/// Adds sums, each as JSON, and a number of logs that none of them counts.
///
/// # Errors
/// `ValueError` if one is not usable, or they do not belong together.
#[pyfunction]
pub fn merge_sums(py: Python<'_>, parts: Vec<String>, logs: u64) -> PyResult<String> {
    py.detach(|| {
        let mut all: Option<audit_sim::sums::Sums> = None;
        for (index, part) in parts.iter().enumerate() {
            let unusable =
                |reason: String| PyValueError::new_err(format!("part {}: {reason}", index + 1));
            let sums: audit_sim::sums::Sums =
                serde_json::from_str(part).map_err(|error| unusable(error.to_string()))?;
            sums.check().map_err(unusable)?;
            match &mut all {
                None => all = Some(sums),
                Some(all) => all.add(&sums).map_err(unusable)?,
            }
        }
        let mut all = all.ok_or_else(|| PyValueError::new_err("there are no sums to add"))?;
        all.logs = all.logs.saturating_add(logs);
        all.set_rate();
        json(&all)
    })
}

fn json(sums: &audit_sim::sums::Sums) -> PyResult<String> {
    serde_json::to_string(sums).map_err(|error| PyValueError::new_err(error.to_string()))
}
