//! Validation of a decoded policy: the server's checks, in its order and words.

use crate::decode::raw_policy::{RawPolicy, RawResources, RawRule};
use crate::finding::Path;
use crate::level::{Level, Stage};
use crate::source::go;
use crate::version::KubernetesVersion;

/// The longest DNS subdomain, in bytes.
const MAX_SUBDOMAIN: usize = 253;

/// A value that the server refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidValue {
    /// The value's place. The server leaves the index of a `resources` entry out of its text; this has it.
    pub(crate) path: Path,
    /// The server's text, its path included.
    pub(crate) text: String,
    /// What is wrong, without the path.
    pub(crate) body: String,
}

/// Every value that the server refuses, in its order.
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

/// The one text that the server makes of all: equal ones merged, several in brackets.
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
        let asks_for_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
        if !rule.non_resource_urls.is_empty() && asks_for_resources {
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
            let place = rule.field("resources").index(index);
            let problems = group_problems(&entry.group, self.version);
            if !problems.is_empty() {
                let body = format!(
                    "Invalid value: {}: {}",
                    go::quote(&entry.group),
                    problems.join(",")
                );
                self.report(place.field("group"), Some(server.field("group")), body);
            }
            if !entry.resource_names.is_empty() && entry.resources.is_empty() {
                let body = format!(
                    "Invalid value: {}: using resourceNames requires at least one resource",
                    self.list(&entry.resource_names)
                );
                let said = server.field("resourceNames");
                self.report(place.field("resourceNames"), Some(said), body);
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

    /// A string of a type of its own; printed as JSON since the server prints lists so.
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

    fn report(&mut self, path: Path, said: Option<Path>, body: String) {
        let text = format!("{}: {body}", said.as_ref().unwrap_or(&path));
        self.out.push(InvalidValue { path, text, body });
    }
}

/// What is wrong with an API group.
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

/// What is wrong with a non-resource URL.
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

/// The minor version since which lists and levels are shown as JSON, not in Go's syntax.
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
