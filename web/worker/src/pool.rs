//! Workers that read pieces of a file for the engine: from its side, and from theirs.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::WebAssembly::Memory;
use js_sys::{Array, ArrayBuffer, BigUint64Array, Object, Promise, Reflect, Uint8Array};
use playground_protocol::{decode, encode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent, Worker, WorkerOptions};

use crate::piece::{Found, PieceReader, Wanted};

/// What a worker is called that reads pieces.
pub(crate) const READER: &str = "reader";

/// No more than so many are started.
const MOST: usize = 8;

/// How many bytes are read at a time to find the end of a line that goes on beyond its piece.
const BEYOND: f64 = 65_536.0;

/// Readers, and what they have answered.
pub(crate) struct Pool {
    workers: Vec<Worker>,
    answers: Rc<Answers>,
}

#[derive(Default)]
struct Answers {
    by_number: RefCell<BTreeMap<u32, (Found, Vec<u64>)>>,
    run: Cell<u32>,
    is_broken: Cell<bool>,
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
        let rows = rows.map(|rows| rows.to_vec()).unwrap_or_default();
        self.by_number
            .borrow_mut()
            .insert(found.number, (found, rows));
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

    /// Asks for a piece.
    pub(crate) fn ask(&self, wanted: &Wanted, file: &File) {
        let message = Object::new();
        let bytes = Uint8Array::from(encode(wanted).as_slice());
        let posted = Reflect::set(&message, &"bytes".into(), &bytes)
            .and_then(|_| Reflect::set(&message, &"file".into(), file));
        let worker = self.workers.get(self.reader_of(wanted.number));
        let is_posted =
            posted.is_ok() && worker.is_some_and(|worker| worker.post_message(&message).is_ok());
        if !is_posted {
            self.answers.is_broken.set(true);
        }
    }

    /// What was found in a piece that was asked for; none where the readers have failed.
    pub(crate) async fn answer(&self, number: u32) -> Option<(Found, Vec<u64>)> {
        poll_fn(|context| {
            let answer = self.answers.by_number.borrow_mut().remove(&number);
            if answer.is_some() || self.answers.is_broken.get() {
                return Poll::Ready(answer);
            }
            *self.answers.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
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

/// A piece that was asked for, and its bytes on the way.
struct Coming {
    wanted: Wanted,
    file: File,
    bytes: Option<Promise>,
}

thread_local! {
    static COMING: RefCell<VecDeque<Coming>> = const { RefCell::new(VecDeque::new()) };
    static IS_BUSY: Cell<bool> = const { Cell::new(false) };
    static PIECES: RefCell<PieceReader> = RefCell::default();
}

/// A reader's side: takes what is asked for. The bytes of the next piece come while this one is read.
pub(crate) fn take(message: &JsValue) {
    let get = |name: &str| Reflect::get(message, &name.into()).ok();
    let wanted = get("bytes")
        .and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok())
        .and_then(|bytes| decode::<Wanted>(&bytes.to_vec()));
    let file = get("file").and_then(|file| file.dyn_into::<File>().ok());
    let (Some(wanted), Some(file)) = (wanted, file) else {
        return;
    };
    // The byte before tells whether a line starts with the first.
    let from = if wanted.starts_line {
        wanted.from
    } else {
        wanted.from - 1.0
    };
    let bytes = bytes_of(&file, from, wanted.to);
    COMING.with_borrow_mut(|coming| {
        coming.push_back(Coming {
            wanted,
            file,
            bytes,
        })
    });
    if !IS_BUSY.replace(true) {
        spawn_local(read_all());
    }
}

async fn read_all() {
    while let Some(coming) = COMING.with_borrow_mut(VecDeque::pop_front) {
        let Wanted { run, number, .. } = coming.wanted;
        let lines = whole_lines(coming).await;
        let (extent, found) = match lines {
            None => (None, None),
            Some((start, lines)) => {
                let found = PIECES.with_borrow_mut(|pieces| pieces.read(run, &lines, start));
                (Some((start, start + lines.len() as f64)), found)
            }
        };
        let (content, rows) = found.unzip();
        let found = Found {
            run,
            number,
            extent,
            memory: memory(),
            content,
        };
        answer(&found, &rows.unwrap_or_default());
    }
    IS_BUSY.set(false);
}

fn answer(found: &Found, rows: &[u64]) {
    let message = Object::new();
    let bytes = Uint8Array::from(encode(found).as_slice());
    let rows = BigUint64Array::from(rows);
    let set = Reflect::set(&message, &"bytes".into(), &bytes)
        .and_then(|_| Reflect::set(&message, &"rows".into(), &rows));
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let moved = Array::of2(&bytes.buffer(), &rows.buffer());
    // What cannot be posted has nobody to hear of it: the engine is gone.
    let _ = set.and_then(|_| scope.post_message_with_transfer(&message, &moved));
}

/// The whole lines that start in a piece, and where they start; none where the file can no longer be read.
async fn whole_lines(coming: Coming) -> Option<(f64, Vec<u8>)> {
    let Coming {
        wanted,
        file,
        bytes,
    } = coming;
    let mut lines = bytes_from(bytes).await?;
    let mut start = wanted.from;
    if !wanted.starts_line {
        let Some(newline) = lines.iter().position(|byte| *byte == b'\n') else {
            // The piece lies within one line.
            return Some((wanted.to, Vec::new()));
        };
        lines.drain(..=newline);
        start = wanted.from + newline as f64;
    }
    let mut end = wanted.to;
    let mut step = BEYOND;
    while !lines.is_empty() && lines.last() != Some(&b'\n') && end < file.size() {
        let more = bytes_from(bytes_of(&file, end, end + step)).await?;
        let newline = more.iter().position(|byte| *byte == b'\n');
        let taken = newline.map_or(more.len(), |at| at + 1);
        lines.extend_from_slice(more.get(..taken).unwrap_or_default());
        end += step;
        step *= 2.0;
    }
    Some((start, lines))
}

/// Bytes of memory that this worker holds; it never gives any back.
pub(crate) fn memory() -> f64 {
    let memory = wasm_bindgen::memory().unchecked_into::<Memory>();
    let buffer = memory.buffer().unchecked_into::<ArrayBuffer>();
    f64::from(buffer.byte_length())
}

/// Asks for bytes of a file.
pub(crate) fn bytes_of(file: &File, from: f64, to: f64) -> Option<Promise> {
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
