//! One event in 64 bytes: eight words, so that rows can be transferred between workers without conversion.

use audit_log::Location;
use audit_policy::{Level, Stage};
use audit_types::RequestId;
use serde::{Deserialize, Serialize};

use crate::outcome::EventAttributes;
use crate::sizes::{SizeBreakdown, VersionDifferences};

/// One event, packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Row(pub(super) [u64; ROW_WORDS]);

/// Number of words per row.
pub(super) const ROW_WORDS: usize = 8;

/// Time of an event without one.
const NO_TIME: i64 = i64::MIN;

/// Number of bits of an offset: up to 32 TiB.
const OFFSET_BITS: u32 = 45;

/// Bit offset of the HTTP status in the first word, after the offset and three flags.
const CODE_SHIFT: u32 = 48;

/// Flag in the first word: older servers write the event in another way, which is stored in the overflow.
const HAS_CHANGES: u64 = 1 << 45;

/// Flags in the first word: older servers may print timestamps in the request body, or the response body, that the record lacks.
const LACKS_TIMES: [u64; 2] = [1 << 46, 1 << 47];

/// Marks a small size that is stored in the overflow.
const OVERFLOW_MARK: u16 = u16::MAX;

/// Sizes that rarely need more than two bytes, and the differences of older servers. Stored outside the row if they do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct SizeOverflow {
    pub(super) patch_annotations: u32,
    pub(super) status_text: u32,
    pub(super) differences: VersionDifferences,
}

impl SizeOverflow {
    /// Returns what does not fit into a row; `None` if everything does.
    pub(super) const fn new(sizes: &SizeBreakdown) -> Option<Self> {
        let fits = sizes.patch_annotations < OVERFLOW_MARK as u32
            && sizes.status_text < OVERFLOW_MARK as u32
            && sizes.differences.is_none();
        if fits {
            return None;
        }
        Some(Self {
            patch_annotations: sizes.patch_annotations,
            status_text: sizes.status_text,
            differences: sizes.differences,
        })
    }
}

/// Flags in the last word of a row.
pub(super) mod flag {
    /// There may have been a request body.
    pub(in crate::table) const LACKS_REQUEST: u64 = 1 << 6;
    /// There may have been a response body.
    pub(in crate::table) const LACKS_RESPONSE: u64 = 1 << 7;
    /// The request body is of another API group than the URL.
    pub(in crate::table) const CROSS_GROUP: u64 = 1 << 8;
    /// The log lacks the request's RequestReceived event, which is derived before this one.
    pub(in crate::table) const DERIVES_RECEIVED: u64 = 1 << 9;
    /// The log lacks the request's ResponseStarted event, which is derived before this one.
    pub(in crate::table) const DERIVES_STARTED: u64 = 1 << 10;
    /// In a request's first row: the log contains its RequestReceived event, in this row or another.
    pub(in crate::table) const HAS_RECEIVED: u64 = 1 << 11;
    /// The request is a patch.
    pub(in crate::table) const PATCHES: u64 = 1 << 15;
    /// In a patch's first row: the log contains another event of it.
    pub(in crate::table) const HAS_MORE: u64 = 1 << 13;
    /// The request has an impersonated user.
    pub(in crate::table) const IMPERSONATES: u64 = 1 << 14;
    /// The record lacks fields of the server's line.
    pub(in crate::table) const LACKS_LINE: u64 = 1 << 12;
}

/// Data of an event that its outcome does not depend on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EventLocation {
    pub(super) file: u16,
    pub(super) place: Location,
    pub(super) time: Option<i64>,
    pub(super) code: Option<u16>,
    pub(super) request: RequestId,
    /// Source addresses and user agent.
    pub(super) client: u16,
}

const fn pair(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}

const fn low(word: u64) -> u32 {
    word as u32
}

const fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

impl Row {
    pub(super) fn new(location: &EventLocation, attributes: &EventAttributes) -> Self {
        let Location {
            offset,
            length,
            line,
        } = location.place;
        let cut = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let sizes = &attributes.sizes;
        let small = |bytes: u32| u16::try_from(bytes).unwrap_or(OVERFLOW_MARK);
        let offset = offset.min((1 << OFFSET_BITS) - 1);
        let is = |condition: bool, flag: u64| if condition { flag } else { 0 };
        let bits = stage_bits(attributes)
            | level_bits(attributes.level) << 3
            | is(attributes.lacks_request, flag::LACKS_REQUEST)
            | is(attributes.lacks_response, flag::LACKS_RESPONSE)
            | is(attributes.cross_group, flag::CROSS_GROUP)
            | is(attributes.lacks_line, flag::LACKS_LINE);
        let [lacks_request_times, lacks_response_times] = sizes.differences.missing_times();
        let marks = is(!sizes.differences.is_none(), HAS_CHANGES)
            | is(lacks_request_times, LACKS_TIMES[0])
            | is(lacks_response_times, LACKS_TIMES[1]);
        Self([
            offset | marks | u64::from(location.code.unwrap_or(0)) << CODE_SHIFT,
            location.time.unwrap_or(NO_TIME).cast_unsigned(),
            pair(cut(length), cut(line)),
            pair(location.request.get(), 0),
            pair(sizes.metadata, sizes.request),
            pair(sizes.request_managed, sizes.response),
            u64::from(sizes.response_managed)
                | u64::from(small(sizes.patch_annotations)) << 32
                | u64::from(small(sizes.status_text)) << 48,
            bits | u64::from(sizes.authentication) << 16
                | u64::from(location.file) << 32
                | u64::from(location.client) << 48,
        ])
    }

    pub(super) const fn place(&self) -> Location {
        let [first, _, extent, ..] = self.0;
        Location {
            offset: first & ((1 << OFFSET_BITS) - 1),
            length: low(extent) as u64,
            line: high(extent) as u64,
        }
    }

    pub(super) const fn code(&self) -> Option<u16> {
        match (self.0[0] >> CODE_SHIFT) as u16 {
            0 => None,
            code => Some(code),
        }
    }

    pub(super) const fn time(&self) -> Option<i64> {
        match self.0[1].cast_signed() {
            NO_TIME => None,
            time => Some(time),
        }
    }

    pub(super) const fn request(&self) -> RequestId {
        RequestId::new(low(self.0[3]))
    }

    /// Returns the size of the RequestReceived event that is derived from this one, at level Metadata without the level's name.
    pub(super) const fn received_bytes(&self) -> u32 {
        high(self.0[3])
    }

    pub(super) const fn set_received_bytes(&mut self, bytes: u32) {
        self.0[3] = pair(self.request().get(), bytes);
    }

    pub(super) const fn file(&self) -> u16 {
        (self.0[7] >> 32) as u16
    }

    pub(super) const fn client(&self) -> u16 {
        (self.0[7] >> 48) as u16
    }

    pub(super) const fn has(&self, flag: u64) -> bool {
        self.0[7] & flag != 0
    }

    pub(super) const fn set(&mut self, flag: u64) {
        self.0[7] |= flag;
    }

    pub(super) const fn clear(&mut self, flag: u64) {
        self.0[7] &= !flag;
    }

    /// Returns the index of the stage in [`Stage::ALL`], or a larger one if the record lacks it: the number of stages, or one more if the
    /// event is not the first of its request.
    pub(super) const fn stage_index(&self) -> usize {
        (self.0[7] & 7) as usize
    }

    pub(super) fn stage(&self) -> Option<Stage> {
        Stage::ALL.get(self.stage_index()).copied()
    }

    pub(super) fn level(&self) -> Option<Level> {
        Level::ALL.get((self.0[7] >> 3 & 7) as usize).copied()
    }

    /// Returns `true` if some size is stored in the overflow.
    pub(super) const fn has_overflow(&self) -> bool {
        let small = self.0[6] >> 32;
        small as u16 == OVERFLOW_MARK || (small >> 16) as u16 == OVERFLOW_MARK
    }

    /// Returns `true` if older servers write the event in another way.
    pub(super) const fn has_changes(&self) -> bool {
        self.0[0] & HAS_CHANGES != 0
    }

    /// Returns the maximum size of the event at any level, if none of its sizes is in the overflow.
    pub(super) fn max_bytes(&self) -> u64 {
        let sizes = self.sizes(SizeOverflow::default);
        let bodies = u64::from(sizes.request) + u64::from(sizes.response);
        bodies + u64::from(sizes.metadata) + u64::from(sizes.patch_annotations)
    }

    /// Returns the size of the authentication metadata, which only servers since 1.35 write.
    pub(super) const fn authentication(&self) -> u16 {
        (self.0[7] >> 16) as u16
    }

    /// Returns the sizes; `overflow` is called if some are stored there.
    pub(super) fn sizes(&self, overflow: impl FnOnce() -> SizeOverflow) -> SizeBreakdown {
        if !self.has_changes() {
            return SizeBreakdown {
                differences: VersionDifferences::with_missing_times(
                    LACKS_TIMES.map(|mark| self.0[0] & mark != 0),
                ),
                ..self.newest_sizes(overflow)
            };
        }
        let overflow = overflow();
        SizeBreakdown {
            differences: overflow.differences,
            ..self.newest_sizes(|| overflow)
        }
    }

    /// Returns the sizes for the newest servers: the differences of older versions are not looked up.
    #[inline]
    pub(super) fn newest_sizes(&self, overflow: impl FnOnce() -> SizeOverflow) -> SizeBreakdown {
        let [.., first, second, third, _] = self.0;
        let (patch_annotations, status_text) = if self.has_overflow() {
            let overflow = overflow();
            (overflow.patch_annotations, overflow.status_text)
        } else {
            (
                u32::from((third >> 32) as u16),
                u32::from((third >> 48) as u16),
            )
        };
        SizeBreakdown {
            metadata: low(first),
            patch_annotations,
            request: high(first),
            request_managed: low(second),
            response: high(second),
            response_managed: low(third),
            status_text,
            authentication: self.authentication(),
            differences: VersionDifferences::default(),
        }
    }

    pub(super) fn attributes(&self, overflow: impl FnOnce() -> SizeOverflow) -> EventAttributes {
        self.attributes_with(self.sizes(overflow))
    }

    /// Returns the attributes for the newest servers.
    #[inline]
    pub(super) fn newest_attributes(
        &self,
        overflow: impl FnOnce() -> SizeOverflow,
    ) -> EventAttributes {
        self.attributes_with(self.newest_sizes(overflow))
    }

    #[inline]
    fn attributes_with(&self, sizes: SizeBreakdown) -> EventAttributes {
        EventAttributes {
            stage: self.stage(),
            level: self.level(),
            sizes,
            lacks_request: self.has(flag::LACKS_REQUEST),
            lacks_response: self.has(flag::LACKS_RESPONSE),
            cross_group: self.has(flag::CROSS_GROUP),
            lacks_line: self.has(flag::LACKS_LINE),
            is_late: self.stage_index() > Stage::ALL.len(),
        }
    }

    /// Returns the same event with another file, line, request and client.
    pub(super) fn moved(self, file: u16, lines: u64, request: RequestId, client: u16) -> Self {
        let [first, time, extent, third, metadata, bodies, small, last] = self.0;
        let line = u64::from(high(extent)) + lines;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        Self([
            first,
            time,
            pair(low(extent), line),
            pair(request.get(), high(third)),
            metadata,
            bodies,
            small,
            last & 0xffff_ffff | u64::from(file) << 32 | u64::from(client) << 48,
        ])
    }
}

fn stage_bits(attributes: &EventAttributes) -> u64 {
    match attributes.stage {
        Some(stage) => stage as u64,
        None => Stage::ALL.len() as u64 + u64::from(attributes.is_late),
    }
}

fn level_bits(level: Option<Level>) -> u64 {
    level.map_or(Level::ALL.len() as u64, |level| level as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_round_trip() {
        let sizes = SizeBreakdown {
            metadata: 1 << 31,
            patch_annotations: 65_534,
            request: u32::MAX,
            request_managed: 3,
            response: 4_000_000_000,
            response_managed: 5,
            status_text: 6,
            authentication: 76,
            differences: VersionDifferences::default(),
        };
        let location = EventLocation {
            file: 65_535,
            place: Location {
                offset: (1 << OFFSET_BITS) - 2,
                length: 7,
                line: 8,
            },
            time: Some(-9),
            code: Some(599),
            request: RequestId::new(10),
            client: 11,
        };
        for stage in Stage::ALL.into_iter().map(Some).chain([None]) {
            for level in Level::ALL.into_iter().map(Some).chain([None]) {
                let attributes = EventAttributes {
                    stage,
                    level,
                    sizes,
                    lacks_request: true,
                    lacks_response: false,
                    cross_group: true,
                    lacks_line: level.is_none(),
                    is_late: stage.is_none() && level.is_none(),
                };
                let mut row = Row::new(&location, &attributes);
                row.set_received_bytes(12);
                assert_eq!(row.attributes(SizeOverflow::default), attributes);
                assert_eq!(row.place(), location.place);
                assert_eq!((row.time(), row.code()), (Some(-9), Some(599)));
                assert_eq!((row.file(), row.client()), (65_535, 11));
                assert_eq!((row.request().get(), row.received_bytes()), (10, 12));
                let moved = row.moved(1, 100, RequestId::new(2), 3);
                assert_eq!(
                    (moved.file(), moved.request().get(), moved.client()),
                    (1, 2, 3)
                );
                assert_eq!(
                    (moved.place().line, moved.place().offset),
                    (108, row.place().offset)
                );
                assert_eq!(moved.attributes(SizeOverflow::default), attributes);
            }
        }
        let blank = Row::new(&EventLocation::default(), &EventAttributes::default());
        assert_eq!((blank.time(), blank.code()), (None, None));
    }

    #[test]
    fn large_sizes_are_stored_in_the_overflow() {
        let sizes = SizeBreakdown {
            patch_annotations: 65_535,
            status_text: 3,
            ..SizeBreakdown::default()
        };
        let attributes = EventAttributes {
            sizes,
            ..EventAttributes::default()
        };
        let overflow = SizeOverflow::new(&sizes).unwrap();
        assert_eq!(
            Row::new(&EventLocation::default(), &attributes).attributes(|| overflow),
            attributes
        );
        assert_eq!(SizeOverflow::new(&SizeBreakdown::default()), None);
    }
}
