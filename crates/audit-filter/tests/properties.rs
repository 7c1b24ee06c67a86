//! Properties of the parser, for any text.

use audit_filter::{Field, completion_at, has_value, parse, term, toggle_value};
use proptest::prelude::*;

/// Returns texts that look like filters more often than not.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("user:"),
        Just("-"),
        Just("verb:"),
        Just("code:"),
        Just(">="),
        Just("<"),
        Just(".."),
        Just("time:"),
        Just("ip:"),
        Just("10.0.0.0/8"),
        Just("\""),
        Just("\\"),
        Just(","),
        Just("*"),
        Just(" "),
        Just("2025-01-31"),
        Just("10:00"),
        Just("-15m"),
        Just("4xx"),
        Just("403"),
        Just("level:"),
        Just("m"),
        Just("stage:"),
        Just("complete"),
        Just("rule:"),
        Just("none"),
        Just("outcome:"),
        Just("dropped"),
        Just("é"),
        Just("İ"),
        Just("ΑΣ"),
        Just("usr:"),
        Just("!"),
        Just("="),
        Just("::1"),
        Just("path:"),
        Just("AND"),
    ];
    let parts = proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat());
    prop_oneof![parts, any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_filter_is_parsed_to_the_same(text in texts()) {
        let parsed = parse(&text);
        let printed = parsed.filter.to_string();
        let again = parse(&printed);
        prop_assert_eq!(&again.filter, &parsed.filter, "{}", printed);
        prop_assert!(again.problems.is_empty(), "{:?}", again.problems);
    }

    #[test]
    fn problems_are_in_the_text_and_in_order(text in texts()) {
        let problems = parse(&text).problems;
        for problem in &problems {
            prop_assert!(text.get(problem.range.clone()).is_some_and(|part| !part.is_empty()));
        }
        prop_assert!(problems.is_sorted_by_key(|problem| problem.range.start));
    }

    #[test]
    fn a_completion_is_in_the_text(text in texts(), caret in 0_usize..40) {
        if let Some(completion) = completion_at(&text, caret) {
            prop_assert!(text.get(completion.range).is_some());
        }
    }

    #[test]
    fn a_toggled_value_is_selected_and_then_is_not(text in texts(), value in any::<String>()) {
        // A quote that is not closed takes in what is appended.
        prop_assume!(!text.contains('"'));
        let mut changed = text.clone();
        if has_value(&changed, Field::User, &value) {
            toggle_value(&mut changed, Field::User, &value);
        }
        toggle_value(&mut changed, Field::User, &value);
        prop_assert!(has_value(&changed, Field::User, &value), "{changed}");
        toggle_value(&mut changed, Field::User, &value);
        prop_assert!(!has_value(&changed, Field::User, &value), "{changed}");
    }

    #[test]
    fn the_term_of_a_value_has_no_problem(value in any::<String>()) {
        for field in [Field::User, Field::Ip, Field::Path, Field::UserAgent] {
            let term = term(field, &value);
            prop_assert!(parse(&term).problems.is_empty(), "{}", term);
            prop_assert!(has_value(&term, field, &value), "{}", term);
        }
    }
}
