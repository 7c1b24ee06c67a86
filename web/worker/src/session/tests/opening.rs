//! Opening a log while another one is open.

use super::*;

#[test]
fn the_open_log_stays_until_the_next_one_has_an_event() {
    let mut session = opened();
    let before = rows(&mut session);
    assert!(!before.is_empty());
    for text in [
        "",
        "Monday: call Bob.\n",
        "{\"kind\":\"ClusterConfiguration\"}",
    ] {
        let messages = session.handle_message(ToWorker::Paste {
            log: 2,
            text: text.to_owned(),
        });
        let [ToPage::NotOpened { log: 2, report, .. }] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        assert_eq!(report.events, 0);
        assert!(report.files[0].rejection.is_some(), "{text}");
        assert_eq!(rows(&mut session), before);
    }
    // A log that is cancelled while it is being read does not replace it either.
    assert_eq!(session.begin_log(3), vec![]);
    let log = session.log_being_read();
    log.begin_file("a", 0.0, Source::Text(Vec::new()));
    log.push(b"{\"kind\":");
    assert_eq!(rows(&mut session), before);
    assert!(matches!(
        session.finish_log(true).as_slice(),
        [ToPage::NotOpened { log: 3, report, .. }] if report.cancelled
    ));
    assert_eq!(rows(&mut session), before);
    let messages = session.handle_message(ToWorker::Paste {
        log: 4,
        text: event(1, r#""stage":"Panic","requestURI":"/a","user":{}"#),
    });
    assert!(matches!(
        messages.as_slice(),
        [ToPage::Opened { log: 4 }, ToPage::Log(_), ToPage::Answer(_)]
    ));
    assert_eq!(rows(&mut session).len(), 1);
}

#[test]
fn a_log_replaced_while_it_is_read_is_complete_up_to_there() {
    let mut session = opened();
    session.begin_log(2);
    let log = session.log_being_read();
    log.begin_file("a", 0.0, Source::Text(Vec::new()));
    log.push((event(1, r#""stage":"Panic","requestURI":"/a","user":{}"#) + "\n").as_bytes());
    let messages = session.show_so_far();
    assert_eq!(messages.first(), Some(&ToPage::Opened { log: 2 }));
    let messages = session.begin_log(3);
    assert!(matches!(
        messages.as_slice(),
        [ToPage::Log(report), ToPage::Answer(_)] if report.cancelled && report.events == 1
    ));
    assert_eq!(rows(&mut session).len(), 1);
}

#[test]
fn a_file_that_is_not_a_log_has_one_message() {
    let mut session = opened();
    session.begin_log(2);
    let log = session.log_being_read();
    let event = event(1, r#""stage":"Panic","requestURI":"/a","user":{}"#) + "\n";
    for (name, text) in [
        ("a.log", format!("oops one\n{event}oops two\n")),
        (
            "README.md",
            "# Notes\n\nSome words here.\n- one\n".to_owned(),
        ),
        (
            "pod.log",
            "# Notes\n- one\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\n".to_owned(),
        ),
        ("b.log", format!("{event}oops three\n")),
    ] {
        log.begin_file(name, 0.0, Source::Text(Vec::new()));
        log.push(text.as_bytes());
        log.end_file();
    }
    let report = &log.report;
    let listed: Vec<_> = report
        .problems
        .iter()
        .map(|problem| (&*problem.file, problem.line))
        .collect();
    // The lines of a log, and what is JSON in a file that is not one.
    let expected = [("a.log", 1), ("a.log", 3), ("pod.log", 3), ("b.log", 2)];
    assert_eq!(listed, expected);
    assert_eq!((report.unreadable, report.rejected_texts), (9, 5));
    let rejection = report.files[1].rejection.as_deref().unwrap_or_default();
    assert!(
        rejection.ends_with("; none of its 4 lines is an event"),
        "{rejection}"
    );
}
