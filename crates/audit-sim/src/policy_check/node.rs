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
    let mut found: Option<(usize, Cow<'a, str>)> = None;
    for (key, value) in json::members(event.raw) {
        let Some(rank) = FIELDS.iter().position(|field| *field == key.as_ref()) else {
            continue;
        };
        if found.as_ref().is_some_and(|(known, _)| *known <= rank) {
            continue;
        }
        let name = if value.starts_with('{') {
            NAMES
                .iter()
                .find_map(|name| json::string(json::member(value, name)?))
        } else {
            json::string(value)
        };
        found = name
            .filter(|name| !name.is_empty())
            .map(|name| (rank, name))
            .or(found);
    }
    found.map(|(_, name)| name)
}
