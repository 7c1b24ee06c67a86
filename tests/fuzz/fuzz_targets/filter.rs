//! The page's filter: a printed filter is parsed to the same one, what is not understood is in the text, a completion replaces a part of it,
//! and a value that is toggled is selected.

#![no_main]

use audit_filter::{Field, Test, completion_at, has_value, parse, term, toggle_value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let parsed = parse(text);
    let printed = parsed.filter.to_string();
    let again = parse(&printed);
    assert_eq!(again.filter, parsed.filter, "{printed}");
    assert_eq!(again.problems, [], "{printed}");
    for problem in &parsed.problems {
        assert!(
            text.get(problem.range.clone())
                .is_some_and(|part| !part.is_empty())
        );
    }
    for value in parsed.filter.terms.iter().flat_map(|term| &term.values) {
        if let Test::Text(pattern) = &value.test {
            // Everything that matches as a whole matches in a part.
            assert!(!pattern.matches(text) || pattern.matches_part(text));
        }
    }
    for caret in (0..=text.len()).filter(|caret| text.is_char_boundary(*caret)) {
        if let Some(completion) = completion_at(text, caret) {
            assert!(text.get(completion.range).is_some());
        }
    }
    for field in [Field::User, Field::Ip, Field::Path, Field::UserAgent] {
        assert!(has_value(&term(field, text), field, text));
    }
    // A quote that is not closed takes in what is appended.
    if !text.contains('"') {
        let mut changed = text.to_owned();
        let had = has_value(text, Field::User, "alice");
        toggle_value(&mut changed, Field::User, "alice");
        assert_eq!(has_value(&changed, Field::User, "alice"), !had, "{changed}");
    }
});
