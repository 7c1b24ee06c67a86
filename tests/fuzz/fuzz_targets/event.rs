//! One event as the server writes it: every predicted size is the length of the line, and every line is the recorded event without the
//! parts that the level and the policy omit.

#![no_main]

use audit_log::{Attributes, Event, json};
use audit_policy::{KubernetesVersion, Level, RuleIndex, Stage, Verdict};
use audit_sim::backend::Format;
use audit_sim::legacy::legacy_line;
use audit_sim::written::{TRUNCATED_ANNOTATION, line};
use audit_sim::{
    ApiVersion, Backend, DerivedEvent, EventAttributes, Outcome, Rendering, StageDeriver,
};
use audit_text::diff::{Change, abridged, json_lines, json_with_change};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|bytes: &[u8]| {
    let Ok(raw) = std::str::from_utf8(bytes)
        .map_err(|_| ())
        .and_then(|text| json::value(text).map_err(|_| ()))
    else {
        return;
    };
    if !raw.starts_with('{') {
        return;
    }
    let event = Event::new(raw);
    let attributes = Attributes::from_event(&event);
    let event_attributes = EventAttributes::new(&event, &attributes);
    for rendering in renderings() {
        check_line(&event, &event_attributes, rendering);
    }
    let text = legacy_line(&event, KubernetesVersion::NEWEST);
    assert_eq!(
        text.find(char::is_control),
        Some(text.len() - 1),
        "{text:?}"
    );
    check_contents(&event);
    check_backend(&event, &event_attributes);
    check_derived(&event, &attributes);
    check_diff(raw, &line(&event, Rendering::at(Level::Request)));
    let _ = (event.time(), event.id(), event_attributes.recorded_bytes());
});

fn renderings() -> impl Iterator<Item = Rendering> {
    Level::ALL.into_iter().flat_map(|level| {
        let newest = KubernetesVersion::NEWEST;
        [
            (false, false, newest),
            (true, false, newest),
            (false, true, newest),
            (false, false, KubernetesVersion::OLDEST),
        ]
        .map(|(omit_managed_fields, truncated, version)| Rendering {
            level,
            omit_managed_fields,
            truncated,
            version,
            api_version: ApiVersion::V1,
        })
    })
}

/// The output is one line of JSON of the predicted length, and is stable when read and written again.
fn check_line(event: &Event<'_>, event_attributes: &EventAttributes, rendering: Rendering) {
    let text = line(event, rendering);
    let written = text.strip_suffix('\n').expect("a line end");
    assert_eq!(json::value(written), Ok(written));
    assert!(!written.contains('\n'));
    assert_eq!(line(&Event::new(written), rendering), text);
    let is_newest = rendering.version == KubernetesVersion::NEWEST;
    if !rendering.truncated && (is_newest || !event_attributes.cross_group) {
        let size = event_attributes.sizes.size(
            rendering.level,
            rendering.omit_managed_fields,
            rendering.version,
        );
        assert_eq!(size, text.len() as u64, "{rendering:?}");
    }
}

/// The output has the recorded fields that the level includes.
fn check_contents(event: &Event<'_>) {
    // Bodies are compared as the server writes them: without escapes for plain letters.
    let Ok(Value::Object(recorded)) = serde_json::from_str(event.raw) else {
        return;
    };
    // Differences between versions, and patches without a body, have tests of their own.
    let is_special = ["\\u00", "creationTimestamp", "DeleteOptions"]
        .iter()
        .any(|text| event.raw.contains(text));
    if is_special || recorded.get("requestObject") == Some(&Value::Null) {
        return;
    }
    for rendering in renderings().filter(|one| one.version == KubernetesVersion::NEWEST) {
        let text = line(event, rendering);
        let written: Value = serde_json::from_str(&text).expect("a line of JSON");
        assert_eq!(written, expected(&recorded, rendering), "{rendering:?}");
    }
}

/// Builds the event from the documentation's tables, without regard to order or size.
fn expected(recorded: &Map<String, Value>, rendering: Rendering) -> Value {
    const KEPT: [&str; 14] = [
        "auditID",
        "stage",
        "requestURI",
        "verb",
        "user",
        "impersonatedUser",
        "authenticationMetadata",
        "sourceIPs",
        "userAgent",
        "objectRef",
        "responseStatus",
        "requestObject",
        "responseObject",
        "stageTimestamp",
    ];
    let field = |name: &str| recorded.get(name).filter(|value| !value.is_null()).cloned();
    let mut event = Map::new();
    for (name, value) in [
        ("kind", "Event"),
        ("apiVersion", "audit.k8s.io/v1"),
        ("level", rendering.level.name()),
    ] {
        event.insert(name.to_owned(), value.into());
    }
    for name in KEPT {
        let level = match name {
            "requestObject" => Level::Request,
            "responseObject" => Level::RequestResponse,
            _ => Level::None,
        };
        let is_body = level > Level::None;
        let is_patch = name == "requestObject" && field("verb") == Some("patch".into());
        if rendering.level < level || (is_body && rendering.truncated) {
            continue;
        }
        if let Some(mut value) = field(name) {
            if is_body && rendering.omit_managed_fields && !is_patch {
                omit_managed_fields(&mut value);
            }
            event.insert(name.to_owned(), value);
        }
    }
    let received = field("requestReceivedTimestamp").or_else(|| field("timestamp"));
    if let Some(received) = received {
        event.insert("requestReceivedTimestamp".to_owned(), received);
    }
    let mut annotations = match field("annotations") {
        Some(Value::Object(annotations)) => annotations,
        _ => Map::new(),
    };
    annotations.retain(|key, _| {
        rendering.level >= Level::Request || !key.starts_with("patch.webhook.admission.k8s.io/")
    });
    if rendering.truncated {
        annotations.insert(TRUNCATED_ANNOTATION.to_owned(), "true".into());
    }
    if !annotations.is_empty() {
        event.insert("annotations".to_owned(), annotations.into());
    }
    event.into()
}

/// Removes the managed fields of an object, of a list's items and of the objects in the rows of a `meta.k8s.io` table. A list with an item
/// that is not an object stays unchanged.
fn omit_managed_fields(body: &mut Value) {
    let omit = |object: Option<&mut Value>| {
        if let Some(Value::Object(metadata)) = object.and_then(|object| object.get_mut("metadata"))
        {
            metadata.shift_remove("managedFields");
        }
    };
    let of_table = ["meta.k8s.io/v1", "meta.k8s.io/v1beta1"];
    let is_table = body["kind"] == "Table" && of_table.iter().any(|of| body["apiVersion"] == *of);
    let items = body["items"].as_array();
    if items.is_some_and(|items| !items.iter().all(Value::is_object)) {
        return;
    }
    omit(Some(body));
    if let Some(Value::Array(items)) = body.get_mut("items") {
        items.iter_mut().for_each(|item| omit(Some(item)));
    }
    if let Some(Value::Array(rows)) = body.get_mut("rows").filter(|_| is_table) {
        rows.iter_mut().for_each(|row| omit(row.get_mut("object")));
    }
}

/// The backend writes what it predicts, and no line exceeds the limit.
fn check_backend(event: &Event<'_>, event_attributes: &EventAttributes) {
    let mut verdict = Verdict::default();
    verdict.level = Level::RequestResponse;
    verdict.omit_managed_fields = true;
    verdict.rule = Some(RuleIndex::new(0));
    let whole = line(
        event,
        Rendering {
            omit_managed_fields: true,
            ..Rendering::at(verdict.level)
        },
    );
    let whole = whole.len() as u64;
    for format in [Format::Json, Format::Legacy] {
        for max_event_size in [None, Some(whole), Some(whole - 1), Some(whole / 2)] {
            let backend = Backend {
                format,
                max_event_size,
                version: KubernetesVersion::NEWEST,
                api_version: ApiVersion::V1,
            };
            let emission = backend.emit(event, event_attributes, Some(verdict));
            let Some(rendering) = emission.rendering else {
                assert_eq!(emission.event_outcome.outcome, Outcome::DroppedTruncation);
                continue;
            };
            let length = backend.line(event, rendering).len() as u64;
            if let Some(bytes) = emission.event_outcome.written_bytes {
                assert_eq!(bytes, length);
                let limit = max_event_size.filter(|_| format == Format::Json);
                assert!(limit.is_none_or(|limit| length <= limit));
            }
        }
    }
}

/// Derived events of earlier stages are valid events, and none is derived twice.
fn check_derived(event: &Event<'_>, attributes: &Attributes) {
    for stage in [Stage::RequestReceived, Stage::ResponseStarted] {
        let derived = DerivedEvent::new(event, attributes, stage);
        let event = derived.event();
        assert_eq!(event.recorded_stage(), Some(stage));
        let event_attributes = EventAttributes::new(&event, attributes);
        check_line(
            &event,
            &event_attributes,
            Rendering::at(Level::RequestResponse),
        );
    }
    let mut stages = StageDeriver::default();
    let missing = stages.missing_before(event, attributes);
    assert!(
        missing
            .iter()
            .all(|stage| Some(*stage) < event.recorded_stage())
    );
    assert_eq!(stages.missing_before(event, attributes), []);
}

/// A text compared with itself is unchanged, and abridging the comparison of any two texts accounts for every line.
fn check_diff(recorded: &str, written: &str) {
    let same = json_lines(recorded, recorded);
    assert_eq!(same, json_with_change(recorded, Change::Unchanged));
    let lines = json_lines(recorded, written.trim_end());
    let count = lines.len();
    let shown = abridged(lines, 4);
    let left_out: usize = shown.iter().map(|(_, left_out)| left_out).sum();
    let gaps = shown.iter().filter(|(_, left_out)| *left_out > 0).count();
    assert_eq!(shown.len() - gaps + left_out, count);
}
