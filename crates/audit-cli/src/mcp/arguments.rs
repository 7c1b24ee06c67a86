//! The arguments of a call: checked against the tool's parameters, and made into those of the command.

use std::sync::Arc;

use audit_types::spelling::nearest;
use rmcp::model::JsonObject;
use serde_json::Value;

use super::limits::{
    MAX_REQUESTS_BYTES, MAX_TEXT_BYTES, MAX_VALUES, MAX_WORD_BYTES, shown, too_large,
};
use super::parameter::{Kind, Parameter};
use super::tools::{Form, Tool};
use crate::codes;
use crate::in_process::Contents;

/// A call that is wrong.
#[derive(Debug)]
pub(super) struct WrongCall {
    /// One lowercase sentence.
    pub(super) message: String,
    /// The remedy; empty if the message says it.
    pub(super) help: String,
}

impl WrongCall {
    fn new(message: String, help: &str) -> Self {
        Self {
            message,
            help: help.to_owned(),
        }
    }
}

/// A call of the command.
#[derive(Debug)]
pub(super) struct CommandCall {
    /// Its arguments, without the name of the program.
    pub(super) words: Vec<String>,
    /// The texts that take the place of files, by name.
    pub(super) texts: Vec<(String, Contents)>,
    /// Form of what it prints.
    pub(super) form: Form,
}

impl CommandCall {
    /// Makes a call of the command from the arguments of a tool's call.
    ///
    /// # Errors
    /// If an argument is unknown, missing, too large or of another type.
    pub(super) fn new(tool: &Tool, arguments: &JsonObject) -> Result<Self, WrongCall> {
        check_names(tool, arguments)?;
        let (words, form) = command(tool, arguments)?;
        let mut call = Self {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            texts: Vec::new(),
            form,
        };
        let mut last = vec!["--".to_owned()];
        for parameter in tool.parameters {
            let value = given(arguments, parameter.name);
            let Some(value) = value else { continue };
            for word in call.values(parameter, value)? {
                match parameter.option {
                    Some(option) if parameter.kind == Kind::Switch => {
                        call.words.push(format!("--{option}"));
                    }
                    Some(option) => call.words.push(format!("--{option}={word}")),
                    None => last.push(word),
                }
            }
        }
        if last.len() > 1 {
            call.words.append(&mut last);
        }
        Ok(call)
    }

    /// Returns the words that stand for a value, and keeps its texts.
    fn values(&mut self, parameter: &Parameter, value: &Value) -> Result<Vec<String>, WrongCall> {
        let name = parameter.name;
        match (parameter.kind, value) {
            (Kind::Text(limit), Value::String(text)) => self.text(name, text, limit),
            (Kind::Texts(limit), Value::Array(items)) => {
                let mut words = Vec::new();
                for (index, text) in strings(name, items)?.into_iter().enumerate() {
                    words.extend(self.text(&format!("{name}[{index}]"), text, limit)?);
                }
                Ok(words)
            }
            (Kind::Request, Value::Object(_)) => {
                self.text(name, &value.to_string(), MAX_REQUESTS_BYTES)
            }
            (Kind::Requests, Value::Array(items)) => {
                let lines: Vec<String> = items.iter().map(Value::to_string).collect();
                self.text(name, &lines.join("\n"), MAX_REQUESTS_BYTES)
            }
            (Kind::Object, Value::Object(_)) => self.text(name, &value.to_string(), MAX_TEXT_BYTES),
            (Kind::Word, Value::String(word)) => Ok(vec![short(name, word)?.to_owned()]),
            (Kind::Words, Value::Array(items)) => {
                let words = strings(name, items)?.into_iter();
                words
                    .map(|word| Ok(short(name, word)?.to_owned()))
                    .collect()
            }
            (Kind::Switch, Value::Bool(false)) => Ok(Vec::new()),
            (Kind::Switch, Value::Bool(true)) => Ok(vec![String::new()]),
            (Kind::Number | Kind::Bytes, Value::Number(number)) => Ok(vec![number.to_string()]),
            (kind, value) => Err(wrong_type(name, expected(kind), value)),
        }
    }

    fn text(&mut self, name: &str, text: &str, limit: usize) -> Result<Vec<String>, WrongCall> {
        check_size(name, text, limit)?;
        self.texts
            .push((name.to_owned(), Arc::from(text.as_bytes())));
        Ok(vec![name.to_owned()])
    }
}

/// Returns an argument. Some clients send null for one that is left out.
fn given<'a>(arguments: &'a JsonObject, name: &str) -> Option<&'a Value> {
    arguments.get(name).filter(|value| !value.is_null())
}

fn check_names(tool: &Tool, arguments: &JsonObject) -> Result<(), WrongCall> {
    let names = || tool.parameters.iter().map(|parameter| parameter.name);
    if let Some(unknown) = arguments
        .keys()
        .find(|key| names().all(|name| name != *key))
    {
        let message = format!("unknown argument `{}` of `{}`", shown(unknown), tool.name);
        let help = match nearest(unknown, names(), 3) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => listed(tool),
        };
        return Err(WrongCall { message, help });
    }
    let is_missing = |parameter: &&Parameter| {
        parameter.is_required && given(arguments, parameter.name).is_none()
    };
    match tool.parameters.iter().find(is_missing) {
        None => Ok(()),
        Some(missing) => Err(WrongCall::new(
            format!("missing argument `{}` of `{}`", missing.name, tool.name),
            missing.help,
        )),
    }
}

fn listed(tool: &Tool) -> String {
    let names: Vec<String> = tool
        .parameters
        .iter()
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    format!("the arguments are {}", names.join(", "))
}

/// Returns the command of a call with the options that it always has, and the form of what it prints. `explain` is a tool for three questions.
fn command(
    tool: &Tool,
    arguments: &JsonObject,
) -> Result<(&'static [&'static str], Form), WrongCall> {
    if tool.form != Form::Page {
        return Ok((tool.words, tool.form));
    }
    let has = |name| given(arguments, name).is_some();
    match (has("code"), has("policy"), has("request")) {
        (true, false, false) => {
            check_code(arguments)?;
            Ok((tool.words, Form::Page))
        }
        (false, true, true) => Ok((&["evaluate", "--explain"], Form::Object)),
        (false, false, false) => Ok((
            &["explain", "--list", "--format=json"],
            Form::Lines("codes"),
        )),
        (true, ..) => Err(WrongCall::new(
            "`code` is explained without a policy and a request".to_owned(),
            "leave out `policy` and `request`, or `code`",
        )),
        (_, has_policy, _) => {
            let (given, missing) = match has_policy {
                true => ("policy", "request"),
                false => ("request", "policy"),
            };
            Err(WrongCall::new(
                format!("missing argument `{missing}` of `explain`"),
                &format!("`{given}` is explained together with it"),
            ))
        }
    }
}

/// Fails if the code does not exist.
fn check_code(arguments: &JsonObject) -> Result<(), WrongCall> {
    let code = given(arguments, "code").and_then(Value::as_str);
    let Some(code) = code.filter(|code| codes::find(code).is_none()) else {
        return Ok(());
    };
    Err(WrongCall::new(
        format!("unknown code `{}`", shown(code)),
        "`explain` without arguments lists all codes",
    ))
}

fn strings<'a>(name: &str, items: &'a [Value]) -> Result<Vec<&'a str>, WrongCall> {
    if items.len() > MAX_VALUES {
        let message = format!(
            "`{name}` has too many values: {}, the limit is {MAX_VALUES}",
            items.len()
        );
        return Err(WrongCall::new(message, ""));
    }
    let text = |(index, item): (usize, &'a Value)| {
        let wrong = || wrong_type(&format!("{name}[{index}]"), "a string", item);
        item.as_str().ok_or_else(wrong)
    };
    items.iter().enumerate().map(text).collect()
}

/// Returns a short text that is not too long.
fn short<'a>(name: &str, word: &'a str) -> Result<&'a str, WrongCall> {
    check_size(name, word, MAX_WORD_BYTES)?;
    Ok(word)
}

fn check_size(name: &str, text: &str, limit: usize) -> Result<(), WrongCall> {
    if text.len() > limit {
        let message = too_large(&format!("`{name}`"), text.len(), limit);
        let help = "run the command `audit-policy` on a file instead, which has larger limits";
        return Err(WrongCall::new(message, help));
    }
    Ok(())
}

const fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Word => "a string",
        Kind::Texts(_) | Kind::Words => "a list of strings",
        Kind::Request | Kind::Object => "an object",
        Kind::Requests => "a list of objects",
        Kind::Switch => "a boolean",
        Kind::Number | Kind::Bytes => "a number",
    }
}

fn wrong_type(name: &str, expected: &str, value: &Value) -> WrongCall {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    WrongCall::new(format!("`{name}` must be {expected}, not {found}"), "")
}
