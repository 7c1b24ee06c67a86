//! Origin of a record that a cloud has added to it: the category of Azure's diagnostic records, the stream of CloudWatch's messages.

use std::borrow::Cow;

use memchr::memmem;

use crate::json;
use crate::unrecognized::UnrecognizedKind;

/// Category whose records omit get and list requests, and the table that has only these records.
const ADMIN: [&str; 2] = ["kube-audit-admin", "AKSAuditAdmin"];

/// Maximum length of a name in messages.
const MAX_NAME_CHARACTERS: usize = 64;

/// Fields with the pod, the stream, the node or the cluster that sent a record.
const SENDERS: [&str; 16] = [
    "logStreamName",
    "logStream",
    "@logStream",
    "pod_name",
    "podName",
    "PodName",
    "pod",
    "Pod",
    "pod_s",
    "host",
    "hostname",
    "node",
    "node_name",
    "nodeName",
    "resourceId",
    "_ResourceId",
];

/// Fields with an object that may name the sender.
const AROUND_SENDERS: [&str; 4] = ["properties", "kubernetes", "result", "_source"];

/// Returns the pod, the stream or the node that sent a record: an object, or a row of CloudWatch Logs Insights. Parts of different senders
/// are never parts of one event.
pub(super) fn sender(record: &str) -> Option<String> {
    if record.starts_with('[') {
        return sender_of(json::elements(record).filter_map(|column| {
            let name = json::member(column, "field").and_then(json::string)?;
            Some((name, json::member(column, "value")?))
        }));
    }
    sender_of(json::members(record).flat_map(|(key, member)| {
        let is_around = AROUND_SENDERS.contains(&&*key);
        let inner = is_around
            .then(|| json::members(member))
            .into_iter()
            .flatten();
        std::iter::once((key, member)).chain(inner)
    }))
}

/// Returns the sender that is named in fields. A node is part of it, since pods of nodes may have the same name.
pub(super) fn sender_of<'r>(
    fields: impl Iterator<Item = (Cow<'r, str>, &'r str)>,
) -> Option<String> {
    let of_sender = fields.filter(|(name, _)| is_sender(name));
    joined(of_sender.filter_map(|(_, raw)| json::string(raw)))
}

/// Returns `true` if a field or column of a name has the pod, the stream, the node or the cluster that sent a record.
pub(super) fn is_sender(name: &str) -> bool {
    SENDERS.contains(&name)
}

/// Joins the names of a sender. `None` if there are none.
pub(super) fn joined<'r>(names: impl Iterator<Item = Cow<'r, str>>) -> Option<String> {
    let names = names.filter(|name| !name.is_empty());
    // Names contain no line feeds.
    names
        .reduce(|before, name| Cow::Owned([&*before, "\n", &*name].concat()))
        .map(Cow::into_owned)
}

/// Origin of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Category of a diagnostic record of Azure.
    Category(String),
    /// Stream of a message of CloudWatch.
    Stream(String),
}

impl Origin {
    /// Returns the origin of a record: an object, or a row of CloudWatch Logs Insights.
    pub(super) fn of(record: &str) -> Option<Self> {
        if record.starts_with('[') {
            return json::elements(record).find_map(|column| {
                let name = json::member(column, "field").and_then(json::string)?;
                Self::of_column(&name, &json::string(json::member(column, "value")?)?)
            });
        }
        const AZURE: [&str; 7] = [
            "operationName",
            "OperationName",
            "properties",
            "log_s",
            "TableName",
            "resourceId",
            "ResourceId",
        ];
        let (mut category, mut stream, mut is_azure) = (None, None, false);
        for (key, member) in json::members(record) {
            is_azure |= AZURE.contains(&&*key);
            let Some(text) = json::string(member) else {
                continue;
            };
            match Self::of_column(&key, &text) {
                Some(origin @ Self::Category(_)) => category = Some(origin),
                Some(origin @ Self::Stream(_)) => stream = Some(origin),
                None => {}
            }
        }
        stream.or(category.filter(|_| is_azure))
    }

    /// Returns the origin in a column. `None` if the column has another name, or is empty.
    pub(super) fn of_column(name: &str, text: &str) -> Option<Self> {
        let origin = match name {
            "category" | "Category" => Self::Category,
            "logStreamName" | "logStream" | "@logStream" => Self::Stream,
            _ => return None,
        };
        (!text.is_empty()).then(|| origin(text.to_owned()))
    }

    /// Returns `true` if all records of this origin contain audit events.
    pub(super) fn is_audit(&self) -> bool {
        match self {
            Self::Category(name) => matches!(name.as_str(), "kube-audit" | "kube-audit-admin"),
            Self::Stream(name) => name.starts_with("kube-apiserver-audit"),
        }
    }

    /// Returns the kind to report for a record of this origin without an event.
    pub(super) fn without_event(&self) -> UnrecognizedKind {
        let (name, kind): (_, fn(String, bool) -> _) = match self {
            Self::Category(name) => (name.as_str(), UnrecognizedKind::AzureCategory),
            Self::Stream(name) => (kind_of_stream(name), UnrecognizedKind::CloudWatchStream),
        };
        let mut shown: String = name
            .chars()
            .filter(|character| !character.is_control())
            .take(MAX_NAME_CHARACTERS)
            .collect();
        if shown.len() < self.name().len() {
            shown.push('\u{2026}');
        }
        kind(shown, self.is_audit())
    }

    fn name(&self) -> &str {
        match self {
            Self::Category(name) | Self::Stream(name) => name,
        }
    }
}

/// Removes the number of the instance from the name of a stream, so that the streams of one program are counted together.
fn kind_of_stream(name: &str) -> &str {
    let start = name.rfind('-').map_or(name.len(), |dash| dash + 1);
    match name.split_at_checked(start) {
        Some((kind, instance)) if instance.bytes().all(|byte| byte.is_ascii_hexdigit()) => kind,
        _ => name,
    }
}

/// Returns `true` if a record is of the category `kube-audit-admin`, or is a row of the table `AKSAuditAdmin`.
pub(super) fn omits_reads(record: &str) -> bool {
    const COLUMNS: [&str; 5] = ["category", "Category", "Type", "TableName", "$table"];
    mentions_admin(record)
        && json::members(record).any(|(key, member)| {
            COLUMNS.contains(&&*key) && json::string(member).is_some_and(|text| is_admin(&text))
        })
}

/// Returns `true` if a text contains the name of the category or the table.
pub(super) fn mentions_admin(text: &str) -> bool {
    ADMIN
        .iter()
        .any(|name| memmem::find(text.as_bytes(), name.as_bytes()).is_some())
}

/// Returns `true` for the name of the category or the table.
pub(super) fn is_admin(text: &str) -> bool {
    ADMIN.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_its_origin_in_a_field() {
        for (record, expected) in [
            (
                r#"{"category":"kube-scheduler","operationName":"x"}"#,
                "category `kube-scheduler`",
            ),
            (r#"{"Category":"guard","log_s":"x"}"#, "category `guard`"),
            (
                r#"{"logStreamName":"authenticator-0a1b","message":"x"}"#,
                "stream `authenticator-\u{2026}`",
            ),
            (
                r#"{"@logStream":"kube-apiserver-0a1b","@message":"x"}"#,
                "stream `kube-apiserver-\u{2026}`",
            ),
            (
                r#"[{"field":"@message","value":"x"},{"field":"@logStream","value":"other"}]"#,
                "stream `other`",
            ),
        ] {
            let text = Origin::of(record).unwrap().without_event().to_string();
            assert!(text.contains(expected), "{record}: {text}");
        }
        for record in [r#"{"category":"x"}"#, r#"{"message":"x"}"#, "[1]"] {
            assert_eq!(Origin::of(record), None, "{record}");
        }
    }

    #[test]
    fn the_sender_is_every_field_that_names_it() {
        for (record, expected) in [
            (r#"{"logStreamName":"s","message":"x"}"#, Some("s")),
            (r#"{"properties":{"pod":"p","log":"x"}}"#, Some("p")),
            (
                r#"{"host":"n","kubernetes":{"pod_name":"p"}}"#,
                Some("n\np"),
            ),
            (r#"{"result":{"_raw":"x","host":"n"}}"#, Some("n")),
            (
                r#"[{"field":"@logStream","value":"s"},{"field":"@message","value":"x"}]"#,
                Some("s"),
            ),
            (r#"{"host":{"name":"n"},"pod":"","message":"x"}"#, None),
            (r#"{"message":"{\"pod\":\"p\"}"}"#, None),
        ] {
            assert_eq!(sender(record).as_deref(), expected, "{record}");
        }
    }

    #[test]
    fn only_the_category_itself_omits_reads() {
        for (record, expected) in [
            (r#"{"category":"kube-audit-admin"}"#, true),
            (r#"{"Type":"AKSAuditAdmin"}"#, true),
            (r#"{"category":"kube-audit","a":"kube-audit-admin"}"#, false),
            (r#"{"category":"kube-audit"}"#, false),
        ] {
            assert_eq!(omits_reads(record), expected, "{record}");
        }
    }
}
