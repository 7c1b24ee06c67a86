//! SQL of ClickHouse.

use crate::sql::dialect::Dialect;

/// The dialect of ClickHouse.
pub(crate) struct ClickHouse;

/// Prints a regular expression between quotes, where a backslash is an escape.
fn quoted(regex: &str) -> String {
    format!("'{}'", regex.replace('\\', r"\\"))
}

impl Dialect for ClickHouse {
    fn lines(&self, json: &str, relation: &str) -> String {
        format!(
            r"source AS (
  SELECT line, ifNull({json}, '') AS json, isValidJSON(json) AND JSONType(json) = 'Object' AS is_object,
    JSONExtractKeys(json) AS keys, JSONExtractKeys(json, 'user') AS user_keys,
    JSONType(json, 'user', 'groups') = 'Array' AS has_groups,
    JSONExtractArrayRaw(json, 'user', 'groups') AS raw_groups
  FROM {relation}),
typed AS (
  SELECT line, json, raw_groups,
    is_object AND JSONType(json, 'verb') = 'String' AND JSONType(json, 'requestURI') = 'String' AND JSONType(json, 'user') = 'Object'
      AND length(keys) = length(arrayDistinct(keys)) AND length(user_keys) = length(arrayDistinct(user_keys)) AS is_event,
    CASE WHEN is_object AND has_groups THEN JSONExtract(json, 'user', 'groups', 'Array(String)') ELSE [] END AS user_groups
  FROM source),
event AS (
  SELECT line, user_groups,
    is_event AND NOT arrayExists(group -> JSONType(group) != 'String', raw_groups) AS readable,
    CASE WHEN is_event THEN JSONExtractString(json, 'verb') ELSE '' END AS verb,
    CASE WHEN is_event THEN JSONExtractString(json, 'requestURI') ELSE '' END AS uri,
    CASE WHEN JSONType(json, 'stage') = 'String' THEN JSONExtractString(json, 'stage') ELSE '' END AS stage,
    CASE WHEN JSONType(json, 'user', 'username') = 'String' THEN JSONExtractString(json, 'user', 'username')
      WHEN length(user_groups) > 0 THEN '' ELSE NULL END AS user_name
  FROM typed)"
        )
    }

    fn azure_rows(&self) -> &'static str {
        r"source AS (
  SELECT AuditId, ifNull(toString(Verb), '') AS verb_text, ifNull(toString(RequestUri), '') AS uri_text,
    ifNull(toString(Stage), '') AS stage_text, ifNull(toString(User), '') AS account
  FROM events),
typed AS (
  SELECT AuditId, verb_text, uri_text, stage_text, account, JSONExtractKeys(account) AS keys,
    isValidJSON(account) AND JSONType(account) = 'Object' AS is_object,
    CASE WHEN is_object AND JSONType(account, 'groups') = 'Array' THEN JSONExtractArrayRaw(account, 'groups') ELSE [] END AS raw_groups,
    CASE WHEN length(raw_groups) > 0 THEN JSONExtract(account, 'groups', 'Array(String)') ELSE [] END AS user_groups
  FROM source),
event AS (
  SELECT AuditId, user_groups,
    verb_text != '' AND uri_text != '' AND is_object AND length(keys) = length(arrayDistinct(keys))
      AND NOT arrayExists(item -> JSONType(item) != 'String', raw_groups) AS readable,
    verb_text AS verb, uri_text AS uri, stage_text AS stage,
    CASE WHEN JSONType(account, 'username') = 'String' THEN JSONExtractString(account, 'username')
      WHEN length(user_groups) > 0 THEN '' ELSE NULL END AS user_name
  FROM typed)"
    }

    /// A column that cannot be null has the empty text where a file has no value, and a tuple has such elements where a file has no user.
    fn columns(&self) -> &'static str {
        r"source AS (
  SELECT auditID, verb AS verb_text, requestURI AS uri_text, ifNull(stage, '') AS stage_text,
    ifNull(tupleElement(user, 'username'), '') AS name_text, tupleElement(user, 'groups') AS all_groups
  FROM events),
event AS (
  SELECT auditID, arrayMap(item -> assumeNotNull(item), arrayFilter(item -> isNotNull(item), all_groups)) AS user_groups,
    isNotNull(verb_text) AND (verb_text != '' OR isNullable(verb_text)) AND isNotNull(uri_text) AND (uri_text != '' OR isNullable(uri_text))
      AND length(user_groups) = length(all_groups) AND (name_text != '' OR length(user_groups) > 0) AS readable,
    ifNull(verb_text, '') AS verb, ifNull(uri_text, '') AS uri, stage_text AS stage, name_text AS user_name
  FROM source)"
    }

    /// By default, a column is evaluated again in each branch that uses it, so time and memory grow with the number of paths through the columns.
    fn settings(&self) -> &'static str {
        "\nSETTINGS short_circuit_function_evaluation = 'disable'"
    }

    /// `char` takes bytes.
    fn character(&self, character: char) -> String {
        let mut buffer = [0; 4];
        let bytes = character.encode_utf8(&mut buffer).bytes();
        let numbers: Vec<String> = bytes.map(|byte| byte.to_string()).collect();
        format!("char({})", numbers.join(", "))
    }

    fn before(&self, text: &str) -> String {
        format!("splitByChar('?', {text})[1]")
    }

    fn decoded(&self, text: &str) -> String {
        format!("decodeURLComponent({text})")
    }

    fn segments(&self, text: &str) -> String {
        format!("splitByChar('/', trim(BOTH '/' FROM {text}))")
    }

    fn length(&self, list: &str) -> String {
        format!("length({list})")
    }

    /// Lists count from 1, and the item after the last one is empty.
    fn segment(&self, list: &str, at: &str) -> String {
        format!("{list}[{at} + 1]")
    }

    /// `extract` returns the first group.
    fn capture(&self, text: &str, regex: &str) -> String {
        format!("extract({text}, {})", quoted(regex))
    }

    fn matches(&self, text: &str, regex: &str) -> String {
        format!("match({text}, {})", quoted(regex))
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("hasAny({list}, [{texts}])")
    }

    fn starts_with(&self, text: &str, start: &str) -> String {
        format!("startsWith({text}, {start})")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("(position({text}, {part}) > 0)")
    }
}
