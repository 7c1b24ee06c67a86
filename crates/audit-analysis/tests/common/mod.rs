//! Random policies and queries over small alphabets, and every request over these.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests use different parts"
)]

use audit_analysis::{Attribute, Class, Values};
use audit_policy::{GroupResources, Level, Policy, Request, Rule, Stage};

const USERS: [&str; 2] = ["ann", "ben"];
const GROUPS: [&str; 2] = ["dev", "ops"];
const VERBS: [&str; 2] = ["get", "list"];
const NAMESPACES: [&str; 2] = ["", "n1"];
const API_GROUPS: [&str; 2] = ["", "apps"];
const PATTERNS: [&str; 9] = [
    "pods", "pods/log", "pods/*", "*/log", "*", "*/*", "jobs", "jobs/log", "pods/",
];
const NAMES: [&str; 2] = ["", "x"];
const URLS: [&str; 7] = ["*", "/a", "/a*", "/a/b", "/a/b*", "/a/*", "/c"];

/// Values of requests: those that rules list, and one that none does.
const REQUEST_NAMESPACES: [&str; 3] = ["", "n1", "n9"];
const REQUEST_API_GROUPS: [&str; 3] = ["", "apps", "other"];
const REQUEST_RESOURCES: [&str; 4] = ["pods", "jobs", "*", "other"];
const REQUEST_SUBRESOURCES: [&str; 4] = ["", "log", "*", "other"];
const REQUEST_NAMES: [&str; 3] = ["", "x", "y"];
const REQUEST_VERBS: [&str; 3] = ["get", "list", "other"];
const REQUEST_PATHS: [&str; 9] = [
    "/", "/a", "/ab", "/a/", "/a/b", "/a/bc", "/a/c", "/c", "/cd",
];

/// A small generator of random numbers: xorshift.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn is_one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }

    fn some(&mut self, values: &[&str]) -> Vec<String> {
        let count = 1 + self.below(values.len().min(3));
        (0..count)
            .map(|_| values[self.below(values.len())].to_owned())
            .collect()
    }

    fn maybe(&mut self, values: &[&str]) -> Vec<String> {
        if self.is_one_in(3) {
            self.some(values)
        } else {
            Vec::new()
        }
    }
}

/// Returns a random policy of one to five rules.
pub fn policy(random: &mut Random) -> Policy {
    let rules = (0..1 + random.below(5)).map(|_| rule(random)).collect();
    let mut policy = Policy::new(rules);
    if random.is_one_in(6) {
        policy.omit_stages = vec![Stage::RequestReceived];
    }
    policy.omit_managed_fields = random.is_one_in(8);
    policy
}

fn rule(random: &mut Random) -> Rule {
    let mut rule = Rule::new(Level::ALL[random.below(4)]);
    rule.users = random.maybe(&USERS);
    rule.user_groups = random.maybe(&GROUPS);
    rule.verbs = random.maybe(&VERBS);
    match random.below(4) {
        0 => rule.non_resource_urls = random.some(&URLS),
        1 | 2 => {
            rule.namespaces = random.maybe(&NAMESPACES);
            for _ in 0..random.below(3) {
                rule.resources.push(entry(random));
            }
        }
        _ => {}
    }
    if random.is_one_in(6) {
        rule.omit_stages = vec![Stage::ResponseStarted];
        // The policy may omit it as well.
        if random.is_one_in(2) {
            rule.omit_stages.insert(0, Stage::RequestReceived);
        }
    }
    if random.is_one_in(8) {
        rule.omit_managed_fields = Some(random.is_one_in(2));
    }
    rule
}

fn entry(random: &mut Random) -> GroupResources {
    let group = ["", "apps", "*"][random.below(3)];
    let patterns = if random.is_one_in(4) {
        Vec::new()
    } else {
        random.some(&PATTERNS)
    };
    let mut entry = GroupResources::new(group, patterns);
    if !entry.resources.is_empty() {
        entry.resource_names = random.maybe(&NAMES);
    }
    entry
}

/// Returns a random class of requests.
pub fn query(random: &mut Random) -> Class {
    let mut class = Class::default();
    for (attribute, values) in [
        (Attribute::User, &USERS[..]),
        (Attribute::UserGroup, &GROUPS),
        (Attribute::Verb, &VERBS),
        (Attribute::Namespace, &NAMESPACES),
        (Attribute::ApiGroup, &API_GROUPS),
        (Attribute::Resource, &["pods", "jobs", ""]),
        (Attribute::Subresource, &["", "log"]),
        (Attribute::Name, &NAMES),
        (Attribute::Path, &["/a*", "/a/b", "/c"]),
    ] {
        if random.is_one_in(5) {
            let listed = random.some(values);
            let values = if random.is_one_in(3) {
                Values::other_than(listed)
            } else {
                Values::among(listed)
            };
            class = class.with(attribute, values);
        }
    }
    class
}

/// Returns every request over the alphabets.
pub fn every_request() -> Vec<Request> {
    let mut requests = Vec::new();
    for subject in subjects() {
        for verb in REQUEST_VERBS {
            for path in REQUEST_PATHS {
                let mut request = Request::for_path(verb, path);
                request.user.clone_from(&subject.user);
                request.groups.clone_from(&subject.groups);
                requests.push(request);
            }
            for resource in resources(verb) {
                let mut request = resource;
                request.user.clone_from(&subject.user);
                request.groups.clone_from(&subject.groups);
                requests.push(request);
            }
        }
    }
    requests
}

/// Returns requests with users and groups only.
fn subjects() -> Vec<Request> {
    let mut subjects = vec![Request::default()];
    for user in ["ann", "ben", "zoe"] {
        for groups in [&[][..], &["dev"], &["ops"], &["dev", "ops"], &["other"]] {
            let groups = groups.iter().copied();
            subjects.push(Request::default().with_user(user).with_groups(groups));
        }
    }
    subjects
}

fn resources(verb: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    for group in REQUEST_API_GROUPS {
        for resource in REQUEST_RESOURCES {
            for subresource in REQUEST_SUBRESOURCES {
                for namespace in REQUEST_NAMESPACES {
                    for name in REQUEST_NAMES {
                        requests.push(
                            Request::for_resource(verb, group, resource)
                                .with_subresource(subresource)
                                .with_namespace(namespace)
                                .with_name(name),
                        );
                    }
                }
            }
        }
    }
    requests
}
