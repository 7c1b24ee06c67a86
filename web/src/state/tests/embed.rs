//! Tests of what a page around this one sets.

use audit_workspace::Workspace;
use playground_protocol::{Level, LevelSum};

use super::*;
use crate::identity_rc::IdentityRc;
use crate::state::embed::{EmbedAction, EmbedState, HostAnswer, HostParts, HostTheme, HostView};
use crate::state::kept::StorageEffect;
use crate::state::table::Selection;
use crate::state::workspace::IncomingLink;

/// A page that a host's script shows, as it starts.
fn compact() -> AppState {
    let mut state = AppState {
        has_all_parts: true,
        incoming_link: IncomingLink::Decoding,
        pane: Pane::Policy,
        ..AppState::default()
    };
    state.embed.is_compact = true;
    state
}

fn set(parts: HostParts) -> Action {
    Action::Embed(EmbedAction::Set(7, Box::new(parts)))
}

fn policy(text: &str) -> HostParts {
    HostParts {
        policy: Some(text.to_owned()),
        ..HostParts::default()
    }
}

fn load(generation: u32, text: &str, version: KubernetesVersion) -> ToWorker {
    ToWorker::Policy {
        generation,
        text: text.to_owned(),
        version,
        part: 0,
    }
}

#[test]
fn a_compact_page_waits_for_its_host() {
    let mut state = compact();
    assert_eq!(ready(&mut state, 2), vec![]);
    assert_eq!(
        state.apply(set(policy("rules: []")))[0],
        load(1, "rules: []", state.version)
    );
    // Without a log, no example is opened either.
    assert!(!state.openings.is_pending());
    assert_eq!(state.apply(Action::Embed(EmbedAction::NoHost)), vec![]);
}

#[test]
fn without_a_host_the_first_example_is_opened() {
    let mut state = compact();
    ready(&mut state, 2);
    let example = ToWorker::Example {
        log: 1,
        index: 0,
        with_policy: true,
    };
    assert_eq!(
        state.apply(Action::Embed(EmbedAction::NoHost)),
        vec![example.clone()]
    );
    let mut late = compact();
    assert_eq!(late.apply(Action::Embed(EmbedAction::NoHost)), vec![]);
    assert_eq!(ready(&mut late, 2), vec![example]);
    let mut whole = AppState::default();
    assert_eq!(whole.apply(Action::Embed(EmbedAction::NoHost)), vec![]);
}

#[test]
fn a_log_that_is_set_before_the_worker_is_ready_is_opened_then() {
    let mut state = compact();
    let parts = HostParts {
        log: Some("{}".to_owned()),
        view: Some("export".to_owned()),
        select: Some(2),
        ..policy("rules: []")
    };
    assert_eq!(
        state.apply(set(parts))[0],
        load(1, "rules: []", state.version)
    );
    let paste = ToWorker::Paste {
        log: 1,
        text: "{}".to_owned(),
    };
    assert_eq!(ready(&mut state, 2), vec![paste]);
    assert_eq!(
        (state.pane, state.dialog),
        (Pane::Policy, Some(Dialog::Export))
    );
    opened(&mut state);
    assert_eq!(state.selected_event(), EventId::of_recorded(2));
}

#[test]
fn a_log_alone_keeps_the_example_away() {
    let mut state = compact();
    let parts = HostParts {
        log: Some("{}".to_owned()),
        ..HostParts::default()
    };
    state.apply(set(parts));
    let asks = ready(&mut state, 2);
    assert!(
        matches!(asks.as_slice(), [ToWorker::Paste { .. }]),
        "{asks:?}"
    );
}

#[test]
fn parts_are_applied_together_or_not_at_all() {
    for (version, workspace) in [(Some("1.9"), None), (None, Some("{}")), (None, Some("["))] {
        let mut state = with_log();
        let before = state.to_workspace();
        let parts = HostParts {
            version: version.map(str::to_owned),
            workspace: workspace.map(str::to_owned),
            theme: Some("dark".to_owned()),
            is_read_only: Some(true),
            ..policy("rules: [{}]")
        };
        let effects = effects_of(&mut state, set(parts));
        let [Effect::AnswerHost(7, HostAnswer::Rejected(sentence))] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        assert!(
            sentence.starts_with('`') && !sentence.ends_with('.'),
            "{sentence}"
        );
        assert_eq!(state.to_workspace(), before);
        assert_eq!(state.embed, EmbedState::default());
    }
}

#[test]
fn what_is_set_is_shown() {
    let mut state = compact();
    ready(&mut state, 0);
    let parts = HostParts {
        version: Some("1.35".to_owned()),
        theme: Some("auto".to_owned()),
        is_read_only: Some(true),
        view: Some("why".to_owned()),
        ..policy("a")
    };
    let effects = effects_of(&mut state, set(parts));
    assert_eq!(
        effects.last(),
        Some(&Effect::AnswerHost(7, HostAnswer::Applied))
    );
    assert_eq!(messages(effects), vec![load(1, "a", version("1.35"))]);
    assert_eq!(
        (state.embed.theme, state.embed.is_read_only),
        (Some(HostTheme::System), true)
    );
    assert_eq!((state.pane, state.tab), (Pane::Inspector, Tab::Why));
    // What is missing stays.
    state.apply(set(policy("b")));
    assert_eq!(
        (state.version, state.pane),
        (version("1.35"), Pane::Inspector)
    );
    assert!(state.embed.is_read_only);
    // The version alone is another question, and the same policy is none.
    state.apply(report(2, true));
    let other = HostParts {
        version: Some("1.36".to_owned()),
        ..HostParts::default()
    };
    assert_eq!(state.apply(set(other)), vec![load(3, "b", version("1.36"))]);
    state.apply(report(3, true));
    assert_eq!(state.apply(set(policy("b"))), vec![]);
}

#[test]
fn views_have_their_panes() {
    for (view, name, _) in HostView::ALL {
        assert_eq!((HostView::named(name), view.name()), (Some(view), name));
        let mut state = compact();
        state.apply(Action::Embed(EmbedAction::Show(view)));
        assert_eq!(HostView::shown(state.pane, state.dialog), view);
    }
    assert_eq!(HostView::named("inspector"), None);
}

#[test]
fn an_event_of_the_open_log_is_selected() {
    let mut state = with_log();
    let parts = HostParts {
        select: Some(3),
        ..HostParts::default()
    };
    let event = EventId::of_recorded(3).unwrap();
    assert_eq!(state.apply(set(parts)), vec![ToWorker::Inspect { event }]);
    assert_eq!(state.selected_event(), Some(event));
}

#[test]
fn a_page_with_a_host_stores_nothing() {
    let mut compact = compact();
    compact.apply(edit("mine"));
    assert!(compact.workspace.is_modified && !compact.should_save());
    // A frame without a script may have the reader's work, which is stored before it is left.
    let mut bare = with_log();
    bare.apply(edit("mine"));
    assert!(bare.should_save());
    let effects = effects_of(&mut bare, set(policy("yours")));
    let Some(Effect::Storage(StorageEffect::Enter {
        save: Some(text), ..
    })) = effects.first()
    else {
        panic!("{effects:?}");
    };
    assert_eq!(Workspace::from_json(text).unwrap().policy, "mine");
    bare.apply(edit("yours, changed"));
    assert!(!bare.should_save());
}

#[test]
fn the_workspace_is_returned_on_request() {
    let mut state = with_log();
    let effects = effects_of(&mut state, Action::Embed(EmbedAction::Get(4)));
    let [Effect::AnswerHost(4, HostAnswer::Workspace(text))] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(Workspace::from_json(text), Ok(state.to_workspace()));
}

#[test]
fn a_workspace_names_no_default_pane() {
    let mut state = compact();
    ready(&mut state, 0);
    let kept = Workspace {
        policy: "a".to_owned(),
        sample: Some("{}".to_owned()),
        ..Workspace::default()
    };
    let parts = HostParts {
        workspace: Some(kept.to_json()),
        ..HostParts::default()
    };
    state.apply(set(parts));
    assert_eq!(state.pane, Pane::Events);
    opened(&mut state);
    assert_eq!(state.to_workspace().sample, kept.sample);
}

/// The report of a policy with its findings.
fn linted(generation: u32, accepted: bool) -> Action {
    Action::WorkerMessage(ToPage::Policy(PolicyReport {
        generation,
        accepted,
        is_linted: true,
        ..PolicyReport::default()
    }))
}

/// Results of a policy under which, of three events, one is written with its metadata.
fn results(generation: u32) -> Action {
    let sum = |events, bytes| Sum { events, bytes };
    let level = |level, matched, written| LevelSum {
        level,
        matched,
        written,
    };
    Action::WorkerMessage(ToPage::Answer(AnswerReport {
        generation,
        recorded: sum(3, 1200.0),
        written: sum(1, 398.0),
        by_level: vec![
            level(Level::None, 2, Sum::default()),
            level(Level::Metadata, 1, sum(1, 398.0)),
        ],
        ..AnswerReport::default()
    }))
}

#[test]
fn a_verdict_is_sent_once_nothing_is_pending() {
    let mut state = compact();
    ready(&mut state, 0);
    let parts = HostParts {
        log: Some("{}".to_owned()),
        ..policy("a\"")
    };
    state.apply(set(parts));
    assert_eq!(state.verdict(), None);
    opened(&mut state);
    state.apply(report(1, true));
    // The log is still read.
    assert_eq!(state.verdict(), None);
    state.apply(Action::WorkerMessage(ToPage::Log(LogReport::default())));
    state.apply(linted(1, true));
    // Its results are not there.
    assert_eq!(state.verdict(), None);
    state.apply(results(1));
    // Nor are its rows, which an event is selected of.
    assert_eq!(state.verdict(), None);
    state.apply(rows(&state.clone(), 0, 0, 0));
    let verdict = |edit: u32, accepted: bool, policy: &str| {
        let start = format!(
            r#"{{"edit":{edit},"policy":"{policy}","version":"1.36","accepted":{accepted},"findings":0,"#
        );
        start
            + r#""log":{"events":3,"bytes":1200,"written":{"events":1,"bytes":398},"levels":{"None":2,"Metadata":1}},"selected":null}"#
    };
    assert_eq!(state.verdict(), Some(verdict(1, true, r#"a\""#)));
    state.apply(edit("b"));
    assert_eq!(state.verdict(), None);
    state.apply(linted(2, true));
    // These results are still those of the text before.
    assert_eq!(state.verdict(), None);
    state.apply(results(2));
    assert_eq!(state.verdict(), Some(verdict(2, true, "b")));
    // Of a rejected policy, those of the last accepted one stay.
    state.apply(edit("c"));
    state.apply(linted(3, false));
    assert_eq!(state.verdict(), Some(verdict(3, false, "c")));
}

#[test]
fn a_verdict_names_the_selected_event_with_its_rule() {
    let mut state = with_log();
    let event = EventId::of_recorded(2).unwrap();
    state.inspection = Some(IdentityRc::new(inspection(RowView {
        rule: Some(RuleIndex::new(0)),
        level: Some(Level::Request),
        ..row(0)
    })));
    state.reading = None;
    state.apply(linted(1, true));
    let selected = |state: &AppState| {
        let verdict = state.verdict().unwrap();
        verdict[verdict.find(r#""selected""#).unwrap()..].to_owned()
    };
    assert_eq!(selected(&state), r#""selected":null}"#);
    state.table.selection = Some(Selection::of_chosen(EventId::new(0)));
    assert_eq!(
        selected(&state),
        r#""selected":{"index":0,"rule":1,"level":"Request"}}"#
    );
    // The details are those of another event.
    state.table.selection = Some(Selection::of_chosen(event));
    assert_eq!(selected(&state), r#""selected":null}"#);
}

#[test]
fn a_link_has_a_short_log_or_the_selected_event_of_a_long_one() {
    let mut state = compact();
    ready(&mut state, 0);
    let linked = |state: &AppState| Workspace::from_json(&state.linked_workspace()).unwrap();
    let log = |log: &str, select| HostParts {
        log: Some(log.to_owned()),
        select,
        ..policy("a")
    };
    state.apply(set(log("1\n2\n", Some(1))));
    opened(&mut state);
    let short = linked(&state);
    assert_eq!(
        (short.sample.as_deref(), short.view.selected, short.log),
        (Some("1\n2\n"), Some(1), None)
    );
    let line = "x".repeat(1000);
    let long = format!("{}\n\nthe one\n", vec![line; 100].join("\n"));
    state.apply(set(log(&long, Some(100))));
    opened(&mut state);
    let one = linked(&state);
    assert_eq!(
        (
            one.policy.as_str(),
            one.sample.as_deref(),
            one.view.selected
        ),
        ("a", Some("the one"), Some(0))
    );
    state.table.selection = None;
    let none = linked(&state);
    assert_eq!((none.sample, none.view.selected), (None, None));
}

#[test]
fn a_link_is_written_again_only_if_its_content_has_changed() {
    let mut state = compact();
    ready(&mut state, 0);
    state.apply(set(policy("a")));
    for (action, is_same) in [
        (Action::ShowRows { start: 5, count: 9 }, true),
        (Action::ToggleFacets, true),
        (Action::EditPolicy("b".to_owned()), false),
        (Action::SetFilter("user:bob".to_owned()), false),
        (Action::ShowTab(Tab::Request), false),
        (Action::ShowPane(Pane::Events), false),
    ] {
        let before = state.clone();
        state.apply(action.clone());
        assert_eq!(state.has_same_link(&before), is_same, "{action:?}");
        let (old, new) = (before.linked_workspace(), state.linked_workspace());
        assert_eq!(old == new, is_same, "{action:?}");
    }
    let before = state.clone();
    state.table.selection = Some(Selection::of_chosen(EventId::new(3)));
    assert!(!state.has_same_link(&before));
}
