//! Claims of all kinds, and the texts of their policies.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use audit_goals::{NewPolicy, NoPolicy, Wanted};
use audit_policy::{KubernetesVersion, Level, Matcher, load};
use audit_tests::{Case, Runner, TestFile};
use audit_types::{Request, Stage};

fn lines(lines: &[&str]) -> Vec<Case> {
    let parse = |line: &&str| Case::from_line(line).unwrap_or_else(|error| panic!("{error}"));
    lines.iter().map(parse).collect()
}

fn new(cases: &[Case]) -> Result<NewPolicy, NoPolicy> {
    NewPolicy::new(cases, Wanted::default())
}

/// Returns the rules of a text, without its head.
fn rules(text: &str) -> &str {
    text.split_once("rules:\n").unwrap().1
}

#[test]
fn exceptions_come_before_the_rule_that_would_match_them() {
    let cases = lines(&[
        "apiGroup= resource=secrets subresource= verb!=watch user!=\"system:kube-controller-manager\" atLeast=Metadata",
        "apiGroup= resource=secrets subresource= namespace=payments verb!=watch level=Request",
    ]);
    let made = new(&cases).unwrap();
    let matcher = Matcher::new(&made.policy);
    let secret = |user: &str, verb: &str, namespace: &str| {
        let request = Request::for_resource(verb, "", "secrets").with_namespace(namespace);
        matcher.evaluate(&request.with_user(user)).level
    };
    let manager = "system:kube-controller-manager";
    for (user, verb, namespace, level) in [
        ("ann", "get", "n", Level::Metadata),
        ("ann", "watch", "n", Level::None),
        (manager, "get", "n", Level::None),
        (manager, "get", "payments", Level::Request),
        ("ann", "get", "payments", Level::Request),
        (manager, "watch", "payments", Level::None),
    ] {
        assert_eq!(
            secret(user, verb, namespace),
            level,
            "{user} {verb} {namespace}"
        );
    }
    assert!(made.is_exact);
}

#[test]
fn every_claim_is_named_in_the_text() {
    let cases = lines(&[
        "apiGroup= resource=secrets subresource= atLeast=Metadata",
        "apiGroup= resource=configmaps atMost=Metadata",
        "path=/healthz* notRecorded",
    ]);
    let made = new(&cases).unwrap();
    assert_eq!(
        rules(&made.text),
        "  # apiGroup= resource=secrets subresource= atLeast=Metadata
  - level: Metadata
    resources:
    - group: \"\"
      resources: [\"secrets\"]
# No other request is recorded. Claims that this meets:
# - apiGroup= resource=configmaps atMost=Metadata
# - path=/healthz* notRecorded
"
    );
    assert_eq!((made.rules, made.unmatched), (vec![vec![0]], vec![1, 2]));

    let wanted = Wanted::default().with_otherwise(Level::RequestResponse);
    let made = NewPolicy::new(&cases, wanted).unwrap();
    for case in &cases {
        assert!(made.text.contains(&case.name), "{}", made.text);
    }
    let last = made.policy.rules.last().unwrap();
    assert_eq!(last.level, Level::RequestResponse);
}

#[test]
fn claims_that_need_no_rule_have_a_policy_with_one() {
    let made = new(&lines(&["user=alice notRecorded"])).unwrap();
    assert_eq!(
        rules(&made.text),
        "  # All requests. Claims about some of them:\n  # - user=alice notRecorded\n  - level: None\n"
    );
}

#[test]
fn a_level_without_events_is_not_a_choice() {
    let cases = lines(&[
        "apiGroup= resource=secrets level=Metadata",
        "user=alice notRecorded",
    ]);
    let Err(NoPolicy::Contradictory(found)) = new(&cases) else {
        panic!("not contradictory");
    };
    assert_eq!(found[0].claims, [0, 1]);
    assert_eq!(found[0].witness.user.as_deref(), Some("alice"));
    assert_eq!(found[0].witness.resource, "secrets");
}

#[test]
fn stages_are_omitted_for_all_where_all_claims_allow_it() {
    let received = "apiGroup= resource=pods stages=RequestReceived,ResponseComplete";
    for (claims, of_policy) in [
        (&["apiGroup= resource=pods level=Metadata"][..], 1),
        (&[received], 2),
        // Each recorded request has `RequestReceived` in one of them.
        (&[received, "apiGroup= resource=secrets level=Metadata"], 0),
    ] {
        let made = new(&lines(claims)).unwrap();
        assert_eq!(made.policy.omit_stages.len(), of_policy, "{claims:?}");
        if claims.len() == 2 {
            let rules = made.policy.rules.iter();
            let omitted = rules.map(|rule| rule.omit_stages.clone());
            let [started, panic] = [Stage::ResponseStarted, Stage::Panic];
            assert_eq!(
                omitted.collect::<Vec<_>>(),
                [vec![started, panic], vec![Stage::RequestReceived]]
            );
        }
    }
}

#[test]
fn names_of_claims_stay_in_their_comments() {
    for name in [
        "a\nrules: []",
        "a\u{2028}b",
        "\u{85}- level: None",
        "# \u{202e}",
        "a\r\nb: c",
    ] {
        let mut cases = lines(&["apiGroup= resource=secrets level=Metadata"]);
        cases[0].name = name.to_owned();
        cases[0].id = Some(format!("id {name}"));
        let made = new(&cases).unwrap();
        assert_eq!(made.policy.rules.len(), 1, "{}", made.text);
        assert_eq!(made.text.lines().count(), 13, "{}", made.text);
    }
}

#[test]
fn values_are_quoted() {
    for value in [
        "a: b", "[x]", "true", "1.0", "a,b", "#", "é\u{1f}", "null", "~", "-",
    ] {
        let user = value.replace('\\', "\\\\").replace('"', "\\\"");
        let made = new(&lines(&[&format!("user=\"{user}\" level=Request")])).unwrap();
        assert_eq!(made.policy.rules[0].users, [value], "{}", made.text);
    }
}

#[test]
fn requests_and_numbers_of_rules() {
    let text = "tests:
- name: alice reads a secret
  request: {user: alice, groups: [dev], verb: get, resource: secrets, name: db, namespace: team}
  level: Metadata
  rule: 4
- name: bob does not
  request: {user: bob, groups: [dev], verb: get, resource: secrets, name: db, namespace: team}
  level: None
  rule: none
- name: the second rule
  request: {verb: get, path: /version}
  rule: 2
";
    let file = TestFile::parse(text).unwrap();
    let made = new(&file.tests).unwrap();
    assert_eq!(made.policy.rules.len(), 1);
    assert_eq!(made.policy.rules[0].users, ["alice"]);
    assert_eq!(made.named_rule, [0, 1, 2]);
    assert_eq!(made.met, [0, 1]);
}

#[test]
fn the_goals_of_the_suite_have_a_policy() {
    let suite = include_str!("../../audit-tests/suites/goals.yaml");
    let file = TestFile::parse(suite).unwrap();
    for otherwise in Level::ALL {
        let made = NewPolicy::new(&file.tests, Wanted::default().with_otherwise(otherwise));
        assert_eq!(made.unwrap().met.len(), file.tests.len());
    }
}

#[test]
fn reasons_without_a_policy() {
    let file = |text: &str| TestFile::parse(text).unwrap().tests;
    let flag = "tests: [{name: a, setting: {flag: audit-log-maxage, atLeast: 30}}]";
    assert_eq!(new(&file(flag)).unwrap_err(), NoPolicy::NoClaim);
    assert_eq!(new(&[]).unwrap_err(), NoPolicy::NoClaim);
    let rule = "tests: [{name: a, request: {verb: get, path: /version}, rule: 2}]";
    let mut only_rules = file(rule);
    assert_eq!(new(&only_rules).unwrap_err(), NoPolicy::OnlyRules);
    only_rules.extend(file(flag));
    let reason = new(&only_rules).unwrap_err();
    assert_eq!(
        reason.messages(&only_rules),
        [
            "the claims expect only the number of a rule, which a new policy does not keep (help: add a level, such as `level: Metadata`)"
        ]
    );
    let nothing = lines(&[
        "verb=get level=None",
        "verb=create name=x subresource= level=Metadata",
    ]);
    assert_eq!(new(&nothing).unwrap_err(), NoPolicy::AboutNothing(1));
    let groups = lines(&[
        "userGroup=dev userGroup!=ops level=Metadata",
        "userGroup=ops userGroup!=dev level=Request",
        "userGroup=dev userGroup=ops level=RequestResponse",
    ]);
    assert_eq!(new(&groups).unwrap_err(), NoPolicy::NotExpressible);
    // The server rejects such a group.
    let group = lines(&["apiGroup=Apps level=Metadata"]);
    assert!(matches!(new(&group).unwrap_err(), NoPolicy::Rejected(_)));
}

#[test]
fn earlier_versions_have_no_wildcard_for_groups() {
    let version = KubernetesVersion::from_minor(35).unwrap();
    let wanted = Wanted::default().with_version(version);
    let cases = lines(&[
        "resource=secrets atLeast=Metadata",
        "user=alice level=None namespace=n resource=pods apiGroup=",
    ]);
    let made = NewPolicy::new(&cases, wanted).unwrap();
    assert!(!made.text.contains("group: \"*\""), "{}", made.text);
    assert!(!made.is_exact);
    assert!(load(made.text.as_bytes(), version).policy.is_some());
    let runner = Runner::new(&made.policy, version);
    assert!(cases.iter().all(|case| runner.run(case).has_passed()));
}

#[test]
fn many_overlapping_claims_end_within_the_limits() {
    // Each claim is about another user, verb and namespace of the same resources, and wants another level.
    let mut claims = Vec::new();
    for number in 0..12 {
        claims.push(format!("user=u{number} atLeast=Metadata"));
        claims.push(format!("namespace=n{number} atLeast=Request"));
        claims.push(format!("resource=r{number} apiGroup=g stages!=Panic"));
    }
    let claims: Vec<&str> = claims.iter().map(String::as_str).collect();
    let made = new(&lines(&claims)).unwrap();
    assert_eq!(made.met.len(), 36);
}

#[test]
fn requests_of_users_with_many_groups_end_within_the_limits() {
    let level = |number: usize| match number % 2 {
        0 => "Metadata",
        _ => "Request",
    };
    let tests: Vec<String> = (0..10)
        .map(|at| {
            format!(
                "- {{name: t{at}, request: {{user: u{at}, groups: [g{at}, h{at}], verb: get, resource: secrets, name: n{at}, namespace: x}}, level: {}}}\n",
                level(at)
            )
        })
        .collect();
    let file = TestFile::parse(&["tests:\n", &tests.concat()].concat()).unwrap();
    let made = new(&file.tests).unwrap();
    assert_eq!(made.met.len(), 10);
}
