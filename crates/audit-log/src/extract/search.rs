//! Search of a record for the field that contains the event.

use crate::detect::{ValueKind, detect_kind};
use crate::event::Event;
use crate::extract::cut_records::named;
use crate::extract::damaged_list::DamagedList;
use crate::extract::flat::{self, RebuiltEvent};
use crate::extract::held_events::CutPlace;
use crate::extract::record::{self, CandidateField, seems_damaged};
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor, Result, WrapperHint};
use crate::extract::wrapper::Wrapper;
use crate::json::{self, offset_in};
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::scan;
use crate::unrecognized::UnrecognizedKind;

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
        if self.continue_held(value, source, route, out) || self.lists(value, source, route, out) {
            return Ok(());
        }
        let mut first_error = None;
        let mut damaged = DamagedList::of(value, source);
        for candidate in record::candidates(value) {
            let wrapper = record::wrapper_of(value, &candidate.path());
            let inside = self.inside(route, wrapper);
            let start = offset_in(value, candidate.raw);
            let mut out_after = |extracted: Extracted<'_>| {
                if let Some(damaged) = &mut damaged {
                    damaged.report_before(start, start + candidate.raw.len(), out);
                }
                out(extracted);
            };
            let result = if candidate.raw.starts_with('"') {
                let field = self.string_field(&candidate, value, source, inside, &mut out_after);
                let Some(result) = field else {
                    continue;
                };
                result
            } else {
                self.value(candidate.raw, &source.part(start), inside, &mut out_after)
            };
            match result {
                Ok(()) => {
                    if let Some(damaged) = damaged {
                        damaged.finish(out);
                    }
                    self.note_field(candidate, wrapper, route);
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
        Err(first_error.unwrap_or_else(|| self.reason_without_event(value, unrecognized, route)))
    }

    /// Extracts from a string of a record. A cut event waits for its rest. `None` if an escape is incomplete.
    fn string_field(
        &mut self,
        candidate: &CandidateField<'_>,
        value: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Option<Result> {
        let raw = candidate.raw.strip_prefix('"')?.strip_suffix('"')?;
        let decoded = json::unescaped(raw)?;
        let start = offset_in(value, candidate.raw);
        let result = self.text(&decoded, &source.escaped(raw, start + 1), route, out);
        let result = result.map_err(|reason| named(reason, &decoded, route, &candidate.path()));
        Some(match result {
            Err(reason @ ProblemReason::Cut(_)) if source.may_have_parts() => {
                let place = (source.location(0, value.len()), route);
                let field = CutPlace::Field(candidate.keys.clone());
                let sender = self.sender_of(value, route);
                self.hold(&decoded, (field, sender), place, reason, out);
                Ok(())
            }
            result => result,
        })
    }

    /// Notes the field that contained an event, where the next one is looked for first.
    fn note_field(&mut self, candidate: CandidateField<'_>, wrapper: Wrapper, route: Route) {
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
    }

    /// Rebuilds an event from a record with a column per field. Returns `false` if it has no such columns.
    fn flat(&mut self, value: &str, source: &SourceMap<'_>, route: Route, out: Emit<'_>) -> bool {
        let Some((rebuilt, is_aks)) = flat::convert(value) else {
            return false;
        };
        let place = (value.as_bytes(), source.location(0, value.len()), route);
        self.rebuilt(rebuilt, is_aks, place, out);
        true
    }

    /// Emits an event that was rebuilt from columns of a text, and then the columns that cannot be read.
    pub(super) fn rebuilt(
        &mut self,
        rebuilt: RebuiltEvent,
        is_aks: bool,
        (text, location, route): (&[u8], Location, Route),
        out: Emit<'_>,
    ) {
        let wrapper = if is_aks {
            Wrapper::AksTable
        } else {
            Wrapper::Flat
        };
        let event = Event {
            missing: rebuilt.missing,
            ..Event::new(&rebuilt.text)
        };
        self.emit(location, &event, route.inside(wrapper), out);
        for column in rebuilt.bad {
            let reason = ProblemReason::BadColumn(Box::new(column)).in_row(self.row);
            out(Extracted::Problem(location, text, reason));
        }
    }
}
