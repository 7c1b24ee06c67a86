//! Logs in brief: one request per line, from which an event is made as kube-apiserver writes it.

use audit_log::{Attributes, Event};
use audit_types::{Level, Span, Stage, spelling, time};
use serde_json::{Map, Value, json};

use crate::error::PlacedError;

/// Maximum number of lines.
const MAX_LINES: usize = 500;

/// Names of the optional fields of a line.
const FIELDS: [&str; 9] = [
    "agent", "as", "groups", "id", "ip", "level", "name", "reason", "stage",
];

/// Help for a line that is not one.
const HOW: &str =
    "write `TIME USER VERB PATH STATUS`, such as `2026-03-04T10:15:30Z alice get /api/v1/pods 200`";

/// Returns the events of a log in brief as JSON lines. `start` is its place in the file.
///
/// # Errors
/// If a line is not one, with its place.
pub(crate) fn expand(text: &str, start: usize) -> Result<String, PlacedError> {
    let mut out = String::new();
    let mut at = start;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let span = Span::new(at, at + line.trim_end().len());
        at += line.len();
        if number >= MAX_LINES {
            let message = format!("the log has more than {MAX_LINES} lines");
            return Err(PlacedError::new(message, "", span));
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let event =
            event(line, number).map_err(|(message, help)| PlacedError::new(message, help, span))?;
        out.push_str(&event.to_string());
        out.push('\n');
    }
    Ok(out)
}

/// A message and its help.
type Problem = (String, String);

fn problem<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Problem> {
    Err((message.into(), help.into()))
}

/// The optional fields of a line.
struct Fields<'l>(Vec<(&'l str, &'l str)>);

impl<'l> Fields<'l> {
    fn read(words: impl Iterator<Item = &'l str>) -> Result<Self, Problem> {
        let mut fields = Vec::new();
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                let message = format!("`{}` is not a field", audit_types::excerpt::excerpt(word));
                return problem(message, "write `name=value`");
            };
            if !FIELDS.contains(&name) {
                let meant = spelling::nearest(name, FIELDS, 2);
                let help = meant.map_or_else(
                    || format!("the fields are `{}`", FIELDS.join("`, `")),
                    |meant| format!("did you mean `{meant}`?"),
                );
                return problem(
                    format!("unknown field {}", audit_types::excerpt::quote(name)),
                    help,
                );
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    fn get(&self, name: &str) -> Option<&'l str> {
        let found = self.0.iter().find(|(own, _)| *own == name);
        found.map(|(_, value)| *value)
    }
}

/// Returns the event of a line.
fn event(line: &str, number: usize) -> Result<Value, Problem> {
    let mut words = line.split_whitespace();
    let head = [
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
    ];
    let [
        Some(received),
        Some(user),
        Some(verb),
        Some(uri),
        Some(status),
    ] = head
    else {
        return problem("a line of the log is not complete", HOW);
    };
    let fields = Fields::read(words)?;
    let Some(micros) = time::parse(received) else {
        return problem(
            format!("{} is not a time", audit_types::excerpt::quote(received)),
            HOW,
        );
    };
    let Some(status) = status
        .parse::<u16>()
        .ok()
        .filter(|code| (100..600).contains(code))
    else {
        return problem(
            format!("{} is not a status", audit_types::excerpt::quote(status)),
            HOW,
        );
    };
    let level = named(&fields, "level", Level::Metadata, Level::from_name)?;
    let stage = named(&fields, "stage", Stage::ResponseComplete, Stage::from_name)?;
    let mut event = Map::new();
    let mut set = |key: &str, value: Value| event.insert(key.to_owned(), value);
    set("kind", json!("Event"));
    set("apiVersion", json!("audit.k8s.io/v1"));
    set("level", json!(level.name()));
    let id = fields
        .get("id")
        .map_or_else(|| audit_id(number), str::to_owned);
    set("auditID", json!(id));
    set("stage", json!(stage.name()));
    set("requestURI", json!(uri));
    set("verb", json!(verb));
    set("user", user_of(user, fields.get("groups")));
    if let Some(name) = fields.get("as") {
        set("impersonatedUser", user_of(name, None));
    }
    let ips: Vec<&str> = fields.get("ip").unwrap_or("10.20.0.5").split(',').collect();
    set("sourceIPs", json!(ips));
    set(
        "userAgent",
        json!(fields.get("agent").unwrap_or("kubectl/v1.36.0")),
    );
    let object = object_ref(
        &Value::Object(event.clone()).to_string(),
        fields.get("name"),
    );
    let mut set = |key: &str, value: Value| event.insert(key.to_owned(), value);
    if let Some(object) = object {
        set("objectRef", object);
    }
    let is_answered = stage != Stage::RequestReceived;
    if is_answered {
        set("responseStatus", json!({"metadata": {}, "code": status}));
    }
    set("requestReceivedTimestamp", json!(timestamp(micros)));
    let reached = if is_answered {
        micros.saturating_add(4_000)
    } else {
        micros
    };
    set("stageTimestamp", json!(timestamp(reached)));
    if is_answered && status != 401 {
        let decision = if status == 403 { "forbid" } else { "allow" };
        let reason = fields.get("reason").unwrap_or_default();
        set(
            "annotations",
            json!({"authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": reason}),
        );
    }
    Ok(Value::Object(event))
}

fn named<T>(
    fields: &Fields<'_>,
    field: &str,
    default: T,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, Problem> {
    let Some(value) = fields.get(field) else {
        return Ok(default);
    };
    let unknown = || {
        (
            format!("unknown {field} {}", audit_types::excerpt::quote(value)),
            String::new(),
        )
    };
    read(value).ok_or_else(unknown)
}

fn timestamp(micros: i64) -> String {
    let mut text = String::new();
    time::write_rfc_3339_micros(micros, &mut text);
    text
}

/// Returns an audit ID that depends on the line alone.
fn audit_id(number: usize) -> String {
    let mixed = (number as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        mixed >> 32,
        mixed >> 16 & 0xffff,
        mixed >> 4 & 0xfff,
        mixed & 0xfff,
        mixed & 0xffff_ffff_ffff
    )
}

/// Returns a user with the groups that the server adds; `-` is a request whose authentication failed.
fn user_of(name: &str, groups: Option<&str>) -> Value {
    if name == "-" {
        return json!({});
    }
    let mut all: Vec<String> = groups
        .into_iter()
        .flat_map(|groups| groups.split(','))
        .map(str::to_owned)
        .collect();
    all.extend(audit_policy::usual_groups(name));
    json!({"username": name, "groups": all})
}

/// Returns the reference to the object of an event.
fn object_ref(event: &str, name: Option<&str>) -> Option<Value> {
    let request = Attributes::from_event(&Event::new(event)).request;
    if !request.is_resource_request {
        return None;
    }
    let mut object = Map::new();
    let version = request
        .path
        .split('/')
        .nth(if request.api_group.is_empty() { 2 } else { 3 });
    let parts = [
        ("resource", request.resource.as_str()),
        ("namespace", &request.namespace),
        ("name", name.unwrap_or(&request.name)),
        ("apiGroup", &request.api_group),
        ("apiVersion", version.unwrap_or_default()),
        ("subresource", &request.subresource),
    ];
    for (key, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
        object.insert(key.to_owned(), json!(value));
    }
    Some(Value::Object(object))
}
