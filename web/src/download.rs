//! Where lines to copy or to save go, piece by piece: to the clipboard, to a file on disk, or to a file that is offered when whole.
//!
//! The state hears how much has arrived, and asks for the next piece then; the text itself never enters it.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use playground_protocol::LineChunk;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use yew::Callback;

use crate::platform;
use crate::state::Action;
use crate::state::download::ChunkWritten;

/// More is not put on the clipboard.
const MAX_COPIED_BYTES: usize = 10_000_000;

/// Where lines go. Cloning shares it.
#[derive(Clone, Default)]
pub struct DownloadWriter(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    target: Option<Target>,
    /// Bytes that have arrived.
    bytes: f64,
    /// Counts what was begun and given up: a piece that was being written meanwhile belongs to nothing any more.
    turn: u32,
}

/// One errand's place to go.
enum Target {
    /// The clipboard, once the text is whole.
    Clipboard(String),
    /// Parts of a file that is offered once it is whole; the browser keeps them.
    Parts(Array, String),
    /// A file on disk that is open for writing.
    File(JsValue),
}

impl PartialEq for DownloadWriter {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl DownloadWriter {
    /// The next lines go to the clipboard.
    pub fn open_clipboard(&self) {
        self.begin(Target::Clipboard(String::new()));
    }

    /// The next lines go to a file; false where the reader chose none. Call it while a click is handled.
    pub async fn open_file(&self, name: &str) -> bool {
        let parts = || Target::Parts(Array::new(), name.to_owned());
        let target = if platform::has_picker() {
            match platform::pick_file(name).await {
                Ok(stream) => Target::File(stream),
                Err(error) if platform::error_name(&error) == "AbortError" => return false,
                // A sandboxed page may not write to disk, but may offer a download.
                Err(_) => parts(),
            }
        } else {
            parts()
        };
        self.begin(target);
        true
    }

    fn begin(&self, target: Target) {
        self.abort();
        let mut inner = self.0.borrow_mut();
        inner.target = Some(target);
        inner.bytes = 0.0;
    }

    /// What was begun is given up; a file on disk stays as it was.
    pub fn abort(&self) {
        let mut inner = self.0.borrow_mut();
        inner.turn = inner.turn.wrapping_add(1);
        if let Some(Target::File(stream)) = inner.target.take() {
            abort(stream);
        }
    }

    /// Writes a chunk, and reports when it is written, or why it is not.
    pub fn write(&self, chunk: LineChunk, on: Callback<Action>) {
        let writer = self.clone();
        let turn = self.0.borrow().turn;
        spawn_local(async move {
            if let Some(written) = writer.store(chunk, turn).await {
                on.emit(Action::ChunkWritten(written));
            }
        });
    }

    async fn store(&self, chunk: LineChunk, turn: u32) -> Option<ChunkWritten> {
        let LineChunk {
            job: download,
            text,
            summary: account,
            changed,
            error: failure,
        } = chunk;
        let (target, bytes) = {
            let mut inner = self.0.borrow_mut();
            if inner.turn != turn {
                return None;
            }
            (inner.target.take()?, inner.bytes + text.len() as f64)
        };
        let stored = match failure {
            Some(failure) => {
                self.keep(target);
                Err(failure)
            }
            None => {
                let is_whole = account.done >= account.total;
                self.put(target, &text, is_whole).await
            }
        };
        self.0.borrow_mut().bytes = bytes;
        Some(ChunkWritten {
            download,
            account,
            bytes,
            changed,
            failure: stored.err(),
        })
    }

    fn keep(&self, target: Target) {
        self.0.borrow_mut().target = Some(target);
    }

    async fn put(&self, target: Target, text: &str, is_whole: bool) -> Result<(), String> {
        match target {
            Target::Clipboard(mut whole) => {
                whole.push_str(text);
                if whole.len() > MAX_COPIED_BYTES {
                    return Err(
                        "More than 10 MB is too much for the clipboard. Save to a file instead."
                            .to_owned(),
                    );
                }
                if !is_whole {
                    self.keep(Target::Clipboard(whole));
                } else if !platform::copy(&whole).await {
                    return Err("The browser doesn't allow this page to copy.".to_owned());
                }
            }
            Target::Parts(parts, name) => {
                let bytes = Array::of1(&Uint8Array::from(text.as_bytes()));
                let part = Blob::new_with_u8_array_sequence(&bytes).map_err(|_| write_failed())?;
                parts.push(&part);
                if !is_whole {
                    self.keep(Target::Parts(parts, name));
                    return Ok(());
                }
                Blob::new_with_blob_sequence(&parts)
                    .and_then(|blob| platform::save_blob(&name, &blob))
                    .map_err(|_| write_failed())?;
            }
            Target::File(stream) => {
                let turn = self.0.borrow().turn;
                let bytes = Array::of1(&Uint8Array::from(text.as_bytes()));
                let written = platform::call(&stream, "write", &bytes).await;
                if written.is_ok() && is_whole {
                    let closed = platform::call(&stream, "close", &Array::new()).await;
                    return closed.map(|_| ()).map_err(|_| write_failed());
                }
                if self.0.borrow().turn == turn {
                    self.keep(Target::File(stream));
                } else {
                    abort(stream);
                }
                written.map_err(|_| write_failed())?;
            }
        }
        Ok(())
    }
}

/// Gives a file up that is open for writing.
fn abort(stream: JsValue) {
    spawn_local(async move {
        // There is nothing left to do where this fails.
        let _ = platform::call(&stream, "abort", &Array::new()).await;
    });
}

fn write_failed() -> String {
    "The file could not be written. The disk may be full.".to_owned()
}
