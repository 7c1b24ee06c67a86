//! Facts about loading: what is accepted, in which words the rest is rejected, and what the server then holds.

#![allow(clippy::unwrap_used, reason = "a test")]

use audit_policy::{KubernetesVersion, Loaded, Path, load};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
const STRICT: &str =
    "Audit policy contains errors, falling back to lenient decoding: strict decoding error: ";

fn at(text: &[u8], minor: u8) -> Loaded {
    load(text, KubernetesVersion::from_minor(minor).unwrap())
}

/// The policy's rules and what follows them, as JSON without the fixed fields before.
fn held(loaded: &Loaded) -> String {
    let json = loaded.policy.as_ref().map(serde_json::to_string);
    let json = json.and_then(Result::ok).unwrap_or_default();
    let rules = json.split_once("\"metadata\":").map(|(_, rest)| rest);
    rules.unwrap_or_default().to_owned()
}

#[test]
fn yaml_is_read_as_the_server_reads_it() {
    for (text, policy) in [
        (
            "rules: [{level: None}]",
            r#"{},"rules":[{"level":"None"}]}"#,
        ),
        // YAML 1.1: a boolean by another name; a timestamp and a sexagesimal stay text.
        (
            "omitManagedFields: yes\nrules: [{level: None}]",
            r#"{},"rules":[{"level":"None"}],"omitManagedFields":true}"#,
        ),
        (
            "rules: [{level: None, users: [2001-01-01, 12:30:45]}]",
            r#"{},"rules":[{"level":"None","users":["2001-01-01","12:30:45"]}]}"#,
        ),
        // Null: no constraint as a list, an empty string in one, everything as an entry.
        (
            "rules: [{level: None, users: ~, verbs: [null, ''], resources: [null]}]",
            r#"{},"rules":[{"level":"None","verbs":["",""],"resources":[{}]}]}"#,
        ),
        // Tags: text by decree, base64, and local ones that say nothing.
        (
            "rules: [{level: None, users: [!!str 1, !!binary YQ==, !x 2, ! 3]}]",
            r#"{},"rules":[{"level":"None","users":["1","a","2","3"]}]}"#,
        ),
        // A merge counts where it stands.
        (
            "a: &a {level: None, users: [a]}\nrules:\n- level: Request\n  <<: *a\n- <<: *a\n  level: Metadata\n",
            r#"{},"rules":[{"level":"None","users":["a"]},{"level":"Metadata","users":["a"]}]}"#,
        ),
        (
            "a: &a {level: None}\nb: &b {level: Request, users: [b]}\nrules: [{<<: [*a, *b]}]",
            r#"{},"rules":[{"level":"None","users":["b"]}]}"#,
        ),
        // The first document only, whatever follows.
        (
            "rules: [{level: None}]\n---\n]",
            r#"{},"rules":[{"level":"None"}]}"#,
        ),
        (
            "rules: [{level: None}]\n...\n]",
            r#"{},"rules":[{"level":"None"}]}"#,
        ),
        // Block scalars, folding, escapes.
        (
            "rules: [{level: \"No\\\n  ne\", users: ['it''s', \"\\x41\\u00e9\"]}]",
            r#"{},"rules":[{"level":"None","users":["it's","Aé"]}]}"#,
        ),
        (
            "rules:\n- level: |-\n   None\n  users:\n  - >\n   a\n   b\n\n   c\n",
            r#"{},"rules":[{"level":"None","users":["a b\nc\n"]}]}"#,
        ),
        // A comma belongs to a tag that it follows.
        (
            "x: [!a, b]\nrules: [{level: None, users: [!a, b]}]",
            r#"{},"rules":[{"level":"None","users":["b"]}]}"#,
        ),
        // Metadata is carried, in UTC.
        (
            "metadata: {name: m, labels: {b: c, a: ~}, creationTimestamp: 2024-01-01T01:00:00+01:00}\nrules: [{level: None}]",
            r#"{"name":"m","creationTimestamp":"2024-01-01T00:00:00Z","labels":{"a":"","b":"c"}},"rules":[{"level":"None"}]}"#,
        ),
    ] {
        let text = format!("{HEAD}{text}");
        let loaded = at(text.as_bytes(), 36);
        assert_eq!(loaded.error, None, "{text}");
        assert_eq!(held(&loaded), policy, "{text}");
    }
}

#[test]
fn every_encoding_and_line_end_is_read() {
    let text = format!("{HEAD}rules: [{{level: None, users: [é]}}]\n");
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let little = [0xff, 0xfe]
        .into_iter()
        .chain(utf16.iter().flat_map(|unit| unit.to_le_bytes()));
    let big = [0xfe, 0xff]
        .into_iter()
        .chain(utf16.iter().flat_map(|unit| unit.to_be_bytes()));
    for bytes in [
        text.clone().into_bytes(),
        format!("\u{feff}{text}").into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        text.replace('\n', "\u{85}").into_bytes(),
        text.replace('\n', "\u{2028}").into_bytes(),
        little.collect(),
        big.collect(),
    ] {
        let loaded = at(&bytes, 36);
        assert_eq!(loaded.error, None);
        let place = loaded.locate(&Path::rule(0).field("users").index(0));
        let spelled = place.and_then(|place| loaded.text.get(place.value.start..place.value.end));
        assert_eq!(spelled, Some("é"));
    }
}

#[test]
fn yaml_is_rejected_with_the_servers_message() {
    for (text, error) in [
        (
            "a: b: c",
            "yaml: mapping values are not allowed in this context",
        ),
        (
            "\na: b: c",
            "yaml: line 2: mapping values are not allowed in this context",
        ),
        (
            "a:\n\t- b",
            "yaml: line 2: found character that cannot start any token",
        ),
        ("a:\n  b\nc", "yaml: line 4: could not find expected ':'"),
        (
            "a: [b\nc: d",
            "yaml: line 1: did not find expected ',' or ']'",
        ),
        ("a: \"b", "yaml: found unexpected end of stream"),
        ("x: *y", "yaml: unknown anchor 'y' referenced"),
        ("x: &y [*y]", "yaml: anchor 'y' value contains itself"),
        (
            "<<: 1",
            "yaml: map merge requires map or sequence of maps as the value",
        ),
        ("x: !!int a", "yaml: cannot decode !!str `a` as a !!int"),
        (
            "x: !!binary a",
            "yaml: !!binary value contains invalid base64 data",
        ),
        (
            "[a, b]: c",
            "yaml: invalid map key: []interface {}{\"a\", \"b\"}",
        ),
        (
            "{1: ~}: c",
            "couldn't get version/kind; json parse error: invalid character '1' looking for beginning of object key string",
        ),
        (
            "? {1: ~}\n: c",
            "yaml: invalid map key: map[interface {}]interface {}{1:interface {}(nil)}",
        ),
        (
            "~: c",
            "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"c\"",
        ),
        (
            "%YAML 1.2\n---\na: b",
            "yaml: found incompatible YAML document",
        ),
        (
            "# c\n%YAML 1.2\n---\na: b",
            "yaml: line 1: found incompatible YAML document",
        ),
        ("a: \x07", "yaml: control characters are not allowed"),
        ("x: .inf", "json: unsupported value: +Inf"),
        ("x: {y: [.nan]}", "json: unsupported value: NaN"),
        // An escape at the very end.
        ("x: \"\\", "yaml: found unknown escape character"),
        ("apiVersion: a/b/c", "unexpected GroupVersion string: a/b/c"),
        (
            "apiVersion: a/",
            "Object 'apiVersion' is missing in 'apiVersion: a/'",
        ),
        (
            "kind: Foo",
            "no kind \"Foo\" is registered for the internal version of group \"audit.k8s.io\" in scheme \"k8s.io/apiserver/pkg/audit/scheme.go:30\"",
        ),
        (
            "kind: Event",
            "converting (audit.Event) to (audit.Policy): unknown conversion",
        ),
        (
            "apiVersion: foo/v7\nkind: Status",
            "converting (v1.Status) to (audit.Policy): unknown conversion",
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: EventList",
            "converting (v1.EventList) to (audit.Policy): unknown conversion",
        ),
    ] {
        let loaded = at(text.as_bytes(), 36);
        assert_eq!(
            loaded.error,
            Some(format!("failed decoding: {error}")),
            "{text:?}"
        );
        assert!(!loaded.findings.is_empty(), "{text:?}");
    }
}

#[test]
fn json_is_rejected_with_gos_message() {
    for (text, error) in [
        ("{", "unexpected end of JSON input"),
        (
            "{\"a\":1,}",
            "invalid character '}' looking for beginning of object key string",
        ),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        (
            "{\"a\":1 \"b\"}",
            "invalid character '\"' after object key:value pair",
        ),
        ("{\"a\":[1 2]}", "invalid character '2' after array element"),
        ("{} x", "invalid character 'x' after top-level value"),
        (
            "{\"a\":tru}",
            "invalid character '}' in literal true (expecting 'e')",
        ),
        ("{\"a\":-}", "invalid character '}' in numeric literal"),
        (
            "{\"a\":1.}",
            "invalid character '}' after decimal point in numeric literal",
        ),
        (
            "{\"a\":1e}",
            "invalid character '}' in exponent of numeric literal",
        ),
        (
            "{\"a\":01}",
            "invalid character '1' after object key:value pair",
        ),
        (
            "{\"a\":\"\\q\"}",
            "invalid character 'q' in string escape code",
        ),
        (
            "{\"a\":\"\\u00g0\"}",
            "invalid character 'g' in \\u hexadecimal character escape",
        ),
        (
            "{\"a\":\"\n\"}",
            "invalid character '\\n' in string literal",
        ),
        (
            "{\"a\":é}",
            "invalid character 'Ã' looking for beginning of value",
        ),
        (
            "{a: b}",
            "invalid character 'a' looking for beginning of object key string",
        ),
    ] {
        let loaded = at(text.as_bytes(), 36);
        let error =
            format!("failed decoding: couldn't get version/kind; json parse error: {error}");
        assert_eq!(loaded.error, Some(error), "{text}");
    }
}

#[test]
fn types_are_rejected_with_gos_message() {
    for (text, error) in [
        (
            "rules: {a: b}",
            "json: cannot unmarshal object into Go struct field Policy.rules of type []v1.PolicyRule",
        ),
        (
            "rules: [{level: 1}]",
            "json: cannot unmarshal number into Go struct field PolicyRule.rules.level of type v1.Level",
        ),
        (
            "rules: [{omitStages: [{}]}]",
            "json: cannot unmarshal object into Go struct field PolicyRule.rules.omitStages of type v1.Stage",
        ),
        (
            "rules: [{resources: [{group: []}]}]",
            "json: cannot unmarshal array into Go struct field GroupResources.rules.resources.group of type string",
        ),
        (
            "metadata: []",
            "json: cannot unmarshal array into Go struct field Policy.metadata of type v1.ObjectMeta",
        ),
        (
            "metadata: {generation: 1.5}",
            "json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64",
        ),
        (
            "metadata: {labels: {a: 1}}",
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            "metadata: {uid: 1}",
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID",
        ),
        // Times end decoding at once: what came before is not reported.
        (
            "metadata: {annotations: 1, creationTimestamp: 2}",
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
        ),
        (
            "metadata: {creationTimestamp: x}",
            "parsing time \"x\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"x\" as \"2006\"",
        ),
        // Keys are met in order: omitStages before rules.
        (
            "rules: 1\nomitStages: 1",
            "json: cannot unmarshal number into Go struct field Policy.omitStages of type []v1.Stage",
        ),
    ] {
        let text = format!("{HEAD}{text}");
        let loaded = at(text.as_bytes(), 36);
        assert_eq!(
            loaded.error,
            Some(format!("failed decoding: {error}")),
            "{text}"
        );
    }
    for (text, error) in [
        (
            "Rules: 1",
            "json: cannot unmarshal number into Go struct field Policy.Rules of type []audit.PolicyRule",
        ),
        (
            "- a",
            "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }",
        ),
        (
            "KIND: []",
            "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go struct field .kind of type string",
        ),
    ] {
        let loaded = at(text.as_bytes(), 36);
        assert_eq!(
            loaded.error,
            Some(format!("failed decoding: {error}")),
            "{text}"
        );
    }
}

#[test]
fn strictness_warns_in_the_servers_order() {
    for (text, items) in [
        (
            "rules:\n- level: None\n  level: None\n  x: 1\nz: 1\n",
            "yaml: unmarshal errors:\n  line 5: key \"level\" already set in map, unknown field \"rules[0].x\", unknown field \"z\"",
        ),
        // The line is that of the second value, and a duplicate inside it comes first.
        (
            "rules:\n- level: None\n  users:\n  - a\n  users:\n  - b\n",
            "yaml: unmarshal errors:\n  line 8: key \"users\" already set in map",
        ),
        (
            "x: 1\nx: {a: 1, a: 2}\nrules: [{level: None}]",
            "yaml: unmarshal errors:\n  line 4: key \"a\" already set in map\n  line 4: key \"x\" already set in map, unknown field \"x\"",
        ),
        // An alias is decoded again, and its duplicates found again.
        (
            "x: &x {a: 1, a: 2}\nz: *x\nrules: [{level: None}]",
            "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map\n  line 3: key \"a\" already set in map, unknown field \"x\", unknown field \"z\"",
        ),
        (
            "1: a\n1: b\nyes: c\nrules: [{level: None}]",
            "yaml: unmarshal errors:\n  line 4: key 1 already set in map, unknown field \"1\", unknown field \"true\"",
        ),
        (
            "metadata: {foo: 1}\nrules: [{level: None, \"q\\\"\\u200b\": 1}]",
            "unknown field \"metadata.foo\", unknown field \"rules[0].q\\\"\\u200b\"",
        ),
    ] {
        let text = format!("{HEAD}{text}");
        let loaded = at(text.as_bytes(), 36);
        assert_eq!(loaded.error, None, "{text}");
        assert_eq!(loaded.warning, Some(format!("{STRICT}{items}")), "{text}");
        assert_eq!(at(text.as_bytes(), 25).warning, None, "{text}");
    }
}

#[test]
fn at_most_a_hundred_problems_of_json_are_listed() {
    let fields: Vec<String> = (0..150)
        .map(|number| format!("x{number:03}: 1\n"))
        .collect();
    let loaded = at(
        format!("{HEAD}rules: [{{level: None}}]\n{}", fields.concat()).as_bytes(),
        36,
    );
    let warning = loaded.warning.unwrap_or_default();
    assert!(warning.ends_with("unknown field \"x099\""), "{warning}");
    assert_eq!(warning.matches("unknown field").count(), 100);
}

#[test]
fn json_may_repeat_itself_and_go_decodes_over_what_is_there() {
    for (rules, held_rules) in [
        // The second list lies over the first; what it does not mention stays.
        (
            r#""rules":[{"level":"None","users":["a"]},{"level":"None"}],"rules":[{"level":"Metadata"}]"#,
            r#"[{"level":"Metadata","users":["a"]}]"#,
        ),
        // What a shorter list cut off comes back when a longer one follows.
        (
            r#""rules":[{"level":"None"},{"level":"None","verbs":["v"]}],"rules":[{}],"rules":[{},{}]"#,
            r#"[{"level":"None"},{"level":"None","verbs":["v"]}]"#,
        ),
        // An empty list and null start afresh.
        (
            r#""rules":[{"level":"None","users":["a"]}],"rules":[],"rules":[{"level":"None"}]"#,
            r#"[{"level":"None"}]"#,
        ),
        (
            r#""rules":[{"level":"None","users":["a","b"],"users":[null]}]"#,
            r#"[{"level":"None","users":["a"]}]"#,
        ),
    ] {
        let text = format!(r#"{{"apiVersion":"audit.k8s.io/v1",{rules}}}"#);
        let loaded = at(text.as_bytes(), 36);
        assert_eq!(
            held(&loaded),
            format!(r#"{{}},"rules":{held_rules}}}"#),
            "{text}"
        );
        assert!(
            loaded
                .warning
                .is_some_and(|warning| warning.contains("duplicate field")),
            "{text}"
        );
    }
}

#[test]
fn null_over_a_text_empties_it_up_to_1_22() {
    let text = br#"{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","level":null}]}"#;
    assert_eq!(at(text, 23).error, None);
    assert_eq!(
        at(text, 22).error.as_deref(),
        Some("rules[0].level: Required value")
    );
}

#[test]
fn case_is_forgiven_in_version_and_kind_alone() {
    let loaded = at(
        b"APIVERSION: audit.k8s.io/v1\n\xe2\x84\xaaind: Policy\nrules: [{level: None}]",
        36,
    );
    assert_eq!(loaded.error, None);
    let items = "unknown field \"APIVERSION\", unknown field \"\u{212a}ind\"";
    assert_eq!(loaded.warning, Some(format!("{STRICT}{items}")));
}

#[test]
fn versions_accept_different_things() {
    let any_group = format!("{HEAD}rules: [{{level: None, resources: [{{group: '*'}}]}}]");
    let old = "apiVersion: audit.k8s.io/v1alpha1\nkind: Policy\nrules: [{level: None}]";
    let names = format!("{HEAD}rules: [{{level: None, resources: [{{resourceNames: [a]}}]}}]");
    let deprecated = "\"audit.k8s.io/v1alpha1\" is deprecated and will be removed in a future release, use \"audit.k8s.io/v1\" instead";
    for (text, minor, accepted, said) in [
        (any_group.as_str(), 36, true, ""),
        (
            &any_group,
            35,
            false,
            "rules[0].resources.group: Invalid value: \"*\": a lowercase RFC 1123 subdomain",
        ),
        (old, 20, true, ""),
        (old, 21, true, deprecated),
        (old, 23, true, deprecated),
        (
            old,
            24,
            false,
            "no kind \"Policy\" is registered for version \"audit.k8s.io/v1alpha1\" in scheme \"k8s.io/apiserver/pkg/audit/scheme.go:30\"",
        ),
        (
            &names,
            36,
            false,
            "Invalid value: [\"a\"]: using resourceNames",
        ),
        (
            &names,
            20,
            false,
            "Invalid value: []string{\"a\"}: using resourceNames",
        ),
    ] {
        let loaded = at(text.as_bytes(), minor);
        assert_eq!(loaded.error.is_none(), accepted, "{text} in 1.{minor}");
        let words = loaded.error.or(loaded.warning).unwrap_or_default();
        assert!(words.contains(said), "{text} in 1.{minor}: {words}");
    }
}

#[test]
fn the_old_decoder_goes_on_out_of_step() {
    // After the 5 the decoder no longer steps back: the next rule loses its brace, and names itself without a field.
    let text = r#"{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"users":[5]},{"level":"None"}]}"#;
    let error = "failed decoding: v1.Policy.Rules: []v1.PolicyRule: v1.PolicyRule.v1.PolicyRule.Users: []string: ReadString: expects \" or n, but found 5, error found in #10 byte of ...|\"users\":[5]},{\"level|..., bigger context ...|it.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":[{\"users\":[5]},{\"level\":\"None\"}]}|...";
    assert_eq!(at(text.as_bytes(), 22).error.as_deref(), Some(error));
    let error = "failed decoding: json: cannot unmarshal number into Go struct field PolicyRule.rules.users of type string";
    assert_eq!(at(text.as_bytes(), 23).error.as_deref(), Some(error));
}

#[test]
fn places_are_found_in_what_can_be_read_of_a_broken_text() {
    let text = format!(
        "{HEAD}rules:\n- level: None\n  users: [a,\n    b]\n\n- &r\n  level: Metadata # c\n- *r\n- level: 'x\n"
    );
    let loaded = at(text.as_bytes(), 36);
    assert!(loaded.error.is_some());
    let spelled: Vec<_> = loaded
        .rule_spans()
        .into_iter()
        .filter_map(|span| text.get(span.start..span.end))
        .collect();
    assert_eq!(
        spelled.get(..3),
        Some(
            &[
                "level: None\n  users: [a,\n    b]",
                "&r\n  level: Metadata",
                "*r"
            ][..]
        )
    );
    let place = loaded.locate(&Path::rule(2).field("level"));
    let key = place.and_then(|place| place.key);
    assert_eq!(
        key.and_then(|key| text.get(key.start..key.end)),
        Some("level")
    );
}

#[test]
fn limits_end_in_a_message() {
    let deep = format!("x: {}", "[".repeat(20_000));
    let bomb: String = (1..40)
        .map(|level| {
            format!(
                "a{level}: &a{level} [{}]\n",
                vec![format!("*a{}", level - 1); 9].join(", ")
            )
        })
        .collect();
    for (bytes, error) in [
        (
            deep.as_bytes(),
            "failed decoding: yaml: exceeded max depth of 10000",
        ),
        (
            format!("a0: &a0 [x]\n{bomb}").as_bytes(),
            "failed decoding: yaml: document contains excessive aliasing",
        ),
    ] {
        assert_eq!(at(bytes, 36).error.as_deref(), Some(error));
    }
}

#[test]
fn a_text_that_is_too_large_is_not_the_servers_fault() {
    let mut text = HEAD.as_bytes().to_vec();
    text.extend_from_slice(b"rules: [{level: None}]\n");
    text.resize((16 << 20) + 1, b'#');
    let loaded = at(&text, 36);
    assert_eq!((loaded.policy, loaded.error), (None, None));
    let said: Vec<_> = loaded
        .findings
        .iter()
        .map(|one| (one.code.as_ref(), one.message.as_str(), one.help.as_str()))
        .collect();
    let wanted = (
        "AP001",
        "policy too large to check: 16777217 bytes, the limit is 16 MiB",
        "kube-apiserver has no such limit and may accept the policy",
    );
    assert_eq!(said, [wanted]);
}
