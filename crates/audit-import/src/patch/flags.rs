//! The server's arguments: what says the same stays, what says something else is replaced, what is missing is added, the rest is taken out.

use std::collections::{HashMap, HashSet};

use apiserver_config::{Flag, SettingError, Settings, is_switch};
use audit_policy::document::Node;

use super::list::{self, Changes, Style};
use super::sheet::Sheet;
use super::{Manifest, PatchError};
use crate::pod::{Argument, argument};
use crate::shown;

/// The deprecated spelling of a flag, and the one that took its place.
const OLD: &str = "audit-webhook-batch-initial-backoff";
const NEW: &str = "audit-webhook-initial-backoff";

/// An argument where it stands.
struct Item<'d> {
    /// `command` is 0, `args` is 1.
    list: usize,
    number: usize,
    node: Node<'d>,
    text: String,
    is_clean: bool,
}

/// A flag about auditing, and the items that it takes.
struct Given {
    /// The name as the server knows it today.
    name: String,
    value: Option<String>,
    /// Places in the row of all items.
    item: usize,
    value_item: Option<usize>,
    /// Whether the server reads it as it is written.
    is_right: bool,
}

/// Edits the arguments. `before` are the settings that the manifest has.
pub(super) fn edit(
    sheet: &mut Sheet,
    manifest: &Manifest<'_>,
    settings: &Settings,
    before: &Settings,
) -> Result<(), PatchError> {
    let lists: Vec<Option<Node<'_>>> = ["command", "args"]
        .iter()
        .map(|name| manifest.server.container.get(name))
        .collect();
    let items = items(sheet, &lists)?;
    let given = given(&items);
    let mut changes = [Changes::default(), Changes::default()];
    let served = decide(
        settings,
        before,
        &given,
        &items,
        &mut changes,
        manifest.is_json,
    );
    let missing: Vec<String> = settings
        .flags()
        .iter()
        .filter(|flag| !served.contains(flag.name.as_str()))
        .map(Flag::argument)
        .collect();
    if !missing.is_empty() {
        add(
            sheet,
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
            list::own(sheet, *list, manifest.server.container)?;
            list::change(sheet, *list, changes)?;
        }
    }
    Ok(())
}

fn changes_nothing(changes: &Changes) -> bool {
    changes.added.is_empty() && changes.removed.is_empty() && changes.replaced.is_empty()
}

fn items<'d>(sheet: &Sheet, lists: &[Option<Node<'d>>]) -> Result<Vec<Item<'d>>, PatchError> {
    let mut items = Vec::new();
    for (list, node) in lists.iter().enumerate() {
        for (number, node) in node.iter().flat_map(|list| list.items()).enumerate() {
            let (text, is_clean) = match argument(node) {
                Some(Argument::Word { text, is_clean }) => (text, is_clean),
                None => (String::new(), true),
                Some(Argument::Together(_)) => {
                    return Err(PatchError::new(
                        Some(sheet.line(node.span().start)),
                        "an item of the list runs on into the lines below it",
                        "set every dash in as far as the first",
                    ));
                }
                Some(Argument::Script(_)) => {
                    return Err(PatchError::new(
                        Some(sheet.line(node.span().start)),
                        "the flags stand within a line of a shell",
                        "change that line by hand: the flags are in the other exports",
                    ));
                }
            };
            items.push(Item {
                list,
                number,
                node,
                text,
                is_clean,
            });
        }
    }
    Ok(items)
}

fn given(items: &[Item<'_>]) -> Vec<Given> {
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
        given.push(Given {
            name,
            value,
            item: place,
            value_item,
            is_right,
        });
    }
    given
}

/// Decides of every flag that is given; which names need no further flag.
fn decide<'g>(
    settings: &Settings,
    before: &Settings,
    given: &'g [Given],
    items: &[Item<'_>],
    changes: &mut [Changes; 2],
    is_json: bool,
) -> HashSet<&'g str> {
    let (all, all_before) = (every(settings), every(before));
    // The last of several counts.
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
        let says_same = matches!(outcome, Some(Ok(()))) && tried == *settings && flag.is_right;
        let wanted = all.get(&flag.name);
        if says_same && (wanted.is_some() || !all_before.contains_key(&flag.name)) {
            served.insert(flag.name.as_str());
        } else if let Some(value) = wanted {
            served.insert(flag.name.as_str());
            replace(flag, value, items, changes, is_json);
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

/// Whether no version knows the flag: it is neither ours to keep nor to take out.
fn is_unknown(flag: &Given) -> bool {
    let value = flag.value.as_deref().unwrap_or_default();
    let tried = Settings::default().set_flag(&flag.name, value);
    matches!(tried, Err(SettingError::UnknownFlag { .. }))
}

/// Every flag that the settings have a value for.
fn every(settings: &Settings) -> HashMap<String, String> {
    let mut every = settings.clone();
    every.include_defaults = true;
    every
        .flags()
        .into_iter()
        .map(|flag| (flag.name, flag.value))
        .collect()
}

fn replace(
    flag: &Given,
    value: &str,
    items: &[Item<'_>],
    changes: &mut [Changes; 2],
    is_json: bool,
) {
    let (place, text) = match flag.value_item {
        Some(place) if !value.starts_with("--") => (place, value.to_owned()),
        _ => (flag.item, format!("--{}={value}", flag.name)),
    };
    // A name and a value in two items become one where the name is not written as the server knows it.
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
        let style = Style::of(Some(item.node), is_json);
        changes.replaced.push((item.number, style.write(&text)));
    }
    if let Some(item) = spare.and_then(|spare| items.get(spare))
        && let Some(changes) = changes.get_mut(item.list)
    {
        changes.removed.insert(item.number);
    }
}

/// Adds flags after the last about auditing, else at the end of the list that has the flags.
fn add(
    sheet: &Sheet,
    given: &[Given],
    items: &[Item<'_>],
    lists: &[Option<Node<'_>>],
    missing: &[String],
    manifest: &Manifest<'_>,
    changes: &mut [Changes; 2],
) -> Result<(), PatchError> {
    let container = manifest.server.container;
    let last_own = given
        .iter()
        .map(|flag| flag.value_item.unwrap_or(flag.item).max(flag.item))
        .max()
        .and_then(|place| items.get(place));
    let last_flag = items.iter().rfind(|item| item.text.starts_with("--"));
    let end_of = |list: usize| items.iter().rfind(|item| item.list == list);
    let after = last_own
        .or_else(|| last_flag.and_then(|flag| end_of(flag.list)))
        .or_else(|| end_of(0))
        .or_else(|| end_of(1));
    let Some(after) = after else {
        let has_list = lists.iter().flatten().next().is_some();
        return Err(PatchError::new(
            Some(sheet.line(container.span().start)),
            if has_list {
                "the container's command has no item".to_owned()
            } else {
                format!("the container `{}` has no command", name_of(container))
            },
            "write `command` with `kube-apiserver` as its first item",
        ));
    };
    if let Some(changes) = changes.get_mut(after.list) {
        let style = Style::of(Some(after.node), manifest.is_json);
        changes.after = Some(after.number);
        changes.added = missing.iter().map(|flag| style.write(flag)).collect();
    }
    Ok(())
}

fn name_of(container: Node<'_>) -> String {
    let name = container.get("name").and_then(Node::text);
    shown(name.unwrap_or("kube-apiserver"))
}
