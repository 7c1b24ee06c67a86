//! One claim with its result.

use playground_protocol::{ClaimList, ClaimStatus, ClaimView};
use yew::prelude::*;

use crate::components::common::{chip, markup};
use crate::components::name::{marked, title};
use crate::components::screen_reader::screen_reader_only;
use crate::state::claims::ClaimsAction;
use crate::state::{Action, AppState};

/// Renders a note if the results are those of an older policy, since the one in the editor is rejected.
pub(super) fn rejected_note(state: &AppState) -> Html {
    let is_rejected = state.policy.as_ref().is_some_and(|policy| !policy.accepted);
    if !is_rejected {
        return Html::default();
    }
    html! { <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"The policy is rejected. These are the results of the last accepted one."}</p> }
}

/// Returns the sign of a result, its style class, and its word for screen readers.
pub(super) const fn sign(
    list: ClaimList,
    status: ClaimStatus,
) -> (&'static str, &'static str, &'static str) {
    match (status, list) {
        (ClaimStatus::Holds, ClaimList::Requirements) => ("✓", "good", "met: "),
        (ClaimStatus::Holds, _) => ("✓", "good", "passed: "),
        (ClaimStatus::Fails, ClaimList::Requirements) => ("✗", "bad", "refuted: "),
        (ClaimStatus::Fails, _) => ("✗", "bad", "failed: "),
        (ClaimStatus::Partly, _) => ("▲", "warn", "partly met: "),
        (ClaimStatus::Open, _) => ("?", "warn", "not decidable: "),
    }
}

/// Returns the sign of the result of a detection, its style class, and its word for screen readers. Its message has the rest.
const fn sign_of_detection(status: ClaimStatus) -> (&'static str, &'static str, &'static str) {
    match status {
        ClaimStatus::Holds => ("✓", "good", "fires: "),
        ClaimStatus::Partly => ("▲", "warn", "fires for some: "),
        ClaimStatus::Fails => ("✗", "bad", "never fires: "),
        ClaimStatus::Open => ("?", "warn", "fires under no policy: "),
    }
}

/// Renders a test. Its name shows it in the text.
pub(super) fn test_row(index: usize, claim: &ClaimView, on: &Callback<Action>) -> Html {
    let (mark, class, word) = sign(ClaimList::Tests, claim.status);
    let from = claim.from;
    let reveal = on.reform(move |_| Action::Claims(ClaimsAction::Reveal(from, from)));
    let rule = claim.decision.as_ref().filter(|_| claim.example.is_none());
    html! {
        <li class={classes!("finding", (claim.status == ClaimStatus::Holds).then_some("passed"))}>
            <span {class} aria-hidden="true">{mark}</span>
            <button type="button" class="show-finding" onclick={reveal} title="Show in the tests">
                <span class="message">{ screen_reader_only(word) }{ markup(&claim.name) }</span>{" "}
                <span class="place">
                    if claim.is_proved {
                        {"proved for every request that can come"}
                    } else {
                        { markup(&claim.message) }
                    }
                </span>
            </button>
            <span class="actions">
                if let Some(decision) = rule {
                    { chip(decision.rule, Some(decision.level)) }
                }
                { show_request(ClaimList::Tests, index, claim, on) }
            </span>
        </li>
    }
}

/// Renders a claim of a standard or a detection, with its reason and its source.
pub(super) fn requirement_row(
    index: usize,
    claim: &ClaimView,
    is_detection: bool,
    on: &Callback<Action>,
) -> Html {
    let (mark, class, word) = match is_detection {
        true => sign_of_detection(claim.status),
        false => sign(ClaimList::Requirements, claim.status),
    };
    html! {
        <li class="finding">
            <span {class} aria-hidden="true">{mark}</span>
            <details class="requirement">
                <summary>
                    <span class="message">{ screen_reader_only(word) }<b>{&claim.id}</b>{" "}{ markup(&claim.name) }</span>
                    <span class="place">{ markup(&claim.message) }</span>
                </summary>
                if !claim.claim.is_empty() {
                    <p>{"Checked: "}{ markup(&claim.claim) }</p>
                }
                if !claim.why.is_empty() {
                    <p>{ markup(&claim.why) }</p>
                }
                { change(&claim.change) }
                <p>{"Source: "}{ markup(&claim.source) }</p>
            </details>
            <span class="actions">{ show_request(ClaimList::Requirements, index, claim, on) }</span>
        </li>
    }
}

/// Renders the change that lets a detection fire.
fn change(change: &str) -> Html {
    let Some((words, rules)) = change.split_once('\n') else {
        return Html::default();
    };
    html! {
        <>
            <p>{"To let it fire, "}{ markup(words) }{"."}</p>
            if !rules.is_empty() {
                <pre tabindex="0">{ marked(rules) }</pre>
            }
        </>
    }
}

/// Renders the button that shows the request of a claim that does not hold.
fn show_request(list: ClaimList, index: usize, claim: &ClaimView, on: &Callback<Action>) -> Html {
    if claim.example.is_none() {
        return Html::default();
    }
    example_button(list, index, &claim.name, on)
}

/// Renders a button that shows an example in the inspector.
pub(super) fn example_button(
    list: ClaimList,
    index: usize,
    name: &str,
    on: &Callback<Action>,
) -> Html {
    let onclick = on.reform(move |_| Action::Claims(ClaimsAction::OpenExample(list, index)));
    let label = ["Show request: ", &title(&name.replace('`', ""))].concat();
    html! { <button type="button" class="quiet" aria-label={label} {onclick}>{"Show request"}</button> }
}
