//! The tests with their results.

use playground_figures::numbers;
use playground_protocol::{BuiltInTests, ClaimsStep, RulePlace, TestsView, TextProblem};
use yew::prelude::*;

use super::mutations::mutations;
use super::row::{rejected_note, test_row};
use crate::components::common::markup;
use crate::components::example::problem;
use crate::state::claims::{ClaimsAction, ClaimsState};
use crate::state::{Action, AppState};

/// Renders the tests.
pub(super) fn tests(state: &AppState, on: &Callback<Action>) -> Html {
    let claims = &state.claims;
    let shown = claims.tests.answered.shown.as_deref();
    let content = match shown {
        _ if !claims.has_tests() => beginning(claims, on),
        None if state.policy.as_ref().is_some_and(|policy| !policy.accepted) => {
            html! { <p class="empty">{"Fix the policy to run the tests."}</p> }
        }
        None => html! { <p class="empty late" aria-busy="true">{"Running the tests…"}</p> },
        Some(ClaimsStep::Tests(view)) => {
            html! { <>{ rejected_note(state) }{ results(view, claims, on) }</> }
        }
        Some(ClaimsStep::Unreadable(problems)) => unreadable(problems, on),
        Some(ClaimsStep::Undecided(why)) => problem(why),
        Some(_) => Html::default(),
    };
    let is_outdated = claims.has_tests() && !claims.tests.answered.is_fresh();
    html! {
        <div class={classes!("findings", "claims-list", is_outdated.then_some("pending"))} tabindex="0" role="region" aria-label="Tests">
            { toolbar(claims, on) }
            <p class="message-line" role="status">
                if let Some(message) = &claims.message {
                    { markup(message) }
                    if claims.before.is_some() {
                        {" "}<button type="button" class="link" onclick={on.reform(|_| Action::Claims(ClaimsAction::Undo))}>{"Undo"}</button>
                    }
                }
            </p>
            { content }
        </div>
    }
}

/// Renders the summary and the buttons.
fn toolbar(claims: &ClaimsState, on: &Callback<Action>) -> Html {
    let act = |action: ClaimsAction| on.reform(move |_: MouseEvent| Action::Claims(action.clone()));
    html! {
        <div class="toolbar">
            <span class="grow" role="status">{ summary(claims) }</span>
            if claims.has_tests() && !claims.is_editing {
                <button type="button" onclick={act(ClaimsAction::ShowText(true))}>{"Edit tests"}</button>
            }
            if claims.has_tests() {
                { super::mutations::button(claims, on) }
                <button type="button" onclick={act(ClaimsAction::Save)} title="Save as policy-tests.yaml, for `audit-policy test`">{"Save"}</button>
            }
        </div>
    }
}

fn summary(claims: &ClaimsState) -> String {
    match (
        claims.tests.progress,
        claims.tests.answered.shown.as_deref(),
    ) {
        (Some((done, total)), _) if done > 0 => [
            &numbers::count(done),
            " of ",
            &numbers::count(total),
            " checked",
        ]
        .concat(),
        (_, Some(ClaimsStep::Tests(view))) => {
            let TestsView { passed, total, .. } = view;
            match total.saturating_sub(*passed) {
                0 => numbers::counted(*total, "test") + ", all pass",
                failed => [
                    &numbers::counted(*total, "test"),
                    ", ",
                    &numbers::count(failed),
                    " failing",
                ]
                .concat(),
            }
        }
        (_, Some(ClaimsStep::Unreadable(problems))) => numbers::counted(problems.len(), "problem"),
        _ => String::new(),
    }
}

/// Renders what to begin with.
fn beginning(claims: &ClaimsState, on: &Callback<Action>) -> Html {
    let act = |action: ClaimsAction| on.reform(move |_: MouseEvent| Action::Claims(action.clone()));
    html! {
        <div class="beginning">
            <p>{"A test says what the policy must do with a request, or with every request of a class: “secrets never with bodies”. It is checked as you type, for every request that can come."}</p>
            <p class="actions">
                <button type="button" onclick={act(ClaimsAction::OpenBuiltIn(BuiltInTests::Goals))}>{"Start with common goals"}</button>
                if !claims.is_editing {
                    <button type="button" onclick={act(ClaimsAction::ShowText(true))}>{"Write tests"}</button>
                }
            </p>
            <p class="note">{"Or select an event and choose "}<b>{"Make a test"}</b>{" in the inspector. A file of tests can be dropped anywhere on the page."}</p>
        </div>
    }
}

fn results(view: &TestsView, claims: &ClaimsState, on: &Callback<Action>) -> Html {
    let more = view.total.saturating_sub(view.cases.len());
    let cases = view.cases.iter().enumerate();
    html! {
        <>
            { for view.notes.iter().map(|note| html! { <p class="note">{ markup(note) }</p> }) }
            <ul aria-label="Results">{ for cases.map(|(index, case)| test_row(index, case, on)) }</ul>
            if more > 0 {
                <p class="note">{"And "}{numbers::count(more)}{" more."}</p>
            }
            { unreached(view.unreached.as_deref()) }
            { mutations(claims, on) }
        </>
    }
}

fn unreached(rules: Option<&[RulePlace]>) -> Html {
    let Some(rules) = rules else {
        return html! { <p class="note">{"Which rules the tests reach takes too long to decide."}</p> };
    };
    if rules.is_empty() {
        return Html::default();
    }
    let name = |place: &RulePlace| {
        [
            place.rule.to_string(),
            " (line ".to_owned(),
            place.line.to_string(),
            ")".to_owned(),
        ]
        .concat()
    };
    let names: Vec<String> = rules.iter().take(20).map(name).collect();
    let more = rules.len().saturating_sub(names.len());
    let rest = match more {
        0 => String::new(),
        more => [" and ", &numbers::counted(more, "more rule")].concat(),
    };
    html! { <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"No test reaches "}{names.join(", ")}{rest}{"."}</p> }
}

/// Renders the problems of a text that cannot be read.
fn unreadable(problems: &[TextProblem], on: &Callback<Action>) -> Html {
    let row = |found: &TextProblem| {
        let (from, to) = (found.from, found.to);
        let reveal = on.reform(move |_| Action::Claims(ClaimsAction::Reveal(from, to)));
        html! {
            <li class="finding">
                <span class="bad" aria-hidden="true">{"✗"}</span>
                <button type="button" class="show-finding" onclick={reveal} title="Show in the tests">
                    <span class="message">{ markup(&found.problem.message) }</span>
                    <span class="place">{"line "}{found.line}
                        if !found.problem.help.is_empty() {
                            {" · "}{ markup(&found.problem.help) }
                        }
                    </span>
                </button>
            </li>
        }
    };
    html! { <ul aria-label="Problems of the tests">{ for problems.iter().map(row) }</ul> }
}
