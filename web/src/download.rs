//! Writers of downloads: to the clipboard, to a file on disk, or to a file that is offered once it is complete.
//!
//! The state only receives the number of bytes and requests the next chunk then; the text never enters it.

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

/// Maximum size of a text for the clipboard.
const MAX_COPIED_BYTES: usize = 10_000_000;

/// Writer of the download in progress. Cloning shares it.
#[derive(Clone, Default)]
pub struct DownloadWriter(Rc<RefCell<Inner>>);

#[derive(Default)]
struct Inner {
    target: Option<DownloadTarget>,
    /// Bytes written so far.
    bytes: f64,
    /// Number of opened and aborted destinations, to ignore chunks of earlier ones.
    turn: u32,
}

/// Destination of a download.
enum DownloadTarget {
    /// The clipboard, which is written once the text is complete.
    Clipboard(String),
    /// Parts of a file that is offered once it is complete. The browser stores them.
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
    /// Opens the clipboard for the next download.
    pub fn open_clipboard(&self) {
        self.begin(DownloadTarget::Clipboard(String::new()));
    }

    /// Opens a file for the next download; false if the user chose none. Call it while a click is handled.
    pub async fn open_file(&self, name: &str) -> bool {
        let parts = || DownloadTarget::Parts(Array::new(), name.to_owned());
        let target = if platform::has_picker() {
            match platform::pick_file(name).await {
                Ok(stream) => DownloadTarget::File(stream),
                Err(error) if platform::error_name(&error) == "AbortError" => return false,
                // A sandboxed page may not write to disk, but may offer a file.
                Err(_) => parts(),
            }
        } else {
            parts()
        };
        self.begin(target);
        true
    }

    fn begin(&self, target: DownloadTarget) {
        self.abort();
        let mut inner = self.0.borrow_mut();
        inner.target = Some(target);
        inner.bytes = 0.0;
    }

    /// Aborts the download. A file on disk stays as it was.
    pub fn abort(&self) {
        let mut inner = self.0.borrow_mut();
        inner.turn = inner.turn.wrapping_add(1);
        if let Some(DownloadTarget::File(stream)) = inner.target.take() {
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
            job,
            text,
            summary,
            changed,
            error,
        } = chunk;
        let (target, bytes) = {
            let mut inner = self.0.borrow_mut();
            if inner.turn != turn {
                return None;
            }
            (inner.target.take()?, inner.bytes + text.len() as f64)
        };
        let stored = match error {
            Some(error) => {
                self.keep(target);
                Err(error)
            }
            None => {
                let is_whole = summary.done >= summary.total;
                self.put(target, &text, is_whole).await
            }
        };
        self.0.borrow_mut().bytes = bytes;
        Some(ChunkWritten {
            download: job,
            summary,
            bytes,
            changed,
            failure: stored.err(),
        })
    }

    fn keep(&self, target: DownloadTarget) {
        self.0.borrow_mut().target = Some(target);
    }

    async fn put(&self, target: DownloadTarget, text: &str, is_whole: bool) -> Result<(), String> {
        match target {
            DownloadTarget::Clipboard(mut whole) => {
                whole.push_str(text);
                if whole.len() > MAX_COPIED_BYTES {
                    return Err(
                        "More than 10 MB is too much for the clipboard. Save to a file instead."
                            .to_owned(),
                    );
                }
                if !is_whole {
                    self.keep(DownloadTarget::Clipboard(whole));
                } else if !platform::copy(&whole).await {
                    return Err("The browser doesn't allow this page to copy.".to_owned());
                }
            }
            DownloadTarget::Parts(parts, name) => {
                let bytes = Array::of1(&Uint8Array::from(text.as_bytes()));
                let part = Blob::new_with_u8_array_sequence(&bytes).map_err(|_| write_failed())?;
                parts.push(&part);
                if !is_whole {
                    self.keep(DownloadTarget::Parts(parts, name));
                    return Ok(());
                }
                Blob::new_with_blob_sequence(&parts)
                    .and_then(|blob| platform::save_blob(&name, &blob))
                    .map_err(|_| write_failed())?;
            }
            DownloadTarget::File(stream) => {
                let turn = self.0.borrow().turn;
                let bytes = Array::of1(&Uint8Array::from(text.as_bytes()));
                let written = platform::call(&stream, "write", &bytes).await;
                if written.is_ok() && is_whole {
                    let closed = platform::call(&stream, "close", &Array::new()).await;
                    return closed.map(|_| ()).map_err(|_| write_failed());
                }
                if self.0.borrow().turn == turn {
                    self.keep(DownloadTarget::File(stream));
                } else {
                    abort(stream);
                }
                written.map_err(|_| write_failed())?;
            }
        }
        Ok(())
    }
}

/// Aborts writing to a file.
fn abort(stream: JsValue) {
    spawn_local(async move {
        // If this fails, there is nothing left to do.
        let _ = platform::call(&stream, "abort", &Array::new()).await;
    });
}

fn write_failed() -> String {
    "The file could not be written. The disk may be full.".to_owned()
}
