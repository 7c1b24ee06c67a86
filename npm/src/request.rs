//! Requests, as `audit-policy evaluate` reads them.

use audit_policy::Request;
use serde_json::{Map, Value};

use crate::error::{Error, Result, check_size};

/// Keys of a request.
const KEYS: [&str; 10] = [
    "user",
    "groups",
    "verb",
    "namespace",
    "apiGroup",
    "resource",
    "subresource",
    "name",
    "path",
    "isResourceRequest",
];

/// Parses a request. Unknown keys are errors, because a misspelled key would be ignored silently.
pub(crate) fn read(text: &str) -> Result<Request> {
    check_size(text.len())?;
    let wrong = |reason: String| Error::new("not-a-request", format!("not a request: {reason}"));
    let members: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if let Some(key) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let help = format!("the keys are {}", KEYS.join(", "));
        return Err(wrong(format!("unknown key `{key}`")).with_help(help));
    }
    for (key, value) in &members {
        let expected = match key.as_str() {
            _ if value.is_null() => continue,
            "groups" => "a list of strings",
            "isResourceRequest" => "a boolean",
            _ => "a string",
        };
        let is_right = match key.as_str() {
            "groups" => value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string)),
            "isResourceRequest" => value.is_boolean(),
            _ => value.is_string(),
        };
        if !is_right {
            return Err(wrong(format!("`{key}` must be {expected}")));
        }
    }
    serde_json::from_str(text).map_err(|error| wrong(error.to_string()))
}
