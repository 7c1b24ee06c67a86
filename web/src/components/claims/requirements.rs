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
use crate::state::goals::GoalsAction;
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
        None => counts(claims.standard_claims(), &STANDARD_WORDS),
    };
    html! {
        <div class="toolbar">
            <span class="grow" role="status">{text}</span>
            <label class="check" title="Decide claims about flags with the settings of the export panel">
                <input type="checkbox" checked={claims.uses_settings} {onchange} />{" With the settings of Export"}
            </label>
            <button type="button" onclick={on.reform(|_| Action::Goals(GoalsAction::Open))}>{"New from goals…"}</button>
        </div>
    }
}

/// Words for the results of standards.
const STANDARD_WORDS: [(ClaimStatus, &str); 4] = [
    (ClaimStatus::Holds, "met"),
    (ClaimStatus::Partly, "partly met"),
    (ClaimStatus::Fails, "refuted"),
    (ClaimStatus::Open, "not decidable"),
];

/// Words for the results of detections.
const DETECTION_WORDS: [(ClaimStatus, &str); 4] = [
    (ClaimStatus::Holds, "can fire"),
    (ClaimStatus::Partly, "for some requests"),
    (ClaimStatus::Fails, "never"),
    (ClaimStatus::Open, "under no policy"),
];

/// Returns how many claims have each result: `9 met, 3 refuted, 5 not decidable`.
fn counts<'c>(
    claims: impl Iterator<Item = &'c ClaimView>,
    words: &[(ClaimStatus, &'static str)],
) -> String {
    let claims: Vec<&ClaimView> = claims.collect();
    let parts = words.iter().map(|(status, word)| {
        let with_status = claims.iter().filter(|claim| claim.status == *status);
        (with_status.count(), *word)
    });
    let parts = parts.filter(|(count, _)| *count > 0);
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
        (pack, index)
    });
    let (detections, standards): (Vec<_>, Vec<_>) = packs.partition(|(pack, _)| pack.is_detections);
    let rows = |packs: Vec<(&PackView, usize)>| -> Html {
        let packs = packs.into_iter();
        packs
            .map(|(pack, index)| self::pack(pack, index, on))
            .collect()
    };
    html! {
        <>
            { rows(standards) }
            { contradictions(&view.contradictions) }
            { rows(detections) }
            if !view.has_settings {
                <p class="note">{"Claims about flags, retention and shipping need settings, and people decide who reads the log. The claims are our reading of the documents, in our words."}</p>
            }
        </>
    }
}

/// Renders a standard; `first` is the index of its first claim among all.
fn pack(pack: &PackView, first: usize, on: &Callback<Action>) -> Html {
    let row = |(index, claim): (usize, &ClaimView)| {
        requirement_row(first.saturating_add(index), claim, pack.is_detections, on)
    };
    let words = match pack.is_detections {
        true => &DETECTION_WORDS,
        false => &STANDARD_WORDS,
    };
    html! {
        <details class="pack" key={pack.id.clone()} open={first == 0}>
            <summary><b>{&pack.title}</b><span class="note">{" "}{ counts(pack.claims.iter(), words) }</span></summary>
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
