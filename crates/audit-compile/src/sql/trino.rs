//! SQL of Trino, which Amazon Athena runs.

use crate::sql::dialect::Dialect;

/// The dialect of Trino, and of Amazon Athena.
pub(crate) struct Trino;

impl Dialect for Trino {
    /// A cast to a map fails for repeated fields, and `TRY` makes it null.
    fn lines(&self, json: &str, relation: &str) -> String {
        format!(
            r#"source AS (
  SELECT line, TRY(json_parse({json})) AS json FROM {relation}),
fields AS (
  SELECT line, TRY(CAST(json AS MAP(VARCHAR, JSON))) AS fields,
    TRY(CAST(json_extract(json, '$.user') AS MAP(VARCHAR, JSON))) AS user_fields,
    TRY(CAST(json_extract(json, '$.user.groups') AS ARRAY(JSON))) AS raw_groups
  FROM source),
typed AS (
  SELECT line, fields, user_fields, raw_groups,
    coalesce(starts_with(json_format(element_at(fields, 'verb')), '"') AND starts_with(json_format(element_at(fields, 'requestURI')), '"')
      AND user_fields IS NOT NULL, FALSE) AS is_event,
    coalesce(starts_with(json_format(element_at(fields, 'stage')), '"'), FALSE) AS has_stage,
    coalesce(starts_with(json_format(element_at(user_fields, 'username')), '"'), FALSE) AS has_username,
    coalesce(all_match(raw_groups, item -> coalesce(starts_with(json_format(item), '"'), FALSE)), TRUE) AS has_text_groups
  FROM fields),
event AS (
  SELECT line, is_event AND has_text_groups AS readable,
    CASE WHEN has_text_groups AND raw_groups IS NOT NULL THEN transform(raw_groups, item -> CAST(item AS VARCHAR)) ELSE CAST(ARRAY[] AS ARRAY(VARCHAR)) END AS user_groups,
    CASE WHEN is_event THEN CAST(element_at(fields, 'verb') AS VARCHAR) ELSE '' END AS verb,
    CASE WHEN is_event THEN CAST(element_at(fields, 'requestURI') AS VARCHAR) ELSE '' END AS uri,
    CASE WHEN has_stage THEN CAST(element_at(fields, 'stage') AS VARCHAR) ELSE '' END AS stage,
    CASE WHEN has_username THEN CAST(element_at(user_fields, 'username') AS VARCHAR)
      WHEN cardinality(raw_groups) > 0 THEN '' END AS user_name
  FROM typed)"#
        )
    }

    fn azure_rows(&self) -> &'static str {
        r#"source AS (
  SELECT AuditId, coalesce(CAST(Verb AS VARCHAR), '') AS verb_text, coalesce(CAST(RequestUri AS VARCHAR), '') AS uri_text,
    coalesce(CAST(Stage AS VARCHAR), '') AS stage_text, TRY(json_parse("User")) AS account
  FROM events),
typed AS (
  SELECT AuditId, verb_text, uri_text, stage_text,
    TRY(CAST(account AS MAP(VARCHAR, JSON))) AS user_fields,
    TRY(CAST(json_extract(account, '$.groups') AS ARRAY(JSON))) AS raw_groups
  FROM source),
checked AS (
  SELECT AuditId, verb_text, uri_text, stage_text, user_fields, raw_groups,
    coalesce(starts_with(json_format(element_at(user_fields, 'username')), '"'), FALSE) AS has_username,
    coalesce(all_match(raw_groups, item -> coalesce(starts_with(json_format(item), '"'), FALSE)), TRUE) AS has_text_groups
  FROM typed),
event AS (
  SELECT AuditId, verb_text != '' AND uri_text != '' AND user_fields IS NOT NULL AND has_text_groups AS readable,
    CASE WHEN has_text_groups AND raw_groups IS NOT NULL THEN transform(raw_groups, item -> CAST(item AS VARCHAR)) ELSE CAST(ARRAY[] AS ARRAY(VARCHAR)) END AS user_groups,
    verb_text AS verb, uri_text AS uri, stage_text AS stage,
    CASE WHEN has_username THEN CAST(element_at(user_fields, 'username') AS VARCHAR)
      WHEN cardinality(raw_groups) > 0 THEN '' END AS user_name
  FROM checked)"#
    }

    fn columns(&self) -> &'static str {
        r#"source AS (
  SELECT auditID, verb AS verb_text, requestURI AS uri_text, coalesce(stage, '') AS stage_text,
    "user" AS account, coalesce("user".groups, CAST(ARRAY[] AS ARRAY(VARCHAR))) AS all_groups
  FROM events),
listed AS (
  SELECT *, filter(all_groups, item -> item IS NOT NULL) AS user_groups FROM source),
event AS (
  SELECT auditID, user_groups,
    verb_text IS NOT NULL AND uri_text IS NOT NULL AND account IS NOT NULL AND cardinality(user_groups) = cardinality(all_groups) AS readable,
    coalesce(verb_text, '') AS verb, coalesce(uri_text, '') AS uri, stage_text AS stage,
    CASE WHEN account.username IS NOT NULL THEN account.username WHEN cardinality(all_groups) > 0 THEN '' END AS user_name
  FROM listed)"#
    }

    fn segments(&self, text: &str) -> String {
        format!("split(trim(BOTH '/' FROM {text}), '/')")
    }

    fn length(&self, list: &str) -> String {
        format!("cardinality({list})")
    }

    /// Lists count from 1.
    fn segment(&self, list: &str, at: &str) -> String {
        format!("coalesce(element_at({list}, {at} + 1), '')")
    }

    fn capture(&self, text: &str, regex: &str) -> String {
        format!("coalesce(regexp_extract({text}, '{}', 1), '')", regex)
    }

    fn matches(&self, text: &str, regex: &str) -> String {
        format!("regexp_like({text}, '{}')", regex)
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("arrays_overlap({list}, ARRAY[{texts}])")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("(strpos({text}, {part}) > 0)")
    }
}
