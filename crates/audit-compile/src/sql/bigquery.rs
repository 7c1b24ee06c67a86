//! SQL of BigQuery.

use crate::sql::dialect::Dialect;

/// The dialect of BigQuery.
pub(crate) struct BigQuery;

impl Dialect for BigQuery {
    /// Of repeated fields, BigQuery reads the first, and does not tell that there are more.
    fn lines(&self, json: &str, relation: &str) -> String {
        format!(
            r"source AS (
  SELECT line, SAFE.PARSE_JSON({json}, wide_number_mode => 'round') AS json FROM {relation}),
typed AS (
  SELECT line, json,
    COALESCE(JSON_TYPE(json.verb) = 'string' AND JSON_TYPE(json.requestURI) = 'string' AND JSON_TYPE(json.user) = 'object', FALSE) AS is_event,
    COALESCE(JSON_TYPE(json.user.`groups`) = 'array', FALSE) AS has_groups
  FROM source),
grouped AS (
  SELECT line, json, is_event,
    ARRAY(SELECT JSON_TYPE(item) FROM UNNEST(IF(has_groups, JSON_QUERY_ARRAY(json.user.`groups`), [])) AS item) AS group_types,
    ARRAY(SELECT COALESCE(LAX_STRING(item), '') FROM UNNEST(IF(has_groups, JSON_QUERY_ARRAY(json.user.`groups`), [])) AS item) AS user_groups
  FROM typed),
event AS (
  SELECT line, user_groups,
    is_event AND NOT EXISTS (SELECT 1 FROM UNNEST(group_types) AS kind WHERE kind != 'string') AS readable,
    IF(is_event, LAX_STRING(json.verb), '') AS verb,
    IF(is_event, LAX_STRING(json.requestURI), '') AS uri,
    IF(COALESCE(JSON_TYPE(json.stage) = 'string', FALSE), LAX_STRING(json.stage), '') AS stage,
    CASE WHEN COALESCE(JSON_TYPE(json.user.username) = 'string', FALSE) THEN LAX_STRING(json.user.username)
      WHEN ARRAY_LENGTH(user_groups) > 0 THEN '' END AS user_name
  FROM grouped)"
        )
    }

    /// `TO_JSON` leaves JSON as it is, and makes a text a string.
    fn azure_rows(&self) -> &'static str {
        r"source AS (
  SELECT AuditId, COALESCE(CAST(Verb AS STRING), '') AS verb_text, COALESCE(CAST(RequestUri AS STRING), '') AS uri_text,
    COALESCE(CAST(Stage AS STRING), '') AS stage_text, TO_JSON(`User`) AS value
  FROM events),
parsed AS (
  SELECT AuditId, verb_text, uri_text, stage_text,
    IF(JSON_TYPE(value) = 'string', SAFE.PARSE_JSON(LAX_STRING(value), wide_number_mode => 'round'), value) AS account
  FROM source),
typed AS (
  SELECT AuditId, verb_text, uri_text, stage_text, account,
    COALESCE(JSON_TYPE(account) = 'object', FALSE) AS has_user,
    COALESCE(JSON_TYPE(account.`groups`) = 'array', FALSE) AS has_groups
  FROM parsed),
grouped AS (
  SELECT AuditId, verb_text, uri_text, stage_text, account, has_user,
    ARRAY(SELECT JSON_TYPE(item) FROM UNNEST(IF(has_groups, JSON_QUERY_ARRAY(account.`groups`), [])) AS item) AS group_types,
    ARRAY(SELECT COALESCE(LAX_STRING(item), '') FROM UNNEST(IF(has_groups, JSON_QUERY_ARRAY(account.`groups`), [])) AS item) AS user_groups
  FROM typed),
event AS (
  SELECT AuditId, user_groups,
    verb_text != '' AND uri_text != '' AND has_user AND NOT EXISTS (SELECT 1 FROM UNNEST(group_types) AS kind WHERE kind != 'string') AS readable,
    verb_text AS verb, uri_text AS uri, stage_text AS stage,
    CASE WHEN COALESCE(JSON_TYPE(account.username) = 'string', FALSE) THEN LAX_STRING(account.username)
      WHEN ARRAY_LENGTH(user_groups) > 0 THEN '' END AS user_name
  FROM grouped)"
    }

    fn columns(&self) -> &'static str {
        r"source AS (
  SELECT auditID, verb AS verb_text, requestURI AS uri_text, COALESCE(stage, '') AS stage_text, `user` AS account
  FROM events),
listed AS (
  SELECT auditID, verb_text, uri_text, stage_text, account,
    ARRAY(SELECT item FROM UNNEST(account.`groups`) AS item WHERE item IS NOT NULL) AS user_groups
  FROM source),
event AS (
  SELECT auditID, user_groups,
    verb_text IS NOT NULL AND uri_text IS NOT NULL AND account IS NOT NULL
      AND ARRAY_LENGTH(user_groups) = COALESCE(ARRAY_LENGTH(account.`groups`), 0) AS readable,
    COALESCE(verb_text, '') AS verb, COALESCE(uri_text, '') AS uri, stage_text AS stage,
    CASE WHEN account.username IS NOT NULL THEN account.username WHEN ARRAY_LENGTH(user_groups) > 0 THEN '' END AS user_name
  FROM listed)"
    }

    fn character(&self, character: char) -> String {
        format!("CODE_POINTS_TO_STRING([{}])", u32::from(character))
    }

    fn before(&self, text: &str) -> String {
        format!("SPLIT({text}, '?')[OFFSET(0)]")
    }

    fn decoded(&self, text: &str) -> String {
        format!(
            "COALESCE(SAFE_CONVERT_BYTES_TO_STRING((SELECT STRING_AGG(IF(STARTS_WITH(part, '%'), FROM_HEX(SUBSTR(part, 2)), CAST(part AS BYTES)), b'' ORDER BY at) FROM UNNEST(REGEXP_EXTRACT_ALL({text}, r'%[0-9A-Fa-f]{{2}}|[^%]+')) AS part WITH OFFSET AS at)), '')"
        )
    }

    fn segments(&self, text: &str) -> String {
        format!("SPLIT(TRIM({text}, '/'), '/')")
    }

    fn length(&self, list: &str) -> String {
        format!("ARRAY_LENGTH({list})")
    }

    fn segment(&self, list: &str, at: &str) -> String {
        format!("COALESCE({list}[SAFE_OFFSET({at})], '')")
    }

    fn capture(&self, text: &str, regex: &str) -> String {
        format!("COALESCE(REGEXP_EXTRACT({text}, r'{}'), '')", regex)
    }

    fn matches(&self, text: &str, regex: &str) -> String {
        format!("REGEXP_CONTAINS({text}, r'{}')", regex)
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("EXISTS (SELECT 1 FROM UNNEST({list}) AS item WHERE item IN ({texts}))")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("(STRPOS({text}, {part}) > 0)")
    }
}
