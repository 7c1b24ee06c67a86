//! Odd inputs, and what upstream's code answers: json-iterator up to 1.22, the Go versions behind the minors, go-yaml, and Go's `%q`, `%#v`
//! and times.

#![allow(clippy::unwrap_used, reason = "a test")]

use audit_policy::{KubernetesVersion, Loaded, Severity, load};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

fn at(bytes: &[u8], minor: u8) -> Loaded {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    assert_eq!(version.minor(), minor);
    let loaded = load(bytes, version);
    let has_error = loaded
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Error);
    assert_eq!(
        loaded.error.is_some(),
        has_error,
        "{:?}: {:?}",
        loaded.error,
        loaded.findings
    );
    loaded
}

fn error(bytes: &[u8], minor: u8) -> String {
    at(bytes, minor).error.unwrap_or_default()
}

fn json(rest: &str) -> Vec<u8> {
    format!(
        r#"{{"apiVersion":"audit.k8s.io/v1","kind":"Policy",{rest},"rules":[{{"level":"None"}}]}}"#
    )
    .into_bytes()
}

fn metadata(loaded: &Loaded) -> Option<&str> {
    loaded
        .policy
        .as_ref()
        .map(|policy| policy.metadata.as_json())
}

#[test]
fn numbers_that_fit_no_float_are_rejected_up_to_1_22_even_in_unknown_fields() {
    for (rest, said) in [
        (r#""foo":1e400"#, "readNumberAsString: invalid number, "),
        (r#""foo":[-1e999]"#, "readNumberAsString: invalid number, "),
        // What starts with 0 is read as a float of 32 bits.
        (
            r#""foo":0.5e39"#,
            r#"strconv.ParseFloat: parsing "0.5e39": value out of range"#,
        ),
        (
            r#""metadata":{"managedFields":[{"fieldsV1":1e400}]}"#,
            "readNumberAsString: invalid number, ",
        ),
    ] {
        assert!(error(&json(rest), 22).contains(said), "{rest}");
        assert_eq!(error(&json(rest), 23), "", "{rest}");
    }
    for rest in [r#""foo":1e38"#, r#""foo":0.5e38"#, r#""foo":-0.0e1"#] {
        assert_eq!(error(&json(rest), 20), "", "{rest}");
    }
}

#[test]
fn integers_overflow_up_to_1_22_as_their_arithmetic_does() {
    let generation = |digits: &str, minor| {
        let text = json(&format!(r#""metadata":{{"generation":{digits}}}"#));
        let loaded = at(&text, minor);
        (
            metadata(&loaded).map(str::to_owned),
            loaded.error.unwrap_or_default(),
        )
    };
    // 2,500,000,000,000,000,000 times ten is 25·10¹⁸ − 2⁶⁴ in 64 bits, which is larger than before, so nothing is noticed.
    let (kept, _) = generation("25000000000000000000", 22);
    assert_eq!(
        kept.as_deref(),
        Some(r#"{"generation":6553255926290448384}"#)
    );
    assert!(
        generation("25000000000000000000", 23)
            .1
            .contains("number 25000000000000000000")
    );
    for (digits, said) in [
        (
            "9223372036854775808",
            "ReadInt64: overflow: 9223372036854775808,",
        ),
        (
            "-9223372036854775809",
            "ReadInt64: overflow: 9223372036854775809,",
        ),
        ("18446744073709551620", "readUint64: overflow,"),
        ("1.0", "assertInteger: can not decode float as int,"),
        ("1e2", "struct Decode: expect }, but found e,"),
        (r#""x""#, "readUint64: unexpected character: \u{fffd},"),
    ] {
        assert!(generation(digits, 22).1.contains(said), "{digits}");
    }
    assert_eq!(
        generation("-9223372036854775808", 22).0.as_deref(),
        Some(r#"{"generation":-9223372036854775808}"#)
    );
}

#[test]
fn the_old_decoder_looks_for_null_twice_behind_a_pointer() {
    // After the error it does not step back: two digits are gone, and a zero that comes third is a number of its own.
    for (number, steps) in [
        (
            "250",
            "v1.ObjectMeta.UID: DeletionGracePeriodSeconds: CreationTimestamp: unmarshalerDecoder: ",
        ),
        (
            "2500",
            "v1.Policy.ObjectMeta: v1.ObjectMeta.DeletionGracePeriodSeconds: CreationTimestamp: unmarshalerDecoder: ",
        ),
    ] {
        let text = json(&format!(
            r#""metadata":{{"creationTimestamp":[],"deletionGracePeriodSeconds":{number},"uid":"u"}}"#
        ));
        let said = error(&text, 22);
        assert!(said.contains(steps), "{said}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_escaped_where_json_is_quoted() {
    let text = format!("{HEAD}rules: !!binary /w==\n");
    let said = error(text.as_bytes(), 22);
    assert!(said.contains(r#""rules":"\ufffd"}|..."#), "{said}");
    // Keys of different bytes stay two keys, sorted by their bytes.
    let text = format!("{HEAD}metadata: 1\nx: {{!!binary /w==: 1, \"\u{fffd}\": 2}}\n");
    let said = error(text.as_bytes(), 22);
    assert!(
        said.contains("\"x\":{\"\u{fffd}\":2,\"\\ufffd\":1}}|..."),
        "{said}"
    );
    // A U+FFFD that is written as such stays.
    let text = format!("{HEAD}rules: \"\u{fffd}\"\n");
    let said = error(text.as_bytes(), 22);
    assert!(said.contains("\"rules\":\"\u{fffd}\"}|..."), "{said}");
    // Go before 1.22 prints \b and \f in their long form.
    let text = format!("{HEAD}rules: \"\\b\\f\"\n");
    let said = error(text.as_bytes(), 22);
    assert!(said.contains(r#""rules":"\u0008\u000c"}|..."#), "{said}");
    // Of JSON the very bytes are quoted, one U+FFFD for each.
    let text =
        b"{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":\"\xff\xe2\x82\"}";
    let said = error(text, 22);
    assert!(
        said.contains("\"rules\":\"\u{fffd}\u{fffd}\u{fffd}\"}|..."),
        "{said}"
    );
}

#[test]
fn times_are_read_as_the_go_of_each_minor_does() {
    let time = |text: &str, minor| {
        let text =
            format!("{HEAD}metadata: {{creationTimestamp: \"{text}\"}}\nrules: [{{level: None}}]");
        error(text.as_bytes(), minor)
    };
    assert!(time("2024-01-02T03:04:05,5Z", 22).contains(r#"cannot parse ",5Z" as "Z07:00""#));
    assert_eq!(time("2024-01-02T03:04:05,5Z", 23), "");
    // 1.20 escapes nothing that it quotes.
    assert!(time(r"x\x01é", 20).contains("parsing time \"x\u{1}é\" as"));
    assert!(time(r"x\x01é", 21).contains(r#"parsing time "x\x01\xc3\xa9" as"#));
    // Before Go 1.18 a fraction is one number below 10⁹.
    assert!(time("2024-01-02T03:04:05.1234567890Z", 22).contains("fractional second out of range"));
    assert_eq!(time("2024-01-02T03:04:05.1234567890Z", 36), "");
    assert_eq!(time("2024-01-02T03:04:05+99:99", 22), "");
    assert!(time("2024-01-02T03:04:05+99:00", 36).contains("time zone offset hour out of range"));
}

#[test]
fn the_zero_time_is_left_out_or_null() {
    let text = format!(
        "{HEAD}metadata:\n  creationTimestamp: 0001-01-01T00:00:00Z\n  deletionTimestamp: 0001-01-01T01:00:00+01:00\n  \
         managedFields: [{{time: 0001-01-01T00:00:00Z}}]\nrules: [{{level: None}}]"
    );
    let loaded = at(text.as_bytes(), 36);
    let kept = r#"{"deletionTimestamp":null,"managedFields":[{"time":null}]}"#;
    assert_eq!(metadata(&loaded), Some(kept));
}

#[test]
fn numbers_inside_fields_v1_keep_their_spelling() {
    let text = format!(
        "{HEAD}metadata: {{managedFields: [{{fieldsV1: [-.0, 9e+29, 2.1e+73, 1.50, 0x10]}}]}}\nrules: [{{level: None}}]"
    );
    let loaded = at(text.as_bytes(), 36);
    let kept = r#"{"managedFields":[{"fieldsV1":[-0,9e+29,2.1e+73,1.5,16]}]}"#;
    assert_eq!(metadata(&loaded), Some(kept));
    // JSON is kept as it is written; a number that fits no float too.
    let text = json(r#""metadata":{"managedFields":[{"fieldsV1":[-0,1E5,1e400,"<"]}]}"#);
    let loaded = at(&text, 36);
    let kept = r#"{"managedFields":[{"fieldsV1":[-0,1E5,1e400,"\u003c"]}]}"#;
    assert_eq!(metadata(&loaded), Some(kept));
}

#[test]
fn a_sign_may_follow_the_prefix_of_a_binary_number() {
    let users = |word: &str| {
        let text = format!("{HEAD}rules: [{{level: None, users: [{word}]}}]");
        error(text.as_bytes(), 36)
    };
    for number in ["0b+1", "0b-100", "0b_-1", "0b-0", "-0b1", "0b1"] {
        assert!(
            users(number).contains("cannot unmarshal number"),
            "{number}"
        );
    }
    for word in [
        "0b", "0b+", "0b--1", "-0b+1", "+0b+1", "0B+1", "0b+12", "0x+1", "0o-7",
    ] {
        assert_eq!(users(word), "", "{word}");
    }
    let text = format!("{HEAD}rules: [{{level: None}}]\n0b-100: x\n");
    let warning = at(text.as_bytes(), 36).warning.unwrap_or_default();
    assert!(warning.ends_with(r#"unknown field "-4""#), "{warning}");
}

#[test]
fn characters_newer_than_unicode_15_0_are_escaped() {
    let text = format!("{HEAD}omitStages: [\"\u{1c89}\"]\nrules: [{{level: None}}]");
    assert!(error(text.as_bytes(), 36).contains(r#"Invalid value: "\u1c89""#));
    let text = format!("{HEAD}rules: [{{level: None}}]\n\"\u{13460}x\": 1\n");
    let warning = at(text.as_bytes(), 36).warning.unwrap_or_default();
    assert!(
        warning.ends_with(r#"unknown field "\U00013460x""#),
        "{warning}"
    );
}

#[test]
fn keys_of_a_shown_map_are_in_gos_order() {
    for (map, shown) in [
        ("{10: a, 9: b}", r#"{9:"b", 10:"a"}"#),
        ("{1: a, 1.0: b}", r#"{1:"a", 1:"b"}"#),
        (r#"{1: b, "1": a}"#, r#"{"1":"a", 1:"b"}"#),
        (r#"{"\e": b, kind: a}"#, r#"{"\x1b":"b", "kind":"a"}"#),
        ("{1: a, ~: b}", r#"{interface {}(nil):"b", 1:"a"}"#),
        (
            "{-1.5: a, .nan: b, -2.5: c}",
            r#"{NaN:"b", -2.5:"c", -1.5:"a"}"#,
        ),
        ("{true: a, false: b}", r#"{false:"b", true:"a"}"#),
        ("{0.0: a, -0.0: b}", r#"{-0:"b"}"#),
        ("{!!binary /w==: a}", r#"{"\xff":"a"}"#),
    ] {
        let text = format!("{HEAD}x: {{{map}: c}}");
        let wanted = format!(
            "failed decoding: yaml: invalid map key: map[interface {{}}]interface {{}}{shown}"
        );
        assert_eq!(error(text.as_bytes(), 36), wanted);
    }
}

#[test]
fn a_key_that_json_cannot_have_is_named_with_a_capital_up_to_1_30() {
    let text = format!("{HEAD}~: x\n");
    for (minor, word) in [
        (20, "Unsupported"),
        (30, "Unsupported"),
        (31, "unsupported"),
    ] {
        let wanted = format!(
            "failed decoding: {word} map key of type: %!s(<nil>), key: <nil>, value: \"x\""
        );
        assert_eq!(error(text.as_bytes(), minor), wanted);
    }
}

#[test]
fn fields_and_kinds_come_and_go_with_their_versions() {
    let text = format!("{HEAD}metadata: {{clusterName: [a]}}\nrules: [{{level: None}}]");
    assert!(error(text.as_bytes(), 24).contains("ObjectMeta.metadata.clusterName of type string"));
    assert_eq!(error(text.as_bytes(), 25), "");
    for (version, minor, said) in [
        (
            "audit.k8s.io/v1",
            20,
            "converting (v1.ExportOptions) to (audit.Policy)",
        ),
        ("v1", 20, "converting (v1.ExportOptions) to (audit.Policy)"),
        (
            "audit.k8s.io/v1",
            21,
            "no kind \"ExportOptions\" is registered",
        ),
        ("v2", 20, "no kind \"ExportOptions\" is registered"),
    ] {
        let text = format!("apiVersion: {version}\nkind: ExportOptions\n");
        assert!(
            error(text.as_bytes(), minor).contains(said),
            "{version} in 1.{minor}"
        );
    }
    let text = format!("{HEAD}rules: [{{level: \"a<b\"}}]");
    for (minor, shown) in [(33, r#""a<b""#), (34, r#""a\u003cb""#)] {
        assert!(error(text.as_bytes(), minor).contains(&format!("Unsupported value: {shown}:")));
    }
}

#[test]
fn a_text_with_the_mark_of_protobuf_is_read_as_nothing_else() {
    for (rest, said) in [
        ("", "empty body"),
        // A blank is field 4 as a number, and `a` field 12 with eight bytes.
        (
            " apiVersion: v1",
            "proto: wrong wireType = 0 for field ContentType",
        ),
        ("apiVer", "unexpected EOF"),
        ("apiVersio(", "unexpected EOF"),
        (
            "(\u{1}",
            "object *audit.Policy does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message",
        ),
        (
            "\n\u{6}\n\u{2}v1\u{12}\0",
            "no kind \"Policy\" is registered for version \"v1\" in scheme \"k8s.io/apiserver/pkg/audit/scheme.go:30\"",
        ),
    ] {
        for minor in [24, 36] {
            let text = format!("k8s\0{rest}");
            assert_eq!(
                error(text.as_bytes(), minor),
                format!("failed decoding: {said}")
            );
        }
    }
    assert!(error(b"k8s: 1\n", 36).contains("Kind=Policy"));
}
