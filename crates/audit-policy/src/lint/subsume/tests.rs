//! Claims about reach, by hand and against random requests.

use super::*;
use crate::matcher::Matcher;
use audit_types::Level;
use audit_types::Request;

fn list(words: &str) -> Vec<String> {
    let words = words.split(' ').filter(|word| !word.is_empty());
    words
        .map(|word| {
            if word == "''" {
                String::new()
            } else {
                word.to_owned()
            }
        })
        .collect()
}

/// `u:a,b g:x v:get n:'' url:/a r:group/pods,pods/log@name` with `core` for the core group, entries repeated.
fn rule(text: &str) -> Rule {
    let mut rule = Rule {
        level: Level::Metadata,
        ..Rule::default()
    };
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (field, values) = word.split_once(':').unwrap();
        let values = list(&values.replace(',', " "));
        match field {
            "u" => rule.users = values,
            "g" => rule.user_groups = values,
            "v" => rule.verbs = values,
            "n" => rule.namespaces = values,
            "url" => rule.non_resource_urls = values,
            _ => {
                let (_, entry) = word.split_once(':').unwrap();
                let (entry, names) = entry.split_once('@').unwrap_or((entry, ""));
                let (group, resources) = entry.split_once('=').unwrap_or((entry, ""));
                rule.resources.push(GroupResources {
                    group: if group == "core" {
                        String::new()
                    } else {
                        group.to_owned()
                    },
                    resources: list(&resources.replace(',', " ")),
                    resource_names: list(&names.replace(',', " ")),
                });
            }
        }
    }
    rule
}

#[test]
fn one_rule_takes_all_of_another_only_where_it_does() {
    for (earlier, later, taken) in [
        ("", "", true),
        ("", "u:a v:get r:core=pods", true),
        ("u:a", "", false),
        ("u:a,b", "u:b", true),
        ("u:a", "u:a,b", false),
        ("g:x", "g:x u:a", true),
        ("g:x", "u:a", false),
        ("v:get,list", "v:get", true),
        ("v:get", "v:get,list", false),
        // Kinds of request.
        ("n:a", "n:a", true),
        ("n:a", "", false),
        ("url:*", "", false),
        ("url:*", "r:core", false),
        ("r:core", "url:/x", false),
        // Namespaces.
        ("n:a,b", "n:a r:core=pods", true),
        ("n:a", "r:core=pods", false),
        ("r:core=pods", "n:a", false),
        ("n:''", "n:'' r:core=nodes", true),
        // Groups.
        ("r:core", "r:core=pods", true),
        ("r:core", "r:apps=deployments", false),
        ("r:*", "r:apps=deployments r:core", true),
        ("r:*", "n:a", true),
        ("r:*=*", "n:a", true),
        ("r:*=pods", "n:a", false),
        ("r:core r:apps", "r:*", false),
        ("r:core=*", "r:core", true),
        ("r:core=pods", "r:core", false),
        // Patterns.
        ("r:core=pods", "r:core=pods/log", false),
        ("r:core=pods/*", "r:core=pods/log,pods", true),
        ("r:core=pods/log", "r:core=pods/*", false),
        ("r:core=*/log", "r:core=pods/log", true),
        ("r:core=*/log", "r:core=pods", false),
        ("r:core=*/log", "r:core=*/log", true),
        ("r:core=pods/*", "r:core=*/log", false),
        ("r:core=*", "r:core=*/log,pods/*,pod*", true),
        ("r:core=*/*", "r:core=pods/log", false),
        ("r:core=pod*", "r:core=pods", false),
        (
            "r:core=pods r:apps=deployments",
            "r:apps=deployments r:core=pods",
            true,
        ),
        ("r:core=pods r:core=secrets", "r:core=pods,secrets", true),
        // Names.
        ("r:core=pods", "r:core=pods@a", true),
        ("r:core=pods@a", "r:core=pods", false),
        ("r:core=pods@a,b", "r:core=pods@a", true),
        ("r:core=pods@a r:core=pods@b", "r:core=pods@a,b", true),
        ("r:core=pods@a", "r:core=pods@a,b", false),
        // URLs.
        ("url:*", "url:/x,/y*", true),
        ("url:/api*", "url:/apis,/api/*", true),
        ("url:/api/*", "url:/api", false),
        ("url:/x", "url:/x*", false),
        ("url:/x*", "url:/x**", true),
        ("url:/*", "url:*", false),
    ] {
        let policy = Policy {
            rules: vec![rule(earlier), rule(later)],
            ..Policy::default()
        };
        let expected = taken.then_some(RuleIndex::new(0));
        assert_eq!(
            unreachable_rules(&policy),
            [None, expected],
            "{earlier} | {later}"
        );
    }
}

/// A small generator; the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick(&mut self, words: &[&str]) -> String {
        words[self.below(words.len())].to_owned()
    }

    /// Often empty, so that rules cover each other.
    fn some(&mut self, words: &[&str]) -> Vec<String> {
        let count = [0, 0, 0, 1, 1, 2, 3][self.below(7)];
        (0..count).map(|_| self.pick(words)).collect()
    }
}

const USERS: [&str; 3] = ["a", "b", "system:anonymous"];
const GROUPS: [&str; 3] = ["x", "y", "z"];
const VERBS: [&str; 4] = ["get", "list", "create", ""];
const NAMESPACES: [&str; 3] = ["", "shop", "kube-system"];
const API_GROUPS: [&str; 4] = ["", "apps", "batch", "*"];
const PATTERNS: [&str; 12] = [
    "pods",
    "pods/log",
    "pods/*",
    "*/log",
    "*",
    "*/*",
    "pod*",
    "nodes",
    "nodes/status",
    "*/status",
    "",
    "pods/",
];
const NAMES: [&str; 3] = ["p", "q", ""];
const URLS: [&str; 8] = [
    "*",
    "/*",
    "/api*",
    "/api/*",
    "/api",
    "/apis",
    "/healthz*",
    "/healthz",
];

fn random_rule(random: &mut Random) -> Rule {
    let mut rule = Rule {
        level: Level::ALL[random.below(4)],
        users: random.some(&USERS),
        user_groups: random.some(&GROUPS),
        verbs: random.some(&VERBS),
        ..Rule::default()
    };
    match random.below(5) {
        0 => rule.non_resource_urls = random.some(&URLS),
        1 => rule.namespaces = random.some(&NAMESPACES),
        2 => {}
        _ => {
            rule.namespaces = random.some(&NAMESPACES);
            for _ in 0..=random.below(3) {
                let resources = random.some(&PATTERNS);
                let names = if resources.is_empty() {
                    Vec::new()
                } else {
                    random.some(&NAMES)
                };
                rule.resources.push(GroupResources {
                    group: random.pick(&API_GROUPS),
                    resources,
                    resource_names: names,
                });
            }
        }
    }
    rule
}

fn random_request(random: &mut Random) -> Request {
    let is_resource_request = random.below(3) > 0;
    let user = (random.below(8) > 0).then(|| random.pick(&USERS));
    let groups = random.some(&GROUPS);
    let verb = random.pick(&VERBS);
    let namespace = random.pick(&NAMESPACES);
    let group = random.pick(&["", "apps", "batch", "other"]);
    let resource = random.pick(&["pods", "nodes", "", "pod*", "*"]);
    let mut request = Request::for_resource(verb, group, resource)
        .with_subresource(random.pick(&["", "log", "status", "*"]))
        .with_namespace(namespace)
        .with_name(random.pick(&["p", "q", "", "other"]))
        .with_groups(groups);
    request.user = user;
    request.path = random.pick(&[
        "/",
        "/api",
        "/apis",
        "/api/v1",
        "/healthz",
        "/healthz/x",
        "/other",
        "",
    ]);
    request.is_resource_request = is_resource_request;
    request
}

#[test]
fn an_unreachable_rule_is_never_the_first_to_match() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut claims, mut decided) = (0, 0);
    for _ in 0..4000 {
        let policy = Policy {
            rules: (0..2 + random.below(5))
                .map(|_| random_rule(&mut random))
                .collect(),
            ..Policy::default()
        };
        let shadows = unreachable_rules(&policy);
        claims += shadows.iter().flatten().count();
        let matcher = Matcher::new(&policy);
        for _ in 0..60 {
            let request = random_request(&mut random);
            if let Some(rule) = matcher.evaluate(&request).rule {
                decided += 1;
                assert_eq!(shadows[rule.get()], None, "{request:?} of {policy:#?}");
            }
        }
    }
    assert!(
        claims > 1000,
        "{claims} claims are too few to mean anything"
    );
    assert!(
        decided > 50_000,
        "{decided} requests are too few to mean anything"
    );
}

#[test]
fn a_huge_policy_is_looked_at_up_to_a_fixed_effort() {
    let one = |index: usize| Rule {
        users: vec![format!("user-{index}")],
        ..Rule::default()
    };
    let policy = Policy {
        rules: (0..20_000).map(one).collect(),
        ..Policy::default()
    };
    let (found, unseen) = search(&policy, |_| true);
    assert!(found.iter().all(Option::is_none));
    assert!(unseen.is_some_and(|rule| rule > 2000), "{unseen:?}");
    let urls = |from: usize| Rule {
        non_resource_urls: (from..from + 10_000).map(|at| format!("/{at}")).collect(),
        ..Rule::default()
    };
    let policy = Policy {
        rules: vec![urls(0), urls(10_000), urls(5000)],
        ..Policy::default()
    };
    assert_eq!(unreachable_rules(&policy), [None; 3]);
}
