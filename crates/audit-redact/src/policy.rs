//! The names that a policy contains.

use kube_yaml::document::{Document, Node};

use crate::error::RedactError;
use crate::kept::parts;
use crate::pseudonyms::Pseudonyms;

/// Fields of a rule that contain names.
const FIELDS: [&str; 7] = [
    "group",
    "namespaces",
    "nonResourceURLs",
    "resourceNames",
    "resources",
    "userGroups",
    "users",
];

/// Gives each name of a policy its pseudonym, and keeps all other words in it. A policy that is not YAML has no names.
pub(crate) fn add_names(pseudonyms: &mut Pseudonyms, policy: &str) -> Result<(), RedactError> {
    let Ok(document) = Document::read(policy) else {
        return Ok(());
    };
    let Some(root) = document.root() else {
        return Ok(());
    };
    let mut texts = Texts::default();
    texts.add(root, Place::Other);
    for part in texts.others.iter().flat_map(|text| parts(text)) {
        pseudonyms.keep(part);
    }
    let mut prefixes: Vec<&str> = texts
        .names
        .iter()
        .filter_map(|name| cut_name(name))
        .collect();
    prefixes.sort_by_key(|prefix| prefix.len());
    for prefix in prefixes {
        pseudonyms.add_prefix(prefix)?;
    }
    for part in texts.names.iter().flat_map(|name| parts(name)) {
        pseudonyms.name(part)?;
    }
    Ok(())
}

/// Returns the part of a name before the `*` at the end of a URL pattern such as `/apis/pay*`.
fn cut_name(pattern: &str) -> Option<&str> {
    let start = pattern.strip_suffix('*')?;
    let last = start.rsplit(|character: char| !character.is_alphanumeric());
    last.into_iter().next().filter(|part| !part.is_empty())
}

/// Place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Metadata,
    Other,
}

/// The texts of a policy.
#[derive(Default)]
struct Texts<'d> {
    names: Vec<&'d str>,
    others: Vec<&'d str>,
}

impl<'d> Texts<'d> {
    fn add(&mut self, node: Node<'d>, place: Place) {
        if let Some(text) = node.text() {
            match place {
                Place::Name | Place::Metadata => self.names.push(text),
                Place::Other => self.others.push(text),
            }
        }
        node.items().for_each(|item| self.add(item, place));
        for field in node.fields() {
            let inner = match (place, field.name) {
                (Place::Metadata, _) | (_, "metadata") => Place::Metadata,
                (_, name) if FIELDS.contains(&name) => Place::Name,
                _ => Place::Other,
            };
            match place {
                Place::Metadata => self.names.push(field.name),
                Place::Name | Place::Other => self.others.push(field.name),
            }
            self.add(field.value, inner);
        }
    }
}
