//! SQL of DuckDB.

use crate::pattern::Pattern;
use crate::sql::dialect::Dialect;

/// The dialect of DuckDB.
pub(crate) struct DuckDb;

const SOURCE: &str = r"source AS (
  SELECT line,
    CASE WHEN json_valid(line)
      THEN json_extract(line, ['$.verb', '$.requestURI', '$.stage', '$.user', '$.user.username', '$.user.groups']) END AS fields,
    CASE WHEN json_valid(line) THEN json_keys(line) END AS keys
  FROM events),
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
  FROM typed)";

impl Dialect for DuckDb {
    fn source(&self) -> &'static str {
        SOURCE
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

    fn capture(&self, text: &str, pattern: Pattern) -> String {
        format!("regexp_extract({text}, '{}', 1)", pattern.text())
    }

    fn matches(&self, text: &str, pattern: Pattern) -> String {
        format!("regexp_matches({text}, '{}')", pattern.text())
    }

    fn has_any(&self, list: &str, texts: &str) -> String {
        format!("list_has_any({list}, [{texts}])")
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("contains({text}, {part})")
    }
}
