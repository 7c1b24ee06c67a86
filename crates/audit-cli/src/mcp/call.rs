//! Runs a tool's call.

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use rmcp::model::{CallToolResult, JsonObject};

use super::answer::{answer, wrong_call};
use super::arguments::{CommandCall, WrongCall};
use super::limits::MAX_ANSWER_BYTES;
use super::tools::Tool;
use crate::arguments::Arguments;
use crate::error::Result;
use crate::in_process;

/// Runs a command.
pub(crate) type RunCommand = fn(&Arguments) -> Result;

/// Returns the answer to a call. A call that is wrong has one, too.
pub(super) fn call(tool: &Tool, arguments: &JsonObject, command: RunCommand) -> CallToolResult {
    let CommandCall { words, texts, form } = match CommandCall::new(tool, arguments) {
        Ok(call) => call,
        Err(wrong) => return wrong_call(&wrong),
    };
    let words = std::iter::once("audit-policy".to_owned()).chain(words);
    let (result, collected) = in_process::run(texts, MAX_ANSWER_BYTES, || {
        // In here, names in the arguments are those of the texts.
        Arguments::try_parse_from(words).map(|arguments| command(&arguments))
    });
    match result {
        Ok(result) => answer(tool, form, result, collected),
        Err(error) => wrong_call(&of_arguments(tool, &error)),
    }
}

/// Returns what is wrong about the command's arguments, in terms of the tool's.
fn of_arguments(tool: &Tool, error: &clap::Error) -> WrongCall {
    let names = |kind| -> Vec<String> {
        match error.get(kind) {
            Some(ContextValue::String(one)) => vec![parameter(tool, one)],
            Some(ContextValue::Strings(all)) => {
                all.iter().map(|one| parameter(tool, one)).collect()
            }
            _ => Vec::new(),
        }
    };
    let wrong = names(ContextKind::InvalidArg).join(" or ");
    let message = match error.kind() {
        ErrorKind::ArgumentConflict => {
            let others = names(ContextKind::PriorArg).join(" or ");
            format!("{wrong} cannot be used together with {others}")
        }
        ErrorKind::MissingRequiredArgument => format!("missing argument {wrong}"),
        _ => match std::error::Error::source(error) {
            Some(reason) => format!("{wrong}: {reason}"),
            None => {
                let text = error.to_string();
                let first = text.lines().next().unwrap_or_default();
                first.trim_start_matches("error: ").to_owned()
            }
        },
    };
    let meaning = |name: &str| {
        let mut parameters = tool.parameters.iter();
        parameters.find(|parameter| format!("`{}`", parameter.name) == name)
    };
    let help = match error.kind() {
        ErrorKind::ArgumentConflict => "leave one of them out",
        ErrorKind::MissingRequiredArgument => meaning(&wrong).map_or("", |found| found.help),
        _ => "",
    };
    WrongCall {
        message,
        help: help.to_owned(),
    }
}

/// Returns the name of a parameter for an argument of the command, such as `--window <DURATION>` or `[LOG]...`.
fn parameter(tool: &Tool, argument: &str) -> String {
    let option = argument.strip_prefix("--");
    let option = option.map(|rest| rest.split([' ', '=']).next().unwrap_or_default());
    let value_name = argument.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let found = tool.parameters.iter().find(|parameter| match option {
        Some(option) => parameter.option == Some(option),
        None => parameter.option.is_none() && parameter.name.eq_ignore_ascii_case(value_name),
    });
    found.map_or_else(
        || format!("`{argument}`"),
        |found| format!("`{}`", found.name),
    )
}
