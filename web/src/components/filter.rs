//! The filter of the event table: a combobox that completes fields and values, and what is wrong with the text.

use audit_filter::{Completing, Completion, Field, Problem, completion_at, parse};
use gloo::timers::callback::Timeout;
use playground_figures::numbers;
use playground_protocol::{FieldValues, ValuesRequest};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::common::markup;
use super::name::name;
use super::screen_reader::screen_reader_only;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::{Action, AppState};

/// Maximum number of fields in the list.
const MAX_FIELDS: usize = 18;

/// Time without a key after which the term at the caret counts as typed, in milliseconds.
const PAUSE_MS: u32 = 700;

/// Values to begin a condition on the time with.
const TIMES: [(&str, &str); 4] = [
    ("-15m", "the last 15 minutes of the log"),
    ("-1h", "the last hour of the log"),
    ("+1h", "the first hour of the log"),
    (">10:00", "after 10:00 UTC, on any day"),
];

/// Renders the filter.
pub fn filter_field(state: &AppState, on: &Callback<Action>) -> Html {
    html! { <FilterField text={state.table.view.text.clone()} values={state.completion.shown.clone()} on={on.clone()} /> }
}

/// Properties of [`FilterField`].
#[derive(Properties, PartialEq)]
pub struct FilterProps {
    /// Text of the filter.
    pub text: AttrValue,
    /// Newest values of a field.
    pub values: Option<IdentityRc<FieldValues>>,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// An entry of the list of completions.
#[derive(Debug, Clone, PartialEq)]
struct Choice {
    label: String,
    note: &'static str,
    insert: String,
}

/// State that may be absent.
type OptionHandle<T> = UseStateHandle<Option<T>>;

/// Callback that changes what is being typed.
type Complete = Callback<Option<Completion>>;

/// Input with its list of completions and its problems.
#[function_component]
pub fn FilterField(props: &FilterProps) -> Html {
    let input = use_node_ref();
    let (completion, active, complete) = use_completion(&props.on);
    let is_typing = use_typing(&props.text);
    let choices = (*completion)
        .as_ref()
        .map(|completion| choices(completion, props.values.as_deref()));
    let choices = choices.unwrap_or_default();
    let is_open = !choices.is_empty();
    let chosen = active.filter(|index| *index < choices.len());
    let oninput = typed(&complete, &is_typing, &props.on);
    let choose = choose(&input, (*completion).clone(), &complete, &props.on);
    let onkeydown = keys(&choices, chosen, &active, &complete, &choose, &props.on);
    let onblur = {
        let (complete, is_typing) = (complete.clone(), is_typing.setter());
        Callback::from(move |_: FocusEvent| {
            complete.emit(None);
            is_typing.set(false);
        })
    };
    let onclick = complete.reform(|_: MouseEvent| None);
    let mut problems = parse(&props.text).problems;
    // What is being typed is not wrong yet.
    let end = props.text.len();
    problems.retain(|problem| !*is_typing || problem.range.end < end);
    let has_problems = !problems.is_empty();
    html! {
        <>
            <div class="filter">
                <input ref={input.clone()} id={dom_ids::FILTER} type="search" role="combobox" aria-label="Filter events" placeholder="Filter: user:alice verb:create pods"
                    aria-autocomplete="list" aria-expanded={is_open.to_string()} aria-controls={is_open.then_some(dom_ids::FILTER_CHOICES)}
                    aria-activedescendant={chosen.map(choice_id)} aria-invalid={has_problems.then_some("true")}
                    aria-describedby={has_problems.then_some(dom_ids::FILTER_PROBLEMS)}
                    autocomplete="off" autocapitalize="none" spellcheck="false" value={props.text.clone()} {oninput} {onkeydown} {onblur} {onclick} />
                if is_open {
                    { list(&choices, chosen, &choose) }
                }
            </div>
            { odd_filter(&props.text) }
            <div id={dom_ids::FILTER_PROBLEMS} class="filter-problems" aria-live="polite">
                { for problems.iter().map(|one| problem(one, &props.text, &input)) }
            </div>
        </>
    }
}

/// Returns what is being typed, the chosen entry of its list, and the callback that changes the former.
#[hook]
fn use_completion(
    on: &Callback<Action>,
) -> (OptionHandle<Completion>, OptionHandle<usize>, Complete) {
    let completion = use_state_eq(|| None::<Completion>);
    let active = use_state_eq(|| None::<usize>);
    let complete = {
        let (completion, active, on) = (completion.setter(), active.setter(), on.clone());
        Callback::from(move |found: Option<Completion>| {
            if let Some(Completion {
                typed,
                of: Completing::Value(field),
                ..
            }) = &found
            {
                let request = ValuesRequest {
                    field: *field,
                    typed: typed.clone(),
                };
                on.emit(Action::RequestValues(request));
            }
            active.set(None);
            completion.set(found);
        })
    };
    (completion, active, complete)
}

/// Returns whether the text is being typed: it becomes `false` after a pause.
#[hook]
fn use_typing(text: &AttrValue) -> UseStateHandle<bool> {
    let is_typing = use_state_eq(|| false);
    let setter = is_typing.setter();
    use_effect_with(text.clone(), move |_| {
        let pause = Timeout::new(PAUSE_MS, move || setter.set(false));
        move || drop(pause)
    });
    is_typing
}

/// Returns the callback for a changed text.
fn typed(
    complete: &Complete,
    is_typing: &UseStateHandle<bool>,
    on: &Callback<Action>,
) -> Callback<InputEvent> {
    let (complete, is_typing, on) = (complete.clone(), is_typing.setter(), on.clone());
    Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let text = input.value();
        is_typing.set(true);
        // Between terms, the list opens on request.
        let found = at_caret(&input, &text);
        complete
            .emit(found.filter(|found| !found.typed.is_empty() || found.of != Completing::Field));
        on.emit(Action::SetFilter(text));
    })
}

/// Returns the callback for a chosen entry, which replaces what is being typed.
fn choose(
    input: &NodeRef,
    replaced: Option<Completion>,
    complete: &Complete,
    on: &Callback<Action>,
) -> Callback<Choice> {
    let (input, complete, on) = (input.clone(), complete.clone(), on.clone());
    Callback::from(move |choice: Choice| {
        let (Some(input), Some(replaced)) = (input.cast::<HtmlInputElement>(), &replaced) else {
            return;
        };
        let text = input.value();
        let (Some(before), Some(after)) = (
            text.get(..replaced.range.start),
            text.get(replaced.range.end..),
        ) else {
            return;
        };
        let start = [before, &choice.insert].concat();
        let text = [&start, after].concat();
        input.set_value(&text);
        let caret = u32::try_from(start.encode_utf16().count()).ok();
        let _ = input.set_selection_start(caret);
        let _ = input.set_selection_end(caret);
        // The values of a field follow its name.
        complete.emit(at_caret(&input, &text).filter(|_| replaced.of == Completing::Field));
        on.emit(Action::SetFilter(text));
    })
}

/// Returns what is being typed at the caret of the input.
fn at_caret(input: &HtmlInputElement, text: &str) -> Option<Completion> {
    let units = input.selection_end().ok()??;
    completion_at(text, byte_offset(text, units))
}

/// Converts an offset in UTF-16 code units, as browsers count, to one in bytes.
pub(super) fn byte_offset(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    let mut characters = text.char_indices();
    let after = characters.find(|(_, character)| {
        let is_after = left == 0;
        left = left.saturating_sub(character.len_utf16());
        is_after
    });
    after.map_or(text.len(), |(at, _)| at)
}

/// Converts an offset in bytes to one in UTF-16 code units.
pub(super) fn utf16_offset(text: &str, bytes: usize) -> u32 {
    let before = text.get(..bytes).unwrap_or(text);
    u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Returns the keys of the input: arrows move in the list, Enter and Tab choose, Escape closes it; without a list they are the table's.
fn keys(
    choices: &[Choice],
    chosen: Option<usize>,
    active: &OptionHandle<usize>,
    complete: &Complete,
    choose: &Callback<Choice>,
    on: &Callback<Action>,
) -> Callback<KeyboardEvent> {
    let (choices, active, choose, on) = (
        choices.to_vec(),
        active.setter(),
        choose.clone(),
        on.clone(),
    );
    let complete = complete.clone();
    Callback::from(move |key: KeyboardEvent| {
        // Enter ends the composition of a character.
        if key.is_composing() {
            return;
        }
        let last = choices.len().checked_sub(1);
        let choice = chosen.and_then(|index| choices.get(index));
        match (key.key().as_str(), last) {
            ("ArrowDown", _) if key.alt_key() => {
                let input: HtmlInputElement = key.target_unchecked_into();
                complete.emit(at_caret(&input, &input.value()));
            }
            ("ArrowDown", Some(last)) => active.set(Some(
                chosen.map_or(0, |index| if index < last { index + 1 } else { 0 }),
            )),
            ("ArrowUp", Some(last)) => active.set(Some(
                chosen
                    .and_then(|index| index.checked_sub(1))
                    .unwrap_or(last),
            )),
            ("Enter" | "Tab", _) if choice.is_some() => {
                if let Some(choice) = choice {
                    choose.emit(choice.clone());
                }
            }
            ("Escape", Some(_)) => complete.emit(None),
            ("Escape", None) => {
                complete.emit(None);
                on.emit(Action::SetFilter(String::new()));
                return;
            }
            ("ArrowDown" | "Enter", _) => {
                complete.emit(None);
                on.emit(Action::FocusEvents);
            }
            ("ArrowLeft" | "ArrowRight" | "Home" | "End", Some(_)) => {
                complete.emit(None);
                return;
            }
            _ => return,
        }
        key.prevent_default();
    })
}

/// Returns the entries of the list.
fn choices(completion: &Completion, values: Option<&FieldValues>) -> Vec<Choice> {
    let typed = completion.typed.to_lowercase();
    match completion.of {
        Completing::Field => {
            let begins = |name: &str| name.to_lowercase().starts_with(&typed);
            let fields = Field::all().filter(|field| {
                begins(field.name()) || field.aliases().iter().any(|alias| begins(alias))
            });
            let choice = |field: Field| Choice {
                label: [field.name(), ":"].concat(),
                note: field.summary(),
                insert: [field.name(), ":"].concat(),
            };
            fields.take(MAX_FIELDS).map(choice).collect()
        }
        Completing::Value(Field::Time) if typed.is_empty() => {
            let choice = |(text, note): (&str, &'static str)| Choice {
                label: text.to_owned(),
                note,
                insert: text.to_owned(),
            };
            TIMES.into_iter().map(choice).collect()
        }
        Completing::Value(field) => {
            let values = values.filter(|values| values.request.field == field);
            let values = values
                .map(|values| values.values.iter())
                .unwrap_or_default();
            // Values of a shorter text are shown until those of this one are there.
            let matching = values.filter(|value| {
                let text = value.text.to_lowercase();
                text.contains(&typed) && text != typed
            });
            let choice = |value: &playground_protocol::FieldValue| Choice {
                label: value.text.clone(),
                note: "",
                insert: value.insert.clone(),
            };
            matching.map(choice).collect()
        }
    }
}

fn choice_id(index: usize) -> String {
    [dom_ids::FILTER_CHOICES, "-", &index.to_string()].concat()
}

fn list(choices: &[Choice], chosen: Option<usize>, choose: &Callback<Choice>) -> Html {
    // The focus stays in the input.
    let onmousedown = Callback::from(|event: MouseEvent| event.prevent_default());
    let entry = |(index, choice): (usize, &Choice)| {
        let onclick = {
            let (choose, choice) = (choose.clone(), choice.clone());
            Callback::from(move |_: MouseEvent| choose.emit(choice.clone()))
        };
        html! {
            <li key={index} id={choice_id(index)} role="option" aria-selected={(chosen == Some(index)).to_string()} {onclick}>
                <code>{ name(&choice.label) }</code>
                if !choice.note.is_empty() {
                    <span class="note">{choice.note}</span>
                }
            </li>
        }
    };
    html! {
        <ul id={dom_ids::FILTER_CHOICES} role="listbox" aria-label="Completions" {onmousedown}>{ for choices.iter().enumerate().map(entry) }</ul>
    }
}

/// Renders a problem with its place, as a button that selects the place in the input.
fn problem(problem: &Problem, text: &str, input: &NodeRef) -> Html {
    let (from, to) = (
        utf16_offset(text, problem.range.start),
        utf16_offset(text, problem.range.end),
    );
    let characters = text
        .get(..problem.range.start)
        .map_or(0, |before| before.chars().count());
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
            <span class="warn" aria-hidden="true">{"▲ "}</span>{ screen_reader_only("filter: ") }{ markup(&problem.message) }{": "}{ markup(&problem.help) }{" "}
            <button type="button" class="link" title="Select it in the filter" {onclick}>{"at character "}{numbers::count(characters.saturating_add(1))}</button>
        </p>
    }
}

/// Renders a filter that contains invisible or misleading characters, which the field cannot show.
fn odd_filter(text: &str) -> Html {
    if crate::untrusted::escaped(text) == text {
        return Html::default();
    }
    html! { <p class="odd-filter"><span class="note">{"Filter: "}</span>{ name(text) }</p> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_converted_both_ways() {
        // é is two bytes and one unit, 😀 four bytes and two units.
        let text = "aé😀b";
        for (units, bytes) in [(0, 0), (1, 1), (2, 3), (4, 7), (5, 8), (9, 8)] {
            assert_eq!(byte_offset(text, units), bytes);
            assert_eq!(utf16_offset(text, bytes), units.min(5));
        }
    }

    #[test]
    fn fields_are_completed_by_name_and_alias() {
        let labels = |typed: &str| -> Vec<String> {
            let completion = Completion {
                range: 0..0,
                typed: typed.to_owned(),
                of: Completing::Field,
            };
            choices(&completion, None)
                .into_iter()
                .map(|choice| choice.label)
                .collect()
        };
        assert_eq!(labels("us"), ["user:", "userGroup:", "useragent:"]);
        assert_eq!(labels("GR"), ["userGroup:"]);
        assert_eq!(labels("ns"), ["namespace:"]);
        assert_eq!(labels("x"), [""; 0]);
        assert_eq!(labels("").len(), Field::all().count());
    }
}
