//! Loads a policy: decodes and validates it, and reports the errors and warnings of the server.

mod context;
mod documents;
mod draft;
mod fields;
mod invalid;
mod kinds;
mod report;
mod rules_key;
mod shared;

use std::str::FromStr;

use crate::decode::decoder::{self, Decoded};
use crate::decode::json_iterator;
use crate::decode::kind::{self, GroupVersionKind, KindResolution};
use crate::decode::raw_policy::{self, RawPolicy};
use crate::decode::schema::{self, StructType};
use crate::policy::{GroupResources, ParsePolicyError, Policy, Rule};
use crate::protobuf;
use crate::validate::{self, InvalidValue};
use audit_types::KubernetesVersion;
use audit_types::Span;
use audit_types::sort::SortShort;
use audit_types::{Diagnostic, Path};
use audit_types::{Level, Stage};
use context::DiagnosticContext;
pub(crate) use draft::{Doubts, Draft};
pub use kube_yaml::tree::Located;
use kube_yaml::tree::Tree;
use kube_yaml::{Reading, json, text, yaml};
use report::LoadDiagnostics;

pub use documents::IgnoredDocument;

/// Result of loading a policy.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The source as UTF-8; spans count its bytes. Differs from the input only if that was UTF-16 or not valid UTF-8.
    pub text: String,
    /// The policy. `None` if the server rejects it.
    pub policy: Option<Policy>,
    /// The server's error, verbatim. `None` if there is a policy, and if the source is too large to check.
    pub error: Option<String>,
    /// The warning that the server logs, verbatim; may accompany an error.
    pub warning: Option<String>,
    /// Findings of decoding and validation, in order of position. [`lint`](crate::lint()) reports more, of a rejected policy as well.
    pub findings: Vec<Diagnostic>,
    /// Documents after the first, which the server ignores; empty ones are left out.
    pub ignored_documents: Vec<IgnoredDocument>,
    /// The rest of a rejected policy, if it has rules.
    pub(crate) draft: Option<Draft>,
    tree: Tree,
    is_readable: bool,
}

impl Loaded {
    /// Returns the spans of a value, or `None` if the source does not contain it. Works for rejected policies too, as far as they can be parsed.
    pub fn locate(&self, path: &Path) -> Option<Located> {
        self.tree.locate(path)
    }

    /// Makes fixes of values that aliases use too a matter of choice: they would change those as well.
    pub(crate) fn leave_shared(&self, findings: &mut [Diagnostic]) {
        shared::leave_to_the_reader(findings, &self.tree, &self.text);
    }

    /// Returns the spans of strings of several lines, in order of position.
    pub(crate) fn long_strings(&self) -> Vec<Span> {
        let is_long = |span: &Span| {
            let text = self.text.get(span.start..span.end);
            text.is_some_and(|text| text.contains('\n'))
        };
        let mut spans: Vec<Span> = self.tree.strings().filter(is_long).collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans
    }

    /// Returns the document as JSON, before it is decoded as a policy; the last of duplicate keys wins. `None` if the document cannot be
    /// parsed.
    pub fn data(&self) -> Option<serde_json::Value> {
        let root = self.tree.root.filter(|_| self.is_readable)?;
        Some(self.tree.data(root, 0))
    }

    /// Returns the spans of the rules in order: each list item from its first to its last byte.
    pub fn rule_spans(&self) -> Vec<Span> {
        self.tree.item_spans("rules")
    }
}

/// Maximum number of values of the wrong type in a policy of which the rest is checked.
const MAX_WRONG_TYPES: usize = 100;

/// Loads a policy as kube-apiserver of that version does at start-up.
pub fn load(source: &[u8], version: KubernetesVersion) -> Loaded {
    if source.len() > text::MAX_BYTES {
        return too_large(source.len());
    }
    let is_json = text::is_json(source);
    let text = text::read(source);
    let reading = if is_json {
        json::read(&text.text, source)
    } else {
        yaml::read(&text, version)
    };
    let mut loading = Loader::new(source, &text.text, &reading, version, is_json);
    loading.run();
    let (result, report) = (loading.result, loading.report);
    let mut findings = report.into_findings();
    let further_documents = documents::ignored(&text.text, &reading, is_json);
    documents::remove_consequences(&mut findings, &reading.tree, &further_documents);
    findings.extend(documents::findings(
        &text.text,
        &reading.tree,
        &further_documents,
    ));
    findings.sort_short_by(|a, b| position(a).cmp(&position(b)));
    shared::leave_to_the_reader(&mut findings, &reading.tree, &text.text);
    Loaded {
        findings,
        ignored_documents: further_documents,
        policy: result.policy,
        draft: result.draft,
        error: result.error,
        warning: result.warning,
        is_readable: reading.error.is_none(),
        tree: reading.tree,
        text: text.text,
    }
}

/// Loads YAML or JSON as the newest version does. The error is that of the server; use [`load`] for another version, warnings and
/// findings.
impl FromStr for Policy {
    type Err = ParsePolicyError;

    fn from_str(source: &str) -> Result<Self, Self::Err> {
        let loaded = load(source.as_bytes(), KubernetesVersion::NEWEST);
        let first = loaded.findings.into_iter().next();
        let error = loaded.error.or_else(|| Some(first?.message));
        loaded
            .policy
            .ok_or_else(|| ParsePolicyError(error.unwrap_or_default()))
    }
}

/// Key for sorting findings by position.
fn position(finding: &Diagnostic) -> (usize, usize, &str) {
    let span = finding.span().unwrap_or_default();
    (span.start, span.end, &finding.code)
}

/// Reports a document above the limit. The server has no limit, so it reports no error.
fn too_large(bytes: usize) -> Loaded {
    Loaded {
        findings: vec![report::too_large(bytes)],
        ..Loaded::default()
    }
}

/// Result that the server gives.
#[derive(Debug, Default)]
struct ServerResult {
    policy: Option<Policy>,
    draft: Option<Draft>,
    error: Option<String>,
    warning: Option<String>,
}

struct Loader<'a> {
    bytes: &'a [u8],
    source: &'a str,
    reading: &'a Reading,
    version: KubernetesVersion,
    is_json: bool,
    result: ServerResult,
    report: LoadDiagnostics<'a>,
}

impl<'a> Loader<'a> {
    fn new(
        bytes: &'a [u8],
        source: &'a str,
        reading: &'a Reading,
        version: KubernetesVersion,
        is_json: bool,
    ) -> Self {
        Self {
            bytes,
            source,
            reading,
            version,
            is_json,
            result: ServerResult::default(),
            report: LoadDiagnostics::new(DiagnosticContext {
                source,
                is_json,
                tree: &reading.tree,
                version,
            }),
        }
    }

    /// Runs the server's steps in its order; the first that fails decides. Findings are collected beyond that where possible.
    fn run(&mut self) {
        if let Some(body) = protobuf::body(self.bytes) {
            return self.protobuf(body);
        }
        let reading = self.reading;
        if let Some(error) = &reading.error {
            let prefix = if self.is_json {
                "couldn't get version/kind; json parse error: "
            } else {
                ""
            };
            self.reject(format!("failed decoding: {prefix}{}", error.text));
            self.report.unreadable(error.text.clone(), error.span);
            return;
        }
        let found = match kind::read(&reading.tree) {
            Ok(found) => found,
            Err(error) => {
                self.reject(format!("failed decoding: {}", error.text));
                self.report.kind_error(&error);
                return;
            }
        };
        let resolution = found.resolve(self.version, self.source);
        if let KindResolution::Rejected(text) = &resolution {
            self.reject(format!("failed decoding: {text}"));
        }
        let is_policy = self.report.version_and_kind(&found, &resolution);
        if !is_policy {
            return;
        }
        if resolution == KindResolution::Internal {
            self.decode_internal(&found);
        }
        self.decode(&found, &resolution);
    }

    /// Handles a document that the server treats as protobuf; only its envelope is decoded.
    fn protobuf(&mut self, body: &[u8]) {
        let error = match protobuf::decode(body) {
            Err(error) => error.to_string(),
            Ok(found) => match found.resolve(self.version, self.source) {
                KindResolution::Rejected(error) => error,
                KindResolution::Internal => {
                    "object *audit.Policy does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message"
                        .to_owned()
                }
                KindResolution::Policy => "protobuf policies are not supported".to_owned(),
            },
        };
        self.reject(format!("failed decoding: {error}"));
        self.report.protobuf(&error);
    }

    fn reject(&mut self, error: String) {
        self.result.error.get_or_insert(error);
    }

    /// Without an apiVersion, the server decodes into its internal type, warns of nearly every field, and then rejects the policy.
    fn decode_internal(&mut self, found: &GroupVersionKind) {
        let tree = &self.reading.tree;
        let decoded = decoder::decode(tree, &schema::INTERNAL_SHAPE, self.version, "audit");
        match self.type_error(&decoded, &schema::INTERNAL_POLICY, "audit") {
            Some(error) => self.reject(format!("failed decoding: {error}")),
            None => {
                self.warn(&decoded);
                self.reject(format!(
                    "unknown group version field {}/{}, Kind={} in policy",
                    found.group, found.version, found.kind
                ));
            }
        }
    }

    fn decode(&mut self, found: &GroupVersionKind, resolution: &KindResolution) {
        let package = match resolution {
            KindResolution::Policy => found.version.as_str(),
            KindResolution::Internal | KindResolution::Rejected(_) => "v1",
        };
        let reading = self.reading;
        let decoded = decoder::decode(&reading.tree, &schema::POLICY_SHAPE, self.version, package);
        self.report.duplicates(&reading.duplicates);
        self.report.problems(&decoded);
        if let Some(error) = self.type_error(&decoded, &schema::POLICY, package) {
            self.reject(format!("failed decoding: {error}"));
            return self.validate_rest(&decoded);
        }
        if *resolution == KindResolution::Policy {
            self.warn(&decoded);
            self.warn_of_old_version(found);
        }
        let raw = raw_policy::policy(&decoded.fields);
        // Frees memory that a long policy needs in the next steps.
        drop(decoded);
        let invalid = validate::validate(&raw, self.version);
        self.validate(raw, &invalid);
    }

    /// Returns the server's error for a value of the wrong type. Up to 1.22 it comes from another decoder.
    fn type_error(
        &mut self,
        decoded: &Decoded,
        target: &'static StructType,
        package: &str,
    ) -> Option<String> {
        let error = decoded.error.clone();
        if !json_iterator::is_used_by(self.version) || self.result.error.is_some() {
            return error;
        }
        if self.is_json {
            let rejection = json_iterator::decode_json(self.bytes, target, self.version, package)?;
            if error.is_none() {
                self.report.unreadable_number(rejection.read);
            }
            return Some(rejection.text);
        }
        // In YAML no number is out of range, so it finds only errors that the newer decoder finds too.
        error.as_ref()?;
        match json_iterator::decode_tree(&self.reading.tree, target, self.version, package) {
            Ok(rejection) => rejection.map(|rejection| rejection.text),
            Err(json_iterator::TooLong) => error,
        }
    }

    /// Sets the warning of strict decoding, which exists since 1.26.
    fn warn(&mut self, decoded: &Decoded) {
        if !self.version.at_least(26) {
            return;
        }
        let mut items = Vec::new();
        if !self.reading.duplicates.is_empty() {
            let mut item = String::from("yaml: unmarshal errors:");
            for duplicate in &self.reading.duplicates {
                item.push_str("\n  ");
                item.push_str(&duplicate.text);
            }
            items.push(item);
        }
        items.extend(decoded.strict.iter().cloned());
        if !items.is_empty() {
            self.result.warning = Some(format!(
                "Audit policy contains errors, falling back to lenient decoding: strict decoding error: {}",
                items.join(", ")
            ));
        }
    }

    fn warn_of_old_version(&mut self, found: &GroupVersionKind) {
        if found.version != "v1" && self.version.at_least(21) {
            self.result.warning = Some(format!(
                "\"{}\" is deprecated and will be removed in a future release, use \"{}/v1\" instead",
                found.group_version(),
                kind::GROUP
            ));
        }
    }

    fn validate(&mut self, raw: RawPolicy, invalid: &[InvalidValue]) {
        self.report.invalid(invalid);
        if let Some(error) = validate::aggregate(invalid) {
            self.reject(error);
        }
        if raw.rules.is_empty() {
            self.report.no_rules();
            self.reject("loaded illegal policy with 0 rules".to_owned());
        }
        if self.result.error.is_none() {
            self.result.policy = Some(policy(raw));
        } else if !raw.rules.is_empty() {
            self.result.draft = Some(draft::draft(raw, &[], invalid, policy));
        }
    }

    /// Validates what remains of a policy with values of the wrong type. The server stops at the first of them.
    fn validate_rest(&mut self, decoded: &Decoded) {
        // Problems beyond the limit are not listed, so the rest may be anything.
        let wrong_types = draft::wrong_types(&decoded.problems);
        if wrong_types.is_empty() || wrong_types.len() > MAX_WRONG_TYPES {
            return;
        }
        let raw = raw_policy::policy(&decoded.fields);
        let mut invalid = validate::validate(&raw, self.version);
        invalid.retain(|one| !draft::is_effect(&one.path, &wrong_types));
        self.report.invalid(&invalid);
        if !raw.rules.is_empty() {
            self.result.draft = Some(draft::draft(raw, &wrong_types, &invalid, policy));
        }
    }
}

/// Converts a policy. In one that passed validation, all levels and stages are known.
fn policy(raw: RawPolicy) -> Policy {
    let stages = |names: Vec<String>| -> Vec<Stage> {
        names
            .iter()
            .filter_map(|name| Stage::from_name(name))
            .collect()
    };
    let rules = raw.rules.into_iter().map(|rule| Rule {
        level: Level::from_name(&rule.level).unwrap_or_default(),
        users: rule.users,
        user_groups: rule.user_groups,
        verbs: rule.verbs,
        resources: rule
            .resources
            .into_iter()
            .map(|entry| GroupResources {
                group: entry.group,
                resources: entry.resources,
                resource_names: entry.resource_names,
            })
            .collect(),
        namespaces: rule.namespaces,
        non_resource_urls: rule.non_resource_urls,
        omit_stages: stages(rule.omit_stages),
        omit_managed_fields: rule.omit_managed_fields,
    });
    Policy {
        metadata: raw.metadata,
        rules: rules.collect(),
        omit_stages: stages(raw.omit_stages),
        omit_managed_fields: raw.omit_managed_fields,
    }
}
