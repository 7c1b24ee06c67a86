//! One text read as YAML and as JSON, and compared with another YAML parser: all that accept it load the same policy.

#![no_main]

use audit_policy::{KubernetesVersion, Policy, load};
use libfuzzer_sys::fuzz_target;
use serde_norway::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let loaded = load(bytes, KubernetesVersion::NEWEST);
    let is_clean = loaded.warning.is_none();
    let Some(policy) = loaded.policy else {
        return;
    };
    // YAML folds these inside a string, and JSON does not.
    let folds = text.contains(['\u{85}', '\u{2028}', '\u{2029}']);
    let is_json = text.trim_start().starts_with('{');
    if is_json && is_clean && !folds {
        check_as_yaml(text, &policy);
    }
    if !(is_json && folds) {
        check_against_other_parser(text, &policy);
    }
    check_printed(&policy);
});

/// JSON after the marker of a YAML document is YAML, and the same policy if YAML supports the escapes.
fn check_as_yaml(text: &str, policy: &Policy) {
    let loaded = load(format!("---\n{text}").as_bytes(), KubernetesVersion::NEWEST);
    if let (Some(other), None) = (loaded.policy, loaded.warning) {
        assert_eq!(other.rules, policy.rules);
        assert_eq!(other.omit_stages, policy.omit_stages);
        assert_eq!(other.omit_managed_fields, policy.omit_managed_fields);
    }
}

/// Lists of names are the same for both parsers if the other one reads every name as a string.
fn check_against_other_parser(text: &str, policy: &Policy) {
    // YAML 1.2 has no merge keys, and tags change the type.
    if text.contains("<<") || text.contains('!') {
        return;
    }
    let Ok(theirs) = serde_norway::from_str::<Value>(text) else {
        return;
    };
    let Some(Value::Sequence(theirs)) = theirs.get("rules") else {
        return;
    };
    assert_eq!(theirs.len(), policy.rules.len());
    for (theirs, ours) in theirs.iter().zip(&policy.rules) {
        if let Some(Value::String(level)) = theirs.get("level") {
            assert_eq!(level, ours.level.name());
        }
        for (field, ours) in [
            ("users", &ours.users),
            ("userGroups", &ours.user_groups),
            ("verbs", &ours.verbs),
            ("namespaces", &ours.namespaces),
            ("nonResourceURLs", &ours.non_resource_urls),
        ] {
            if let Some(theirs) = texts(theirs.get(field)) {
                assert_eq!(theirs, *ours, "{field}");
            }
        }
        let entries = theirs.get("resources").and_then(Value::as_sequence);
        for (theirs, ours) in entries.into_iter().flatten().zip(&ours.resources) {
            if let Some(theirs) = texts(theirs.get("resources")) {
                assert_eq!(theirs, ours.resources);
            }
        }
    }
}

/// Returns a list of strings. `None` if it contains anything else.
fn texts(list: Option<&Value>) -> Option<Vec<&str>> {
    list.map_or(Some(Vec::new()), |list| {
        list.as_sequence()?.iter().map(Value::as_str).collect()
    })
}

/// The policy printed as YAML by another library loads as the same policy. Its metadata is stored as JSON text, which YAML cannot
/// represent.
fn check_printed(policy: &Policy) {
    let without_metadata = |policy: &Policy| {
        let mut value = serde_json::to_value(policy).expect("plain data");
        value
            .as_object_mut()
            .map(|fields| fields.shift_remove("metadata"));
        value
    };
    let value = without_metadata(policy);
    let text = serde_norway::to_string(&value).expect("plain data");
    // YAML 1.2 writes strings plainly that are booleans in YAML 1.1.
    let is_boolean = |word: &str| {
        ["y", "n", "yes", "no", "on", "off"]
            .iter()
            .any(|boolean| word.eq_ignore_ascii_case(boolean))
    };
    let words = text.lines().map(|line| line.trim_start_matches([' ', '-']));
    if words.flat_map(|line| line.split(": ")).any(is_boolean) {
        return;
    }
    let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
    assert_eq!(loaded.error, None, "{text}");
    assert_eq!(
        loaded.policy.as_ref().map(without_metadata),
        Some(value),
        "{text}"
    );
}
