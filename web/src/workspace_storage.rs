//! The workspace in this browser: read at the start, written after changes, and never over what another tab has written since.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;

use crate::platform;
use crate::state::workspace::{SaveStatus, StoredWorkspace};

/// The key in the browser's storage; the page may share that with others.
pub const KEY: &str = "audit-policy-playground/workspace";

/// Milliseconds after a change until a long text is written; a short one is written at once.
const REST_MS: u32 = 300;

/// Length in bytes from which a text is long.
const LONG: usize = 50_000;

/// How many damaged texts are put aside.
const MAX_ASIDE: usize = 9;

/// What keeps the workspace. Cloning shares it.
#[derive(Clone, Default)]
pub struct WorkspaceStorage(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    /// The value that was read or written last.
    last: Option<String>,
    /// A value that is about to be written.
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

impl WorkspaceStorage {
    /// What is kept.
    pub fn read(&self) -> StoredWorkspace {
        match platform::stored(KEY) {
            Ok(text) => {
                self.0.borrow_mut().last.clone_from(&text);
                text.map_or(StoredWorkspace::Nothing, StoredWorkspace::Text)
            }
            Err(_) => StoredWorkspace::Nothing,
        }
    }

    /// Puts a text aside that could not be read; false where that is not possible, and it has to stay where it is.
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

    /// Writes soon what `json` gives, of about so many bytes, and says how that went.
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

    /// Writes now what is about to be written.
    pub fn write_pending(&self) {
        let waiting = self.0.borrow_mut().waiting.take();
        if let Some(waiting) = waiting {
            (waiting.done)(self.write((waiting.json)()));
        }
    }

    /// Writes this now, in place of what is about to be written.
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

    /// Whether another tab has written since.
    pub fn is_changed_in_other_tab(&self) -> bool {
        let is_other = |current: &Option<String>| *current != self.0.borrow().last;
        platform::stored(KEY).is_ok_and(|current| current.is_some() && is_other(&current))
    }

    /// Takes what is kept now as known, so that it may be written over.
    pub fn accept_stored(&self) {
        // Where it cannot be read, it cannot be written over either.
        let _ = self.read();
    }
}
