//! Volume that the policy writes of the requests that metrics count.

use audit_policy::KubernetesVersion;
use audit_volume::metrics::{MetricsError, MetricsEstimate, Scrape, Traffic, version_difference};
use audit_volume::report::{self, Quantity, Row, Section, SectionKind, Value};
use playground_protocol::volume::FigureView;
use playground_protocol::{
    MetricsFile, MetricsRejection, MetricsReport, RangeBreakdown, RangeGroup,
};

use crate::policy::Accepted;

/// Maximum number of groups per breakdown; the others are counted.
const MAX_GROUPS: usize = 20;

const SECONDS_PER_HOUR: f64 = 3_600.0;

/// Metrics of API servers.
pub(crate) struct Metrics {
    scrapes: Vec<Scrape>,
    /// Traffic by the hours that the counters cover; `None` for what the metrics say.
    traffic: (Option<f64>, Traffic),
}

impl Metrics {
    /// Reads metrics.
    ///
    /// # Errors
    /// If one of the files cannot be used.
    pub(crate) fn read(files: &[MetricsFile]) -> Result<Self, MetricsRejection> {
        let rejection = |file: Option<&MetricsFile>, error: &MetricsError| MetricsRejection {
            name: file.map(|file| file.name.clone()).unwrap_or_default(),
            reason: error.to_string(),
        };
        let mut scrapes = Vec::new();
        for file in files {
            let scrape =
                Scrape::parse(&file.text).map_err(|error| rejection(Some(file), &error))?;
            scrapes.push(scrape);
        }
        let traffic =
            Traffic::new(scrapes.clone(), None).map_err(|error| rejection(files.last(), &error))?;
        Ok(Self {
            scrapes,
            traffic: (None, traffic),
        })
    }

    /// Estimates the volume. `hours` are those that the counters cover, if they are known.
    pub(crate) fn estimate(
        &mut self,
        hours: Option<f64>,
        version: KubernetesVersion,
        accepted: &Accepted,
    ) -> MetricsReport {
        if self.traffic.0 != hours {
            let window = hours.map(|hours| hours * SECONDS_PER_HOUR);
            // The scrapes fit together, whatever the time.
            if let Ok(traffic) = Traffic::new(self.scrapes.clone(), window) {
                self.traffic = (hours, traffic);
            }
        }
        let (_, traffic) = &self.traffic;
        let estimate = MetricsEstimate::new(traffic, &accepted.policy);
        let mut view = MetricsReport {
            generation: accepted.generation,
            has_time: estimate.seconds.is_some(),
            ..MetricsReport::default()
        };
        for section in report::metrics(&estimate) {
            add(section, &mut view);
        }
        if let Some(difference) = version_difference(traffic.version(), version) {
            view.cautions.push(report::sentence(&difference));
        }
        view
    }
}

/// Adds a section of the report.
fn add(mut section: Section, view: &mut MetricsReport) {
    if section.kind == SectionKind::Breakdown {
        section.truncate(MAX_GROUPS);
        view.by.push(RangeBreakdown {
            title: section.title,
            groups: section.rows.iter().map(group).collect(),
            more: usize::try_from(section.more_rows).unwrap_or(usize::MAX),
        });
        return;
    }
    view.title = section.title;
    view.figures = section.rows.into_iter().map(figure).collect();
    view.cautions = section.warnings;
    view.notes = section.notes;
}

fn figure(row: Row) -> FigureView {
    FigureView {
        value: row.value_text(),
        formula: row.explanation,
        label: row.label,
    }
}

/// Converts a row with share, events and bytes.
fn group(row: &Row) -> RangeGroup {
    let mut values = row.values.iter().skip(1);
    let (events, bytes) = (values.next(), values.next());
    let text = |value: Option<&Quantity>| value.map(Quantity::text).unwrap_or_default();
    let (low, high) = match bytes.map(|bytes| bytes.value) {
        Some(Value::Range { low, high }) => (low, high),
        Some(Value::Exact(value)) => (value, value),
        Some(Value::Change { .. }) | None => (0.0, 0.0),
    };
    RangeGroup {
        key: row.label.clone(),
        events: text(events),
        bytes: text(bytes),
        low,
        high,
    }
}
