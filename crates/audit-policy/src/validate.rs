//! Validation of a decoded policy: the checks and messages of the server, in its order.

use crate::decode::raw_policy::{RawPolicy, RawResources, RawRule};
use audit_types::KubernetesVersion;
use audit_types::Path;
use audit_types::{Level, Stage};
use kube_yaml::go;

/// Maximum length of a DNS subdomain, in bytes.
const MAX_SUBDOMAIN: usize = 253;

/// A value that the server rejects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidValue {
    /// Path of the value, including the index of a `resources` entry, which the server's message leaves out.
    pub(crate) path: Path,
    /// Message of the server, including its path.
    pub(crate) text: String,
    /// The message without the path.
    pub(crate) body: String,
}

/// Returns the values that the server rejects, in its order.
pub(crate) fn validate(policy: &RawPolicy, version: KubernetesVersion) -> Vec<InvalidValue> {
    let mut checks = Validator {
        version,
        out: Vec::new(),
    };
    checks.stages(&policy.omit_stages, &Path::root().field("omitStages"));
    for (index, rule) in policy.rules.iter().enumerate() {
        checks.rule(rule, &Path::rule(index));
    }
    checks.out
}

/// Aggregates messages as the server does: duplicates are dropped, and several are put in brackets.
pub(crate) fn aggregate(invalid: &[InvalidValue]) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    let texts: Vec<&str> = invalid
        .iter()
        .map(|one| one.text.as_str())
        .filter(|text| seen.insert(*text))
        .collect();
    match texts.as_slice() {
        [] => None,
        [text] => Some((*text).to_owned()),
        several => Some(format!("[{}]", several.join(", "))),
    }
}

struct Validator {
    version: KubernetesVersion,
    out: Vec<InvalidValue>,
}

impl Validator {
    fn rule(&mut self, rule: &RawRule, path: &Path) {
        self.level(&rule.level, &path.field("level"));
        let urls = path.field("nonResourceURLs");
        self.urls(&rule.non_resource_urls, &urls);
        self.resources(&rule.resources, path);
        self.stages(&rule.omit_stages, &path.field("omitStages"));
        let matches_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
        if !rule.non_resource_urls.is_empty() && matches_resources {
            let shown = self.list(&rule.non_resource_urls);
            self.invalid(
                urls,
                &shown,
                "rules cannot apply to both regular resources and non-resource URLs",
            );
        }
    }

    fn level(&mut self, level: &str, path: &Path) {
        if level.is_empty() {
            self.report(path.clone(), None, "Required value".to_owned());
        } else if Level::from_name(level).is_none() {
            let names: Vec<String> = Level::ALL
                .iter()
                .map(|level| go::quote(level.name()))
                .collect();
            let shown = self.named_string(level);
            let body = format!(
                "Unsupported value: {shown}: supported values: {}",
                names.join(", ")
            );
            self.report(path.clone(), None, body);
        }
    }

    fn urls(&mut self, urls: &[String], path: &Path) {
        for (index, url) in urls.iter().enumerate() {
            for problem in url_problems(url) {
                self.invalid(path.index(index), &go::quote(url), problem);
            }
        }
    }

    fn resources(&mut self, entries: &[RawResources], rule: &Path) {
        // The server's paths have no index here.
        let server = rule.field("resources");
        for (index, entry) in entries.iter().enumerate() {
            let entry_path = rule.field("resources").index(index);
            let problems = group_problems(&entry.group, self.version);
            if !problems.is_empty() {
                let body = format!(
                    "Invalid value: {}: {}",
                    go::quote(&entry.group),
                    problems.join(",")
                );
                self.report(entry_path.field("group"), Some(server.field("group")), body);
            }
            if !entry.resource_names.is_empty() && entry.resources.is_empty() {
                let body = format!(
                    "Invalid value: {}: using resourceNames requires at least one resource",
                    self.list(&entry.resource_names)
                );
                let server_path = server.field("resourceNames");
                self.report(entry_path.field("resourceNames"), Some(server_path), body);
            }
        }
    }

    fn stages(&mut self, stages: &[String], path: &Path) {
        for (index, stage) in stages.iter().enumerate() {
            if Stage::from_name(stage).is_none() {
                let names: Vec<&str> = Stage::ALL.iter().map(|stage| stage.name()).collect();
                let problem = format!("allowed stages are {}", names.join(","));
                self.invalid(path.index(index), &go::quote(stage), &problem);
            }
        }
    }

    /// Formats a value of a named string type; as JSON in versions that format lists as JSON.
    fn named_string(&self, text: &str) -> String {
        if self.version.at_least(JSON_VALUES_SINCE) {
            go::json_string(text)
        } else {
            go::quote(text)
        }
    }

    fn list(&self, texts: &[String]) -> String {
        if self.version.at_least(JSON_VALUES_SINCE) {
            go::json_strings(texts)
        } else {
            go::go_strings(texts)
        }
    }

    fn invalid(&mut self, path: Path, shown: &str, problem: &str) {
        self.report(path, None, format!("Invalid value: {shown}: {problem}"));
    }

    fn report(&mut self, path: Path, server_path: Option<Path>, body: String) {
        let text = format!("{}: {body}", server_path.as_ref().unwrap_or(&path));
        self.out.push(InvalidValue { path, text, body });
    }
}

/// Returns the server's errors for an API group.
pub(crate) fn group_problems(group: &str, version: KubernetesVersion) -> Vec<String> {
    let matches_all = group == "*" && version.at_least(36);
    let mut problems = Vec::new();
    if group.is_empty() || matches_all {
        return problems;
    }
    if group.len() > MAX_SUBDOMAIN {
        problems.push(format!("must be no more than {MAX_SUBDOMAIN} characters"));
    }
    if !group.split('.').all(is_label) {
        problems.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and \
             end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
                .to_owned(),
        );
    }
    problems
}

/// Returns the server's errors for a non-resource URL.
pub(crate) fn url_problems(url: &str) -> Vec<&'static str> {
    let mut problems = Vec::new();
    if url == "*" {
        return problems;
    }
    if !url.starts_with('/') {
        problems.push("non-resource URL rules must begin with a '/' character");
    }
    let has_inner_star = url
        .as_bytes()
        .split_last()
        .is_some_and(|(_, inner)| inner.contains(&b'*'));
    if has_inner_star {
        problems.push("non-resource URL wildcards '*' must be the final character of the rule");
    }
    problems
}

/// First minor version that formats lists and levels as JSON instead of Go syntax.
const JSON_VALUES_SINCE: u8 = 34;

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_label(label: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match label.as_bytes() {
        [] => false,
        [only] => plain(only),
        [first, inner @ .., last] => {
            plain(first) && plain(last) && inner.iter().all(|byte| plain(byte) || *byte == b'-')
        }
    }
}
