//! Volume that a policy writes, from the metrics of an API server instead of a log.
//!
//! `apiserver_request_total` counts requests by verb and resource, but not by user, namespace or name. What a rule needs and the metrics do
//! not say makes a range: from the rule that writes least to the one that writes most, of those that may decide.

mod error;
mod estimate;
mod exposition;
mod prometheus;
mod range;
mod requests;
mod rules;
mod scrape;
mod server;
mod sizes;
mod traffic;

#[cfg(test)]
mod tests;

pub use error::{MAX_BYTES, MetricsError};
pub use estimate::{
    DailyRange, MetricsBreakdown, MetricsDimension, MetricsEstimate, MetricsGroup, ServerAudit,
    version_difference,
};
pub use range::{Range, VolumeRange};
pub use scrape::Scrape;
pub use traffic::Traffic;
