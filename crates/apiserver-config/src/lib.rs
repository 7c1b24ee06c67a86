//! kube-apiserver's audit flags as typed settings, validated as the server validates them.
//!
//! ```
//! use apiserver_config::{Settings, check};
//!
//! let mut settings = Settings::new("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
//! assert_eq!(check(&settings), []);
//! settings.set("audit-log-maxage", "-1").unwrap();
//! assert_eq!(settings.flags()[2].argument(), "--audit-log-maxage=-1");
//! assert_eq!(check(&settings)[0].message, "--audit-log-maxage -1 can't be a negative number");
//! ```
//!
//! [`Settings`] is the one model: `audit-import` reads flags and manifests into it, `audit-export` writes them from it. [`check`] reports values that the
//! server rejects and those that stop it or lose events; each code has a page in `findings/`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod check;
mod codes;
mod finding;
mod flags;
mod form;
mod go_values;
mod mounts;
pub mod openshift;
pub mod paths;
mod placeholders;
pub mod platforms;
mod set;
mod settings;
mod upgrade;

pub use audit_policy::KubernetesVersion;
pub use audit_types::ServerPlace;
pub use check::{
    FileRole, MountFault, MountedPath, check, check_in, check_mount, check_mounts, rejected_policy,
    unknown_value,
};
pub use codes::SettingCode;
pub use finding::{flag_finding, flag_of};
pub use flags::{Flag, go_duration, is_switch};
pub use form::{Field, FieldKind, Section};
pub use mounts::{HostPathType, Mount};
pub use placeholders::{leading_placeholder, placeholder};
pub use set::SettingError;
pub use settings::{
    Batch, Format, LogBackend, Mode, Settings, Truncate, WebhookAuth, WebhookBackend,
};
pub use upgrade::Upgrade;
