//! The page inside another page: receives the host's messages and sends it the results. `web/widget/EMBEDDING.md` describes the messages.

use js_sys::Reflect;
use playground_protocol::EventId;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;

use crate::json::JsonWriter;
use crate::state::embed::{EmbedAction, HostAnswer, HostParts, HostTheme};
use crate::state::{Action, AppState};

// The module is in the page only; on the host the functions exist and are never called.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/embed.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = connect)]
    fn connect_to_host(receive: &Closure<dyn FnMut(String, u32, JsValue)>);
    #[wasm_bindgen(js_name = answer)]
    fn answer_message(number: u32, kind: &str, members: &str);
    #[wasm_bindgen(js_name = post)]
    fn post(kind: &str, members: &str);
    #[wasm_bindgen(js_name = isConnected)]
    fn is_connected() -> bool;
    #[wasm_bindgen(js_name = copyByHost, catch)]
    async fn copy_by_host(text: &str) -> Result<JsValue, JsValue>;
}

/// Time that a compact page waits for its host, in milliseconds.
const PATIENCE_MS: u32 = 10_000;

/// Returns whether a host's script shows the page: one part at a time. `web/build/early.js` has found that in the address.
pub fn is_compact() -> bool {
    gloo::utils::document_element().has_attribute("data-embed")
}

/// Returns the theme in the address of a compact page, until the host sets one.
pub fn first_theme() -> Option<HostTheme> {
    let root = gloo::utils::document_element();
    HostTheme::named(&root.get_attribute("data-embed")?)
}

/// Copies a text by the host's script; `None` if there is none.
pub async fn copy(text: &str) -> Option<bool> {
    if !is_connected() {
        return None;
    }
    let copied = copy_by_host(text).await;
    Some(copied.is_ok_and(|copied| copied.is_truthy()))
}

/// Properties of [`HostLink`].
#[derive(Properties, PartialEq)]
struct HostLinkProps {
    /// The first results are shown.
    is_ready: bool,
    /// Results, as the members of a message; `None` while they are computed.
    verdict: Option<String>,
    /// Selected event.
    selected: Option<EventId>,
    /// Receives the host's messages.
    on: Callback<Action>,
}

/// Renders the link to the host, which is not visible.
pub fn host_link(state: &AppState, on: &Callback<Action>) -> Html {
    let is_hosted = state.embed.is_hosted;
    let verdict = if is_hosted { state.verdict() } else { None };
    let selected = state.selected_event().filter(|_| is_hosted);
    html! {
        <HostLink is_ready={is_hosted && state.settled()} {verdict} {selected} on={on.clone()} />
    }
}

/// Receives the host's messages, and sends it the results.
#[function_component]
fn HostLink(props: &HostLinkProps) -> Html {
    let on = props.on.clone();
    use_effect_with((), move |()| start(on));
    use_effect_with(props.is_ready, |is_ready| {
        if *is_ready {
            post("ready", "{}");
        }
    });
    use_effect_with(props.verdict.clone(), |verdict| {
        if let Some(verdict) = verdict {
            post("verdict", verdict);
        }
    });
    use_effect_with(props.selected, |selected| {
        if let Some(event) = selected {
            post("select", &selection(event.recorded_index()));
        }
    });
    Html::default()
}

fn start(on: Callback<Action>) {
    let waiting = on.clone();
    let receive = Closure::new(move |kind: String, number: u32, parts: JsValue| {
        on.emit(Action::Embed(host_action(&kind, number, &parts)));
    });
    connect_to_host(&receive);
    // The page has a host as long as it exists.
    receive.forget();
    gloo::timers::callback::Timeout::new(PATIENCE_MS, move || {
        waiting.emit(Action::Embed(EmbedAction::NoHost));
    })
    .forget();
}

/// Returns the action of a message that `web/js/embed.js` has checked.
fn host_action(kind: &str, number: u32, parts: &JsValue) -> EmbedAction {
    if kind == "get" {
        return EmbedAction::Get(number);
    }
    let member = |name: &str| Reflect::get(parts, &name.into()).ok();
    let text = |name: &str| member(name)?.as_string();
    EmbedAction::Set(
        number,
        Box::new(HostParts {
            workspace: text("workspace"),
            policy: text("policy"),
            version: text("version"),
            lesson: text("lesson"),
            log: text("log"),
            view: text("view"),
            select: member("select").and_then(|index| index.as_f64()).map(whole),
            theme: text("theme"),
            is_read_only: member("readonly").and_then(|flag| flag.as_bool()),
        }),
    )
}

/// Answers a message of the host.
pub fn answer_host(number: u32, answer: HostAnswer) {
    let mut json = JsonWriter::default();
    match answer {
        HostAnswer::Applied => answer_message(number, "", "{}"),
        HostAnswer::Rejected(sentence) => {
            json.object(|json| {
                json.key("problem").text("member");
                json.key("message").text(&sentence);
            });
            answer_message(number, "error", &json.finish());
        }
        HostAnswer::Workspace(workspace) => {
            let members = ["{\"workspace\":", &workspace, "}"].concat();
            answer_message(number, "workspace", &members);
        }
    }
}

/// Returns the members of the message about the selected event, as JSON.
fn selection(index: usize) -> String {
    let mut json = JsonWriter::default();
    json.object(|json| json.key("index").number(index));
    json.finish()
}

/// Returns an index that `web/js/embed.js` has found to be a whole number from 0.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number that is too large is the index of no event"
)]
const fn whole(index: f64) -> u64 {
    index as u64
}
