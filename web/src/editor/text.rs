//! An editor of a YAML text that is not the policy, such as its tests.

use std::cell::RefCell;
use std::rc::Rc;

use playground_protocol::ClaimsStep;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{create_text_editor, destroy, flush, messages, reveal, set_findings, set_text};
use crate::identity_rc::IdentityRc;
use crate::state::EditorDocument;

/// Handle of an editor, once it is mounted. Cloning shares it.
#[derive(Clone, Default)]
pub struct TextEditorHandle(Rc<RefCell<Option<Mounted>>>);

struct Mounted {
    handle: JsValue,
    /// Kept as long as the editor may call it.
    _on_change: Closure<dyn FnMut(String)>,
}

impl PartialEq for TextEditorHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl TextEditorHandle {
    fn with(&self, act: impl FnOnce(&JsValue)) {
        let mounted = self.0.borrow();
        let handle = mounted.as_ref().map(|mounted| mounted.handle.clone());
        drop(mounted);
        if let Some(handle) = handle {
            act(&handle);
        }
    }

    /// Scrolls to a range of the text and selects it.
    pub fn reveal(&self, from: usize, to: usize) {
        self.with(|handle| reveal(handle, from, to));
    }

    /// Sends the text that waits for a pause in typing. It arrives before this returns.
    pub fn flush(&self) {
        self.with(flush);
    }

    fn unmount(&self) {
        let mounted = self.0.borrow_mut().take();
        if let Some(mounted) = mounted {
            destroy(&mounted.handle);
        }
    }
}

/// Properties of [`TextEditor`].
#[derive(Properties, PartialEq)]
pub struct TextEditorProps {
    /// Handle for commands.
    pub handle: TextEditorHandle,
    /// Text to show if its revision has changed.
    pub document: IdentityRc<EditorDocument>,
    /// Current text, for a new editor.
    pub text: IdentityRc<String>,
    /// Name for screen readers.
    pub label: &'static str,
    /// Results of the text, whose problems are underlined.
    pub results: Option<IdentityRc<ClaimsStep>>,
    /// Receives the text after each change.
    pub onchange: Callback<String>,
}

/// An editor of a text.
#[function_component]
pub fn TextEditor(props: &TextEditorProps) -> Html {
    let host = use_node_ref();
    {
        let (host, handle, onchange) = (host.clone(), props.handle.clone(), props.onchange.clone());
        let (text, label) = (props.text.clone(), props.label);
        use_effect_with(props.document.clone(), move |document| {
            let is_mounted = handle.0.borrow().is_some();
            if is_mounted {
                handle.with(|editor| set_text(editor, &document.text));
            } else if let Some(element) = host.cast::<HtmlElement>() {
                let on_change = Closure::new(move |text| onchange.emit(text));
                let created = create_text_editor(&element, &text, label, &on_change);
                *handle.0.borrow_mut() = Some(Mounted {
                    handle: created,
                    _on_change: on_change,
                });
            }
        });
    }
    {
        let handle = props.handle.clone();
        use_effect_with(props.results.clone(), move |results| {
            let problems = match results.as_deref() {
                Some(ClaimsStep::Unreadable(problems)) => problems.as_slice(),
                _ => &[],
            };
            let findings = messages::problems(problems);
            handle.with(|editor| set_findings(editor, &findings));
        });
    }
    {
        let handle = props.handle.clone();
        use_effect_with((), move |()| move || handle.unmount());
    }
    html! { <div class="editor of-tests" ref={host}></div> }
}
