//! Diagnostics of loading.

use super::context::{DiagnosticContext, finding, is_plain, replace, value_name};
use super::rules_key::{self, MissingKey};
use super::{fields, invalid, kinds};
use crate::codes::PolicyCode;
use crate::decode::decoder::{DecodeProblem, Decoded, ProblemKind, TypedNode};
use crate::decode::kind::{GroupVersionKind, KindError, KindResolution};
use crate::decode::schema::FieldType;
use crate::validate::InvalidValue;
use audit_types::Span;
use audit_types::excerpt::quote;
use audit_types::{Diagnostic, Document, Path, Severity, Step};
use kube_yaml::tree::Value;
use kube_yaml::{DuplicateKey, text};

/// Maximum number of diagnostics.
const MAX_FINDINGS: usize = 2_000;

/// Collects diagnostics.
#[derive(Debug)]
pub(super) struct LoadDiagnostics<'a> {
    context: DiagnosticContext<'a>,
    findings: Vec<Diagnostic>,
}

impl<'a> LoadDiagnostics<'a> {
    pub(super) const fn new(context: DiagnosticContext<'a>) -> Self {
        Self {
            context,
            findings: Vec::new(),
        }
    }

    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings
    }

    fn push(&mut self, finding: Diagnostic) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// AP001: neither YAML nor JSON.
    pub(super) fn unreadable(&mut self, text: String, span: Span) {
        let DiagnosticContext {
            source,
            version,
            is_json,
            ..
        } = self.context;
        let missing = (!is_json).then(|| rules_key::in_text(source, version));
        let finding = match missing.flatten() {
            Some(missing) => missing_key(PolicyCode::Unparsable, missing),
            None => unreadable(text, span),
        };
        let finding = match other_space(source, span.end) {
            Some(place) if !is_json => named_space(finding, source, place),
            _ => finding,
        };
        self.push(finding);
    }

    /// AP001: the file starts with the protobuf prefix.
    pub(super) fn protobuf(&mut self, error: &str) {
        let message = format!("file starts with the protobuf prefix: {error}");
        let mut finding = finding(
            PolicyCode::Unparsable,
            Severity::Error,
            message,
            Span::new(0, 3),
        );
        "remove the bytes `k8s` and NUL at the start; with them, kube-apiserver tries neither YAML nor JSON"
            .clone_into(&mut finding.help);
        self.push(finding);
    }

    /// AP002 or AP003: the document is not a mapping, or its version or kind is not a string.
    pub(super) fn kind_error(&mut self, error: &KindError) {
        let DiagnosticContext { tree, .. } = self.context;
        if error.field.is_none()
            && let Some(missing) = rules_key::of_root(self.context)
        {
            return self.push(missing_key(PolicyCode::WrongType, missing));
        }
        let span = error.span;
        let mut finding = if let Some(field) = error.field {
            let message = if error.text.starts_with("unexpected GroupVersion") {
                "`apiVersion` must have the form `group/version`"
            } else {
                "`apiVersion` and `kind` must be strings"
            };
            let mut finding = finding(
                PolicyCode::NotAPolicy,
                Severity::Error,
                message.to_owned(),
                span,
            );
            finding.path = Path::root().field(field);
            finding
        } else {
            let found = tree.root.map_or("null", |root| kind_name(tree.get(root)));
            let message = format!("a policy must be a mapping, not {found}");
            finding(
                PolicyCode::WrongType,
                Severity::Error,
                message,
                self.context.top(),
            )
        };
        "write `apiVersion: audit.k8s.io/v1` and `kind: Policy`".clone_into(&mut finding.help);
        self.push(finding);
    }

    /// AP003 and AP006: the version and kind. Returns false if the document is not intended to be a policy.
    pub(super) fn version_and_kind(
        &mut self,
        found: &GroupVersionKind,
        recognized: &KindResolution,
    ) -> bool {
        let (finding, is_policy) = kinds::finding(found, recognized, self.context);
        if let Some(finding) = finding {
            self.push(finding);
        }
        is_policy
    }

    /// AP002: a number that the decoder up to 1.22 cannot read, even in an unknown field. It ends at byte `end`.
    pub(super) fn unreadable_number(&mut self, end: usize) {
        let DiagnosticContext {
            source, version, ..
        } = self.context;
        let before = source.get(..end).unwrap_or_default();
        let is_part = |letter: char| letter.is_ascii_digit() || "+-.eE".contains(letter);
        let start = before.trim_end_matches(is_part).len();
        let span = Span::new(start, before.len().max(start));
        let text = before.get(start..).unwrap_or_default();
        let message = format!("number `{text}` is out of range for {version}");
        let mut finding = finding(PolicyCode::WrongType, Severity::Error, message, span);
        "kube-apiserver 1.20 to 1.22 reject the whole file, even if the number is in an unknown field"
            .clone_into(&mut finding.help);
        self.push(finding);
    }

    /// AP011: duplicate keys that the YAML parser reports.
    pub(super) fn duplicates(&mut self, duplicates: &[DuplicateKey]) {
        for duplicate in duplicates.iter().take(MAX_FINDINGS) {
            let key = duplicate.key.replace('"', "");
            self.repeated(&key, Path::root(), duplicate.span);
        }
    }

    fn repeated(&mut self, key: &str, path: Path, span: Span) {
        let version = self.context.version;
        let message = format!("duplicate key `{key}`: the last value is used");
        let mut finding = finding(PolicyCode::DuplicateKey, Severity::Warning, message, span);
        finding.path = path;
        finding.help = if version.at_least(26) {
            format!("keep one of them; {version} logs a warning and continues")
        } else {
            format!("keep one of them; {version} does not report it")
        };
        self.push(finding);
    }

    /// AP002, AP010 to AP014: problems of decoding.
    pub(super) fn problems(&mut self, decoded: &Decoded) {
        let mut is_in_stages = false;
        for DecodeProblem { path, kind } in &decoded.problems {
            match kind {
                ProblemKind::WrongType(typed) if is_stage(path) => {
                    // The rules after the first one have the same cause.
                    if is_in_stages {
                        continue;
                    }
                    let missing = rules_key::in_list(self.context, typed.value.span);
                    is_in_stages = missing.is_some();
                    let mut finding = match missing {
                        Some(missing) => missing_key(PolicyCode::WrongType, missing),
                        None => wrong_type(path, *typed, self.context),
                    };
                    finding.path = path.clone();
                    self.push(finding);
                }
                ProblemKind::WrongType(typed) => {
                    let finding = wrong_type(path, *typed, self.context);
                    self.push(finding);
                }
                ProblemKind::Unknown {
                    entry,
                    inside,
                    parent,
                } => {
                    let unknown = fields::UnknownField {
                        context: self.context,
                        path,
                        entry,
                        inside,
                        parent: *parent,
                    };
                    self.push(unknown.finding());
                }
                ProblemKind::Repeated { key, span } => self.repeated(key, path.clone(), *span),
            }
        }
    }

    /// AP005: values that validation rejects.
    pub(super) fn invalid(&mut self, invalid: &[InvalidValue]) {
        for one in invalid.iter().take(MAX_FINDINGS) {
            let finding = invalid::finding(one, self.context);
            self.push(finding);
        }
    }

    /// AP004: no rules.
    pub(super) fn no_rules(&mut self) {
        let path = Path::root().field("rules");
        let span = match self.context.tree.locate(&path) {
            Some(located) => located.key.unwrap_or(located.value),
            None => self.context.top(),
        };
        let message = "no rules: kube-apiserver rejects the policy".to_owned();
        let mut finding = finding(PolicyCode::NoRules, Severity::Error, message, span);
        finding.path = path;
        finding.help = match self.other_list() {
            Some(key) if key.starts_with("rules:") => "start a new line after `rules:`".to_owned(),
            Some(key) if self.is_wrapper(key) => {
                format!("move the rules under {} to the top level", quote(key))
            }
            Some(key) => format!(
                "rename {} to `rules`: the rules under it are not read",
                quote(key)
            ),
            None => "add a rule, such as `- level: Metadata`".to_owned(),
        };
        self.push(finding);
    }

    /// Returns the key at the top level under which a list of rules was written.
    fn other_list(&self) -> Option<&'a str> {
        let tree = self.context.tree;
        let Value::Object(entries) = tree.get(tree.root?) else {
            return None;
        };
        let mut entries = entries.iter();
        let other = entries.find(|entry| {
            let is_list = entry.key != "rules" && rules_key::is_list_of_rules(tree, entry.node);
            is_list || self.is_wrapper(&entry.key) || entry.key.starts_with("rules:")
        });
        other.map(|entry| entry.key.as_str())
    }

    /// Returns true if a field of the top level is a mapping with a list of rules, such as `spec`.
    fn is_wrapper(&self, key: &str) -> bool {
        let tree = self.context.tree;
        let entry = tree.root.and_then(|root| tree.field(root, key));
        let rules = entry.and_then(|entry| tree.field(entry.node, "rules"));
        rules.is_some_and(|rules| rules_key::is_list_of_rules(tree, rules.node))
    }
}

/// Returns true for the path of an item of the policy's `omitStages`.
fn is_stage(path: &Path) -> bool {
    matches!(path.0.as_slice(), [Step::Field(list), Step::Index(_)] if list == "omitStages")
}

/// A list of rules without its key.
fn missing_key(code: PolicyCode, missing: MissingKey) -> Diagnostic {
    let message = missing.message.to_owned();
    let mut finding = finding(code, Severity::Error, message, missing.span);
    missing.help.clone_into(&mut finding.help);
    finding.fix = Some(missing.fix);
    finding
}

/// AP001: the document is too large.
pub(super) fn too_large(bytes: usize) -> Diagnostic {
    let limit = text::MAX_BYTES >> 20;
    let message = format!("policy too large to check: {bytes} bytes, the limit is {limit} MiB");
    let mut finding = finding(
        PolicyCode::Unparsable,
        Severity::Error,
        message,
        Span::default(),
    );
    "kube-apiserver has no such limit and may accept the policy".clone_into(&mut finding.help);
    finding
}

/// AP001: the parser's error without its line number, which the span has.
pub(super) fn unreadable(text: String, span: Span) -> Diagnostic {
    let message = match text.strip_prefix("yaml: ") {
        Some(rest) => without_line(rest).to_owned(),
        None => text,
    };
    let mut finding = finding(PolicyCode::Unparsable, Severity::Error, message, span);
    syntax_help(&finding.message).clone_into(&mut finding.help);
    finding
}

/// Returns the last character before an offset that looks like a space and that YAML does not take for one, where the structure needs one: in the margin of
/// a line, or after the sign of a field or an item.
fn other_space(source: &str, end: usize) -> Option<Span> {
    let end = source
        .get(end..)?
        .find('\n')
        .map_or(source.len(), |at| end + at);
    let before = source.get(..end)?;
    let is_other = |c: char| {
        matches!(
            c,
            '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
    };
    let mut found = None;
    let mut start = 0;
    for line in before.split_inclusive('\n') {
        let content = line.trim_start();
        let place = line.char_indices().find(|(at, character)| {
            let ahead = line.get(..*at).unwrap_or_default();
            let is_structure = ahead.trim().is_empty() || ahead.ends_with([':', '-']);
            is_other(*character) && is_structure
        });
        if let Some((at, character)) = place.filter(|_| !content.starts_with('#')) {
            found = Some(Span::new(start + at, start + at + character.len_utf8()));
        }
        start += line.len();
    }
    found
}

/// Names a character that looks like a space in the finding about a text that cannot be read because of it.
fn named_space(finding: Diagnostic, source: &str, place: Span) -> Diagnostic {
    let is_common = source.get(place.start..place.end) == Some("\u{a0}");
    let name = if is_common {
        "a non-breaking space"
    } else {
        "a character that looks like a space"
    };
    finding
        .with_help(format!(
            "replace {name} with a space: YAML does not take it for one"
        ))
        .related(Document::Policy, place, name)
}

/// AP002 or AP014.
fn wrong_type(path: &Path, typed: TypedNode, context: DiagnosticContext<'_>) -> Diagnostic {
    let DiagnosticContext {
        source,
        is_json,
        tree,
        ..
    } = context;
    let name = value_name(path);
    let value = tree.get(typed.value);
    let span = if typed.value.span.start == typed.value.span.end {
        typed.key.unwrap_or(typed.value.span)
    } else {
        typed.value.span
    };
    let wants_text = match typed.field_type {
        FieldType::Text(_) => !typed.is_item,
        FieldType::Texts(_) | FieldType::TextMap => typed.is_item,
        _ => false,
    };
    let spelled = source.get(span.start..span.end).unwrap_or_default();
    let is_word = matches!(value, Value::Bool(_) | Value::Number(_)) && !is_json;
    if wants_text && is_word && is_plain(span, source) {
        let read_as = match value {
            Value::Bool(value) => format!("the boolean {value}"),
            _ => "a number".to_owned(),
        };
        let message = format!("`{spelled}` is {read_as} in YAML 1.1, but {name} must be a string");
        let mut finding = finding(PolicyCode::NotAString, Severity::Error, message, span);
        finding.path = path.clone();
        "quote it; kube-apiserver rejects the whole file otherwise".clone_into(&mut finding.help);
        finding.fix = Some(replace("quote it", span, format!("\"{spelled}\"")));
        return finding;
    }
    let wanted = if typed.is_item {
        typed.field_type.item_expectation()
    } else {
        typed.field_type.expectation()
    };
    let message = format!("{name} must be {wanted}, not {}", kind_name(value));
    let mut finding = finding(PolicyCode::WrongType, Severity::Error, message, span);
    finding.path = path.clone();
    wrong_type_help(path, typed.field_type, value).clone_into(&mut finding.help);
    let is_lone_text = matches!(value, Value::Text(_))
        && matches!(typed.field_type, FieldType::Texts(_))
        && !typed.is_item;
    if is_lone_text && (is_plain(span, source) || is_quoted(spelled)) {
        finding.fix = Some(replace("make it a list", span, format!("[{spelled}]")));
    } else if is_lone_text && matches!(value, Value::Text(text) if text == spelled) {
        let is_simple = |letter: char| letter.is_alphanumeric() || ".:_-+/@*".contains(letter);
        // A colon, for example, is quoted inside brackets.
        finding.fix = spelled
            .chars()
            .all(is_simple)
            .then(|| replace("make it a list", span, format!("[\"{spelled}\"]")));
    }
    finding
}

/// States how a list of objects is written, if that is what is missing.
fn wrong_type_help(path: &Path, field_type: &FieldType, value: &Value) -> &'static str {
    let is_object = matches!(value, Value::Object(_));
    let is_bare_resource =
        matches!(field_type, FieldType::Objects(target) if target.name == "GroupResources");
    if is_bare_resource && is_object {
        "start each entry with `- `, such as `- group: \"\"`"
    } else if is_bare_resource {
        "an entry is a mapping such as `{group: \"\", resources: [pods]}`"
    } else if path.to_string() == "rules" && is_object {
        "start each rule with `- `, such as `- level: Metadata`"
    } else {
        "kube-apiserver rejects the whole file"
    }
}

fn is_quoted(text: &str) -> bool {
    let mark = text.chars().next();
    matches!(mark, Some('"' | '\'')) && !text.contains('\n')
}

/// Names the kind of a value in a message.
const fn kind_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "a string",
        Value::List(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// Strips the line number from a parser's message.
fn without_line(text: &str) -> &str {
    text.strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
        .filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(text, |(_, rest)| rest)
}

fn syntax_help(message: &str) -> &'static str {
    match message {
        "found character that cannot start any token" => {
            "indent with spaces, not tabs, and quote values that start with `@`, a backtick or `%`"
        }
        "could not find expected ':'" => "add `: ` after the key, or check the indentation above",
        "did not find expected key" | "did not find expected '-' indicator" => {
            "the indentation does not match the lines above"
        }
        "mapping values are not allowed in this context" => {
            "quote values that contain `: `, or check the indentation"
        }
        "block sequence entries are not allowed in this context" => {
            "put the first item of a list on a line of its own, below the key"
        }
        "control characters are not allowed" => {
            "remove the character, or write it as an escape in double quotes"
        }
        "found incompatible YAML document" => "remove the `%YAML` line",
        "invalid character ']' looking for beginning of value" => {
            "remove the comma after the last item: JSON has no trailing commas"
        }
        "invalid character '}' looking for beginning of object key string" => {
            "remove the comma after the last field: JSON has no trailing commas"
        }
        _ => "",
    }
}
