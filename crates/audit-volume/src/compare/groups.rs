//! Grouping of requests: names are compared once per distinct user and resource, everything else uses ids.

use audit_sim::{RequestView, Requests, Verdicts};
use audit_types::RequestId;
use hashbrown::{HashMap, HashSet};

use super::change::{CoverageChange, EffectiveVerdict, RequestGroup};
use crate::protected::ProtectedReason;
use crate::volume::{ExampleEvents, Volume};

/// Stands for the group of requests with equal verdicts.
pub(super) const UNCHANGED: u32 = u32::MAX;

/// Stands for the group of requests that one of the policies can't be evaluated on.
pub(super) const UNKNOWABLE: u32 = u32::MAX - 1;

/// Groups of a comparison, and the group of each request.
pub(super) struct Grouping {
    pub(super) of_request: Vec<u32>,
    pub(super) groups: Vec<GroupBuilder>,
}

/// A group to which events are added.
pub(super) struct GroupBuilder {
    /// A request of the group, which represents all of them.
    first: RequestId,
    effect: CoverageChange,
    pub(super) from: EffectiveVerdict,
    pub(super) to: EffectiveVerdict,
    requests: u64,
    namespaces: u64,
    pub(super) events: u64,
    pub(super) before: Volume,
    pub(super) after: Volume,
    pub(super) sizes_unknown: u64,
    pub(super) examples: ExampleEvents,
    /// Examples among derived events, used if no recorded event changes.
    pub(super) derived_examples: ExampleEvents,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    user: u32,
    verb: Option<u32>,
    target: u32,
    from: EffectiveVerdict,
    to: EffectiveVerdict,
}

impl Grouping {
    pub(super) fn new(requests: &Requests, before: &Verdicts, after: &Verdicts) -> Self {
        let names = NameIds::of(requests);
        let rulings = VerdictPairs::of(before, after);
        let mut keys: HashMap<Key, u32> = HashMap::new();
        let mut namespaces: HashSet<(u32, u32)> = HashSet::new();
        let mut groups: Vec<GroupBuilder> = Vec::new();
        let of_request = requests
            .ids()
            .zip(requests.value_ids())
            .map(|(request, values)| {
                let pair = (before.verdict_index(request), after.verdict_index(request));
                let (from, to, effect) = match rulings.get(pair) {
                    Some(Change::Known(from, to, effect)) => (from, to, effect),
                    Some(Change::None) => return UNCHANGED,
                    None => return UNKNOWABLE,
                };
                let key = Key {
                    user: names.user(values.subject),
                    verb: values.verb,
                    target: names.target(values.target),
                    from,
                    to,
                };
                let next = u32::try_from(groups.len()).unwrap_or(UNKNOWABLE);
                let group = *keys.entry(key).or_insert(next);
                if group == next {
                    groups.push(GroupBuilder::new(request, from, to, effect));
                }
                if let Some(building) = groups.get_mut(group as usize) {
                    building.requests += 1;
                    building.namespaces += u64::from(namespaces.insert((group, values.namespace)));
                }
                group
            });
        Self {
            of_request: of_request.collect(),
            groups,
        }
    }
}

/// Effective verdicts of all rules of both policies.
struct VerdictPairs {
    before: Vec<EffectiveVerdict>,
    after: Vec<EffectiveVerdict>,
}

#[derive(Clone, Copy)]
enum Change {
    None,
    Known(EffectiveVerdict, EffectiveVerdict, CoverageChange),
}

impl VerdictPairs {
    fn of(before: &Verdicts, after: &Verdicts) -> Self {
        let all = |verdicts: &Verdicts| {
            verdicts
                .rule_verdicts()
                .iter()
                .copied()
                .map(EffectiveVerdict::new)
                .collect()
        };
        Self {
            before: all(before),
            after: all(after),
        }
    }

    /// Returns the change for a pair of rules; `None` if a verdict can't be determined.
    fn get(&self, (before, after): (usize, usize)) -> Option<Change> {
        let (from, to) = (*self.before.get(before)?, *self.after.get(after)?);
        Some(match CoverageChange::between(from, to) {
            Some(effect) => Change::Known(from, to, effect),
            None => Change::None,
        })
    }
}

/// Ids of users regardless of their groups, and of resources regardless of proxied paths.
pub(crate) struct NameIds {
    users: Vec<u32>,
    targets: Vec<u32>,
}

impl NameIds {
    pub(crate) fn of(requests: &Requests) -> Self {
        let mut users = HashMap::new();
        let mut targets = HashMap::new();
        Self {
            users: requests
                .subjects()
                .map(|subject| numbered(&mut users, subject.user()))
                .collect(),
            targets: requests
                .targets()
                .map(|target| {
                    let resource = (target.resource(), target.subresource());
                    let name = (target.api_group(), resource, target.path());
                    numbered(&mut targets, (target.unknown().url, name))
                })
                .collect(),
        }
    }

    pub(crate) fn user(&self, subject: u32) -> u32 {
        self.users
            .get(subject as usize)
            .copied()
            .unwrap_or(UNCHANGED)
    }

    pub(crate) fn target(&self, target: u32) -> u32 {
        self.targets
            .get(target as usize)
            .copied()
            .unwrap_or(UNCHANGED)
    }
}

fn numbered<K: std::hash::Hash + Eq>(known: &mut HashMap<K, u32>, value: K) -> u32 {
    let next = u32::try_from(known.len()).unwrap_or(UNCHANGED);
    *known.entry(value).or_insert(next)
}

impl GroupBuilder {
    fn new(
        first: RequestId,
        from: EffectiveVerdict,
        to: EffectiveVerdict,
        effect: CoverageChange,
    ) -> Self {
        Self {
            first,
            effect,
            from,
            to,
            requests: 0,
            namespaces: 0,
            events: 0,
            before: Volume::default(),
            after: Volume::default(),
            sizes_unknown: 0,
            examples: ExampleEvents::default(),
            derived_examples: ExampleEvents::default(),
        }
    }

    /// Resolves the names; `None` if the representing request is not in `requests`.
    pub(super) fn build(self, requests: &Requests) -> Option<RequestGroup> {
        let request: RequestView<'_> = requests.get(self.first)?;
        Some(RequestGroup {
            user: request.user().map(str::to_owned),
            verb: request.verb().to_owned(),
            api_group: request.api_group().to_owned(),
            resource: request.resource().to_owned(),
            subresource: request.subresource().to_owned(),
            path: request.path().to_owned(),
            namespaces: self.namespaces,
            requests: self.requests,
            from: self.from,
            to: self.to,
            change: self.effect,
            protected: ProtectedReason::from_request(&request),
            events: self.events,
            before: self.before,
            after: self.after,
            sizes_unknown: self.sizes_unknown,
            examples: if self.examples.ids().is_empty() {
                self.derived_examples
            } else {
                self.examples
            },
        })
    }
}
