//! Sources of events: files, and the control-plane nodes that a file names.

use std::borrow::Cow;

use audit_log::{Event, Location};
use hashbrown::HashMap;

use super::node::node_name;
use super::record::Window;

/// Maximum number of nodes that are distinguished in a file. Events of further nodes count as those of the file.
const MAX_NODES: usize = 256;

/// A file, or the events of one node in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSource {
    /// Name of the file.
    pub file: String,
    /// Name of the node; `None` if the events do not name one.
    pub node: Option<String>,
}

impl LogSource {
    /// Returns the name for display: `audit.log, node cp-1`.
    pub fn label(&self) -> String {
        match &self.node {
            Some(node) => format!("{}, node {node}", self.file),
            None => self.file.clone(),
        }
    }
}

/// Finds the source of each event of a log while it is read.
///
/// ```
/// use audit_log::{LogItem, LogReader};
/// use audit_sim::policy_check::SourceFinder;
///
/// let log = br#"{"hostname":"cp-1","log":{"kind":"Event","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{}}}"#;
/// let mut finder = SourceFinder::default();
/// finder.begin_file("audit.log");
/// finder.push(log);
/// let mut visit = |item: LogItem<'_>| {
///     if let LogItem::Event(location, event) = item {
///         finder.source_of(location, event);
///     }
/// };
/// let mut reader = LogReader::new();
/// reader.push(log, &mut visit);
/// reader.finish(&mut visit);
/// assert_eq!(finder.sources()[0].label(), "audit.log, node cp-1");
/// ```
#[derive(Debug, Clone, Default)]
pub struct SourceFinder {
    sources: Vec<LogSource>,
    file: String,
    /// Indices of sources, by node, for the current file.
    ids: HashMap<Option<String>, usize>,
    /// The last bytes of the current file.
    window: Window,
}

impl SourceFinder {
    /// Begins the next file.
    pub fn begin_file(&mut self, name: &str) {
        name.clone_into(&mut self.file);
        self.ids.clear();
        self.window = Window::default();
    }

    /// Adds the next bytes of the file, decompressed. Call it before the events in them are passed.
    pub fn push(&mut self, chunk: &[u8]) {
        self.window.push(chunk);
    }

    /// Returns the index of the source of an event of the current file.
    pub fn source_of(&mut self, location: Location, event: &Event<'_>) -> usize {
        let node = node_name(event).map(Cow::into_owned);
        let node = node.or_else(|| self.window.node(location));
        if let Some(known) = self.ids.get(&node) {
            return *known;
        }
        let node = node.filter(|_| self.ids.len() < MAX_NODES);
        if let Some(known) = self.ids.get(&node) {
            return *known;
        }
        let index = self.sources.len();
        self.sources.push(LogSource {
            file: self.file.clone(),
            node: node.clone(),
        });
        self.ids.insert(node, index);
        index
    }

    /// Returns the sources so far, by index.
    pub fn sources(&self) -> &[LogSource] {
        &self.sources
    }
}
