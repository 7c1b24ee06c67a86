//! Claims of findings about what is never logged or never matches hold for random requests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "common/random.rs"]
mod random;

use audit_policy::{
    KubernetesVersion, Level, Matcher, Request, RuleIndex, Severity, Stage, lint, load,
};
use random::Random;

/// Users with the groups that the authenticators assign.
const USERS: [(&str, &[&str]); 7] = [
    ("alice", &["system:authenticated"]),
    ("alice", &["system:authenticated", "dev"]),
    ("jane", &["system:authenticated", "system:masters"]),
    ("system:anonymous", &["system:unauthenticated"]),
    ("system:kube-proxy", &["system:authenticated"]),
    ("system:node:n1", &["system:authenticated", "system:nodes"]),
    (
        "system:serviceaccount:a:b",
        &[
            "system:authenticated",
            "system:serviceaccounts",
            "system:serviceaccounts:a",
        ],
    ),
];

fn request(random: &mut Random) -> Request {
    let (user, groups) = USERS[random.below(USERS.len())];
    let request = if random.below(4) == 0 {
        let verb = random.pick(&["get", "post", "head", "delete"]);
        Request::for_path(
            verb,
            random.pick(&["/healthz", "/version", "/api", "/apis/apps/v1", "/metrics"]),
        )
    } else {
        let verb = random.pick(&[
            "get", "list", "watch", "create", "update", "patch", "delete",
        ]);
        let (group, resource, subresource) = [
            ("", "pods", ""),
            ("", "pods", "exec"),
            ("", "pods", "status"),
            ("", "secrets", ""),
            ("", "events", ""),
            ("events.k8s.io", "events", ""),
            ("apps", "deployments", "status"),
            ("apps", "deployments", ""),
        ][random.below(8)];
        Request::for_resource(verb, group, resource)
            .with_subresource(subresource)
            .with_namespace(random.pick(&["", "kube-system", "shop"]))
    };
    request.with_user(user).with_groups(groups.iter().copied())
}

/// Returns the rule that a message is about.
fn rule_of(message: &str) -> Option<RuleIndex> {
    let rest = message.strip_prefix("rule ")?;
    let number = rest.split(' ').next()?;
    number
        .parse::<usize>()
        .ok()?
        .checked_sub(1)
        .map(RuleIndex::new)
}

#[test]
fn what_is_never_logged_is_not_logged() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let version = KubernetesVersion::NEWEST;
    let mut counts = [0; 3];
    for _ in 0..3_000 {
        let text = random.policy();
        let loaded = load(text.as_bytes(), version);
        let Some(policy) = &loaded.policy else {
            continue;
        };
        let matcher = Matcher::new(policy);
        for finding in lint(&loaded, version) {
            let message = finding.message.as_str();
            let nobody = finding.code == "AP037";
            let responses = finding.code == "AP038" && !message.contains("that match");
            let unmatched = finding.code == "AP034" && message.contains("never matches");
            for (count, is_it) in counts.iter_mut().zip([nobody, responses, unmatched]) {
                *count += usize::from(is_it);
            }
            if !(nobody || responses || unmatched) {
                continue;
            }
            for _ in 0..200 {
                let request = request(&mut random);
                let verdict = matcher.evaluate(&request);
                let is_signed_in = request.user.as_deref() != Some("system:anonymous");
                let stages = Stage::ALL
                    .into_iter()
                    .filter(|stage| !verdict.omit_stages.contains(*stage));
                let is_logged = verdict.level != Level::None && stages.count() > 0;
                let is_about =
                    message.starts_with("nothing") || message.starts_with("only") || is_signed_in;
                let is_resource_only = message.starts_with("no signed-in");
                if nobody && is_about && (request.is_resource_request || !is_resource_only) {
                    assert!(!is_logged, "{message}\n{request:?}\n{text}");
                }
                if responses && is_logged {
                    assert!(
                        verdict.omit_stages.contains(Stage::ResponseComplete),
                        "{message}\n{text}"
                    );
                }
                if unmatched {
                    assert_ne!(
                        verdict.rule,
                        rule_of(message),
                        "{message}\n{request:?}\n{text}"
                    );
                }
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

#[test]
fn fixes_of_notes_change_no_verdict_unless_they_are_a_choice() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let version = KubernetesVersion::NEWEST;
    let (mut certain, mut choices) = (0, 0);
    for _ in 0..3_000 {
        let text = random.policy();
        let loaded = load(text.as_bytes(), version);
        let Some(policy) = &loaded.policy else {
            continue;
        };
        let before = Matcher::new(policy);
        for finding in lint(&loaded, version) {
            if finding.severity > Severity::Info || finding.fix.is_none() {
                continue;
            }
            let Some(fix) = finding.certain_fix() else {
                choices += 1;
                continue;
            };
            certain += 1;
            let mut fixed = text.clone();
            for edit in fix.edits.iter().rev() {
                fixed.replace_range(edit.span.start..edit.span.end, &edit.text);
            }
            let after = Matcher::new(&load(fixed.as_bytes(), version).policy.unwrap());
            for _ in 0..100 {
                let request = request(&mut random);
                assert_eq!(
                    before.evaluate(&request),
                    after.evaluate(&request),
                    "{}\n{request:?}\n{text}",
                    finding.message
                );
            }
        }
    }
    assert!(certain > 50 && choices > 50, "{certain} {choices}");
}
