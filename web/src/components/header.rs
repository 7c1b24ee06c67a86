//! The header: workspace, logs, Kubernetes version, theme and export.

use playground_protocol::KubernetesVersion;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::menu::{Entry, Menu};
use super::screen_reader::screen_reader_only;
use super::sealed::seal_button;
use super::share::share_button;
use crate::dom_ids;
use crate::files;
use crate::folder;
use crate::hooks::Theme;
use crate::state::goals::GoalsAction;
use crate::state::lessons::LessonsAction;
use crate::state::workspace::WorkspaceAction;
use crate::state::{Action, AppState, Dialog, Pane};
use crate::worker_client::WorkerClient;

/// Renders a button that is visible only while it has the focus, and moves the focus past the header.
fn skip_button(label: &'static str, pane: Pane, on: &Callback<Action>) -> Html {
    let onclick = on.reform(move |_: MouseEvent| Action::FocusPane(pane));
    html! { <button type="button" class="skip" {onclick}>{label}</button> }
}

/// Renders the header.
pub fn header(
    state: &AppState,
    client: &WorkerClient,
    theme: &Theme,
    on: &Callback<Action>,
) -> Html {
    let entries = state
        .examples
        .iter()
        .map(|example| Entry {
            title: example.title.clone(),
            summary: example.summary.clone(),
        })
        .collect::<Vec<_>>();
    let show = |dialog| on.reform(move |_: MouseEvent| Action::ShowDialog(Some(dialog)));
    html! {
        <header class="top">
            { skip_button("Skip to the policy", Pane::Policy, on) }
            { skip_button("Skip to the events", Pane::Events, on) }
            <h1>
                <svg class="mark" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
                    <rect class="fill-n" y="1" width="18" height="3" rx="1" />
                    <rect class="fill-m" y="6" width="15" height="3" rx="1" />
                    <rect class="fill-r" y="11" width="11" height="3" rx="1" />
                    <rect class="fill-rr" y="15.5" width="6.5" height="2.5" rx="1" />
                </svg>
                <span>{"Audit Policy Playground"}</span>
            </h1>
            { workspace_menu(state, on) }
            <Menu label="Examples" {entries} chosen={on.reform(Action::OpenExample)} />
            { learn_button(state, on) }
            { open_button(on) }
            { picker(client, on) }
            <button type="button" class="paste-button" onclick={show(Dialog::Paste)}>{"Paste log"}</button>
            { version(state, on) }
            { verified_button(state, on) }
            <span class="grow"></span>
            { seal_button(state, on) }
            <button type="button" class="quiet square" aria-label="Keyboard shortcuts and filter terms" onclick={show(Dialog::Help)}>{"?"}</button>
            { theme_button(theme) }
            { share_button(on) }
            <button type="button" class="primary" onclick={show(Dialog::Export)}>{"Export"}</button>
        </header>
    }
}

/// Renders the button that shows the lessons, or hides them.
fn learn_button(state: &AppState, on: &Callback<Action>) -> Html {
    let is_open = state.lessons.is_open;
    let onclick = on.reform(move |_: MouseEvent| Action::Lessons(LessonsAction::Show(!is_open)));
    html! {
        <button id={dom_ids::LEARN} type="button" aria-pressed={is_open.to_string()} {onclick}>{"Learn"}</button>
    }
}

/// Maximum number of characters of the workspace's name in the header.
const MAX_LABEL: usize = 28;

/// An entry of the workspace menu: title, summary, and the action.
type WorkspaceEntry = (&'static str, &'static str, fn() -> Action);

/// The workspace menu.
const WORKSPACE_ENTRIES: [WorkspaceEntry; 8] = [
    (
        "New",
        "Another workspace, with one rule and default settings; the log stays open",
        || Action::Workspace(WorkspaceAction::New),
    ),
    (
        "New from goals…",
        "A policy that meets claims of standards, or your own",
        || Action::Goals(GoalsAction::Open),
    ),
    (
        "Open…",
        "The workspaces of this browser, or a file",
        || Action::Workspace(WorkspaceAction::Show),
    ),
    (
        "Save as file",
        "Policy, baseline, Kubernetes version and settings as one file",
        || Action::Workspace(WorkspaceAction::Save),
    ),
    ("Save policy", "The policy alone, as `policy.yaml`", || {
        Action::SavePolicy
    }),
    (
        "Duplicate",
        "A copy to continue with; this one stays as it is",
        || Action::Workspace(WorkspaceAction::Duplicate),
    ),
    ("Rename…", "The name of this workspace", || {
        Action::Workspace(WorkspaceAction::ShowName)
    }),
    (
        "Forget",
        "Removes this workspace from this browser; you can undo it",
        || Action::Workspace(WorkspaceAction::Forget),
    ),
];

/// Renders the workspace menu.
fn workspace_menu(state: &AppState, on: &Callback<Action>) -> Html {
    let entries = WORKSPACE_ENTRIES.map(|(title, summary, _)| Entry {
        title: title.to_owned(),
        summary: summary.to_owned(),
    });
    let chosen = on.reform(|index: usize| {
        let entry = WORKSPACE_ENTRIES.get(index);
        entry.map_or(Action::SavePolicy, |(_, _, action)| action())
    });
    let name = &state.workspace.name;
    let label = if name.is_empty() {
        AttrValue::Static("Workspace")
    } else {
        AttrValue::from(label_of(name))
    };
    html! { <Menu {label} entries={entries.to_vec()} {chosen} /> }
}

/// Returns a name that fits into the header. The list of workspaces has all of it.
fn label_of(name: &str) -> String {
    let end = name.char_indices().nth(MAX_LABEL);
    let Some((end, _)) = end else {
        return name.to_owned();
    };
    [name.get(..end).unwrap_or(name).trim_end(), "…"].concat()
}

/// Renders a button that opens the file picker.
pub fn open_button(on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_| Action::ChooseFiles);
    html! { <button type="button" {onclick}>{"Open log…"}</button> }
}

fn picker(client: &WorkerClient, on: &Callback<Action>) -> Html {
    let (client, on) = (client.clone(), on.clone());
    let onchange = Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let chosen = folder::listed(input.files());
        // Choosing the same file again is a change too.
        input.set_value("");
        if !chosen.is_empty() {
            files::open_files(chosen, client.clone(), on.clone());
        }
    });
    html! {
        <input id={dom_ids::FILE_PICKER} type="file" multiple=true hidden=true {onchange} aria-label="Audit logs, a policy or a workspace" />
    }
}

/// Renders the choice of the Kubernetes version.
pub fn version(state: &AppState, on: &Callback<Action>) -> Html {
    let onchange = {
        let on = on.clone();
        Callback::from(move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            // Every option is a version.
            if let Ok(version) = value.parse() {
                on.emit(Action::SelectVersion(version));
            }
        })
    };
    let option = |version: &KubernetesVersion| {
        html! {
            <option value={version.to_string()} selected={*version == state.version}>
                {version.to_string()}
                if !version.is_verified() {
                    {" (not verified)"}
                }
            </option>
        }
    };
    let none = state.versions.is_empty();
    html! {
        <label class="version">
            <span aria-hidden="true">{"Kubernetes"}</span>
            <select id="version" aria-label="Kubernetes version" {onchange} disabled={none}>
                if none {
                    <option>{"…"}</option>
                }
                { for state.versions.iter().map(option) }
            </select>
        </label>
    }
}

/// Renders whether the chosen version is verified, as a button that opens the details.
fn verified_button(state: &AppState, on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_| Action::ShowDialog(Some(Dialog::Verified)));
    let title = "What is verified, and against which servers";
    // Before the versions are known, none is chosen.
    if state.versions.is_empty() || state.version.is_verified() {
        html! {
            <button type="button" class="quiet" {title} {onclick}>
                <span aria-hidden="true">{"✓ "}</span>{"Verified"}
            </button>
        }
    } else {
        html! {
            <button type="button" class="quiet unverified" {title} {onclick}>
                <span aria-hidden="true">{"▲ "}</span>{"Not verified"}
            </button>
        }
    }
}

fn theme_button(theme: &Theme) -> Html {
    let (sign, label, title) = match theme.name {
        "light" => ("○", "Theme: light; switch to dark", "Light"),
        "dark" => ("●", "Theme: dark; follow the system", "Dark"),
        _ => ("◐", "Theme: system; switch to light", "System"),
    };
    html! {
        <button type="button" class="quiet square" {title} onclick={theme.next.clone()}>
            <span aria-hidden="true">{sign}</span>{screen_reader_only(label)}
        </button>
    }
}
