//! `evaluate`: the rule that matches each request.

use std::io::Write;

use audit_policy::{KubernetesVersion, Matcher, MissingAttributes, Request};
use audit_types::excerpt::excerpt;
use audit_types::spelling;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::arguments::Evaluate;
use crate::error::{Error, Result};
use crate::input::{check_read_once, request_lines};
use crate::output::{Output, diagnostic};
use crate::policy_file::policy;
use crate::verdict::VerdictReport;
use crate::why::{RuleReport, why};

#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    verdict: VerdictReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<RuleReport>>,
}

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

/// Evaluates the requests line by line.
pub(crate) fn run(arguments: &Evaluate, version: KubernetesVersion) -> Result {
    check_read_once([&arguments.policy, &arguments.requests])?;
    let policy = policy(&arguments.policy, version)?;
    let matcher = Matcher::new(&policy);
    let file = &arguments.requests;
    let mut out = Output::json();
    let mut doubts = Doubts::default();
    let read = request_lines(file, &mut |line, text| {
        let (request, sign) = request(text).map_err(|error| Error::Input {
            file: file.to_string(),
            line,
            error: format!("not a request: {error}"),
        })?;
        if let Some(sign) = sign {
            doubts.add(line, sign);
        }
        let mut report = Report {
            verdict: matcher.evaluate(&request).into(),
            why: None,
        };
        if arguments.explain {
            report.why = Some(why(&policy, &request, MissingAttributes::NONE));
        }
        serde_json::to_writer(&mut out, &report)?;
        out.write_all(b"\n")?;
        Ok(())
    });
    out.flush()?;
    if let Some(warning) = doubts.warning(file) {
        diagnostic(&warning);
    }
    read
}

/// Requests that look like ones for resources, but lack `isResourceRequest`.
#[derive(Default)]
struct Doubts {
    /// Line of the first one, and what it looks like.
    first: Option<(usize, String)>,
    count: u64,
}

impl Doubts {
    fn add(&mut self, line: usize, sign: String) {
        self.count += 1;
        self.first.get_or_insert((line, sign));
    }

    /// Returns the warning about all of them, in one line.
    fn warning(&self, file: &str) -> Option<String> {
        let (line, sign) = self.first.as_ref()?;
        let more = match self.count - 1 {
            0 => String::new(),
            1 => "; so is 1 more request".to_owned(),
            more => format!("; so are {more} more requests"),
        };
        let attributes = if sign.contains(" path ") {
            " and attributes such as `resource`, which are not read from the path"
        } else {
            ""
        };
        Some(format!(
            "{file}:{line}: {sign} without `isResourceRequest`: evaluated as a request for a URL, not for a resource (add `\"isResourceRequest\": true`{attributes}){more}"
        ))
    }
}

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

/// Parses a request, and returns a sign that it is one for a resource if it lacks `isResourceRequest`. Unknown keys are errors, because a misspelled key would be
/// ignored silently.
fn request(text: &str) -> Result<(Request, Option<String>), String> {
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
    Ok((request, sign_of_resource(&members)))
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
