//! Metrics of API servers, as text or as the result of a query.

use std::borrow::Cow;
use std::collections::BTreeMap;

use hashbrown::HashSet;

use super::error::{MAX_BYTES, MetricsError};
use super::exposition;
use super::prometheus;
use super::requests::RequestClass;
use super::server::{Mean, ScrapeTime, Server};

/// Maximum number of classes of requests.
const MAX_CLASSES: usize = 200_000;

/// Maximum value of a counter; a million requests per second for thirty years.
const MAX_COUNT: f64 = 1e15;

/// Maximum number of labels of a sample that are read.
const MAX_LABELS: usize = 64;

/// Start of a message of kubectl.
const KUBECTL_ERROR: &str = "Error from server";

/// Maximum length of a message that is quoted.
const MAX_MESSAGE_CHARS: usize = 200;

/// Metrics that only other programs have, by the start of their names.
const PROGRAMS: [(&str, &str); 15] = [
    ("etcd_server_", "etcd"),
    ("etcd_disk_", "etcd"),
    ("kubelet_", "the kubelet"),
    ("kubeproxy_", "kube-proxy"),
    ("scheduler_", "kube-scheduler"),
    ("node_collector_", "kube-controller-manager"),
    ("replicaset_controller_", "kube-controller-manager"),
    ("endpoint_slice_controller_", "kube-controller-manager"),
    ("metrics_server_", "metrics-server"),
    ("kube_pod_", "kube-state-metrics"),
    ("kube_node_", "kube-state-metrics"),
    ("node_cpu_", "node_exporter"),
    ("container_", "cAdvisor"),
    ("coredns_", "CoreDNS"),
    ("prometheus_", "Prometheus"),
];

/// Metrics at one time, of one API server or several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scrape {
    /// API servers by their label `instance`; one without, under the empty name.
    pub(super) servers: BTreeMap<String, Server>,
    /// Findings about the text, one sentence each.
    pub(super) cautions: Vec<String>,
}

impl Scrape {
    /// Parses metrics in the Prometheus text format or OpenMetrics, or the JSON of Prometheus' query API.
    ///
    /// # Errors
    /// Fails with one reason if the text has no requests of an API server.
    pub fn parse(text: &str) -> Result<Self, MetricsError> {
        if text.len() > MAX_BYTES {
            return Err(MetricsError::TooLarge);
        }
        let whole = text.trim_start_matches('\u{feff}');
        let text = whole.trim_start();
        let mut builder = Builder::default();
        match text.as_bytes().first() {
            None => return Err(MetricsError::Empty),
            Some(b'<') => return Err(MetricsError::Html),
            Some(b'[' | b'{') => builder.json(text)?,
            Some(_) if text.starts_with(KUBECTL_ERROR) => {
                let line = text.lines().next().unwrap_or_default();
                let line: String = line.chars().take(MAX_MESSAGE_CHARS).collect();
                return Err(MetricsError::Status(format!("`{line}`")));
            }
            // Lines are counted from the start.
            Some(_) => builder.text(whole)?,
        }
        builder.finish()
    }
}

#[derive(Default)]
struct Builder {
    scrape: Scrape,
    names: HashSet<String>,
    programs: Vec<&'static str>,
    classes: usize,
    /// Requests counted by their durations, used if nothing else counts them.
    durations: BTreeMap<String, BTreeMap<RequestClass, f64>>,
    /// The counter of versions before 1.20.
    old_counts: BTreeMap<String, BTreeMap<RequestClass, f64>>,
    skipped: u64,
    first_skipped: Option<(usize, &'static str)>,
    repeated: u64,
    /// Number of values that are not a count.
    implausible: u64,
    first_implausible: Option<ImplausibleValue>,
    has_unnamed: bool,
    /// The text is the result of a query of Prometheus.
    is_query: bool,
}

/// A value that a counter cannot have, such as a negative one.
struct ImplausibleValue {
    /// Line number from 1; `None` in the result of a query.
    line: Option<usize>,
    name: String,
    value: f64,
}

impl ImplausibleValue {
    /// Describes the value: ``line 3: `apiserver_request_total` is NaN, which is not a count``.
    fn text(&self) -> String {
        let place = self
            .line
            .map_or(String::new(), |line| format!("line {line}: "));
        let value = match self.value {
            f64::INFINITY => "+Inf".to_owned(),
            f64::NEG_INFINITY => "-Inf".to_owned(),
            value => value.to_string(),
        };
        format!("{place}`{}` is {value}, which is not a count", self.name)
    }
}

/// Value of a sample or series.
#[derive(Clone, Copy)]
struct SampleValue {
    value: f64,
    /// Seconds since 1970.
    time: Option<f64>,
    /// Seconds that the value covers.
    covered: Option<f64>,
    /// Line number from 1; `None` in the result of a query.
    line: Option<usize>,
}

/// Labels of a sample.
type Labels<'t> = Vec<(&'t str, Cow<'t, str>)>;

impl Builder {
    fn text(&mut self, text: &str) -> Result<(), MetricsError> {
        let mut seen = HashSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let sample = match exposition::parse(line) {
                Ok(Some(sample)) => sample,
                Ok(None) => continue,
                Err(reason) => {
                    self.skipped += 1;
                    self.first_skipped = self.first_skipped.or(Some((number, reason)));
                    continue;
                }
            };
            self.note_name(sample.name);
            if !is_used(sample.name) {
                continue;
            }
            if !seen.insert((sample.name, sample.labels)) {
                self.repeated += 1;
                continue;
            }
            let labels: Labels<'_> = exposition::labels(sample.labels).take(MAX_LABELS).collect();
            let value = SampleValue {
                value: sample.value,
                time: sample.time,
                covered: None,
                line: Some(number),
            };
            self.add(sample.name, &labels, value)?;
        }
        Ok(())
    }

    fn json(&mut self, text: &str) -> Result<(), MetricsError> {
        let value = prometheus::parse(text)?;
        self.is_query = true;
        for series in prometheus::series(&value) {
            let name = series.labels.iter().find(|(name, _)| *name == "__name__");
            let Some((_, name)) = name else {
                self.has_unnamed = true;
                continue;
            };
            let name = name.clone();
            self.note_name(&name);
            if is_used(&name) {
                let value = SampleValue {
                    value: series.value,
                    time: series.time,
                    covered: series.covered,
                    line: None,
                };
                self.add(&name, &series.labels, value)?;
            }
        }
        Ok(())
    }

    fn note_name(&mut self, name: &str) {
        if self.names.len() < MAX_CLASSES && !self.names.contains(name) {
            self.names.insert(name.to_owned());
            let program = PROGRAMS.iter().find(|(start, _)| name.starts_with(start));
            self.programs.extend(program.map(|(_, program)| *program));
        }
    }

    fn add(
        &mut self,
        name: &str,
        labels: &Labels<'_>,
        sample: SampleValue,
    ) -> Result<(), MetricsError> {
        let SampleValue {
            value,
            time,
            covered,
            line,
        } = sample;
        if !(0.0..=MAX_COUNT).contains(&value) {
            self.implausible += 1;
            let known = self.first_implausible.as_ref();
            // Numbers of requests are what everything else depends on.
            if known.is_none_or(|known| counts_requests(name) && !counts_requests(&known.name)) {
                self.first_implausible = Some(ImplausibleValue {
                    line,
                    name: name.to_owned(),
                    value,
                });
            }
            return Ok(());
        }
        let instance = label(labels, "instance").unwrap_or_default();
        let server = self.scrape.servers.entry(instance.clone()).or_default();
        if let Some(time) = time {
            let known = server.time.map_or(time, |known| known.seconds().max(time));
            server.time = Some(ScrapeTime::Exact(known));
        }
        if covered.is_some() {
            server.covered = covered;
        }
        let counts = match name {
            "apiserver_request_total" => Some(&mut server.requests),
            "apiserver_request_count" => Some(self.old_counts.entry(instance).or_default()),
            "apiserver_request_duration_seconds_count" => {
                Some(self.durations.entry(instance).or_default())
            }
            _ => None,
        };
        let Some(counts) = counts else {
            add_other(server, name, labels, value);
            return Ok(());
        };
        let class = class(labels);
        if !counts.contains_key(&class) {
            self.classes += 1;
            if self.classes > MAX_CLASSES {
                return Err(MetricsError::TooManySeries(MAX_CLASSES));
            }
        }
        *counts.entry(class).or_insert(0.0) += value;
        Ok(())
    }

    fn finish(mut self) -> Result<Scrape, MetricsError> {
        if self.names.is_empty() {
            return Err(match self.first_skipped {
                _ if self.has_unnamed => MetricsError::Unnamed,
                Some((line, reason)) => MetricsError::NotMetrics { line, reason },
                None if self.is_query => MetricsError::NoSeries,
                None => MetricsError::Empty,
            });
        }
        self.use_other_counters();
        let servers = &mut self.scrape.servers;
        let has_requests = servers.values().any(|server| !server.requests.is_empty());
        servers.retain(|_, server| server.requests.keys().any(|class| !class.is_path()));
        let is_metrics_server = !servers.is_empty()
            && servers
                .values()
                .flat_map(|server| server.requests.keys())
                .all(|class| class.is_path() || class.group.as_deref() == Some("metrics.k8s.io"));
        if servers.is_empty() || is_metrics_server {
            let program = self.programs.first();
            return Err(match program {
                _ if is_metrics_server => MetricsError::OtherProgram("metrics-server"),
                Some(program) => MetricsError::OtherProgram(program),
                None if has_requests => MetricsError::NoResources,
                None => match &self.first_implausible {
                    Some(value) if counts_requests(&value.name) => {
                        MetricsError::NoCount(value.text())
                    }
                    _ => MetricsError::NoRequests(self.names.len()),
                },
            });
        }
        self.caution();
        Ok(self.scrape)
    }

    /// Counts requests by another metric where `apiserver_request_total` is absent.
    fn use_other_counters(&mut self) {
        for (instance, server) in &mut self.scrape.servers {
            if !server.requests.is_empty() {
                continue;
            }
            if let Some(counts) = self.old_counts.remove(instance) {
                server.requests = counts;
            } else if let Some(counts) = self.durations.remove(instance) {
                server.requests = counts;
                self.scrape.cautions.push(
                    "`apiserver_request_total` is absent: requests are counted by `apiserver_request_duration_seconds`, which does not tell failures".to_owned(),
                );
            }
        }
    }

    fn caution(&mut self) {
        let cautions = &mut self.scrape.cautions;
        if let Some((line, reason)) = self.first_skipped {
            let lines = if self.skipped == 1 {
                "line is"
            } else {
                "lines are"
            };
            cautions.push(format!(
                "{} {lines} not metrics, the first of them line {line}: {reason}",
                self.skipped
            ));
        }
        if self.repeated > 0 {
            cautions.push(format!(
                "{} series occur more than once; the first counts: put each scrape into a file of its own",
                self.repeated
            ));
        }
        if let Some(value) = &self.first_implausible {
            let others = match self.implausible {
                0 | 1 => String::new(),
                2 => ", like 1 other value".to_owned(),
                count => format!(", like {} other values", count - 1),
            };
            cautions.push(format!("{}: it is ignored{others}", value.text()));
        }
    }
}

/// Returns whether a metric counts requests.
fn counts_requests(name: &str) -> bool {
    matches!(
        name,
        "apiserver_request_total"
            | "apiserver_request_count"
            | "apiserver_request_duration_seconds_count"
    )
}

fn is_used(name: &str) -> bool {
    counts_requests(name)
        || matches!(
            name,
            "apiserver_response_sizes_sum"
                | "apiserver_response_sizes_count"
                | "apiserver_request_body_sizes_sum"
                | "apiserver_request_body_sizes_count"
                | "apiserver_request_body_size_bytes_sum"
                | "apiserver_request_body_size_bytes_count"
                | "apiserver_audit_event_total"
                | "apiserver_audit_level_total"
                | "apiserver_audit_error_total"
                | "process_start_time_seconds"
                | "go_memstats_last_gc_time_seconds"
                | "kubernetes_build_info"
        )
}

fn label(labels: &Labels<'_>, name: &str) -> Option<String> {
    labels
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.clone().into_owned())
}

fn class(labels: &Labels<'_>) -> RequestClass {
    let code: Option<u16> = label(labels, "code").and_then(|code| code.parse().ok());
    RequestClass {
        verb: label(labels, "verb").or_else(|| label(labels, "method")),
        group: label(labels, "group"),
        resource: label(labels, "resource"),
        subresource: label(labels, "subresource"),
        scope: label(labels, "scope"),
        failed: code.is_some_and(|code| code >= 400),
    }
}

/// Adds a sample that does not count requests.
fn add_other(server: &mut Server, name: &str, labels: &Labels<'_>, value: f64) {
    let mean = |sum: f64, count: f64| Mean { sum, count };
    match name {
        "apiserver_response_sizes_sum" => {
            server
                .responses
                .entry(class(labels))
                .or_default()
                .add(mean(value, 0.0));
        }
        "apiserver_response_sizes_count" => {
            server
                .responses
                .entry(class(labels))
                .or_default()
                .add(mean(0.0, value));
        }
        "apiserver_request_body_size_bytes_sum" | "apiserver_request_body_sizes_sum" => {
            server
                .bodies
                .entry(body_key(labels))
                .or_default()
                .add(mean(value, 0.0));
        }
        "apiserver_request_body_size_bytes_count" | "apiserver_request_body_sizes_count" => {
            server
                .bodies
                .entry(body_key(labels))
                .or_default()
                .add(mean(0.0, value));
        }
        "apiserver_audit_event_total" => {
            server.audit_events = Some(server.audit_events.unwrap_or(0.0) + value);
        }
        "apiserver_audit_error_total" => server.audit_errors += value,
        "apiserver_audit_level_total" => {
            let level = label(labels, "level").unwrap_or_default();
            *server.levels.entry(level).or_insert(0.0) += value;
        }
        "process_start_time_seconds" => server.start = Some(value).filter(|start| *start > 0.0),
        "go_memstats_last_gc_time_seconds" if server.time.is_none() => {
            server.time = Some(ScrapeTime::Collection(value)).filter(|_| value > 0.0);
        }
        "kubernetes_build_info" => {
            let version = label(labels, "git_version").or_else(|| label(labels, "gitVersion"));
            server.version = version.or(server.version.take());
        }
        _ => {}
    }
}

/// Resource and audit verb of a request's body.
fn body_key(labels: &Labels<'_>) -> (String, String) {
    let field = |name| label(labels, name).unwrap_or_default();
    // `delete_collection` is the only verb with a name of its own.
    (field("resource"), field("verb").replace('_', ""))
}
