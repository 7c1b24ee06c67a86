//! The *Ask* pane: every verdict that requests of a query can get, each with an example and its reason.

mod query_field;

use playground_figures::numbers;
use playground_protocol::{AskResult, VerdictView};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use self::query_field::QueryField;
use super::common::{markup, sentence};
use super::example::{
    ExampleCard, cancelled, decision, example_button, notes, over, problem, waiting,
};
use crate::state::analysis::{AnalysisAction, AnalysisState, ExampleList};
use crate::state::{Action, AppState, Freshness};

/// Queries to begin with, and what they ask.
const QUERIES: [(&str, &str); 4] = [
    (
        "verb=get,list resource=secrets",
        "Who can read secrets without a trace?",
    ),
    (
        "user=alice verb=delete resource=secrets",
        "What if alice deletes a secret?",
    ),
    (
        "verb=create resource=pods/exec,pods/attach",
        "Is every shell in a pod recorded?",
    ),
    (
        "user=system:anonymous",
        "What do requests without credentials leave behind?",
    ),
];

/// Renders the pane.
pub fn ask_pane(state: &AppState, on: &Callback<Action>) -> Html {
    let analysis = &state.analysis;
    let is_empty = analysis.query.trim().is_empty();
    let is_cancelled = analysis.verdicts.is_cancelled();
    let is_pending = state.freshness() == Freshness::Pending || !analysis.verdicts.is_fresh();
    let result = analysis
        .verdicts
        .shown
        .as_deref()
        .map(|report| &report.result);
    let error = match result {
        Some(AskResult::Error(error)) if analysis.verdicts.is_fresh() => Some(error.clone()),
        _ => None,
    };
    let content = match result {
        _ if is_empty => hints(on),
        _ if is_cancelled => cancelled(on),
        Some(AskResult::Answers {
            answers,
            summary,
            more,
        }) => listed(answers, &sentence(summary), *more, state, on),
        Some(AskResult::Undecided(why)) => problem(why),
        Some(AskResult::Error(_)) => Html::default(),
        None if state.policy.as_ref().is_some_and(|policy| !policy.accepted)
            && state.answer.is_none() =>
        {
            html! {
                <div class="empty"><h3>{"No policy to ask about"}</h3><p>{"Fix the policy to see which verdicts requests can get."}</p></div>
            }
        }
        None => html! { <div class="empty" aria-busy="true"></div> },
    };
    html! {
        <section class="pane analysis ask" aria-labelledby="ask-title">
            <div class="bar">
                <h2 id="ask-title" class="visually-hidden">{"Ask"}</h2>
                <QueryField query={analysis.query.clone()} choices={analysis.completion.shown.clone()} error={error} on={on.clone()} />
                { only_possible(analysis, on) }
            </div>
            <p class="visually-hidden" role="status" aria-label="Answer to the query">{ spoken(result, is_pending || is_empty) }</p>
            <div class={classes!("body", (is_pending && !is_empty && !is_cancelled).then_some("pending"))} tabindex="0" role="region" aria-label="Possible verdicts">
                { content }
            </div>
            if !is_empty {
                { waiting(&analysis.verdicts, "Deciding over every request…", on) }
            }
        </section>
    }
}

/// Renders the check box for requests that cannot come.
pub fn only_possible(analysis: &AnalysisState, on: &Callback<Action>) -> Html {
    let onchange = on.reform(|event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Action::Analysis(AnalysisAction::SetOnlyPossible(input.checked()))
    });
    html! {
        <label class="check" title="Requests that no URL, method and identity produce, such as a service account outside the group system:serviceaccounts">
            <input type="checkbox" checked={analysis.only_possible} {onchange} />{" Leave out requests that cannot come"}
        </label>
    }
}

/// Returns the result in one sentence for screen readers; nothing while it is outdated.
fn spoken(result: Option<&AskResult>, is_outdated: bool) -> String {
    match result {
        Some(AskResult::Answers { summary, .. }) if !is_outdated => {
            sentence(summary).replace('`', "")
        }
        Some(AskResult::Undecided(problem)) if !is_outdated => problem.message.clone(),
        _ => String::new(),
    }
}

fn hints(on: &Callback<Action>) -> Html {
    let hint = |(query, question): (&'static str, &'static str)| {
        let onclick =
            on.reform(move |_| Action::Analysis(AnalysisAction::SetQuery(query.to_owned())));
        html! { <li><button type="button" class="link" {onclick}>{question}</button><code>{query}</code></li> }
    };
    html! {
        <div class="hints">
            <h3>{"Ask about every possible request"}</h3>
            <p>{"Name some attributes of requests. The answer has every verdict that the policy can give to them, proved over all requests, each with an example. What you leave out can be anything."}</p>
            <ul>{ for QUERIES.into_iter().map(hint) }</ul>
        </div>
    }
}

fn listed(
    answers: &[VerdictView],
    summary: &str,
    more: usize,
    state: &AppState,
    on: &Callback<Action>,
) -> Html {
    let over = over(state.analysis.only_possible);
    let count = answers.len().saturating_add(more);
    let classes = match count {
        0 => "Decided ".to_owned(),
        1 => "One class of requests, ".to_owned(),
        count => [&numbers::count(count), " classes of requests, "].concat(),
    };
    let row = |(index, answer): (usize, &VerdictView)| {
        let open = state.analysis.example.of(ExampleList::Verdicts, index);
        html! {
            <li>
                <div class="head">
                    { decision(&answer.decision, state.policy.as_deref(), on) }
                    <span class="requests">{ markup(&answer.requests) }{ notes(&answer.decision) }</span>
                    { example_button(ExampleList::Verdicts, index, open.is_some(), &answer.requests, on) }
                </div>
                if let Some(shown) = open {
                    <ExampleCard example={answer.example.clone()} report={shown.cloned()} />
                }
            </li>
        }
    };
    html! {
        <div class="card">
            <p class="summary"><b>{ markup(summary) }</b><span class="note">{" "}{classes}{over}{"."}</span></p>
            if answers.is_empty() {
                <p class="note">{"Conditions may exclude each other, or exclude every request that can come."}</p>
            }
            <ol class="rows">{ for answers.iter().enumerate().map(row) }</ol>
            if more > 0 {
                <p class="note">{"And "}{numbers::count(more)}{" more. Ask about fewer requests to see them."}</p>
            }
        </div>
    }
}
