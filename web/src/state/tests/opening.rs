//! Logs on their way in: what stays, what goes, and how to go back.

use playground_protocol::FileReport;

use super::*;

fn refused_report() -> LogReport {
    LogReport {
        files: vec![FileReport {
            name: "notes.txt".to_owned(),
            bytes: 9.0,
            format: String::new(),
            events: 0,
            refusal: Some("it is empty".to_owned()),
            lost: Vec::new(),
        }],
        ..LogReport::default()
    }
}

#[test]
fn a_log_without_events_leaves_the_open_one_as_it_is() {
    let mut state = with_log();
    state.apply(Action::Select(7));
    state.apply(files());
    assert!(state.reading.is_some() && state.settled());
    not_opened(&mut state, refused_report());
    assert!(state.reading.is_none() && state.settled());
    assert_eq!(state.selected_event(), Some(7));
    let notice = state.notice(NoticeKind::NotOpened).unwrap();
    assert_eq!(notice.reasons, ["notes.txt: it is empty"]);
    assert!(notice.sentence.ends_with("The log that was open stays."));
    assert!(state.notice(NoticeKind::Opened).is_none());
    // What was said of it goes with the next attempt.
    state.apply(files());
    assert!(state.notice(NoticeKind::NotOpened).is_none());
    opened(&mut state);
    assert!(state.notice(NoticeKind::Opened).is_some());
    state.apply(Action::DismissNotice(NoticeKind::Opened));
    assert!(state.notices.is_empty());
}

#[test]
fn a_log_without_events_is_explained_where_no_other_is_open() {
    let mut state = AppState::default();
    ready(&mut state, 0);
    state.apply(files());
    not_opened(&mut state, refused_report());
    assert!(state.openings.refused.is_some() && !state.settled());
    state.apply(files());
    opened(&mut state);
    assert!(state.openings.refused.is_none());
    assert!(
        state.notice(NoticeKind::Opened).is_none(),
        "there is nothing to go back to"
    );
}

#[test]
fn the_log_before_is_opened_again_whatever_it_was() {
    let profile = playground_protocol::volume::ClusterProfile::default();
    let opens = [
        files(),
        Action::PasteLog("{}".to_owned()),
        Action::OpenModel(profile),
        Action::OpenExample(1),
    ];
    for before in &opens {
        for after in &opens {
            let mut state = with_log();
            state.apply(before.clone());
            opened(&mut state);
            state.apply(after.clone());
            opened(&mut state);
            let asks = state.apply(Action::ReopenPrevious);
            let log = state.openings.count;
            let expected = match before {
                Action::PasteLog(text) => Ask::Paste {
                    log,
                    text: text.clone(),
                },
                Action::OpenModel(profile) => Ask::Model {
                    log,
                    profile: *profile,
                    version: "1.36".to_owned(),
                },
                Action::OpenExample(index) => Ask::Example {
                    log,
                    index: *index,
                    with_policy: false,
                },
                _ => Ask::Open {
                    log,
                    names: vec!["audit.log".to_owned()],
                },
            };
            assert_eq!(asks, vec![expected]);
            // And back again, once it is open.
            opened(&mut state);
            assert!(state.notice(NoticeKind::Opened).is_some());
        }
    }
}

#[test]
fn going_back_from_an_example_brings_the_policy_back_unless_it_was_edited() {
    for edited in [false, true] {
        let mut state = with_log();
        state.apply(Action::OpenExample(1));
        opened(&mut state);
        state.apply(Action::Tell(Tell::Example {
            index: 1,
            policy: "rules: [] # example".to_owned(),
            story: String::new(),
            event: None,
        }));
        if edited {
            state.apply(edit("rules: [] # mine"));
        }
        state.apply(Action::ReopenPrevious);
        let text = if edited {
            "rules: [] # mine"
        } else {
            "rules: []"
        };
        assert_eq!(*state.text, text);
    }
}

#[test]
fn the_newest_log_counts_though_an_older_one_comes_first() {
    let mut state = with_log();
    state.apply(files());
    state.apply(Action::PasteLog("{}".to_owned()));
    state.apply(Action::Tell(Tell::Opened { log: 2 }));
    state.apply(Action::Tell(Tell::Log(LogReport::default())));
    assert!(state.reading.is_some(), "the pasted log is still to come");
    state.apply(Action::Tell(Tell::Opened { log: 3 }));
    assert!(matches!(state.openings.current(), Some(LogSource::Text(_))));
    assert!(matches!(
        state.apply(Action::ReopenPrevious).as_slice(),
        [Ask::Open { .. }]
    ));
}
