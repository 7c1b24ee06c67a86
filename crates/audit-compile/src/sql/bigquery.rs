//! SQL of BigQuery.

use crate::pattern::Pattern;
use crate::sql::dialect::Dialect;

/// The dialect of BigQuery.
pub(crate) struct BigQuery;

/// Of repeated fields, BigQuery reads the first, and does not tell that there are more.
const SOURCE: &str = r"source AS (
  SELECT line, SAFE.PARSE_JSON(line, wide_number_mode => 'round') AS json FROM events),
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
  FROM grouped)";

impl Dialect for BigQuery {
    fn source(&self) -> &'static str {
        SOURCE
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

    fn capture(&self, text: &str, pattern: Pattern) -> String {
        format!(
            "COALESCE(REGEXP_EXTRACT({text}, r'{}'), '')",
            pattern.text()
        )
    }

    fn matches(&self, text: &str, pattern: Pattern) -> String {
        format!("REGEXP_CONTAINS({text}, r'{}')", pattern.text())
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("EXISTS (SELECT 1 FROM UNNEST({list}) AS item WHERE item IN ({texts}))")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("(STRPOS({text}, {part}) > 0)")
    }
}
