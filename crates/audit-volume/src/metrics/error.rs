//! Reasons why metrics cannot be used.

use thiserror::Error;

/// Maximum length of metrics in bytes. Those of a large server have some 20 MB.
pub const MAX_BYTES: usize = 128 << 20;

/// Reason why metrics cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// There is only white space.
    #[error("no metrics: the text is empty")]
    Empty,
    /// A query of Prometheus without a result.
    #[error(
        "the query returned no series: query `apiserver_request_total` at a time when kube-apiserver was scraped"
    )]
    NoSeries,
    /// The text is too long.
    #[error("too large: the limit is {MAX_BYTES} bytes")]
    TooLarge,
    /// There are too many distinct series.
    #[error("more than {0} series of requests: keep only those of one API server")]
    TooManySeries(usize),
    /// A web page, such as that of a proxy or a login.
    #[error("an HTML page, not metrics: run `kubectl get --raw /metrics`")]
    Html,
    /// The API server's own error.
    #[error("the API server returned an error instead of metrics: {0}")]
    Status(String),
    /// Prometheus' error.
    #[error("Prometheus returned an error instead of metrics: {0}")]
    Prometheus(String),
    /// An audit log.
    #[error("an audit log, not metrics: pass it without `--metrics`")]
    AuditLog,
    /// JSON that is not the result of a query.
    #[error("JSON that is not the result of a Prometheus query: run `kubectl get --raw /metrics`")]
    OtherJson,
    /// Broken JSON.
    #[error("not valid JSON: {0}")]
    BadJson(String),
    /// A query whose result is not a counter.
    #[error(
        "the query's result has no metric name, so it is unknown what it counts: query `apiserver_request_total` without functions"
    )]
    Unnamed,
    /// Metrics of a program other than kube-apiserver.
    #[error("these are metrics of {0}: use those of kube-apiserver (`kubectl get --raw /metrics`)")]
    OtherProgram(&'static str),
    /// Metrics without requests.
    #[error(
        "no `apiserver_request_total` among the {0} metrics: use all metrics of kube-apiserver (`kubectl get --raw /metrics`)"
    )]
    NoRequests(usize),
    /// No value that counts requests is a count.
    #[error("{0}, and no other value counts requests")]
    NoCount(String),
    /// Requests of a server without an API.
    #[error(
        "`apiserver_request_total` has no request for a resource: these are not the metrics of kube-apiserver (`kubectl get --raw /metrics`)"
    )]
    NoResources,
    /// Text in another format.
    #[error("not metrics: line {line}: {reason}")]
    NotMetrics {
        /// Line number from 1.
        line: usize,
        /// Reason why the line is not a metric.
        reason: &'static str,
    },
    /// The second scrape is of another time than assumed.
    #[error(
        "the counters of the second file are lower than those of the first: name the earlier scrape first"
    )]
    Decreasing,
}
