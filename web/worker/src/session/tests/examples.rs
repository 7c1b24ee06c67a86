//! Worked examples.

use super::*;
use crate::examples::{FIRST, OTHERS};

#[test]
fn an_example_is_read_as_a_pasted_log_is() {
    for example in [FIRST].iter().chain(&OTHERS) {
        let (name, text) = example.log;
        let mut plain = Log::default();
        plain.read_plain(name, text);
        plain.finish();
        let mut pasted = Log::default();
        pasted.begin_file(name, text.len() as f64, Source::Text(Vec::new()));
        pasted.push(text.as_bytes());
        pasted.end_file();
        pasted.finish();
        assert_eq!(plain.report, pasted.report, "{name}");
        let places = |log: &Log| {
            log.table
                .rows()
                .map(|(_, row)| (row.place, row.time))
                .collect::<Vec<_>>()
        };
        assert_eq!(places(&plain), places(&pasted), "{name}");
        assert_eq!(plain.report.events, text.lines().count(), "{name}");
    }
}

#[test]
fn an_example_opens_with_or_without_its_policy() {
    let mut session = Session::default();
    for with_policy in [true, false] {
        let messages = session.handle_message(ToWorker::Example {
            log: 1,
            index: 0,
            with_policy,
        });
        assert_eq!(messages.first(), Some(&ToPage::Opened { log: 1 }));
        let has_policy = matches!(messages.get(1), Some(ToPage::Example { index: 0, .. }));
        assert_eq!(has_policy, with_policy);
    }
}
