//! SQL of Spark.

use crate::pattern::Pattern;
use crate::sql::dialect::Dialect;

/// The dialect of Spark, and of Databricks.
pub(crate) struct Spark;

impl Dialect for Spark {
    /// `try_parse_json` is null for text that is not JSON and for objects with repeated fields. It ignores what follows the first value, so the text is
    /// read as a member, and counts only if the member after it is read as well.
    fn lines(&self, json: &str, relation: &str) -> String {
        format!(
            r#"source AS (
  SELECT line, try_parse_json(concat('{{"event": ', {json}, ', "end": 0}}')) AS whole FROM {relation}),
parsed AS (
  SELECT line, CASE WHEN try_variant_get(whole, '$.end', 'int') = 0 THEN variant_get(whole, '$.event', 'variant') END AS json FROM source),
fields AS (
  SELECT line, json,
    coalesce(schema_of_variant(variant_get(json, '$.verb', 'variant')), '') = 'STRING' AS has_verb,
    coalesce(schema_of_variant(variant_get(json, '$.requestURI', 'variant')), '') = 'STRING' AS has_uri,
    coalesce(schema_of_variant(variant_get(json, '$.stage', 'variant')), '') = 'STRING' AS has_stage,
    startswith(coalesce(schema_of_variant(variant_get(json, '$.user', 'variant')), ''), 'OBJECT<') AS has_user,
    coalesce(schema_of_variant(variant_get(json, '$.user.username', 'variant')), '') = 'STRING' AS has_username,
    coalesce(schema_of_variant(variant_get(json, '$.user.groups', 'variant')), '') AS group_types
  FROM parsed),
typed AS (
  SELECT line, json, has_stage, has_username, group_types, has_verb AND has_uri AND has_user AS is_event,
    CASE WHEN group_types IN ('ARRAY<STRING>', 'ARRAY<VOID>') THEN filter(try_variant_get(json, '$.user.groups', 'array<string>'), item -> item IS NOT NULL)
      ELSE array() END AS user_groups,
    CASE WHEN startswith(group_types, 'ARRAY<') THEN size(try_variant_get(json, '$.user.groups', 'array<variant>')) ELSE 0 END AS group_count
  FROM fields),
event AS (
  SELECT line, user_groups, is_event AND size(user_groups) = group_count AS readable,
    CASE WHEN is_event THEN variant_get(json, '$.verb', 'string') ELSE '' END AS verb,
    CASE WHEN is_event THEN variant_get(json, '$.requestURI', 'string') ELSE '' END AS uri,
    CASE WHEN has_stage THEN variant_get(json, '$.stage', 'string') ELSE '' END AS stage,
    CASE WHEN has_username THEN variant_get(json, '$.user.username', 'string')
      WHEN size(user_groups) > 0 THEN '' END AS user_name
  FROM typed)"#
        )
    }

    /// A variant with an object becomes its JSON as text. A structure would become a text that is not JSON, except for certain names.
    fn azure_rows(&self) -> &'static str {
        r#"source AS (
  SELECT AuditId, coalesce(CAST(Verb AS STRING), '') AS verb_text, coalesce(CAST(RequestUri AS STRING), '') AS uri_text,
    coalesce(CAST(Stage AS STRING), '') AS stage_text,
    CASE WHEN typeof(`User`) IN ('string', 'variant') THEN try_parse_json(concat('{"user": ', CAST(`User` AS STRING), ', "end": 0}')) END AS whole
  FROM events),
parsed AS (
  SELECT AuditId, verb_text, uri_text, stage_text,
    CASE WHEN try_variant_get(whole, '$.end', 'int') = 0 THEN variant_get(whole, '$.user', 'variant') END AS account
  FROM source),
fields AS (
  SELECT AuditId, verb_text, uri_text, stage_text, account,
    startswith(coalesce(schema_of_variant(account), ''), 'OBJECT<') AS has_user,
    coalesce(schema_of_variant(variant_get(account, '$.username', 'variant')), '') = 'STRING' AS has_username,
    coalesce(schema_of_variant(variant_get(account, '$.groups', 'variant')), '') AS group_types
  FROM parsed),
typed AS (
  SELECT *,
    CASE WHEN group_types IN ('ARRAY<STRING>', 'ARRAY<VOID>') THEN filter(try_variant_get(account, '$.groups', 'array<string>'), item -> item IS NOT NULL)
      ELSE array() END AS user_groups,
    CASE WHEN startswith(group_types, 'ARRAY<') THEN size(try_variant_get(account, '$.groups', 'array<variant>')) ELSE 0 END AS group_count
  FROM fields),
event AS (
  SELECT AuditId, user_groups,
    verb_text != '' AND uri_text != '' AND has_user AND size(user_groups) = group_count AS readable,
    verb_text AS verb, uri_text AS uri, stage_text AS stage,
    CASE WHEN has_username THEN variant_get(account, '$.username', 'string')
      WHEN size(user_groups) > 0 THEN '' END AS user_name
  FROM typed)"#
    }

    fn columns(&self) -> &'static str {
        r"source AS (
  SELECT auditID, verb AS verb_text, requestURI AS uri_text, coalesce(stage, '') AS stage_text,
    `user` AS account, coalesce(`user`.`groups`, array()) AS all_groups
  FROM events),
listed AS (
  SELECT *, filter(all_groups, item -> item IS NOT NULL) AS user_groups FROM source),
event AS (
  SELECT auditID, user_groups,
    verb_text IS NOT NULL AND uri_text IS NOT NULL AND account IS NOT NULL AND size(user_groups) = size(all_groups) AS readable,
    coalesce(verb_text, '') AS verb, coalesce(uri_text, '') AS uri, stage_text AS stage,
    CASE WHEN account.username IS NOT NULL THEN account.username WHEN size(all_groups) > 0 THEN '' END AS user_name
  FROM listed)"
    }

    fn character(&self, character: char) -> String {
        let mut buffer = [0; 4];
        let bytes = character.encode_utf8(&mut buffer).bytes();
        let numbers: String = bytes.map(|byte| format!("{byte:02X}")).collect();
        format!("decode(X'{numbers}', 'UTF-8')")
    }

    /// `url_decode` takes a plus sign for a space.
    fn decoded(&self, text: &str) -> String {
        format!("coalesce(try_url_decode(replace({text}, '+', '%2B')), '')")
    }

    fn segments(&self, text: &str) -> String {
        format!("split(trim(BOTH '/' FROM {text}), '/')")
    }

    fn length(&self, list: &str) -> String {
        format!("size({list})")
    }

    fn segment(&self, list: &str, at: &str) -> String {
        format!("coalesce(get({list}, {at}), '')")
    }

    fn regex(&self, pattern: Pattern) -> String {
        pattern.possessive_text()
    }

    fn capture(&self, text: &str, regex: &str) -> String {
        format!("regexp_extract({text}, r'{}', 1)", regex)
    }

    fn matches(&self, text: &str, regex: &str) -> String {
        format!("regexp_like({text}, r'{}')", regex)
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("arrays_overlap({list}, array({texts}))")
    }

    fn starts_with(&self, text: &str, start: &str) -> String {
        format!("startswith({text}, {start})")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("contains({text}, {part})")
    }
}
