//! The dialog that makes a policy from goals: packs and claims on the left, the policy that meets them on the right.

mod result;

use playground_protocol::{GoalPack, GoalProblem, Level};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use self::result::result;
use super::common::{markup, sentence};
use super::modal::Modal;
use crate::dom_ids;
use crate::state::goals::{GoalsAction, GoalsState, MAX_CLAIMS};
use crate::state::{Action, AppState};

/// Maximum number of characters of a claim.
const MAX_CHARACTERS: &str = "1000";

/// Renders the dialog.
pub fn goals_dialog(state: &AppState, on: &Callback<Action>) -> Html {
    let act = on.reform(Action::Goals);
    html! {
        <Modal title="New from goals" class="goals" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="columns">
                <div class="settings" tabindex="0" role="region" aria-label="Goals">
                    { packs(&state.goals, &act) }
                    { claims(&state.goals, &act) }
                    { otherwise(state.goals.otherwise, &act) }
                </div>
                { result(state, &act) }
            </div>
        </Modal>
    }
}

/// Renders the packs to choose from, once they are known.
fn packs(goals: &GoalsState, act: &Callback<GoalsAction>) -> Html {
    let known = goals.answered.shown.as_deref();
    let known = known.map(|report| report.packs.as_slice());
    let pack = |pack: &GoalPack| {
        let name = pack.name.clone();
        let onchange = act.reform(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            GoalsAction::ChoosePack(name.clone(), input.checked())
        });
        html! {
            <label class="check" key={pack.name.clone()}>
                <input type="checkbox" checked={goals.packs.contains(&pack.name)} {onchange} />
                <span>
                    {&pack.title}
                    <span class="note">{ markup(&pack.source) }</span>
                    if !pack.note.is_empty() {
                        <span class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{ markup(&sentence(&pack.note)) }</span>
                    }
                </span>
            </label>
        }
    };
    html! {
        <fieldset aria-busy={known.is_none().to_string()}>
            <legend>{"Standards"}</legend>
            { for known.unwrap_or_default().iter().map(pack) }
        </fieldset>
    }
}

/// Renders the claims of the user's own, a line each.
fn claims(goals: &GoalsState, act: &Callback<GoalsAction>) -> Html {
    let report = goals.answered.shown.as_deref();
    // Those of an older text have other places.
    let is_fresh = goals.answered.is_fresh();
    let problems = report.filter(|_| is_fresh);
    let problems = problems.map_or(&[][..], |report| report.problems.as_slice());
    let last = goals.claims.len().checked_sub(1);
    let lines = goals.claims.iter().enumerate();
    let line = |(index, text): (usize, &String)| {
        let own = problems.iter().filter(|found| found.claim == index);
        claim(
            index,
            text,
            last == Some(index),
            &own.collect::<Vec<_>>(),
            act,
        )
    };
    let is_full = goals.claims.len() >= MAX_CLAIMS;
    html! {
        <fieldset>
            <legend>{"Your own claims"}</legend>
            <p class="note">
                {"The requests as in "}<i>{"Ask"}</i>{", and what is expected of each: "}<code>{"atLeast="}</code>{", "}<code>{"atMost="}</code>{" or "}
                <code>{"level="}</code>{" with a level, "}<code>{"stages="}</code>{", "}<code>{"stages!="}</code>{", "}<code>{"omitManagedFields=true"}</code>{" or "}<code>{"notRecorded"}</code>{"."}
            </p>
            <ul class="goal-claims">{ for lines.map(line) }</ul>
            <button id={dom_ids::ADD_GOAL} type="button" disabled={is_full} onclick={act.reform(|_| GoalsAction::AddClaim)}>{"Add a claim"}</button>
        </fieldset>
    }
}

fn claim(
    index: usize,
    text: &str,
    is_last: bool,
    problems: &[&GoalProblem],
    act: &Callback<GoalsAction>,
) -> Html {
    let number = index.saturating_add(1).to_string();
    let oninput = act.reform(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        GoalsAction::EditClaim(index, input.value())
    });
    let add = act.reform(|()| GoalsAction::AddClaim);
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.is_composing() {
            event.prevent_default();
            add.emit(());
        }
    });
    let remove = act.reform(move |_| GoalsAction::RemoveClaim(index));
    let is_wrong = problems.iter().any(|found| found.is_error);
    let described_by = ["goal-problem-", &number].concat();
    let problem = |found: &&GoalProblem| {
        let (sign, class) = match found.is_error {
            true => ("✗ ", "bad"),
            false => ("▲ ", "warn"),
        };
        let (column, problem) = (found.column.to_string(), &found.problem);
        html! {
            <p class="field-error"><span {class} aria-hidden="true">{sign}</span>{"Column "}{column}{": "}{ markup(&problem.message) }{": "}{ markup(&problem.help) }</p>
        }
    };
    html! {
        <li key={index}>
            <input id={is_last.then_some(dom_ids::LAST_GOAL)} type="text" aria-label={["Claim ", &number].concat()} value={text.to_owned()} maxlength={MAX_CHARACTERS}
                placeholder={(index == 0).then_some("resource=secrets apiGroup= atLeast=Metadata")} spellcheck="false" autocomplete="off" autocapitalize="off"
                aria-invalid={is_wrong.then_some("true")} aria-describedby={(!problems.is_empty()).then(|| described_by.clone())} {oninput} {onkeydown} />
            <button type="button" class="quiet square" aria-label={["Remove claim ", &number].concat()} onclick={remove}>{"×"}</button>
            if !problems.is_empty() {
                <div id={described_by}>{ for problems.iter().map(problem) }</div>
            }
        </li>
    }
}

/// Renders the choice of the level of all other requests.
fn otherwise(chosen: Level, act: &Callback<GoalsAction>) -> Html {
    let onchange = act.reform(|event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        let level = Level::ALL.into_iter();
        let mut level = level.filter(|level| level.name() == select.value());
        GoalsAction::SetOtherwise(level.next().unwrap_or_default())
    });
    let option = |level: Level| {
        let label = match level {
            Level::None => "None: not recorded",
            level => level.name(),
        };
        html! { <option value={level.name()} selected={level == chosen}>{label}</option> }
    };
    html! {
        <label class="field">
            <span>{"All other requests"}</span>
            <select {onchange}>{ for Level::ALL.into_iter().map(option) }</select>
        </label>
    }
}
