//! Tests of a policy, as `audit-policy test --format json` runs them.

use audit_json::CaseReport;
use audit_policy::KubernetesVersion;
use audit_tests::{Outcome, PolicySource, Runner, SettingsSource, Spanned, TestFile};
use audit_types::{LineIndex, Span};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Error, Result, check_size, version};
use crate::policy::LoadedPolicy;

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
    let outcomes: Vec<Outcome> = tests.tests.iter().map(|case| runner.run(case)).collect();
    let cases = tests.tests.iter().zip(&outcomes);
    let reports = cases.map(|(case, outcome)| {
        let line = lines.position(case.span.start).line;
        CaseReport::new(file, case, line, outcome)
    });
    let reports: Vec<CaseReport<'_>> = reports.collect();
    Ok(serde_json::to_string(&reports)?)
}
