//! What is known of a cluster: counts and paces, each with a limit.

use std::fmt;

use audit_policy::KubernetesVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A cluster, as far as its requests depend on it. The default is a small usual one; see [`Profile::of`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Profile {
    /// The Kubernetes version, which decides who asks how often and what the server records of it.
    #[serde(
        serialize_with = "version_as_text",
        deserialize_with = "version_from_text"
    )]
    pub version: KubernetesVersion,
    /// Nodes that run kube-apiserver, kube-controller-manager and kube-scheduler.
    pub control_plane_nodes: u32,
    /// Readiness probes of each API server, a minute: kubeadm's, or a load balancer's.
    pub readiness_probes_per_minute: f64,
    /// The other nodes.
    pub nodes: u32,
    /// Pods, in all.
    pub pods: u32,
    /// Pods replaced by new ones, an hour.
    pub pods_replaced_per_hour: f64,
    /// Jobs run to their end, an hour, each of one pod.
    pub jobs_per_hour: f64,
    /// Namespaces.
    pub namespaces: u32,
    /// Deployments.
    pub deployments: u32,
    /// Services.
    pub services: u32,
    /// HorizontalPodAutoscalers.
    pub autoscalers: u32,
    /// ConfigMaps and Secrets that a pod refers to, its namespace's root certificate aside.
    pub configs_per_pod: f64,
    /// Custom resources that the cluster defines.
    pub custom_resources: u32,
    /// Events that repeat without a change (probes that fail, images that cannot be pulled), an hour.
    pub warnings_per_hour: f64,
    /// Agents on every node that ask the API server: networking, storage, logs.
    pub node_agents: u32,
    /// Watches that each such agent holds.
    pub watches_per_node_agent: u32,
    /// Prometheus servers that scrape the cluster.
    pub scrapers: u32,
    /// Controllers beside those of Kubernetes.
    pub operators: Vec<Operator>,
    /// People at work.
    pub people: u32,
    /// What each of them asks, an hour.
    pub commands_per_person_per_hour: f64,
    /// Pipelines that deploy.
    pub pipelines: u32,
    /// What each of them deploys, an hour.
    pub deploys_per_pipeline_per_hour: f64,
    /// Objects that a deployment applies.
    pub objects_per_deploy: u32,
}

/// A controller beside those of Kubernetes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Operator {
    /// Its name, which is its service account's, too.
    pub name: String,
    /// The namespace it runs in.
    pub namespace: String,
    /// How many of it run; one leads, the others wait.
    pub replicas: u32,
    /// Whether they elect their leader by a lease.
    pub elects_leader: bool,
    /// Watches that each replica holds.
    pub watches: u32,
    /// What it reads without a watch, a minute.
    pub reads_per_minute: f64,
    /// What it writes, a minute.
    pub writes_per_minute: f64,
}

impl Default for Profile {
    fn default() -> Self {
        Self::with_size(3, 3, 100)
    }
}

impl Profile {
    /// A usual cluster of a size: what is not said grows with nodes and pods as is assumed beside it.
    pub fn with_size(control_plane_nodes: u32, nodes: u32, pods: u32) -> Self {
        let share = |divisor: u32, min: u32| (pods / divisor).max(min);
        Self {
            version: KubernetesVersion::NEWEST,
            control_plane_nodes,
            readiness_probes_per_minute: 60.0,
            nodes,
            pods,
            // Assumed: each pod lives a day.
            pods_replaced_per_hour: f64::from(pods) / 24.0,
            // Assumed: a job every five minutes, and one more for every hundred pods.
            jobs_per_hour: 12.0 + f64::from(pods / 100),
            // Assumed: one for every ten pods, beside the four that Kubernetes makes.
            namespaces: share(10, 4).saturating_add(4).min(limit::NAMESPACES),
            // Assumed: three pods each.
            deployments: share(3, 1),
            // Assumed: one for every four pods.
            services: share(4, 1),
            // Assumed: one for every fifty pods.
            autoscalers: pods / 50,
            // Assumed: one ConfigMap or Secret of its own, every other pod two.
            configs_per_pod: 1.5,
            custom_resources: 40,
            warnings_per_hour: f64::from(pods) / 10.0,
            // Assumed: one for the network, one for storage.
            node_agents: 2,
            watches_per_node_agent: 4,
            scrapers: 1,
            operators: Operator::usual(),
            people: 3,
            commands_per_person_per_hour: 20.0,
            pipelines: 1,
            deploys_per_pipeline_per_hour: 2.0,
            objects_per_deploy: 12,
        }
    }

    /// All nodes.
    pub const fn all_nodes(&self) -> u32 {
        self.control_plane_nodes.saturating_add(self.nodes)
    }

    /// Nodes that workloads run on: those of the control plane where there are no others (kubeadm taints them).
    pub const fn pod_nodes(&self) -> u32 {
        if self.nodes == 0 {
            self.control_plane_nodes
        } else {
            self.nodes
        }
    }

    /// The number of a node that workloads run on: the nodes of the control plane are the first.
    pub(crate) fn pod_node(&self, number: u64) -> u64 {
        let first = self.all_nodes().saturating_sub(self.pod_nodes());
        u64::from(first) + number % u64::from(self.pod_nodes()).max(1)
    }

    /// The profile as it is, if every number is within its limits.
    ///
    /// # Errors
    /// The first number that is not, with its limits.
    pub fn check(&self) -> Result<(), ProfileError> {
        self.check_counts()?;
        self.check_rates()?;
        if self.operators.len() > limit::OPERATORS as usize {
            return Err(ProfileError::Count {
                field: "operators",
                given: u32::try_from(self.operators.len()).unwrap_or(u32::MAX),
                min: 0,
                max: limit::OPERATORS,
            });
        }
        self.operators.iter().try_for_each(Operator::check)
    }

    fn check_counts(&self) -> Result<(), ProfileError> {
        let counts = [
            (
                "controlPlaneNodes",
                self.control_plane_nodes,
                1,
                limit::CONTROL_PLANE_NODES,
            ),
            ("nodes", self.nodes, 0, limit::NODES),
            ("pods", self.pods, 0, limit::PODS),
            ("namespaces", self.namespaces, 4, limit::NAMESPACES),
            ("deployments", self.deployments, 0, limit::PODS),
            ("services", self.services, 0, limit::PODS),
            ("autoscalers", self.autoscalers, 0, limit::PODS),
            ("customResources", self.custom_resources, 0, limit::KINDS),
            ("nodeAgents", self.node_agents, 0, limit::AGENTS),
            (
                "watchesPerNodeAgent",
                self.watches_per_node_agent,
                0,
                limit::WATCHES,
            ),
            ("scrapers", self.scrapers, 0, limit::AGENTS),
            ("people", self.people, 0, limit::PEOPLE),
            ("pipelines", self.pipelines, 0, limit::PEOPLE),
            (
                "objectsPerDeploy",
                self.objects_per_deploy,
                0,
                limit::OBJECTS,
            ),
        ];
        counts
            .into_iter()
            .try_for_each(|(field, given, min, max)| count_within(field, given, min, max))
    }

    fn check_rates(&self) -> Result<(), ProfileError> {
        let paces = [
            ("readinessProbesPerMinute", self.readiness_probes_per_minute),
            ("podsReplacedPerHour", self.pods_replaced_per_hour),
            ("jobsPerHour", self.jobs_per_hour),
            ("configsPerPod", self.configs_per_pod),
            ("warningsPerHour", self.warnings_per_hour),
            (
                "commandsPerPersonPerHour",
                self.commands_per_person_per_hour,
            ),
            (
                "deploysPerPipelinePerHour",
                self.deploys_per_pipeline_per_hour,
            ),
        ];
        paces
            .into_iter()
            .try_for_each(|(field, given)| rate_within(field, given))
    }
}

impl Default for Operator {
    fn default() -> Self {
        Self {
            name: "operator".to_owned(),
            namespace: "operators".to_owned(),
            replicas: 1,
            elects_leader: true,
            watches: 8,
            reads_per_minute: 6.0,
            writes_per_minute: 2.0,
        }
    }
}

impl Operator {
    /// Those of a usual cluster. All assumed.
    fn usual() -> Vec<Self> {
        let operator = |name: &str, namespace: &str, replicas, watches, reads, writes| Self {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            replicas,
            elects_leader: true,
            watches,
            reads_per_minute: reads,
            writes_per_minute: writes,
        };
        vec![
            operator("ingress-controller", "ingress", 2, 8, 0.0, 0.5),
            operator("certificate-controller", "certificates", 1, 12, 1.0, 0.5),
            operator("delivery-controller", "delivery", 1, 20, 20.0, 4.0),
            operator("monitoring-operator", "monitoring", 1, 15, 4.0, 2.0),
        ]
    }

    fn check(&self) -> Result<(), ProfileError> {
        for (field, name) in [
            ("operators.name", &self.name),
            ("operators.namespace", &self.namespace),
        ] {
            if !is_dns_label(name) {
                return Err(ProfileError::Name {
                    field,
                    given: name.chars().take(80).collect(),
                });
            }
        }
        count_within("operators.replicas", self.replicas, 1, limit::REPLICAS)?;
        count_within("operators.watches", self.watches, 0, limit::WATCHES)?;
        rate_within("operators.readsPerMinute", self.reads_per_minute)?;
        rate_within("operators.writesPerMinute", self.writes_per_minute)
    }
}

/// The largest numbers that a profile may hold.
pub mod limit {
    /// Control-plane nodes; etcd recommends seven members at most.
    pub const CONTROL_PLANE_NODES: u32 = 15;
    /// Other nodes; Kubernetes is designed for 5,000 in all (kubernetes.io/docs/setup/best-practices/cluster-large).
    pub const NODES: u32 = 20_000;
    /// Pods, and what grows with them; Kubernetes is designed for 150,000 (same page).
    pub const PODS: u32 = 600_000;
    /// Namespaces; the scalability thresholds say 10,000.
    pub const NAMESPACES: u32 = 50_000;
    /// Custom resources.
    pub const KINDS: u32 = 5_000;
    /// Agents on a node, and scrapers.
    pub const AGENTS: u32 = 50;
    /// Watches of one client.
    pub const WATCHES: u32 = 2_000;
    /// People, and pipelines.
    pub const PEOPLE: u32 = 10_000;
    /// Objects in a deployment.
    pub const OBJECTS: u32 = 10_000;
    /// Operators.
    pub const OPERATORS: u32 = 200;
    /// Replicas of an operator.
    pub const REPLICAS: u32 = 100;
    /// Anything by the minute or hour, and a pod's references.
    pub const RATE: f64 = 10_000_000.0;
}

/// Why a profile cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub enum ProfileError {
    /// A count is out of its limits.
    Count {
        /// The field, as in JSON.
        field: &'static str,
        /// What it holds.
        given: u32,
        /// The smallest that may be.
        min: u32,
        /// The largest that may be.
        max: u32,
    },
    /// A pace is negative, too large or not a number.
    Rate {
        /// The field, as in JSON.
        field: &'static str,
        /// What it holds.
        given: f64,
    },
    /// A name is not a DNS label.
    Name {
        /// The field, as in JSON.
        field: &'static str,
        /// What it holds, cut to eighty characters.
        given: String,
    },
    /// No seconds, or more than [`MAX_SECONDS`](crate::MAX_SECONDS).
    Seconds {
        /// What was asked for.
        given: u32,
    },
    /// One second holds more events than may be made at once.
    Events {
        /// Events a second.
        per_second: f64,
        /// How many may be made.
        max: u64,
    },
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count {
                field,
                given,
                min,
                max,
            } => write!(f, "`{field}` is {given}: give a number from {min} to {max}"),
            Self::Rate { field, given } => write!(
                f,
                "`{field}` is {given}: give a number from 0 to {}",
                limit::RATE
            ),
            Self::Name { field, given } => write!(
                f,
                "`{field}` is `{given}`: give at most 63 lowercase letters, digits and inner hyphens"
            ),
            Self::Seconds { given } => write!(
                f,
                "a log of {given} seconds cannot be made: give a number from 1 to {}",
                crate::MAX_SECONDS
            ),
            Self::Events { per_second, max } => write!(
                f,
                "the profile makes {per_second:.0} events a second, more than the {max} that a log may hold: give a smaller cluster"
            ),
        }
    }
}

impl std::error::Error for ProfileError {}

fn count_within(field: &'static str, given: u32, min: u32, max: u32) -> Result<(), ProfileError> {
    if (min..=max).contains(&given) {
        return Ok(());
    }
    Err(ProfileError::Count {
        field,
        given,
        min,
        max,
    })
}

fn rate_within(field: &'static str, given: f64) -> Result<(), ProfileError> {
    // What is not a number is in no range.
    if (0.0..=limit::RATE).contains(&given) {
        return Ok(());
    }
    Err(ProfileError::Rate { field, given })
}

/// Whether a name may stand in a URL and in JSON as it is.
fn is_dns_label(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(is_inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn version_as_text<S: Serializer>(
    version: &KubernetesVersion,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(version)
}

fn version_from_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<KubernetesVersion, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_clusters_are_within_limits() {
        for (control_plane_nodes, nodes, pods) in [(1, 0, 0), (3, 3, 100), (3, 5_000, 150_000)] {
            assert_eq!(
                Profile::with_size(control_plane_nodes, nodes, pods).check(),
                Ok(())
            );
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let refusal = |change: &dyn Fn(&mut Profile)| {
            let mut profile = Profile::default();
            change(&mut profile);
            profile.check().unwrap_err().to_string()
        };
        type Change<'c> = &'c dyn Fn(&mut Profile);
        let rows: [(Change<'_>, &str); 7] = [
            (
                &|p| p.control_plane_nodes = 0,
                "`controlPlaneNodes` is 0: give a number from 1 to 15",
            ),
            (
                &|p| p.pods = u32::MAX,
                "`pods` is 4294967295: give a number from 0 to 600000",
            ),
            (
                &|p| p.jobs_per_hour = -1.0,
                "`jobsPerHour` is -1: give a number from 0 to 10000000",
            ),
            (
                &|p| p.configs_per_pod = f64::NAN,
                "`configsPerPod` is NaN: give a number from 0 to 10000000",
            ),
            (
                &|p| p.warnings_per_hour = f64::INFINITY,
                "`warningsPerHour` is inf: give a number from 0 to 10000000",
            ),
            (
                &|p| {
                    p.operators = vec![Operator {
                        name: "a\"b".to_owned(),
                        ..Operator::default()
                    }]
                },
                "`operators.name` is `a\"b`: give at most 63 lowercase letters, digits and inner hyphens",
            ),
            (
                &|p| p.operators = vec![Operator::default(); 201],
                "`operators` is 201: give a number from 0 to 200",
            ),
        ];
        for (change, expected) in rows {
            assert_eq!(refusal(change), expected);
        }
    }

    #[test]
    fn a_profile_is_read_from_json() {
        let profile: Profile = serde_json::from_str(
            r#"{"version": "1.28", "nodes": 17, "operators": [{"name": "a"}]}"#,
        )
        .unwrap();
        assert_eq!(profile.version.minor(), 28);
        assert_eq!((profile.control_plane_nodes, profile.nodes), (3, 17));
        let text = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
        for text in [
            r#"{"nodez": 1}"#,
            r#"{"nodes": -1}"#,
            r#"{"version": "2.0"}"#,
        ] {
            assert!(serde_json::from_str::<Profile>(text).is_err(), "{text}");
        }
    }
}
