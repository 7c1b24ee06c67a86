//! Events whose fields a log store has spread over columns: Kibana's `fields`, dotted keys, and the tables `AKSAudit` and `AKSAuditAdmin` of
//! Log Analytics.
//!
//! Column names are compared without regard to case and underscores, after a prefix that all of them share (`kubernetes.audit.`). The
//! columns of AKS are those of <https://learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit> (2026-11). An event is only
//! rebuilt from its verb and URL; everything else that is missing is unknown.

mod fields;
mod parts;
mod row_text;
mod value;

use std::borrow::Cow;

use audit_types::time;

use crate::bad_column::BadColumn;
use crate::cut::{self, CutBy};
use crate::event::MissingFields;
use crate::json;
use fields::{FIELDS, FieldType, members_of};
use parts::{Part, Parts};
pub(crate) use value::{ColumnValue, is_json_in_text, quoted};
use value::{Unreadable, body, list, member, object, text};

/// Fields without which no event is rebuilt.
const NEEDED: [&str; 2] = ["verb", "requestURI"];

/// Maximum length of the name of a column in messages.
const MAX_NAME_CHARACTERS: usize = 64;

/// Field of an event, or member of one, that a column contains.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    /// Index in [`FIELDS`].
    field: usize,
    member: Option<String>,
    /// Part of the field, or of the member.
    part: Option<Part>,
}

/// An event that was rebuilt from columns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RebuiltEvent {
    /// JSON of the event.
    pub(crate) text: String,
    pub(crate) missing: MissingFields,
    /// Columns that cannot be read.
    pub(crate) bad: Vec<BadColumn>,
}

/// The columns of a record or table that are fields of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    targets: Vec<Option<Target>>,
    /// The names show that objects were flattened.
    is_flattened: bool,
    /// The names are those of AKS's tables.
    pub(crate) is_aks: bool,
}

impl Columns {
    /// Finds the fields of an event in column names. `None` if there are none.
    pub(crate) fn find<N: AsRef<str>>(names: &[N]) -> Option<Self> {
        let prefix = prefix(names)?;
        let targets: Vec<_> = names
            .iter()
            .map(|name| target(name.as_ref(), prefix))
            .collect();
        let has = |exact: &str| names.iter().any(|name| name.as_ref() == exact);
        let is_aks = has("AuditId") || has("RequestUri");
        let has_member = targets
            .iter()
            .flatten()
            .any(|target| target.member.is_some() || target.part.is_some());
        // Names without the server's capitals, as in SQL. Logs of other servers have URLs and verbs, too.
        let is_renamed = !has("requestURI")
            && ["auditID", "stage"]
                .iter()
                .any(|name| targets.iter().flatten().any(|target| target.is(name)));
        Some(Self {
            targets,
            is_flattened: is_aks || has_member || !prefix.is_empty() || is_renamed,
            is_aks,
        })
    }

    /// Returns the fields that are needed to rebuild an event and have no column.
    pub(crate) fn lacks(&self) -> Vec<&'static str> {
        NEEDED
            .into_iter()
            .filter(|name| !self.targets.iter().flatten().any(|target| target.is(name)))
            .collect()
    }

    /// Rebuilds an event from the values of the columns, in their order. `None` if its verb or URL is missing.
    pub(crate) fn event<'v, N: AsRef<str>>(
        &self,
        names: &[N],
        values: impl Iterator<Item = Option<ColumnValue<'v>>>,
    ) -> Option<RebuiltEvent> {
        let mut fields = FieldValues::default();
        for ((target, name), value) in self.targets.iter().zip(names).zip(values) {
            if let (Some(target), Some(value)) = (target, value)
                && let Err(reason) = fields.set(target, value)
            {
                fields
                    .bad
                    .extend(bad_column(name.as_ref(), reason, self.is_aks));
            }
        }
        fields.event()
    }

    /// Returns `true` if a value of a field that is an object is a string that contains it.
    fn has_json_in_text(&self, values: &[&str]) -> bool {
        self.targets.iter().zip(values).any(|(target, raw)| {
            let is_object = target
                .as_ref()
                .filter(|target| target.member.is_none() && target.part.is_none())
                .and_then(|target| FIELDS.get(target.field))
                .is_some_and(|field| matches!(field.3, FieldType::Object | FieldType::List));
            is_object && is_json_in_text(raw)
        })
    }
}

/// Returns the column that cannot be read; `None` if it is empty.
fn bad_column(name: &str, reason: Unreadable, is_aks: bool) -> Option<BadColumn> {
    let (text, is_cut) = match reason {
        Unreadable::Absent => return None,
        Unreadable::Cut(text) => (text, true),
        Unreadable::NotJson(text) => (text, false),
    };
    let by = match cut::by_cell(&text, name) {
        CutBy::Other if is_aks => CutBy::Azure,
        by => by,
    };
    Some(BadColumn {
        name: name
            .chars()
            .filter(|character| !character.is_control())
            .take(MAX_NAME_CHARACTERS)
            .collect(),
        bytes: text.len() as u64,
        cut_by: is_cut.then_some(by),
    })
}

impl Target {
    fn is(&self, name: &str) -> bool {
        self.member.is_none()
            && self.part.is_none()
            && FIELDS.get(self.field).is_some_and(|field| field.0 == name)
    }
}

/// Raw values of the fields, and of members of the fields that are objects.
#[derive(Default)]
struct FieldValues {
    whole: [Option<String>; FIELDS.len()],
    members: Vec<(usize, String, String)>,
    parts: Parts,
    bad: Vec<BadColumn>,
}

impl FieldValues {
    /// Sets the field, or the member, that a column contains.
    fn set(&mut self, target: &Target, value: ColumnValue<'_>) -> Result<(), Unreadable> {
        let Some((name, _, _, field_type)) = FIELDS.get(target.field) else {
            return Ok(());
        };
        if let Some(part) = &target.part {
            let place = (target.field, target.member.as_deref());
            return self.parts.add(place, part, value);
        }
        if let Some(name) = &target.member {
            let raw = match (name.as_str(), member(name, value)) {
                ("groups", Err(Unreadable::NotJson(text))) => row_text::list(&text)?,
                ("extra", Err(Unreadable::NotJson(text))) => row_text::extra(&text)?,
                (_, raw) => raw?,
            };
            self.members.push((target.field, name.clone(), raw));
            return Ok(());
        }
        let raw = match field_type {
            FieldType::Text => text(value)
                .map(|text| quoted(&text))
                .ok_or(Unreadable::Absent),
            FieldType::Time => text(value)
                .filter(|text| time::parse(text).is_some())
                .map(|text| quoted(&text))
                .ok_or(Unreadable::Absent),
            FieldType::List => list(value),
            FieldType::Object => object(value),
            FieldType::Body => body(value),
        };
        let raw = match raw {
            Err(Unreadable::NotJson(text)) => row(name, *field_type, text),
            raw => raw,
        };
        match raw {
            Ok(raw) => {
                if let Some(whole) = self.whole.get_mut(target.field) {
                    *whole = Some(raw);
                }
                Ok(())
            }
            Err(reason) => {
                if *name == "user" {
                    self.set_user(target.field, value, &reason);
                }
                Err(reason)
            }
        }
    }

    /// Sets what is known of a user that is not an object: the name, or the members before a cut.
    fn set_user(&mut self, field: usize, value: ColumnValue<'_>, reason: &Unreadable) {
        match reason {
            Unreadable::Absent => {
                let name = text(value).map(|name| quoted(&name));
                let member = name.map(|name| (field, "username".to_owned(), name));
                self.members.extend(member);
            }
            // Groups without a name would be those of another user.
            Unreadable::Cut(start) if json::member(start, "username").is_some() => {
                let known = |name: &str| {
                    Some((
                        field,
                        name.to_owned(),
                        json::member(start, name)?.to_owned(),
                    ))
                };
                self.members
                    .extend(["username", "uid", "groups"].into_iter().filter_map(known));
            }
            Unreadable::Cut(_) | Unreadable::NotJson(_) => {}
        }
    }

    /// Joins the parts of fields and members.
    fn join_parts(&mut self) {
        for ((field, member), list) in self.parts.lists() {
            match (member, self.whole.get_mut(field)) {
                (Some(member), _) => self.members.push((field, member, list)),
                (None, Some(whole)) if whole.is_none() => *whole = Some(list),
                (None, _) => {}
            }
        }
        for (field, object) in self.parts.extras() {
            self.members.push((field, "extra".to_owned(), object));
        }
        for (field, body) in self.parts.bodies() {
            if let Some(whole) = self.whole.get_mut(field).filter(|whole| whole.is_none()) {
                *whole = Some(body);
            }
        }
    }

    fn event(mut self) -> Option<RebuiltEvent> {
        self.join_parts();
        let has = |name: &str| {
            let at = FIELDS.iter().position(|field| field.0 == name);
            at.and_then(|at| self.whole.get(at))
                .is_some_and(Option::is_some)
        };
        if NEEDED.iter().any(|name| !has(name)) {
            return None;
        }
        let mut has_groups = false;
        let mut has_status = false;
        let mut parts = vec![
            "\"kind\":\"Event\"".to_owned(),
            "\"apiVersion\":\"audit.k8s.io/v1\"".to_owned(),
        ];
        for (index, (name, ..)) in FIELDS.iter().enumerate() {
            let raw = match self.whole.get(index).and_then(Option::as_ref) {
                Some(raw) => Cow::Borrowed(raw.as_str()),
                None => match self.joined(index) {
                    Some(raw) => Cow::Owned(raw),
                    None => continue,
                },
            };
            match *name {
                "user" => has_groups = json::member(&raw, "groups").is_some() || &*raw == "{}",
                "responseStatus" => has_status = true,
                _ => {}
            }
            parts.push(format!("\"{name}\":{raw}"));
        }
        Some(RebuiltEvent {
            text: format!("{{{}}}", parts.join(",")),
            missing: MissingFields {
                groups: !has_groups,
                query: false,
                size: true,
                is_response_stage: has_status,
            },
            bad: self.bad,
        })
    }

    /// Joins the members of a field to an object, in the server's order.
    fn joined(&self, field: usize) -> Option<String> {
        let order = members_of(FIELDS.get(field)?.0).unwrap_or_default();
        let mut own: Vec<_> = self
            .members
            .iter()
            .enumerate()
            .filter(|(_, (of, ..))| *of == field)
            .map(|(position, (_, member, raw))| {
                let rank = order.iter().position(|known| known == member);
                ((rank, position), member, raw)
            })
            .collect();
        // The position makes the order complete, so a stable sort, which is more code, is not needed.
        own.sort_unstable_by_key(|(place, ..)| *place);
        let parts: Vec<String> = own
            .into_iter()
            .map(|(_, member, raw)| format!("{}:{raw}", quoted(member)))
            .collect();
        (!parts.is_empty()).then(|| format!("{{{}}}", parts.join(",")))
    }
}

/// Returns a column that is the text of a row, as Athena prints them, as raw JSON.
fn row(field: &str, field_type: FieldType, text: String) -> Result<String, Unreadable> {
    let is_row = match field_type {
        FieldType::Object => row_text::is_row(&text),
        FieldType::List => text.trim_start().starts_with('['),
        _ => false,
    };
    let end = if field_type == FieldType::List {
        ']'
    } else {
        '}'
    };
    if is_row && !text.trim_end().ends_with(end) {
        return Err(Unreadable::Cut(text));
    }
    match field_type {
        FieldType::Object if is_row => row_text::object(field, &text),
        FieldType::List if is_row => row_text::list(&text),
        _ => Err(Unreadable::NotJson(text)),
    }
}

/// Rebuilds an event from a text that is a row with its fields, as Athena prints them. `None` if it is not certain.
pub(crate) fn event_of_row(text: &str) -> Option<RebuiltEvent> {
    let members = row_text::is_row(text)
        .then(|| row_text::event(text))
        .flatten()?;
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    let values = values.into_iter().map(|text| Some(ColumnValue::Text(text)));
    Columns::find(&names)?.event(&names, values)
}

/// Removes what does not distinguish the names of columns: case, underscores, and Splunk's braces after lists.
fn plain(name: &str) -> String {
    name.trim_end_matches("{}")
        .chars()
        .filter(|character| *character != '_')
        .map(|character| character.to_ascii_lowercase())
        .collect()
}

/// Returns the shortest prefix, with its dot, in front of the name of a field that only events have.
fn prefix<N: AsRef<str>>(names: &[N]) -> Option<&str> {
    let with = |marks: &[&str]| {
        names
            .iter()
            .map(AsRef::as_ref)
            .filter_map(|name| {
                let name = without_suffix(name);
                let start = name.rfind('.').map_or(0, |dot| dot + 1);
                let (before, last) = name.split_at_checked(start)?;
                let is_of_body = before.to_ascii_lowercase().contains("object.");
                (marks.contains(&plain(last).as_str()) && !is_of_body).then_some(before)
            })
            .min_by_key(|before| before.len())
    };
    with(&["auditid", "requesturi"]).or_else(|| with(&["verb"]))
}

/// Removes the suffixes that Elasticsearch and Log Analytics add for a type.
fn without_suffix(name: &str) -> &str {
    const SUFFIXES: [&str; 6] = [".keyword", "_s", "_d", "_g", "_t", "_b"];
    SUFFIXES
        .into_iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

/// Returns the field that a column contains.
fn target(name: &str, prefix: &str) -> Option<Target> {
    let name = without_suffix(name).strip_prefix(prefix)?;
    let find = |name: &str| {
        let name = plain(name);
        FIELDS
            .iter()
            .position(|(_, known, other, _)| *known == name || *other == name)
    };
    if let Some(field) = find(name) {
        return Some(Target {
            field,
            member: None,
            part: None,
        });
    }
    // The name of a field may contain underscores, too: `object_ref_namespace`.
    name.match_indices(['.', '_']).find_map(|(at, _)| {
        let (first, rest) = name.split_at_checked(at)?;
        let target = member_of(find(first)?, rest.get(1..)?)?;
        // Names in bodies have underscores of their own.
        let is_body = matches!(target.part, Some(Part::Body(_)));
        (!is_body || rest.starts_with('.')).then_some(target)
    })
}

/// Returns the member of a field that a column contains, or the part of a field or member.
fn member_of(field: usize, name: &str) -> Option<Target> {
    let (field_name, _, _, field_type) = FIELDS.get(field)?;
    let target = |member: Option<&str>, part| Target {
        field,
        member: member.map(str::to_owned),
        part,
    };
    match field_type {
        FieldType::List => return Part::item(name).map(|item| target(None, Some(item))),
        FieldType::Body => return Some(target(None, Some(Part::Body(name.to_owned())))),
        FieldType::Object => {}
        FieldType::Text | FieldType::Time => return None,
    }
    let Some(members) = members_of(field_name) else {
        return (*field_name == "annotations").then(|| target(Some(name), None));
    };
    let find = |name: &str| {
        let name = plain(name);
        let mut members = members.iter();
        members.find(|member| member.to_ascii_lowercase() == name)
    };
    if let Some(known) = find(name) {
        return Some(target(Some(known), None));
    }
    let (member, rest) = name.split_once('.')?;
    match *find(member)? {
        "groups" => Part::item(rest).map(|item| target(Some("groups"), Some(item))),
        "extra" => Some(target(None, Some(Part::extra(rest)))),
        _ => None,
    }
}

/// Rebuilds the event of a record whose members, or the members of one of whose objects, are columns. Returns it with `true` if the columns
/// are those of AKS.
pub(crate) fn convert(record: &str) -> Option<(RebuiltEvent, bool)> {
    let objects = json::members(record).map(|(_, member)| member);
    std::iter::once(record)
        .chain(objects)
        .filter(|object| object.starts_with('{'))
        .find_map(converted)
}

/// Rebuilds the event of an object whose members are columns.
fn converted(object: &str) -> Option<(RebuiltEvent, bool)> {
    let (names, values): (Vec<_>, Vec<_>) = json::members(object).unzip();
    // An object with a few of an event's fields is not an event.
    let columns = Columns::find(&names)
        .filter(|columns| columns.is_flattened || columns.has_json_in_text(&values))?;
    let values = values
        .into_iter()
        .map(|raw| (raw != "null").then_some(ColumnValue::Json(raw)));
    let event = columns.event(&names, values)?;
    Some((event, columns.is_aks))
}

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod tests;
