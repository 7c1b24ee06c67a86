//! A file that is another document: the policies inside, each checked on its own.

use audit_import::{
    CheckedPart, DocumentCode, InputFormat, check_documents, recognize, recognize_other,
};
use audit_policy::ignores::{Ignored, Ignores};
use audit_policy::{Diagnostic, KubernetesVersion, LineIndex, Loaded, Severity, Span};
use audit_types::{Code, Document};

use super::narrow::narrowed;
use super::policy::{Place, PolicyReport, in_order};
use super::repaired::RepairedPolicy;
use crate::codes::names;

/// A file with its documents and the policies inside.
pub(super) struct CheckedDocuments {
    /// The file as UTF-8.
    pub(super) text: String,
    parts: Vec<Part>,
    nothing: Loaded,
}

/// A policy of the file, or a document that contains none.
struct Part {
    format: InputFormat,
    title: String,
    /// Path of the policy. `None` if the file contains none.
    path: Option<String>,
    is_template: bool,
    is_accepted: bool,
    unwritable_fixes: usize,
    loaded: Option<Loaded>,
    findings: Vec<Diagnostic>,
    /// Findings that comments take away.
    ignored: Vec<Ignored>,
    /// `None` if the policy does not look damaged, or is not in the file as the server reads it.
    repaired: Option<RepairedPolicy>,
}

impl Part {
    fn of(part: CheckedPart<'_>, text: &str, version: KubernetesVersion) -> Self {
        let CheckedPart {
            document,
            policy,
            findings,
        } = part;
        let check = policy.as_ref().map(|(_, check)| check);
        let repaired = policy
            .as_ref()
            .filter(|(policy, _)| policy.template().is_none())
            .filter(|(policy, _)| {
                text.get(policy.span().start..policy.span().end) == Some(&policy.text)
            })
            .and_then(|(policy, _)| RepairedPolicy::of(text, policy.span(), version));
        Self {
            format: document.format,
            title: document.title.clone(),
            path: policy.as_ref().map(|(policy, _)| policy.path.clone()),
            is_template: policy
                .as_ref()
                .map_or(document.template, |(policy, _)| policy.template())
                .is_some(),
            is_accepted: check.is_some_and(|check| check.is_accepted),
            unwritable_fixes: check.map_or(0, |check| check.unwritable_fixes),
            loaded: policy.map(|(_, check)| check.loaded),
            findings: findings
                .into_iter()
                .map(|finding| narrowed(finding, text))
                .collect(),
            ignored: Vec::new(),
            repaired,
        }
    }
}

impl CheckedDocuments {
    /// Returns the documents of a file. `None` if it is a policy, or of no known kind and meant as one. `is_accepted` says whether the server accepts the
    /// file as a policy.
    pub(super) fn of(text: String, is_accepted: bool, version: KubernetesVersion) -> Option<Self> {
        let recognized = recognize_other(&text, is_accepted)?;
        let parts = check_documents(&recognized, &text, version);
        let parts = parts
            .into_iter()
            .map(|part| Part::of(part, &text, version))
            .collect();
        Some(Self::new(text, parts))
    }

    /// Reads a text that is known to be another document.
    pub(super) fn of_text(text: String, version: KubernetesVersion) -> Self {
        let recognized = recognize(&text);
        let parts = check_documents(&recognized, &text, version);
        let parts = parts
            .into_iter()
            .map(|part| Part::of(part, &text, version))
            .collect();
        Self::new(text, parts)
    }

    /// Creates the result for an audit log.
    pub(super) fn of_log(text: String) -> Self {
        let title = "an audit log";
        let code = DocumentCode::OtherDocument.id();
        let message = format!("not a policy: this is {title}");
        let finding = Diagnostic::new(code, Severity::Error, message)
            .with_help("`audit-policy simulate --policy POLICY LOG` applies a policy to it, `verify` checks whether a policy wrote it, and `estimate` adds up its volume")
            .labeled(Document::Manifest, Span::new(0, 0));
        let part = Part {
            format: InputFormat::Events,
            title: title.to_owned(),
            path: None,
            is_template: false,
            is_accepted: false,
            unwritable_fixes: 0,
            loaded: None,
            findings: vec![finding],
            ignored: Vec::new(),
            repaired: None,
        };
        Self::new(text, vec![part])
    }

    /// Creates the result, without the findings that comments take away. What is wrong with a comment is a finding of the first policy.
    fn new(text: String, mut parts: Vec<Part>) -> Self {
        let mut ignores = Ignores::read(&text);
        let lines = LineIndex::new(&text);
        for part in &mut parts {
            let findings = std::mem::take(&mut part.findings);
            (part.findings, part.ignored) = ignores.apply(findings, &lines);
        }
        let about = ignores.findings(&names());
        if let Some(part) = parts.iter_mut().find(|part| part.path.is_some())
            && !about.is_empty()
        {
            part.findings.extend(about);
            in_order(&mut part.findings);
        }
        Self {
            text,
            parts,
            nothing: Loaded::default(),
        }
    }

    /// Returns what is printed: a report per policy, or one about the document that contains none.
    pub(super) fn reports(&self) -> Vec<PolicyReport<'_>> {
        let parts = self.parts.iter();
        let reports = parts.map(|part| PolicyReport {
            loaded: part.loaded.as_ref().unwrap_or(&self.nothing),
            findings: &part.findings,
            ignored: &part.ignored,
            is_accepted: part.is_accepted,
            place: Some(Place {
                kind: part.format.name(),
                title: &part.title,
                path: part.path.as_deref(),
                is_template: part.is_template,
                is_undecided: part.path.is_none() || part.is_template,
            }),
            repaired: part.repaired.as_ref(),
        });
        reports.collect()
    }

    /// Returns all findings with the number of their policy. Their fixes have edits of the file.
    pub(super) fn findings(&self) -> impl Iterator<Item = (usize, &Diagnostic)> {
        let parts = self.parts.iter().enumerate();
        parts.flat_map(|(index, part)| part.findings.iter().map(move |finding| (index, finding)))
    }

    /// Returns the repairs of damaged policies, in the order of the file.
    pub(super) fn repaired(&self) -> impl Iterator<Item = &RepairedPolicy> {
        self.parts.iter().filter_map(|part| part.repaired.as_ref())
    }

    /// Returns the number of fixes that cannot be written into the file.
    pub(super) fn unwritable_fixes(&self) -> usize {
        self.parts.iter().map(|part| part.unwritable_fixes).sum()
    }

    /// Returns whether the documents and places of policies are those before a fix, and no policy that was accepted is rejected.
    pub(super) fn is_improvement_on(&self, before: &Self) -> bool {
        let is_same = |(after, before): (&Part, &Part)| {
            after.format == before.format
                && after.path == before.path
                && (after.is_accepted || !before.is_accepted)
        };
        self.parts.len() == before.parts.len() && self.parts.iter().zip(&before.parts).all(is_same)
    }
}
