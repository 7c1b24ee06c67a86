//! Reads and runs tests of audit policies. A case names a request, which is evaluated, or a class of requests, which is proved: if it fails, it
//! fails with a *witness*, a request that shows it. `FORMAT.md` describes the files.
//!
//! ```
//! use audit_policy::{KubernetesVersion, load};
//! use audit_tests::{Runner, TestFile};
//!
//! let file = TestFile::parse(r#"
//! kind: PolicyTests
//! tests:
//! - name: secrets never with bodies
//!   requests: {apiGroup: "", resource: secrets}
//!   atMost: Metadata
//! - name: alice deletes a secret
//!   request: {user: alice, verb: delete, resource: secrets, namespace: payments, name: db}
//!   level: Metadata
//!   rule: 1
//! "#).unwrap();
//! let source = b"
//! apiVersion: audit.k8s.io/v1
//! kind: Policy
//! rules:
//! - level: Metadata
//!   resources: [{group: '', resources: [secrets]}]
//!   namespaces: [payments]
//! - level: RequestResponse
//! ";
//! let policy = load(source, KubernetesVersion::NEWEST).policy.unwrap();
//! let runner = Runner::new(&policy, KubernetesVersion::NEWEST);
//! let outcome = runner.run(&file.tests[0]);
//! assert!(!outcome.has_passed());
//! assert_ne!(outcome.witness.unwrap().namespace, "payments");
//! assert!(runner.run(&file.tests[1]).has_passed());
//! ```
//!
//! Invariant: this crate knows no file, browser or clock, and no claim passes without a request that it is about.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod add;
mod case;
mod change;
mod coverage;
mod detect;
mod detection;
mod expectation;
mod file;
mod mutant;
mod one_line;
mod pack;
mod parse;
mod run;
mod setting;
mod steps;
mod survey;
mod write;

pub use add::{AddError, add_case};
pub use case::{Case, Claim, ClassClaim};
pub use change::{Change, ChangeError};
pub use detect::{Blinding, Cause, Detected};
pub use detection::{Detection, Fires};
pub use expectation::{Expectation, ExpectedRule, ExpectedStages};
pub use file::{FileKind, PolicySource, SettingsSource, TestFile, VersionRange};
pub use kube_yaml::de::{Error as FileError, Spanned};
pub use mutant::{Mutant, Mutation, Predicate, mutants};
pub use one_line::terms_of_line;
pub use pack::{BuiltInPack, Contradiction, Contradictions, Decision, detection_packs, packs};
pub use run::{FlagValue, Outcome, Runner, Status};
pub use setting::SettingClaim;
pub use steps::{Progress, SurveySteps};
pub use survey::{Survey, Unnoticed};
pub use write::{case_name, case_text};
