//! The state of the playground as one versioned document: policy, Kubernetes version and settings.
//!
//! `WORKSPACE.md` documents its JSON, and `workspace.schema.json` is its schema. The page stores it in the browser, saves it as a file and
//! puts it into links. It contains events only if the user has added a sample of the log.
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
pub const VERSION: u64 = 4;

/// Maximum length of a workspace in bytes. It leaves room for a policy and a baseline of the editor's limit.
pub const MAX_BYTES: usize = 32_000_000;

/// Value of the member `kind`, which identifies a workspace.
pub const KIND: &str = "AuditPolicyWorkspace";

/// A workspace. Absent members have their defaults.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Workspace {
    /// Name chosen by the user; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Text of the audit policy as typed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub policy: String,
    /// Text of the policy that later edits are compared with; may equal `policy`. Since version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Text of the policy tests. Since version 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tests: Option<String>,
    /// The lesson that is open. Since version 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lesson: Option<LessonPlace>,
    /// Kubernetes minor version, such as `1.36`; empty for the newest.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kubernetes_version: String,
    /// Settings of the export.
    #[serde(skip_serializing_if = "is_default")]
    pub export: ExportSettings,
    /// Cluster to generate a log for; `None` for the default cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterProfile>,
    /// Prices of a log service.
    #[serde(skip_serializing_if = "is_default")]
    pub prices: Prices,
    /// Filter and order of the events, and the parts of the page that are shown.
    #[serde(skip_serializing_if = "is_default")]
    pub view: ViewSettings,
    /// Origin of the open log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<LogOrigin>,
    /// Events of the open log as JSON lines, which the user has chosen to add. Since version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

/// Returns `true` if a value is its type's default, which is not written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A lesson, and the step that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct LessonPlace {
    /// Name of a lesson that comes with the page; empty for another one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Text of a lesson that somebody has written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Index of the step.
    pub step: u64,
}

/// Settings of the export.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ExportSettings {
    /// Name of the export target, such as `static-pod`; empty for the first.
    #[serde(skip_serializing_if = "String::is_empty")]
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

/// View of the page: filter and order of the event table, pane, tab and selected event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ViewSettings {
    /// Filter text, such as `user:alice outcome:written`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// Column to sort by, such as `time`; `None` for the order of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Sorts the largest or latest first.
    #[serde(skip_serializing_if = "is_default")]
    pub descending: bool,
    /// Column to group by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Query of *Ask*, such as `verb=get resource=secrets`; `None` for none. Since version 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// `true` if *Ask* and *Compare* do not leave out requests that cannot come; `None` if they do. Since version 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impossible: Option<bool>,
    /// Part of the page that is shown: `policy`, `events`, `inspector`, `volume`, `compare` or `ask`; `None` for the events. Since version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pane: Option<String>,
    /// Tab of the inspector: `why`, `written`, `request`, `problems` or `check`; `None` for the first. Since version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tab: Option<String>,
    /// Index of the selected event among those that the log contains. Since version 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected: Option<u64>,
}

impl ViewSettings {
    /// Returns the name of a member that a version does not have, and the version that adds it.
    fn newer_member(&self, version: u64) -> Option<(&'static str, u64)> {
        let members = [
            ("view.pane", 2, self.pane.is_some()),
            ("view.tab", 2, self.tab.is_some()),
            ("view.selected", 2, self.selected.is_some()),
            ("view.query", 3, self.query.is_some()),
            ("view.impossible", 3, self.impossible.is_some()),
        ];
        first_newer(&members, version)
    }
}

/// Returns the first member that is present and that a version does not have, and the version that adds it.
fn first_newer(members: &[(&'static str, u64, bool)], version: u64) -> Option<(&'static str, u64)> {
    let is_newer = |(_, since, is_present): &&(&str, u64, bool)| *is_present && *since > version;
    let found = members.iter().find(is_newer);
    found.map(|(name, since, _)| (*name, *since))
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
    /// A text of this length in bytes, more than [`MAX_BYTES`].
    TooLarge(usize),
    /// An invalid workspace, with the message of the JSON parser.
    Invalid(String),
}

impl fmt::Display for WorkspaceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAWorkspace => out.write_str("not a workspace"),
            Self::UnknownVersion(version) => write!(
                out,
                "a workspace of version {version}, and this page reads versions 1 to {VERSION}"
            ),
            Self::TooLarge(bytes) => write!(
                out,
                "a workspace of {} MB, larger than the limit of {} MB",
                bytes.div_ceil(1_000_000),
                MAX_BYTES / 1_000_000
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
    version: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    policy: String,
    #[serde(default)]
    baseline: Option<String>,
    #[serde(default)]
    tests: Option<String>,
    #[serde(default)]
    lesson: Option<LessonPlace>,
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
    #[serde(default)]
    sample: Option<String>,
}

impl WorkspaceIn {
    /// Returns the name of a member that the stated version does not have, and the version that adds it.
    fn newer_member(&self) -> Option<(&'static str, u64)> {
        let members = [
            ("baseline", 2, self.baseline.is_some()),
            ("sample", 2, self.sample.is_some()),
            ("tests", 3, self.tests.is_some()),
            ("lesson", 4, self.lesson.is_some()),
        ];
        let newer = first_newer(&members, self.version);
        newer.or_else(|| self.view.newer_member(self.version))
    }
}

impl Workspace {
    /// Returns `true` if the beginning of a text looks like a workspace.
    pub fn is_likely(head: &str) -> bool {
        let head = head.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
        head.starts_with('{') && head.contains(&["\"", KIND, "\""].concat())
    }

    /// Parses a workspace of any version.
    ///
    /// # Errors
    /// Returns a [`WorkspaceError`]. A member that the stated version does not have is an error, because a reader of that version would drop
    /// it.
    pub fn from_json(text: &str) -> Result<Self, WorkspaceError> {
        if text.len() > MAX_BYTES {
            return Err(WorkspaceError::TooLarge(text.len()));
        }
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
            (Some(KIND), Some(1..=VERSION)) => {}
            (Some(KIND), Some(version)) => return Err(WorkspaceError::UnknownVersion(version)),
            (Some(KIND), None) => {
                return Err(WorkspaceError::Invalid("`version` is missing".to_owned()));
            }
            _ => return Err(WorkspaceError::NotAWorkspace),
        }
        let read: WorkspaceIn = serde_json::from_str(text).map_err(invalid)?;
        if let Some((member, since)) = read.newer_member() {
            let stated = read.version;
            return Err(WorkspaceError::Invalid(format!(
                "`{member}` needs version {since}, and this is version {stated}"
            )));
        }
        Ok(Self {
            name: read.name,
            policy: read.policy,
            baseline: read.baseline,
            tests: read.tests,
            lesson: read.lesson,
            kubernetes_version: read.kubernetes_version,
            export: read.export,
            cluster: read.cluster,
            prices: read.prices,
            view: read.view,
            log: read.log,
            sample: read.sample,
        })
    }

    /// Serializes the workspace with its header, one member a line, for people and version control.
    pub fn to_json(&self) -> String {
        indented(&self.to_compact_json())
    }

    /// Serializes the workspace with its header without spaces, for links and storage.
    pub fn to_compact_json(&self) -> String {
        let out = WorkspaceOut {
            kind: KIND,
            version: VERSION,
            workspace: self,
        };
        // Invariant: structs and maps with string keys always serialize.
        serde_json::to_string(&out).unwrap_or_default()
    }
}

/// Returns JSON without spaces with a line per member and element. The serializer's own indentation is one more copy of all its code.
fn indented(compact: &str) -> String {
    let mut text = String::with_capacity(compact.len().saturating_mul(2));
    let mut depth: usize = 0;
    let (mut is_string, mut is_escaped) = (false, false);
    let mut before = ' ';
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.extend(std::iter::repeat_n("  ", depth));
    };
    for sign in compact.chars() {
        match sign {
            _ if is_string => {
                text.push(sign);
                is_string = is_escaped || sign != '"';
                is_escaped = !is_escaped && sign == '\\';
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !matches!(before, '{' | '[') {
                    line(&mut text, depth);
                }
                text.push(sign);
            }
            _ => {
                if matches!(before, '{' | '[') {
                    line(&mut text, depth);
                }
                text.push(sign);
                match sign {
                    '{' | '[' => depth = depth.saturating_add(1),
                    ',' => line(&mut text, depth),
                    ':' => text.push(' '),
                    '"' => is_string = true,
                    _ => {}
                }
            }
        }
        before = sign;
    }
    text
}
