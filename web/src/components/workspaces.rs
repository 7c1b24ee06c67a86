//! The dialog with the workspaces that the browser keeps.

use playground_figures::numbers;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::common::markup;
use super::modal::Modal;
use super::name::name;
use super::notices::notice;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::platform;
use crate::state::kept::{Kept, StorageEffect, shown_name};
use crate::state::notices::{Notice, NoticeKind};
use crate::state::workspace::WorkspaceAction;
use crate::state::{Action, AppState};

/// Maximum length of a name in UTF-16 code units.
const MAX_NAME: &str = "120";

/// Renders the dialog with the workspaces.
pub fn workspaces_dialog(state: &AppState, on: &Callback<Action>) -> Html {
    let is_shown = |notice: &&Notice| {
        matches!(
            notice.kind,
            NoticeKind::Forgotten | NoticeKind::WorkspaceReplaced
        )
    };
    html! {
        <WorkspacesDialog
            kept={state.workspace.kept.clone()}
            current={state.workspace_title()}
            is_renaming={state.workspace.is_renaming}
            notices={state.notices.iter().filter(is_shown).cloned().collect::<Vec<_>>()}
            problem={state.workspace.list_problem}
            on={on.clone()}
        />
    }
}

/// Properties of [`WorkspacesDialog`].
#[derive(Properties, PartialEq)]
struct WorkspacesProps {
    kept: IdentityRc<Vec<Kept>>,
    /// Name of the current workspace.
    current: String,
    /// The current workspace is being renamed.
    is_renaming: bool,
    /// Notices about what was done last.
    notices: Vec<Notice>,
    /// Reason why the last change was impossible.
    problem: Option<&'static str>,
    on: Callback<Action>,
}

/// A row of the list.
#[derive(Clone, PartialEq)]
struct Row {
    /// Key in the storage; `None` for the current workspace.
    key: Option<String>,
    name: Result<String, String>,
    /// Size of its text; `None` if it is not stored.
    bytes: Option<usize>,
    /// Local date and time of writing it last, if known.
    kept_at: Option<String>,
}

impl WorkspacesProps {
    /// Returns the rows: the current workspace first, whether it is stored or not.
    fn rows(&self) -> Vec<Row> {
        let current = self.kept.iter().find(|one| one.is_current);
        let first = Row {
            key: None,
            name: Ok(self.current.clone()),
            bytes: current.map(|one| one.bytes),
            kept_at: current.and_then(|one| one.kept_at.clone()),
        };
        let others = self.kept.iter().filter(|one| !one.is_current);
        let others = others.map(|one| Row {
            key: Some(one.key.clone()),
            name: one.name.clone(),
            bytes: Some(one.bytes),
            kept_at: one.kept_at.clone(),
        });
        std::iter::once(first).chain(others).collect()
    }
}

/// Dialog with the workspaces.
#[function_component]
fn WorkspacesDialog(props: &WorkspacesProps) -> Html {
    let on = &props.on;
    // Row whose name is being changed, by its key.
    let renaming = use_state(|| props.is_renaming.then_some(None::<String>));
    {
        let is_renaming = renaming.is_some();
        let was_renaming = use_mut_ref(|| false);
        use_effect_with(is_renaming, move |is_renaming| {
            // The field that had the focus is gone.
            if was_renaming.replace(*is_renaming) && !is_renaming {
                platform::focus(dom_ids::WORKSPACES);
            }
        });
    }
    let rows = props.rows();
    let row = |row: &Row| {
        if *renaming == Some(row.key.clone()) && row.name.is_ok() {
            let renaming = renaming.setter();
            return html! {
                <RenameForm
                    workspace={row.key.clone()}
                    name={row.name.as_deref().map(shown_name).unwrap_or_default().to_owned()}
                    ondone={Callback::from(move |()| renaming.set(None))}
                    on={on.clone()}
                />
            };
        }
        workspace_row(row, on, renaming.setter())
    };
    html! {
        <Modal title="Workspaces" class="workspaces" onclose={on.reform(|()| Action::ShowDialog(None))}>
            <div id={dom_ids::WORKSPACES} class="content" role="region" aria-label="Workspaces" tabindex="0">
                <p class="note">{"Kept in this browser only, and never with a log, except for events that came with a link. Save a workspace as a file to keep it elsewhere."}</p>
                <div role="status">{ for props.notices.iter().map(|one| notice(one, on)) }</div>
                if let Some(problem) = props.problem {
                    <p class="warn" role="alert"><span aria-hidden="true">{"▲ "}</span>{problem}</p>
                }
                <ul class="kept">{ for rows.iter().map(row) }</ul>
                <div class="choices">
                    { button("New", "", on.reform(|_| Action::Workspace(WorkspaceAction::New))) }
                    { button("Open a file…", "", on.reform(|_| Action::ChooseFiles)) }
                </div>
            </div>
        </Modal>
    }
}

/// Renders a button of a row; `of` is the name of the workspace, which only screen readers need.
fn button(label: &'static str, of: &str, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button type="button" {onclick}>
            {label}
            if !of.is_empty() {
                <span class="visually-hidden">{" "}{of.to_owned()}</span>
            }
        </button>
    }
}

fn workspace_row(
    row: &Row,
    on: &Callback<Action>,
    renaming: UseStateSetter<Option<Option<String>>>,
) -> Html {
    html! {
        <li>
            <div class="about">{ about(row) }</div>
            <div class="choices">{ choices(row, on, renaming) }</div>
        </li>
    }
}

/// Renders name, size and time of a workspace.
fn about(row: &Row) -> Html {
    let size = row.bytes.map_or_else(
        || "not kept before it is changed".to_owned(),
        |bytes| numbers::bytes(bytes as f64),
    );
    match &row.name {
        Err(reason) => html! {
            <>
                <b>{"Unreadable"}</b>
                <span class="note">{size}{": "}{ markup(reason) }</span>
            </>
        },
        Ok(text) => html! {
            <>
                <b>{ name(shown_name(text)) }</b>
                <span class="note">
                    if row.key.is_none() {
                        {"in this tab, "}
                    }
                    {size}
                    if let Some(kept_at) = &row.kept_at {
                        {", kept "}{kept_at.clone()}
                    }
                </span>
            </>
        },
    }
}

/// Renders the buttons of a workspace.
fn choices(
    row: &Row,
    on: &Callback<Action>,
    renaming: UseStateSetter<Option<Option<String>>>,
) -> Html {
    let shown = row
        .name
        .as_deref()
        .map_or("the unreadable workspace", shown_name);
    let act =
        |action: WorkspaceAction| on.reform(move |_: MouseEvent| Action::Workspace(action.clone()));
    let key = row.key.clone();
    let rename = Callback::from(move |_| renaming.set(Some(key.clone())));
    let Some(key) = row.key.clone() else {
        return html! {
            <>
                { button("Rename", shown, rename) }
                { button("Duplicate", shown, act(WorkspaceAction::Duplicate)) }
                { button("Forget", shown, act(WorkspaceAction::Forget)) }
            </>
        };
    };
    let act =
        |action: fn(String) -> StorageEffect| act(WorkspaceAction::Storage(action(key.clone())));
    html! {
        <>
            if row.name.is_err() {
                { button("Save as file", shown, act(StorageEffect::Save)) }
            } else {
                { button("Open", shown, act(StorageEffect::Open)) }
                { button("Rename", shown, rename) }
                { button("Duplicate", shown, act(StorageEffect::Duplicate)) }
            }
            { button("Forget", shown, act(StorageEffect::Forget)) }
        </>
    }
}

/// Properties of [`RenameForm`].
#[derive(Properties, PartialEq)]
struct RenameProps {
    /// Key of the workspace; `None` for the current one.
    workspace: Option<String>,
    name: String,
    /// Called when the name is as it is to be.
    ondone: Callback<()>,
    on: Callback<Action>,
}

/// Field for the name of a workspace. Escape leaves the name as it is.
#[function_component]
fn RenameForm(props: &RenameProps) -> Html {
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with((), move |()| {
            if let Some(field) = field.cast::<HtmlInputElement>() {
                // It fails only while the dialog is not open yet.
                let _ = field.focus();
                field.select();
            }
        });
    }
    let onsubmit = {
        let (on, workspace, ondone) = (
            props.on.clone(),
            props.workspace.clone(),
            props.ondone.clone(),
        );
        let field = field.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(field) = field.cast::<HtmlInputElement>() {
                let rename = WorkspaceAction::Rename(workspace.clone(), field.value());
                on.emit(Action::Workspace(rename));
            }
            ondone.emit(());
        })
    };
    let ondone = props.ondone.clone();
    let onkeydown = Callback::from(move |key: KeyboardEvent| {
        if key.key() == "Escape" {
            // The dialog stays open.
            key.prevent_default();
            key.stop_propagation();
            ondone.emit(());
        }
    });
    html! {
        <li>
            <form {onsubmit} {onkeydown}>
                // In a dialog that opens with it, the browser gives it the focus.
                <input ref={field} id={dom_ids::WORKSPACE_NAME} aria-label="Name of the workspace" autofocus=true
                    value={props.name.clone()} maxlength={MAX_NAME} autocomplete="off" />
                <button type="submit" class="primary">{"Rename"}</button>
                { button("Cancel", "", props.ondone.reform(|_| ())) }
            </form>
        </li>
    }
}
