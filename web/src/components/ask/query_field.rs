//! The input of a query: a combobox that completes attributes and values, and what is wrong with the text.

use gloo::timers::callback::Timeout;
use playground_figures::numbers;
use playground_protocol::{QueryChoice, QueryCompletionRequest, QueryCompletions, QueryProblem};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::common::markup;
use crate::components::filter::{byte_offset, utf16_offset};
use crate::components::name::name;
use crate::components::screen_reader::screen_reader_only;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::Action;
use crate::state::analysis::AnalysisAction;

/// Time without a key after which the query is asked, in milliseconds.
const PAUSE_MS: u32 = 500;

/// Properties of [`QueryField`].
#[derive(Properties, PartialEq)]
pub struct QueryProps {
    /// The query.
    pub query: IdentityRc<String>,
    /// Newest choices.
    pub choices: Option<IdentityRc<QueryCompletions>>,
    /// The problem of the query.
    pub error: Option<QueryProblem>,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// Input with its list of completions and its problem.
#[function_component]
pub fn QueryField(props: &QueryProps) -> Html {
    let input = use_node_ref();
    let active = use_state_eq(|| None::<usize>);
    let send = props.on.reform(Action::Analysis);
    use_pause(&props.query, &send);
    // Choices for an earlier text would replace another part of this one.
    let shown = props.choices.as_deref();
    let shown = shown.filter(|shown| shown.request.query == *props.query);
    let choices = shown.map_or(&[][..], |shown| shown.choices.as_slice());
    let chosen = active.filter(|index| *index < choices.len());
    let choose = choose(&input, shown, &active, &send);
    let oninput = {
        let (send, active) = (send.clone(), active.setter());
        Callback::from(move |event: InputEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            active.set(None);
            send.emit(AnalysisAction::Type(input.value()));
            send.emit(AnalysisAction::Complete(at_caret(&input, false)));
        })
    };
    let close = send.reform(|_: FocusEvent| AnalysisAction::Complete(None));
    // A click elsewhere in the text moves the caret, which the choices are for.
    let onclick = send.reform(|_: MouseEvent| AnalysisAction::Complete(None));
    let onkeydown = keys(choices, chosen, &active, &choose, &send);
    let is_open = !choices.is_empty();
    let error = props.error.as_ref();
    html! {
        <>
            <div class="filter">
                <input ref={input.clone()} id={dom_ids::QUERY} type="search" role="combobox" aria-label="Query" placeholder="Query: verb=get resource=secrets"
                    aria-autocomplete="list" aria-expanded={is_open.to_string()} aria-controls={is_open.then_some(dom_ids::QUERY_CHOICES)}
                    aria-activedescendant={chosen.map(choice_id)} aria-invalid={error.map(|_| "true")}
                    aria-describedby={error.map(|_| dom_ids::QUERY_PROBLEM)} maxlength="65536"
                    autocomplete="off" autocapitalize="none" spellcheck="false" value={(*props.query).clone()} {oninput} {onkeydown} {onclick} onblur={close} />
                if is_open {
                    { list(choices, chosen, &choose) }
                }
            </div>
            <div id={dom_ids::QUERY_PROBLEM} class="filter-problems" aria-live="polite">
                { for error.map(|error| problem(error, &props.query, &input)) }
            </div>
        </>
    }
}

/// Asks once the query has not changed for a while.
#[hook]
fn use_pause(query: &IdentityRc<String>, send: &Callback<AnalysisAction>) {
    let send = send.clone();
    use_effect_with(query.clone(), move |query| {
        let pause = (!query.trim().is_empty())
            .then(|| Timeout::new(PAUSE_MS, move || send.emit(AnalysisAction::Ask)));
        move || drop(pause)
    });
}

/// Returns the request for choices at the caret; between terms, only if it is requested explicitly.
fn at_caret(input: &HtmlInputElement, is_explicit: bool) -> Option<QueryCompletionRequest> {
    let query = input.value();
    let caret = byte_offset(&query, input.selection_end().ok()??);
    let before = query.get(..caret)?;
    let is_between = before.is_empty() || before.ends_with(char::is_whitespace);
    (is_explicit || !is_between).then_some(QueryCompletionRequest { query, caret })
}

/// Returns the callback for a chosen entry, which replaces what is being typed.
fn choose(
    input: &NodeRef,
    shown: Option<&QueryCompletions>,
    active: &UseStateHandle<Option<usize>>,
    send: &Callback<AnalysisAction>,
) -> Callback<String> {
    let (input, active, send) = (input.clone(), active.setter(), send.clone());
    let range = shown.map(|shown| (shown.from, shown.to));
    Callback::from(move |insert: String| {
        let (Some(input), Some((from, to))) = (input.cast::<HtmlInputElement>(), range) else {
            return;
        };
        let query = input.value();
        let (Some(before), Some(after)) = (query.get(..from), query.get(to..)) else {
            return;
        };
        let start = [before, &insert].concat();
        let query = [&start, after].concat();
        input.set_value(&query);
        let caret = u32::try_from(start.encode_utf16().count()).ok();
        let _ = input.set_selection_start(caret);
        let _ = input.set_selection_end(caret);
        active.set(None);
        send.emit(AnalysisAction::Type(query));
        // The values of an attribute follow its name.
        let next = at_caret(&input, true).filter(|_| insert.ends_with('='));
        send.emit(AnalysisAction::Complete(next));
    })
}

/// Returns the keys of the input: arrows move in the list, Enter and Tab choose, Escape closes it; without a choice, Enter asks.
fn keys(
    choices: &[QueryChoice],
    chosen: Option<usize>,
    active: &UseStateHandle<Option<usize>>,
    choose: &Callback<String>,
    send: &Callback<AnalysisAction>,
) -> Callback<KeyboardEvent> {
    let inserts: Vec<String> = choices.iter().map(|choice| choice.insert.clone()).collect();
    let (active, choose, send) = (active.setter(), choose.clone(), send.clone());
    Callback::from(move |key: KeyboardEvent| {
        // Enter ends the composition of a character.
        if key.is_composing() {
            return;
        }
        let last = inserts.len().checked_sub(1);
        let insert = chosen.and_then(|index| inserts.get(index));
        match (key.key().as_str(), last) {
            ("ArrowDown", _) if key.alt_key() => {
                let input: HtmlInputElement = key.target_unchecked_into();
                send.emit(AnalysisAction::Complete(at_caret(&input, true)));
            }
            ("ArrowDown", Some(last)) => active.set(Some(
                chosen.map_or(0, |index| if index < last { index + 1 } else { 0 }),
            )),
            ("ArrowUp", Some(last)) => active.set(Some(
                chosen
                    .and_then(|index| index.checked_sub(1))
                    .unwrap_or(last),
            )),
            ("Enter" | "Tab", _) if insert.is_some() => {
                insert
                    .into_iter()
                    .for_each(|insert| choose.emit(insert.clone()));
            }
            ("Enter", _) => {
                send.emit(AnalysisAction::Complete(None));
                send.emit(AnalysisAction::Ask);
            }
            ("Escape", Some(_)) => send.emit(AnalysisAction::Complete(None)),
            ("Escape", None) => {
                send.emit(AnalysisAction::Type(String::new()));
                return;
            }
            ("ArrowLeft" | "ArrowRight" | "Home" | "End", Some(_)) => {
                send.emit(AnalysisAction::Complete(None));
                return;
            }
            _ => return,
        }
        key.prevent_default();
    })
}

fn choice_id(index: usize) -> String {
    [dom_ids::QUERY_CHOICES, "-", &index.to_string()].concat()
}

fn list(choices: &[QueryChoice], chosen: Option<usize>, choose: &Callback<String>) -> Html {
    // The focus stays in the input.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    let entry = |(index, choice): (usize, &QueryChoice)| {
        let onclick = {
            let (choose, insert) = (choose.clone(), choice.insert.clone());
            Callback::from(move |_: MouseEvent| choose.emit(insert.clone()))
        };
        html! {
            <li key={index} id={choice_id(index)} role="option" aria-selected={(chosen == Some(index)).to_string()} {onclick}>
                <code>{ name(&choice.label) }</code>
                if !choice.note.is_empty() {
                    <span class="note">{ markup(&choice.note) }</span>
                }
            </li>
        }
    };
    html! {
        <ul id={dom_ids::QUERY_CHOICES} role="listbox" aria-label="Completions" {onmousedown}>{ for choices.iter().enumerate().map(entry) }</ul>
    }
}

/// Renders a problem with its place, as a button that selects the place in the input.
fn problem(error: &QueryProblem, query: &str, input: &NodeRef) -> Html {
    let (from, to) = (
        utf16_offset(query, error.from),
        utf16_offset(query, error.to),
    );
    let before = query.get(..error.from).unwrap_or_default();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                let _ = input.focus();
                let _ = input.set_selection_range(from, to);
            }
        })
    };
    html! {
        <p>
            <span class="warn" aria-hidden="true">{"▲ "}</span>{ screen_reader_only("query: ") }{ markup(&error.problem.message) }{": "}{ markup(&error.problem.help) }{" "}
            <button type="button" class="link" title="Select it in the query" {onclick}>{"at character "}{numbers::count(before.chars().count().saturating_add(1))}</button>
        </p>
    }
}
