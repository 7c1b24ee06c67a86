//! Replaces the names in one text.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::RedactError;
use crate::pseudonyms::Pseudonyms;
use crate::units::{self, Unit};

/// Kind of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    /// Names and messages: words of Kubernetes stay.
    Names,
    /// A user agent: as names, but its version numbers stay.
    UserAgent,
    /// A URL path with its query: as names, percent-encoded.
    Url,
    /// A value from a body: no word stays.
    Value,
}

/// Longest text of an IPv6 address.
const MAX_ADDRESS: usize = 45;
/// Numbers of more digits are replaced in user agents, too.
const MAX_VERSION_DIGITS: usize = 3;
/// Parameters of URLs whose values are numbers or words of Kubernetes.
const PLAIN_PARAMETERS: [&str; 26] = [
    "allowWatchBookmarks",
    "dryRun",
    "fieldValidation",
    "follow",
    "force",
    "gracePeriodSeconds",
    "includeObject",
    "limit",
    "limitBytes",
    "orphanDependents",
    "pretty",
    "previous",
    "propagationPolicy",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "sinceSeconds",
    "stderr",
    "stdin",
    "stdout",
    "tailLines",
    "timeout",
    "timeoutSeconds",
    "timestamps",
    "tty",
    "watch",
];
/// Parameters of URLs whose values are names.
const NAMING_PARAMETERS: [&str; 4] = [
    "container",
    "fieldManager",
    "fieldSelector",
    "labelSelector",
];

/// A parameter of a URL while it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Parameter {
    /// The name, as far as it is read.
    Name(String),
    /// The value of a parameter that says nothing about the cluster.
    Plain,
    /// The value of a parameter that contains names.
    Naming,
    /// The value of any other parameter, such as the command of exec.
    Value,
}

impl Parameter {
    fn value(name: &str) -> Self {
        match name {
            _ if PLAIN_PARAMETERS.contains(&name) => Self::Plain,
            _ if NAMING_PARAMETERS.contains(&name) => Self::Naming,
            _ => Self::Value,
        }
    }
}

/// Appends the inside of a JSON string with its names replaced.
pub(crate) fn redact_json(
    pseudonyms: &mut Pseudonyms,
    kind: TextKind,
    inner: &str,
    out: &mut String,
) -> Result<(), RedactError> {
    let units = units::json(inner);
    let units = match kind {
        TextKind::Url => units::join_percent(inner, &units),
        _ => units,
    };
    if is_time(&units) {
        out.push_str(inner);
        return Ok(());
    }
    Redaction {
        pseudonyms,
        kind,
        parameter: None,
        out,
    }
    .units(&units)
}

/// Returns a name with its parts replaced.
pub(crate) fn redact_name(pseudonyms: &mut Pseudonyms, name: &str) -> Result<String, RedactError> {
    let mut out = String::with_capacity(name.len());
    Redaction {
        pseudonyms,
        kind: TextKind::Names,
        parameter: None,
        out: &mut out,
    }
    .units(&units::plain(name))?;
    Ok(out)
}

/// Returns a text with all words replaced that no colon follows, except words of Kubernetes.
pub(crate) fn redact_words(pseudonyms: &mut Pseudonyms, text: &str) -> Result<String, RedactError> {
    let mut out = String::with_capacity(text.len());
    let units = units::plain(text);
    let mut rest = units.as_slice();
    while !rest.is_empty() {
        let length = part_length(rest).max(1);
        let (part, after) = rest.split_at(length.min(rest.len()));
        let text = characters(part);
        let is_key = after.first().is_some_and(|next| next.character == ':');
        match part.first().is_some_and(Unit::is_alphanumeric) && !is_key {
            true => out.push_str(&pseudonyms.name(&text)?),
            false => out.push_str(&text),
        }
        rest = after;
    }
    Ok(out)
}

/// Returns a text with the names replaced that have a pseudonym already.
pub(crate) fn redact_known(pseudonyms: &Pseudonyms, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let units = units::plain(text);
    let mut rest = units.as_slice();
    while let Some(first) = rest.first() {
        let length = part_length(rest).max(1);
        let (part, after) = rest.split_at(length.min(rest.len()));
        match pseudonyms.known(&characters(part)) {
            Some(pseudonym) if first.is_alphanumeric() => out.push_str(pseudonym),
            _ => part.iter().for_each(|unit| out.push_str(unit.written)),
        }
        rest = after;
    }
    out
}

struct Redaction<'a> {
    pseudonyms: &'a mut Pseudonyms,
    kind: TextKind,
    /// The parameter of a URL; `None` before the `?`.
    parameter: Option<Parameter>,
    out: &'a mut String,
}

impl Redaction<'_> {
    fn units(&mut self, units: &[Unit<'_>]) -> Result<(), RedactError> {
        let mut rest = units;
        // Only where a run of digits, letters, dots and colons starts can an address start.
        let mut may_be_address = true;
        while let Some(first) = rest.first() {
            let address = may_be_address.then(|| address_length(rest)).flatten();
            let length = match address {
                Some((length, is_ipv4)) => {
                    self.address(rest.get(..length).unwrap_or_default(), is_ipv4)?;
                    length
                }
                None if first.is_alphanumeric() => {
                    let length = uuid_length(rest).unwrap_or_else(|| part_length(rest));
                    self.part(rest.get(..length).unwrap_or_default())?;
                    length
                }
                None if first.character == '\\' && rest.len() > 1 => self.escape(rest),
                None => {
                    self.separator(first);
                    1
                }
            };
            may_be_address = !matches!(first.character, '.' | ':') && !first.is_alphanumeric();
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(())
    }

    /// Writes an escape of JSON that is in a JSON string, as it is, and returns its length.
    fn escape(&mut self, units: &[Unit<'_>]) -> usize {
        let is_digit = |unit: &&Unit<'_>| unit.character.is_ascii_hexdigit();
        let length = match units.get(1).map(|unit| unit.character) {
            Some('u') if units.iter().skip(2).take_while(is_digit).count() >= 4 => 6,
            Some('b' | 'f' | 'n' | 'r' | 't' | '"' | '\\' | '/') => 2,
            _ => 1,
        };
        let escape = units.get(..length).unwrap_or_default();
        escape
            .iter()
            .for_each(|unit| self.out.push_str(unit.written));
        length
    }

    /// Writes a character between parts, and notes where a parameter of a URL begins.
    fn separator(&mut self, unit: &Unit<'_>) {
        self.out.push_str(unit.written);
        // An encoded one is a part of a name or value.
        if self.kind != TextKind::Url || unit.written.len() > 1 {
            return;
        }
        match (unit.character, &self.parameter) {
            ('?', None) | ('&', Some(_)) => self.parameter = Some(Parameter::Name(String::new())),
            ('=', Some(Parameter::Name(name))) => self.parameter = Some(Parameter::value(name)),
            _ => {}
        }
    }

    /// Replaces a part of a name, or a UUID.
    fn part(&mut self, part: &[Unit<'_>]) -> Result<(), RedactError> {
        if part.len() == UUID_LENGTH && uuid_length(part).is_some() {
            return self.hex_groups(part);
        }
        let text = characters(part);
        if let Some(Parameter::Name(name)) = &mut self.parameter {
            name.push_str(&text);
        }
        let is_value = self.kind == TextKind::Value || self.parameter == Some(Parameter::Value);
        let pseudonym = match is_value {
            true => self.pseudonyms.value(&text)?,
            false if self.is_number_kept(&text) => text,
            false => self.pseudonyms.name(&text)?,
        };
        self.write(part, &pseudonym);
        Ok(())
    }

    fn is_number_kept(&self, text: &str) -> bool {
        let is_kept = match self.kind {
            TextKind::UserAgent => text.len() <= MAX_VERSION_DIGITS,
            _ => self.parameter == Some(Parameter::Plain),
        };
        is_kept && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn address(&mut self, units: &[Unit<'_>], is_ipv4: bool) -> Result<(), RedactError> {
        let text = characters(units);
        if ["0.0.0.0", "127.0.0.1", "::", "::1"].contains(&text.as_str()) {
            self.write(units, &text);
            return Ok(());
        }
        if !is_ipv4 {
            // The end of an IPv6 address may be written as one of IPv4.
            let dotted = units.iter().any(|unit| unit.character == '.');
            let last = units.iter().rposition(|unit| unit.character == ':');
            let start = last.filter(|_| dotted).map_or(units.len(), |last| last + 1);
            let (groups, ipv4) = units.split_at(start.min(units.len()));
            self.hex_groups(groups)?;
            return match ipv4 {
                [] => Ok(()),
                _ => self.address(ipv4, true),
            };
        }
        let octets = text.split('.').map(|octet| self.pseudonyms.octet(octet));
        let address = octets.collect::<Result<Vec<_>, _>>()?.join(".");
        self.write(units, &address);
        Ok(())
    }

    /// Replaces the hexadecimal digits between `-` or `:`.
    fn hex_groups(&mut self, units: &[Unit<'_>]) -> Result<(), RedactError> {
        for group in units.split_inclusive(|unit| !unit.is_alphanumeric()) {
            let length = part_length(group);
            let (digits, separator) = group.split_at(length.min(group.len()));
            if !digits.is_empty() {
                let pseudonym = self.pseudonyms.hex(&characters(digits))?;
                self.write(digits, &pseudonym);
            }
            separator
                .iter()
                .for_each(|unit| self.out.push_str(unit.written));
        }
        Ok(())
    }

    /// Writes characters in the forms of others.
    fn write(&mut self, units: &[Unit<'_>], characters: &str) {
        for (unit, character) in units.iter().zip(characters.chars()) {
            match unit.character == character {
                true => self.out.push_str(unit.written),
                false => unit.write(character, self.out),
            }
        }
    }
}

fn characters(units: &[Unit<'_>]) -> String {
    units.iter().map(|unit| unit.character).collect()
}

/// Returns the number of letters and digits at the start.
fn part_length(units: &[Unit<'_>]) -> usize {
    units
        .iter()
        .take_while(|unit| unit.is_alphanumeric())
        .count()
}

/// Length of a UUID: 32 digits and 4 hyphens.
const UUID_LENGTH: usize = 36;

/// Returns the length of a UUID if there is one at the start.
fn uuid_length(units: &[Unit<'_>]) -> Option<usize> {
    let uuid = units.get(..UUID_LENGTH)?;
    let ends = units
        .get(UUID_LENGTH)
        .is_none_or(|unit| !unit.is_alphanumeric());
    let is_valid = uuid.iter().enumerate().all(|(at, unit)| match at {
        8 | 13 | 18 | 23 => unit.character == '-',
        _ => unit.character.is_ascii_hexdigit() && !unit.character.is_ascii_uppercase(),
    });
    (ends && is_valid).then_some(UUID_LENGTH)
}

/// Returns the length of an IP address if there is one at the start, and whether it is of version 4.
fn address_length(units: &[Unit<'_>]) -> Option<(usize, bool)> {
    let run = |is_part: fn(char) -> bool| -> String {
        let characters = units.iter().map(|unit| unit.character);
        characters
            .take(MAX_ADDRESS + 1)
            .take_while(|character| is_part(*character))
            .collect()
    };
    let ipv4 = run(|character| character.is_ascii_digit() || character == '.');
    let ipv4 = ipv4.trim_end_matches('.');
    if ipv4.parse::<Ipv4Addr>().is_ok() {
        return Some((ipv4.len(), true));
    }
    let ipv6 = run(|character| character.is_ascii_hexdigit() || ":.".contains(character));
    let ipv6 = ipv6.trim_end_matches('.');
    ipv6.parse::<Ipv6Addr>()
        .is_ok()
        .then_some((ipv6.len(), false))
}

/// Returns true for a time such as `2026-01-31T12:00:00Z`, or with a space instead of the `T`.
fn is_time(units: &[Unit<'_>]) -> bool {
    const PATTERN: &str = "0000-00-00T00:00:00";
    let is_like = |(unit, pattern): (&Unit<'_>, char)| match pattern {
        '0' => unit.character.is_ascii_digit(),
        'T' => "T ".contains(unit.character),
        _ => unit.character == pattern,
    };
    (PATTERN.len()..=PATTERN.len() + 16).contains(&units.len())
        && units.iter().zip(PATTERN.chars()).all(is_like)
        && units
            .iter()
            .skip(PATTERN.len())
            .all(|unit| unit.character.is_ascii_digit() || ".Z+-:".contains(unit.character))
}
