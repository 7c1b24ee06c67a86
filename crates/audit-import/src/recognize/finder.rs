//! Reads the documents of a text: each is recognized, then searched for policies.

use std::cell::LazyCell;

use audit_policy::document::{Document, Kind, Node, documents};
use audit_types::sort::SortShort;
use audit_types::{Diagnostic, Span};

use super::mime::{self, MimePart};
use super::no_policy::{self, Explanation};
use super::other_file::{self, OtherFile};
use super::policies::{self, Contents, Frame, Inner};
use super::recognized::{Recognized, RecognizedDocument, TEXT, TEXT_WITH_FLAGS};
use super::script;
use super::script_text::writes_files;
use super::source_map::SourceMap;
use super::template::{self, Template, TemplateLanguage};
use super::written::{self, ServerFile};
use super::{kind, owner, terraform, text_kind};
use crate::codes::DocumentCode;
use crate::flag_lines;
use crate::flag_names;
use crate::input_format::InputFormat;
use crate::inventory::{self, Inventory};
use crate::process_line;
use crate::readers::rancher_cluster;

/// Title of a MIME message.
const MESSAGE: &str = "a cloud-init message of several parts";

/// Mark at the start of texts, mostly from Windows.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

/// Maximum number of YAML documents of a text that are read.
const MAX_DOCUMENTS: usize = 1_000;

/// A text that is read.
pub(super) struct Finder<'t> {
    text: &'t str,
    documents: Vec<RecognizedDocument>,
    contents: Vec<Contents>,
    findings: Vec<Diagnostic>,
}

impl<'t> Finder<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            documents: Vec::new(),
            contents: Vec::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn read(&mut self) {
        if let Some(parts) = mime::parts(self.text) {
            return self.message(&parts);
        }
        if let Some(inventory) = inventory::read(self.text) {
            return self.inventory(&inventory);
        }
        let is_cloud_init = cloud_init_header(self.text);
        let parts = documents(self.text);
        let total = parts.len();
        for (index, part) in parts.into_iter().enumerate() {
            if index == MAX_DOCUMENTS {
                let message =
                    format!("only the first {MAX_DOCUMENTS} of {total} documents are read");
                let finding = Diagnostic::of(DocumentCode::PartlyRead, message)
                    .with_help("split the text into several files")
                    .labeled(
                        audit_types::Document::Manifest,
                        Span::new(part.start, part.start),
                    );
                self.findings.push(finding);
                break;
            }
            self.part(part, is_cloud_init && index == 0);
        }
    }

    /// Reads a message of several parts, such as a configuration of cloud-init and scripts.
    fn message(&mut self, parts: &[MimePart]) {
        let mut contents = Contents::default();
        let whole = Span::new(0, self.text.len());
        let owner = owner::Owner::default();
        let inner = Inner {
            path: "",
            owner: &owner,
            nesting: 0,
            expanded_by: None,
        };
        contents.message(self.text, parts, &SourceMap::part(whole), &inner);
        let explanation = no_policy::of_message(MESSAGE, &contents);
        let title = MESSAGE.to_owned();
        self.push(
            InputFormat::CloudInit,
            title,
            whole,
            None,
            contents,
            Some(explanation),
        );
    }

    /// Reads a part between document markers.
    fn part(&mut self, mut part: Span, is_cloud_init: bool) {
        let mut source = self.text.get(part.start..part.end).unwrap_or_default();
        // A byte order mark is not a part of the first word.
        if let Some(rest) = source.strip_prefix(BYTE_ORDER_MARK) {
            part.start += source.len() - rest.len();
            source = rest;
        }
        if is_blank(source) {
            return;
        }
        let map = SourceMap::part(part);
        let plain = Document::read(source);
        let template = template::find_in_policy(source).or_else(|| {
            let is_broken = plain.is_err();
            is_broken.then(|| template::find_unclosed(source)).flatten()
        });
        let root = plain.as_ref().ok().and_then(Document::root);
        // The first section of a unit is a list to a YAML parser.
        let is_mapping = root.is_some_and(|root| root.kind() == Kind::Object);
        let other = other_file::of_text(source);
        let kind = text_kind::of(source);
        let is_certain = kind.is_some_and(|kind| kind.is_certain) || other.is_some();
        // The whole text is searched.
        let is_script = LazyCell::new(|| writes_files(source));
        // Some lines of commands are fields to a YAML parser, such as `echo "a: b" > FILE`.
        let is_text = if other.is_some() {
            true
        } else if is_mapping {
            kind.is_some() && *is_script
        } else {
            is_certain
        };
        let format = root.map(kind::of);
        let is_scalar = root.is_some_and(|root| root.kind() == Kind::Text)
            && format != Some(InputFormat::Policy);
        if is_text {
            return self.other_text(source, part, &map, is_cloud_init, *is_script);
        }
        // Expressions of Terraform and variables of a script are outside of the policies in their here-documents, or belong to these.
        let is_program = |template: &Template| {
            terraform::is_configuration(source) || (template.language.has_variables() && *is_script)
        };
        let template = template.filter(|template| root.is_some() || !is_program(template));
        let is_whole = root.is_some() && format != Some(InputFormat::Policy);
        if let Some(root) = root
            && (template.is_none() || is_whole)
        {
            if is_scalar {
                return self.other_text(source, part, &map, is_cloud_init, *is_script);
            }
            let language = template.as_ref().map(|template| template.language);
            return self.document(root, source, part, &map, is_cloud_init, language);
        }
        match template {
            Some(template) => self.template(source, part, &map, template),
            None => self.other_text(source, part, &map, is_cloud_init, *is_script),
        }
    }

    fn document(
        &mut self,
        root: Node<'_>,
        source: &str,
        part: Span,
        map: &SourceMap,
        is_cloud_init: bool,
        language: Option<TemplateLanguage>,
    ) {
        let mut format = kind::of(root);
        if is_cloud_init && format == InputFormat::Unknown {
            format = InputFormat::CloudInit;
        }
        let mut title = kind::title(root, format);
        let contents = contents_of(root, source, map, format);
        let sets_flags = format == InputFormat::Unknown
            && root.field("rules").is_none()
            && contents.policies.is_empty()
            && (!contents.references.is_empty() || flag_lines::has_audit_flags(source));
        if sets_flags {
            format = InputFormat::Flags;
            if title == kind::UNKNOWN {
                TEXT_WITH_FLAGS.clone_into(&mut title);
            }
        }
        if format == InputFormat::Unknown
            && contents.policies.is_empty()
            && let Some(file) = other_file::of_document(root)
        {
            return self.other_file(file, part, contents);
        }
        let explanation = no_policy::explain(root, format, &title, &contents);
        match language.filter(|_| explanation.is_some() && contents.policies.is_empty()) {
            Some(language) => {
                let title = format!("{} of {title}", language.title());
                let explanation = Some(unrendered(&title, language));
                let format = InputFormat::Template;
                self.push(format, title, part, Some(language), contents, explanation);
            }
            None => self.push(format, title, part, None, contents, explanation),
        }
    }

    /// Adds a file of another program, without a policy.
    fn other_file(&mut self, file: OtherFile, part: Span, contents: Contents) {
        let explanation = Some(Explanation::other_file(file));
        let title = file.title.to_owned();
        self.push(file.format, title, part, None, contents, explanation);
    }

    /// Reads an inventory of Ansible in the format of ini files, as the document that its variables are.
    fn inventory(&mut self, inventory: &Inventory) {
        let whole = Span::new(0, self.text.len());
        let Ok(document) = Document::read(&inventory.yaml) else {
            return;
        };
        let Some(root) = document.root() else { return };
        let format = match kind::of(root) {
            InputFormat::Kubespray => InputFormat::Kubespray,
            _ => InputFormat::Ansible,
        };
        let title = match format {
            InputFormat::Kubespray => "an Ansible inventory with variables of kubespray",
            _ => "an Ansible inventory",
        };
        let map = SourceMap::of_parts(&inventory.parts, whole);
        let contents = contents_of(root, &inventory.yaml, &map, format);
        let explanation = no_policy::explain(root, format, title, &contents);
        self.push(format, title.to_owned(), whole, None, contents, explanation);
    }

    /// Reads a part that has to be rendered before it is YAML.
    fn template(&mut self, source: &str, part: Span, map: &SourceMap, template: Template) {
        let language = template.language;
        let blanked = template.blanked.clone();
        let document = Document::read(&blanked).ok();
        let root = document.as_ref().and_then(Document::root);
        let format = root.map_or(InputFormat::Unknown, kind::of);
        let is_policy = format == InputFormat::Policy
            || (root.is_none() && policies::looks_like_policy(source));
        let mut contents = Contents::default();
        if is_policy {
            contents.whole(source, map, Some(template));
        } else if let Some(root) = root {
            // The blanked text has the length of the source, so that the spans are equal.
            let frame = Frame {
                source: &blanked,
                map,
                path: "",
                nesting: 0,
                format,
                unknown: &[],
            };
            contents.document(root, &frame);
            // They can be about code that was blanked.
            contents.findings.clear();
            for policy in &mut contents.policies {
                policy.set_template(self.text, part.start, &template);
            }
        }
        let is_about_policy = source.contains("audit") || !contents.policies.is_empty();
        if !is_policy && !is_about_policy && format == InputFormat::Unknown {
            return self.push(
                format,
                "a document of an unknown kind".to_owned(),
                part,
                None,
                contents,
                None,
            );
        }
        let title = match root {
            Some(root) if !is_policy && format != InputFormat::Unknown => {
                format!("{} of {}", language.title(), kind::title(root, format))
            }
            _ => language.title().to_owned(),
        };
        let explanation = contents
            .policies
            .is_empty()
            .then(|| unrendered(&title, language));
        self.push(
            InputFormat::Template,
            title,
            part,
            Some(language),
            contents,
            explanation,
        );
    }

    /// Reads a part that is not YAML: a script, Terraform, Markdown. `is_script` is for a text that writes files.
    fn other_text(
        &mut self,
        source: &str,
        part: Span,
        map: &SourceMap,
        is_cloud_init: bool,
        is_script: bool,
    ) {
        let mut contents = Contents::default();
        let is_terraform = terraform::is_configuration(source);
        // A here-document of Terraform without an end is in none of its parts.
        if !is_script && !is_terraform && policies::looks_like_policy(source) {
            // A policy with a syntax error is still a policy.
            contents.whole(source, map, None);
            let title = InputFormat::Policy.title().to_owned();
            return self.push(InputFormat::Policy, title, part, None, contents, None);
        }
        let owner = owner::Owner::default();
        let inner = Inner {
            path: "",
            owner: &owner,
            nesting: 0,
            expanded_by: is_terraform.then_some(TemplateLanguage::Terraform),
        };
        if is_terraform {
            contents.terraform(source, map);
        }
        contents.script(source, map, &inner);
        let has_flags = !contents.references.is_empty()
            || process_line::is_command_line(source)
            || has_audit_flag(source)
            || flag_lines::has_audit_flags(source);
        let other =
            other_file::of_text(source).filter(|_| contents.policies.is_empty() && !has_flags);
        if let Some(file) = other {
            return self.other_file(file, part, contents);
        }
        let kind = text_kind::of(source);
        let (format, title) = if is_cloud_init {
            (InputFormat::CloudInit, InputFormat::CloudInit.title())
        } else if is_terraform {
            (InputFormat::Terraform, InputFormat::Terraform.title())
        } else if let Some(kind) = kind {
            let format = if has_flags {
                InputFormat::Flags
            } else {
                InputFormat::Unknown
            };
            (format, kind.title)
        } else if script::may_have_fences(source) {
            (InputFormat::Unknown, "a Markdown text")
        } else if has_flags {
            (InputFormat::Flags, TEXT_WITH_FLAGS)
        } else {
            (InputFormat::Unknown, TEXT)
        };
        let is_certain = kind.is_some_and(|kind| kind.is_certain);
        let is_known = has_flags || is_certain || format != InputFormat::Unknown;
        let explanation = is_known.then(|| no_policy::of_text(source, format, title, &contents));
        self.push(format, title.to_owned(), part, None, contents, explanation);
    }

    fn push(
        &mut self,
        format: InputFormat,
        title: String,
        span: Span,
        template: Option<TemplateLanguage>,
        mut contents: Contents,
        explanation: Option<Explanation>,
    ) {
        let mut policies = std::mem::take(&mut contents.policies);
        // Fields are visited in alphabetical order.
        policies.sort_short_by_key(|policy| policy.span().start);
        self.documents.push(RecognizedDocument {
            format,
            title,
            span,
            explanation: explanation.filter(|_| policies.is_empty()),
            policies,
            references: contents.references.clone(),
            template,
            findings: std::mem::take(&mut contents.findings),
        });
        self.contents.push(contents);
    }

    pub(super) fn finish(mut self) -> Recognized {
        let policies: Vec<_> = self
            .documents
            .iter()
            .flat_map(|document| &document.policies)
            .collect();
        let of_all = || self.contents.iter();
        let references: Vec<_> = of_all().flat_map(|found| &found.references).collect();
        let files: Vec<_> = of_all().flat_map(|found| &found.files).collect();
        let mounts: Vec<_> = of_all().flat_map(|found| &found.mounts).collect();
        let paths = policies.iter().filter_map(|policy| policy.file.as_deref());
        let paths: Vec<&str> = paths.collect();
        let of_policy = written::check(
            self.text,
            ServerFile::Policy,
            &paths,
            &references,
            &files,
            &mounts,
        );
        let paths = of_all().flat_map(|found| &found.webhook_files);
        let paths: Vec<&str> = paths.map(String::as_str).collect();
        let references: Vec<_> = of_all()
            .flat_map(|found| &found.webhook_references)
            .collect();
        let of_webhook = written::check(
            self.text,
            ServerFile::Webhook,
            &paths,
            &references,
            &files,
            &mounts,
        );
        self.findings.extend(of_policy);
        self.findings.extend(of_webhook);
        Recognized {
            documents: self.documents,
            findings: self.findings,
        }
    }
}

/// Returns what a YAML document contains.
fn contents_of(root: Node<'_>, source: &str, map: &SourceMap, format: InputFormat) -> Contents {
    let mut contents = Contents::default();
    if format == InputFormat::Policy {
        contents.whole(source, map, None);
        return contents;
    }
    let frame = Frame {
        source,
        map,
        path: "",
        nesting: 0,
        format,
        unknown: &[],
    };
    contents.document(root, &frame);
    if format == InputFormat::RancherCluster {
        let others = rancher_cluster::settings_of_others(root);
        contents.references.retain(|reference| {
            let is_inside = |span: &Span| {
                let span = map.span(*span);
                span.start <= reference.span.start && reference.span.end <= span.end
            };
            !others.iter().any(is_inside)
        });
    }
    contents
}

/// Explains a template in which no policy can be read.
fn unrendered(title: &str, language: TemplateLanguage) -> Explanation {
    let description = format!("{title}, which has to be rendered first");
    Explanation::stated(&description, language.remedy())
}

/// Returns whether a line starts with an audit flag of the server.
fn has_audit_flag(source: &str) -> bool {
    source.lines().any(|line| {
        let line = line.trim_start().trim_start_matches(['-', '"', '\'', ' ']);
        flag_names::starts(line)
    })
}

/// Returns whether a part has no content: only comments, markers and white space.
fn is_blank(source: &str) -> bool {
    source.lines().all(|line| {
        let line = line.trim_start_matches('\u{feff}').trim();
        line.is_empty() || line.starts_with('#') || line == "---" || line.starts_with("--- #")
    })
}

/// Returns whether a text starts as cloud-init's configurations do; a template's header may come first.
fn cloud_init_header(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    lines
        .by_ref()
        .take_while(|line| line.starts_with('#'))
        .any(|line| line.starts_with("#cloud-config"))
}
