//! Events in another encoding: data in Base64, compressed or not, as Kinesis, Firehose and CloudWatch's subscriptions pass it, messages that
//! journald writes as lists of bytes, and JSON strings.
//!
//! An event in Base64 or a list of bytes has the location of its record, because the file does not contain its text.

use std::borrow::Cow;

use audit_types::base64;

use crate::encoded_data::{EncodedDataError, decompressed};
use crate::extract::cut_records::named;
use crate::extract::record;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor, Result};
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::other_logs::is_encoded;
use crate::placeholder;
use crate::problem::ProblemReason;
use crate::unrecognized::UnrecognizedKind;

impl Extractor {
    /// Extracts from the Base64 data of a record. `None` if it has no such data.
    pub(super) fn base64_data(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Option<Result> {
        // Data in data would expand without limit.
        if route.all & Wrapper::Encoded.bit() != 0 {
            return None;
        }
        let data = data(value)?;
        let route = route.inside(Wrapper::Encoded);
        let (bytes, error) = match base64::decode(&data) {
            Ok(bytes) => decompressed(bytes),
            Err(error) => (Vec::new(), Some(EncodedDataError::Base64(error))),
        };
        let Some(error) = error else {
            let result = self.decoded(&bytes, value, source, route, out);
            return Some(result.map_err(|reason| match reason {
                ProblemReason::NotJson(_) | ProblemReason::NotUtf8 => {
                    ProblemReason::Unrecognized(UnrecognizedKind::Encoded)
                }
                reason => reason,
            }));
        };
        // Problems in what is left of the data are consequences of the damage.
        let mut out_events = |extracted: Extracted<'_>| {
            if matches!(extracted, Extracted::Event(..)) {
                out(extracted);
            }
        };
        let _ = self.decoded(&bytes, value, source, route, &mut out_events);
        let reason = UnrecognizedKind::DamagedData(error);
        Some(Err(ProblemReason::Unrecognized(reason)))
    }

    /// Extracts from the text of a record that has another encoding in the file. The events have the location of the record.
    pub(super) fn decoded(
        &mut self,
        bytes: &[u8],
        record: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let text = placeholder::decode_if_mostly_text(bytes).ok_or(ProblemReason::NotUtf8)?;
        let is_inside = self.has_placeholders;
        self.has_placeholders |= matches!(text, Cow::Owned(_));
        let source = SourceMap::Encoded(source.location(0, record.len()));
        let result = self.text(text.trim_ascii(), &source, route, out);
        self.has_placeholders = is_inside;
        result
    }

    /// Extracts from a JSON string that contains an event. `None` if it contains none.
    pub(super) fn quoted(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Option<Result> {
        let raw = value.strip_prefix('"')?.strip_suffix('"')?;
        if !record::holds_event(raw) {
            return None;
        }
        let text = json::unescaped(raw)?;
        let route = self.inside(route, Wrapper::Quoted);
        let result = self.text(&text, &source.escaped(raw, 1), route, out);
        Some(result.map_err(|reason| named(reason, &text, route, "")))
    }
}

/// Returns the Base64 data of a record.
fn data(record: &str) -> Option<Cow<'_, str>> {
    const OUTER: [&str; 3] = ["awslogs", "kinesis", "message"];
    let direct = json::members(record)
        .find(|(key, member)| matches!(key.as_ref(), "data" | "Data") && is_encoded(member))
        .map(|(_, member)| member);
    let raw = direct.or_else(|| {
        OUTER.iter().find_map(|outer| {
            let object = json::member(record, outer).filter(|object| object.starts_with('{'))?;
            json::member(object, "data").filter(|data| *outer != "message" || is_encoded(data))
        })
    });
    json::string(raw?)
}
