//! The policy editor: a component around its JavaScript module, and a handle for commands.

mod messages;
mod text;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use playground_protocol::{
    AnswerReport, Edit, EventId, KubernetesVersion, PolicyReport, RuleIndex,
};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::identity_rc::IdentityRc;
use crate::platform;
use crate::state::{Action, EditorDocument};

pub use text::{TextEditor, TextEditorHandle};

// The module is bundled for the page only; on the host the functions exist and are never called.
#[cfg_attr(
    target_arch = "wasm32",
    wasm_bindgen(module = "/js/generated/editor.js")
)]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = createEditor)]
    fn create_editor(
        host: &HtmlElement,
        doc: &str,
        on_change: &Closure<dyn FnMut(String)>,
        on_rule: &Closure<dyn FnMut(f64)>,
    ) -> JsValue;
    #[wasm_bindgen(js_name = createTextEditor)]
    fn create_text_editor(
        host: &HtmlElement,
        doc: &str,
        label: &str,
        on_change: &Closure<dyn FnMut(String)>,
    ) -> JsValue;
    #[wasm_bindgen(js_name = setText)]
    fn set_text(handle: &JsValue, text: &str);
    #[wasm_bindgen(js_name = setFindings)]
    fn set_findings(handle: &JsValue, findings: &str);
    #[wasm_bindgen(js_name = setRules)]
    fn set_rules(handle: &JsValue, rules: &str, rejected: bool);
    #[wasm_bindgen(js_name = setStale)]
    fn set_stale(handle: &JsValue, stale: bool);
    #[wasm_bindgen(js_name = markRule)]
    fn mark_rule(handle: &JsValue, index: i32, scroll: bool);
    #[wasm_bindgen(js_name = reveal)]
    fn reveal(handle: &JsValue, from: usize, to: usize);
    #[wasm_bindgen(js_name = applyEdits)]
    fn apply_edits(handle: &JsValue, edits: &str);
    #[wasm_bindgen(js_name = undoLast)]
    fn undo_last(handle: &JsValue);
    #[wasm_bindgen(js_name = focus)]
    fn focus(handle: &JsValue);
    #[wasm_bindgen(js_name = destroy)]
    fn destroy(handle: &JsValue);
    #[wasm_bindgen(js_name = highlight)]
    fn colored(text: &str, is_yaml: bool) -> Array;
    #[wasm_bindgen(js_name = setSlow)]
    fn set_slow(handle: &JsValue, slow: bool);
    #[wasm_bindgen(js_name = flush)]
    fn flush(handle: &JsValue);
    #[wasm_bindgen(js_name = keyHelp)]
    fn list_keys() -> Array;
    #[wasm_bindgen(js_name = setReadOnly)]
    fn set_read_only(handle: &JsValue, is_read_only: bool);
    #[wasm_bindgen(js_name = setVersion)]
    fn set_version(version: &str);
}

/// Returns the editor's keys and what each does, from its key bindings.
pub fn key_help() -> Vec<(String, String)> {
    let words: Vec<String> = list_keys()
        .iter()
        .filter_map(|word| word.as_string())
        .collect();
    let pairs = words.chunks_exact(2);
    pairs
        .filter_map(|pair| Some((pair.first()?.clone(), pair.get(1)?.clone())))
        .collect()
}

/// Highlights a text: each line as segments of a style class, empty for plain text, and their text. Of a text that is not YAML, only
/// comments and quoted texts are highlighted.
pub fn highlight(text: &str, is_yaml: bool) -> Vec<Vec<(String, String)>> {
    let word = |value: JsValue| value.as_string().unwrap_or_default();
    let line = |line: JsValue| {
        let pieces: Vec<String> = Array::from(&line).iter().map(word).collect();
        let pairs = pieces.chunks_exact(2);
        pairs
            .filter_map(|pair| Some((pair.first()?.clone(), pair.get(1)?.clone())))
            .collect()
    };
    colored(text, is_yaml).iter().map(line).collect()
}

/// Index that the editor uses for no rule.
const NO_RULE: i32 = -1;

/// Handle of the editor, once it is mounted. Cloning shares it.
#[derive(Clone, Default)]
pub struct EditorHandle(Rc<RefCell<Option<Mounted>>>);

/// Maximum duration of an analysis in milliseconds that typing waits for.
const SLOW_MS: f64 = 150.0;

struct Mounted {
    handle: JsValue,
    /// Time when the first text was sent that is not analysed yet.
    sent: Rc<Cell<Option<f64>>>,
    /// Kept as long as the editor may call them.
    _on_change: Closure<dyn FnMut(String)>,
    _on_rule: Closure<dyn FnMut(f64)>,
}

impl PartialEq for EditorHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl EditorHandle {
    fn with(&self, act: impl FnOnce(&JsValue)) {
        let handle = self
            .0
            .borrow()
            .as_ref()
            .map(|mounted| mounted.handle.clone());
        if let Some(handle) = handle {
            act(&handle);
        }
    }

    /// Scrolls to a range of the text and selects it.
    pub fn reveal(&self, from: usize, to: usize) {
        self.with(|handle| reveal(handle, from, to));
    }

    /// Applies edits as if they had been typed, so that they can be undone.
    pub fn apply(&self, edits: &[Edit]) {
        let edits = messages::edits(edits);
        self.with(|handle| apply_edits(handle, &edits));
    }

    /// Undoes the last change.
    pub fn undo(&self) {
        self.with(undo_last);
    }

    /// Sends the text that waits for a pause in typing. It arrives as an action before this returns.
    pub fn flush(&self) {
        self.with(flush);
    }

    /// Moves the focus into the text.
    pub fn focus(&self) {
        self.with(focus);
    }

    /// Measures the analysis that has just finished.
    fn measure_analysis(&self) {
        let sent = self
            .0
            .borrow()
            .as_ref()
            .and_then(|mounted| mounted.sent.take());
        if let Some(sent) = sent {
            let is_slow = js_sys::Date::now() - sent > SLOW_MS;
            self.with(|editor| set_slow(editor, is_slow));
        }
    }

    fn is_mounted(&self) -> bool {
        self.0.borrow().is_some()
    }

    fn mount(&self, host: &HtmlElement, doc: &str, on: &Callback<Action>) {
        let typed = on.clone();
        let sent = Rc::new(Cell::new(None));
        let first = sent.clone();
        let on_change = Closure::new(move |text| {
            first.set(first.get().or(Some(js_sys::Date::now())));
            typed.emit(Action::EditPolicy(text));
        });
        // The rule at the cursor changes nothing elsewhere; a chip is clicked, see `clicked_rule`.
        let on_rule = Closure::new(|_| {});
        let handle = create_editor(host, doc, &on_change, &on_rule);
        *self.0.borrow_mut() = Some(Mounted {
            handle,
            sent,
            _on_change: on_change,
            _on_rule: on_rule,
        });
    }

    fn unmount(&self) {
        if let Some(mounted) = self.0.borrow_mut().take() {
            destroy(&mounted.handle);
        }
    }
}

/// Properties of [`Editor`].
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// Handle for commands.
    pub handle: EditorHandle,
    /// Text to show if its revision has changed.
    pub editor_document: IdentityRc<EditorDocument>,
    /// Findings and rules of the text.
    pub policy: Option<IdentityRc<PolicyReport>>,
    /// The Kubernetes version whose names the editor suggests.
    pub version: KubernetesVersion,
    /// Results of the rules.
    pub answer: Option<IdentityRc<AnswerReport>>,
    /// The results belong to an older text.
    pub stale: bool,
    /// Rule of the selected event, and that event. A change of the event scrolls to the rule.
    pub marked: (Option<RuleIndex>, Option<EventId>),
    /// The editor is shown on a narrow screen.
    pub shown: bool,
    /// The text cannot be edited.
    pub is_read_only: bool,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// The code editor.
#[function_component]
pub fn Editor(props: &EditorProps) -> Html {
    let host = use_node_ref();
    use_mount(&host, props);
    use_read_only(props);
    use_effect_with(props.version, |version| set_version(&version.to_string()));
    use_analysis_speed(&props.handle, props.policy.as_ref());
    use_report(
        &props.handle,
        props.policy.as_ref(),
        props.answer.as_ref(),
        props.stale,
    );
    use_mark(&host, props);
    let onclick = {
        let on = props.on.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(rule) = clicked_rule(&event) {
                on.emit(Action::ToggleRule(Some(RuleIndex::new(rule))));
            }
        })
    };
    html! { <div class="editor" ref={host} {onclick}></div> }
}

/// Returns the rule whose chip in the gutter was clicked. The editor is in a shadow root, so only the event's path contains it.
fn clicked_rule(event: &MouseEvent) -> Option<usize> {
    let target: Element = event.composed_path().get(0).dyn_into().ok()?;
    let chip = target.closest("[data-rule]").ok()??;
    chip.get_attribute("data-rule")?.parse().ok()
}

/// Mounts the editor, and puts texts into it. A first text comes with a new editor, so that undo does not empty it.
#[hook]
fn use_mount(host: &NodeRef, props: &EditorProps) {
    let (host, handle, on) = (host.clone(), props.handle.clone(), props.on.clone());
    use_effect_with(props.editor_document.clone(), move |editor_document| {
        if handle.is_mounted() && !editor_document.first {
            handle.with(|editor| set_text(editor, &editor_document.text));
        } else if let Some(element) = host.cast::<HtmlElement>() {
            handle.unmount();
            handle.mount(&element, &editor_document.text, &on);
        }
    });
    let handle = props.handle.clone();
    use_effect_with((), move |()| move || handle.unmount());
}

/// Allows edits, or none. A new editor allows them.
#[hook]
fn use_read_only(props: &EditorProps) {
    let handle = props.handle.clone();
    use_effect_with(
        (props.is_read_only, props.editor_document.clone()),
        move |(is_read_only, _)| {
            platform::set_root_attribute("read-only", if *is_read_only { "true" } else { "false" });
            handle.with(|editor| set_read_only(editor, *is_read_only));
        },
    );
}

/// Sends the text less often if its analysis is slow.
#[hook]
fn use_analysis_speed(handle: &EditorHandle, policy: Option<&IdentityRc<PolicyReport>>) {
    let handle = handle.clone();
    use_effect_with(policy.cloned(), move |_| handle.measure_analysis());
}

#[hook]
fn use_report(
    handle: &EditorHandle,
    policy: Option<&IdentityRc<PolicyReport>>,
    answer: Option<&IdentityRc<AnswerReport>>,
    stale: bool,
) {
    let editor = handle.clone();
    use_effect_with(policy.cloned(), move |policy| {
        if let Some(policy) = policy {
            let findings = messages::findings(&policy.findings);
            editor.with(|editor| set_findings(editor, &findings));
        }
    });
    let editor = handle.clone();
    use_effect_with(
        (policy.cloned(), answer.cloned()),
        move |(policy, answer)| {
            if let Some(policy) = policy {
                let rules = messages::rules(policy, answer.as_deref());
                editor.with(|editor| set_rules(editor, &rules, !policy.accepted));
            }
        },
    );
    let editor = handle.clone();
    use_effect_with(stale, move |stale| {
        editor.with(|editor| set_stale(editor, *stale));
    });
}

/// Marks the rule of the selected event. Scrolls to it when the event changes or the editor becomes visible, but never while it is
/// hidden, which would scroll the page.
#[hook]
fn use_mark(host: &NodeRef, props: &EditorProps) {
    let (host, handle) = (host.clone(), props.handle.clone());
    let scrolled = use_mut_ref(|| None::<EventId>);
    use_effect_with((props.marked, props.shown), move |((rule, event), _)| {
        let is_seen = host
            .cast::<Element>()
            .is_some_and(|host| platform::is_visible(&host));
        let scroll = is_seen && *scrolled.borrow() != *event;
        if is_seen {
            *scrolled.borrow_mut() = *event;
        }
        let index = rule
            .and_then(|rule| i32::try_from(rule.get()).ok())
            .unwrap_or(NO_RULE);
        handle.with(|editor| mark_rule(editor, index, scroll));
    });
}
