//! The workspace in the browser's storage: read at the start, written after changes, and never over what another tab has written since.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;

use crate::platform;
use crate::state::workspace::{SaveStatus, StoredWorkspace};

/// Key in the browser's storage, which the page may share with others.
pub const KEY: &str = "audit-policy-playground/workspace";

/// Delay in milliseconds before a long text is written; a short one is written at once.
const REST_MS: u32 = 300;

/// Minimum length in bytes of a long text.
const LONG: usize = 50_000;

/// Maximum number of copies of damaged texts.
const MAX_ASIDE: usize = 9;

/// Storage of the workspace. Cloning shares it.
#[derive(Clone, Default)]
pub struct WorkspaceStorage(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    /// Value that was read or written last.
    last: Option<String>,
    /// Value that is to be written.
    waiting: Option<Waiting>,
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

/// Returns whether a workspace is stored.
pub fn has_text() -> bool {
    platform::stored(KEY).is_ok_and(|text| text.is_some())
}

impl WorkspaceStorage {
    /// Reads the stored workspace.
    pub fn read(&self) -> StoredWorkspace {
        match platform::stored(KEY) {
            Ok(text) => {
                self.0.borrow_mut().last.clone_from(&text);
                text.map_or(StoredWorkspace::Nothing, StoredWorkspace::Text)
            }
            Err(_) => StoredWorkspace::Nothing,
        }
    }

    /// Copies an unreadable text to another key. Returns false if that is impossible; the text then stays where it is.
    pub fn back_up(&self, text: &str) -> bool {
        let keys = (1..=MAX_ASIDE).map(|number| match number {
            1 => KEY.to_owned() + ".damaged",
            number => [KEY, ".damaged.", &number.to_string()].concat(),
        });
        for key in keys {
            match platform::stored(&key) {
                Ok(Some(other)) if other != text => {}
                Ok(_) => return platform::store(&key, text).is_ok(),
                Err(_) => return false,
            }
        }
        false
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
        self.0.borrow_mut().waiting = None;
        self.write(json)
    }

    fn write(&self, json: String) -> SaveStatus {
        let Ok(current) = platform::stored(KEY) else {
            return SaveStatus::Forbidden;
        };
        if current.is_some() && current != self.0.borrow().last {
            return SaveStatus::ChangedInOtherTab;
        }
        if current.as_ref() == Some(&json) {
            return SaveStatus::Saved;
        }
        match platform::store(KEY, &json) {
            Ok(()) => {
                self.0.borrow_mut().last = Some(json);
                SaveStatus::Saved
            }
            Err(error) if platform::error_name(&error) == "SecurityError" => SaveStatus::Forbidden,
            Err(_) => SaveStatus::Full,
        }
    }

    /// Returns whether another tab has written since.
    pub fn is_changed_in_other_tab(&self) -> bool {
        let is_other = |current: &Option<String>| *current != self.0.borrow().last;
        platform::stored(KEY).is_ok_and(|current| current.is_some() && is_other(&current))
    }

    /// Accepts the stored value as known, so that it may be overwritten.
    pub fn accept_stored(&self) {
        // What cannot be read cannot be overwritten either.
        let _ = self.read();
    }
}
