//! The policy of a file, for every command that applies one: the file itself, or the only policy inside another document.

use audit_analysis::edited;
use audit_import::{CheckedPart, DocumentCode, SourceMap, check_documents, recognize_other};
use audit_policy::{KubernetesVersion, Loaded, Policy, PolicyCode, load};
use audit_types::excerpt::excerpt;
use audit_types::{Code, Diagnostic, Edit, LineIndex, Severity, Span};

use crate::error::Error;
use crate::file_name::FileName;
use crate::input::{as_text, policy_bytes};
use crate::output::diagnostic;

/// Maximum number of policies that the error about several lists.
const MAX_LISTED: usize = 10;

/// A policy, accepted or not.
pub(crate) struct PolicyFile {
    /// Bytes of the policy: those of the file, or of the policy inside.
    pub(crate) source: Vec<u8>,
    /// The policy as loaded.
    pub(crate) loaded: Loaded,
    /// Reason for its rejection. `None` if the server accepts it.
    pub(crate) rejection: Option<Rejection>,
    /// Line of each rule in the file, from 1.
    pub(crate) rule_lines: Vec<usize>,
    /// The document that contains the policy. `None` if the file is the policy.
    pub(crate) around: Option<Around>,
}

/// A document around a policy.
pub(crate) struct Around {
    /// Its text.
    pub(crate) text: String,
    source: SourceMap,
    /// Path of the policy in it.
    path: String,
}

impl Around {
    /// Applies edits of the policy's text to the document. `None` unless it is certain that the document then contains the expected policy at
    /// the same place.
    pub(crate) fn edited(
        &self,
        policy: &str,
        edits: &[Edit],
        expected: &Policy,
        version: KubernetesVersion,
    ) -> Option<String> {
        let edits = edits.iter();
        let edits = edits.map(|edit| self.source.edit(policy, &self.text, edit));
        let mut edits = edits.collect::<Option<Vec<Edit>>>()?;
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let text = edited(&self.text, &edits)?;
        let recognized = recognize_other(&text, false)?;
        let mut parts = check_documents(&recognized, &text, version).into_iter();
        let (Some(part), None) = (parts.next(), parts.next()) else {
            return None;
        };
        let (found, check) = part.policy?;
        let rules = check.loaded.policy.map(|policy| policy.rules);
        let is_expected = check.is_accepted && rules.as_ref() == Some(&expected.rules);
        let is_expected = is_expected && found.path == self.path;
        is_expected.then_some(text)
    }
}

/// Returns the line of each rule in the text of a policy, from 1.
pub(crate) fn rule_lines(loaded: &Loaded) -> Vec<usize> {
    let lines = LineIndex::new(&loaded.text);
    let spans = loaded.rule_spans().into_iter();
    spans.map(|span| lines.position(span.start).line).collect()
}

/// Reason why a policy is rejected.
pub(crate) struct Rejection {
    /// Place and name of a policy inside a document. `None` if the file is the policy.
    subject: Option<String>,
    /// The server's reason, or that of the document around it.
    error: String,
}

impl Rejection {
    /// Returns the reason, with the place of a policy inside a document.
    pub(crate) fn into_text(self) -> String {
        match self.subject {
            Some(subject) => format!("{subject}: {}", self.error),
            None => self.error,
        }
    }
}

/// A policy that the server accepts.
pub(crate) struct AcceptedPolicy {
    /// The policy.
    pub(crate) policy: Policy,
    /// Its text as UTF-8.
    pub(crate) text: String,
    /// The bytes that it was loaded from.
    pub(crate) source: Vec<u8>,
}

impl PolicyFile {
    /// Reads the policy of a file. The warning that the server would log goes to standard error.
    ///
    /// # Errors
    /// If the file cannot be read, or is a document with no policy or several, or has to be rendered first.
    pub(crate) fn read(file: &FileName, version: KubernetesVersion) -> Result<Self, Error> {
        let source = policy_bytes(file)?;
        let loaded = load(&source, version);
        let text = as_text(source.clone()).ok();
        if let Some(text) = text
            && let Some(found) = inside(file, &text, loaded.policy.is_some(), version)?
        {
            return Ok(found);
        }
        if let Some(warning) = &loaded.warning {
            diagnostic(&format!("{file}: {warning}"));
        }
        let error = loaded.error.as_deref().unwrap_or("it cannot be loaded");
        let rejection = loaded.policy.is_none().then(|| Rejection {
            subject: None,
            error: error.to_owned(),
        });
        Ok(Self {
            rule_lines: rule_lines(&loaded),
            source,
            loaded,
            rejection,
            around: None,
        })
    }

    /// Returns the policy.
    ///
    /// # Errors
    /// If the server rejects it.
    pub(crate) fn accepted(self, file: &FileName) -> Result<AcceptedPolicy, Error> {
        let Self {
            source,
            loaded,
            rejection,
            ..
        } = self;
        match (loaded.policy, rejection) {
            (Some(policy), None) => Ok(AcceptedPolicy {
                policy,
                text: loaded.text,
                source,
            }),
            (
                _,
                Some(Rejection {
                    subject: Some(subject),
                    error,
                }),
            ) => Err(Error::UnusablePolicy(format!(
                "{subject} is rejected: {error}"
            ))),
            (_, rejection) => Err(Error::PolicyRejected {
                file: file.to_string(),
                error: rejection.map_or_else(String::new, |rejection| rejection.error),
                help: old_version_help(&loaded.findings),
            }),
        }
    }
}

/// Reads a policy that the server must accept.
///
/// # Errors
/// Those of [`PolicyFile::read`] and [`PolicyFile::accepted`].
pub(crate) fn policy(file: &FileName, version: KubernetesVersion) -> Result<Policy, Error> {
    let found = PolicyFile::read(file, version)?.accepted(file)?;
    Ok(found.policy)
}

/// Returns the only policy inside a document. `None` if the text is a policy itself, or of no known kind and meant as one.
fn inside(
    file: &FileName,
    text: &str,
    is_accepted: bool,
    version: KubernetesVersion,
) -> Result<Option<PolicyFile>, Error> {
    let Some(recognized) = recognize_other(text, is_accepted) else {
        return Ok(None);
    };
    let lines = LineIndex::new(text);
    let mut parts = check_documents(&recognized, text, version);
    if parts.len() > 1 {
        return Err(several(file, &parts, &lines));
    }
    let Some(part) = parts.pop() else {
        return Ok(None);
    };
    let name = name(&part);
    let Some((policy, check)) = part.policy else {
        let reason = no_policy(&part.findings).or_else(|| first_error(&part.findings));
        return reason.map_or(Ok(None), |reason| {
            Err(Error::UnusablePolicy(placed(file, reason, &lines)))
        });
    };
    if let Some(language) = policy.template() {
        return Err(Error::UnusablePolicy(format!(
            "{}: {name} is not a policy before it is rendered ({})",
            place(file, policy.span(), &lines),
            language.remedy()
        )));
    }
    let ignored = |finding: &&Diagnostic| finding.code == PolicyCode::ExtraDocument.id();
    for finding in part.findings.iter().filter(ignored) {
        diagnostic(&placed(file, finding, &lines));
    }
    if let Some(warning) = &check.loaded.warning {
        let place = place(file, policy.span(), &lines);
        diagnostic(&format!("{place}: {name}: {warning}"));
    }
    let rejection = (!check.is_accepted).then(|| {
        let finding = first_error(&check.findings);
        let span = finding.and_then(Diagnostic::span);
        let place = place(file, span.unwrap_or(policy.span()), &lines);
        let of_server = check.error_without_line();
        let of_document = finding.map(|finding| finding.message.clone());
        Rejection {
            subject: Some(format!("{place}: {name}")),
            error: of_server.or(of_document).unwrap_or_default(),
        }
    });
    let spans = check.loaded.rule_spans().into_iter();
    Ok(Some(PolicyFile {
        rule_lines: spans
            .map(|span| lines.position(policy.source.span(span).start).line)
            .collect(),
        source: policy.text.clone().into_bytes(),
        loaded: check.loaded,
        rejection,
        around: Some(Around {
            text: text.to_owned(),
            source: policy.source.clone(),
            path: policy.path.clone(),
        }),
    }))
}

/// Returns the error about a file with several policies, with their places.
fn several(file: &FileName, parts: &[CheckedPart<'_>], lines: &LineIndex<'_>) -> Error {
    let policies = || parts.iter().filter(|part| part.policy.is_some());
    let mut listed: Vec<String> = policies()
        .take(MAX_LISTED)
        .filter_map(|part| {
            let span = part.policy.as_ref()?.0.span();
            let line = lines.position(span.start).line;
            Some(format!("{} in line {line}", name(part)))
        })
        .collect();
    let total = policies().count();
    if total > MAX_LISTED {
        listed.push(format!("and {} more", total - MAX_LISTED));
    }
    Error::Usage(format!(
        "`{file}` contains {total} policies: {} (save the one to use as a file of its own)",
        listed.join(", ")
    ))
}

/// Returns the name of a policy: its path and the document that contains it.
fn name(part: &CheckedPart<'_>) -> String {
    let title = &part.document.title;
    match part.policy.as_ref().map(|(policy, _)| policy.path.as_str()) {
        Some(path) if !path.is_empty() => format!("`{}` of {title}", excerpt(path)),
        _ => title.clone(),
    }
}

/// Returns the finding that a document contains no policy.
fn no_policy(findings: &[Diagnostic]) -> Option<&Diagnostic> {
    let codes = [DocumentCode::OtherDocument, DocumentCode::Template].map(Code::id);
    findings
        .iter()
        .find(|finding| codes.contains(&finding.code.as_ref()))
}

/// Returns the help about an old version of the API, whose error of the server does not name the version to write.
fn old_version_help(findings: &[Diagnostic]) -> String {
    let is_old = |finding: &&Diagnostic| {
        finding.code == PolicyCode::OldApiVersion.id() && finding.severity == Severity::Error
    };
    let old = findings.iter().find(is_old);
    old.map_or_else(String::new, |old| format!("{}; {}", old.message, old.help))
}

fn first_error(findings: &[Diagnostic]) -> Option<&Diagnostic> {
    let mut findings = findings.iter();
    findings.find(|finding| finding.severity == Severity::Error)
}

/// Returns a finding in one line, with its place.
fn placed(file: &FileName, finding: &Diagnostic, lines: &LineIndex<'_>) -> String {
    let place = place(file, finding.span().unwrap_or_default(), lines);
    if finding.help.is_empty() {
        format!("{place}: {}", finding.message)
    } else {
        format!("{place}: {} ({})", finding.message, finding.help)
    }
}

fn place(file: &FileName, span: Span, lines: &LineIndex<'_>) -> String {
    let position = lines.position(span.start);
    format!("{file}:{}:{}", position.line, position.column)
}
