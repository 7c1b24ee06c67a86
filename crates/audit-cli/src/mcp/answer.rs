//! Answers of tools: what the command prints, as text and as structured content.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Map, Value, json};

use super::arguments::WrongCall;
use super::limits::MAX_ANSWER_BYTES;
use super::tools::{Form, Tool};
use crate::error::{Error, Result};
use crate::in_process::Collected;

/// Returns the answer of a call that is wrong.
pub(super) fn wrong_call(wrong: &WrongCall) -> CallToolResult {
    let WrongCall { message, help } = wrong;
    let text = match help.is_empty() {
        true => message.clone(),
        false => format!("{message}\nhelp: {help}"),
    };
    let mut answer = CallToolResult::error(vec![ContentBlock::text(text)]);
    answer.structured_content = Some(json!({"error": message, "help": help}));
    answer
}

/// Returns the answer of a command. A rejected policy is an answer like any other.
pub(super) fn answer(
    tool: &Tool,
    form: Form,
    result: Result,
    collected: Collected,
) -> CallToolResult {
    let notes = notes(tool, &collected);
    if collected.is_cut {
        return wrong_call(&WrongCall {
            message: format!("the answer has more than {MAX_ANSWER_BYTES} bytes, which is the limit"),
            help: "ask for less at a time: fewer requests, a narrower query, a smaller log, or one `target`".to_owned(),
        });
    }
    match result {
        Err(Error::PolicyRejected { file, error, help }) => {
            let help = Some(help).filter(|help| !help.is_empty());
            let rejected = json!({"accepted": false, "file": file, "error": error, "help": help});
            return with_notes(rejected.to_string(), rejected, notes);
        }
        Err(Error::UnusablePolicy(error)) => {
            let rejected = json!({"accepted": false, "error": error});
            return with_notes(rejected.to_string(), rejected, notes);
        }
        _ => {}
    }
    let text = String::from_utf8_lossy(&collected.out).into_owned();
    let is_complete = match &result {
        Ok(()) => true,
        // Reported in what is printed, if anything is.
        Err(Error::Rejected | Error::Reported | Error::Unproven(_)) => !text.is_empty(),
        // What is printed ends where the error is.
        Err(_) => false,
    };
    let structured = is_complete.then(|| structured(&text, form)).flatten();
    match structured {
        Some(structured) => with_notes(text, structured, notes),
        None => {
            let message = result.err().and_then(|error| error.message());
            let message = message.map(|message| in_names_of(tool, &message));
            let all: Vec<String> = message.into_iter().chain(notes).collect();
            let message = match all.is_empty() {
                true => "the command printed nothing".to_owned(),
                false => all.join("\n"),
            };
            wrong_call(&WrongCall {
                message,
                help: String::new(),
            })
        }
    }
}

/// Returns what a command prints as a JSON object. `None` if it is of another form.
fn structured(text: &str, form: Form) -> Option<Value> {
    match form {
        Form::Page => Some(json!({"page": text})),
        Form::Object => serde_json::from_str(text).ok(),
        Form::Lines(key) => {
            let lines = text.lines().map(serde_json::from_str);
            let lines: Vec<Value> = lines.collect::<Result<_, serde_json::Error>>().ok()?;
            let mut object = Map::new();
            object.insert(key.to_owned(), lines.into());
            Some(object.into())
        }
    }
}

/// Returns an answer with what the command prints on standard error.
fn with_notes(text: String, mut structured: Value, notes: Vec<String>) -> CallToolResult {
    let mut content = vec![ContentBlock::text(text)];
    if !notes.is_empty() {
        content.push(ContentBlock::text(format!("Notes:\n{}", notes.join("\n"))));
    }
    if let Some(members) = structured.as_object_mut() {
        members.insert("notes".to_owned(), notes.into());
    }
    let mut answer = CallToolResult::success(content);
    answer.structured_content = Some(structured);
    answer
}

/// Returns the lines of standard error.
fn notes(tool: &Tool, collected: &Collected) -> Vec<String> {
    let lines = collected.messages.iter();
    let mut notes: Vec<String> = lines.map(|line| in_names_of(tool, line)).collect();
    if collected.more_messages > 0 {
        let more = collected.more_messages;
        notes.push(format!("{more} more messages are left out"));
    }
    notes
}

/// Replaces options of the command in a message, such as `--policy POLICY`, by the names of the tool's arguments.
fn in_names_of(tool: &Tool, message: &str) -> String {
    let mut parts = message.split("`--");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let named = part.split_once('`').and_then(|(option, rest)| {
            let option = option.split([' ', '=']).next();
            let mut parameters = tool.parameters.iter();
            let named = parameters.find(|parameter| parameter.option == option)?;
            Some(format!("`{}`{rest}", named.name))
        });
        text.push_str(&named.unwrap_or_else(|| format!("`--{part}")));
    }
    text
}
