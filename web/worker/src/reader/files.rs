//! Reads files as one log, between messages of the page: in order, or by several readers at a time.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use audit_log::decompress::{Compression, Decompressor};
use js_sys::{Array, Uint8Array};
use playground_protocol::LogId;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use crate::browser::{memory_size, scope};
use crate::reader::byte_source::{
    ByteSource, FileUnreadable, MAX_CHUNK_BYTES, copy_of, finish_read, ignore_result, start_read,
    yield_to_messages,
};
use crate::reader::chunk::{ChunkRequest, ChunkResult};
use crate::reader::pool::{Pool, ReadChunk};
use crate::reader::progress::ProgressReporter;
use crate::reader::splitter::{LineSplitter, WholeLines};
use crate::runtime::{is_cancelled, is_current, post_all, with_session};
use crate::source::Source;

/// Maximum number of bytes of a file that are read at a time.
const CHUNK_BYTES: f64 = MAX_CHUNK_BYTES as f64;

/// Number of bytes of a compressed file that are read at a time. They may decompress to a hundred times as many.
const COMPRESSED_BYTES: f64 = 262_144.0;

/// Number of decompressed bytes that are handed to the browser at a time.
const KEPT_BYTES: usize = 4 << 20;

/// Minimum number of remaining bytes for which several readers are faster than one.
const MIN_POOL_BYTES: f64 = 8.0 * CHUNK_BYTES;

/// Maximum total size of the files of a log that are copied before they are read. A file that grows can't be read again.
const MAX_COPIED_BYTES: f64 = 67_108_864.0;

/// Number of chunks sent to each reader in advance: one to read now and one to read next.
const CHUNKS_PER_READER: usize = 2;

/// Minimum number of bytes to read at a time in order. Small, so that the first rows appear at once and the browser continues meanwhile.
const MIN_BYTES: u32 = 65_536;

/// Number of consecutive chunks that had to be read again after which the rest is read in order.
const MAX_REREAD_CHUNKS: u32 = 8;

thread_local! {
    static POOL: RefCell<Option<Rc<Pool>>> = const { RefCell::new(None) };
}

/// Reads files as one log, in the order given, unless another read is started meanwhile. `read` is the number of this read.
async fn read_files(log: LogId, files: Vec<(String, File)>, read: u32) {
    let mut progress = ProgressReporter::new(files.iter().map(|(_, file)| file.size()).sum());
    post_all(&with_session(|session| session.begin_log(log)));
    let mut copied_bytes = 0.0;
    for (name, file) in files {
        let original: Blob = file.clone().into();
        let copy = if copied_bytes + file.size() <= MAX_COPIED_BYTES {
            copied_bytes += file.size();
            match copy_of(&original).await {
                Some(copy) => Some(copy),
                // The file has changed since it was chosen, and may have been opened before.
                None => with_session(|session| session.copy_of(&file)),
            }
        } else {
            None
        };
        if !is_current(read) {
            return;
        }
        let bytes = copy.clone().unwrap_or(original);
        with_session(|session| {
            let size = file.size();
            let source = Source::File { file, copy };
            session.log_being_read().begin_file(&name, size, source);
        });
        let mut reader = FileReader {
            name,
            bytes,
            read,
            offset: 0.0,
            is_full: false,
        };
        if reader.read(&mut progress).await.is_err() {
            return;
        }
        with_session(|session| session.log_being_read().end_file());
    }
    let pool_memory = POOL.with_borrow(|pool| pool.as_ref().map_or(0.0, |pool| pool.memory()));
    post_all(&with_session(|session| {
        session.log_being_read().report.memory = memory_size() + pool_memory;
        session.finish_log(is_cancelled())
    }));
}

/// Starts to read files as one log.
pub(crate) fn start(log: LogId, files: Vec<(String, File)>, read: u32) {
    spawn_local(read_files(log, files, read));
}

/// Another read was started meanwhile.
struct Superseded;

/// Reads one file.
struct FileReader {
    name: String,
    /// The file, or the copy of it.
    bytes: Blob,
    /// Number of the read.
    read: u32,
    /// Number of bytes read so far.
    offset: f64,
    /// `true` if there is no memory for more.
    is_full: bool,
}

impl FileReader {
    /// Reads to the end of the file, or until the page cancels.
    async fn read(&mut self, progress: &mut ProgressReporter) -> Result<(), Superseded> {
        if let Some(compression) = self.detect_compression().await? {
            return self.decompress(compression, progress).await;
        }
        let mut reread = 0;
        while self.offset < self.bytes.size() && !self.should_stop(0.0) {
            let accepts_chunks = with_session(|session| session.log_being_read().accepts_chunks());
            let is_worth_it =
                self.bytes.size() - self.offset >= MIN_POOL_BYTES && reread < MAX_REREAD_CHUNKS;
            if accepts_chunks
                && is_worth_it
                && let Some(pool) = pool()
            {
                reread += self.read_in_chunks(&pool, progress).await?;
            } else if !self.read_in_order(progress).await? {
                break;
            }
        }
        Ok(())
    }

    /// Returns an error if another read was started meanwhile.
    fn check_current(&self) -> Result<(), Superseded> {
        if is_current(self.read) {
            Ok(())
        } else {
            Err(Superseded)
        }
    }

    /// Returns `true` if reading should stop: because the page cancelled it, or because there is no memory for a chunk next to `held`
    /// bytes of the log.
    fn should_stop(&mut self, held: f64) -> bool {
        let (held, chunk) = (held as usize, CHUNK_BYTES as usize);
        let has_room = with_session(|session| session.log_being_read().has_room(held, chunk));
        if !has_room && !self.is_full {
            self.is_full = true;
            let reason = "the browser gives this tab no more memory: what was read so far is kept, the rest is not read";
            with_session(|session| {
                session.log_being_read().report.out_of_memory = true;
                session.log_being_read().add_break(reason.to_owned());
            });
        }
        self.is_full || is_cancelled()
    }

    /// Detects the compression of the file, if any.
    async fn detect_compression(&self) -> Result<Option<Compression>, Superseded> {
        let head = finish_read(start_read(&self.bytes, 0.0, 4.0)).await;
        self.check_current()?;
        Ok(head.and_then(|head| Compression::detect(&head)))
    }

    /// Decompresses the file and reads the result, which the browser keeps: rows are read again from there.
    async fn decompress(
        &mut self,
        compression: Compression,
        progress: &mut ProgressReporter,
    ) -> Result<(), Superseded> {
        let mut unpacker = Decompressor::new(compression);
        with_session(|session| session.log_being_read().set_decompressed());
        let mut pending = start_read(&self.bytes, 0.0, COMPRESSED_BYTES);
        let mut text = Vec::new();
        let mut failure = None;
        while self.offset < self.bytes.size()
            && failure.is_none()
            && !self.should_stop(2.0 * CHUNK_BYTES)
        {
            let bytes = finish_read(pending.take()).await;
            self.check_current()?;
            let Some(bytes) = bytes else {
                self.report_unreadable();
                break;
            };
            let next = self.offset + bytes.len() as f64;
            pending = start_read(&self.bytes, next, next + COMPRESSED_BYTES);
            let unpacked = unpacker.push(&bytes, &mut |bytes| read_decompressed(bytes, &mut text));
            failure = unpacked.err();
            self.offset = next;
            progress.add(&self.name, bytes.len() as f64);
        }
        pending.into_iter().for_each(ignore_result);
        if failure.is_none() && !is_cancelled() {
            let end = unpacker.finish(&mut |bytes| read_decompressed(bytes, &mut text));
            failure = end.err();
        }
        keep(&mut text);
        if let Some(error) = failure {
            with_session(|session| session.log_being_read().add_break(error.to_string()));
        }
        Ok(())
    }

    /// Reports that the file can't be read any further, as a problem of this file only.
    fn report_unreadable(&self) {
        with_session(|session| {
            let log = session.log_being_read();
            if self.offset == 0.0 {
                log.reject_file(
                    "it cannot be read: it is a folder, or it was moved or changed since it was chosen",
                );
            } else {
                log.add_break(
                    "the file changed or was moved while it was read: what came before is kept, open it again to read the rest"
                        .to_owned(),
                );
            }
        });
    }

    /// Reads in order, to the end of the file or until several readers may continue. Returns `false` if the file can no longer be read.
    async fn read_in_order(&mut self, progress: &mut ProgressReporter) -> Result<bool, Superseded> {
        let mut source = ByteSource::new(&self.bytes, self.offset);
        // Several readers may continue after the first chunk; they begin with a line.
        let may_use_pool = self.offset == 0.0 && self.bytes.size() >= 2.0 * MIN_POOL_BYTES;
        loop {
            let chunk = source.next(MIN_BYTES).await;
            yield_to_messages().await;
            self.check_current()?;
            let chunk = match chunk {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Ok(true),
                Err(FileUnreadable) => {
                    self.report_unreadable();
                    return Ok(false);
                }
            };
            let mut text = chunk.to_vec();
            source.recycle(chunk.buffer().unchecked_into());
            if may_use_pool && let Some(newline) = text.iter().rposition(|byte| *byte == b'\n') {
                text.truncate(newline + 1);
            }
            with_session(|session| session.log_being_read().push(&text));
            self.offset += text.len() as f64;
            progress.add(&self.name, text.len() as f64);
            if may_use_pool || self.should_stop(2.0 * CHUNK_BYTES) {
                return Ok(true);
            }
        }
    }

    /// Reads chunks with a pool until that is no longer worth it. Returns the number of chunks that had to be read again.
    async fn read_in_chunks(
        &mut self,
        pool: &Pool,
        progress: &mut ProgressReporter,
    ) -> Result<u32, Superseded> {
        with_session(|session| session.log_being_read().begin_chunks(pool.len()));
        let run = pool.begin_run();
        let mut splitter = LineSplitter::new(&self.bytes, self.offset);
        let mut sent = VecDeque::new();
        let (mut next_index, mut reread) = (0, 0);
        while reread < MAX_REREAD_CHUNKS && !self.should_stop(0.0) {
            while sent.len() < CHUNKS_PER_READER * pool.len()
                && let Some(lines) = splitter.next().await
            {
                let WholeLines { from, to, .. } = lines;
                let request = ChunkRequest {
                    run,
                    index: next_index,
                    offset: from,
                };
                pool.send(&request, &lines.start, &lines.rest);
                sent.push_back((next_index, to));
                next_index += 1;
            }
            let Some((index, end)) = sent.pop_front() else {
                // What is left, if anything, has to be read in order.
                return Ok(MAX_REREAD_CHUNKS);
            };
            let chunk = pool.receive(index).await;
            self.check_current()?;
            let Some(ReadChunk {
                result,
                rows,
                buffer,
            }) = chunk
            else {
                POOL.set(None);
                return Ok(MAX_REREAD_CHUNKS);
            };
            splitter.recycle(buffer);
            if self.append(end, result, rows, pool.reader_of(index)) {
                reread = 0;
            } else {
                reread += 1;
                let bytes = finish_read(start_read(&self.bytes, self.offset, end)).await;
                self.check_current()?;
                let Some(bytes) = bytes else {
                    return Ok(MAX_REREAD_CHUNKS);
                };
                with_session(|session| session.log_being_read().push(&bytes));
            }
            progress.add(&self.name, end - self.offset);
            self.offset = end;
        }
        Ok(reread)
    }

    /// Appends the events of the chunk that ends at an offset. Returns `false` if the chunk has to be read again in order.
    fn append(&self, end: f64, result: ChunkResult, rows: Vec<u64>, reader: usize) -> bool {
        let Some(content) = result.content else {
            return false;
        };
        with_session(|session| {
            let log = session.log_being_read();
            log.merge_ids(&content, reader);
            let accepts_chunks = log.accepts_chunks();
            if accepts_chunks {
                log.append(end - self.offset, content, rows, reader);
            }
            accepts_chunks
        })
    }
}

/// Reads decompressed bytes and collects them for [`keep`].
fn read_decompressed(bytes: &[u8], text: &mut Vec<u8>) {
    with_session(|session| session.log_being_read().push(bytes));
    text.extend_from_slice(bytes);
    if text.len() >= KEPT_BYTES {
        keep(text);
    }
}

/// Hands text to the browser to keep, and clears it.
fn keep(text: &mut Vec<u8>) {
    let part = Array::of1(&Uint8Array::from(text.as_slice()));
    text.clear();
    if let Ok(part) = Blob::new_with_u8_array_sequence(&part) {
        with_session(|session| session.log_being_read().keep(part));
    }
}

/// Returns the pool of readers, started on first use; `None` if it can't be started.
fn pool() -> Option<Rc<Pool>> {
    POOL.with_borrow_mut(|pool| {
        if pool.is_none() {
            *pool = Pool::start(&scope()).map(Rc::new);
        }
        pool.clone()
    })
}
