//! The input of a query: a combobox that completes attributes and values, and what is wrong with the text.

use gloo::timers::callback::Timeout;
use playground_protocol::{QueryChoice, QueryCompletionRequest, QueryCompletions, QueryProblem};
use yew::prelude::*;

use crate::components::combobox::{AtCaret, Choice, Combobox, ComboboxEvent, Kind, TextProblem};
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::Action;
use crate::state::analysis::AnalysisAction;

/// Time without a key after which the query is asked, in milliseconds.
const PAUSE_MS: u32 = 500;

/// Maximum length of a query, as the engine has it.
const MAX_LENGTH: &str = "65536";

/// The input.
const QUERY: Kind = Kind {
    id: dom_ids::QUERY,
    list_id: dom_ids::QUERY_CHOICES,
    problems_id: dom_ids::QUERY_PROBLEM,
    label: "Query",
    placeholder: "Query: verb=get resource=secrets",
    prefix: "query: ",
    select: "Select it in the query",
};

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
    // Choices that were left open when another pane was shown stay closed.
    let is_open = use_state_eq(|| false);
    let send = props.on.reform(Action::Analysis);
    use_pause(&props.query, &send);
    // Choices for an earlier text would replace another part of this one.
    let shown = props.choices.as_deref().filter(|_| *is_open);
    let shown = shown.filter(|shown| shown.request.query == *props.query);
    let choice = |choice: &QueryChoice| Choice {
        label: choice.label.clone(),
        note: choice.note.clone().into(),
        insert: choice.insert.clone(),
    };
    let choices = shown.map(|shown| shown.choices.iter().map(choice).collect::<Vec<_>>());
    let replaced = shown.map(|shown| shown.from..shown.to);
    let error = props.error.iter().map(|error| TextProblem {
        message: error.problem.message.clone().into(),
        help: error.problem.help.clone().into(),
        range: error.from..error.to,
    });
    let on = {
        let is_open = is_open.setter();
        Callback::from(move |event: ComboboxEvent| {
            for action in actions(event) {
                if let AnalysisAction::Complete(request) = &action {
                    is_open.set(request.is_some());
                }
                send.emit(action);
            }
        })
    };
    html! {
        <Combobox kind={&QUERY} text={(*props.query).clone()} choices={choices.unwrap_or_default()} replaced={replaced.unwrap_or_default()}
            problems={error.collect::<Vec<_>>()} max_length={MAX_LENGTH} {on} />
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

/// Returns the actions that follow from what a person does in the input.
fn actions(event: ComboboxEvent) -> Vec<AnalysisAction> {
    use AnalysisAction::{Ask, Complete, Type};
    match event {
        ComboboxEvent::Typed(at) => {
            let text = at.text.clone();
            let before = at.text.get(..at.caret).unwrap_or_default();
            // Between terms, the list opens on request.
            let is_between = before.is_empty() || before.ends_with(char::is_whitespace);
            vec![Type(text), Complete((!is_between).then(|| request(at)))]
        }
        ComboboxEvent::Opened(at) | ComboboxEvent::Down(at) => vec![Complete(Some(request(at)))],
        ComboboxEvent::Closed | ComboboxEvent::Left => vec![Complete(None)],
        ComboboxEvent::Chosen(choice, at) => {
            // The values of an attribute follow its name.
            let is_name = choice.insert.strip_suffix('=') == Some(&choice.label);
            let text = at.text.clone();
            vec![Type(text), Complete(is_name.then(|| request(at)))]
        }
        ComboboxEvent::Entered => vec![Complete(None), Ask],
        ComboboxEvent::Escaped => vec![Type(String::new())],
    }
}

fn request(at: AtCaret) -> QueryCompletionRequest {
    QueryCompletionRequest {
        query: at.text,
        caret: at.caret,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> AtCaret {
        AtCaret {
            text: text.to_owned(),
            caret: text.len(),
        }
    }

    fn completes(event: ComboboxEvent) -> Option<String> {
        let actions = actions(event).into_iter();
        let mut requests = actions.filter_map(|action| match action {
            AnalysisAction::Complete(request) => Some(request.map(|request| request.query)),
            _ => None,
        });
        requests.next_back().flatten()
    }

    #[test]
    fn the_list_opens_within_a_term_and_on_request() {
        let typed = |text: &str| completes(ComboboxEvent::Typed(at(text)));
        assert_eq!(typed("ve"), Some("ve".to_owned()));
        assert_eq!(typed("verb="), Some("verb=".to_owned()));
        assert_eq!((typed(""), typed("verb=get ")), (None, None));
        let opened = ComboboxEvent::Opened(at("verb=get "));
        assert_eq!(completes(opened), Some("verb=get ".to_owned()));
        assert_eq!(completes(ComboboxEvent::Left), None);
        assert_eq!(completes(ComboboxEvent::Entered), None);
    }

    #[test]
    fn values_follow_the_name_of_an_attribute_and_a_value_ends_the_list() {
        let chosen = |label: &str, insert: &str, text: &str| {
            let choice = Choice {
                label: label.to_owned(),
                note: AttrValue::default(),
                insert: insert.to_owned(),
            };
            completes(ComboboxEvent::Chosen(choice, at(text)))
        };
        assert_eq!(chosen("verb", "verb=", "verb="), Some("verb=".to_owned()));
        assert_eq!(chosen("get", "get", "verb=get"), None);
        // A value may end like a name.
        assert_eq!(chosen("a=", "a=", "user=a="), None);
    }
}
