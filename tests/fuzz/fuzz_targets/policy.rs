//! A policy loaded as a server of any version does: every span and fix is inside the text, and an accepted policy is evaluated, explained
//! and printed consistently.

#![no_main]

use audit_policy::LineIndex;
use audit_policy::{
    Diagnostic, Explanation, KubernetesVersion, Loaded, Matcher, MissingAttributes, Path, Policy,
    Request, Rule, RuleIndex, explain, lint, load, unreachable_rules,
};
use audit_sim::{Requests, Verdicts};
use libfuzzer_sys::fuzz_target;

// The first byte selects the version; the rest is the policy.
fuzz_target!(|bytes: &[u8]| {
    let Some((first, source)) = bytes.split_first() else {
        return;
    };
    let version = KubernetesVersion::from_minor(20 + first % 18).expect("1.20 to 1.37");
    let loaded = load(source, version);
    check_places(&loaded);
    check_findings(&loaded, version);
    if let Some(policy) = &loaded.policy {
        check_print(policy, version);
        check_verdicts(policy);
    }
});

/// The server rejects or accepts, and every rule has a span inside the text.
fn check_places(loaded: &Loaded) {
    assert_eq!(loaded.error.is_none(), loaded.policy.is_some());
    assert!(loaded.error.is_none() || !loaded.findings.is_empty());
    for (index, span) in loaded.rule_spans().into_iter().enumerate() {
        assert!(loaded.text.get(span.start..span.end).is_some());
        let located = loaded.locate(&Path::rule(index));
        assert_eq!(located.map(|located| located.value), Some(span));
    }
}

fn check_findings(loaded: &Loaded, version: KubernetesVersion) {
    let index = LineIndex::new(&loaded.text);
    let in_text = |start: usize, end: usize| loaded.text.get(start..end).is_some();
    let lints = lint(loaded, version);
    for finding in loaded.findings.iter().chain(&lints) {
        assert!(
            in_text(
                finding.span().unwrap_or_default().start,
                finding.span().unwrap_or_default().end
            ),
            "{finding:?}"
        );
        assert_eq!(
            index
                .position(finding.span().unwrap_or_default().start)
                .offset,
            finding.span().unwrap_or_default().start
        );
        assert!(finding.code.starts_with("AP") && !finding.message.is_empty());
        let mut last = 0;
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(in_text(edit.span.start, edit.span.end), "{finding:?}");
            assert!(last <= edit.span.start, "{finding:?}");
            last = edit.span.end;
        }
        check_fix(loaded, finding, version);
    }
}

/// A fix removes its finding, unless another one moved to its position.
fn check_fix(loaded: &Loaded, finding: &Diagnostic, version: KubernetesVersion) {
    let Some(fix) = &finding.fix else {
        return;
    };
    let mut text = loaded.text.clone();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    let like_it = |loaded: &Loaded| {
        let mut findings = loaded.findings.clone();
        findings.extend(lint(loaded, version));
        findings.retain(|other| (&other.code, &other.message) == (&finding.code, &finding.message));
        findings
    };
    let again = like_it(&load(text.as_bytes(), version));
    let is_there = again.iter().any(|other| {
        other.span().unwrap_or_default().start == finding.span().unwrap_or_default().start
    });
    assert!(
        !is_there || again.len() < like_it(loaded).len(),
        "{finding:?}"
    );
}

/// The policy printed as the server prints it loads as the same policy.
fn check_print(policy: &Policy, version: KubernetesVersion) {
    let text = serde_json::to_string(policy).expect("plain data");
    let again = load(text.as_bytes(), version);
    assert_eq!(again.error, None, "{text}");
    assert_eq!(again.warning, None, "{text}");
    let mut again = again.policy.expect("a policy without an error");
    // A zero time behind a pointer is printed as null, and null is not a time.
    if policy.metadata.as_json().contains(":null") {
        again.metadata = policy.metadata.clone();
    }
    assert_eq!(again, *policy, "{text}");
}

/// The matcher, the explanation and the stored verdicts agree, and a verdict without some attributes holds for any values of them.
fn check_verdicts(policy: &Policy) {
    let matcher = Matcher::new(policy);
    let unreachable = unreachable_rules(policy);
    let rules = policy.rules.iter().rev().take(6);
    let mut requests: Vec<Request> = rules.map(request_of).collect();
    requests.push(Request::default());
    for request in &requests {
        let answers = explain(policy, request, MissingAttributes::NONE);
        let matches = |rule: usize| matches!(answers.get(rule), Some(Explanation::Matched { .. }));
        let first = (0..answers.len()).find(|rule| matches(*rule));
        let first = first.map(RuleIndex::new);
        assert_eq!(matcher.evaluate(request).rule, first, "{request:?}");
        for (rule, earlier) in unreachable.iter().enumerate() {
            if let Some(earlier) = earlier {
                assert!(
                    earlier.get() < rule && (matches(earlier.get()) || !matches(rule)),
                    "{request:?}"
                );
            }
        }
    }
    let mut store = Requests::default();
    let mut expected = Vec::new();
    for bits in 0..32 {
        let unknown = MissingAttributes {
            user: bits & 1 != 0,
            groups: bits & 2 != 0,
            verb: bits & 4 != 0,
            url: bits & 8 != 0,
            name: bits & 16 != 0,
        };
        for seen in requests.iter().take(3) {
            let seen = &completed(seen, &Request::default(), unknown);
            let partial = matcher.evaluate_partial(seen, unknown);
            expected.push((store.add(seen, unknown), partial));
            if let Some(verdict) = partial {
                for truth in &requests {
                    let real = completed(seen, truth, unknown);
                    assert_eq!(matcher.evaluate(&real).rule, verdict.rule, "{real:?}");
                }
            }
        }
    }
    let verdicts = Verdicts::new(&matcher, &store);
    for (number, verdict) in expected {
        assert_eq!(verdicts.get(number), verdict, "{:?}", store.get(number));
    }
}

/// Returns a request that the rule matches.
fn request_of(rule: &Rule) -> Request {
    let last = |list: &[String]| list.last().cloned().unwrap_or_default();
    let entry = rule.resources.last();
    let pattern = entry
        .map(|entry| last(&entry.resources))
        .unwrap_or_default();
    let (resource, subresource) = pattern.split_once('/').unwrap_or((&pattern, ""));
    let group = entry.map(|entry| entry.group.clone()).unwrap_or_default();
    let name = entry.map(|entry| last(&entry.resource_names));
    let mut request = Request::for_resource(last(&rule.verbs), group, resource)
        .with_subresource(subresource)
        .with_namespace(last(&rule.namespaces))
        .with_name(name.unwrap_or_default())
        .with_user(last(&rule.users))
        .with_groups(["system:authenticated".to_owned(), last(&rule.user_groups)]);
    request.path = last(&rule.non_resource_urls).replace('*', "/x");
    request.is_resource_request = rule.non_resource_urls.is_empty();
    request
}

/// Returns observed values, with random values for unknown attributes.
fn completed(seen: &Request, truth: &Request, unknown: MissingAttributes) -> Request {
    let mut real = if unknown.url { truth } else { seen }.clone();
    let user = if unknown.user { truth } else { seen };
    let groups = if unknown.user || unknown.groups {
        truth
    } else {
        seen
    };
    let verb = if unknown.verb { truth } else { seen };
    real.user.clone_from(&user.user);
    real.groups.clone_from(&groups.groups);
    real.verb.clone_from(&verb.verb);
    if unknown.name {
        real.name.clone_from(&truth.name);
    }
    if real.user.is_none() {
        real.groups.clear();
    }
    real
}
