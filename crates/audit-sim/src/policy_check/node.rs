//! Control-plane node that wrote an event, if a log shipper added its name to the event.

use std::borrow::Cow;

use audit_log::{Event, json};

/// Fields next to those of the event in which shippers put the node's name: OpenShift's forwarder, fluent-bit, Elastic's agents, syslog.
const FIELDS: [&str; 6] = [
    "hostname",
    "node",
    "nodeName",
    "node_name",
    "host",
    "kubernetes",
];

/// Fields of an object with the name.
const NAMES: [&str; 5] = ["name", "hostname", "node_name", "host", "nodeName"];

/// Returns the name of the node that wrote the event; `None` if the record does not contain it.
pub fn node_name<'a>(event: &Event<'a>) -> Option<Cow<'a, str>> {
    if event.canonical.is_some() {
        // Exactly the server's own line, which does not name the node.
        return None;
    }
    preferred_name(event.raw, &FIELDS, |_| &NAMES)
}

/// Returns the name in the first of these fields that an object has, in the order of preference. The name is the field's value, or in an
/// object the first string of those fields that `names_in` returns for it. Fields without a name do not count.
pub(super) fn preferred_name<'a>(
    object: &'a str,
    fields: &[&str],
    names_in: fn(&str) -> &'static [&'static str],
) -> Option<Cow<'a, str>> {
    let mut best: Option<(usize, Cow<'a, str>)> = None;
    for (key, value) in json::members(object) {
        let Some(rank) = fields.iter().position(|field| *field == key) else {
            continue;
        };
        if best.as_ref().is_some_and(|(known, _)| *known <= rank) {
            continue;
        }
        let name = if value.starts_with('{') {
            let mut names = names_in(&key).iter();
            names.find_map(|name| json::string(json::member(value, name)?))
        } else {
            json::string(value)
        };
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            best = Some((rank, name));
        }
    }
    best.map(|(_, name)| name)
}
