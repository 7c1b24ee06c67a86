//! Kubernetes audit policies: decode, validate, match and explain, as kube-apiserver does.

#![forbid(unsafe_code)]

mod decode;
pub mod explain;
pub mod finding;
pub mod level;
pub mod lint;
pub mod load;
pub mod matcher;
pub mod policy;
pub mod request;
mod rules;
mod source;
pub mod span;
mod validate;
pub mod version;

pub use explain::{Answer, Failure, Predicate, explain};
pub use finding::{Finding, Path, Severity};
pub use level::{Level, Stage, StageSet};
pub use lint::{lint, unreachable_rules};
pub use load::{Loaded, load};
pub use matcher::{Matcher, Unknown, Verdict};
pub use policy::{GroupResources, Policy, Rule};
pub use request::Request;
pub use span::Span;
pub use version::KubernetesVersion;
