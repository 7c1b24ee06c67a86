//! Replaces the names in an event, by the place of each text in it.

use crate::error::RedactError;
use crate::pseudonyms::Pseudonyms;
use crate::text::{TextKind, redact_json, redact_known};

/// Fields of an event that say nothing about its cluster.
const KEPT: [&str; 8] = [
    "kind",
    "apiVersion",
    "level",
    "stage",
    "verb",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "timestamp",
];
const BODIES: [&str; 2] = ["requestObject", "responseObject"];
/// Fields of objects whose keys are chosen by people.
const FREE_MAPS: [&str; 23] = [
    "allocatable",
    "annotations",
    "binaryData",
    "capacity",
    "data",
    "env",
    "extra",
    "hard",
    "headers",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "options",
    "parameters",
    "podSelector",
    "requests",
    "selector",
    "stringData",
    "usage",
    "used",
    "values",
    "volumeAttributes",
];

/// Returns an event with its names replaced. The text of the event must be valid JSON; other text is redacted as far as it resembles JSON.
pub(crate) fn redact_event(
    pseudonyms: &mut Pseudonyms,
    event: &str,
) -> Result<String, RedactError> {
    let mut walk = Walk {
        pseudonyms,
        containers: Vec::new(),
        out: String::with_capacity(event.len()),
    };
    let mut rest = event;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => walk.string(rest)?,
            '-' | '0'..='9' => walk.number(rest),
            _ => {
                walk.mark(first);
                walk.out.push(first);
                first.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(walk.out)
}

/// An object or array that is open.
struct Container {
    is_object: bool,
    /// Name of the member that is being read.
    key: String,
    expects_key: bool,
    /// True inside the metadata of an object in a body.
    is_metadata: bool,
    /// True inside managed fields.
    is_managed: bool,
}

struct Walk<'a> {
    pseudonyms: &'a mut Pseudonyms,
    containers: Vec<Container>,
    out: String,
}

impl Walk<'_> {
    fn mark(&mut self, character: char) {
        match character {
            '{' | '[' => {
                let above = self.containers.last();
                let is_inside = |name| above.is_some_and(|above| above.key == name);
                self.containers.push(Container {
                    is_object: character == '{',
                    key: String::new(),
                    expects_key: character == '{',
                    is_metadata: is_inside("metadata") || above.is_some_and(|a| a.is_metadata),
                    is_managed: is_inside("managedFields") || above.is_some_and(|a| a.is_managed),
                });
            }
            '}' | ']' => {
                self.containers.pop();
            }
            ',' => {
                if let Some(container) = self.containers.last_mut() {
                    container.expects_key = container.is_object;
                }
            }
            _ => {}
        }
    }

    /// Reads a string with its quotes, and returns its length.
    fn string(&mut self, text: &str) -> Result<usize, RedactError> {
        let inner = inside(text);
        self.out.push('"');
        match self.containers.last() {
            Some(container) if container.expects_key => self.key(inner)?,
            _ => match self.text_kind() {
                Some(kind) => redact_json(self.pseudonyms, kind, inner, &mut self.out)?,
                None => self.out.push_str(inner),
            },
        }
        let has_end = text.len() > inner.len() + 1;
        if has_end {
            self.out.push('"');
        }
        Ok(1 + inner.len() + usize::from(has_end))
    }

    fn key(&mut self, inner: &str) -> Result<(), RedactError> {
        let is_free = self.is_key_free(inner);
        if let Some(container) = self.containers.last_mut() {
            container.key = inner.to_owned();
            container.expects_key = false;
        }
        // Its keys repeat the names of fields, and keys of the maps before it.
        if self.containers.last().is_some_and(|last| last.is_managed) {
            self.out.push_str(&redact_known(self.pseudonyms, inner));
            return Ok(());
        }
        if is_free {
            return redact_json(self.pseudonyms, TextKind::Names, inner, &mut self.out);
        }
        self.out.push_str(inner);
        Ok(())
    }

    /// Returns true if a key is not the name of a field.
    fn is_key_free(&self, key: &str) -> bool {
        let depth = self.containers.len();
        let is_in_body = depth > 1 && self.field().is_some_and(|field| BODIES.contains(&field));
        let above = depth
            .checked_sub(2)
            .and_then(|above| self.containers.get(above));
        let is_in_map = above.is_some_and(|above| FREE_MAPS.contains(&above.key.as_str()));
        let is_field = key.starts_with(|first: char| first.is_ascii_lowercase())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // A name that has a pseudonym is replaced wherever it is a key.
        let is_name = || self.pseudonyms.known(key).is_some();
        depth > 1 && (!is_field || is_in_map || (is_in_body && is_name()))
    }

    /// Returns the field of the event that is being read.
    fn field(&self) -> Option<&str> {
        self.containers.first().map(|event| event.key.as_str())
    }

    /// Returns what the text at this place is; `None` if it stays as it is.
    fn text_kind(&self) -> Option<TextKind> {
        let field = self.field()?;
        let last = self.containers.last()?;
        if BODIES.contains(&field) {
            let is_name = matches!(last.key.as_str(), "kind" | "apiVersion") || last.is_metadata;
            return Some(if is_name {
                TextKind::Names
            } else {
                TextKind::Value
            });
        }
        match field {
            "requestURI" => Some(TextKind::Url),
            "userAgent" => Some(TextKind::UserAgent),
            _ if self.containers.len() == 1 && KEPT.contains(&field) => None,
            _ => Some(TextKind::Names),
        }
    }

    /// Reads a number, and returns its length. Those in bodies are replaced.
    fn number(&mut self, text: &str) -> usize {
        let is_part =
            |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
        let length = text
            .find(|character| !is_part(character))
            .unwrap_or(text.len());
        let number = text.get(..length).unwrap_or_default();
        let is_in_body = self.field().is_some_and(|field| BODIES.contains(&field));
        match is_in_body && length > 1 {
            true => self.out.push_str(&self.pseudonyms.number(number)),
            false => self.out.push_str(number),
        }
        length
    }
}

/// Returns the text between the quote at the start and the next one that no backslash precedes.
fn inside(text: &str) -> &str {
    let after = text.get(1..).unwrap_or_default();
    let mut is_escaped = false;
    let end = after.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    });
    end.and_then(|end| after.get(..end)).unwrap_or(after)
}
