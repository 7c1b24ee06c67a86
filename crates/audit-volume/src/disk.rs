//! What a stream means for the disk of the log backend: files, bytes, days of history, and which limit binds.
//!
//! kube-apiserver rotates with lumberjack. Before a line that would take the file past its size, the file is renamed and a new one begun;
//! at that moment, and at no other, rotated files beyond `--audit-log-maxbackup` and those rotated more than `--audit-log-maxage` days
//! ago are deleted, and with `--audit-log-compress` the rotated ones are packed. So the file being written is never packed and counts for
//! no limit, and an age limit deletes nothing between two rotations. Files are taken to be full, which errs by less than a line each.

use audit_export::LogBackend;
use audit_policy::KubernetesVersion;
use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Unit, positive, sound};
use audit_types::format::{bytes, number};

/// Bytes of what `--audit-log-maxsize` calls a megabyte.
pub const BYTES_A_MEGABYTE: f64 = 1_048_576.0;

const SECONDS_A_DAY: f64 = 86_400.0;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stream {
    /// Bytes a day, line ends included.
    pub bytes_a_day: f64,
    /// Events a day.
    pub events_a_day: f64,
    /// Bytes in the busiest second, where that is known.
    pub peak_bytes_a_second: Option<f64>,
}

/// Which limit bounds the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Bound {
    /// `--audit-log-maxage`: files are deleted for their age before there are too many.
    Age,
    /// `--audit-log-maxbackup`: files are deleted for their number before they are too old.
    Backups,
    /// Neither is set, and rotated files stay for ever. The default before 1.36.
    Nothing,
    /// The file is never rotated (`--audit-log-maxsize=0` since 1.36), so there is nothing to delete and the limits mean nothing.
    NeverRotated,
    /// Standard output: whoever reads it keeps what it likes.
    StandardOutput,
    /// There is no log backend.
    NoBackend,
    /// The server does not start with these settings.
    Refused,
    /// The stream is no number to reckon with.
    Unknown,
}

impl Bound {
    /// What it means, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Age => "files are deleted for their age before there are too many of them",
            Self::Backups => "files are deleted for their number before they are too old",
            Self::Nothing => {
                "neither an age nor a number of files is set, so nothing is ever deleted: before 1.36 that is the server's default"
            }
            Self::NeverRotated => {
                "the file is never rotated, so age and number of files delete nothing and it grows for ever"
            }
            Self::StandardOutput => {
                "standard output is never rotated: what keeps it decides what is kept"
            }
            Self::NoBackend => "there is no path for the log, so nothing is written",
            Self::Refused => "the server does not start with these settings, so nothing is written",
            Self::Unknown => {
                "the bytes a day are no number to reckon with, so there are no figures"
            }
        }
    }
}

/// The log on the disk, once it has run for longer than it keeps.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiskUse {
    /// Which limit bounds it.
    pub bound: Bound,
    /// Bytes at which a file is rotated.
    pub rotates_at: Option<Figure>,
    /// Days from one rotation to the next.
    pub rotates_every: Option<Figure>,
    /// Seconds from one rotation to the next while the peak lasts.
    pub rotates_every_at_peak: Option<Figure>,
    /// Events in a full file.
    pub events_a_file: Option<Figure>,
    /// Files on the disk, that being written included.
    pub files: Option<Figure>,
    /// The most bytes on the disk: just before a rotation.
    pub bytes: Option<Figure>,
    /// Days of history that are there at any time: just after a rotation.
    pub history: Option<Figure>,
    /// Days of history if the peak went on for ever; how fast a flood of requests pushes history out. Only where the number of files binds.
    pub history_at_peak: Option<Figure>,
    /// What is added a day, where nothing bounds it.
    pub growth: Option<Figure>,
    /// What else is to be known, and why a figure is missing: a sentence each.
    pub notes: Vec<String>,
}

/// The disk at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// Days since the first event.
    pub day: f64,
    /// Files on the disk.
    pub files: u64,
    /// Bytes on the disk.
    pub bytes: f64,
}

/// What the settings make of a stream.
///
/// `packed` is how many bytes a byte takes once compressed with gzip, measured by the caller on a sample of the log (0.05 to 0.1 is
/// common); it counts only with `--audit-log-compress`.
///
/// ```
/// use audit_export::LogBackend;
/// use audit_policy::KubernetesVersion;
/// use audit_volume::disk::{Bound, Stream, disk_use};
///
/// let log = LogBackend { max_age_days: 30, max_backups: 10, max_size_mb: 100, ..LogBackend::default() };
/// let stream = Stream { bytes_a_day: 104_857_600.0, ..Stream::default() };
/// let disk = disk_use(&stream, &log, KubernetesVersion::NEWEST, None);
/// assert_eq!(disk.bound, Bound::Backups);
/// assert_eq!(disk.history.unwrap().formula, "10 rotated files × 1 day each = 10 days");
/// ```
pub fn disk_use(
    stream: &Stream,
    log: &LogBackend,
    version: KubernetesVersion,
    packed: Option<f64>,
) -> DiskUse {
    let mut disk = DiskUse::bare(Bound::NoBackend);
    let plan = match Plan::of(stream, log, version, packed, &mut disk.notes) {
        Ok(plan) => plan,
        Err(bound) => {
            disk.bound = bound;
            return disk.unbounded_growth(stream);
        }
    };
    disk.bound = plan.bound();
    disk.rotates_at = plan.rotates_at(log);
    let Some(every) = plan.every() else {
        disk.notes
            .push("nothing is written, so no file is ever full".to_owned());
        return disk;
    };
    disk.rotates_every = Figure::new(every, Unit::Days, plan.per_file(&plan.a_day()));
    plan.at_peak(stream, &mut disk);
    plan.events(stream, &mut disk);
    match plan.backups() {
        Some(backups) => plan.steady(backups, every, &mut disk),
        None => disk.growth = plan.growth(),
    }
    disk
}

/// The disk from the first event on, in so many equal steps over the days given: for a picture. Empty where the days or the stream are no
/// number to reckon with; at most [`MOST_MOMENTS`] steps are made.
pub fn timeline(
    stream: &Stream,
    log: &LogBackend,
    version: KubernetesVersion,
    packed: Option<f64>,
    days: f64,
    steps: usize,
) -> Vec<Moment> {
    let (Some(days), Some(daily)) = (positive(days), sound(stream.bytes_a_day)) else {
        return Vec::new();
    };
    let steps = steps.clamp(1, MOST_MOMENTS);
    let plan = match Plan::of(stream, log, version, packed, &mut Vec::new()) {
        Ok(plan) => Some(plan),
        Err(Bound::NeverRotated) => None,
        Err(_) => return Vec::new(),
    };
    (0..=steps)
        .map(|step| {
            let day = days * step as f64 / steps as f64;
            let total = daily * day;
            plan.as_ref().map_or(
                Moment {
                    day,
                    files: 1,
                    bytes: total,
                },
                |plan| plan.moment(day, total),
            )
        })
        .filter(|moment| moment.bytes.is_finite())
        .collect()
}

/// The most steps of a [`timeline`].
pub const MOST_MOMENTS: usize = 2000;

/// Days that show the whole story on a [`timeline`]: until the steady state and a quarter more, or a year where there is none. Between a
/// day and ten years.
pub fn horizon(disk: &DiskUse) -> f64 {
    let until_steady = disk.history.as_ref().zip(disk.rotates_every.as_ref());
    let days = until_steady.map_or(366.0, |(history, every)| {
        (history.value + every.value) * 1.25
    });
    days.clamp(1.0, 3653.0)
}

/// A rotated log.
struct Plan {
    daily: f64,
    /// Bytes of a full file.
    size: f64,
    max_age_days: i64,
    max_backups: i64,
    /// Bytes that a byte of a rotated file takes.
    packed: f64,
}

impl Plan {
    fn of(
        stream: &Stream,
        log: &LogBackend,
        version: KubernetesVersion,
        packed: Option<f64>,
        notes: &mut Vec<String>,
    ) -> Result<Self, Bound> {
        let Some(daily) = sound(stream.bytes_a_day) else {
            return Err(Bound::Unknown);
        };
        if !log.is_enabled() {
            return Err(Bound::NoBackend);
        }
        for (name, value) in [
            ("maxage", log.max_age_days),
            ("maxbackup", log.max_backups),
            ("maxsize", log.max_size_mb),
        ] {
            if value < 0 {
                notes.push(format!(
                    "the server does not start: --audit-log-{name} {value} can't be a negative number"
                ));
                return Err(Bound::Refused);
            }
        }
        if log.is_stdout() {
            return Err(Bound::StandardOutput);
        }
        let Some(megabytes) = log.rotates_at_mb(version) else {
            return Err(Bound::NeverRotated);
        };
        Ok(Self {
            daily,
            size: megabytes as f64 * BYTES_A_MEGABYTE,
            max_age_days: log.max_age_days,
            max_backups: log.max_backups,
            packed: ratio(log, packed, notes),
        })
    }

    fn a_day(&self) -> String {
        Unit::BytesADay.spell(self.daily)
    }

    fn rotates_at(&self, log: &LogBackend) -> Option<Figure> {
        let megabytes = self.size / BYTES_A_MEGABYTE;
        let unset = if log.max_size_mb == 0 {
            " (0 is read as 100 before 1.36)"
        } else {
            ""
        };
        let terms = format!("{} MB{unset} × 1,048,576 B", number(megabytes));
        Figure::new(self.size, Unit::Bytes, terms)
    }

    /// Days from one rotation to the next; none where nothing is written.
    fn every(&self) -> Option<f64> {
        positive(self.size / positive(self.daily)?)
    }

    fn per_file(&self, rate: &str) -> String {
        format!("{} a file ÷ {rate}", bytes(self.size))
    }

    /// Rotated files that the age limit leaves at a rotation: the one just rotated, and those rotated less than the limit ago. One that was
    /// rotated just as long ago goes, since some time has passed since it got its name.
    fn by_age(&self) -> Option<f64> {
        if self.max_age_days < 1 {
            return None;
        }
        let files = self.max_age_days as f64 / self.every()?;
        positive((files * (1.0 - 1e-12)).ceil())
    }

    fn by_number(&self) -> Option<f64> {
        (self.max_backups > 0).then_some(self.max_backups as f64)
    }

    /// Rotated files that are kept; none where that is all.
    fn backups(&self) -> Option<f64> {
        match (self.by_age(), self.by_number()) {
            (Some(age), Some(number)) => Some(age.min(number)),
            (age, number) => age.or(number),
        }
    }

    fn bound(&self) -> Bound {
        match (self.by_age(), self.by_number()) {
            (Some(age), Some(number)) if age < number => Bound::Age,
            (_, Some(_)) => Bound::Backups,
            (Some(_), None) => Bound::Age,
            // An age that nothing reaches, because nothing is written, still is a limit.
            (None, None) if self.max_age_days > 0 => Bound::Age,
            (None, None) => Bound::Nothing,
        }
    }

    fn at_peak(&self, stream: &Stream, disk: &mut DiskUse) {
        let Some(peak) = stream.peak_bytes_a_second.and_then(positive) else {
            return;
        };
        let rate = Unit::BytesASecond.spell(peak);
        let seconds = self.size / peak;
        disk.rotates_every_at_peak = Figure::new(seconds, Unit::Seconds, self.per_file(&rate));
        if let Some(backups) = self.by_number() {
            let days = backups * seconds / SECONDS_A_DAY;
            let terms = format!(
                "{} rotated files × {} ÷ {rate}",
                number(backups),
                bytes(self.size)
            );
            disk.history_at_peak = Figure::new(days, Unit::Days, terms);
        }
    }

    fn events(&self, stream: &Stream, disk: &mut DiskUse) {
        let Some(events) = positive(stream.events_a_day) else {
            return;
        };
        let mean = self.daily / events;
        let terms = format!(
            "{} a file ÷ ({} ÷ {} events a day)",
            bytes(self.size),
            self.a_day(),
            number(events)
        );
        disk.events_a_file = Figure::new((self.size / mean).floor(), Unit::Events, terms);
    }

    fn steady(&self, backups: f64, every: f64, disk: &mut DiskUse) {
        let kept = format!("{} rotated files", number(backups));
        let why = if disk.bound == Bound::Age {
            let age = Unit::Days.term(self.max_age_days as f64);
            format!(
                "{kept} ({age} ÷ {} a file, rounded up)",
                Unit::Days.term(every)
            )
        } else {
            kept.clone()
        };
        let terms = format!("{why} + 1 being written");
        disk.files = Figure::new(backups + 1.0, Unit::Files, terms);
        let packed = if self.packed < 1.0 {
            format!(" × {} packed", number(self.packed))
        } else {
            String::new()
        };
        let size = bytes(self.size);
        disk.bytes = Figure::new(
            backups * self.size * self.packed + self.size,
            Unit::Bytes,
            format!("{kept} × {size}{packed} + {size} being written"),
        );
        let terms = format!("{kept} × {} each", Unit::Days.term(every));
        disk.history = Figure::new(backups * every, Unit::Days, terms);
    }

    fn growth(&self) -> Option<Figure> {
        let terms = if self.packed < 1.0 {
            format!("{} × {} packed", self.a_day(), number(self.packed))
        } else {
            self.a_day()
        };
        Figure::new(self.daily * self.packed, Unit::BytesADay, terms)
    }

    fn moment(&self, day: f64, total: f64) -> Moment {
        let rotations = (total / self.size).floor();
        let backups = self.backups().map_or(rotations, |most| most.min(rotations));
        let current = (total - rotations * self.size).max(0.0);
        Moment {
            day,
            files: (backups as u64).saturating_add(1),
            bytes: backups * self.size * self.packed + current,
        }
    }
}

/// Bytes that a byte of a rotated file takes.
fn ratio(log: &LogBackend, packed: Option<f64>, notes: &mut Vec<String>) -> f64 {
    if !log.compress {
        return 1.0;
    }
    match packed.and_then(positive) {
        Some(ratio) => ratio.min(1.0),
        None => {
            notes.push(
                "how well the log packs was not measured, so rotated files count in full"
                    .to_owned(),
            );
            1.0
        }
    }
}

impl DiskUse {
    fn bare(bound: Bound) -> Self {
        Self {
            bound,
            rotates_at: None,
            rotates_every: None,
            rotates_every_at_peak: None,
            events_a_file: None,
            files: None,
            bytes: None,
            history: None,
            history_at_peak: None,
            growth: None,
            notes: Vec::new(),
        }
    }

    /// What a file that is never rotated, and a pipe, take a day.
    fn unbounded_growth(mut self, stream: &Stream) -> Self {
        if matches!(self.bound, Bound::NeverRotated | Bound::StandardOutput)
            && let Some(daily) = sound(stream.bytes_a_day)
        {
            let terms = Unit::BytesADay.spell(daily);
            self.growth = Figure::new(daily, Unit::BytesADay, terms);
        }
        self
    }
}

#[cfg(test)]
mod tests;
