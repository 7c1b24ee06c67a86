//! Compiles a policy into a program for another tool: a database, a log shipper or jq. The program computes for each event which rule matches and
//! what the server does with it.
//!
//! ```
//! use audit_compile::{Input, Target, compile};
//! use audit_policy::{KubernetesVersion, load};
//!
//! let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata, users: [alice]}]\n";
//! let policy = load(text, KubernetesVersion::NEWEST).policy.unwrap();
//! let compiled = compile(&policy, Target::DuckDb, Input::Lines).unwrap();
//! assert!(compiled.text.contains("WHEN user_name IN ('alice') THEN 0"));
//! assert!(compiled.differences.is_empty());
//! ```
//!
//! A policy becomes a list of bindings, the same for every target: the attributes of the request behind an event, the rule that
//! matches, its level, and the outcome. A printer per target writes them. Every text of a policy goes through the printer's literals, which
//! consist of characters that cannot end them.
//!
//! Invariant: a program computes what the engine computes, or `unknowable`. This crate knows no file, browser or clock.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod difference;
mod expression;
mod input;
mod input_error;
mod jq;
mod kql;
mod lua;
mod pattern;
mod request;
mod rules;
mod sql;
mod target;
mod vrl;

use audit_policy::Policy;

pub use difference::Difference;
pub use input::Input;
pub use input_error::InputError;
pub use target::{ParseTargetError, Target};

/// A policy as a program.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compiled {
    /// Text of the program, which ends with a line end.
    pub text: String,
    /// Parts of the policy that the program treats differently from the server.
    pub differences: Vec<Difference>,
}

/// Compiles a policy into a program that reads events in a schema. The time is linear in the size of the policy.
///
/// # Errors
/// The target does not read the schema: it is not one of [`Target::inputs`].
pub fn compile(policy: &Policy, target: Target, input: Input) -> Result<Compiled, InputError> {
    if !target.inputs().contains(&input) {
        return Err(InputError { target, input });
    }
    let mut bindings = request::bindings(rules::use_names(policy));
    bindings.extend(rules::bindings(policy));
    let text = match target {
        Target::DuckDb => sql::query(&bindings, &sql::DuckDb, input),
        Target::ClickHouse => sql::query(&bindings, &sql::ClickHouse, input),
        Target::Spark => sql::query(&bindings, &sql::Spark, input),
        Target::Trino => sql::query(&bindings, &sql::Trino, input),
        Target::BigQuery => sql::query(&bindings, &sql::BigQuery, input),
        Target::Kusto => kql::program(&bindings),
        Target::FluentBit => lua::program(&bindings),
        Target::Vector => vrl::program(&bindings),
        Target::Jq => jq::program(&bindings),
    };
    Ok(Compiled {
        text,
        differences: difference::of(policy, target),
    })
}
