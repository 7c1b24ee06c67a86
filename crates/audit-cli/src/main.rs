//! The engine on a terminal: `audit-policy check | evaluate | simulate | estimate | model | export | import`.

mod arguments;
mod check;
mod estimate;
mod evaluate;
mod export;
mod failure;
mod files;
mod import;
mod input;
mod logs;
mod model;
mod settings;
mod simulate;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Verb};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let version = arguments.kubernetes_version;
    let result = match &arguments.verb {
        Verb::Check(check) => check::run(check, version),
        Verb::Evaluate(evaluate) => evaluate::run(evaluate, version),
        Verb::Simulate(simulate) => simulate::run(simulate, version),
        Verb::Estimate(estimate) => estimate::run(estimate, version),
        Verb::Model(model) => model::run(model, version),
        Verb::Export(export) => export::run(export, version),
        Verb::Import(import) => import::run(import, version),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                eprintln!("audit-policy: {message}");
            }
            failure.exit_code()
        }
    }
}

/// What a verb comes to.
type Outcome = Result<(), Failure>;
