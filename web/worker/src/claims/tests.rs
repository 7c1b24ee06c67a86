use audit_policy::KubernetesVersion;
use playground_protocol::export::{ExportSettings, FieldValue};
use playground_protocol::{AddTestRequest, ClaimStatus, ClaimView, RequirementsView, TestOf};

use super::*;
use crate::log::Log;
use crate::policy::PolicyState;

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
  resources: [{group: '', resources: [secrets]}]
- level: RequestResponse
";

const TESTS: &str = "tests:
- name: everything is recorded
  requests: {}
  atLeast: Metadata
- name: secrets never with bodies
  requests: {apiGroup: '', resource: secrets}
  atMost: Metadata
- name: alice reads a secret
  request: {user: alice, verb: get, resource: secrets, namespace: payments, name: db}
  level: Metadata
  rule: 1
";

fn state(policy: &str) -> PolicyState {
    let mut state = PolicyState::default();
    state.set(7, policy, KubernetesVersion::NEWEST, 0);
    state
}

fn checked(list: ClaimList, text: &str, settings: Option<ExportSettings>) -> ClaimsStep {
    checked_under(POLICY, list, text, settings)
}

fn checked_under(
    policy: &str,
    list: ClaimList,
    text: &str,
    settings: Option<ExportSettings>,
) -> ClaimsStep {
    let state = state(policy);
    let request = ClaimsRequest {
        list,
        number: 3,
        start: Some(ClaimsStart {
            text: text.to_owned(),
            settings,
        }),
    };
    let report = ClaimChecks::default().handle(state.accepted.as_ref(), request);
    let report = report.unwrap();
    assert_eq!(
        (report.list, report.number, report.generation),
        (list, 3, 7)
    );
    report.step
}

#[test]
fn failing_tests_come_first_with_an_example() {
    let ClaimsStep::Tests(view) = checked(ClaimList::Tests, TESTS, None) else {
        panic!("no results");
    };
    assert_eq!((view.passed, view.total), (2, 3));
    let failed = &view.cases[0];
    // `secrets` does not match the subresources of secrets, and neither does `atMost` allow their bodies.
    assert_eq!(failed.name, "secrets never with bodies");
    assert_eq!((failed.status, failed.line), (ClaimStatus::Fails, 5));
    assert_eq!(&TESTS[failed.from..failed.from + 4], "name");
    let example = failed.example.as_ref().unwrap();
    assert_eq!(example.request.resource, "secrets");
    assert_ne!(example.request.subresource, "");
    assert_eq!(failed.decision.as_ref().unwrap().line, 6);
    let lines: Vec<usize> = view.cases.iter().map(|case| case.line).collect();
    assert_eq!(lines, [5, 2, 8]);
    assert!(view.cases[1].is_proved && !view.cases[2].is_proved);
    assert_eq!(view.unreached, Some(Vec::new()));
}

#[test]
fn unreadable_tests_have_their_places() {
    // The first letter of the comment is one unit of UTF-16, but two bytes.
    let text = "# ä\ntests:\n- name: a\n  requests: {resorce: events}\n  notRecorded: true\n";
    let ClaimsStep::Unreadable(problems) = checked(ClaimList::Tests, text, None) else {
        panic!("no problems");
    };
    let units: Vec<u16> = text.encode_utf16().collect();
    let problem = &problems[0];
    assert_eq!(
        String::from_utf16(&units[problem.from..problem.to]).unwrap(),
        "resorce"
    );
    assert_eq!(problem.line, 4);
    assert_eq!(problem.problem.help, "did you mean `resource`?");
}

#[test]
fn claims_about_flags_need_settings() {
    let ClaimsStep::Requirements(without) = checked(ClaimList::Requirements, "", None) else {
        panic!("no results");
    };
    let mut form = ExportSettings::initial();
    let is_flag = |claim: &&ClaimView| claim.claim.starts_with("flag `--audit-log-maxage`");
    let of = |view: &RequirementsView| {
        let claims = view.packs.iter().flat_map(|pack| &pack.claims);
        let claims: Vec<_> = claims.filter(is_flag).map(|claim| claim.status).collect();
        claims
    };
    let open = of(&without);
    assert!(!open.is_empty());
    assert!(open.iter().all(|status| *status == ClaimStatus::Open));
    form.fields.retain(|field| field.name != "audit-log-maxage");
    form.fields.push(FieldValue {
        name: "audit-log-maxage".to_owned(),
        value: "1".to_owned(),
    });
    let ClaimsStep::Requirements(with) = checked(ClaimList::Requirements, "", Some(form)) else {
        panic!("no results");
    };
    assert!(with.has_settings);
    // No standard is content with one day.
    assert!(of(&with).iter().all(|status| *status == ClaimStatus::Fails));
}

#[test]
fn detections_come_after_the_standards_with_their_changes() {
    // Only secrets are recorded.
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources: [{group: '', resources: [secrets]}]\n";
    let step = checked_under(policy, ClaimList::Requirements, "", None);
    let ClaimsStep::Requirements(view) = step else {
        panic!("no results");
    };
    let ids: Vec<&str> = view.packs.iter().map(|pack| pack.id.as_str()).collect();
    assert_eq!(ids[5..], ["falco", "sigma", "elastic", "panther"]);
    assert!(view.packs[..5].iter().all(|pack| !pack.is_detections));
    let detections = || view.packs[5..].iter().flat_map(|pack| &pack.claims);
    assert!(detections().any(|claim| claim.status == ClaimStatus::Fails));
    for claim in detections() {
        let never = claim.status == ClaimStatus::Fails;
        assert_eq!(!claim.change.is_empty(), never, "{}", claim.id);
        assert_eq!(
            claim.message.starts_with("never fires"),
            never,
            "{}",
            claim.id
        );
    }
}

#[test]
fn changes_that_no_test_notices_have_an_example() {
    let ClaimsStep::Mutations(view) = checked(ClaimList::Mutations, TESTS, None) else {
        panic!("no results");
    };
    // No passing test says that other requests have bodies.
    let change = view
        .unnoticed
        .iter()
        .find(|found| found.change == "rule 2 has the level `Request`")
        .unwrap();
    assert_eq!((change.place.rule.number(), change.place.line), (2, 6));
    assert_eq!(change.decision.level, audit_policy::Level::RequestResponse);
    assert!(view.noticed > 0);
}

#[test]
fn an_added_test_passes() {
    let state = state(POLICY);
    let mut request = playground_protocol::RequestView {
        user: Some("bob".to_owned()),
        verb: "get".to_owned(),
        resource: "secrets".to_owned(),
        is_resource_request: true,
        ..Default::default()
    };
    request.groups.push("system:authenticated".to_owned());
    let asked = AddTestRequest {
        number: 1,
        text: TESTS.to_owned(),
        of: TestOf::Request(Box::new(request)),
    };
    let added = add_test(state.accepted.as_ref(), &Log::default(), asked);
    let added = added.result.unwrap();
    assert_eq!(added.name, "bob: get secrets");
    assert!(added.text.starts_with(TESTS));
    assert!(added.text[added.from..added.to].starts_with("- name: "));
    let ClaimsStep::Tests(view) = checked(ClaimList::Tests, &added.text, None) else {
        panic!("no results");
    };
    assert_eq!((view.passed, view.total), (3, 4));
}

#[test]
fn built_in_tests_can_be_read() {
    let examples = (0..SUITES.len()).map(BuiltInTests::Example);
    for tests in examples.chain([BuiltInTests::Goals]) {
        let text = built_in(tests);
        assert!(!text.contains("policy: "), "{tests:?}");
        assert!(tests_view::read(&text).is_ok(), "{tests:?}");
    }
    assert_eq!(built_in(BuiltInTests::Example(99)), "");
}

#[test]
fn a_check_that_was_cancelled_has_no_reply() {
    let mut checks = ClaimChecks::default();
    let state = state(POLICY);
    assert_eq!(checks.handle(state.accepted.as_ref(), next_part()), None);
}

#[test]
fn a_check_of_an_older_policy_ends_with_a_reply() {
    let mut state = state(POLICY);
    let start = ClaimsStart {
        text: TESTS.to_owned(),
        settings: None,
    };
    let accepted = state.accepted.as_ref().unwrap();
    let check = ClaimCheck::new(ClaimList::Tests, 3, start, accepted);
    let mut checks = ClaimChecks {
        checks: vec![check.ok().unwrap()],
    };
    state.set(8, POLICY, KubernetesVersion::NEWEST, 0);
    let reply = checks.handle(state.accepted.as_ref(), next_part()).unwrap();
    assert_eq!((reply.number, reply.generation), (3, 7));
    assert_eq!(reply.step, ClaimsStep::Running { done: 0, total: 0 });
    assert_eq!(checks.handle(state.accepted.as_ref(), next_part()), None);
}

/// Returns the request that continues a check.
fn next_part() -> ClaimsRequest {
    ClaimsRequest {
        list: ClaimList::Tests,
        number: 3,
        start: None,
    }
}
