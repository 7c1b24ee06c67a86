//! Values that an export has spread over columns: items of lists, `user.extra`, and bodies.

use std::collections::HashMap;

use super::value::{ColumnValue, Unreadable, list, quoted, text};
use crate::json;

/// Maximum depth of a body.
const MAX_DEPTH: usize = 32;

/// Fields of bodies whose members have any name, also with dots.
const MAPS: [&str; 9] = [
    "labels",
    "annotations",
    "matchLabels",
    "nodeSelector",
    "data",
    "stringData",
    "binaryData",
    "limits",
    "requests",
];

/// Part of a field, or of one of its members, that a column contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Item of a list.
    Item(usize),
    /// Attribute of `extra`, or an item of it.
    Extra(String, Option<usize>),
    /// Value of a body, by its path.
    Body(String),
}

impl Part {
    /// Returns the item that a name such as `0` stands for.
    pub(super) fn item(name: &str) -> Option<Self> {
        index(name).map(Self::Item)
    }

    /// Returns the attribute of `extra` that a name such as `scopes.0` stands for.
    pub(super) fn extra(name: &str) -> Self {
        let item = name.rsplit_once('.');
        match item.and_then(|(key, item)| Some((key, index(item)?))) {
            Some((key, item)) => Self::Extra(key.to_owned(), Some(item)),
            None => Self::Extra(name.to_owned(), None),
        }
    }
}

fn index(name: &str) -> Option<usize> {
    let is_index = name.len() <= 4 && !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    is_index.then(|| name.parse().ok()).flatten()
}

/// Parts of the fields of an event, with the index of the field and its member.
#[derive(Default)]
pub(super) struct Parts {
    items: Vec<((usize, Option<String>), usize, String)>,
    extras: Vec<((usize, String), usize, String)>,
    bodies: Vec<(usize, String, String)>,
}

impl Parts {
    /// Adds the part that a column contains.
    pub(super) fn add(
        &mut self,
        (field, member): (usize, Option<&str>),
        part: &Part,
        value: ColumnValue<'_>,
    ) -> Result<(), Unreadable> {
        let quoted_text = || {
            text(value)
                .map(|text| quoted(&text))
                .ok_or(Unreadable::Absent)
        };
        match part {
            Part::Item(item) => {
                let member = member.map(str::to_owned);
                self.items.push(((field, member), *item, quoted_text()?));
            }
            Part::Extra(key, Some(item)) => {
                self.extras
                    .push(((field, key.clone()), *item, quoted_text()?));
            }
            Part::Extra(key, None) => {
                let items = list(value)?;
                for (item, raw) in json::elements(&items).enumerate() {
                    self.extras
                        .push(((field, key.clone()), item, raw.to_owned()));
                }
            }
            Part::Body(path) => self.bodies.push((field, path.clone(), scalar(value)?)),
        }
        Ok(())
    }

    /// Returns the lists, with the member of a field that each is.
    pub(super) fn lists(&mut self) -> Vec<((usize, Option<String>), String)> {
        grouped(&mut self.items)
    }

    /// Returns the objects that the attributes of `extra` make, by field.
    pub(super) fn extras(&mut self) -> Vec<(usize, String)> {
        let mut objects: Vec<(usize, Vec<String>)> = Vec::new();
        for ((field, key), list) in grouped(&mut self.extras) {
            let member = format!("{}:{list}", quoted(&key));
            match objects.last_mut().filter(|(of, _)| *of == field) {
                Some((_, members)) => members.push(member),
                None => objects.push((field, vec![member])),
            }
        }
        let objects = objects.into_iter();
        objects
            .map(|(field, members)| (field, format!("{{{}}}", members.join(","))))
            .collect()
    }

    /// Returns the bodies, by field.
    pub(super) fn bodies(&self) -> Vec<(usize, String)> {
        let mut fields: Vec<usize> = self.bodies.iter().map(|(field, ..)| *field).collect();
        fields.sort_unstable();
        fields.dedup();
        let mut bodies = Vec::new();
        for field in fields {
            let own = self.bodies.iter().filter(|(of, ..)| *of == field);
            let values: Vec<_> = own
                .map(|(_, path, raw)| (segments(path), raw.as_str()))
                .collect();
            bodies.push((field, built(&values, 0)));
        }
        bodies
    }
}

/// Joins items with the same key to lists, ordered by key. A list that lacks an item is left out: it would be another list.
fn grouped<K: Ord + Clone>(items: &mut [(K, usize, String)]) -> Vec<(K, String)> {
    items.sort_unstable_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    let mut lists: Vec<(K, Vec<(usize, &str)>)> = Vec::new();
    for (key, item, raw) in items.iter() {
        match lists.last_mut().filter(|(of, _)| of == key) {
            Some((_, list)) => list.push((*item, raw)),
            None => lists.push((key.clone(), vec![(*item, raw)])),
        }
    }
    let is_complete =
        |list: &[(usize, &str)]| list.iter().enumerate().all(|(at, (item, _))| at == *item);
    let lists = lists.into_iter().filter(|(_, list)| is_complete(list));
    lists
        .map(|(key, list)| {
            (
                key,
                list.into_iter().map(|(_, raw)| raw).collect::<Vec<_>>(),
            )
        })
        .map(|(key, list)| (key, format!("[{}]", list.join(","))))
        .collect()
}

/// Returns a value of a body as raw JSON. A text keeps its type only if it cannot be anything else.
fn scalar(value: ColumnValue<'_>) -> Result<String, Unreadable> {
    if let ColumnValue::Json(raw) = value {
        let mut items = json::elements(raw);
        // Kibana puts the value of a field into a list.
        return match (raw.starts_with('['), items.next(), items.next()) {
            (true, Some(item), None) => Ok(item.to_owned()),
            _ => Ok(raw.to_owned()),
        };
    }
    let text = text(value).ok_or(Unreadable::Absent)?;
    let number = text
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == *text);
    if number || matches!(&*text, "true" | "false") {
        Ok(text.into_owned())
    } else {
        Ok(quoted(&text))
    }
}

/// Splits a path at its dots. What is below a map is one name.
fn segments(path: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = path;
    while let Some((first, after)) = rest.split_once('.') {
        found.push(first);
        rest = after;
        if MAPS.contains(&first) || found.len() == MAX_DEPTH {
            break;
        }
    }
    found.push(rest);
    found
}

/// Value of a body: the names of its path, and raw JSON.
type BodyValue<'v> = (Vec<&'v str>, &'v str);

/// Builds an object or a list from paths, of which a number of names is already used.
fn built(values: &[BodyValue<'_>], depth: usize) -> String {
    let mut order: Vec<(&str, Vec<BodyValue<'_>>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (path, raw) in values {
        let Some(name) = path.get(depth) else {
            continue;
        };
        let place = *places.entry(name).or_insert_with(|| {
            order.push((name, Vec::new()));
            order.len() - 1
        });
        if let Some((_, own)) = order.get_mut(place) {
            own.push((path.clone(), raw));
        }
    }
    let is_list = order
        .iter()
        .enumerate()
        .all(|(at, (name, _))| index(name) == Some(at));
    let is_map =
        |path: &[&str]| depth > 0 && path.get(depth - 1).is_some_and(|name| MAPS.contains(name));
    let is_in_map = values.first().is_some_and(|(path, _)| is_map(path));
    let values = order.iter().map(|(name, own)| {
        let leaf = own.iter().find(|(path, _)| path.len() == depth + 1);
        let raw = match leaf {
            // Values of labels and annotations are texts.
            Some((_, raw)) if is_in_map && !raw.starts_with('"') => quoted(raw),
            Some((_, raw)) => (*raw).to_owned(),
            None => built(own, depth + 1),
        };
        (quoted(name), raw)
    });
    if is_list && !is_in_map {
        let items: Vec<String> = values.map(|(_, raw)| raw).collect();
        return format!("[{}]", items.join(","));
    }
    let members: Vec<String> = values.map(|(name, raw)| format!("{name}:{raw}")).collect();
    format!("{{{}}}", members.join(","))
}
