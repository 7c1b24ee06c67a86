//! Compares the JSON schemas with the decoder on all policies of the vectors, at every version.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use audit_policy::document::Document;
use audit_policy::json_schema::{UnknownFields, json_schema};
use audit_policy::{KubernetesVersion, Loaded, load};
use conformance::json_lines;
use jsonschema::Validator;
use serde_json::Value;

const MINORS: std::ops::RangeInclusive<u8> = 20..=36;

/// Texts of all policies that the vectors have as text.
fn policies() -> Vec<String> {
    let files = ["conformance", "versions"];
    let lines = files
        .iter()
        .flat_map(|file| json_lines(format!("{file}/vectors-public.jsonl.gz")).unwrap());
    let texts = lines.filter_map(|vector| Some(vector.get("policy_yaml")?.as_str()?.to_owned()));
    texts.collect()
}

/// Returns the first document as the server reads it, as JSON. `None` if it is not YAML or JSON.
fn json(text: &str) -> Option<Value> {
    let document = Document::read(text).ok()?;
    serde_json::from_str(&document.root()?.json()).ok()
}

/// Returns whether kube-apiserver accepts a policy and knows all of its fields.
fn has_known_fields(loaded: &Loaded) -> bool {
    let is_unknown = |code: &str| matches!(code, "AP010" | "AP012" | "AP013");
    let mut findings = loaded.findings.iter();
    loaded.policy.is_some() && !findings.any(|finding| is_unknown(&finding.code))
}

/// Returns the name of what JSON Schema cannot express, if a policy differs by that.
fn exception(text: &str, value: &Value, loaded: &Loaded) -> Option<&'static str> {
    let document = Document::read(text).ok()?;
    if document.repeated_keys().next().is_some() {
        return Some("duplicate keys");
    }
    if value.get("apiVersion").is_none_or(|found| found == "") && loaded.policy.is_some() {
        return Some("no apiVersion: the fields have other names");
    }
    let error = loaded.error.as_deref().unwrap_or_default();
    if text.trim_start().starts_with('{') && error.contains("json parse error") {
        return Some("flow YAML that the server takes for JSON");
    }
    let generation = value.pointer("/metadata/generation");
    if generation.is_some_and(|number| number.is_number() && number.as_i64().is_none()) {
        return Some("a whole number that is not written in digits, or out of range");
    }
    None
}

#[test]
fn a_policy_is_valid_if_the_decoder_accepts_it() {
    let policies = policies();
    let mut exceptions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = Vec::new();
    let (mut compared, mut valid, mut not_yaml) = (0, 0, 0);
    for minor in MINORS {
        let version = KubernetesVersion::from_minor(minor).unwrap();
        let validator = |unknown| -> Validator {
            jsonschema::draft7::new(&json_schema(version, unknown)).unwrap()
        };
        let strict = validator(UnknownFields::Rejected);
        let lenient = validator(UnknownFields::Ignored);
        for text in &policies {
            let Some(value) = json(text) else {
                if load(text.as_bytes(), version).policy.is_none() {
                    not_yaml += 1;
                } else {
                    assert!(text.contains("1e400"), "{text}");
                    *exceptions.entry("a number that no double has").or_default() += 1;
                }
                continue;
            };
            let loaded = load(text.as_bytes(), version);
            for (name, validator, expected) in [
                ("strict", &strict, has_known_fields(&loaded)),
                ("lenient", &lenient, loaded.policy.is_some()),
            ] {
                let found = validator.is_valid(&value);
                if found == expected {
                    compared += 1;
                    valid += usize::from(found);
                } else if let Some(reason) = exception(text, &value, &loaded) {
                    *exceptions.entry(reason).or_default() += 1;
                } else {
                    let error = validator.iter_errors(&value).next();
                    let error = error.map(|error| error.to_string());
                    let about = format!(
                        "{name} {version}: valid {found}, accepted {expected}: {error:?} {:?}\n{text}",
                        loaded.error
                    );
                    differences.push(about);
                }
            }
        }
    }
    println!(
        "{} policies, {compared} comparisons, {valid} valid, {not_yaml} not YAML and rejected; exceptions: {exceptions:?}",
        policies.len()
    );
    let count = differences.len();
    differences.sort_by_key(|about| about.len());
    differences.truncate(25);
    assert!(
        differences.is_empty(),
        "{count} differences:\n{}",
        differences.join("\n")
    );
    assert!(valid > 1_000 && compared > 10_000);
    let excepted: usize = exceptions.values().sum();
    assert!(
        excepted * 50 < compared,
        "{excepted} exceptions are more than one in fifty"
    );
}

#[test]
fn the_schemas_are_valid_schemas() {
    for minor in MINORS {
        let version = KubernetesVersion::from_minor(minor).unwrap();
        for unknown in [UnknownFields::Rejected, UnknownFields::Ignored] {
            assert!(jsonschema::draft7::meta::is_valid(&json_schema(
                version, unknown
            )));
        }
    }
}
