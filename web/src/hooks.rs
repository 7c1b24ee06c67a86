//! Effects of the page as a whole, each with a name.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use gloo::events::{EventListener, EventListenerOptions, EventListenerPhase};
use playground_protocol::Ask;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, DragEvent, Element, ResizeObserver};
use yew::prelude::*;

use crate::editor::EditorHandle;
use crate::files;
use crate::platform;
use crate::state::worker::WorkerAction;
use crate::state::workspace::{SaveStatus, WorkspaceAction};
use crate::state::{Action, AppState, Dialog, Pane, WorkerStatus};
use crate::worker_client::WorkerClient;
use crate::workspace_storage::WorkspaceStorage;

/// The state, and the line its questions go to.
#[derive(Clone)]
pub struct Store {
    /// What the page knows.
    pub state: AppState,
    /// The worker.
    pub client: WorkerClient,
    /// Where the workspace is kept.
    pub storage: WorkspaceStorage,
    /// The newest store, which a render may not have shown yet.
    latest: Rc<RefCell<Weak<Store>>>,
}

impl Reducible for Store {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        let may_restart = matches!(
            action,
            Action::Worker(WorkerAction::Stopped(_) | WorkerAction::StartAgain)
        );
        let asks: Vec<Ask> = next.state.apply(action);
        if may_restart && next.state.worker_status == WorkerStatus::Starting {
            next.client.restart();
        }
        next.send(&asks);
        let next = Rc::new(next);
        *next.latest.borrow_mut() = Rc::downgrade(&next);
        next
    }
}

impl Store {
    /// The page at its start: as it was left, where the browser has kept that.
    fn restored() -> Self {
        let storage = WorkspaceStorage::default();
        let (state, asks) = AppState::restored(&storage.read(), |text| storage.back_up(text));
        let store = Self {
            state,
            client: WorkerClient::default(),
            storage,
            latest: Rc::default(),
        };
        store.send(&asks);
        store
    }

    fn send(&self, asks: &[Ask]) {
        for ask in asks {
            let files = match ask {
                Ask::Open { log, .. } => self.state.openings.files_of(*log),
                _ => None,
            };
            self.client.send(ask, files);
        }
    }
}

/// The one reducer of the page; the worker starts with it.
#[hook]
pub fn use_store() -> (UseReducerHandle<Store>, Callback<Action>) {
    let store = use_reducer(Store::restored);
    let on = {
        let dispatcher = store.dispatcher();
        use_callback((), move |action, ()| dispatcher.dispatch(action))
    };
    {
        let (client, on) = (store.client.clone(), on.clone());
        use_effect_with((), move |()| client.start(&on));
    }
    (store, on)
}

/// Writes the workspace when the page is left, with the text that the editor has not sent yet. A page that is left renders no more, so
/// nothing here waits for that.
#[derive(Clone)]
struct SaveOnLeave {
    editor: EditorHandle,
    storage: WorkspaceStorage,
    latest: Rc<RefCell<Weak<Store>>>,
    on: Callback<Action>,
}

impl SaveOnLeave {
    /// Writes the workspace now.
    fn write(&self) {
        // The text is dispatched at once, which makes it part of the newest store.
        self.editor.flush();
        let Some(store) = self.newest() else {
            return self.storage.write_pending();
        };
        if store.state.should_save() {
            let before = store.state.workspace.save_status;
            let save_status = self.storage.write_now(store.state.to_workspace().to_json());
            if save_status != before {
                self.on
                    .emit(Action::Workspace(WorkspaceAction::SaveStatusChanged(
                        save_status,
                    )));
            }
        }
    }

    /// Whether something would still be lost.
    fn is_at_risk(&self) -> bool {
        self.newest().is_some_and(|store| store.state.is_at_risk())
    }

    /// None before the first action, when there is nothing to write.
    fn newest(&self) -> Option<Rc<Store>> {
        self.latest.borrow().upgrade()
    }
}

/// Has the browser keep the workspace, and warns before the tab is closed where it cannot.
#[hook]
pub fn use_saving(store: &Store, editor: &EditorHandle, on: &Callback<Action>) {
    let (state, storage) = (&store.state, store.storage.clone());
    let leaving = SaveOnLeave {
        editor: editor.clone(),
        storage: storage.clone(),
        latest: store.latest.clone(),
        on: on.clone(),
    };
    {
        let (on, state, storage) = (on.clone(), state.clone(), storage.clone());
        let is_kept = state.should_save();
        use_effect_with((state.workspace_key(), is_kept), move |(_, is_kept)| {
            if *is_kept {
                let (length, before) = (state.text.len(), state.workspace.save_status);
                storage.schedule_write(
                    length,
                    move || state.to_workspace().to_json(),
                    move |save_status| {
                        if save_status != before {
                            on.emit(Action::Workspace(WorkspaceAction::SaveStatusChanged(
                                save_status,
                            )));
                        }
                    },
                );
            }
        });
    }
    {
        let (on, leaving) = (on.clone(), leaving.clone());
        use_effect_with((), move |()| {
            let window = gloo::utils::window();
            let left = leaving.clone();
            let hide = EventListener::new(&window, "pagehide", move |_| left.write());
            let document = gloo::utils::document();
            let leave = EventListener::new(&document, "visibilitychange", move |_| leaving.write());
            let other = EventListener::new(&window, "storage", move |_| {
                if storage.is_changed_in_other_tab() {
                    on.emit(Action::Workspace(WorkspaceAction::SaveStatusChanged(
                        SaveStatus::ChangedInOtherTab,
                    )));
                }
            });
            move || drop((hide, leave, other))
        });
    }
    // A page that listens to this may not be kept by the browser for going back: one that nothing was changed in does not listen.
    use_effect_with(state.is_modified_here(), move |is_changed| {
        let listener = is_changed.then(|| {
            let options = EventListenerOptions::enable_prevent_default();
            let window = gloo::utils::window();
            EventListener::new_with_options(&window, "beforeunload", options, move |event| {
                leaving.write();
                if leaving.is_at_risk() {
                    event.prevent_default();
                }
            })
        });
        move || drop(listener)
    });
}

/// Says on the document's root that the first answer is on the screen.
#[hook]
pub fn use_ready_attribute(settled: bool) {
    use_effect_with(settled, |settled| {
        if *settled {
            platform::set_root_attribute("ready", "true");
        }
    });
}

/// Light, dark, or as the system says.
pub struct Theme {
    /// `system`, `light` or `dark`.
    pub name: &'static str,
    /// Chooses the next.
    pub next: Callback<MouseEvent>,
}

/// The theme, remembered where the browser allows.
#[hook]
pub fn use_theme() -> Theme {
    let theme = use_state(|| match platform::recall("theme").as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    });
    use_effect_with(*theme, |theme| platform::set_root_attribute("theme", theme));
    let name = *theme;
    let next = Callback::from(move |_| {
        let next = match *theme {
            "system" => "light",
            "light" => "dark",
            _ => "system",
        };
        platform::remember("theme", next);
        theme.set(next);
    });
    Theme { name, next }
}

/// Files and texts dropped anywhere; true while something is dragged over the page.
#[hook]
pub fn use_drop(client: &WorkerClient, on: &Callback<Action>) -> bool {
    let over = use_state(|| false);
    {
        let (client, on, over) = (client.clone(), on.clone(), over.setter());
        use_effect_with((), move |()| {
            let window = gloo::utils::window();
            let options = EventListenerOptions::enable_prevent_default();
            let held = over.clone();
            let hold =
                EventListener::new_with_options(&window, "dragover", options, move |event| {
                    let files = event
                        .dyn_ref::<DragEvent>()
                        .and_then(DragEvent::data_transfer)
                        .is_some_and(|data| data.types().includes(&"Files".into(), 0));
                    if files {
                        event.prevent_default();
                        held.set(true);
                    }
                });
            let left = over.clone();
            let leave = EventListener::new(&window, "dragleave", move |event| {
                // SaveOnLeave one element for another inside the page names the other.
                let inside = event
                    .dyn_ref::<DragEvent>()
                    .is_some_and(|event| event.related_target().is_some());
                if !inside {
                    left.set(false);
                }
            });
            // Before the editor, which would put a file's text into the policy.
            let first = EventListenerOptions {
                phase: EventListenerPhase::Capture,
                ..options
            };
            let release = EventListener::new_with_options(&window, "drop", first, move |event| {
                over.set(false);
                let data = event
                    .dyn_ref::<DragEvent>()
                    .and_then(DragEvent::data_transfer)
                    .filter(|data| data.types().includes(&"Files".into(), 0));
                if let Some(data) = data {
                    event.prevent_default();
                    event.stop_propagation();
                    files::open_transfer(&data, &client, &on);
                }
            });
            move || drop((hold, leave, release))
        });
    }
    *over
}

/// Ctrl-V anywhere outside a field: a policy goes to the editor, anything else is a log.
#[hook]
pub fn use_paste(client: &WorkerClient, on: &Callback<Action>) {
    let (client, on) = (client.clone(), on.clone());
    use_effect_with((), move |()| {
        let listener = EventListener::new(&gloo::utils::document(), "paste", move |event| {
            // The editor has taken what it handled.
            if event.default_prevented() || in_field(event) {
                return;
            }
            let data = event
                .dyn_ref::<ClipboardEvent>()
                .and_then(ClipboardEvent::clipboard_data);
            if let Some(data) = data {
                files::open_transfer(&data, &client, &on);
            }
        });
        move || drop(listener)
    });
}

/// The page's own keys.
#[hook]
pub fn use_shortcuts(on: &Callback<Action>, editor: &EditorHandle) {
    let (on, editor) = (on.clone(), editor.clone());
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(
            &gloo::utils::document(),
            "keydown",
            options,
            move |event| {
                let Some(key) = event.dyn_ref::<KeyboardEvent>() else {
                    return;
                };
                if shortcut(key, &on, &editor) {
                    event.prevent_default();
                }
            },
        );
        move || drop(listener)
    });
}

/// Acts on a key; true where it was one of the page's.
fn shortcut(key: &KeyboardEvent, on: &Callback<Action>, editor: &EditorHandle) -> bool {
    if key.ctrl_key() || key.meta_key() {
        return false;
    }
    if key.alt_key() {
        // By place on the keyboard: with Alt held, many layouts give another character.
        match key.code().as_str() {
            "Digit1" => {
                on.emit(Action::ShowPane(Pane::Policy));
                let editor = editor.clone();
                after_render(move || editor.focus());
            }
            "Digit2" => show_and_focus(on, Pane::Events, "#events-grid"),
            "Digit3" => show_and_focus(on, Pane::Inspector, "#inspector [role=tabpanel]"),
            "Digit4" => show_and_focus(on, Pane::Volume, ".volume > .body"),
            _ => return false,
        }
        return true;
    }
    if in_field(key) {
        return false;
    }
    match key.key().as_str() {
        "/" => show_and_focus(on, Pane::Events, "#filter"),
        "?" => on.emit(Action::ShowDialog(Some(Dialog::Help))),
        _ => return false,
    }
    true
}

/// Shows a part, where only one is shown, and moves the focus there.
pub fn show_and_focus(on: &Callback<Action>, pane: Pane, selector: &'static str) {
    on.emit(Action::ShowPane(pane));
    after_render(move || {
        platform::focus(selector);
    });
}

/// Runs once the page shows what was just asked for.
pub fn after_render(act: impl FnOnce() + 'static) {
    gloo::timers::callback::Timeout::new(0, act).forget();
}

/// Where text is typed, the editor included, and open dialogs.
const FIELDS: &str =
    "input, textarea, select, [contenteditable]:not([contenteditable=false]), dialog";

/// Whether an event comes from where text is typed. Its path tells that also of an element that was taken away meanwhile, as the editor
/// does with a line that changes.
fn in_field(event: &Event) -> bool {
    event.composed_path().iter().any(|target| {
        let element = target.dyn_into::<Element>();
        element.is_ok_and(|element| element.matches(FIELDS).unwrap_or(false))
    })
}

/// The size of an element in pixels, kept up to date; zeros before it is known.
#[hook]
pub fn use_size(node: &NodeRef) -> (f64, f64) {
    let size = use_state_eq(|| (0.0, 0.0));
    {
        let (node, set) = (node.clone(), size.setter());
        use_effect_with((), move |()| {
            let element = node.cast::<Element>();
            let measured = element.clone();
            let callback = Closure::<dyn FnMut(JsValue)>::new(move |_| {
                if let Some(element) = &measured {
                    set.set((
                        f64::from(element.client_width()),
                        f64::from(element.client_height()),
                    ));
                }
            });
            let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(callback);
            }
        });
    }
    *size
}
