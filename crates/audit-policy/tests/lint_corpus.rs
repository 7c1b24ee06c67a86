//! Lints on real policies: no place outside the text, no fix that breaks it, no warning of a sensible one, and no claim that a
//! rule is unreachable which then decides.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs;
use std::path::{Path as FilePath, PathBuf};

use audit_policy::Fix;
use audit_policy::{
    KubernetesVersion, Matcher, Policy, Request, Rule, Severity, lint, load, unreachable_rules,
};

fn applied(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    text
}

/// Returns the policies in folders, by name.
fn policies(root: PathBuf, folders: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = folders
        .iter()
        .filter_map(|folder| fs::read_dir(root.join(folder)).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    files.sort();
    files
}

/// Returns the policies that are part of the repository.
fn own() -> Vec<PathBuf> {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = [
        "tests/data/bench",
        "tests/data/kube-apiserver-1.20/policies",
        "tests/data/kube-apiserver-1.36/policies",
        "web/worker/examples",
    ];
    let files = policies(root, &folders);
    assert!(files.len() >= 15, "{files:?}");
    files
}

/// Returns policies that others wrote. `None` if they are not next to the workspace.
fn corpus() -> Option<Vec<PathBuf>> {
    let shared = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let files = policies(shared, &["policies", "seeds"]);
    if files.is_empty() {
        println!("skipped: no policies of others next to the workspace");
        return None;
    }
    Some(files)
}

#[test]
fn own_policies_are_linted_without_invalid_spans_and_fixes() {
    check_lints(own());
}

#[test]
fn real_policies_are_linted_without_a_false_word() {
    let Some(files) = corpus() else { return };
    check_lints(files);
}

/// Checks that spans are in the text, fixes load, and sensible policies have no warnings.
fn check_lints(files: Vec<PathBuf>) {
    let sound = [
        "kubernetes-website-audit-policy.yaml",
        "eks-best-practices-default.yaml",
        "gce-configure-helper-2026-04-08-569ba20.rendered.yaml",
        "kubespray-default-2026-04-11-6517725.yaml",
    ];
    for file in files {
        let text = fs::read(&file).unwrap();
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        for version in [20, 25, 36]
            .into_iter()
            .filter_map(KubernetesVersion::from_minor)
        {
            let loaded = load(&text, version);
            for finding in lint(&loaded, version) {
                let span = finding.span().unwrap_or_default();
                assert!(
                    loaded.text.get(span.start..span.end).is_some(),
                    "{name}: {finding:?}"
                );
                assert!(
                    finding.severity == Severity::Info || !sound.contains(&name),
                    "{name}: {finding:?}"
                );
                if let Some(fix) = &finding.fix {
                    let fixed = applied(&loaded.text, fix);
                    let again = load(fixed.as_bytes(), version);
                    assert!(
                        again.error.is_none() || loaded.error.is_some(),
                        "{name}: {finding:?}"
                    );
                }
            }
        }
    }
}

/// A small generator; the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn pick(&mut self, values: &[String]) -> String {
        values
            .get(self.below(values.len()))
            .cloned()
            .unwrap_or_default()
    }
}

/// The values that a policy asks for, each list with one that no rule asks for.
struct Values {
    users: Vec<String>,
    groups: Vec<String>,
    verbs: Vec<String>,
    namespaces: Vec<String>,
    api_groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
    paths: Vec<String>,
}

impl Values {
    fn of(policy: &Policy) -> Self {
        let entries = || policy.rules.iter().flat_map(|rule| &rule.resources);
        let all = |list: fn(&Rule) -> &Vec<String>| -> Vec<String> {
            let own = policy.rules.iter().flat_map(list).cloned();
            own.chain(["other".to_owned()]).collect()
        };
        Self {
            users: all(|rule| &rule.users),
            groups: all(|rule| &rule.user_groups),
            verbs: all(|rule| &rule.verbs),
            namespaces: all(|rule| &rule.namespaces),
            api_groups: entries()
                .map(|entry| entry.group.clone())
                .chain(["other".to_owned()])
                .collect(),
            resources: entries()
                .flat_map(|entry| &entry.resources)
                .map(|pattern| pattern.replace('*', "other"))
                .chain(["other".to_owned(), "other/other".to_owned()])
                .collect(),
            names: entries()
                .flat_map(|entry| &entry.resource_names)
                .cloned()
                .chain([String::new()])
                .collect(),
            paths: all(|rule| &rule.non_resource_urls)
                .iter()
                .map(|url| url.replace('*', "/x"))
                .collect(),
        }
    }

    fn request(&self, random: &mut Random) -> Request {
        let full = random.pick(&self.resources);
        let (resource, subresource) = full.split_once('/').unwrap_or((&full, ""));
        let (verb, group) = (random.pick(&self.verbs), random.pick(&self.api_groups));
        let mut request = Request::for_resource(verb, group, resource)
            .with_subresource(subresource)
            .with_namespace(random.pick(&self.namespaces))
            .with_name(random.pick(&self.names))
            .with_user(random.pick(&self.users))
            .with_groups([random.pick(&self.groups), random.pick(&self.groups)]);
        request.path = random.pick(&self.paths);
        request.is_resource_request = random.below(4) > 0;
        request
    }
}

#[test]
fn no_unreachable_rule_of_an_own_policy_decides() {
    let claims = unreachable_claims(own());
    assert!(claims > 20, "{claims} claims are too few to be a test");
}

#[test]
fn no_rule_of_a_real_policy_decides_that_is_called_unreachable() {
    let Some(files) = corpus() else { return };
    let claims = unreachable_claims(files);
    assert!(claims > 500, "{claims} claims are too few to be a test");
}

/// Checks with random requests that no rule decides that is reported as unreachable. Returns the number of such rules.
fn unreachable_claims(files: Vec<PathBuf>) -> usize {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut claims = 0;
    for file in files {
        let Some(mut policy) = load(&fs::read(&file).unwrap(), KubernetesVersion::NEWEST).policy
        else {
            continue;
        };
        let values = Values::of(&policy);
        // Turned round, so that general rules come before narrow ones.
        for _ in 0..policy.rules.len().min(6) {
            policy.rules.rotate_right(1);
            let shadows = unreachable_rules(&policy);
            claims += shadows.iter().flatten().count();
            let matcher = Matcher::new(&policy);
            for _ in 0..200 {
                let request = values.request(&mut random);
                let rule = matcher.evaluate(&request).rule;
                let shadow = rule.and_then(|rule| shadows.get(rule.get()).copied().flatten());
                assert_eq!(shadow, None, "{}: {rule:?} of {request:?}", file.display());
            }
        }
    }
    claims
}
