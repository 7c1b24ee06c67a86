//! Questions about a log. The right answer is computed; an answer is right in any usual spelling.

use std::net::IpAddr;

use audit_analysis::{request_words, rule_words};
use audit_policy::Matcher;
use audit_types::excerpt::quote;
use audit_types::{Level, time};

use crate::asked::{actual_words, asked_words};
use crate::filter::Conditions;
use crate::log::{self, LogEvent};
use crate::outcome::Outcome;
use crate::task::{About, EventCheck, Pick, Question};

/// A log, and the policy under which `level` and `rule` are meant.
pub(crate) struct Log {
    events: Vec<LogEvent>,
    matcher: Option<Matcher>,
}

/// The right answer to a question.
pub(crate) struct Solution {
    /// The answer as it is shown.
    pub(crate) text: String,
    /// Index of an event that shows it.
    pub(crate) event: usize,
}

/// Reason why a question has no single answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSolution {
    /// The filter selects no event.
    NoEvent,
    /// The event does not have it.
    NoValue,
    /// Events have different answers.
    Several(String, String),
}

impl Log {
    pub(crate) fn new(log: &str, matcher: Option<Matcher>) -> Self {
        Self {
            events: log::read(log),
            matcher,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Returns the indexes of the events that a filter selects.
    pub(crate) fn selected(&self, of: &EventCheck) -> Vec<usize> {
        let conditions = Conditions::new(&of.filter, &self.events, self.matcher.as_ref());
        let events = self.events.iter().enumerate();
        let selected = events.filter(|(_, event)| conditions.matches(event));
        selected.map(|(index, _)| index).collect()
    }

    /// Returns the right answer.
    ///
    /// # Errors
    /// If the question has no answer, or several.
    pub(crate) fn solve(&self, question: &Question) -> Result<Solution, NoSolution> {
        let mut selected = self.selected(&question.of);
        if question.about == About::Count {
            return Ok(Solution {
                text: self.requests(&selected).to_string(),
                event: selected.first().copied().unwrap_or_default(),
            });
        }
        let time = |index: &usize| self.events.get(*index).and_then(LogEvent::time);
        selected.sort_by_key(time);
        let chosen = match question.pick {
            Pick::All => selected,
            Pick::First => selected.into_iter().take(1).collect(),
            Pick::Last => selected.into_iter().next_back().into_iter().collect(),
        };
        let first = *chosen.first().ok_or(NoSolution::NoEvent)?;
        let value = |index: usize| self.value(question.about, index);
        let text = value(first).ok_or(NoSolution::NoValue)?;
        for other in chosen {
            let other = value(other).ok_or(NoSolution::NoValue)?;
            if other != text {
                return Err(NoSolution::Several(text, other));
            }
        }
        Ok(Solution { text, event: first })
    }

    /// Counts requests: the events of one request have the same audit ID.
    fn requests(&self, selected: &[usize]) -> usize {
        let events = selected.iter().filter_map(|index| self.events.get(*index));
        let ids = events.map(|event| event.audit_id.as_str());
        ids.collect::<std::collections::BTreeSet<&str>>().len()
    }

    /// Returns what an event answers, as it is shown.
    fn value(&self, about: About, index: usize) -> Option<String> {
        let event = self.events.get(index)?;
        let request = &event.request;
        let text = match about {
            About::User => request.user.clone()?,
            About::ImpersonatedUser => event.impersonated.clone()?,
            About::Verb => request.verb.clone(),
            About::Namespace => request.namespace.clone(),
            About::Resource => event.request.target(),
            About::Name => event.name.clone(),
            About::Object => return object(event),
            About::Code => event.code?.to_string(),
            About::Ip => event.ips.last()?.clone(),
            About::UserAgent => event.agent.clone(),
            About::Time => {
                let mut text = String::new();
                time::write_rfc_3339_micros(event.time()?, &mut text);
                text
            }
            About::AuditId => event.audit_id.clone(),
            About::Level => event.level?.to_string(),
            About::Stage => event.stage?.name().to_owned(),
            About::Rule => rule_words(event.verdict(self.matcher.as_ref())?.rule),
            About::Count => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// Returns true if an event gives an answer.
    fn answers(&self, about: About, index: usize, given: &str) -> bool {
        let Some(event) = self.events.get(index) else {
            return false;
        };
        if about == About::Time {
            return event.times.iter().any(|time| is_time(given, *time));
        }
        let value = self.value(about, index);
        value.is_some_and(|value| is_same(about, given, &value, event))
    }

    /// Checks an answer.
    pub(crate) fn check(&self, question: &Question, given: &str) -> Outcome {
        let given = bare(given);
        if given.is_empty() {
            return Outcome::wrong("the answer is empty");
        }
        // INVARIANT: the parser of lessons rejects a question without an answer. The learner's policy may still leave one about rules open.
        let Ok(solution) = self.solve(question) else {
            return Outcome::wrong("under this policy, the question has no single answer");
        };
        let about = question.about;
        if about == About::Count {
            return self.check_count(question, given, &solution);
        }
        if self.answers(about, solution.event, given) {
            let shown = self.describe(solution.event);
            return Outcome {
                event: Some(solution.event),
                ..Outcome::right(format!("{}: {shown}", quote(&solution.text)))
            };
        }
        self.wrong(about, given)
    }

    fn check_count(&self, question: &Question, given: &str, solution: &Solution) -> Outcome {
        let right: Option<usize> = solution.text.parse().ok();
        let Some(given) = number(given) else {
            let message = "is not a number; write it in digits, such as `2`";
            return Outcome::wrong(format!("{} {message}", quote(given)));
        };
        if Some(given) == right {
            return Outcome::right(format!("`{given}`"));
        }
        let selected = self.selected(&question.of);
        if given == selected.len() {
            return Outcome::wrong(format!(
                "`{given}` is the number of events; events with the same audit ID are of one request"
            ));
        }
        let few = right.is_some_and(|right| given < right);
        let words = if few {
            "there are more requests"
        } else {
            "there are fewer requests"
        };
        Outcome::wrong(format!("`{given}`: {words}"))
    }

    /// Returns the outcome of a wrong answer: what the log has about it.
    fn wrong(&self, about: About, given: &str) -> Outcome {
        if about == About::Time && parsed_time(given, 0).is_none() {
            let message = "is not a time; write one such as `2026-03-04T10:15:30Z` or `10:15:30`";
            return Outcome::wrong(format!("{} {message}", quote(given)));
        }
        if about == About::Level && level(given).is_none() {
            let names = Level::ALL.map(|level| format!("`{level}`")).join(", ");
            let message = format!("is not a level; a level is one of {names}");
            return Outcome::wrong(format!("{} {message}", quote(given)));
        }
        if about == About::Rule && rule_number(given).is_none() && !names_no_rule(given) {
            let message =
                "is not a number of a rule; write one such as `2`, or `none` if no rule matches";
            return Outcome::wrong(format!("{} {message}", quote(given)));
        }
        let index = (0..self.events.len()).find(|index| self.answers(about, *index, given));
        let is_claimed = |event: &LogEvent| event.ips.iter().any(|ip| is_address(given, ip));
        if about == About::Ip && index.is_none() && self.events.iter().any(is_claimed) {
            let message =
                "is an address that a client claims: only the last one is what the server saw";
            return Outcome::wrong(format!("{} {message}", quote(given)));
        }
        let Some((index, event)) = index.and_then(|index| Some((index, self.events.get(index)?)))
        else {
            return Outcome::wrong(match about {
                About::Rule => format!("{} decides about no event of the log", rule_shown(given)),
                _ => format!("no event has the {} {}", about.words(), quote(given)),
            });
        };
        let verdict = event.verdict(self.matcher.as_ref());
        let shown = self.describe(index);
        let reason = match about {
            About::Rule => format!("{} decides about another event: {shown}", rule_shown(given)),
            _ => format!(
                "{} is the {} of another event: {shown}",
                quote(given),
                about.words()
            ),
        };
        Outcome {
            witness: Some(event.request.clone()),
            level: event.level_under(verdict),
            rule: verdict.and_then(|verdict| verdict.rule),
            event: Some(index),
            ..Outcome::wrong(reason)
        }
    }

    /// Checks a selected event.
    pub(crate) fn check_event(&self, of: &EventCheck, index: Option<usize>) -> Outcome {
        let Some((index, event)) = index.and_then(|index| Some((index, self.events.get(index)?)))
        else {
            return Outcome::wrong("no event is selected");
        };
        let conditions = Conditions::new(&of.filter, &self.events, self.matcher.as_ref());
        let shown = self.describe(index);
        let verdict = event.verdict(self.matcher.as_ref());
        let Some(condition) = conditions.mismatch(event) else {
            return Outcome {
                event: Some(index),
                ..Outcome::right(shown)
            };
        };
        let actual = actual_words(condition, event, event.level_under(verdict));
        let asked = of.asks.clone().unwrap_or_else(|| asked_words(condition));
        let reason = format!("this is {shown}{actual}; the task asks for {asked}");
        Outcome {
            witness: Some(event.request.clone()),
            level: event.level_under(verdict),
            rule: verdict.and_then(|verdict| verdict.rule),
            event: Some(index),
            ..Outcome::wrong(reason)
        }
    }

    /// Describes an event: "`delete` of `secrets` named `db` in namespace `shop`, by `eve` at 10:15:30.000".
    fn describe(&self, index: usize) -> String {
        let Some(event) = self.events.get(index) else {
            return String::new();
        };
        let mut words = request_words(&event.named_request());
        if let Some(time) = event.time() {
            words.push_str(&format!(" at {}", time::time_of_day(time)));
        }
        if let Some(stage) = event.stage {
            words.push_str(&format!(", `{stage}`"));
        }
        words
    }
}

/// Returns the object of a request: `secrets/db`.
fn object(event: &LogEvent) -> Option<String> {
    let is_named = event.request.is_resource_request && !event.name.is_empty();
    is_named.then(|| format!("{}/{}", event.request.resource, event.name))
}

/// Returns an answer without quotes, backticks and spaces around it.
fn bare(given: &str) -> &str {
    given.trim_matches(|character: char| character.is_whitespace() || "\"'`".contains(character))
}

/// Returns true if an answer is a spelling of a value.
fn is_same(about: About, given: &str, value: &str, event: &LogEvent) -> bool {
    let is_text = given.eq_ignore_ascii_case(value);
    match about {
        About::User | About::ImpersonatedUser => is_text || is_user(given, value),
        About::Object => is_text || is_object(given, event),
        About::Ip => is_text || is_address(given, value),
        About::Resource => is_text || is_resource(given, event),
        About::Rule => is_text || is_rule(given, value),
        About::Level => level(given).is_some_and(|level| level.name() == value),
        _ => is_text,
    }
}

/// Accepts `shop:ci`, `shop/ci` and `serviceaccount shop/ci` for a service account, and `n1` for a node.
fn is_user(given: &str, value: &str) -> bool {
    let words: Vec<&str> = given
        .split(|c: char| c.is_whitespace() || "/:".contains(c))
        .collect();
    let is_words = |wanted: &[&str]| {
        words.len() == wanted.len()
            && words
                .iter()
                .zip(wanted)
                .all(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    if let Some(account) = value.strip_prefix("system:serviceaccount:") {
        let Some((namespace, name)) = account.split_once(':') else {
            return false;
        };
        return is_words(&[namespace, name])
            || is_words(&["serviceaccount", namespace, name])
            || is_words(&["system", "serviceaccount", namespace, name]);
    }
    let node = value.strip_prefix("system:node:");
    node.is_some_and(|node| is_words(&[node]) || is_words(&["node", node]))
}

/// Accepts the name, with resource and namespace in any order: `secrets/db`, `secret db in shop`, `shop/db`.
fn is_object(given: &str, event: &LogEvent) -> bool {
    let resource = event.request.resource.as_str();
    let singular = resource.strip_suffix('s').unwrap_or(resource);
    let known = [
        resource,
        singular,
        &event.request.namespace,
        "in",
        "namespace",
        "the",
    ];
    let words = given.split(|c: char| c.is_whitespace() || "/:,`".contains(c));
    let words = words.filter(|word| !word.is_empty());
    let mut has_name = false;
    for word in words {
        if word.eq_ignore_ascii_case(&event.name) {
            has_name = true;
        } else if !known.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            return false;
        }
    }
    has_name
}

fn is_address(given: &str, value: &str) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    address(given).is_some_and(|given| address(value) == Some(given))
}

/// Accepts the API group behind or before the resource: `deployments.apps`, `apps/deployments`.
fn is_resource(given: &str, event: &LogEvent) -> bool {
    let request = &event.request;
    let resource = request.full_resource();
    let group = &request.api_group;
    [format!("{resource}.{group}"), format!("{group}/{resource}")]
        .iter()
        .any(|spelling| given.eq_ignore_ascii_case(spelling))
}

/// English words for the numbers from 0.
const NUMBERS: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];

/// Returns a number in digits, or in words up to twelve.
fn number(given: &str) -> Option<usize> {
    let in_words = || {
        NUMBERS
            .iter()
            .position(|word| given.eq_ignore_ascii_case(word))
    };
    given.parse().ok().or_else(in_words)
}

/// Returns the level that an answer names: `Metadata` or its abbreviation `M`.
fn level(given: &str) -> Option<Level> {
    let is_named = |level: &Level| {
        given.eq_ignore_ascii_case(level.name()) || given.eq_ignore_ascii_case(level.abbreviation())
    };
    Level::ALL.into_iter().find(is_named)
}

/// Returns the number of a rule: `3`, `#3`, `rule 3` and `three`.
fn rule_number(given: &str) -> Option<usize> {
    let without_word = match given.get(..4) {
        Some(word) if word.eq_ignore_ascii_case("rule") => given.get(4..).unwrap_or_default(),
        _ => given,
    };
    number(without_word.trim().trim_start_matches('#').trim())
}

/// Returns a rule as it is shown: "rule 3".
fn rule_shown(given: &str) -> String {
    match rule_number(given) {
        Some(number) => format!("rule {number}"),
        None => quote(given),
    }
}

fn names_no_rule(given: &str) -> bool {
    given.eq_ignore_ascii_case("none") || given.eq_ignore_ascii_case("no rule")
}

/// Accepts the spellings of a number for `rule 3`, and `none` for `no rule`.
fn is_rule(given: &str, value: &str) -> bool {
    match value.strip_prefix("rule ") {
        Some(rule) => rule_number(given).is_some_and(|number| number.to_string() == rule),
        None => names_no_rule(given),
    }
}

/// Microseconds per day.
const DAY: i64 = 86_400_000_000;

/// Returns true if a text is a time, as precise as it is written, to the second at least.
fn is_time(given: &str, time: i64) -> bool {
    let Some((given, unit)) = parsed_time(given, time) else {
        return false;
    };
    given.div_euclid(unit) == time.div_euclid(unit)
}

/// Returns a time and its precision in microseconds. A time of day is one of the day of another time. Without an offset it is UTC.
fn parsed_time(given: &str, other: i64) -> Option<(i64, i64)> {
    let given = given
        .trim()
        .trim_end_matches("UTC")
        .trim()
        .replacen(' ', "T", 1);
    let time_of_day = given
        .split_once('T')
        .map_or(given.as_str(), |(_, time)| time);
    let has_offset = time_of_day.contains(['Z', 'z', '+', '-']);
    let zone = if has_offset { "" } else { "Z" };
    let is_of_day = !given.contains('T');
    let dated = match is_of_day {
        true => format!("1970-01-01T{given}{zone}"),
        false => format!("{given}{zone}"),
    };
    let digits = time_of_day.split_once('.').map_or(0, |(_, fraction)| {
        fraction.bytes().take_while(u8::is_ascii_digit).count()
    });
    let digits = u32::try_from(digits).unwrap_or(u32::MAX).min(6);
    let unit = 10_i64.pow(6 - digits);
    let time = time::parse(&dated)?;
    match is_of_day {
        true => Some((other.div_euclid(DAY) * DAY + time.rem_euclid(DAY), unit)),
        false => Some((time, unit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_types::Request;

    #[test]
    fn times_are_as_precise_as_they_are_written() {
        // 2026-03-04T10:15:30.118Z
        let time = time::parse("2026-03-04T10:15:30.118204Z").unwrap();
        for (given, is_right) in [
            ("2026-03-04T10:15:30.118204Z", true),
            ("2026-03-04T10:15:30Z", true),
            ("2026-03-04t10:15:30z", false),
            ("2026-03-04 10:15:30", true),
            ("2026-03-04 10:15:30 UTC", true),
            ("2026-03-04T11:15:30+01:00", true),
            ("10:15:30", true),
            ("10:15:30.118", true),
            ("10:15:30.119", false),
            ("10:15:31", false),
            ("10:15", false),
            ("2026-03-05T10:15:30Z", false),
            ("soon", false),
            ("", false),
        ] {
            assert_eq!(is_time(given, time), is_right, "{given}");
        }
    }

    #[test]
    fn users_have_several_spellings() {
        let account = "system:serviceaccount:shop:ci";
        for (given, value, is_right) in [
            ("shop:ci", account, true),
            ("shop/ci", account, true),
            ("ServiceAccount shop/ci", account, true),
            ("system:serviceaccount:shop:ci", account, true),
            ("ci", account, false),
            ("ci:shop", account, false),
            ("n1", "system:node:n1", true),
            ("node n1", "system:node:n1", true),
            ("alice", "alice2", false),
        ] {
            assert_eq!(is_user(given, value), is_right, "{given}");
        }
    }

    #[test]
    fn objects_have_several_spellings() {
        let event = LogEvent {
            request: Request::for_resource("delete", "", "secrets").with_namespace("shop"),
            name: "db".to_owned(),
            ..LogEvent::default()
        };
        for (given, is_right) in [
            ("db", true),
            ("secrets/db", true),
            ("secret db in namespace shop", true),
            ("shop/db", true),
            ("configmaps/db", false),
            ("secrets", false),
            ("secrets/other", false),
        ] {
            assert_eq!(is_object(given, &event), is_right, "{given}");
        }
    }

    #[test]
    fn rules_and_addresses_have_several_spellings() {
        for (given, value, is_right) in [
            ("3", "rule 3", true),
            ("#3", "rule 3", true),
            ("Rule #3", "rule 3", true),
            ("rule three", "rule 3", true),
            ("Three", "rule 3", true),
            ("rule", "rule 3", false),
            ("level 3", "rule 3", false),
            ("4", "rule 3", false),
            ("none", "no rule", true),
            ("0", "no rule", false),
        ] {
            assert_eq!(is_rule(given, value), is_right, "{given}");
        }
        assert_eq!(level("rr"), Some(Level::RequestResponse));
        assert_eq!(level("N"), Some(Level::None));
        assert_eq!(level("Meta"), None);
        assert_eq!((number("twelve"), number("thirteen")), (Some(12), None));
        assert!(is_address("::ffff:10.0.0.7", "10.0.0.7"));
        assert!(!is_address("10.0.0.8", "10.0.0.7"));
    }
}
