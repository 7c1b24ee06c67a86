//! A synthetic log of a cluster, read like any other log.

use audit_traffic::{Operator, Profile, RateSource, Sample, SyntheticLog, generate, rates};
use audit_types::format;
use audit_types::sort::SortShort;
use js_sys::{Array, Uint8Array};
use playground_protocol::{ClusterProfile, KubernetesVersion, ModelReport, RateView};
use web_sys::Blob;

use crate::log::Log;
use crate::source;

/// Approximate number of events: enough for meaningful shares, few enough to be generated at once.
const MAX_EVENTS: u64 = 15_000;

/// Maximum time span of the log, in seconds.
const MAX_SPAN_SECONDS: u32 = 3_600;

/// Number of bytes that are handed to the browser at a time.
const KEPT_BYTES: usize = 4 << 20;

/// Name of the log.
const NAME: &str = "generated log";

/// A log to generate.
pub(crate) struct Model {
    /// Composition of the log.
    pub(crate) report: ModelReport,
    traffic: SyntheticLog,
}

impl Model {
    /// Plans the log of a cluster.
    ///
    /// # Errors
    /// A sentence if a number is out of its limits.
    pub(crate) fn plan(
        cluster: &ClusterProfile,
        version: KubernetesVersion,
    ) -> Result<Self, String> {
        let profile = profile(cluster, version);
        let failed = |error: audit_traffic::ProfileError| error.to_string();
        let sample = Sample::plan(&profile, MAX_SPAN_SECONDS, MAX_EVENTS).map_err(failed)?;
        let report = ModelReport {
            description: describe(cluster, &sample),
            rates: rate_views(&profile).map_err(failed)?,
        };
        let traffic = generate(&profile, sample.seconds).map_err(failed)?;
        Ok(Self { report, traffic })
    }

    /// Generates the log and reads it into `log`; the browser keeps the text.
    pub(crate) fn read_into(self, log: &mut Log) {
        log.begin_file(NAME, 0.0, source::Source::Decompressed(Vec::new()));
        let mut text = String::new();
        for line in self.traffic {
            text.push_str(&line);
            text.push('\n');
            if text.len() >= KEPT_BYTES {
                read_text(log, &mut text);
            }
        }
        read_text(log, &mut text);
        log.end_file();
        let bytes = log.sources.last().map_or(0.0, source::Source::kept_size);
        if let Some(file) = log.report.files.last_mut() {
            file.bytes = bytes;
        }
    }
}

fn read_text(log: &mut Log, text: &mut String) {
    log.push(text.as_bytes());
    let part = Array::of1(&Uint8Array::from(text.as_bytes()));
    if let Ok(part) = Blob::new_with_u8_array_sequence(&part) {
        log.keep(part);
    }
    text.clear();
}

fn profile(cluster: &ClusterProfile, version: KubernetesVersion) -> Profile {
    let mut profile = Profile::with_size(cluster.control_plane_nodes, cluster.nodes, cluster.pods);
    profile.version = version;
    profile.people = cluster.people;
    profile.pipelines = cluster.pipelines;
    if let Some(replaced) = cluster.pods_replaced_per_hour {
        profile.pods_replaced_per_hour = replaced;
    }
    if cluster.busy_controller != 0.0 {
        profile.operators.push(Operator {
            name: "busy-controller".to_owned(),
            reads_per_minute: cluster.busy_controller,
            ..Operator::default()
        });
    }
    profile
}

fn describe(cluster: &ClusterProfile, sample: &Sample) -> String {
    let nodes = u64::from(cluster.control_plane_nodes) + u64::from(cluster.nodes);
    format!(
        "A synthetic log of {} nodes and {} pods over {} seconds, not a recording. Its figures are correct to an order of magnitude: real volume depends on the operators that run in a cluster.",
        format::count(nodes),
        format::count(cluster.pods.into()),
        format::count(sample.seconds.into())
    )
}

fn rate_views(profile: &Profile) -> Result<Vec<RateView>, audit_traffic::ProfileError> {
    let mut all = rates(profile)?;
    all.sort_short_by(|one, other| other.per_second.total_cmp(&one.per_second));
    let view = |rate: &audit_traffic::RequestRate| RateView {
        name: rate.name.to_owned(),
        client: rate.client().to_owned(),
        per_minute: format!("{:.2}", rate.per_second * 60.0),
        formula: rate.formula.to_owned(),
        source: rate.source.text().to_owned(),
        is_assumed: matches!(rate.source, RateSource::Assumed(_)),
    };
    let active = all.iter().filter(|rate| rate.per_second > 0.0);
    Ok(active.map(view).collect())
}

// The page's limits equal the model's.
const _: () = {
    use audit_traffic::profile::limit as own;
    use playground_protocol::limit as page;
    assert!(page::CONTROL_PLANE_NODES == own::CONTROL_PLANE_NODES);
    assert!(page::NODES == own::NODES && page::PODS == own::PODS);
    assert!(page::PEOPLE == own::PEOPLE);
    #[allow(clippy::cast_lossless, reason = "`f64::from` is not const")]
    const RATE: f64 = page::RATE as f64;
    assert!(RATE == own::RATE);
};
