//! Kubernetes audit policies: decode, validate, match and explain, as kube-apiserver does.

#![forbid(unsafe_code)]

pub mod finding;
pub mod level;
pub mod load;
pub mod policy;
pub mod request;
pub mod span;
pub mod version;

pub use finding::{Finding, Path, Severity};
pub use level::{Level, Stage, StageSet};
pub use load::{Loaded, load};
pub use policy::{GroupResources, Policy, Rule};
pub use request::Request;
pub use span::Span;
pub use version::KubernetesVersion;
