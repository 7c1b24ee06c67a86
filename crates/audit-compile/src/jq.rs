//! Prints bindings as a filter for jq.

use crate::expression::{Binding, Expression, Position, joined};

/// Reads an event, which may also be the text of a line (`jq -R`), and defines what the bindings use.
const BEGIN: &str = r#"# Reads events, or lines of text with -R. Prints the verdict on each; with `--arg keep OUTCOME`, the events with that outcome.
def segments:
  split("/") | map(. != "") as $full | ($full | index(true)) as $first
  | if $first == null then [""] else .[$first:($full | rindex(true)) + 1] end;
def byte: ascii_upcase | explode | map(if . >= 65 then . - 55 else . - 48 end) | .[0] * 16 + .[1];
# Bytes are negative until they are characters.
def decoded:
  if index("%") == null then . else
    split("%")
    | [foreach ((.[0] | explode[]), (.[1:][] | -1 - (.[:2] | byte), (.[2:] | explode[]))) as $unit ({};
        if $unit >= -128 then {left: 0, code: (if $unit < 0 then -1 - $unit else $unit end)}
        else (-1 - $unit) as $byte
        | if $byte < 192 then {left: (.left - 1), code: (.code * 64 + $byte - 128)}
          elif $byte < 224 then {left: 1, code: ($byte - 192)}
          elif $byte < 240 then {left: 2, code: ($byte - 224)}
          else {left: 3, code: ($byte - 240)} end end;
        if .left == 0 then .code else empty end)]
    | implode end;
def is_text: type == "string";
def verdict:
  (if type == "object" then . else {} end) as $event
  | ($event.user | if type == "object" then . else {} end) as $user
  | ($user.groups | if type == "array" then map(select(is_text)) else [] end) as $user_groups
  | ($user.username | if is_text then . elif $user_groups != [] then "" else null end) as $user_name
  | (($event.verb | is_text) and ($event.requestURI | is_text) and ($event.user | type == "object")) as $readable
  | ($event.verb | if is_text then . else "" end) as $verb
  | ($event.requestURI | if is_text then . else "" end) as $uri
  | ($event.stage | if is_text then . else "" end) as $stage
"#;

/// Prints verdicts or events.
const END: &str = r#"  | {$rule, $level, $outcome};
(if is_text then (try fromjson catch null) else . end) as $event
| ($event | verdict) as $verdict
| if $ARGS.named.keep == null then $verdict elif $verdict.outcome == $ARGS.named.keep then $event else empty end
"#;

/// Prints the filter.
pub(crate) fn program(bindings: &[Binding]) -> String {
    let mut text = BEGIN.to_owned();
    for Binding { name, value } in bindings {
        text.push_str(&format!("  | {} as ${}\n", print(value), name.text()));
    }
    text.push_str(END);
    text
}

/// Prints an expression that does not depend on the input, in parentheses if an operator next to it could take a part of it.
fn print(expression: &Expression) -> String {
    match expression {
        Expression::Null => "null".to_owned(),
        Expression::Constant(value) => value.to_string(),
        Expression::Number(number) => number.to_string(),
        Expression::Text(text) => literal(text),
        Expression::Of(name) => format!("${}", name.text()),
        Expression::Plus(name, more) => format!("(${} + {more})", name.text()),
        // Splitting the empty text gives no part.
        Expression::BeforeQuestionMark(name) => {
            format!(r#"(${} | split("?")[0] // "")"#, name.text())
        }
        Expression::AfterQuestionMark(name) => {
            format!(r#"(${} | split("?")[1:] | join("?"))"#, name.text())
        }
        Expression::Decoded(name) => format!("(${} | decoded)", name.text()),
        Expression::Segments(name) => format!("(${} | segments)", name.text()),
        Expression::Segment(list, position) => {
            format!(r#"(${}[{}] // "")"#, list.text(), at(*position))
        }
        Expression::Has(list, position) => {
            format!("((${} | length) > {})", list.text(), at(*position))
        }
        Expression::Capture(name, pattern) => format!(
            r#"([${} | match({}).captures[0].string][0] // "")"#,
            name.text(),
            literal(&pattern.text())
        ),
        Expression::Matches(name, pattern) => {
            format!("(${} | test({}))", name.text(), literal(&pattern.text()))
        }
        Expression::Choose(choices, other) => choose(choices, other),
        Expression::Not(condition) => format!("({} | not)", print(condition)),
        Expression::All(conditions) => joined(&prints(conditions), " and ", "true"),
        Expression::Any(conditions) => joined(&prints(conditions), " or ", "false"),
        Expression::In(text, texts) => is_one(&print(text), texts.iter().map(|text| literal(text))),
        Expression::HasAny(list, texts) => {
            let list = list.text();
            let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
            let texts = texts.join(", ");
            format!("((${list} - [{texts}] | length) < (${list} | length))")
        }
        Expression::IsNumber(name, numbers) => is_one(
            &format!("${}", name.text()),
            numbers.iter().map(usize::to_string),
        ),
        Expression::StartsWithAny(name, texts) => {
            let texts: Vec<String> = texts.iter().map(|text| literal(text)).collect();
            format!(
                "([{}] | any(. as $start | ${} | startswith($start)))",
                texts.join(", "),
                name.text()
            )
        }
        // `contains` ends at a NUL.
        Expression::Contains(name, text) => {
            format!("(${} | index({}) != null)", name.text(), literal(text))
        }
    }
}

fn at(position: Position) -> String {
    match position {
        Position::At(at) => at.to_string(),
        Position::From(name, more) => format!("(${} + {more})", name.text()),
    }
}

/// Length of the text of a function. The code of one has at most 65,535 units, of which a byte of text takes less than four.
const MAX_FUNCTION_BYTES: usize = 8 << 10;

/// Prints choices as a list of which the first counts, in functions if it is long: `elif` would nest.
fn choose(choices: &[(Expression, Expression)], other: &Expression) -> String {
    let mut parts = vec![String::new()];
    for (condition, value) in choices {
        let (condition, value) = (print(condition), print(value));
        let choice = format!("if {condition} then {value} else empty end");
        match parts.last_mut() {
            Some(part) if part.is_empty() => part.push_str(&choice),
            Some(part) if part.len() + choice.len() <= MAX_FUNCTION_BYTES => {
                part.push_str(",\n    ");
                part.push_str(&choice);
            }
            _ => parts.push(choice),
        }
    }
    let other = print(other);
    if let [part] = parts.as_slice() {
        return format!("first({part},\n    {other})");
    }
    let mut text = String::from("(");
    for (number, part) in parts.iter().enumerate() {
        text.push_str(&format!("def part{number}:\n    {part};\n    "));
    }
    let names: Vec<String> = (0..parts.len())
        .map(|number| format!("part{number}"))
        .collect();
    text.push_str(&format!("first({}, {other}))", names.join(", ")));
    text
}

fn prints(expressions: &[Expression]) -> Vec<String> {
    expressions.iter().map(print).collect()
}

/// Prints the condition that a value is one of some constants.
fn is_one(value: &str, constants: impl Iterator<Item = String>) -> String {
    let constants: Vec<String> = constants.collect();
    match constants.as_slice() {
        [] => "false".to_owned(),
        [constant] => format!("({value} == {constant})"),
        _ => format!("([{}] | index({value}) != null)", constants.join(", ")),
    }
}

/// Prints a text as a literal. Characters that mean something to jq, to a shell or to a reader's eyes are written as their numbers, so no text can
/// end the literal or begin an interpolation.
fn literal(text: &str) -> String {
    let mut printed = String::from("\"");
    for character in text.chars() {
        if matches!(character, ' '..='~')
            && !matches!(character, '"' | '\\' | '\'' | '`' | '{' | '}')
        {
            printed.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                printed.push_str(&format!("\\u{unit:04x}"));
            }
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
            ("a\"b", r#""a\u0022b""#),
            ("\\(env)", r#""\u005c(env)""#),
            ("a\0\n", r#""a\u0000\u000a""#),
            ("o'neil", r#""o\u0027neil""#),
            ("😀", r#""\ud83d\ude00""#),
        ] {
            assert_eq!(literal(text), printed, "{text:?}");
        }
    }
}
