//! A pasted text: any text can be read, and settings that were inserted into it can be read from it again.

#![no_main]

use apiserver_config::{KubernetesVersion, Settings};
use audit_import::{Patched, import, patch};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let version = KubernetesVersion::NEWEST;
    let read = import(text, version);
    // A carriage return on its own ends a line, too.
    let lines = text.matches(['\n', '\r']).count() + 1;
    for finding in &read.findings {
        let span = finding.span().expect("a line");
        assert!(text.get(span.start..span.end).is_some(), "{finding:?}");
        assert!(!finding.message.is_empty() && !finding.help.is_empty());
    }
    for settings in [&Settings::new(""), &read.settings] {
        match patch(settings, text) {
            Ok(patched) => check(settings, text, &patched),
            Err(error) => {
                assert!(error.line.is_none_or(|line| (1..=lines).contains(&line)));
                assert!(!error.message.is_empty() && !error.help.is_empty());
            }
        }
    }
});

fn check(settings: &Settings, before: &str, patched: &Patched) {
    let read = import(&patched.text, settings.version).settings;
    assert_eq!(read.flags(), settings.flags());
    assert_eq!(patched.before, before);
    assert_eq!(patched.diff("m").is_empty(), before == patched.text);
    match patch(settings, &patched.text) {
        Ok(again) => assert_eq!(again.text, patched.text),
        // Without its flags, the container of the server may be unidentifiable.
        Err(error) => assert!(
            error.message == "no container is kube-apiserver"
                || error.message.starts_with("the container runs `"),
            "{}",
            error.message
        ),
    }
}
