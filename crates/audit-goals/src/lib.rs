//! Writes a policy that meets claims, or names the claims that contradict each other, with a request that shows it.
//!
//! ```
//! use audit_goals::{NewPolicy, NoPolicy, Wanted};
//! use audit_tests::Case;
//!
//! let claim = |line| Case::from_line(line).unwrap();
//! let secrets = claim("apiGroup= resource=secrets subresource= level=Metadata");
//! let kubelet = claim("userGroup=system:nodes verb=watch notRecorded");
//!
//! let new = NewPolicy::new(&[secrets.clone()], Wanted::default()).unwrap();
//! assert!(new.text.ends_with("level=Metadata\n  - level: Metadata\n    resources:\n    - group: \"\"\n      resources: [\"secrets\"]\n# No other request is recorded.\n"));
//!
//! let Err(NoPolicy::Contradictory(found)) = NewPolicy::new(&[secrets, kubelet], Wanted::default()) else { panic!() };
//! assert_eq!(found[0].claims, [0, 1]);
//! assert_eq!(found[0].witness.verb, "watch");
//! ```
//!
//! Invariant: a policy is returned only if every claim about requests is proved for it. This crate knows no file, browser or clock.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod goals;
mod new_policy;
mod no_policy;
mod text;
mod wanted;

pub use new_policy::NewPolicy;
pub use no_policy::{Contradiction, NoPolicy};
pub use wanted::Wanted;
