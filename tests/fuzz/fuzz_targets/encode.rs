//! JSON written as the server writes it: the same value, on one line, and stable when written again.

#![no_main]

use audit_log::json;
use audit_sim::encode::{compact, ordered, quote, recode};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let quoted = printed(quote, text);
    assert_eq!(serde_json::from_str(&quoted).ok(), Some(text.to_owned()));
    assert_eq!(json::string(&quoted).as_deref(), Some(text));

    let Ok(raw) = json::value(text) else {
        return;
    };
    let in_order = |raw: &str, out: &mut String| ordered(raw, &["metadata", "user", "a"], out);
    for print in [compact, recode, in_order] {
        let line = printed(print, raw);
        assert_eq!(json::value(&line), Ok(line.as_str()));
        assert_eq!(printed(print, &line), line);
        assert!(!line.contains(['\n', '\r', '\t', '<', '>', '&', '\u{2028}', '\u{2029}']));
        // serde_json rejects lone surrogates, deep nesting and numbers outside the range of floats.
        if let Ok(value) = serde_json::from_str::<Value>(raw) {
            assert_eq!(serde_json::from_str(&line).ok(), Some(value));
        }
    }
});

fn printed(print: fn(&str, &mut String), raw: &str) -> String {
    let mut text = String::new();
    print(raw, &mut text);
    text
}
