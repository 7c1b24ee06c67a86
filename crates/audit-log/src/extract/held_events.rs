//! Cut events that wait for their rest: one of each pod or stream, since their parts may interleave.

use crate::cut;
use crate::detect::{ValueKind, detect_kind};
use crate::extract::extracted::{Emit, Extracted};
use crate::extract::route::Route;
use crate::limits::MAX_FRAME_BYTES;
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::validator::{JsonValidator, Validation};

/// Maximum number of cut events that wait at a time. All of them together have at most [`MAX_FRAME_BYTES`].
pub(super) const MAX_HELD: usize = 8;

/// Maximum number of records between the parts of an event.
const MAX_RECORDS_BETWEEN: u32 = 64;

/// Maximum number of problems that wait for an event before them.
const MAX_WAITING: usize = 1024;

/// Maximum number of bytes of a record that is reported later. They contain its excerpt.
const MAX_WAITING_BYTES: usize = 512;

/// Place of a cut event, where its rest may be in a later record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CutPlace {
    /// A string in a record, by its keys.
    Field(Vec<String>),
    /// The text of a line after its time.
    Line,
    /// A cell in a column of a CSV file whose rows name their sender.
    Column(usize),
    /// A cell of a CSV file. A spreadsheet continues a cell that is too long in the next row.
    Cell,
}

/// A problem that is reported later: location, start of the text and reason.
#[derive(Debug)]
pub(super) struct WaitingProblem(Location, Vec<u8>, ProblemReason);

impl WaitingProblem {
    fn new(location: Location, text: &[u8], reason: ProblemReason) -> Self {
        let start = text.get(..MAX_WAITING_BYTES.min(text.len()));
        Self(location, start.unwrap_or_default().to_vec(), reason)
    }

    fn report(self, out: Emit<'_>) {
        out(Extracted::Problem(self.0, &self.1, self.2));
    }
}

/// A cut event whose rest may follow.
#[derive(Debug)]
pub(super) struct HeldEvent {
    /// Text so far, without the marker of the cut.
    pub(super) text: String,
    check: JsonValidator,
    /// Length of the first part.
    part_bytes: usize,
    place: CutPlace,
    /// Pod or stream that its record names.
    sender: Option<String>,
    pub(super) route: Route,
    /// Location from the record with the first part to that with the last.
    pub(super) location: Location,
    reason: ProblemReason,
    records_after: u32,
    /// True if the event before it of the same sender was cut as well, so that a part may be one of either.
    is_ambiguous: bool,
    /// Problems of records after it and before the next cut event, which are reported after it.
    waiting: Vec<WaitingProblem>,
}

/// Result of appending a text to a cut event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appended {
    /// The text is not a part of the event.
    Not,
    /// More parts are missing.
    Middle,
    Whole,
}

impl HeldEvent {
    /// Creates a cut event of its first part. The location is that of its record.
    pub(super) fn new(
        text: &str,
        (place, sender): (CutPlace, Option<String>),
        (location, route): (Location, Route),
        reason: ProblemReason,
    ) -> Self {
        let (start, _) = cut::without_marker(text.trim_ascii_start());
        let mut check = JsonValidator::at(0);
        check.run(start.as_bytes());
        Self {
            text: start.to_owned(),
            check,
            part_bytes: text.len(),
            place,
            sender,
            route,
            location,
            reason,
            records_after: 0,
            is_ambiguous: false,
            waiting: Vec::new(),
        }
    }

    /// Appends a text, if the result is an event, or if the text is as long as the first part and may be a part in the middle.
    fn append(&mut self, part: &str, location: Location) -> Appended {
        let (rest, is_marked) = cut::without_marker(part);
        let is_too_long = self.text.len() + rest.len() > MAX_FRAME_BYTES;
        if rest.is_empty() || is_too_long || self.is_ambiguous {
            return Appended::Not;
        }
        let before = self.text.len();
        let check = self.check.clone();
        self.text.push_str(rest);
        let checked = self.check.run(self.text.as_bytes());
        let after = self.text.get(self.check.at..).unwrap_or_default();
        let is_whole = checked == Validation::Complete
            && after.trim_ascii().is_empty()
            && detect_kind(&self.text) == ValueKind::Event;
        // A part in the middle is as long as the first, apart from a character that was not divided.
        let is_middle = checked == Validation::Incomplete
            && !rest.starts_with('{')
            && (is_marked || part.len() + 4 > self.part_bytes);
        if !is_whole && !is_middle {
            self.text.truncate(before);
            self.check = check;
            return Appended::Not;
        }
        self.location.length =
            (location.offset + location.length).saturating_sub(self.location.offset);
        self.records_after = 0;
        if is_whole {
            Appended::Whole
        } else {
            Appended::Middle
        }
    }
}

/// The cut events of one file, in its order, each of another sender.
#[derive(Debug, Default)]
pub(super) struct HeldEvents(Vec<HeldEvent>);

impl HeldEvents {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the index of the cut event of a sender, and its place.
    pub(super) fn of_sender(&self, sender: Option<&str>) -> Option<(usize, &CutPlace)> {
        let index = self
            .0
            .iter()
            .position(|held| held.sender.as_deref() == sender)?;
        Some((index, &self.0.get(index)?.place))
    }

    /// Returns the index of the cut event at a place that is not in a record.
    pub(super) fn at(&self, place: &CutPlace) -> Option<usize> {
        self.0.iter().position(|held| held.place == *place)
    }

    /// Adds a cut event. It replaces that of the same sender.
    pub(super) fn add(&mut self, mut held: HeldEvent, out: Emit<'_>) {
        if let Some((index, _)) = self.of_sender(held.sender.as_deref()) {
            // Unless it is the same event again.
            let earlier = self.0.get(index).map(|earlier| earlier.text.as_str());
            held.is_ambiguous = earlier != Some(&held.text);
            self.give_up(index, out);
        }
        while self.0.len() >= MAX_HELD {
            self.give_up(0, out);
        }
        self.0.push(held);
        self.limit_bytes(self.0.len() - 1, out);
    }

    /// Appends a text to a cut event. A complete one is to be taken with [`Self::take`].
    pub(super) fn append(
        &mut self,
        index: usize,
        part: &str,
        location: Location,
        out: Emit<'_>,
    ) -> Appended {
        let held = self.0.get_mut(index);
        let appended = held.map_or(Appended::Not, |held| held.append(part, location));
        if appended == Appended::Middle {
            self.limit_bytes(index, out);
        }
        appended
    }

    /// Removes an event. After it is emitted, [`Self::pass_on`] reports what waits for it.
    pub(super) fn take(&mut self, index: usize) -> Option<(HeldEvent, Vec<WaitingProblem>)> {
        (index < self.0.len()).then(|| {
            let mut held = self.0.remove(index);
            let waiting = std::mem::take(&mut held.waiting);
            (held, waiting)
        })
    }

    /// Reports what has waited for the event at an index, or keeps it for the event before that.
    pub(super) fn pass_on(&mut self, index: usize, waiting: Vec<WaitingProblem>, out: Emit<'_>) {
        match index
            .checked_sub(1)
            .and_then(|before| self.0.get_mut(before))
        {
            Some(before) => before.waiting.extend(waiting),
            None => waiting.into_iter().for_each(|problem| problem.report(out)),
        }
    }

    /// Notes that a record of the file begins.
    pub(super) fn pass_record(&mut self, out: Emit<'_>) {
        let mut index = 0;
        while let Some(held) = self.0.get_mut(index) {
            held.records_after += 1;
            if held.records_after > MAX_RECORDS_BETWEEN {
                self.give_up(index, out);
            } else {
                index += 1;
            }
        }
    }

    /// Reports a problem after the cut events.
    pub(super) fn report_later(
        &mut self,
        location: Location,
        text: &[u8],
        reason: ProblemReason,
        out: Emit<'_>,
    ) {
        let problem = WaitingProblem::new(location, text, reason);
        match self.0.last_mut() {
            Some(last) => last.waiting.push(problem),
            None => problem.report(out),
        }
        let waiting = |held: &HeldEvent| held.waiting.len();
        while self.0.iter().map(waiting).sum::<usize>() > MAX_WAITING {
            self.give_up(0, out);
        }
    }

    /// Reports all cut events.
    pub(super) fn give_up_all(&mut self, out: Emit<'_>) {
        while !self.0.is_empty() {
            self.give_up(0, out);
        }
    }

    /// Gives up the oldest cut events until all have at most [`MAX_FRAME_BYTES`], but not the one at an index, which has no more by itself.
    fn limit_bytes(&mut self, mut index: usize, out: Emit<'_>) {
        let bytes = |held: &HeldEvent| held.text.len();
        while self.0.len() > 1 && self.0.iter().map(bytes).sum::<usize>() > MAX_FRAME_BYTES {
            if index == 0 {
                self.give_up(1, out);
            } else {
                self.give_up(0, out);
                index -= 1;
            }
        }
    }

    /// Reports a cut event whose rest did not follow, or keeps it for a cut event before it.
    pub(super) fn give_up(&mut self, index: usize, out: Emit<'_>) {
        let Some((held, waiting)) = self.take(index) else {
            return;
        };
        let text = held.text.as_bytes();
        if index == 0 {
            out(Extracted::Problem(held.location, text, held.reason));
        } else {
            let problem = WaitingProblem::new(held.location, text, held.reason);
            self.pass_on(index, vec![problem], out);
        }
        self.pass_on(index, waiting, out);
    }
}
