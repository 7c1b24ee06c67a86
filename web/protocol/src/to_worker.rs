//! Messages from the page to the worker.

use audit_types::{EventId, KubernetesVersion};
use serde::{Deserialize, Serialize};

use crate::export::ExportRequest;
use crate::ids::{Generation, LogId};
use crate::lines::LineRequest;
use crate::metrics::MetricsFile;
use crate::model::ClusterProfile;
use crate::share::ShareRequest;
use crate::values::ValuesRequest;
use crate::view::View;
use crate::volume::VolumeSettings;

/// A message from the page to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// The policy's text or the Kubernetes version changed. The worker replies with [`ToPage::Policy`] and, if a log is open,
    /// [`ToPage::Answer`].
    ///
    /// [`ToPage::Policy`]: crate::ToPage::Policy
    /// [`ToPage::Answer`]: crate::ToPage::Answer
    Policy {
        /// Number of the edit.
        generation: Generation,
        /// The whole text.
        text: String,
        /// Version to emulate.
        version: KubernetesVersion,
        /// Index of the policy, if the text is a document with several.
        part: usize,
    },
    /// Read files as one log. The `File` objects travel next to the message. A requested log replaces the open one when its first
    /// event is read ([`ToPage::Opened`]); one without events never does ([`ToPage::NotOpened`]).
    ///
    /// [`ToPage::Opened`]: crate::ToPage::Opened
    /// [`ToPage::NotOpened`]: crate::ToPage::NotOpened
    Open {
        /// The page's number for the log.
        log: LogId,
        /// Names of the files, in order.
        names: Vec<String>,
    },
    /// Read a pasted text as a log.
    Paste {
        /// The page's number for the log.
        log: LogId,
        /// The text.
        text: String,
    },
    /// Open a worked example: its log and, if requested, its policy ([`ToPage::Example`]).
    ///
    /// [`ToPage::Example`]: crate::ToPage::Example
    Example {
        /// The page's number for the log.
        log: LogId,
        /// Index in the list of [`ToPage::Ready`].
        ///
        /// [`ToPage::Ready`]: crate::ToPage::Ready
        index: usize,
        /// `true` to send the policy as well.
        with_policy: bool,
    },
    /// Generate a synthetic log of a cluster and open it. [`ToPage::Model`] follows [`ToPage::Opened`].
    ///
    /// [`ToPage::Model`]: crate::ToPage::Model
    /// [`ToPage::Opened`]: crate::ToPage::Opened
    Model {
        /// The page's number for the log.
        log: LogId,
        /// Profile of the cluster.
        profile: ClusterProfile,
        /// Version of the cluster's servers.
        version: KubernetesVersion,
    },
    /// Stop reading and keep what was read.
    Cancel,
    /// Reply with [`ToPage::Pong`] as soon as the worker is idle.
    ///
    /// [`ToPage::Pong`]: crate::ToPage::Pong
    Ping,
    /// Select and order the rows. The worker replies with [`ToPage::Rows`] from row 0, as to [`ToWorker::Rows`].
    ///
    /// [`ToPage::Rows`]: crate::ToPage::Rows
    View(View),
    /// Send rows of the current view.
    Rows {
        /// Position of the first row in the view.
        start: usize,
        /// Number of rows.
        count: usize,
    },
    /// Count the current view's events by value of each field. The worker replies with [`ToPage::Facets`].
    ///
    /// [`ToPage::Facets`]: crate::ToPage::Facets
    Facets,
    /// Send values of a field, to complete the filter with. The worker replies with [`ToPage::Values`].
    ///
    /// [`ToPage::Values`]: crate::ToPage::Values
    Values(ValuesRequest),
    /// Send the next lines of an export. The worker replies with [`ToPage::Lines`].
    ///
    /// [`ToPage::Lines`]: crate::ToPage::Lines
    Lines {
        /// The page's number for the export: a new number starts one, the same number continues it.
        job: u32,
        /// Lines to export.
        lines: LineRequest,
    },
    /// Cancel the export of lines.
    CancelExport,
    /// Send the details of one event.
    Inspect {
        /// [`RowView::event`](crate::RowView::event) of the row.
        event: EventId,
    },
    /// Send the form of the settings and one target's document. The worker replies with [`ToPage::Export`].
    ///
    /// [`ToPage::Export`]: crate::ToPage::Export
    Export(ExportRequest),
    /// Send the same document with all its files as one archive. The worker replies with [`ToPage::Archive`].
    ///
    /// [`ToPage::Archive`]: crate::ToPage::Archive
    Archive(ExportRequest),
    /// Read settings from flags, a manifest or a kubeadm file. The worker replies with [`ToPage::Imported`].
    ///
    /// [`ToPage::Imported`]: crate::ToPage::Imported
    Import {
        /// Pasted text.
        text: String,
        /// Version to emulate.
        version: KubernetesVersion,
    },
    /// Estimate the volume now and after every change, until [`ToWorker::HideVolume`]. The worker replies with [`ToPage::Volume`].
    ///
    /// [`ToPage::Volume`]: crate::ToPage::Volume
    Volume(VolumeSettings),
    /// Stop estimating the volume.
    HideVolume,
    /// Send suggestions for smaller volume. The worker replies with [`ToPage::Suggestions`].
    ///
    /// [`ToPage::Suggestions`]: crate::ToPage::Suggestions
    Suggestions,
    /// Check the next part of the log against the policy. The worker replies with [`ToPage::PolicyCheck`].
    ///
    /// [`ToPage::PolicyCheck`]: crate::ToPage::PolicyCheck
    CheckPolicy {
        /// The page's number for the check: a new number starts one, the same number continues it.
        job: u32,
    },
    /// Cancel the check.
    CancelPolicyCheck,
    /// Read metrics of API servers: scrapes of the same server, or of several. The worker replies with [`ToPage::MetricsOpened`] or
    /// [`ToPage::MetricsNotOpened`].
    ///
    /// [`ToPage::MetricsOpened`]: crate::ToPage::MetricsOpened
    /// [`ToPage::MetricsNotOpened`]: crate::ToPage::MetricsNotOpened
    OpenMetrics(Vec<MetricsFile>),
    /// Estimate the volume from the metrics. The worker replies with [`ToPage::Metrics`].
    ///
    /// [`ToPage::Metrics`]: crate::ToPage::Metrics
    EstimateFromMetrics {
        /// Hours that the counters cover; `None` for what the metrics say.
        hours: Option<f64>,
        /// Version of the page.
        version: KubernetesVersion,
    },
    /// Forget the metrics.
    CloseMetrics,
    /// Explain a finding. The reply is [`ToPage::CodePage`](crate::ToPage::CodePage).
    Explain {
        /// Its code: `AP012`.
        code: String,
    },
    /// Compare the volume with that of this policy, or with none. One that the server rejects is as none.
    SetBaseline(Option<BaselinePolicy>),
    /// Prepare the content of a link or file. The worker replies with [`ToPage::Shared`].
    ///
    /// [`ToPage::Shared`]: crate::ToPage::Shared
    Share(ShareRequest),
    /// An encoded [`AnalysisRequest`](crate::AnalysisRequest).
    Analysis(Vec<u8>),
}

/// A policy to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselinePolicy {
    /// Its text, as in the editor.
    pub text: String,
    /// Version to load it for.
    pub version: KubernetesVersion,
    /// Index of the policy in a document with several.
    pub part: usize,
}
