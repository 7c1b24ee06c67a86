//! A workspace: everything that a person works on and that is worth keeping, as one versioned value.
//!
//! Its JSON is documented in `WORKSPACE.md`. A browser keeps it, and a file holds it. A log is never part of it.
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

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The newest version of the format that this crate reads, and the one that it writes.
pub const VERSION: u64 = 1;

/// The value of the member `kind`, by which a workspace is told from other JSON.
pub const KIND: &str = "AuditPolicyWorkspace";

/// A workspace of version 1. Every member may be absent, and then has its default.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Workspace {
    /// Name that the person gave it; may be empty.
    pub name: String,
    /// Text of the audit policy, as it was typed.
    pub policy: String,
    /// Kubernetes minor version, such as `1.36`; empty for the newest.
    pub kubernetes_version: String,
    /// Settings of the export.
    pub export: ExportSettings,
    /// Cluster to generate a log for; `None` for the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterProfile>,
    /// Prices of a log service.
    pub prices: Prices,
    /// Choice and order of the listed events.
    pub view: ViewSettings,
    /// Log that was open. Only its origin is kept, never its content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogOrigin>,
}

/// Settings of the export.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ExportSettings {
    /// Name of the export target, such as `static-pod`; empty for the first.
    pub target: String,
    /// Fields of the form by name, as they were typed. `None` for the usual ones; an absent field has the server's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Manifest that the settings are put into; may be empty.
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
    /// Pods replaced per hour; `None` for the usual number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods_replaced_per_hour: Option<f64>,
    /// People at work.
    pub people: u32,
    /// Pipelines that deploy.
    pub pipelines: u32,
    /// Reads per minute by one busy controller.
    #[serde(default)]
    pub busy_controller_reads_per_minute: f64,
}

/// Prices of a log service.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Prices {
    /// Price of a gigabyte taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingested_per_gb: Option<f64>,
    /// Price of a gigabyte stored for a month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_per_gb_month: Option<f64>,
}

/// Choice and order of the listed events.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ViewSettings {
    /// Filter, such as `user:alice outcome:written`.
    pub filter: String,
    /// Column to sort by, such as `time`; `None` for the order of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Whether the largest or latest come first.
    pub descending: bool,
    /// Column to group by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
}

/// Origin of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LogOrigin {
    /// A worked example, by its title.
    Example(String),
    /// A log generated for [`Workspace::cluster`].
    Generated,
    /// Files, by name: they have to be opened again.
    Files(Vec<String>),
    /// A pasted text: it has to be pasted again.
    Pasted,
}

/// Reason why a text cannot be read as a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceError {
    /// JSON of another kind, or not JSON at all.
    NotAWorkspace,
    /// A workspace of a version that this crate does not know.
    UnknownVersion(u64),
    /// A workspace with an error in it: the message of the JSON reader.
    Damaged(String),
}

impl fmt::Display for WorkspaceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAWorkspace => out.write_str("not a workspace"),
            Self::UnknownVersion(version) => write!(
                out,
                "a workspace of version {version}, and this page reads version {VERSION}"
            ),
            Self::Damaged(message) => write!(out, "a damaged workspace: {message}"),
        }
    }
}

impl std::error::Error for WorkspaceError {}

/// The members that every version has.
#[derive(Deserialize)]
struct Header {
    kind: Option<String>,
    version: Option<u64>,
}

/// A workspace with the header, as it is written.
#[derive(Serialize)]
struct Written<'w> {
    kind: &'static str,
    version: u64,
    #[serde(flatten)]
    workspace: &'w Workspace,
}

/// A workspace with the header, as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Read {
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
    /// Whether the beginning of a text looks like a workspace.
    pub fn is_likely(head: &str) -> bool {
        let head = head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
        head.starts_with('{') && head.contains(&["\"", KIND, "\""].concat())
    }

    /// Reads a workspace.
    ///
    /// # Errors
    /// [`WorkspaceError`]. Nothing is guessed: a member that version 1 does not have is an error, since it would be lost.
    pub fn from_json(text: &str) -> Result<Self, WorkspaceError> {
        let text = text.trim_start_matches('\u{feff}');
        let damaged = |error: serde_json::Error| WorkspaceError::Damaged(error.to_string());
        let header: Header = serde_json::from_str(text).map_err(|error| {
            if Self::is_likely(text) {
                damaged(error)
            } else {
                WorkspaceError::NotAWorkspace
            }
        })?;
        match (header.kind.as_deref(), header.version) {
            (Some(KIND), Some(VERSION)) => {}
            (Some(KIND), Some(version)) => return Err(WorkspaceError::UnknownVersion(version)),
            (Some(KIND), None) => {
                return Err(WorkspaceError::Damaged("`version` is missing".to_owned()));
            }
            _ => return Err(WorkspaceError::NotAWorkspace),
        }
        let read: Read = serde_json::from_str(text).map_err(damaged)?;
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

    /// Writes the workspace, with its header.
    pub fn to_json(&self) -> String {
        let written = Written {
            kind: KIND,
            version: VERSION,
            workspace: self,
        };
        // Invariant: plain structs, and maps with text keys, always have JSON.
        serde_json::to_string_pretty(&written).unwrap_or_default()
    }
}
