//! Prints bindings as a program in the Vector Remap Language, for the transform `remap` of Vector.
//!
//! VRL has no functions of its own, and its compiler calls itself for each level of a tree: choices are statements next to each other, and operators
//! join a long list as a balanced tree. For each expression, the compiler copies what it knows of all variables, so most of them are inside a block
//! that ends before the rules. Bindings that nothing uses are left out, since the compiler warns of them.

use std::fmt::Write;

use crate::expression::{Binding, Expression, Position, Variable};

const BEGIN: &str = "# For the transform `remap` of Vector, on events as objects: sets `.audit_policy` to the rule that matches, its level, and the outcome.\n\n";

const END: &str = "\n.audit_policy = { \"rule\": rule, \"level\": level, \"outcome\": outcome }\n";

/// Fields of the event, by the variable that they set. `get` hides what Vector knows of their types: VRL does not compile `??` after what cannot fail.
const FIELDS: [(Variable, &str); 6] = [
    (
        Variable::Verb,
        r#"verb = string(get!({ "value": .verb }, ["value"])) ?? """#,
    ),
    (
        Variable::Uri,
        r#"uri = string(get!({ "value": .requestURI }, ["value"])) ?? """#,
    ),
    (
        Variable::Stage,
        r#"stage = string(get!({ "value": .stage }, ["value"])) ?? """#,
    ),
    (
        Variable::Groups,
        r#"user_groups = filter(array(get!({ "value": .user.groups }, ["value"])) ?? []) -> |_index, group| { is_string(group) }"#,
    ),
    (
        Variable::UserName,
        r#"user_name = string(get!({ "value": .user.username }, ["value"])) ?? null
if user_name == null && length(user_groups) > 0 {
  user_name = ""
}"#,
    ),
    (
        Variable::Readable,
        "readable = is_string(.verb) && is_string(.requestURI) && is_object(.user)",
    ),
];

/// Choices that are one statement; more of them are a statement each.
const MAX_BRANCHES: usize = 8;

/// Choices in one block, which is skipped after a condition that holds.
const PER_BLOCK: usize = 32;

/// Conditions that an operator joins before there are parentheses.
const PER_GROUP: usize = 8;

/// Prints the program.
pub(crate) fn program(bindings: &[Binding]) -> String {
    let is_result = |name| matches!(name, Variable::Rule | Variable::Level | Variable::Outcome);
    let (results, request): (Vec<&Binding>, Vec<&Binding>) =
        bindings.iter().partition(|binding| is_result(binding.name));
    let mut printer = Printer::default();
    let results: Vec<String> = results
        .into_iter()
        .map(|binding| printer.binding(binding))
        .collect();
    // A variable is known after the block only if it exists before it.
    let mut names = printer.used.clone();
    names.retain(|name| !is_result(*name));
    let declarations: Vec<String> = names
        .into_iter()
        .map(|name| format!("{} = null\n", name.text()))
        .collect();
    let request = printer.request(&request);
    let lines: Vec<String> = request.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "{BEGIN}{}{{\n{}}}\n{}{END}",
        declarations.concat(),
        lines.concat(),
        results.concat()
    )
}

/// Prints expressions, and the statements before them.
#[derive(Default)]
struct Printer {
    /// The names that the printed expressions use.
    used: Vec<Variable>,
    /// Statements that the next one needs.
    before: String,
    count: usize,
}

impl Printer {
    /// Prints the statements that set what is used of a request. The last one is printed first, since it shows what it uses of the others.
    fn request(&mut self, bindings: &[&Binding]) -> String {
        let mut statements = Vec::new();
        for binding in bindings.iter().rev() {
            if self.used.contains(&binding.name) {
                statements.push(self.binding(binding));
            }
        }
        for (name, text) in FIELDS.iter().rev() {
            if self.used.contains(name) {
                statements.push(format!("{text}\n"));
                if *name == Variable::UserName {
                    self.variable(Variable::Groups);
                }
            }
        }
        statements.reverse();
        statements.concat()
    }

    /// Prints the statements that set a name.
    fn binding(&mut self, Binding { name, value }: &Binding) -> String {
        let name = name.text();
        let statement = match value {
            Expression::Choose(choices, other) => self.choose(name, choices, other),
            _ => format!("{name} = {}\n", self.print(value)),
        };
        std::mem::take(&mut self.before) + &statement
    }

    /// Prints an expression, in parentheses if an operator next to it could take a part of it.
    fn print(&mut self, expression: &Expression) -> String {
        match expression {
            Expression::Null => "null".to_owned(),
            Expression::Constant(value) => value.to_string(),
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => literal(text),
            Expression::Of(name) => self.variable(*name),
            Expression::Plus(name, more) => format!("({} + {more})", self.variable(*name)),
            Expression::BeforeQuestionMark(name) => self.without(*name, r"(?s)\?.*\z"),
            Expression::AfterQuestionMark(name) => self.without(*name, r"\A[^?]*\??"),
            Expression::Decoded(name) => format!("decode_percent({})", self.variable(*name)),
            Expression::Segments(name) => {
                format!(r#"split({}, "/")"#, self.without(*name, r"\A/+|/+\z"))
            }
            Expression::Segment(list, position) => {
                item(&self.variable(*list), &self.position(*position))
            }
            Expression::Capture(name, pattern) => item(
                &format!(
                    "parse_regex({}, {}, numeric_groups: true) ?? {{}}",
                    self.variable(*name),
                    regex(&pattern.text())
                ),
                r#""1""#,
            ),
            Expression::Choose(choices, other) => self.choice(choices, other),
            Expression::Has(list, position) => {
                let (list, at) = (self.variable(*list), self.position(*position));
                format!("(length({list}) > {at})")
            }
            Expression::Not(condition) => format!("!{}", self.print(condition)),
            Expression::All(conditions) => joined(self.prints(conditions), " && ", "true"),
            Expression::Any(conditions) => joined(self.prints(conditions), " || ", "false"),
            Expression::In(text, texts) => {
                let text = self.print(text);
                is_one(&text, texts.iter().map(|text| literal(text)))
            }
            Expression::HasAny(list, texts) => self.any("includes", *list, texts),
            Expression::IsNumber(name, numbers) => {
                let name = self.variable(*name);
                is_one(&name, numbers.iter().map(usize::to_string))
            }
            Expression::StartsWithAny(name, texts) => self.any("starts_with", *name, texts),
            Expression::Contains(name, text) => {
                format!("contains({}, {})", self.variable(*name), literal(text))
            }
            Expression::Matches(name, pattern) => {
                format!(
                    "match({}, {})",
                    self.variable(*name),
                    regex(&pattern.text())
                )
            }
        }
    }

    fn prints(&mut self, expressions: &[Expression]) -> Vec<String> {
        expressions.iter().map(|one| self.print(one)).collect()
    }

    fn variable(&mut self, name: Variable) -> String {
        if !self.used.contains(&name) {
            self.used.push(name);
        }
        name.text().to_owned()
    }

    fn position(&mut self, position: Position) -> String {
        match position {
            Position::At(at) => at.to_string(),
            Position::From(name, 0) => self.variable(name),
            Position::From(name, more) => format!("{} + {more}", self.variable(name)),
        }
    }

    /// Prints a text without the parts that fit a pattern.
    fn without(&mut self, name: Variable, pattern: &str) -> String {
        format!(
            r#"replace({}, {}, "")"#,
            self.variable(name),
            regex(pattern)
        )
    }

    /// Prints the condition that a function of a value and a text holds for some text.
    fn any(&mut self, function: &str, name: Variable, texts: &[String]) -> String {
        let name = self.variable(name);
        let calls = texts
            .iter()
            .map(|text| format!("{function}({name}, {})", literal(text)));
        joined(calls.collect(), " || ", "false")
    }

    /// Prints a choice inside an expression: a statement before it sets a name.
    fn choice(&mut self, choices: &[(Expression, Expression)], other: &Expression) -> String {
        self.count += 1;
        let name = format!("choice_{}", self.count);
        let statement = self.choose(&name, choices, other);
        self.before.push_str(&statement);
        name
    }

    /// Prints the statements that set a name to the value of the first condition that holds.
    fn choose(
        &mut self,
        name: &str,
        choices: &[(Expression, Expression)],
        other: &Expression,
    ) -> String {
        let printed: Vec<(String, String)> = choices
            .iter()
            .map(|(condition, value)| (self.print(condition), self.print(value)))
            .collect();
        let other = self.print(other);
        if printed.len() <= MAX_BRANCHES {
            branches(name, &printed, &other)
        } else {
            blocks(name, &printed, &other)
        }
    }
}

/// Prints choices as one statement.
fn branches(name: &str, choices: &[(String, String)], other: &str) -> String {
    let mut text = format!("{name} = ");
    for (condition, value) in choices {
        // A `String` takes every text.
        let _ = write!(text, "if {condition} {{\n  {value}\n}} else ");
    }
    let _ = writeln!(text, "{{\n  {other}\n}}");
    text
}

/// Prints choices as statements in blocks.
fn blocks(name: &str, choices: &[(String, String)], other: &str) -> String {
    let mut text = format!("{name} = {other}\n{name}_found = false\n");
    for block in choices.chunks(PER_BLOCK) {
        // A `String` takes every text.
        let _ = writeln!(text, "if !{name}_found {{");
        for (condition, value) in block {
            let _ = writeln!(
                text,
                "  if !{name}_found && {condition} {{\n    {name} = {value}\n    {name}_found = true\n  }}"
            );
        }
        text.push_str("}\n");
    }
    text
}

/// Joins conditions by an operator, in parentheses and as a balanced tree; `none` is printed for no condition at all.
fn joined(mut conditions: Vec<String>, operator: &str, none: &str) -> String {
    while conditions.len() > 1 {
        let groups = conditions.chunks(PER_GROUP).map(|group| match group {
            [condition] => condition.clone(),
            _ => format!("({})", group.join(operator)),
        });
        conditions = groups.collect();
    }
    conditions.pop().unwrap_or_else(|| none.to_owned())
}

/// Prints the condition that a value is one of some constants.
fn is_one(value: &str, constants: impl Iterator<Item = String>) -> String {
    let constants: Vec<String> = constants.collect();
    match constants.as_slice() {
        [] => "false".to_owned(),
        [constant] => format!("({value} == {constant})"),
        _ => format!("includes([{}], {value})", constants.join(", ")),
    }
}

/// Prints an item of a list or an object, as a text; the empty text if there is none.
fn item(list: &str, at: &str) -> String {
    format!(r#"(string(get!({list}, [{at}])) ?? "")"#)
}

/// Prints a regular expression, which has no apostrophe.
fn regex(pattern: &str) -> String {
    format!("r'{pattern}'")
}

/// Prints a text as a literal. Bytes that mean something to VRL, to a configuration of Vector or to a reader's eyes are percent-encoded, so no text
/// can end the literal or begin a template.
fn literal(text: &str) -> String {
    if text.bytes().all(|byte| is_plain(byte) || byte == b'%') {
        return format!("\"{text}\"");
    }
    let mut printed = String::from("decode_percent(\"");
    for byte in text.bytes() {
        if is_plain(byte) {
            printed.push(char::from(byte));
        } else {
            printed.push_str(&format!("%{byte:02X}"));
        }
    }
    printed.push_str("\")");
    printed
}

fn is_plain(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_alphanumeric() || b"!()*+,-./:=@_~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_has_no_character_that_could_end_it() {
        for (text, printed) in [
            ("", r#""""#),
            ("system:node:a", r#""system:node:a""#),
            ("a\"b", r#"decode_percent("a%22b")"#),
            ("\\u{41}", r#"decode_percent("%5Cu%7B41%7D")"#),
            ("a\0\n1", r#"decode_percent("a%00%0A1")"#),
            ("{{x}}", r#"decode_percent("%7B%7Bx%7D%7D")"#),
            ("$HOME", r#"decode_percent("%24HOME")"#),
            ("a%41", r#""a%41""#),
            ("a%41\"", r#"decode_percent("a%2541%22")"#),
            ("é", r#"decode_percent("%C3%A9")"#),
        ] {
            assert_eq!(literal(text), printed, "{text:?}");
        }
    }

    #[test]
    fn conditions_are_joined_as_a_balanced_tree() {
        let many = |count: usize| (0..count).map(|one| one.to_string()).collect();
        assert_eq!(joined(many(0), " || ", "false"), "false");
        assert_eq!(joined(many(1), " || ", "false"), "0");
        assert_eq!(joined(many(3), " || ", "false"), "(0 || 1 || 2)");
        assert_eq!(
            joined(many(9), " || ", "false"),
            "((0 || 1 || 2 || 3 || 4 || 5 || 6 || 7) || 8)"
        );
        let longest = joined(many(100_000), " || ", "false");
        assert!(longest.starts_with("((((((0 ||"));
        assert!(!longest.starts_with("((((((("));
    }
}
