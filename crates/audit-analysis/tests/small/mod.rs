//! Random claims over small alphabets, every request over these, and a search over all lists of rules for them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use audit_analysis::{Attribute, Class, Effects, Goal, Values};
use audit_policy::{Level, Request, Stage, Verdict};
use audit_types::StageSet;

use crate::common::Random;

const USERS: [&str; 2] = ["ann", "ben"];
const GROUPS: [&str; 2] = ["dev", "ops"];
const VERBS: [&str; 2] = ["get", "list"];
const API_GROUPS: [&str; 1] = [""];
const RESOURCES: [&str; 2] = ["pods", "jobs"];
const SUBRESOURCES: [&str; 2] = ["", "log"];
const NAMESPACES: [&str; 1] = ["n1"];
const NAMES: [&str; 1] = ["x"];
const PATHS: [&str; 4] = ["/a*", "/a/b", "/a/*", "/c"];

/// A claim: conditions that all hold, and what is expected of each request.
#[derive(Debug, Clone)]
pub struct Claim {
    pub conditions: Vec<(Attribute, bool, Vec<Option<&'static str>>)>,
    pub lowest: Level,
    pub highest: Level,
    /// Stages that are recorded, and stages that are not.
    pub stages: Option<(Vec<Stage>, Vec<Stage>)>,
    pub omit_managed_fields: Option<bool>,
}

impl Claim {
    pub fn random(random: &mut Random) -> Self {
        let mut conditions = Vec::new();
        for (attribute, values) in [
            (Attribute::User, &USERS[..]),
            (Attribute::UserGroup, &GROUPS),
            (Attribute::Verb, &VERBS),
        ] {
            conditions.extend(Self::condition(random, attribute, values, 4));
        }
        match random.below(4) {
            0 => conditions.extend(Self::condition(random, Attribute::Path, &PATHS, 1)),
            1 | 2 => {
                for (attribute, values) in [
                    (Attribute::ApiGroup, &API_GROUPS[..]),
                    (Attribute::Resource, &RESOURCES),
                    (Attribute::Subresource, &SUBRESOURCES),
                    (Attribute::Namespace, &NAMESPACES),
                    (Attribute::Name, &NAMES),
                ] {
                    conditions.extend(Self::condition(random, attribute, values, 3));
                }
            }
            _ => {}
        }
        let first = random.below(4);
        let (lowest, highest) = match random.below(4) {
            0 => (first, first),
            1 => (0, first),
            2 => (first, 3),
            _ => (first.min(1), first.max(1)),
        };
        let stage = |random: &mut Random| Stage::ALL[random.below(4)];
        let stages = match random.below(5) {
            0 => Some((vec![stage(random)], Vec::new())),
            1 => Some((Vec::new(), vec![stage(random)])),
            _ => None,
        };
        Self {
            conditions,
            lowest: Level::ALL[lowest],
            highest: Level::ALL[highest],
            stages,
            omit_managed_fields: (random.below(8) == 0).then(|| random.below(2) == 0),
        }
    }

    fn condition(
        random: &mut Random,
        attribute: Attribute,
        values: &[&'static str],
        one_in: usize,
    ) -> Option<(Attribute, bool, Vec<Option<&'static str>>)> {
        if random.below(one_in) != 0 {
            return None;
        }
        let mut listed: Vec<Option<&'static str>> = (0..1 + random.below(2))
            .map(|_| Some(values[random.below(values.len())]))
            .collect();
        if attribute == Attribute::User && random.below(6) == 0 {
            listed.push(None);
        }
        Some((attribute, random.below(3) != 0, listed))
    }

    /// Returns the claim as the program has it.
    pub fn goal(&self, is_every: bool) -> Goal {
        let add =
            |class: Class, (attribute, is_in, listed): &(Attribute, bool, Vec<Option<&str>>)| {
                let values = listed
                    .iter()
                    .map(|value| value.map(str::to_owned))
                    .collect();
                class.with(
                    *attribute,
                    if *is_in {
                        Values::In(values)
                    } else {
                        Values::NotIn(values)
                    },
                )
            };
        let class = self.conditions.iter().fold(Class::default(), add);
        let mut goal = Goal::new(vec![class], Effects::of(|verdict| self.allows(verdict)));
        goal.is_every = is_every;
        goal
    }

    /// Returns true if the claim is about a request.
    pub fn has(&self, request: &Request) -> bool {
        self.conditions.iter().all(|(attribute, is_in, listed)| {
            let of_resource = |value| {
                if request.is_resource_request {
                    value
                } else {
                    ""
                }
            };
            let value = match attribute {
                Attribute::User => request.user.as_deref(),
                Attribute::UserGroup => {
                    let mut groups = request.groups.iter();
                    return groups.any(|own| listed.contains(&Some(own))) == *is_in;
                }
                Attribute::Path => {
                    let path = if request.is_resource_request {
                        ""
                    } else {
                        request.path.as_str()
                    };
                    let fits = |url: &str| match url.strip_suffix('*') {
                        Some(prefix) => path.starts_with(prefix),
                        None => path == url,
                    };
                    return listed.iter().flatten().any(|url| fits(url)) == *is_in;
                }
                Attribute::Verb => Some(request.verb.as_str()),
                Attribute::ApiGroup => Some(of_resource(request.api_group.as_str())),
                Attribute::Resource => Some(of_resource(request.resource.as_str())),
                Attribute::Subresource => Some(of_resource(request.subresource.as_str())),
                Attribute::Namespace => Some(of_resource(request.namespace.as_str())),
                _ => Some(of_resource(request.name.as_str())),
            };
            listed.contains(&value) == *is_in
        })
    }

    /// Returns true if a verdict is as the claim expects.
    pub fn allows(&self, verdict: Verdict) -> bool {
        let is_recorded =
            |stage: &Stage| verdict.level != Level::None && !verdict.omit_stages.contains(*stage);
        let are_right = |(recorded, not): &(Vec<Stage>, Vec<Stage>)| {
            recorded.iter().all(is_recorded) && !not.iter().any(is_recorded)
        };
        self.lowest <= verdict.level
            && verdict.level <= self.highest
            && self.stages.as_ref().is_none_or(are_right)
            && self
                .omit_managed_fields
                .is_none_or(|omit| omit == verdict.omit_managed_fields)
    }
}

/// Returns every request over the alphabets, each with a value that no claim lists.
pub fn every_request() -> Vec<Request> {
    let mut targets = Vec::new();
    for verb in ["get", "list", "other"] {
        for path in ["/a", "/ab", "/a/b", "/a/c", "/c", "/d"] {
            targets.push(Request::for_path(verb, path));
        }
        for index in 0..2 * 3 * 3 * 2 * 2 {
            let request = Request::for_resource(
                verb,
                ["", "other"][index % 2],
                ["pods", "jobs", "other"][index / 2 % 3],
            )
            .with_subresource(["", "log", "other"][index / 6 % 3])
            .with_namespace(["n1", "n9"][index / 18 % 2])
            .with_name(["x", "y"][index / 36]);
            targets.push(request);
        }
        // A list has no name.
        targets.push(Request::for_resource(verb, "", "pods").with_namespace("n1"));
    }
    let mut requests = targets.clone();
    for user in ["ann", "ben", "zoe"] {
        for groups in [&[][..], &["dev"], &["ops"], &["dev", "ops"]] {
            for is_authenticated in [false, true] {
                let more = is_authenticated.then_some("system:authenticated");
                let groups: Vec<&str> = groups.iter().copied().chain(more).collect();
                let own = |request: &Request| {
                    request
                        .clone()
                        .with_user(user)
                        .with_groups(groups.iter().copied())
                };
                requests.extend(targets.iter().map(own));
            }
        }
    }
    requests
}

/// Returns true for requests that some URL, method and identity surely produce. There are others.
pub fn can_surely_come(request: &Request) -> bool {
    let is_identity = match &request.user {
        None => request.groups.is_empty(),
        Some(_) => request
            .groups
            .iter()
            .any(|group| group == "system:authenticated"),
    };
    let is_target = match (request.is_resource_request, request.verb.as_str()) {
        (true, "get") => !request.name.is_empty(),
        (true, "list") => request.subresource.is_empty(),
        (false, verb) => verb == "get",
        _ => false,
    };
    is_identity && is_target
}

/// A rule of one value for each attribute.
struct SmallRule {
    user: Option<&'static str>,
    group: Option<&'static str>,
    verb: Option<&'static str>,
    target: Target,
}

#[derive(Clone, Copy)]
enum Target {
    Any,
    Url(&'static str),
    /// API group, pattern, namespace and name.
    Resource(
        Option<&'static str>,
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
    ),
}

impl SmallRule {
    fn matches(&self, request: &Request) -> bool {
        let is = |wanted: Option<&str>, value: &str| wanted.is_none_or(|wanted| wanted == value);
        let is_user = self
            .user
            .is_none_or(|user| request.user.as_deref() == Some(user));
        let is_group = self
            .group
            .is_none_or(|group| request.groups.iter().any(|own| own == group));
        let is_target = match self.target {
            Target::Any => true,
            Target::Url(url) => {
                !request.is_resource_request
                    && match url.strip_suffix('*') {
                        Some(prefix) => request.path.starts_with(prefix),
                        None => request.path == url,
                    }
            }
            Target::Resource(group, pattern, namespace, name) => {
                let fits = match pattern.split_once('/') {
                    _ if pattern == "*" => true,
                    Some(("*", subresource)) => request.subresource == subresource,
                    Some((resource, "*")) => request.resource == resource,
                    Some((resource, subresource)) => {
                        request.resource == resource && request.subresource == subresource
                    }
                    None => request.resource == pattern && request.subresource.is_empty(),
                };
                request.is_resource_request
                    && fits
                    && is(group, &request.api_group)
                    && is(namespace, &request.namespace)
                    && is(name, &request.name)
            }
        };
        is_user && is_group && is(self.verb, &request.verb) && is_target
    }
}

/// Returns every rule with at most one value for each attribute. Rules with more are several of these.
fn every_rule() -> Vec<SmallRule> {
    let mut targets = vec![Target::Any];
    targets.extend(["*", "/a*", "/a/*", "/a/b", "/c"].map(Target::Url));
    for group in [None, Some("")] {
        for pattern in [
            "*", "*/log", "pods", "pods/log", "pods/*", "jobs", "jobs/log", "jobs/*",
        ] {
            for namespace in [None, Some("n1")] {
                targets.extend(
                    [None, Some("x")].map(|name| Target::Resource(group, pattern, namespace, name)),
                );
            }
        }
    }
    let mut rules = Vec::new();
    for user in [None, Some("ann"), Some("ben")] {
        for group in [None, Some("dev"), Some("ops"), Some("system:authenticated")] {
            for verb in [None, Some("get"), Some("list")] {
                rules.extend(targets.iter().map(|target| SmallRule {
                    user,
                    group,
                    verb,
                    target: *target,
                }));
            }
        }
    }
    rules
}

/// Returns every effect.
pub fn every_effect() -> Vec<Verdict> {
    let stages = |bits: usize| -> StageSet {
        let listed = (0..4).filter(|at| bits >> at & 1 == 1);
        listed.map(|at| Stage::ALL[at]).collect()
    };
    let effect = |index: usize| {
        let mut verdict = Verdict::default();
        verdict.level = Level::ALL[index / 32];
        verdict.omit_stages = stages(index % 16);
        verdict.omit_managed_fields = index / 16 % 2 == 1;
        verdict
    };
    (0..128).map(effect).collect()
}

/// Claims with the effects that each allows, a bit each.
pub struct Allowed<'c>(Vec<(&'c Claim, u128)>);

impl<'c> Allowed<'c> {
    pub fn by(claims: &'c [Claim]) -> Self {
        let effects = every_effect();
        let of = |claim: &'c Claim| {
            let allowed = (0..128).filter(|at| claim.allows(effects[*at]));
            (claim, allowed.fold(0_u128, |set, at| set | 1 << at))
        };
        Self(claims.iter().map(of).collect())
    }

    /// Returns the bit of a verdict.
    pub fn bit_of(verdict: Verdict) -> u128 {
        let mut effects = every_effect().into_iter();
        1 << effects.position(|own| own.has_effect_of(verdict)).unwrap()
    }

    /// Returns the effects that all claims about a request allow.
    pub fn of(&self, request: &Request) -> u128 {
        let about = self.0.iter().filter(|(claim, _)| claim.has(request));
        about.fold(u128::MAX, |set, (_, own)| set & own)
    }
}

/// All effects in the order that `Preferred` describes, by their bits.
pub struct Preference(Vec<(usize, Verdict)>);

impl Preference {
    pub fn new(level: Level) -> Self {
        let key = |(at, verdict): &(usize, Verdict)| {
            let omitted = verdict.omit_stages.iter().count();
            let keeps_first = !verdict.omit_stages.contains(Stage::RequestReceived);
            let others = omitted - usize::from(!keeps_first);
            (
                verdict.level != Level::None && omitted == 4,
                (verdict.level as i32 - level as i32).abs(),
                verdict.level,
                others + usize::from(keeps_first),
                omitted,
                verdict.omit_managed_fields,
                *at,
            )
        };
        let mut effects: Vec<(usize, Verdict)> = every_effect().into_iter().enumerate().collect();
        effects.sort_by_key(key);
        Self(effects)
    }

    /// Returns the first of the effects, and its bit.
    pub fn nearest(&self, allowed: u128) -> Option<(u128, Verdict)> {
        let mut effects = self.0.iter();
        let first = effects.find(|(at, _)| allowed >> at & 1 == 1);
        first.map(|(at, verdict)| (1 << at, *verdict))
    }
}

/// Returns true if some list of rules gives each request one of its effects: rules that fit are taken until no request is left, or none fits.
pub fn is_expressible(requests: impl Iterator<Item = (Request, u128)>) -> bool {
    let mut open: Vec<(Request, u128)> = requests.collect();
    let mut rules = every_rule();
    loop {
        let before = open.len();
        rules.retain(|rule| {
            let common = open.iter().filter(|(request, _)| rule.matches(request));
            let is_fitting = common.fold(u128::MAX, |set, (_, own)| set & own) != 0;
            if is_fitting {
                open.retain(|(request, _)| !rule.matches(request));
            }
            !is_fitting
        });
        if open.is_empty() {
            return true;
        }
        if open.len() == before {
            return false;
        }
    }
}

#[test]
fn the_alphabets_have_requests_that_can_come() {
    let requests = every_request();
    let coming = requests
        .iter()
        .filter(|request| can_surely_come(request))
        .count();
    assert!(coming > 500 && coming < requests.len(), "{coming}");
    assert_eq!(requests[0].user.as_ref().map_or("", String::as_str), "");
    assert_eq!(
        Claim::random(&mut Random::new(1))
            .goal(true)
            .classes
            .first()
            .unwrap()
            .conditions
            .len(),
        Claim::random(&mut Random::new(1)).conditions.len()
    );
}
