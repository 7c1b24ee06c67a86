//! Filters that select the other events of what an event is about.

use audit_filter::{Field, term};
use audit_log::{Attributes, Event, json};
use audit_types::excerpt::quote;
use serde::{Deserialize, Serialize};

use crate::client::strings;
use crate::object::ObjectKey;

/// Something that can be followed through a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Follow {
    /// Kind of thing to follow.
    pub kind: FollowKind,
    /// Text for a button, with the value in backticks: "Follow user `alice`".
    pub label: String,
    /// Filter that selects its events.
    pub filter: String,
}

/// Thing to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FollowKind {
    /// Requests about an object, with its subresources.
    Object,
    /// Requests of a user.
    User,
    /// Requests from an address.
    Address,
    /// Events with an audit ID.
    AuditId,
}

/// Maximum number of addresses that can be followed.
const MAX_ADDRESSES: usize = 8;

/// Returns what can be followed from an event: the object, the user, each address from the last to the first, and the audit ID.
///
/// The filter of an object selects by URL, as every filter does. So it does not select the request that created the object, whose URL has no
/// name; a [`Timeline`](crate::Timeline) does.
pub fn follow(event: &Event<'_>) -> Vec<Follow> {
    let attributes = Attributes::from_event(event);
    let mut all = Vec::new();
    if let Some(object) = ObjectKey::from_attributes(event, &attributes) {
        all.push(Follow {
            kind: FollowKind::Object,
            label: format!("Follow {} {}", object.resource, quote(&object.name)),
            filter: object.filter(),
        });
    }
    if !attributes.unknown.user {
        let user = attributes.request.user.as_deref().unwrap_or_default();
        let label = match user {
            "" => "Follow requests without a user".to_owned(),
            user => format!("Follow user {}", quote(user)),
        };
        all.push(Follow {
            kind: FollowKind::User,
            label,
            filter: term(Field::User, user),
        });
    }
    let mut addresses: Vec<String> = event
        .source_ips
        .map(|raw| strings(raw).collect())
        .unwrap_or_default();
    addresses.reverse();
    for address in addresses.iter().take(MAX_ADDRESSES) {
        all.push(Follow {
            kind: FollowKind::Address,
            label: format!("Follow address {}", quote(address)),
            filter: term(Field::Ip, address),
        });
    }
    let id = event.audit_id.and_then(json::string_with_placeholders);
    if let Some(id) = id {
        let filter = term(Field::AuditId, &id);
        // A filter does not search for a few characters.
        let is_valid = audit_filter::parse(&filter).problems.is_empty() && !id.is_empty();
        if is_valid && filter != "auditID:\"\"" {
            all.push(Follow {
                kind: FollowKind::AuditId,
                label: format!("Follow audit ID {}", quote(&id)),
                filter,
            });
        }
    }
    all
}
