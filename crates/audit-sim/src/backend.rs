//! The log backend: in which format a line is written, and what happens to one that is too large.

use audit_log::Event;
use audit_policy::{KubernetesVersion, Level, Verdict};

use crate::encode::Count;
use crate::legacy::legacy_line;
use crate::outcome::{EventAttributes, EventOutcome, Missing, Outcome};
use crate::written::{ApiVersion, Rendering, line_bytes, write};

/// `--audit-log-format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// JSON, one event a line.
    #[default]
    Json,
    /// The old one-line text.
    Legacy,
}

/// How the backend is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backend {
    /// The format.
    pub format: Format,
    /// `--audit-log-truncate-max-event-size`, in bytes, where truncation is on.
    pub max_event_size: Option<u64>,
    /// The server's version.
    pub version: KubernetesVersion,
    /// `--audit-log-version`. The truncation measures events in it, too.
    pub api_version: ApiVersion,
}

/// What the backend does with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emission {
    /// What becomes of the event, with the bytes of its line in the backend's format.
    pub event_outcome: EventOutcome,
    /// How it is rendered, where it is written.
    pub rendering: Option<Rendering>,
}

impl Backend {
    /// What becomes of an event under a verdict.
    ///
    /// The size that truncation looks at is that of the JSON line, whatever the format (`truncate.NewBackend`). An event that is too large loses its
    /// bodies; one that still is, or that is of level Metadata, is discarded.
    pub fn emit(
        &self,
        event: &Event<'_>,
        facts: &EventAttributes,
        verdict: Option<Verdict>,
    ) -> Emission {
        let judgement = facts.outcome(verdict, self.version);
        let (Outcome::Written, Some(verdict)) = (judgement.outcome, verdict) else {
            return Emission {
                event_outcome: judgement,
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
        let mut size = judgement.written_bytes;
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
                ..judgement
            },
            rendering: Some(rendering),
        }
    }

    /// The line that is written, line end included. Bodies that the record lacks are absent.
    pub fn line(&self, event: &Event<'_>, rendering: Rendering) -> Vec<u8> {
        match self.format {
            Format::Json => line_bytes(event, rendering),
            Format::Legacy => legacy_line(event, self.version).into_bytes(),
        }
    }
}
