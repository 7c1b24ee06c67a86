//! Tests of the requests that the page sends, and when. Each test plays the worker and sends its messages itself.

use playground_protocol::{
    AnswerReport, Column, EventId, Inspection, KubernetesVersion, LineRequest, LogReport, Outcome,
    OutcomeFilter, PolicyReport, RowView, Rows, RuleFilter, RuleIndex, Sum, ToPage, ToWorker,
    WhoView,
};

use super::download::{ChunkWritten, Destination};
use super::notices::NoticeKind;
use super::opening::LogSource;
use super::*;
use playground_protocol::{ExampleTitle, View};

mod analysis;
mod claims;
mod effects;
mod embed;
mod goals;
mod kept;
mod lessons;
mod log_scan;
mod metrics;
mod opening;
mod policy_check;
mod repair;
mod seal;
mod selection;
mod share;
mod trail;
mod worker;
mod workspace;

/// Applies an action in place, and returns the messages to the worker.
trait Apply {
    fn apply(&mut self, action: Action) -> Vec<ToWorker>;
}

impl Apply for AppState {
    fn apply(&mut self, action: Action) -> Vec<ToWorker> {
        messages(effects_of(self, action))
    }
}

/// Applies an action, and returns its effects but those on the browser's history.
fn effects_of(state: &mut AppState, action: Action) -> Vec<Effect> {
    let (next, mut effects) = update(state.clone(), action);
    *state = next;
    effects.retain(|effect| !matches!(effect, Effect::History(_)));
    effects
}

fn messages(effects: Vec<Effect>) -> Vec<ToWorker> {
    let message = |effect| match effect {
        Effect::Send(message) | Effect::SendWithFiles(message, _) => Some(message),
        _ => None,
    };
    effects.into_iter().filter_map(message).collect()
}

/// Parses a Kubernetes version.
fn version(text: &str) -> KubernetesVersion {
    text.parse().unwrap()
}

fn ready(state: &mut AppState, examples: usize) -> Vec<ToWorker> {
    let example = ExampleTitle {
        title: "a".to_owned(),
        summary: "b".to_owned(),
    };
    state.apply(Action::WorkerMessage(ToPage::Ready {
        examples: vec![example; examples],
        versions: ["1.37", "1.36", "1.35"].map(version).to_vec(),
    }))
}

fn report(generation: u32, accepted: bool) -> Action {
    Action::WorkerMessage(ToPage::Policy(PolicyReport {
        generation,
        accepted,
        ..PolicyReport::default()
    }))
}

fn answer(generation: u32) -> Action {
    Action::WorkerMessage(ToPage::Answer(AnswerReport {
        generation,
        recorded: Sum {
            events: 1000,
            bytes: 1e6,
        },
        ..AnswerReport::default()
    }))
}

fn row(event: usize) -> RowView {
    RowView {
        event: EventId::new(event),
        time: String::new(),
        verb: "get".to_owned(),
        resource: "pods".to_owned(),
        name: String::new(),
        namespace: String::new(),
        user: None,
        stage: "ResponseComplete".to_owned(),
        code: None,
        rule: None,
        level: None,
        outcome: Outcome::Written,
        recorded: 1.0,
        written: None,
        derived: false,
    }
}

/// Details of an event.
fn inspection(row: RowView) -> Inspection {
    Inspection {
        generation: 1,
        row,
        file: String::new(),
        line: 1,
        why: Vec::new(),
        conclusion: String::new(),
        impersonation: None,
        secrets: Vec::new(),
        written: Vec::new(),
        line_as_written: None,
        written_note: None,
        request: Vec::new(),
        query: String::new(),
        who: WhoView::default(),
    }
}

/// Rows of the log's own order, `total` in all.
fn rows(state: &AppState, start: usize, count: usize, total: usize) -> Action {
    Action::WorkerMessage(ToPage::Rows(Rows {
        generation: 1,
        view: (*state.table.view).clone(),
        total,
        start,
        rows: (start..start + count).map(row).collect(),
        groups: Vec::new(),
        grouped_bytes: 0.0,
    }))
}

fn files() -> Action {
    Action::OpenFiles {
        files: 1,
        names: vec!["audit.log".to_owned()],
        skipped: Vec::new(),
    }
}

/// Opens a log, as far as its first event.
fn open_files(state: &mut AppState) {
    state.apply(files());
    opened(state);
}

/// The log that was asked for last has an event.
fn opened(state: &mut AppState) -> Vec<ToWorker> {
    let log = state.openings.count;
    state.apply(Action::WorkerMessage(ToPage::Opened { log }))
}

fn not_opened(state: &mut AppState, report: LogReport) -> Vec<ToWorker> {
    state.apply(Action::WorkerMessage(ToPage::NotOpened {
        log: state.openings.count,
        report,
        reason: String::new(),
    }))
}

fn edit(text: &str) -> Action {
    Action::EditPolicy(text.to_owned())
}

/// A page with a log of a thousand events and its first rows.
fn with_log() -> AppState {
    let mut state = AppState::default();
    ready(&mut state, 0);
    state.apply(edit("rules: []"));
    state.apply(report(1, true));
    open_files(&mut state);
    state.apply(Action::ShowRows {
        start: 0,
        count: 40,
    });
    assert_eq!(
        state.apply(answer(1)),
        vec![ToWorker::Rows {
            start: 0,
            count: 60
        }]
    );
    // The first row is selected, so that there is something to see.
    assert_eq!(
        state.apply(rows(&state.clone(), 0, 60, 1000)),
        vec![ToWorker::Inspect {
            event: EventId::new(0)
        }]
    );
    state.inspecting = None;
    state.table.selection = None;
    assert!(state.settled());
    state
}

#[test]
fn the_first_visit_opens_the_first_example() {
    let mut state = AppState::default();
    assert_eq!(
        ready(&mut state, 2),
        vec![ToWorker::Example {
            log: 1,
            index: 0,
            with_policy: true
        }]
    );
    assert_eq!(state.version, version("1.36"));
    let asks = state.apply(Action::WorkerMessage(ToPage::Example {
        index: 0,
        policy: "rules: []".to_owned(),
        hint: "look".to_owned(),
        event: Some(playground_protocol::EventPosition {
            position: 3,
            event: EventId::new(14),
        }),
    }));
    assert_eq!(asks.len(), 1);
    assert_eq!(state.editor_document.text, "rules: []");
    assert_eq!(state.selected_event(), Some(EventId::new(14)));
    // The editor repeats what was put into it.
    assert_eq!(state.apply(edit("rules: []")), vec![]);
}

#[test]
fn an_early_reader_is_not_overrun_by_the_example() {
    let mut typed = AppState::default();
    typed.apply(edit("x"));
    assert_eq!(ready(&mut typed, 1), vec![]);
    let mut dropped = AppState::default();
    dropped.apply(Action::PasteLog("{}".to_owned()));
    assert_eq!(ready(&mut dropped, 1), vec![]);
}

#[test]
fn typing_keeps_one_load_in_progress_and_loads_the_newest_next() {
    let mut state = AppState::default();
    ready(&mut state, 0);
    let load = |generation, text: &str| ToWorker::Policy {
        generation,
        text: text.to_owned(),
        version: version("1.36"),
        part: 0,
    };
    assert_eq!(state.apply(edit("a")), vec![load(1, "a")]);
    assert_eq!(state.apply(edit("ab")), vec![]);
    assert_eq!(state.apply(edit("abc")), vec![]);
    assert_eq!(state.apply(report(1, true)), vec![load(3, "abc")]);
    assert_eq!(state.apply(report(3, true)), vec![]);
    assert_eq!(state.policy.as_ref().map(|p| p.generation), Some(3));
}

#[test]
fn figures_say_whose_they_are() {
    let mut state = with_log();
    assert_eq!(state.freshness(), Freshness::Fresh);
    state.apply(edit("rules: ["));
    assert_eq!(state.freshness(), Freshness::Pending);
    state.apply(report(2, false));
    assert_eq!(state.freshness(), Freshness::Stale);
    state.apply(edit("rules: []"));
    state.apply(report(3, true));
    assert_eq!(state.freshness(), Freshness::Pending);
    state.apply(answer(3));
    assert_eq!(state.freshness(), Freshness::Fresh);
}

#[test]
fn scrolling_requests_missing_rows_once() {
    let mut state = with_log();
    let window = |start| Action::ShowRows { start, count: 40 };
    assert_eq!(state.apply(window(20)), vec![]);
    assert_eq!(
        state.apply(window(30)),
        vec![ToWorker::Rows {
            start: 30,
            count: 60
        }]
    );
    assert_eq!(state.apply(window(500)), vec![]);
    assert_eq!(
        state.apply(rows(&state.clone(), 30, 60, 1000)),
        vec![ToWorker::Rows {
            start: 500,
            count: 60
        }]
    );
    // A worker that replies with fewer rows is not asked forever.
    assert_eq!(state.apply(rows(&state.clone(), 500, 10, 1000)), vec![]);
}

#[test]
fn filtering_asks_for_the_newest_view_only() {
    let mut state = with_log();
    let first = state.apply(Action::SetFilter("a".to_owned()));
    assert_eq!(first.len(), 1);
    let of_first = rows(&state.clone(), 0, 10, 10);
    assert_eq!(state.apply(Action::SetFilter("ab".to_owned())), vec![]);
    assert_eq!(state.apply(Action::SetFilter("abc".to_owned())), vec![]);
    assert_eq!(
        state.apply(of_first),
        vec![ToWorker::View((*state.table.view).clone())]
    );
    assert_eq!(state.table.view.text, "abc");
}

#[test]
fn a_new_answer_renews_rows_and_inspection() {
    let mut state = with_log();
    assert_eq!(
        state.apply(Action::SelectRow(7)),
        vec![ToWorker::Inspect {
            event: EventId::new(7)
        }]
    );
    state.apply(edit("rules: [] #"));
    assert_eq!(
        state.apply(answer(2)),
        vec![ToWorker::Rows {
            start: 0,
            count: 60
        }]
    );
}

#[test]
fn selecting_a_rule_twice_removes_the_filter() {
    let mut state = with_log();
    state.apply(Action::ToggleRule(Some(RuleIndex::new(2))));
    assert_eq!(
        state.table.view.rule,
        Some(RuleFilter::Rule(RuleIndex::new(2)))
    );
    state.apply(Action::ToggleRule(Some(RuleIndex::new(2))));
    assert_eq!(state.table.view.rule, None);
    state.apply(Action::ToggleRule(None));
    assert_eq!(state.table.view.rule, Some(RuleFilter::NoRule));
}

#[test]
fn columns_turn_around_and_back() {
    let mut state = with_log();
    let mut order = Vec::new();
    for _ in 0..3 {
        state.apply(Action::SortBy(Column::Written));
        order.push((state.table.view.sort, state.table.view.descending));
    }
    assert_eq!(
        order,
        vec![
            (Some(Column::Written), true),
            (Some(Column::Written), false),
            (None, false)
        ]
    );
}

#[test]
fn a_group_becomes_a_term() {
    let mut state = with_log();
    state.apply(Action::SetFilter("verb:get".to_owned()));
    state.apply(Action::GroupBy(Some(Column::User)));
    state.apply(Action::OpenGroup("user:alice".to_owned()));
    assert_eq!(state.table.view.text, "verb:get user:alice");
    assert_eq!(state.table.view.group_by, None);
    state.apply(Action::OpenGroup("user:alice".to_owned()));
    assert_eq!(state.table.view.text, "verb:get user:alice");
}

#[test]
fn another_log_clears_what_belonged_to_the_last() {
    let mut state = with_log();
    state.apply(Action::SelectRow(7));
    state.apply(Action::SetFilter("x".to_owned()));
    state.apply(Action::PasteLog("{}".to_owned()));
    assert!(state.answer.is_some() && state.table.view.text == "x");
    opened(&mut state);
    assert!(state.answer.is_none() && state.inspection.is_none());
    assert!(state.table.selection.is_none() && state.table.view.text.is_empty());
    assert!(state.reading.is_some());
}

#[test]
fn a_failure_ends_requests_in_progress() {
    let mut state = with_log();
    state.apply(Action::SetFilter("x".to_owned()));
    state.apply(Action::WorkerMessage(ToPage::RequestFailed {
        message: "no".to_owned(),
    }));
    assert_eq!(state.error_message.as_deref(), Some("no"));
    assert!(matches!(
        state.apply(Action::SetFilter("xy".to_owned())).as_slice(),
        [ToWorker::View(_)]
    ));
}

#[test]
fn an_example_is_not_judged_by_the_policy_before_it() {
    let mut state = with_log();
    state.apply(Action::OpenExample(1));
    opened(&mut state);
    state.apply(Action::WorkerMessage(ToPage::Example {
        index: 1,
        policy: "rules: [] # another".to_owned(),
        hint: String::new(),
        event: None,
    }));
    assert_eq!(state.apply(answer(1)), vec![]);
    assert!(state.answer.is_none());
    assert!(!state.apply(answer(2)).is_empty());
    assert!(state.answer.is_some());
}

#[test]
fn a_new_log_is_listed_whole_though_the_worker_has_another_view() {
    let mut state = with_log();
    state.apply(Action::SetFilter("alice".to_owned()));
    state.apply(Action::PasteLog("{}".to_owned()));
    opened(&mut state);
    assert_eq!(
        state.apply(answer(1)),
        vec![ToWorker::View(View::default())]
    );
}

#[test]
fn facets_are_requested_while_open_and_never_twice_at_once() {
    let mut state = with_log();
    let counted = |state: &AppState| {
        Action::WorkerMessage(ToPage::Facets(playground_protocol::Facets {
            generation: 1,
            view: (*state.table.view).clone(),
            fields: Vec::new(),
        }))
    };
    assert_eq!(state.apply(Action::ToggleFacets), vec![ToWorker::Facets]);
    assert!(!state.has_fresh_facets());
    // What is chosen meanwhile is counted next.
    let asks = state.apply(Action::ToggleValue(Column::User, "a b".to_owned()));
    assert_eq!(state.table.view.text, "user:\"a b\"");
    assert!(matches!(asks.as_slice(), [ToWorker::View(_)]));
    let whole = with_log();
    assert_eq!(state.apply(counted(&whole)), vec![ToWorker::Facets]);
    assert!(!state.has_fresh_facets());
    assert_eq!(state.apply(counted(&state.clone())), vec![]);
    assert!(state.has_fresh_facets());
    // A new answer makes them old.
    state.apply(rows(&state.clone(), 0, 60, 1000));
    assert!(state.apply(answer(1)).contains(&ToWorker::Facets));
    assert!(!state.has_fresh_facets());
    state.apply(counted(&state.clone()));
    assert!(state.has_fresh_facets());
    assert_eq!(state.apply(Action::ToggleFacets), vec![]);
    assert!(state.facets.shown.is_none());
    let asks = state.apply(Action::SetFilter(String::new()));
    assert!(!asks.contains(&ToWorker::Facets));
}

#[test]
fn a_value_goes_into_the_filter_and_out_of_it_however_it_got_there() {
    let mut state = with_log();
    let rule = || Action::ToggleValue(Column::Rule, "3".to_owned());
    state.apply(rule());
    assert_eq!(state.table.view.text, "rule:3");
    state.apply(rule());
    assert_eq!(state.table.view.text, "");
    state.apply(Action::ToggleRule(Some(RuleIndex::new(2))));
    state.apply(Action::ToggleOutcome(OutcomeFilter::Is(Outcome::Written)));
    state.apply(rule());
    state.apply(Action::ToggleValue(Column::Outcome, "written".to_owned()));
    assert_eq!(
        (state.table.view.rule, state.table.view.outcome),
        (None, None)
    );
    assert_eq!(state.table.view.text, "");
    // A choice by button becomes a value among others; clearing the field leaves what is excluded.
    state.apply(Action::SetFilter("-outcome:unknowable".to_owned()));
    state.apply(Action::ToggleOutcome(OutcomeFilter::Dropped));
    state.apply(Action::ToggleValue(Column::Outcome, "written".to_owned()));
    assert_eq!(state.table.view.outcome, None);
    assert_eq!(
        state.table.view.text,
        "-outcome:unknowable outcome:dropped,written"
    );
    state.apply(Action::ClearField(Column::Outcome));
    assert_eq!(state.table.view.text, "-outcome:unknowable");
}

#[test]
fn values_are_requested_one_at_a_time_and_those_of_another_text_are_not_shown() {
    let mut state = with_log();
    let request = |typed: &str| playground_protocol::ValuesRequest {
        field: audit_filter::Field::User,
        typed: typed.to_owned(),
    };
    let values = |typed: &str| {
        Action::WorkerMessage(ToPage::Values(playground_protocol::FieldValues {
            request: request(typed),
            values: Vec::new(),
        }))
    };
    assert_eq!(
        state.apply(Action::RequestValues(request("a"))),
        vec![ToWorker::Values(request("a"))]
    );
    assert_eq!(state.apply(Action::RequestValues(request("al"))), vec![]);
    assert_eq!(state.apply(Action::RequestValues(request("ali"))), vec![]);
    assert_eq!(
        state.apply(values("a")),
        vec![ToWorker::Values(request("ali"))]
    );
    assert!(state.completion.shown.is_none());
    assert_eq!(state.apply(values("ali")), vec![]);
    assert!(state.completion.shown.is_some());
}

#[test]
fn the_next_piece_is_asked_for_once_the_last_has_arrived() {
    use playground_protocol::{EventSelection, ExportSummary, LineFormat};
    let mut state = with_log();
    let lines = LineRequest {
        events: EventSelection::Log,
        format: LineFormat::Written,
    };
    let ask = |download| ToWorker::Lines {
        job: download,
        lines,
    };
    let arrived = |download, done| {
        Action::ChunkWritten(ChunkWritten {
            download,
            summary: ExportSummary {
                done,
                total: 10,
                lines: done,
                ..ExportSummary::default()
            },
            bytes: 100.0,
            changed: Vec::new(),
            failure: None,
        })
    };
    assert_eq!(
        state.apply(Action::StartDownload(lines, Destination::File)),
        vec![ask(1)]
    );
    assert_eq!(state.apply(arrived(1, 4)), vec![ask(1)]);
    assert_eq!(state.apply(arrived(1, 10)), vec![]);
    assert_eq!(
        state.downloads.last_result.as_deref(),
        Some("Saved 10 lines, 100 B.")
    );
    assert_eq!(
        state.apply(Action::StartDownload(lines, Destination::File)),
        vec![ask(2)]
    );
    assert_eq!(
        state.apply(Action::CancelDownload),
        vec![ToWorker::CancelExport]
    );
    // What comes too late is nothing any more.
    assert_eq!(state.apply(arrived(2, 4)), vec![]);
    assert_eq!(
        state.apply(Action::StartDownload(lines, Destination::Clipboard)),
        vec![ask(3)]
    );
    state.apply(Action::PasteLog("{}".to_owned()));
    assert!(opened(&mut state).contains(&ToWorker::CancelExport));
}
