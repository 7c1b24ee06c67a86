//! A pass over the open log, in chunks: its bytes are read again, as when it was opened.

use audit_log::{Event, Location, LogItem, LogReader, Problem};
use audit_sim::EventTable;
use audit_types::EventId;

use crate::log::Log;

/// Number of log bytes per chunk: some hundredths of a second of work.
const CHUNK_BYTES: u64 = 2 << 20;

/// A part of the log that a pass comes to, in the order of the files.
pub(crate) enum PassItem<'a> {
    /// The file with this index begins.
    File(usize),
    /// The next bytes of the file.
    Bytes(&'a [u8]),
    /// A recorded event.
    Event {
        /// Its id.
        id: EventId,
        /// Index of its file.
        file: usize,
        /// Its place in the file.
        location: Location,
        /// The event.
        event: &'a Event<'a>,
    },
    /// A part of the file that is not an event.
    Problem {
        /// Index of the file.
        file: usize,
        /// The part.
        problem: &'a Problem,
    },
}

/// A pass in progress.
pub(crate) struct LogPass {
    /// Ids of the recorded events in the order of the files; `None` if the table has that order.
    order: Option<Vec<EventId>>,
    /// Index of the file that is read.
    file: usize,
    /// Number of its bytes that were read.
    offset: u64,
    /// Reader of the file; `None` before its first byte.
    reader: Option<LogReader>,
    /// Number of events so far.
    events: usize,
    /// An event is not where it was when the log was opened.
    has_changed: bool,
    /// Number of bytes of the files before.
    bytes_before: u64,
    total_bytes: u64,
}

impl LogPass {
    /// Begins a pass.
    pub(crate) fn new(log: &Log) -> Self {
        Self {
            order: (log.sources.len() > 1).then(|| log.table.order_in_files()),
            file: 0,
            offset: 0,
            reader: None,
            events: 0,
            has_changed: false,
            bytes_before: 0,
            total_bytes: (0..log.sources.len()).map(|file| log.length_of(file)).sum(),
        }
    }

    /// Returns the number of bytes read so far, and that of all files.
    pub(crate) fn progress(&self) -> (f64, f64) {
        let bytes = self.bytes_before + self.offset;
        (bytes as f64, self.total_bytes as f64)
    }

    /// Returns `true` if all events were read. Reading of the log may have been cancelled before its end.
    pub(crate) fn is_done(&self, log: &Log) -> bool {
        self.events >= log.table.recorded() || self.file >= log.sources.len()
    }

    /// Returns `true` if the files were read to their ends.
    pub(crate) const fn is_at_end(&self, log: &Log) -> bool {
        self.file >= log.sources.len()
    }

    /// Returns the id of a recorded event by its position in the order of the files. The table has no event with the id of a position
    /// beyond the last.
    pub(crate) fn id_at(&self, position: usize) -> EventId {
        match &self.order {
            Some(order) => order
                .get(position)
                .copied()
                .unwrap_or(EventTable::recorded_id(usize::MAX)),
            None => EventTable::recorded_id(position),
        }
    }

    /// Reads the next part of the log.
    ///
    /// # Errors
    /// The name of a file and what is wrong with it, if it can no longer be read: "`audit.log` can no longer be read".
    pub(crate) fn next(
        &mut self,
        log: &Log,
        visit: &mut dyn FnMut(PassItem<'_>),
    ) -> Result<(), String> {
        let length = log.length_of(self.file);
        let has_events = log
            .report
            .files
            .get(self.file)
            .is_some_and(|file| file.events > 0);
        let left = length.saturating_sub(self.offset).min(CHUNK_BYTES);
        if left > 0 && has_events {
            let source = log.sources.get(self.file).and_then(|source| source.open());
            let bytes = source.and_then(|source| source.read(self.offset, left));
            // A file that has become shorter has another end.
            let bytes = bytes.filter(|bytes| bytes.len() as u64 == left);
            let bytes = bytes.ok_or_else(|| self.unreadable(log, "can no longer be read"))?;
            self.offset += left;
            self.read(log, Some(&bytes), visit);
        } else {
            self.read(log, None, visit);
            self.bytes_before += length;
            self.offset = 0;
            self.file += 1;
        }
        let is_end = self.file >= log.sources.len();
        if self.has_changed || is_end && self.events < log.table.recorded() {
            return Err(self.unreadable(log, "has changed since it was opened"));
        }
        Ok(())
    }

    /// Reads bytes of the current file, or its end.
    fn read(&mut self, log: &Log, bytes: Option<&[u8]>, visit: &mut dyn FnMut(PassItem<'_>)) {
        let recorded = log.table.recorded();
        let file = self.file;
        if self.reader.is_none() {
            visit(PassItem::File(file));
        }
        if let Some(bytes) = bytes {
            visit(PassItem::Bytes(bytes));
        }
        let mut current = self.reader.take().unwrap_or_default();
        let mut take = |item: LogItem<'_>| {
            let (location, event) = match item {
                LogItem::Event(location, event) => (location, event),
                LogItem::Problem(problem) => {
                    let problem = &problem;
                    return visit(PassItem::Problem { file, problem });
                }
            };
            // Reading may have been cancelled here.
            if self.events >= recorded {
                return;
            }
            let id = self.id_at(self.events);
            let known = log.table.location(id);
            if known.map(|(file, place)| (file, place.offset)) != Some((file, location.offset)) {
                self.has_changed = true;
                return;
            }
            self.events += 1;
            visit(PassItem::Event {
                id,
                file,
                location,
                event,
            });
        };
        match bytes {
            Some(bytes) => {
                current.push(bytes, &mut take);
                self.reader = Some(current);
            }
            None => {
                current.finish(&mut take);
            }
        }
    }

    fn unreadable(&self, log: &Log, what: &str) -> String {
        let last = log.sources.len().saturating_sub(1);
        let name = log.file_name(self.file.min(last));
        format!("`{name}` {what}")
    }
}
