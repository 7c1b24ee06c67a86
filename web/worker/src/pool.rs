//! Workers that read pieces of a file for the engine: from its side, and from theirs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::WebAssembly::Memory;
use js_sys::{Array, ArrayBuffer, BigUint64Array, Function, Object, Promise, Reflect, Uint8Array};
use playground_protocol::{decode, encode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent, Worker, WorkerOptions};

use crate::piece::{Found, PieceReader, Wanted};
use crate::wasm::now;

/// What a worker is called that reads pieces.
pub(crate) const READER: &str = "reader";

/// No more than so many are started.
const MOST: usize = 8;

/// Milliseconds that a reader may take for a piece: a thousand times what it takes.
const MAX_WAIT_MS: f64 = 30_000.0;

/// Milliseconds between two looks at readers that take long.
const LOOK_MS: f64 = 5_000.0;

/// Readers, and what they have answered.
pub(crate) struct Pool {
    workers: Vec<Worker>,
    answers: Rc<Answers>,
}

/// What a reader has answered.
pub(crate) struct Answer {
    /// What it found.
    pub(crate) found: Found,
    /// The rows.
    pub(crate) rows: Vec<u64>,
    /// The buffer in which the piece came.
    pub(crate) buffer: Option<ArrayBuffer>,
}

#[derive(Default)]
struct Answers {
    by_number: RefCell<BTreeMap<u32, Answer>>,
    run: Cell<u32>,
    is_broken: Cell<bool>,
    /// Since when an answer is waited for.
    waiting_since: Cell<Option<f64>>,
    /// Bytes of memory that each reader holds.
    memory: RefCell<Vec<f64>>,
    waker: RefCell<Option<Waker>>,
}

impl Answers {
    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Gives up on readers that do not answer: one may have ended without a word.
    fn look(&self) {
        let is_late = |since| now() - since > MAX_WAIT_MS;
        if self.waiting_since.get().is_some_and(is_late) {
            self.is_broken.set(true);
            self.wake();
        }
    }

    fn add(&self, message: &JsValue) {
        let get = |name: &str| Reflect::get(message, &name.into()).ok();
        let bytes = get("bytes").and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
        let Some(found) = bytes.and_then(|bytes| decode::<Found>(&bytes.to_vec())) else {
            self.is_broken.set(true);
            return self.wake();
        };
        if found.run != self.run.get() {
            return;
        }
        let reader = found.number as usize % self.memory.borrow().len().max(1);
        if let Some(memory) = self.memory.borrow_mut().get_mut(reader) {
            *memory = found.memory;
        }
        let rows = get("rows").and_then(|rows| rows.dyn_into::<BigUint64Array>().ok());
        let answer = Answer {
            rows: rows.map(|rows| rows.to_vec()).unwrap_or_default(),
            buffer: get("buffer").and_then(|buffer| buffer.dyn_into().ok()),
            found,
        };
        self.by_number
            .borrow_mut()
            .insert(answer.found.number, answer);
        self.wake();
    }
}

impl Pool {
    /// Starts as many readers as there are cores; none where there is one core, or where a worker can start no workers.
    pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) -> Option<Self> {
        let cores = scope.navigator().hardware_concurrency() as usize;
        if cores < 2 {
            return None;
        }
        let answers = Rc::new(Answers::default());
        let address = scope.location().href();
        let workers = (0..cores.min(MOST)).map(|_| start_one(&address, &answers));
        let workers: Result<Vec<Worker>, JsValue> = workers.collect();
        answers.memory.borrow_mut().resize(cores.min(MOST), 0.0);
        look_now_and_then(&answers);
        workers.ok().map(|workers| Self { workers, answers })
    }

    /// Bytes of memory that they hold.
    pub(crate) fn memory(&self) -> f64 {
        self.answers.memory.borrow().iter().sum()
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.workers.len()
    }

    /// Begins another run of pieces, and returns its number. What is still under way is not wanted any more.
    pub(crate) fn begin(&self) -> u32 {
        self.answers.run.set(self.answers.run.get().wrapping_add(1));
        self.answers.by_number.borrow_mut().clear();
        self.answers.run.get()
    }

    /// Which reader has a piece.
    pub(crate) const fn reader_of(&self, number: u32) -> usize {
        number as usize % self.workers.len()
    }

    /// Hands over a piece: the start of its first line, and what comes behind that.
    pub(crate) fn hand(&self, wanted: &Wanted, start: &Uint8Array, rest: &Uint8Array) {
        let message = Object::new();
        let bytes = Uint8Array::from(encode(wanted).as_slice());
        let parts = Array::of2(start, rest);
        let set = Reflect::set(&message, &"bytes".into(), &bytes)
            .and_then(|_| Reflect::set(&message, &"piece".into(), &parts));
        let moved = Array::of2(&start.buffer(), &rest.buffer());
        let worker = self.workers.get(self.reader_of(wanted.number));
        let is_posted = worker.is_some_and(|worker| {
            let posted = worker.post_message_with_transfer(&message, &moved);
            set.is_ok() && posted.is_ok()
        });
        if !is_posted {
            self.answers.is_broken.set(true);
        }
    }

    /// What was found in a piece that was asked for; none where the readers have failed.
    pub(crate) async fn answer(&self, number: u32) -> Option<Answer> {
        poll_fn(|context| {
            let answer = self.answers.by_number.borrow_mut().remove(&number);
            if answer.is_some() || self.answers.is_broken.get() {
                self.answers.waiting_since.set(None);
                return Poll::Ready(answer);
            }
            if self.answers.waiting_since.get().is_none() {
                self.answers.waiting_since.set(Some(now()));
            }
            *self.answers.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// Has the answers looked at for as long as there are any.
fn look_now_and_then(answers: &Rc<Answers>) {
    let answers = Rc::downgrade(answers);
    let look = Closure::<dyn FnMut()>::new(move || {
        if let Some(answers) = answers.upgrade() {
            answers.look();
        }
    });
    let interval = Reflect::get(&js_sys::global(), &"setInterval".into())
        .and_then(|interval| interval.dyn_into::<Function>());
    if let Ok(interval) = interval {
        // Without it, readers are waited for as long as they take.
        let _ = interval.call2(&JsValue::UNDEFINED, look.as_ref(), &LOOK_MS.into());
    }
    look.forget();
}

fn start_one(address: &str, answers: &Rc<Answers>) -> Result<Worker, JsValue> {
    let options = WorkerOptions::new();
    options.set_name(READER);
    let worker = Worker::new_with_options(address, &options)?;
    let listening = Rc::clone(answers);
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        listening.add(&event.data());
    });
    worker.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    let failing = Rc::clone(answers);
    let fail = Closure::<dyn FnMut()>::new(move || {
        failing.is_broken.set(true);
        failing.wake();
    });
    worker.set_onerror(Some(fail.as_ref().unchecked_ref()));
    fail.forget();
    // A reader is the same program, compiled once.
    worker.post_message(&wasm_bindgen::module())?;
    Ok(worker)
}

thread_local! {
    static PIECES: RefCell<PieceReader> = RefCell::default();
}

/// A reader's side: reads what it is handed.
pub(crate) fn take(message: &JsValue) {
    let get = |name: &str| Reflect::get(message, &name.into()).ok();
    let wanted = get("bytes")
        .and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok())
        .and_then(|bytes| decode::<Wanted>(&bytes.to_vec()));
    let parts = get("piece").and_then(|parts| parts.dyn_into::<Array>().ok());
    let (Some(wanted), Some(parts)) = (wanted, parts) else {
        return;
    };
    let Wanted { run, number, from } = wanted;
    let lines = joined(&parts);
    let content = PIECES.with_borrow_mut(|pieces| pieces.read(run, &lines, from));
    let (content, rows) = content.unzip();
    let found = Found {
        run,
        number,
        memory: memory(),
        content,
    };
    let buffer = parts.get(1).unchecked_into::<Uint8Array>().buffer();
    answer(&found, &rows.unwrap_or_default(), &buffer);
}

fn joined(parts: &Array) -> Vec<u8> {
    let parts: Vec<Uint8Array> = parts.iter().map(JsCast::unchecked_into).collect();
    let length = |part: &Uint8Array| part.length() as usize;
    let mut all = vec![0; parts.iter().map(length).sum()];
    let mut start = 0;
    for part in &parts {
        let end = start + length(part);
        // Invariant: there is room for every part.
        part.copy_to(all.get_mut(start..end).unwrap_or_default());
        start = end;
    }
    all
}

fn answer(found: &Found, rows: &[u64], buffer: &Object) {
    let message = Object::new();
    let bytes = Uint8Array::from(encode(found).as_slice());
    let rows = BigUint64Array::from(rows);
    let set = Reflect::set(&message, &"bytes".into(), &bytes)
        .and_then(|_| Reflect::set(&message, &"rows".into(), &rows))
        .and_then(|_| Reflect::set(&message, &"buffer".into(), buffer));
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let moved = Array::of3(&bytes.buffer(), &rows.buffer(), buffer);
    // What cannot be posted has nobody to hear of it: the engine is gone.
    let _ = set.and_then(|_| scope.post_message_with_transfer(&message, &moved));
}

/// Bytes of memory that this worker holds; it never gives any back.
pub(crate) fn memory() -> f64 {
    let memory = wasm_bindgen::memory().unchecked_into::<Memory>();
    let buffer = memory.buffer().unchecked_into::<ArrayBuffer>();
    f64::from(buffer.byte_length())
}

/// Asks for bytes of a file.
pub(crate) fn bytes_of(file: &Blob, from: f64, to: f64) -> Option<Promise> {
    let slice = file
        .slice_with_f64_and_f64(from, to.min(file.size()))
        .ok()?;
    Some(slice.array_buffer())
}

/// The bytes that were asked for.
pub(crate) async fn bytes_from(coming: Option<Promise>) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(coming?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
