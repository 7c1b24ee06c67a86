//! SQL of ClickHouse.

use crate::pattern::Pattern;
use crate::sql::dialect::Dialect;

/// The dialect of ClickHouse.
pub(crate) struct ClickHouse;

const SOURCE: &str = r"source AS (
  SELECT line, isValidJSON(line) AND JSONType(line) = 'Object' AS is_object,
    JSONExtractKeys(line) AS keys, JSONExtractKeys(line, 'user') AS user_keys,
    JSONType(line, 'user', 'groups') = 'Array' AS has_groups,
    JSONExtractArrayRaw(line, 'user', 'groups') AS raw_groups
  FROM events),
typed AS (
  SELECT line, raw_groups,
    is_object AND JSONType(line, 'verb') = 'String' AND JSONType(line, 'requestURI') = 'String' AND JSONType(line, 'user') = 'Object'
      AND length(keys) = length(arrayDistinct(keys)) AND length(user_keys) = length(arrayDistinct(user_keys)) AS is_event,
    CASE WHEN is_object AND has_groups THEN JSONExtract(line, 'user', 'groups', 'Array(String)') ELSE [] END AS user_groups
  FROM source),
event AS (
  SELECT line, user_groups,
    is_event AND NOT arrayExists(group -> JSONType(group) != 'String', raw_groups) AS readable,
    CASE WHEN is_event THEN JSONExtractString(line, 'verb') ELSE '' END AS verb,
    CASE WHEN is_event THEN JSONExtractString(line, 'requestURI') ELSE '' END AS uri,
    CASE WHEN JSONType(line, 'stage') = 'String' THEN JSONExtractString(line, 'stage') ELSE '' END AS stage,
    CASE WHEN JSONType(line, 'user', 'username') = 'String' THEN JSONExtractString(line, 'user', 'username')
      WHEN length(user_groups) > 0 THEN '' ELSE NULL END AS user_name
  FROM typed)";

/// Prints a pattern between quotes, where a backslash is an escape.
fn quoted(pattern: Pattern) -> String {
    format!("'{}'", pattern.text().replace('\\', r"\\"))
}

impl Dialect for ClickHouse {
    fn source(&self) -> &'static str {
        SOURCE
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
    fn capture(&self, text: &str, pattern: Pattern) -> String {
        format!("extract({text}, {})", quoted(pattern))
    }

    fn matches(&self, text: &str, pattern: Pattern) -> String {
        format!("match({text}, {})", quoted(pattern))
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
