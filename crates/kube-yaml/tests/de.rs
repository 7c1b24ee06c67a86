//! Values of types: they are those of serde_json where the text is JSON, and errors have their place.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

use std::collections::BTreeMap;

use kube_yaml::de::{Spanned, from_str};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
enum Choice {
    Plain,
    One(u8),
    Pair(bool, String),
    Fields { a: i64 },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Typed {
    text: String,
    number: Option<f64>,
    #[serde(default)]
    list: Vec<Choice>,
    map: Option<BTreeMap<String, i8>>,
    pair: Option<(u8, char)>,
    nothing: Option<()>,
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // serde_json rounds longer fractions to a neighbor of the nearest number.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        "(?s).{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map("(?s).{0,6}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Values that are often of the right type.
fn typed() -> impl Strategy<Value = Value> {
    let choice = prop_oneof![
        Just(json!("plain")),
        Just(json!("one")),
        Just(json!({"plain": null})),
        Just(json!({"plain": 1})),
        any::<i16>().prop_map(|number| json!({ "one": number })),
        Just(json!({"pair": [true, "x"]})),
        Just(json!({"pair": [true]})),
        Just(json!({"pair": [true, "x", 1]})),
        Just(json!({"fields": {"a": -1}})),
        Just(json!({"fields": {"a": -1, "b": 2}})),
        Just(json!({"fields": {}})),
        Just(json!({"other": 1})),
        Just(json!({"one": 1, "plain": null})),
    ];
    let members = prop_oneof![
        vec(choice, 0..3).prop_map(|list| ("list", Value::from(list))),
        prop_oneof![
            Just(json!(1)),
            Just(json!(1.5)),
            Just(json!("1")),
            Just(Value::Null)
        ]
        .prop_map(|number| ("number", number)),
        (-200..200).prop_map(|number| ("map", json!({ "k": number }))),
        prop_oneof![
            Just(json!([1, "x"])),
            Just(json!([1])),
            Just(json!([1, "x", 2])),
            Just(json!([1, "xy"]))
        ]
        .prop_map(|pair| ("pair", pair)),
        prop_oneof![Just(json!(null)), Just(json!(0))].prop_map(|nothing| ("nothing", nothing)),
        prop_oneof![8 => Just("text"), 1 => Just("other")].prop_map(|key| (key, json!("x"))),
    ];
    vec(members, 0..6).prop_map(|members| {
        members
            .into_iter()
            .chain([("text", json!("x"))])
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
}

proptest! {
    #[test]
    fn json_is_read_as_serde_json_reads_it(value in values()) {
        let text = json!({ "value": value }).to_string();
        let expected: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(from_str::<Value>(&text).unwrap(), expected, "{}", text);
    }

    #[test]
    fn types_accept_what_serde_json_accepts(value in typed()) {
        let text = value.to_string();
        let expected = serde_json::from_str::<Typed>(&text);
        match (from_str::<Typed>(&text), expected) {
            (Ok(own), Ok(expected)) => prop_assert_eq!(own, expected, "{}", text),
            (Err(_), Err(_)) => {}
            (own, expected) => prop_assert!(false, "{}: {:?}, serde_json {:?}", text, own, expected),
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(?s).{0,40}") {
        let _ = from_str::<Typed>(&text);
        let _ = from_str::<Value>(&text);
    }
}

#[test]
fn errors_have_the_place_of_the_key_or_value() {
    for (text, place, message, help) in [
        (
            "text: 1\n",
            "1",
            "expected a string, found the number `1`",
            "",
        ),
        (
            "text: a\ntxet: b\n",
            "txet",
            "unknown field `txet`",
            "did you mean `text`?",
        ),
        (
            "text: a\nzzzzzz: b\n",
            "zzzzzz",
            "unknown field `zzzzzz`",
            "the fields are `text`, `number`, `list`, `map`, `pair`, `nothing`",
        ),
        (
            "number: 1\n",
            "number: 1",
            "`text` is missing",
            "add `text`",
        ),
        (
            "text: a\ntext: b\n",
            "text",
            "the key \"text\" is given twice",
            "leave one of them out",
        ),
        (
            "text: a\nlist: [palin]\n",
            "palin",
            "unknown value `palin`",
            "did you mean `plain`?",
        ),
        (
            "text: a\nlist:\n- fields: {a: x}\n",
            "x",
            "expected i64, found the text `x`",
            "",
        ),
        (
            "text: a\nmap: {k: 300}\n",
            "300",
            "expected i8, found the number `300`",
            "",
        ),
        (
            "text: a\nlist: 3\n",
            "3",
            "expected a sequence, found the number `3`",
            "",
        ),
        (
            "text: [\n",
            "[",
            "yaml: line 1: did not find expected node content",
            "",
        ),
    ] {
        let error = from_str::<Typed>(text).unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.help.as_str()),
            (message, help),
            "{text}"
        );
        let found = text
            .get(error.span.start..error.span.end)
            .map(str::trim_end);
        assert_eq!(found, Some(place), "{text}");
    }
    // The second of two equal keys.
    let error = from_str::<Typed>("text: a\ntext: b\n").unwrap_err();
    assert_eq!(error.span.start, 8);
}

#[test]
fn values_and_keys_have_places() {
    let text = "a: [x, &q yz]\n'b': [*q]\n";
    let read: BTreeMap<String, Vec<Spanned<String>>> = from_str(text).unwrap();
    let place = |value: &Spanned<String>| text.get(value.span.start..value.span.end).unwrap();
    let a: Vec<_> = read["a"].iter().map(place).collect();
    assert_eq!(a, ["x", "yz"]);
    assert_eq!(
        (read["b"][0].value.as_str(), place(&read["b"][0])),
        ("yz", "*q")
    );
    assert!(serde_json::from_str::<Spanned<String>>("\"x\"").is_err());
}

#[test]
fn an_empty_text_is_null() {
    assert_eq!(from_str::<Value>("").unwrap(), Value::Null);
    assert_eq!(from_str::<Option<Typed>>("# nothing\n").unwrap(), None);
    assert!(from_str::<Typed>("").is_err());
}

#[test]
fn deep_documents_are_an_error() {
    for depth in [127, 128, 5_000] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(from_str::<Value>(&text).is_ok(), depth <= 127, "{depth}");
        assert_eq!(
            serde_json::from_str::<Value>(&text).is_ok(),
            depth <= 127,
            "{depth}"
        );
    }
}
