//! Odd corners of YAML and JSON, as the server's decoders turn them. Each fact was read in go-yaml v2.4 (`resolve.go`, `decode.go`,
//! `scannerc.go`, `readerc.go`), in Go's `encoding/json` and `time`, or both, and tried on that code.

use audit_policy::{KubernetesVersion, Loaded, load};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n";
const STRICT: &str =
    "Audit policy contains errors, falling back to lenient decoding: strict decoding error: ";

fn newest(text: impl AsRef<[u8]>) -> Loaded {
    load(text.as_ref(), KubernetesVersion::NEWEST)
}

fn warning(items: &str) -> Option<String> {
    Some(format!("{STRICT}{items}"))
}

#[test]
fn keys_become_text_as_go_prints_them() {
    // `resolve.go`: what ParseInt and ParseUint reject as too large is not an integer; sigs.k8s.io/yaml prints floats with 32 bits.
    for (key, name) in [
        ("0x10000000000000000", "0x10000000000000000"),
        ("0b10", "2"),
        ("0o17", "15"),
        ("017", "15"),
        ("1_000", "1000"),
        ("02000000000000000000000", "2e+21"),
        ("1.7976931348623157e308", ".inf"),
        (".5_0", "0.5"),
        ("._5", "._5"),
        (".5__0", ".5__0"),
        ("yes", "true"),
        ("2001-02-30", "2001-02-30"),
        // A tag in full that starts with `!!` is none that go-yaml knows.
        ("!<!!int> ~", "~"),
    ] {
        let loaded = newest(format!("{HEAD}{key}: v\n"));
        let expected = format!("unknown field \"{name}\"");
        assert_eq!(loaded.warning, warning(&expected), "{key}");
    }
}

#[test]
fn tags_are_checked_against_the_type_of_the_text() {
    for (value, error) in [
        // Not a word of the table unless it starts as the words do.
        ("!!int <<", Some("cannot decode !!str `<<` as a !!int")),
        (
            "!!int 0x10000000000000000",
            Some("cannot decode !!str `0x10000000000000000` as a !!int"),
        ),
        // `parseTimestamp`: four layouts, and the calendar.
        ("!!timestamp 2001-2-3", None),
        ("!!timestamp 2001-2-3 4:5:6", None),
        ("!!timestamp \"2001-2-3   4:5:6.789\"", None),
        ("!!timestamp 2001-2-3t4:5:6,7-24:60", None),
        (
            "!!timestamp 2001-2-3T4:5:6",
            Some("cannot decode !!str `2001-2-3T4:5:6` as a !!timestamp"),
        ),
        (
            "!!timestamp 2001-02-30",
            Some("cannot decode !!str `2001-02-30` as a !!timestamp"),
        ),
        (
            "!!timestamp 2001-02-03 04:05:06 Z",
            Some("cannot decode !!str `2001-02-03 04:05:06 Z` as a !!timestamp"),
        ),
    ] {
        let loaded = newest(format!("{HEAD}x: {value}\n"));
        let expected = error.map(|error| format!("failed decoding: yaml: {error}"));
        assert_eq!(loaded.error, expected, "{value}");
    }
}

#[test]
fn the_first_failure_is_the_one_that_go_yaml_meets_first() {
    const NO_MAP: &str = "map merge requires map or sequence of maps as the value";
    for (text, error) in [
        // `merge` looks at what kind of node it has before it decodes it.
        ("<<: !!int s", NO_MAP),
        ("k: &r {<<: [[*r]]}", NO_MAP),
        ("<<: &r [q]\n? *r\n: v", NO_MAP),
        ("k: &r {<<: *r}", "anchor 'r' value contains itself"),
        // A list of maps is gone through from its end.
        (
            "<<: [!!int a, {a: !!int b}]",
            "cannot decode !!str `b` as a !!int",
        ),
        // A key comes before its value, and is judged before it.
        ("? [a]\n: !!int b", "invalid map key: []interface {}{\"a\"}"),
    ] {
        let loaded = newest(format!("{HEAD}{text}\n"));
        assert_eq!(
            loaded.error,
            Some(format!("failed decoding: yaml: {error}")),
            "{text}"
        );
    }
    // Of two null keys the second value is left, as in any map.
    let loaded = newest(format!("{HEAD}~: a\n~: b\n"));
    let error =
        "failed decoding: unsupported map key of type: %!s(<nil>), key: <nil>, value: \"b\"";
    assert_eq!(loaded.error.as_deref(), Some(error));
}

#[test]
fn duplicates_are_met_in_the_order_of_decoding() {
    let row = |line, key| format!("\n  line {line}: key {key} already set in map");
    for (text, items) in [
        // A merge decodes the alias's map once more, into the map around it.
        (
            "m: &p {a: 1, a: 2}\no: {<<: *p, z: 1}",
            [row(4, "\"a\""), row(4, "\"a\"")].concat()
                + ", unknown field \"m\", unknown field \"o\"",
        ),
        (
            "o: {<<: {a: 1, a: 2}}",
            row(4, "\"a\"") + ", unknown field \"o\"",
        ),
        // What stands in a merge and is named elsewhere too is found in both places.
        (
            "o: {<<: &p {a: 1, a: 2}}\nq: *p",
            [row(4, "\"a\""), row(4, "\"a\"")].concat()
                + ", unknown field \"o\", unknown field \"q\"",
        ),
        // The line is that of the value that overrides.
        (
            "o: {a: 1, <<:\n {a: 2}}",
            row(5, "\"a\"") + ", unknown field \"o\"",
        ),
        // Null as a key is not an error if its map is overridden.
        (
            "o: {~: 1, ~: 2}\no: 1",
            [row(4, "<nil>"), row(5, "\"o\"")].concat() + ", unknown field \"o\"",
        ),
    ] {
        let loaded = newest(format!("{HEAD}{text}\n"));
        assert_eq!(loaded.error, None, "{text}");
        let expected = format!("yaml: unmarshal errors:{items}");
        assert_eq!(loaded.warning, warning(&expected), "{text}");
    }
}

#[test]
fn byte_order_marks_are_looked_for_at_the_start_of_the_buffer() {
    // `is_bom` asks for the buffer's first bytes: further on, a mark is text.
    let loaded = newest(format!("{HEAD}\u{feff}k: v\n"));
    assert_eq!(loaded.warning, warning("unknown field \"\\ufeffk\""));
    // A second mark at the start stays there, and every line loses its first character.
    let head = "\u{feff}\u{feff}apiVersion: audit.k8s.io/v1\nkind: Policy\n";
    let loaded = newest(head);
    assert_eq!(loaded.warning, warning("unknown field \"ind\""));
    let units: Vec<u8> = head.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(newest(units).warning, warning("unknown field \"ind\""));
}

#[test]
fn what_comes_short_is_met_after_all_that_is_whole() {
    let short: Vec<u8> = [b"a: b: c\nd: e".as_slice(), &[0xe2, 0x82]].concat();
    let error = "failed decoding: yaml: mapping values are not allowed in this context";
    assert_eq!(newest(short).error.as_deref(), Some(error));
    let short: Vec<u8> = [b"a: b".as_slice(), &[0xe2, 0x82]].concat();
    let error = "failed decoding: yaml: incomplete UTF-8 octet sequence";
    assert_eq!(newest(short).error.as_deref(), Some(error));
}

#[test]
fn json_names_bytes_and_takes_its_end_for_a_blank() {
    for (text, error) in [
        (
            &b"{}\xc3"[..],
            "invalid character 'Ã' after top-level value",
        ),
        (
            b"{\"\xff\":1,\xc3",
            "invalid character 'Ã' looking for beginning of object key string",
        ),
        (
            b"{\"a\":tru",
            "invalid character ' ' in literal true (expecting 'e')",
        ),
        (b"{\"a\":-", "invalid character ' ' in numeric literal"),
        (
            b"{\"a\":1.",
            "invalid character ' ' after decimal point in numeric literal",
        ),
        (
            b"{\"a\":1e",
            "invalid character ' ' in exponent of numeric literal",
        ),
        (b"{\"\\", "invalid character ' ' in string escape code"),
        (
            b"{\"\\u00",
            "invalid character ' ' in \\u hexadecimal character escape",
        ),
        (b"{\"a", "unexpected end of JSON input"),
        (b"{\"a\":1", "unexpected end of JSON input"),
    ] {
        let error =
            format!("failed decoding: couldn't get version/kind; json parse error: {error}");
        assert_eq!(newest(text).error, Some(error));
    }
}

#[test]
fn depth_and_aliases_have_their_limits() {
    // YAML goes down 10000 levels, and so does the JSON that it becomes, which has one more around it.
    let nested = |depth: usize| format!("{HEAD}x: {}{}\n", "[".repeat(depth), "]".repeat(depth));
    let too_deep = "failed decoding: couldn't get version/kind; json parse error: invalid character '[' exceeded max depth";
    assert_eq!(newest(nested(9_999)).error, None);
    assert_eq!(newest(nested(10_000)).error.as_deref(), Some(too_deep));
    let error = "failed decoding: yaml: line 4: exceeded max depth of 10000";
    assert_eq!(newest(nested(10_001)).error.as_deref(), Some(error));
    // `allowedAliasRatio`: 201 of every 203 steps are an alias's, 0.9901, and from 400000 steps on the share allowed falls.
    let fields: Vec<String> = (0..100).map(|field| format!("k{field}: 1")).collect();
    let merged = |count: usize| {
        let fields = fields.join(", ");
        format!(
            "{HEAD}a: &a {{{fields}}}\nb: [{}]\n",
            vec!["{<<: *a}"; count].join(", ")
        )
    };
    assert_eq!(newest(merged(1_970)).error, None);
    let error = "failed decoding: yaml: document contains excessive aliasing";
    assert_eq!(newest(merged(1_980)).error.as_deref(), Some(error));
}
