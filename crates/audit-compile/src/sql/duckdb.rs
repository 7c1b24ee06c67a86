//! SQL of DuckDB.

use crate::sql::dialect::Dialect;

/// The dialect of DuckDB.
pub(crate) struct DuckDb;

impl Dialect for DuckDb {
    fn lines(&self, json: &str, relation: &str) -> String {
        format!(
            r"source AS (
  SELECT line,
    CASE WHEN json_valid({json})
      THEN json_extract({json}, ['$.verb', '$.requestURI', '$.stage', '$.user', '$.user.username', '$.user.groups']) END AS fields,
    CASE WHEN json_valid({json}) THEN json_keys({json}) END AS keys
  FROM {relation}),
typed AS (
  SELECT line, fields,
    coalesce(json_type(fields[1]) = 'VARCHAR' AND json_type(fields[2]) = 'VARCHAR' AND json_type(fields[4]) = 'OBJECT'
      AND len(keys) = len(list_distinct(keys))
      AND len(json_keys(fields[4])) = len(list_distinct(json_keys(fields[4]))), FALSE) AS is_event,
    CASE WHEN json_type(fields[6]) = 'ARRAY' THEN json_type(fields[6], '$[*]') ELSE [] END AS group_types,
    CASE WHEN json_type(fields[6]) = 'ARRAY' THEN json_extract_string(fields[6], '$[*]') ELSE [] END AS user_groups
  FROM source),
event AS (
  SELECT line, user_groups,
    is_event AND (len(group_types) = 0 OR list_distinct(group_types) = ['VARCHAR']) AS readable,
    CASE WHEN is_event THEN json_extract_string(fields[1], '$') ELSE '' END AS verb,
    CASE WHEN is_event THEN json_extract_string(fields[2], '$') ELSE '' END AS uri,
    CASE WHEN json_type(fields[3]) = 'VARCHAR' THEN json_extract_string(fields[3], '$') ELSE '' END AS stage,
    CASE WHEN json_type(fields[5]) = 'VARCHAR' THEN json_extract_string(fields[5], '$')
      WHEN len(user_groups) > 0 THEN '' END AS user_name
  FROM typed)"
        )
    }

    /// `to_json` also takes a structure, as which DuckDB reads an object in a file.
    fn azure_rows(&self) -> &'static str {
        r#"source AS (
  SELECT AuditId, coalesce(CAST(Verb AS VARCHAR), '') AS verb_text, coalesce(CAST(RequestUri AS VARCHAR), '') AS uri_text,
    coalesce(CAST(Stage AS VARCHAR), '') AS stage_text, to_json("User") AS value, json_extract_string(value, '$') AS value_text
  FROM events),
parsed AS (
  SELECT AuditId, verb_text, uri_text, stage_text,
    CASE WHEN json_type(value) = 'OBJECT' THEN value WHEN json_valid(value_text) THEN CAST(value_text AS JSON) END AS account
  FROM source),
typed AS (
  SELECT AuditId, verb_text, uri_text, stage_text, json_extract(account, '$.username') AS username,
    coalesce(verb_text != '' AND uri_text != '' AND json_type(account) = 'OBJECT'
      AND len(json_keys(account)) = len(list_distinct(json_keys(account))), FALSE) AS is_event,
    CASE WHEN json_type(account, '$.groups') = 'ARRAY' THEN json_type(account, '$.groups[*]') ELSE [] END AS group_types,
    CASE WHEN json_type(account, '$.groups') = 'ARRAY' THEN json_extract_string(account, '$.groups[*]') ELSE [] END AS user_groups
  FROM parsed),
event AS (
  SELECT AuditId, user_groups,
    is_event AND (len(group_types) = 0 OR list_distinct(group_types) = ['VARCHAR']) AS readable,
    verb_text AS verb, uri_text AS uri, stage_text AS stage,
    CASE WHEN json_type(username) = 'VARCHAR' THEN json_extract_string(username, '$')
      WHEN len(user_groups) > 0 THEN '' END AS user_name
  FROM typed)"#
    }

    fn columns(&self) -> &'static str {
        r#"source AS (
  SELECT auditID, verb AS verb_text, requestURI AS uri_text, stage AS stage_text, "user" AS account, coalesce(struct_extract(account, 'groups'), []) AS all_groups
  FROM events),
event AS (
  SELECT auditID, list_filter(all_groups, lambda item: item IS NOT NULL) AS user_groups,
    verb_text IS NOT NULL AND uri_text IS NOT NULL AND account IS NOT NULL AND len(user_groups) = len(all_groups) AS readable,
    coalesce(verb_text, '') AS verb, coalesce(uri_text, '') AS uri, coalesce(stage_text, '') AS stage,
    CASE WHEN struct_extract(account, 'username') IS NOT NULL THEN struct_extract(account, 'username') WHEN len(all_groups) > 0 THEN '' END AS user_name
  FROM source)"#
    }

    fn segments(&self, text: &str) -> String {
        format!("string_split(trim({text}, '/'), '/')")
    }

    fn length(&self, list: &str) -> String {
        format!("len({list})")
    }

    /// Lists count from 1.
    fn segment(&self, list: &str, at: &str) -> String {
        format!("coalesce({list}[{at} + 1], '')")
    }

    fn capture(&self, text: &str, regex: &str) -> String {
        format!("regexp_extract({text}, '{}', 1)", regex)
    }

    fn matches(&self, text: &str, regex: &str) -> String {
        format!("regexp_matches({text}, '{}')", regex)
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("list_has_any({list}, [{texts}])")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("contains({text}, {part})")
    }
}
