//! Every field of an event in every layout with a column per field.

use super::quoted;
use crate::json;
use crate::reader::{LogItem, LogReader};

/// Value of a field.
#[derive(Debug, Clone, Copy)]
enum Value {
    Text(&'static str),
    /// Raw JSON of a list of strings.
    List(&'static [&'static str]),
    /// Members with raw JSON.
    Object(&'static [(&'static str, &'static str)]),
    /// A body as raw JSON.
    Body(&'static str),
}

const USER: &[(&str, &str)] = &[
    ("username", r#""ann""#),
    ("uid", r#""u1""#),
    ("groups", r#"["dev","system:authenticated"]"#),
];

/// Every field of `audit.k8s.io/v1` Event, in the server's order (`staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go`, 1.36).
const FIELDS: [(&str, Value); 17] = [
    ("level", Value::Text("RequestResponse")),
    ("auditID", Value::Text("a1")),
    ("stage", Value::Text("ResponseComplete")),
    (
        "requestURI",
        Value::Text("/api/v1/namespaces/shop/pods/p?a=1,2"),
    ),
    ("verb", Value::Text("patch")),
    ("user", Value::Object(USER)),
    ("impersonatedUser", Value::Object(USER)),
    (
        "authenticationMetadata",
        Value::Object(&[("impersonationConstraint", r#""impersonate:user-info""#)]),
    ),
    ("sourceIPs", Value::List(&["192.0.2.7", "192.0.2.8"])),
    ("userAgent", Value::Text(r#"kubectl "1.36", \x"#)),
    (
        "objectRef",
        Value::Object(&[
            ("resource", r#""pods""#),
            ("namespace", r#""shop""#),
            ("name", r#""p""#),
            ("uid", r#""u2""#),
            ("apiGroup", r#""apps""#),
            ("apiVersion", r#""v1""#),
            ("resourceVersion", r#""7""#),
            ("subresource", r#""status""#),
        ]),
    ),
    (
        "responseStatus",
        Value::Object(&[
            ("status", r#""Failure""#),
            ("message", r#""no""#),
            ("reason", r#""Forbidden""#),
            ("code", "403"),
        ]),
    ),
    (
        "requestObject",
        Value::Body(r#"[{"op":"add","path":"/a","value":"b"}]"#),
    ),
    (
        "responseObject",
        Value::Body(r#"{"kind":"Pod","spec":{"a":[1,"\"x\""]}}"#),
    ),
    (
        "requestReceivedTimestamp",
        Value::Text("2025-01-01T00:00:00.000000Z"),
    ),
    ("stageTimestamp", Value::Text("2025-01-01T00:00:00.010000Z")),
    (
        "annotations",
        Value::Object(&[
            ("authorization.k8s.io/decision", r#""allow""#),
            ("authorization.k8s.io/reason", r#""by x""#),
        ]),
    ),
];

impl Value {
    /// Raw JSON of the field, as the server writes it.
    fn raw(self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
                format!("[{}]", items.join(","))
            }
            Self::Object(members) => {
                let members = members.iter();
                let members: Vec<String> = members
                    .map(|(name, raw)| format!("{}:{raw}", quoted(name)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            Self::Body(raw) => raw.to_owned(),
        }
    }

    /// The text of a cell.
    fn cell(self) -> String {
        match self {
            Self::Text(text) => text.to_owned(),
            value => value.raw(),
        }
    }
}

type Columns = Vec<(String, String)>;

/// A column per field, as text.
fn texts(name: fn(&str) -> String) -> Columns {
    let fields = FIELDS.iter();
    fields
        .map(|(field, value)| (name(field), value.cell()))
        .collect()
}

/// A column per field, as raw JSON: objects, or strings that contain them.
fn raw(name: fn(&str) -> String, is_text: bool) -> Columns {
    let value = |value: &Value| {
        if is_text {
            quoted(&value.cell())
        } else {
            value.raw()
        }
    };
    let fields = FIELDS.iter();
    fields
        .map(|(field, content)| (name(field), value(content)))
        .collect()
}

/// A column per member, as raw JSON. Bodies have no columns.
fn members(separator: &str) -> Columns {
    let mut columns = Columns::new();
    for (field, value) in FIELDS {
        match value {
            Value::Object(members) => {
                let column = |(name, raw): &(&str, &str)| {
                    (format!("{field}{separator}{name}"), (*raw).to_owned())
                };
                columns.extend(members.iter().map(column));
            }
            Value::Body(_) => {}
            value => columns.push((field.to_owned(), value.raw())),
        }
    }
    columns
}

fn same(name: &str) -> String {
    name.to_owned()
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn snake(name: &str) -> String {
    let name = name
        .replace("ID", "Id")
        .replace("URI", "Uri")
        .replace("IPs", "Ips");
    let parts = name.chars().map(|character| match character {
        'A'..='Z' => format!("_{}", character.to_ascii_lowercase()),
        _ => character.to_string(),
    });
    parts.collect()
}

/// Columns of Log Analytics' table `AKSAudit`.
fn aks(name: &str) -> String {
    match name {
        "auditID" => "AuditId".to_owned(),
        "requestURI" => "RequestUri".to_owned(),
        "sourceIPs" => "SourceIps".to_owned(),
        "requestReceivedTimestamp" => "RequestReceivedTime".to_owned(),
        "stageTimestamp" => "StageReceivedTime".to_owned(),
        name => name[..1].to_ascii_uppercase() + &name[1..],
    }
}

/// Columns of a custom table of Log Analytics.
fn custom(name: &str) -> String {
    format!("{name}_s")
}

fn object(columns: &Columns) -> String {
    let members = columns.iter();
    let members: Vec<String> = members
        .map(|(name, raw)| format!("{}:{raw}", quoted(name)))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn csv_file(columns: &Columns, separator: &str) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let cells: Vec<String> = columns
        .iter()
        .map(|(_, text)| format!("\"{}\"", text.replace('"', "\"\"")))
        .collect();
    format!("{}\n{}\n", names.join(separator), cells.join(separator))
}

/// The answer of Log Analytics' API.
fn tables(columns: &Columns) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|(name, _)| format!("{{\"name\":{}}}", quoted(name)))
        .collect();
    let row: Vec<&str> = columns.iter().map(|(_, raw)| raw.as_str()).collect();
    format!(
        "{{\"tables\":[{{\"name\":\"PrimaryResult\",\"columns\":[{}],\"rows\":[[{}]]}}]}}",
        names.join(","),
        row.join(",")
    )
}

/// Kibana's `fields`: each value is in a list.
fn kibana(columns: Columns) -> String {
    let prefixed = columns.into_iter().map(|(name, raw)| {
        let raw = if raw.starts_with('[') {
            raw
        } else {
            format!("[{raw}]")
        };
        (format!("kubernetes.audit.{name}"), raw)
    });
    format!(
        "{{\"_index\":\"i\",\"fields\":{}}}",
        object(&prefixed.collect())
    )
}

/// Files, and `true` if bodies have columns.
fn files() -> Vec<(&'static str, String, bool)> {
    let text = |columns: Columns| -> Columns {
        let plain = |raw: String| json::string(&raw).map_or(raw.clone(), |text| text.into_owned());
        columns
            .into_iter()
            .map(|(name, raw)| (name, plain(raw)))
            .collect()
    };
    let splunk = object(&raw(same, true));
    vec![
        ("text in an object", object(&raw(same, true)), true),
        (
            "text in a list of objects",
            format!("[{}]", object(&raw(same, true))),
            true,
        ),
        (
            "a field of Splunk",
            format!("{{\"result\":{splunk}}}"),
            true,
        ),
        (
            "a document of Elasticsearch",
            format!("{{\"_source\":{splunk}}}"),
            true,
        ),
        (
            "a field of a shipper",
            format!("{{\"time\":1,\"k8s\":{splunk}}}"),
            true,
        ),
        ("small letters", object(&raw(lower, true)), true),
        ("small letters, objects", object(&raw(lower, false)), true),
        ("underscores", object(&raw(snake, true)), true),
        ("underscores, objects", object(&raw(snake, false)), true),
        ("`AKSAudit`", object(&raw(aks, false)), true),
        ("`AKSAudit` with text", object(&raw(aks, true)), true),
        ("a custom table", object(&raw(custom, true)), true),
        ("tables", tables(&raw(aks, false)), true),
        ("tables with text", tables(&raw(aks, true)), true),
        (
            "tables with the names of fields",
            tables(&raw(same, true)),
            true,
        ),
        ("CSV", csv_file(&texts(same), ","), true),
        ("CSV, small letters", csv_file(&texts(lower), ","), true),
        ("CSV, underscores", csv_file(&texts(snake), ";"), true),
        ("CSV of `AKSAudit`", csv_file(&texts(aks), "\t"), true),
        ("CSV of a custom table", csv_file(&texts(custom), ","), true),
        ("members", object(&members(".")), false),
        ("members of a custom table", object(&members("_")), false),
        ("CSV of members", csv_file(&text(members(".")), ","), false),
        ("Kibana", kibana(members(".")), false),
        ("Kibana with text", kibana(raw(same, true)), true),
    ]
}

#[test]
fn every_field_survives_every_layout() {
    for (name, file, has_bodies) in files() {
        let mut events = 0;
        let mut check = |item: LogItem<'_>| {
            let LogItem::Event(_, event) = item else {
                panic!("{name}: {item:?}\n{file}");
            };
            events += 1;
            for (field, value) in FIELDS {
                let expected = match value {
                    Value::Body(_) if !has_bodies => None,
                    value => Some(value.raw()),
                };
                let found = json::member(event.raw, field);
                assert_eq!(found, expected.as_deref(), "{name}: {field}\n{file}");
            }
            assert!(!event.missing.groups && event.missing.size, "{name}");
        };
        let mut reader = LogReader::new();
        reader.push(file.as_bytes(), &mut check);
        reader.finish(&mut check);
        assert_eq!(events, 1, "{name}\n{file}");
    }
}

#[test]
fn a_column_that_cannot_be_read_is_a_problem() {
    let cut = |field: &'static str, cell: &str| {
        let mut columns = texts(aks);
        for (name, text) in &mut columns {
            if name == field {
                cell.clone_into(text);
            }
        }
        columns
    };
    for (field, cell, problem, user) in [
        (
            "RequestObject",
            r#"{"a":"b"#,
            "was cut by Azure: only 7 bytes",
            Some("ann"),
        ),
        (
            "RequestObject",
            r#"[{"op":"#,
            "was cut by Azure: only 7 bytes",
            Some("ann"),
        ),
        (
            "RequestObject",
            "skipped-too-big-size-object",
            "",
            Some("ann"),
        ),
        (
            "ObjectRef",
            r#"{"resource":"pods","na"#,
            "was cut",
            Some("ann"),
        ),
        ("SourceIps", r#"["192.0.2.7","19"#, "was cut", Some("ann")),
        ("User", r#"{"username":"bob","gro"#, "was cut", Some("bob")),
        ("User", r#"{"username":"bo"#, "was cut", None),
        (
            "User",
            r#"{"groups":["dev"],"username":"bo"#,
            "was cut",
            None,
        ),
        // Structures in the notation of Athena, with and without doubt, and of Python.
        ("User", "{username=bob, groups=[dev]}", "", Some("bob")),
        ("User", "{username=bob, username=ann}", "is not JSON", None),
        (
            "SourceIps",
            "['192.0.2.7', '192.0.2.8']",
            "is not JSON",
            Some("ann"),
        ),
    ] {
        let columns = cut(field, cell);
        let row = columns
            .iter()
            .map(|(name, text)| (name.clone(), quoted(text)));
        for file in [csv_file(&columns, ","), object(&row.collect())] {
            let mut found = Vec::new();
            let mut problems = Vec::new();
            let mut note = |item: LogItem<'_>| match item {
                LogItem::Event(_, event) => found.push(
                    event
                        .user
                        .and_then(|user| json::string(json::member(user, "username")?))
                        .map(|name| name.into_owned()),
                ),
                LogItem::Problem(problem) => problems.push(problem.reason.to_string()),
            };
            let mut reader = LogReader::new();
            reader.push(file.as_bytes(), &mut note);
            reader.finish(&mut note);
            assert_eq!(found, [user.map(str::to_owned)], "{field}: {cell}");
            assert_eq!(
                problems.len(),
                usize::from(!problem.is_empty()),
                "{field}: {cell}"
            );
            for text in problems {
                let start = format!("column `{field}` {problem}");
                assert!(text.starts_with(&start), "{field}: {cell}: {text}");
            }
        }
    }
}

/// The row of a table is counted from 1 in its table, wherever its lines are.
#[test]
fn a_problem_of_a_row_has_its_number() {
    let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic"}"#;
    let event = quoted(event);
    let table = |rows: &[&str], between: &str| {
        format!(
            "{{\"name\":\"PrimaryResult\",\"columns\":[{{\"name\":\"log_s\"}}],\"rows\":[{}]}}",
            rows.join(between)
        )
    };
    let good = format!("[{event}]");
    let bad = "[\"x\"]";
    for between in [",", ",\n"] {
        let file = format!(
            "{{\"tables\":[{},{}]}}",
            table(&[&good, bad, &good, bad], between),
            table(&[bad, &good], between)
        );
        for size in [7, file.len()] {
            let mut rows = Vec::new();
            let mut note = |item: LogItem<'_>| {
                if let LogItem::Problem(problem) = item {
                    rows.push(problem.reason.to_string());
                }
            };
            let mut reader = LogReader::new();
            for chunk in file.as_bytes().chunks(size) {
                reader.push(chunk, &mut note);
            }
            reader.finish(&mut note);
            let expected =
                [2, 4, 1].map(|row| format!("row {row}: this row contains no audit event"));
            assert_eq!(rows, expected, "{file}");
        }
    }
}
