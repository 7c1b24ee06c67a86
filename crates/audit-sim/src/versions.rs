//! Differences between the versions of kube-apiserver in what they record.

use audit_policy::KubernetesVersion;

/// Returns `true` if a server records `authenticationMetadata`.
pub(crate) const fn records_authentication(version: KubernetesVersion) -> bool {
    version.at_least(35)
}

/// Returns `true` if a server leaves a null `creationTimestamp` out of its own types: since 1.34 the field is `omitzero` in
/// `metav1.ObjectMeta`; before, a zero time is printed as null.
pub(crate) const fn omits_null_times(version: KubernetesVersion) -> bool {
    version.at_least(34)
}

/// Returns `true` if a server adds `apiserver.latency.k8s.io/` annotations to the events of slow requests.
pub(crate) const fn records_latency(version: KubernetesVersion) -> bool {
    version.at_least(24)
}

/// Returns `true` if a server is built with Go 1.22 or newer, whose `encoding/json` prints backspace and form feed as `\b` and `\f`.
pub(crate) const fn has_short_controls(version: KubernetesVersion) -> bool {
    version.at_least(SHORT_CONTROLS_SINCE)
}

/// The first minor version whose first release is built with Go 1.22.
pub(crate) const SHORT_CONTROLS_SINCE: u8 = 30;

/// Returns `true` if the legacy format contains the user agent (`audit.EventString`).
pub(crate) const fn has_user_agent(version: KubernetesVersion) -> bool {
    version.at_least(22)
}

/// Returns `true` if a request whose `timeout` is not a duration leaves only its ResponseStarted event (`WithRequestDeadline`). Before
/// 1.21 such a request is served, with a default.
pub(crate) const fn rejects_bad_timeouts(version: KubernetesVersion) -> bool {
    version.at_least(21)
}

/// Prefix of the annotations with the latencies of a slow request.
pub(crate) const LATENCY_ANNOTATION: &str = "apiserver.latency.k8s.io/";

/// Returns `true` if a server can encode a request body of another API group than the URL: the scale of a deployment, an eviction, a token
/// request. Before 1.22 it logged an error and left the body out (kubernetes/kubernetes#102040).
pub(crate) const fn encodes_cross_group(version: KubernetesVersion) -> bool {
    version.at_least(22)
}
