//! Logs on their way in: what stays, what goes, and how to go back.

use playground_protocol::FileReport;

use super::kept::listed;
use super::*;
use crate::state::kept::Next;

fn empty_report() -> LogReport {
    LogReport {
        files: vec![FileReport {
            name: "notes.txt".to_owned(),
            bytes: 9.0,
            format: String::new(),
            events: 0,
            rejection: Some("it is empty".to_owned()),
            losses: Vec::new(),
        }],
        ..LogReport::default()
    }
}

#[test]
fn a_log_without_events_leaves_the_open_one_as_it_is() {
    let mut state = with_log();
    state.apply(Action::SelectRow(7));
    state.apply(files());
    assert!(state.reading.is_some() && state.settled());
    not_opened(&mut state, empty_report());
    assert!(state.reading.is_none() && state.settled());
    assert_eq!(state.selected_event(), Some(EventId::new(7)));
    let notice = state.notice(NoticeKind::LogNotOpened).unwrap();
    assert_eq!(notice.reasons, ["notes.txt: it is empty"]);
    assert_eq!(
        notice.sentence,
        "`audit.log` was not opened: no audit events in it. Your current log is unchanged."
    );
    assert!(state.notice(NoticeKind::LogOpened).is_none());
    // The next attempt removes the notice.
    state.apply(files());
    assert!(state.notice(NoticeKind::LogNotOpened).is_none());
    opened(&mut state);
    assert!(state.notice(NoticeKind::LogOpened).is_some());
    state.apply(Action::DismissNotice(NoticeKind::LogOpened));
    assert!(state.notices.is_empty());
}

#[test]
fn a_log_without_events_is_explained_where_no_other_is_open() {
    let mut state = AppState::default();
    ready(&mut state, 0);
    state.apply(files());
    not_opened(&mut state, empty_report());
    assert!(state.openings.rejected.is_some() && !state.settled());
    state.apply(files());
    opened(&mut state);
    assert!(state.openings.rejected.is_none());
    assert!(
        state.notice(NoticeKind::LogOpened).is_none(),
        "there is nothing to go back to"
    );
}

#[test]
fn the_previous_log_is_reopened_whatever_its_origin() {
    let profile = playground_protocol::ClusterProfile::default();
    let opens = [
        files(),
        Action::PasteLog("{}".to_owned()),
        Action::GenerateLog(profile),
        Action::OpenExample(1),
    ];
    for before in &opens {
        for after in &opens {
            let mut state = with_log();
            state.apply(before.clone());
            opened(&mut state);
            state.apply(after.clone());
            opened(&mut state);
            let asks = state.apply(Action::ReopenPreviousLog);
            let log = state.openings.count;
            let expected = match before {
                Action::PasteLog(text) => ToWorker::Paste {
                    log,
                    text: text.clone(),
                },
                Action::GenerateLog(profile) => ToWorker::Model {
                    log,
                    profile: *profile,
                    version: version("1.36"),
                },
                Action::OpenExample(index) => ToWorker::Example {
                    log,
                    index: *index,
                    with_policy: false,
                },
                _ => ToWorker::Open {
                    log,
                    names: vec!["audit.log".to_owned()],
                },
            };
            assert_eq!(asks, vec![expected]);
            // And back again, once it is open.
            opened(&mut state);
            assert!(state.notice(NoticeKind::LogOpened).is_some());
        }
    }
}

#[test]
fn going_back_from_an_example_brings_the_policy_back_unless_it_was_edited() {
    for edited in [false, true] {
        let mut state = with_log();
        state.apply(Action::OpenExample(1));
        opened(&mut state);
        state.apply(Action::WorkerMessage(ToPage::Example {
            index: 1,
            policy: "rules: [] # example".to_owned(),
            hint: String::new(),
            event: None,
        }));
        if edited {
            state.apply(edit("rules: [] # mine"));
        }
        state.apply(Action::ReopenPreviousLog);
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
    state.apply(Action::WorkerMessage(ToPage::Opened { log: 2 }));
    state.apply(Action::WorkerMessage(ToPage::Log(LogReport::default())));
    assert!(state.reading.is_some(), "the pasted log is still to come");
    state.apply(Action::WorkerMessage(ToPage::Opened { log: 3 }));
    assert!(matches!(state.openings.current(), Some(LogSource::Text(_))));
    assert!(matches!(
        state.apply(Action::ReopenPreviousLog).as_slice(),
        [ToWorker::Open { .. }]
    ));
}

fn example(index: usize) -> Action {
    Action::WorkerMessage(ToPage::Example {
        index,
        policy: EXAMPLE.to_owned(),
        hint: "look".to_owned(),
        event: Some(playground_protocol::EventPosition {
            position: 3,
            event: EventId::new(14),
        }),
    })
}

const EXAMPLE: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n- level: None\n  users: [\"system:kube-proxy\"]\n  verbs: [watch]\n";
const OWN: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  nonResourceURLs: [/healthz*]\n- level: Request\n";

/// A page with an example over an own log.
fn with_example() -> AppState {
    let mut state = with_log();
    ready(&mut state, 2);
    state.apply(Action::OpenExample(1));
    opened(&mut state);
    state.apply(example(1));
    assert_eq!(state.description.as_deref(), Some("look"));
    state
}

#[test]
fn a_question_about_an_event_of_a_log_that_was_replaced_is_dropped() {
    let mut state = with_example();
    state.apply(answer(state.generation));
    assert_eq!(state.inspecting, Some(EventId::new(14)));
    // The answer to what was asked of the log before.
    state.apply(Action::WorkerMessage(ToPage::NoEvent {
        event: EventId::new(7),
    }));
    assert_eq!(
        state.inspecting,
        Some(EventId::new(14)),
        "this one is still to come"
    );
    state.apply(Action::WorkerMessage(ToPage::NoEvent {
        event: EventId::new(14),
    }));
    assert_eq!(state.error_message, None);
    assert!(state.notice(NoticeKind::LogNotOpened).is_none());
    // With more of the log, it is asked again.
    let asks = state.apply(answer(state.generation));
    assert!(
        asks.contains(&ToWorker::Inspect {
            event: EventId::new(14)
        }),
        "{asks:?}"
    );
}

#[test]
fn a_story_goes_with_its_policy() {
    let stays = |text: String| {
        let mut state = with_example();
        state.apply(Action::EditPolicy(text));
        state.description.is_some()
    };
    // Small changes are what the story asks for.
    assert!(stays(EXAMPLE.to_owned() + "# mine\n"));
    assert!(stays(EXAMPLE.replace("- level: Metadata\n", "")));
    assert!(stays(EXAMPLE.replace("apiVersion", "apiVersions")));
    // Another policy, pasted over it or typed.
    for text in [OWN, "", "r", "rules: []"] {
        assert!(!stays(text.to_owned()), "{text}");
    }
    let mut typed = with_example();
    let mut text = EXAMPLE.to_owned();
    while text.pop().is_some() {
        typed.apply(edit(&text));
    }
    assert_eq!(typed.description, None);
    // The description of a generated log does not depend on the policy.
    let mut model = with_log();
    model.description = Some("a cluster".to_owned());
    model.apply(edit(OWN));
    assert!(model.description.is_some());
}

#[test]
fn a_replaced_policy_can_be_restored() {
    let mut state = with_example();
    let open = Action::OpenPolicy("policy.txt".to_owned(), OWN.to_owned());
    state.apply(open.clone());
    assert_eq!((&**state.text, &state.description), (OWN, &None));
    let notice = state.notice(NoticeKind::PolicyOpened).unwrap();
    assert_eq!(notice.sentence, "Opened the policy `policy.txt`.");
    assert_eq!(state.notices.len(), 1, "what was opened before is not news");
    state.apply(Action::UndoPolicy);
    assert_eq!(*state.text, EXAMPLE);
    assert_eq!(state.description.as_deref(), Some("look"));
    assert!(state.notices.is_empty());
    assert_eq!(state.apply(Action::UndoPolicy), vec![]);
    // The same for a paste outside the editor. There is no notice if nothing was replaced.
    state.apply(Action::ReplacePolicy(OWN.to_owned()));
    assert!(state.notice(NoticeKind::PolicyOpened).is_some());
    state.apply(open);
    assert!(state.notices.is_empty());
}

#[test]
fn a_policy_that_comes_with_a_log_goes_with_it() {
    let mut state = with_log();
    let before = (*state.text).clone();
    state.apply(files());
    state.apply(Action::OpenPolicy("p".to_owned(), OWN.to_owned()));
    opened(&mut state);
    let notice = state.notice(NoticeKind::LogOpened).unwrap();
    assert_eq!(
        notice.sentence,
        "Opened `audit.log` and the policy with it."
    );
    assert_eq!(state.notices.len(), 1);
    state.apply(Action::ReopenPreviousLog);
    assert_eq!(*state.text, before);
    // Where no log was open, there is the policy alone to take back.
    let mut fresh = AppState::default();
    fresh.apply(edit(&before));
    fresh.apply(files());
    fresh.apply(Action::OpenPolicy("p".to_owned(), OWN.to_owned()));
    opened(&mut fresh);
    assert!(fresh.notice(NoticeKind::PolicyOpened).is_some());
    fresh.apply(Action::UndoPolicy);
    assert_eq!(*fresh.text, before);
}

#[test]
fn what_could_not_be_opened_is_forgotten_with_the_next_opening() {
    let policy = || Action::OpenPolicy("p".to_owned(), OWN.to_owned());
    let new = || listed(&[], Next::New);
    for next in [policy(), new(), Action::ReplacePolicy(OWN.to_owned())] {
        let mut state = with_log();
        state.apply(files());
        not_opened(&mut state, empty_report());
        state.apply(Action::ShowError("a folder".to_owned()));
        state.apply(next);
        assert_eq!(state.error_message, None);
        assert!(state.notice(NoticeKind::LogNotOpened).is_none());
    }
    // One opening at a time is news, whatever was opened.
    let mut state = with_log();
    for next in [files(), policy(), new(), files()] {
        let is_log = matches!(next, Action::OpenFiles { .. });
        state.apply(next);
        if is_log {
            opened(&mut state);
        }
        assert_eq!(state.notices.len(), 1, "{:?}", state.notices);
    }
}

#[test]
fn a_log_that_no_longer_has_events_is_reported_as_changed() {
    let mut state = with_log();
    state.apply(Action::PasteLog("{}".to_owned()));
    opened(&mut state);
    state.apply(Action::ReopenPreviousLog);
    not_opened(&mut state, empty_report());
    let notice = state.notice(NoticeKind::LogNotOpened).unwrap();
    assert_eq!(
        notice.sentence,
        "`audit.log` has changed since it was opened; open it again. Your current log is unchanged."
    );
    assert!(matches!(state.openings.current(), Some(LogSource::Text(_))));
}

#[test]
fn several_files_without_events_are_counted() {
    let mut state = with_log();
    state.apply(Action::OpenFiles {
        files: 2,
        names: vec!["a".to_owned(), "b".to_owned()],
        skipped: Vec::new(),
    });
    not_opened(&mut state, empty_report());
    let notice = state.notice(NoticeKind::LogNotOpened).unwrap();
    assert_eq!(
        notice.sentence,
        "2 files were not opened: no audit events in them. Your current log is unchanged."
    );
    state.apply(Action::PasteLog("{}".to_owned()));
    not_opened(&mut state, LogReport::default());
    let notice = state.notice(NoticeKind::LogNotOpened).unwrap();
    assert!(
        notice
            .sentence
            .starts_with("The pasted log was not opened:")
    );
}

#[test]
fn the_first_example_is_awaited_until_it_is_there_or_something_else_is_to_be_shown() {
    let start = || {
        let mut state = AppState::default();
        assert!(state.awaits_first_example(), "no worker yet");
        ready(&mut state, 5);
        assert!(state.awaits_first_example(), "it is requested");
        state
    };

    let mut state = start();
    opened(&mut state);
    state.apply(example(0));
    state.apply(report(1, true));
    state.apply(answer(1));
    state.apply(Action::WorkerMessage(ToPage::Log(LogReport::default())));
    assert!(state.awaits_first_example(), "its rows are missing");
    let rows = rows(&state, 0, 1, 1);
    state.apply(rows);
    assert!(!state.awaits_first_example());

    for action in [
        files(),
        Action::PasteLog("{}".to_owned()),
        Action::OpenExample(1),
        edit("rules: []"),
        Action::ShowDialog(Some(Dialog::Help)),
        Action::ShowPane(Pane::Volume),
    ] {
        let mut state = start();
        state.apply(action.clone());
        assert!(!state.awaits_first_example(), "{action:?}");
    }
}

#[test]
fn an_example_is_undone_with_the_filter_and_without_a_log_before_too() {
    let example = |state: &mut AppState| {
        state.apply(Action::OpenExample(1));
        opened(state);
        state.apply(Action::WorkerMessage(ToPage::Example {
            index: 1,
            policy: "rules: [] # example".to_owned(),
            hint: String::new(),
            event: None,
        }));
    };
    let mut state = with_log();
    ready(&mut state, 2);
    state.apply(edit("rules: [] # mine"));
    state.apply(Action::SetFilter("verb:get".to_owned()));
    let before = state.to_workspace();
    example(&mut state);
    assert_eq!(state.table.view.text, "");
    state.apply(Action::ReopenPreviousLog);
    opened(&mut state);
    assert_eq!(state.to_workspace(), before);
    // A workspace whose log has to be opened by hand.
    let mut state = AppState::default();
    ready(&mut state, 0);
    state.apply(edit("rules: [] # mine"));
    ready(&mut state, 2);
    example(&mut state);
    assert_eq!(*state.text, "rules: [] # example");
    let notice = state.notice(NoticeKind::PolicyOpened).unwrap();
    assert_eq!(
        notice.sentence,
        "Opened the example `a` and the policy with it."
    );
    state.apply(Action::UndoPolicy);
    assert_eq!(*state.text, "rules: [] # mine");
}
