//! Finds policies in a document: texts and mappings that are audit policies, at known places and at any other.

mod mismatch;
mod parts;
mod unusable;

use audit_policy::document::{Document, Kind, Node};
use audit_types::{Diagnostic, Path, Span, Step};

use self::unusable::{
    folded, mismatched, not_mapping, not_rules, not_text, undecodable, without_kind,
};
use super::embedded::{EmbeddedPolicy, PolicyForm};
use super::owner::Owner;
use super::source_map::SourceMap;
use super::template::TemplateLanguage;
use super::written::{FileMount, PolicyReference, ServerFile, WrittenFile};
use super::{base64, kind, mapping, mime, scalar_map, template, terraform};
use crate::codes::DocumentCode;
use crate::input_format::InputFormat;
use crate::shell_words::Language;

/// Maximum depth of texts within texts.
const MAX_NESTING: usize = 4;

/// Maximum depth of fields and items of a document.
const MAX_DEPTH: usize = 64;

/// Maximum number of policies that are read from a text.
pub(super) const MAX_POLICIES: usize = 200;

/// Length of the shortest text that is inspected.
const MIN_TEXT: usize = 8;

/// Group of audit policies, without which a text that cannot be read as YAML is not taken for one.
const GROUP: &str = "audit.k8s.io/";

/// Everything that a document contains about policies.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) policies: Vec<EmbeddedPolicy>,
    pub(super) references: Vec<PolicyReference>,
    /// Paths of the webhook's configuration.
    pub(super) webhook_references: Vec<PolicyReference>,
    /// Files that are kubeconfig files.
    pub(super) webhook_files: Vec<String>,
    /// Paths of texts that are compressed and not read.
    pub(super) compressed: Vec<String>,
    pub(super) files: Vec<WrittenFile>,
    pub(super) mounts: Vec<FileMount>,
    /// Documents that are texts of this one, with their paths.
    pub(super) inner: Vec<(String, InputFormat)>,
    pub(super) findings: Vec<Diagnostic>,
}

/// A document that is walked, and its place in the outermost text.
pub(super) struct Frame<'t> {
    pub(super) source: &'t str,
    pub(super) map: &'t SourceMap,
    /// Path of the document in the outer one; empty for the outermost.
    pub(super) path: &'t str,
    pub(super) nesting: usize,
    pub(super) format: InputFormat,
    /// Places of expressions, whose value is not known.
    pub(super) unknown: &'t [Span],
}

impl Frame<'_> {
    /// Returns a path as people see it: that of the text, then that within it.
    fn full(&self, path: &Path) -> String {
        match (self.path.is_empty(), path.0.is_empty()) {
            (true, _) => path.to_string(),
            (false, true) => self.path.to_owned(),
            (false, false) => format!("{} > {path}", self.path),
        }
    }
}

impl Contents {
    /// Reads a document.
    pub(super) fn document(&mut self, root: Node<'_>, frame: &Frame<'_>) {
        self.visit(root, &Path::root(), &Owner::default(), frame);
    }

    fn visit(&mut self, node: Node<'_>, path: &Path, owner: &Owner, frame: &Frame<'_>) {
        let depth = path.0.len();
        if depth > MAX_DEPTH || (node.is_alias() && !self.is_known_place(node, path, frame)) {
            return;
        }
        match node.kind() {
            Kind::Object => self.object(node, path, owner, frame),
            Kind::List => {
                let together = self.commands(node, path, owner, frame);
                let items = node.items().enumerate();
                for (index, item) in items.filter(|(index, _)| !together.contains(index)) {
                    self.visit(item, &path.index(index), owner, frame);
                }
            }
            Kind::Text => self.string(node, path, owner, frame),
            _ => {}
        }
    }

    /// Returns whether a value is the policy by its place, so that it is read as one even without levels.
    fn is_known_place(&self, node: Node<'_>, path: &Path, frame: &Frame<'_>) -> bool {
        let fields: Vec<&str> = path.0.iter().rev().take(3).map(field_name).collect();
        let is_place = match frame.format {
            InputFormat::Rke1 => matches!(
                fields.as_slice(),
                ["policy", "configuration", "audit_log" | "auditLog"]
            ),
            InputFormat::Talos => {
                matches!(fields.as_slice(), ["auditPolicy", ..] | ["configuration"])
            }
            _ => false,
        };
        is_place && node.kind() == Kind::Object && node.fields().next().is_some()
    }

    fn object(&mut self, node: Node<'_>, path: &Path, outer: &Owner, frame: &Frame<'_>) {
        let field = path.0.last().map(field_name).unwrap_or_default();
        let is_policy = mapping::is_policy(node, field, frame.format);
        if !path.0.is_empty() && (is_policy || self.is_known_place(node, path, frame)) {
            return self.mapping(node, path, frame);
        }
        self.mounts.extend(FileMount::read(node));
        // Fields of an argument list that is a mapping are not flags.
        let is_rancher = matches!(frame.format, InputFormat::K3s | InputFormat::Rke2);
        if !(is_rancher && field.starts_with("kube-apiserver-arg")) {
            let read = |of| PolicyReference::read(node, frame.map, of);
            self.references.extend(read(ServerFile::Policy));
            self.webhook_references.extend(read(ServerFile::Webhook));
        }
        let owner = Owner::of(node, outer, frame.format);
        if owner.writes_file
            && let Some(file) = &owner.file
        {
            self.files.push(WrittenFile {
                path: file.clone(),
                span: frame.map.span(node.span()),
            });
        }
        let rules = node.field("audit_policy_custom_rules");
        if let Some(field) = rules.filter(|field| field.value.kind() == Kind::List) {
            self.findings.push(not_text(frame.map.span(field.key)));
        }
        let is_metadata = path.0.last().map(field_name) == Some("metadata");
        for field in node.fields() {
            // Annotations contain copies, such as the configuration that was applied last.
            if !(is_metadata && matches!(field.name, "annotations" | "managedFields")) {
                let owner = owner.of_field(node, field.name);
                self.visit(field.value, &path.field(field.name), &owner, frame);
            }
        }
    }

    /// Adds a policy that is a mapping of the document.
    fn mapping(&mut self, node: Node<'_>, path: &Path, frame: &Frame<'_>) {
        let Some(extract) = mapping::extract(node, frame.source) else {
            return;
        };
        // Talos and Kubernetes objects give the mapping to the server as it is; other programs fill in version and kind.
        let is_completed = frame.format != InputFormat::Talos;
        let (prefix, text) = mapping::completed(node, extract.text, is_completed);
        let unknown = extract.map.inner_spans(frame.unknown).into_iter();
        let moved = |span: Span| Span::new(span.start + prefix, span.end + prefix);
        let unknown = template::of_unknown(&text, unknown.map(moved).collect());
        let map = extract.map.after_prefix(prefix).within(frame.map);
        let has_kind = node.field("kind").is_some();
        let is_rejected = !has_kind && is_policy_of_rke1(path, frame);
        let rejected = is_rejected.then(|| without_kind(map.whole()));
        self.findings.extend(rejected);
        self.push(EmbeddedPolicy {
            path: frame.full(path),
            file: None,
            form: PolicyForm::Mapping,
            source: map,
            template: unknown.or_else(|| template::find_in_policy(&text)),
            text,
            findings: Vec::new(),
        });
    }

    fn push(&mut self, policy: EmbeddedPolicy) {
        if self.policies.len() < MAX_POLICIES {
            self.policies.push(policy);
        } else if self.policies.len() == MAX_POLICIES && self.findings.is_empty() {
            let message = format!("only the first {MAX_POLICIES} policies are checked");
            let finding = Diagnostic::of(DocumentCode::PartlyRead, message)
                .with_help("split the text into several files")
                .labeled(audit_types::Document::Manifest, policy.source.whole());
            self.findings.push(finding);
        }
    }

    /// Reads a string: a policy, another document, or a text that names the policy's file.
    fn string(&mut self, node: Node<'_>, path: &Path, owner: &Owner, frame: &Frame<'_>) {
        let Some(text) = node.text() else {
            return;
        };
        let name = path.0.last().map(field_name).unwrap_or_default();
        // An empty text stands for kubespray's own rules.
        if name == "audit_policy_custom_rules" && !text.is_empty() {
            return self.kubespray_rules(node, text, path, frame);
        }
        if text.len() < MIN_TEXT && !owner.is_base64 {
            return;
        }
        if is_policy_of_rke1(path, frame) {
            return self.policy_text_of_rke1(node, text, path, frame);
        }
        let place = frame.map.span(node.span());
        let decoded = base64::contents(node, owner);
        if matches!(
            frame.format,
            InputFormat::CloudInit | InputFormat::ClusterApi
        ) && let Some(problem) = mismatch::mismatch(node, owner, looks_like_policy)
        {
            let is_tagged = base64::binary(node).is_some();
            let finding = mismatched(&frame.full(path), problem, is_tagged, place);
            self.findings.push(finding);
        }
        let inner = Inner {
            path: &frame.full(path),
            owner,
            nesting: frame.nesting,
            expanded_by: None,
        };
        let is_read = decoded.as_ref().is_some_and(Result::is_ok);
        if !is_read && text.starts_with(base64::GZIP) {
            self.compressed.push(inner.path.to_owned());
        }
        match decoded {
            None if scalar_map::joins_policy(node) => self.folded(node, text, &inner, frame),
            None => {
                let map = scalar_map::map(node, frame.source).within(frame.map);
                self.text(text, &map, &inner);
            }
            Some(Ok(decoded)) => self.text(&decoded, &SourceMap::coarse(place), &inner),
            Some(Err(error)) => {
                let about = format!(
                    "{}{}",
                    inner.path,
                    owner.file.as_deref().unwrap_or_default()
                );
                if about.contains("audit") || about.contains("policy") || text.contains(GROUP) {
                    let is_plain = text.contains(GROUP);
                    self.findings
                        .push(undecodable(inner.path, &error, is_plain, place));
                }
            }
        }
    }

    fn kubespray_rules(&mut self, node: Node<'_>, text: &str, path: &Path, frame: &Frame<'_>) {
        let mut findings = Vec::new();
        let place = frame.map.span(node.span());
        let document = Document::read(text).ok();
        let root = document.as_ref().and_then(Document::root);
        if scalar_map::joins_rules(node) {
            findings.push(folded(place));
        } else if root.is_some_and(|root| root.kind() == Kind::Object) {
            findings.push(not_rules(place));
        }
        let (full, rules) = mapping::rules(text);
        let map = rules.within(&scalar_map::map(node, frame.source));
        self.push(EmbeddedPolicy {
            path: frame.full(path),
            file: None,
            form: PolicyForm::Rules,
            source: map.within(frame.map),
            template: template::find(&full),
            text: full,
            findings,
        });
    }

    /// Adds a policy of RKE1 that is a text instead of a mapping.
    fn policy_text_of_rke1(&mut self, node: Node<'_>, text: &str, path: &Path, frame: &Frame<'_>) {
        self.push(EmbeddedPolicy {
            path: frame.full(path),
            file: None,
            form: PolicyForm::Text,
            source: scalar_map::map(node, frame.source).within(frame.map),
            template: None,
            text: text.to_owned(),
            findings: vec![not_mapping(frame.map.span(node.span()))],
        });
    }

    /// Adds a policy that is a whole document.
    pub(super) fn whole(
        &mut self,
        source: &str,
        map: &SourceMap,
        template: Option<template::Template>,
    ) {
        self.push(EmbeddedPolicy {
            path: String::new(),
            file: None,
            form: PolicyForm::Document,
            source: map.clone(),
            template,
            text: source.to_owned(),
            findings: Vec::new(),
        });
    }

    /// Reads a text that is not YAML: the policies in its here-documents and the paths that it names.
    pub(super) fn script(&mut self, text: &str, map: &SourceMap, inner: &Inner<'_>) {
        let language = match inner.expanded_by {
            Some(TemplateLanguage::Terraform) => Language::Terraform,
            _ => Language::Any,
        };
        self.references
            .extend(PolicyReference::in_text(language, text, map));
        self.here_documents(text, map, inner);
    }

    /// Adds a policy whose lines YAML joins.
    fn folded(&mut self, node: Node<'_>, text: &str, inner: &Inner<'_>, frame: &Frame<'_>) {
        let place = frame.map.span(node.span());
        self.push(EmbeddedPolicy {
            path: inner.path.to_owned(),
            file: inner.owner.file.clone(),
            form: PolicyForm::Text,
            source: SourceMap::coarse(place),
            template: None,
            text: text.to_owned(),
            findings: vec![folded(place)],
        });
    }

    /// Reads the objects and strings of a Terraform configuration. Its here-documents are those of a script.
    pub(super) fn terraform(&mut self, source: &str, map: &SourceMap) {
        for value in terraform::objects(source) {
            let Some(object) = value.object else { continue };
            let document = Document::read(&object).ok();
            let Some(root) = document.as_ref().and_then(Document::root) else {
                continue;
            };
            if !kind::is_policy(root) {
                let inner = SourceMap::of_parts(&value.parts, value.span).within(map);
                let frame = Frame {
                    source: &object,
                    map: &inner.read_only(),
                    path: &value.name,
                    nesting: 0,
                    format: kind::of(root),
                    unknown: &value.unknown,
                };
                self.document(root, &frame);
                continue;
            }
            let (prefix, text) = mapping::completed(root, object.clone(), true);
            let inner = SourceMap::of_parts(&value.parts, value.span).after_prefix(prefix);
            let moved = |span: &Span| Span::new(span.start + prefix, span.end + prefix);
            let unknown: Vec<Span> = value.unknown.iter().map(moved).collect();
            self.push(EmbeddedPolicy {
                path: value.name,
                file: None,
                form: PolicyForm::Mapping,
                source: inner.within(map).read_only(),
                template: template::of_unknown(&text, unknown),
                text,
                findings: Vec::new(),
            });
        }
        for value in terraform::strings(source) {
            let Some(spelled) = source.get(value.span.start..value.span.end) else {
                continue;
            };
            // A string of Terraform has the escapes of a double-quoted scalar.
            let Ok(document) = Document::read(spelled) else {
                continue;
            };
            let Some(root) = document.root() else {
                continue;
            };
            let place = SourceMap::part(value.span).within(map);
            let inner = scalar_map::map(root, spelled).within(&place).read_only();
            let owner = Owner::default();
            let at = Inner {
                path: &value.name,
                owner: &owner,
                nesting: 0,
                expanded_by: Some(TemplateLanguage::Terraform),
            };
            self.text(root.text().unwrap_or_default(), &inner, &at);
        }
    }

    /// Reads a text inside a document.
    pub(super) fn text(&mut self, text: &str, map: &SourceMap, inner: &Inner<'_>) {
        self.references
            .extend(PolicyReference::in_text(Language::Any, text, map));
        if !text.contains(':') {
            return;
        }
        if inner.nesting < MAX_NESTING
            && let Some(parts) = mime::parts(text)
        {
            return self.message(text, &parts, map, inner);
        }
        if let Some((at, policy)) = literal_of_kustomize(text) {
            let part = Span::new(at, text.len());
            // A line before the first one would be part of the key.
            let below = SourceMap::part(part).within(map).read_only();
            return self.text(policy, &below, inner);
        }
        let has_policy = looks_like_policy(text);
        let found = match inner.expanded_by {
            None => template::find_in_policy(text),
            language => template::find_expanded(text, language),
        };
        let source = found.as_ref().map_or(text, |found| found.blanked.as_str());
        match Document::read(source) {
            Ok(document) => {
                if document.root().is_some_and(kind::is_policy) {
                    return self.text_policy(text, map, inner, found);
                }
            }
            Err(_) if has_policy => {
                let before = self.policies.len();
                self.here_documents(text, map, inner);
                if self.policies.len() == before {
                    self.text_policy(text, map, inner, found);
                }
                return;
            }
            Err(_) => {}
        }
        if inner.nesting < MAX_NESTING {
            self.documents_in(text, map, inner);
        } else if text.contains(GROUP) {
            let message = format!("texts in more than {MAX_NESTING} other texts are not read");
            let finding = Diagnostic::of(DocumentCode::PartlyRead, message)
                .with_help("check the policy as a file of its own")
                .labeled(audit_types::Document::Manifest, map.whole());
            self.findings.push(finding);
        }
    }

    fn text_policy(
        &mut self,
        text: &str,
        map: &SourceMap,
        inner: &Inner<'_>,
        template: Option<template::Template>,
    ) {
        self.push(EmbeddedPolicy {
            path: inner.path.to_owned(),
            file: inner.owner.file.clone(),
            form: PolicyForm::Text,
            source: map.clone(),
            template,
            text: text.to_owned(),
            findings: Vec::new(),
        });
    }
}

/// Place of a text in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inner<'o> {
    pub(super) path: &'o str,
    pub(super) owner: &'o Owner,
    pub(super) nesting: usize,
    /// Language that replaces variables in the text.
    pub(super) expanded_by: Option<TemplateLanguage>,
}

fn field_name(step: &Step) -> &str {
    match step {
        Step::Field(name) => name,
        Step::Index(_) => "",
    }
}

/// Splits a literal of Kustomize, `policy.yaml=apiVersion: …`, into its key and a policy. Returns the policy with its offset.
fn literal_of_kustomize(text: &str) -> Option<(usize, &str)> {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let at = text.bytes().position(|byte| !is_of_key(byte))?;
    let policy = text.get(at..)?.strip_prefix('=')?;
    let is_start = ["apiVersion:", "kind:", "rules:", "omitStages:"]
        .iter()
        .any(|key| policy.starts_with(key));
    (at > 0 && is_start).then_some((at + 1, policy))
}

/// Returns whether a text that cannot be read as YAML is meant to be a policy: it has the version and kind of one at the indentation of its first
/// line.
pub(super) fn looks_like_policy(text: &str) -> bool {
    let spaces = |line: &str| line.len() - line.trim_start().len();
    let is_content = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with(['#', '{', '%', '<']) && line != "---"
    };
    let lines = || {
        text.trim_start_matches('\u{feff}')
            .lines()
            .filter(is_content)
    };
    let Some(margin) = lines().next().map(spaces) else {
        return false;
    };
    let has = |key: &str, is_value: &dyn Fn(&str) -> bool| {
        lines().filter(|line| spaces(line) == margin).any(|line| {
            let line = line.trim_start().trim_start_matches(['"', '\'']);
            let value = line.strip_prefix(key).map(|rest| {
                rest.trim_start_matches(['"', '\'', ' '])
                    .strip_prefix(':')
                    .unwrap_or_default()
                    .trim_matches([' ', '"', '\'', ',', '\r'])
            });
            value.is_some_and(is_value)
        })
    };
    text.contains(GROUP)
        && has("apiVersion", &|value| value.starts_with(GROUP))
        && has("kind", &|value| {
            value.starts_with("Policy") || value.starts_with("policy")
        })
}

/// Returns whether a value is the policy in the `cluster.yml` that `rke up` reads. Rancher reads its own clusters in another way.
fn is_policy_of_rke1(path: &Path, frame: &Frame<'_>) -> bool {
    let fields: Vec<&str> = path.0.iter().map(field_name).collect();
    frame.format == InputFormat::Rke1
        && matches!(
            fields.as_slice(),
            [
                "services",
                "kube-api",
                "audit_log",
                "configuration",
                "policy"
            ]
        )
}
