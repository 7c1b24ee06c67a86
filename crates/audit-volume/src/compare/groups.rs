//! Which requests belong together: by texts once for every distinct user and resource, then by numbers.

use audit_sim::{RequestView, Requests, Verdicts};
use hashbrown::{HashMap, HashSet};

use super::{Effect, Group, Ruling};
use crate::amount::{Amount, Examples};
use crate::guard::Guard;

/// Stands for the group of requests that both policies see alike.
pub(super) const SAME: u32 = u32::MAX;

/// Stands for the group of requests that one of them cannot be judged on.
pub(super) const UNKNOWABLE: u32 = u32::MAX - 1;

/// The groups of a comparison, and which request is of which.
pub(super) struct Grouping {
    pub(super) of_request: Vec<u32>,
    pub(super) groups: Vec<Building>,
}

/// A group that events are added to.
pub(super) struct Building {
    /// A request of it, which stands for all.
    first: u32,
    effect: Effect,
    pub(super) from: Ruling,
    pub(super) to: Ruling,
    requests: u64,
    namespaces: u64,
    pub(super) events: u64,
    pub(super) before: Amount,
    pub(super) after: Amount,
    pub(super) sizes_unknown: u64,
    pub(super) examples: Examples,
    /// Events that the log lacks, for where it holds none that change.
    pub(super) derived_examples: Examples,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    user: u32,
    verb: Option<u32>,
    target: u32,
    from: Ruling,
    to: Ruling,
}

impl Grouping {
    pub(super) fn new(requests: &Requests, before: &Verdicts, after: &Verdicts) -> Self {
        let names = Names::of(requests);
        let rulings = Rulings::of(before, after);
        let mut keys: HashMap<Key, u32> = HashMap::new();
        let mut namespaces: HashSet<(u32, u32)> = HashSet::new();
        let mut groups: Vec<Building> = Vec::new();
        let of_request = (0..).zip(requests.values()).map(|(request, values)| {
            let pair = (before.ruling(request), after.ruling(request));
            let (from, to, effect) = match rulings.get(pair) {
                Some(Change::Known(from, to, effect)) => (from, to, effect),
                Some(Change::None) => return SAME,
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
                groups.push(Building::new(request, from, to, effect));
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

/// What a pair of rules means, asked once for every pair.
struct Rulings {
    before: Vec<Ruling>,
    after: Vec<Ruling>,
}

#[derive(Clone, Copy)]
enum Change {
    None,
    Known(Ruling, Ruling, Effect),
}

impl Rulings {
    fn of(before: &Verdicts, after: &Verdicts) -> Self {
        let all = |verdicts: &Verdicts| {
            verdicts
                .of_rules()
                .iter()
                .copied()
                .map(Ruling::of)
                .collect()
        };
        Self {
            before: all(before),
            after: all(after),
        }
    }

    /// None where a verdict cannot be known.
    fn get(&self, (before, after): (usize, usize)) -> Option<Change> {
        let (from, to) = (*self.before.get(before)?, *self.after.get(after)?);
        Some(match Effect::of(from, to) {
            Some(effect) => Change::Known(from, to, effect),
            None => Change::None,
        })
    }
}

/// Numbers of users, whatever their groups, and of resources, whatever was asked of a proxy.
pub(crate) struct Names {
    users: Vec<u32>,
    targets: Vec<u32>,
}

impl Names {
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
        self.users.get(subject as usize).copied().unwrap_or(SAME)
    }

    pub(crate) fn target(&self, target: u32) -> u32 {
        self.targets.get(target as usize).copied().unwrap_or(SAME)
    }
}

fn numbered<K: std::hash::Hash + Eq>(known: &mut HashMap<K, u32>, value: K) -> u32 {
    let next = u32::try_from(known.len()).unwrap_or(SAME);
    *known.entry(value).or_insert(next)
}

impl Building {
    fn new(first: u32, from: Ruling, to: Ruling, effect: Effect) -> Self {
        Self {
            first,
            effect,
            from,
            to,
            requests: 0,
            namespaces: 0,
            events: 0,
            before: Amount::default(),
            after: Amount::default(),
            sizes_unknown: 0,
            examples: Examples::default(),
            derived_examples: Examples::default(),
        }
    }

    /// The group with its names; none where the request that stands for it is not of these.
    pub(super) fn named(self, requests: &Requests) -> Option<Group> {
        let request: RequestView<'_> = requests.get(self.first)?;
        Some(Group {
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
            effect: self.effect,
            guard: Guard::of(&request),
            events: self.events,
            before: self.before,
            after: self.after,
            sizes_unknown: self.sizes_unknown,
            examples: if self.examples.numbers().is_empty() {
                self.derived_examples
            } else {
                self.examples
            },
        })
    }
}
