//! The claims of standards with their results.

use playground_figures::numbers;
use playground_protocol::{
    ClaimContradiction, ClaimStatus, ClaimView, ClaimsStep, PackView, RequirementsView,
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::row::{rejected_note, requirement_row};
use crate::components::common::{markup, sentence};
use crate::components::example::problem;
use crate::state::claims::{ClaimsAction, ClaimsState};
use crate::state::{Action, AppState};

/// Renders the requirements.
pub(super) fn requirements(state: &AppState, on: &Callback<Action>) -> Html {
    let claims = &state.claims;
    let content = match claims.requirements.answered.shown.as_deref() {
        None if state.policy.as_ref().is_some_and(|policy| !policy.accepted) => {
            html! { <p class="empty">{"Fix the policy to see which requirements it meets."}</p> }
        }
        None => {
            html! { <p class="empty late" aria-busy="true">{"Deciding over every request…"}</p> }
        }
        Some(ClaimsStep::Requirements(view)) => {
            html! { <>{ rejected_note(state) }{ results(view, on) }</> }
        }
        Some(ClaimsStep::Undecided(why)) => problem(why),
        Some(_) => Html::default(),
    };
    let is_outdated = !claims.requirements.answered.is_fresh();
    html! {
        <div class={classes!("findings", "claims-list", is_outdated.then_some("pending"))} tabindex="0" role="region" aria-label="Requirements">
            { toolbar(claims, on) }
            { content }
        </div>
    }
}

fn toolbar(claims: &ClaimsState, on: &Callback<Action>) -> Html {
    let onchange = on.reform(|event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Action::Claims(ClaimsAction::UseSettings(input.checked()))
    });
    let progress = claims.requirements.progress.filter(|(done, _)| *done > 0);
    let text = match progress {
        Some((done, total)) => [
            &numbers::count(done),
            " of ",
            &numbers::count(total),
            " decided",
        ]
        .concat(),
        None => counts(claims.requirement_claims()),
    };
    html! {
        <div class="toolbar">
            <span class="grow" role="status">{text}</span>
            <label class="check" title="Decide claims about flags with the settings of the export panel">
                <input type="checkbox" checked={claims.uses_settings} {onchange} />{" With the settings of Export"}
            </label>
        </div>
    }
}

/// Returns how many claims have each result: `9 met, 3 refuted, 5 not decidable`.
fn counts<'c>(claims: impl Iterator<Item = &'c ClaimView>) -> String {
    let (mut met, mut refuted, mut open) = (0_usize, 0_usize, 0_usize);
    for claim in claims {
        let count = match claim.status {
            ClaimStatus::Holds => &mut met,
            ClaimStatus::Fails => &mut refuted,
            ClaimStatus::Open => &mut open,
        };
        *count = count.saturating_add(1);
    }
    let parts = [(met, "met"), (refuted, "refuted"), (open, "not decidable")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, word)| [&numbers::count(count), " ", word].concat())
        .collect();
    parts.join(", ")
}

fn results(view: &RequirementsView, on: &Callback<Action>) -> Html {
    let mut first = 0_usize;
    let packs = view.packs.iter().map(|pack| {
        let index = first;
        first = first.saturating_add(pack.claims.len());
        self::pack(pack, index, on)
    });
    html! {
        <>
            { for packs }
            { contradictions(&view.contradictions) }
            if !view.has_settings {
                <p class="note">{"Claims about flags, retention and shipping need settings, and people decide who reads the log. The claims are our reading of the documents, in our words."}</p>
            }
        </>
    }
}

/// Renders a standard; `first` is the index of its first claim among all.
fn pack(pack: &PackView, first: usize, on: &Callback<Action>) -> Html {
    let row = |(index, claim): (usize, &ClaimView)| {
        requirement_row(first.saturating_add(index), claim, on)
    };
    html! {
        <details class="pack" key={pack.id.clone()} open={first == 0}>
            <summary><b>{&pack.title}</b><span class="note">{" "}{ counts(pack.claims.iter()) }</span></summary>
            <p class="note">{ markup(&pack.source) }</p>
            if !pack.note.is_empty() {
                <p class="note"><span class="warn" aria-hidden="true">{"▲ "}</span>{ markup(&sentence(&pack.note)) }</p>
            }
            <ul>{ for pack.claims.iter().enumerate().map(row) }</ul>
        </details>
    }
}

fn contradictions(found: &[ClaimContradiction]) -> Html {
    if found.is_empty() {
        return Html::default();
    }
    let row = |one: &ClaimContradiction| {
        html! {
            <li class="finding">
                <span class="warn" aria-hidden="true">{"▲"}</span>
                <span class="unnoticed">
                    <span class="message">{ markup(&one.first) }{" · "}{ markup(&one.second) }</span>
                    if !one.request.is_empty() {
                        <span class="place">{"For example "}{ markup(&one.request) }</span>
                    }
                </span>
            </li>
        }
    };
    html! {
        <details class="pack">
            <summary><b>{"Contradictions"}</b><span class="note">{" "}{ numbers::counted(found.len(), "pair") }{" that no policy meets together"}</span></summary>
            <ul>{ for found.iter().map(row) }</ul>
        </details>
    }
}
