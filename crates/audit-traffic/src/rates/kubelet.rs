//! Requests of kubelets that don't depend on what their pods do.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, stored};

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    heartbeats(profile, all);
    watches(profile, all);
    credentials(profile, all);
}

fn heartbeats(profile: &Profile, all: &mut Vec<RequestRate>) {
    let nodes = profile.all_nodes();
    all.push(
        RequestRate::new(
            "node lease",
            Client::Kubelet,
            "update",
            &["/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/<node>?timeout=10s"],
        )
        .every(10.0, nodes)
        .request_body(BodyTemplate::Stored(stored::LEASE))
        .response_body(BodyTemplate::Stored(stored::LEASE))
        .documented(
            "nodes / 10 s",
            "nodeLeaseDurationSeconds is 40 s (KubeletConfiguration), renewed after a quarter of it (nodeLeaseRenewIntervalFraction, pkg/kubelet/kubelet.go)",
        ),
    );
    if !profile.version.at_least(31) {
        all.push(
            RequestRate::new(
                "node read before a status update",
                Client::Kubelet,
                "get",
                &["/api/v1/nodes/<node>?resourceVersion=0&timeout=10s"],
            )
            .every(10.0, nodes)
            .response_body(BodyTemplate::Stored(stored::NODE))
            .documented(
                "nodes / 10 s, before 1.31",
                "nodeStatusUpdateFrequency is 10 s (KubeletConfiguration); since kubernetes/kubernetes#123977, the kubelet reads its own cache",
            ),
        );
    }
    all.push(
        RequestRate::new(
            "node status",
            Client::Kubelet,
            "patch",
            &["/api/v1/nodes/<node>/status?timeout=10s"],
        )
        .every(300.0, nodes)
        .request_body(BodyTemplate::Stored(stored::NODE_PATCH))
        .response_body(BodyTemplate::Stored(stored::NODE))
        .documented(
            "nodes / 5 min",
            "nodeStatusReportFrequency is 5 min if nothing changes (KubeletConfiguration)",
        ),
    );
}

fn watches(profile: &Profile, all: &mut Vec<RequestRate>) {
    let nodes = profile.all_nodes();
    all.push(
        RequestRate::watch(
            "kubelet watches",
            Client::Kubelet,
            &[
                "/api/v1/nodes?allowWatchBookmarks=true&fieldSelector=metadata.name%3D<node>&<watch>",
                "/api/v1/pods?allowWatchBookmarks=true&fieldSelector=spec.nodeName%3D<node>&<watch>",
                "/api/v1/services?allowWatchBookmarks=true&<watch>",
                "/apis/storage.k8s.io/v1/csidrivers?allowWatchBookmarks=true&<watch>",
                "/apis/node.k8s.io/v1/runtimeclasses?allowWatchBookmarks=true&<watch>",
            ],
        )
        .every(450.0, nodes)
        .documented(
            "5 × nodes / 7.5 min",
            "a reflector renews its watch after 5 to 10 min (minWatchTimeout, client-go tools/cache/reflector.go); own node, own pods, services, CSI drivers, runtime classes (pkg/kubelet/kubelet.go)",
        ),
    );
    let (least, mean) = if profile.version.at_least(31) {
        (1_800, 2_700.0)
    } else {
        (300, 450.0)
    };
    let pods = profile.pods.div_ceil(profile.pod_nodes().max(1));
    let namespaces = distinct(pods, profile.namespaces.saturating_sub(4));
    let source = "configMapAndSecretChangeDetectionStrategy is Watch (KubeletConfiguration): one watch per object that the node's pods reference, renewed after 5 to 10 min, since 1.31 after 30 to 60 min (kubernetes/kubernetes#124245)";
    all.push(
        RequestRate::watch(
            "root certificate watches",
            Client::Kubelet,
            &["/api/v1/namespaces/<ns>/configmaps?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dkube-root-ca.crt&<watch>"],
        )
        .lasting((least, 2 * least))
        .every_on_pod_nodes(mean, profile, namespaces.round() as u64)
        .documented(
            "nodes × namespaces per node / 45 min (before 1.31: 7.5 min)",
            source,
        ),
    );
    let own = (profile.configs_per_pod * distinct(pods, profile.deployments)).round() as u64;
    all.push(
        RequestRate::watch(
            "ConfigMap and Secret watches",
            Client::Kubelet,
            &[
                "/api/v1/namespaces/<ns>/configmaps?allowWatchBookmarks=true&fieldSelector=metadata.name%3D<app>-config&<watch>",
                "/api/v1/namespaces/<ns>/secrets?allowWatchBookmarks=true&fieldSelector=metadata.name%3D<app>-secret&<watch>",
            ],
        )
        .lasting((least, 2 * least))
        .every_on_pod_nodes(mean, profile, own)
        .documented(
            "nodes × deployments per node × configsPerPod / 45 min (before 1.31: 7.5 min)",
            source,
        ),
    );
}

/// Expected number of distinct kinds among a number of pods that are assigned at random.
fn distinct(pods: u32, kinds: u32) -> f64 {
    let kinds = f64::from(kinds.max(1));
    kinds * (1.0 - (1.0 - 1.0 / kinds).powf(f64::from(pods)))
}

fn credentials(profile: &Profile, all: &mut Vec<RequestRate>) {
    if profile.version.at_least(21) {
        all.push(
            RequestRate::new(
                "pod token renewal",
                Client::Kubelet,
                "create",
                &["/api/v1/namespaces/<ns>/serviceaccounts/<app>/token"],
            )
            .pods_every(0.8 * 3_607.0, profile.pods)
            .request_body(BodyTemplate::New(stored::TOKEN))
            .response_body(BodyTemplate::Stored(stored::TOKEN))
            .documented(
                "pods / 48 min, since 1.21",
                "a projected token of 3,607 s is renewed after 80 % of its lifetime (kubernetes.io/docs/tasks/configure-pod-container/configure-service-account; pkg/kubelet/token)",
            ),
        );
    }
    // metrics-server is a client as well.
    let clients = profile.scrapers.saturating_add(1);
    let nodes = profile.all_nodes().saturating_mul(clients);
    all.push(
        RequestRate::new(
            "kubelet authenticates clients",
            Client::Kubelet,
            "create",
            &["/apis/authentication.k8s.io/v1/tokenreviews"],
        )
        .every(120.0, nodes)
        .request_body(BodyTemplate::New(stored::TOKEN_REVIEW))
        .response_body(BodyTemplate::Stored(stored::TOKEN_REVIEW))
        .documented(
            "nodes × (scrapers + metrics-server) / 2 min",
            "authentication.webhook.cacheTTL is 2 min (KubeletConfiguration)",
        ),
    );
    all.push(
        RequestRate::new(
            "kubelet authorizes clients",
            Client::Kubelet,
            "create",
            &["/apis/authorization.k8s.io/v1/subjectaccessreviews"],
        )
        .every(300.0, nodes)
        .request_body(BodyTemplate::New(stored::ACCESS_REVIEW))
        .response_body(BodyTemplate::Stored(stored::ACCESS_REVIEW))
        .documented(
            "nodes × (scrapers + metrics-server) / 5 min",
            "authorization.webhook.cacheAuthorizedTTL is 5 min (KubeletConfiguration)",
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_share_namespaces() {
        for (pods, kinds, expected) in [
            (0, 7, 0.0),
            (1, 7, 1.0),
            (2, 2, 1.5),
            (9, 1, 1.0),
            (5, 0, 1.0),
        ] {
            assert!(
                (distinct(pods, kinds) - expected).abs() < 1e-9,
                "{pods} {kinds}"
            );
        }
    }
}
