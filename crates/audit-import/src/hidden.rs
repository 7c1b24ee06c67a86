//! Finds arguments of the server that a text passes on but does not contain: `"$@"`, `$(EXTRA_ARGS)`, loops of templates. What the text does not set may
//! be set there.

use std::collections::HashSet;

use apiserver_config::leading_placeholder;
use audit_types::excerpt::excerpt;
use audit_types::{Code, Severity};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::flag_names::is_flag_name;
use crate::parsed_input::ParsedInput;
use crate::program::is_server_name;
use crate::recognize::is_terraform;
use crate::shell_words::ShellWord;

/// Flags of the server that need no value, so that the next word is another argument.
const SWITCHES: [&str; 4] = [
    "--allow-privileged",
    "--anonymous-auth",
    "--profiling",
    "--enable-bootstrap-token-auth",
];

/// Parts of the names of fields with arguments.
const FIELDS: [&str; 5] = ["arg", "flag", "opt", "exec", "extra"];

/// Expressions of Terraform that are not literals.
const EXPRESSIONS: [&str; 9] = [
    "var.", "local.", "module.", "data.", "concat(", "merge(", "join(", "compact(", "flatten(",
];

/// Marks around the code of a template. Comments of Jinja are none.
const CODE: [(&str, &str); 4] = [("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("%{", "}")];

/// Arguments that are not in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HiddenArguments {
    /// The expression, as the text has it.
    pub(crate) expression: String,
    pub(crate) line: usize,
}

/// Finds the first arguments that the text does not contain. `None` if it contains all.
pub(crate) fn find(text: &str, found: &ParsedInput) -> Option<HiddenArguments> {
    let uncertain = ImportCode::UncertainScript.id();
    let script = found.findings.iter().find(|known| known.code == uncertain);
    let of_script = script.map(|known| HiddenArguments {
        expression: "the script".to_owned(),
        line: known.line,
    });
    // An obstacle is reported where it is found.
    of_script
        .or_else(|| in_words(text, &found.words))
        .or_else(|| in_template(text))
        .or_else(|| in_fields(text))
}

/// Finds a word that is an expression on its own, after the server's name if that is known.
fn in_words(text: &str, words: &[ShellWord]) -> Option<HiddenArguments> {
    let server = words.iter().position(|word| is_server_name(&word.text));
    let start = server.map_or(0, |at| at + 1);
    let mut before: Option<&str> = None;
    let mut set = None;
    for word in words.get(start..).unwrap_or_default() {
        let is_value = before.is_some_and(is_before_value);
        before = Some(&word.text);
        if is_value || !is_expression(&word.text) {
            continue;
        }
        let set = set.get_or_insert_with(|| assigned(text));
        if !set.contains(variable(&word.text)) {
            return Some(HiddenArguments {
                expression: word.text.clone(),
                line: word.line,
            });
        }
    }
    None
}

/// Returns whether a flag takes the next word as its value.
fn is_before_value(word: &str) -> bool {
    word.starts_with("--") && !word.contains('=') && !SWITCHES.contains(&word)
}

/// Returns whether a word is a variable or another expression, with nothing before or after it.
fn is_expression(word: &str) -> bool {
    let is_parameter = matches!(word, "$@" | "$*" | "${@}" | "${*}") || word.starts_with("${@:");
    is_parameter || leading_placeholder(word).is_some_and(|found| found.len() == word.len())
}

/// Returns the name of the variable that an expression starts with; empty if it starts with another sign.
fn variable(expression: &str) -> &str {
    let name = expression.trim_start_matches(['$', '{', '(']);
    let end = name.find(|c| !is_of_name(c)).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// Returns the names of the variables that a text sets to a text of its own.
fn assigned(text: &str) -> HashSet<&str> {
    let assignments = text.match_indices('=').filter_map(|(at, _)| {
        let before = text.get(..at)?;
        let before = before.strip_suffix('+').unwrap_or(before);
        let start = before.trim_end_matches(is_of_name).len();
        let value = text.get(at + 1..)?.trim_start_matches(['"', '\'']);
        let name = before.get(start..).filter(|name| !name.is_empty())?;
        (!value.starts_with(['$', '`'])).then_some(name)
    });
    assignments.collect()
}

const fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Finds a line that is code of a template, which may add arguments.
fn in_template(text: &str) -> Option<HiddenArguments> {
    text.lines().enumerate().find_map(|(index, line)| {
        let line = line.trim().trim_start_matches("- ");
        let code = line.trim_matches(['"', '\'', ',', '\\', ' ']);
        let is_code = CODE.iter().any(|(open, close)| {
            code.starts_with(open) && code.ends_with(close) && !code.starts_with("{{/*")
        });
        is_code.then(|| HiddenArguments {
            expression: code.to_owned(),
            line: index + 1,
        })
    })
}

/// Finds a field with arguments whose value is a variable: `extraArgs: ${EXTRA_ARGS}`, `args = concat(var.args, […])`.
fn in_fields(text: &str) -> Option<HiddenArguments> {
    let is_terraform = is_terraform(text);
    text.lines().enumerate().find_map(|(index, line)| {
        let line = line.trim().trim_start_matches("- ");
        let (name, value) = line.split_once(['=', ':'])?;
        let name = name.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let is_field = name.chars().all(is_name)
            && FIELDS.iter().any(|part| name.contains(part))
            && !is_flag_name(&name);
        let value = value.trim();
        let bare = value.trim_matches(['"', '\'', ',']);
        let is_unknown = is_expression(bare)
            || (is_terraform && EXPRESSIONS.iter().any(|part| value.contains(part)));
        (is_field && is_unknown).then(|| HiddenArguments {
            expression: bare.to_owned(),
            line: index + 1,
        })
    })
}

/// Reports that the text does not contain all arguments.
pub(crate) fn report(hidden: &HiddenArguments) -> LineFinding {
    finding(
        ImportCode::UncertainScript,
        Severity::Info,
        hidden.line,
        format!(
            "the arguments in `{}` are not in this text: whether auditing is on cannot be seen",
            excerpt(&hidden.expression)
        ),
        "audit flags in it are not read: use the flags that the server really gets",
    )
}
