use audit_policy::StageSet;

use audit_policy::{Level, Stage, Verdict};
use audit_types::EventId;

use super::*;
use crate::testing::{event, table, text, verdicts};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;
const ALL: &str = "- level: Metadata\n  omitStages: [RequestReceived]\n";

fn verdict(level: Level, stages: &[Stage], omit_managed_fields: bool) -> EffectiveVerdict {
    let mut verdict = Verdict::default();
    verdict.level = level;
    verdict.omit_stages = stages.iter().copied().collect::<StageSet>();
    verdict.omit_managed_fields = omit_managed_fields;
    EffectiveVerdict::new(verdict)
}

#[test]
fn a_change_describes_what_is_no_longer_recorded() {
    use Level::{Metadata, None as Nothing, Request, RequestResponse};
    let received = &[Stage::RequestReceived][..];
    for (from, to, effect) in [
        (
            verdict(Metadata, &[], false),
            verdict(Nothing, &[], false),
            Some(CoverageChange::NoLongerRecorded),
        ),
        (
            verdict(Metadata, &[], false),
            verdict(Request, &Stage::ALL, false),
            Some(CoverageChange::NoLongerRecorded),
        ),
        (
            verdict(Nothing, received, true),
            verdict(Metadata, &[], false),
            Some(CoverageChange::NewlyRecorded),
        ),
        (
            verdict(Nothing, received, true),
            verdict(Nothing, &[], false),
            None,
        ),
        (
            verdict(Request, &[], false),
            verdict(Metadata, &[], false),
            Some(CoverageChange::LowerLevel),
        ),
        (
            verdict(Request, &[], false),
            verdict(Metadata, received, false),
            Some(CoverageChange::LowerLevel),
        ),
        (
            verdict(Request, received, false),
            verdict(Metadata, &[], false),
            Some(CoverageChange::Mixed),
        ),
        (
            verdict(Request, &[], false),
            verdict(RequestResponse, received, false),
            Some(CoverageChange::Mixed),
        ),
        (
            verdict(Request, &[], false),
            verdict(RequestResponse, &[], false),
            Some(CoverageChange::HigherLevel),
        ),
        (
            verdict(Request, &[], false),
            verdict(Request, received, false),
            Some(CoverageChange::FewerStages),
        ),
        (
            verdict(Request, received, false),
            verdict(Request, &[], false),
            Some(CoverageChange::MoreStages),
        ),
        (
            verdict(Request, &[], false),
            verdict(Request, &[], true),
            Some(CoverageChange::WithoutManagedFields),
        ),
        (
            verdict(Request, &[], true),
            verdict(Request, &[], false),
            Some(CoverageChange::WithManagedFields),
        ),
        (
            verdict(Metadata, &[], true),
            verdict(Metadata, &[], false),
            None,
        ),
    ] {
        assert_eq!(
            CoverageChange::between(from, to),
            effect,
            "{from:?} to {to:?}"
        );
    }
    assert!(CoverageChange::Mixed.is_loss() && !CoverageChange::HigherLevel.is_loss());
}

#[test]
fn losses_are_grouped_by_user_verb_and_resource() {
    let pods = "/api/v1/namespaces";
    let raws = [
        event(1, "scheduler", "watch", &format!("{pods}/a/pods"), 200),
        event(2, "scheduler", "watch", &format!("{pods}/b/pods"), 200),
        event(3, "alice", "get", &format!("{pods}/a/secrets/s"), 200),
        event(4, "alice", "create", &format!("{pods}/a/pods"), 201),
        event(5, "alice", "get", "/version", 200),
    ];
    let lines: Vec<&str> = raws.iter().map(String::as_str).collect();
    let table = table(&lines);
    let before = verdicts(ALL, &table);
    let after = verdicts(
        "- level: None\n  verbs: [get, watch]\n  omitStages: [RequestReceived]\n- level: Request\n  omitStages: [RequestReceived]\n",
        &table,
    );
    let found = compare(&table, &before, &after, NEWEST);
    let lost: Vec<_> = found
        .lost
        .groups
        .iter()
        .map(|group| {
            (
                group.user.as_deref(),
                group.verb.as_str(),
                group.resource.as_str(),
                group.namespaces,
                group.before.events,
            )
        })
        .collect();
    // Secrets are guarded, so they come first though they are fewer.
    assert_eq!(
        lost,
        [
            (Some("alice"), "get", "secrets", 1, 1),
            (Some("scheduler"), "watch", "pods", 2, 4),
            (Some("alice"), "get", "", 1, 1),
        ]
    );
    assert_eq!(found.lost.protected_events, 1);
    let [group] = &found.gained.groups[..] else {
        panic!("{:?}", found.gained);
    };
    assert_eq!(
        (group.change, group.from.level, group.to.level),
        (CoverageChange::HigherLevel, Level::Metadata, Level::Request)
    );
    // `,"requestObject":{"kind":"Some"}` comes, and `Metadata` becomes `Request`.
    assert_eq!(group.after.bytes, group.before.bytes + 32 - 1);
    let place = |event: &EventId| table.row(*event).unwrap().place.line;
    let examples: Vec<u64> = found.lost.groups[1]
        .examples
        .ids()
        .iter()
        .map(place)
        .collect();
    assert_eq!(examples, [1, 2]);
    assert_eq!(found.before.events, found.after.events + 6);
    assert_eq!(found.rules_before[0].own, found.before);
    assert_eq!(found.rules_before[0].other, found.after);
    assert_eq!(found.rules_after[0].own, Volume::default());
    assert_eq!(found.rules_after[0].other, found.lost.before);
    assert!(text(&found).contains(r#""omitStages":["RequestReceived"]"#));
}

#[test]
fn unknowable_verdicts_are_in_no_other_total() {
    let whole = event(1, "alice", "get", "/api/v1/pods", 200);
    let table = table(&[
        &whole,
        r#"{"level":"Metadata","auditID":"2","stage":"Panic","verb":"get","user":{"username":"bob"}}"#,
        r#"{"level":"Metadata","auditID":"3","verb":"get","requestURI":"/api","user":{"username":"bob"}}"#,
    ]);
    let by_url = "- level: None\n  resources: [{group: apps}]\n- level: Metadata\n";
    for (before, after, unknowable) in [
        ("- level: Metadata\n", by_url, 1),
        (by_url, "- level: Metadata\n", 1),
        (by_url, by_url, 1),
        ("- level: Metadata\n", ALL, 1),
        (by_url, ALL, 2),
        ("- level: None\n", ALL, 1),
        (ALL, ALL, 1),
    ] {
        let sides = [before, after].map(|rules| verdicts(rules, &table));
        let found = compare(&table, &sides[0], &sides[1], NEWEST);
        assert_eq!(found.unknowable, unknowable, "{before} to {after}");
        check(&found);
    }
}

/// Asserts invariants of every comparison.
fn check(found: &Comparison) {
    let sum = |rules: &[RuleChange], of: fn(&RuleChange) -> Volume| {
        rules
            .iter()
            .map(of)
            .fold(Volume::default(), |mut sum, amount| {
                sum += amount;
                sum
            })
    };
    assert_eq!(sum(&found.rules_before, |rule| rule.own), found.before);
    assert_eq!(sum(&found.rules_before, |rule| rule.other), found.after);
    assert_eq!(sum(&found.rules_after, |rule| rule.own), found.after);
    assert_eq!(sum(&found.rules_after, |rule| rule.other), found.before);
    let (mut before, mut after) = (found.before, found.after);
    for changes in [&found.lost, &found.gained] {
        before += changes.after;
        after += changes.before;
    }
    assert_eq!(
        before, after,
        "what changes is the difference of the totals"
    );
}

#[test]
fn the_groups_add_up_to_the_difference() {
    let policies = [
        "- level: None\n",
        "- level: Metadata\n",
        ALL,
        "- level: RequestResponse\n",
        "- level: RequestResponse\n  omitManagedFields: true\n",
        "- level: None\n  verbs: [watch]\n- level: Request\n  users: [alice]\n- level: Metadata\n  omitStages: [ResponseStarted]\n",
        "- level: Request\n  omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]\n",
    ];
    let mut raws = Vec::new();
    for (id, (user, verb)) in [
        ("alice", "get"),
        ("bob", "watch"),
        ("alice", "create"),
        ("carol", "delete"),
    ]
    .into_iter()
    .cycle()
    .take(200)
    .enumerate()
    {
        raws.push(event(
            id,
            user,
            verb,
            &format!("/api/v1/namespaces/n{}/pods/p{id}", id % 7),
            200,
        ));
    }
    let lines: Vec<&str> = raws.iter().map(String::as_str).collect();
    let table = table(&lines);
    for before in policies {
        for after in policies {
            let sides = [before, after].map(|rules| verdicts(rules, &table));
            let found = compare(&table, &sides[0], &sides[1], NEWEST);
            check(&found);
            let [one, other] = sides.map(|side| table.evaluate(&side, NEWEST).tally.written);
            assert_eq!((found.before, found.after), (one.into(), other.into()));
            if before == after {
                assert!(found.lost.groups.is_empty() && found.gained.groups.is_empty());
            }
        }
    }
}

#[test]
fn groups_that_are_not_listed_are_summed() {
    let raws: Vec<String> = (0..150)
        .map(|id| event(id, &format!("u{id}"), "get", "/api/v1/pods", 200))
        .collect();
    let lines: Vec<&str> = raws.iter().map(String::as_str).collect();
    let table = table(&lines);
    let found = compare(
        &table,
        &verdicts(ALL, &table),
        &verdicts("- level: None\n", &table),
        NEWEST,
    );
    assert_eq!((found.lost.groups.len(), found.lost.more_groups), (100, 50));
    assert_eq!(
        (found.lost.before.events, found.lost.rest_before.events),
        (150, 50)
    );
    check(&found);
    let nothing = compare(
        &EventTable::new(),
        &Verdicts::default(),
        &Verdicts::default(),
        NEWEST,
    );
    assert_eq!(nothing, Comparison::default());
}
