//! Results of a simulation as columns.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use audit_log::Event;
use audit_policy::RuleIndex;
use audit_sim::{SimulatedEvent, Simulator};
use sha2::{Digest, Sha256};

/// Outcome of a row that contains no event.
const UNREADABLE: &str = "unreadable";

/// The columns, one row per event.
#[derive(Default)]
pub(crate) struct Columns {
    line: Int64Builder,
    audit_id_hash: Int64Builder,
    stage: StringBuilder,
    recorded_level: StringBuilder,
    rule: Int32Builder,
    level: StringBuilder,
    outcome: StringBuilder,
    recorded_bytes: Int64Builder,
    written_bytes: Int64Builder,
    missing: StringBuilder,
    written: StringBuilder,
    /// The line that is written.
    text: Vec<u8>,
}

impl Columns {
    /// Adds a simulated event.
    pub(crate) fn event(
        &mut self,
        line: u64,
        event: &Event<'_>,
        result: &SimulatedEvent,
        simulator: &Simulator,
    ) {
        let outcome = &result.outcome;
        self.line.append_value(signed(line));
        self.audit_id_hash
            .append_option(event.id().map(|id| hash(&id)));
        self.stage
            .append_option(result.attributes.stage.map(|stage| stage.name()));
        self.recorded_level
            .append_option(result.attributes.level.map(|level| level.name()));
        let rule = result
            .verdict
            .and_then(|verdict| verdict.rule)
            .map(RuleIndex::get);
        self.rule
            .append_option(rule.and_then(|rule| i32::try_from(rule).ok()));
        self.level
            .append_option(result.verdict.map(|verdict| verdict.level.name()));
        self.outcome.append_value(outcome.outcome.name());
        self.recorded_bytes
            .append_value(signed(result.attributes.recorded_bytes()));
        self.written_bytes
            .append_option(outcome.written_bytes.map(signed));
        self.missing
            .append_option(outcome.missing.fields(result.request.unknown));
        self.text.clear();
        simulator.append_line(event, result, &mut self.text);
        let text = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        let text = (!text.is_empty()).then(|| String::from_utf8_lossy(text));
        self.written.append_option(text);
    }

    /// Adds a part that could not be read.
    pub(crate) fn unreadable(&mut self, line: u64) {
        self.line.append_value(signed(line));
        self.outcome.append_value(UNREADABLE);
        for numbers in [
            &mut self.audit_id_hash,
            &mut self.recorded_bytes,
            &mut self.written_bytes,
        ] {
            numbers.append_null();
        }
        self.rule.append_null();
        for texts in [
            &mut self.stage,
            &mut self.recorded_level,
            &mut self.level,
            &mut self.missing,
            &mut self.written,
        ] {
            texts.append_null();
        }
    }

    /// Returns the columns.
    ///
    /// # Errors
    /// None: all columns have the same length.
    pub(crate) fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let columns: [(&str, ArrayRef); 11] = [
            ("line", Arc::new(self.line.finish())),
            ("audit_id_hash", Arc::new(self.audit_id_hash.finish())),
            ("stage", Arc::new(self.stage.finish())),
            ("recorded_level", Arc::new(self.recorded_level.finish())),
            ("rule", Arc::new(self.rule.finish())),
            ("level", Arc::new(self.level.finish())),
            ("outcome", Arc::new(self.outcome.finish())),
            ("recorded_bytes", Arc::new(self.recorded_bytes.finish())),
            ("written_bytes", Arc::new(self.written_bytes.finish())),
            ("missing", Arc::new(self.missing.finish())),
            ("written", Arc::new(self.written.finish())),
        ];
        let columns = columns.map(|(name, column)| (name, column, true));
        RecordBatch::try_from_iter_with_nullable(columns)
    }
}

/// Returns the first eight bytes of the SHA-256 of an audit ID, big-endian.
fn hash(id: &str) -> i64 {
    let hash = Sha256::digest(id.as_bytes());
    i64::from_be_bytes(hash.first_chunk().copied().unwrap_or_default())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
