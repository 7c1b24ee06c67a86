//! Policies that kube-apiserver accepts, and their verdicts on requests.

use audit_json::{RuleReport, VerdictReport, read_request, why};
use audit_policy::{KubernetesVersion, LineIndex, Matcher, MissingAttributes, Policy, Severity};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Error, Result, check_size, version};

/// A verdict, with the result of each rule if they are asked for.
#[derive(Serialize)]
struct EvaluationReport {
    #[serde(flatten)]
    verdict: VerdictReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<RuleReport>>,
}

/// A policy that kube-apiserver accepts.
#[wasm_bindgen]
#[derive(Debug)]
pub struct LoadedPolicy {
    pub(crate) policy: Policy,
    pub(crate) version: KubernetesVersion,
    matcher: Matcher,
}

/// Loads a policy as kube-apiserver of a version does.
///
/// # Errors
/// If the server rejects it, or the version is unknown.
#[wasm_bindgen]
pub fn load(text: &[u8], kubernetes_version: Option<String>) -> Result<LoadedPolicy, JsValue> {
    Ok(LoadedPolicy::new(
        text,
        version(kubernetes_version.as_deref())?,
    )?)
}

#[wasm_bindgen]
impl LoadedPolicy {
    /// Number of rules.
    #[wasm_bindgen(getter)]
    pub fn rules(&self) -> usize {
        self.policy.rules.len()
    }

    /// Kubernetes version that is emulated.
    #[wasm_bindgen(getter, js_name = kubernetesVersion)]
    pub fn kubernetes_version(&self) -> String {
        self.version.to_string()
    }

    /// Evaluates a request. Both are JSON.
    ///
    /// # Errors
    /// If the request is malformed.
    pub fn evaluate(&self, request: &str, explained: bool) -> Result<String, JsValue> {
        check_size(request.len())?;
        let read = read_request(request)
            .map_err(|error| Error::new("not-a-request", error.to_string()))?;
        let request = &read.request;
        let reasons = || why(&self.policy, request, MissingAttributes::NONE);
        let report = EvaluationReport {
            verdict: self.matcher.evaluate(request).into(),
            why: explained.then(reasons),
        };
        Ok(serde_json::to_string(&report).map_err(Error::from)?)
    }
}

impl LoadedPolicy {
    /// Loads a policy.
    pub(crate) fn new(text: &[u8], version: KubernetesVersion) -> Result<Self> {
        check_size(text.len())?;
        let loaded = audit_policy::load(text, version);
        if let Some(policy) = loaded.policy {
            return Ok(Self {
                matcher: Matcher::new(&policy),
                policy,
                version,
            });
        }
        let mut findings = loaded.findings.iter();
        let first = findings.find(|finding| finding.severity == Severity::Error);
        let message = loaded
            .error
            .or_else(|| first.map(|first| first.message.clone()));
        let message = message.unwrap_or_else(|| "the policy is rejected".to_owned());
        let mut error = Error::new("policy-rejected", message);
        if let Some(first) = first {
            let lines = LineIndex::new(&loaded.text);
            let place = lines.position(first.span().unwrap_or_default().start);
            error = error
                .with_help(first.help.clone())
                .at(place.line, place.column);
        }
        Err(error)
    }
}
