//! What comes of a pod that is replaced, and of a job: a chain of requests by several components, a few seconds in all.

use super::Rate;
use crate::body::{Body, template};
use crate::identity::Who;
use crate::profile::Profile;

/// Requests of one seed speak of the same pod.
const REPLACED: u64 = 0x7265;
const JOBS: u64 = 0x6a6f;

const POD: &str = "how many pods; its way is documented (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle)";
const JOB: &str = "how many jobs; their way is documented (kubernetes.io/docs/concepts/workloads/controllers/job, cron-jobs)";

/// Pods that come: how many an hour, and the seed of their chain.
#[derive(Clone, Copy)]
struct Coming {
    per_hour: f64,
    seed: u64,
    formula: &'static str,
    source: &'static str,
}

impl Coming {
    /// Adds a request of the chain, so many seconds after its begin.
    fn then(self, delay: f64, rate: Rate, all: &mut Vec<Rate>) {
        let rate = rate.hourly(self.per_hour, self.seed, delay);
        all.push(rate.assumed(self.formula, self.source));
    }

    /// The same several times.
    fn each(self, delays: &[f64], rate: &Rate, all: &mut Vec<Rate>) {
        // What the profile says is assumed, and so is the number of times; what is done is the component's.
        for delay in delays {
            self.then(*delay, rate.clone(), all);
        }
    }
}

pub(super) fn add(profile: &Profile, all: &mut Vec<Rate>) {
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
        Rate::new(
            "events that repeat",
            Who::Kubelet,
            "patch",
            &["/api/v1/namespaces/<ns>/events/<pod>.<hash16>"],
        )
        .hourly(profile.warnings_per_hour, 0x7761, 0.0)
        .sends(Body::Kept(template::EVENT_PATCH))
        .answers(Body::Kept(template::EVENT))
        .assumed(
            "warningsPerHour",
            "how many; an event that repeats is patched (client-go tools/record)",
        ),
    );
}

fn event(name: &'static str, who: Who) -> Rate {
    Rate::new(name, who, "create", &["/api/v1/namespaces/<ns>/events"])
        .named("<pod>.<hash16>")
        .sends(Body::New(template::EVENT))
        .answers(Body::Kept(template::EVENT))
}

fn replica_sets(coming: Coming, all: &mut Vec<Rate>) {
    let who = Who::Controller("replicaset-controller");
    let create = Rate::new(
        "pod created",
        who,
        "create",
        &["/api/v1/namespaces/<ns>/pods"],
    )
    .sends(Body::New(template::POD))
    .answers(Body::Kept(template::POD));
    coming.then(0.0, create, all);
    coming.each(&[0.02, 30.0], &event("event of the replica set", who), all);
    let status = Rate::new(
        "replica set's status",
        who,
        "update",
        &["/apis/apps/v1/namespaces/<ns>/replicasets/<set>/status"],
    )
    .sends(Body::Kept(template::REPLICA_SET))
    .answers(Body::Kept(template::REPLICA_SET));
    coming.each(&[0.1, 4.0, 30.5], &status, all);
    let status = Rate::new(
        "deployment's status",
        Who::Controller("deployment-controller"),
        "update",
        &["/apis/apps/v1/namespaces/<ns>/deployments/<app>/status"],
    )
    .sends(Body::Kept(template::DEPLOYMENT))
    .answers(Body::Kept(template::DEPLOYMENT));
    coming.each(&[0.2, 4.2], &status, all);
    let delete = Rate::new(
        "pod deleted",
        who,
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .answers(Body::Kept(template::POD));
    coming.then(29.9, delete, all);
}

fn job(coming: Coming, all: &mut Vec<Rate>) {
    let cron = Who::Controller("cronjob-controller");
    let create = Rate::new(
        "job created",
        cron,
        "create",
        &["/apis/batch/v1/namespaces/<ns>/jobs"],
    )
    .named("<job>")
    .sends(Body::New(template::JOB))
    .answers(Body::Kept(template::JOB));
    coming.then(-0.3, create, all);
    let status = Rate::new(
        "cron job's status",
        cron,
        "update",
        &["/apis/batch/v1/namespaces/<ns>/cronjobs/<app>/status"],
    )
    .sends(Body::Kept(template::CRON_JOB))
    .answers(Body::Kept(template::CRON_JOB));
    coming.each(&[-0.2, 24.5], &status, all);
    let old = Rate::new(
        "old job deleted",
        cron,
        "delete",
        &["/apis/batch/v1/namespaces/<ns>/jobs/<job>"],
    )
    .answers(Body::Kept(template::JOB));
    coming.then(25.0, old, all);
    pod_of_job(coming, all);
}

fn pod_of_job(coming: Coming, all: &mut Vec<Rate>) {
    let who = Who::Controller("job-controller");
    let pod = Rate::new(
        "pod created",
        who,
        "create",
        &["/api/v1/namespaces/<ns>/pods"],
    )
    .sends(Body::New(template::POD))
    .answers(Body::Kept(template::POD));
    coming.then(0.0, pod, all);
    let status = Rate::new(
        "job's status",
        who,
        "update",
        &["/apis/batch/v1/namespaces/<ns>/jobs/<job>/status"],
    )
    .sends(Body::Kept(template::JOB))
    .answers(Body::Kept(template::JOB));
    coming.each(&[0.1, 4.0, 24.0], &status, all);
    coming.each(&[0.05, 24.1], &event("event of the job", who), all);
    let released = Rate::new(
        "job's pod released",
        who,
        "patch",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .sends(Body::Kept(template::POD_PATCH))
    .answers(Body::Kept(template::POD));
    coming.then(23.9, released, all);
    let pod = Rate::new(
        "pod deleted",
        Who::Controller("generic-garbage-collector"),
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .answers(Body::Kept(template::POD));
    coming.then(29.9, pod, all);
}

fn scheduled(coming: Coming, all: &mut Vec<Rate>) {
    let who = Who::Scheduler("scheduler");
    let binding = Rate::new(
        "pod bound to a node",
        who,
        "create",
        &["/api/v1/namespaces/<ns>/pods/<pod>/binding"],
    )
    .sends(Body::New(template::BINDING))
    .answers(Body::Kept(template::SUCCESS));
    coming.then(0.05, binding, all);
    let event = Rate::new(
        "event of the scheduler",
        who,
        "create",
        &["/apis/events.k8s.io/v1/namespaces/<ns>/events"],
    )
    .named("<pod>.<hash16>")
    .sends(Body::New(template::SCHEDULED))
    .answers(Body::Kept(template::SCHEDULED));
    coming.then(0.06, event, all);
}

fn started(coming: Coming, profile: &Profile, all: &mut Vec<Rate>) {
    if profile.version.at_least(21) {
        let token = Rate::new(
            "token of a pod",
            Who::Kubelet,
            "create",
            &["/api/v1/namespaces/<ns>/serviceaccounts/<app>/token"],
        )
        .sends(Body::New(template::TOKEN))
        .answers(Body::Kept(template::TOKEN));
        coming.then(0.3, token, all);
    }
    // Pulled (twice: that it is pulled, and that it is there), created, started.
    let event = event("events of the kubelet", Who::Kubelet);
    coming.each(&[0.8, 2.4, 2.5, 2.6], &event, all);
    statuses(&[0.2, 2.8, 3.8], coming, all);
}

/// The kubelet reads a pod before it patches its status.
fn statuses(delays: &[f64], coming: Coming, all: &mut Vec<Rate>) {
    let coming = Coming {
        source: "how often; the kubelet reads a pod, then patches its status, at every change of it (pkg/kubelet/status/status_manager.go)",
        ..coming
    };
    let read = Rate::new(
        "pod read for its status",
        Who::Kubelet,
        "get",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .answers(Body::Kept(template::POD));
    coming.each(delays, &read, all);
    let patch = Rate::new(
        "pod's status",
        Who::Kubelet,
        "patch",
        &["/api/v1/namespaces/<ns>/pods/<pod>/status"],
    )
    .sends(Body::Kept(template::POD_PATCH))
    .answers(Body::Kept(template::POD));
    let after: Vec<f64> = delays.iter().map(|delay| delay + 0.01).collect();
    coming.each(&after, &patch, all);
}

fn ended(coming: Coming, all: &mut Vec<Rate>) {
    let killing = event("events of the kubelet", Who::Kubelet);
    coming.then(30.1, killing, all);
    statuses(&[30.2, 31.2], coming, all);
    let gone = Rate::new(
        "pod gone",
        Who::Kubelet,
        "delete",
        &["/api/v1/namespaces/<ns>/pods/<pod>"],
    )
    .answers(Body::Kept(template::POD));
    coming.then(31.4, gone, all);
}

fn endpoints(coming: Coming, all: &mut Vec<Rate>) {
    let slice = Rate::new(
        "endpoint slice",
        Who::Controller("endpointslice-controller"),
        "update",
        &["/apis/discovery.k8s.io/v1/namespaces/<ns>/endpointslices/<app>-<tail>"],
    )
    .sends(Body::Kept(template::ENDPOINT_SLICE))
    .answers(Body::Kept(template::ENDPOINT_SLICE));
    let coming = Coming {
        source: "how many pods; a slice changes when a pod is ready, ends and is gone (kubernetes.io/docs/concepts/services-networking/endpoint-slices)",
        ..coming
    };
    coming.each(&[4.0, 30.0, 31.5], &slice, all);
    let endpoints = Rate::new(
        "endpoints",
        Who::Controller("endpoint-controller"),
        "update",
        &["/api/v1/namespaces/<ns>/endpoints/<app>"],
    )
    .sends(Body::Kept(template::ENDPOINTS))
    .answers(Body::Kept(template::ENDPOINTS));
    coming.each(&[4.0, 30.0], &endpoints, all);
}
