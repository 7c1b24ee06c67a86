//! What a server of an older version does not record, although newer ones do.

use audit_policy::KubernetesVersion;

/// Whether a server records `authenticationMetadata`.
pub(crate) const fn records_authentication(version: KubernetesVersion) -> bool {
    version.at_least(35)
}

/// Whether a server leaves a null `creationTimestamp` out of what it prints of its own types: since 1.34 the field is `omitzero` in
/// `metav1.ObjectMeta`, before, a zero time is printed as null.
pub(crate) const fn omits_null_times(version: KubernetesVersion) -> bool {
    version.at_least(34)
}

/// Whether a server adds `apiserver.latency.k8s.io/` annotations to the events of slow requests.
pub(crate) const fn records_latency(version: KubernetesVersion) -> bool {
    version.at_least(24)
}

/// Whether a server is built with Go 1.22 or newer, whose `encoding/json` prints backspace and form feed as `\b` and `\f`.
pub(crate) const fn has_short_controls(version: KubernetesVersion) -> bool {
    version.at_least(SHORT_CONTROLS_SINCE)
}

/// The first minor version whose first release is built with Go 1.22.
pub(crate) const SHORT_CONTROLS_SINCE: u8 = 30;

/// Whether the legacy format has the user agent (`audit.EventString`).
pub(crate) const fn has_user_agent(version: KubernetesVersion) -> bool {
    version.at_least(22)
}

/// Whether a request with a `timeout` that is not a duration is answered by its ResponseStarted event alone
/// (`WithRequestDeadline`). Before 1.21 such a request is served, with a default.
pub(crate) const fn rejects_bad_timeouts(version: KubernetesVersion) -> bool {
    version.at_least(21)
}

/// How the annotations begin that say where the time of a slow request went.
pub(crate) const LATENCY_ANNOTATION: &str = "apiserver.latency.k8s.io/";

/// Whether a server can encode a request body of another API group than its URL's: the scale of a deployment, an eviction, a token
/// request. Before 1.22 it logged an error of its own and left the body out (kubernetes/kubernetes#102040).
pub(crate) const fn encodes_cross_group(version: KubernetesVersion) -> bool {
    version.at_least(22)
}
