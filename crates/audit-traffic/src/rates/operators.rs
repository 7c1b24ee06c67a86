//! Requests of operators: leader election, watches, reads and writes.

use crate::client::Client;
use crate::profile::{Operator, Profile};
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, ListLength, stored};

const LEASE: &[&str] =
    &["/apis/coordination.k8s.io/v1/namespaces/<op-ns>/leases/<op>-leader?timeout=5s"];

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    for (number, operator) in profile.operators.iter().enumerate() {
        let client = Client::Operator(number);
        if operator.elects_leader {
            election(client, operator, profile, all);
        }
        all.push(
            RequestRate::watch(
                "operator watches",
                client,
                &[
                    "/apis/<op>.example.com/v1/kind<n>s?allowWatchBookmarks=true&<watch>",
                    "/api/v1/secrets?allowWatchBookmarks=true&<watch>",
                    "/apis/apps/v1/deployments?allowWatchBookmarks=true&<watch>",
                    "/api/v1/services?allowWatchBookmarks=true&<watch>",
                    "/api/v1/configmaps?allowWatchBookmarks=true&<watch>",
                    "/apis/<op>.example.com/v1/kind<n>s?allowWatchBookmarks=true&<watch>",
                ],
            )
            .every_for_items(450.0, operator.replicas, u64::from(operator.watches))
            .assumed(
                "each: replicas × watches / 7.5 min",
                "number of watches; caches run in every replica (controller-runtime, pkg/manager), renewed after 5 to 10 min",
            ),
        );
        let seed = 0x6f70 + number as u64;
        reads(client, operator.reads_per_minute * 60.0, seed, all);
        writes(
            client,
            operator.writes_per_minute * 60.0,
            seed ^ 0xff00,
            all,
        );
    }
}

fn election(client: Client, operator: &Operator, profile: &Profile, all: &mut Vec<RequestRate>) {
    let body = BodyTemplate::Stored(stored::LEASE);
    all.push(
        RequestRate::new("operator leader election", client, "update", LEASE)
            .every(2.0, 1)
            .request_body(body)
            .response_body(body)
            .documented(
                "each: 1 / 2 s",
                "RetryPeriod is 2 s (controller-runtime, pkg/manager, and client-go)",
            ),
    );
    if !profile.version.at_least(30) {
        all.push(
            RequestRate::new("operator leader election", client, "get", LEASE)
                .every(2.0, 1)
                .response_body(body)
                .documented(
                    "each: 1 / 2 s, before 1.30",
                    "before kubernetes/kubernetes#122069, a leader reads its lease before it renews it; the operator's client is assumed to be as old as the server",
                ),
        );
    }
    all.push(
        RequestRate::new("operator leader election", client, "get", LEASE)
            .every(3.2, operator.replicas.saturating_sub(1))
            .response_body(body)
            .documented(
                "each: (replicas − 1) / 3.2 s",
                "RetryPeriod is 2 s, plus up to 1.2 times as much as jitter (JitterFactor, tools/leaderelection)",
            ),
    );
}

/// Reads that an operator doesn't answer from a cache. The split is assumed.
fn reads(client: Client, per_hour: f64, seed: u64, all: &mut Vec<RequestRate>) {
    let parts = [
        (
            0.4,
            RequestRate::new(
                "operator reads a Secret",
                client,
                "get",
                &["/api/v1/namespaces/<ns>/secrets/<app>-secret"],
            )
            .response_body(BodyTemplate::Stored(stored::SECRET)),
        ),
        (
            0.4,
            RequestRate::new(
                "operator reads a custom resource",
                client,
                "get",
                &["/apis/<op>.example.com/v1/namespaces/<ns>/widgets/<app>"],
            )
            .response_body(BodyTemplate::Stored(stored::CUSTOM)),
        ),
        (
            0.2,
            RequestRate::new(
                "operator lists custom resources",
                client,
                "list",
                &["/apis/<op>.example.com/v1/namespaces/<ns>/widgets"],
            )
            .response_body(BodyTemplate::List(
                stored::CUSTOM,
                "WidgetList",
                ListLength::Fixed(10),
            )),
        ),
    ];
    for (part, rate) in parts {
        all.push(rate.times_per_hour(part * per_hour, seed, 0.0).assumed(
            "each: readsPerMinute, split 40, 40 and 20 %",
            "rate and kind of requests",
        ));
    }
}

/// Writes of an operator. The split is assumed.
fn writes(client: Client, per_hour: f64, seed: u64, all: &mut Vec<RequestRate>) {
    let parts = [
        (
            0.6,
            RequestRate::new(
                "operator updates a status",
                client,
                "update",
                &["/apis/<op>.example.com/v1/namespaces/<ns>/widgets/<app>/status"],
            )
            .request_body(BodyTemplate::Stored(stored::CUSTOM))
            .response_body(BodyTemplate::Stored(stored::CUSTOM)),
        ),
        (
            0.2,
            RequestRate::new(
                "operator applies a deployment",
                client,
                "patch",
                &["/apis/apps/v1/namespaces/<ns>/deployments/<app>?fieldManager=<op>&force=true"],
            )
            .request_body(BodyTemplate::Stored(stored::APPLIED))
            .response_body(BodyTemplate::Stored(stored::DEPLOYMENT)),
        ),
        (
            0.1,
            RequestRate::new(
                "operator updates a ConfigMap",
                client,
                "update",
                &["/api/v1/namespaces/<ns>/configmaps/<app>-config"],
            )
            .request_body(BodyTemplate::Stored(stored::CONFIG_MAP))
            .response_body(BodyTemplate::Stored(stored::CONFIG_MAP)),
        ),
        (
            0.1,
            RequestRate::new(
                "operator records an event",
                client,
                "create",
                &["/api/v1/namespaces/<ns>/events"],
            )
            .named("<pod>.<hash16>")
            .request_body(BodyTemplate::New(stored::EVENT))
            .response_body(BodyTemplate::Stored(stored::EVENT)),
        ),
    ];
    for (part, rate) in parts {
        all.push(rate.times_per_hour(part * per_hour, seed, 0.0).assumed(
            "each: writesPerMinute, split 60, 20, 10 and 10 %",
            "rate and kind of requests",
        ));
    }
}
