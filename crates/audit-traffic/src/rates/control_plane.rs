//! Requests of kube-controller-manager and kube-scheduler that don't depend on workloads.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, stored};

const MANAGER: Client = Client::ControllerManager("leader-election");
const SCHEDULER: Client = Client::Scheduler("leader-election");
const MANAGER_LEASE: &[&str] = &[
    "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager?timeout=5s",
];
const SCHEDULER_LEASE: &[&str] =
    &["/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler?timeout=5s"];
const RENEWED: &str = "leaderElection.retryPeriod is 2 s (kubernetes.io/docs/reference/command-line-tools-reference, --leader-elect-retry-period)";
const AWAITED: &str = "retryPeriod of 2 s, plus up to 1.2 times that as jitter (JitterFactor, tools/leaderelection/leaderelection.go)";

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    election(
        "leader election of kube-controller-manager",
        MANAGER,
        MANAGER_LEASE,
        profile,
        all,
    );
    election(
        "leader election of kube-scheduler",
        SCHEDULER,
        SCHEDULER_LEASE,
        profile,
        all,
    );
    watches(profile, all);
    discovery(profile, all);
    autoscaling(profile, all);
}

fn election(
    name: &'static str,
    client: Client,
    lease: &'static [&'static str],
    profile: &Profile,
    all: &mut Vec<RequestRate>,
) {
    let body = BodyTemplate::Stored(stored::LEASE);
    all.push(
        RequestRate::new(name, client, "update", lease)
            .every(2.0, 1)
            .request_body(body)
            .response_body(body)
            .documented("1 / 2 s", RENEWED),
    );
    if !profile.version.at_least(30) {
        all.push(
            RequestRate::new(name, client, "get", lease)
                .every(2.0, 1)
                .response_body(body)
                .documented(
                    "1 / 2 s, before 1.30",
                    "before kubernetes/kubernetes#122069, a leader reads its lease before it renews it",
                ),
        );
    }
    all.push(
        RequestRate::new(name, client, "get", lease)
            .every(3.2, profile.control_plane_nodes.saturating_sub(1))
            .response_body(body)
            .documented("(control-plane nodes − 1) / 3.2 s", AWAITED),
    );
}

fn watches(profile: &Profile, all: &mut Vec<RequestRate>) {
    let renewed = "our own count of informers of the controllers that run by default (cmd/kube-controller-manager/app), of the leader alone, renewed after 5 to 10 min (client-go tools/cache/reflector.go)";
    all.push(
        RequestRate::watch(
            "controller watches",
            Client::ControllerManager("shared-informers"),
            INFORMERS,
        )
        .every(450.0, 1)
        .assumed("44 / 7.5 min", renewed),
    );
    all.push(
        RequestRate::watch(
            "custom resource watches",
            Client::ControllerManager("metadata-informers"),
            &["/apis/<kind>.example.com/v1/<kind>s?allowWatchBookmarks=true&<watch>"],
        )
        .every_for_items(450.0, 1, u64::from(profile.custom_resources))
        .documented(
            "customResources / 7.5 min",
            "the garbage collector watches every resource that can be deleted (kubernetes.io/docs/concepts/architecture/garbage-collection)",
        ),
    );
    all.push(
        RequestRate::watch("scheduler watches", Client::Scheduler("scheduler"), SCHEDULED)
            .every(450.0, profile.control_plane_nodes)
            .assumed(
                "15 × control-plane nodes / 7.5 min",
                "our own count of informers of the default plugins, which run before a leader is elected (cmd/kube-scheduler/app/server.go), renewed after 5 to 10 min",
            ),
    );
    for client in [Client::ControllerManager(""), Client::Scheduler("")] {
        all.push(
            RequestRate::watch(
                "watches of the front-proxy certificate",
                client,
                &["/api/v1/namespaces/kube-system/configmaps?allowWatchBookmarks=true&fieldSelector=metadata.name%3Dextension-apiserver-authentication&<watch>"],
            )
            .every(450.0, profile.control_plane_nodes)
            .documented(
                "control-plane nodes / 7.5 min",
                "delegated authentication reads kube-system/extension-apiserver-authentication (kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer)",
            ),
        );
    }
}

fn discovery(profile: &Profile, all: &mut Vec<RequestRate>) {
    let source = "garbage collector and resource quota discover new resources every 30 s (syncPeriod, cmd/kube-controller-manager/app/core.go)";
    if profile.version.at_least(27) {
        all.push(
            RequestRate::new(
                "API discovery",
                Client::ControllerManager("controller-discovery"),
                "get",
                &["/api", "/apis"],
            )
            .every(30.0, 2)
            .response_body(BodyTemplate::Discovery)
            .documented(
                "2 × 2 / 30 s (before 1.27: one request per group and version)",
                source,
            ),
        );
        return;
    }
    let groups = 30 + u64::from(profile.custom_resources) / 3;
    all.push(
        RequestRate::new(
            "API discovery",
            Client::ControllerManager("controller-discovery"),
            "get",
            &[
                "/apis/apps/v1",
                "/apis/batch/v1",
                "/api/v1",
                "/apis/policy/v1",
            ],
        )
        .every_for_items(30.0, 2, groups)
        .documented("2 × groups and versions / 30 s, before 1.27", source),
    );
}

fn autoscaling(profile: &Profile, all: &mut Vec<RequestRate>) {
    let client = Client::Controller("horizontal-pod-autoscaler");
    let source = "--horizontal-pod-autoscaler-sync-period is 15 s (kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale)";
    let count = profile.autoscalers;
    let asks = [
        RequestRate::new(
            "autoscaler reads a scale",
            client,
            "get",
            &["/apis/apps/v1/namespaces/<ns>/deployments/<app>/scale"],
        )
        .response_body(BodyTemplate::Stored(stored::SCALE)),
        RequestRate::new(
            "autoscaler reads metrics",
            client,
            "list",
            &[
                "/apis/metrics.k8s.io/v1beta1/namespaces/<ns>/pods?labelSelector=app.kubernetes.io%2Fname%3D<app>",
            ],
        ),
        RequestRate::new(
            "autoscaler updates its status",
            client,
            "update",
            &["/apis/autoscaling/v2/namespaces/<ns>/horizontalpodautoscalers/<app>/status"],
        )
        .request_body(BodyTemplate::Stored(stored::HPA))
        .response_body(BodyTemplate::Stored(stored::HPA)),
    ];
    for rate in asks {
        all.push(
            rate.every(15.0, count)
                .documented("autoscalers / 15 s", source),
        );
    }
    all.push(
        RequestRate::new(
            "metrics-server authorizes clients",
            Client::ServiceAccount("kube-system", "metrics-server"),
            "create",
            &["/apis/authorization.k8s.io/v1/subjectaccessreviews"],
        )
        .every(15.0, count.min(1))
        .request_body(BodyTemplate::New(stored::ACCESS_REVIEW))
        .response_body(BodyTemplate::Stored(stored::ACCESS_REVIEW))
        .documented(
            "1 / 15 s, if there is an autoscaler",
            "delegated authorization caches a response for 10 s (AllowCacheTTL, apiserver pkg/server/options/authorization.go)",
        ),
    );
}

const INFORMERS: &[&str] = &[
    "/api/v1/configmaps?allowWatchBookmarks=true&<watch>",
    "/api/v1/endpoints?allowWatchBookmarks=true&<watch>",
    "/api/v1/limitranges?allowWatchBookmarks=true&<watch>",
    "/api/v1/namespaces?allowWatchBookmarks=true&<watch>",
    "/api/v1/nodes?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumeclaims?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumes?allowWatchBookmarks=true&<watch>",
    "/api/v1/pods?allowWatchBookmarks=true&<watch>",
    "/api/v1/podtemplates?allowWatchBookmarks=true&<watch>",
    "/api/v1/replicationcontrollers?allowWatchBookmarks=true&<watch>",
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
    "/apis/apps/v1/controllerrevisions?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/daemonsets?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/deployments?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/replicasets?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/statefulsets?allowWatchBookmarks=true&<watch>",
    "/apis/autoscaling/v2/horizontalpodautoscalers?allowWatchBookmarks=true&<watch>",
    "/apis/batch/v1/cronjobs?allowWatchBookmarks=true&<watch>",
    "/apis/batch/v1/jobs?allowWatchBookmarks=true&<watch>",
    "/apis/certificates.k8s.io/v1/certificatesigningrequests?allowWatchBookmarks=true&<watch>",
    "/apis/coordination.k8s.io/v1/leases?allowWatchBookmarks=true&<watch>",
    "/apis/discovery.k8s.io/v1/endpointslices?allowWatchBookmarks=true&<watch>",
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas?allowWatchBookmarks=true&<watch>",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations?allowWatchBookmarks=true&<watch>",
    "/apis/networking.k8s.io/v1/ingressclasses?allowWatchBookmarks=true&<watch>",
    "/apis/networking.k8s.io/v1/ingresses?allowWatchBookmarks=true&<watch>",
    "/apis/networking.k8s.io/v1/networkpolicies?allowWatchBookmarks=true&<watch>",
    "/apis/policy/v1/poddisruptionbudgets?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/clusterroles?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/rolebindings?allowWatchBookmarks=true&<watch>",
    "/apis/rbac.authorization.k8s.io/v1/roles?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/csinodes?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/storageclasses?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/volumeattachments?allowWatchBookmarks=true&<watch>",
];

const SCHEDULED: &[&str] = &[
    "/api/v1/namespaces?allowWatchBookmarks=true&<watch>",
    "/api/v1/nodes?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumeclaims?allowWatchBookmarks=true&<watch>",
    "/api/v1/persistentvolumes?allowWatchBookmarks=true&<watch>",
    "/api/v1/pods?allowWatchBookmarks=true&fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed&<watch>",
    "/api/v1/replicationcontrollers?allowWatchBookmarks=true&<watch>",
    "/api/v1/services?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/replicasets?allowWatchBookmarks=true&<watch>",
    "/apis/apps/v1/statefulsets?allowWatchBookmarks=true&<watch>",
    "/apis/policy/v1/poddisruptionbudgets?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/csidrivers?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/csinodes?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/csistoragecapacities?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/storageclasses?allowWatchBookmarks=true&<watch>",
    "/apis/storage.k8s.io/v1/volumeattachments?allowWatchBookmarks=true&<watch>",
];
