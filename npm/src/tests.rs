//! Tests of a policy, as `audit-policy test --format json` runs them.

use audit_policy::{KubernetesVersion, Request};
use audit_tests::{PolicySource, Runner, SettingsSource, Spanned, Status, TestFile};
use audit_types::{LineIndex, Span};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Error, Result, check_size, version};
use crate::policy::LoadedPolicy;
use crate::verdict::VerdictReport;

#[derive(Serialize)]
struct CaseReport<'a> {
    file: &'a str,
    name: &'a str,
    /// `null` if neither the policy nor the flags decide the claim.
    passed: Option<bool>,
    message: String,
    witness: Option<Request>,
    line: usize,
    proved: bool,
    verdict: Option<VerdictReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

/// Runs the tests of a text. `policy` is null if the tests contain theirs. Returns a list of results as JSON.
///
/// # Errors
/// If the tests are malformed, name a file, or lack a policy, or theirs is rejected.
#[wasm_bindgen(js_name = runTests)]
pub fn run_tests(
    text: &str,
    policy: Option<Vec<u8>>,
    kubernetes_version: Option<String>,
    file: &str,
) -> Result<String, JsValue> {
    Ok(run(text, policy, kubernetes_version, file)?)
}

fn run(
    text: &str,
    policy: Option<Vec<u8>>,
    kubernetes_version: Option<String>,
    file: &str,
) -> Result<String> {
    check_size(text.len())?;
    let lines = LineIndex::new(text);
    let at = |error: Error, span: Span| {
        let place = lines.position(span.start);
        error.at(place.line, place.column)
    };
    let wrong = |message: &str, help: &str, span| {
        at(Error::new("invalid-tests", message).with_help(help), span)
    };
    let tests = TestFile::parse(text).map_err(|errors| match errors.first() {
        Some(first) => wrong(&first.message, &first.help, first.span),
        None => Error::new("invalid-tests", "the tests are malformed"),
    })?;
    let given = kubernetes_version.as_deref();
    let given = given.map(|given| version(Some(given))).transpose()?;
    let version = match (tests.kubernetes_version, given) {
        (Some(Spanned { value, span }), Some(given)) if value != given => {
            let message = format!("the tests are for Kubernetes {value}, not {given}");
            return Err(wrong(&message, "leave out one of the versions", span));
        }
        (Some(Spanned { value, .. }), _) => value,
        (None, given) => given.unwrap_or(KubernetesVersion::NEWEST),
    };
    let tested = match (policy, &tests.policy) {
        (Some(policy), _) => LoadedPolicy::new(&policy, version)?,
        (None, Some(Spanned { value, span })) => match value {
            PolicySource::Inline { text, .. } => LoadedPolicy::new(text.as_bytes(), version)?,
            _ => {
                let help = "pass the policy as the option `policy`";
                return Err(wrong("no file is read here", help, *span));
            }
        },
        (None, None) => {
            let help = "pass it as the option `policy`";
            return Err(wrong("no policy to test", help, Span::default()));
        }
    };
    let flags = match &tests.settings {
        Some(Spanned {
            value: SettingsSource::Flags(flags),
            ..
        }) => Some(flags),
        Some(Spanned { span, .. }) => {
            let help = "write the flags into the tests";
            return Err(wrong("no file is read here", help, *span));
        }
        None => None,
    };
    let mut runner = Runner::new(&tested.policy, version);
    if let Some(flags) = flags {
        runner = runner.with_flags(|name| {
            let found = flags.iter().find(|(own, _)| own == name);
            Ok(found.map(|(_, value)| value.clone()))
        });
    }
    let reports: Vec<CaseReport<'_>> = (tests.tests.iter())
        .map(|case| {
            let outcome = runner.run(case);
            CaseReport {
                file,
                name: &case.name,
                passed: match outcome.status {
                    Status::Passed => Some(true),
                    Status::Failed => Some(false),
                    _ => None,
                },
                message: outcome.message,
                witness: outcome.witness,
                line: lines.position(case.span.start).line,
                proved: outcome.is_proved,
                verdict: outcome.verdict.map(VerdictReport::from),
                id: case.id.as_deref(),
                source: case.source.as_deref(),
            }
        })
        .collect();
    Ok(serde_json::to_string(&reports)?)
}
