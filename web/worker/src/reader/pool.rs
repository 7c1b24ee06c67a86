//! Pool of workers that read chunks of a file: the engine's side and the readers' side.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::{Array, ArrayBuffer, BigUint64Array, Function, Object, Reflect, Uint8Array};
use playground_protocol::{decode, encode};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker};

use crate::browser::{memory_size, now};
use crate::reader::chunk::{ChunkReader, ChunkRequest, ChunkResult};

#[wasm_bindgen]
extern "C" {
    /// Creates a reader: a worker with the same script and module, and like this one without a network. The script that starts the worker
    /// defines it.
    #[wasm_bindgen(js_name = startReader, catch)]
    fn new_reader() -> Result<Worker, JsValue>;
}

/// Name of a worker that reads chunks.
pub(crate) const READER_NAME: &str = "reader";

/// Maximum number of readers.
const MAX_READERS: usize = 8;

/// Milliseconds that a reader may take for a chunk: a thousand times what it usually takes.
const MAX_WAIT_MS: f64 = 30_000.0;

/// Milliseconds between two checks for readers that take too long.
const CHECK_INTERVAL_MS: f64 = 5_000.0;

/// Readers and the chunks they have read.
pub(crate) struct Pool {
    workers: Vec<Worker>,
    results: Rc<Results>,
}

/// A chunk that was read.
pub(crate) struct ReadChunk {
    /// Its events.
    pub(crate) result: ChunkResult,
    /// Their rows.
    pub(crate) rows: Vec<u64>,
    /// Buffer in which the chunk was sent.
    pub(crate) buffer: Option<ArrayBuffer>,
}

/// Chunks that were read and not received yet.
#[derive(Default)]
struct Results {
    by_index: RefCell<BTreeMap<u32, ReadChunk>>,
    run: Cell<u32>,
    is_broken: Cell<bool>,
    /// Time since when a result is awaited.
    waiting_since: Cell<Option<f64>>,
    /// Memory size of each reader in bytes.
    memory: RefCell<Vec<f64>>,
    waker: RefCell<Option<Waker>>,
}

impl Results {
    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// Marks the pool as broken and wakes whoever awaits a result.
    fn fail(&self) {
        self.is_broken.set(true);
        self.wake();
    }

    /// Fails if a reader takes too long: it may have ended silently.
    fn check_timeout(&self) {
        let is_late = |since| now() - since > MAX_WAIT_MS;
        if self.waiting_since.get().is_some_and(is_late) {
            self.fail();
        }
    }

    /// Adds the result in a reader's message.
    fn add(&self, message: &JsValue) {
        let get = |name: &str| Reflect::get(message, &name.into()).ok();
        let bytes = get("bytes").and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
        let Some(result) = bytes.and_then(|bytes| decode::<ChunkResult>(&bytes.to_vec())) else {
            return self.fail();
        };
        if result.run != self.run.get() {
            return;
        }
        let reader = result.index as usize % self.memory.borrow().len().max(1);
        if let Some(memory) = self.memory.borrow_mut().get_mut(reader) {
            *memory = result.memory;
        }
        let rows = get("rows").and_then(|rows| rows.dyn_into::<BigUint64Array>().ok());
        let chunk = ReadChunk {
            rows: rows.map(|rows| rows.to_vec()).unwrap_or_default(),
            buffer: get("buffer").and_then(|buffer| buffer.dyn_into().ok()),
            result,
        };
        self.by_index.borrow_mut().insert(chunk.result.index, chunk);
        self.wake();
    }
}

impl Pool {
    /// Starts one reader per core. Returns `None` if there is only one core, or if a worker can't start workers.
    pub(crate) fn start(scope: &DedicatedWorkerGlobalScope) -> Option<Self> {
        let cores = scope.navigator().hardware_concurrency() as usize;
        if cores < 2 {
            return None;
        }
        let results = Rc::new(Results::default());
        let workers = (0..cores.min(MAX_READERS)).map(|_| start_reader(&results));
        let workers: Result<Vec<Worker>, JsValue> = workers.collect();
        results
            .memory
            .borrow_mut()
            .resize(cores.min(MAX_READERS), 0.0);
        start_timeout_checks(&results);
        workers.ok().map(|workers| Self { workers, results })
    }

    /// Returns the memory size of all readers in bytes.
    pub(crate) fn memory(&self) -> f64 {
        self.results.memory.borrow().iter().sum()
    }

    /// Returns the number of readers.
    pub(crate) const fn len(&self) -> usize {
        self.workers.len()
    }

    /// Begins a run of chunks and returns its number. Results of earlier runs are dropped.
    pub(crate) fn begin_run(&self) -> u32 {
        self.results.run.set(self.results.run.get().wrapping_add(1));
        self.results.by_index.borrow_mut().clear();
        self.results.run.get()
    }

    /// Returns the index of the reader that reads a chunk.
    pub(crate) const fn reader_of(&self, index: u32) -> usize {
        index as usize % self.workers.len()
    }

    /// Sends a chunk to its reader: the start of its first line, and what follows.
    pub(crate) fn send(&self, request: &ChunkRequest, start: &Uint8Array, rest: &Uint8Array) {
        let message = Object::new();
        let bytes = Uint8Array::from(encode(request).as_slice());
        let parts = Array::of2(start, rest);
        let set = Reflect::set(&message, &"bytes".into(), &bytes)
            .and_then(|_| Reflect::set(&message, &"parts".into(), &parts));
        let transferred = Array::of2(&start.buffer(), &rest.buffer());
        let worker = self.workers.get(self.reader_of(request.index));
        let is_posted = worker.is_some_and(|worker| {
            let posted = worker.post_message_with_transfer(&message, &transferred);
            set.is_ok() && posted.is_ok()
        });
        if !is_posted {
            self.results.is_broken.set(true);
        }
    }

    /// Waits for the result of a chunk. Returns `None` if the readers have failed.
    pub(crate) async fn receive(&self, index: u32) -> Option<ReadChunk> {
        poll_fn(|context| {
            let chunk = self.results.by_index.borrow_mut().remove(&index);
            if chunk.is_some() || self.results.is_broken.get() {
                self.results.waiting_since.set(None);
                return Poll::Ready(chunk);
            }
            if self.results.waiting_since.get().is_none() {
                self.results.waiting_since.set(Some(now()));
            }
            *self.results.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// Checks for readers that take too long, for as long as the pool exists.
fn start_timeout_checks(results: &Rc<Results>) {
    let results = Rc::downgrade(results);
    let check = Closure::<dyn FnMut()>::new(move || {
        if let Some(results) = results.upgrade() {
            results.check_timeout();
        }
    });
    let set_interval = Reflect::get(&js_sys::global(), &"setInterval".into())
        .and_then(|function| function.dyn_into::<Function>());
    if let Ok(set_interval) = set_interval {
        // Without an interval, a reader may take any time.
        let _ = set_interval.call2(
            &JsValue::UNDEFINED,
            check.as_ref(),
            &CHECK_INTERVAL_MS.into(),
        );
    }
    check.forget();
}

fn start_reader(results: &Rc<Results>) -> Result<Worker, JsValue> {
    let worker = new_reader()?;
    let receiving = Rc::clone(results);
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        receiving.add(&event.data());
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    let failing = Rc::clone(results);
    let on_error = Closure::<dyn FnMut()>::new(move || failing.fail());
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    on_error.forget();
    Ok(worker)
}

thread_local! {
    static READER: RefCell<ChunkReader> = RefCell::default();
}

/// Handles a message to a reader: reads the chunk and posts the result.
pub(crate) fn handle_message(message: &JsValue) {
    let get = |name: &str| Reflect::get(message, &name.into()).ok();
    let request = get("bytes")
        .and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok())
        .and_then(|bytes| decode::<ChunkRequest>(&bytes.to_vec()));
    let parts = get("parts").and_then(|parts| parts.dyn_into::<Array>().ok());
    let (Some(request), Some(parts)) = (request, parts) else {
        return;
    };
    let ChunkRequest { run, index, offset } = request;
    let lines = concatenate(&parts);
    let content = READER.with_borrow_mut(|reader| reader.read(run, &lines, offset));
    let (content, rows) = content.unzip();
    let result = ChunkResult {
        run,
        index,
        memory: memory_size(),
        content,
    };
    let buffer = parts.get(1).unchecked_into::<Uint8Array>().buffer();
    post_result(&result, &rows.unwrap_or_default(), &buffer);
}

fn concatenate(parts: &Array) -> Vec<u8> {
    let parts: Vec<Uint8Array> = parts.iter().map(JsCast::unchecked_into).collect();
    let length = |part: &Uint8Array| part.length() as usize;
    let mut bytes = vec![0; parts.iter().map(length).sum()];
    let mut start = 0;
    for part in &parts {
        let end = start + length(part);
        // Invariant: `bytes` is as long as all parts.
        part.copy_to(bytes.get_mut(start..end).unwrap_or_default());
        start = end;
    }
    bytes
}

fn post_result(result: &ChunkResult, rows: &[u64], buffer: &Object) {
    let message = Object::new();
    let bytes = Uint8Array::from(encode(result).as_slice());
    let rows = BigUint64Array::from(rows);
    let set = Reflect::set(&message, &"bytes".into(), &bytes)
        .and_then(|_| Reflect::set(&message, &"rows".into(), &rows))
        .and_then(|_| Reflect::set(&message, &"buffer".into(), buffer));
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let transferred = Array::of3(&bytes.buffer(), &rows.buffer(), buffer);
    // Posting fails only if the engine is gone, and with it everyone who could handle the error.
    let _ = set.and_then(|_| scope.post_message_with_transfer(&message, &transferred));
}
