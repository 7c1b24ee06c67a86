//! A file that is another document: the policies inside, each checked on its own.

use audit_import::{
    CheckedPart, DocumentCode, InputFormat, Recognized, check_documents, recognize, recognize_other,
};
use audit_policy::ignores::Ignores;
use audit_policy::{Diagnostic, KubernetesVersion, LineIndex, Loaded, Severity, Span};
use audit_types::{Code, Document};

use super::narrow::narrowed;
use super::policy::{Place, PolicyReport, in_order};
use super::repaired::RepairedPolicy;
use crate::codes::names;
use crate::config::{FileSettings, IgnoredFinding};

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
    /// Line of each rule in the file, from 1.
    rule_lines: Vec<usize>,
    findings: Vec<Diagnostic>,
    /// Findings that comments or the configuration take away.
    ignored: Vec<IgnoredFinding>,
    /// `None` if the policy does not look damaged, or is not in the file as the server reads it.
    repaired: Option<RepairedPolicy>,
}

impl Part {
    fn of(
        part: CheckedPart<'_>,
        lines: &LineIndex<'_>,
        text: &str,
        version: KubernetesVersion,
    ) -> Self {
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
        let spans = check.map(|check| check.loaded.rule_spans());
        let source = policy.as_ref().map(|(policy, _)| &policy.source);
        let rule_lines = source.zip(spans).map(|(source, spans)| {
            let spans = spans.into_iter();
            spans
                .map(|span| lines.position(source.span(span).start).line)
                .collect()
        });
        Self {
            rule_lines: rule_lines.unwrap_or_default(),
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
    pub(super) fn of(text: String, is_accepted: bool, settings: &FileSettings<'_>) -> Option<Self> {
        let recognized = recognize_other(&text, is_accepted)?;
        let version = settings.version;
        let parts = parts(&recognized, &text, version);
        Some(Self::new(text, parts, settings))
    }

    /// Reads a text that is known to be another document.
    pub(super) fn of_text(text: String, settings: &FileSettings<'_>) -> Self {
        let version = settings.version;
        let recognized = recognize(&text);
        let parts = parts(&recognized, &text, version);
        Self::new(text, parts, settings)
    }

    /// Creates the result for an audit log.
    pub(super) fn of_log(text: String, settings: &FileSettings<'_>) -> Self {
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
            rule_lines: Vec::new(),
            findings: vec![finding],
            ignored: Vec::new(),
            repaired: None,
        };
        Self::new(text, vec![part], settings)
    }

    /// Creates the result, without the findings that comments or the configuration take away. What is wrong with a comment is a finding of the first
    /// policy.
    fn new(text: String, mut parts: Vec<Part>, settings: &FileSettings<'_>) -> Self {
        let mut ignores = Ignores::read(&text);
        let lines = LineIndex::new(&text);
        for part in &mut parts {
            let findings = std::mem::take(&mut part.findings);
            let (findings, ignored) = ignores.apply(findings, &lines);
            part.findings = findings;
            part.ignored = ignored.into_iter().map(Into::into).collect();
        }
        let about = ignores.findings(&names());
        if let Some(part) = parts.iter_mut().find(|part| part.path.is_some())
            && !about.is_empty()
        {
            part.findings.extend(about);
            in_order(&mut part.findings);
        }
        for part in &mut parts {
            let ignored = settings.apply(&mut part.findings);
            part.ignored.extend(ignored);
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
            rule_lines: &part.rule_lines,
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

/// Checks the documents of a text.
fn parts(recognized: &Recognized, text: &str, version: KubernetesVersion) -> Vec<Part> {
    let lines = LineIndex::new(text);
    let parts = check_documents(recognized, text, version).into_iter();
    parts
        .map(|part| Part::of(part, &lines, text, version))
        .collect()
}
