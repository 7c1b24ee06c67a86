//! The command `audit-policy`.

mod absolute;
mod arguments;
mod can;
mod check;
mod chunks;
mod cloud;
mod codes;
mod compile;
mod config;
mod detections;
mod diff;
mod error;
mod estimate;
mod evaluate;
mod explain;
mod export;
mod file_name;
mod files;
mod filter;
mod formats;
mod import;
mod in_process;
mod input;
mod inspect;
mod installation;
mod known_settings;
mod lesson;
mod logs;
mod lsp;
mod markdown;
mod mcp;
mod model;
mod new;
mod output;
mod packs;
mod policy_file;
mod program;
mod progress;
mod redact;
mod reference;
mod report;
mod review;
mod save;
mod schema;
mod settings;
mod simplify;
mod simulate;
mod split;
mod sums;
mod terminal;
mod test;
mod test_file;
mod utf16;
mod verdict;
mod verify;

use std::io::Write;
use std::process::ExitCode;

use audit_policy::KubernetesVersion;
use clap::error::ContextValue;

use crate::arguments::{Arguments, Command};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::terminal::{Style, safe};

fn main() -> ExitCode {
    handle_size_limits();
    let result = program::arguments().map_or_else(print_help_or_error, |arguments| run(&arguments));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(message) = error.message() {
                message.lines().for_each(output::diagnostic);
            }
            error.exit_code()
        }
    }
}

/// Makes a write beyond the system's limit on file sizes return an error; without this, the signal would end the process silently.
fn handle_size_limits() {
    #[cfg(unix)]
    {
        let seen = std::sync::Arc::default();
        // Without the handler, the system ends the process.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
    }
}

fn run(arguments: &Arguments) -> Result {
    let options = arguments.command.config_options();
    let config = options.map_or_else(|| Ok(Config::default()), config::load)?;
    let given = arguments.kubernetes_version;
    let version = given.or(config.kubernetes_version).unwrap_or_default();
    if !version.is_verified() {
        let newest = KubernetesVersion::NEWEST;
        output::diagnostic(&format!(
            "Kubernetes {version} has not been verified against its source or a server; {newest} is emulated"
        ));
    }
    match &arguments.command {
        Command::Check(check) => check::run(check, &config, version),
        Command::Evaluate(evaluate) => evaluate::run(evaluate, version),
        Command::Can(can) => can::run(can, version),
        Command::Diff(diff) => diff::run(diff, version),
        Command::New(new) => new::run(new, arguments.kubernetes_version),
        Command::Simplify(simplify) => simplify::run(simplify, version),
        Command::Test(test) => test::run(test, &config, given),
        Command::Lesson(lesson) => lesson::run(lesson, arguments.kubernetes_version),
        Command::Detections(detections) => {
            detections::run(detections, arguments.kubernetes_version)
        }
        Command::Report(report) => report::run(report, &config, given),
        Command::Review(review) => review::run(review, &config, given),
        Command::Simulate(simulate) => simulate::run(simulate, version),
        Command::Filter(filter) => filter::run(filter, version),
        Command::Compile(compile) => compile::run(compile, version),
        Command::Sums(sums) => sums::run(sums, version),
        Command::Merge(merge) => sums::merge(merge, given),
        Command::Inspect(inspect) => inspect::run(inspect),
        Command::Estimate(estimate) => estimate::run(estimate, version),
        Command::Verify(verify) => verify::run(verify, version),
        Command::Model(model) => model::run(model, version),
        Command::Export(export) => export::run(export, version),
        Command::Import(import) => import::run(import, arguments.kubernetes_version),
        Command::Redact(redact) => redact::run(redact, version),
        Command::Cloud(cloud) => cloud::run(cloud),
        Command::Explain(explain) => explain::run(explain),
        Command::Schema(schema) => schema::run(schema, version),
        Command::Lsp(_) => lsp::run(given),
        Command::Completions(completions) => installation::completions(completions),
        Command::Man(man) => installation::man(man),
        Command::Mcp => mcp::run(run),
        Command::Reference => reference::run(),
    }
}

/// Prints the requested help, or the reason why the arguments are wrong. It quotes the arguments, so they are escaped.
fn print_help_or_error(mut error: clap::Error) -> Result {
    if !error.use_stderr() {
        let help = error.render();
        let text = if Style::of_stdout().is_colored() {
            help.ansi().to_string()
        } else {
            help.to_string()
        };
        // It does not contain any argument.
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
    Err(Error::Reported)
}
