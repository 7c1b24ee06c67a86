//! `workspace.schema.json` describes what the crate reads and writes.

use audit_workspace::Workspace;
use serde_json::{Map, Value, json};

fn schema() -> Value {
    serde_json::from_str(include_str!("../workspace.schema.json")).unwrap_or_default()
}

/// Returns the first problem of a value: the keywords that the schema uses, and no others.
fn problem(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let rules = schema.as_object()?;
    rules.iter().find_map(|(keyword, rule)| {
        let is_met = match keyword.as_str() {
            "$schema" | "title" | "description" | "required" | "then" => true,
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|all| all.contains(value)),
            "minimum" => !value.is_number() || value.as_f64() >= rule.as_f64(),
            "type" => match rule {
                Value::Array(types) => types.iter().any(|one| is_of(one, value)),
                one => is_of(one, value),
            },
            "oneOf" => {
                let rules = rule.as_array().into_iter().flatten();
                rules
                    .filter(|one| problem(one, value, at).is_none())
                    .count()
                    == 1
            }
            "items" => {
                let items = value.as_array().into_iter().flatten();
                return items
                    .map(|item| problem(rule, item, at))
                    .find(Option::is_some)?;
            }
            "properties" => return members(rules, value, at),
            "if" if problem(rule, value, at).is_none() => {
                return problem(rules.get("then")?, value, at);
            }
            "if" => true,
            "additionalProperties" => return others(rules, rule, value, at),
            keyword => unreachable!("{keyword} is not checked"),
        };
        (!is_met).then(|| format!("{at}: {keyword}"))
    })
}

fn is_of(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("null") => value.is_null(),
        _ => unreachable!("{kind}"),
    }
}

/// Checks the members that are named, and those that are required.
fn members(rules: &Map<String, Value>, value: &Value, at: &str) -> Option<String> {
    let value = value.as_object()?;
    let required = rules.get("required").and_then(Value::as_array);
    let missing = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|name| !value.contains_key(*name));
    if let Some(name) = missing {
        return Some(format!("{at}: {name} is missing"));
    }
    let named = rules.get("properties")?.as_object()?;
    named
        .iter()
        .find_map(|(name, rule)| problem(rule, value.get(name)?, &format!("{at}.{name}")))
}

/// Checks the members that are not named.
fn others(rules: &Map<String, Value>, rule: &Value, value: &Value, at: &str) -> Option<String> {
    let named = |name: &str| {
        rules
            .get("properties")
            .is_some_and(|all| all.get(name).is_some())
    };
    let value = value.as_object()?;
    value
        .iter()
        .filter(|(name, _)| !named(name))
        .find_map(|(name, value)| {
            if rule == &Value::Bool(false) {
                return Some(format!("{at}: {name} is unknown"));
            }
            problem(rule, value, &format!("{at}.{name}"))
        })
}

fn problem_of(text: &str) -> Option<String> {
    let Ok(value) = serde_json::from_str(text) else {
        return Some("not JSON".to_owned());
    };
    problem(&schema(), &value, "workspace")
}

const VERSIONS: [&str; 4] = [
    include_str!("versions/1.json"),
    include_str!("versions/2.json"),
    include_str!("versions/3.json"),
    include_str!("versions/4.json"),
];

#[test]
fn what_is_kept_of_each_version_and_what_is_written_is_valid() {
    for text in VERSIONS {
        assert_eq!(problem_of(text), None);
        let workspace = Workspace::from_json(text).expect("a workspace");
        assert_eq!(problem_of(&workspace.to_json()), None);
        assert_eq!(problem_of(&workspace.to_compact_json()), None);
    }
    assert_eq!(problem_of(&Workspace::default().to_json()), None);
}

/// Sets the member at a path of dots, which may be new.
fn set(workspace: &mut Value, path: &str, value: Value) {
    match path.split_once('.') {
        Some((first, rest)) => set(&mut workspace[first], rest, value),
        None => workspace[path] = value,
    }
}

#[test]
fn schema_and_crate_agree_on_what_is_wrong() {
    assert!(schema().is_object());
    for (path, value) in [
        ("version", json!(5)),
        ("version", json!("2")),
        ("kind", json!("Policy")),
        ("name", json!(1)),
        ("policy", json!(null)),
        ("baseline", json!(["rules: []"])),
        ("sample", json!([{}])),
        ("nmae", json!("")),
        ("view.selected", json!(-1)),
        ("view.selected", json!(1.5)),
        ("view.pane", json!(4)),
        ("view.tabs", json!("why")),
        ("tests", json!([])),
        ("view.query", json!(["verb=get"])),
        ("view.impossible", json!("true")),
        ("view", json!(null)),
        ("export.fields.audit-log-maxsize", json!(100)),
        ("export.files", json!({})),
        ("cluster", json!({"nodes": 3})),
        ("cluster.nodes", json!("3")),
        ("prices.currency", json!("EUR")),
        ("log", json!("example")),
        ("log", json!({"files": "audit.log"})),
        ("lesson", json!("groups")),
        ("lesson", json!({"step": -1})),
        ("lesson", json!({"name": "groups", "step": 0})),
    ] {
        // The second has all members that the later ones do not add.
        let [_, second, ..] = VERSIONS;
        let mut workspace: Value = serde_json::from_str(second).expect("JSON");
        set(&mut workspace, "version", json!(4));
        set(&mut workspace, path, value);
        let text = workspace.to_string();
        assert!(Workspace::from_json(&text).is_err(), "{text}");
        assert!(problem_of(&text).is_some(), "{text}");
    }
    for (path, value) in [
        ("tests", json!("")),
        ("view.query", json!("")),
        ("view.impossible", json!(false)),
    ] {
        let [_, second, ..] = VERSIONS;
        let mut workspace: Value = serde_json::from_str(second).expect("JSON");
        set(&mut workspace, path, value);
        let text = workspace.to_string();
        assert!(Workspace::from_json(&text).is_err(), "{text}");
        assert!(problem_of(&text).is_some(), "{text}");
    }
    for (path, value) in [
        ("baseline", json!("")),
        ("sample", json!("")),
        ("view.pane", json!("events")),
        ("view.tab", json!("why")),
        ("view.selected", json!(0)),
    ] {
        let [first, ..] = VERSIONS;
        let mut workspace: Value = serde_json::from_str(first).expect("JSON");
        set(&mut workspace, path, value);
        let text = workspace.to_string();
        assert!(Workspace::from_json(&text).is_err(), "{text}");
        assert!(problem_of(&text).is_some(), "{text}");
    }
}
