//! Logs read on several threads: pieces of whole lines, whose results are taken in the order of the log.
//!
//! One thread reads and decompresses, others read the events of the pieces, and the caller's thread puts the results in order. A piece in
//! which some line is not exactly one event is read again in order, as is every log that is not JSON lines. So the results are the same for
//! any number of threads.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel,
};
use std::thread::{self, Scope};
use std::time::Duration;

use audit_log::lines::{self, LineCounts};
use audit_log::{Event, Location, LogItem, LogReader};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogProblems, LogReport};
use crate::logs::{Input, Unpacking};
use crate::progress::Progress;
use crate::split::{Piece, split};

/// Number of pieces that are read ahead of the threads.
const PIECES_READ_AHEAD: usize = 4;

/// Number of pieces sent to each thread in advance: one to read now and one to read next.
const PIECES_PER_THREAD: usize = 2;

/// Number of consecutive pieces that had to be read again after which the rest of a log is read in order.
const MAX_REREAD_PIECES: u32 = 8;

/// Time between two looks whether the user has interrupted the command, while it waits for a log.
const INTERRUPT_INTERVAL: Duration = Duration::from_millis(100);

/// Start of a piece.
#[derive(Debug, Clone)]
pub(crate) struct PieceStart {
    /// Name of the log.
    pub(crate) file: Arc<str>,
    /// Offset in the decompressed log.
    offset: u64,
    /// Number of lines before it.
    pub(crate) lines: u64,
    /// Number of events before it, in this log and those before.
    pub(crate) events: u64,
}

/// Reads the events of pieces on a thread of its own.
pub(crate) trait PieceReader: Send {
    /// Result of a piece.
    type Output: Send;

    /// Begins a piece.
    fn begin(&mut self, start: &PieceStart);

    /// Handles an event; the line of its location counts from the start of the log.
    fn event(&mut self, location: Location, event: &Event<'_>);

    /// Returns the result of the piece.
    fn finish(&mut self) -> Self::Output;

    /// Drops the result of a piece that has to be read in order.
    fn discard(&mut self);
}

/// Takes the contents of logs in their order.
pub(crate) trait LogSink<O> {
    /// Takes an event of a part that is read in order.
    fn event(&mut self, file: &str, location: Location, event: &Event<'_>);

    /// Takes the result of a piece from the thread with this index. One that is not `needed` is read in order instead.
    fn piece(&mut self, thread: usize, output: O, needed: bool);

    /// Returns the first error of output since the last call.
    fn check(&mut self) -> Result;

    /// Writes what is buffered, before the process ends.
    fn flush(&mut self);

    /// Takes the report of a log that has been read.
    fn report(&mut self, report: LogReport);
}

/// Returns the number of threads to use: the requested one, or one per core.
pub(crate) fn thread_count(jobs: Option<NonZeroUsize>) -> usize {
    jobs.or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}

/// A piece for a thread.
struct Request {
    start: PieceStart,
    bytes: Arc<Vec<u8>>,
}

type PieceResult<O> = Option<(LineCounts, O)>;

/// A thread that reads pieces, and its results in the order of the requests.
struct PieceThread<O> {
    requests: SyncSender<Request>,
    results: Receiver<PieceResult<O>>,
}

/// Threads that read pieces.
pub(crate) struct Pool<O> {
    threads: Vec<PieceThread<O>>,
}

impl<O: Send> Pool<O> {
    /// Starts a thread for each reader.
    pub(crate) fn start<'s, R>(scope: &'s Scope<'s, '_>, readers: Vec<R>) -> Self
    where
        R: PieceReader<Output = O> + 's,
        O: 's,
    {
        let start = |mut reader: R| {
            let (requests, pieces) = sync_channel::<Request>(PIECES_PER_THREAD);
            let (send, results) = channel();
            scope.spawn(move || {
                for Request { start, bytes } in pieces {
                    let result = read_piece(&mut reader, &start, &bytes);
                    drop(bytes);
                    if send.send(result).is_err() {
                        break;
                    }
                }
            });
            PieceThread { requests, results }
        };
        Self {
            threads: readers.into_iter().map(start).collect(),
        }
    }

    /// Creates a pool without threads: everything is read in order.
    pub(crate) const fn empty() -> Self {
        Self {
            threads: Vec::new(),
        }
    }

    /// Reads a log, and reports it to the sink.
    ///
    /// # Errors
    /// Those of the sink's output. A log that cannot be read is reported.
    pub(crate) fn read(
        &self,
        input: &Input<'_>,
        progress: &mut Progress,
        sink: &mut impl LogSink<O>,
    ) -> Result {
        let name = input.name();
        progress.begin(name);
        let counter = progress.counter();
        thread::scope(|scope| {
            let (send, pieces) = sync_channel(PIECES_READ_AHEAD);
            let (give_back, spare) = channel();
            let reading = scope.spawn(move || {
                // Whoever takes the pieces has stopped if one cannot be sent.
                let mut take = |piece| send.send(piece).is_ok();
                split(input, &counter, &spare, &mut take)
            });
            let mut ordered = OrderedReading {
                pool: self,
                file: Arc::from(name.to_string()),
                reader: LogReader::new(),
                problems: LogProblems::new(name),
                sent: VecDeque::new(),
                sent_bytes: 0,
                sent_lines: 0,
                next_thread: 0,
                rereads: 0,
                spare: give_back,
                sink,
                progress,
            };
            ordered.take_all(&pieces)?;
            drop(pieces);
            // A panic of the thread is passed on by the scope.
            let unpacking = reading.join().unwrap_or(Ok(Ok(())));
            ordered.finish(unpacking)
        })
    }
}

fn read_piece<R: PieceReader>(
    reader: &mut R,
    start: &PieceStart,
    bytes: &[u8],
) -> PieceResult<R::Output> {
    reader.begin(start);
    let counts = lines::read(bytes, start.offset, &mut |location, event| {
        let line = start.lines.saturating_add(location.line);
        reader.event(Location { line, ..location }, event);
    });
    if counts.is_none() {
        reader.discard();
    }
    counts.map(|counts| (counts, reader.finish()))
}

/// A piece that was sent to a thread.
struct Sent {
    thread: usize,
    bytes: Arc<Vec<u8>>,
    lines: u64,
    start: PieceStart,
}

/// The reading of one log, in order.
struct OrderedReading<'r, 'n, O, S> {
    pool: &'r Pool<O>,
    file: Arc<str>,
    /// Reads what is read in order, and has the counts of all that was read.
    reader: LogReader,
    problems: LogProblems<'n>,
    sent: VecDeque<Sent>,
    sent_bytes: u64,
    sent_lines: u64,
    next_thread: usize,
    rereads: u32,
    /// Buffers to read into again.
    spare: Sender<Vec<u8>>,
    sink: &'r mut S,
    progress: &'r mut Progress,
}

impl<O: Send, S: LogSink<O>> OrderedReading<'_, '_, O, S> {
    /// Takes all pieces, and all results.
    fn take_all(&mut self, pieces: &Receiver<Piece>) -> Result {
        let max_sent = self.pool.threads.len() * PIECES_PER_THREAD;
        loop {
            let next = match pieces.try_recv() {
                Err(TryRecvError::Empty) if self.sent.is_empty() => self.wait_for(pieces),
                Err(TryRecvError::Empty) => {
                    self.receive()?;
                    continue;
                }
                other => other.ok(),
            };
            let Some(piece) = next else { break };
            self.problems.observe(&piece.bytes);
            if self.sent.len() >= max_sent.max(1) {
                self.receive()?;
            }
            if piece.has_whole_lines && self.accepts_pieces() {
                self.send(piece)?;
            } else {
                while !self.sent.is_empty() {
                    self.receive()?;
                }
                self.read_in_order(&piece.bytes)?;
                self.recycle(piece.bytes);
            }
        }
        while !self.sent.is_empty() {
            self.receive()?;
        }
        Ok(())
    }

    /// Waits for a piece; `None` at the end of the log.
    fn wait_for(&mut self, pieces: &Receiver<Piece>) -> Option<Piece> {
        loop {
            match pieces.recv_timeout(INTERRUPT_INTERVAL) {
                Ok(piece) => return Some(piece),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => self.exit_if_interrupted(),
            }
        }
    }

    /// Ends the process if the user has interrupted it. The threads that still wait for the log cannot be stopped in another way.
    fn exit_if_interrupted(&mut self) {
        if self.progress.is_interrupted() {
            self.sink.flush();
            self.progress.exit();
        }
    }

    /// Records that bytes were read, and returns the first error of output.
    fn after(&mut self, bytes: u64) -> Result {
        self.progress.add(bytes, self.reader.events());
        self.sink.check()?;
        self.exit_if_interrupted();
        Ok(())
    }

    /// Returns `true` if the next piece may be read by a thread. Pieces that were sent are assumed to be lines.
    fn accepts_pieces(&self) -> bool {
        !self.pool.threads.is_empty()
            && self.rereads < MAX_REREAD_PIECES
            && (!self.sent.is_empty() || self.reader.is_between_lines())
    }

    fn send(&mut self, piece: Piece) -> Result {
        let lines = self.reader.lines_before() + self.sent_lines;
        let start = PieceStart {
            file: Arc::clone(&self.file),
            offset: self.progress.bytes() + self.sent_bytes,
            lines,
            // As long as no line is blank.
            events: self.progress.events() + self.sent_lines,
        };
        let bytes = Arc::new(piece.bytes);
        let thread = self.next_thread;
        let request = Request {
            start: start.clone(),
            bytes: Arc::clone(&bytes),
        };
        let is_sent = self
            .pool
            .threads
            .get(thread)
            .is_some_and(|thread| thread.requests.send(request).is_ok());
        if !is_sent {
            return self.read_in_order(&bytes);
        }
        self.next_thread = (thread + 1) % self.pool.threads.len();
        self.sent_bytes += bytes.len() as u64;
        self.sent_lines += piece.lines;
        self.sent.push_back(Sent {
            thread,
            bytes,
            lines: piece.lines,
            start,
        });
        Ok(())
    }

    /// Takes the oldest result, or reads its piece in order.
    fn receive(&mut self) -> Result {
        let Some(Sent {
            thread,
            bytes,
            lines,
            start,
        }) = self.sent.pop_front()
        else {
            return Ok(());
        };
        self.sent_bytes -= bytes.len() as u64;
        self.sent_lines -= lines;
        let results = self.pool.threads.get(thread).map(|thread| &thread.results);
        // A thread that has panicked has no result; its panic is passed on when all threads end.
        let result = results.and_then(|results| results.recv().ok()).flatten();
        let is_expected = self.reader.is_between_lines()
            && self.reader.lines_before() == start.lines
            && self.progress.events() == start.events;
        match result {
            Some((counts, output)) if is_expected => {
                self.sink.piece(thread, output, true);
                self.reader.skip(bytes.len() as u64, counts);
                self.rereads = 0;
                self.after(bytes.len() as u64)?;
            }
            other => {
                if let Some((_, output)) = other {
                    self.sink.piece(thread, output, false);
                }
                self.rereads += 1;
                self.read_in_order(&bytes)?;
            }
        }
        if let Ok(bytes) = Arc::try_unwrap(bytes) {
            self.recycle(bytes);
        }
        Ok(())
    }

    fn read_in_order(&mut self, bytes: &[u8]) -> Result {
        let (file, problems, sink) = (&self.file, &mut self.problems, &mut *self.sink);
        self.reader
            .push(bytes, &mut |item| take(file, problems, sink, item));
        self.after(bytes.len() as u64)
    }

    fn recycle(&self, bytes: Vec<u8>) {
        // The thread that reads may have reached the end of the log.
        let _ = self.spare.send(bytes);
    }

    /// Reports the log.
    fn finish(self, unpacking: Result<Unpacking, Error>) -> Result {
        let Self {
            file,
            reader,
            mut problems,
            sink,
            progress,
            ..
        } = self;
        let unpacking = match unpacking {
            Ok(unpacking) => unpacking,
            Err(error) => {
                problems.read_error(error)?;
                sink.report(problems.interrupted(reader.events()));
                return Ok(());
            }
        };
        let summary = reader.finish(&mut |item| take(&file, &mut problems, sink, item));
        progress.add(0, summary.events);
        sink.check()?;
        sink.report(problems.finish(&summary, unpacking.err().as_ref()));
        Ok(())
    }
}

fn take<O>(
    file: &str,
    problems: &mut LogProblems<'_>,
    sink: &mut impl LogSink<O>,
    item: LogItem<'_>,
) {
    match item {
        LogItem::Event(location, event) => sink.event(file, location, event),
        LogItem::Problem(problem) => problems.problem(&problem),
    }
}

/// Reads logs one after another, with a thread for each reader. `has_results` is true if the sink prints while logs are read.
///
/// # Errors
/// Those of the sink's output. Logs that cannot be read are reported.
pub(crate) fn read_logs<R: PieceReader, S: LogSink<R::Output>>(
    names: &[FileName],
    readers: Vec<R>,
    has_results: bool,
    sink: &mut S,
) -> Result {
    let mut progress = Progress::new(names, has_results);
    thread::scope(|scope| {
        let pool = Pool::start(scope, readers);
        names
            .iter()
            .try_for_each(|name| pool.read(&Input::Once(name), &mut progress, sink))
    })
}
