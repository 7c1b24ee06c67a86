//! Changes of the policy that no test notices.

use playground_figures::numbers;
use playground_protocol::{ClaimList, ClaimsStep, MutationView, MutationsView, TestOf};
use yew::prelude::*;

use super::row::example_button;
use crate::components::common::{chip, markup};
use crate::components::example::problem;
use crate::components::name::title;
use crate::dom_ids;
use crate::state::Action;
use crate::state::claims::{ClaimsAction, ClaimsState};

/// Renders the button that tries changes on the tests, or cancels that.
pub(super) fn button(claims: &ClaimsState, on: &Callback<Action>) -> Html {
    let is_running = claims.mutations.progress.is_some();
    let onclick = on.reform(move |_| Action::Claims(ClaimsAction::TryChanges(!is_running)));
    let label = match claims.mutations.progress {
        None => "Try changes".to_owned(),
        Some((_, 0)) => "Cancel".to_owned(),
        Some((done, total)) => [
            "Cancel (",
            &numbers::count(done),
            " of ",
            &numbers::count(total),
            ")",
        ]
        .concat(),
    };
    html! {
        <button type="button" {onclick} title="Change the policy in small ways, and list the changes that no test notices">{label}</button>
    }
}

/// Renders the changes.
pub(super) fn mutations(claims: &ClaimsState, on: &Callback<Action>) -> Html {
    let check = &claims.mutations;
    let is_outdated = check.progress.is_none() && !check.answered.is_fresh();
    let content = match check.answered.shown.as_deref() {
        None => return Html::default(),
        Some(ClaimsStep::Mutations(view)) => listed(view, on),
        Some(ClaimsStep::Undecided(why)) => problem(why),
        Some(_) => return Html::default(),
    };
    html! {
        <section class={classes!("changes", is_outdated.then_some("pending"))} aria-labelledby={dom_ids::CHANGES_TITLE}>
            <h3 id={dom_ids::CHANGES_TITLE} tabindex="-1">{"Changes that no test notices"}</h3>
            if is_outdated {
                <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{"The policy or the tests have changed since they were tried."}</p>
            }
            { content }
        </section>
    }
}

fn listed(view: &MutationsView, on: &Callback<Action>) -> Html {
    let changes = view.unnoticed.iter().enumerate();
    html! {
        <>
            <p class="note" role="status">{ summary(view) }</p>
            <ul>{ for changes.map(|(index, change)| row(index, change, on)) }</ul>
            if view.more > 0 {
                <p class="note">{"And "}{numbers::count(view.more)}{" more."}</p>
            }
        </>
    }
}

/// Returns the result in a sentence.
fn summary(view: &MutationsView) -> String {
    let unnoticed = view.unnoticed.len().saturating_add(view.more);
    let total = view.noticed.saturating_add(unnoticed);
    let mut parts = vec![
        [
            "The tests notice ",
            &numbers::count(view.noticed),
            " of ",
            &numbers::counted(total, "small change"),
            " of the policy.",
        ]
        .concat(),
    ];
    if view.equal > 0 {
        parts.push(numbers::count(view.equal) + " more change no verdict.");
    }
    if view.undecided > 0 {
        parts.push(numbers::count(view.undecided) + " take too long to decide.");
    }
    parts.join(" ")
}

fn row(index: usize, change: &MutationView, on: &Callback<Action>) -> Html {
    let request = Box::new(change.example.request.clone());
    let add =
        on.reform(move |_| Action::Claims(ClaimsAction::Add(TestOf::Request(request.clone()))));
    let label = ["Add a test: ", &title(&change.change.replace('`', ""))].concat();
    html! {
        <li class="finding">
            { chip(change.decision.rule, Some(change.decision.level)) }
            <span class="unnoticed">
                <span class="message">{ markup(&change.change) }{" (line "}{change.place.line}{")"}</span>
                <span class="place">{"For example "}{ markup(&change.example.words) }</span>
            </span>
            <span class="actions">
                { example_button(ClaimList::Mutations, index, &change.change, on) }
                <button type="button" aria-label={label} onclick={add}>{"Add a test"}</button>
            </span>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_all_changes() {
        let view = MutationsView {
            noticed: 40,
            equal: 2,
            undecided: 1,
            more: 3,
            ..MutationsView::default()
        };
        assert_eq!(
            summary(&view),
            "The tests notice 40 of 43 small changes of the policy. 2 more change no verdict. 1 take too long to decide."
        );
    }
}
