//! Policy text in, policy and findings out: decode, validate, and say what the server would say.

mod documents;
mod fields;
mod invalid;
mod kinds;
mod report;

use crate::decode::decoder::{self, Decoded};
use crate::decode::json_iterator;
use crate::decode::kind::{self, GroupVersionKind, KindResolution};
use crate::decode::raw_policy::{self, RawPolicy};
use crate::decode::schema::{self, StructType};
use crate::finding::{Finding, Path};
use crate::level::{Level, Stage};
use crate::policy::{GroupResources, Policy, Rule};
use crate::protobuf;
use crate::source::tree::Tree;
use crate::source::{Reading, json, text, yaml};
use crate::span::Span;
use crate::validate::{self, InvalidValue};
use crate::version::KubernetesVersion;
pub use kube_yaml::tree::Located;
use report::{DiagnosticContext, LoadDiagnostics};

pub use documents::IgnoredDocument;

/// All that loading says of a policy.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The source as UTF-8 text; spans count its bytes. The same bytes as the input unless that was UTF-16 or no text.
    pub text: String,
    /// The policy, where the server accepts it.
    pub policy: Option<Policy>,
    /// The server's reason for refusing it, to the letter; `None` with a policy, and if the text is too large to read here.
    pub error: Option<String>,
    /// The warning that the server logs, to the letter; possible beside an error.
    pub warning: Option<String>,
    /// What is worth saying, by place. Decoding and validation only; `lint` adds to it.
    pub findings: Vec<Finding>,
    /// Documents after the first, which the server ignores; those with nothing in them are left out.
    pub ignored_documents: Vec<IgnoredDocument>,
    tree: Tree,
    is_readable: bool,
}

impl Loaded {
    /// Where a value stands; none where the source does not spell it. Works on a policy that is refused too, as far as it can be read.
    pub fn locate(&self, path: &Path) -> Option<Located> {
        self.tree.locate(path)
    }

    /// The text as plain data, before anything is made of it as a policy; of a key that comes twice, the last value. None where the text
    /// cannot be read.
    pub fn data(&self) -> Option<serde_json::Value> {
        let root = self.tree.root.filter(|_| self.is_readable)?;
        Some(self.tree.data(root, 0))
    }

    /// The spans of the rules in order: each list item from its first to its last byte.
    pub fn rule_spans(&self) -> Vec<Span> {
        self.tree.item_spans("rules")
    }
}

/// Loads a policy as a kube-apiserver of that version does at start-up.
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
    let (verdict, report) = (loading.verdict, loading.report);
    let mut findings = report.into_findings();
    let further_documents = documents::ignored(&text.text, &reading, is_json);
    findings.extend(documents::findings(
        &text.text,
        &reading.tree,
        &further_documents,
    ));
    findings.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.code));
    Loaded {
        findings,
        ignored_documents: further_documents,
        policy: verdict.policy,
        error: verdict.error,
        warning: verdict.warning,
        is_readable: reading.error.is_none(),
        tree: reading.tree,
        text: text.text,
    }
}

/// The server has no limit, so its error stays open.
fn too_large(bytes: usize) -> Loaded {
    Loaded {
        findings: vec![report::too_large(bytes)],
        ..Loaded::default()
    }
}

/// What the server says.
#[derive(Debug, Default)]
struct ServerResult {
    policy: Option<Policy>,
    error: Option<String>,
    warning: Option<String>,
}

struct Loader<'a> {
    bytes: &'a [u8],
    source: &'a str,
    reading: &'a Reading,
    version: KubernetesVersion,
    is_json: bool,
    verdict: ServerResult,
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
            verdict: ServerResult::default(),
            report: LoadDiagnostics::new(DiagnosticContext {
                source,
                is_json,
                tree: &reading.tree,
                version,
            }),
        }
    }

    /// The server's steps, in its order; the first that fails decides. Findings are gathered past that as far as it makes sense.
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
        let recognised = found.resolve(self.version, self.source);
        if let KindResolution::Rejected(text) = &recognised {
            self.reject(format!("failed decoding: {text}"));
        }
        let is_policy = self.report.version_and_kind(&found, &recognised);
        if !is_policy {
            return;
        }
        if recognised == KindResolution::Internal {
            self.decode_internal(&found);
        }
        self.decode(&found, &recognised);
    }

    /// The server takes the text for protobuf, of which only the envelope is read here.
    fn protobuf(&mut self, body: &[u8]) {
        let error = match protobuf::interpret(body) {
            Err(error) => error,
            Ok(found) => match found.resolve(self.version, self.source) {
                KindResolution::Rejected(error) => error,
                KindResolution::Internal => {
                    "object *audit.Policy does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message"
                        .to_owned()
                }
                KindResolution::Policy => "policies in protobuf are not read here".to_owned(),
            },
        };
        self.reject(format!("failed decoding: {error}"));
        self.report.protobuf(&error);
    }

    fn reject(&mut self, error: String) {
        self.verdict.error.get_or_insert(error);
    }

    /// Without an apiVersion the server decodes into its internal type, warns of nearly every field, and then refuses.
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

    fn decode(&mut self, found: &GroupVersionKind, recognised: &KindResolution) {
        let package = match recognised {
            KindResolution::Policy => found.version.as_str(),
            KindResolution::Internal | KindResolution::Rejected(_) => "v1",
        };
        let reading = self.reading;
        let decoded = decoder::decode(&reading.tree, &schema::POLICY_SHAPE, self.version, package);
        self.report.duplicates(&reading.duplicates);
        self.report.problems(&decoded);
        if let Some(error) = self.type_error(&decoded, &schema::POLICY, package) {
            self.reject(format!("failed decoding: {error}"));
            return;
        }
        if *recognised == KindResolution::Policy {
            self.warn(&decoded);
            self.warn_of_old_version(found);
        }
        let raw = raw_policy::policy(&decoded.memory);
        // A long policy needs the memory for what comes.
        drop(decoded);
        let invalid = validate::validate(&raw, self.version);
        self.validate(raw, &invalid);
    }

    /// What the server says of a value of the wrong type. Up to 1.22 another decoder decides, in other words.
    fn type_error(
        &mut self,
        decoded: &Decoded,
        target: &'static StructType,
        package: &str,
    ) -> Option<String> {
        let error = decoded.error.clone();
        if !json_iterator::is_used_by(self.version) || self.verdict.error.is_some() {
            return error;
        }
        if self.is_json {
            let rejection = json_iterator::decode_json(self.bytes, target, self.version, package)?;
            if error.is_none() {
                self.report.unreadable_number(rejection.read);
            }
            return Some(rejection.text);
        }
        // Of YAML it meets only what the newer decoder meets too, since no number of it is out of range.
        error.as_ref()?;
        match json_iterator::decode_tree(&self.reading.tree, target, self.version, package) {
            Ok(rejection) => rejection.map(|rejection| rejection.text),
            Err(json_iterator::TooLong) => error,
        }
    }

    /// Before 1.26 there is no strict decoding, and hence no warning.
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
            self.verdict.warning = Some(format!(
                "Audit policy contains errors, falling back to lenient decoding: strict decoding error: {}",
                items.join(", ")
            ));
        }
    }

    fn warn_of_old_version(&mut self, found: &GroupVersionKind) {
        if found.version != "v1" && self.version.at_least(21) {
            self.verdict.warning = Some(format!(
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
        if self.verdict.error.is_none() {
            self.verdict.policy = Some(policy(raw));
        }
    }
}

/// A policy that passed validation; no level or stage of it is unknown.
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
