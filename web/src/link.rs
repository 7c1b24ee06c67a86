//! The worker's end of the line: starts it, posts questions, hands its answers on.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Object, Reflect, Uint8Array};
use playground_protocol::{Ask, Tell, decode, encode};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, File, MessageEvent, Response, Url, Worker};
use yew::Callback;

use crate::json::Json;
use crate::platform;
use crate::sink::Sink;
use crate::state::Action;

/// The page's `meta` elements that name the worker's script and binary.
const SCRIPT: &str = "meta[name=worker-script]";
const BINARY: &str = "meta[name=worker-wasm]";

/// Milliseconds after which proposals are worked out.
const REST_MS: u32 = 300;

/// A line to the worker. Cloning shares it.
#[derive(Clone, Default)]
pub struct Link(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    worker: Option<Worker>,
    /// What was asked before the worker's script was there.
    waiting: Vec<Object>,
    /// Files that were chosen, by number: a log may be opened again.
    files: Vec<Array>,
    sink: Sink,
    listeners: Vec<EventListener>,
}

impl PartialEq for Link {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Link {
    /// Starts the worker; what it says arrives as actions, also that it could not start.
    pub fn start(&self, on: &Callback<Action>) {
        let (link, on) = (self.clone(), on.clone());
        spawn_local(async move {
            match spawn().await {
                Ok(worker) => link.listen(worker, &on),
                Err(_) => on.emit(Action::WorkerDown(
                    "This browser does not let the page start a worker, so no log can be read here."
                        .to_owned(),
                )),
            }
        });
    }

    fn listen(&self, worker: Worker, on: &Callback<Action>) {
        let mut inner = self.0.borrow_mut();
        inner.listeners = vec![
            on_message(&worker, inner.sink.clone(), on.clone()),
            on_error(&worker, on.clone()),
        ];
        for message in inner.waiting.drain(..) {
            post(&worker, &message);
        }
        inner.worker = Some(worker);
    }

    /// Keeps files that are to be opened; the number under which they are kept.
    pub fn stage(&self, files: Vec<&File>) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.files.push(files.into_iter().collect());
        u32::try_from(inner.files.len()).unwrap_or(u32::MAX)
    }

    /// Where lines to copy or to save go.
    pub fn sink(&self) -> Sink {
        self.0.borrow().sink.clone()
    }

    /// Posts a question, with the files of this number beside it.
    pub fn send(&self, ask: &Ask, files: Option<u32>) {
        if matches!(ask, Ask::Proposals) {
            // They take longer than a keystroke may wait: they come when typing rests.
            let link = self.clone();
            Timeout::new(REST_MS, move || link.send_now(&Ask::Proposals, None)).forget();
        } else {
            self.send_now(ask, files);
        }
    }

    fn send_now(&self, ask: &Ask, files: Option<u32>) {
        let mut inner = self.0.borrow_mut();
        match ask {
            Ask::Lines { errand, .. } => inner.sink.expect(*errand),
            Ask::DropLines => inner.sink.drop_all(),
            _ => {}
        }
        let kept = files
            .and_then(|number| usize::try_from(number).ok()?.checked_sub(1))
            .and_then(|at| inner.files.get(at));
        let files = kept.cloned().unwrap_or_default();
        let bytes = Uint8Array::from(encode(ask).as_slice());
        let message = Object::new();
        let set = Reflect::set(&message, &"bytes".into(), &bytes)
            .and_then(|_| Reflect::set(&message, &"files".into(), &files));
        debug_assert!(set.is_ok());
        match &inner.worker {
            Some(worker) => post(worker, &message),
            None => inner.waiting.push(message),
        }
    }
}

fn post(worker: &Worker, message: &Object) {
    let posted = worker.post_message(message);
    // What is posted here is bytes and files; both can always be cloned.
    debug_assert!(posted.is_ok());
}

/// The worker starts from a Blob, so that it also starts where the page has no origin of its own, and so that it can start others
/// like itself without asking for anything. Its script collects what is asked before the engine is up, and turns failures that the
/// page would not hear of into errors. A worker called `reader` is given the compiled engine as its first message.
async fn spawn() -> Result<Worker, JsValue> {
    let script = text_of(&address(SCRIPT)?).await?;
    let binary = quoted(&address(BINARY)?);
    let boot = [
        "self.pending=[];const keep=self.onmessage=e=>self.pending.push(e.data);",
        "const fail=e=>setTimeout(()=>{throw e});",
        // What a file or a stream of the browser's refuses is no crash of the engine, which has heard of it where it waits for it.
        "self.onunhandledrejection=e=>{if(!(e.reason instanceof DOMException))fail(e.reason)};",
        &script,
        ";const boot=m=>wasm_bindgen({module_or_path:m}).catch(fail);",
        "if(self.name===\"reader\")self.onmessage=e=>{self.onmessage=keep;boot(e.data)};else boot(",
        &binary,
        ");",
    ]
    .concat();
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&boot.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    Worker::new(&url)
}

async fn text_of(address: &str) -> Result<String, JsValue> {
    let response = JsFuture::from(gloo::utils::window().fetch_with_str(address)).await?;
    let response: Response = response.dyn_into()?;
    if !response.ok() {
        return Err("the worker's script is not there".into());
    }
    let text = JsFuture::from(response.text()?).await?;
    text.as_string()
        .ok_or_else(|| "the worker's script is no text".into())
}

/// The absolute address that a `meta` element names relative to the page; a Blob has no base of its own.
fn address(meta: &str) -> Result<String, JsValue> {
    let document = gloo::utils::document();
    let relative = document
        .query_selector(meta)?
        .and_then(|element| element.get_attribute("content"))
        .ok_or("the page does not name its worker")?;
    let base = document.base_uri()?.unwrap_or_default();
    Ok(Url::new_with_base(&relative, &base)?.href())
}

/// A text as a JavaScript literal.
fn quoted(text: &str) -> String {
    let mut json = Json::default();
    json.text(text);
    json.finish()
}

fn on_message(worker: &Worker, sink: Sink, on: Callback<Action>) -> EventListener {
    EventListener::new(worker, "message", move |event| {
        let bytes = event
            .dyn_ref::<MessageEvent>()
            .and_then(|event| event.data().dyn_into::<Uint8Array>().ok());
        let Some(bytes) = bytes else { return };
        match decode::<Tell>(&bytes.to_vec()) {
            Some(Tell::Piece(piece)) => sink.take(piece, on.clone()),
            Some(Tell::Archive(name, bytes)) => {
                if platform::save_bytes(&name, &bytes).is_err() {
                    on.emit(Action::Fail(
                        "this browser does not let the page save a file".to_owned(),
                    ));
                }
            }
            Some(tell) => on.emit(Action::Tell(tell)),
            None => on.emit(Action::Fail(
                "The page and its worker are of different versions; reload the page.".to_owned(),
            )),
        }
    })
}

fn on_error(worker: &Worker, on: Callback<Action>) -> EventListener {
    EventListener::new(worker, "error", move |event| {
        let reason = event
            .dyn_ref::<ErrorEvent>()
            .map(ErrorEvent::message)
            .unwrap_or_default();
        let mut sentence = "The worker, which reads the log, has stopped".to_owned();
        if !reason.is_empty() {
            sentence.push_str(" (`");
            sentence.push_str(&reason);
            sentence.push_str("`)");
        }
        sentence.push_str(". Reload the page to go on; copy your policy first.");
        on.emit(Action::WorkerDown(sentence));
    })
}
