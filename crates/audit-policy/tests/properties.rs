//! Whatever the bytes, loading ends, without a panic, and what it says refers to the text.

#![allow(clippy::unwrap_used, reason = "a test")]

use audit_policy::{KubernetesVersion, Path, lint, load};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Policies with a bit of everything, to be broken.
const SAMPLES: [&str; 5] = [
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [ResponseComplete]\nrules:\n- level: None\n  users: ['system:node:*', system:nodes]\n  userGroups: [system:serviceaccounts, system:authenticated]\n- level: Request\n  nonResourceURLs: ['/api/v1/nodes*', '/a?b']\n- level: None\n  resources:\n  - group: events.k8s.io\n    resources: [events, 'é', '*/x', pods/exec]\n  - resources: [secrets, '*/status']\n",
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {name: a, labels: {b: c}}\nomitStages:\n  - \"RequestReceived\"\nrules:\n  # one\n  - level: None\n    users: [\"system:kube-proxy\", 'b']\n    verbs: [\"watch\"]\n    resources:\n      - group: \"\" # core\n        resources: [\"endpoints\", \"services\"]\n        verbs: [get]\n  - level: Metadata\n",
    "a: &a {level: None, users: [x]}\nb: &b\n- <<: *a\n  level: Request\n- <<: [*a, {verbs: [get]}]\nrules: *b\napiVersion: audit.k8s.io/v1\n? kind\n: Policy\n",
    "%YAML 1.1\n%TAG !e! tag:x,1:\n--- !e!p # c\napiVersion: !!str audit.k8s.io/v1\nrules:\n- level: |\n    None\n- level: >-\n   Meta\n   data\n- {level: \"Re\\\n  quest\", nonResourceURLs: [/a*, \"\\u0041\"]}\n...\nx: [\n",
    "{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":[{\"level\":\"None\",\"users\":[\"\\u00e9\\ud83d\\ude00\"],\"omitManagedFields\":null},{\"level\":\"None\"}],\"rules\":[{}],\"metadata\":{\"generation\":1e3,\"creationTimestamp\":\"2024-01-01T00:00:00Z\"}}",
];

/// Pieces that mean something to YAML or JSON.
const PIECES: [&str; 40] = [
    " ", "  ", "\n", "\t", "- ", ": ", ":", "? ", "[", "]", "{", "}", ", ", "#", "&a ", "*a",
    "!a ", "!!int ", "|\n", ">-2\n", "'", "\"", "\\", "\\u12", "%", "@", "---\n", "...\n", "\r",
    "é", "\u{85}", "\u{2028}", "\u{feff}", "<<: *a\n", "~", "0x1", "level: ", "\u{7}", "1e", "😀",
];

fn runner(cases: u32) -> TestRunner {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let algorithm = config.rng_algorithm;
    TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(algorithm),
    )
}

/// Loads for a version and checks that every place it gives is one.
fn check(bytes: &[u8], minor: u8) -> Result<(), TestCaseError> {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    let loaded = load(bytes, version);
    prop_assert_eq!(loaded.error.is_none(), loaded.policy.is_some());
    prop_assert!(loaded.error.is_none() || !loaded.findings.is_empty());
    let is_place = |start: usize, end: usize| loaded.text.get(start..end).is_some();
    let lints = lint(&loaded, version);
    for finding in loaded.findings.iter().chain(&lints) {
        prop_assert!(
            is_place(
                finding.span().unwrap_or_default().start,
                finding.span().unwrap_or_default().end
            ),
            "{finding:?}"
        );
        let mut last = 0;
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            prop_assert!(
                is_place(edit.span.start, edit.span.end) && last <= edit.span.start,
                "{finding:?}"
            );
            last = edit.span.end;
        }
    }
    for (index, span) in loaded.rule_spans().into_iter().enumerate() {
        prop_assert!(is_place(span.start, span.end));
        prop_assert_eq!(
            loaded.locate(&Path::rule(index)).map(|place| place.value),
            Some(span)
        );
    }
    Ok(())
}

#[test]
fn any_bytes() {
    let input = (proptest::collection::vec(any::<u8>(), 0..200), 20_u8..=36);
    let result = runner(2_000).run(&input, |(bytes, minor)| check(&bytes, minor));
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn any_pieces_of_yaml_and_json() {
    let pieces = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..40);
    let result = runner(2_000).run(&(pieces, 20_u8..=36), |(pieces, minor)| {
        check(pieces.concat().as_bytes(), minor)
    });
    assert!(result.is_ok(), "{result:?}");
}

#[test]
fn any_broken_policy() {
    let breaks = proptest::collection::vec(
        (
            any::<prop::sample::Index>(),
            0_usize..6,
            proptest::sample::select(&PIECES[..]),
        ),
        1..5,
    );
    let input = (proptest::sample::select(&SAMPLES[..]), breaks, 20_u8..=36);
    let result = runner(4_000).run(&input, |(sample, breaks, minor)| {
        let mut bytes = sample.as_bytes().to_vec();
        for (at, cut, piece) in breaks {
            let start = at.index(bytes.len() + 1);
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, piece.bytes());
        }
        check(&bytes, minor)
    });
    assert!(result.is_ok(), "{result:?}");
}
