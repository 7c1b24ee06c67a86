//! Policy check tab: whether the open log was written by the policy in the editor, and what contradicts that.

use playground_protocol::{
    ContradictionKind, ContradictionView, PolicyCheckView, SecretView, Severity, SourceView,
};
use yew::prelude::*;

use super::common::{markup, sign};
use super::name::{name, title};
use super::scan_progress::scan_progress;
use crate::state::policy_check::{PolicyCheckAction, PolicyCheckState, RunningCheck};
use crate::state::{Action, AppState};

/// Data of the tab.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyCheckData {
    /// State of the check.
    check: PolicyCheckState,
    /// The log can be checked.
    is_ready: bool,
    /// The policy has changed since the last check.
    is_outdated: bool,
}

impl PolicyCheckData {
    /// Returns the data of the tab.
    pub fn new(state: &AppState) -> Self {
        let shown = state.policy_check.shown.as_ref();
        Self {
            check: state.policy_check.clone(),
            is_ready: state.can_check_policy(),
            is_outdated: shown.is_some_and(|shown| shown.generation != state.generation),
        }
    }
}

/// Renders the tab.
pub fn policy_check(data: &PolicyCheckData, on: &Callback<Action>) -> Html {
    let check = &data.check;
    let start = on.reform(|_| Action::PolicyCheck(PolicyCheckAction::Start));
    let label = if check.shown.is_some() {
        "Check again"
    } else {
        "Check the log"
    };
    html! {
        <div class="policy-check">
            <div class="lead">
                <h3>{"Was this log written by this policy?"}</h3>
                if let Some(running) = &check.running {
                    { progress(running, on) }
                } else {
                    <button type="button" onclick={start} disabled={!data.is_ready}>{label}</button>
                }
            </div>
            if check.shown.is_none() {
                <p class="note">{"Compares the recorded level and stage of every event with the policy in the editor: after a rollout, this shows whether each control-plane node uses it. It also looks for likely secrets: tokens, keys and passwords. The log is read once more."}</p>
                if !data.is_ready && check.running.is_none() {
                    <p class="note">{"Open a log, wait until it has been read, and fix the policy if it is rejected."}</p>
                }
            }
            <div role="status">
                if let Some(reason) = &check.failure {
                    <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(reason) }</p>
                }
                if data.is_outdated && check.running.is_none() {
                    <p class="warn"><span aria-hidden="true">{"▲ "}</span>{"The policy has changed since this check."}</p>
                }
                if let Some(report) = &check.shown {
                    { answer(report) }
                }
            </div>
            if let Some(report) = &check.shown {
                <div class={classes!("result", data.is_outdated.then_some("outdated"))}>
                    { contradictions(report, on) }
                    { secrets(report, on) }
                    { sources(report) }
                    { for report.hints.iter().map(|hint| html! {
                        <p class="note"><b>{&report.hint_title}{": "}</b>{ markup(hint) }</p>
                    }) }
                </div>
            }
        </div>
    }
}

fn progress(running: &RunningCheck, on: &Callback<Action>) -> Html {
    let cancel = on.reform(|_| Action::PolicyCheck(PolicyCheckAction::Cancel));
    scan_progress("Checking", (running.bytes, running.total_bytes), cancel)
}

/// Renders the answer, and what cannot be checked.
fn answer(report: &PolicyCheckView) -> Html {
    let (mark, class) = mark(report.consistent);
    html! {
        <>
            <p class="answer-line"><span {class} aria-hidden="true">{mark}</span>{ markup(&report.answer) }</p>
            { for report.unknowable.iter().chain(&report.cut).map(|note| html! {
                <p class="note">{ markup(note) }</p>
            }) }
        </>
    }
}

/// Returns sign and style class of a result.
const fn mark(consistent: Option<bool>) -> (&'static str, &'static str) {
    match consistent {
        Some(true) => ("✓ ", "good"),
        Some(false) => {
            let (mark, class, _) = sign(Severity::Error);
            (mark, class)
        }
        None => ("? ", "warn"),
    }
}

fn contradictions(report: &PolicyCheckView, on: &Callback<Action>) -> Html {
    let found = &report.contradictions;
    if found.is_empty() {
        return Html::default();
    }
    let all = on.reform(|_| Action::PolicyCheck(PolicyCheckAction::ListAll));
    // One kind has a button of its own.
    let listed = found
        .iter()
        .filter(|one| one.kind != ContradictionKind::MissingStage);
    let has_several = listed.count() > 1;
    html! {
        <section aria-labelledby="contradictions-title">
            <div class="title">
                <h4 id="contradictions-title">{&report.contradictions_title}</h4>
                if has_several {
                    <button type="button" class="link" onclick={all}>{"List all"}</button>
                }
            </div>
            <ul>{ for found.iter().map(|one| contradiction(one, on)) }</ul>
        </section>
    }
}

fn contradiction(found: &ContradictionView, on: &Callback<Action>) -> Html {
    let act = |action: PolicyCheckAction| {
        on.reform(move |_: MouseEvent| Action::PolicyCheck(action.clone()))
    };
    let (list, open) = (
        act(PolicyCheckAction::List(found.clone())),
        act(PolicyCheckAction::Open(found.clone())),
    );
    let label = if found.kind == ContradictionKind::MissingStage {
        "List the rule's events"
    } else {
        "List them"
    };
    let spoken = [label, ": ", &found.title.replace('`', "")].concat();
    html! {
        <li>
            <p><b>{ markup(&found.title) }</b>{" "}
                <button type="button" class="link" aria-label={spoken} onclick={list}>{label}</button>
            </p>
            <p>{"First: "}
                <button type="button" class="link place" title={title(&found.place)} onclick={open}>{ name(&found.place) }</button>
                {": "}{ name(&found.request) }{": "}{ markup(&found.message) }
            </p>
            <p class="note">{ name(&found.identity) }</p>
        </li>
    }
}

fn secrets(report: &PolicyCheckView, on: &Callback<Action>) -> Html {
    if report.secrets.is_empty() {
        return html! { <p class="note">{&report.no_secrets}</p> };
    }
    let item = |found: &SecretView| {
        let event = found.event;
        let open = on
            .reform(move |_: MouseEvent| Action::PolicyCheck(PolicyCheckAction::OpenSecret(event)));
        html! {
            <li>
                <p><b>{ markup(&found.title) }</b></p>
                <p>{"First: "}
                    <button type="button" class="link place" title={title(&found.place)} onclick={open}>{ name(&found.place) }</button>
                    {": "}{ markup(&found.first) }
                </p>
            </li>
        }
    };
    html! {
        <section aria-labelledby="secrets-title">
            <h4 id="secrets-title">{&report.secrets_title}</h4>
            <ul>{ for report.secrets.iter().map(item) }</ul>
        </section>
    }
}

fn sources(report: &PolicyCheckView) -> Html {
    if report.sources.is_empty() {
        return Html::default();
    }
    let row = |source: &SourceView| {
        let (mark, class) = mark(source.consistent);
        html! {
            <li><span {class} aria-hidden="true">{mark}</span><b>{ name(&source.label) }</b>{": "}{ markup(&source.text) }</li>
        }
    };
    html! {
        <section aria-labelledby="check-sources-title">
            <h4 id="check-sources-title">{&report.sources_title}</h4>
            <ul class="sources">{ for report.sources.iter().map(row) }</ul>
        </section>
    }
}
