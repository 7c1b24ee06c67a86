//! Patches the server's arguments: flags with the right value stay, others are replaced, missing ones are added, unwanted ones removed.

use std::collections::{HashMap, HashSet};

use apiserver_config::{Flag, SettingError, Settings, is_switch};
use audit_policy::document::Node;
use audit_types::excerpt::excerpt;

use super::error::PatchError;
use super::list::{self, ListChanges, QuoteStyle};
use super::manifest::Manifest;
use super::text_edits::TextEdits;
use crate::pod::{Argument, argument};

/// The deprecated spelling of a flag, and the one that took its place.
const OLD: &str = "audit-webhook-batch-initial-backoff";
const NEW: &str = "audit-webhook-initial-backoff";

/// An argument and its position.
pub(super) struct ArgumentItem {
    /// `command` is 0, `args` is 1; a script has its own.
    pub(super) list: usize,
    pub(super) number: usize,
    /// Quotes of the argument.
    pub(super) style: QuoteStyle,
    pub(super) text: String,
    pub(super) is_clean: bool,
}

/// An audit flag, and the items that it consists of.
pub(super) struct GivenFlag {
    /// Current name of the flag.
    name: String,
    value: Option<String>,
    /// Indexes into all items.
    item: usize,
    value_item: Option<usize>,
    /// `true` if the server reads it as it is spelled.
    is_right: bool,
}

/// Edits the arguments. `before` are the settings that the manifest has.
pub(super) fn edit(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    settings: &Settings,
    before: &Settings,
) -> Result<(), PatchError> {
    let lists: Vec<Option<Node<'_>>> = ["command", "args"]
        .iter()
        .map(|name| manifest.server.container.get(name))
        .collect();
    let items = items(edits, &lists, manifest.is_json)?;
    let given = given(&items);
    let mut changes = [ListChanges::default(), ListChanges::default()];
    let missing = decide_all(settings, before, &given, &items, &mut changes);
    if !missing.is_empty() {
        add(
            edits,
            &given,
            &items,
            &lists,
            &missing,
            manifest,
            &mut changes,
        )?;
    }
    for (list, changes) in lists.iter().zip(&changes) {
        if let Some(list) = list
            && !changes_nothing(changes)
        {
            list::check_editable(edits, *list, manifest.server.container)?;
            list::change(edits, *list, changes)?;
        }
    }
    Ok(())
}

/// Keeps, replaces or removes each given flag. Returns the arguments to add.
pub(super) fn decide_all(
    settings: &Settings,
    before: &Settings,
    given: &[GivenFlag],
    items: &[ArgumentItem],
    changes: &mut [ListChanges],
) -> Vec<String> {
    let served = decide(settings, before, given, items, changes);
    let flags = settings.flags();
    let missing = flags
        .iter()
        .filter(|flag| !served.contains(flag.name.as_str()));
    missing.map(Flag::argument).collect()
}

fn changes_nothing(changes: &ListChanges) -> bool {
    changes.added.is_empty() && changes.removed.is_empty() && changes.replaced.is_empty()
}

fn items(
    edits: &TextEdits,
    lists: &[Option<Node<'_>>],
    is_json: bool,
) -> Result<Vec<ArgumentItem>, PatchError> {
    let mut items = Vec::new();
    for (list, node) in lists.iter().enumerate() {
        for (number, node) in node.iter().flat_map(|list| list.items()).enumerate() {
            let (text, is_clean) = match argument(node) {
                Some(Argument::ShellWord { text, is_clean }) => (text, is_clean),
                None => (String::new(), true),
                Some(Argument::Merged(_)) => {
                    return Err(PatchError::new(
                        Some(edits.line(node.span().start)),
                        "a list item continues on the lines below it",
                        "indent every dash like the first",
                    ));
                }
                Some(Argument::Script(_)) => {
                    return Err(PatchError::new(
                        Some(edits.line(node.span().start)),
                        "the flags are inside a shell command",
                        "change that command by hand; the flags export lists the flags",
                    ));
                }
            };
            items.push(ArgumentItem {
                list,
                number,
                style: QuoteStyle::of(Some(node), is_json),
                text,
                is_clean,
            });
        }
    }
    Ok(items)
}

pub(super) fn given(items: &[ArgumentItem]) -> Vec<GivenFlag> {
    let mut given = Vec::new();
    let mut at = 0;
    while let Some(item) = items.get(at) {
        let place = at;
        at += 1;
        let Some(bare) = item.text.strip_prefix("--").or_else(|| {
            let bare = item.text.strip_prefix('-').unwrap_or(&item.text);
            (bare.starts_with("audit-") && bare.contains('=')).then_some(bare)
        }) else {
            continue;
        };
        let (name, value) = match bare.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (bare, None),
        };
        let name = name.replace('_', "-");
        if name == "feature-gates" && value.is_none() {
            at += 1;
        }
        if !name.starts_with("audit-") {
            continue;
        }
        let mut is_right = item.is_clean && item.text.starts_with("--");
        let mut value_item = None;
        let value = value.or_else(|| {
            if is_switch(&name) {
                return Some("true".to_owned());
            }
            let next = items.get(at).filter(|next| !next.text.starts_with("--"))?;
            value_item = Some(at);
            is_right &= next.is_clean;
            at += 1;
            Some(next.text.clone())
        });
        let name = if name == OLD { NEW.to_owned() } else { name };
        given.push(GivenFlag {
            name,
            value,
            item: place,
            value_item,
            is_right,
        });
    }
    given
}

/// Keeps, replaces or removes each given flag. Returns the names that need no further flag.
fn decide<'g>(
    settings: &Settings,
    before: &Settings,
    given: &'g [GivenFlag],
    items: &[ArgumentItem],
    changes: &mut [ListChanges],
) -> HashSet<&'g str> {
    let (all, all_before) = (every(settings), every(before));
    // The server uses the last one of several.
    let last: HashMap<&str, usize> = given
        .iter()
        .enumerate()
        .map(|(number, flag)| (flag.name.as_str(), number))
        .collect();
    let mut served = HashSet::new();
    let mut unwanted: HashSet<&str> = HashSet::new();
    for (number, flag) in given.iter().enumerate() {
        if last.get(flag.name.as_str()) != Some(&number) {
            continue;
        }
        if is_unknown(flag) {
            continue;
        }
        let mut tried = settings.clone();
        let outcome = flag
            .value
            .as_deref()
            .map(|value| tried.set_flag(&flag.name, value));
        let is_same = matches!(outcome, Some(Ok(()))) && tried == *settings && flag.is_right;
        let wanted = all.get(&flag.name);
        if is_same && (wanted.is_some() || !all_before.contains_key(&flag.name)) {
            served.insert(flag.name.as_str());
        } else if let Some(value) = wanted {
            served.insert(flag.name.as_str());
            replace(flag, value, items, changes);
        } else {
            unwanted.insert(&flag.name);
        }
    }
    for flag in given
        .iter()
        .filter(|flag| unwanted.contains(flag.name.as_str()))
    {
        for item in [Some(flag.item), flag.value_item].into_iter().flatten() {
            if let Some(item) = items.get(item)
                && let Some(changes) = changes.get_mut(item.list)
            {
                changes.removed.insert(item.number);
            }
        }
    }
    served
}

/// Returns whether no version has the flag: it is then left as it is.
fn is_unknown(flag: &GivenFlag) -> bool {
    let value = flag.value.as_deref().unwrap_or_default();
    let tried = Settings::default().set_flag(&flag.name, value);
    matches!(tried, Err(SettingError::UnknownFlag { .. }))
}

/// Returns every flag that the settings have a value for.
fn every(settings: &Settings) -> HashMap<String, String> {
    let mut every = settings.clone();
    every.include_defaults = true;
    every
        .flags()
        .into_iter()
        .map(|flag| (flag.name, flag.value))
        .collect()
}

fn replace(flag: &GivenFlag, value: &str, items: &[ArgumentItem], changes: &mut [ListChanges]) {
    let (place, text) = match flag.value_item {
        Some(place) if !value.starts_with("--") => (place, value.to_owned()),
        _ => (flag.item, format!("--{}={value}", flag.name)),
    };
    // A name and a value in two items become one if the name is not spelled as the server expects.
    let (place, text, spare) = match flag.value_item {
        Some(value_item) if !flag.is_right || place == flag.item => (
            flag.item,
            format!("--{}={value}", flag.name),
            Some(value_item),
        ),
        _ => (place, text, None),
    };
    if let Some(item) = items.get(place)
        && let Some(changes) = changes.get_mut(item.list)
    {
        changes
            .replaced
            .push((item.number, item.style.write(&text)));
    }
    if let Some(item) = spare.and_then(|spare| items.get(spare))
        && let Some(changes) = changes.get_mut(item.list)
    {
        changes.removed.insert(item.number);
    }
}

/// Adds flags after the last audit flag, or else at the end of the list that contains flags.
fn add(
    edits: &TextEdits,
    given: &[GivenFlag],
    items: &[ArgumentItem],
    lists: &[Option<Node<'_>>],
    missing: &[String],
    manifest: &Manifest<'_>,
    changes: &mut [ListChanges],
) -> Result<(), PatchError> {
    let container = manifest.server.container;
    let last_own = last_own(given).and_then(|place| items.get(place));
    let last_flag = items.iter().rfind(|item| item.text.starts_with("--"));
    let end_of = |list: usize| items.iter().rfind(|item| item.list == list);
    let after = last_own
        .or_else(|| last_flag.and_then(|flag| end_of(flag.list)))
        .or_else(|| end_of(0))
        .or_else(|| end_of(1));
    let Some(after) = after else {
        let has_list = lists.iter().flatten().next().is_some();
        return Err(PatchError::new(
            Some(edits.line(container.span().start)),
            if has_list {
                "the container's command is empty".to_owned()
            } else {
                format!("the container `{}` has no command", name_of(container))
            },
            "write `command` with `kube-apiserver` as its first item",
        ));
    };
    if let Some(changes) = changes.get_mut(after.list) {
        changes.after = Some(after.number);
        changes.added = missing.iter().map(|flag| after.style.write(flag)).collect();
    }
    Ok(())
}

/// Returns the index of the last item that belongs to an audit flag.
pub(super) fn last_own(given: &[GivenFlag]) -> Option<usize> {
    given
        .iter()
        .map(|flag| flag.value_item.unwrap_or(flag.item).max(flag.item))
        .max()
}

fn name_of(container: Node<'_>) -> String {
    let name = container.get("name").and_then(Node::text);
    excerpt(name.unwrap_or("kube-apiserver"))
}
