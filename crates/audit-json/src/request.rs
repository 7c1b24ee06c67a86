//! Requests, as `audit-policy evaluate` reads them.

use audit_policy::Request;
use audit_types::excerpt::excerpt;
use audit_types::spelling;
use serde_json::{Map, Value};
use thiserror::Error;

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

/// Keys that only requests for resources have.
const RESOURCE_KEYS: [&str; 5] = ["resource", "subresource", "apiGroup", "namespace", "name"];

/// Verbs that only requests for resources have. The verb of a request for a URL is its method.
const RESOURCE_VERBS: [&str; 5] = ["list", "watch", "create", "update", "deletecollection"];

/// A request that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// The request.
    pub request: Request,
    /// A sign that it is meant for a resource although it lacks `isResourceRequest`, such as "a request with `namespace`". `None` without one.
    pub doubt: Option<String>,
}

/// The reason why a text is not a request, without a place in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a request: {0}")]
pub struct RequestError(String);

/// Returns why a request that does not say whether it is for a resource looks like one. `None` if it does say, or does not look like one.
fn sign_of_resource(members: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| members.get(key).and_then(Value::as_str).unwrap_or_default();
    if members
        .get("isResourceRequest")
        .is_some_and(Value::is_boolean)
    {
        return None;
    }
    let key = RESOURCE_KEYS.into_iter().find(|key| !text(key).is_empty());
    let verb = Some(text("verb")).filter(|verb| RESOURCE_VERBS.contains(verb));
    let path = Some(text("path")).filter(|path| is_of_resource(path));
    key.map(|key| format!("a request with `{key}`"))
        .or_else(|| verb.map(|verb| format!("a request with the verb `{verb}`")))
        .or_else(|| {
            path.map(|path| format!("a request for the path `{}` of a resource", excerpt(path)))
        })
}

/// Returns whether requests for a path are for a resource: the path continues after the version.
fn is_of_resource(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .take(4)
        .collect();
    matches!(parts.as_slice(), ["api", _, _, ..] | ["apis", _, _, _])
}

/// Reads a request. Unknown keys are errors, because a misspelled key would be ignored silently.
///
/// # Errors
/// If it is not a JSON object with the keys of a request, each of its type and once.
pub fn read_request(text: &str) -> Result<ReadRequest, RequestError> {
    read(text).map_err(RequestError)
}

fn read(text: &str) -> Result<ReadRequest, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(members) = value else {
        return Err(format!("expected an object, found {}", noun(&value)));
    };
    if let Some(key) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(match meant(key) {
            Some(meant) => format!("unknown key `{key}` (did you mean `{meant}`?)"),
            None => format!("unknown key `{key}` (the keys are {})", KEYS.join(", ")),
        });
    }
    for (key, value) in &members {
        check_type(key, value)?;
    }
    // Duplicate keys are an error here.
    let request = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let doubt = sign_of_resource(&members);
    Ok(ReadRequest { request, doubt })
}

fn check_type(key: &str, value: &Value) -> Result<(), String> {
    let (is_right, expected) = match key {
        _ if value.is_null() => return Ok(()),
        "groups" => {
            let is_list = |list: &Vec<Value>| list.iter().all(Value::is_string);
            (value.as_array().is_some_and(is_list), "a list of strings")
        }
        "isResourceRequest" => (value.is_boolean(), "a boolean"),
        _ => (value.is_string(), "a string"),
    };
    if is_right {
        return Ok(());
    }
    let found = match value {
        Value::Array(_) if key == "groups" => "a list with other values",
        _ => noun(value),
    };
    Err(format!("`{key}` must be {expected}, not {found}"))
}

/// Suggests the key for a misspelled one.
fn meant(key: &str) -> Option<&'static str> {
    spelling::nearest(key, KEYS, usize::MAX)
        .filter(|known| spelling::distance(key, known) <= 2.max(known.len() / 3))
}

const fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
