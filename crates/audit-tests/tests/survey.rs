//! Small changes of a policy, and whether cases notice them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_policy::{KubernetesVersion, Policy, load};
use audit_tests::{Runner, Survey, TestFile, mutants};

fn policy(text: &str) -> Policy {
    let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{text}");
    let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
    loaded
        .policy
        .unwrap_or_else(|| panic!("{text}: {:?}", loaded.error))
}

fn survey(policy: &Policy, cases: &str) -> Survey {
    let file = TestFile::parse(&format!("tests:\n{cases}"))
        .unwrap_or_else(|errors| panic!("{cases}: {errors:?}"));
    Runner::new(policy, KubernetesVersion::NEWEST).survey(&file.tests)
}

fn unnoticed(policy: &Policy, cases: &str) -> Vec<String> {
    let survey = survey(policy, cases);
    assert!(survey.undecided.is_empty());
    let unnoticed = survey.unnoticed.iter();
    unnoticed.map(|one| one.mutant.to_string()).collect()
}

const BODIES: &str = "\
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- {level: Metadata, verbs: [get], omitStages: [ResponseStarted]}
- {level: Request, omitManagedFields: false}
";

#[test]
fn every_part_of_a_policy_is_changed() {
    let changes: Vec<String> = mutants(&policy(BODIES))
        .map(|one| one.to_string())
        .collect();
    assert_eq!(
        changes,
        [
            "rule 1 is removed",
            "rule 1 and rule 2 are exchanged",
            "rule 1 has the level `None`",
            "rule 1 has the level `Request`",
            "rule 1 has the level `RequestResponse`",
            "rule 1 lacks `verbs`",
            "rule 1 lacks `omitStages`",
            "rule 2 is removed",
            "rule 2 has the level `None`",
            "rule 2 has the level `Metadata`",
            "rule 2 has the level `RequestResponse`",
            "rule 2 has `omitManagedFields: true`",
            "the policy lacks `omitStages`",
            "the policy lacks `omitManagedFields`",
        ]
    );
}

#[test]
fn stages_and_managed_fields_are_noticed_by_cases_about_them() {
    let policy = policy(BODIES);
    let levels = "
- {name: reads, requests: {verb: get}, level: Metadata, rule: 1}
- {name: others, requests: {verb: {not: get}}, level: Request, rule: 2}
";
    // Metadata has no bodies, so it makes no difference what the policy omits from those of rule 1.
    assert_eq!(
        unnoticed(&policy, levels),
        [
            "rule 1 lacks `omitStages`",
            "rule 2 has `omitManagedFields: true`",
            "the policy lacks `omitStages`",
        ]
    );
    let stages = "
- {name: short, requests: {verb: get}, stages: [ResponseComplete, Panic]}
";
    let stages = format!("{levels}{stages}");
    assert_eq!(
        unnoticed(&policy, &stages),
        ["rule 2 has `omitManagedFields: true`"]
    );
    let all = format!(
        "{stages}- {{name: fields, request: {{user: a, verb: create, resource: pods}}, omitManagedFields: false}}\n"
    );
    assert_eq!(unnoticed(&policy, &all), [""; 0]);
}

#[test]
fn changes_without_effect_on_the_log_are_equal() {
    // Nothing of the level None is recorded, whatever the stages.
    let policy =
        policy("rules:\n- {level: None, verbs: [watch], omitStages: [Panic]}\n- {level: None}\n");
    let survey = survey(&policy, "- {name: a, requests: {}, level: None}\n");
    // Both are removed and exchanged, rule 1 lacks its verbs or its stages. Six changes of levels are noticed.
    assert_eq!((survey.equal, survey.noticed), (5, 6));
    assert_eq!(survey.unnoticed, []);
}

#[test]
fn a_case_notices_the_rule_only_if_the_log_differs() {
    let case = "- {name: a, request: {user: a, verb: get, resource: pods}, rule: 1}\n";
    let policy = |level: &str| {
        policy(&format!(
            "rules:\n- {{level: Metadata, verbs: [get]}}\n- {{level: {level}}}\n"
        ))
    };
    // Rule 1 is removed or exchanged with rule 2, or lacks its verbs.
    let same = survey(&policy("Metadata"), case);
    assert_eq!((same.equal, same.noticed), (3, 0));
    let other = survey(&policy("Request"), case);
    assert_eq!((other.equal, other.noticed), (0, 2));
}

#[test]
fn requests_notice_changes_of_the_rules_that_decide_them() {
    let policy = policy(
        "rules:\n- {level: None, users: [a], verbs: [get]}\n- {level: Metadata, verbs: [get]}\n",
    );
    let cases = "
- {name: quiet, request: {user: a, verb: get, resource: pods}, level: None}
- {name: recorded, request: {user: b, verb: get, resource: pods}, level: Metadata}
- {name: others, request: {user: a, verb: list, resource: pods}, level: None, rule: none}
";
    // Nothing tells what a does otherwise: rule 1 without its verbs still is None for `list`.
    assert_eq!(unnoticed(&policy, cases), [""; 0]);
    let fewer =
        "- {name: recorded, request: {user: b, verb: get, resource: pods}, level: Metadata}\n";
    assert_eq!(
        unnoticed(&policy, fewer),
        [
            "rule 1 is removed",
            "rule 1 and rule 2 are exchanged",
            "rule 1 has the level `Metadata`",
            "rule 1 has the level `Request`",
            "rule 1 has the level `RequestResponse`",
            "rule 2 lacks `verbs`",
        ]
    );
}

#[test]
fn steps_can_be_stopped_and_end_with_the_same_result() {
    let policy = policy(BODIES);
    let file = TestFile::parse(
        "tests:\n- {name: reads, requests: {verb: get}, level: Metadata}\n- {name: one, request: {user: a, verb: get, resource: pods}, level: Metadata}\n",
    )
    .unwrap();
    let runner = Runner::new(&policy, KubernetesVersion::NEWEST);
    let mut steps = runner.survey_steps(&file.tests);
    let start = steps.progress();
    assert_eq!((start.done, start.total), (0, 2 + 14));
    let mut last = 0;
    while let Some(progress) = steps.next() {
        assert!(progress.done > last);
        last = progress.done;
        let survey = steps.survey();
        let tried = survey.noticed + survey.equal + survey.unnoticed.len();
        assert!(tried <= progress.done);
    }
    assert_eq!(last, start.total);
    assert_eq!(steps.into_survey(), runner.survey(&file.tests));
}

#[test]
fn an_unnoticed_change_is_described_with_an_example() {
    let policy = policy("rules:\n- {level: Metadata}\n");
    let survey = survey(
        &policy,
        "- {name: a, requests: {verb: get}, atLeast: Metadata}\n",
    );
    let words = survey.unnoticed[0].words(Some("policy.yaml:4"));
    let start =
        "no case notices that rule 1 has the level `Request` (policy.yaml:4), for example for ";
    assert!(words.starts_with(start), "{words}");
}
