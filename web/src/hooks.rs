//! Hooks of the page as a whole: saving, theme, drag and drop, paste, shortcuts and measuring.

use gloo::events::{EventListener, EventListenerOptions, EventListenerPhase};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, DragEvent, Element, ResizeObserver};
use yew::prelude::*;

use crate::deferred;
use crate::dom_ids;
use crate::files;
use crate::history;
use crate::platform;
use crate::rest;
use crate::state::embed::HostTheme;
use crate::state::seal::{SealAction, SealStatus};
use crate::state::workspace::{SaveStatus, WorkspaceAction};
use crate::state::{Action, AppState, Dialog, Pane};
use crate::store::Store;
use crate::worker_client::WorkerClient;

/// Writes the workspace when the page is left, with the text that the editor has not sent yet. A page that is left does not render
/// again, so nothing here waits for that.
#[derive(Clone)]
struct SaveOnLeave {
    store: Store,
    on: Callback<Action>,
}

impl SaveOnLeave {
    /// Writes the workspace now.
    fn write(&self) {
        let runner = self.store.runner();
        // The text is dispatched at once, which makes it part of the newest state.
        runner.editor.flush();
        let state = self.store.state();
        if state.should_save() && state.has_all_parts {
            let before = state.workspace.save_status;
            let status = runner.storage.write_now(deferred::workspace_text(&state));
            report_status(status, before, &self.on);
        } else {
            runner.storage.write_pending();
        }
    }
}

fn report_status(status: SaveStatus, before: SaveStatus, on: &Callback<Action>) {
    if status != before {
        on.emit(Action::Workspace(WorkspaceAction::SaveStatusChanged(
            status,
        )));
    }
}

/// Saves the workspace in the browser's storage, and warns before the tab is closed if that is not possible.
#[hook]
pub fn use_saving(store: &Store, on: &Callback<Action>) {
    let state = store.state();
    {
        let (on, state, storage) = (on.clone(), state.clone(), store.runner().storage.clone());
        let should_save = state.should_save() && state.has_all_parts;
        use_effect_with(
            (state.workspace_key(), should_save),
            move |(_, should_save)| {
                if *should_save {
                    let (length, before) = (state.text.len(), state.workspace.save_status);
                    storage.schedule_write(
                        length,
                        move || deferred::workspace_text(&state),
                        move |status| report_status(status, before, &on),
                    );
                }
            },
        );
    }
    let leaving = SaveOnLeave {
        store: store.clone(),
        on: on.clone(),
    };
    {
        let (on, leaving) = (on.clone(), leaving.clone());
        use_effect_with((), move |()| {
            let window = gloo::utils::window();
            let storage = leaving.store.runner().storage.clone();
            let left = leaving.clone();
            let hide = EventListener::new(&window, "pagehide", move |_| left.write());
            let document = gloo::utils::document();
            let leave = EventListener::new(&document, "visibilitychange", move |_| leaving.write());
            let other = EventListener::new(&window, "storage", move |_| {
                if let Some(status) = storage.other_tab_status() {
                    on.emit(Action::Workspace(WorkspaceAction::SaveStatusChanged(
                        status,
                    )));
                }
            });
            move || drop((hide, leave, other))
        });
    }
    // The back/forward cache of some browsers leaves out pages that listen to this event, so an unmodified page does not.
    use_effect_with(state.is_modified_here(), move |is_modified| {
        let listener = is_modified.then(|| {
            let options = EventListenerOptions::enable_prevent_default();
            let window = gloo::utils::window();
            EventListener::new_with_options(&window, "beforeunload", options, move |event| {
                leaving.write();
                if leaving.store.state().is_at_risk() {
                    event.prevent_default();
                }
            })
        });
        move || drop(listener)
    });
}

/// Shows the places that the browser's back and forward buttons lead to.
#[hook]
pub fn use_history(on: &Callback<Action>) {
    let on = on.clone();
    use_effect_with((), move |()| {
        history::start();
        let window = gloo::utils::window();
        let listener = EventListener::new(&window, "popstate", move |_| {
            let state = platform::history_state();
            if let Some(action) = state.and_then(|state| history::action(&state)) {
                on.emit(action);
            }
        });
        move || drop(listener)
    });
}

/// Sets an attribute of the document's root once the first results are on the screen.
#[hook]
pub fn use_ready_attribute(settled: bool) {
    use_effect_with(settled, |settled| {
        if *settled {
            platform::set_root_attribute("ready", "true");
        }
    });
}

/// Puts the page in the place of the static one, which covers it until there is something else to show. See `index.html`.
#[hook]
pub fn use_shell(is_over: bool) {
    use_effect_with(is_over, |is_over| {
        if *is_over {
            platform::remove(dom_ids::SHELL);
            platform::remove_attribute(dom_ids::APP, "inert");
        }
    });
}

/// Loads the second part of the interface when it is needed, and after a failure again once the page has loaded all its files.
#[hook]
pub fn use_rest(state: &AppState, on: &Callback<Action>) {
    let on = on.clone();
    let is_missing = state.needs_all_parts() && !state.has_all_parts;
    let is_sealed = state.seal.status == SealStatus::Sealed;
    use_effect_with((is_missing, is_sealed), move |(is_missing, _)| {
        if *is_missing {
            rest::load(on);
        }
    });
}

/// Seals the page once the first results are on the screen, and after a failure again once the part that was missing is there.
#[hook]
pub fn use_sealing(state: &AppState, on: &Callback<Action>) {
    let on = on.clone();
    use_effect_with(
        (state.settled(), state.is_ready()),
        move |(is_settled, _)| {
            if *is_settled {
                on.emit(Action::Seal(SealAction::Seal));
            }
        },
    );
}

/// Theme of the page.
pub struct Theme {
    /// Name: `system`, `light` or `dark`.
    pub name: &'static str,
    /// Switches to the next theme.
    pub next: Callback<MouseEvent>,
}

/// Returns the theme, which is remembered if the browser allows. That of a host comes first.
#[hook]
pub fn use_theme(host: Option<HostTheme>) -> Theme {
    let theme = use_state(|| match platform::recall("theme").as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    });
    let name = host.map_or(*theme, HostTheme::name);
    use_effect_with(name, |name| platform::set_root_attribute("theme", name));
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

/// Opens files and texts that are dropped anywhere. Returns whether something is dragged over the page.
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
                // Leaving one element for another one of the page names the other.
                let inside = event
                    .dyn_ref::<DragEvent>()
                    .is_some_and(|event| event.related_target().is_some());
                if !inside {
                    left.set(false);
                }
            });
            // Before the editor, which would insert a file's text into the policy.
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

/// Opens what is pasted outside a text field: a policy in the editor, metrics in the volume, anything else as a log.
#[hook]
pub fn use_paste(client: &WorkerClient, on: &Callback<Action>) {
    let (client, on) = (client.clone(), on.clone());
    use_effect_with((), move |()| {
        let listener = EventListener::new(&gloo::utils::document(), "paste", move |event| {
            // The editor has handled it.
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

/// The keyboard shortcuts of the page.
#[hook]
pub fn use_shortcuts(on: &Callback<Action>) {
    let on = on.clone();
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let document = gloo::utils::document();
        let listener =
            EventListener::new_with_options(&document, "keydown", options, move |event| {
                let action = event.dyn_ref::<KeyboardEvent>().and_then(shortcut);
                if let Some(action) = action {
                    on.emit(action);
                    event.prevent_default();
                }
            });
        move || drop(listener)
    });
}

/// Returns the action of a key; `None` if it is not a shortcut.
fn shortcut(key: &KeyboardEvent) -> Option<Action> {
    if key.ctrl_key() || key.meta_key() {
        return None;
    }
    if key.alt_key() {
        // By position on the keyboard: with Alt pressed, many layouts send another character.
        let pane = match key.code().as_str() {
            "Digit1" => Pane::Policy,
            "Digit2" => Pane::Events,
            "Digit3" => Pane::Inspector,
            "Digit4" => Pane::Volume,
            "Digit5" => Pane::Compare,
            "Digit6" => Pane::Ask,
            _ => return None,
        };
        return Some(Action::FocusPane(pane));
    }
    if in_field(key) {
        return None;
    }
    match key.key().as_str() {
        "/" => Some(Action::FocusFilter),
        "?" => Some(Action::ShowDialog(Some(Dialog::Help))),
        _ => None,
    }
}

/// Text fields, the editor included, and open dialogs.
const FIELDS: &str =
    "input, textarea, select, [contenteditable]:not([contenteditable=false]), dialog";

/// Returns whether an event comes from a text field. Its path contains the field even if the target was removed meanwhile, as the
/// editor does with a line that changes.
fn in_field(event: &Event) -> bool {
    event.composed_path().iter().any(|target| {
        let element = target.dyn_into::<Element>();
        element.is_ok_and(|element| element.matches(FIELDS).unwrap_or(false))
    })
}

/// Returns two lengths of an element in pixels, measured whenever its size changes; zeros before it is known.
#[hook]
pub fn use_measured(node: &NodeRef, measure: fn(&Element) -> (f64, f64)) -> (f64, f64) {
    let lengths = use_state_eq(|| (0.0, 0.0));
    {
        let (node, set) = (node.clone(), lengths.setter());
        use_effect_with((), move |()| {
            let element = node.cast::<Element>();
            let measured = element.clone();
            let callback = Closure::<dyn FnMut(JsValue)>::new(move |_| {
                if let Some(element) = &measured {
                    set.set(measure(element));
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
    *lengths
}
