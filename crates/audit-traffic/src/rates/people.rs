//! Requests of people and pipelines.

use crate::client::Client;
use crate::profile::Profile;
use crate::rate::RequestRate;
use crate::template::{BodyTemplate, ListLength, stored};

/// Seconds that logs are followed and shells stay open: assumed.
const FOLLOWED: (i64, i64) = (5, 300);

pub(super) fn add(profile: &Profile, all: &mut Vec<RequestRate>) {
    commands(profile, all);
    deploys(profile, all);
}

fn commands(profile: &Profile, all: &mut Vec<RequestRate>) {
    let per_hour = f64::from(profile.people) * profile.commands_per_person_per_hour;
    let client = Client::Person;
    for (part, rate) in reads().into_iter().chain(other_commands()) {
        all.push(rate.times_per_hour(part * per_hour, 0x7065, 0.0).assumed(
            "people × commandsPerPersonPerHour, split 40, 10, 20, 10, 10, 3, 5 and 2 %",
            "rate and kind of requests",
        ));
    }
    all.push(
        RequestRate::new("kubectl API discovery", client, "get", &["/api", "/apis"])
            .every(21_600.0, profile.people)
            .response_body(BodyTemplate::Discovery)
            .documented(
                "2 × people / 6 h",
                "kubectl caches discovery for six hours (cli-runtime, pkg/genericclioptions/config_flags.go)",
            ),
    );
}

/// Reads, each with its share of all commands.
fn reads() -> [(f64, RequestRate); 4] {
    let client = Client::Person;
    [
        (
            0.4,
            RequestRate::new(
                "people list pods",
                client,
                "list",
                &["/api/v1/namespaces/<ns>/pods?limit=500"],
            )
            .response_body(BodyTemplate::Table(ListLength::PodsOfNamespace)),
        ),
        (
            0.1,
            RequestRate::new(
                "people list all pods",
                client,
                "list",
                &["/api/v1/pods?limit=500"],
            )
            .response_body(BodyTemplate::Table(ListLength::Pods)),
        ),
        (
            0.2,
            RequestRate::new(
                "people get an object",
                client,
                "get",
                &["/apis/apps/v1/namespaces/<ns>/deployments/<app>"],
            )
            .response_body(BodyTemplate::Stored(stored::DEPLOYMENT)),
        ),
        (
            0.1,
            RequestRate::new(
                "people list events",
                client,
                "list",
                &["/api/v1/namespaces/<ns>/events?limit=500"],
            )
            .response_body(BodyTemplate::List(
                stored::EVENT,
                "EventList",
                ListLength::Fixed(20),
            )),
        ),
    ]
}

/// Other commands, each with its share of all commands.
fn other_commands() -> [(f64, RequestRate); 4] {
    let client = Client::Person;
    [        (
            0.1,
            RequestRate::new(
                "people read logs",
                client,
                "get",
                &["/api/v1/namespaces/<ns>/pods/<pod>/log?container=<app>&follow=true"],
            )
            .lasting(FOLLOWED),
        ),
        (
            0.03,
            RequestRate::new(
                "people open a shell",
                client,
                "create",
                &["/api/v1/namespaces/<ns>/pods/<pod>/exec?command=sh&container=<app>&stdin=true&stdout=true&tty=true"],
            )
            .lasting(FOLLOWED)
            .code(101),
        ),
        (
            0.05,
            RequestRate::new(
                "people change an object",
                client,
                "patch",
                &["/apis/apps/v1/namespaces/<ns>/deployments/<app>?fieldManager=kubectl-client-side-apply&fieldValidation=Strict"],
            )
            .request_body(BodyTemplate::Stored(stored::APPLIED))
            .response_body(BodyTemplate::Stored(stored::DEPLOYMENT)),
        ),
        (
            0.02,
            RequestRate::new(
                "people are denied a request",
                client,
                "get",
                &["/api/v1/namespaces/kube-system/secrets/<app>-secret"],
            )
            .code(403)
            .response_body(BodyTemplate::Failure(
                "Forbidden",
                r#"secrets \"<name>\" is forbidden: User \"person-<actor>@example.com\" cannot get resource \"secrets\" in API group \"\" in the namespace \"kube-system\""#,
            )),
        ),
    ]
}

fn deploys(profile: &Profile, all: &mut Vec<RequestRate>) {
    let deploys = f64::from(profile.pipelines) * profile.deploys_per_pipeline_per_hour;
    let objects = deploys * f64::from(profile.objects_per_deploy);
    let client = Client::Pipeline;
    let per_object = [
        RequestRate::new(
            "pipeline reads an object",
            client,
            "get",
            &["/apis/apps/v1/namespaces/<ns>/deployments/<app>"],
        )
        .response_body(BodyTemplate::Stored(stored::DEPLOYMENT)),
        RequestRate::new(
            "pipeline patches an object",
            client,
            "patch",
            &["/apis/apps/v1/namespaces/<ns>/deployments/<app>?fieldManager=helm"],
        )
        .request_body(BodyTemplate::Stored(stored::APPLIED))
        .response_body(BodyTemplate::Stored(stored::DEPLOYMENT)),
    ];
    for rate in per_object {
        all.push(rate.times_per_hour(objects, 0x6f62, 0.0).assumed(
            "pipelines × deploysPerPipelinePerHour × objectsPerDeploy",
            "rate of deployments; every object is read, then patched",
        ));
    }
    releases(deploys, all);
}

fn releases(deploys: f64, all: &mut Vec<RequestRate>) {
    let client = Client::Pipeline;
    let release = "Helm stores every release as a Secret and marks the previous one as superseded (helm.sh/docs/topics/advanced)";
    let per_deploy = [
        (
            RequestRate::new(
                "pipeline lists releases",
                client,
                "list",
                &["/api/v1/namespaces/<ns>/secrets?labelSelector=name%3D<app>%2Cowner%3Dhelm"],
            )
            .response_body(BodyTemplate::List(
                stored::RELEASE,
                "SecretList",
                ListLength::Fixed(10),
            )),
            0.0,
        ),
        (
            RequestRate::new(
                "pipeline stores a release",
                client,
                "create",
                &["/api/v1/namespaces/<ns>/secrets"],
            )
            .named("sh.helm.release.v1.<app>.v7")
            .request_body(BodyTemplate::New(stored::RELEASE))
            .response_body(BodyTemplate::Stored(stored::RELEASE)),
            0.4,
        ),
        (
            RequestRate::new(
                "pipeline marks a release as superseded",
                client,
                "update",
                &["/api/v1/namespaces/<ns>/secrets/sh.helm.release.v1.<app>.v6"],
            )
            .request_body(BodyTemplate::Stored(stored::RELEASE))
            .response_body(BodyTemplate::Stored(stored::RELEASE)),
            20.0,
        ),
    ];
    for (rate, delay) in per_deploy {
        all.push(
            rate.times_per_hour(deploys, 0x6465, delay)
                .documented("pipelines × deploysPerPipelinePerHour", release),
        );
    }
}
