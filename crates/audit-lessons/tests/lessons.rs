//! Every lesson can be solved, is not solved by doing nothing, and answers its listed wrong answers with the stated reason.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

use std::collections::HashSet;

use audit_lessons::{
    Answer, Lesson, Outcome, Subject, Track, check, lesson_files, lessons, position,
};

fn all() -> Vec<Lesson> {
    let parse = |file| {
        let lesson = Lesson::parse(file);
        assert!(lesson.is_ok(), "{:#?} in {file:.40}", lesson.err());
        lesson.ok()
    };
    lesson_files().filter_map(parse).collect()
}

#[test]
fn model_answers_pass() {
    let mut failing = Vec::new();
    for lesson in all() {
        for step in &lesson.steps {
            let outcome = check(step, &step.model);
            if !outcome.passed || outcome.witness.is_some() {
                failing.push(format!("{}, {}: {}", lesson.id, step.title, outcome.reason));
            }
        }
    }
    assert!(failing.is_empty(), "{}", failing.join("\n"));
}

#[test]
fn a_start_does_not_pass() {
    for lesson in all() {
        for step in &lesson.steps {
            let outcome = check(step, &Answer::from_start(&step.start));
            assert_eq!(
                outcome.passed, step.start_passes,
                "{}, {}",
                lesson.id, step.title
            );
            assert!(outcome.passed || !outcome.reason.is_empty());
        }
    }
}

#[test]
fn listed_wrong_answers_fail_with_their_reason() {
    let mut wrong = Vec::new();
    for lesson in all() {
        for step in &lesson.steps {
            for listed in &step.wrong {
                let outcome = check(step, &listed.answer);
                if !listed.is_met(&outcome) {
                    wrong.push(format!(
                        "{}, {}:\n  stated: {}\n  found:  {}",
                        lesson.id, step.title, listed.reason, outcome.reason
                    ));
                }
                let is_of_log = matches!(step.subject(), Subject::Event);
                assert!(!is_of_log || outcome.witness.is_some(), "{}", step.title);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_lessons_in_every_track() {
    let lessons = lessons();
    assert_eq!(lessons.len(), lesson_files().count());
    assert!(lessons.len() >= 14);
    for track in Track::ALL {
        let of_track = lessons.iter().filter(|lesson| lesson.track == track);
        assert!(of_track.count() >= 4, "{track}");
    }
    // The order of the files is that of the tracks.
    assert!(lessons.is_sorted_by_key(|lesson| lesson.track));
    let ids: HashSet<&str> = lessons.iter().map(|lesson| lesson.id.as_str()).collect();
    assert_eq!(ids.len(), lessons.len());
    assert_eq!(position(&lessons, "first-match-wins"), Some((3, 7)));
}

#[test]
fn lessons_are_short_and_their_steps_complete() {
    for (lesson, file) in all().iter().zip(lesson_files()) {
        assert!(file.len() <= 7_000, "{}: {} bytes", lesson.id, file.len());
        assert!((2..=4).contains(&lesson.steps.len()), "{}", lesson.id);
        assert!(!lesson.intro.is_empty(), "{}", lesson.id);
        for step in &lesson.steps {
            let is_stated = !step.wrong.is_empty() || !step.hints.is_empty();
            assert!(is_stated, "{}, {}", lesson.id, step.title);
            assert!(!step.learned.is_empty(), "{}, {}", lesson.id, step.title);
        }
    }
}

/// The traps that published answers fall into: a lesson, the index of its step, and a part of the reason that the learner reads.
const TRAPS: [(&str, usize, &str); 7] = [
    (
        "groups",
        1,
        "create of cronjobs named brew in the group batch, namespace tea, by vera is None",
    ),
    (
        "groups",
        2,
        "delete of persistentvolumes named leaf-0 by vera is None",
    ),
    (
        "exam-restrict",
        1,
        "is Metadata without RequestReceived (rule 1)",
    ),
    (
        "subresources",
        1,
        "get of pods/log named cup in namespace tea, by theo is None",
    ),
    (
        "exam-mounts",
        0,
        "the directory of the log /var/log/audit/audit.log is not mounted",
    ),
    (
        "specific-first",
        1,
        "list of pods in namespace tea, by ida is Request",
    ),
    ("stages", 1, "without RequestReceived, ResponseStarted"),
];

#[test]
fn each_trap_is_a_step() {
    for (id, index, reason) in TRAPS {
        let lesson = audit_lessons::lesson(id).unwrap();
        let step = &lesson.steps[index];
        let start = Answer::from_start(&step.start);
        let answers = step.wrong.iter().map(|wrong| &wrong.answer).chain([&start]);
        let reasons: Vec<String> = answers
            .map(|answer| check(step, answer).reason.replace('`', ""))
            .collect();
        let is_stated = reasons.iter().any(|found| found.contains(reason));
        assert!(is_stated, "{id}: {reasons:#?}");
    }
}

/// Right answers that differ from the model: a lesson, the index of its step, and the rules of a policy.
const OTHER_RIGHT_ANSWERS: [(&str, usize, &str); 10] = [
    // Stages are omitted by the rule instead of by the policy.
    (
        "stages",
        1,
        "- {level: Metadata, omitStages: [RequestReceived]}",
    ),
    // The body of the response is dropped by a rule for reading, and config maps by another.
    (
        "four-levels",
        2,
        "- {level: Metadata, resources: [{group: '', resources: [secrets]}]}\n\
         - {level: RequestResponse, resources: [{group: '', resources: [pods]}]}\n\
         - {level: Request, verbs: [create, update, patch, delete, deletecollection]}\n\
         - {level: None, resources: [{group: '', resources: [configmaps]}]}\n\
         - {level: Request}",
    ),
    // `*/scale` and `pods/log` in another order, and without a rule for the rest.
    (
        "subresources",
        2,
        "- {level: Request, resources: [{group: apps, resources: ['*/scale']}]}\n\
         - {level: Metadata, resources: [{group: '', resources: [pods/log]}]}\n\
         - {level: RequestResponse, resources: [{group: '', resources: [pods]}]}",
    ),
    // Outside of namespaces.
    (
        "groups",
        2,
        "- {level: RequestResponse, resources: [{group: '', resources: [services]}, {group: apps, resources: [deployments]}]}\n\
         - {level: RequestResponse, resources: [{group: batch, resources: [cronjobs]}]}\n\
         - {level: Metadata, namespaces: [''], resources: [{group: '', resources: [persistentvolumes]}]}",
    ),
    // Verbs of both kinds are listed.
    (
        "shells",
        1,
        "- {level: Metadata, resources: [{group: '', resources: [pods/exec]}], verbs: [create, get]}\n\
         - {level: None}",
    ),
    // A rule for each resource of the group.
    (
        "permissions",
        1,
        "- level: Metadata\n  verbs: [get, list, watch]\n\
         - {level: RequestResponse, resources: [{group: rbac.authorization.k8s.io}]}\n\
         - {level: Metadata}",
    ),
    // Each resource of the group is named.
    (
        "permissions",
        1,
        "- level: RequestResponse\n  verbs: [create, update, patch, delete, deletecollection]\n  resources:\n  \
         - {group: rbac.authorization.k8s.io, resources: [roles, clusterroles, rolebindings, clusterrolebindings]}\n\
         - {level: Metadata}",
    ),
    // A path and its parts, each on its own.
    (
        "noise",
        2,
        "- {level: None, verbs: [get], nonResourceURLs: [/healthz, '/healthz/*', /readyz, '/readyz/*', /livez, '/livez/*']}\n\
         - {level: Metadata}",
    ),
    // Without the rules of the step before.
    (
        "noise",
        2,
        "- {level: None, verbs: [get], nonResourceURLs: ['/healthz*']}\n\
         - {level: None, verbs: [get], nonResourceURLs: ['/readyz*', '/livez*']}\n\
         - {level: Metadata}",
    ),
    // No rule for the rest: it is not recorded either.
    (
        "exam-full",
        0,
        "- {level: RequestResponse, verbs: [deletecollection], resources: [{resources: [pods]}]}\n\
         - {level: RequestResponse, verbs: [delete], resources: [{resources: [pods]}]}\n\
         - {level: Request, namespaces: [moon], resources: [{resources: [configmaps]}]}\n\
         - {level: Metadata, resources: [{resources: [secrets]}]}",
    ),
];

/// Checks a policy with these rules as the answer to a step.
fn outcome_of(id: &str, index: usize, rules: &str) -> Outcome {
    let lesson = audit_lessons::lesson(id).unwrap();
    let answer = Answer {
        policy: format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}\n"),
        ..Answer::default()
    };
    check(&lesson.steps[index], &answer)
}

#[test]
fn other_right_answers_pass() {
    for (id, index, rules) in OTHER_RIGHT_ANSWERS {
        let outcome = outcome_of(id, index, rules);
        assert!(outcome.passed, "{id}: {}", outcome.reason);
    }
}

/// Policies that do what the first sentence of a task asks, and not the rest of it: a lesson, the index of its step, rules, and a part of the reason.
const HALF_ANSWERS: [(&str, usize, &str, &str); 9] = [
    (
        "first-match-wins",
        1,
        "- {level: Request}",
        "`Request` (rule 1); expected the level `Metadata`",
    ),
    (
        "four-levels",
        2,
        "- {level: None, verbs: [get, list, watch], resources: [{group: '', resources: [configmaps]}]}\n\
         - {level: Metadata, resources: [{group: '', resources: [secrets]}]}\n\
         - {level: RequestResponse, resources: [{group: '', resources: [pods]}]}\n\
         - {level: Request, resources: [{group: ''}, {group: apps}]}",
        "`None` (no rule); expected the level `Request`",
    ),
    (
        "groups",
        2,
        "- {level: RequestResponse, resources: [{group: '', resources: [services]}, {group: batch, resources: [cronjobs]}]}\n\
         - {level: Metadata, resources: [{group: '', resources: [persistentvolumes]}]}",
        "`patch` of `deployments` named `pot` in the group `apps`, namespace `tea`, by `vera` is `None`",
    ),
    (
        "noise",
        1,
        "- {level: None, users: ['system:kube-scheduler', 'system:kube-controller-manager'], resources: [{group: coordination.k8s.io, resources: [leases]}]}\n\
         - {level: None, userGroups: ['system:nodes'], resources: [{group: coordination.k8s.io, resources: [leases]}]}\n\
         - {level: Metadata}",
        "of `leases`",
    ),
    (
        "noise",
        2,
        "- {level: None, verbs: [get], nonResourceURLs: ['/readyz*', '/livez*', '/healthz*', '/api*']}\n\
         - {level: Metadata}",
        "`get` of `/api",
    ),
    (
        "permissions",
        2,
        "- {level: RequestResponse, verbs: [create, update, patch, delete, deletecollection], resources: [{group: rbac.authorization.k8s.io}]}\n\
         - {level: RequestResponse, resources: [{group: certificates.k8s.io}, {group: certificates.k8s.io, resources: [certificatesigningrequests/approval]}]}\n\
         - {level: Metadata}",
        "`RequestResponse` (rule 2); expected the level `Metadata`",
    ),
    (
        "shells",
        1,
        "- {level: Metadata, resources: [{group: '', resources: ['pods/*']}]}",
        "`Metadata` (rule 1); expected the level `None`",
    ),
    (
        "subresources",
        2,
        "- {level: RequestResponse, resources: [{group: '', resources: [pods]}]}\n\
         - {level: Metadata, resources: [{group: '', resources: [pods/log]}]}\n\
         - {level: Request, resources: [{resources: ['*/scale']}, {group: apps, resources: ['*/scale']}, {group: autoscaling}]}",
        "`Request` (rule 3); expected the level `None`",
    ),
    (
        "tokens",
        2,
        "- {level: Metadata, resources: [{group: '', resources: [secrets, configmaps, serviceaccounts, serviceaccounts/token]}, {group: authentication.k8s.io}]}\n\
         - {level: RequestResponse, resources: [{group: apps}]}\n\
         - {level: Metadata}",
        "`Metadata` (rule 3); expected the level `RequestResponse`",
    ),
];

#[test]
fn half_of_a_task_does_not_pass() {
    for (id, index, rules, reason) in HALF_ANSWERS {
        let outcome = outcome_of(id, index, rules);
        assert!(!outcome.passed, "{id}, {index}");
        assert!(
            outcome.reason.contains(reason),
            "{id}, {index}: {}",
            outcome.reason
        );
    }
}
