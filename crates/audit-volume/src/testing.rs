//! Tables of a few events, for tests.

use audit_log::{Event, Location};
use audit_policy::{KubernetesVersion, Matcher, load};
use audit_sim::{EventTable, Verdicts};

/// Creates a table of events.
pub(crate) fn table(events: &[&str]) -> EventTable {
    let mut table = EventTable::new();
    for (line, raw) in events.iter().enumerate() {
        let place = Location {
            line: line as u64 + 1,
            ..Location::default()
        };
        table.push(0, place, &Event::new(raw));
    }
    table
}

/// Serializes a value as JSON, as page and command do.
pub(crate) fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// Returns the verdicts of a policy, given by its rules as YAML.
pub(crate) fn verdicts(rules: &str, table: &EventTable) -> Verdicts {
    let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}");
    let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
    let policy = loaded
        .policy
        .unwrap_or_else(|| panic!("{:?}", loaded.error));
    Verdicts::new(&Matcher::new(&policy), table.requests())
}

/// Returns an event at its last stage, recorded with bodies.
pub(crate) fn event(id: usize, user: &str, verb: &str, uri: &str, code: u16) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"{id}","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{{"username":"{user}","groups":["system:authenticated"]}},"responseStatus":{{"metadata":{{}},"code":{code}}},"requestObject":{{"kind":"Some"}},"responseObject":{{"kind":"Some","metadata":{{"managedFields":[1]}}}},"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z"}}"#
    )
}
