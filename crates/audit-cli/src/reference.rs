//! `reference`: all commands and options in Markdown, from their definitions. It is a page of the documentation site.

use std::io::Write;

use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::arguments::Arguments;
use crate::error::Result;
use crate::output::Output;

/// Prints the reference.
pub(crate) fn run() -> Result {
    let mut out = Output::own();
    out.write_all(markdown().as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Returns the reference: a section for the options of every command, and one for each command.
fn markdown() -> String {
    let mut program = Arguments::command();
    program.build();
    let mut text = "## Every command\n\n".to_owned();
    let global: Vec<&Arg> = program
        .get_arguments()
        .filter(|arg| is_shown(arg))
        .collect();
    text.push_str(&table(&program, &global));
    for command in program.get_subcommands_mut() {
        if !command.is_hide_set() && command.get_name() != "help" {
            text.push('\n');
            text.push_str(&section(command));
        }
    }
    text
}

fn section(command: &mut Command) -> String {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut text = format!(
        "## `audit-policy {}`\n\n{about}.\n\n```text\n{usage}\n```\n",
        command.get_name()
    );
    let own: Vec<&Arg> = command
        .get_arguments()
        .filter(|arg| is_shown(arg) && !arg.is_global_set())
        .collect();
    // Arguments without a heading, then those of each heading.
    let mut headings: Vec<Option<&str>> = vec![None];
    for arg in &own {
        if !headings.contains(&arg.get_help_heading()) {
            headings.push(arg.get_help_heading());
        }
    }
    for heading in headings {
        let args: Vec<&Arg> = own
            .iter()
            .copied()
            .filter(|arg| arg.get_help_heading() == heading)
            .collect();
        if let Some(heading) = heading {
            text.push_str(&format!("\n{heading}:\n"));
        }
        if !args.is_empty() {
            text.push('\n');
            text.push_str(&table(command, &args));
        }
    }
    text
}

fn is_shown(arg: &Arg) -> bool {
    !arg.is_hide_set()
        && !matches!(
            arg.get_action(),
            ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
        )
}

fn table(command: &Command, args: &[&Arg]) -> String {
    let mut text = "| argument | meaning |\n| --- | --- |\n".to_owned();
    for arg in args {
        text.push_str(&format!(
            "| `{}` | {} |\n",
            name(arg),
            meaning(command, arg)
        ));
    }
    text
}

/// Returns an argument as it is typed: `--format FORMAT`, `POLICY…`.
fn name(arg: &Arg) -> String {
    let values = arg.get_value_names().unwrap_or_default();
    let mut words: Vec<String> = arg
        .get_long()
        .map(|long| format!("--{long}"))
        .into_iter()
        .collect();
    if arg.get_action().takes_values() {
        words.extend(values.iter().map(ToString::to_string));
    }
    let repeats = if matches!(arg.get_action(), ArgAction::Append) {
        "…"
    } else {
        ""
    };
    format!("{}{repeats}", words.join(" "))
}

/// Returns the help of an argument, its values, and its relations to others.
fn meaning(command: &Command, arg: &Arg) -> String {
    let help = arg.get_long_help().or(arg.get_help());
    let mut parts = vec![
        help.map(ToString::to_string)
            .unwrap_or_default()
            .replace('\n', " "),
    ];
    if arg.is_required_set() {
        parts.push("Required.".to_owned());
    }
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .filter(|value| !value.is_hide_set())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}`: {help}", value.get_name()),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() {
        parts.push(format!("Values: {}.", values.join("; ")));
    }
    let defaults = arg.get_default_values();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        let defaults: Vec<String> = defaults
            .iter()
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .collect();
        parts.push(format!("Default: {}.", defaults.join(", ")));
    }
    let aliases: Vec<String> = arg
        .get_visible_aliases()
        .unwrap_or_default()
        .iter()
        .map(|alias| format!("`--{alias}`"))
        .collect();
    if !aliases.is_empty() {
        parts.push(format!("Also: {}.", aliases.join(", ")));
    }
    let others: Vec<String> = command
        .get_arg_conflicts_with(arg)
        .into_iter()
        .map(|other| format!("`{}`", short_name(other)))
        .collect();
    if !others.is_empty() {
        parts.push(format!("Not with {}.", others.join(", ")));
    }
    if let Some(first) = parts.first_mut()
        && !first.ends_with(['.', ')'])
    {
        first.push('.');
    }
    parts.join(" ").replace('|', "\\|")
}

/// Returns the name of an argument without its value.
fn short_name(arg: &Arg) -> String {
    name(arg)
        .split([' ', '…'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_have_their_help_values_and_defaults() {
        let arg = |id: &'static str| Arg::new(id);
        let mut command = Command::new("x")
            .arg(
                arg("level")
                    .long("level")
                    .value_name("L")
                    .value_parser(["a", "b"])
                    .default_value("a")
                    .help("Level of x|y"),
            )
            .arg(
                arg("files")
                    .value_name("FILE")
                    .action(ArgAction::Append)
                    .required(true)
                    .help("Files"),
            )
            .arg(
                arg("all")
                    .long("all")
                    .action(ArgAction::SetTrue)
                    .conflicts_with("level")
                    .help("All of them"),
            );
        command.build();
        let args: Vec<&Arg> = command
            .get_arguments()
            .filter(|arg| is_shown(arg))
            .collect();
        let expected = "| argument | meaning |\n| --- | --- |\n\
                        | `--level L` | Level of x\\|y. Values: `a`; `b`. Default: `a`. |\n\
                        | `FILE…` | Files. Required. |\n\
                        | `--all` | All of them. Not with `--level`. |\n";
        assert_eq!(table(&command, &args), expected);
    }
}
