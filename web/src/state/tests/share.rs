//! Tests of the share dialog and of opening links.

use audit_workspace::{LogOrigin, Workspace};
use playground_protocol::{EventSelection, Redaction, ShareReport, ShareRequest};

use super::*;
use crate::state::analysis::AnalysisAction;
use crate::state::share::{ShareAction, ShareOptions, SharedEvents};
use crate::state::workspace::{IncomingLink, WorkspaceAction};

fn requests(effects: Vec<Effect>) -> Vec<ShareRequest> {
    let messages = messages(effects).into_iter();
    messages
        .filter_map(|message| match message {
            ToWorker::Share(request) => Some(request),
            _ => None,
        })
        .collect()
}

fn act(state: &mut AppState, action: ShareAction) -> Vec<Effect> {
    let (next, effects) = update(state.clone(), Action::Share(action));
    *state = next;
    effects
}

/// Returns the workspace of the link that effects ask for.
fn linked(effects: &[Effect]) -> Workspace {
    match effects {
        [Effect::MakeLink(_, text)] => Workspace::from_json(text).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_dialog_requests_the_policy_alone_with_its_names_replaced() {
    let mut state = with_log();
    let requests = requests(act(&mut state, ShareAction::Open(9)));
    let [request] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(request.policy, *state.text);
    assert_eq!((&request.events, request.key), (&None, Some(9)));
}

#[test]
fn each_choice_is_requested_and_only_the_newest_counts() {
    let mut state = with_log();
    act(&mut state, ShareAction::Open(9));
    let options = ShareOptions {
        events: SharedEvents::First(10),
        redact: false,
        ..ShareOptions::default()
    };
    let requests = requests(act(&mut state, ShareAction::Choose(options)));
    assert_eq!(
        requests[0].events,
        Some(EventSelection::Rows { first: 0, last: 9 })
    );
    assert_eq!(requests[0].key, None);
    let report = |number| ShareReport {
        number,
        policy: "rules: []".to_owned(),
        ..ShareReport::default()
    };
    let late = ToPage::Shared(Box::new(report(requests[0].number - 1)));
    assert_eq!(update(state.clone(), Action::WorkerMessage(late)).1, []);
    let newest = ToPage::Shared(Box::new(report(requests[0].number)));
    let (_, effects) = update(state, Action::WorkerMessage(newest));
    assert_eq!(linked(&effects).policy, "rules: []");
}

#[test]
fn a_link_contains_nothing_that_was_not_chosen() {
    let mut state = with_log();
    state.workspace.name = "customer".to_owned();
    state.apply(Action::SetPrices(Some(0.5), None));
    state.apply(Action::SetFilter("user:alice".to_owned()));
    let query = AnalysisAction::SetQuery("user=alice".to_owned());
    state.apply(Action::Analysis(query));
    act(&mut state, ShareAction::Open(9));
    let mut shared = |redact, settings| {
        let options = ShareOptions {
            redact,
            settings,
            ..ShareOptions::default()
        };
        let requests = requests(act(&mut state, ShareAction::Choose(options)));
        let report = ShareReport {
            number: requests[0].number,
            policy: "rules: []".to_owned(),
            redaction: redact.then(Redaction::default),
            ..ShareReport::default()
        };
        let message = Action::WorkerMessage(ToPage::Shared(Box::new(report)));
        let (next, effects) = update(state.clone(), message);
        state = next;
        linked(&effects)
    };
    let redacted = shared(true, false);
    assert_eq!(
        (redacted.name.as_str(), redacted.view.filter.as_str()),
        ("", "")
    );
    assert_eq!(redacted.view.query, None);
    assert_eq!(redacted.prices.ingested_per_gb, None);
    assert_eq!(redacted.export.fields, None);
    let whole = shared(false, true);
    assert_eq!(
        (whole.name.as_str(), whole.view.filter.as_str()),
        ("customer", "user:alice")
    );
    assert_eq!(whole.view.query.as_deref(), Some("user=alice"));
    assert_eq!(whole.prices.ingested_per_gb, Some(0.5));
    assert!(whole.export.fields.is_some());
}

#[test]
fn a_request_that_failed_makes_no_link() {
    let mut state = with_log();
    let requests = requests(act(&mut state, ShareAction::Open(9)));
    let report = ShareReport {
        number: requests[0].number,
        error: Some("Nothing can be shared".to_owned()),
        ..ShareReport::default()
    };
    let message = Action::WorkerMessage(ToPage::Shared(Box::new(report)));
    let (state, effects) = update(state, message);
    assert_eq!(effects, []);
    assert!(state.share.report.is_some());
}

fn link(policy: &str) -> String {
    Workspace {
        policy: policy.to_owned(),
        sample: Some("{}\n".to_owned()),
        ..Workspace::default()
    }
    .to_compact_json()
}

#[test]
fn a_link_waits_for_the_worker_and_is_opened_once() {
    let mut state = AppState {
        incoming_link: IncomingLink::Decoding,
        ..AppState::default()
    };
    state.apply(Action::Workspace(WorkspaceAction::OpenLink(Ok(link(
        "rules: []",
    )))));
    assert_eq!(*state.text, "");
    let asks = ready(&mut state, 2);
    assert_eq!(*state.text, "rules: []");
    let pasted = asks
        .iter()
        .filter(|ask| matches!(ask, ToWorker::Paste { text, .. } if text == "{}\n"));
    assert_eq!(pasted.count(), 1);
    assert!(
        !asks
            .iter()
            .any(|ask| matches!(ask, ToWorker::Example { .. }))
    );
    assert_eq!(state.incoming_link, IncomingLink::None);
}

#[test]
fn a_link_that_is_decoded_after_the_worker_is_ready_takes_the_place_of_the_example() {
    let mut state = AppState {
        incoming_link: IncomingLink::Decoding,
        ..AppState::default()
    };
    assert_eq!(ready(&mut state, 2), []);
    state.apply(Action::Workspace(WorkspaceAction::OpenLink(Ok(link(
        "rules: []",
    )))));
    assert_eq!(*state.text, "rules: []");
    opened(&mut state);
    // The events are part of the workspace until another log is opened.
    assert_eq!(state.to_workspace().sample.as_deref(), Some("{}\n"));
    state.apply(Action::PasteLog("{}".to_owned()));
    opened(&mut state);
    assert_eq!(state.to_workspace().sample, None);
}

#[test]
fn a_link_that_cannot_be_read_changes_nothing() {
    let newer = link("rules: []").replace("\"version\":4", "\"version\":99");
    for link in [
        Err("The link is incomplete or damaged".to_owned()),
        Ok("{}".to_owned()),
        Ok(newer),
    ] {
        let mut state = with_log();
        let before = state.to_workspace();
        state.apply(Action::Workspace(WorkspaceAction::OpenLink(link.clone())));
        let message = state.error_message.clone().unwrap();
        assert!(message.ends_with("Nothing here has changed."), "{message}");
        assert_eq!(state.to_workspace(), before, "{link:?}");
    }
}

#[test]
fn a_page_whose_link_cannot_be_read_opens_as_usual() {
    let mut state = AppState {
        incoming_link: IncomingLink::Decoding,
        ..AppState::default()
    };
    ready(&mut state, 2);
    let damaged = Err("The link is incomplete or damaged".to_owned());
    let asks = state.apply(Action::Workspace(WorkspaceAction::OpenLink(damaged)));
    assert!(
        matches!(asks.as_slice(), [ToWorker::Example { index: 0, .. }]),
        "{asks:?}"
    );
    assert!(state.error_message.is_some());
}

#[test]
fn a_link_that_names_nothing_is_named_as_one() {
    for (name, log, expected) in [
        ("", None, "From a link"),
        ("prod", None, "prod"),
        (
            "",
            Some(LogOrigin::Example("Catch-all first".to_owned())),
            "",
        ),
    ] {
        let mut state = with_log();
        let text = Workspace {
            name: name.to_owned(),
            policy: "rules: []".to_owned(),
            log,
            ..Workspace::default()
        }
        .to_compact_json();
        state.apply(Action::Workspace(WorkspaceAction::OpenLink(Ok(text))));
        assert_eq!(state.workspace.name, expected);
    }
}
