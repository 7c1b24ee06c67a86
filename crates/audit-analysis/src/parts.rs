//! The parts of a rule that can be taken away one by one: the items of its lists, of which at least one must stay.

use audit_policy::Rule;
use audit_types::{Path, RuleIndex};

/// An item of a list of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    list: List,
    /// Index of the entry of `resources`, for lists in one.
    entry: usize,
    /// Index in the list.
    item: usize,
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

/// Returns the parts of a rule that can be taken away: the items of lists with more than one, the last first.
pub(crate) fn parts(rule: &Rule) -> Vec<Part> {
    let lists = List::OF_RULE.into_iter().map(|list| (list, 0));
    let of_entries = (0..rule.resources.len())
        .flat_map(|entry| [(List::Resources, entry), (List::ResourceNames, entry)]);
    lists
        .chain(of_entries)
        .filter(|(list, entry)| list.len(rule, *entry) > 1)
        .flat_map(|(list, entry)| {
            let items = (0..list.len(rule, entry)).rev();
            items.map(move |item| Part { list, entry, item })
        })
        .collect()
}

impl Part {
    /// Returns the rule without the part.
    pub(crate) fn without(&self, rule: &Rule) -> Rule {
        let mut rest = rule.clone();
        match self.list.strings(&mut rest, self.entry) {
            Some(strings) => {
                if self.item < strings.len() {
                    strings.remove(self.item);
                }
            }
            None => {
                if self.item < rest.resources.len() {
                    rest.resources.remove(self.item);
                }
            }
        }
        rest
    }

    /// Returns the rule with the part only, and all of its other lists.
    pub(crate) fn alone(&self, rule: &Rule) -> Rule {
        let mut alone = rule.clone();
        match self.list.strings(&mut alone, self.entry) {
            Some(strings) => {
                *strings = strings.drain(..).skip(self.item).take(1).collect();
                if self.list.is_of_entry() {
                    alone.resources = alone.resources.drain(..).skip(self.entry).take(1).collect();
                }
            }
            None => {
                alone.resources = alone.resources.drain(..).skip(self.item).take(1).collect();
            }
        }
        alone
    }

    /// Returns the text of the item. `None` for an entry of `resources`.
    pub(crate) fn value(&self, rule: &Rule) -> Option<String> {
        let mut rule = rule.clone();
        let strings = self.list.strings(&mut rule, self.entry)?;
        strings.get(self.item).cloned()
    }

    /// Returns the path of the item in a policy.
    pub(crate) fn path(&self, rule: usize) -> Path {
        let path = Path::rule(RuleIndex::new(rule));
        let path = if self.list.is_of_entry() {
            path.field("resources").index(self.entry)
        } else {
            path
        };
        path.field(self.list.field()).index(self.item)
    }

    /// Returns the place and the path in the original policy, from the labels of the rule.
    pub(crate) fn original(&self, labels: &Rule) -> Option<(Place, Path)> {
        let (rule, original) = self.source_of(labels)?;
        let place = (rule, original.list as usize, original.entry, original.item);
        Some((place, original.path(rule)))
    }

    /// Returns the rule and the part in the original policy.
    fn source_of(&self, labels: &Rule) -> Option<(usize, Self)> {
        let label = match self.list {
            List::Entries => labels.resources.get(self.item)?.group.clone(),
            _ => self.value(labels)?,
        };
        let mut numbers = label.split('.').map(|number| number.parse().ok());
        let (rule, first, second) = (numbers.next()??, numbers.next()??, numbers.next());
        let original = match (self.list, second.flatten()) {
            (List::Entries, _) => Self {
                list: self.list,
                entry: 0,
                item: first,
            },
            (list, item) => Self {
                list,
                entry: first,
                item: item?,
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
        let parts = (0..list.len(labels, entry)).map(|item| Part { list, entry, item });
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
