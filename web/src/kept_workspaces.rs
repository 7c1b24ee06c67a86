//! The list of the workspaces in the browser's storage, and changes of those that are not open.

use audit_types::sort::SortShort;
use audit_workspace::Workspace;
use js_sys::Date;
use wasm_bindgen::JsValue;
use yew::Callback;

use crate::platform;
use crate::state::Action;
use crate::state::kept::{Forgotten, Kept, Next, StorageEffect, copy_name, shown_name, title_of};
use crate::state::workspace::{SaveStatus, WorkspaceAction};
use crate::workspace_storage::{
    FIRST_KEY, PREFIX, Stored, WorkspaceStorage, new_key, note_time, time_key,
};

/// Reason why nothing was changed.
const NO_ROOM: &str =
    "The browser's storage is full, or the page may not use it. Nothing was changed.";

/// Reason why a workspace was not found.
const GONE: &str = "Another tab has forgotten this workspace.";

/// Reason why a workspace was not changed.
const UNREADABLE: &str = "This workspace can't be read, so it can't be changed.";

/// Runs an access to the storage. What follows from it is dispatched by `on`.
pub fn run(storage: &WorkspaceStorage, effect: StorageEffect, on: &Callback<Action>) {
    let send = |action| on.emit(Action::Workspace(action));
    let list = || WorkspaceAction::Listed(kept(storage), Next::Show);
    let refresh = |changed: Result<(), &'static str>| {
        send(match changed {
            Ok(()) => list(),
            Err(reason) => WorkspaceAction::NotChanged(reason),
        });
    };
    match effect {
        StorageEffect::Load => send(load(storage)),
        StorageEffect::Accept => accept(storage),
        StorageEffect::Enter { save, slot, kept } => {
            if let Some(text) = save {
                let status = storage.write_now(text);
                if status != SaveStatus::Saved {
                    send(WorkspaceAction::LeftUnsaved(status));
                }
            }
            if let Some((key, text)) = kept {
                enter_kept(storage, slot, key, text);
            } else {
                storage.enter(slot);
            }
        }
        StorageEffect::Discard(slot) => discard(storage.take(slot)),
        StorageEffect::ForgetCurrent => forget_current(storage),
        StorageEffect::List(next) => send(WorkspaceAction::Listed(kept(storage), next)),
        StorageEffect::Open(key) => match platform::stored(&key) {
            Ok(Some(text)) => send(WorkspaceAction::OpenKept(key, text)),
            _ => send(WorkspaceAction::NotChanged(GONE)),
        },
        StorageEffect::Rename(key, name) => refresh(rename(&key, name)),
        StorageEffect::Duplicate(key) => refresh(duplicate(storage, &key)),
        StorageEffect::Forget(key) => match forget(key) {
            Ok(forgotten) => send(WorkspaceAction::Forgotten(forgotten)),
            Err(reason) => send(WorkspaceAction::NotChanged(reason)),
        },
        StorageEffect::Restore(forgotten) => {
            if let Err(reason) = restore(&forgotten) {
                send(WorkspaceAction::Forgotten(forgotten));
                send(WorkspaceAction::NotChanged(reason));
            }
        }
        StorageEffect::Save(key) => {
            if let Ok(Some(text)) = platform::stored(&key) {
                let is_saved = platform::save("workspace.json", &text).is_ok();
                if !is_saved {
                    send(WorkspaceAction::NotChanged(
                        "This browser doesn't allow the page to save files.",
                    ));
                }
            }
        }
    }
}

/// Lists the workspaces by name, those that cannot be read last.
fn kept(storage: &WorkspaceStorage) -> Vec<Kept> {
    let current = storage.current().key;
    let keys = platform::stored_keys().unwrap_or_default().into_iter();
    // Earlier versions of the page have put texts aside that they could not read.
    let is_aside = |key: &str| {
        let rest = key.strip_prefix(FIRST_KEY);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(".damaged"))
    };
    let keys = keys.filter(|key| key.starts_with(PREFIX) || is_aside(key));
    let mut kept: Vec<Kept> = keys
        .filter_map(|key| {
            let text = platform::stored(&key).ok()??;
            Some(Kept {
                is_current: current.as_ref() == Some(&key),
                name: Workspace::from_json(&text)
                    .map(|workspace| title_of(&workspace))
                    .map_err(|error| error.to_string()),
                kept_at: kept_at(&key),
                bytes: text.len(),
                key,
            })
        })
        .collect();
    kept.sort_short_by_key(|one| {
        let name = one
            .name
            .as_deref()
            .map(|name| shown_name(name).to_ascii_lowercase());
        (name.is_err(), name.unwrap_or_default(), one.key.clone())
    });
    kept
}

/// Returns the local date and time at which a workspace was written last; `None` if an earlier version of the page has written it.
fn kept_at(key: &str) -> Option<String> {
    let millis: u64 = platform::recall(&time_key(key))?.parse().ok()?;
    let date = Date::new(&(millis as f64).into());
    // A number that is not a time gives a date whose parts are not numbers.
    if date.get_time().is_nan() {
        return None;
    }
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let day = [
        date.get_full_year().to_string(),
        two(date.get_month().saturating_add(1)),
        two(date.get_date()),
    ]
    .join("-");
    Some(
        [
            &day,
            " ",
            &two(date.get_hours()),
            ":",
            &two(date.get_minutes()),
        ]
        .concat(),
    )
}

/// Removes the text of a workspace, and the time of writing it.
fn remove(key: &str) -> Result<(), JsValue> {
    platform::remove_stored(key)?;
    platform::remove_stored(&time_key(key))
}

/// Reads the current workspace, which another tab has changed.
fn load(storage: &WorkspaceStorage) -> WorkspaceAction {
    let key = storage.current().key;
    let text = key.and_then(|key| platform::stored(&key).ok().flatten());
    match text {
        Some(text) => {
            storage.set(|place| place.last = Some(text.clone()));
            WorkspaceAction::LoadFromOtherTab(text)
        }
        None => WorkspaceAction::SaveStatusChanged(SaveStatus::Removed),
    }
}

/// Accepts the stored value as known, so that it may be overwritten.
fn accept(storage: &WorkspaceStorage) {
    // What cannot be read cannot be overwritten either.
    let key = storage.current().key;
    let text = key.and_then(|key| platform::stored(&key).ok().flatten());
    storage.set(|place| place.last = text);
}

/// Continues with a workspace that is kept. The text is the one that is shown: if another tab changes it, nothing is overwritten.
fn enter_kept(storage: &WorkspaceStorage, slot: usize, key: String, text: String) {
    // Set before it is entered, which notes the key for this tab.
    storage.drop_pending();
    storage.place(
        slot,
        Stored {
            key: Some(key),
            last: Some(text),
        },
    );
    storage.enter(slot);
}

/// Removes a workspace that was only created, unless another tab has changed it.
fn discard(stored: Stored) {
    let Some(key) = stored.key else {
        return;
    };
    let current = platform::stored(&key).ok().flatten();
    if current.is_some() && current == stored.last {
        // If it cannot be removed, there is one more in the list.
        let _ = remove(&key);
    }
}

fn forget_current(storage: &WorkspaceStorage) {
    storage.drop_pending();
    if let Some(key) = storage.current().key {
        let _ = remove(&key);
    }
    storage.set(|place| place.last = None);
}

fn read(key: &str) -> Result<Workspace, &'static str> {
    let text = platform::stored(key).ok().flatten().ok_or(GONE)?;
    Workspace::from_json(&text).map_err(|_| UNREADABLE)
}

fn write(key: &str, workspace: &Workspace) -> Result<(), &'static str> {
    platform::store(key, &workspace.to_compact_json()).map_err(|_| NO_ROOM)?;
    note_time(key);
    Ok(())
}

fn rename(key: &str, name: String) -> Result<(), &'static str> {
    let workspace = Workspace { name, ..read(key)? };
    write(key, &workspace)
}

fn duplicate(storage: &WorkspaceStorage, key: &str) -> Result<(), &'static str> {
    let workspace = read(key)?;
    let name = copy_name(&title_of(&workspace), &kept(storage));
    write(&new_key(), &Workspace { name, ..workspace })
}

fn forget(key: String) -> Result<Forgotten, &'static str> {
    let text = platform::stored(&key).ok().flatten().ok_or(GONE)?;
    remove(&key).map_err(|_| NO_ROOM)?;
    let name = Workspace::from_json(&text).map_or_else(
        |_| "the unreadable workspace".to_owned(),
        |workspace| title_of(&workspace),
    );
    Ok(Forgotten { key, text, name })
}

/// Writes a workspace under its key, or under a new one if it is used meanwhile.
fn restore(forgotten: &Forgotten) -> Result<(), &'static str> {
    let is_free = platform::stored(&forgotten.key).is_ok_and(|text| text.is_none());
    let key = if is_free {
        forgotten.key.clone()
    } else {
        new_key()
    };
    platform::store(&key, &forgotten.text).map_err(|_| NO_ROOM)?;
    note_time(&key);
    Ok(())
}
