use audit_policy::{KubernetesVersion, load};

use super::*;
use crate::suggest::{CombinedRules, SuggestOptions, Suggestions, suggest};
use crate::testing::table;

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

/// Returns an event of a person, so that no rule is suggested.
fn event(id: &str, stage: &str, verb: &str, uri: &str, rest: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{id}","stage":"{stage}","requestURI":"{uri}","verb":"{verb}","user":{{"username":"alice","groups":["dev","system:authenticated"]}}{rest},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"}}"#
    )
}

fn found(policy: &str, events: &[String]) -> (Suggestions, CombinedRules) {
    let lines: Vec<&str> = events.iter().map(String::as_str).collect();
    let (table, version) = (table(&lines), KubernetesVersion::NEWEST);
    let suggestions = suggest(policy.as_bytes(), &table, &SuggestOptions::default());
    assert_eq!(suggestions.policy_error, None, "{policy}");
    let loaded = load(policy.as_bytes(), version).policy.unwrap();
    let combined =
        CombinedRules::new(policy.as_bytes(), &loaded, &suggestions, &table, version).unwrap();
    (suggestions, combined)
}

fn settings(policy: &str, events: &[String]) -> Vec<(SettingKind, u64, u64)> {
    let (suggestions, combined) = found(policy, events);
    assert!(combined.proof.holds, "{}", combined.proof.summary());
    let row =
        |setting: &SuggestedSetting| (setting.kind, setting.saves.events, setting.saves.bytes);
    suggestions.settings.iter().map(row).collect()
}

const SECRETS: &str = "/api/v1/namespaces/a/secrets";
const STATUS: &str = r#","responseStatus":{"metadata":{},"code":200}"#;

/// The events of three requests: a list of secrets with its first stage, a write whose body has managed fields, and a watch.
fn log() -> Vec<String> {
    let body = r#","responseStatus":{"metadata":{},"code":201},"responseObject":{"kind":"Pod","metadata":{"name":"p","managedFields":[{"manager":"kubectl"}]}}"#;
    vec![
        event("1", "RequestReceived", "list", SECRETS, ""),
        event("1", "ResponseComplete", "list", SECRETS, STATUS),
        event(
            "2",
            "RequestReceived",
            "create",
            "/api/v1/namespaces/a/pods",
            "",
        ),
        event(
            "2",
            "ResponseComplete",
            "create",
            "/api/v1/namespaces/a/pods",
            body,
        ),
        event(
            "3",
            "RequestReceived",
            "watch",
            "/api/v1/nodes?watch=true",
            "",
        ),
        event(
            "3",
            "ResponseStarted",
            "watch",
            "/api/v1/nodes?watch=true",
            STATUS,
        ),
        event(
            "3",
            "ResponseComplete",
            "watch",
            "/api/v1/nodes?watch=true",
            STATUS,
        ),
    ]
}

/// Bytes of a line with its newline, at a level of this name instead of `RequestResponse`.
fn line(event: &str, level: &str) -> u64 {
    event.len() as u64 + 1 - "RequestResponse".len() as u64 + level.len() as u64
}

#[test]
fn settings_save_the_bytes_of_what_they_omit() {
    let log = log();
    // Everything is recorded as it is in the log. Three events are at RequestReceived.
    let received: u64 = [0, 2, 4]
        .map(|index| line(&log[index], "RequestResponse"))
        .iter()
        .sum();
    // `"managedFields":[{"manager":"kubectl"}]` and the comma before it go.
    let managed = r#","managedFields":[{"manager":"kubectl"}]"#.len() as u64;
    let all = format!("{HEAD}rules:\n- level: RequestResponse\n");
    assert_eq!(
        settings(&all, &log),
        [
            (SettingKind::OmitRequestReceived, 3, received),
            (SettingKind::OmitManagedFields, 0, managed)
        ]
    );
    // At Metadata there are no bodies. A rule for a group never matches a failed authentication, so that its watches may be recorded once.
    let metadata = format!("{HEAD}rules:\n- level: Metadata\n  userGroups: [dev]\n");
    let received: u64 = [0, 2, 4]
        .map(|index| line(&log[index], "Metadata"))
        .iter()
        .sum();
    let started = line(&log[5], "Metadata");
    assert_eq!(
        settings(&metadata, &log),
        [
            (SettingKind::OmitRequestReceived, 3, received),
            (SettingKind::OmitResponseStarted, 1, started)
        ]
    );
    // With all of them: the three final events.
    let (suggestions, combined) = found(&metadata, &log);
    assert_eq!(suggestions.rules().count(), 0);
    let last: u64 = [1, 3, 6]
        .map(|index| line(&log[index], "Metadata"))
        .iter()
        .sum::<u64>();
    let bodies = log[3].find(r#","responseObject""#).unwrap()
        ..log[3].find(r#","requestReceivedTimestamp""#).unwrap();
    assert_eq!(
        (combined.after.events, combined.after.bytes),
        (3, last - bodies.len() as u64)
    );
    assert_eq!(
        combined.before.bytes - combined.after.bytes,
        received + started
    );
    assert!(
        combined
            .summary()
            .starts_with("2 suggested settings: 7 events"),
        "{}",
        combined.summary()
    );
    // The secrets and the write are protected.
    assert_eq!(
        suggestions.settings[0].proof.summary(),
        "proof: of 2 security-relevant, denied or impersonated requests in the log, no write, secret, RBAC, exec, impersonated or denied request loses a level"
    );
    let changed = format!(
        "{HEAD}omitStages: [RequestReceived]\nrules:\n- omitStages: [ResponseStarted]\n  level: Metadata\n  userGroups: [dev]\n"
    );
    assert_eq!(String::from_utf8(combined.policy).unwrap(), changed);
    // What was suggested is not suggested again.
    assert_eq!(settings(&changed, &log), []);
}

#[test]
fn denied_and_impersonated_requests_are_protected_too() {
    let denied = event(
        "1",
        "ResponseComplete",
        "get",
        "/api/v1/nodes/n",
        r#","responseStatus":{"metadata":{},"code":403}"#,
    );
    let as_other = event(
        "2",
        "ResponseComplete",
        "get",
        "/api/v1/nodes/m",
        r#","impersonatedUser":{"username":"root"}"#,
    );
    let plain = event("3", "ResponseComplete", "get", "/api/v1/nodes/o", STATUS);
    let (suggestions, _) = found(
        &format!("{HEAD}rules:\n- level: Metadata\n"),
        &[denied, as_other, plain],
    );
    // The log lacks RequestReceived, and the policy would record it.
    let setting = &suggestions.settings[0];
    assert_eq!(
        (setting.kind, setting.saves.events),
        (SettingKind::OmitRequestReceived, 3)
    );
    assert_eq!(
        setting.proof,
        LevelProof {
            protected: 2,
            lost: 0
        }
    );
}

#[test]
fn a_setting_goes_into_any_layout() {
    let log = log();
    for (policy, changed) in [
        ("omitStages: [Panic]\nrules:\n- level: Metadata\n", None),
        (
            "# All of it.\nrules:\n- level: Metadata\n",
            Some("# All of it.\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n"),
        ),
        (
            "omitStages: []\nrules:\n- level: Metadata\n",
            Some("omitStages: [RequestReceived]\nrules:\n- level: Metadata\n"),
        ),
        (
            "omitStages: [ResponseStarted]\nrules:\n- level: Metadata\n",
            Some("omitStages: [RequestReceived, ResponseStarted]\nrules:\n- level: Metadata\n"),
        ),
        (
            "omitStages:\n  - ResponseStarted\nrules:\n- level: Metadata\n",
            Some(
                "omitStages:\n  - RequestReceived\n  - ResponseStarted\nrules:\n- level: Metadata\n",
            ),
        ),
        (
            "rules: [{level: Metadata}]\n",
            Some("omitStages: [RequestReceived]\nrules: [{level: Metadata}]\n"),
        ),
        // Bodies without managed fields are a decision if it is written down.
        (
            "omitManagedFields: false\nomitStages: [RequestReceived]\nrules:\n- level: RequestResponse\n",
            None,
        ),
        // Ordinary requests would not be recorded at all.
        (
            "rules:\n- level: Metadata\n  omitStages: [ResponseComplete]\n",
            None,
        ),
        // A failed authentication is recorded at ResponseStarted alone.
        (
            "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
            None,
        ),
        (
            "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  userGroups: ['system:unauthenticated', dev]\n",
            None,
        ),
        (
            "omitStages: [RequestReceived]\nrules:\n  - {level: Metadata, users: [alice]}\n",
            Some(
                "omitStages: [RequestReceived]\nrules:\n  - {omitStages: [ResponseStarted], level: Metadata, users: [alice]}\n",
            ),
        ),
    ] {
        let (suggestions, combined) = found(&format!("{HEAD}{policy}"), &log);
        let text = String::from_utf8(combined.policy).unwrap();
        assert_eq!(text, format!("{HEAD}{}", changed.unwrap_or(policy)));
        assert_eq!(
            suggestions.settings.is_empty(),
            changed.is_none(),
            "{policy}"
        );
    }
    let json = r#"{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"Metadata"}]}"#;
    let (_, combined) = found(json, &log);
    let changed = json.replace(
        "\"rules\"",
        "\"omitStages\": [\"RequestReceived\"], \"rules\"",
    );
    assert_eq!(String::from_utf8(combined.policy).unwrap(), changed);
}

#[test]
fn the_beginning_of_an_exec_stays() {
    let exec = |stage| {
        event(
            "1",
            stage,
            "create",
            "/api/v1/namespaces/a/pods/p/exec",
            STATUS,
        )
    };
    let policy = format!(
        "{HEAD}omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  users: [alice]\n"
    );
    assert_eq!(
        settings(
            &policy,
            &[exec("ResponseStarted"), exec("ResponseComplete")]
        ),
        []
    );
}
