//! The filter of the event table: a combobox that completes fields and values, and what is wrong with the text.

use audit_filter::{Completing, Completion, Field, Problem, completion_at, parse};
use gloo::timers::callback::Timeout;
use playground_protocol::{FieldValues, ValuesRequest};
use yew::prelude::*;

use super::combobox::{AtCaret, Choice, Combobox, ComboboxEvent, Kind, TextProblem};
use super::name::name;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::{Action, AppState};

/// Maximum number of fields in the list.
const MAX_FIELDS: usize = 18;

/// Time without a key after which the term at the caret counts as typed, in milliseconds.
const PAUSE_MS: u32 = 700;

/// The input.
const FILTER: Kind = Kind {
    id: dom_ids::FILTER,
    list_id: dom_ids::FILTER_CHOICES,
    problems_id: dom_ids::FILTER_PROBLEMS,
    label: "Filter events",
    placeholder: "Filter: user:alice verb:create pods",
    prefix: "filter: ",
    select: "Select it in the filter",
};

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

/// Input with its list of completions and its problems.
#[function_component]
pub fn FilterField(props: &FilterProps) -> Html {
    let completion = use_state_eq(|| None::<Completion>);
    let is_typing = use_typing(&props.text);
    let shown = (*completion).as_ref();
    let choices = shown.map(|completion| choices(completion, props.values.as_deref()));
    let replaced = shown.map(|completion| completion.range.clone());
    let mut problems = parse(&props.text).problems;
    // What is being typed is not wrong yet.
    let end = props.text.len();
    problems.retain(|problem| !*is_typing || problem.range.end < end);
    let problem = |problem: Problem| TextProblem {
        message: problem.message.into(),
        help: problem.help.into(),
        range: problem.range,
    };
    let on = handler(&completion, &is_typing, &props.on);
    html! {
        <Combobox kind={&FILTER} text={props.text.clone()} choices={choices.unwrap_or_default()} replaced={replaced.unwrap_or_default()}
            problems={problems.into_iter().map(problem).collect::<Vec<_>>()} {on}>
            { odd_filter(&props.text) }
        </Combobox>
    }
}

/// Returns the callback for what a person does in the input.
fn handler(
    completion: &UseStateHandle<Option<Completion>>,
    is_typing: &UseStateHandle<bool>,
    on: &Callback<Action>,
) -> Callback<ComboboxEvent> {
    let replaces_field = matches!(&**completion, Some(shown) if shown.of == Completing::Field);
    let (completion, is_typing, on) = (completion.setter(), is_typing.setter(), on.clone());
    let complete = {
        let on = on.clone();
        move |found: Option<Completion>| {
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
            completion.set(found);
        }
    };
    let found = |at: &AtCaret| completion_at(&at.text, at.caret);
    Callback::from(move |event: ComboboxEvent| match event {
        ComboboxEvent::Typed(at) => {
            is_typing.set(true);
            // Between terms, the list opens on request.
            let is_begun =
                |found: &Completion| !found.typed.is_empty() || found.of != Completing::Field;
            complete(found(&at).filter(is_begun));
            on.emit(Action::SetFilter(at.text));
        }
        ComboboxEvent::Opened(at) => complete(found(&at)),
        ComboboxEvent::Closed => complete(None),
        ComboboxEvent::Left => {
            complete(None);
            is_typing.set(false);
        }
        ComboboxEvent::Chosen(_, at) => {
            // The values of a field follow its name.
            complete(found(&at).filter(|_| replaces_field));
            on.emit(Action::SetFilter(at.text));
        }
        ComboboxEvent::Entered | ComboboxEvent::Down(_) => {
            complete(None);
            on.emit(Action::FocusEvents);
        }
        ComboboxEvent::Escaped => {
            complete(None);
            on.emit(Action::SetFilter(String::new()));
        }
    })
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
                note: field.summary().into(),
                insert: [field.name(), ":"].concat(),
            };
            fields.take(MAX_FIELDS).map(choice).collect()
        }
        Completing::Value(Field::Time) if typed.is_empty() => {
            let choice = |(text, note): (&str, &'static str)| Choice {
                label: text.to_owned(),
                note: note.into(),
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
                note: AttrValue::default(),
                insert: value.insert.clone(),
            };
            matching.map(choice).collect()
        }
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
