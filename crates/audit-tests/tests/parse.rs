//! Errors of files have their place, and say what was meant.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_tests::{Claim, FileKind, PolicySource, SettingsSource, TestFile};

/// Returns the errors of a file: the marked part, the message and the help.
fn errors(text: &str) -> Vec<(String, String, String)> {
    let errors = TestFile::parse(text).unwrap_err();
    let row = |error: &audit_tests::FileError| {
        let place = text.get(error.span.start..error.span.end).unwrap();
        let line = place.lines().next().unwrap_or_default().trim_end();
        (line.to_owned(), error.message.clone(), error.help.clone())
    };
    errors.iter().map(row).collect()
}

/// Returns the only error of a case, which is one line in braces.
fn error_of_case(case: &str) -> (String, String, String) {
    let mut errors = errors(&format!("tests:\n- {{name: x, {case}}}\n"));
    assert_eq!(errors.len(), 1, "{case}: {errors:?}");
    errors.remove(0)
}

#[test]
fn wrong_cases_have_their_place() {
    for (case, place, message, help) in [
        (
            "requests: {resorce: pods}, level: None",
            "resorce",
            "unknown field `resorce`",
            "did you mean `resource`?",
        ),
        (
            "requests: {groups: a}, level: None",
            "groups",
            "unknown field `groups`",
            "the fields are `user`, `userGroup`, `verb`, `namespace`, `apiGroup`, `resource`, `subresource`, `name`, `path`",
        ),
        (
            "reqests: {}, level: None",
            "reqests",
            "unknown field `reqests`",
            "did you mean `requests`?",
        ),
        (
            "requests: {}, level: Meta",
            "Meta",
            "unknown level `Meta`",
            "did you mean `Metadata`?",
        ),
        (
            "requests: {}, stages: [Received]",
            "Received",
            "unknown stage `Received`",
            "expected RequestReceived, ResponseStarted, ResponseComplete, Panic",
        ),
        (
            "requests: {}, rule: 0",
            "0",
            "rule numbers start at 1",
            "write `rule: 1` for the first rule",
        ),
        (
            "requests: {}, rule: any",
            "any",
            "expected the number of a rule, counted from 1, or `none`, found the text `any`",
            "",
        ),
        (
            "requests: {verb: []}, level: None",
            "[]",
            "the list is empty",
            "leave it out for every value",
        ),
        (
            "requests: {verb: '*'}, level: None",
            "'*'",
            "`*` is not a wildcard in `verb`",
            "leave it out for every value",
        ),
        (
            "requests: {name: 7}, level: None",
            "7",
            "expected a text, found the number `7`",
            "write it in quotes",
        ),
        (
            "requests: {user: [on]}, level: None",
            "on",
            "expected a text, found the boolean `true`",
            "write it in quotes",
        ),
        (
            "requests: {verb: null}, level: None",
            "null",
            "`null` is not a value of `verb`",
            "leave it out for every value, or write `\"\"`",
        ),
        (
            "requests: {user: {nt: a}}, level: None",
            "nt",
            "unknown field `nt`",
            "did you mean `not`?",
        ),
        (
            "requests: {path: healthz}, level: None",
            "healthz",
            "`healthz` is not a path",
            "a path starts with `/`, and may end with `*`",
        ),
        (
            "requests: {path: /a, resource: pods}, level: None",
            "/a",
            "no request has both a `path` and a `resource`",
            "a request is for a resource, or for the path of a URL",
        ),
        (
            "requests: {resource: pods/}, level: None",
            "pods/",
            "`pods/` is not a resource",
            "write `pods`, `pods/exec`, `pods/*` or `*/scale`",
        ),
        (
            "requests: {resource: pods/log, subresource: exec}, level: None",
            "pods/log",
            "the subresource is given twice",
            "leave out `subresource`, or the part after the slash",
        ),
        (
            "requests: {}",
            "name",
            "the case expects nothing",
            "state `level`, `atLeast`, `atMost`, `rule`, `stages`, `omitManagedFields` or `notRecorded`",
        ),
        (
            "requests: {}, atLeast: Request, atMost: Metadata",
            "atLeast",
            "no verdict meets all that the case expects",
            "leave some of it out",
        ),
        (
            "requests: {}, level: Metadata, notRecorded: true, stages: [Panic]",
            "level",
            "no verdict meets all that the case expects",
            "leave some of it out",
        ),
        (
            "level: None",
            "x",
            "the case names no requests",
            "add `request`, or `requests` for a class",
        ),
        (
            "request: {verb: get, path: /a}, requests: {}, level: None",
            "requests",
            "both `request` and `requests`",
            "make a case of each",
        ),
        (
            "request: {verb: get, path: /a}, every: true, level: None",
            "every",
            "`every` without `requests`",
            "it widens a class: use it with `requests`",
        ),
        (
            "request: {path: /a}, level: None",
            "{path: /a}",
            "the request has no verb",
            "add `verb`, such as `verb: get`",
        ),
        (
            "request: {verb: get}, level: None",
            "{verb: get}",
            "the request has no target",
            "add `resource`, or `path` for a URL that is not of a resource",
        ),
        (
            "request: {verb: get, resource: pods, path: /a}, level: None",
            "/a",
            "both a `resource` and a `path`",
            "a request is for a resource, or for the path of a URL: leave one of them out",
        ),
        (
            "request: {verb: get, resource: deployments}, level: None",
            "deployments",
            "`deployments` is not a resource of the core group",
            "add `apiGroup: apps`",
        ),
        (
            "request: {verb: get, resource: pods/*}, level: None",
            "pods/*",
            "`pods/*` is not one resource",
            "write `pods` or `pods/exec`, or use `requests` for several",
        ),
        (
            "request: {verb: get, path: /a*}, level: None",
            "/a*",
            "`/a*` is not a path",
            "a path starts with `/`; use `requests` for several",
        ),
        (
            "decidable: false",
            "decidable",
            "only a pack has claims that cannot be decided",
            "leave out the case, or add `kind: RequirementPack`",
        ),
        (
            "setting: {flag: --audit-log-maxage, atLeast: 30}",
            "--audit-log-maxage",
            "a flag is written without `--`",
            "write `audit-log-maxage`",
        ),
        (
            "setting: {flag: audit-log-maxage}",
            "{flag: audit-log-maxage}",
            "nothing is expected of the flag",
            "state `value`, `atLeast`, `atMost` or `isSet`",
        ),
    ] {
        let expected = (place.to_owned(), message.to_owned(), help.to_owned());
        assert_eq!(error_of_case(case), expected, "{case}");
    }
}

#[test]
fn wrong_files_have_their_place() {
    for (text, place, message) in [
        ("", "", "not a file of tests"),
        ("- name: x\n", "- name: x", "not a file of tests"),
        ("tests: []\n", "tests", "no tests"),
        ("tests: {}\n", "{}", "`tests` is not a list"),
        (
            "kind: PolicyTest\ntests: []\n",
            "PolicyTest",
            "unknown value `PolicyTest`",
        ),
        ("test: []\n", "test", "unknown field `test`"),
        (
            "kubernetesVersion: 1.30\n",
            "1.30",
            "expected a version, found the number `1.3`",
        ),
        (
            "kubernetesVersion: '1.99'\n",
            "'1.99'",
            "unknown Kubernetes version `1.99`",
        ),
        (
            "tests:\n- {name: a, requests: {}, level: None}\n---\ntests: []\n",
            "---",
            "more than one document",
        ),
        (
            "tests: []\ntests: []\n",
            "tests",
            "the key \"tests\" is given twice",
        ),
        (
            "policy: 3\ntests:\n- {name: a, requests: {}, level: None}\n",
            "3",
            "`policy` is neither the path of a file nor a policy",
        ),
        (
            "kind: RequirementPack\nid: p\ntests:\n- {name: a, id: b, requests: {}, level: None}\n",
            "{name: a, id: b, requests: {}, level: None}",
            "a claim of a pack needs `source`",
        ),
        (
            "kind: RequirementPack\nid: p\nkubernetesVersions: {from: '1.34', to: '1.32'}\ntests:\n- {name: a, id: b, source: c, requests: {}, level: None}\n",
            "{from: '1.34', to: '1.32'}",
            "`from` is newer than `to`",
        ),
        (
            "kind: RequirementPack\nid: p\nkubernetesVersions: {from: '1.5'}\ntests:\n- {name: a, id: b, source: c, requests: {}, level: None}\n",
            "'1.5'",
            "unknown Kubernetes version `1.5`",
        ),
        (
            "kubernetesVersions: {from: '1.32'}\ntests:\n- {name: a, requests: {}, level: None}\n",
            "kubernetesVersions",
            "only a pack has `kubernetesVersions`",
        ),
    ] {
        let found = errors(text).remove(0);
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            (place, message),
            "{text}"
        );
    }
}

#[test]
fn every_wrong_case_is_reported() {
    let text =
        "tests:\n- {name: a, level: None}\n- {name: b, requests: {}, level: None}\n- {nam: c}\n";
    let places: Vec<String> = errors(text).into_iter().map(|(place, ..)| place).collect();
    assert_eq!(places, ["a", "nam"]);
}

#[test]
fn the_kind_may_be_written_after_the_cases() {
    let who = "tests:\n- {name: who reads, id: A1, source: S, decidable: false}\n";
    let pack = "kind: RequirementPack\nid: a\n";
    assert!(TestFile::parse(&format!("{who}{pack}")).is_ok());
    assert_eq!(
        errors(&format!("{who}kind: PolicyTests\n"))[0].1,
        "only a pack has claims that cannot be decided"
    );
    let claim = "tests:\n- {name: all, requests: {}, level: None}\n";
    assert_eq!(
        errors(&format!("{claim}{pack}"))[0].1,
        "a claim of a pack needs `id`"
    );
}

#[test]
fn a_pack_for_other_versions_has_a_note() {
    let pack = |versions: &str| {
        let text = format!(
            "kind: RequirementPack\nid: p\nkubernetesVersions: {versions}\ntests:\n- {{name: a, id: b, source: c, requests: {{}}, level: None}}\n"
        );
        TestFile::parse(&text).unwrap()
    };
    for (versions, version, expected) in [
        ("{from: '1.32', to: '1.34'}", "1.32", None),
        ("{from: '1.32', to: '1.34'}", "1.34", None),
        (
            "{from: '1.32', to: '1.34'}",
            "1.35",
            Some("the pack was written for Kubernetes 1.32 to 1.34, not 1.35"),
        ),
        ("{from: '1.32'}", "1.36", None),
        (
            "{from: '1.32'}",
            "1.31",
            Some("the pack was written for Kubernetes 1.32 and later, not 1.31"),
        ),
        (
            "{to: '1.32'}",
            "1.33",
            Some("the pack was written for Kubernetes up to 1.32, not 1.33"),
        ),
        (
            "{from: '1.30', to: '1.30'}",
            "1.31",
            Some("the pack was written for Kubernetes 1.30, not 1.31"),
        ),
    ] {
        let note = pack(versions).version_note(version.parse().unwrap());
        let note = note.map(|note| note.value);
        assert_eq!(note.as_deref(), expected, "{versions} {version}");
    }
}

#[test]
fn a_file_with_anchors_has_the_same_cases() {
    let text = |first: &str, second: &str| {
        format!(
            "tests:\n- {{name: a, requests: {first}, level: None}}\n- {{name: b, requests: {second}, level: None}}\n"
        )
    };
    let class = "{verb: get, resource: secrets}";
    let claims = |text: &str| {
        let file = TestFile::parse(text).unwrap();
        let words = file.tests.iter().map(|case| case.claim.words());
        words.collect::<Vec<_>>()
    };
    let anchored = claims(&text(&format!("&class {class}"), "*class"));
    assert_eq!(anchored, claims(&text(class, class)));
}

#[test]
fn a_file_names_policy_version_and_settings() {
    let text = "# tests of ours\n---\npolicy: ../policy.yaml\nkubernetesVersion: \"1.30\"\nsettings: {audit-log-maxage: 30, audit-log-compress: true}\ntests:\n- {name: a, requests: {}, level: None}\n";
    let file = TestFile::parse(text).unwrap();
    assert_eq!(file.kind, FileKind::PolicyTests);
    let path = PolicySource::Path("../policy.yaml".to_owned());
    assert_eq!(file.policy.unwrap().value, path);
    assert_eq!(file.kubernetes_version.unwrap().value.minor(), 30);
    let Some(SettingsSource::Flags(mut flags)) = file.settings.map(|settings| settings.value)
    else {
        panic!("no flags");
    };
    flags.sort();
    let flag = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        flags,
        [
            flag("audit-log-compress", "true"),
            flag("audit-log-maxage", "30")
        ]
    );
}

#[test]
fn a_policy_can_be_part_of_the_file() {
    let text = "policy:\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n  - level: Metadata\n    users: [a]\n  - level: None\ntests:\n- {name: a, requests: {}, level: None}\n";
    let file = TestFile::parse(text).unwrap();
    let Some(PolicySource::Inline {
        text: policy,
        rules,
    }) = file.policy.map(|policy| policy.value)
    else {
        panic!("no policy");
    };
    let loaded = audit_policy::load(policy.as_bytes(), audit_policy::KubernetesVersion::NEWEST);
    assert_eq!(loaded.policy.unwrap().rules.len(), 2);
    let starts: Vec<&str> = rules
        .iter()
        .map(|rule| {
            text.get(rule.start..rule.end)
                .unwrap()
                .lines()
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(starts, ["level: Metadata", "level: None"]);
}

#[test]
fn a_request_has_the_groups_that_the_server_adds() {
    for (user, groups) in [
        ("alice", &["system:authenticated"][..]),
        (
            "system:serviceaccount:shop:web",
            &[
                "system:serviceaccounts",
                "system:serviceaccounts:shop",
                "system:authenticated",
            ],
        ),
        ("system:node:n1", &["system:nodes", "system:authenticated"]),
        ("system:anonymous", &["system:unauthenticated"]),
        ("null", &[]),
    ] {
        let text = format!(
            "tests:\n- {{name: a, request: {{user: {user}, verb: get, path: /version}}, level: None}}\n"
        );
        let file = TestFile::parse(&text).unwrap();
        let Claim::Request { request, .. } = &file.tests[0].claim else {
            panic!("no request");
        };
        assert_eq!(request.groups, groups, "{user}");
        assert_eq!(request.user.is_some(), user != "null");
    }
}

#[test]
fn a_witness_can_be_a_case() {
    let request = audit_policy::Request::for_resource("get", "", "pods")
        .with_subresource("log")
        .with_namespace("shop")
        .with_name("web")
        .with_user("alice");
    let json = serde_json::to_string(&request).unwrap();
    let text = format!("tests:\n- {{name: a, request: {json}, level: None}}\n");
    let file = TestFile::parse(&text).unwrap();
    let Claim::Request { request: read, .. } = &file.tests[0].claim else {
        panic!("no request");
    };
    assert_eq!(**read, request);
}

#[test]
fn resources_are_those_that_are_written() {
    let all = [
        "pods",
        "pods/exec",
        "pods/log",
        "secrets",
        "scales",
        "deployments/scale",
    ];
    for (written, expected) in [
        ("pods", &["pods", "pods/exec", "pods/log"][..]),
        ("pods/exec", &["pods/exec"]),
        // `pods/*` of a rule matches the resource, too (upstream since 1.10).
        ("'pods/*'", &["pods", "pods/exec", "pods/log"]),
        ("'*/scale'", &["deployments/scale"]),
        ("'*'", &all),
        ("[pods/exec, secrets]", &["pods/exec", "secrets"]),
        (
            "[pods/exec, pods/log, '*/scale']",
            &["pods/exec", "pods/log", "deployments/scale"],
        ),
        ("{not: pods}", &["secrets", "scales", "deployments/scale"]),
        (
            "{not: pods/exec}",
            &["pods", "pods/log", "secrets", "scales", "deployments/scale"],
        ),
        (
            "{not: [pods/exec, secrets]}",
            &["pods", "pods/log", "scales", "deployments/scale"],
        ),
        (
            "{not: [pods/exec, pods/log]}",
            &["pods", "secrets", "scales", "deployments/scale"],
        ),
        (
            "{not: 'pods/*'}",
            &["secrets", "scales", "deployments/scale"],
        ),
        (
            "{not: '*/scale'}",
            &["pods", "pods/exec", "pods/log", "secrets", "scales"],
        ),
        ("{not: '*'}", &[]),
        ("{not: '*/*'}", &[]),
        ("{in: pods, not: pods/exec}", &["pods", "pods/log"]),
    ] {
        let text =
            format!("tests:\n- {{name: a, requests: {{resource: {written}}}, level: None}}\n");
        let file = TestFile::parse(&text).unwrap();
        let Claim::Class(claim) = &file.tests[0].claim else {
            panic!("no class");
        };
        let is_in = |full: &&str| {
            let (resource, subresource) = full.split_once('/').unwrap_or((full, ""));
            let request = audit_policy::Request::for_resource("get", "", resource)
                .with_subresource(subresource);
            claim.classes.iter().any(|class| class.contains(&request))
        };
        let found: Vec<&str> = all.iter().copied().filter(is_in).collect();
        assert_eq!(found, expected, "{written}");
        // A request for a URL is not for any resource.
        let url = audit_policy::Request::for_path("get", "/version");
        let is_for_urls = claim.classes.iter().any(|class| class.contains(&url));
        assert_eq!(is_for_urls, written.starts_with("{not"), "{written}");
    }
}
