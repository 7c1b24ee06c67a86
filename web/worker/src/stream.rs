//! A file's bytes in order, as the browser brings them.
//!
//! As a stream into buffers of ours, a file comes half again as fast as slice by slice, and goes on coming while what has come is read.
//! A browser without such streams is asked for slices.

use std::cell::{Cell, RefCell};

use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, MessageChannel, ReadableStreamByobReader};

use crate::wasm::now;

/// The most that is given out at a time.
pub(crate) const CHUNK_BYTES: u32 = 2 << 20;

/// Milliseconds after which messages are let in.
const BREATH: f64 = 12.0;

/// The bytes of a file from a place on.
pub(crate) struct FileBytes {
    file: Blob,
    at: f64,
    way: Way,
    /// Buffers that are not needed any more: memory that is new to the process costs more than what is read into it.
    spare: Vec<ArrayBuffer>,
}

enum Way {
    Stream(ReadableStreamByobReader),
    /// The slice that is on its way.
    Slices(Option<Promise>),
}

/// The file can no longer be read.
pub(crate) struct Gone;

impl FileBytes {
    /// The bytes from an offset on.
    pub(crate) fn new(file: &Blob, at: f64) -> Self {
        let rest = file.slice_with_f64(at);
        let reader = rest.and_then(|rest| ReadableStreamByobReader::new(&rest.stream()));
        let way = match reader {
            Ok(reader) => Way::Stream(reader),
            Err(_) => Way::Slices(slice(file, at)),
        };
        Self {
            file: file.clone(),
            at,
            way,
            spare: Vec::new(),
        }
    }

    /// The next bytes, at least so many where the file has them; none at its end.
    pub(crate) async fn next(&mut self, least: u32) -> Result<Option<Uint8Array>, Gone> {
        if self.at >= self.file.size() {
            return Ok(None);
        }
        let bytes = match &mut self.way {
            Way::Stream(reader) => {
                let buffer = self.spare.pop();
                let buffer = buffer.unwrap_or_else(|| ArrayBuffer::new(CHUNK_BYTES));
                fill(reader, buffer, least).await.ok_or(Gone)?
            }
            Way::Slices(coming) => {
                let bytes = JsFuture::from(coming.take().ok_or(Gone)?).await;
                let bytes = Uint8Array::new(&bytes.map_err(|_| Gone)?);
                *coming = slice(&self.file, self.at + f64::from(bytes.length()));
                bytes
            }
        };
        self.at += f64::from(bytes.length());
        // A file that has become shorter ends too early.
        if bytes.length() == 0 {
            return Err(Gone);
        }
        Ok(Some(bytes))
    }

    /// How long the file is.
    pub(crate) fn size(&self) -> f64 {
        self.file.size()
    }

    /// Takes a buffer back that was given out and is not needed any more.
    pub(crate) fn recycle(&mut self, buffer: ArrayBuffer) {
        if buffer.byte_length() == CHUNK_BYTES {
            self.spare.push(buffer);
        }
    }
}

impl Drop for FileBytes {
    fn drop(&mut self) {
        match &mut self.way {
            Way::Stream(reader) => forget(reader.cancel()),
            Way::Slices(coming) => coming.take().into_iter().for_each(forget),
        }
    }
}

/// A copy of a file that the browser keeps; none where the file cannot be read.
pub(crate) async fn copied(file: &Blob) -> Option<Blob> {
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    Blob::new_with_buffer_source_sequence(&Array::of1(&bytes)).ok()
}

/// Waits for a promise whose outcome does not matter: a rejection that nobody handles counts as a crash of the worker.
pub(crate) fn forget(promise: Promise) {
    spawn_local(async move {
        let _ = JsFuture::from(promise).await;
    });
}

fn slice(file: &Blob, at: f64) -> Option<Promise> {
    let end = (at + f64::from(CHUNK_BYTES)).min(file.size());
    let slice = file.slice_with_f64_and_f64(at, end).ok()?;
    Some(slice.array_buffer())
}

/// Fills a buffer with at least so many bytes, if there are as many; none where they cannot be read.
async fn fill(
    reader: &ReadableStreamByobReader,
    mut buffer: ArrayBuffer,
    least: u32,
) -> Option<Uint8Array> {
    let mut filled = 0;
    loop {
        let rest = Uint8Array::new_with_byte_offset_and_length(
            &buffer,
            filled,
            buffer.byte_length() - filled,
        );
        let read = JsFuture::from(reader.read_with_array_buffer_view(&rest))
            .await
            .ok()?;
        let is_done = Reflect::get(&read, &"done".into()).ok()?.is_truthy();
        let bytes = Reflect::get(&read, &"value".into()).ok()?;
        // The buffer has moved to the stream and back.
        let bytes: Uint8Array = bytes.dyn_into().ok()?;
        buffer = bytes.buffer().unchecked_into();
        filled += bytes.length();
        if is_done || filled >= least.min(buffer.byte_length()) {
            return Some(Uint8Array::new_with_byte_offset_and_length(
                &buffer, 0, filled,
            ));
        }
    }
}

thread_local! {
    static LAST_BREATH: Cell<f64> = const { Cell::new(0.0) };
    static CHANNEL: RefCell<Option<MessageChannel>> = const { RefCell::new(None) };
}

/// Lets in the messages that have come, now and then: bytes that are there already come without.
pub(crate) async fn breathe() {
    if now() - LAST_BREATH.get() < BREATH {
        return;
    }
    let channel = CHANNEL.with_borrow_mut(|channel| {
        if channel.is_none() {
            *channel = MessageChannel::new().ok();
        }
        channel.clone()
    });
    if let Some(channel) = channel {
        let mut send = |resolve: js_sys::Function, _| {
            channel.port1().set_onmessage(Some(&resolve));
            // A message to oneself comes after those that are waiting.
            let _ = channel.port2().post_message(&JsValue::NULL);
        };
        let _ = JsFuture::from(Promise::new(&mut send)).await;
    }
    LAST_BREATH.set(now());
}
