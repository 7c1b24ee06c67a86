//! Events whose fields a log store has spread over columns: Kibana's `fields`, dotted keys, and the tables `AKSAudit` and `AKSAuditAdmin` of
//! Log Analytics.
//!
//! Column names are compared without regard to case and underscores, after a prefix that all of them share (`kubernetes.audit.`). The
//! columns of AKS are those of <https://learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit> (2026-11). An event is only
//! rebuilt from its verb and URL; everything else that is missing is unknown.

use std::borrow::Cow;

use audit_types::time;

use crate::event::MissingFields;
use crate::json;

/// Fields without which no event is rebuilt.
const NEEDED: [&str; 2] = ["verb", "requestURI"];

/// Value that AKS writes for a body over its limit.
const SKIPPED_BODY: &str = "skipped-too-big-size-object";

/// Type of a field of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldType {
    Text,
    Time,
    List,
    Object,
    /// An object whose members are not columns.
    Body,
}

/// Fields of an event in the server's order: name, name without case and underscores, other names, type.
const FIELDS: [(&str, &str, &str, FieldType); 17] = [
    ("level", "level", "", FieldType::Text),
    ("auditID", "auditid", "", FieldType::Text),
    ("stage", "stage", "", FieldType::Text),
    ("requestURI", "requesturi", "", FieldType::Text),
    ("verb", "verb", "", FieldType::Text),
    ("user", "user", "", FieldType::Object),
    (
        "impersonatedUser",
        "impersonateduser",
        "",
        FieldType::Object,
    ),
    (
        "authenticationMetadata",
        "authenticationmetadata",
        "",
        FieldType::Object,
    ),
    ("sourceIPs", "sourceips", "", FieldType::List),
    ("userAgent", "useragent", "", FieldType::Text),
    ("objectRef", "objectref", "", FieldType::Object),
    ("responseStatus", "responsestatus", "", FieldType::Object),
    ("requestObject", "requestobject", "", FieldType::Body),
    ("responseObject", "responseobject", "", FieldType::Body),
    (
        "requestReceivedTimestamp",
        "requestreceivedtimestamp",
        "requestreceivedtime",
        FieldType::Time,
    ),
    (
        "stageTimestamp",
        "stagetimestamp",
        "stagereceivedtime",
        FieldType::Time,
    ),
    ("annotations", "annotations", "", FieldType::Object),
];

/// Members of objects that are columns, in the server's order. Annotations have any key.
const MEMBERS: [(&str, &[&str]); 4] = [
    ("user", &["username", "uid", "groups"]),
    ("impersonatedUser", &["username", "uid", "groups"]),
    (
        "objectRef",
        &[
            "resource",
            "namespace",
            "name",
            "uid",
            "apiGroup",
            "apiVersion",
            "resourceVersion",
            "subresource",
        ],
    ),
    ("responseStatus", &["status", "message", "reason", "code"]),
];

/// Field of an event, or member of one, that a column contains.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    /// Index in [`FIELDS`].
    field: usize,
    member: Option<String>,
}

/// Content of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ColumnValue<'a> {
    /// Raw JSON.
    Json(&'a str),
    /// Plain text, which may be JSON.
    Text(&'a str),
}

/// An event that was rebuilt from columns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RebuiltEvent {
    /// JSON of the event.
    pub(crate) text: String,
    pub(crate) missing: MissingFields,
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
            .any(|target| target.member.is_some());
        Some(Self {
            targets,
            is_flattened: is_aks || has_member || !prefix.is_empty(),
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
    pub(crate) fn event<'v>(
        &self,
        values: impl Iterator<Item = Option<ColumnValue<'v>>>,
    ) -> Option<RebuiltEvent> {
        let mut fields = FieldValues::default();
        for (target, value) in self.targets.iter().zip(values) {
            if let (Some(target), Some(value)) = (target, value) {
                fields.set(target, value);
            }
        }
        fields.event()
    }
}

impl Target {
    fn is(&self, name: &str) -> bool {
        self.member.is_none() && FIELDS.get(self.field).is_some_and(|field| field.0 == name)
    }
}

/// Raw values of the fields, and of members of the fields that are objects.
#[derive(Default)]
struct FieldValues {
    whole: [Option<String>; FIELDS.len()],
    members: Vec<(usize, String, String)>,
}

impl FieldValues {
    fn set(&mut self, target: &Target, value: ColumnValue<'_>) {
        let Some((name, _, _, field_type)) = FIELDS.get(target.field) else {
            return;
        };
        match &target.member {
            Some(member) => {
                if let Some(raw) = member_value(member, value) {
                    self.members.push((target.field, member.clone(), raw));
                }
            }
            None => {
                let raw = match field_type {
                    FieldType::Text => text(value).map(|text| quoted(&text)),
                    FieldType::Time => text(value)
                        .filter(|text| time::parse(text).is_some())
                        .map(|text| quoted(&text)),
                    FieldType::List => list(value),
                    FieldType::Object | FieldType::Body => object(value),
                };
                if raw.is_none()
                    && *name == "user"
                    && let Some(user) = text(value)
                {
                    let name = quoted(&user);
                    self.members
                        .push((target.field, "username".to_owned(), name));
                }
                if let Some(whole) = self.whole.get_mut(target.field)
                    && raw.is_some()
                {
                    *whole = raw;
                }
            }
        }
    }

    fn event(self) -> Option<RebuiltEvent> {
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

fn members_of(field: &str) -> Option<&'static [&'static str]> {
    MEMBERS
        .iter()
        .find(|(name, _)| *name == field)
        .map(|(_, members)| *members)
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
        });
    }
    let (first, rest) = name.split_once(['.', '_'])?;
    let field = find(first)?;
    let (field_name, _, _, field_type) = FIELDS.get(field)?;
    if *field_type != FieldType::Object {
        return None;
    }
    let member = match members_of(field_name) {
        Some(members) => {
            let rest = plain(rest);
            let known = members
                .iter()
                .find(|member| member.to_ascii_lowercase() == rest)?;
            (*known).to_owned()
        }
        None if *field_name == "annotations" => rest.to_owned(),
        None => return None,
    };
    Some(Target {
        field,
        member: Some(member),
    })
}

/// Returns the text of a column, or of the only item of its list.
fn text(value: ColumnValue<'_>) -> Option<Cow<'_, str>> {
    let text = match value {
        ColumnValue::Json(raw) if raw.starts_with('[') => {
            let mut items = json::elements(raw);
            match (items.next(), items.next()) {
                (Some(item), None) => return text_of_json(item),
                _ => return None,
            }
        }
        ColumnValue::Json(raw) => return text_of_json(raw),
        ColumnValue::Text(text) => text.trim(),
    };
    // Kibana shows a hyphen for a missing value, Splunk and others `null`.
    let is_absent = matches!(text, "" | "-" | "null" | "(null)");
    (!is_absent).then_some(Cow::Borrowed(text))
}

fn text_of_json(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => json::string(raw).filter(|text| !text.is_empty()),
        b'0'..=b'9' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

/// Returns a list as raw JSON.
fn list(value: ColumnValue<'_>) -> Option<String> {
    let text = match value {
        ColumnValue::Json(raw) if raw.starts_with('[') => return Some(raw.to_owned()),
        value => text(value)?,
    };
    if text.starts_with('[')
        && let Ok(raw) = json::value(&text)
    {
        return Some(raw.to_owned());
    }
    // Splunk separates values by line feeds, Kibana by commas. A distinguished name contains commas itself.
    let separators: &[char] = if text.contains('\n') || text.contains('=') {
        &['\n']
    } else {
        &[',']
    };
    let items: Vec<String> = text
        .split(separators)
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(quoted)
        .collect();
    Some(format!("[{}]", items.join(",")))
}

/// Returns an object as raw JSON. A string may contain it.
fn object(value: ColumnValue<'_>) -> Option<String> {
    let text = match value {
        ColumnValue::Json(raw) if raw.starts_with('{') => return Some(raw.to_owned()),
        ColumnValue::Json(raw) if raw.starts_with('[') => {
            let mut items = json::elements(raw);
            let first = items.next().filter(|item| !item.starts_with('['))?;
            return items
                .next()
                .is_none()
                .then(|| object(ColumnValue::Json(first)))
                .flatten();
        }
        value => text(value).filter(|text| text != SKIPPED_BODY)?,
    };
    let raw = json::value(&text).ok()?;
    raw.starts_with('{').then(|| raw.to_owned())
}

/// Returns a member of a field as raw JSON.
fn member_value(member: &str, value: ColumnValue<'_>) -> Option<String> {
    match member {
        "groups" => list(value),
        "code" => {
            let code = text(value)?.replace(',', "");
            code.parse::<u16>().is_ok().then_some(code)
        }
        _ => text(value).map(|text| quoted(&text)),
    }
}

/// Quotes a text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Rebuilds the event of a record whose members, or the members of whose `fields`, `_source` or `result`, are columns. Returns it with
/// `true` if the columns are those of AKS.
pub(crate) fn convert(record: &str) -> Option<(RebuiltEvent, bool)> {
    const INSIDE: [&str; 3] = ["fields", "_source", "result"];
    let objects = std::iter::once(record).chain(
        INSIDE
            .into_iter()
            .filter_map(|name| json::member(record, name)),
    );
    for object in objects.filter(|object| object.starts_with('{')) {
        let (names, values): (Vec<_>, Vec<_>) = json::members(object).unzip();
        // An object with a few of an event's fields is not an event.
        let Some(columns) = Columns::find(&names).filter(|columns| columns.is_flattened) else {
            continue;
        };
        let values = values
            .into_iter()
            .map(|raw| (raw != "null").then_some(ColumnValue::Json(raw)));
        if let Some(event) = columns.event(values) {
            return Some((event, columns.is_aks));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Attributes;
    use crate::event::Event;

    /// Describes the request that is rebuilt: user, groups, verb, resource, stage, level and code.
    fn request(record: &str) -> String {
        let Some((rebuilt, _)) = convert(record) else {
            return "-".to_owned();
        };
        assert!(json::value(&rebuilt.text).is_ok(), "{}", rebuilt.text);
        let event = Event {
            missing: rebuilt.missing,
            ..Event::new(&rebuilt.text)
        };
        let Attributes { request, unknown } = Attributes::from_event(&event);
        let groups = if unknown.groups {
            "?".to_owned()
        } else {
            request.groups.join("+")
        };
        format!(
            "{} {groups} {} {} {} {} {}",
            request.user_name().unwrap_or("?"),
            request.verb,
            request.resource,
            event.stage.unwrap_or("?"),
            event.level.unwrap_or("?"),
            event.code().unwrap_or_default()
        )
    }

    #[test]
    fn flat_records_are_events() {
        let whole = r#"ann a+b get pods "ResponseComplete" "Metadata" 200"#;
        let rows = [
            (
                r#"{"_index":"i","fields":{"kubernetes.audit.verb":["get"],"kubernetes.audit.requestURI":["/api/v1/pods/p"],"kubernetes.audit.user.username":["ann"],
                "kubernetes.audit.user.groups":["a","b"],"kubernetes.audit.stage":["ResponseComplete"],"kubernetes.audit.level":["Metadata"],"kubernetes.audit.responseStatus.code":[200],"level":["info"]}}"#,
                whole,
            ),
            (
                r#"{"_source":{"audit.verb":"get","audit.requestURI":"/api/v1/pods/p","audit.user.username":"ann","audit.user.groups":["a","b"],
                "audit.stage":"ResponseComplete","audit.level":"Metadata","audit.responseStatus.code":"200"}}"#,
                whole,
            ),
            (
                r#"{"verb_s":"get","requestURI_s":"/api/v1/pods/p","user_username_s":"ann","user_groups_s":"[\"a\",\"b\"]","stage_s":"ResponseComplete",
                "level_s":"Metadata","responseStatus_code_d":200}"#,
                whole,
            ),
            (
                r#"{"TimeGenerated":"2025-01-01T00:00:00Z","Level":"Metadata","AuditId":"x","Stage":"ResponseComplete","RequestUri":"/api/v1/pods/p","Verb":"get",
                "User":"{\"username\":\"ann\",\"groups\":[\"a\",\"b\"]}","ResponseStatus":{"code":200},"RequestObject":"skipped-too-big-size-object","Type":"AKSAudit"}"#,
                whole,
            ),
            (
                r#"{"log.verb":"get","log.requestURI":"/api/v1/pods/p","log.user.username":"ann","log.requestObject.spec.level":"x"}"#,
                r#"ann ? get pods ? ? 0"#,
            ),
            (
                r#"{"kubernetes.audit.verb":"get","kubernetes.audit.user.username":"ann"}"#,
                "-",
            ),
            (r#"{"a":1,"verb":"get"}"#, "-"),
            (
                r#"{"verb":"get","requestURI":"/api","user":{"username":"ann"}}"#,
                "-",
            ),
            (r#"{"requestURI":["/a","/b"],"verb":"get"}"#, "-"),
        ];
        for (record, expected) in rows {
            assert_eq!(request(record), expected, "{record}");
        }
    }

    #[test]
    fn lists_in_text_are_divided() {
        for (text, expected) in [
            ("a, b", r#"["a","b"]"#),
            ("a\nb", r#"["a","b"]"#),
            (r#"["a","b"]"#, r#"["a","b"]"#),
            ("cn=a,ou=b", r#"["cn=a,ou=b"]"#),
        ] {
            assert_eq!(list(ColumnValue::Text(text)).as_deref(), Some(expected));
        }
        assert_eq!(list(ColumnValue::Text("-")), None);
    }

    #[test]
    fn missing_columns_are_named() {
        let lacks = |names: &[&str]| Columns::find(names).map(|columns| columns.lacks());
        assert_eq!(
            lacks(&[
                "@timestamp",
                "kubernetes.audit.verb",
                "kubernetes.audit.user.username"
            ]),
            Some(vec!["requestURI"])
        );
        assert_eq!(
            lacks(&["AuditId", "User"]),
            Some(vec!["verb", "requestURI"])
        );
        assert_eq!(lacks(&["time", "user"]), None);
    }
}
