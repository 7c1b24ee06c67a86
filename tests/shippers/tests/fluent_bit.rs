//! Fluent Bit's filter, in the interpreter that Fluent Bit is built with, called as it calls it.

use std::time::Instant;

use apiserver_config::Settings;
use audit_export::{Target, render};
use mlua::{Function, Lua, Table};
use shippers::{Reach, corpus, promised, read};

#[test]
fn lines_lose_their_managed_fields_and_nothing_else() {
    let document = render(&Settings::default(), Target::FluentBit);
    let yaml: serde_norway::Value = serde_norway::from_str(&document.text).unwrap();
    let filter = &yaml["pipeline"]["filters"][0];
    assert_eq!(
        filter["script"].as_str(),
        Some(document.files[0].path.as_str())
    );
    let lua = Lua::new();
    lua.load(&document.files[0].text).exec().unwrap();
    let call: Function = lua.globals().get(filter["call"].as_str().unwrap()).unwrap();

    let (mut trimmed, mut left) = (0, 0);
    let start = Instant::now();
    for line in corpus() {
        let record = lua.create_table().unwrap();
        record.set("log", line.as_str()).unwrap();
        let (code, time, record): (i64, f64, Table) =
            call.call(("kube.audit", 1.5, record)).unwrap();
        let text: String = record.get("log").unwrap();
        assert!(time == 1.5 && record.pairs::<String, String>().count() == 1);
        assert_eq!(read(&text), promised(&line, Reach::Items), "{line:.300}");
        if code == 0 {
            assert_eq!(text, line);
            left += 1;
        } else {
            assert_eq!(code, 2);
            // Nothing was rewritten: the rest is a subsequence of the line.
            assert!(in_order(&text, &line), "{line:.300}");
            trimmed += 1;
        }
    }
    println!(
        "{trimmed} lines trimmed, {left} left alone, {:.1?}",
        start.elapsed()
    );
    assert_eq!(trimmed + left, 4316 + 4097 + 2 * 13);
    assert!(trimmed > 400, "{trimmed}");
}

/// Returns whether one text is a subsequence of the other.
fn in_order(part: &str, whole: &str) -> bool {
    let mut rest = whole.bytes();
    part.bytes().all(|byte| rest.any(|other| other == byte))
}
