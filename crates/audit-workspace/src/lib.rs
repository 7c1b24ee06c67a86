//! The state of the playground as one versioned document: policy, Kubernetes version and settings.
//!
//! `WORKSPACE.md` documents its JSON. The page stores it in the browser and saves it as a file. It never contains a log.
//!
//! ```
//! use audit_workspace::Workspace;
//!
//! let workspace = Workspace {
//!     policy: "rules: []".to_owned(),
//!     ..Workspace::default()
//! };
//! assert_eq!(Workspace::from_json(&workspace.to_json()), Ok(workspace));
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Newest version of the format that this crate reads; the version that it writes.
pub const VERSION: u64 = 1;

/// Value of the member `kind`, which identifies a workspace.
pub const KIND: &str = "AuditPolicyWorkspace";

/// A workspace, version 1. Absent members have their defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Workspace {
    /// Name chosen by the user; may be empty.
    pub name: String,
    /// Text of the audit policy as typed.
    pub policy: String,
    /// Kubernetes minor version, such as `1.36`; empty for the newest.
    pub kubernetes_version: String,
    /// Settings of the export.
    pub export: ExportSettings,
    /// Cluster to generate a log for; `None` for the default cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterProfile>,
    /// Prices of a log service.
    pub prices: Prices,
    /// Filter and order of the event table.
    pub view: ViewSettings,
    /// Origin of the open log. The content of a log is never stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogOrigin>,
}

/// Settings of the export.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ExportSettings {
    /// Name of the export target, such as `static-pod`; empty for the first.
    pub target: String,
    /// Fields of the form by name, as typed. `None` for the page's defaults; an absent field has the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Manifest to insert the settings into; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manifest: String,
}

/// A cluster to generate a log for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterProfile {
    /// Nodes with an API server.
    pub control_plane_nodes: u32,
    /// Other nodes.
    pub nodes: u32,
    /// Pods.
    pub pods: u32,
    /// Pods replaced per hour; `None` for the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods_replaced_per_hour: Option<f64>,
    /// People who use `kubectl`.
    pub people: u32,
    /// Deployment pipelines.
    pub pipelines: u32,
    /// Reads per minute by one busy controller.
    #[serde(default)]
    pub busy_controller_reads_per_minute: f64,
}

/// Prices of a log service.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Prices {
    /// Price per gigabyte ingested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingested_per_gb: Option<f64>,
    /// Price per gigabyte stored per month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_per_gb_month: Option<f64>,
}

/// Filter and order of the event table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ViewSettings {
    /// Filter text, such as `user:alice outcome:written`.
    pub filter: String,
    /// Column to sort by, such as `time`; `None` for the order of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Sorts the largest or latest first.
    pub descending: bool,
    /// Column to group by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
}

/// Origin of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogOrigin {
    /// An example, by title.
    Example(String),
    /// A log generated for [`Workspace::cluster`].
    Generated,
    /// Files, by name. They have to be opened again.
    Files(Vec<String>),
    /// Pasted text. It has to be pasted again.
    Pasted,
}

/// Reason why a text is not a readable workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// JSON of another kind, or not JSON at all.
    NotAWorkspace,
    /// A version that this crate does not know.
    UnknownVersion(u64),
    /// An invalid workspace, with the message of the JSON parser.
    Invalid(String),
}

impl fmt::Display for WorkspaceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAWorkspace => out.write_str("not a workspace"),
            Self::UnknownVersion(version) => write!(
                out,
                "unsupported workspace version {version}, expected {VERSION}"
            ),
            Self::Invalid(message) => write!(out, "invalid workspace: {message}"),
        }
    }
}

impl std::error::Error for WorkspaceError {}

/// Members that every version has.
#[derive(Deserialize)]
struct Header {
    kind: Option<String>,
    version: Option<u64>,
}

/// A workspace with its header, for serialization.
#[derive(Serialize)]
struct WorkspaceOut<'w> {
    kind: &'static str,
    version: u64,
    #[serde(flatten)]
    workspace: &'w Workspace,
}

/// A workspace with its header, for deserialization.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WorkspaceIn {
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    policy: String,
    #[serde(default)]
    kubernetes_version: String,
    #[serde(default)]
    export: ExportSettings,
    #[serde(default)]
    cluster: Option<ClusterProfile>,
    #[serde(default)]
    prices: Prices,
    #[serde(default)]
    view: ViewSettings,
    #[serde(default)]
    log: Option<LogOrigin>,
}

impl Workspace {
    /// Returns `true` if the beginning of a text looks like a workspace.
    pub fn is_likely(head: &str) -> bool {
        let head = head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
        head.starts_with('{') && head.contains(&["\"", KIND, "\""].concat())
    }

    /// Parses a workspace.
    ///
    /// # Errors
    /// Returns a [`WorkspaceError`]. A member that version 1 does not have is an error, because saving would drop it.
    pub fn from_json(text: &str) -> Result<Self, WorkspaceError> {
        let text = text.trim_start_matches('\u{feff}');
        let invalid = |error: serde_json::Error| WorkspaceError::Invalid(error.to_string());
        let header: Header = serde_json::from_str(text).map_err(|error| {
            if Self::is_likely(text) {
                invalid(error)
            } else {
                WorkspaceError::NotAWorkspace
            }
        })?;
        match (header.kind.as_deref(), header.version) {
            (Some(KIND), Some(VERSION)) => {}
            (Some(KIND), Some(version)) => return Err(WorkspaceError::UnknownVersion(version)),
            (Some(KIND), None) => {
                return Err(WorkspaceError::Invalid("`version` is missing".to_owned()));
            }
            _ => return Err(WorkspaceError::NotAWorkspace),
        }
        let read: WorkspaceIn = serde_json::from_str(text).map_err(invalid)?;
        Ok(Self {
            name: read.name,
            policy: read.policy,
            kubernetes_version: read.kubernetes_version,
            export: read.export,
            cluster: read.cluster,
            prices: read.prices,
            view: read.view,
            log: read.log,
        })
    }

    /// Serializes the workspace with its header.
    pub fn to_json(&self) -> String {
        let out = WorkspaceOut {
            kind: KIND,
            version: VERSION,
            workspace: self,
        };
        // Invariant: structs and maps with string keys always serialize.
        serde_json::to_string_pretty(&out).unwrap_or_default()
    }
}
