//! The parts of a rule that can be taken away one by one: items of its lists, and whole lists, which are conditions.

use audit_policy::Rule;
use audit_types::{Path, RuleIndex};

/// An item of a list of a rule, or the whole list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    list: List,
    /// Index of the entry of `resources`, for lists in one.
    entry: usize,
    /// Index in the list. `None` for the whole list.
    item: Option<usize>,
}

/// A list of a rule, or of an entry of its `resources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum List {
    Users,
    UserGroups,
    Verbs,
    Namespaces,
    Urls,
    Entries,
    Resources,
    ResourceNames,
}

impl List {
    const OF_RULE: [Self; 6] = [
        Self::Users,
        Self::UserGroups,
        Self::Verbs,
        Self::Namespaces,
        Self::Urls,
        Self::Entries,
    ];

    const fn field(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::UserGroups => "userGroups",
            Self::Verbs => "verbs",
            Self::Namespaces => "namespaces",
            Self::Urls => "nonResourceURLs",
            Self::Entries | Self::Resources => "resources",
            Self::ResourceNames => "resourceNames",
        }
    }

    const fn is_of_entry(self) -> bool {
        matches!(self, Self::Resources | Self::ResourceNames)
    }

    /// Returns the list of strings. `None` for entries.
    fn strings(self, rule: &mut Rule, entry: usize) -> Option<&mut Vec<String>> {
        Some(match self {
            Self::Users => &mut rule.users,
            Self::UserGroups => &mut rule.user_groups,
            Self::Verbs => &mut rule.verbs,
            Self::Namespaces => &mut rule.namespaces,
            Self::Urls => &mut rule.non_resource_urls,
            Self::Entries => return None,
            Self::Resources => &mut rule.resources.get_mut(entry)?.resources,
            Self::ResourceNames => &mut rule.resources.get_mut(entry)?.resource_names,
        })
    }

    fn len(self, rule: &Rule, entry: usize) -> usize {
        let of_entry = rule.resources.get(entry);
        match self {
            Self::Users => rule.users.len(),
            Self::UserGroups => rule.user_groups.len(),
            Self::Verbs => rule.verbs.len(),
            Self::Namespaces => rule.namespaces.len(),
            Self::Urls => rule.non_resource_urls.len(),
            Self::Entries => rule.resources.len(),
            Self::Resources => of_entry.map_or(0, |entry| entry.resources.len()),
            Self::ResourceNames => of_entry.map_or(0, |entry| entry.resource_names.len()),
        }
    }
}

/// Place of an item in a policy: rule, list, entry and item.
pub(crate) type Place = (usize, usize, usize, usize);

/// Items that a list of a rule got from another rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addition {
    /// The last item that the list had before. `None` if none of them is left.
    pub(crate) after: Option<Path>,
    /// The items, by their paths in the other rule.
    pub(crate) items: Vec<Path>,
}

/// Returns a rule of the same shape whose items are their own places: rule, entry and item.
pub(crate) fn labels((index, rule): (usize, &Rule)) -> Rule {
    let mut labels = rule.clone();
    for (entry, labelled) in labels.resources.iter_mut().enumerate() {
        labelled.group = format!("{index}.{entry}");
    }
    let of_entries = (0..rule.resources.len())
        .flat_map(|entry| [(List::Resources, entry), (List::ResourceNames, entry)]);
    for (list, entry) in List::OF_RULE
        .map(|list| (list, 0))
        .into_iter()
        .chain(of_entries)
    {
        for (item, label) in list
            .strings(&mut labels, entry)
            .into_iter()
            .flatten()
            .enumerate()
        {
            *label = format!("{index}.{entry}.{item}");
        }
    }
    labels
}

/// Returns the items of a rule's lists that have more than one, the last first. If they are taken away in this order, each has its place when its turn
/// comes, since an entry goes before the lists of others.
pub(crate) fn parts(rule: &Rule) -> Vec<Part> {
    let entries = 0..rule.resources.len();
    let mut parts = own_parts(rule);
    parts.extend(entries.flat_map(|entry| parts_of_entry(rule, entry)));
    parts
}

/// Returns the items of a rule's own lists that have more than one, the last first.
pub(crate) fn own_parts(rule: &Rule) -> Vec<Part> {
    let lists = List::OF_RULE.into_iter();
    lists.flat_map(|list| items(list, rule, 0)).collect()
}

/// Returns the items of the lists of an entry that have more than one, the last first.
pub(crate) fn parts_of_entry(rule: &Rule, entry: usize) -> Vec<Part> {
    let lists = [List::Resources, List::ResourceNames].into_iter();
    lists.flat_map(|list| items(list, rule, entry)).collect()
}

fn items(list: List, rule: &Rule, entry: usize) -> impl Iterator<Item = Part> {
    let length = list.len(rule, entry);
    let items = if length > 1 { 0..length } else { 0..0 };
    items.rev().map(move |item| Part {
        list,
        entry,
        item: Some(item),
    })
}

/// Returns the conditions of a rule: its lists, and those of its entries. Resources whose names the entry lists stay, since the server rejects
/// names alone.
pub(crate) fn conditions(rule: &Rule) -> Vec<Part> {
    let lists = List::OF_RULE.into_iter().map(|list| (list, 0));
    let entries = rule.resources.iter().enumerate();
    let of_entries = entries.flat_map(|(at, entry)| {
        let resources = entry
            .resource_names
            .is_empty()
            .then_some((List::Resources, at));
        std::iter::once((List::ResourceNames, at)).chain(resources)
    });
    lists
        .chain(of_entries)
        .filter(|(list, entry)| list.len(rule, *entry) > 0)
        .map(|(list, entry)| Part {
            list,
            entry,
            item: None,
        })
        .collect()
}

/// Removes an item, or all.
fn remove<T>(list: &mut Vec<T>, item: Option<usize>) {
    match item {
        Some(item) if item < list.len() => {
            list.remove(item);
        }
        Some(_) => {}
        None => list.clear(),
    }
}

impl Part {
    /// Returns the rule without the part. A list that is taken away is a condition less, so that the rule matches more.
    pub(crate) fn without(&self, rule: &Rule) -> Rule {
        let mut rest = rule.clone();
        self.take_from(&mut rest);
        rest
    }

    /// Takes the part away from a rule.
    pub(crate) fn take_from(&self, rule: &mut Rule) {
        if self.list == List::Entries {
            remove(&mut rule.resources, self.item);
        } else if let Some(strings) = self.list.strings(rule, self.entry) {
            remove(strings, self.item);
        }
    }

    /// Returns true for the only item of its list.
    pub(crate) fn is_last(&self, rule: &Rule) -> bool {
        self.item.is_some() && self.list.len(rule, self.entry) < 2
    }

    /// Returns the rule with the item only, and all of its other lists.
    pub(crate) fn alone(&self, rule: &Rule) -> Rule {
        let Some(item) = self.item else {
            return rule.clone();
        };
        let mut alone = rule.clone();
        match self.list.strings(&mut alone, self.entry) {
            Some(strings) => {
                *strings = strings.drain(..).skip(item).take(1).collect();
                if self.list.is_of_entry() {
                    alone.resources = alone.resources.drain(..).skip(self.entry).take(1).collect();
                }
            }
            None => {
                alone.resources = alone.resources.drain(..).skip(item).take(1).collect();
            }
        }
        alone
    }

    /// Returns the text of the item. `None` for an entry of `resources`, and for a whole list.
    pub(crate) fn value(&self, rule: &Rule) -> Option<String> {
        let mut rule = rule.clone();
        let strings = self.list.strings(&mut rule, self.entry)?;
        strings.get(self.item?).cloned()
    }

    /// Returns the path of the item, or of the list, in a policy.
    pub(crate) fn path(&self, rule: usize) -> Path {
        let path = Path::rule(RuleIndex::new(rule));
        let path = if self.list.is_of_entry() {
            path.field("resources").index(self.entry)
        } else {
            path
        };
        let list = path.field(self.list.field());
        match self.item {
            Some(item) => list.index(item),
            None => list,
        }
    }

    /// Returns the place and the path in the original policy, from the labels of the rule, which was the rule `index`.
    pub(crate) fn original(&self, index: usize, labels: &Rule) -> Option<(Place, Path)> {
        let (rule, original) = match self.item {
            Some(_) => self.source_of(labels)?,
            None => self.source_of_list(index, labels)?,
        };
        // A list comes after its items.
        let item = original.item.unwrap_or(usize::MAX);
        let place = (rule, original.list as usize, original.entry, item);
        Some((place, original.path(rule)))
    }

    /// Returns the rule and the list in the original policy.
    fn source_of_list(&self, index: usize, labels: &Rule) -> Option<(usize, Self)> {
        if !self.list.is_of_entry() {
            return Some((index, self.clone()));
        }
        let label = &labels.resources.get(self.entry)?.group;
        let (rule, entry) = label.split_once('.')?;
        let entry = entry.parse().ok()?;
        Some((
            rule.parse().ok()?,
            Self {
                entry,
                ..self.clone()
            },
        ))
    }

    /// Returns the rule and the part in the original policy.
    fn source_of(&self, labels: &Rule) -> Option<(usize, Self)> {
        let label = match self.list {
            List::Entries => labels.resources.get(self.item?)?.group.clone(),
            _ => self.value(labels)?,
        };
        let mut numbers = label.split('.').map(|number| number.parse().ok());
        let (rule, first, second) = (numbers.next()??, numbers.next()??, numbers.next());
        let original = match (self.list, second.flatten()) {
            (List::Entries, _) => Self {
                list: self.list,
                entry: 0,
                item: Some(first),
            },
            (list, item) => Self {
                list,
                entry: first,
                item: Some(item?),
            },
        };
        Some((rule, original))
    }
}

/// Returns what the lists of a rule got from other rules.
pub(crate) fn additions(rule: usize, labels: &Rule) -> Option<Vec<Addition>> {
    let entries = labels.resources.iter().enumerate();
    // An entry of another rule is added with its lists.
    let prefix = format!("{rule}.");
    let own_entries = entries.filter(|(_, entry)| entry.group.starts_with(&prefix));
    let of_entries =
        own_entries.flat_map(|(entry, _)| [(List::Resources, entry), (List::ResourceNames, entry)]);
    let lists = List::OF_RULE.map(|list| (list, 0)).into_iter();
    let mut additions = Vec::new();
    for (list, entry) in lists.chain(of_entries) {
        let parts = (0..list.len(labels, entry)).map(|item| Part {
            list,
            entry,
            item: Some(item),
        });
        let originals = parts.map(|part| part.source_of(labels));
        let originals = originals.collect::<Option<Vec<_>>>()?;
        let (own, others): (Vec<_>, Vec<_>) = originals.iter().partition(|(of, _)| *of == rule);
        if !others.is_empty() {
            let path = |(of, part): &(usize, Part)| part.path(*of);
            additions.push(Addition {
                after: own.last().map(|own| path(own)),
                items: others.into_iter().map(path).collect(),
            });
        }
    }
    Some(additions)
}
