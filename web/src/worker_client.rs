//! Client of the worker: starts it, sends messages, and dispatches its messages as actions.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use playground_protocol::{ToPage, ToWorker, decode, encode};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageEvent, Worker};
use yew::Callback;

use crate::heartbeat::{CHECK_INTERVAL_MS, Check, Heartbeat};
use crate::platform;
use crate::state::Action;
use crate::state::worker::{StopReason, WorkerAction};

// The module is in the page only; on the host the functions exist and are never called.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/start.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = startWorker, catch)]
    async fn start_worker() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = endWorker)]
    fn end_worker(worker: &Worker);
}

/// Delay in milliseconds before suggestions are requested.
const SUGGESTION_DELAY_MS: u32 = 300;

/// Connection to the worker. Cloning shares it.
#[derive(Clone, Default)]
pub struct WorkerClient(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    on: Callback<Action>,
    worker: Option<Worker>,
    /// Number of workers so far, to ignore events of earlier ones.
    worker_id: u32,
    /// Messages sent before the worker was created.
    waiting: Vec<Object>,
    /// Opened files, by number: a log may be reopened.
    files: Vec<Array>,
    listeners: Vec<EventListener>,
    heartbeat: Heartbeat,
}

impl PartialEq for WorkerClient {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl WorkerClient {
    /// Starts the worker. Its messages, and a failure to start, arrive as actions.
    pub fn start(&self, on: &Callback<Action>) {
        self.0.borrow_mut().on = on.clone();
        self.spawn();
    }

    /// Ends the worker and starts another one, which has no data.
    pub fn restart(&self) {
        {
            let mut inner = self.0.borrow_mut();
            inner.listeners.clear();
            inner.waiting.clear();
            inner.heartbeat = Heartbeat::default();
            if let Some(worker) = inner.worker.take() {
                end_worker(&worker);
            }
        }
        self.spawn();
    }

    fn spawn(&self) {
        let worker_id = {
            let mut inner = self.0.borrow_mut();
            inner.worker_id = inner.worker_id.wrapping_add(1);
            inner.worker_id
        };
        let client = self.clone();
        spawn_local(async move {
            match start_worker().await.map(Worker::unchecked_from_js) {
                Ok(worker) if client.is_current(worker_id) => client.listen(worker, worker_id),
                Ok(worker) => end_worker(&worker),
                Err(_) => client.emit(Action::Worker(WorkerAction::Unavailable(
                    "The engine could not be started: its files could not be loaded, or this browser doesn't allow workers."
                        .to_owned(),
                ))),
            }
        });
    }

    /// Returns the worker, unless it is being started.
    pub fn worker(&self) -> Option<Worker> {
        self.0.borrow().worker.clone()
    }

    fn is_current(&self, worker_id: u32) -> bool {
        self.0.borrow().worker_id == worker_id
    }

    fn emit(&self, action: Action) {
        let on = self.0.borrow().on.clone();
        on.emit(action);
    }

    /// Listens to a worker. It belongs to a frame, whose events and arrays are not instances of this window's classes.
    fn listen(&self, worker: Worker, worker_id: u32) {
        let failed = |event: &'static str, reason: &'static str| {
            let client = self.clone();
            EventListener::new(&worker, event, move |event| {
                let said = Reflect::get(event, &"message".into()).ok();
                let said = said.and_then(|said| said.as_string());
                let said = said.filter(|said| !said.is_empty());
                let reason = said.unwrap_or_else(|| reason.to_owned());
                client.emit(Action::Worker(WorkerAction::Stopped(StopReason::Failed(
                    reason,
                ))));
            })
        };
        let client = self.clone();
        let listeners = vec![
            EventListener::new(&worker, "message", move |event| {
                let event: &MessageEvent = event.unchecked_ref();
                client.handle_message(&event.data(), worker_id);
            }),
            failed("error", "its script could not be run"),
            failed("messageerror", "one of its messages could not be read"),
        ];
        let mut inner = self.0.borrow_mut();
        inner.listeners = listeners;
        for message in inner.waiting.drain(..) {
            post(&worker, &message);
        }
        inner.worker = Some(worker);
    }

    /// Handles a message: bytes of the engine, or an object of the script that starts it.
    fn handle_message(&self, data: &JsValue, worker_id: u32) {
        self.0
            .borrow_mut()
            .heartbeat
            .message_received(platform::now());
        if !ArrayBuffer::is_view(data) {
            return self.handle_script_message(data, worker_id);
        }
        match decode::<ToPage>(&data.unchecked_ref::<Uint8Array>().to_vec()) {
            Some(tell) => {
                self.track_reply(&tell);
                self.emit(Action::WorkerMessage(tell));
            }
            None => self.emit(Action::ShowError(
                "The page and its worker have different versions. Reload the page.".to_owned(),
            )),
        }
    }

    fn handle_script_message(&self, data: &JsValue, worker_id: u32) {
        let get = |name: &str| {
            let value = Reflect::get(data, &name.into()).ok();
            value.filter(|value| !value.is_undefined())
        };
        if let Some(lock) = get("alive").and_then(|lock| lock.as_string()) {
            self.watch_lock(&lock, worker_id);
        } else if let Some(reason) = get("stopped") {
            let reason = reason.as_string().unwrap_or_default();
            let failed = get("memory")
                .and_then(|bytes| bytes.as_f64())
                .unwrap_or(0.0);
            self.emit(Action::Worker(WorkerAction::Stopped(StopReason::of(
                reason,
                failed > 0.0,
            ))));
        }
    }

    /// Waits for the lock that the worker holds while it is alive: once the page gets it, the worker has ended, however busy it was.
    fn watch_lock(&self, lock: &str, worker_id: u32) {
        let (lock, client) = (lock.to_owned(), self.clone());
        spawn_local(async move {
            // In a browser without locks, only the heartbeat notices it.
            if platform::locked(&lock).await.is_ok() && client.is_current(worker_id) {
                client.emit(Action::Worker(WorkerAction::Stopped(
                    StopReason::Terminated,
                )));
            }
        });
    }

    fn track_reply(&self, tell: &ToPage) {
        {
            let heartbeat = &mut self.0.borrow_mut().heartbeat;
            match tell {
                ToPage::Ready { .. } => heartbeat.worker_ready(),
                ToPage::Pong => return heartbeat.pong_received(),
                // While a log is read, the page may send nothing for a long time.
                ToPage::Progress(_) => {}
                _ => return,
            }
        }
        self.expect_reply();
    }

    /// Expects a reply of the worker.
    fn expect_reply(&self) {
        if self.0.borrow_mut().heartbeat.expect_reply() {
            self.schedule_check();
        }
    }

    fn schedule_check(&self) {
        let (client, worker_id) = (self.clone(), self.0.borrow().worker_id);
        Timeout::new(CHECK_INTERVAL_MS, move || {
            if client.is_current(worker_id) {
                client.check();
            }
        })
        .forget();
    }

    fn check(&self) {
        let check = self.0.borrow_mut().heartbeat.check(platform::now());
        match check {
            Check::Idle => return,
            Check::Wait => {}
            Check::Ping => self.post_now(&ToWorker::Ping, None),
            Check::Unresponsive(seconds) => self.emit(Action::Worker(WorkerAction::Busy(seconds))),
        }
        self.schedule_check();
    }

    /// Stores files to open, and returns their number.
    pub fn add_files(&self, files: Vec<&File>) -> u32 {
        let mut inner = self.0.borrow_mut();
        inner.files.push(files.into_iter().collect());
        u32::try_from(inner.files.len()).unwrap_or(u32::MAX)
    }

    /// Sends a message, with the files of this number attached.
    pub fn send(&self, ask: &ToWorker, files: Option<u32>) {
        if matches!(ask, ToWorker::Suggestions) {
            // They take longer than a keystroke may wait, so they are requested when typing pauses.
            let client = self.clone();
            Timeout::new(SUGGESTION_DELAY_MS, move || {
                client.send_now(&ToWorker::Suggestions, None)
            })
            .forget();
        } else {
            self.send_now(ask, files);
        }
    }

    fn send_now(&self, ask: &ToWorker, files: Option<u32>) {
        self.post_now(ask, files);
        self.expect_reply();
    }

    fn post_now(&self, ask: &ToWorker, files: Option<u32>) {
        let mut inner = self.0.borrow_mut();
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
    // Messages are bytes and files, which can always be cloned.
    debug_assert!(posted.is_ok());
}
