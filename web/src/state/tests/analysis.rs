//! Requests of *Ask* and *Compare*.

use playground_protocol::{
    AnalysisReply, AnalysisRequest, AskReport, AskResult, CompareReport, CompareResult, Decision,
    Example, Level, QueryCompletionRequest, QueryCompletions, RequestView, VerdictView, WhyReport,
    decode, encode,
};

use super::*;
use crate::state::analysis::{AnalysisAction, ComparedWith, ExampleList};

/// Returns a page whose policy is accepted, at a pane.
fn at(pane: Pane) -> AppState {
    let mut state = AppState {
        has_all_parts: true,
        ..AppState::default()
    };
    ready(&mut state, 0);
    state.apply(Action::EditPolicy("a".to_owned()));
    state.apply(report(1, true));
    state.apply(Action::ShowPane(pane));
    state
}

/// Applies an action and returns the questions to the worker.
fn apply(state: &mut AppState, action: Action) -> Vec<AnalysisRequest> {
    let messages = state.apply(action).into_iter();
    let question = |message| match message {
        ToWorker::Analysis(request) => decode(&request),
        _ => None,
    };
    messages.filter_map(question).collect()
}

fn act(state: &mut AppState, action: AnalysisAction) -> Vec<AnalysisRequest> {
    apply(state, Action::Analysis(action))
}

fn reply(reply: &AnalysisReply) -> Action {
    Action::WorkerMessage(ToPage::Analysis(encode(reply)))
}

/// Types a query and pauses.
fn ask(state: &mut AppState, query: &str) -> Vec<AnalysisRequest> {
    assert_eq!(act(state, AnalysisAction::Type(query.to_owned())), []);
    act(state, AnalysisAction::Ask)
}

/// Returns the number and the text of the only request, which is a query.
fn query_of(messages: &[AnalysisRequest]) -> (u32, &str) {
    match messages {
        [AnalysisRequest::Ask(request)] => (request.number, &request.query),
        other => panic!("{other:?}"),
    }
}

fn verdict(user: &str) -> VerdictView {
    VerdictView {
        decision: Decision {
            level: Level::Metadata,
            notes: String::new(),
            rule: None,
            line: 0,
        },
        requests: "any request".to_owned(),
        example: Example {
            request: RequestView {
                user: Some(user.to_owned()),
                ..RequestView::default()
            },
            words: String::new(),
            is_possible: true,
            not_served: None,
        },
    }
}

/// Returns the reply with an explanation by the policy of a generation.
fn explained_by(generation: u32, number: u32) -> Action {
    reply(&AnalysisReply::Why(WhyReport {
        number,
        generation,
        why: Vec::new(),
        attributes: Vec::new(),
    }))
}

/// Returns the number of the only request for an explanation.
fn why_of(messages: &[AnalysisRequest]) -> u32 {
    match messages {
        [AnalysisRequest::Why(request)] => request.number,
        other => panic!("{other:?}"),
    }
}

/// Returns a page that shows two verdicts, with the example of the second one open and explained.
fn with_open_example() -> AppState {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "verb=get");
    let two = vec![verdict("a"), verdict("b")];
    apply(&mut state, asked(query_of(&sent).0, two));
    let toggle = AnalysisAction::ToggleExample(ExampleList::Verdicts, 1);
    let number = why_of(&act(&mut state, toggle));
    apply(&mut state, explained_by(1, number));
    state
}

fn asked(number: u32, answers: Vec<VerdictView>) -> Action {
    asked_about(1, number, answers)
}

/// Returns the reply about the policy of a generation.
fn asked_about(generation: u32, number: u32, answers: Vec<VerdictView>) -> Action {
    reply(&AnalysisReply::Asked(AskReport {
        number,
        generation,
        result: AskResult::Answers {
            summary: "always recorded, at `Metadata`".to_owned(),
            answers,
            more: 0,
        },
    }))
}

#[test]
fn one_query_is_in_progress_and_the_newest_follows() {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "user=a");
    let (number, query) = query_of(&sent);
    assert_eq!(query, "user=a");
    assert_eq!(ask(&mut state, "user=ab"), []);
    assert_eq!(ask(&mut state, "user=abc"), []);
    let next = apply(&mut state, asked(number, vec![]));
    assert_eq!(query_of(&next).1, "user=abc");
    assert!(!state.analysis.verdicts.is_fresh());
    let number = query_of(&next).0;
    assert_eq!(apply(&mut state, asked(number, vec![])), []);
    assert!(state.analysis.verdicts.is_fresh());
    // Nothing has changed, so nothing is asked again.
    assert_eq!(act(&mut state, AnalysisAction::Ask), []);
}

#[test]
fn an_empty_query_and_a_hidden_pane_ask_nothing() {
    let mut state = at(Pane::Ask);
    assert_eq!(ask(&mut state, "  "), []);
    let mut state = at(Pane::Events);
    assert_eq!(ask(&mut state, "user=a"), []);
    assert_eq!(
        query_of(&apply(&mut state, Action::ShowPane(Pane::Ask))).1,
        "user=a"
    );
}

#[test]
fn another_policy_is_asked_about_once_it_is_loaded() {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "user=a");
    apply(&mut state, asked(query_of(&sent).0, vec![]));
    let load = state.apply(Action::EditPolicy("b".to_owned()));
    assert!(matches!(load[..], [ToWorker::Policy { .. }]), "{load:?}");
    assert_eq!(query_of(&apply(&mut state, report(2, true))).1, "user=a");
}

#[test]
fn the_only_verdict_is_explained_without_a_click() {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "user=a");
    let messages = apply(&mut state, asked(query_of(&sent).0, vec![verdict("a")]));
    let [AnalysisRequest::Why(request)] = &messages[..] else {
        panic!("{messages:?}");
    };
    assert_eq!(request.request.user.as_deref(), Some("a"));
    assert_eq!(
        state.analysis.example.of(ExampleList::Verdicts, 0),
        Some(None)
    );
    let explained = |number| explained_by(1, number);
    // An explanation of an example that was closed is ignored.
    let number = request.number;
    apply(&mut state, explained(number.wrapping_sub(1)));
    assert_eq!(state.analysis.example.shown, None);
    apply(&mut state, explained(number));
    assert!(state.analysis.example.shown.is_some());
    act(
        &mut state,
        AnalysisAction::ToggleExample(ExampleList::Verdicts, 0),
    );
    assert_eq!(state.analysis.example.place, None);
}

#[test]
fn several_verdicts_are_explained_on_request() {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "verb=get");
    let two = vec![verdict("a"), verdict("b")];
    assert_eq!(apply(&mut state, asked(query_of(&sent).0, two)), []);
    let toggle = AnalysisAction::ToggleExample(ExampleList::Verdicts, 1);
    let messages = act(&mut state, toggle);
    assert!(
        matches!(&messages[..], [AnalysisRequest::Why(request)] if request.request.user.as_deref() == Some("b")),
        "{messages:?}"
    );
    // There is no third one.
    let toggle = AnalysisAction::ToggleExample(ExampleList::Verdicts, 2);
    assert_eq!(act(&mut state, toggle), []);
}

#[test]
fn an_example_stays_open_while_its_request_is_listed() {
    let mut state = with_open_example();
    // The same policy: the explanation is still true.
    let sent = ask(&mut state, "verb=get,list");
    let (number, _) = query_of(&sent);
    let listed = vec![verdict("b"), verdict("c")];
    assert_eq!(apply(&mut state, asked(number, listed)), []);
    let example = &state.analysis.example;
    assert_eq!(example.place, Some((ExampleList::Verdicts, 0)));
    assert!(example.shown.is_some());
    // Another policy: what was explained by the last one is asked again.
    state.apply(Action::EditPolicy("b".to_owned()));
    let sent = apply(&mut state, report(2, true));
    let (number, _) = query_of(&sent);
    let listed = vec![verdict("c"), verdict("b")];
    let why = why_of(&apply(&mut state, asked_about(2, number, listed)));
    let example = &state.analysis.example;
    assert_eq!(example.of(ExampleList::Verdicts, 1), Some(None));
    apply(&mut state, explained_by(2, why));
    assert!(state.analysis.example.shown.is_some());
    // Without its request, it closes.
    let sent = ask(&mut state, "verb=list");
    let (number, _) = query_of(&sent);
    apply(
        &mut state,
        asked_about(2, number, vec![verdict("c"), verdict("d")]),
    );
    assert_eq!(state.analysis.example.place, None);
    assert_eq!(state.analysis.example.shown, None);
}

#[test]
fn an_explanation_by_a_newer_policy_than_the_lists_waits_for_the_next_list() {
    let mut state = with_open_example();
    let close = AnalysisAction::ToggleExample(ExampleList::Verdicts, 1);
    act(&mut state, close);
    // The worker loads a policy before it explains, and the page has not its verdicts yet.
    let toggle = AnalysisAction::ToggleExample(ExampleList::Verdicts, 0);
    let number = why_of(&act(&mut state, toggle));
    state.apply(Action::EditPolicy("b".to_owned()));
    let sent = apply(&mut state, report(2, true));
    apply(&mut state, explained_by(2, number));
    assert_eq!(
        state.analysis.example.of(ExampleList::Verdicts, 0),
        Some(None)
    );
    let listed = vec![verdict("a"), verdict("b")];
    let why = why_of(&apply(
        &mut state,
        asked_about(2, query_of(&sent).0, listed),
    ));
    assert_ne!(why, number);
    apply(&mut state, explained_by(2, why));
    assert!(state.analysis.example.shown.is_some());
}

#[test]
fn choices_are_those_of_the_newest_text() {
    let mut state = at(Pane::Ask);
    let request = |query: &str| QueryCompletionRequest {
        query: query.to_owned(),
        caret: query.len(),
    };
    let completed = |query: &str| {
        reply(&AnalysisReply::Completions(QueryCompletions {
            request: request(query),
            from: 0,
            to: 0,
            choices: Vec::new(),
        }))
    };
    let complete = |query: &str| AnalysisAction::Complete(Some(request(query)));
    assert_eq!(
        act(&mut state, complete("v")),
        [AnalysisRequest::Complete(request("v"))]
    );
    assert_eq!(act(&mut state, complete("ve")), []);
    assert_eq!(
        apply(&mut state, completed("v")),
        [AnalysisRequest::Complete(request("ve"))]
    );
    assert_eq!(state.analysis.completion.shown, None);
    assert_eq!(act(&mut state, AnalysisAction::Complete(None)), []);
    // The list was closed meanwhile.
    assert_eq!(apply(&mut state, completed("ve")), []);
    assert_eq!(state.analysis.completion.shown, None);
}

/// Returns the text and the version of the only request, which is a comparison.
fn compared_with(messages: &[AnalysisRequest]) -> (&str, String) {
    let compare = messages.iter().find_map(|message| match message {
        AnalysisRequest::Compare(request) => Some(&request.before),
        _ => None,
    });
    let before = compare.unwrap_or_else(|| panic!("{messages:?}"));
    (&before.text, before.version.to_string())
}

#[test]
fn the_policy_is_compared_with_the_baseline_or_another_version() {
    let mut state = at(Pane::Compare);
    assert_eq!(state.analysis.differences.shown, None);
    let pinned = apply(&mut state, Action::PinBaseline(true));
    assert_eq!(compared_with(&pinned).0, "a");
    let number = pinned.iter().find_map(|message| match message {
        AnalysisRequest::Compare(request) => Some(request.number),
        _ => None,
    });
    apply(
        &mut state,
        reply(&AnalysisReply::Compared(CompareReport {
            number: number.unwrap(),
            generation: 1,
            result: CompareResult::Differences {
                changes: Vec::new(),
                more: 0,
                log: None,
            },
        })),
    );
    assert!(state.analysis.differences.is_fresh());
    let other = ComparedWith::Version(version("1.25"));
    let messages = act(&mut state, AnalysisAction::CompareWith(other));
    assert_eq!(compared_with(&messages), ("a", "1.25".to_owned()));
    // The differences from the baseline are shown until then, as outdated.
    assert!(!state.analysis.differences.is_fresh());
    assert!(state.analysis.differences.shown.is_some());
}

#[test]
fn differences_are_shown_as_outdated_while_another_log_or_baseline_is_compared() {
    let mut state = at(Pane::Compare);
    let compared = |messages: &[AnalysisRequest]| {
        let number = messages.iter().find_map(|message| match message {
            AnalysisRequest::Compare(request) => Some(request.number),
            _ => None,
        });
        reply(&AnalysisReply::Compared(CompareReport {
            number: number.unwrap(),
            generation: 1,
            result: CompareResult::Differences {
                changes: Vec::new(),
                more: 0,
                log: None,
            },
        }))
    };
    let pinned = apply(&mut state, Action::PinBaseline(true));
    apply(&mut state, compared(&pinned));
    let is_outdated = |state: &AppState| {
        let differences = &state.analysis.differences;
        differences.shown.is_some() && !differences.is_fresh()
    };
    let open = AnalysisAction::OpenBaseline("in-use.yaml".to_owned(), "b".to_owned());
    let opened = act(&mut state, open);
    assert!(is_outdated(&state));
    apply(&mut state, compared(&opened));
    assert!(state.analysis.differences.is_fresh());
    state.apply(Action::WorkerMessage(ToPage::Log(LogReport::default())));
    assert!(is_outdated(&state));
}

#[test]
fn a_policy_is_not_compared_with_itself() {
    let mut state = at(Pane::Compare);
    let newest = state.version;
    let older = version("1.25");
    act(
        &mut state,
        AnalysisAction::CompareWith(ComparedWith::Version(older)),
    );
    // The other version is chosen for the page: the comparison is turned around.
    state.apply(Action::SelectVersion(older));
    assert_eq!(
        (state.version, state.analysis.compared_with),
        (older, ComparedWith::Version(newest))
    );
    // A third version leaves it as it is.
    state.apply(Action::SelectVersion(version("1.30")));
    assert_eq!(state.analysis.compared_with, ComparedWith::Version(newest));
}

#[test]
fn a_baseline_with_the_text_of_the_policy_is_known() {
    let mut state = at(Pane::Compare);
    assert!(!state.has_baseline_text());
    state.apply(Action::PinBaseline(true));
    assert!(state.has_baseline_text());
    state.apply(Action::EditPolicy("b".to_owned()));
    state.apply(report(2, true));
    assert!(!state.has_baseline_text());
}

#[test]
fn a_file_becomes_the_baseline() {
    let mut state = at(Pane::Compare);
    let open = AnalysisAction::OpenBaseline("in-use.yaml".to_owned(), "b".to_owned());
    let messages = state.clone().apply(Action::Analysis(open.clone()));
    assert!(matches!(&messages[0], ToWorker::SetBaseline(Some(baseline)) if baseline.text == "b"));
    let messages = act(&mut state, open);
    assert_eq!(compared_with(&messages).0, "b");
    assert_eq!(state.baseline_text(), Some("b"));
    // The name is that of the file, so it does not stay with another baseline.
    state.apply(Action::PinBaseline(true));
    assert_eq!(state.analysis.baseline_name, None);
}

#[test]
fn a_cancelled_question_is_ignored_and_asked_again_on_request_only() {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "user=a");
    let (number, _) = query_of(&sent);
    assert_eq!(act(&mut state, AnalysisAction::Cancel), []);
    assert!(state.analysis.verdicts.is_cancelled());
    // Whatever else happens, it is not sent again.
    assert_eq!(apply(&mut state, Action::ShowPane(Pane::Ask)), []);
    // The worker finishes it all the same.
    assert_eq!(apply(&mut state, asked(number, vec![verdict("a")])), []);
    assert_eq!(state.analysis.verdicts.shown, None);
    // Another query is asked at once.
    let sent = ask(&mut state, "user=ab");
    let (number, query) = query_of(&sent);
    assert_eq!(query, "user=ab");
    assert!(!state.analysis.verdicts.is_cancelled());
    act(&mut state, AnalysisAction::Cancel);
    let again = act(&mut state, AnalysisAction::Ask);
    assert_eq!(query_of(&again), (number, "user=ab"));
    // The first reply is the answer to the same question.
    apply(&mut state, asked(number, vec![]));
    assert!(state.analysis.verdicts.is_fresh());
}

#[test]
fn a_question_that_changes_while_it_is_cancelled_is_not_blocked() {
    let mut state = at(Pane::Ask);
    let sent = ask(&mut state, "user=a");
    let (number, _) = query_of(&sent);
    // The next query waits for the first one's reply.
    assert_eq!(ask(&mut state, "user=ab"), []);
    act(&mut state, AnalysisAction::Cancel);
    assert_eq!(apply(&mut state, asked(number, vec![])), []);
    assert_eq!(state.analysis.verdicts.shown, None);
    assert_eq!(query_of(&act(&mut state, AnalysisAction::Ask)).1, "user=ab");
}

#[test]
fn a_request_that_failed_does_not_block_the_next() {
    let mut state = at(Pane::Ask);
    ask(&mut state, "user=a");
    state.apply(Action::WorkerMessage(ToPage::RequestFailed {
        message: "x".to_owned(),
    }));
    assert_eq!(query_of(&ask(&mut state, "user=b")).1, "user=b");
}
