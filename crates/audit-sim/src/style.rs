//! Spelling of an event's text, by the version that prints it.

use audit_log::Event;
use audit_policy::KubernetesVersion;

use crate::encode::Style;
use crate::versions::has_short_controls;

/// Returns the spelling of an event's text as recorded, and as a version prints it.
pub(crate) const fn style_of(event: &Event<'_>, version: KubernetesVersion) -> Style {
    Style {
        has_stand_ins: event.has_placeholders,
        has_long_controls: !has_short_controls(version),
    }
}
