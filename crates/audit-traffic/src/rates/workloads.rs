//! Requests that follow from a replaced pod or a new Job: a chain of requests by several components within a few seconds.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, stored};

/// Requests with the same seed are about the same pod.
const REPLACED: u64 = 0x7265;
const JOBS: u64 = 0x6a6f;

const POD: &str = "number of pods; the lifecycle is documented (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle)";
const JOB: &str = "number of Jobs; the lifecycle is documented (kubernetes.io/docs/concepts/workloads/controllers/job, cron-jobs)";

/// New pods: their number per hour and the seed of their chain.
#[derive(Clone, Copy)]
struct NewPods {
    per_hour: f64,
    seed: u64,
    formula: &'static str,
    source: &'static str,
}

impl NewPods {
    /// Adds a request of the chain, a number of seconds after its start.
    fn then(self, delay: f64, rate: RequestRate, all: &mut Vec<RequestRate>) {
        let rate = rate.times_per_hour(self.per_hour, self.seed, delay);
        all.push(rate.assumed(self.formula, self.source));
    }

    /// Adds a request several times.
    fn each(self, delays: &[f64], rate: &RequestRate, all: &mut Vec<RequestRate>) {
        // The profile's numbers and the number of repetitions are assumed; the requests themselves are documented.
        for delay in delays {
            self.then(*delay, rate.clone(), all);
        }
    }
}

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    let replaced = NewPods {
        per_hour: profile.pods_replaced_per_hour,
        seed: REPLACED,
        formula: "podsReplacedPerHour",
        source: POD,
    };
    let jobs = NewPods {
        per_hour: profile.jobs_per_hour,
        seed: JOBS,
        formula: "jobsPerHour",
        source: JOB,
    };
    replica_sets(replaced, all);
    job(jobs, all);
    for new_pods in [replaced, jobs] {
        scheduled(new_pods, all);
        started(new_pods, profile, all);
        ended(new_pods, all);
    }
    endpoints(replaced, all);
    all.push(
        RequestRate::new(
            "repeated event",
            Client::Kubelet,
            "patch",
            &["/api/v1/namespaces/<ns>/events/<pod>.<hash16>"],
        )
        .times_per_hour(profile.warnings_per_hour, 0x7761, 0.0)
        .request_body(BodyTemplate::Stored(stored::EVENT_PATCH))
        .response_body(BodyTemplate::Stored(stored::EVENT))
        .assumed(
            "warningsPerHour",
            "number of events; a repeated event is patched (client-go tools/record)",
        ),
    );
}

fn event(name: &'static str, client: Client) -> RequestRate {
    RequestRate::new(name, client, "create", &["/api/v1/namespaces/<ns>/events"])
        .named("<pod>.<hash16>")
        .request_body(BodyTemplate::New(stored::EVENT))
        .response_body(BodyTemplate::Stored(stored::EVENT))
}

fn replica_sets(new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let client = Client::Controller("replicaset-controller");
    let create = RequestRate::new(
        "pod created",
        client,
        "create",
        &["/api/v1/namespaces/<ns>/pods"],
    )
    .request_body(BodyTemplate::New(stored::POD))
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.then(0.0, create, all);
    new_pods.each(
        &[0.02, 30.0],
        &event("ReplicaSet controller records an event", client),
        all,
    );
    let status = RequestRate::new(
        "ReplicaSet status",
        client,
        "update",
        &["/apis/apps/v1/namespaces/<ns>/replicasets/<set>/status"],
    )
    .request_body(BodyTemplate::Stored(stored::REPLICA_SET))
    .response_body(BodyTemplate::Stored(stored::REPLICA_SET));
    new_pods.each(&[0.1, 4.0, 30.5], &status, all);
    let status = RequestRate::new(
        "Deployment status",
        Client::Controller("deployment-controller"),
        "update",
        &["/apis/apps/v1/namespaces/<ns>/deployments/<app>/status"],
    )
    .request_body(BodyTemplate::Stored(stored::DEPLOYMENT))
    .response_body(BodyTemplate::Stored(stored::DEPLOYMENT));
    new_pods.each(&[0.2, 4.2], &status, all);
    let delete = RequestRate::new(
        "pod deleted",
        client,
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.then(29.9, delete, all);
}

fn job(new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let cron = Client::Controller("cronjob-controller");
    let create = RequestRate::new(
        "Job created",
        cron,
        "create",
        &["/apis/batch/v1/namespaces/<ns>/jobs"],
    )
    .named("<job>")
    .request_body(BodyTemplate::New(stored::JOB))
    .response_body(BodyTemplate::Stored(stored::JOB));
    new_pods.then(-0.3, create, all);
    let status = RequestRate::new(
        "CronJob status",
        cron,
        "update",
        &["/apis/batch/v1/namespaces/<ns>/cronjobs/<app>/status"],
    )
    .request_body(BodyTemplate::Stored(stored::CRON_JOB))
    .response_body(BodyTemplate::Stored(stored::CRON_JOB));
    new_pods.each(&[-0.2, 24.5], &status, all);
    let old = RequestRate::new(
        "old Job deleted",
        cron,
        "delete",
        &["/apis/batch/v1/namespaces/<ns>/jobs/<job>"],
    )
    .response_body(BodyTemplate::Stored(stored::JOB));
    new_pods.then(25.0, old, all);
    pod_of_job(new_pods, all);
}

fn pod_of_job(new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let client = Client::Controller("job-controller");
    let pod = RequestRate::new(
        "pod created",
        client,
        "create",
        &["/api/v1/namespaces/<ns>/pods"],
    )
    .request_body(BodyTemplate::New(stored::POD))
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.then(0.0, pod, all);
    let status = RequestRate::new(
        "Job status",
        client,
        "update",
        &["/apis/batch/v1/namespaces/<ns>/jobs/<job>/status"],
    )
    .request_body(BodyTemplate::Stored(stored::JOB))
    .response_body(BodyTemplate::Stored(stored::JOB));
    new_pods.each(&[0.1, 4.0, 24.0], &status, all);
    new_pods.each(
        &[0.05, 24.1],
        &event("Job controller records an event", client),
        all,
    );
    let released = RequestRate::new(
        "Job releases its pod",
        client,
        "patch",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .request_body(BodyTemplate::Stored(stored::POD_PATCH))
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.then(23.9, released, all);
    let pod = RequestRate::new(
        "pod deleted",
        Client::Controller("generic-garbage-collector"),
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.then(29.9, pod, all);
}

fn scheduled(new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let client = Client::Scheduler("scheduler");
    let binding = RequestRate::new(
        "pod bound to a node",
        client,
        "create",
        &["/api/v1/namespaces/<ns>/pods/<pod>/binding"],
    )
    .request_body(BodyTemplate::New(stored::BINDING))
    .response_body(BodyTemplate::Stored(stored::SUCCESS));
    new_pods.then(0.05, binding, all);
    let event = RequestRate::new(
        "scheduler records an event",
        client,
        "create",
        &["/apis/events.k8s.io/v1/namespaces/<ns>/events"],
    )
    .named("<pod>.<hash16>")
    .request_body(BodyTemplate::New(stored::SCHEDULED))
    .response_body(BodyTemplate::Stored(stored::SCHEDULED));
    new_pods.then(0.06, event, all);
}

fn started(new_pods: NewPods, profile: &Profile, all: &mut Vec<RequestRate>) {
    if profile.version.at_least(21) {
        let token = RequestRate::new(
            "pod token",
            Client::Kubelet,
            "create",
            &["/api/v1/namespaces/<ns>/serviceaccounts/<app>/token"],
        )
        .request_body(BodyTemplate::New(stored::TOKEN))
        .response_body(BodyTemplate::Stored(stored::TOKEN));
        new_pods.then(0.3, token, all);
    }
    // Pulling and Pulled, Created, Started.
    let event = event("events of the kubelet", Client::Kubelet);
    new_pods.each(&[0.8, 2.4, 2.5, 2.6], &event, all);
    statuses(&[0.2, 2.8, 3.8], new_pods, all);
}

/// Adds status updates: the kubelet reads a pod before it patches its status.
fn statuses(delays: &[f64], new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let new_pods = NewPods {
        source: "how often; the kubelet reads a pod, then patches its status, at every change of it (pkg/kubelet/status/status_manager.go)",
        ..new_pods
    };
    let read = RequestRate::new(
        "pod read before a status update",
        Client::Kubelet,
        "get",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.each(delays, &read, all);
    let patch = RequestRate::new(
        "pod status",
        Client::Kubelet,
        "patch",
        &["/api/v1/namespaces/<ns>/pods/<pod>/status"],
    )
    .request_body(BodyTemplate::Stored(stored::POD_PATCH))
    .response_body(BodyTemplate::Stored(stored::POD));
    let after: Vec<f64> = delays.iter().map(|delay| delay + 0.01).collect();
    new_pods.each(&after, &patch, all);
}

fn ended(new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let killing = event("events of the kubelet", Client::Kubelet);
    new_pods.then(30.1, killing, all);
    statuses(&[30.2, 31.2], new_pods, all);
    let gone = RequestRate::new(
        "pod removed",
        Client::Kubelet,
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(stored::POD));
    new_pods.then(31.4, gone, all);
}

fn endpoints(new_pods: NewPods, all: &mut Vec<RequestRate>) {
    let slice = RequestRate::new(
        "endpoint slice",
        Client::Controller("endpointslice-controller"),
        "update",
        &["/apis/discovery.k8s.io/v1/namespaces/<ns>/endpointslices/<app>-<tail>"],
    )
    .request_body(BodyTemplate::Stored(stored::ENDPOINT_SLICE))
    .response_body(BodyTemplate::Stored(stored::ENDPOINT_SLICE));
    let new_pods = NewPods {
        source: "how many pods; a slice changes when a pod is ready, ends and is gone (kubernetes.io/docs/concepts/services-networking/endpoint-slices)",
        ..new_pods
    };
    new_pods.each(&[4.0, 30.0, 31.5], &slice, all);
    let endpoints = RequestRate::new(
        "endpoints",
        Client::Controller("endpoint-controller"),
        "update",
        &["/api/v1/namespaces/<ns>/endpoints/<app>"],
    )
    .request_body(BodyTemplate::Stored(stored::ENDPOINTS))
    .response_body(BodyTemplate::Stored(stored::ENDPOINTS));
    new_pods.each(&[4.0, 30.0], &endpoints, all);
}
