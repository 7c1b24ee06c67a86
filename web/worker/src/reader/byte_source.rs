//! The bytes of a file in order, as the browser delivers them.
//!
//! A stream into buffers of our own is half again as fast as slices, and continues to fill while the engine works on what has arrived.
//! Browsers without such streams are asked for slices.

use std::cell::{Cell, RefCell};

use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, MessageChannel, ReadableStreamByobReader};

use crate::browser::now;

/// Maximum number of bytes that [`ByteSource::next`] returns at a time.
pub(crate) const MAX_CHUNK_BYTES: u32 = 2 << 20;

/// Milliseconds of work after which [`yield_to_messages`] lets waiting messages in.
const YIELD_INTERVAL_MS: f64 = 12.0;

/// The bytes of a file from an offset on.
pub(crate) struct ByteSource {
    file: Blob,
    offset: f64,
    transport: Transport,
    /// Buffers to reuse: fresh memory costs the process more than what is read into it.
    spare: Vec<ArrayBuffer>,
}

/// Means by which the browser delivers a file.
enum Transport {
    Stream(ReadableStreamByobReader),
    /// The slice that is being read.
    Slices(Option<Promise>),
}

/// The file can no longer be read.
pub(crate) struct FileUnreadable;

impl ByteSource {
    /// Starts reading a file at an offset.
    pub(crate) fn new(file: &Blob, offset: f64) -> Self {
        let rest = file.slice_with_f64(offset);
        let reader = rest.and_then(|rest| ReadableStreamByobReader::new(&rest.stream()));
        let transport = match reader {
            Ok(reader) => Transport::Stream(reader),
            Err(_) => Transport::Slices(slice(file, offset)),
        };
        Self {
            file: file.clone(),
            offset,
            transport,
            spare: Vec::new(),
        }
    }

    /// Returns the next bytes: at least `min` if the file has as many, and `None` at its end.
    pub(crate) async fn next(&mut self, min: u32) -> Result<Option<Uint8Array>, FileUnreadable> {
        if self.offset >= self.file.size() {
            return Ok(None);
        }
        let bytes = match &mut self.transport {
            Transport::Stream(reader) => {
                let buffer = self.spare.pop();
                let buffer = buffer.unwrap_or_else(|| ArrayBuffer::new(MAX_CHUNK_BYTES));
                fill(reader, buffer, min).await.ok_or(FileUnreadable)?
            }
            Transport::Slices(pending) => {
                let bytes = JsFuture::from(pending.take().ok_or(FileUnreadable)?).await;
                let bytes = Uint8Array::new(&bytes.map_err(|_| FileUnreadable)?);
                *pending = slice(&self.file, self.offset + f64::from(bytes.length()));
                bytes
            }
        };
        self.offset += f64::from(bytes.length());
        // A file that has become shorter ends too early.
        if bytes.length() == 0 {
            return Err(FileUnreadable);
        }
        Ok(Some(bytes))
    }

    /// Returns the size of the file in bytes.
    pub(crate) fn size(&self) -> f64 {
        self.file.size()
    }

    /// Takes back a buffer that [`Self::next`] returned and that is no longer used.
    pub(crate) fn recycle(&mut self, buffer: ArrayBuffer) {
        if buffer.byte_length() == MAX_CHUNK_BYTES {
            self.spare.push(buffer);
        }
    }
}

impl Drop for ByteSource {
    fn drop(&mut self) {
        match &mut self.transport {
            Transport::Stream(reader) => ignore_result(reader.cancel()),
            Transport::Slices(pending) => pending.take().into_iter().for_each(ignore_result),
        }
    }
}

/// Returns a copy of a file that the browser keeps, or `None` if the file can't be read.
pub(crate) async fn copy_of(file: &Blob) -> Option<Blob> {
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    Blob::new_with_buffer_source_sequence(&Array::of1(&bytes)).ok()
}

/// Awaits a promise and ignores its result: an unhandled rejection would count as a crash of the worker.
pub(crate) fn ignore_result(promise: Promise) {
    spawn_local(async move {
        let _ = JsFuture::from(promise).await;
    });
}

/// Starts reading the slice of a file at an offset.
fn slice(file: &Blob, offset: f64) -> Option<Promise> {
    start_read(file, offset, offset + f64::from(MAX_CHUNK_BYTES))
}

/// Starts reading a range of a file.
pub(crate) fn start_read(file: &Blob, from: f64, to: f64) -> Option<Promise> {
    let slice = file
        .slice_with_f64_and_f64(from, to.min(file.size()))
        .ok()?;
    Some(slice.array_buffer())
}

/// Returns the bytes of a range that [`start_read`] started to read, or `None` if they can't be read.
pub(crate) async fn finish_read(pending: Option<Promise>) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(pending?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Fills a buffer with at least `min` bytes, if there are as many. Returns `None` if they can't be read.
async fn fill(
    reader: &ReadableStreamByobReader,
    mut buffer: ArrayBuffer,
    min: u32,
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
        // The buffer was transferred to the stream and back.
        let bytes: Uint8Array = bytes.dyn_into().ok()?;
        buffer = bytes.buffer().unchecked_into();
        filled += bytes.length();
        if is_done || filled >= min.min(buffer.byte_length()) {
            return Some(Uint8Array::new_with_byte_offset_and_length(
                &buffer, 0, filled,
            ));
        }
    }
}

thread_local! {
    static LAST_YIELD: Cell<f64> = const { Cell::new(0.0) };
    static CHANNEL: RefCell<Option<MessageChannel>> = const { RefCell::new(None) };
}

/// Lets waiting messages in, at most every [`YIELD_INTERVAL_MS`]. Awaiting bytes that are there already would not.
pub(crate) async fn yield_to_messages() {
    if now() - LAST_YIELD.get() < YIELD_INTERVAL_MS {
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
            // A message to this worker arrives after those that are waiting.
            let _ = channel.port2().post_message(&JsValue::NULL);
        };
        let _ = JsFuture::from(Promise::new(&mut send)).await;
    }
    LAST_YIELD.set(now());
}
