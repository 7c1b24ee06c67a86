//! What people and pipelines ask.

use super::Rate;
use crate::body::{Body, Many, template};
use crate::identity::Who;
use crate::profile::Profile;

/// How long logs are followed, and shells stay open: assumed.
const FOLLOWED: (i64, i64) = (5, 300);

pub(super) fn add(profile: &Profile, all: &mut Vec<Rate>) {
    commands(profile, all);
    deploys(profile, all);
}

fn commands(profile: &Profile, all: &mut Vec<Rate>) {
    let per_hour = f64::from(profile.people) * profile.commands_per_person_per_hour;
    let who = Who::Person;
    for (part, rate) in reads().into_iter().chain(deeds()) {
        all.push(rate.hourly(part * per_hour, 0x7065, 0.0).assumed(
            "people × commandsPerPersonPerHour, in parts of 40, 10, 20, 10, 10, 3, 5 and 2 %",
            "how often, and what",
        ));
    }
    all.push(
        Rate::new("kubectl's discovery", who, "get", &["/api", "/apis"])
            .every(21_600.0, profile.people)
            .answers(Body::Discovery)
            .by(
                "2 × people / 6 h",
                "kubectl keeps what it finds for six hours (cli-runtime, pkg/genericclioptions/config_flags.go)",
            ),
    );
}

/// What people look at, and how much of all they ask that is.
fn reads() -> [(f64, Rate); 4] {
    let who = Who::Person;
    [
        (
            0.4,
            Rate::new(
                "people list pods",
                who,
                "list",
                &["/api/v1/namespaces/<ns>/pods?limit=500"],
            )
            .answers(Body::Table(Many::PodsOfNamespace)),
        ),
        (
            0.1,
            Rate::new(
                "people list all pods",
                who,
                "list",
                &["/api/v1/pods?limit=500"],
            )
            .answers(Body::Table(Many::Pods)),
        ),
        (
            0.2,
            Rate::new(
                "people read an object",
                who,
                "get",
                &["/apis/apps/v1/namespaces/<ns>/deployments/<app>"],
            )
            .answers(Body::Kept(template::DEPLOYMENT)),
        ),
        (
            0.1,
            Rate::new(
                "people list events",
                who,
                "list",
                &["/api/v1/namespaces/<ns>/events?limit=500"],
            )
            .answers(Body::List(template::EVENT, "EventList", Many::Exactly(20))),
        ),
    ]
}

/// What else they do.
fn deeds() -> [(f64, Rate); 4] {
    let who = Who::Person;
    [        (
            0.1,
            Rate::new(
                "people read logs",
                who,
                "get",
                &["/api/v1/namespaces/<ns>/pods/<pod>/log?container=<app>&follow=true"],
            )
            .lasts(FOLLOWED),
        ),
        (
            0.03,
            Rate::new(
                "people open shells",
                who,
                "create",
                &["/api/v1/namespaces/<ns>/pods/<pod>/exec?command=sh&container=<app>&stdin=true&stdout=true&tty=true"],
            )
            .lasts(FOLLOWED)
            .code(101),
        ),
        (
            0.05,
            Rate::new(
                "people change an object",
                who,
                "patch",
                &["/apis/apps/v1/namespaces/<ns>/deployments/<app>?fieldManager=kubectl-client-side-apply&fieldValidation=Strict"],
            )
            .sends(Body::Kept(template::APPLIED))
            .answers(Body::Kept(template::DEPLOYMENT)),
        ),
        (
            0.02,
            Rate::new(
                "people ask for what they may not",
                who,
                "get",
                &["/api/v1/namespaces/kube-system/secrets/<app>-secret"],
            )
            .code(403)
            .answers(Body::Failure(
                "Forbidden",
                r#"secrets \"<name>\" is forbidden: User \"person-<actor>@example.com\" cannot get resource \"secrets\" in API group \"\" in the namespace \"kube-system\""#,
            )),
        ),
    ]
}

fn deploys(profile: &Profile, all: &mut Vec<Rate>) {
    let deploys = f64::from(profile.pipelines) * profile.deploys_per_pipeline_per_hour;
    let objects = deploys * f64::from(profile.objects_per_deploy);
    let who = Who::Pipeline;
    let per_object = [
        Rate::new(
            "pipeline reads an object",
            who,
            "get",
            &["/apis/apps/v1/namespaces/<ns>/deployments/<app>"],
        )
        .answers(Body::Kept(template::DEPLOYMENT)),
        Rate::new(
            "pipeline writes an object",
            who,
            "patch",
            &["/apis/apps/v1/namespaces/<ns>/deployments/<app>?fieldManager=helm"],
        )
        .sends(Body::Kept(template::APPLIED))
        .answers(Body::Kept(template::DEPLOYMENT)),
    ];
    for rate in per_object {
        all.push(rate.hourly(objects, 0x6f62, 0.0).assumed(
            "pipelines × deploysPerPipelinePerHour × objectsPerDeploy",
            "how often; every object is read, then patched",
        ));
    }
    releases(deploys, all);
}

fn releases(deploys: f64, all: &mut Vec<Rate>) {
    let who = Who::Pipeline;
    let release = "Helm keeps every release as a Secret, and marks the one before as superseded (helm.sh/docs/topics/advanced)";
    let per_deploy = [
        (
            Rate::new(
                "pipeline lists releases",
                who,
                "list",
                &["/api/v1/namespaces/<ns>/secrets?labelSelector=name%3D<app>%2Cowner%3Dhelm"],
            )
            .answers(Body::List(
                template::RELEASE,
                "SecretList",
                Many::Exactly(10),
            )),
            0.0,
        ),
        (
            Rate::new(
                "pipeline stores a release",
                who,
                "create",
                &["/api/v1/namespaces/<ns>/secrets"],
            )
            .named("sh.helm.release.v1.<app>.v7")
            .sends(Body::New(template::RELEASE))
            .answers(Body::Kept(template::RELEASE)),
            0.4,
        ),
        (
            Rate::new(
                "pipeline marks releases",
                who,
                "update",
                &["/api/v1/namespaces/<ns>/secrets/sh.helm.release.v1.<app>.v6"],
            )
            .sends(Body::Kept(template::RELEASE))
            .answers(Body::Kept(template::RELEASE)),
            20.0,
        ),
    ];
    for (rate, delay) in per_deploy {
        all.push(
            rate.hourly(deploys, 0x6465, delay)
                .by("pipelines × deploysPerPipelinePerHour", release),
        );
    }
}
