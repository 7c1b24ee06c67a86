//! From the page to the worker.

use serde::{Deserialize, Serialize};

use crate::export::ExportAsk;
use crate::volume::{ClusterProfile, VolumeSettings};
use crate::{Generation, LogNumber, OutcomeTag};

/// From the page to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// The policy's text changed, or the version it is read under. Answered by [`Tell::Policy`] and, with a log, [`Tell::Answer`].
    Policy {
        /// The page's count of edits.
        generation: Generation,
        /// The whole text.
        text: String,
        /// `1.36`
        version: String,
    },
    /// Read these files as one log. The `File` objects travel beside the message. Like every log that is asked for, it takes the
    /// place of the open one with its first event ([`Tell::Opened`]), or does not ([`Tell::NotOpened`]).
    Open {
        /// The page's number for the log.
        log: LogNumber,
        /// Their names, in order.
        names: Vec<String>,
    },
    /// Read a pasted text as a log.
    Paste {
        /// The page's number for the log.
        log: LogNumber,
        /// The text.
        text: String,
    },
    /// Open a worked example: its log, and its policy ([`Tell::Example`]) if that is wanted, too.
    Example {
        /// The page's number for the log.
        log: LogNumber,
        /// Its place in [`Tell::Ready`]'s list.
        index: usize,
        /// Whether the policy is wanted.
        with_policy: bool,
    },
    /// Make a log of a cluster, and open it: [`Tell::Model`] follows [`Tell::Opened`].
    Model {
        /// The page's number for the log.
        log: LogNumber,
        /// The cluster.
        profile: ClusterProfile,
        /// `1.36`
        version: String,
    },
    /// Stop reading; what was read stays.
    Cancel,
    /// Answer with [`Tell::Pong`], as soon as there is time.
    Ping,
    /// Choose and order the rows. Answered by [`Tell::Rows`] from row 0 on, as [`Ask::Rows`] would be.
    View(View),
    /// Rows of the chosen view.
    Rows {
        /// First row, from 0, in the view's order.
        start: usize,
        /// How many.
        count: usize,
    },
    /// Count the chosen view's events by what they share. Answered by [`Tell::Facets`].
    Facets,
    /// Lines to copy or to save, a piece of them. Answered by [`Tell::Piece`].
    Lines {
        /// The page's number for the errand: a new one begins it, the same again asks for what follows.
        errand: u32,
        /// Which lines.
        lines: Lines,
    },
    /// The rest of the lines is not needed.
    DropLines,
    /// Everything about one event.
    Inspect {
        /// [`Row::event`] of the row.
        event: usize,
    },
    /// The export's form, and a document to copy or to save. Answered by [`Tell::Export`].
    Export(ExportAsk),
    /// The same document with all its files in one archive. Answered by [`Tell::Archive`].
    Archive(ExportAsk),
    /// Settings out of flags, a manifest or a kubeadm file. Answered by [`Tell::Imported`].
    Import {
        /// What was pasted.
        text: String,
        /// `1.36`
        version: String,
    },
    /// How much the policy writes. Answered by [`Tell::Volume`], and so is every answer from then on, until [`Ask::DropVolume`].
    Volume(VolumeSettings),
    /// How much the policy writes is not shown any more.
    DropVolume,
    /// Rules that would save bytes. Answered by [`Tell::Proposals`].
    Proposals,
    /// Hold the policy in force against those to come, or no longer.
    Pin(bool),
}

/// Which rows to show, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Words that must all occur, and `field:value` terms, of which those of one field are alternatives; [`crate::terms`] takes them apart.
    pub text: String,
    /// Only events of this outcome.
    pub outcome: Option<OutcomeTag>,
    /// Only events that this rule caught; `Some(None)` is "no rule".
    pub rule: Option<Option<usize>>,
    /// Column to order by; none is the log's own order.
    pub sort: Option<Column>,
    /// Largest or latest first.
    pub descending: bool,
    /// Group instead of listing; the answer's [`Rows::groups`] are filled and `rows` is empty.
    pub group_by: Option<Column>,
}

/// A column of the event table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Column {
    /// When the request was received.
    Time,
    /// The verb.
    Verb,
    /// Resource and name, or path.
    Resource,
    /// The user's name.
    User,
    /// A group of the user's; an event has as many as its user.
    Group,
    /// The namespace.
    Namespace,
    /// The stage.
    Stage,
    /// The response code.
    Code,
    /// Where the request came from; an event has as many as there are addresses in its `sourceIPs`.
    Source,
    /// The matching rule.
    Rule,
    /// The level.
    Level,
    /// What becomes of it.
    Outcome,
    /// Bytes recorded.
    Recorded,
    /// Bytes written.
    Written,
}

/// Lines to copy or to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Of which events.
    pub which: Which,
    /// In which form.
    pub form: Form,
}

/// Some of a log's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// Rows of the chosen view, by their places.
    Rows {
        /// The first.
        first: usize,
        /// The last.
        last: usize,
    },
    /// All of the log's, and those derived, in its own order.
    Log,
}

/// What is made of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// The event as the log holds it.
    Recorded,
    /// The line that the server would write under the policy.
    Written,
}
