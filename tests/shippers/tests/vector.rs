//! Vector's transform, in Vector's own language.

use apiserver_config::Settings;
use audit_export::{Target, render};
use serde_json::Value as Json;
use shippers::{Reach, corpus, promised};
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone, compile};
use vrl::value::{KeyString, ObjectMap, Secrets, Value};

fn program() -> Program {
    let text = render(&Settings::default(), Target::Vector).text;
    let yaml: serde_norway::Value = serde_norway::from_str(&text).unwrap();
    let transform = &yaml["transforms"]["kube_audit_event"];
    assert_eq!(transform["drop_on_error"].as_bool(), Some(true));
    assert_eq!(transform["reroute_dropped"].as_bool(), Some(true));
    let compiled = compile(transform["source"].as_str().unwrap(), &vrl::stdlib::all());
    let compiled = compiled.unwrap_or_else(|errors| panic!("{errors:?}"));
    assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    compiled.program
}

/// Applies the transform to a line from the file source; `None` if the line is routed to the errors.
fn event(program: &Program, line: &str) -> Option<Json> {
    let members = [
        ("message", line),
        ("file", "/a/audit.log"),
        ("source_type", "file"),
    ];
    let members = members.map(|(name, text)| (KeyString::from(name), Value::from(text)));
    let mut target = TargetValue {
        value: Value::Object(ObjectMap::from(members)),
        metadata: Value::Object(ObjectMap::new()),
        secrets: Secrets::new(),
    };
    let mut state = RuntimeState::default();
    let zone = TimeZone::default();
    let mut context = Context::new(&mut target, &mut state, &zone);
    program.resolve(&mut context).ok()?;
    Some(serde_json::to_value(&target.value).unwrap())
}

#[test]
fn events_lose_their_managed_fields_and_nothing_else() {
    let program = program();
    let (mut trimmed, mut rerouted) = (0, 0);
    for line in corpus() {
        let found = event(&program, &line);
        let Some(mut found) = found else {
            assert_eq!(promised(&line, Reach::Items), None, "{line:.300}");
            rerouted += 1;
            continue;
        };
        let time = found.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert_eq!(micros(&time), found["stageTimestamp"], "{line:.300}");
        assert_eq!(Some(found), promised(&line, Reach::Items), "{line:.300}");
        trimmed += 1;
    }
    println!("{trimmed} events, {rerouted} lines that are none");
    assert_eq!((trimmed, rerouted), (4316 + 4097 + 2 * 11, 2 * 2));
}

/// The time as the server prints it: Vector leaves zeros at the end away, three digits at once.
fn micros(time: &Json) -> String {
    let time = time.as_str().unwrap().trim_end_matches('Z');
    let (seconds, part) = time.split_once('.').unwrap_or((time, ""));
    format!("{seconds}.{part:0<6}Z")
}
