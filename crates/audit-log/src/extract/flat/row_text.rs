//! Rows as Athena and Presto print them: `{username=jane, groups=[devs], extra=null}`, without quotes.
//!
//! A separator within a text looks like one between members, so a row is only read by the names that it can have: each at most once, with brackets
//! that match.

use super::fields::{FIELDS, members_of};
use super::value::{Unreadable, quoted};

/// A member of a row: name as the server has it, and its text.
type Member<'t> = (String, &'t str);

/// Returns whether a text is a row: it starts with a name and `=`.
pub(super) fn is_row(text: &str) -> bool {
    let inner = text.trim().strip_prefix('{').unwrap_or_default();
    let end = inner.find(|c| !is_key(c)).unwrap_or(inner.len());
    end > 0 && inner.get(end..).is_some_and(|rest| rest.starts_with('='))
}

/// Returns the fields of an event that is a row, with their texts. `None` if it is not certain.
pub(super) fn event(text: &str) -> Option<Vec<Member<'_>>> {
    let known = |key: &str| {
        let key = key.to_ascii_lowercase();
        let names = ["kind", "apiVersion"].into_iter();
        let mut names = names.chain(FIELDS.iter().map(|(name, ..)| *name));
        names
            .find(|name| name.to_ascii_lowercase() == key)
            .map(str::to_owned)
    };
    members(text, known)
}

/// Returns an object of an event that is a row as raw JSON.
pub(super) fn object(field: &str, text: &str) -> Result<String, Unreadable> {
    let members = match members_of(field) {
        Some(known) => members(text, |key| {
            let mut known = known.iter();
            let found = known.find(|name| name.eq_ignore_ascii_case(key))?;
            Some((*found).to_owned())
        }),
        // Annotations have names with a domain.
        None => members(text, |key| key.contains('/').then(|| key.to_owned())),
    };
    let members = members.ok_or_else(|| Unreadable::NotJson(text.to_owned()))?;
    let mut parts = Vec::new();
    for (name, value) in members {
        if value == "null" {
            continue;
        }
        let raw = match name.as_str() {
            "groups" => list(value)?,
            "extra" => extra(value)?,
            "code" if value.parse::<u16>().is_ok() => value.to_owned(),
            "code" | "details" | "metadata" => continue,
            _ => quoted(value),
        };
        parts.push(format!("{}:{raw}", quoted(&name)));
    }
    Ok(format!("{{{}}}", parts.join(",")))
}

/// Returns a list as raw JSON: `[devs, system:authenticated]`.
pub(super) fn list(text: &str) -> Result<String, Unreadable> {
    let error = || Unreadable::NotJson(text.to_owned());
    let inner = inside(text, '[', ']').ok_or_else(error)?;
    // A distinguished name contains commas itself.
    let has_other_marks = inner.contains(['[', ']', '{', '}', '"', '\'']);
    if has_other_marks || (inner.contains('=') && inner.contains(", ")) {
        return Err(error());
    }
    let items: Vec<String> = inner
        .split(", ")
        .filter(|item| !item.is_empty() && *item != "null")
        .map(quoted)
        .collect();
    Ok(format!("[{}]", items.join(",")))
}

/// Returns the extra attributes of a user, whose values are lists.
pub(super) fn extra(text: &str) -> Result<String, Unreadable> {
    let error = || Unreadable::NotJson(text.to_owned());
    let members = members(text, |key| Some(key.to_owned())).ok_or_else(error)?;
    let mut parts = Vec::new();
    for (name, value) in members {
        parts.push(format!("{}:{}", quoted(&name), list(value)?));
    }
    Ok(format!("{{{}}}", parts.join(",")))
}

/// Returns the members of a row. `known` returns the name that a key stands for; other keys belong to the text before them. `None` if a name occurs twice or
/// brackets do not match.
fn members(text: &str, known: impl Fn(&str) -> Option<String>) -> Option<Vec<Member<'_>>> {
    let inner = inside(text, '{', '}')?;
    let mut found: Vec<(String, usize, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut key_start = Some(0);
    for (at, character) in inner.char_indices() {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if character == ' ' && inner.get(..at)?.ends_with(',') {
            key_start = (depth == 0).then_some(at + 1);
            continue;
        }
        let Some(start) = key_start else { continue };
        if is_key(character) {
            continue;
        }
        key_start = None;
        let name = (character == '=')
            .then(|| known(inner.get(start..at)?))
            .flatten();
        if let Some(name) = name {
            if found.len() == MAX_MEMBERS || found.iter().any(|(other, ..)| *other == name) {
                return None;
            }
            found.push((name, start, at + 1));
        }
    }
    let is_complete = depth == 0 && found.first().is_some_and(|(_, start, _)| *start == 0);
    if !is_complete {
        return inner.is_empty().then(Vec::new);
    }
    let ends: Vec<usize> = found
        .iter()
        .skip(1)
        .map(|(_, start, _)| start - 2)
        .collect();
    let ends = ends.into_iter().chain([inner.len()]);
    let members = found.into_iter().zip(ends);
    members
        .map(|((name, _, start), end)| Some((name, inner.get(start..end)?)))
        .collect()
}

/// Maximum number of members of a row.
const MAX_MEMBERS: usize = 100;

fn inside(text: &str, open: char, close: char) -> Option<&str> {
    text.trim().strip_prefix(open)?.strip_suffix(close)
}

fn is_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-/".contains(character)
}
