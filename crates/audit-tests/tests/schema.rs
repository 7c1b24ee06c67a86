//! `schema.json` accepts what the crate reads, and rejects what it rejects for its form.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use std::fs;
use std::path::Path;

use audit_tests::TestFile;
use serde_json::Value;

fn schema() -> Value {
    serde_json::from_str(include_str!("../schema.json")).unwrap()
}

/// Returns true if a value is as a schema demands: the keywords that ours uses, and no others.
fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let valid = |schema: &Value, value: &Value| is_valid(root, schema, value);
    let list = |rule: &Value| rule.as_array().unwrap().clone();
    let rules = schema.as_object().unwrap();
    rules.iter().all(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$defs" | "title" | "description" => true,
        "$ref" => {
            let pointer = rule.as_str().unwrap().trim_start_matches('#');
            valid(root.pointer(pointer).unwrap(), value)
        }
        "type" => is_of(rule.as_str().unwrap(), value),
        "const" => value == rule,
        "enum" => list(rule).contains(value),
        "minimum" => value
            .as_f64()
            .is_none_or(|number| number >= rule.as_f64().unwrap()),
        "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
        "minItems" => value.as_array().is_none_or(|items| !items.is_empty()),
        "minProperties" => value
            .as_object()
            .is_none_or(|map| map.len() as u64 >= rule.as_u64().unwrap()),
        "required" => value.as_object().is_none_or(|map| {
            list(rule)
                .iter()
                .all(|name| map.contains_key(name.as_str().unwrap()))
        }),
        "items" => value
            .as_array()
            .is_none_or(|items| items.iter().all(|item| valid(rule, item))),
        "anyOf" => list(rule).iter().any(|one| valid(one, value)),
        "oneOf" => list(rule).iter().filter(|one| valid(one, value)).count() == 1,
        "properties" => value.as_object().is_none_or(|map| {
            let known = rule.as_object().unwrap();
            map.iter()
                .all(|(name, value)| known.get(name).is_none_or(|rule| valid(rule, value)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|map| {
            let named = rules.get("properties").and_then(Value::as_object);
            let mut others = map
                .iter()
                .filter(|(name, _)| named.is_none_or(|named| !named.contains_key(*name)));
            match rule {
                Value::Bool(is_allowed) => *is_allowed || others.next().is_none(),
                rule => others.all(|(_, value)| valid(rule, value)),
            }
        }),
        keyword => panic!("{keyword} is not checked"),
    })
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        kind => panic!("{kind}"),
    }
}

fn accepts(text: &str) -> bool {
    let schema = schema();
    let value: Value = kube_yaml::de::from_str(text).unwrap();
    is_valid(&schema, &schema, &value)
}

#[test]
fn suites_fit_the_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            let text = fs::read_to_string(&path).unwrap();
            assert!(accepts(&text), "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn schema_and_crate_agree_on_forms() {
    for (case, is_valid) in [
        ("requests: {}, level: None", true),
        ("requests: [{verb: get}, {path: /a}], rule: none", true),
        ("requests: {user: null}, stages: {not: [Panic]}", true),
        ("requests: {user: {in: [a], not: b}}, stages: []", true),
        ("request: {verb: get, path: /a}, atLeast: None", true),
        ("request: {user: null, verb: get, path: /a}, rule: 1", true),
        ("setting: {flag: audit-log-maxage, atLeast: 30}", true),
        ("detects: {verb: create}, reads: [requestObject.spec]", true),
        (
            "detects: [{verb: create}, {verb: get}], stages: [Panic]",
            true,
        ),
        ("detects: [], atLeast: Request", false),
        ("detects: {verb: create}, reads: requestObject", false),
        ("detects: {}, requests: {}, atLeast: Request", false),
        ("requests: {}, level: Meta", false),
        ("requests: {resorce: pods}, level: None", false),
        ("requests: {verb: []}, level: None", false),
        ("requests: {verb: null}, level: None", false),
        ("requests: {name: 7}, level: None", false),
        ("requests: [], level: None", false),
        ("requests: {user: {nt: a}}, level: None", false),
        ("requests: {user: {}}, level: None", false),
        ("requests: {}, rule: 0", false),
        ("requests: {}, rule: any", false),
        ("requests: {}, stages: [Received]", false),
        ("requests: {}, stages: {}", false),
        ("requests: {}, stages: {include: [], not: []}", false),
        (
            "requests: {}, request: {verb: get, path: /a}, level: None",
            false,
        ),
        ("request: {path: /a}, level: None", false),
        ("setting: {flag: audit-log-maxage}", false),
        ("level: None", false),
    ] {
        let text = format!("tests:\n- {{name: x, {case}}}\n");
        assert_eq!(accepts(&text), is_valid, "schema: {case}");
        assert_eq!(TestFile::parse(&text).is_ok(), is_valid, "crate: {case}");
    }
    for (file, is_valid) in [
        ("policy: p.yaml", true),
        ("settings: {audit-log-maxage: 30}", true),
        ("settings: flags.txt", true),
        ("kubernetesVersion: '1.30'", true),
        ("kubernetesVersion: 1.30", false),
        ("kubernetesVersions: {from: 1.32}", false),
        ("kubernetesVersions: {since: '1.32'}", false),
        ("kubernetesVersions: {}", false),
        ("policy: 3", false),
        ("policy: ''", false),
        ("kind: Tests", false),
        ("settings: [a]", false),
        ("version: '1.30'", false),
    ] {
        let text = format!("{file}\ntests:\n- {{name: x, requests: {{}}, level: None}}\n");
        assert_eq!(accepts(&text), is_valid, "schema: {file}");
        assert_eq!(TestFile::parse(&text).is_ok(), is_valid, "crate: {file}");
    }
}
