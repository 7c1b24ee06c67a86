//! Writes kube-apiserver's audit settings as flags, manifests and configurations, and ships the log.
//!
//! ```
//! use apiserver_config::Settings;
//! use audit_export::{Target, check_for, render};
//!
//! let settings = Settings::new("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
//! assert_eq!(check_for(&settings, Target::Flags), []);
//! let document = render(&settings, Target::Flags);
//! assert!(document.text.starts_with("--audit-policy-file=/etc/kubernetes/audit/policy.yaml\n"));
//! ```
//!
//! [`render`] writes one [`Document`] per [`Target`]; [`check_for`] reports settings that a target cannot express. Nothing here reads or writes a file: text
//! in, text out.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod archive;
mod check;
pub mod clouds;
mod document;
mod guide;
mod kubeconfig;
mod manifest;
pub mod places;
mod render;
mod target;
mod targets;

pub use check::{check_for, check_imported, check_target};
pub use document::{Document, File};
pub use render::{render, render_manifest};
pub use target::{Target, concerns};
