//! Search of a record for the field that contains the event.

use crate::detect::{UnrecognizedKind, ValueKind, detect_kind};
use crate::event::Event;
use crate::extract::cut_records::named;
use crate::extract::flat;
use crate::extract::record::{self, seems_damaged};
use crate::extract::route::Route;
use crate::extract::source_map::{SourceMap, offset_in};
use crate::extract::state::{Emit, Extractor, Result, WrapperHint};
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::problem::ProblemReason;
use crate::scan;

impl Extractor {
    /// Looks for the event in the field that contained it in the previous record.
    pub(super) fn extract_by_hint(
        &mut self,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let Some(hint) = &self.hint else {
            return false;
        };
        if hint.depth != route.depth || self.pending.is_some() {
            return false;
        }
        let member = hint
            .keys
            .iter()
            .try_fold(value, |object, key| json::member(object, key));
        let Some(member) = member else {
            return false;
        };
        let inside = self.inside(route, hint.wrapper);
        let start = offset_in(value, member);
        let Some(raw) = member
            .strip_prefix('"')
            .and_then(|raw| raw.strip_suffix('"'))
        else {
            let event = scan::event(member)
                .or_else(|| (detect_kind(member) == ValueKind::Event).then(|| Event::new(member)));
            if let Some(event) = &event {
                self.event(event, &source.part(start), inside, out);
            }
            return event.is_some();
        };
        let decoded = json::unescaped(raw).unwrap_or_default();
        let string = source.escaped(raw, start + 1);
        if let Some(event) = scan::event(decoded.trim_ascii_end()) {
            self.event(&event, &string, inside, out);
            return true;
        }
        let Ok(event) = json::value(&decoded) else {
            return false;
        };
        let is_event = detect_kind(event) == ValueKind::Event;
        if is_event {
            let string = string.part(offset_in(&decoded, event));
            self.event(&Event::new(event), &string, inside, out);
        }
        is_event
    }

    /// Tries the fields of a record that may contain an event.
    pub(super) fn search(
        &mut self,
        value: &str,
        unrecognized: UnrecognizedKind,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        if self.continue_held(value, source, out) || self.lists(value, source, route, out) {
            return Ok(());
        }
        let mut first_error = None;
        for candidate in record::candidates(value) {
            let wrapper = record::wrapper_of(value, &candidate.path());
            let inside = self.inside(route, wrapper);
            let start = offset_in(value, candidate.raw);
            let result = match candidate
                .raw
                .strip_prefix('"')
                .and_then(|raw| raw.strip_suffix('"'))
            {
                None => self.value(candidate.raw, &source.part(start), inside, out),
                Some(raw) => match json::unescaped(raw) {
                    None => continue,
                    Some(decoded) => {
                        let string = source.escaped(raw, start + 1);
                        let result = self.text(&decoded, &string, inside, out);
                        match result
                            .map_err(|reason| named(reason, &decoded, inside, &candidate.path()))
                        {
                            Err(reason @ ProblemReason::Cut(_)) if source.is_in_file() => {
                                let place = (source.location(0, value.len()), inside);
                                self.hold(&decoded, Some(candidate.keys), place, reason, out);
                                return Ok(());
                            }
                            result => result,
                        }
                    }
                },
            };
            match result {
                Ok(()) => {
                    let has_name = candidate.keys.iter().any(|key| !key.is_empty());
                    if wrapper == Wrapper::Record && route.outermost.is_none() && has_name {
                        self.field.get_or_insert_with(|| candidate.path());
                    }
                    // Items of lists have no keys for a hint.
                    if candidate.keys.iter().all(|key| !key.is_empty()) {
                        self.hint = Some(WrapperHint {
                            keys: candidate.keys,
                            wrapper,
                            depth: route.depth,
                        });
                    }
                    return Ok(());
                }
                // A string that only mentions audit events is not a damaged one.
                Err(ProblemReason::NotJson(_)) if !seems_damaged(candidate.raw) => {}
                Err(reason) => {
                    first_error.get_or_insert(reason);
                }
            }
        }
        if self.flat(value, source, route, out) {
            return Ok(());
        }
        Err(first_error.unwrap_or_else(|| self.reason_without_event(value, unrecognized)))
    }

    /// Rebuilds an event from a record with a column per field. Returns `false` if it has no such columns.
    fn flat(&mut self, value: &str, source: &SourceMap<'_>, route: Route, out: Emit<'_>) -> bool {
        let Some((rebuilt, is_aks)) = flat::convert(value) else {
            return false;
        };
        let wrapper = if is_aks {
            Wrapper::AksTable
        } else {
            Wrapper::Flat
        };
        let event = Event {
            missing: rebuilt.missing,
            ..Event::new(&rebuilt.text)
        };
        let location = source.location(0, value.len());
        self.emit(location, &event, route.inside(wrapper), out);
        true
    }
}
