//! The share dialog: a link or a file with the policy, and with some events whose names are replaced.

mod content;
mod embed_code;
mod length;

use playground_figures::numbers;
use playground_protocol::ShareReport;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use self::content::{redaction, what_leaves};
use self::embed_code::embed_code;
use self::length::{LinkLength, length_note};
use super::common::{CopyButton, markup};
use super::modal::Modal;
use crate::dom_ids;
use crate::platform;
use crate::state::embed::HostView;
use crate::state::share::{ShareAction, ShareOptions, SharedEvents};
use crate::state::{Action, AppState, WorkerStatus};

/// Numbers of events that can be chosen.
const FIRST: [usize; 3] = [10, 100, 1_000];

/// Renders the button that opens the dialog.
pub fn share_button(on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_| Action::Share(ShareAction::Open(platform::random())));
    html! { <button type="button" class="share-button" {onclick}>{"Share"}</button> }
}

/// Renders the dialog.
pub fn share_dialog(state: &AppState, on: &Callback<Action>) -> Html {
    let share = &state.share;
    let report = share.report.as_deref();
    let is_down = state.worker_status == WorkerStatus::Down;
    html! {
        <Modal title="Share" class="share" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div class="content">
                if let Some(lesson) = &state.lessons.lesson {
                    { lesson_choice(&lesson.view.title, share.options, on) }
                }
                if !share.options.lesson {
                    { choices(state, on) }
                    { redaction(share, on) }
                }
                if let Some(report) = report.filter(|report| report.error.is_none()) {
                    if !share.options.lesson {
                        { what_leaves(report, share.options.tests.then_some(state.claims.text.as_str())) }
                    }
                    { link(state, report, on) }
                } else if let Some(error) = report.and_then(|report| report.error.as_deref()) {
                    <p class="bad" role="alert">{ markup(error) }</p>
                } else if is_down {
                    <p class="bad" role="alert">{"The engine has stopped, so nothing can be prepared. Open a log or reload the page."}</p>
                } else {
                    <p class="empty">{"Preparing…"}</p>
                }
            </div>
        </Modal>
    }
}

/// Renders the choice whether the open lesson is shared, instead of the policy.
fn lesson_choice(title: &str, options: ShareOptions, on: &Callback<Action>) -> Html {
    html! {
        <>
            <fieldset class="parts">
                <legend class="visually-hidden">{"Lesson"}</legend>
                { check("The lesson, from its first step", options.lesson, on, options, |options, is_on| options.lesson = is_on) }
                <span class="size">{title}</span>
            </fieldset>
            if options.lesson {
                <p class="note">{"It leaves as it was written, with its log. Your answers stay here."}</p>
            }
        </>
    }
}

/// Renders the choice of what is shared.
fn choices(state: &AppState, on: &Callback<Action>) -> Html {
    let options = state.share.options;
    let report = state.share.report.as_deref();
    let size = |text: Option<&str>| {
        text.map(|text| html! { <span class="size">{numbers::bytes(text.len() as f64)}</span> })
    };
    let has_baseline = state.baseline_text().is_some();
    html! {
        <fieldset class="parts">
            <legend class="visually-hidden">{"Content"}</legend>
            <label><input type="checkbox" checked=true disabled=true />{"Policy and Kubernetes version"}</label>
            { size(report.map(|report| report.policy.as_str())) }
            { check("Settings of the export, cluster and prices", options.settings, on, options, |options, is_on| options.settings = is_on) }
            if has_baseline {
                { check("Baseline", options.baseline, on, options, |options, is_on| options.baseline = is_on) }
                { size(report.and_then(|report| report.baseline.as_deref())) }
            }
            if state.claims.has_tests() {
                { check("Tests", options.tests, on, options, |options, is_on| options.tests = is_on) }
                { size(Some(&state.claims.text)) }
            }
            { events(state, on) }
            { size(report.and_then(|report| report.sample.as_deref())) }
        </fieldset>
    }
}

fn check(
    label: &'static str,
    checked: bool,
    on: &Callback<Action>,
    options: ShareOptions,
    set: fn(&mut ShareOptions, bool),
) -> Html {
    let onchange = on.reform(move |event: Event| {
        let mut options = options;
        let is_on = event.target_unchecked_into::<HtmlInputElement>().checked();
        set(&mut options, is_on);
        Action::Share(ShareAction::Choose(options))
    });
    html! { <label><input type="checkbox" {checked} {onchange} />{label}</label> }
}

/// Renders the choice of events.
fn events(state: &AppState, on: &Callback<Action>) -> Html {
    let total = state.table.total();
    if total == 0 || state.table.view.group_by.is_some() {
        return Html::default();
    }
    let options = state.share.options;
    let selected = state.table.selected();
    let mut choices = vec![("none".to_owned(), SharedEvents::None)];
    if let Some((first, last)) = selected {
        let label = match last.saturating_sub(first).saturating_add(1) {
            1 => "the selected one".to_owned(),
            count => ["the ", &numbers::count(count), " selected"].concat(),
        };
        choices.push((label, SharedEvents::Selected));
    }
    if total <= FIRST[0] {
        choices.push(("all".to_owned(), SharedEvents::First(total)));
    }
    for count in FIRST.into_iter().filter(|count| *count < total) {
        let label = ["the first ", &numbers::count(count), " of the table"].concat();
        choices.push((label, SharedEvents::First(count)));
    }
    let option = |(label, events): &(String, SharedEvents)| {
        html! { <option selected={*events == options.events}>{label.clone()}</option> }
    };
    let rendered: Html = choices.iter().map(option).collect();
    let onchange = on.reform(move |event: Event| {
        let index = event
            .target_unchecked_into::<HtmlSelectElement>()
            .selected_index();
        let chosen = usize::try_from(index)
            .ok()
            .and_then(|index| choices.get(index));
        let events = chosen.map_or(SharedEvents::None, |(_, events)| *events);
        Action::Share(ShareAction::Choose(ShareOptions { events, ..options }))
    });
    html! {
        <label class="events-choice">{"Events"}<select aria-label="Events" {onchange}>{rendered}</select></label>
    }
}

/// Renders the link with its length, and the other ways to pass it on.
fn link(state: &AppState, report: &ShareReport, on: &Callback<Action>) -> Html {
    let save = on.reform(|_| Action::Share(ShareAction::Save));
    let Some(link) = state.share.link.as_deref() else {
        return html! { <p class="empty">{"Making the link…"}</p> };
    };
    let save_button = html! { <button type="button" onclick={save}>{"Save as file"}</button> };
    let link = match link {
        Ok(link) => link,
        Err(sentence) => {
            return html! {
                <><p class="bad" role="alert">{sentence}</p><div class="choices">{save_button}</div></>
            };
        }
    };
    let length = LinkLength::of(link.len());
    html! {
        <>
            if length == LinkLength::TooLong {
                <p class="bad" role="alert">{ length_note(link.len()) }</p>
            } else {
                <div class="link">
                    <input type="text" readonly=true aria-label="Link" aria-describedby={dom_ids::LINK_LENGTH} value={link.clone()} />
                    <CopyButton class="primary" label="Copy link" text={link.clone()} />
                </div>
                <p class="note" id={dom_ids::LINK_LENGTH}>{ length_note(link.len()) }{" "}{"The link contains everything itself: no server receives it."}</p>
            }
            <div class="choices">
                { save_button }
                if length != LinkLength::TooLong {
                    <CopyButton label="Copy embed code" text={embed_code(link, &state.shared_workspace(report), HostView::shown(state.pane, None))} />
                    <CopyButton label="Copy as Markdown" text={markdown(link, &state.shared_workspace(report).policy)} />
                }
            </div>
        </>
    }
}

/// Returns the policy as a block of code with the link below it.
fn markdown(link: &str, policy: &str) -> String {
    // A block ends at a line with as many backticks as it began with.
    let longest = policy
        .split(|character| character != '`')
        .map(str::len)
        .max();
    let fence = "`".repeat(longest.unwrap_or_default().saturating_add(1).max(3));
    let end = if policy.ends_with('\n') { "" } else { "\n" };
    [
        &fence,
        "yaml\n",
        policy,
        end,
        &fence,
        "\n\n[Open this policy in the Audit Policy Playground](<",
        link,
        ">)\n",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_with_backticks_stays_in_its_block() {
        let text = markdown("https://example.org/#v1=a", "# ```\nkind: Policy");
        assert_eq!(
            text,
            "````yaml\n# ```\nkind: Policy\n````\n\n[Open this policy in the Audit Policy Playground](<https://example.org/#v1=a>)\n"
        );
    }
}
