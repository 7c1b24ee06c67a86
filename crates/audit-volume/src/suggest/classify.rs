//! Classification of noisy groups: whether they may be dropped, and before which rule the new rule has to be.

use audit_policy::{GroupResources, Level, Matcher, Policy, Request, Rule, RuleIndex};
use audit_sim::{RequestView, Requests};
use serde::Serialize;

use super::noise::{Actor, CandidateGroup, NODES};
use crate::protected::ProtectedReason;

/// Kind of noise that a suggested rule drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum NoiseKind {
    /// Reads by a service account or system component.
    MachineRead,
    /// `/healthz`, `/livez`, `/readyz` and paths below them.
    HealthProbe,
    /// Updates of leases in `coordination.k8s.io`: heartbeats of nodes and of elected leaders. A write.
    Lease,
    /// Events that components record; the API keeps them for an hour. A write.
    EventRecord,
}

impl NoiseKind {
    /// Returns whether the requests are writes.
    pub const fn is_write(self) -> bool {
        matches!(self, Self::Lease | Self::EventRecord)
    }

    /// Explains in one sentence why it is safe to drop.
    pub const fn why(self) -> &'static str {
        match self {
            Self::MachineRead => {
                "the rule matches one service account or component, one read-only verb and one resource or path, and none of these requests in the log was denied"
            }
            Self::HealthProbe => {
                "the path only reports the health of the server, and the rule names it and the user"
            }
            Self::Lease => {
                "lease updates only renew or transfer a lease; the rule names the user and the namespaces, and creating and deleting leases is still recorded"
            }
            Self::EventRecord => {
                "these events describe what a component did and change nothing; the rule names the component"
            }
        }
    }
}

/// Reason why no rule is suggested for a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "camelCase")]
pub enum KeepReason {
    /// The requests are security-relevant.
    #[serde(rename = "guarded")]
    Protected {
        /// Kind of the requests.
        guard: ProtectedReason,
    },
    /// Not a service account or component: human activity should stay in the log.
    Person,
    /// A non-resource request with a method other than GET and HEAD.
    OtherMethod,
    /// Some were denied with 401 or 403, which a rule can't distinguish from the others.
    #[serde(rename = "refused")]
    Denied {
        /// Number of events.
        events: u64,
    },
    /// No event has a status, so some may have been denied.
    #[serde(rename = "noAnswers")]
    NoStatus,
    /// Some were impersonated.
    Impersonated,
    /// A write that is commonly dropped; it is only suggested on request.
    #[serde(rename = "writeNotAsked")]
    WriteNotRequested {
        /// Kind of write.
        kind: NoiseKind,
    },
    /// The writes are in more namespaces than a rule should name.
    TooManyNamespaces {
        /// Number of namespaces.
        namespaces: u64,
    },
    /// A rule names these requests, so they are recorded on purpose.
    OnPurpose {
        /// The rule.
        rule: RuleIndex,
    },
    /// Other requests of the log would be affected as well.
    ChangesOthers,
    /// A rule would save nothing.
    SavesNothing,
    /// A rule can't be inserted into this text safely.
    #[serde(rename = "unplaceable")]
    NotInsertable {
        /// Reason.
        why: audit_analysis::InsertionError,
    },
    /// The policy with the rule would not be the intended one.
    NotAsMeant,
}

impl KeepReason {
    /// Explains the reason in one sentence.
    pub fn explanation(self) -> String {
        match self {
            Self::Protected { guard } => {
                format!("security-relevant: {}", guard.description())
            }
            Self::Person => {
                "not a service account: human activity should stay in the log".to_owned()
            }
            Self::OtherMethod => "not a plain read of a path".to_owned(),
            Self::Denied { events } => {
                let (noun, verb) = if events == 1 {
                    ("event", "was")
                } else {
                    ("events", "were")
                };
                format!(
                    "{events} {noun} {verb} denied with status 401 or 403, which a rule can't distinguish from the others"
                )
            }
            Self::NoStatus => "no event has a status, so some may have been denied".to_owned(),
            Self::Impersonated => "some of these requests were impersonated".to_owned(),
            Self::WriteNotRequested { kind } => {
                let what = match kind {
                    NoiseKind::EventRecord => "events that components record",
                    _ => "lease heartbeats",
                };
                format!("{what} are writes, which are only dropped on request")
            }
            Self::TooManyNamespaces { namespaces } => {
                format!("these writes are in {namespaces} namespaces, more than a rule should name")
            }
            Self::OnPurpose { rule } => {
                format!("{rule} names these requests, so they are recorded on purpose")
            }
            Self::ChangesOthers => {
                "a rule for these would also drop other requests of the log".to_owned()
            }
            Self::SavesNothing => "dropping these would save nothing".to_owned(),
            Self::NotInsertable { why } => why.explanation().to_owned(),
            Self::NotAsMeant => "the policy with the rule would not be the intended one".to_owned(),
        }
    }
}

/// Maximum number of namespaces that a rule for writes names.
const MAX_NAMESPACES: usize = 5;

/// Returns the kind of noise, or the reason to keep it.
pub(super) fn kind_of(
    group: &CandidateGroup,
    requests: &Requests,
    include_writes: bool,
) -> Result<NoiseKind, KeepReason> {
    let views: Vec<RequestView<'_>> = group
        .of_subjects
        .iter()
        .filter_map(|request| requests.get(*request))
        .collect();
    let known = known_write(&group.candidate.api_group, &group.candidate.resource, group);
    let mut are_components = true;
    for view in &views {
        match (ProtectedReason::from_request(view), known) {
            (None, _) | (Some(ProtectedReason::Write), Some(_)) => {}
            (Some(guard), _) => return Err(KeepReason::Protected { guard }),
        }
        are_components &= is_component(view);
    }
    let noise = &group.candidate;
    let is_probe = noise.resource.is_empty() && is_health(&noise.path);
    if views.is_empty() || !(are_components || is_probe) {
        return Err(KeepReason::Person);
    }
    if noise.resource.is_empty() && !["get", "head"].contains(&noise.verb.as_str()) {
        return Err(KeepReason::OtherMethod);
    }
    if group.has_impersonated {
        return Err(KeepReason::Impersonated);
    }
    if noise.denied > 0 {
        let events = noise.denied;
        return Err(KeepReason::Denied { events });
    }
    if !group.has_status {
        return Err(KeepReason::NoStatus);
    }
    match known {
        Some(kind) if !include_writes => Err(KeepReason::WriteNotRequested { kind }),
        Some(_) if group.namespaces.len() > MAX_NAMESPACES => Err(KeepReason::TooManyNamespaces {
            namespaces: group.namespaces.len() as u64,
        }),
        Some(kind) => Ok(kind),
        None if is_probe => Ok(NoiseKind::HealthProbe),
        None => Ok(NoiseKind::MachineRead),
    }
}

/// Returns the kind of writes that are commonly dropped.
fn known_write(api_group: &str, resource: &str, group: &CandidateGroup) -> Option<NoiseKind> {
    let verb = group.candidate.verb.as_str();
    if !group.candidate.subresource.is_empty() {
        return None;
    }
    match (api_group, resource, verb) {
        ("coordination.k8s.io", "leases", "update") => Some(NoiseKind::Lease),
        ("" | "events.k8s.io", "events", "create" | "update" | "patch") => {
            Some(NoiseKind::EventRecord)
        }
        _ => None,
    }
}

/// Returns whether a user is a component or a service account. Members of `system:masters` are people, except for the server's own client.
fn is_component(request: &RequestView<'_>) -> bool {
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

/// Returns the rule that drops a group.
pub(super) fn rule_for(group: &CandidateGroup, kind: NoiseKind) -> Rule {
    let noise = &group.candidate;
    let (users, user_groups) = match &noise.actor {
        Actor::Nodes => (Vec::new(), vec![NODES.to_owned()]),
        Actor::User(user) => (user.iter().cloned().collect(), Vec::new()),
    };
    let mut rule = Rule::new(Level::None);
    rule.users = users;
    rule.user_groups = user_groups;
    rule.verbs = vec![noise.verb.clone()];
    if noise.resource.is_empty() {
        rule.non_resource_urls = vec![noise.path.clone()];
        return rule;
    }
    let resource = match noise.subresource.as_str() {
        "" => noise.resource.clone(),
        subresource => format!("{}/{subresource}", noise.resource),
    };
    rule.resources = vec![GroupResources::new(&noise.api_group, [resource])];
    if kind.is_write() {
        rule.namespaces.clone_from(&group.namespaces);
    }
    rule
}

/// Rules of a policy, each also without its namespaces and names: the requests of a user, verb and resource that it may match.
pub(super) struct RuleCoverage<'p> {
    rules: Vec<(&'p Rule, Matcher)>,
}

/// Share of the requests of a user, verb and resource that a rule may match, in any namespace and with any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coverage {
    None,
    Some,
    All,
}

impl<'p> RuleCoverage<'p> {
    pub(super) fn of(policy: &'p Policy) -> Self {
        let widest = |rule: &Rule| {
            let mut widest = rule.clone();
            widest.namespaces.clear();
            for entry in &mut widest.resources {
                entry.resource_names.clear();
            }
            Matcher::new(&Policy::new(vec![widest]))
        };
        let rules = policy.rules.iter().map(|rule| (rule, widest(rule)));
        Self {
            rules: rules.collect(),
        }
    }

    /// Returns the index of the rule before which the new one goes: the first one that records these requests, after all rules that name them.
    /// All rules that such requests can reach are considered, even if none in the log does.
    pub(super) fn place_for(
        &self,
        group: &CandidateGroup,
        requests: &Requests,
    ) -> Result<RuleIndex, KeepReason> {
        let requests_of_group: Vec<Request> = group
            .of_subjects
            .iter()
            .filter_map(|request| requests.get(*request))
            .map(|view| view.to_request())
            .collect();
        let mut last_on_purpose = None;
        for (place, (rule, widest)) in self.rules.iter().enumerate() {
            let reach = reach(rule, widest, &requests_of_group);
            let records_by_name = rule.level > Level::None && names(rule, &group.candidate.verb);
            if reach != Coverage::None && records_by_name {
                last_on_purpose = Some(RuleIndex::new(place));
            }
            if reach == Coverage::All {
                break;
            }
        }
        let is_past = |rule: &&RuleIndex| last_on_purpose.is_none_or(|last| **rule > last);
        let place = group.rules.iter().find(is_past).copied();
        place.ok_or(match last_on_purpose {
            Some(rule) => KeepReason::OnPurpose { rule },
            None => KeepReason::SavesNothing,
        })
    }
}

fn reach(rule: &Rule, widest: &Matcher, requests_of_group: &[Request]) -> Coverage {
    let is_narrow = !rule.namespaces.is_empty()
        || rule
            .resources
            .iter()
            .any(|entry| !entry.resource_names.is_empty());
    // A rule with namespaces matches no non-resource request, even though the namespaces themselves are ignored here.
    let takes = |request: &&Request| {
        let is_confined = !rule.namespaces.is_empty() && !request.is_resource_request;
        !is_confined && widest.evaluate(request).rule.is_some()
    };
    match requests_of_group.iter().filter(takes).count() {
        0 => Coverage::None,
        all if all == requests_of_group.len() && !is_narrow => Coverage::All,
        _ => Coverage::Some,
    }
}

/// Returns whether a rule names what it records: users, groups other than that of everybody, namespaces, objects, or this verb with resources.
/// A rule with only API groups or verbs does not.
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
