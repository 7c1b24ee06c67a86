//! Groups of requests by user, verb and resource, ordered by their share of a log.

use audit_policy::{KubernetesVersion, Level, RuleIndex};
use audit_sim::{EventTable, RequestView, Requests, Verdicts, Window};
use audit_types::sort::SortShort;
use audit_types::{EventId, RequestId};
use hashbrown::{HashMap, HashSet};
use serde::Serialize;

use crate::compare::NameIds;
use crate::volume::{ExampleEvents, Volume};

/// User or users that make the requests of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Actor {
    /// One user; `None` if there was none or the record lacks it.
    User(Option<String>),
    /// All kubelets: the group `system:nodes`, whose users are named after their nodes.
    Nodes,
}

impl Actor {
    /// Returns the name to show.
    pub fn name(&self) -> &str {
        match self {
            Self::User(Some(name)) => name,
            Self::User(None) => "(no user)",
            Self::Nodes => NODES,
        }
    }
}

/// The group of all kubelets.
pub(super) const NODES: &str = "system:nodes";

/// Requests of one actor, verb and resource, and the volume that a policy writes of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NoiseCandidate {
    /// User or users that make the requests.
    pub actor: Actor,
    /// The verb; empty if the record lacks it.
    pub verb: String,
    /// The API group; empty for the core group.
    pub api_group: String,
    /// The resource; empty for a non-resource request.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The path of a non-resource request.
    pub path: String,
    /// Volume that the policy writes.
    pub written: Volume,
    /// Number of recorded events with status 401 or 403.
    #[serde(rename = "refused")]
    pub denied: u64,
    /// Number of recorded events with another status of 400 or more.
    pub failed: u64,
    /// Examples of the events.
    pub examples: ExampleEvents,
}

/// A candidate with everything needed to decide about it.
pub(super) struct CandidateGroup {
    pub(super) candidate: NoiseCandidate,
    /// A request for every distinct user with groups.
    pub(super) of_subjects: Vec<RequestId>,
    /// Namespaces, sorted.
    pub(super) namespaces: Vec<String>,
    /// The rules that match, in order.
    pub(super) rules: Vec<RuleIndex>,
    /// `true` if some event is known to be impersonated.
    pub(super) has_impersonated: bool,
    /// `true` if some recorded event has a status.
    pub(super) has_status: bool,
}

/// Groups with the most bytes, and the group of each request.
pub(super) struct NoisiestGroups {
    /// The most bytes first.
    pub(super) groups: Vec<CandidateGroup>,
    /// Index of the group of each request; out of range if the group is not listed.
    pub(super) of_request: Vec<u32>,
}

const NO_GROUP: u32 = u32::MAX;

/// Sums of a group.
#[derive(Clone, Default)]
struct Sums {
    first: RequestId,
    written: Volume,
    denied: u64,
    failed: u64,
    examples: ExampleEvents,
    has_impersonated: bool,
    has_status: bool,
}

impl NoisiestGroups {
    /// Finds the groups with the most written bytes. `impersonated` are the sorted ids of impersonated events.
    pub(super) fn of(
        table: &EventTable,
        verdicts: &Verdicts,
        version: KubernetesVersion,
        impersonated: &[EventId],
        max_groups: usize,
    ) -> Self {
        let (mut of_request, mut sums) = grouped(table.requests());
        let is_wanted = |request: RequestId| {
            let verdict = verdicts.get(request);
            verdict.is_some_and(|verdict| verdict.level > Level::None)
        };
        add_written(table, verdicts, version, &of_request, &mut sums);
        let mut impersonated = impersonated.iter().copied().peekable();
        for answered in table.responses() {
            while impersonated.next_if(|event| *event < answered.id).is_some() {}
            let is_impersonated = impersonated.peek() == Some(&answered.id);
            let group = of_request.get(answered.request.index());
            let Some(sum) = group
                .filter(|_| is_wanted(answered.request))
                .and_then(|group| sums.get_mut(*group as usize))
            else {
                continue;
            };
            sum.examples.push(answered.id);
            match answered.code {
                Some(401 | 403) => sum.denied += 1,
                Some(400..) => sum.failed += 1,
                _ => {}
            }
            sum.has_status |= answered.code.is_some();
            sum.has_impersonated |= answered.has_authentication || is_impersonated;
        }
        let listed = largest(&sums, max_groups);
        for group in &mut of_request {
            *group = listed.get(group).copied().unwrap_or(NO_GROUP);
        }
        let groups = described(table.requests(), verdicts, &of_request, &sums, &listed);
        Self { groups, of_request }
    }

    /// Returns whether a request belongs to a group.
    pub(super) fn contains(&self, group: usize, request: RequestId) -> bool {
        let of_request = self.of_request.get(request.index());
        of_request.is_some_and(|of_request| *of_request as usize == group)
    }
}

/// Adds the written volume of requests to their groups.
fn add_written(
    table: &EventTable,
    verdicts: &Verdicts,
    version: KubernetesVersion,
    of_request: &[u32],
    sums: &mut [Sums],
) {
    let flow = table.flow(verdicts, version, &Window::default());
    let mut add = |request: RequestId, amount: Volume| {
        let group = of_request.get(request.index());
        if let Some(sum) = group.and_then(|group| sums.get_mut(*group as usize)) {
            sum.written += amount;
        }
    };
    for (request, sum) in (0..).map(RequestId::new).zip(&flow.by_request) {
        add(request, (*sum).into());
    }
    // Events of unknown size count without bytes.
    for (key, open) in &flow.unknown_sizes {
        add(
            key.request,
            Volume {
                events: open.known.events,
                bytes: 0,
            },
        );
    }
}

/// Returns the group of every request, and the sums of every group with a representing request.
fn grouped(requests: &Requests) -> (Vec<u32>, Vec<Sums>) {
    let names = NameIds::of(requests);
    let nodes: Vec<bool> = requests
        .subjects()
        .map(|subject| is_node(&subject))
        .collect();
    let mut known: HashMap<(u32, Option<u32>, u32), u32> = HashMap::new();
    let mut sums: Vec<Sums> = Vec::new();
    let of_request = requests
        .ids()
        .zip(requests.value_ids())
        .map(|(request, values)| {
            let is_node = nodes.get(values.subject as usize) == Some(&true);
            let actor = if is_node {
                NO_GROUP
            } else {
                names.user(values.subject)
            };
            let next = u32::try_from(sums.len()).unwrap_or(NO_GROUP);
            let key = (actor, values.verb, names.target(values.target));
            let group = *known.entry(key).or_insert(next);
            if group == next {
                sums.push(Sums {
                    first: request,
                    ..Sums::default()
                });
            }
            group
        });
    (of_request.collect(), sums)
}

/// Returns whether a user is a kubelet, by the rules of the node authorizer.
fn is_node(subject: &RequestView<'_>) -> bool {
    let is_named = subject
        .user()
        .is_some_and(|user| user.starts_with("system:node:"));
    is_named && subject.groups().any(|group| group == NODES)
}

/// Returns the groups with the most bytes, with their ranks.
fn largest(sums: &[Sums], max_groups: usize) -> HashMap<u32, u32> {
    let mut order: Vec<u32> = (0..)
        .zip(sums)
        .filter(|(_, sum)| sum.written.events > 0)
        .map(|(group, _)| group)
        .collect();
    let size = |group: &u32| {
        let sum = sums.get(*group as usize);
        sum.map_or((0, 0), |sum| (sum.written.bytes, sum.written.events))
    };
    order.sort_short_by_key(|group| (std::cmp::Reverse(size(group)), *group));
    order.truncate(max_groups);
    order.into_iter().zip(0..).collect()
}

fn described(
    requests: &Requests,
    verdicts: &Verdicts,
    of_request: &[u32],
    sums: &[Sums],
    listed: &HashMap<u32, u32>,
) -> Vec<CandidateGroup> {
    let mut order: Vec<(u32, u32)> = listed
        .iter()
        .map(|(group, place)| (*place, *group))
        .collect();
    order.sort_short();
    let mut groups: Vec<CandidateGroup> = order
        .into_iter()
        .filter_map(|(_, group)| CandidateGroup::of(requests, sums.get(group as usize)?))
        .collect();
    let mut seen = HashSet::new();
    let mut namespaces = HashSet::new();
    let mut rules = HashSet::new();
    for ((request, group), values) in requests.ids().zip(of_request).zip(requests.value_ids()) {
        let Some(found) = groups.get_mut(*group as usize) else {
            continue;
        };
        if seen.insert((*group, values.subject)) {
            found.of_subjects.push(request);
        }
        if namespaces.insert((*group, values.namespace))
            && let Some(view) = requests.get(request)
        {
            found.namespaces.push(view.namespace().to_owned());
        }
        let verdict = verdicts.get(request);
        if let Some(rule) = verdict.and_then(|verdict| verdict.rule)
            && verdict.is_some_and(|verdict| verdict.level > Level::None)
            && rules.insert((*group, rule))
        {
            found.rules.push(rule);
        }
    }
    for group in &mut groups {
        group.namespaces.sort_short();
        group.rules.sort_short();
    }
    groups
}

impl CandidateGroup {
    fn of(requests: &Requests, sums: &Sums) -> Option<Self> {
        let request = requests.get(sums.first)?;
        let actor = if is_node(&request) {
            Actor::Nodes
        } else {
            Actor::User(request.user().map(str::to_owned))
        };
        Some(Self {
            candidate: NoiseCandidate {
                actor,
                verb: request.verb().to_owned(),
                api_group: request.api_group().to_owned(),
                resource: request.resource().to_owned(),
                subresource: request.subresource().to_owned(),
                path: request.path().to_owned(),
                written: sums.written,
                denied: sums.denied,
                failed: sums.failed,
                examples: sums.examples.clone(),
            },
            of_subjects: Vec::new(),
            namespaces: Vec::new(),
            rules: Vec::new(),
            has_impersonated: sums.has_impersonated,
            has_status: sums.has_status,
        })
    }
}
