//! What loading found, as findings: for people, with the place and what to do.

use super::fields;
use crate::decode::decoder::{Decoded, Place, Problem, ProblemKind};
use crate::decode::kind::{self, GroupVersionKind, Recognised};
use crate::decode::schema::Shape;
use crate::finding::{Edit, Finding, Fix, Path, Severity};
use crate::level::{Level, Stage};
use crate::source::Reading;
use crate::source::tree::{Slot, Tree, Value};
use crate::span::Span;
use crate::validate::Invalid;
use crate::version::KubernetesVersion;

/// Findings that are kept of one kind of repetition.
const MAX_FINDINGS: usize = 2_000;

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
}

/// A finding about the whole text, to be narrowed.
pub(super) fn finding(
    code: &'static str,
    severity: Severity,
    message: String,
    span: Span,
) -> Finding {
    Finding {
        code,
        severity,
        message,
        path: Path::root(),
        span,
        help: String::new(),
        fix: None,
    }
}

/// A fix of one edit.
pub(super) fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Fix {
    Fix {
        title: title.into(),
        edits: vec![Edit {
            span,
            text: text.into(),
        }],
    }
}

/// What becomes of a field that the server does not take, in that version.
pub(super) fn dropped(version: KubernetesVersion) -> String {
    if version.at_least(26) {
        format!("{version} drops this field and logs a warning")
    } else {
        format!("{version} drops this field without a word")
    }
}

impl Report {
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    fn push(&mut self, finding: Finding) {
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// AP001: the text is no YAML or JSON.
    pub(super) fn unreadable(&mut self, text: String, span: Span) {
        let message = match text.strip_prefix("yaml: ") {
            Some(rest) => without_line(rest).to_owned(),
            None => text,
        };
        let mut finding = finding("AP001", Severity::Error, message, span);
        finding.help = syntax_help(&finding.message).to_owned();
        self.push(finding);
    }

    /// AP002 or AP003: the top is no mapping, or its version or kind is no text.
    pub(super) fn kind_error(&mut self, text: &str, span: Span, reading: &Reading) {
        let root = reading.tree.root;
        let is_whole = root.is_some_and(|root| root.span == span);
        let mut finding = if is_whole {
            let found = root.map_or("null", |root| noun(reading.tree.get(root)));
            let message = format!("a policy must be a mapping, and this is {found}");
            finding("AP002", Severity::Error, message, first_line_of(span))
        } else if text.starts_with("unexpected GroupVersion") {
            let message = "apiVersion must have the form `group/version`".to_owned();
            finding("AP003", Severity::Error, message, span)
        } else {
            let message = "apiVersion and kind must be text".to_owned();
            finding("AP003", Severity::Error, message, span)
        };
        "write `apiVersion: audit.k8s.io/v1` and `kind: Policy`".clone_into(&mut finding.help);
        self.push(finding);
    }

    /// AP003 and AP006: the version and kind. False where the text is not meant to be a policy at all.
    pub(super) fn version_and_kind(
        &mut self,
        found: &GroupVersionKind,
        recognised: &Recognised,
        reading: &Reading,
        version: KubernetesVersion,
        source: &str,
    ) -> bool {
        let tree = &reading.tree;
        let value = |place: Option<(Span, Slot)>| {
            place.map(|(key, slot)| {
                if slot.span.start == slot.span.end {
                    key
                } else {
                    slot.span
                }
            })
        };
        let top = tree
            .root
            .map_or(Span::default(), |root| first_line(root.span, source));
        let is_old =
            found.group == kind::GROUP && matches!(found.version.as_str(), "v1beta1" | "v1alpha1");
        if is_old && found.kind == "Policy" {
            self.old_version(
                found,
                version,
                value(found.version_place).unwrap_or(top),
                source,
            );
            return true;
        }
        let text = match recognised {
            Recognised::Policy => return true,
            Recognised::Internal => {
                let span = value(found.version_place).unwrap_or(top);
                let message =
                    "apiVersion is missing, and the server refuses the file for it".to_owned();
                let mut finding = finding("AP003", Severity::Error, message, span);
                "add `apiVersion: audit.k8s.io/v1`".clone_into(&mut finding.help);
                finding.path = Path::root().field("apiVersion");
                self.push(finding);
                return true;
            }
            Recognised::Refused(text) => text,
        };
        let kind_is_right = found.kind == "Policy";
        let version_is_right = found.group == kind::GROUP && found.version == "v1";
        let (message, place, wanted, field) = if kind_is_right {
            let message = format!("`{}` is no version of the audit API", found.group_version());
            (
                message,
                found.version_place,
                "audit.k8s.io/v1",
                "apiVersion",
            )
        } else {
            let message = format!(
                "a `{}` of `{}` is no audit policy",
                found.kind,
                found.group_version()
            );
            (message, found.kind_place, "Policy", "kind")
        };
        let span = value(place).unwrap_or(top);
        let mut finding = finding("AP003", Severity::Error, message, span);
        finding.help = format!(
            "write `{field}: {wanted}`; the server says: {}",
            shorten(text)
        );
        finding.path = Path::root().field(field);
        let near_miss = found.kind.eq_ignore_ascii_case("policy")
            && (version_is_right || found.group == kind::GROUP);
        if near_miss && (kind_is_right || version_is_right) {
            finding.fix = place
                .filter(|(_, slot)| is_plain(slot.span, source))
                .map(|(_, slot)| replace(format!("write `{wanted}`"), slot.span, wanted));
        }
        self.push(finding);
        near_miss
    }

    fn old_version(
        &mut self,
        found: &GroupVersionKind,
        version: KubernetesVersion,
        span: Span,
        source: &str,
    ) {
        let name = found.group_version();
        let (severity, message) = if version.at_least(24) {
            let message = format!("`{name}` is gone since 1.24, and {version} refuses the file");
            (Severity::Error, message)
        } else if version.at_least(21) {
            let message = format!("`{name}` is deprecated since 1.21 and gone in 1.24");
            (Severity::Warning, message)
        } else {
            (Severity::Info, format!("`{name}` is gone in 1.24"))
        };
        let mut finding = finding("AP006", severity, message, span);
        "the fields are the same in `audit.k8s.io/v1`: changing this line is all it takes"
            .clone_into(&mut finding.help);
        finding.path = Path::root().field("apiVersion");
        if is_plain(span, source) {
            finding.fix = Some(replace("write `audit.k8s.io/v1`", span, "audit.k8s.io/v1"));
        }
        self.push(finding);
    }

    /// AP011, as YAML has it.
    pub(super) fn duplicates(&mut self, reading: &Reading, version: KubernetesVersion) {
        for duplicate in reading.duplicates.iter().take(MAX_FINDINGS) {
            self.repeated(
                &duplicate.key.replace('"', ""),
                Path::root(),
                duplicate.span,
                version,
            );
        }
    }

    fn repeated(&mut self, key: &str, path: Path, span: Span, version: KubernetesVersion) {
        let message = format!("`{key}` is given more than once here, and the last one counts");
        let mut finding = finding("AP011", Severity::Warning, message, span);
        finding.path = path;
        finding.help = if version.at_least(26) {
            format!("keep one of them; {version} logs a warning and goes on")
        } else {
            format!("keep one of them; {version} says nothing")
        };
        self.push(finding);
    }

    /// AP002, AP010 to AP014: what decoding met.
    pub(super) fn problems(
        &mut self,
        decoded: &Decoded,
        tree: &Tree,
        source: &str,
        version: KubernetesVersion,
        is_json: bool,
    ) {
        for Problem { path, kind } in &decoded.problems {
            match kind {
                ProblemKind::WrongType(place) => {
                    let finding = wrong_type(path, *place, tree, source, is_json);
                    self.push(finding);
                }
                ProblemKind::Unknown {
                    entry,
                    inside,
                    parent,
                } => {
                    let unknown = fields::Unknown {
                        path,
                        entry,
                        inside,
                        parent: *parent,
                    };
                    self.push(unknown.finding(tree, source, version, is_json));
                }
                ProblemKind::Repeated { key, span } => {
                    self.repeated(key, path.clone(), *span, version);
                }
            }
        }
    }

    /// AP005: values that validation refuses.
    pub(super) fn invalid(&mut self, invalid: &[Invalid], tree: &Tree, version: KubernetesVersion) {
        for one in invalid.iter().take(MAX_FINDINGS) {
            let span = place_of(tree, &one.path);
            let message = format!("`{}`: {}", one.path, explain(&one.body));
            let mut finding = finding("AP005", Severity::Error, message, span);
            finding.path = one.path.clone();
            finding.help = advice(one, version);
            finding.fix = respell(one, tree, span);
            self.push(finding);
        }
    }

    /// AP004: nothing to match.
    pub(super) fn no_rules(&mut self, tree: &Tree) {
        let path = Path::root().field("rules");
        let span = match tree.locate(&path) {
            Some(located) => located.key.unwrap_or(located.value),
            None => tree
                .root
                .map_or(Span::default(), |root| first_line_of(root.span)),
        };
        let message = "the policy has no rules, and the server refuses it".to_owned();
        let mut finding = finding("AP004", Severity::Error, message, span);
        finding.path = path;
        "add a rule; `- level: None` alone records nothing".clone_into(&mut finding.help);
        self.push(finding);
    }
}

/// AP002 or AP014.
fn wrong_type(path: &Path, place: Place, tree: &Tree, source: &str, is_json: bool) -> Finding {
    let value = tree.get(place.slot);
    let span = if place.slot.span.start == place.slot.span.end {
        place.key.unwrap_or(place.slot.span)
    } else {
        place.slot.span
    };
    let wants_text = match place.shape {
        Shape::Text(_) => !place.item,
        Shape::Texts(_) | Shape::TextMap => place.item,
        _ => false,
    };
    let spelled = source.get(span.start..span.end).unwrap_or_default();
    let is_word = matches!(value, Value::Bool(_) | Value::Number(_)) && !is_json;
    if wants_text && is_word && is_plain(span, source) {
        let read_as = match value {
            Value::Bool(value) => format!("the boolean {value}"),
            _ => "a number".to_owned(),
        };
        let message = format!("`{spelled}` is {read_as} in YAML 1.1, and `{path}` must be text");
        let mut finding = finding("AP014", Severity::Error, message, span);
        finding.path = path.clone();
        "quote it; as it is, the server refuses the whole file".clone_into(&mut finding.help);
        finding.fix = Some(replace("quote it", span, format!("\"{spelled}\"")));
        return finding;
    }
    let wanted = if place.item {
        place.shape.item_expectation()
    } else {
        place.shape.expectation()
    };
    let message = format!("`{path}` must be {wanted}, and this is {}", noun(value));
    let mut finding = finding("AP002", Severity::Error, message, span);
    finding.path = path.clone();
    "the server refuses the whole file for it".clone_into(&mut finding.help);
    let is_lone_text =
        matches!(value, Value::Text(_)) && matches!(place.shape, Shape::Texts(_)) && !place.item;
    if is_lone_text && (is_plain(span, source) || is_quoted(spelled)) {
        finding.fix = Some(replace("make it a list", span, format!("[{spelled}]")));
    }
    finding
}

/// Whether the text there is a bare word, with nothing in it that means something to YAML.
pub(super) fn is_plain(span: Span, source: &str) -> bool {
    let text = source.get(span.start..span.end).unwrap_or_default();
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+' | '/'))
}

fn is_quoted(text: &str) -> bool {
    let mark = text.chars().next();
    matches!(mark, Some('"' | '\'')) && !text.contains('\n')
}

/// A value's kind, for people.
pub(super) const fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

/// The value's place, or that of the nearest thing around it.
fn place_of(tree: &Tree, path: &Path) -> Span {
    let mut steps = path.clone();
    loop {
        if let Some(located) = tree.locate(&steps) {
            let is_itself = steps == *path;
            if is_itself && located.value.start < located.value.end {
                return located.value;
            }
            return match located.key {
                Some(key) => key,
                None => first_key(tree, &steps).unwrap_or(located.value),
            };
        }
        if steps.0.pop().is_none() {
            return Span::default();
        }
    }
}

/// The first key that stands in the mapping at that path.
fn first_key(tree: &Tree, path: &Path) -> Option<Span> {
    let span = tree.locate(path)?.value;
    let slot = tree.slot(path)?;
    match tree.get(slot) {
        Value::Object(entries) => entries
            .iter()
            .map(|entry| entry.key_span)
            .filter(|key| span.start <= key.start && key.end <= span.end)
            .min_by_key(|key| key.start),
        _ => None,
    }
}

/// The first line of a span, whose text is not at hand: its first byte.
const fn first_line_of(span: Span) -> Span {
    let end = if span.start < span.end {
        span.start + 1
    } else {
        span.end
    };
    Span::new(span.start, end)
}

/// The first line of a span.
fn first_line(span: Span, source: &str) -> Span {
    let text = source.get(span.start..span.end).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    Span::new(span.start, span.start + line.len())
}

/// A parser's message without the line that the finding's span already gives.
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
        "could not find expected ':'" => "a key needs `: ` after it; check the indentation above",
        "did not find expected key" | "did not find expected '-' indicator" => {
            "the indentation does not line up with what stands above"
        }
        "mapping values are not allowed in this context" => {
            "quote a value that has `: ` in it, or check the indentation"
        }
        "control characters are not allowed" => {
            "remove the character, or write it as an escape in double quotes"
        }
        "found incompatible YAML document" => "remove the `%YAML` line",
        _ => "",
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The server's words on an invalid value, cut where they run on.
fn explain(body: &str) -> String {
    let subdomain = "a lowercase RFC 1123 subdomain";
    match body.find(subdomain) {
        Some(at) => format!(
            "{}an API group has only lowercase letters, digits, `-` and `.`",
            body.get(..at).unwrap_or_default().to_lowercase()
        ),
        None => {
            let mut letters = body.chars();
            match letters.next() {
                Some(first) => format!("{}{}", first.to_lowercase(), letters.as_str()),
                None => String::new(),
            }
        }
    }
}

fn advice(invalid: &Invalid, version: KubernetesVersion) -> String {
    let path = invalid.path.to_string();
    if path.ends_with(".group") {
        return if invalid.body.contains("\"*\"") {
            format!("`*` for every group needs 1.36; {version} refuses it")
        } else {
            "name the group without its version, such as `apps`; core is `\"\"`".to_owned()
        };
    }
    if path.ends_with(".level") {
        return "one of `None`, `Metadata`, `Request`, `RequestResponse`, spelled so".to_owned();
    }
    if path.ends_with(".resourceNames") {
        return "add the resources that the names belong to".to_owned();
    }
    if path.ends_with(".nonResourceURLs") {
        return "split the rule in two: one for resources, one for URLs".to_owned();
    }
    String::new()
}

/// A value that is right but for its case, or a group that carries its version.
fn respell(invalid: &Invalid, tree: &Tree, span: Span) -> Option<Fix> {
    let slot = tree.slot(&invalid.path)?;
    let Value::Text(text) = tree.get(slot) else {
        return None;
    };
    let path = invalid.path.to_string();
    let wanted = if path.ends_with(".level") {
        Level::ALL
            .into_iter()
            .map(Level::name)
            .find(|name| name.eq_ignore_ascii_case(text.trim()))?
    } else if path.contains("omitStages[") {
        Stage::ALL
            .into_iter()
            .map(Stage::name)
            .find(|name| name.eq_ignore_ascii_case(text.trim()))?
    } else if path.ends_with(".group") {
        let (group, version) = text.split_once('/')?;
        let is_version = version.starts_with('v') && !group.is_empty();
        let is_group = group.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
        });
        (is_version && is_group).then_some(group)?
    } else {
        return None;
    };
    Some(replace(
        format!("write `{wanted}`"),
        span,
        format!("\"{wanted}\""),
    ))
}
