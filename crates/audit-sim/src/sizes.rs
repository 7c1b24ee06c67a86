//! Sizes of the parts of an event that a policy or a version keeps or drops.

use audit_log::read_user;
use audit_log::{Canonical, CreationTimestamps, Event, json};
use audit_policy::{KubernetesVersion, Level};
use serde::{Deserialize, Serialize};

use crate::body::{BodyKind, is_patch, times, write_body};
use crate::delete_options::{DeleteOptionsVersion, delete_options, may_delete};
use crate::encode::{Styled, put_name, recode, size};
use crate::own_types::{has_own_type, is_list};
use crate::status::{status_controls, status_text};
use crate::style::style_of;
use crate::versions::{
    SHORT_CONTROLS_SINCE, has_short_controls, omits_null_times, records_authentication,
    records_latency, rejects_bad_timeouts,
};
use crate::written::{KeptAnnotations, Rendering, annotations, write};

/// Sizes of the parts of an event's line that a policy keeps or drops, in bytes, so that the size at any level is a sum. They are those of
/// the newest server; `differences` are those of older ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SizeBreakdown {
    /// The line at level Metadata, line end included, without the level's name and without patch annotations.
    pub metadata: u32,
    /// Annotations that quote a webhook's patch.
    pub patch_annotations: u32,
    /// The request body, key and comma included.
    pub request: u32,
    /// Part of `request`: managed fields.
    pub request_managed: u32,
    /// The response body, key and comma included.
    pub response: u32,
    /// Part of `response`: managed fields.
    pub response_managed: u32,
    /// Part of `metadata`: message and details of the status, if only servers since 1.24 write them.
    pub status_text: u32,
    /// Part of `metadata`: authentication metadata, which only servers since 1.35 write.
    pub authentication: u16,
    /// Differences of older servers.
    pub differences: VersionDifferences,
}

/// Differences between an event as older servers and as the newest one write it, and what the record lacks to know them. Few events have
/// any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct VersionDifferences {
    /// There is a difference other than `lacks_times`.
    any: bool,
    /// Annotations that only servers since 1.24 write, at Metadata and above.
    latency: [u32; 2],
    /// Additional bytes of control characters before 1.30, in the line at Metadata, the request body and the response body.
    controls: [u32; 3],
    /// Part of the first of these: message and details of the status, which servers before 1.24 leave out.
    status_controls: u32,
    /// Additional bytes of null creation timestamps before 1.34, in the request body and the response body.
    times: [u32; 2],
    /// Additional bytes of the request body before 1.22 and in 1.22, since `DeleteOptions` have another group and version.
    options: [i32; 2],
    /// The same of the request body as recorded.
    options_recorded: i32,
    /// Before 1.34 the request body or the response body may have null creation timestamps, which the record lacks.
    lacks_times: [bool; 2],
    /// In 1.22 `DeleteOptions` have a group and version that the record lacks.
    lacks_options: bool,
    /// The event is the only one that a bad timeout leaves since 1.21.
    is_bad_timeout: bool,
}

/// Parts of a line as an older server writes it that the record lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Unrecorded {
    pub(crate) times: bool,
    pub(crate) options: bool,
    pub(crate) stage: bool,
}

impl VersionDifferences {
    /// Returns `true` if all servers write the event in the same way, as far as the record contains it.
    pub const fn is_none(&self) -> bool {
        !self.any
    }

    fn finished(self) -> Self {
        let others = Self {
            lacks_times: [false; 2],
            ..self
        };
        Self {
            any: others != Self::default(),
            ..self
        }
    }

    /// Returns `true` if a server of a version writes any event in another way than the newest.
    pub(crate) const fn affect(version: KubernetesVersion) -> bool {
        !omits_null_times(version)
    }

    /// Creates differences that consist only of unknown null timestamps.
    pub(crate) fn with_missing_times(lacks_times: [bool; 2]) -> Self {
        Self {
            lacks_times,
            ..Self::default()
        }
    }

    pub(crate) const fn missing_times(&self) -> [bool; 2] {
        self.lacks_times
    }

    /// Returns the additional bytes of a server's line at a level, compared with the newest server's.
    #[cold]
    #[inline(never)]
    fn extra_bytes(self, level: Level, version: KubernetesVersion) -> i64 {
        if self.is_none() {
            return 0;
        }
        let bodies = [level >= Level::Request, level >= Level::RequestResponse];
        let [has_request, has_response] = bodies;
        let mut longer = 0;
        if !records_latency(version) {
            let [at_metadata, above] = self.latency;
            longer -= i64::from(if has_request { above } else { at_metadata });
        }
        let has_parts = [true, has_request, has_response];
        let sum = |bytes: &[u32], has: &[bool]| -> i64 {
            let each = bytes.iter().zip(has).filter(|(_, has)| **has);
            each.map(|(bytes, _)| i64::from(*bytes)).sum()
        };
        if !has_short_controls(version) {
            longer += sum(&self.controls, &has_parts);
            if !version.at_least(24) {
                longer -= i64::from(self.status_controls);
            }
        }
        if !omits_null_times(version) {
            longer += sum(&self.times, &bodies);
        }
        if has_request && !version.at_least(23) {
            let [oldest, in_1_22] = self.options;
            longer += i64::from(if version.at_least(22) {
                in_1_22
            } else {
                oldest
            });
        }
        longer
    }

    /// Returns the additional bytes of the line as recorded.
    pub(crate) fn recorded_extra_bytes(&self) -> i64 {
        let times: i64 = self.times.iter().map(|bytes| i64::from(*bytes)).sum();
        times + i64::from(self.options_recorded)
    }

    /// Returns what the record lacks of a line at a level, with or without a request body, as a server before 1.34 writes it.
    #[cold]
    #[inline(never)]
    pub(crate) fn unrecorded(
        self,
        level: Level,
        version: KubernetesVersion,
        has_request: bool,
    ) -> Unrecorded {
        let [request, response] = self.lacks_times;
        let request = request && has_request;
        Unrecorded {
            times: request && level >= Level::Request
                || response && level >= Level::RequestResponse,
            options: self.lacks_options
                && level >= Level::Request
                && version.at_least(22)
                && !version.at_least(23),
            stage: self.is_bad_timeout && !rejects_bad_timeouts(version),
        }
    }

    /// Returns the differences without those of the request body.
    pub(crate) fn without_request(self) -> Self {
        let [metadata, _, response] = self.controls;
        let [_, response_times] = self.times;
        let [_, lacks_response] = self.lacks_times;
        Self {
            controls: [metadata, 0, response],
            times: [0, response_times],
            options: [0; 2],
            options_recorded: 0,
            lacks_times: [false, lacks_response],
            lacks_options: false,
            ..self
        }
    }

    /// Records the creation timestamps in a body.
    fn record_times(
        &mut self,
        event: &Event<'_>,
        kind: BodyKind,
        raw: Option<&str>,
        found: CreationTimestamps,
    ) {
        let Some(raw) = raw.filter(|_| found != CreationTimestamps::default()) else {
            return;
        };
        let is_raw = kind == BodyKind::Request && is_patch(event);
        let own = u32::from(found.metadata > found.with_timestamp && is_list(raw));
        let lacks = found.metadata > found.with_timestamp + own;
        if is_raw || found.null_bytes == 0 && !lacks || !has_own_type(raw) {
            return;
        }
        let index = kind as usize;
        if let (Some(bytes), Some(is_lacking)) =
            (self.times.get_mut(index), self.lacks_times.get_mut(index))
        {
            *bytes = found.null_bytes;
            *is_lacking = lacks;
        }
    }

    /// Records what depends on the group and version of `DeleteOptions`. Returns the additional bytes of the newest server's body,
    /// compared with the recorded one.
    fn record_options(&mut self, event: &Event<'_>) -> i32 {
        let Some(raw) = event.request_object.filter(|_| may_delete(event)) else {
            return 0;
        };
        let Some(recorded) = json::member(raw, "apiVersion") else {
            return 0;
        };
        let recorded = i32::try_from(recorded.len()).unwrap_or(i32::MAX);
        let length = |minor| {
            let version = KubernetesVersion::from_minor(minor).unwrap_or_default();
            match delete_options(event, version) {
                DeleteOptionsVersion::Group(group) => {
                    (Some(()), i32::try_from(group.len() + 2).unwrap_or(i32::MAX))
                }
                DeleteOptionsVersion::AsRecorded => (Some(()), recorded),
                DeleteOptionsVersion::Unknown => (None, recorded),
            }
        };
        let ((_, newest), (known, in_1_22), (_, oldest)) = (length(23), length(22), length(21));
        self.lacks_options = known.is_none();
        self.options = [oldest - newest, in_1_22 - newest];
        self.options_recorded = recorded - newest;
        newest - recorded
    }
}

impl SizeBreakdown {
    /// Measures an event. A part of 4 GiB or more counts as 4 GiB less one byte.
    pub fn measure(event: &Event<'_>) -> Self {
        match event.canonical {
            Some(canonical) => Self::by_length(event, canonical),
            None => Self::by_encoding(event),
        }
    }

    /// Measures the server's own text without encoding it.
    fn by_length(event: &Event<'_>, canonical: Canonical) -> Self {
        let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let part = |name: &str, raw: Option<&str>| {
            raw.map_or(0, |raw| length(",\"\":".len() + name.len() + raw.len()))
        };
        let request = part("requestObject", event.request_object);
        let response = part("responseObject", event.response_object);
        let mut differences = VersionDifferences::default();
        let mut patches = 0;
        if canonical.has_special_annotations {
            (patches, differences.latency) = (patch_annotations(event), latency_annotations(event));
        }
        let level = event.level.map_or(0, |level| level.len() - "\"\"".len());
        let rest = request + response + patches + length(level);
        differences.record_times(
            event,
            BodyKind::Request,
            event.request_object,
            canonical.request_timestamps,
        );
        differences.record_times(
            event,
            BodyKind::Response,
            event.response_object,
            canonical.response_timestamps,
        );
        differences.is_bad_timeout = is_bad_timeout(event);
        let longer = differences.record_options(event);
        let differences = differences.finished();
        let [request_times, response_times] = differences.times;
        Self {
            metadata: length(event.raw.len() + 1).saturating_sub(rest),
            patch_annotations: patches,
            request: request
                .saturating_sub(request_times)
                .saturating_add_signed(longer),
            request_managed: if is_patch(event) {
                0
            } else {
                canonical.request_managed_bytes
            },
            response: response.saturating_sub(response_times),
            response_managed: canonical.response_managed_bytes,
            status_text: status_text(event),
            authentication: authentication(event),
            differences,
        }
    }

    fn by_encoding(event: &Event<'_>) -> Self {
        let newest = KubernetesVersion::NEWEST;
        let mut differences = VersionDifferences {
            latency: latency_annotations(event),
            is_bad_timeout: is_bad_timeout(event),
            ..VersionDifferences::default()
        };
        for (kind, raw) in [
            (BodyKind::Request, event.request_object),
            (BodyKind::Response, event.response_object),
        ] {
            differences.record_times(event, kind, raw, raw.map(times).unwrap_or_default());
        }
        differences.record_options(event);
        let metadata = metadata(event, newest);
        let (request, request_managed) =
            body_sizes(event, BodyKind::Request, event.request_object, newest);
        let (response, response_managed) =
            body_sizes(event, BodyKind::Response, event.response_object, newest);
        let patch_annotations = patch_annotations(event);
        if has_controls(event.raw) {
            differences.controls = controls(event);
            differences.status_controls = status_controls(event);
        }
        let differences = differences.finished();
        Self {
            metadata: metadata.saturating_sub(Level::Metadata.name().len() as u32),
            patch_annotations,
            request,
            request_managed,
            response,
            response_managed,
            status_text: status_text(event),
            authentication: authentication(event),
            differences,
        }
    }

    /// Returns the size in bytes of the line that a server of a version writes at a level.
    #[inline]
    pub fn size(&self, level: Level, omit_managed_fields: bool, version: KubernetesVersion) -> u64 {
        let size = self.newest_size(level, omit_managed_fields, version);
        if VersionDifferences::affect(version) {
            size.saturating_add_signed(self.differences.extra_bytes(level, version))
        } else {
            size
        }
    }

    /// Returns the same without the differences of older servers.
    #[inline]
    fn newest_size(
        &self,
        level: Level,
        omit_managed_fields: bool,
        version: KubernetesVersion,
    ) -> u64 {
        let lean = |full: u32, managed: u32| {
            u64::from(if omit_managed_fields {
                full.saturating_sub(managed)
            } else {
                full
            })
        };
        let mut size = u64::from(self.metadata) + level.name().len() as u64;
        if !version.at_least(24) {
            size = size.saturating_sub(u64::from(self.status_text));
        }
        if !records_authentication(version) {
            size = size.saturating_sub(u64::from(self.authentication));
        }
        if level >= Level::Request {
            size += u64::from(self.patch_annotations) + lean(self.request, self.request_managed);
        }
        if level >= Level::RequestResponse {
            size += lean(self.response, self.response_managed);
        }
        size
    }

    /// Returns the sizes without a request body.
    pub(crate) fn without_request(self) -> Self {
        Self {
            request: 0,
            request_managed: 0,
            differences: self.differences.without_request(),
            ..self
        }
    }

    /// Returns the sizes without bodies.
    pub fn without_bodies(self) -> Self {
        let Self { differences, .. } = self.without_request();
        let [metadata, ..] = differences.controls;
        Self {
            request: 0,
            request_managed: 0,
            response: 0,
            response_managed: 0,
            differences: VersionDifferences {
                controls: [metadata, 0, 0],
                times: [0; 2],
                lacks_times: [false; 2],
                ..differences
            },
            ..self
        }
    }
}

/// Returns the size of the line at Metadata.
fn metadata(event: &Event<'_>, version: KubernetesVersion) -> u32 {
    let bare = Event {
        request_object: None,
        response_object: None,
        ..event.clone()
    };
    let rendering = Rendering {
        version,
        ..Rendering::at(Level::Metadata)
    };
    size(&|out| write(&bare, rendering, out))
}

/// Returns the size of a body in the line, and that of its managed fields.
fn body_sizes(
    event: &Event<'_>,
    kind: BodyKind,
    raw: Option<&str>,
    version: KubernetesVersion,
) -> (u32, u32) {
    let Some(raw) = raw else {
        return (0, 0);
    };
    let name = match kind {
        BodyKind::Request => "requestObject",
        BodyKind::Response => "responseObject",
    };
    let written = |omit: bool| {
        size(&|out| {
            put_name(name, out);
            let style = style_of(event, version);
            write_body(event, kind, raw, omit, version, &mut Styled { out, style });
        })
    };
    let full = written(false);
    let managed = if raw.contains("managedFields") {
        full.saturating_sub(written(true))
    } else {
        0
    };
    (full, managed)
}

/// Returns the additional bytes of control characters before 1.30: in the line at Metadata, the request body and the response body.
fn controls(event: &Event<'_>) -> [u32; 3] {
    let lengths = |minor| {
        let levels = [Level::Metadata, Level::Request, Level::RequestResponse];
        levels.map(|level| {
            let rendering = Rendering {
                version: KubernetesVersion::from_minor(minor).unwrap_or_default(),
                ..Rendering::at(level)
            };
            size(&|out| write(event, rendering, out))
        })
    };
    let (before, since) = (
        lengths(SHORT_CONTROLS_SINCE - 1),
        lengths(SHORT_CONTROLS_SINCE),
    );
    let longer = |index: usize| match (before.get(index), since.get(index)) {
        (Some(before), Some(since)) => before.saturating_sub(*since),
        _ => 0,
    };
    [
        longer(0),
        longer(1).saturating_sub(longer(0)),
        longer(2).saturating_sub(longer(1)),
    ]
}

/// Returns `true` if a text may contain control characters that are printed in another way before 1.30.
fn has_controls(raw: &str) -> bool {
    memchr::memchr_iter(b'\\', raw.as_bytes()).any(|at| {
        let escape = raw.as_bytes().get(at + 1..).unwrap_or_default();
        matches!(
            escape,
            [b'b' | b'f', ..] | [b'u', b'0', b'0', b'0', b'8' | b'c' | b'C', ..]
        )
    })
}

/// Returns the size of `authenticationMetadata`, which is absent before 1.35. A field of 64 KiB or more, which no server writes, counts as
/// 64 KiB less one byte.
fn authentication(event: &Event<'_>) -> u16 {
    let Some(raw) = event.authentication_metadata else {
        return 0;
    };
    const NAME: &str = "authenticationMetadata";
    let size = if event.canonical.is_some() {
        u32::try_from(raw.len() + NAME.len() + ",\"\":".len()).unwrap_or(u32::MAX)
    } else {
        size(&|out| {
            put_name(NAME, out);
            recode(raw, out);
        })
    };
    u16::try_from(size).unwrap_or(u16::MAX)
}

/// Returns `true` if the server wrote the event because it rejected an invalid `timeout` in the URL. It has no user, since this happens before
/// authentication.
fn is_bad_timeout(event: &Event<'_>) -> bool {
    event.stage == Some("\"ResponseStarted\"")
        && event
            .request_uri
            .is_some_and(|uri| uri.contains("timeout="))
        && event.user.is_none_or(|user| read_user(user).0.is_none())
        && event
            .response_status
            .and_then(|status| json::member(status, "code"))
            == Some("400")
}

/// Returns the size of the annotations that quote a webhook's patch.
fn patch_annotations(event: &Event<'_>) -> u32 {
    annotation_bytes(event, true, true).saturating_sub(annotation_bytes(event, false, true))
}

/// Returns the size of the annotations that only servers since 1.24 write, at Metadata and above.
fn latency_annotations(event: &Event<'_>) -> [u32; 2] {
    [false, true].map(|patches| {
        let with = annotation_bytes(event, patches, true);
        with.saturating_sub(annotation_bytes(event, patches, false))
    })
}

fn annotation_bytes(event: &Event<'_>, patches: bool, latency: bool) -> u32 {
    let kept = KeptAnnotations { patches, latency };
    size(&|out| annotations(event, kept, false, out))
}
