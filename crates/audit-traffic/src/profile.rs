//! Cluster profile: counts and rates, each with a limit.

use audit_policy::KubernetesVersion;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A cluster, as far as its API requests depend on it. The default is a small, typical one; see [`Profile::with_size`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Profile {
    /// Kubernetes version, which determines the rates of some requests and what the server records.
    #[serde(
        serialize_with = "version_as_text",
        deserialize_with = "version_from_text"
    )]
    pub version: KubernetesVersion,
    /// Nodes that run kube-apiserver, kube-controller-manager and kube-scheduler.
    pub control_plane_nodes: u32,
    /// Readiness probes per minute of each API server, by kubeadm or a load balancer.
    pub readiness_probes_per_minute: f64,
    /// Other nodes.
    pub nodes: u32,
    /// Total number of pods.
    pub pods: u32,
    /// Pods replaced by new ones per hour.
    pub pods_replaced_per_hour: f64,
    /// Jobs per hour, each with one pod.
    pub jobs_per_hour: f64,
    /// Namespaces.
    pub namespaces: u32,
    /// Deployments.
    pub deployments: u32,
    /// Services.
    pub services: u32,
    /// HorizontalPodAutoscalers.
    pub autoscalers: u32,
    /// ConfigMaps and Secrets per pod, not counting the root certificate of its namespace.
    pub configs_per_pod: f64,
    /// Custom resource definitions.
    pub custom_resources: u32,
    /// Repeated events per hour (failing probes, images that can't be pulled).
    pub warnings_per_hour: f64,
    /// Agents per node that use the API server: networking, storage, logs.
    pub node_agents: u32,
    /// Watches per agent.
    pub watches_per_node_agent: u32,
    /// Prometheus servers that scrape the cluster.
    pub scrapers: u32,
    /// Controllers other than those of Kubernetes.
    pub operators: Vec<Operator>,
    /// People who use the cluster.
    pub people: u32,
    /// Commands per person per hour.
    pub commands_per_person_per_hour: f64,
    /// Deployment pipelines.
    pub pipelines: u32,
    /// Deployments per pipeline per hour.
    pub deploys_per_pipeline_per_hour: f64,
    /// Objects per deployment.
    pub objects_per_deploy: u32,
}

/// A controller other than those of Kubernetes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Operator {
    /// Name of the operator and of its service account.
    pub name: String,
    /// Namespace in which it runs.
    pub namespace: String,
    /// Number of replicas; one leads, the others wait.
    pub replicas: u32,
    /// `true` if the replicas elect a leader with a lease.
    pub elects_leader: bool,
    /// Watches per replica.
    pub watches: u32,
    /// Reads per minute, not counting watches.
    pub reads_per_minute: f64,
    /// Writes per minute.
    pub writes_per_minute: f64,
}

impl Default for Profile {
    fn default() -> Self {
        Self::with_size(3, 3, 100)
    }
}

impl Profile {
    /// Creates the profile of a typical cluster of this size; all other numbers grow with nodes and pods, as the assumptions in the code state.
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
            // Assumed: a Job every five minutes, and one per hour for every hundred pods.
            jobs_per_hour: 12.0 + f64::from(pods / 100),
            // Assumed: one for every ten pods, in addition to the four that Kubernetes creates.
            namespaces: share(10, 4).saturating_add(4).min(limit::NAMESPACES),
            // Assumed: three pods each.
            deployments: share(3, 1),
            // Assumed: one for every four pods.
            services: share(4, 1),
            // Assumed: one for every fifty pods.
            autoscalers: pods / 50,
            // Assumed: one ConfigMap or Secret, two for every other pod.
            configs_per_pod: 1.5,
            custom_resources: 40,
            warnings_per_hour: f64::from(pods) / 10.0,
            // Assumed: one for the network, one for storage.
            node_agents: 2,
            watches_per_node_agent: 4,
            scrapers: 1,
            operators: Operator::typical(),
            people: 3,
            commands_per_person_per_hour: 20.0,
            pipelines: 1,
            deploys_per_pipeline_per_hour: 2.0,
            objects_per_deploy: 12,
        }
    }

    /// Returns the number of all nodes.
    pub(crate) const fn all_nodes(&self) -> u32 {
        self.control_plane_nodes.saturating_add(self.nodes)
    }

    /// Returns the number of nodes that run workloads: other nodes, or the control plane if there are none (kubeadm taints it otherwise).
    pub(crate) const fn pod_nodes(&self) -> u32 {
        if self.nodes == 0 {
            self.control_plane_nodes
        } else {
            self.nodes
        }
    }

    /// Returns the index of a node that runs workloads; control-plane nodes come first.
    pub(crate) fn pod_node(&self, number: u64) -> u64 {
        let first = self.all_nodes().saturating_sub(self.pod_nodes());
        u64::from(first) + number % u64::from(self.pod_nodes()).max(1)
    }

    /// Checks that every number is within its limits.
    ///
    /// # Errors
    /// The first number that exceeds its limits.
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
    /// Returns the operators of a typical cluster. All numbers are assumed.
    fn typical() -> Vec<Self> {
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

/// Limits of the numbers in a profile.
pub mod limit {
    /// Control-plane nodes; etcd recommends seven members at most.
    pub const CONTROL_PLANE_NODES: u32 = 15;
    /// Other nodes; Kubernetes is designed for 5,000 in all (kubernetes.io/docs/setup/best-practices/cluster-large).
    pub const NODES: u32 = 20_000;
    /// Pods, and what grows with them; Kubernetes is designed for 150,000 (same page).
    pub const PODS: u32 = 600_000;
    /// Namespaces; the scalability thresholds say 10,000.
    pub const NAMESPACES: u32 = 50_000;
    /// Custom resource definitions.
    pub const KINDS: u32 = 5_000;
    /// Agents per node, and scrapers.
    pub(crate) const AGENTS: u32 = 50;
    /// Watches per client.
    pub(crate) const WATCHES: u32 = 2_000;
    /// People, and pipelines.
    pub const PEOPLE: u32 = 10_000;
    /// Objects per deployment.
    pub const OBJECTS: u32 = 10_000;
    /// Operators.
    pub(crate) const OPERATORS: u32 = 200;
    /// Replicas per operator.
    pub(crate) const REPLICAS: u32 = 100;
    /// Rates per minute or hour, and references per pod.
    pub const RATE: f64 = 10_000_000.0;
}

/// Error in a profile or in the requested size of a log.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// A count exceeds its limits.
    #[error("`{field}` is {given}, must be a number from {min} to {max}")]
    Count {
        /// Name of the field in JSON.
        field: &'static str,
        /// Given value.
        given: u32,
        /// Minimum.
        min: u32,
        /// Maximum.
        max: u32,
    },
    /// A rate is negative, too large or not a number.
    #[error("`{field}` is {given}, must be a number from 0 to {}", limit::RATE)]
    Rate {
        /// Name of the field in JSON.
        field: &'static str,
        /// Given value.
        given: f64,
    },
    /// A name is not a DNS label.
    #[error(
        "`{field}` is `{given}`, must have at most 63 lowercase letters, digits and inner hyphens"
    )]
    Name {
        /// Name of the field in JSON.
        field: &'static str,
        /// Given name, truncated to eighty characters.
        given: String,
    },
    /// Zero seconds, or more than [`MAX_SECONDS`](crate::MAX_SECONDS).
    #[error(
        "the log would be {given} seconds long, must be from 1 to {}",
        crate::MAX_SECONDS
    )]
    Seconds {
        /// Given number of seconds.
        given: u32,
    },
    /// The traffic exceeds the maximum number of events.
    #[error(
        "the profile gives {per_second:.0} events per second, so that one second exceeds the maximum of {max} events: use a smaller cluster or a higher maximum"
    )]
    Events {
        /// Events per second.
        per_second: f64,
        /// Maximum number of events.
        max: u64,
    },
}

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
    // NaN is in no range.
    if (0.0..=limit::RATE).contains(&given) {
        return Ok(());
    }
    Err(ProfileError::Rate { field, given })
}

/// Returns whether a name is a DNS label, which needs no escaping in URLs and JSON.
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
    fn typical_clusters_are_within_limits() {
        for (control_plane_nodes, nodes, pods) in [(1, 0, 0), (3, 3, 100), (3, 5_000, 150_000)] {
            assert_eq!(
                Profile::with_size(control_plane_nodes, nodes, pods).check(),
                Ok(())
            );
        }
    }

    #[test]
    fn errors_name_the_field_and_its_limits() {
        let error = |change: &dyn Fn(&mut Profile)| {
            let mut profile = Profile::default();
            change(&mut profile);
            profile.check().unwrap_err().to_string()
        };
        type Change<'c> = &'c dyn Fn(&mut Profile);
        let rows: [(Change<'_>, &str); 7] = [
            (
                &|p| p.control_plane_nodes = 0,
                "`controlPlaneNodes` is 0, must be a number from 1 to 15",
            ),
            (
                &|p| p.pods = u32::MAX,
                "`pods` is 4294967295, must be a number from 0 to 600000",
            ),
            (
                &|p| p.jobs_per_hour = -1.0,
                "`jobsPerHour` is -1, must be a number from 0 to 10000000",
            ),
            (
                &|p| p.configs_per_pod = f64::NAN,
                "`configsPerPod` is NaN, must be a number from 0 to 10000000",
            ),
            (
                &|p| p.warnings_per_hour = f64::INFINITY,
                "`warningsPerHour` is inf, must be a number from 0 to 10000000",
            ),
            (
                &|p| {
                    p.operators = vec![Operator {
                        name: "a\"b".to_owned(),
                        ..Operator::default()
                    }]
                },
                "`operators.name` is `a\"b`, must have at most 63 lowercase letters, digits and inner hyphens",
            ),
            (
                &|p| p.operators = vec![Operator::default(); 201],
                "`operators` is 201, must be a number from 0 to 200",
            ),
        ];
        for (change, expected) in rows {
            assert_eq!(error(change), expected);
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
