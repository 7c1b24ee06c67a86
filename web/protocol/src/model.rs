//! Profile of a cluster, and the synthetic log generated from it.

use serde::{Deserialize, Serialize};

/// Profile of a cluster to generate a log for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClusterProfile {
    /// Nodes that run an API server.
    pub control_plane_nodes: u32,
    /// Other nodes.
    pub nodes: u32,
    /// Pods.
    pub pods: u32,
    /// Pods replaced per hour; `None` for what is usual with this number of pods.
    pub pods_replaced_per_hour: Option<f64>,
    /// People who work with the cluster.
    pub people: u32,
    /// Pipelines that deploy to it.
    pub pipelines: u32,
    /// Reads per minute by one busy controller, in addition to the usual ones.
    pub busy_controller: f64,
}

impl Default for ClusterProfile {
    fn default() -> Self {
        Self {
            control_plane_nodes: 3,
            nodes: 3,
            pods: 100,
            pods_replaced_per_hour: None,
            people: 3,
            pipelines: 1,
            busy_controller: 0.0,
        }
    }
}

/// Maxima of a [`ClusterProfile`]'s numbers. The minimum is one control-plane node, and zero of everything else.
pub mod limit {
    /// Maximum number of control-plane nodes.
    pub const CONTROL_PLANE_NODES: u32 = 15;
    /// Maximum number of other nodes.
    pub const NODES: u32 = 20_000;
    /// Maximum number of pods.
    pub const PODS: u32 = 600_000;
    /// Maximum number of people, and of pipelines.
    pub const PEOPLE: u32 = 10_000;
    /// Maximum of any rate per hour or per minute.
    pub const RATE: u32 = 10_000_000;
}

/// Composition of a synthetic log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelReport {
    /// Description of the log in one or two sentences.
    pub description: String,
    /// Rates of its requests, the most frequent first.
    pub rates: Vec<RateView>,
}

/// Rate of one kind of requests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RateView {
    /// Purpose of the requests.
    pub name: String,
    /// Client that makes them.
    pub client: String,
    /// Number of requests per minute.
    pub per_minute: String,
    /// Formula that the rate is computed by.
    pub formula: String,
    /// Source of the formula's numbers.
    pub source: String,
    /// `true` if the rate is an assumption of this model.
    pub is_assumed: bool,
}
