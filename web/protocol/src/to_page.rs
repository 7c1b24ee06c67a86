//! Messages from the worker to the page.

use audit_types::{EventId, KubernetesVersion};
use serde::{Deserialize, Serialize};

use crate::answer::AnswerReport;
use crate::code_page::CodePage;
use crate::export::{ExportReport, ImportReport};
use crate::ids::LogId;
use crate::inspection::Inspection;
use crate::lines::LineChunk;
use crate::log::{LogReport, Progress};
use crate::metrics::{MetricsRejection, MetricsReport};
use crate::model::ModelReport;
use crate::policy::PolicyReport;
use crate::policy_check::PolicyCheckStep;
use crate::share::ShareReport;
use crate::table::{Facets, Rows};
use crate::values::FieldValues;
use crate::volume::{SuggestionReport, VolumeReport};

/// A message from the worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToPage {
    /// The worker has started.
    Ready {
        /// Worked examples, in menu order.
        examples: Vec<ExampleTitle>,
        /// Supported Kubernetes versions, newest first.
        versions: Vec<KubernetesVersion>,
    },
    /// Result of loading a policy.
    Policy(PolicyReport),
    /// Policy of an example, for the editor.
    Example {
        /// Index in the menu.
        index: usize,
        /// Text of the policy.
        policy: String,
        /// Hint at what to look at, in one or two sentences.
        hint: String,
        /// Row to select first.
        event: Option<EventPosition>,
    },
    /// A log is being read.
    Progress(Progress),
    /// A requested log has an event and replaces the one that was open. The following messages are about it.
    Opened {
        /// The page's number for it.
        log: LogId,
    },
    /// A requested log has no event: the open one stays.
    NotOpened {
        /// The page's number for it.
        log: LogId,
        /// Result of reading it.
        report: LogReport,
        /// Reason why there was nothing to read, as a sentence; empty if the report has it.
        reason: String,
    },
    /// The open log was read to its end, or as far as possible.
    Log(LogReport),
    /// Effect of the policy on the log.
    Answer(AnswerReport),
    /// Rows of the view.
    Rows(Rows),
    /// Numbers of the view's events by value of each field.
    Facets(Facets),
    /// Values of a field, to complete the filter with.
    Values(FieldValues),
    /// Lines of an export.
    Lines(LineChunk),
    /// Details of one event.
    Inspection(Box<Inspection>),
    /// Form of the settings and one target's document.
    Export(Box<ExportReport>),
    /// All files of a target as one archive.
    Archive {
        /// File name of the archive.
        name: String,
        /// Content of the archive.
        bytes: Vec<u8>,
    },
    /// Settings read from a pasted text.
    Imported(ImportReport),
    /// Estimated volume.
    Volume(Box<VolumeReport>),
    /// Composition of the synthetic log that was opened.
    Model(ModelReport),
    /// Suggestions for smaller volume.
    Suggestions(SuggestionReport),
    /// Progress or result of a check whether the log was written by the policy.
    PolicyCheck(PolicyCheckStep),
    /// Metrics were read; the volume can be estimated from them.
    MetricsOpened,
    /// Metrics cannot be used. Those that were read before stay.
    MetricsNotOpened(MetricsRejection),
    /// Volume estimated from the metrics.
    Metrics(Box<MetricsReport>),
    /// Explanation of a code.
    CodePage(CodePage),
    /// Content of a link or file.
    Shared(Box<ShareReport>),
    /// An encoded [`AnalysisReply`](crate::AnalysisReply).
    Analysis(Vec<u8>),
    /// Reply to a ping.
    Pong,
    /// The second part of the engine could not be loaded. Messages that need it wait until it has arrived.
    PartMissing,
    /// The worker could not do what was requested.
    RequestFailed {
        /// Reason and remedy, as a sentence.
        message: String,
    },
    /// The event to inspect is not in the log: the request was about a log that has been replaced since, or about an event that has
    /// not been read yet.
    NoEvent {
        /// Its id.
        event: EventId,
    },
}

/// Position of an event in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPosition {
    /// Position in the log's own order.
    pub position: usize,
    /// Id of the event.
    pub event: EventId,
}

/// An entry of the examples menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleTitle {
    /// Title in a few words.
    pub title: String,
    /// Summary in one sentence.
    pub summary: String,
}
