//! SQL of Spark.

use crate::pattern::Pattern;
use crate::sql::dialect::Dialect;

/// The dialect of Spark, and of Databricks.
pub(crate) struct Spark;

/// `try_parse_json` is null for text that is not JSON and for objects with repeated fields.
const SOURCE: &str = r"source AS (
  SELECT line, try_parse_json(line) AS json FROM events),
fields AS (
  SELECT line, json,
    coalesce(schema_of_variant(variant_get(json, '$.verb', 'variant')), '') = 'STRING' AS has_verb,
    coalesce(schema_of_variant(variant_get(json, '$.requestURI', 'variant')), '') = 'STRING' AS has_uri,
    coalesce(schema_of_variant(variant_get(json, '$.stage', 'variant')), '') = 'STRING' AS has_stage,
    startswith(coalesce(schema_of_variant(variant_get(json, '$.user', 'variant')), ''), 'OBJECT<') AS has_user,
    coalesce(schema_of_variant(variant_get(json, '$.user.username', 'variant')), '') = 'STRING' AS has_username,
    coalesce(schema_of_variant(variant_get(json, '$.user.groups', 'variant')), '') AS group_types
  FROM source),
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
  FROM typed)";

impl Dialect for Spark {
    fn source(&self) -> &'static str {
        SOURCE
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

    fn capture(&self, text: &str, pattern: Pattern) -> String {
        format!(
            "regexp_extract({text}, r'{}', 1)",
            pattern.possessive_text()
        )
    }

    fn matches(&self, text: &str, pattern: Pattern) -> String {
        format!("regexp_like({text}, r'{}')", pattern.possessive_text())
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
