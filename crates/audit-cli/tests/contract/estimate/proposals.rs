//! Proposed rules, and the policy with them.

use serde_json::{Value, json};

use super::{AGENT, ALL, at, event, folder, log, report, words};
use crate::Folder;

/// The rule for the agent's lists.
const RULE: &str = "- level: None
  users: [\"system:serviceaccount:obs:agent\"]
  verbs: [\"list\"]
  resources:
  - group: \"\"
    resources: [\"pods\"]
";

/// Suggestion for the noisiest group.
fn first_offer(folder: &Folder, more: &[&str]) -> Value {
    let more = [&["--propose"], more].concat();
    report(folder, "all.yaml", &more)["proposals"]["groups"][0]["offer"].clone()
}

#[test]
fn a_machine_that_reads_over_and_over_may_go() {
    let folder = folder("propose-machine", &log());
    let proposals = report(&folder, "all.yaml", &["--propose"])["proposals"].clone();
    let proposal = &proposals["groups"][0]["offer"]["proposal"];
    assert_eq!(proposal["rule"], RULE);
    assert_eq!(proposal["beforeRule"], 0);
    assert_eq!(proposal["saves"], json!({"events": 3, "bytes": 6_000}));
    // What a person does is not left out.
    let other = &proposals["groups"][1]["offer"]["nothing"]["why"];
    assert_eq!(other["reason"], "person");
    let proof = json!({"holds": true, "guarded": 0, "askedFor": 0, "lost": 0, "examples": []});
    let together = json!({
        "rules": 1, "before": {"events": 5, "bytes": 8_000}, "after": {"events": 2, "bytes": 2_000}, "proof": proof
    });
    assert_eq!(proposals["together"], together);
}

#[test]
fn text_says_group_saving_rule_place_and_why() {
    let folder = folder("propose-text", &log());
    let text = folder.run(&words("all.yaml", &["--propose"])).out;
    let rule: String = RULE.lines().map(|line| format!("      {line}\n")).collect();
    for part in [
        "Suggested settings and rules, and their savings\n  system:serviceaccount:obs:agent: list pods: insert before rule 1, 3 events, 6.00 KB\n",
        &rule,
        "      the rule matches one service account or component",
        "Noisy, but kept\n  alice: get /version: 2.00 KB\n      not a service account",
        "With all suggestions\n  Before: 5 events, 8.00 KB\n  After: 2 events, 2.00 KB\n  Proof: of 0 security-relevant requests in the log, no write, secret, RBAC or exec event loses a level, a stage or managed fields.\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn apply_prints_the_policy_alone() {
    let folder = folder("propose-apply", &log());
    let ran = folder.run(&words("all.yaml", &["--propose", "--apply"]));
    let changed = ALL.replace("rules:\n", &format!("rules:\n{RULE}"));
    assert_eq!((ran.status, ran.out.as_str()), (0, changed.as_str()));
    let said: Vec<&str> = ran.err.lines().collect();
    assert_eq!(
        said[0],
        "audit-policy: 1 suggested rule: 5 events with 8.00 KB before, 2 events with 2.00 KB after"
    );
    assert!(said[1].starts_with("audit-policy: proof: "), "{}", ran.err);
    assert_eq!(said.len(), 2);
    // With the rule in it there is nothing more to propose, and the text stays as it is to the byte.
    std::fs::write(folder.0.join("all.yaml"), format!("{changed}# end")).unwrap();
    let again = folder.run(&words("all.yaml", &["--propose", "--apply"]));
    assert_eq!(again.out, format!("{changed}# end"));
    assert!(again.err.contains("no rule is suggested"), "{}", again.err);
}

#[test]
fn a_policy_from_standard_input_is_changed_all_the_same() {
    let folder = folder("propose-stdin", &log());
    let ran = folder.run_on(ALL, &words("-", &["--propose", "--apply"]));
    assert!(ran.out.contains(RULE), "{}", ran.out);
}

#[test]
fn what_was_made_in_another_name_is_kept() {
    let list = event(&at(0), AGENT, "list", "/api/v1/pods", 2_000);
    let as_other = list.replace(
        ",\"userAgent\"",
        ",\"impersonatedUser\":{\"username\":\"root\"},\"userAgent\"",
    );
    let log = [list.as_str(), list.as_str(), as_other.as_str()].concat();
    let offer = first_offer(&folder("propose-impersonated", &log), &[]);
    assert_eq!(offer["nothing"]["why"], json!({"reason": "impersonated"}));
    let offer = first_offer(&folder("propose-own-name", &list.repeat(3)), &[]);
    assert_eq!(offer["proposal"]["rule"], RULE);
}

#[test]
fn heartbeats_go_only_where_asked_for() {
    let lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/scheduler";
    let update = |second| event(&at(second), "system:kube-scheduler", "update", lease, 1_000);
    let folder = folder(
        "propose-leases",
        &[update(0), update(2), update(4)].concat(),
    );
    let why = &first_offer(&folder, &[])["nothing"]["why"];
    assert_eq!(why, &json!({"reason": "writeNotAsked", "kind": "lease"}));
    let offer = first_offer(&folder, &["--include-writes"]);
    assert_eq!(offer["proposal"]["isWrite"], true);
    // One distinct request, which is guarded and goes because it was asked for.
    let words = words("all.yaml", &["--propose", "--include-writes", "--apply"]);
    let ran = folder.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    for part in [
        "1 suggested rule: 3 events with 3.00 KB before, 0 events with 0 B after\n",
        "proof: of 1 security-relevant request in the log, ",
        ", except for 1 distinct write dropped on request\n",
    ] {
        assert!(ran.err.contains(part), "{}", ran.err);
    }
}

#[test]
fn secrets_and_writes_stay() {
    let secrets = event(&at(0), AGENT, "list", "/api/v1/secrets", 2_000);
    let write = event(&at(1), AGENT, "create", "/api/v1/namespaces/a/pods", 1_000);
    let folder = folder("propose-guarded", &[secrets, write].concat());
    let proposals = report(&folder, "all.yaml", &["--propose"])["proposals"].clone();
    for (place, guard) in ["secrets", "write"].into_iter().enumerate() {
        let why = &proposals["groups"][place]["offer"]["nothing"]["why"];
        assert_eq!(why, &json!({"reason": "guarded", "guard": guard}));
    }
    let proof = &proposals["together"]["proof"];
    assert_eq!(
        (&proof["guarded"], &proof["holds"]),
        (&json!(2), &json!(true))
    );
}

#[test]
fn a_stage_that_says_everything_twice_may_go() {
    let folder = folder("propose-settings", &log());
    let twice = ALL.replace("omitStages: [RequestReceived]\n", "");
    std::fs::write(folder.0.join("twice.yaml"), &twice).unwrap();
    let proposals = report(&folder, "twice.yaml", &["--propose"])["proposals"].clone();
    let setting = &proposals["settings"][0];
    assert_eq!(setting["kind"], "omitRequestReceived");
    assert_eq!(setting["setting"], "omitStages: [RequestReceived]");
    // The log has no event at RequestReceived, but the policy would write one for each of the five requests.
    assert_eq!(setting["saves"]["events"], 5);
    assert_eq!(setting["proof"], json!({"guarded": 0, "lost": 0}));
    let together = &proposals["together"];
    assert_eq!(
        (&together["settings"], &together["rules"]),
        (&json!(1), &json!(1))
    );
    // With setting and rule, as with the rule under a policy that has the setting.
    assert_eq!(together["after"], json!({"events": 2, "bytes": 2_000}));

    let text = folder.run(&words("twice.yaml", &["--propose"])).out;
    for part in [
        "Suggested settings and rules, and their savings\n  omit the stage `RequestReceived`: 5 events, ",
        "      omitStages: [RequestReceived]\n",
        "no write, secret, RBAC, exec, impersonated or denied request loses a level",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let ran = folder.run(&words("twice.yaml", &["--propose", "--apply"]));
    let changed = twice.replace(
        "rules:\n",
        &format!("omitStages: [RequestReceived]\nrules:\n{RULE}"),
    );
    assert_eq!((ran.status, ran.out.as_str()), (0, changed.as_str()));
    let summary = "1 suggested setting and 1 suggested rule: 10 events with ";
    assert!(ran.err.contains(summary), "{}", ran.err);

    // Without a rule there is still something to suggest.
    std::fs::write(
        folder.0.join("alice.yaml"),
        twice.replace("level: Metadata", "level: Metadata\n  users: [alice]"),
    )
    .unwrap();
    let text = folder.run(&words("alice.yaml", &["--propose"])).out;
    assert!(
        text.contains("omit the stage `RequestReceived`: 2 events, "),
        "{text}"
    );
    assert!(
        !text.contains("would save bytes without") && text.contains("With all suggestions"),
        "{text}"
    );
}
