//! Typed values of the fields.

use audit_types::{Level, Outcome, Stage};

use crate::field::Field;
use crate::ip::IpTest;
use crate::number::{NumberError, NumberTest};
use crate::pattern::{Pattern, always_quoted, quoted};
use crate::problem::excerpt;
use crate::scan::RawValue;
use crate::time::TimeTest;

/// A value of a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Condition on the field.
    pub test: Test,
    /// The value as it is printed, with quotes if it needs them.
    pub(crate) text: String,
}

/// Minimum number of bytes of an audit ID between asterisks: the text of the log is searched for them.
const MIN_AUDIT_ID: usize = 8;

/// A condition on the value that an event has in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// For names, paths, user agents and audit IDs.
    Text(Pattern),
    /// For `level`; `None` is a level that can't be determined.
    Level(Option<Level>),
    /// For `rule`.
    Rule(RuleTest),
    /// For `outcome`: any of these.
    Outcome(Vec<Outcome>),
    /// For `stage`: any of these; none is an event without a stage.
    Stage(Vec<Stage>),
    /// For `code`.
    Code(CodeTest),
    /// For `ip`.
    Ip(IpTest),
    /// For `time`.
    Time(TimeTest),
}

/// A condition on the rule that matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleTest {
    /// No rule matched.
    None,
    /// The rule can't be determined.
    Unknown,
    /// A rule matched, and its number, from 1, satisfies this.
    Number(NumberTest),
}

/// A condition on the HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeTest {
    /// There is none.
    Absent,
    /// It satisfies this.
    Number(NumberTest),
}

/// A message and its help.
pub(crate) struct Wrong {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Wrong {
    fn new(what: &str, text: &str, help: impl Into<String>) -> Self {
        Self {
            message: format!("`{}` is not {what}", excerpt(text)),
            help: help.into(),
        }
    }
}

impl Value {
    /// Parses a value of a field.
    pub(crate) fn parse(field: Field, raw: &RawValue) -> Result<Self, Wrong> {
        let text = raw.text();
        let pattern = Pattern::from_characters(&raw.characters);
        let is_quoted = raw.has_quotes && pattern.as_literal().is_some();
        let test = match field {
            Field::Ip if is_quoted => {
                return Ok(Self {
                    text: always_quoted(&text.to_lowercase()),
                    test: Test::Ip(IpTest::Text(pattern)),
                });
            }
            Field::Ip => Test::Ip(
                IpTest::parse(&text, &pattern)
                    .map_err(|help| Wrong::new("an address", &text, help))?,
            ),
            Field::Code => Test::Code(parse_code(&text)?),
            Field::Rule => Test::Rule(parse_rule(&text)?),
            Field::Level => Test::Level(parse_level(&text)?),
            Field::Outcome => Test::Outcome(parse_outcome(&text)?),
            Field::Stage => Test::Stage(parse_stage(&text)?),
            Field::Time => Test::Time(
                TimeTest::parse(text.trim()).map_err(|help| Wrong::new("a time", &text, help))?,
            ),
            Field::AuditId if pattern.longest_part().len() < MIN_AUDIT_ID => {
                let help = format!(
                    "write at least {MIN_AUDIT_ID} characters: the log is searched for them"
                );
                return Err(Wrong::new("long enough for an audit ID", &text, help));
            }
            _ => {
                if let Some(rest) = negation(raw, &text) {
                    let help = format!("write `-{}:{}` to exclude it", field.name(), excerpt(rest));
                    return Err(Wrong {
                        message: "`!` does not exclude a value".to_owned(),
                        help,
                    });
                }
                return Ok(Self {
                    text: pattern.to_string(),
                    test: Test::Text(pattern),
                });
            }
        };
        let text = if text.is_empty() {
            "\"\"".to_owned()
        } else if field == Field::Code {
            // Without the asterisk, it needs no quotes.
            quoted(&without_asterisk(&text))
        } else {
            quoted(&text.to_lowercase())
        };
        // A quoted address is a text; an asterisk needs to stay without quotes.
        let text = if matches!(test, Test::Ip(_)) {
            pattern.to_string()
        } else {
            text
        };
        Ok(Self { test, text })
    }

    /// Returns the value that selects the events with exactly this text in a field, as a facet shows it; `None` if there is none.
    pub(crate) fn exact(field: Field, text: &str) -> Option<Self> {
        let is_text = !matches!(
            field,
            Field::Code | Field::Rule | Field::Level | Field::Outcome | Field::Stage | Field::Time
        );
        let is_address = field == Field::Ip && text.parse::<std::net::IpAddr>().is_ok();
        let raw = RawValue {
            range: 0..0,
            characters: text
                .chars()
                .map(|character| (character, is_text && !is_address))
                .collect(),
            has_quotes: is_text && !is_address || text.is_empty(),
            is_open: false,
        };
        let value = Self::parse(field, &raw).ok()?;
        let text = match text {
            "" => "\"\"".to_owned(),
            text if field == Field::Ip && !is_address => always_quoted(text),
            text => quoted(text),
        };
        Some(Self { text, ..value })
    }

    /// Returns the text as it is printed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns `true` if it compares with one value, such as `>=400`: such terms must all apply.
    pub fn is_comparison(&self) -> bool {
        match &self.test {
            Test::Rule(RuleTest::Number(test)) | Test::Code(CodeTest::Number(test)) => {
                test.is_comparison()
            }
            Test::Time(test) => test.is_comparison(),
            _ => false,
        }
    }
}

/// Returns the text behind a `!` or `!=` that stands for "not".
fn negation<'t>(raw: &RawValue, text: &'t str) -> Option<&'t str> {
    let is_plain = raw.characters.first() == Some(&('!', false));
    let rest = text.strip_prefix("!=").or_else(|| text.strip_prefix('!'));
    rest.filter(|_| is_plain)
}

fn parse_code(text: &str) -> Result<CodeTest, Wrong> {
    if text.is_empty() {
        return Ok(CodeTest::Absent);
    }
    if let Some(test) = code_class(&without_asterisk(text)) {
        return Ok(CodeTest::Number(test));
    }
    number(
        text,
        "a status",
        "code",
        "write a status such as `403`, `4xx`, `>=400` or `500..599`",
    )
    .map(CodeTest::Number)
}

/// Writes `4*` as `4xx`, and `40*` as `40x`.
fn without_asterisk(text: &str) -> String {
    let lower = text.to_lowercase();
    match lower.strip_suffix('*') {
        Some(digits) if digits.len() == 1 => [digits, "xx"].concat(),
        Some(digits) if digits.len() == 2 => [digits, "x"].concat(),
        _ => lower,
    }
}

/// Parses a class of statuses: `4xx` or `40x`.
fn code_class(text: &str) -> Option<NumberTest> {
    let digits = text.trim_end_matches('x');
    let size = match (digits.len(), text.len()) {
        (1, 3) => 100,
        (2, 3) => 10,
        _ => return None,
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let first = is_number.then(|| digits.parse::<u32>().ok()).flatten()? * size;
    Some(NumberTest::Between(first, first + size - 1))
}

fn parse_rule(text: &str) -> Result<RuleTest, Wrong> {
    match text.to_lowercase().as_str() {
        "none" => Ok(RuleTest::None),
        "unknown" => Ok(RuleTest::Unknown),
        lower => match number(
            lower,
            "a rule",
            "rule",
            "write the rule's number, from 1, or `none` or `unknown`",
        )? {
            NumberTest::Equal(0) => Err(Wrong::new("a rule", text, "the first rule is `rule:1`")),
            test => Ok(RuleTest::Number(test)),
        },
    }
}

fn number(text: &str, what: &str, field: &str, help: &str) -> Result<NumberTest, Wrong> {
    if let Some(rest) = text.strip_prefix("!=").or_else(|| text.strip_prefix('!')) {
        return Err(Wrong::new(
            what,
            text,
            format!("write `-{field}:{}` to exclude it", excerpt(rest)),
        ));
    }
    NumberTest::parse(text).map_err(|error| match error {
        NumberError::NotANumber => Wrong::new(what, text, help),
        NumberError::OtherRange(first, last) => Wrong::new(
            what,
            text,
            format!("write a range with two dots: `{field}:{first}..{last}`"),
        ),
        NumberError::Reversed(first, last) => Wrong::new(
            what,
            text,
            format!("write the smaller number first: `{field}:{last}..{first}`"),
        ),
    })
}

fn parse_level(text: &str) -> Result<Option<Level>, Wrong> {
    if text.eq_ignore_ascii_case("unknown") {
        return Ok(None);
    }
    let is_it = |level: &Level| {
        level.name().eq_ignore_ascii_case(text) || level.abbreviation().eq_ignore_ascii_case(text)
    };
    let level = Level::ALL.into_iter().find(is_it);
    let help = "write `None`, `Metadata`, `Request`, `RequestResponse` or `unknown`";
    level
        .map(Some)
        .ok_or_else(|| Wrong::new("a level", text, help))
}

fn parse_outcome(text: &str) -> Result<Vec<Outcome>, Wrong> {
    let lower = text.to_lowercase();
    let named = |outcome: &Outcome| match lower.as_str() {
        "dropped" => outcome.is_dropped(),
        "unknown" => *outcome == Outcome::Unknowable,
        name => outcome.name() == name,
    };
    let outcomes: Vec<Outcome> = Outcome::ALL.into_iter().filter(named).collect();
    if outcomes.is_empty() {
        let help = "write `written`, `dropped`, `dropped-level`, `dropped-stage`, `dropped-truncation` or `unknowable`";
        return Err(Wrong::new("an outcome", text, help));
    }
    Ok(outcomes)
}

fn parse_stage(text: &str) -> Result<Vec<Stage>, Wrong> {
    let lower = text.to_lowercase();
    let named =
        |stage: &Stage| !lower.is_empty() && stage.name().to_lowercase().contains(lower.as_str());
    let stages: Vec<Stage> = Stage::ALL.into_iter().filter(named).collect();
    if stages.is_empty() && !text.is_empty() {
        let help = "write `RequestReceived`, `ResponseStarted`, `ResponseComplete`, `Panic`, or a part of one";
        return Err(Wrong::new("a stage", text, help));
    }
    Ok(stages)
}
