//! Group and version of the `DeleteOptions` in a request body, which differ between versions of the server.

use std::borrow::Cow;

use audit_log::{Attributes, Event};
use audit_policy::KubernetesVersion;

use crate::own_types::printed_type;
use crate::request_traits::api_version;

/// Group and version that a server gives the `DeleteOptions` in a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeleteOptionsVersion {
    /// There are no `DeleteOptions`, or they stay as recorded.
    AsRecorded,
    /// This group and version.
    Group(Cow<'static, str>),
    /// Group and version of the client's body, which the record doesn't contain.
    Unknown,
}

/// Group and version since 1.23: the internal version of the options' own group.
const INTERNAL_OPTIONS: &str = "meta.k8s.io/__internal";

/// Returns `true` if the request body of an event may be `DeleteOptions`.
pub(crate) fn may_delete(event: &Event<'_>) -> bool {
    matches!(event.verb, Some("\"delete\"" | "\"deletecollection\""))
}

/// Returns the group and version of the `DeleteOptions` in an event's request body, as the last patch of a minor version prints them
/// (`handlers.DeleteResource`): since 1.25.0, 1.24.10 and 1.23.16 the internal one, in 1.22 the body's own, and before that the
/// resource's.
pub(crate) fn delete_options(
    event: &Event<'_>,
    version: KubernetesVersion,
) -> DeleteOptionsVersion {
    let Some(raw) = event.request_object.filter(|_| may_delete(event)) else {
        return DeleteOptionsVersion::AsRecorded;
    };
    let Some((kind, recorded)) = printed_type(raw) else {
        return DeleteOptionsVersion::AsRecorded;
    };
    if kind != "DeleteOptions" {
        return DeleteOptionsVersion::AsRecorded;
    }
    if version.at_least(23) {
        return DeleteOptionsVersion::Group(Cow::Borrowed(INTERNAL_OPTIONS));
    }
    if version.at_least(22) {
        return if recorded == INTERNAL_OPTIONS {
            DeleteOptionsVersion::Unknown
        } else {
            DeleteOptionsVersion::AsRecorded
        };
    }
    let Attributes {
        request, unknown, ..
    } = Attributes::from_event(event);
    let resource_version = api_version(&request.path);
    if unknown.url || resource_version.is_empty() {
        return DeleteOptionsVersion::Unknown;
    }
    DeleteOptionsVersion::Group(Cow::Owned(if request.api_group.is_empty() {
        resource_version.to_owned()
    } else {
        format!("{}/{resource_version}", request.api_group)
    }))
}
