//! Files read piece by piece, between messages: one after another, or by several readers at a time.

use std::collections::VecDeque;

use audit_log::decompress::{Compression, Decompressor};
use js_sys::{Array, Uint8Array};
use playground_protocol::{LogId, Progress, ToPage};
use wasm_bindgen::JsCast;
use web_sys::{Blob, File};

use crate::piece::{Found, Wanted};
use crate::pool::{Answer, Pool, bytes_from, bytes_of, memory};
use crate::session::Session;
use crate::source::Source;
use crate::stream::{CHUNK_BYTES, FileBytes, Gone, breathe, copied, forget};
use crate::wasm::{is_cancelled, is_current, now, scope, tell, tell_all, with_session};

/// The most of a file that is read at a time.
const PIECE_BYTES: f64 = CHUNK_BYTES as f64;

/// How much of a packed file is read at a time: it may be a hundred times as long when it comes out.
const PACKED_BYTES: f64 = 262_144.0;

/// How much of what comes out is handed to the browser at a time.
const KEPT_BYTES: usize = 4 << 20;

/// From so many bytes on, several readers are worth their start.
const MANY_PIECES: f64 = 8.0 * PIECE_BYTES;

/// Of a log's files, so many bytes are copied before they are read: a log that still grows cannot be read again from its file.
const MAX_COPIED_BYTES: f64 = 67_108_864.0;

/// How many pieces each reader has before it: one under way, and one to go on with.
const AHEAD: usize = 2;

/// In order, what has come is read as soon as it is so much: so the first rows are there at once, and the browser goes on meanwhile.
const LEAST_BYTES: u32 = 65_536;

/// After so many pieces in a row that had to be read again, the rest is read in order.
const MOST_WASTED: u32 = 8;

/// Milliseconds between two reports of progress.
const PROGRESS_INTERVAL: f64 = 100.0;

thread_local! {
    static POOL: std::cell::RefCell<Option<std::rc::Rc<Pool>>> = const { std::cell::RefCell::new(None) };
}

/// Reads files as one log, in the order given.
pub(crate) async fn read_files(log: LogId, files: Vec<(String, File)>, reading: u32) {
    let mut progress = Reporter::new(files.iter().map(|(_, file)| file.size()).sum());
    tell_all(with_session(|session| session.begin_log(log)));
    let mut copied_bytes = 0.0;
    for (name, file) in files {
        let original: Blob = file.clone().into();
        let copy = if copied_bytes + file.size() <= MAX_COPIED_BYTES {
            copied_bytes += file.size();
            match copied(&original).await {
                Some(copy) => Some(copy),
                // It has changed since it was chosen, and may have been opened before.
                None => with_session(|session| session.copy_of(&file)),
            }
        } else {
            None
        };
        if !is_current(reading) {
            return;
        }
        let bytes = copy.clone().unwrap_or(original);
        with_session(|session| {
            let size = file.size();
            let source = Source::File { file, copy };
            session.being_read().begin(&name, size, source);
        });
        let file = bytes;
        let mut one = OneFile {
            name,
            file,
            reading,
            at: 0.0,
            is_full: false,
        };
        if one.read(&mut progress).await.is_none() {
            return;
        }
        with_session(|session| session.being_read().end());
    }
    let of_readers = POOL.with_borrow(|pool| pool.as_ref().map_or(0.0, |pool| pool.memory()));
    tell_all(with_session(|session| {
        session.being_read().report.memory = memory() + of_readers;
        session.finish_log(is_cancelled())
    }));
}

/// A file under way.
struct OneFile {
    name: String,
    /// Its bytes: the file, or what is kept of it.
    file: Blob,
    reading: u32,
    /// Bytes that are behind it.
    at: f64,
    /// There is no memory for more.
    is_full: bool,
}

/// Another log was opened meanwhile.
struct Superseded;

impl OneFile {
    /// Reads to the end, or until the page has it stopped; none where another log was opened meanwhile.
    async fn read(&mut self, progress: &mut Reporter) -> Option<()> {
        if let Some(packing) = self.packing().await? {
            return self.unpack(packing, progress).await;
        }
        let mut wasted = 0;
        while self.at < self.file.size() && !self.is_over(0.0) {
            let takes_pieces = with_session(|session| session.being_read().takes_pieces());
            let is_worth_it = self.file.size() - self.at >= MANY_PIECES && wasted < MOST_WASTED;
            if takes_pieces
                && is_worth_it
                && let Some(pool) = pool()
            {
                match self.read_apart(&pool, progress).await {
                    Ok(in_vain) => wasted += in_vain,
                    Err(Superseded) => return None,
                }
            } else if !self.read_in_order(progress).await? {
                break;
            }
        }
        Some(())
    }

    /// Whether reading is to end here: by the page's wish, or for want of memory; `held` bytes of the log are held while a piece is
    /// read.
    fn is_over(&mut self, held: f64) -> bool {
        let (held, piece) = (held as usize, PIECE_BYTES as usize);
        let has_room = with_session(|session| session.being_read().has_room(held, piece));
        if !has_room && !self.is_full {
            self.is_full = true;
            let reason = "the browser gives this tab no more memory: what was read so far is kept, the rest is not read";
            with_session(|session| {
                session.being_read().report.out_of_memory = true;
                session.being_read().note_break(reason.to_owned());
            });
        }
        self.is_full || is_cancelled()
    }

    /// How the file is packed, if it is.
    async fn packing(&self) -> Option<Option<Compression>> {
        let head = bytes_from(bytes_of(&self.file, 0.0, 4.0)).await;
        is_current(self.reading).then(|| head.and_then(|head| Compression::detect(&head)))
    }

    /// Reads what the file unpacks to, and has the browser keep it: a row is read again from there.
    async fn unpack(&mut self, packing: Compression, progress: &mut Reporter) -> Option<()> {
        let mut unpacker = Decompressor::new(packing);
        with_session(|session| session.being_read().is_packed());
        let mut coming = bytes_of(&self.file, 0.0, PACKED_BYTES);
        let mut text = Vec::new();
        let mut broken = None;
        while self.at < self.file.size() && broken.is_none() && !self.is_over(2.0 * PIECE_BYTES) {
            let bytes = bytes_from(coming.take()).await;
            if !is_current(self.reading) {
                return None;
            }
            let Some(bytes) = bytes else {
                self.note_unreadable();
                break;
            };
            let next = self.at + bytes.len() as f64;
            coming = bytes_of(&self.file, next, next + PACKED_BYTES);
            let unpacked = unpacker.push(&bytes, &mut |bytes| take_unpacked(bytes, &mut text));
            broken = unpacked.err();
            self.at = next;
            progress.note(&self.name, bytes.len() as f64);
        }
        coming.into_iter().for_each(forget);
        if broken.is_none() && !is_cancelled() {
            let end = unpacker.finish(&mut |bytes| take_unpacked(bytes, &mut text));
            broken = end.err();
        }
        keep(&mut text);
        if let Some(error) = broken {
            with_session(|session| session.being_read().note_break(error.to_string()));
        }
        Some(())
    }

    /// Notes that the file cannot be read on: a problem of this file and of no other.
    fn note_unreadable(&self) {
        with_session(|session| {
            let log = session.being_read();
            if self.at == 0.0 {
                log.refuse(
                    "it cannot be read: it is a folder, or it was moved or changed since it was chosen",
                );
            } else {
                log.note_break(
                    "the file changed or was moved while it was read: what came before is kept, open it again to read the rest"
                        .to_owned(),
                );
            }
        });
    }

    /// Reads on in order, to the end or until the rest may be for several readers; false where the file can no longer be read.
    async fn read_in_order(&mut self, progress: &mut Reporter) -> Option<bool> {
        let mut bytes = FileBytes::new(&self.file, self.at);
        // The rest may be for several readers, who begin with a line.
        let may_go_apart = self.at == 0.0 && self.file.size() >= 2.0 * MANY_PIECES;
        loop {
            let chunk = bytes.next(LEAST_BYTES).await;
            breathe().await;
            if !is_current(self.reading) {
                return None;
            }
            let chunk = match chunk {
                Ok(Some(chunk)) => chunk,
                Ok(None) => return Some(true),
                Err(Gone) => {
                    self.note_unreadable();
                    return Some(false);
                }
            };
            let mut text = chunk.to_vec();
            bytes.recycle(chunk.buffer().unchecked_into());
            if may_go_apart && let Some(newline) = text.iter().rposition(|byte| *byte == b'\n') {
                text.truncate(newline + 1);
            }
            with_session(|session| session.being_read().push(&text));
            self.at += text.len() as f64;
            progress.note(&self.name, text.len() as f64);
            if may_go_apart || self.is_over(2.0 * PIECE_BYTES) {
                return Some(true);
            }
        }
    }

    /// Has pieces read apart until that is no use any more; how many had to be read again.
    async fn read_apart(
        &mut self,
        pool: &Pool,
        progress: &mut Reporter,
    ) -> Result<u32, Superseded> {
        with_session(|session| session.being_read().begin_pieces(pool.len()));
        let run = pool.begin();
        let mut pieces = Pieces::new(&self.file, self.at);
        let mut handed = VecDeque::new();
        let (mut number, mut wasted) = (0, 0);
        while wasted < MOST_WASTED && !self.is_over(0.0) {
            while handed.len() < AHEAD * pool.len()
                && let Some(piece) = pieces.next().await
            {
                let Piece { from, to, .. } = piece;
                pool.hand(&Wanted { run, number, from }, &piece.start, &piece.rest);
                handed.push_back((number, to));
                number += 1;
            }
            let Some((number, end)) = handed.pop_front() else {
                // What is left, if anything, is for reading in order.
                return Ok(MOST_WASTED);
            };
            let answer = pool.answer(number).await;
            if !is_current(self.reading) {
                return Err(Superseded);
            }
            let Some(Answer {
                found,
                rows,
                buffer,
            }) = answer
            else {
                POOL.set(None);
                return Ok(MOST_WASTED);
            };
            if let (Some(bytes), Some(buffer)) = (&mut pieces.bytes, buffer) {
                bytes.recycle(buffer);
            }
            let reader = pool.reader_of(number);
            if self.take_piece(end, found, rows, reader) {
                wasted = 0;
            } else {
                wasted += 1;
                let bytes = bytes_from(bytes_of(&self.file, self.at, end)).await;
                if !is_current(self.reading) {
                    return Err(Superseded);
                }
                let Some(bytes) = bytes else {
                    return Ok(MOST_WASTED);
                };
                with_session(|session| session.being_read().push(&bytes));
            }
            progress.note(&self.name, end - self.at);
            self.at = end;
        }
        Ok(wasted)
    }

    /// Takes what was found in the piece from here to an offset; false where it has to be read again in its place.
    fn take_piece(&self, end: f64, found: Found, rows: Vec<u64>, reader: usize) -> bool {
        let Some(content) = found.content else {
            return false;
        };
        with_session(|session| {
            let log = session.being_read();
            log.learn(&content, reader);
            let is_taken = log.takes_pieces();
            if is_taken {
                log.append(end - self.at, content, rows, reader);
            }
            is_taken
        })
    }
}

/// A file in pieces of whole lines.
struct Pieces {
    /// None once there are no more pieces.
    bytes: Option<FileBytes>,
    at: f64,
    /// The start of a line whose end has not come yet.
    start: Uint8Array,
}

/// Whole lines: the start of the first, and what comes behind that.
struct Piece {
    from: f64,
    to: f64,
    start: Uint8Array,
    rest: Uint8Array,
}

impl Pieces {
    fn new(file: &Blob, at: f64) -> Self {
        Self {
            bytes: Some(FileBytes::new(file, at)),
            at,
            start: Uint8Array::new_with_length(0),
        }
    }

    /// The next piece; none at the end of the file, where it can no longer be read, and before a line that is longer than a piece.
    async fn next(&mut self) -> Option<Piece> {
        let mut bytes = self.bytes.take()?;
        let chunk = bytes.next(CHUNK_BYTES).await.ok().flatten()?;
        let from = self.at;
        let newline = last_newline(&chunk);
        let is_last = from + f64::from(self.start.length() + chunk.length()) >= bytes.size();
        let length = if is_last {
            chunk.length()
        } else {
            newline? + 1
        };
        let start = std::mem::replace(&mut self.start, chunk.slice(length, chunk.length()));
        self.at += f64::from(start.length() + length);
        self.bytes = Some(bytes);
        Some(Piece {
            from,
            to: self.at,
            start,
            rest: chunk.subarray(0, length),
        })
    }
}

/// The place of the last line end.
fn last_newline(bytes: &Uint8Array) -> Option<u32> {
    let mut end = bytes.length();
    // Lines are short beside a piece.
    let mut step = 8192;
    while end > 0 {
        let start = end.saturating_sub(step);
        let part = bytes.subarray(start, end).to_vec();
        if let Some(newline) = part.iter().rposition(|byte| *byte == b'\n') {
            return Some(start + u32::try_from(newline).unwrap_or(0));
        }
        (end, step) = (start, step * 2);
    }
    None
}

/// Reads unpacked bytes, and has them kept.
fn take_unpacked(bytes: &[u8], text: &mut Vec<u8>) {
    with_session(|session| session.being_read().push(bytes));
    text.extend_from_slice(bytes);
    if text.len() >= KEPT_BYTES {
        keep(text);
    }
}

fn keep(text: &mut Vec<u8>) {
    let part = Array::of1(&Uint8Array::from(text.as_slice()));
    text.clear();
    if let Ok(part) = Blob::new_with_u8_array_sequence(&part) {
        with_session(|session| session.being_read().keep(part));
    }
}

/// The readers, started when they are first needed; none where they cannot be had.
fn pool() -> Option<std::rc::Rc<Pool>> {
    POOL.with_borrow_mut(|pool| {
        if pool.is_none() {
            *pool = Pool::start(&scope()).map(std::rc::Rc::new);
        }
        pool.clone()
    })
}

/// Says how far reading has come, now and then.
struct Reporter {
    began: f64,
    last: f64,
    bytes: f64,
    total_bytes: f64,
    /// The next report of what is known so far, in events.
    next_look: usize,
}

impl Reporter {
    fn new(total_bytes: f64) -> Self {
        let began = now();
        Self {
            began,
            last: began,
            bytes: 0.0,
            total_bytes,
            next_look: 1,
        }
    }

    fn note(&mut self, file: &str, bytes: f64) {
        self.bytes += bytes;
        let time = now();
        let events = with_session(|session| session.being_read().table.recorded());
        // Each look costs time in proportion to the events; at twice as many each, all of them together do.
        if events >= self.next_look {
            self.next_look = events * 2;
            tell_all(with_session(Session::show_so_far));
        }
        if time - self.last > PROGRESS_INTERVAL {
            self.last = time;
            tell(&ToPage::Progress(Progress {
                file: file.to_owned(),
                bytes: self.bytes,
                total_bytes: self.total_bytes,
                events,
                seconds: (time - self.began) / 1000.0,
            }));
        }
    }
}
