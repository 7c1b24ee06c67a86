//! Policies: loading, findings, and verdicts on requests.

use audit_policy::{
    Diagnostic, KubernetesVersion, LineIndex, Matcher, PolicyCode, Request, RuleIndex, Severity,
    Stage,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use sha2::{Digest, Sha256};

/// A policy that kube-apiserver accepts.
#[pyclass(frozen, module = "audit_policy._engine")]
pub struct Policy {
    pub(crate) policy: audit_policy::Policy,
    pub(crate) matcher: Matcher,
    pub(crate) version: KubernetesVersion,
    /// SHA-256 of the policy's bytes, in hexadecimal.
    #[pyo3(get)]
    pub(crate) sha256: String,
    text: Vec<u8>,
    /// Line of each rule, from 1.
    rule_lines: Vec<usize>,
}

/// Rule from 0, level, omitted stages, whether managed fields are omitted, and line of the rule.
type Verdict = (
    Option<usize>,
    &'static str,
    Vec<&'static str>,
    bool,
    Option<usize>,
);

/// Function that loads a policy, and its arguments.
type Pickled<'py> = (Bound<'py, PyAny>, (&'py [u8], String));

/// Code, severity, message, line, column and help.
type Finding = (String, String, String, usize, usize, String);

#[pymethods]
impl Policy {
    /// Kubernetes version that is emulated.
    #[getter]
    fn kubernetes_version(&self) -> String {
        self.version.to_string()
    }

    /// Number of rules.
    #[getter]
    const fn rules(&self) -> usize {
        self.policy.rules.len()
    }

    /// The policy's bytes.
    #[getter]
    fn text(&self) -> &[u8] {
        &self.text
    }

    /// Pickled as its text: executors load it again.
    fn __reduce__<'py>(&'py self, py: Python<'py>) -> PyResult<Pickled<'py>> {
        let load = py.import("audit_policy")?.getattr("load")?;
        Ok((load, (&self.text, self.version.to_string())))
    }

    /// Evaluates a request, as JSON with the keys of `audit-policy evaluate`.
    fn evaluate(&self, py: Python<'_>, request: &str) -> PyResult<Verdict> {
        py.detach(|| {
            let request: Request = serde_json::from_str(request)
                .map_err(|error| PyValueError::new_err(format!("not a request: {error}")))?;
            let verdict = self.matcher.evaluate(&request);
            let line = verdict.rule.and_then(|rule| self.rule_line(rule));
            let mut stages: Vec<_> = verdict.omit_stages.iter().map(Stage::name).collect();
            stages.sort_unstable();
            Ok((
                verdict.rule.map(RuleIndex::get),
                verdict.level.name(),
                stages,
                verdict.omit_managed_fields,
                line,
            ))
        })
    }
}

impl Policy {
    fn rule_line(&self, rule: RuleIndex) -> Option<usize> {
        self.rule_lines.get(rule.get()).copied()
    }
}

/// Loads a policy as kube-apiserver of a version does.
///
/// # Errors
/// `PolicyError` with the server's reason; `ValueError` if the version is unknown.
#[pyfunction]
pub fn load(py: Python<'_>, text: &[u8], kubernetes_version: Option<&str>) -> PyResult<Policy> {
    let version = version(kubernetes_version)?;
    let loaded = py.detach(|| audit_policy::load(text, version));
    let lines = LineIndex::new(&loaded.text);
    let Some(policy) = loaded.policy.clone() else {
        let first = (loaded.findings.iter()).find(|finding| finding.severity == Severity::Error);
        let (line, column) = first.map_or((1, 1), |finding| place(&lines, finding));
        let code = first.map(|finding| finding.code.to_string());
        let message = (loaded.error.clone())
            .or_else(|| first.map(|finding| finding.message.clone()))
            .unwrap_or_else(|| "the policy is rejected".to_owned());
        let class = py.import("audit_policy._errors")?.getattr("PolicyError")?;
        return Err(PyErr::from_value(
            class.call1((message, code, line, column))?,
        ));
    };
    let hash = Sha256::digest(text);
    let spans = loaded.rule_spans().into_iter();
    Ok(Policy {
        matcher: Matcher::new(&policy),
        policy,
        version,
        text: text.to_vec(),
        sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        rule_lines: spans.map(|span| lines.position(span.start).line).collect(),
    })
}

/// Returns all findings about a policy, in the order of the text.
///
/// # Errors
/// `ValueError` if the version is unknown.
#[pyfunction]
pub fn check(
    py: Python<'_>,
    text: &[u8],
    kubernetes_version: Option<&str>,
) -> PyResult<Vec<Finding>> {
    let version = version(kubernetes_version)?;
    Ok(py.detach(|| {
        let loaded = audit_policy::load(text, version);
        let codes: Vec<_> = PolicyCode::TABLE.iter().map(|code| code.id).collect();
        let checked = audit_analysis::check(&loaded, version, &codes);
        let lines = LineIndex::new(&loaded.text);
        checked
            .findings
            .into_iter()
            .map(|finding| row(&lines, finding))
            .collect()
    }))
}

fn row(lines: &LineIndex<'_>, finding: Diagnostic) -> Finding {
    let (line, column) = place(lines, &finding);
    let severity = finding.severity.to_string();
    (
        finding.code.into_owned(),
        severity,
        finding.message,
        line,
        column,
        finding.help,
    )
}

fn place(lines: &LineIndex<'_>, finding: &Diagnostic) -> (usize, usize) {
    let start = lines.position(finding.span().unwrap_or_default().start);
    (start.line, start.column)
}

fn version(text: Option<&str>) -> PyResult<KubernetesVersion> {
    let Some(text) = text else {
        return Ok(KubernetesVersion::NEWEST);
    };
    text.parse()
        .map_err(|error: audit_policy::UnknownVersionError| {
            PyValueError::new_err(error.to_string())
        })
}
