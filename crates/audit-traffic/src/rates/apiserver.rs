//! Requests of API servers to themselves, and probes of their health.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, stored};

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    let servers = profile.control_plane_nodes;
    probes(profile, all);
    if profile.version.at_least(26) {
        all.push(
            RequestRate::new(
                "API server lease",
                Client::ApiServer,
                "update",
                &["/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/apiserver-<actor>fx3k2cb7qhz5dnwo4yl6mtp"],
            )
            .every(10.0, servers)
            .request_body(BodyTemplate::Stored(stored::LEASE))
            .response_body(BodyTemplate::Stored(stored::LEASE))
            .documented(
                "control-plane nodes / 10 s, since 1.26",
                "IdentityLeaseRenewIntervalPeriod is 10 s (pkg/controlplane/apiserver/server.go); kubernetes.io/docs/concepts/architecture/leases",
            ),
        );
    }
    let own = [
        RequestRate::new(
            "endpoints of the kubernetes Service",
            Client::ApiServer,
            "get",
            &["/api/v1/namespaces/default/endpoints/kubernetes"],
        )
        .response_body(BodyTemplate::Stored(stored::ENDPOINTS)),
        RequestRate::new(
            "endpoint slice of the kubernetes Service",
            Client::ApiServer,
            "get",
            &["/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"],
        )
        .response_body(BodyTemplate::Stored(stored::ENDPOINT_SLICE)),
    ];
    for rate in own {
        all.push(rate.every(10.0, servers).documented(
            "control-plane nodes / 10 s",
            "DefaultEndpointReconcilerInterval is 10 s (pkg/controlplane/instance.go)",
        ));
    }
    all.push(
        RequestRate::watch("API server watches", Client::ApiServer, INFORMERS)
            .every(450.0, servers)
            .assumed(
                "30 × control-plane nodes / 7.5 min",
                "our own count of informers of admission, authorization, priority and fairness, extensions and aggregation (pkg/controlplane, pkg/kubeapiserver), renewed after 5 to 10 min (client-go tools/cache/reflector.go)",
            ),
    );
}

fn probes(profile: &Profile, all: &mut Vec<RequestRate>) {
    let servers = profile.control_plane_nodes;
    let per_minute = profile.readiness_probes_per_minute * f64::from(servers);
    all.push(
        RequestRate::new("readiness probe", Client::Probe, "get", &["/readyz"])
            .times_per_minute(per_minute, servers)
            .documented(
                "control-plane nodes × readinessProbesPerMinute",
                "60 by default: periodSeconds is 1 in kubeadm's manifest of kube-apiserver (ReadinessProbe, cmd/kubeadm/app/util/staticpod/utils.go)",
            ),
    );
    all.push(
        RequestRate::new("liveness probe", Client::Probe, "get", &["/livez"])
            .every(10.0, servers)
            .documented(
                "control-plane nodes / 10 s",
                "periodSeconds is 10 in kubeadm's manifest of kube-apiserver (LivenessProbe, cmd/kubeadm/app/util/staticpod/utils.go)",
            ),
    );
}

const INFORMERS: &[&str] = &[
    "/api/v1/limitranges?allowWatchBookmarks=true&<watch>",
    "/api/v1/namespaces?allowWatchBookmarks=true&<watch>",
    "/api/v1/namespaces/kube-system/configmaps?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dextension-apiserver-authentication&<watch>",
    "/api/v1/nodes?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumes?allowWatchBookmarks=true&<watch>",
    "/api/v1/pods?allowWatchBookmarks=true&<watch>",
    "/api/v1/resourcequotas?allowWatchBookmarks=true&<watch>",
    "/api/v1/secrets?allowWatchBookmarks=true&<watch>",
    "/api/v1/serviceaccounts?allowWatchBookmarks=true&<watch>",
    "/api/v1/services?allowWatchBookmarks=true&<watch>",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations?allowWatchBookmarks=true&<watch>",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies?allowWatchBookmarks=true&<watch>",
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings?allowWatchBookmarks=true&<watch>",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?allowWatchBookmarks=true&<watch>",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?allowWatchBookmarks=true&<watch>",
    "/apis/apiregistration.k8s.io/v1/apiservices?allowWatchBookmarks=true&<watch>",
    "/apis/coordination.k8s.io/v1/leases?allowWatchBookmarks=true&<watch>",
    "/apis/discovery.k8s.io/v1/endpointslices?allowWatchBookmarks=true&<watch>",
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas?allowWatchBookmarks=true&<watch>",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations?allowWatchBookmarks=true&<watch>",
    "/apis/networking.k8s.io/v1/ingressclasses?allowWatchBookmarks=true&<watch>",
    "/apis/node.k8s.io/v1/runtimeclasses?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/roles?allowWatchBookmarks=true&<watch>",
    "/apis/scheduling.k8s.io/v1/priorityclasses?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/csidrivers?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/storageclasses?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/volumeattachments?allowWatchBookmarks=true&<watch>",
];
