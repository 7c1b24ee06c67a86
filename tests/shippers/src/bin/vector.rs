//! Runs a program for Vector's transform `remap` on lines from standard input, and prints `.audit_policy` of each event.

use std::io::{BufWriter, Write, stdin, stdout};

use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone, compile};
use vrl::value::{KeyString, ObjectMap, Secrets, Value};

fn main() {
    let file = std::env::args_os().nth(1).expect("the program's file");
    let program = program(&std::fs::read_to_string(file).unwrap());
    let mut out = BufWriter::new(stdout().lock());
    for line in stdin().lines() {
        let verdict = verdict(&program, &line.unwrap());
        writeln!(out, "{}", serde_json::to_string(&verdict).unwrap()).unwrap();
    }
    out.flush().unwrap();
}

/// Compiles a program, which has to be free of warnings: Vector prints them at each start.
fn program(text: &str) -> Program {
    let compiled = compile(text, &vrl::stdlib::all());
    let compiled = compiled.unwrap_or_else(|errors| panic!("{errors:?}"));
    assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    compiled.program
}

/// Applies a program to the event of a line. Vector keeps a line that is not JSON as `.message`.
fn verdict(program: &Program, line: &str) -> Value {
    let message = || Value::Object(ObjectMap::from([(KeyString::from("message"), line.into())]));
    let mut target = TargetValue {
        value: serde_json::from_str(line).unwrap_or_else(|_| message()),
        metadata: Value::Object(ObjectMap::new()),
        secrets: Secrets::new(),
    };
    let mut state = RuntimeState::default();
    let zone = TimeZone::default();
    let mut context = Context::new(&mut target, &mut state, &zone);
    program
        .resolve(&mut context)
        .expect("no event ends the program");
    let fields = target.value.as_object().expect("an object");
    fields["audit_policy"].clone()
}
