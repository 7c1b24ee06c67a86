//! Whether a group of requests may be left out at all, and before which rule the one that does so has to stand.

use audit_policy::{GroupResources, Level, Matcher, Policy, Request, Rule};
use audit_sim::{RequestView, Requests};
use serde::Serialize;

use super::noise::{Actor, Group, NODES};
use crate::guard::Guard;

/// What kind of noise a proposal leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// A machine account that gets, lists or watches.
    MachineRead,
    /// `/healthz`, `/livez`, `/readyz` and what is below them.
    HealthProbe,
    /// Updates of leases in `coordination.k8s.io`: heartbeats of nodes and of elected leaders. A write.
    Lease,
    /// Events that components write about what they did; the API keeps them for an hour. A write.
    EventRecord,
}

impl Kind {
    /// Whether the requests change something.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Lease | Self::EventRecord)
    }

    /// Why it is safe to leave out, in one sentence.
    pub const fn why(self) -> &'static str {
        match self {
            Self::MachineRead => {
                "the rule names one machine account, one verb that only reads and one resource or path, and none of these requests in the log was refused"
            }
            Self::HealthProbe => {
                "the path only tells whether the server is well, and the rule names it and who asks"
            }
            Self::Lease => {
                "the update of a lease renews it or hands it over; the rule names who does so and in which namespaces, and creating and deleting leases stays on record"
            }
            Self::EventRecord => {
                "such an event tells people what a component did and changes nothing; the rule names the component"
            }
        }
    }
}

/// Why there is no proposal for a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum Reason {
    /// An audit log is kept for such requests.
    Guarded {
        /// What they are.
        guard: Guard,
    },
    /// Not a machine account: what people do is what one wants to know.
    Person,
    /// A request for a path that is no resource, by another method than GET and HEAD.
    OtherMethod,
    /// Some were refused with 401 or 403. A rule cannot tell them from the others.
    Refused {
        /// How many events.
        events: u64,
    },
    /// No event bears a status, so whether some were refused is not known.
    NoAnswers,
    /// Some were made in another's name.
    Impersonated,
    /// A write that people do leave out; it is offered only where asked for.
    WriteNotAsked {
        /// What kind.
        kind: Kind,
    },
    /// The writes go to more namespaces than a rule should name.
    TooManyNamespaces {
        /// How many.
        namespaces: u64,
    },
    /// A rule names such requests, so they are recorded on purpose.
    OnPurpose {
        /// The rule, from 0.
        rule: usize,
    },
    /// Other requests of the log would be seen less of as well.
    ChangesOthers,
    /// Nothing would be saved.
    SavesNothing,
    /// Nobody can say what inserting a rule into this text does.
    Unplaceable {
        /// Why.
        why: super::place::Unplaceable,
    },
    /// The policy with the rule is not what it should be.
    NotAsMeant,
}

impl Reason {
    /// What that means, in one sentence.
    pub fn sentence(self) -> String {
        match self {
            Self::Guarded { guard } => {
                format!("this is {}, which an audit log is kept for", guard.noun())
            }
            Self::Person => {
                "this is no machine account, and what people do is what a log is for".to_owned()
            }
            Self::OtherMethod => "this is no plain read of a path".to_owned(),
            Self::Refused { events } => {
                let (noun, verb) = if events == 1 {
                    ("event", "was")
                } else {
                    ("events", "were")
                };
                format!(
                    "{events} {noun} of these {verb} refused with status 401 or 403, and a rule cannot tell those from the others"
                )
            }
            Self::NoAnswers => {
                "no event of these bears a status, so some may have been refused".to_owned()
            }
            Self::Impersonated => "some of these were made in another user's name".to_owned(),
            Self::WriteNotAsked { kind } => {
                let what = match kind {
                    Kind::EventRecord => "events that components write",
                    _ => "the heartbeats of leases",
                };
                format!("{what} are writes: they are left out only where that is asked for")
            }
            Self::TooManyNamespaces { namespaces } => {
                format!("these writes go to {namespaces} namespaces, more than a rule should name")
            }
            Self::OnPurpose { rule } => {
                format!(
                    "rule {} names such requests, so they are recorded on purpose",
                    rule + 1
                )
            }
            Self::ChangesOthers => {
                "a rule for these would hide other requests of the log as well".to_owned()
            }
            Self::SavesNothing => "leaving these out would save nothing".to_owned(),
            Self::Unplaceable { why } => why.sentence().to_owned(),
            Self::NotAsMeant => {
                "the policy with the rule would not be read as it is meant".to_owned()
            }
        }
    }
}

/// Namespaces that a rule about writes names at most.
const MOST_NAMESPACES: usize = 5;

/// What a group is, where it may be left out.
pub(super) fn kind_of(
    group: &Group,
    requests: &Requests,
    include_writes: bool,
) -> Result<Kind, Reason> {
    let views: Vec<RequestView<'_>> = group
        .of_subjects
        .iter()
        .filter_map(|request| requests.get(*request))
        .collect();
    let known = known_write(&group.noise.api_group, &group.noise.resource, group);
    let mut are_machines = true;
    for view in &views {
        match (Guard::of(view), known) {
            (None, _) | (Some(Guard::Write), Some(_)) => {}
            (Some(guard), _) => return Err(Reason::Guarded { guard }),
        }
        are_machines &= is_machine(view);
    }
    let noise = &group.noise;
    let is_probe = noise.resource.is_empty() && is_health(&noise.path);
    if views.is_empty() || !(are_machines || is_probe) {
        return Err(Reason::Person);
    }
    if noise.resource.is_empty() && !["get", "head"].contains(&noise.verb.as_str()) {
        return Err(Reason::OtherMethod);
    }
    if group.has_impersonated {
        return Err(Reason::Impersonated);
    }
    if noise.refused > 0 {
        let events = noise.refused;
        return Err(Reason::Refused { events });
    }
    if !group.has_answers {
        return Err(Reason::NoAnswers);
    }
    match known {
        Some(kind) if !include_writes => Err(Reason::WriteNotAsked { kind }),
        Some(_) if group.namespaces.len() > MOST_NAMESPACES => Err(Reason::TooManyNamespaces {
            namespaces: group.namespaces.len() as u64,
        }),
        Some(kind) => Ok(kind),
        None if is_probe => Ok(Kind::HealthProbe),
        None => Ok(Kind::MachineRead),
    }
}

/// The writes that people are known to leave out.
fn known_write(api_group: &str, resource: &str, group: &Group) -> Option<Kind> {
    let verb = group.noise.verb.as_str();
    if !group.noise.subresource.is_empty() {
        return None;
    }
    match (api_group, resource, verb) {
        ("coordination.k8s.io", "leases", "update") => Some(Kind::Lease),
        ("" | "events.k8s.io", "events", "create" | "update" | "patch") => Some(Kind::EventRecord),
        _ => None,
    }
}

/// Whether a user is a component or a service account. `system:masters` are people with all rights, the server's own client aside.
fn is_machine(request: &RequestView<'_>) -> bool {
    let Some(user) = request.user() else {
        return false;
    };
    let is_system = user.starts_with("system:") && !PEOPLE.contains(&user);
    let is_master = request.groups().any(|group| group == "system:masters");
    is_system && (!is_master || user == "system:apiserver")
}

const PEOPLE: [&str; 3] = ["system:admin", "system:anonymous", "system:masters"];

fn is_health(path: &str) -> bool {
    ["/healthz", "/livez", "/readyz"].iter().any(|probe| {
        path.strip_prefix(probe)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The rule that leaves a group out.
pub(super) fn rule_for(group: &Group, kind: Kind) -> Rule {
    let noise = &group.noise;
    let (users, user_groups) = match &noise.actor {
        Actor::Nodes => (Vec::new(), vec![NODES.to_owned()]),
        Actor::User(user) => (user.iter().cloned().collect(), Vec::new()),
    };
    let mut rule = Rule {
        level: Level::None,
        users,
        user_groups,
        verbs: vec![noise.verb.clone()],
        ..Rule::default()
    };
    if noise.resource.is_empty() {
        rule.non_resource_urls = vec![noise.path.clone()];
        return rule;
    }
    let resource = match noise.subresource.as_str() {
        "" => noise.resource.clone(),
        subresource => format!("{}/{subresource}", noise.resource),
    };
    rule.resources = vec![GroupResources {
        group: noise.api_group.clone(),
        resources: vec![resource],
        resource_names: Vec::new(),
    }];
    if kind.is_write() {
        rule.namespaces.clone_from(&group.namespaces);
    }
    rule
}

/// The rules of a policy, each without what it says of namespaces and names: what it may take of a user, verb and resource.
pub(super) struct Reaches<'p> {
    rules: Vec<(&'p Rule, Matcher)>,
}

/// How far a rule takes requests of a user, verb and resource, whatever their namespaces and names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    None,
    Some,
    All,
}

impl<'p> Reaches<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let widest = |rule: &Rule| {
            let mut widest = rule.clone();
            widest.namespaces.clear();
            for entry in &mut widest.resources {
                entry.resource_names.clear();
            }
            Matcher::new(&Policy {
                rules: vec![widest],
                ..Policy::default()
            })
        };
        let rules = policy.rules.iter().map(|rule| (rule, widest(rule)));
        Self {
            rules: rules.collect(),
        }
    }

    /// The rule before which the new one goes: the first that records such requests, past all those that name them. Rules are looked at as
    /// far as such requests can come, whether the log has any that go so far or not.
    pub(super) fn place_for(&self, group: &Group, requests: &Requests) -> Result<usize, Reason> {
        let asked: Vec<Request> = group
            .of_subjects
            .iter()
            .filter_map(|request| requests.get(*request))
            .map(|view| view.to_request())
            .collect();
        let mut last_on_purpose = None;
        for (place, (rule, widest)) in self.rules.iter().enumerate() {
            let reach = reach(rule, widest, &asked);
            let is_on_purpose = rule.level > Level::None && names(rule, &group.noise.verb);
            if reach != Reach::None && is_on_purpose {
                last_on_purpose = Some(place);
            }
            if reach == Reach::All {
                break;
            }
        }
        let is_past = |rule: &&usize| last_on_purpose.is_none_or(|last| **rule > last);
        let place = group.rules.iter().find(is_past).copied();
        place.ok_or(match last_on_purpose {
            Some(rule) => Reason::OnPurpose { rule },
            None => Reason::SavesNothing,
        })
    }
}

fn reach(rule: &Rule, widest: &Matcher, asked: &[Request]) -> Reach {
    let is_narrow = !rule.namespaces.is_empty()
        || rule
            .resources
            .iter()
            .any(|entry| !entry.resource_names.is_empty());
    // A rule of nothing but namespaces takes no request for a path, even where its namespaces are not looked at.
    let takes = |request: &&Request| {
        let is_confined = !rule.namespaces.is_empty() && !request.is_resource_request;
        !is_confined && widest.evaluate(request).rule.is_some()
    };
    match asked.iter().filter(takes).count() {
        0 => Reach::None,
        all if all == asked.len() && !is_narrow => Reach::All,
        _ => Reach::Some,
    }
}

/// Whether a rule names what it records: users, groups but that of everybody, namespaces, objects, or this verb with resources by name. One
/// that only names API groups or verbs does not.
fn names(rule: &Rule, verb: &str) -> bool {
    let names_groups = rule
        .user_groups
        .iter()
        .any(|group| group != "system:authenticated");
    let names_objects = rule
        .resources
        .iter()
        .any(|entry| !entry.resource_names.is_empty());
    let names_resources = rule.resources.iter().any(|entry| {
        entry
            .resources
            .iter()
            .any(|resource| !resource.contains('*'))
    });
    let names_verb = rule.verbs.iter().any(|named| named == verb);
    let names_target = names_resources || !rule.non_resource_urls.is_empty();
    !rule.users.is_empty()
        || names_groups
        || !rule.namespaces.is_empty()
        || names_objects
        || (names_verb && names_target)
}
