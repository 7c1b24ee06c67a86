//! Prints bindings as a query in the Kusto Query Language, over the tables `AKSAudit` and `AKSAuditAdmin` of Azure Monitor.
//!
//! KQL has no null texts, so a user without a name has a variable of its own, and an unknown level is empty.

use crate::expression::{Binding, Expression, Position, Variable, joined};
use crate::pattern::Pattern;

/// Reads the columns. An array in `User` counts only if all its items are texts.
const BEGIN: &str = r#"// Gives each event of AKSAudit the rule that matches, its level, and the outcome. For the category kube-audit-admin, write AKSAuditAdmin.
AKSAudit
| extend account = iff(gettype(User) == "string", parse_json(tostring(User)), User)
| extend username = account.username, all_groups = account.groups
| extend is_list = gettype(all_groups) == "array"
| extend user_groups = iff(is_list, all_groups, dynamic([]))
| extend readable = isnotempty(Verb) and isnotempty(RequestUri) and gettype(account) == "dictionary"
    and (not(is_list) or tostring(all_groups) matches regex @'\A\[(?:"(?:[^"\\]|\\.)*"(?:,"(?:[^"\\]|\\.)*")*)?\]\z')
| extend verb = Verb, uri = RequestUri, stage = Stage
| extend has_user_name = gettype(username) == "string" or (is_list and array_length(all_groups) > 0)
| extend user_name = iff(gettype(username) == "string", tostring(username), "")
"#;

const END: &str = "| project AuditId, stage, rule, level, outcome\n";

/// Maximum number of choices of one `case`; the others are in another one.
const PER_CASE: usize = 30;

/// Number of texts on one line.
const PER_LINE: usize = 8;

/// Prints the query.
pub(crate) fn program(bindings: &[Binding]) -> String {
    let mut text = BEGIN.to_owned();
    for Binding { name, value } in bindings {
        let null = match name {
            Variable::Rule => "long(null)",
            _ => "\"\"",
        };
        let value = Printer { null }.print(value);
        text.push_str(&format!("| extend {} = {value}\n", name.text()));
    }
    text.push_str(END);
    text
}

/// Prints expressions.
struct Printer {
    /// The null value of the type that is printed.
    null: &'static str,
}

impl Printer {
    /// Prints an expression, in parentheses if an operator next to it could take a part of it.
    fn print(&self, expression: &Expression) -> String {
        match expression {
            Expression::Null => self.null.to_owned(),
            Expression::Constant(value) => value.to_string(),
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => literal(text),
            Expression::Of(name) => name.text().to_owned(),
            Expression::Plus(name, more) => format!("({} + {more})", name.text()),
            Expression::BeforeQuestionMark(name) => {
                format!(r#"tostring(split({}, "?")[0])"#, name.text())
            }
            Expression::AfterQuestionMark(name) => {
                let name = name.text();
                format!(
                    r#"iff({name} contains_cs "?", substring({name}, indexof({name}, "?") + 1), "")"#
                )
            }
            // It may take a plus sign for a space.
            Expression::Decoded(name) => {
                format!(r#"url_decode(replace_string({}, "+", "%2B"))"#, name.text())
            }
            Expression::Segments(name) => format!(r#"split(trim("/+", {}), "/")"#, name.text()),
            Expression::Segment(list, position) => {
                format!("tostring({}[{}])", list.text(), at(*position))
            }
            Expression::Has(list, position) => {
                format!("(array_length({}) > {})", list.text(), at(*position))
            }
            Expression::Capture(name, pattern) => {
                format!("extract({}, 1, {})", regex(*pattern), name.text())
            }
            Expression::Matches(name, pattern) => {
                format!("({} matches regex {})", name.text(), regex(*pattern))
            }
            Expression::Choose(choices, other) => self.choose(choices, self.print(other)),
            Expression::Not(condition) => format!("not({})", self.print(condition)),
            Expression::All(conditions) => joined(&self.prints(conditions), " and ", "true"),
            Expression::Any(conditions) => joined(&self.prints(conditions), " or ", "false"),
            Expression::In(text, texts) => self.is_one(text, texts),
            Expression::HasAny(list, texts) => {
                let (list, texts) = (list.text(), literals(texts));
                format!("(array_length(set_intersect({list}, pack_array({texts}))) > 0)")
            }
            Expression::IsNumber(name, numbers) => is_number(*name, numbers),
            Expression::StartsWithAny(name, texts) => {
                let name = name.text();
                let all = texts.iter();
                let all = all.map(|text| format!("{name} startswith_cs {}", literal(text)));
                format!("({})", all.collect::<Vec<String>>().join(" or "))
            }
            Expression::Contains(name, text) => {
                format!("({} contains_cs {})", name.text(), literal(text))
            }
        }
    }

    fn prints(&self, expressions: &[Expression]) -> Vec<String> {
        expressions.iter().map(|one| self.print(one)).collect()
    }

    fn is_one(&self, text: &Expression, texts: &[String]) -> String {
        if texts.is_empty() {
            return "false".to_owned();
        }
        let is_in = format!("{} in ({})", self.print(text), literals(texts));
        match text {
            Expression::Of(Variable::UserName) => format!("(has_user_name and {is_in})"),
            _ => format!("({is_in})"),
        }
    }

    /// Prints choices, the last of them first: each `case` is what the one before it ends with.
    fn choose(&self, choices: &[(Expression, Expression)], other: String) -> String {
        choices.chunks(PER_CASE).rev().fold(other, |other, part| {
            let pairs = part.iter().map(|(condition, value)| {
                format!("{}, {}", self.print(condition), self.print(value))
            });
            let pairs: Vec<String> = pairs.collect();
            format!("case({},\n    {other})", pairs.join(",\n    "))
        })
    }
}

fn at(position: Position) -> String {
    match position {
        Position::At(at) => at.to_string(),
        Position::From(name, more) => format!("{} + {more}", name.text()),
    }
}

/// Prints a condition on a number that may be null: then it does not hold.
fn is_number(name: Variable, numbers: &[usize]) -> String {
    if numbers.is_empty() {
        return "false".to_owned();
    }
    let name = name.text();
    let numbers = lines(numbers.iter().map(usize::to_string));
    format!("(isnotnull({name}) and {name} in ({numbers}))")
}

fn regex(pattern: Pattern) -> String {
    format!("@\"{}\"", pattern.text())
}

fn literals(texts: &[String]) -> String {
    lines(texts.iter().map(|text| literal(text)))
}

/// Joins the items of a list by commas, some to a line.
fn lines(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    let lines: Vec<String> = items.chunks(PER_LINE).map(|line| line.join(", ")).collect();
    lines.join(",\n      ")
}

/// Prints a text as a literal. Characters that mean something to KQL, to a template language, to a shell or to a reader's eyes are written as their
/// numbers, so no text can end the literal.
fn literal(text: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_plain = rest.starts_with(plain);
        let end = rest.find(|character| plain(character) != is_plain);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        parts.push(if is_plain {
            format!("\"{part}\"")
        } else {
            let numbers: Vec<String> = part
                .chars()
                .map(|character| u32::from(character).to_string())
                .collect();
            format!("make_string({})", numbers.join(", "))
        });
        rest = after;
    }
    match parts.as_slice() {
        [] => "\"\"".to_owned(),
        [part] => part.clone(),
        _ => format!("strcat({})", parts.join(", ")),
    }
}

/// Returns whether a character stands for itself between quotes.
const fn plain(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            ' ' | '!' | '*' | '+' | ',' | '-' | '.' | '/' | ':' | '=' | '@' | '_' | '~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_has_no_character_that_could_end_it() {
        for (text, printed) in [
            ("", "\"\""),
            ("system:node:a", "\"system:node:a\""),
            ("o'neil", "strcat(\"o\", make_string(39), \"neil\")"),
            ("\"\\", "make_string(34, 92)"),
            ("a\0\n", "strcat(\"a\", make_string(0, 10))"),
            ("é😀", "make_string(233, 128512)"),
        ] {
            assert_eq!(literal(text), printed, "{text:?}");
        }
    }

    #[test]
    fn many_choices_are_in_several_cases() {
        let choice = |number| (Expression::Constant(true), Expression::Number(number));
        let choices: Vec<_> = (0..PER_CASE + 1).map(choice).collect();
        let printed = Printer { null: "" }.print(&Expression::Choose(
            choices,
            Box::new(Expression::Number(99)),
        ));
        assert_eq!(printed.matches("case(").count(), 2);
        assert!(printed.ends_with("true, 30,\n    99))"), "{printed}");
    }
}
