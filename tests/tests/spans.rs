//! Spans of findings: for every policy of the vectors, as it is written and rewritten in other forms, each finding's span is
//! the key or the value that it speaks of.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod forms;

use std::collections::BTreeMap;

use audit_policy::Step;
use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Path, Span, lint, load};
use conformance::{json_lines, text};
use serde_json::Value;

/// Parses a part of YAML alone. `None` if it is an alias, or not valid alone.
fn decoded(piece: &str) -> Option<Value> {
    let text = format!("x: {piece}\n");
    load(text.as_bytes(), KubernetesVersion::NEWEST)
        .data()?
        .get("x")
        .cloned()
}

/// The value at a path of plain data.
fn at<'v>(data: &'v Value, path: &Path) -> Option<&'v Value> {
    path.0.iter().try_fold(data, |value, step| match step {
        Step::Field(name) => value.get(name),
        Step::Index(index) => value.get(index),
    })
}

fn last_field(path: &Path) -> Option<&str> {
    match path.0.last() {
        Some(Step::Field(name)) => Some(name),
        _ => None,
    }
}

/// The text in the message's first backticks.
fn ticked(message: &str) -> &str {
    message.split('`').nth(1).unwrap_or_default()
}

/// The span of the rule that a path goes through, and that of what it stands for where it is an alias or merges another in.
fn rule_of(loaded: &Loaded, path: &Path) -> Option<Vec<Span>> {
    let [Step::Field(rules), Step::Index(rule), ..] = path.0.as_slice() else {
        return None;
    };
    let own = *loaded
        .rule_spans()
        .get(*rule)
        .filter(|_| rules == "rules")?;
    let mut spans = vec![own];
    let text = &loaded.text[own.start..own.end];
    if let Some(name) = text.rsplit('*').next().filter(|_| text.contains('*')) {
        let anchor = format!("&{name} ");
        let start = loaded.text.find(&anchor);
        spans.extend(start.map(|start| Span::new(start, loaded.text.len())));
    }
    Some(spans)
}

/// Problem of a finding's span. `None` if there is none.
fn flaw(finding: &Diagnostic, loaded: &Loaded, data: &Value) -> Option<&'static str> {
    let Span { start, end } = finding.span().unwrap_or_default();
    let Some(covered) = loaded.text.get(start..end) else {
        return Some("the span is not in the text");
    };
    if covered.trim_matches([' ', '\n', '\r']).is_empty() {
        return Some("the span is empty");
    }
    if covered.starts_with([' ', '\n']) || covered.ends_with([' ', '\n', ',']) {
        return Some("the span is too wide");
    }
    let inside = |spans: &[Span]| {
        spans
            .iter()
            .any(|span| span.start <= start && end <= span.end)
    };
    if rule_of(loaded, &finding.path).is_some_and(|spans| !inside(&spans)) {
        return Some("the span is not in its rule");
    }
    let value = at(data, &finding.path);
    let is_alias = covered.starts_with('*');
    let is_value =
        || is_alias || value.is_some_and(|value| decoded(covered).as_ref() == Some(value));
    let is_key = |name: &str| match decoded(covered) {
        Some(Value::String(key)) => key == name,
        // A boolean or a number as a key is text to the server.
        Some(key) => serde_json::to_string(&key).is_ok_and(|key| key == name),
        None => false,
    };
    let is_sound = match &*finding.code {
        "AP010" | "AP012" | "AP013" => is_key(last_field(&finding.path)?),
        "AP011" => is_key(ticked(&finding.message)) || covered == "<<",
        "AP014" => is_value() && ticked(&finding.message) == covered,
        "AP002" if finding.path.0.is_empty() => true,
        "AP002" => is_value() || is_collection(covered, value),
        "AP005" => match value {
            Some(Value::Null) | None => true,
            Some(value) => is_value() || is_collection(covered, Some(value)),
        },
        "AP003" | "AP006" => value.is_none() || is_value() || is_collection(covered, value),
        "AP004" => is_key("rules") || value.is_none(),
        _ => true,
    };
    (!is_sound).then_some("the span is something else")
}

/// A block list or mapping does not stand by itself: its first key or item has to do.
fn is_collection(covered: &str, value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(_)) => covered.starts_with(['-', '[', '&']),
        Some(Value::Object(fields)) => {
            let key = covered.trim_start_matches(['"', '{', ' ']);
            covered.starts_with('&') || fields.keys().any(|name| key.starts_with(name.as_str()))
        }
        _ => false,
    }
}

/// Counts the findings of a text, and lists problems of their spans.
fn check(name: &str, source: &[u8], flaws: &mut Vec<String>) -> usize {
    let version = KubernetesVersion::NEWEST;
    let loaded = load(source, version);
    // Where nothing is written, nothing can be pointed at.
    if loaded
        .text
        .trim_matches([' ', '\r', '\n', '\u{feff}'])
        .is_empty()
    {
        return 0;
    }
    let data = loaded.data().unwrap_or(Value::Null);
    let mut findings = loaded.findings.clone();
    findings.extend(lint(&loaded, version));
    for finding in &findings {
        if let Some(flaw) = flaw(finding, &loaded, &data) {
            let covered = loaded.text.get(
                finding.span().unwrap_or_default().start..finding.span().unwrap_or_default().end,
            );
            let Diagnostic { code, message, .. } = finding;
            flaws.push(format!("{name}: {flaw}: {covered:?} for {code}: {message}"));
        }
    }
    findings.len()
}

#[test]
fn every_finding_of_every_form_points_at_what_it_speaks_of() {
    let mut counts = BTreeMap::new();
    let mut flaws = Vec::new();
    for vector in json_lines("conformance/vectors-public.jsonl.gz").unwrap() {
        let id = text(&vector, "id");
        let source = text(&vector, "policy_yaml");
        let loaded = load(source.as_bytes(), KubernetesVersion::NEWEST);
        let mut forms = forms::bytes(source);
        if let Some(data) = loaded.data().filter(Value::is_object) {
            forms.extend(forms::rewritten(&data));
        }
        for (form, bytes) in forms {
            let count = check(&format!("{id} as {form}"), &bytes, &mut flaws);
            *counts.entry(form).or_insert(0) += count;
        }
    }
    assert!(
        flaws.is_empty(),
        "{} flaws:\n{}",
        flaws.len(),
        flaws.join("\n")
    );
    println!("findings by form: {counts:?}");
    assert_eq!(counts.len(), 11);
    assert!(counts.values().all(|count| *count > 5_000), "{counts:?}");
}

#[test]
fn a_form_changes_spans_and_not_findings() {
    // The rejected field and its value are the same in every form; only the order of keys may choose which of several comes first.
    let source = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n  omitStages: [Never]\n  verb: [get]\n";
    let loaded = load(source.as_bytes(), KubernetesVersion::NEWEST);
    let said: Vec<_> = loaded
        .findings
        .iter()
        .map(|finding| &finding.message)
        .collect();
    assert_eq!(said.len(), 3);
    let mut forms = forms::bytes(source);
    forms.extend(forms::rewritten(&loaded.data().unwrap()));
    for (form, bytes) in forms {
        let other = load(&bytes, KubernetesVersion::NEWEST);
        assert_eq!(other.error, loaded.error, "{form}");
        for message in &said {
            let found = other
                .findings
                .iter()
                .any(|finding| finding.message == **message);
            assert!(found, "{form}: {message}");
        }
    }
}

#[test]
fn spans_of_odd_places() {
    const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
    for (text, code, covered) in [
        // A value without its anchor, but with its tag.
        ("rules: [{level: &l Loud}]", "AP005", "Loud"),
        ("rules: [{level: !!str &l Loud}]", "AP005", "!!str &l Loud"),
        ("rules: [{level: &l !x Loud}]", "AP005", "!x Loud"),
        // An alias where it is used.
        ("x: &l Loud\nrules: [{level: *l}]", "AP005", "*l"),
        // Behind an anchor and a merge, the value itself.
        ("x: &r {level: Loud}\nrules: [*r]", "AP005", "Loud"),
        ("x: &r {level: Loud}\nrules: [{<<: *r}]", "AP005", "Loud"),
        (
            "x: &r {level: None, users: [1]}\nrules: [{<<: *r}]",
            "AP014",
            "1",
        ),
        (
            "x: &r {level: None, verb: [a]}\nrules: [*r]",
            "AP013",
            "verb",
        ),
        // What a merge repeats, at the merge.
        (
            "x: &r {level: None}\nrules: [{level: None, <<: *r}]",
            "AP011",
            "<<",
        ),
        // Scalars of every style.
        (
            "rules:\n- level: |-\n    Loud\n  users: [a]",
            "AP005",
            "|-\n    Loud",
        ),
        (
            "rules:\n- level: >\n    Loud\n\n  users: [a]",
            "AP005",
            ">\n    Loud",
        ),
        (
            "rules:\n- level: Loud\n    er # no\n",
            "AP005",
            "Loud\n    er",
        ),
        ("rules:\n- \"level\": 'Lo''ud'\n", "AP005", "'Lo''ud'"),
        ("rules:\n- ? level\n  : Loud\n", "AP005", "Loud"),
        (
            "rules:\n- ? verb\n  : [a]\n  level: None\n",
            "AP013",
            "verb",
        ),
        (
            "rules: [{level: None, \"v\\x65rb\": [a]}]",
            "AP013",
            "\"v\\x65rb\"",
        ),
        // What is not there: the thing that lacks it.
        ("rules:\n- users: [a]\n", "AP005", "users"),
        ("rules:\n- level:\n", "AP005", "level"),
        ("rules:\n-\n- level: None\n", "AP005", "-"),
        ("rules: [{}]", "AP005", "{}"),
        (
            "rules:\n- level: None\n  verbs:\n  - ? get\n  - list\n",
            "AP002",
            "? get",
        ),
        ("rules: []", "AP004", "rules"),
        ("", "AP004", "apiVersion: audit.k8s.io/v1"),
        ("omitStages:\n-\nrules: [{level: None}]", "AP005", "-"),
        ("omitStages: [~]\nrules: [{level: None}]", "AP005", "~"),
        // Whole lists.
        (
            "rules: [{level: None, nonResourceURLs: [/a], namespaces: [b]}]",
            "AP005",
            "[/a]",
        ),
        (
            "rules:\n- level: None\n  resources:\n  - resourceNames:\n    - a\n    - b\n",
            "AP005",
            "- a\n    - b",
        ),
        ("rules: [{level: None, users: {a: b}}]", "AP002", "{a: b}"),
        (
            "rules:\n- level: None\n  users:\n    a: b\n",
            "AP002",
            "a: b",
        ),
        (
            "metadata: {labels: {a: 1}}\nrules: [{level: None}]",
            "AP014",
            "1",
        ),
        (
            "metadata: {creationTimestamp: soon}\nrules: [{level: None}]",
            "AP002",
            "soon",
        ),
    ] {
        for head in [HEAD, "\u{feff}apiVersion: audit.k8s.io/v1\nkind: Policy\n"] {
            let source = format!("{head}{text}");
            let loaded = load(source.as_bytes(), KubernetesVersion::NEWEST);
            let spans: Vec<_> = loaded
                .findings
                .iter()
                .filter(|finding| finding.code == code)
                .map(|finding| {
                    &loaded.text[finding.span().unwrap_or_default().start
                        ..finding.span().unwrap_or_default().end]
                })
                .collect();
            assert_eq!(spans, [covered], "{text}\n{:#?}", loaded.findings);
        }
    }
}
