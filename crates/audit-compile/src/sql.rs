//! Prints bindings as a query. Each binding is a column of a common table expression that reads the one before.

mod bigquery;
mod clickhouse;
mod dialect;
mod duckdb;
mod spark;
mod trino;

use crate::expression::{Binding, Expression, Position, Variable, joined};
use crate::input::Input;
use crate::pattern::AFTER_TIME;
use crate::sql::dialect::Dialect;

pub(crate) use bigquery::BigQuery;
pub(crate) use clickhouse::ClickHouse;
pub(crate) use duckdb::DuckDb;
pub(crate) use spark::Spark;
pub(crate) use trino::Trino;

/// Number of texts of a condition, or of choices, on one line.
const PER_LINE: usize = 8;

/// Prints the query in a dialect, over events in a schema.
pub(crate) fn query(bindings: &[Binding], dialect: &dyn Dialect, input: Input) -> String {
    let mut text = String::from("WITH\n");
    text.push_str(&source(dialect, input));
    let mut before = "event".to_owned();
    let printer = Printer { dialect };
    for Binding { name, value } in bindings {
        let name = name.text();
        let value = printer.print(value);
        text.push_str(&format!(
            ",\nwith_{name} AS (SELECT *, {value} AS {name} FROM {before})"
        ));
        before = format!("with_{name}");
    }
    text.push_str(&format!(
        "\nSELECT {}, rule, level, outcome FROM {before}{}\n",
        input.id(),
        dialect.settings()
    ));
    text
}

/// Returns the common table expressions from the relation `events` to the variables of an event.
fn source(dialect: &dyn Dialect, input: Input) -> String {
    match input {
        Input::Aks => dialect.azure_rows().to_owned(),
        Input::Columns => dialect.columns().to_owned(),
        Input::Eks => {
            let object = dialect.capture("line", AFTER_TIME);
            format!(
                "cut AS (\n  SELECT line, {object} AS object FROM events),\n{}",
                dialect.lines("object", "cut")
            )
        }
        Input::Lines | Input::Gke => dialect.lines("line", "events"),
    }
}

/// Prints expressions in a dialect.
struct Printer<'a> {
    dialect: &'a dyn Dialect,
}

impl Printer<'_> {
    /// Prints an expression, in parentheses if an operator next to it could take a part of it.
    fn print(&self, expression: &Expression) -> String {
        let dialect = self.dialect;
        match expression {
            Expression::Null => "NULL".to_owned(),
            Expression::Constant(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Expression::Number(number) => number.to_string(),
            Expression::Text(text) => self.literal(text),
            Expression::Of(name) => name.text().to_owned(),
            Expression::Plus(name, more) => format!("({} + {more})", name.text()),
            Expression::BeforeQuestionMark(name) => dialect.before(name.text()),
            Expression::AfterQuestionMark(name) => dialect.after(name.text()),
            Expression::Decoded(name) => dialect.decoded(name.text()),
            Expression::Segments(name) => dialect.segments(name.text()),
            Expression::Segment(list, position) => dialect.segment(list.text(), &at(*position)),
            Expression::Has(list, position) => {
                format!("({} > {})", dialect.length(list.text()), at(*position))
            }
            Expression::Capture(name, pattern) => {
                dialect.capture(name.text(), &dialect.regex(*pattern))
            }
            Expression::Matches(name, pattern) => {
                dialect.matches(name.text(), &dialect.regex(*pattern))
            }
            Expression::Choose(choices, other) => self.choose(choices, other),
            Expression::Not(condition) => format!("(NOT {})", self.print(condition)),
            Expression::All(conditions) => joined(&self.prints(conditions), " AND ", "TRUE"),
            Expression::Any(conditions) => joined(&self.prints(conditions), " OR ", "FALSE"),
            Expression::In(text, texts) => {
                format!("{} IN ({})", self.print(text), self.literals(texts))
            }
            Expression::HasAny(list, texts) => dialect.has_any(list.text(), &self.literals(texts)),
            Expression::IsNumber(name, numbers) => is_number(*name, numbers),
            Expression::StartsWithAny(name, texts) => {
                let name = name.text();
                let all = texts
                    .iter()
                    .map(|text| dialect.starts_with(name, &self.literal(text)));
                format!("({})", all.collect::<Vec<String>>().join(" OR "))
            }
            Expression::Contains(name, text) => dialect.contains(name.text(), &self.literal(text)),
        }
    }

    fn choose(&self, choices: &[(Expression, Expression)], other: &Expression) -> String {
        let end = if choices.len() > 1 { "\n  " } else { " " };
        let mut text = String::from("CASE");
        for (condition, value) in choices {
            let (condition, value) = (self.print(condition), self.print(value));
            text.push_str(&format!("{end}WHEN {condition} THEN {value}"));
        }
        text.push_str(&format!("{end}ELSE {} END", self.print(other)));
        text
    }

    fn prints(&self, expressions: &[Expression]) -> Vec<String> {
        expressions.iter().map(|one| self.print(one)).collect()
    }

    fn literals(&self, texts: &[String]) -> String {
        lines(texts.iter().map(|text| self.literal(text)))
    }

    /// Prints a text as a literal. Characters that mean something to SQL, to a template language, to a shell or to a reader's eyes are written as their
    /// numbers, so no text can end the literal.
    fn literal(&self, text: &str) -> String {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let plain = rest
                .find(|character| !is_plain(character))
                .unwrap_or(rest.len());
            let (part, after) = rest.split_at(if plain == 0 { first.len_utf8() } else { plain });
            parts.push(if plain == 0 {
                self.dialect.character(first)
            } else {
                format!("'{part}'")
            });
            rest = after;
        }
        match parts.as_slice() {
            [] => "''".to_owned(),
            [part] => part.clone(),
            _ => format!("concat({})", parts.join(", ")),
        }
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
    let name = name.text();
    if numbers.is_empty() {
        return "FALSE".to_owned();
    }
    let numbers = numbers.iter().map(usize::to_string);
    format!("coalesce({name} IN ({}), FALSE)", lines(numbers))
}

/// Joins the items of a list by commas, some to a line.
fn lines(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    let lines: Vec<String> = items.chunks(PER_LINE).map(|line| line.join(", ")).collect();
    lines.join(",\n    ")
}

/// Returns `true` if a character stands for itself between quotes in every dialect.
const fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || matches!(
            character,
            ' ' | '!'
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | '-'
                | '.'
                | '/'
                | ':'
                | '='
                | '@'
                | '['
                | ']'
                | '_'
                | '~'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_has_no_character_that_could_end_it() {
        for (text, printed) in [
            ("", "''"),
            ("system:node:a", "'system:node:a'"),
            ("/healthz/*", "'/healthz/*'"),
            ("o'neil", "concat('o', chr(39), 'neil')"),
            ("\\", "chr(92)"),
            ("a\0\n", "concat('a', chr(0), chr(10))"),
            (
                "{{x}}",
                "concat(chr(123), chr(123), 'x', chr(125), chr(125))",
            ),
            ("é😀", "concat(chr(233), chr(128512))"),
        ] {
            let printer = Printer { dialect: &DuckDb };
            assert_eq!(printer.literal(text), printed, "{text:?}");
        }
    }

    #[test]
    fn each_dialect_has_its_own_function_for_a_character() {
        let dialects: [(&dyn Dialect, &str); 5] = [
            (&DuckDb, "concat('a', chr(39), chr(233))"),
            (&ClickHouse, "concat('a', char(39), char(195, 169))"),
            (
                &Spark,
                "concat('a', decode(X'27', 'UTF-8'), decode(X'C3A9', 'UTF-8'))",
            ),
            (&Trino, "concat('a', chr(39), chr(233))"),
            (
                &BigQuery,
                "concat('a', CODE_POINTS_TO_STRING([39]), CODE_POINTS_TO_STRING([233]))",
            ),
        ];
        for (dialect, printed) in dialects {
            assert_eq!(Printer { dialect }.literal("a'é"), printed);
        }
    }

    #[test]
    fn a_schema_changes_only_where_the_variables_of_an_event_come_from() {
        let bindings = [Binding {
            name: Variable::Rule,
            value: Expression::is_in(Variable::UserName, ["o'neil"]),
        }];
        let dialects: [&dyn Dialect; 5] = [&DuckDb, &ClickHouse, &Spark, &Trino, &BigQuery];
        for dialect in dialects {
            let computed = |input| {
                let text = query(&bindings, dialect, input);
                let (source, rest) = text.split_once(",\nwith_rule AS").unwrap();
                assert!(source.contains("FROM events)"), "{source}");
                assert!(source.contains("\nevent AS (\n"), "{source}");
                let (computed, _) = rest.split_once("\nSELECT ").unwrap();
                computed.to_owned()
            };
            for input in Input::RELATIONS {
                assert_eq!(computed(input), computed(Input::Lines));
            }
        }
    }
}
