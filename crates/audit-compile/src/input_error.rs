//! The error of a schema that a target does not read.

use std::fmt;

use crate::input::Input;
use crate::target::Target;

/// Error of compiling a policy for a schema that the target does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputError {
    /// The target.
    pub target: Target,
    /// The schema.
    pub input: Input,
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, input } = self;
        if let Some(fields) = input.lacks() {
            return write!(
                f,
                "`{input}` is not supported: its rows have no {fields}; `audit-policy simulate` reads such entries as JSON"
            );
        }
        let inputs = target.inputs().iter().map(|input| format!("`{input}`"));
        let inputs = inputs.collect::<Vec<String>>().join(", ");
        write!(f, "`{target}` does not read `{input}`; it reads {inputs}")
    }
}

impl std::error::Error for InputError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_reads_something_and_none_reads_rows_that_lack_fields() {
        for target in Target::ALL {
            assert!(!target.inputs().is_empty(), "{target}");
            assert!(
                target.inputs().iter().all(|input| input.lacks().is_none()),
                "{target}"
            );
        }
    }
}
