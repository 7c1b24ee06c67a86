//! Logs read on several threads: chunks of whole lines, whose results are taken in the order of the log.
//!
//! One thread reads and decompresses, others read the events of the chunks, and the caller's thread puts the results in order. A chunk in
//! which some line is not exactly one event is read again in order, as is every log that is not JSON lines. So the results are the same for
//! any number of threads.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel,
};
use std::thread::{self, JoinHandle, Scope};
use std::time::Duration;

use audit_log::lines::{self, LineCounts};
use audit_log::{Event, Location, LogItem, LogReader};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::files::{LogProblems, LogReport};
use crate::input::failed;
use crate::logs::{DecompressResult, Input};
use crate::progress::{OnInterrupt, Progress};
use crate::split::{Chunk, split};

/// Number of chunks that are read ahead of the threads.
const CHUNKS_READ_AHEAD: usize = 4;

/// Number of chunks sent to each thread in advance: one to read now and one to read next.
const CHUNKS_PER_THREAD: usize = 2;

/// Maximum number of bytes of results that wait for their turn, unless two results have more.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// Number of consecutive chunks with other lines than events after which the rest of a log is read in order.
const MAX_OTHER_CHUNKS: u32 = 8;

/// Time between two looks whether the user has interrupted the command, while it waits for a log.
const INTERRUPT_INTERVAL: Duration = Duration::from_millis(100);

/// Start of a chunk.
#[derive(Debug, Clone)]
pub(crate) struct ChunkStart {
    /// Name of the log.
    pub(crate) file: Arc<str>,
    /// Offset in the decompressed log.
    offset: u64,
    /// Number of lines before it in the log.
    lines: u64,
    /// Number of events before it, in this log and those before.
    pub(crate) events: u64,
}

/// Reads the events of chunks on a thread of its own.
pub(crate) trait ChunkReader: Send {
    /// Result of a chunk.
    type Output: Send;

    /// The result depends on the number of events before it.
    const NEEDS_EVENT_NUMBERS: bool;

    /// Begins a chunk.
    fn begin(&mut self, start: &ChunkStart);

    /// Handles an event; the line of its location counts from the start of the log.
    fn event(&mut self, location: Location, event: &Event<'_>);

    /// Returns the result of the chunk.
    fn finish(&mut self) -> Self::Output;

    /// Drops the result of a chunk that has to be read in order.
    fn discard(&mut self);

    /// Returns the number of bytes that a result holds, roughly.
    fn output_bytes(output: &Self::Output) -> usize;
}

/// Takes the contents of logs in their order.
pub(crate) trait LogSink<O> {
    /// Takes an event of a part that is read in order.
    fn event(&mut self, file: &str, location: Location, event: &Event<'_>);

    /// Takes the result of a chunk from the thread with this index.
    fn chunk(&mut self, thread: usize, output: O);

    /// Takes a result that is not needed: the events of the chunk follow in order.
    fn discarded_chunk(&mut self, thread: usize, output: O);

    /// Writes what was taken so far; returns the first error.
    fn write_pending(&mut self) -> Result;

    /// Writes what is buffered: the log has nothing to read now, or the process ends.
    fn flush(&mut self) -> Result;

    /// Takes the report of a log that has been read.
    fn report(&mut self, report: LogReport);
}

/// Maximum number of threads.
const MAX_THREADS: usize = 256;

/// Returns the number of threads to use: the requested one, or one per core; at most 256.
pub(crate) fn thread_count(jobs: Option<NonZeroUsize>) -> usize {
    jobs.or_else(|| thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
        .min(MAX_THREADS)
}

/// A chunk for a thread.
struct Request {
    start: ChunkStart,
    chunk: Arc<Chunk>,
}

/// Result of a chunk. `None` if some line is not exactly one event.
type ChunkResult<O> = Option<(LineCounts, O, usize)>;

/// A thread that reads chunks, and its results in the order of the requests.
struct ChunkThread<O> {
    requests: SyncSender<Request>,
    results: Receiver<ChunkResult<O>>,
}

/// Threads that read chunks.
pub(crate) struct Pool<O> {
    threads: Vec<ChunkThread<O>>,
    needs_event_numbers: bool,
    /// Size of the largest result so far; 0 before the first.
    largest_output: usize,
    /// Number of events of the logs that were read.
    events: u64,
}

impl<O: Send> Pool<O> {
    /// Starts a thread for each reader, or for as many as the system allows.
    pub(crate) fn start<'s, R>(scope: &'s Scope<'s, '_>, readers: Vec<R>) -> Self
    where
        R: ChunkReader<Output = O> + 's,
        O: 's,
    {
        let threads = readers
            .into_iter()
            .map_while(|reader| start_thread(scope, reader).ok());
        Self {
            threads: threads.collect(),
            needs_event_numbers: R::NEEDS_EVENT_NUMBERS,
            ..Self::empty()
        }
    }

    /// Creates a pool without threads: everything is read in order.
    pub(crate) const fn empty() -> Self {
        Self {
            threads: Vec::new(),
            needs_event_numbers: false,
            largest_output: 0,
            events: 0,
        }
    }

    /// Reads a log, and reports it to the sink.
    ///
    /// # Errors
    /// Those of the sink's output. A log that cannot be read is reported.
    pub(crate) fn read(
        &mut self,
        input: Input,
        progress: &mut Progress,
        sink: &mut impl LogSink<O>,
    ) -> Result {
        let name = input.name().clone();
        progress.begin(&name);
        let (send, chunks) = sync_channel(CHUNKS_READ_AHEAD);
        let (give_back, used) = channel();
        // Not of the scope: if the output fails, nobody waits until the next bytes of a pipe arrive.
        let is_stopped = progress.stop_signal();
        let reading = thread::Builder::new().spawn(move || {
            // Whoever takes the chunks has stopped if one cannot be sent.
            let mut take = |chunk| send.send(chunk).is_ok() && !is_stopped();
            split(&input, &used, &mut take)
        });
        let mut ordered = OrderedReading {
            file: Arc::from(name.to_string()),
            reader: LogReader::new(),
            problems: LogProblems::new(&name),
            offset: 0,
            sent: VecDeque::new(),
            sent_bytes: 0,
            sent_lines: 0,
            next_thread: 0,
            other_chunks: 0,
            used: give_back,
            pool: self,
            sink,
            progress,
        };
        ordered.take_all(&chunks)?;
        let end = match reading {
            // It waits for bytes that are not wanted any more.
            Ok(reading) if ordered.progress.stops() && !reading.is_finished() => Ok(Ok(())),
            Ok(reading) => end_of(reading),
            Err(error) => Err(failed(&name, error)),
        };
        ordered.finish(end)
    }
}

/// Waits for the thread that reads a log. A panic goes on here.
fn end_of(reading: JoinHandle<Result<DecompressResult, Error>>) -> Result<DecompressResult, Error> {
    reading.join().unwrap_or_else(|panic| resume_unwind(panic))
}

fn start_thread<'s, R>(
    scope: &'s Scope<'s, '_>,
    mut reader: R,
) -> io::Result<ChunkThread<R::Output>>
where
    R: ChunkReader + 's,
    R::Output: 's,
{
    let (requests, chunks) = sync_channel::<Request>(CHUNKS_PER_THREAD);
    let (send, results) = channel();
    thread::Builder::new().spawn_scoped(scope, move || {
        for Request { start, chunk } in chunks {
            let result = read_chunk(&mut reader, &start, chunk.bytes());
            drop(chunk);
            if send.send(result).is_err() {
                break;
            }
        }
    })?;
    Ok(ChunkThread { requests, results })
}

fn read_chunk<R: ChunkReader>(
    reader: &mut R,
    start: &ChunkStart,
    bytes: &[u8],
) -> ChunkResult<R::Output> {
    reader.begin(start);
    let counts = lines::read(bytes, start.offset, &mut |location, event| {
        let line = start.lines.saturating_add(location.line);
        reader.event(Location { line, ..location }, event);
    });
    let Some(counts) = counts else {
        reader.discard();
        return None;
    };
    let output = reader.finish();
    let bytes = R::output_bytes(&output);
    Some((counts, output, bytes))
}

/// A chunk that was sent to a thread.
struct Sent {
    thread: usize,
    chunk: Arc<Chunk>,
    start: ChunkStart,
}

/// The reading of one log, in order.
struct OrderedReading<'r, 'n, O, S> {
    pool: &'r mut Pool<O>,
    file: Arc<str>,
    /// Reads what is read in order, and has the counts of all that was read.
    reader: LogReader,
    problems: LogProblems<'n>,
    /// Number of bytes that were read, decompressed.
    offset: u64,
    sent: VecDeque<Sent>,
    sent_bytes: u64,
    sent_lines: u64,
    next_thread: usize,
    /// Number of consecutive chunks with other lines than events.
    other_chunks: u32,
    /// Returns buffers to the thread that reads.
    used: Sender<Vec<u8>>,
    sink: &'r mut S,
    progress: &'r mut Progress,
}

impl<O: Send, S: LogSink<O>> OrderedReading<'_, '_, O, S> {
    /// Takes all chunks, and all results.
    fn take_all(&mut self, chunks: &Receiver<Chunk>) -> Result {
        loop {
            let next = match chunks.try_recv() {
                Err(TryRecvError::Empty) if self.sent.is_empty() => self.wait_for(chunks)?,
                Err(TryRecvError::Empty) => {
                    self.receive()?;
                    continue;
                }
                other => other.ok(),
            };
            let Some(chunk) = next else { break };
            self.problems.observe(chunk.bytes());
            while self.sent.len() >= self.max_sent() {
                self.receive()?;
            }
            if chunk.ends_line && self.accepts_chunks() {
                self.send(chunk)?;
            } else {
                self.receive_all()?;
                self.read_in_order(&chunk)?;
                self.recycle(chunk);
            }
        }
        self.receive_all()
    }

    /// Waits for a chunk; `None` at the end of the log, or if the reading is stopped. What was taken is written first: the next bytes of a
    /// pipe may be long in coming.
    fn wait_for(&mut self, chunks: &Receiver<Chunk>) -> Result<Option<Chunk>> {
        self.sink.flush()?;
        loop {
            match chunks.recv_timeout(INTERRUPT_INTERVAL) {
                Ok(chunk) => return Ok(Some(chunk)),
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) if self.progress.stops() => return Ok(None),
                Err(RecvTimeoutError::Timeout) => self.exit_if_interrupted(),
            }
        }
    }

    /// Ends the process if the user has interrupted it.
    fn exit_if_interrupted(&mut self) {
        if self.progress.exits() {
            // The process ends, so there is nobody to report an error to.
            let _ = self.sink.flush();
            self.progress.exit();
        }
    }

    /// Returns the number of chunks that may be sent at a time: fewer if their results are large.
    fn max_sent(&self) -> usize {
        let all = self.pool.threads.len() * CHUNKS_PER_THREAD;
        let by_size = match self.pool.largest_output {
            0 => CHUNKS_PER_THREAD,
            bytes => MAX_WAITING_BYTES / bytes,
        };
        by_size.clamp(CHUNKS_PER_THREAD, all.max(CHUNKS_PER_THREAD))
    }

    /// Returns `true` if the next chunk may be read by a thread. Chunks that were sent are assumed to be lines.
    fn accepts_chunks(&self) -> bool {
        !self.pool.threads.is_empty()
            && self.other_chunks < MAX_OTHER_CHUNKS
            && (!self.sent.is_empty() || self.reader.is_between_lines())
    }

    /// Returns the number of events before what is read next, in all logs.
    const fn events(&self) -> u64 {
        self.pool.events + self.reader.events()
    }

    fn send(&mut self, chunk: Chunk) -> Result {
        let start = ChunkStart {
            file: Arc::clone(&self.file),
            offset: self.offset + self.sent_bytes,
            lines: self.reader.lines_before() + self.sent_lines,
            // Assumes one event per line; `receive` checks it.
            events: self.events() + self.sent_lines,
        };
        let chunk = Arc::new(chunk);
        let request = Request {
            start: start.clone(),
            chunk: Arc::clone(&chunk),
        };
        let thread = self.next_thread;
        let is_sent = self
            .pool
            .threads
            .get(thread)
            .is_some_and(|thread| thread.requests.send(request).is_ok());
        if !is_sent {
            // The thread has panicked, which goes on when all threads end.
            self.receive_all()?;
            return self.read_in_order(&chunk);
        }
        self.next_thread = (thread + 1) % self.pool.threads.len();
        self.sent_bytes += chunk.bytes().len() as u64;
        self.sent_lines += chunk.lines;
        self.sent.push_back(Sent {
            thread,
            chunk,
            start,
        });
        Ok(())
    }

    fn receive_all(&mut self) -> Result {
        while !self.sent.is_empty() {
            self.receive()?;
        }
        Ok(())
    }

    /// Takes the oldest result, or reads its chunk in order.
    fn receive(&mut self) -> Result {
        let Some(sent) = self.sent.pop_front() else {
            return Ok(());
        };
        let Sent {
            thread,
            chunk,
            start,
        } = sent;
        self.sent_bytes -= chunk.bytes().len() as u64;
        self.sent_lines -= chunk.lines;
        let results = self.pool.threads.get(thread).map(|thread| &thread.results);
        // A thread that has panicked has no result.
        let result = results.and_then(|results| results.recv().ok()).flatten();
        match result {
            Some((counts, output, bytes)) if self.fits(&start) => {
                self.pool.largest_output = self.pool.largest_output.max(bytes);
                self.other_chunks = 0;
                self.sink.chunk(thread, output);
                self.reader.skip(chunk.bytes().len() as u64, counts);
                if counts.events > 0 {
                    self.problems.found_event();
                }
                self.after(&chunk)?;
            }
            Some((_, output, _)) => {
                self.sink.discarded_chunk(thread, output);
                self.read_in_order(&chunk)?;
            }
            None => {
                self.other_chunks += 1;
                self.read_in_order(&chunk)?;
            }
        }
        if let Ok(chunk) = Arc::try_unwrap(chunk) {
            self.recycle(chunk);
        }
        Ok(())
    }

    /// Returns `true` if a chunk that was sent starts where the log has been read to.
    fn fits(&self, start: &ChunkStart) -> bool {
        self.reader.is_between_lines()
            && self.reader.lines_before() == start.lines
            && (self.events() == start.events || !self.pool.needs_event_numbers)
    }

    fn read_in_order(&mut self, chunk: &Chunk) -> Result {
        let (file, problems, sink) = (&self.file, &mut self.problems, &mut *self.sink);
        self.reader
            .push(chunk.bytes(), &mut |item| take(file, problems, sink, item));
        self.after(chunk)
    }

    /// Records that a chunk was read, and writes what is pending.
    fn after(&mut self, chunk: &Chunk) -> Result {
        self.offset += chunk.bytes().len() as u64;
        self.sink.write_pending()?;
        self.progress.update(chunk.stored_bytes, self.events());
        self.exit_if_interrupted();
        Ok(())
    }

    fn recycle(&self, chunk: Chunk) {
        // The thread that reads may have reached the end of the log.
        let _ = self.used.send(chunk.into_buffer());
    }

    /// Reports the log.
    fn finish(self, end: Result<DecompressResult, Error>) -> Result {
        let Self {
            file,
            reader,
            mut problems,
            pool,
            sink,
            ..
        } = self;
        let decompressed = match end {
            Ok(decompressed) => decompressed,
            Err(error) => {
                problems.read_error(error)?;
                pool.events += reader.events();
                sink.report(problems.finish_after_read_error(reader.events()));
                return Ok(());
            }
        };
        let summary = reader.finish(&mut |item| take(&file, &mut problems, sink, item));
        pool.events += summary.events;
        sink.write_pending()?;
        sink.report(problems.finish(&summary, decompressed.err().as_ref()));
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
        LogItem::Event(location, event) => {
            problems.found_event();
            sink.event(file, location, event);
        }
        LogItem::Problem(problem) => problems.problem(&problem),
    }
}

/// Reads logs one after another, with a thread for each reader. `has_results` is true if the sink prints while logs are read. An interrupt
/// that stops the reading is not an error: the logs that were read are reported.
///
/// # Errors
/// Those of the sink's output. Logs that cannot be read are reported.
pub(crate) fn read_logs<R: ChunkReader, S: LogSink<R::Output>>(
    names: &[FileName],
    readers: Vec<R>,
    (has_results, on_interrupt): (bool, OnInterrupt),
    sink: &mut S,
) -> Result {
    let mut progress = Progress::new(names, has_results, on_interrupt);
    thread::scope(|scope| {
        let mut pool = Pool::start(scope, readers);
        for name in names {
            if progress.stops() {
                break;
            }
            pool.read(Input::Once(name.clone()), &mut progress, sink)?;
        }
        Ok(())
    })
}
