//! The *Compare* pane: the requests that another policy treats differently, the losses first.

use playground_figures::numbers;
use playground_protocol::{ClassChange, CompareResult, KubernetesVersion, LogChange};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{File, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::ask::only_possible;
use super::common::markup;
use super::example::{
    ExampleCard, cancelled, decision, example_button, level_chip, over, problem, rule_words,
    waiting,
};
use super::name::name;
use crate::detect::MAX_POLICY_BYTES;
use crate::dom_ids;
use crate::state::analysis::{AnalysisAction, ComparedWith, ExampleList};
use crate::state::{Action, AppState, Freshness};

/// Renders the pane.
pub fn compare_pane(state: &AppState, on: &Callback<Action>) -> Html {
    let differences = &state.analysis.differences;
    let has_other = has_other(state);
    let is_pending =
        has_other && (state.freshness() == Freshness::Pending || !differences.is_fresh());
    let is_cancelled = differences.is_cancelled();
    let result = differences.shown.as_deref().map(|report| &report.result);
    let result = result.filter(|_| has_other && !is_cancelled);
    let content = match result {
        _ if !has_other => no_baseline(on),
        _ if is_cancelled => cancelled(on),
        None => html! { <div class="empty" aria-busy="true"></div> },
        Some(CompareResult::Undecided(why)) => problem(why),
        Some(CompareResult::Differences { changes, more, .. }) => cards(changes, *more, state, on),
    };
    html! {
        <section class="pane analysis compare" aria-labelledby="compare-title">
            <div class="bar">
                <h2 id="compare-title" class="visually-hidden">{"Compare"}</h2>
                { other_policy(state, on) }
                <span class="grow"></span>
                { only_possible(&state.analysis, on) }
            </div>
            <p class="visually-hidden" role="status" aria-label="Result of the comparison">
                if !is_pending {
                    { result.map(|result| summary(result, state).concat()) }
                }
            </p>
            <div class={classes!("body", (is_pending && !is_cancelled).then_some("pending"))} id={dom_ids::COMPARE_BODY} tabindex="0" role="region" aria-label="Differences">
                if has_other {
                    { lead(result, state, on) }
                }
                { content }
            </div>
            if has_other {
                { waiting(differences, "Comparing over every request…", on) }
            }
        </section>
    }
}

/// Returns whether there is a policy to compare with.
fn has_other(state: &AppState) -> bool {
    match state.analysis.compared_with {
        ComparedWith::Baseline => state.volume.baseline.is_some(),
        ComparedWith::Version(_) => true,
    }
}

/// Renders the choice of the other policy.
fn other_policy(state: &AppState, on: &Callback<Action>) -> Html {
    let onchange = on.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        let version = value.parse().map(ComparedWith::Version);
        Action::Analysis(AnalysisAction::CompareWith(
            version.unwrap_or(ComparedWith::Baseline),
        ))
    });
    let chosen = state.analysis.compared_with;
    let option = |version: &KubernetesVersion| {
        let number = version.to_string();
        html! {
            <option value={number.clone()} selected={chosen == ComparedWith::Version(*version)}>{"this policy on Kubernetes "}{number}</option>
        }
    };
    let others = state.versions.iter();
    let others = others.filter(|version| **version != state.version);
    html! {
        <label class="check">{"Compare with "}
            <select class="facet" {onchange}>
                <option value="" selected={chosen == ComparedWith::Baseline}>{"the baseline"}</option>
                { for others.map(option) }
            </select>
        </label>
    }
}

/// Renders the state without a baseline.
fn no_baseline(on: &Callback<Action>) -> Html {
    html! {
        <div class="hints">
            <h3>{"No baseline to compare with"}</h3>
            <p>{"Pin the current policy and edit on, or open the policy that is in use. Here you then see every request that the two treat differently: what is lost first, each with an example. Or choose another Kubernetes version above."}</p>
            <p class="choices">{ pin_button("Pin the current policy", on) }{ open_button("Open a policy…", on) }</p>
        </div>
    }
}

fn pin_button(label: &'static str, on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_| Action::PinBaseline(true));
    html! { <button type="button" {onclick} title="Compare later edits with this policy">{label}</button> }
}

/// Renders a button that opens a policy as the baseline.
fn open_button(label: &'static str, on: &Callback<Action>) -> Html {
    let onchange = {
        let on = on.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let file = input.files().and_then(|files| files.get(0));
            // Choosing the same file again is a change too.
            input.set_value("");
            if let Some(file) = file {
                open(file, on.clone());
            }
        })
    };
    let onclick = Callback::from(|event: MouseEvent| {
        let button: web_sys::Element = event.target_unchecked_into();
        let input = button.next_element_sibling();
        if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
            input.click();
        }
    });
    html! {
        <><button type="button" {onclick}>{label}</button><input type="file" hidden=true {onchange} aria-label="Policy to compare with" /></>
    }
}

/// Reads a file as the baseline.
fn open(file: File, on: Callback<Action>) {
    let name = file.name();
    if file.size() > MAX_POLICY_BYTES {
        on.emit(Action::ShowError(
            ["`", &name, "` is too large for a policy."].concat(),
        ));
        return;
    }
    spawn_local(async move {
        let text = JsFuture::from(file.text()).await.ok();
        let text = text.and_then(|text| text.as_string());
        on.emit(match text {
            Some(text) => Action::Analysis(AnalysisAction::OpenBaseline(name, text)),
            None => Action::ShowError(["`", &name, "` can't be read."].concat()),
        });
    });
}

/// Renders what is compared, and the sums.
fn lead(result: Option<&CompareResult>, state: &AppState, on: &Callback<Action>) -> Html {
    let other = state.analysis.compared_with;
    let before = match other {
        ComparedWith::Baseline => html! { <><b>{"the baseline"}</b>{ baseline_name(state) }</> },
        ComparedWith::Version(_) => html! { <b>{policy_words(state)}</b> },
    };
    let (old, new) = (state.version_before(), state.version);
    let is_same_text = other == ComparedWith::Baseline && state.has_baseline_text();
    html! {
        <div class="card">
            <p class="side"><span class="label">{"before: "}</span>{before}{", on Kubernetes "}{old.to_string()}</p>
            <p class="side"><span class="label">{"now: "}</span><b>{policy_words(state)}</b>{", on Kubernetes "}{new.to_string()}
                if is_same_text {
                    {", with the same text"}
                }
            </p>
            if other == ComparedWith::Baseline {
                <div class="choices">{ open_button("Choose another…", on) }{ pin_button("Pin the current policy", on) }</div>
            }
            if let Some(result @ CompareResult::Differences { .. }) = result {
                <p class="note">{summary(result, state).join(" · ")}</p>
            }
        </div>
    }
}

/// Renders the name of the file that the baseline comes from, if it is known.
fn baseline_name(state: &AppState) -> Html {
    let file = state.analysis.baseline_name.as_deref();
    file.map_or_else(
        Html::default,
        |file| html! { <>{" "}<code>{ name(file) }</code></> },
    )
}

/// Returns the policy of the page in words. While the editor's text is rejected, it is an older one.
fn policy_words(state: &AppState) -> &'static str {
    match &state.policy {
        Some(policy) if !policy.accepted => "the last accepted policy",
        _ => "the policy in the editor",
    }
}

/// Returns the result in sentences: over all requests, and on the log.
fn summary(result: &CompareResult, state: &AppState) -> Vec<String> {
    let over = over(state.analysis.only_possible);
    match result {
        CompareResult::Undecided(problem) => vec![problem.message.clone()],
        CompareResult::Differences { changes, more, log } => {
            let mut parts = vec![match changes.len().saturating_add(*more) {
                0 => ["The policies are equal, ", over].concat(),
                count => [&numbers::counted(count, "difference"), " ", over].concat(),
            }];
            parts.extend(log.filter(|_| !changes.is_empty()).map(on_log));
            parts
        }
    }
}

fn on_log(change: LogChange) -> String {
    let mut text = "on this log: ".to_owned();
    text.push_str(&per_day(change.bytes_per_day));
    for (count, what) in [
        (change.lost, " no longer recorded"),
        (change.gained, " newly recorded"),
        (change.unknown, " that could be in any class"),
    ] {
        if count > 0 {
            text.push_str(", ");
            text.push_str(&numbers::counted(count, "event"));
            text.push_str(what);
        }
    }
    text
}

/// Returns a change of the bytes per day with its sign.
fn per_day(bytes: Option<f64>) -> String {
    match bytes {
        None => "bytes per day unknown".to_owned(),
        Some(0.0) => "no change of bytes".to_owned(),
        Some(bytes) if bytes < 0.0 => ["−", &numbers::bytes(-bytes), " per day"].concat(),
        Some(bytes) => ["+", &numbers::bytes(bytes), " per day"].concat(),
    }
}

/// Renders the differences, a card for each kind.
fn cards(changes: &[ClassChange], more: usize, state: &AppState, on: &Callback<Action>) -> Html {
    let indexes: Vec<usize> = (0..changes.len()).collect();
    let title = |index: &usize| changes.get(*index).map(|change| &change.title);
    let card = |indexes: &[usize]| {
        let first = indexes.first().and_then(|index| changes.get(*index))?;
        let class = first.is_loss.then_some("lost");
        let row = |index: &usize| row(*index, changes.get(*index)?, state, on).into();
        Some(html! {
            <div class="card">
                <h3 class={classes!(class)}>{&first.title}</h3>
                <ol class="rows">{ for indexes.iter().filter_map(row) }</ol>
            </div>
        })
    };
    html! {
        <>
            { for indexes.chunk_by(|one, other| title(one) == title(other)).filter_map(card) }
            if more > 0 {
                <p class="note">{"And "}{numbers::count(more)}{" more, which "}<code>{"audit-policy diff"}</code>{" lists."}</p>
            }
        </>
    }
}

fn row(index: usize, change: &ClassChange, state: &AppState, on: &Callback<Action>) -> Html {
    let open = state.analysis.example.of(ExampleList::Differences, index);
    let is_same = change.before == [change.after];
    html! {
        <li>
            <div class="head">
                <span class="levels">
                    { for change.before.iter().map(|level| level_chip(*level)) }
                    if !is_same {
                        <span aria-hidden="true">{" → "}</span><span class="visually-hidden">{" to "}</span>{ level_chip(change.after) }
                    }
                </span>
                <span class="requests">
                    { markup(&change.requests) }
                    if !change.notes.is_empty() {
                        <span class="note">{&change.notes}</span>
                    }
                    if let Some(since) = &change.since {
                        <span class="note">{"since Kubernetes "}{since}</span>
                    }
                </span>
                if let Some(events) = change.events {
                    <span class="in-log">{numbers::counted(events, "event")}
                        if events > 0 {
                            <span class="note">{per_day(change.bytes_per_day)}</span>
                        }
                    </span>
                }
                { example_button(ExampleList::Differences, index, open.is_some(), &change.requests, on) }
            </div>
            if let Some(shown) = open {
                <ExampleCard example={change.example.clone()} report={shown.cloned()}>
                    <p class="turn">
                        <span class="label">{"before: "}</span>{rule_words(&change.decision_before)}{" "}{ level_chip(change.decision_before.level) }
                        {" · "}<span class="label">{"now: "}</span>{ decision(&change.decision_after, state.policy.as_deref(), on) }
                        if !change.reason.is_empty() {
                            {", which "}{ markup(&change.reason) }
                        }
                    </p>
                </ExampleCard>
            }
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_the_log_have_signs() {
        let change = LogChange {
            bytes_per_day: Some(-1.2e9),
            lost: 412,
            gained: 0,
            unknown: 0,
        };
        assert_eq!(
            on_log(change),
            "on this log: −1.2 GB per day, 412 events no longer recorded"
        );
        let unknown = LogChange {
            bytes_per_day: None,
            lost: 0,
            gained: 1,
            unknown: 3,
        };
        assert_eq!(
            on_log(unknown),
            "on this log: bytes per day unknown, 1 event newly recorded, 3 events that could be in any class"
        );
    }
}
