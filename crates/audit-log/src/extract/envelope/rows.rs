//! Signatures of records, and detection of records that contain those after them.

use super::{EnvelopeScanner, Expecting, RecordContext};
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::recovery::{Signature, contains_other_events};

impl EnvelopeScanner {
    /// Returns `true` if a row contains other rows.
    fn contains_rows(&self, row: &[u8]) -> bool {
        let mut own = Signature::default();
        own.learn(row);
        let known = &self.record_signature;
        let items = || str::from_utf8(row).map_or_else(|_| None, |row| Some(json::elements(row)));
        let has_row = || items().is_some_and(|mut items| items.any(|item| known.is_row(item)));
        own.repeats_in(row)
            || known.has_columns() && has_row()
            || known.is_of_array() && known.repeats_in(row)
    }

    /// Notes a record. If a bracket is missing in it, it contains the records after it and the end of the list, too.
    pub(super) fn learn_record(&mut self, bytes: &[u8], text: &str, context: RecordContext) {
        if context.is_columns {
            let columns = json::elements(text).count();
            return self.record_signature.set_columns(columns);
        }
        if context.wrapper.is_some_and(Wrapper::has_rows) && self.contains_rows(bytes) {
            self.is_damaged = true;
            self.open.pop();
            if let Some(parent) = self.open.last_mut() {
                parent.expecting = Expecting::CommaOrEnd;
            }
            return;
        }
        self.is_damaged |= contains_other_events(text);
        self.learn_signature(bytes);
    }

    /// Learns the signature of records, unless the bytes are what damage has left of one.
    pub(super) fn learn_signature(&mut self, bytes: &[u8]) {
        let records = self.list.last().and_then(|list| list.records).flatten();
        let is_whole = match records {
            Some(wrapper) if wrapper.has_rows() => bytes.starts_with(b"["),
            Some(_) => bytes.starts_with(b"{"),
            None => true,
        };
        if is_whole {
            self.record_signature.learn(bytes);
        }
    }
}
