//! The timeline of an object.

use audit_inspect::{Bucket, ObjectKey, Timeline, TimelineRow};
use audit_types::{EventId, Stage, time};
use playground_protocol::{LogScanStatus, TimelineBucket, TimelineRequest, TimelineView};

use crate::inspect::{InspectError, reread};
use crate::log::Log;
use crate::log_pass::PassItem;
use crate::scan::Scan;
use crate::who::describe;

/// Number of requests that are listed from the beginning, and as many from the end.
const LISTED: usize = 250;

/// Number of parts of the picture.
const BUCKETS: usize = 60;

/// Timeline while the log is read.
pub(crate) struct TimelineScan {
    object: ObjectKey,
    timeline: Timeline<EventId>,
}

impl TimelineScan {
    /// Starts the timeline of the object that an event is about.
    ///
    /// # Errors
    /// A sentence if the event is not about an object, or can no longer be read.
    pub(crate) fn new(log: &Log, event: EventId) -> Result<Self, String> {
        let recorded = reread(log, event).map_err(|error| match error {
            InspectError::NoEvent => "The event is not in the log.".to_owned(),
            InspectError::Unreadable(reason) => reason,
        })?;
        let object = ObjectKey::from_event(&recorded.event())
            .ok_or_else(|| "The request is not about one object.".to_owned())?;
        Ok(Self {
            timeline: Timeline::of_object(object.clone()),
            object,
        })
    }
}

impl Scan for TimelineScan {
    const READS_TO_THE_END: bool = false;

    fn push(&mut self, item: PassItem<'_>, _: &Log) {
        if let PassItem::Event { id, event, .. } = item {
            self.timeline.push(event, || id);
        }
    }

    fn finish(mut self, _: &mut Log) -> LogScanStatus {
        self.timeline.sort();
        LogScanStatus::Timeline(view(&self.object, &self.timeline))
    }
}

fn view(object: &ObjectKey, timeline: &Timeline<EventId>) -> TimelineView {
    let rows = timeline.rows();
    let (first, rest) = match rows.len() <= 2 * LISTED {
        true => (rows, &[][..]),
        false => rows.split_at(LISTED),
    };
    let omitted = rest.len().saturating_sub(LISTED);
    let last = rest.get(omitted..).unwrap_or_default();
    let buckets = timeline.buckets(BUCKETS);
    let width = match buckets.as_slice() {
        [one, next, ..] => next.start.saturating_sub(one.start),
        _ => 0,
    };
    let times = || rows.iter().filter_map(|row| row.time);
    let shown = |time: Option<i64>| time.map(time::date_time).unwrap_or_default();
    TimelineView {
        object: describe(object),
        filter: object.filter(),
        requests: rows.len(),
        omitted_events: whole(timeline.omitted()),
        first: first.iter().map(request).collect(),
        omitted,
        last: last.iter().map(request).collect(),
        buckets: buckets.iter().map(bucket).collect(),
        bucket_seconds: u64::try_from(width / 1_000_000).unwrap_or_default().max(1),
        range: (shown(times().min()), shown(times().max())),
    }
}

fn request(row: &TimelineRow<EventId>) -> TimelineRequest {
    let time = row.time.map(|time| {
        let (day, of_day) = (time::date_time(time), time::time_of_day(time));
        format!("{} {of_day}", day.get(..10).unwrap_or_default())
    });
    let stages = row.stages.iter().copied().map(Stage::name);
    TimelineRequest {
        time: time.unwrap_or_default(),
        verb: row.verb.clone(),
        resource: row.target.clone(),
        user: row.user.clone(),
        impersonated: row.impersonated.clone(),
        code: row.code,
        level: row.level,
        stages: stages.collect::<Vec<_>>().join(", "),
        event: row.place,
    }
}

fn bucket(bucket: &Bucket) -> TimelineBucket {
    TimelineBucket {
        start: time::date_time(bucket.start),
        writes: whole(bucket.writes),
        reads: whole(bucket.reads),
        failed: whole(bucket.failed),
    }
}

fn whole(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
