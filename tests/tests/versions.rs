//! Compares policies and requests with the code of k8s.io/apiserver at the last patch of every minor version from 1.20 to 1.36.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use audit_policy::{KubernetesVersion, Loaded, Matcher, Request, load};
use conformance::{json_lines, printed_verdict};
use playground_protocol::verified::{NEWEST_VERIFIED, VERSIONS, is_verified};
use serde_json::{Value, json};

const MINORS: std::ops::RangeInclusive<u8> = 20..=36;

fn vectors() -> Vec<Value> {
    json_lines("versions/vectors-public.jsonl.gz").unwrap()
}

fn source(vector: &Value) -> Vec<u8> {
    match vector.get("policy_base64").and_then(Value::as_str) {
        Some(packed) => base64(packed),
        None => vector["policy_yaml"].as_str().unwrap().into(),
    }
}

/// Decodes standard base64.
fn base64(packed: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count) = (0_u32, 0);
    let mut out = Vec::new();
    for digit in packed.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|known| *known == digit).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    out
}

/// Parses a key such as `1.20-1.22` or `1.23` into minor versions.
fn minors(range: &str) -> impl Iterator<Item = u8> {
    let minor = |name: &str| name.strip_prefix("1.").unwrap().parse::<u8>().unwrap();
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    minor(first)..=minor(last)
}

/// Returns the expectation for each minor version; panics unless every version occurs exactly once.
fn by_minor(of: &Value) -> Vec<(u8, &Value)> {
    let ranges = of["by_version"].as_object().unwrap();
    let mut all: Vec<(u8, &Value)> = ranges
        .iter()
        .flat_map(|(range, expected)| minors(range).map(move |minor| (minor, expected)))
        .collect();
    all.sort_by_key(|(minor, _)| *minor);
    assert!(all.iter().map(|(minor, _)| *minor).eq(MINORS), "{ranges:?}");
    all
}

fn printed_policy(loaded: &Loaded) -> Value {
    json!({
        "accepted": loaded.policy.is_some(),
        "error": loaded.error,
        "warning": loaded.warning,
        "policy": loaded.policy,
    })
}

#[test]
fn every_policy_and_request_is_as_upstream_has_it_at_every_version() {
    let vectors = vectors();
    let (mut policies, mut requests) = (0, 0);
    let mut differences = Vec::new();
    for vector in &vectors {
        let source = source(vector);
        let mut loaded = Vec::new();
        for (minor, expected) in by_minor(vector) {
            let found = load(&source, KubernetesVersion::from_minor(minor).unwrap());
            let printed = printed_policy(&found);
            if printed != *expected {
                differences.push(format!(
                    "{} at 1.{minor}:\n  upstream {expected}\n  here     {printed}",
                    vector["id"]
                ));
            }
            loaded.push(found);
            policies += 1;
        }
        let Some(cases) = vector.get("requests").and_then(Value::as_array) else {
            continue;
        };
        for case in cases {
            let request: Request = serde_json::from_value(case["attrs"].clone()).unwrap();
            for ((minor, expected), loaded) in by_minor(case).into_iter().zip(&loaded) {
                let verdict = loaded
                    .policy
                    .as_ref()
                    .map(|policy| printed_verdict(Matcher::new(policy).evaluate(&request)));
                if json!(verdict) != *expected {
                    differences.push(format!("{} at 1.{minor}: {request:?}", vector["id"]));
                }
                requests += 1;
            }
        }
    }
    println!(
        "{} policies: {policies} loaded, {requests} requests judged over all versions, {} differences",
        vectors.len(),
        differences.len()
    );
    for difference in &differences {
        println!("{difference}");
    }
    assert_eq!((policies, requests), (VERSIONS.agreed, 993 * 17));
    assert!(differences.is_empty(), "{} differences", differences.len());
}

#[test]
fn the_page_calls_verified_what_was_compared() {
    assert_eq!(KubernetesVersion::NEWEST.to_string(), NEWEST_VERIFIED);
    for version in KubernetesVersion::all() {
        let said = is_verified(&version.to_string());
        assert_eq!(said, version.is_verified(), "{version}");
        assert_eq!(said, MINORS.contains(&version.minor()), "{version}");
    }
}

/// 1.37 loads every policy as 1.36 does, and the server's messages do not contain its name.
#[test]
fn the_newest_selectable_version_behaves_as_the_newest_that_was_compared() {
    for vector in vectors() {
        let source = source(&vector);
        let [newest, selectable] = [
            KubernetesVersion::NEWEST,
            KubernetesVersion::NEWEST_SELECTABLE,
        ]
        .map(|version| printed_policy(&load(&source, version)));
        assert_eq!(newest, selectable, "{}", vector["id"]);
    }
}
