//! From typed settings to what a control plane needs: kube-apiserver flags, manifests and configuration documents.
//!
//! ```
//! use audit_export::{Settings, Target, check, render};
//!
//! let settings = Settings::new("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
//! let document = render(&settings, Target::Flags);
//! assert!(document.text.starts_with("--audit-policy-file=/etc/kubernetes/audit/policy.yaml\n"));
//! assert!(check(&settings).iter().all(|finding| finding.code != "AE001"));
//! ```
//!
//! [`Settings`] is the one model; [`check`] says what the server would refuse and what would take it down; [`render`] writes one
//! [`Document`] per [`Target`]. Nothing here reads or writes a file: text in, text out.

#![forbid(unsafe_code)]

mod archive;
mod check;
mod document;
mod flags;
mod form;
mod guide;
mod import;
mod manifest;
mod patch;
mod quote;
mod settings;
mod target;
mod targets;

pub use audit_policy::KubernetesVersion;
pub use check::{SettingFinding, check, check_for, check_mounts, check_target, rejected_policy};
pub use document::{Document, File};
pub use flags::Flag;
pub use form::{Field, FieldKind, Section};
pub use import::{Import, ImportFinding, MAX_TEXT_BYTES, Source, import};
pub use manifest::{Mount, PathType};
pub use patch::{PatchError, Patched, patch};
pub use settings::{
    Batch, Format, LogBackend, Mode, Settings, Truncate, WebhookAuth, WebhookBackend,
};
pub use target::{Target, render, render_patched};
