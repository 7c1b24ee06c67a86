//! The engine on a terminal: `audit-policy check | evaluate | simulate | estimate | model | export | import`.

mod arguments;
mod check;
mod estimate;
mod evaluate;
mod export;
mod failure;
mod file_name;
mod files;
mod import;
mod input;
mod logs;
mod model;
mod output;
mod save;
mod settings;
mod simulate;
mod terminal;
mod wide;

use std::io::Write;
use std::process::ExitCode;

use audit_policy::KubernetesVersion;
use clap::Parser;
use clap::error::ContextValue;

use crate::arguments::{Arguments, Verb};
use crate::failure::Failure;
use crate::output::Output;
use crate::terminal::{Style, safe};

fn main() -> ExitCode {
    expect_size_limits();
    let result = Arguments::try_parse().map_or_else(not_run, |arguments| run(&arguments));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(message) = failure.message() {
                output::diagnostic(&message);
            }
            failure.exit_code()
        }
    }
}

/// Makes a write beyond the size that the system allows fail, as a full disk does; without this it would end the process silently.
fn expect_size_limits() {
    #[cfg(unix)]
    {
        let seen = std::sync::Arc::default();
        // Where it cannot be had, the system does what it does.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
    }
}

fn run(arguments: &Arguments) -> Outcome {
    let version = arguments.kubernetes_version;
    if !version.is_verified() {
        let newest = KubernetesVersion::NEWEST;
        output::diagnostic(&format!(
            "Kubernetes {version} was not compared with its code or a server; it is treated as {newest}"
        ));
    }
    match &arguments.verb {
        Verb::Check(check) => check::run(check, version),
        Verb::Evaluate(evaluate) => evaluate::run(evaluate, version),
        Verb::Simulate(simulate) => simulate::run(simulate, version),
        Verb::Estimate(estimate) => estimate::run(estimate, version),
        Verb::Model(model) => model::run(model, version),
        Verb::Export(export) => export::run(export, version),
        Verb::Import(import) => import::run(import, version),
    }
}

/// Prints the help that was asked for, or says what is wrong with the call. The words of the call come back in it, so they are escaped.
fn not_run(mut error: clap::Error) -> Outcome {
    if !error.use_stderr() {
        let help = error.render();
        let text = if Style::of_stdout().is_coloured() {
            help.ansi().to_string()
        } else {
            help.to_string()
        };
        // No word of the call is in it.
        let mut out = Output::own();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        return Ok(());
    }
    let escaped: Vec<_> = error
        .context()
        .filter_map(|(kind, value)| {
            let value = match value {
                ContextValue::String(word) => ContextValue::String(safe(word).into_owned()),
                ContextValue::Strings(words) => ContextValue::Strings(
                    words.iter().map(|word| safe(word).into_owned()).collect(),
                ),
                _ => return None,
            };
            Some((kind, value))
        })
        .collect();
    for (kind, value) in escaped {
        error.insert(kind, value);
    }
    output::diagnostic_lines(&error.render().to_string());
    Err(Failure::Said)
}

/// What a verb comes to.
type Outcome = Result<(), Failure>;
