//! Layouts of a file and wrappers of its records.

use super::text::pretty;

/// Layout of the records in a file.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Name for messages.
    pub name: &'static str,
    pub(super) head: &'static str,
    pub(super) separator: &'static str,
    pub(super) tail: &'static str,
    pub(super) record: fn(&str) -> String,
    /// Each record is a line.
    pub is_lines: bool,
}

const LIST: &str = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":["#;
const PRETTY_LIST: &str = "{\n  \"kind\": \"EventList\",\n  \"apiVersion\": \"audit.k8s.io/v1\",\n  \"metadata\": {},\n  \"items\": [\n";

const fn kind(
    name: &'static str,
    [head, separator, tail]: [&'static str; 3],
    record: fn(&str) -> String,
) -> Kind {
    Kind {
        name,
        head,
        separator,
        tail,
        record,
        is_lines: false,
    }
}

const fn lines(name: &'static str, record: fn(&str) -> String) -> Kind {
    Kind {
        is_lines: true,
        ..kind(name, ["", "\n", "\n"], record)
    }
}

/// Every layout and every wrapper.
pub const KINDS: [Kind; 39] = [
    lines("JSON lines", plain),
    Kind {
        is_lines: true,
        ..kind("JSON lines with CRLF", ["", "\r\n", "\r\n"], plain)
    },
    lines("JSON lines in another order of fields", sorted),
    kind("compact array", ["[", ",", "]"], plain),
    kind("array with a record a line", ["[\n", ",\n", "\n]\n"], plain),
    kind("pretty array", ["[\n", ",\n", "\n]\n"], pretty),
    kind("values on one line", ["", "", ""], plain),
    kind("pretty values", ["", "\n", "\n"], pretty),
    kind("compact EventList", [LIST, ",", "]}"], plain),
    kind(
        "compact EventList and a line end",
        [LIST, ",", "]}\n"],
        plain,
    ),
    kind(
        "pretty EventList",
        [PRETTY_LIST, ",\n", "\n  ]\n}\n"],
        pretty,
    ),
    kind("EventLists, a line each", ["", "\n", "\n"], list),
    kind("EventLists, pretty", ["", "\n", "\n"], |event| {
        PRETTY_LIST.to_owned() + &pretty(event) + "\n  ]\n}"
    }),
    kind("document of records", [r#"{"records":["#, ",", "]}"], azure),
    kind(
        "pretty document of records",
        ["{\n\"records\": [\n", ",\n", "\n]\n}\n"],
        azure,
    ),
    lines("Azure records", azure),
    lines("Azure records with an object", |event| {
        format!(r#"{{"category":"kube-audit","properties":{{"log":{event}}}}}"#)
    }),
    kind(
        "Elasticsearch answer",
        [
            r#"{"took":1,"hits":{"total":{"value":9},"hits":["#,
            ",",
            "]}}",
        ],
        |event| format!(r#"{{"_index":"i","_source":{event}}}"#),
    ),
    lines("Elasticsearch documents", |event| {
        format!(
            r#"{{"_index":"i","_source":{{"message":{}}}}}"#,
            string(event)
        )
    }),
    kind(
        "OTLP",
        [
            r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":["#,
            ",",
            "]}]}]}",
        ],
        |event| {
            format!(
                r#"{{"timeUnixNano":"1","body":{{"stringValue":{}}}}}"#,
                string(event)
            )
        },
    ),
    kind(
        "CloudWatch",
        [r#"{"events":["#, ",", r#"],"nextToken":null}"#],
        |event| format!(r#"{{"timestamp":1,"message":{}}}"#, string(event)),
    ),
    kind(
        "CloudWatch subscription, an event a document",
        ["", "\n", "\n"],
        |event| {
            format!(
                r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"id":"1","message":{}}}]}}"#,
                string(event)
            )
        },
    ),
    kind(
        "Insights",
        [r#"{"results":["#, ",", r#"],"status":"Complete"}"#],
        |event| {
            format!(
                r#"[{{"field":"@ptr","value":"x"}},{{"field":"@message","value":{}}}]"#,
                string(event)
            )
        },
    ),
    kind(
        "Log Analytics",
        [
            r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"log_s","type":"string"}],"rows":["#,
            ",",
            "]}]}",
        ],
        |event| format!(r#"["2024-01-02T03:04:05Z",{}]"#, string(event)),
    ),
    kind("Insights of the console", ["[", ",", "]"], |event| {
        format!(r#"{{"@timestamp":"x","@message":{event}}}"#)
    }),
    kind(
        "Loki",
        [
            r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"job":"a"},"values":["#,
            ",",
            "]}]}}",
        ],
        |event| format!(r#"["1700000000000000000",{}]"#, string(event)),
    ),
    lines("Loki lines", |event| {
        format!(
            r#"{{"labels":{{"job":"a"}},"line":{},"timestamp":"2024-01-02T03:04:05Z"}}"#,
            string(event)
        )
    }),
    lines("Docker", docker),
    lines("CRI", |event| {
        format!("2024-01-02T03:04:05.123456789Z stdout F {event}")
    }),
    lines("CRI in parts", |event| {
        let middle = (event.len() / 2..).find(|at| event.is_char_boundary(*at));
        let (first, last) = event.split_at(middle.unwrap_or_default());
        format!("2024-01-02T03:04:05.1Z stdout P {first}\n2024-01-02T03:04:05.1Z stdout F {last}")
    }),
    lines("kubectl", |event| format!("[pod/api-0/api] {event}")),
    lines("timed", |event| format!("2024-01-02T03:04:05Z {event}")),
    lines("journald", |event| {
        format!("Jan 02 03:04:05 node api[12]: {event}")
    }),
    lines("journald JSON", |event| {
        format!(
            r#"{{"__CURSOR":"c","MESSAGE":{},"_PID":"1"}}"#,
            string(event)
        )
    }),
    lines("syslog", |event| {
        format!("<13>1 2024-01-02T03:04:05Z n1 api - - {event}")
    }),
    lines("shipper records", |event| {
        format!(
            r#"{{"date":1.5,"payload":{{"text":{}}},"tag":"t"}}"#,
            string(event)
        )
    }),
    kind("CSV", ["_time,_raw\n", "\n", "\n"], |event| {
        format!("2024-01-02,\"{}\"", event.replace('"', "\"\""))
    }),
    kind("TSV", ["log\ttime\n", "\r\n", "\r\n"], |event| {
        event.to_owned() + "\tt"
    }),
    lines("OpenShift", |event| {
        let extra = r#"{"@timestamp":"t","k8s_audit_level":"Metadata","hostname":"n","#;
        event.replacen('{', extra, 1)
    }),
];

/// Formats whose events are converted and are not in the file as text.
pub const CONVERTED: [Kind; 3] = [
    lines("GKE entries", google),
    kind("GKE answer", [r#"{"entries":["#, ",", "]}"], google),
    kind(
        "Log Analytics, a column per field",
        [
            r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"AuditId"},{"name":"Stage"},{"name":"RequestUri"},{"name":"Verb"},{"name":"User"}],"rows":["#,
            ",",
            "]}]}",
        ],
        |event| {
            format!(
                r#"["id-{}","ResponseComplete","/api/v1/pods","list","{{\"username\":\"u\",\"groups\":[\"g\"]}}"]"#,
                id_of(event)
            )
        },
    ),
];

fn plain(event: &str) -> String {
    event.to_owned()
}

fn list(event: &str) -> String {
    format!("{LIST}{event}]}}")
}

fn azure(event: &str) -> String {
    format!(
        r#"{{"category":"kube-audit","properties":{{"log":{}}},"time":"t"}}"#,
        string(event)
    )
}

fn docker(event: &str) -> String {
    let text = string(&format!("{event}\n"));
    format!(r#"{{"log":{text},"stream":"stdout","time":"2024-01-02T03:04:05Z"}}"#)
}

fn google(event: &str) -> String {
    format!(
        r#"{{"insertId":"x","protoPayload":{{"methodName":"io.k8s.core.v1.pods.get","resourceName":"core/v1/namespaces/d/pods/id-{}"}}}}"#,
        id_of(event)
    )
}

/// Returns the number of an event.
pub(super) fn id_of(event: &str) -> &str {
    let id = event.split("id-").nth(1);
    id.and_then(|id| id.split('"').next()).unwrap_or_default()
}

/// Sorts the fields by name.
fn sorted(event: &str) -> String {
    let moved = r#""auditID":"#;
    let Some(at) = event.find(moved) else {
        return event.to_owned();
    };
    let end = event[at..].find(',').map_or(at, |length| at + length + 1);
    format!("{{{}{}{}", &event[at..end], &event[1..at], &event[end..])
}

/// Quotes a text as a JSON string.
fn string(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}
