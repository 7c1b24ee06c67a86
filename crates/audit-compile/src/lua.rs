//! Prints bindings as a script for the Lua filter of Fluent Bit. The variables of an event are the fields of a table, so that a policy of any length
//! fits the limits of a function.

use std::fmt::Write;

use crate::expression::{Binding, Expression, Position, Variable, joined};
use crate::pattern::Pattern;

/// Functions that the bindings use.
const BEGIN: &str = include_str!("lua/begin.lua");

/// The functions that Fluent Bit calls.
const END: &str = include_str!("lua/end.lua");

/// Choices in one function. A jump in one may not be too long.
const PER_FUNCTION: usize = 100;

/// Prints the script.
pub(crate) fn program(bindings: &[Binding]) -> String {
    let mut printer = Printer::default();
    let mut body = String::new();
    for Binding { name, value } in bindings {
        let value = printer.print(value);
        body.push_str(&format!("  e.{} = {value}\n", name.text()));
    }
    format!(
        "{BEGIN}\n{}\n-- Returns the rule that matches, its level, and the outcome.\nfunction audit_verdict(record)\n  local e = fields(record)\n{body}  return e.rule, e.level, e.outcome\nend\n\n{END}",
        printer.definitions
    )
}

/// Prints expressions, and what they need before them: sets of texts, and functions for choices.
#[derive(Default)]
struct Printer {
    definitions: String,
    count: usize,
}

impl Printer {
    /// Prints an expression, in parentheses if an operator next to it could take a part of it.
    fn print(&mut self, expression: &Expression) -> String {
        match expression {
            Expression::Null => "nil".to_owned(),
            Expression::Constant(value) => value.to_string(),
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => literal(text),
            Expression::Of(name) => variable(*name),
            Expression::Plus(name, more) => format!("({} + {more})", variable(*name)),
            Expression::BeforeQuestionMark(name) => call("before_question_mark", *name),
            Expression::AfterQuestionMark(name) => call("after_question_mark", *name),
            Expression::Decoded(name) => call("decoded", *name),
            Expression::Segments(name) => call("segments", *name),
            Expression::Segment(list, position) => {
                format!(r#"({}[{} + 1] or "")"#, variable(*list), at(*position))
            }
            Expression::Has(list, position) => {
                format!("(#{} > {})", variable(*list), at(*position))
            }
            Expression::Capture(name, pattern) | Expression::Matches(name, pattern) => {
                call(function(*pattern), *name)
            }
            Expression::Choose(choices, other) => self.choose(choices, other),
            Expression::Not(condition) => format!("(not {})", self.print(condition)),
            Expression::All(conditions) => joined(&self.prints(conditions), " and ", "true"),
            Expression::Any(conditions) => joined(&self.prints(conditions), " or ", "false"),
            Expression::In(text, texts) => {
                let text = self.print(text);
                let set = self.set(texts.iter().map(|text| literal(text)));
                format!("has({set}, {text})")
            }
            Expression::HasAny(list, texts) => {
                let set = self.set(texts.iter().map(|text| literal(text)));
                format!("has_any({set}, {})", variable(*list))
            }
            Expression::IsNumber(name, numbers) => {
                let set = self.set(numbers.iter().map(usize::to_string));
                format!("has({set}, {})", variable(*name))
            }
            Expression::StartsWithAny(name, texts) => {
                let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
                let list = self.define(&format!("{{{}}}", texts.join(", ")));
                format!("starts_with_any({list}, {})", variable(*name))
            }
            Expression::Contains(name, text) => {
                let text = literal(text);
                format!("(string.find({}, {text}, 1, true) ~= nil)", variable(*name))
            }
        }
    }

    fn prints(&mut self, expressions: &[Expression]) -> Vec<String> {
        expressions.iter().map(|one| self.print(one)).collect()
    }

    /// Defines a set of constants and returns its name.
    fn set(&mut self, constants: impl Iterator<Item = String>) -> String {
        let items: Vec<String> = constants.map(|one| format!("[{one}] = true")).collect();
        self.define(&format!("{{{}}}", items.join(", ")))
    }

    /// Defines a value that no event changes, and returns its name.
    fn define(&mut self, value: &str) -> String {
        let name = self.name();
        // A `String` takes every text.
        let _ = writeln!(self.definitions, "{name} = {value}");
        name
    }

    fn name(&mut self) -> String {
        self.count += 1;
        format!("P[{}]", self.count)
    }

    /// Defines functions that return the value of the first condition that holds, and returns the call.
    fn choose(&mut self, choices: &[(Expression, Expression)], other: &Expression) -> String {
        let mut body = String::new();
        if choices.len() <= PER_FUNCTION {
            for (condition, value) in choices {
                let (condition, value) = (self.print(condition), self.print(value));
                let _ = writeln!(body, "  if {condition} then return {value} end");
            }
        } else {
            body.push_str("  local found, value\n");
            for part in choices.chunks(PER_FUNCTION) {
                let part = self.part(part);
                let _ = writeln!(
                    body,
                    "  found, value = {part}(e)\n  if found then return value end"
                );
            }
        }
        let other = self.print(other);
        let name = self.define(&format!("function(e)\n{body}  return {other}\nend"));
        format!("{name}(e)")
    }

    /// Defines a function that also says whether a condition holds, since a value may be nil.
    fn part(&mut self, choices: &[(Expression, Expression)]) -> String {
        let mut body = String::new();
        for (condition, value) in choices {
            let (condition, value) = (self.print(condition), self.print(value));
            let _ = writeln!(body, "  if {condition} then return true, {value} end");
        }
        self.define(&format!("function(e)\n{body}  return false\nend"))
    }
}

fn variable(name: Variable) -> String {
    format!("e.{}", name.text())
}

fn call(function: &str, name: Variable) -> String {
    format!("{function}({})", variable(name))
}

/// Returns the function for a pattern, since Lua has no regular expressions.
const fn function(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Decodable => "is_decodable",
        Pattern::HidesLetters => "hides_letters",
        Pattern::SelectsName => "selected_name",
        Pattern::SelectsNoName => "selects_no_name",
    }
}

fn at(position: Position) -> String {
    match position {
        Position::At(at) => at.to_string(),
        Position::From(name, more) => format!("{} + {more}", variable(name)),
    }
}

/// Prints a text as a literal. Bytes that mean something to Lua, to a configuration of Fluent Bit or to a reader's eyes are written as their
/// numbers, so no text can end the literal.
fn literal(text: &str) -> String {
    let mut printed = String::from("\"");
    for byte in text.bytes() {
        if byte == b' ' || byte.is_ascii_alphanumeric() || b"!()*+,-./:=@_~".contains(&byte) {
            printed.push(char::from(byte));
        } else {
            printed.push_str(&format!("\\{byte:03}"));
        }
    }
    printed.push('"');
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_has_no_character_that_could_end_it() {
        for (text, printed) in [
            ("", r#""""#),
            ("system:node:a", r#""system:node:a""#),
            ("a\"b", r#""a\034b""#),
            ("\\", r#""\092""#),
            ("a\0\n1", r#""a\000\0101""#),
            ("]]${x}", r#""\093\093\036\123x\125""#),
            ("é", r#""\195\169""#),
        ] {
            assert_eq!(literal(text), printed, "{text:?}");
        }
    }
}
