//! Comparison with a baseline policy, and settings and rules that would save bytes.

use playground_figures::numbers;
use playground_protocol::volume::{
    BaselineView, ChangeView, SuggestionReport, SuggestionView, VolumeReport,
};
use yew::prelude::*;

use crate::components::common::markup;
use crate::components::name::{marked, name, title};
use crate::components::preview::{Language, Preview};
use crate::components::screen_reader::screen_reader_only;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::platform;
use crate::state::volume::VolumeState;
use crate::state::{Action, Pane};

/// Renders the comparison with the baseline.
pub fn baseline(report: &VolumeReport, volume: &VolumeState, on: &Callback<Action>) -> Html {
    let Some(baseline) = report
        .baseline
        .as_ref()
        .filter(|_| volume.baseline.is_some())
    else {
        return Html::default();
    };
    let (before, after) = (baseline.written.bytes, report.written.bytes);
    let change = numbers::change(before, after).unwrap_or_else(|| "no change".to_owned());
    html! {
        <section class="part" aria-labelledby="baseline-title">
            <h3 id="baseline-title">{"Compared with the baseline"}</h3>
            { pair(baseline, report, &change) }
            { changes("No longer recorded", &baseline.lost, on) }
            { changes("Newly recorded", &baseline.gained, on) }
            { changes("By rule of the baseline", &baseline.rules, on) }
        </section>
    }
}

/// Renders two bars, before and after.
fn pair(baseline: &BaselineView, report: &VolumeReport, change: &str) -> Html {
    let (before, after) = (baseline.written.bytes, report.written.bytes);
    let most = before.max(after);
    let bar = |name: &'static str, events: usize, bytes: f64| {
        html! {
            <tr>
                <th scope="row">{name}</th>
                <td class="num">{numbers::count(events)}</td>
                <td class="num">{numbers::bytes(bytes)}</td>
                <td class="share"><svg aria-hidden="true"><rect class="of-out" width={numbers::width(bytes, most)} height="100%" /></svg></td>
            </tr>
        }
    };
    html! {
        <table class="bars">
            <caption>{change}{" in bytes of known size"}</caption>
            <thead><tr><th scope="col">{"Policy"}</th><th scope="col" class="num">{"Events"}</th><th scope="col" class="num">{"Bytes"}</th><th scope="col" class="share">{ screen_reader_only("bytes as a bar") }</th></tr></thead>
            <tbody>
                { bar("baseline", baseline.written.events, before) }
                { bar("current policy", report.written.events, after) }
            </tbody>
        </table>
    }
}

fn changes(title: &'static str, changes: &[ChangeView], on: &Callback<Action>) -> Html {
    if changes.is_empty() {
        return Html::default();
    }
    let row = |change: &ChangeView| {
        let what = if change.term.is_empty() {
            name(&change.label)
        } else {
            let term = change.term.clone();
            let onclick = {
                let on = on.clone();
                Callback::from(move |_| {
                    on.emit(Action::ShowPane(Pane::Events));
                    on.emit(Action::SetFilter(term.clone()));
                })
            };
            html! { <button type="button" class="link" title="List these events" {onclick}>{ name(&change.label) }</button> }
        };
        html! {
            <tr>
                <th scope="row">{what}</th>
                <td>{&change.detail}</td>
                <td class="num">{&change.events}</td>
                <td class="num">{&change.bytes}</td>
            </tr>
        }
    };
    html! {
        <>
            <h4>{title}</h4>
            <table class="bars changes">
                <thead><tr><th scope="col">{"What"}</th><th scope="col">{"Level"}</th><th scope="col" class="num">{"Events"}</th><th scope="col" class="num">{"Bytes"}</th></tr></thead>
                <tbody>{ for changes.iter().map(row) }</tbody>
            </table>
        </>
    }
}

/// Properties of [`Suggestions`].
#[derive(Properties, PartialEq)]
pub struct SuggestionsProps {
    /// The rules.
    pub proposals: IdentityRc<SuggestionReport>,
    /// The suggestions belong to the text in the editor.
    pub fits: bool,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// Settings and rules that would save bytes, and noisy requests that are kept.
#[function_component]
pub fn Suggestions(props: &SuggestionsProps) -> Html {
    let applied = use_state(|| false);
    let proposals = &props.proposals;
    if proposals.suggestions.is_empty() && proposals.rejected.is_empty() && !*applied {
        return Html::default();
    }
    let undo = {
        let applied = applied.setter();
        props.on.reform(move |_| {
            applied.set(false);
            Action::UndoEdit
        })
    };
    let reason = |reason: &String| html! { <li>{ markup(reason) }</li> };
    let one = |one| offer(one, props, &applied.setter());
    html! {
        <section class="part" aria-labelledby={dom_ids::SUGGESTIONS_TITLE}>
            <div class="title">
                <h3 id={dom_ids::SUGGESTIONS_TITLE} tabindex="-1">{"Suggestions"}</h3>
                if *applied {
                    <button type="button" onclick={undo}>{"Undo the last change"}</button>
                }
            </div>
            if proposals.suggestions.is_empty() {
                <p class="note">{"No setting or rule would save bytes without losing events that matter for security."}</p>
            }
            <ul class="proposals">{ for proposals.suggestions.iter().map(one) }</ul>
            if !proposals.rejected.is_empty() {
                <details class="numbers">
                    <summary>{"Noisy, but kept for security"}</summary>
                    <ul class="plain">{ for proposals.rejected.iter().map(reason) }</ul>
                </details>
            }
        </section>
    }
}

/// Renders a button that leads to the suggestions, which are below everything else.
pub fn link(proposals: &IdentityRc<SuggestionReport>) -> Html {
    let count = proposals.suggestions.len();
    if count == 0 {
        return Html::default();
    }
    let onclick = Callback::from(|_| {
        platform::focus(dom_ids::SUGGESTIONS_TITLE);
    });
    html! { <button type="button" class="link" {onclick}>{numbers::counted(count, "suggestion")}</button> }
}

fn offer(
    proposal: &SuggestionView,
    props: &SuggestionsProps,
    applied: &UseStateSetter<bool>,
) -> Html {
    let apply = proposal.edit.clone().map(|edit| {
        let applied = applied.clone();
        props.on.reform(move |_| {
            applied.set(true);
            Action::ApplySuggestion(edit.clone())
        })
    });
    // Each is a landmark of its own, which needs a unique name.
    let about = title(&proposal.title.replace('`', ""));
    let rule_label = ["Rule: ", &about].concat();
    let change_label = ["Change to the policy: ", &about].concat();
    html! {
        <li>
            <p><b>{ markup(&proposal.title) }</b>{": saves "}{&proposal.bytes}{" and "}{&proposal.events}
                if proposal.is_write {
                    <span class="warn">{" ▲ drops write requests"}</span>
                }
            </p>
            <p class="note">{ markup(&proposal.reason) }</p>
            if proposal.diff.is_empty() {
                <pre tabindex="0" role="region" aria-label={rule_label}>{ marked(&proposal.rule) }</pre>
            } else {
                 <Preview label={change_label} text={proposal.diff.clone()} language={Language::Diff} />
            }
            if let Some(onclick) = apply {
                <button type="button" {onclick} disabled={!props.fits}>{"Add to policy"}<span class="place">{", "}{ name(&proposal.place) }</span></button>
            }
        </li>
    }
}
