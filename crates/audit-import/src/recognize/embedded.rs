//! A policy inside a document, and its check with the spans of the document.

use audit_analysis::proofs;
use audit_policy::{KubernetesVersion, Loaded, lint, load};
use audit_types::sort::SortShort;
use audit_types::{Code, Diagnostic, Document, Edit, Fix, Label, Severity, Span};

use super::source_map::{SourceMap, WriteBack};
use super::template::{Template, TemplateLanguage};
use crate::codes::DocumentCode;

/// Form of a policy in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyForm {
    /// A text, which becomes a file.
    Text,
    /// A mapping of the document itself.
    Mapping,
    /// The rules only, as a text.
    Rules,
    /// A document of the text.
    Document,
}

/// A policy inside a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedPolicy {
    /// Path of the policy in the document, such as `data.policy`; for a text inside a text, both paths with ` > ` between them. Empty if it is
    /// the document itself.
    pub path: String,
    /// Path on the node of the file that the document writes. `None` if it names none.
    pub file: Option<String>,
    /// Form of the policy.
    pub form: PolicyForm,
    /// The policy as the server reads it, with the fields that the document's program adds.
    pub text: String,
    /// Correspondence of the text to the outer text.
    pub source: SourceMap,
    pub(super) template: Option<Template>,
    /// Problems of the way in which the document contains the policy.
    pub findings: Vec<Diagnostic>,
}

/// Result of checking a policy inside a document.
#[derive(Debug, Clone)]
pub struct EmbeddedCheck {
    /// The policy as loaded. Its spans are those of [`EmbeddedPolicy::text`].
    pub loaded: Loaded,
    /// `true` if the server accepts the policy. `false` for a template, of which that is not known.
    pub is_accepted: bool,
    /// Findings in the order of the outer text, with its spans and edits.
    pub findings: Vec<Diagnostic>,
    /// Number of fixes that cannot be written into the outer text with certainty, and are left out.
    pub unwritable_fixes: usize,
    /// For each rule of an accepted policy, true if it can never match.
    pub unreachable: Vec<bool>,
}

impl EmbeddedCheck {
    /// Returns the server's error without the line that its YAML parser counts in the inner text. `None` if there is none.
    pub fn error_without_line(&self) -> Option<String> {
        self.loaded.error.as_deref().map(without_line)
    }
}

impl EmbeddedPolicy {
    /// Returns the name that people know the policy by: its file, or the last part of its path.
    pub fn name(&self) -> &str {
        let last = self.path.rsplit(" > ").next().unwrap_or_default();
        self.file.as_deref().unwrap_or(last)
    }

    /// Returns the bytes of the outer text that contain the policy.
    pub const fn span(&self) -> Span {
        self.source.whole()
    }

    /// Returns the language if the policy is a template.
    pub fn template(&self) -> Option<TemplateLanguage> {
        self.template.as_ref().map(|template| template.language)
    }

    /// Returns whether fixes can be written back into the outer text.
    pub fn is_writable(&self) -> bool {
        self.source.write_back() != WriteBack::Never
    }

    /// Marks the policy as a part of a template, of which it was read without template code.
    pub(super) fn set_template(&mut self, outer: &str, start: usize, template: &Template) {
        let whole = self.source.whole();
        // Spans of template code ascend, so those of this policy are next to each other.
        let from = template
            .unknown
            .partition_point(|span| span.end + start <= whole.start);
        let code: Vec<Span> = template
            .unknown
            .iter()
            .skip(from)
            .map(|span| Span::new(span.start + start, span.end + start))
            .take_while(|span| span.start < whole.end)
            .collect();
        let unknown = self.source.inner_spans(&code);
        let source = outer.get(whole.start..whole.end).unwrap_or_default();
        let has_code = super::template::find(source).is_some();
        if has_code && self.template.is_none() {
            self.template = Some(Template {
                language: template.language,
                blanked: self.text.clone(),
                unknown,
            });
        }
    }

    /// Loads the policy as a server of the version does, without lints. Of a template, it loads what does not depend on its values.
    pub fn load(&self, version: KubernetesVersion) -> Loaded {
        let template = self.template.as_ref();
        let text = template.map_or(&self.text, |template| &template.blanked);
        load(text.as_bytes(), version)
    }

    /// Returns whether the policy, as [`Self::load`] has loaded it, is one that the server accepts: a template is not a policy yet, nor is a text
    /// that could not be read as it is meant.
    pub fn is_accepted(&self, loaded: &Loaded) -> bool {
        loaded.policy.is_some() && self.template.is_none() && self.is_sound()
    }

    fn is_sound(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.all(|finding| finding.severity < Severity::Error)
    }

    /// Loads and lints the policy. `outer` is the text that was recognized.
    pub fn check(&self, outer: &str, version: KubernetesVersion) -> EmbeddedCheck {
        let loaded = self.load(version);
        let mut lints = lint(&loaded, version);
        let proofs = proofs(&loaded);
        let proved = proofs.findings_without(&lints);
        lints.extend(proved);
        let mut findings = self.findings.clone();
        let template = self.template.as_ref();
        findings.extend(template.map(|template| self.template_finding(template.language, outer)));
        let mut unwritable_fixes = 0;
        // Of a text that is not the intended one, nothing else is worth reporting.
        let is_sound = self.is_sound();
        let of_policy = loaded.findings.iter().chain(&lints);
        for finding in of_policy.filter(|_| is_sound) {
            if template.is_none_or(|template| template.is_certain(finding)) {
                let shown = self.outer(finding, outer);
                unwritable_fixes +=
                    usize::from(finding.certain_fix().is_some() && shown.fix.is_none());
                findings.push(shown);
            }
        }
        findings.sort_short_by_key(|finding| {
            let start = finding.span().unwrap_or_default().start;
            (start, finding.code.clone())
        });
        EmbeddedCheck {
            is_accepted: self.is_accepted(&loaded),
            loaded,
            findings,
            unwritable_fixes,
            unreachable: proofs.unreachable,
        }
    }

    /// States that a template is not a policy yet, or that it never will be.
    fn template_finding(&self, language: TemplateLanguage, outer: &str) -> Diagnostic {
        let whole = self.source.whole();
        let source = outer.get(whole.start..whole.end).unwrap_or_default();
        let title = language.title();
        if let Some((at, mark)) = super::template::unclosed(source, language) {
            let start = whole.start + at;
            let message =
                format!("this is {title} that cannot be rendered: `{mark}` is not closed");
            return Diagnostic::of(DocumentCode::Template, message)
                .with_help("close it on the same line; only what does not depend on the template's values is checked")
                .labeled(Document::Manifest, Span::new(start, start + mark.len()));
        }
        let start = self.source.span(Span::new(0, 0)).start;
        let message = format!(
            "this is {title}, not a policy yet: only what does not depend on its values is checked"
        );
        Diagnostic::of(DocumentCode::Template, message)
            .with_help(language.remedy())
            .labeled(Document::Manifest, Span::new(start, start))
    }

    /// Converts a finding to the spans of the outer text. Its fix is kept if every edit can be written back.
    fn outer(&self, finding: &Diagnostic, outer: &str) -> Diagnostic {
        let label = |label: &Label| Label {
            document: Document::Manifest,
            span: self.source.span(label.span),
            text: label.text.clone(),
        };
        Diagnostic {
            primary: finding.primary.as_ref().map(label),
            secondary: finding.secondary.iter().map(label).collect(),
            fix: finding.fix.as_ref().and_then(|fix| self.fix(fix, outer)),
            message: without_line(&finding.message),
            help: self.help(&finding.help),
            ..finding.clone()
        }
    }

    /// Returns the help of a finding. kubespray's rules have no policy around them that could be changed.
    fn help(&self, help: &str) -> String {
        match self.form {
            PolicyForm::Rules => help.replace("at the top level", "in each rule"),
            PolicyForm::Text | PolicyForm::Mapping | PolicyForm::Document => help.to_owned(),
        }
    }

    fn fix(&self, fix: &Fix, outer: &str) -> Option<Fix> {
        let is_plain = |edit: &Edit| !edit.text.contains('\n');
        if self.template.is_some() && !fix.edits.iter().all(is_plain) {
            return None;
        }
        let edits: Option<Vec<Edit>> = fix
            .edits
            .iter()
            .map(|edit| self.source.edit(&self.text, outer, edit))
            .collect();
        let mut edits = edits?;
        edits.sort_short_by_key(|edit| edit.span.start);
        let overlaps = edits.windows(2).any(|pair| match pair {
            [one, other] => one.span.end > other.span.start,
            _ => false,
        });
        let is_choice = fix.is_choice;
        (!overlaps).then(|| Fix {
            is_choice,
            ..Fix::new(&fix.title, edits)
        })
    }
}

/// Removes the line number of the server's YAML parser, which counts lines of the inner text.
fn without_line(message: &str) -> String {
    let Some((before, rest)) = message.split_once("line ") else {
        return message.to_owned();
    };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    match digits.strip_prefix(": ") {
        Some(after) if digits.len() < rest.len() && before.ends_with("yaml: ") => {
            format!("{before}{after}")
        }
        _ => message.to_owned(),
    }
}

/// Code of the finding that a document is not a policy.
pub(super) fn not_a_policy(message: String, help: String, span: Span) -> Diagnostic {
    Diagnostic::new(DocumentCode::OtherDocument.id(), Severity::Error, message)
        .with_help(help)
        .labeled(Document::Manifest, span)
}
