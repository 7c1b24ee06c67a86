//! The log backend: the format of a line, and the truncation of large ones.

use audit_log::Event;
use audit_policy::{KubernetesVersion, Level, Verdict};

use crate::encode::Count;
use crate::legacy::legacy_line;
use crate::outcome::{EventAttributes, EventOutcome, Missing, Outcome};
use crate::written::{ApiVersion, Rendering, line_bytes, write};

/// `--audit-log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// JSON, one event per line.
    #[default]
    Json,
    /// The old text format, one event per line.
    Legacy,
}

/// Settings of the log backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backend {
    /// The format.
    pub format: Format,
    /// `--audit-log-truncate-max-event-size`, in bytes; `None` if truncation is off.
    pub max_event_size: Option<u64>,
    /// The server's version.
    pub version: KubernetesVersion,
    /// `--audit-log-version`. Truncation measures events in this version, too.
    pub api_version: ApiVersion,
}

/// Result of the backend for one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emission {
    /// Outcome of the event, with the size of its line in the backend's format.
    pub event_outcome: EventOutcome,
    /// Format of the line; `None` if the event is not written.
    pub rendering: Option<Rendering>,
}

impl Backend {
    /// Returns the outcome of an event under a verdict.
    ///
    /// Truncation measures the JSON line, whatever the format (`truncate.NewBackend`). An event that is too large loses its bodies; one
    /// that is still too large, or whose level is Metadata, is discarded.
    pub fn emit(
        &self,
        event: &Event<'_>,
        attributes: &EventAttributes,
        verdict: Option<Verdict>,
    ) -> Emission {
        let event_outcome = attributes.outcome(verdict, self.version);
        let (Outcome::Written, Some(verdict)) = (event_outcome.outcome, verdict) else {
            return Emission {
                event_outcome,
                rendering: None,
            };
        };
        let mut rendering = Rendering {
            api_version: self.api_version,
            ..Rendering::new(verdict, self.version)
        };
        let measured = |rendering| {
            let mut count = Count::default();
            write(event, rendering, &mut count);
            Some(count.0 as u64)
        };
        let mut size = event_outcome.written_bytes;
        if size.is_some() && self.api_version != ApiVersion::V1 {
            size = measured(rendering);
        }
        let too_large = |size: Option<u64>| match (size, self.max_event_size) {
            (Some(size), Some(limit)) => size > limit,
            _ => false,
        };
        if too_large(size) && verdict.level >= Level::Request {
            rendering.truncated = true;
            size = measured(rendering);
        }
        if too_large(size) {
            return Emission {
                event_outcome: EventOutcome {
                    outcome: Outcome::DroppedTruncation,
                    written_bytes: Some(0),
                    missing: Missing::default(),
                },
                rendering: None,
            };
        }
        let written_bytes = match self.format {
            Format::Json => size,
            Format::Legacy => Some(legacy_line(event, self.version).len() as u64),
        };
        Emission {
            event_outcome: EventOutcome {
                written_bytes,
                ..event_outcome
            },
            rendering: Some(rendering),
        }
    }

    /// Returns the line as written, line end included. Bodies that the record lacks are absent.
    pub fn line(&self, event: &Event<'_>, rendering: Rendering) -> Vec<u8> {
        match self.format {
            Format::Json => line_bytes(event, rendering),
            Format::Legacy => legacy_line(event, self.version).into_bytes(),
        }
    }

    /// Appends the line of [`Self::line`] to other lines.
    pub fn append_line(&self, event: &Event<'_>, rendering: Rendering, lines: &mut Vec<u8>) {
        match self.format {
            Format::Json => write(event, rendering, lines),
            Format::Legacy => lines.extend(legacy_line(event, self.version).into_bytes()),
        }
    }
}
