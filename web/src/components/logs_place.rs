//! The dialog that leads from the place where logs live to the program for it.

use playground_figures::numbers;
use playground_protocol::logs_place::{CloudView, PlaceReport, ProgramView};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::common::{CopyButton, markup};
use super::modal::Modal;
use super::preview::{Language, Preview};
use crate::dom_ids;
use crate::state::logs_place::PlaceAction;
use crate::state::{Action, AppState};

/// Renders the dialog.
pub fn place_dialog(state: &AppState, on: &Callback<Action>) -> Html {
    html! {
        <Modal title="Where do your logs live?" class="place" onclose={on.reform(|()| Action::ShowDialog(None))}>
            if let Some(report) = state.place.answered.shown.as_deref() {
                { choices(report, state, on) }
                <div class="document" tabindex="0" role="region" aria-label="How to apply the policy there">
                    { content(report, state, on) }
                </div>
            } else {
                <p class="empty" aria-busy="true">{"Generating…"}</p>
            }
        </Modal>
    }
}

fn choices(report: &PlaceReport, state: &AppState, on: &Callback<Action>) -> Html {
    let choice = |id: &'static str,
                  label: &'static str,
                  titles: &[String],
                  chosen: usize,
                  action: fn(usize) -> PlaceAction| {
        let onchange = on.reform(move |event: Event| {
            let index = event
                .target_unchecked_into::<HtmlSelectElement>()
                .selected_index();
            Action::Place(action(usize::try_from(index).unwrap_or_default()))
        });
        let option = |(index, title): (usize, &String)| {
            html! { <option selected={index == chosen}>{title}</option> }
        };
        html! {
            <>
                <label for={id}>{label}</label>
                <select {id} {onchange}>{ for titles.iter().enumerate().map(option) }</select>
            </>
        }
    };
    html! {
        <div class="target">
            { choice(dom_ids::PLACE, "Place", &report.places, state.place.place, PlaceAction::Choose) }
            { choice(dom_ids::PLACE_WAY, "Way", &report.ways, state.place.way, PlaceAction::ChooseWay) }
        </div>
    }
}

fn content(report: &PlaceReport, state: &AppState, on: &Callback<Action>) -> Html {
    let step = |step: &String| html! { <li>{ markup(step) }</li> };
    html! {
        <>
            <section>
                <h3>{"Out of reach"}</h3>
                <p class="note">{ markup(&report.out_of_reach) }</p>
                { for report.cloud.as_ref().map(|cloud| cloud_rules(cloud, on)) }
            </section>
            { verdict_on_log(state) }
            if state.policy.as_ref().is_some_and(|policy| !policy.accepted) {
                <p role="status"><span class="warn" aria-hidden="true">{"▲ "}</span>{"kube-apiserver rejects the policy in the editor. The program is of the last accepted one."}</p>
            }
            { program(&report.program, on) }
            <section class="steps"><h3>{"How it works"}</h3><ul>{ for report.steps.iter().map(step) }</ul></section>
        </>
    }
}

/// Renders what the cloud documents, and the way to compare the policy with it.
fn cloud_rules(cloud: &CloudView, on: &Callback<Action>) -> Html {
    let compare = on.reform(|_: MouseEvent| Action::Place(PlaceAction::Compare));
    html! {
        if cloud.policy.is_some() {
            <p class="note">{"Its rules are documented. As the baseline of the comparison, they show what your policy asks for beyond them: what is gained is out of reach, what is lost is dropped by a filter."}</p>
            <div class="choices"><button type="button" onclick={compare}>{"Compare with the rules of "}{&cloud.title}</button></div>
        } else {
            <p class="note">{&cloud.title}{" documents no rules. "}{ markup(&cloud.about) }</p>
        }
    }
}

/// Renders what a filter with the policy does with the log that is open.
fn verdict_on_log(state: &AppState) -> Html {
    let figures = state.figures();
    let Some(answer) = figures
        .as_deref()
        .filter(|answer| answer.recorded.events > 0)
    else {
        return Html::default();
    };
    let recorded = answer.recorded.events;
    // Derived events are not in the log.
    let kept = answer.written.events.saturating_sub(answer.derived);
    let dropped = recorded
        .saturating_sub(kept)
        .saturating_sub(answer.unknowable);
    let figure = |title: &'static str, count: usize| {
        html! { <><dt>{title}</dt><dd>{numbers::count(count)}</dd></> }
    };
    html! {
        <section>
            <h3>{"Events of the open log"}</h3>
            <dl class="facts">
                { figure("kept", kept) }
                { figure("dropped", dropped) }
                { figure("unknown", answer.unknowable) }
                { figure("without bodies that the policy asks for", answer.sizes_unknown) }
            </dl>
        </section>
    }
}

fn program(program: &ProgramView, on: &Callback<Action>) -> Html {
    match program {
        ProgramView::NoPolicy => {
            html! { <p class="empty" role="status">{"Nothing to compile yet: kube-apiserver rejects the policy in the editor."}</p> }
        }
        ProgramView::Shell(lines) => html! {
            <>
                <div class="choices"><CopyButton text={lines.clone()} /></div>
                <Preview label="Command" text={lines.clone()} language={Language::Script} />
            </>
        },
        ProgramView::Compiled {
            file_name,
            text,
            differences,
        } => {
            let save = {
                let (name, text) = (file_name.clone(), text.clone());
                on.reform(move |_: MouseEvent| Action::SaveFile(name.clone(), text.clone()))
            };
            let difference = |text: &String| html! { <p><span class="warn" aria-hidden="true">{"▲ "}</span>{ markup(text) }</p> };
            html! {
                <>
                    { for differences.iter().map(difference) }
                    <div class="choices">
                        <CopyButton text={text.clone()} />
                        <button type="button" onclick={save}>{"Save "}{file_name}</button>
                    </div>
                    <Preview label={["Preview of ", file_name].concat()} text={text.clone()} language={Language::Script} />
                </>
            }
        }
    }
}
