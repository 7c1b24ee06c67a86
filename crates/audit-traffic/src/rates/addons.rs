//! Requests of addons: kube-proxy, CoreDNS, metrics, agents on nodes.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, stored};

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    let nodes = profile.all_nodes();
    all.push(
        RequestRate::watch(
            "kube-proxy watches",
            Client::DaemonSet("kube-proxy"),
            &[
                "/api/v1/nodes?allowWatchBookmarks=true&fieldSelector=metadata.name%3D<node>&<watch>",
                "/api/v1/services?allowWatchBookmarks=true&labelSelector=%21service.kubernetes.io%2Fheadless%2C%21service.kubernetes.io%2Fservice-proxy-name&<watch>",
                "/apis/discovery.k8s.io/v1/endpointslices?allowWatchBookmarks=true&labelSelector=%21service.kubernetes.io%2Fheadless%2C%21service.kubernetes.io%2Fservice-proxy-name&<watch>",
            ],
        )
        .every(450.0, nodes)
        .documented(
            "3 × nodes / 7.5 min",
            "its own node, services and endpoint slices (cmd/kube-proxy/app/server.go), renewed after 5 to 10 min",
        ),
    );
    all.push(
        RequestRate::watch(
            "CoreDNS watches",
            Client::ServiceAccount("kube-system", "coredns"),
            &[
                "/api/v1/namespaces?allowWatchBookmarks=true&<watch>",
                "/api/v1/services?allowWatchBookmarks=true&<watch>",
                "/apis/discovery.k8s.io/v1/endpointslices?allowWatchBookmarks=true&<watch>",
            ],
        )
        .every(450.0, 2)
        .documented(
            "3 × 2 / 7.5 min",
            "kubeadm runs two replicas of CoreDNS, whose kubernetes plugin watches services, endpoint slices and namespaces (coredns.io/plugins/kubernetes)",
        ),
    );
    all.push(
        RequestRate::watch(
            "node agent watches",
            Client::DaemonSet("node-agent"),
            &[
                "/api/v1/pods?allowWatchBookmarks=true&fieldSelector=spec.nodeName%3D<node>&<watch>",
                "/api/v1/namespaces?allowWatchBookmarks=true&<watch>",
                "/apis/networking.k8s.io/v1/networkpolicies?allowWatchBookmarks=true&<watch>",
                "/apis/network.example.com/v1/kind<n>s?allowWatchBookmarks=true&<watch>",
            ],
        )
        .every_for_items(
            450.0,
            nodes.saturating_mul(profile.node_agents),
            u64::from(profile.watches_per_node_agent),
        )
        .assumed(
            "nodes × nodeAgents × watchesPerNodeAgent / 7.5 min",
            "number of agents and watches; like client-go, they renew watches after 5 to 10 min",
        ),
    );
    metrics(profile, all);
}

fn metrics(profile: &Profile, all: &mut Vec<RequestRate>) {
    all.push(
        RequestRate::watch(
            "metrics-server watches",
            Client::ServiceAccount("kube-system", "metrics-server"),
            &[
                "/api/v1/nodes?allowWatchBookmarks=true&<watch>",
                "/api/v1/pods?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/kube-system/configmaps?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dextension-apiserver-authentication&<watch>",
            ],
        )
        .every(450.0, 1)
        .documented(
            "3 / 7.5 min",
            "nodes, pod metadata and the front-proxy certificate (kubernetes-sigs/metrics-server, pkg/server), renewed after 5 to 10 min",
        ),
    );
    scrapes(profile, all);
}

fn scrapes(profile: &Profile, all: &mut Vec<RequestRate>) {
    let scrapers = profile.scrapers;
    all.push(
        RequestRate::watch(
            "kube-state-metrics watches",
            Client::ServiceAccount("monitoring", "kube-state-metrics"),
            STATES,
        )
        .every(450.0, scrapers)
        .documented(
            "28 × scrapers / 7.5 min",
            "all resources enabled by default (kubernetes/kube-state-metrics, docs/developer/cli-arguments.md), renewed after 5 to 10 min",
        ),
    );
    all.push(
        RequestRate::watch(
            "Prometheus target discovery",
            Client::ServiceAccount("monitoring", "prometheus"),
            &[
                "/api/v1/namespaces/default/endpoints?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/default/pods?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/default/services?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/kube-system/endpoints?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/kube-system/pods?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/kube-system/services?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/monitoring/endpoints?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/monitoring/pods?allowWatchBookmarks=true&<watch>",
                "/api/v1/namespaces/monitoring/services?allowWatchBookmarks=true&<watch>",
            ],
        )
        .every(450.0, scrapers)
        .documented(
            "9 × scrapers / 7.5 min",
            "the endpoints role watches endpoints, services and pods (prometheus.io/docs, kubernetes_sd_config), in the three namespaces of kube-prometheus",
        ),
    );
    let servers = scrapers.saturating_mul(profile.control_plane_nodes);
    all.push(
        RequestRate::new(
            "API server metrics scraped",
            Client::ServiceAccount("monitoring", "prometheus"),
            "get",
            &["/metrics"],
        )
        .every(30.0, servers)
        .documented(
            "scrapers × control-plane nodes / 30 s",
            "interval is 30 s in kube-prometheus's ServiceMonitor of the API server",
        ),
    );
    reviews(servers, all);
}

fn reviews(servers: u32, all: &mut Vec<RequestRate>) {
    let source = "delegated authentication and authorization cache a response for 10 s (CacheTTL, AllowCacheTTL, apiserver pkg/server/options), less than the 30 s between scrapes of kube-prometheus";
    for client in [Client::ControllerManager(""), Client::Scheduler("")] {
        all.push(
            RequestRate::new(
                "control plane authenticates scrapers",
                client,
                "create",
                &["/apis/authentication.k8s.io/v1/tokenreviews?timeout=10s"],
            )
            .every(30.0, servers)
            .request_body(BodyTemplate::New(stored::TOKEN_REVIEW))
            .response_body(BodyTemplate::Stored(stored::TOKEN_REVIEW))
            .documented("scrapers × control-plane nodes / 30 s", source),
        );
        all.push(
            RequestRate::new(
                "control plane authorizes scrapers",
                client,
                "create",
                &["/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s"],
            )
            .every(30.0, servers)
            .request_body(BodyTemplate::New(stored::ACCESS_REVIEW))
            .response_body(BodyTemplate::Stored(stored::ACCESS_REVIEW))
            .documented("scrapers × control-plane nodes / 30 s", source),
        );
    }
}

const STATES: &[&str] = &[
    "/api/v1/configmaps?allowWatchBookmarks=true&<watch>",
    "/api/v1/endpoints?allowWatchBookmarks=true&<watch>",
    "/api/v1/limitranges?allowWatchBookmarks=true&<watch>",
    "/api/v1/namespaces?allowWatchBookmarks=true&<watch>",
    "/api/v1/nodes?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumeclaims?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumes?allowWatchBookmarks=true&<watch>",
    "/api/v1/pods?allowWatchBookmarks=true&<watch>",
    "/api/v1/replicationcontrollers?allowWatchBookmarks=true&<watch>",
    "/api/v1/resourcequotas?allowWatchBookmarks=true&<watch>",
    "/api/v1/secrets?allowWatchBookmarks=true&<watch>",
    "/api/v1/services?allowWatchBookmarks=true&<watch>",
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations?allowWatchBookmarks=true&<watch>",
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/daemonsets?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/deployments?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/replicasets?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/statefulsets?allowWatchBookmarks=true&<watch>",
    "/apis/autoscaling/v2/horizontalpodautoscalers?allowWatchBookmarks=true&<watch>",
    "/apis/batch/v1/cronjobs?allowWatchBookmarks=true&<watch>",
    "/apis/batch/v1/jobs?allowWatchBookmarks=true&<watch>",
    "/apis/certificates.k8s.io/v1/certificatesigningrequests?allowWatchBookmarks=true&<watch>",
    "/apis/coordination.k8s.io/v1/leases?allowWatchBookmarks=true&<watch>",
    "/apis/networking.k8s.io/v1/ingresses?allowWatchBookmarks=true&<watch>",
    "/apis/networking.k8s.io/v1/networkpolicies?allowWatchBookmarks=true&<watch>",
    "/apis/policy/v1/poddisruptionbudgets?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/storageclasses?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/volumeattachments?allowWatchBookmarks=true&<watch>",
];
