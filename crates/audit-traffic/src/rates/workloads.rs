//! Requests that follow from a replaced pod or a new Job: a chain of requests by several components within a few seconds.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, template};

/// Requests with the same seed are about the same pod.
const REPLACED: u64 = 0x7265;
const JOBS: u64 = 0x6a6f;

const POD: &str = "number of pods; the lifecycle is documented (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle)";
const JOB: &str = "number of Jobs; the lifecycle is documented (kubernetes.io/docs/concepts/workloads/controllers/job, cron-jobs)";

/// New pods: their number per hour and the seed of their chain.
#[derive(Clone, Copy)]
struct Coming {
    per_hour: f64,
    seed: u64,
    formula: &'static str,
    source: &'static str,
}

impl Coming {
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
    let replaced = Coming {
        per_hour: profile.pods_replaced_per_hour,
        seed: REPLACED,
        formula: "podsReplacedPerHour",
        source: POD,
    };
    let jobs = Coming {
        per_hour: profile.jobs_per_hour,
        seed: JOBS,
        formula: "jobsPerHour",
        source: JOB,
    };
    replica_sets(replaced, all);
    job(jobs, all);
    for coming in [replaced, jobs] {
        scheduled(coming, all);
        started(coming, profile, all);
        ended(coming, all);
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
        .request_body(BodyTemplate::Stored(template::EVENT_PATCH))
        .response_body(BodyTemplate::Stored(template::EVENT))
        .assumed(
            "warningsPerHour",
            "number of events; a repeated event is patched (client-go tools/record)",
        ),
    );
}

fn event(name: &'static str, who: Client) -> RequestRate {
    RequestRate::new(name, who, "create", &["/api/v1/namespaces/<ns>/events"])
        .named("<pod>.<hash16>")
        .request_body(BodyTemplate::New(template::EVENT))
        .response_body(BodyTemplate::Stored(template::EVENT))
}

fn replica_sets(coming: Coming, all: &mut Vec<RequestRate>) {
    let who = Client::Controller("replicaset-controller");
    let create = RequestRate::new(
        "pod created",
        who,
        "create",
        &["/api/v1/namespaces/<ns>/pods"],
    )
    .request_body(BodyTemplate::New(template::POD))
    .response_body(BodyTemplate::Stored(template::POD));
    coming.then(0.0, create, all);
    coming.each(&[0.02, 30.0], &event("event of the replica set", who), all);
    let status = RequestRate::new(
        "ReplicaSet status",
        who,
        "update",
        &["/apis/apps/v1/namespaces/<ns>/replicasets/<set>/status"],
    )
    .request_body(BodyTemplate::Stored(template::REPLICA_SET))
    .response_body(BodyTemplate::Stored(template::REPLICA_SET));
    coming.each(&[0.1, 4.0, 30.5], &status, all);
    let status = RequestRate::new(
        "Deployment status",
        Client::Controller("deployment-controller"),
        "update",
        &["/apis/apps/v1/namespaces/<ns>/deployments/<app>/status"],
    )
    .request_body(BodyTemplate::Stored(template::DEPLOYMENT))
    .response_body(BodyTemplate::Stored(template::DEPLOYMENT));
    coming.each(&[0.2, 4.2], &status, all);
    let delete = RequestRate::new(
        "pod deleted",
        who,
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(template::POD));
    coming.then(29.9, delete, all);
}

fn job(coming: Coming, all: &mut Vec<RequestRate>) {
    let cron = Client::Controller("cronjob-controller");
    let create = RequestRate::new(
        "Job created",
        cron,
        "create",
        &["/apis/batch/v1/namespaces/<ns>/jobs"],
    )
    .named("<job>")
    .request_body(BodyTemplate::New(template::JOB))
    .response_body(BodyTemplate::Stored(template::JOB));
    coming.then(-0.3, create, all);
    let status = RequestRate::new(
        "CronJob status",
        cron,
        "update",
        &["/apis/batch/v1/namespaces/<ns>/cronjobs/<app>/status"],
    )
    .request_body(BodyTemplate::Stored(template::CRON_JOB))
    .response_body(BodyTemplate::Stored(template::CRON_JOB));
    coming.each(&[-0.2, 24.5], &status, all);
    let old = RequestRate::new(
        "old Job deleted",
        cron,
        "delete",
        &["/apis/batch/v1/namespaces/<ns>/jobs/<job>"],
    )
    .response_body(BodyTemplate::Stored(template::JOB));
    coming.then(25.0, old, all);
    pod_of_job(coming, all);
}

fn pod_of_job(coming: Coming, all: &mut Vec<RequestRate>) {
    let who = Client::Controller("job-controller");
    let pod = RequestRate::new(
        "pod created",
        who,
        "create",
        &["/api/v1/namespaces/<ns>/pods"],
    )
    .request_body(BodyTemplate::New(template::POD))
    .response_body(BodyTemplate::Stored(template::POD));
    coming.then(0.0, pod, all);
    let status = RequestRate::new(
        "Job status",
        who,
        "update",
        &["/apis/batch/v1/namespaces/<ns>/jobs/<job>/status"],
    )
    .request_body(BodyTemplate::Stored(template::JOB))
    .response_body(BodyTemplate::Stored(template::JOB));
    coming.each(&[0.1, 4.0, 24.0], &status, all);
    coming.each(&[0.05, 24.1], &event("event of the job", who), all);
    let released = RequestRate::new(
        "Job releases its pod",
        who,
        "patch",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .request_body(BodyTemplate::Stored(template::POD_PATCH))
    .response_body(BodyTemplate::Stored(template::POD));
    coming.then(23.9, released, all);
    let pod = RequestRate::new(
        "pod deleted",
        Client::Controller("generic-garbage-collector"),
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(template::POD));
    coming.then(29.9, pod, all);
}

fn scheduled(coming: Coming, all: &mut Vec<RequestRate>) {
    let who = Client::Scheduler("scheduler");
    let binding = RequestRate::new(
        "pod bound to a node",
        who,
        "create",
        &["/api/v1/namespaces/<ns>/pods/<pod>/binding"],
    )
    .request_body(BodyTemplate::New(template::BINDING))
    .response_body(BodyTemplate::Stored(template::SUCCESS));
    coming.then(0.05, binding, all);
    let event = RequestRate::new(
        "scheduler records an event",
        who,
        "create",
        &["/apis/events.k8s.io/v1/namespaces/<ns>/events"],
    )
    .named("<pod>.<hash16>")
    .request_body(BodyTemplate::New(template::SCHEDULED))
    .response_body(BodyTemplate::Stored(template::SCHEDULED));
    coming.then(0.06, event, all);
}

fn started(coming: Coming, profile: &Profile, all: &mut Vec<RequestRate>) {
    if profile.version.at_least(21) {
        let token = RequestRate::new(
            "pod token",
            Client::Kubelet,
            "create",
            &["/api/v1/namespaces/<ns>/serviceaccounts/<app>/token"],
        )
        .request_body(BodyTemplate::New(template::TOKEN))
        .response_body(BodyTemplate::Stored(template::TOKEN));
        coming.then(0.3, token, all);
    }
    // Pulling and Pulled, Created, Started.
    let event = event("events of the kubelet", Client::Kubelet);
    coming.each(&[0.8, 2.4, 2.5, 2.6], &event, all);
    statuses(&[0.2, 2.8, 3.8], coming, all);
}

/// Adds status updates: the kubelet reads a pod before it patches its status.
fn statuses(delays: &[f64], coming: Coming, all: &mut Vec<RequestRate>) {
    let coming = Coming {
        source: "how often; the kubelet reads a pod, then patches its status, at every change of it (pkg/kubelet/status/status_manager.go)",
        ..coming
    };
    let read = RequestRate::new(
        "pod read before a status update",
        Client::Kubelet,
        "get",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(template::POD));
    coming.each(delays, &read, all);
    let patch = RequestRate::new(
        "pod status",
        Client::Kubelet,
        "patch",
        &["/api/v1/namespaces/<ns>/pods/<pod>/status"],
    )
    .request_body(BodyTemplate::Stored(template::POD_PATCH))
    .response_body(BodyTemplate::Stored(template::POD));
    let after: Vec<f64> = delays.iter().map(|delay| delay + 0.01).collect();
    coming.each(&after, &patch, all);
}

fn ended(coming: Coming, all: &mut Vec<RequestRate>) {
    let killing = event("events of the kubelet", Client::Kubelet);
    coming.then(30.1, killing, all);
    statuses(&[30.2, 31.2], coming, all);
    let gone = RequestRate::new(
        "pod removed",
        Client::Kubelet,
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .response_body(BodyTemplate::Stored(template::POD));
    coming.then(31.4, gone, all);
}

fn endpoints(coming: Coming, all: &mut Vec<RequestRate>) {
    let slice = RequestRate::new(
        "endpoint slice",
        Client::Controller("endpointslice-controller"),
        "update",
        &["/apis/discovery.k8s.io/v1/namespaces/<ns>/endpointslices/<app>-<tail>"],
    )
    .request_body(BodyTemplate::Stored(template::ENDPOINT_SLICE))
    .response_body(BodyTemplate::Stored(template::ENDPOINT_SLICE));
    let coming = Coming {
        source: "how many pods; a slice changes when a pod is ready, ends and is gone (kubernetes.io/docs/concepts/services-networking/endpoint-slices)",
        ..coming
    };
    coming.each(&[4.0, 30.0, 31.5], &slice, all);
    let endpoints = RequestRate::new(
        "endpoints",
        Client::Controller("endpoint-controller"),
        "update",
        &["/api/v1/namespaces/<ns>/endpoints/<app>"],
    )
    .request_body(BodyTemplate::Stored(template::ENDPOINTS))
    .response_body(BodyTemplate::Stored(template::ENDPOINTS));
    coming.each(&[4.0, 30.0], &endpoints, all);
}
