//! Tests of the policy and claims of standards.

use playground_protocol::{
    AddedTest, AnalysisReply, AnalysisRequest, BuiltInTests, ClaimList, ClaimStatus, ClaimView,
    ClaimsReport, ClaimsStep, Example, Problem, RequestView, TestOf, TestsView, TextWithTest,
    WhyReport, decode, encode,
};

use super::*;
use crate::state::claims::{ClaimsAction, PolicyTab};
use crate::state::export::ExportAction;

/// Returns a page whose policy is accepted.
fn page() -> AppState {
    let mut state = AppState {
        has_all_parts: true,
        ..AppState::default()
    };
    ready(&mut state, 0);
    state.apply(Action::EditPolicy("a".to_owned()));
    state.apply(report(1, true));
    state
}

/// Applies an action and returns the requests to the worker, without those that cancel.
fn apply(state: &mut AppState, action: Action) -> Vec<AnalysisRequest> {
    let messages = state.apply(action).into_iter();
    let request = |message| match message {
        ToWorker::Analysis(request) => decode(&request),
        _ => None,
    };
    messages
        .filter_map(request)
        .filter(|request| !matches!(request, AnalysisRequest::CancelClaims(_)))
        .collect()
}

fn act(state: &mut AppState, action: ClaimsAction) -> Vec<AnalysisRequest> {
    apply(state, Action::Claims(action))
}

fn reply(reply: &AnalysisReply) -> Action {
    Action::WorkerMessage(ToPage::Analysis(encode(reply)))
}

/// Returns list, number and text of the only request, which checks claims; the text is `None` if it continues.
fn check_of(requests: &[AnalysisRequest]) -> (ClaimList, u32, Option<&str>) {
    match requests {
        [AnalysisRequest::Claims(request)] => {
            let start = request.start.as_ref();
            let text = start.map(|start| start.text.as_str());
            (request.list, request.number, text)
        }
        other => panic!("{other:?}"),
    }
}

fn checked(list: ClaimList, number: u32, step: ClaimsStep) -> Action {
    reply(&AnalysisReply::Claims(ClaimsReport {
        list,
        number,
        generation: 1,
        step,
    }))
}

/// Returns the results of one test that fails for a user.
fn failing(name: &str, user: &str) -> ClaimsStep {
    let claim = ClaimView {
        id: String::new(),
        name: name.to_owned(),
        claim: String::new(),
        why: String::new(),
        source: String::new(),
        from: 0,
        line: 1,
        status: ClaimStatus::Fails,
        message: String::new(),
        is_proved: false,
        decision: None,
        example: Some(Example {
            request: RequestView {
                user: Some(user.to_owned()),
                ..RequestView::default()
            },
            words: String::new(),
            is_possible: true,
            not_served: None,
        }),
        change: String::new(),
    };
    ClaimsStep::Tests(TestsView {
        cases: vec![claim],
        total: 1,
        ..TestsView::default()
    })
}

/// Edits the tests, and returns what follows from their results.
fn run_tests(state: &mut AppState, text: &str, results: ClaimsStep) -> Vec<AnalysisRequest> {
    let sent = act(state, ClaimsAction::Edit(text.to_owned()));
    let number = check_of(&sent).1;
    apply(state, checked(ClaimList::Tests, number, results))
}

#[test]
fn one_check_runs_and_the_newest_text_follows() {
    let mut state = page();
    let sent = act(&mut state, ClaimsAction::Edit("one".to_owned()));
    let (list, number, text) = check_of(&sent);
    assert_eq!((list, text), (ClaimList::Tests, Some("one")));
    assert_eq!(act(&mut state, ClaimsAction::Edit("two".to_owned())), []);
    // Nobody waits for the rest of the older text.
    let running = ClaimsStep::Running { done: 5, total: 9 };
    let next = apply(&mut state, checked(ClaimList::Tests, number, running));
    let (_, number, text) = check_of(&next);
    assert_eq!(text, Some("two"));
    let running = ClaimsStep::Running { done: 5, total: 9 };
    let next = apply(&mut state, checked(ClaimList::Tests, number, running));
    assert_eq!(check_of(&next), (ClaimList::Tests, number, None));
    assert_eq!(state.claims.tests.progress, Some((5, 9)));
    let done = checked(ClaimList::Tests, number, failing("a", "x"));
    assert_eq!(apply(&mut state, done), []);
    assert_eq!(state.claims.test_counts(), Some((0, 1)));
    assert_eq!(state.claims.tests.progress, None);
}

#[test]
fn tests_are_run_again_for_another_policy() {
    let mut state = page();
    run_tests(&mut state, "one", failing("a", "x"));
    apply(&mut state, Action::EditPolicy("b".to_owned()));
    let again = apply(&mut state, report(2, true));
    assert_eq!(check_of(&again).2, Some("one"));
}

#[test]
fn a_check_whose_policy_changes_begins_again() {
    let mut state = page();
    let sent = act(&mut state, ClaimsAction::Edit("one".to_owned()));
    let number = check_of(&sent).1;
    apply(&mut state, Action::EditPolicy("b".to_owned()));
    // The worker has the new policy before it gets the request for the next part.
    let part = ClaimsStep::Running { done: 1, total: 2 };
    apply(&mut state, checked(ClaimList::Tests, number, part));
    assert_eq!(apply(&mut state, report(2, true)), []);
    let ended = ClaimsStep::Running { done: 0, total: 0 };
    let again = apply(&mut state, checked(ClaimList::Tests, number, ended));
    assert_eq!(check_of(&again).2, Some("one"));
}

#[test]
fn requirements_are_decided_while_they_are_shown() {
    let mut state = page();
    let sent = act(&mut state, ClaimsAction::ShowTab(PolicyTab::Requirements));
    let (list, number, _) = check_of(&sent);
    assert_eq!(list, ClaimList::Requirements);
    let nothing = ClaimsStep::Requirements(Default::default());
    apply(&mut state, checked(list, number, nothing));
    act(&mut state, ClaimsAction::ShowTab(PolicyTab::Findings));
    apply(&mut state, Action::EditPolicy("b".to_owned()));
    assert_eq!(apply(&mut state, report(2, true)), []);
    let again = act(&mut state, ClaimsAction::ShowTab(PolicyTab::Requirements));
    assert_eq!(check_of(&again).0, ClaimList::Requirements);
}

#[test]
fn requirements_follow_the_settings_that_they_are_decided_with() {
    let change = || {
        let field = ExportAction::SetField("audit-log-maxage".to_owned(), "7".to_owned());
        Action::Export(field)
    };
    let mut state = page();
    let sent = act(&mut state, ClaimsAction::ShowTab(PolicyTab::Requirements));
    let (list, number, _) = check_of(&sent);
    let nothing = || ClaimsStep::Requirements(Default::default());
    apply(&mut state, checked(list, number, nothing()));
    assert_eq!(apply(&mut state, change()), []);
    let sent = act(&mut state, ClaimsAction::UseSettings(true));
    let number = check_of(&sent).1;
    apply(&mut state, checked(list, number, nothing()));
    let sent = apply(&mut state, change());
    let [AnalysisRequest::Claims(request)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    let start = request.start.as_ref().unwrap();
    assert_eq!(start.settings.as_ref(), Some(&state.export.settings));
}

#[test]
fn an_open_example_follows_the_results() {
    let mut state = page();
    run_tests(&mut state, "one", failing("a", "x"));
    let asked = act(&mut state, ClaimsAction::OpenExample(ClaimList::Tests, 0));
    let [AnalysisRequest::Why(why)] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    assert_eq!((state.pane, state.tab), (Pane::Inspector, Tab::Why));
    let explained = |number| {
        reply(&AnalysisReply::Why(WhyReport {
            number,
            generation: 1,
            why: Vec::new(),
            attributes: Vec::new(),
        }))
    };
    apply(&mut state, explained(why.number));
    let has_why = |state: &AppState| {
        let open = state.claims.example.as_ref();
        open.is_some_and(|open| open.why.is_some())
    };
    assert!(has_why(&state));
    // The same test fails for another user.
    let sent = act(&mut state, ClaimsAction::Edit("two".to_owned()));
    let number = check_of(&sent).1;
    let asked = apply(
        &mut state,
        checked(ClaimList::Tests, number, failing("a", "y")),
    );
    assert!(matches!(asked.as_slice(), [AnalysisRequest::Why(_)]));
    assert!(!has_why(&state));
    // The explanation of the earlier example is not that of this one.
    apply(&mut state, explained(why.number));
    assert!(!has_why(&state));
    // The test has no example any more.
    run_tests(&mut state, "three", failing("b", "y"));
    assert_eq!(state.claims.example, None);
}

#[test]
fn an_added_test_can_be_undone() {
    let mut state = page();
    act(&mut state, ClaimsAction::Edit("one".to_owned()));
    let of = TestOf::Request(Box::default());
    let sent = act(&mut state, ClaimsAction::Add(of));
    let [AnalysisRequest::AddTest(request)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert_eq!(request.text, "one");
    let added = |number, result| reply(&AnalysisReply::AddedTest(AddedTest { number, result }));
    let text = TextWithTest {
        text: "one two".to_owned(),
        name: "b".to_owned(),
        from: 4,
        to: 7,
    };
    apply(&mut state, added(request.number, Ok(text)));
    assert_eq!(*state.claims.text, "one two");
    assert_eq!(state.claims.tab, PolicyTab::Tests);
    assert_eq!(state.claims.message.as_deref(), Some("Added the test `b`."));
    act(&mut state, ClaimsAction::Undo);
    assert_eq!(*state.claims.text, "one");
    // An answer to an older request says nothing about the text as it is now.
    let problem = Problem {
        message: "c".to_owned(),
        help: "d".to_owned(),
    };
    apply(&mut state, added(99, Err(problem)));
    assert_eq!(state.claims.message, None);
}

#[test]
fn the_tests_of_an_example_are_opened_once() {
    let mut state = page();
    state.apply(Action::OpenExample(2));
    opened(&mut state);
    state.description = Some("An example.".to_owned());
    let sent = act(&mut state, ClaimsAction::ShowTab(PolicyTab::Tests));
    let wanted = BuiltInTests::Example(2);
    assert_eq!(sent, [AnalysisRequest::BuiltInTests(wanted)]);
    state.workspace.is_modified = false;
    let text = "kind: PolicyTests".to_owned();
    let sent = apply(
        &mut state,
        reply(&AnalysisReply::BuiltInTests(wanted, text.clone())),
    );
    assert_eq!(check_of(&sent).2, Some(text.as_str()));
    assert!(!state.workspace.is_modified);
    act(&mut state, ClaimsAction::Edit(String::new()));
    act(&mut state, ClaimsAction::ShowTab(PolicyTab::Findings));
    assert_eq!(act(&mut state, ClaimsAction::ShowTab(PolicyTab::Tests)), []);
}

#[test]
fn tests_that_were_left_for_an_example_come_back() {
    for edited in [false, true] {
        let mut state = with_log();
        state.apply(Action::Claims(ClaimsAction::Edit("mine".to_owned())));
        state.apply(Action::OpenExample(1));
        opened(&mut state);
        assert_eq!(*state.claims.text, "");
        if edited {
            let other = ClaimsAction::Edit("other".to_owned());
            state.apply(Action::Claims(other));
        }
        state.apply(Action::ReopenPreviousLog);
        let text = if edited { "other" } else { "mine" };
        assert_eq!(*state.claims.text, text);
    }
}

#[test]
fn changes_are_tried_until_they_are_cancelled() {
    let mut state = page();
    run_tests(&mut state, "one", failing("a", "x"));
    let sent = act(&mut state, ClaimsAction::TryChanges(true));
    let (list, number, text) = check_of(&sent);
    assert_eq!((list, text), (ClaimList::Mutations, Some("one")));
    act(&mut state, ClaimsAction::TryChanges(false));
    let running = ClaimsStep::Running { done: 1, total: 2 };
    assert_eq!(apply(&mut state, checked(list, number, running)), []);
    assert_eq!(state.claims.mutations.progress, None);
}
