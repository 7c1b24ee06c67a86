//! Reads what kube-apiserver is started with into settings, and patches settings into a manifest.
//!
//! ```
//! use apiserver_config::KubernetesVersion;
//! use audit_import::{Source, import};
//!
//! let read = import("kube-apiserver --audit-log-path=/a.log --audit-log-maxage 7", KubernetesVersion::NEWEST);
//! assert_eq!((read.source, read.settings.log.max_age_days), (Source::Flags, 7));
//! assert_eq!(read.findings, []);
//! ```
//!
//! [`import`] never fails: problems are findings, each with a page in `findings/`. [`patch`] changes only the parts of a manifest that are about auditing.

#![forbid(unsafe_code)]

mod distributions;
mod found;
mod import;
mod kubeadm;
mod mounts;
mod parts;
mod patch;
mod pod;
mod set;
mod shape;
mod source;
mod words;

use apiserver_config::paths::one_line as shown;
use import::say;

pub use import::{Import, ImportFinding, MAX_TEXT_BYTES, import};
pub use patch::{PatchError, Patched, patch};
pub use source::Source;
