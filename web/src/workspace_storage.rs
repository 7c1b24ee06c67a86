//! The workspaces in the browser's storage: read at the start, written after changes, and never over what another tab has written since.
//!
//! Each has a key of its own. [`crate::kept_workspaces`] does what the first results do not need.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;

use crate::platform;
use crate::state::workspace::{SaveStatus, Slot, StoredWorkspace};

/// Beginning of the workspaces' keys in the browser's storage, which the page may share with others.
pub const PREFIX: &str = "audit-policy-playground/workspace/";

/// Key of the only workspace of earlier versions of the page.
pub const FIRST_KEY: &str = "audit-policy-playground/workspace";

/// Key of the id of the workspace that was opened last, for a new tab; and of the one of this tab, in the tab's own storage.
const CURRENT: &str = "audit-policy-playground/current";

/// Beginning of the keys with the time of writing a workspace last, in milliseconds since 1970; the rest is its id. It is not a part of the
/// workspace, whose text is compared to find out whether another tab has changed it.
const TIME_PREFIX: &str = "audit-policy-playground/kept-at/";

/// Delay in milliseconds before a long text is written; a short one is written at once.
const REST_MS: u32 = 300;

/// Minimum length in bytes of a long text.
const LONG: usize = 50_000;

/// Storage of the workspaces. Cloning shares it.
#[derive(Clone, Default)]
pub struct WorkspaceStorage(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    /// The workspaces that this tab has had open.
    places: Vec<Stored>,
    /// The one that is open.
    current: Slot,
    /// Value that is to be written.
    waiting: Option<Waiting>,
}

/// Location of a workspace in the storage.
#[derive(Clone, Default)]
pub struct Stored {
    /// Its key; `None` before it is written for the first time.
    pub key: Option<String>,
    /// Value that was read or written last.
    pub last: Option<String>,
}

struct Waiting {
    json: Box<dyn Fn() -> String>,
    done: Box<dyn Fn(SaveStatus)>,
    _timer: Timeout,
}

impl PartialEq for WorkspaceStorage {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Returns whether the page starts with a workspace that is kept.
pub fn is_kept() -> bool {
    first_key().is_some()
}

/// Returns the key of the workspace that the page starts with: the one of this tab, or the one that was opened last.
fn first_key() -> Option<String> {
    let ids = [platform::noted(CURRENT), platform::recall(CURRENT)];
    let keys = ids.into_iter().flatten().map(|id| [PREFIX, &id].concat());
    let mut keys = keys.chain([FIRST_KEY.to_owned()]);
    keys.find(|key| platform::stored(key).is_ok_and(|text| text.is_some()))
}

/// Returns a key that no workspace has.
pub fn new_key() -> String {
    // Chance alone makes them different; two tabs may create one at the same time.
    let mut id = String::new();
    while id.len() < 8 {
        let number = (js_sys::Math::random() * 36.0) as u32;
        id.extend(char::from_digit(number, 36));
    }
    [PREFIX, &id].concat()
}

/// Returns the key with the time of writing a workspace last.
pub fn time_key(key: &str) -> String {
    [TIME_PREFIX, key.strip_prefix(PREFIX).unwrap_or(key)].concat()
}

/// Notes that a workspace is written now.
pub fn note_time(key: &str) {
    // Formatting a float would add its tables to the first part of the module.
    let millis = js_sys::Date::now() as u64;
    platform::remember(&time_key(key), &millis.to_string());
}

/// Notes which workspace this tab has, and which one a new tab opens.
fn note(key: Option<&str>) {
    let id = key.and_then(|key| key.strip_prefix(PREFIX));
    platform::note(CURRENT, id);
    if let Some(id) = id {
        platform::remember(CURRENT, id);
    }
}

/// Moves the only workspace of an earlier version of the page to a key of its own. Where that is impossible, it stays.
fn move_first() {
    let Ok(Some(text)) = platform::stored(FIRST_KEY) else {
        return;
    };
    let key = new_key();
    if platform::store(&key, &text).is_err() {
        return;
    }
    if first_key().as_deref() == Some(FIRST_KEY) {
        note(Some(&key));
    }
    // If it cannot be removed, it is moved once more: there are two, and none is lost.
    let _ = platform::remove_stored(FIRST_KEY);
}

impl WorkspaceStorage {
    /// Reads the workspace that the page starts with.
    pub fn read(&self) -> StoredWorkspace {
        move_first();
        let Some(key) = first_key() else {
            return StoredWorkspace::Nothing;
        };
        let last = platform::stored(&key).ok().flatten();
        let stored = last.clone();
        note(Some(&key));
        self.set(|place| {
            *place = Stored {
                key: Some(key),
                last,
            }
        });
        stored.map_or(StoredWorkspace::Nothing, StoredWorkspace::Text)
    }

    /// Returns where the current workspace is stored.
    pub fn current(&self) -> Stored {
        let inner = self.0.borrow();
        inner.places.get(inner.current).cloned().unwrap_or_default()
    }

    /// Changes where the current workspace is stored.
    pub fn set(&self, change: impl FnOnce(&mut Stored)) {
        let mut place = self.current();
        change(&mut place);
        let slot = self.0.borrow().current;
        self.place(slot, place);
    }

    /// Sets where a workspace of this tab is stored.
    pub fn place(&self, slot: Slot, stored: Stored) {
        let places = &mut self.0.borrow_mut().places;
        if places.len() <= slot {
            places.resize_with(slot.saturating_add(1), Stored::default);
        }
        if let Some(place) = places.get_mut(slot) {
            *place = stored;
        }
    }

    /// Continues with another workspace.
    pub fn enter(&self, slot: Slot) {
        {
            let inner = &mut *self.0.borrow_mut();
            inner.waiting = None;
            inner.current = slot;
        }
        note(self.current().key.as_deref());
    }

    /// Returns where a workspace of this tab is stored, and forgets that.
    pub fn take(&self, slot: Slot) -> Stored {
        let inner = &mut *self.0.borrow_mut();
        inner
            .places
            .get_mut(slot)
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Drops the value that is to be written.
    pub fn drop_pending(&self) {
        self.0.borrow_mut().waiting = None;
    }

    /// Schedules writing the result of `json`, which has about this length in bytes, and reports the status.
    pub fn schedule_write(
        &self,
        length: usize,
        json: impl Fn() -> String + 'static,
        done: impl Fn(SaveStatus) + 'static,
    ) {
        let storage = self.clone();
        let rest = if length < LONG { 0 } else { REST_MS };
        let timer = Timeout::new(rest, move || storage.write_pending());
        self.0.borrow_mut().waiting = Some(Waiting {
            json: Box::new(json),
            done: Box::new(done),
            _timer: timer,
        });
    }

    /// Writes the scheduled value now.
    pub fn write_pending(&self) {
        let waiting = self.0.borrow_mut().waiting.take();
        if let Some(waiting) = waiting {
            (waiting.done)(self.write((waiting.json)()));
        }
    }

    /// Writes a value now, instead of the scheduled one.
    pub fn write_now(&self, json: String) -> SaveStatus {
        self.drop_pending();
        self.write(json)
    }

    fn write(&self, json: String) -> SaveStatus {
        let place = self.current();
        let is_new = place.key.is_none();
        let key = place.key.unwrap_or_else(new_key);
        let Ok(current) = platform::stored(&key) else {
            return SaveStatus::Forbidden;
        };
        if let Some(status) = difference(current.as_ref(), place.last.as_ref()) {
            return status;
        }
        if current.as_ref() == Some(&json) {
            return SaveStatus::Saved;
        }
        if let Err(error) = platform::store(&key, &json) {
            let is_forbidden = platform::error_name(&error) == "SecurityError";
            return if is_forbidden {
                SaveStatus::Forbidden
            } else {
                SaveStatus::Full
            };
        }
        note_time(&key);
        if is_new {
            note(Some(&key));
        }
        self.set(|place| {
            *place = Stored {
                key: Some(key),
                last: Some(json),
            }
        });
        SaveStatus::Saved
    }

    /// Returns what another tab has done with the current workspace since it was read or written.
    pub fn other_tab_status(&self) -> Option<SaveStatus> {
        let place = self.current();
        let current = platform::stored(&place.key?).ok()?;
        difference(current.as_ref(), place.last.as_ref())
    }
}

/// Returns what has happened to a stored value since it was read or written last.
fn difference(current: Option<&String>, last: Option<&String>) -> Option<SaveStatus> {
    match (current, last) {
        (Some(current), last) if Some(current) != last => Some(SaveStatus::ChangedInOtherTab),
        (None, Some(_)) => Some(SaveStatus::Removed),
        _ => None,
    }
}
