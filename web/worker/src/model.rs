//! A log without a cluster: the model's traffic, read as any other log.

use audit_traffic::{Operator, Profile, RateSource, Sample, SyntheticLog, generate, rates};
use js_sys::{Array, Uint8Array};
use playground_protocol::{ClusterProfile, ModelReport, RateView};
use web_sys::Blob;

use crate::log::Log;
use crate::numbers::grouped;
use crate::source;

/// Events of a modelled log, about: enough to tell shares by, few enough to be there at once.
const MOST_EVENTS: u64 = 15_000;

/// What a modelled log stands for, at the most.
const SPAN_SECONDS: u32 = 3_600;

/// How much text is handed to the browser at a time.
const KEPT_BYTES: usize = 4 << 20;

const NAME: &str = "model of a cluster";

/// A log to be made.
pub(crate) struct Model {
    /// What it is made of.
    pub(crate) report: ModelReport,
    traffic: SyntheticLog,
}

impl Model {
    /// Plans a log.
    ///
    /// # Errors
    /// One sentence, where a number is out of its limits.
    pub(crate) fn of(asked: &ClusterProfile, version: &str) -> Result<Self, String> {
        let profile = profile(asked, version);
        let failed = |error: audit_traffic::ProfileError| error.to_string();
        let sample = Sample::plan(&profile, SPAN_SECONDS, MOST_EVENTS).map_err(failed)?;
        let report = ModelReport {
            description: story(asked, &sample),
            rates: rate_views(&profile).map_err(failed)?,
        };
        let traffic = generate(&profile, sample.seconds).map_err(failed)?;
        Ok(Self { report, traffic })
    }

    /// Reads it into a log that was begun for it; the browser keeps the text.
    pub(crate) fn read_into(self, log: &mut Log) {
        log.begin(NAME, 0.0, source::Source::Unpacked(Vec::new()));
        let mut text = String::new();
        for line in self.traffic {
            text.push_str(&line);
            text.push('\n');
            if text.len() >= KEPT_BYTES {
                take(log, &mut text);
            }
        }
        take(log, &mut text);
        log.end();
        let bytes = log.sources.last().map_or(0.0, source::Source::kept_bytes);
        if let Some(file) = log.report.files.last_mut() {
            file.bytes = bytes;
        }
    }
}

fn take(log: &mut Log, text: &mut String) {
    log.push(text.as_bytes());
    let part = Array::of1(&Uint8Array::from(text.as_bytes()));
    if let Ok(part) = Blob::new_with_u8_array_sequence(&part) {
        log.keep(part);
    }
    text.clear();
}

fn profile(asked: &ClusterProfile, version: &str) -> Profile {
    let mut profile = Profile::with_size(asked.control_plane_nodes, asked.nodes, asked.pods);
    profile.version = version.parse().unwrap_or_default();
    profile.people = asked.people;
    profile.pipelines = asked.pipelines;
    if let Some(replaced) = asked.pods_replaced_per_hour {
        profile.pods_replaced_per_hour = replaced;
    }
    if asked.busy_controller != 0.0 {
        profile.operators.push(Operator {
            name: "busy-controller".to_owned(),
            reads_per_minute: asked.busy_controller,
            ..Operator::default()
        });
    }
    profile
}

fn story(asked: &ClusterProfile, sample: &Sample) -> String {
    let nodes = u64::from(asked.control_plane_nodes) + u64::from(asked.nodes);
    format!(
        "A model of {} nodes and {} pods, {} seconds of it: no recording. Take its figures for an order of magnitude; what operators do decides, and each cluster has its own.",
        grouped(nodes),
        grouped(asked.pods.into()),
        grouped(sample.seconds.into())
    )
}

fn rate_views(profile: &Profile) -> Result<Vec<RateView>, audit_traffic::ProfileError> {
    let mut all = rates(profile)?;
    all.sort_by(|one, other| other.per_second.total_cmp(&one.per_second));
    let view = |rate: &audit_traffic::RequestRate| RateView {
        name: rate.name.to_owned(),
        client: rate.client().to_owned(),
        per_minute: format!("{:.2}", rate.per_second * 60.0),
        formula: rate.formula.to_owned(),
        source: rate.source.text().to_owned(),
        is_assumed: matches!(rate.source, RateSource::Assumed(_)),
    };
    let asked = all.iter().filter(|rate| rate.per_second > 0.0);
    Ok(asked.map(view).collect())
}

// The page's limits are the model's.
const _: () = {
    use audit_traffic::profile::limit as own;
    use playground_protocol::limit as page;
    assert!(page::CONTROL_PLANE_NODES == own::CONTROL_PLANE_NODES);
    assert!(page::NODES == own::NODES && page::PODS == own::PODS);
    assert!(page::PEOPLE == own::PEOPLE);
    #[allow(clippy::cast_lossless, reason = "`f64::from` is not const")]
    const PACE: f64 = page::RATE as f64;
    assert!(PACE == own::RATE);
};
