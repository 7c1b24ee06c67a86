//! Disk usage of the log backend: files, bytes, days of history, and the limit that applies.
//!
//! kube-apiserver rotates files with lumberjack. Before a line that would exceed the maximum size, the file is renamed and a new one
//! started. Only then are rotated files deleted, if there are more than `--audit-log-maxbackup` or if they were rotated more than
//! `--audit-log-maxage` days ago, and with `--audit-log-compress` rotated files are compressed. So the current file is never compressed
//! and counts towards no limit, and an age limit deletes nothing between two rotations. Files are assumed to be full, which is wrong by
//! less than one line per file.

use apiserver_config::LogBackend;
use audit_policy::KubernetesVersion;
use serde::{Deserialize, Serialize};

use crate::metric::{Metric, Unit, non_negative, positive};
use audit_types::format::{bytes, number};

/// Bytes of what `--audit-log-maxsize` calls a megabyte.
pub(crate) const BYTES_PER_MEGABYTE: f64 = 1_048_576.0;

const SECONDS_A_DAY: f64 = 86_400.0;

/// Average and peak rates at which the policy writes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WriteRate {
    /// Bytes per day, including newlines.
    pub bytes_per_day: f64,
    /// Events per day.
    pub events_per_day: f64,
    /// Bytes in the busiest second; `None` if unknown.
    pub peak_bytes_per_second: Option<f64>,
}

/// The limit that bounds disk usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RetentionLimit {
    /// `--audit-log-maxage`: files become too old before there are too many.
    Age,
    /// `--audit-log-maxbackup`: there are too many files before they become too old.
    Backups,
    /// Neither is set, and rotated files are kept forever. The default before 1.36.
    Nothing,
    /// The file is never rotated (`--audit-log-maxsize=0` since 1.36), so the limits have no effect.
    NeverRotated,
    /// The log goes to standard output, which kube-apiserver does not rotate.
    StandardOutput,
    /// The log backend is disabled.
    NoBackend,
    /// kube-apiserver does not start with these settings.
    #[serde(rename = "refused")]
    InvalidSettings,
    /// The rate is negative or not a finite number.
    Unknown,
}

impl RetentionLimit {
    /// Explains the limit in one sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Age => {
                "files are deleted because of their age, before there are too many of them"
            }
            Self::Backups => {
                "files are deleted because there are too many, before they reach the maximum age"
            }
            Self::Nothing => {
                "neither a maximum age nor a maximum number of files is set, so nothing is ever deleted; this is the default before 1.36"
            }
            Self::NeverRotated => {
                "the file is never rotated, so the age and count limits are ignored and it grows forever"
            }
            Self::StandardOutput => {
                "standard output is never rotated; retention depends on the program that collects it"
            }
            Self::NoBackend => "no log path is set, so nothing is written",
            Self::InvalidSettings => {
                "kube-apiserver does not start with these settings, so nothing is written"
            }
            Self::Unknown => {
                "bytes per day is not a finite number, so disk usage can't be computed"
            }
        }
    }
}

/// Disk usage in the steady state, after files have started to be deleted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiskUsage {
    /// The limit that bounds it.
    #[serde(rename = "bound")]
    pub limit: RetentionLimit,
    /// Size at which a file is rotated.
    pub rotates_at: Option<Metric>,
    /// Days between rotations.
    pub rotates_every: Option<Metric>,
    /// Seconds between rotations at the peak rate.
    pub rotates_every_at_peak: Option<Metric>,
    /// Events per full file.
    #[serde(rename = "eventsAFile")]
    pub events_per_file: Option<Metric>,
    /// Files on the disk, including the current one.
    pub files: Option<Metric>,
    /// Maximum bytes on the disk, reached just before a rotation.
    pub bytes: Option<Metric>,
    /// Days of history that are always available, the minimum just after a rotation.
    pub history: Option<Metric>,
    /// Days of history if the peak rate lasted, which shows how fast a flood of requests pushes history out. Only if the number of files is
    /// limited.
    pub history_at_peak: Option<Metric>,
    /// Bytes added per day, if nothing bounds the size.
    pub growth: Option<Metric>,
    /// Notes, and reasons for missing metrics.
    pub notes: Vec<String>,
}

/// Disk usage at a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TimelinePoint {
    /// Days since the first event.
    pub day: f64,
    /// Files on the disk.
    pub files: u64,
    /// Bytes on the disk.
    pub bytes: f64,
}

/// Computes disk usage for a write rate and settings.
///
/// `compression_ratio` is the number of compressed bytes per byte, measured by the caller on a sample of the log (0.05 to 0.1 is common);
/// it is only used with `--audit-log-compress`.
///
/// ```
/// use apiserver_config::LogBackend;
/// use audit_policy::KubernetesVersion;
/// use audit_volume::disk::{RetentionLimit, WriteRate, disk_usage};
///
/// let log = LogBackend { max_age_days: 30, max_backups: 10, max_size_mb: 100, ..LogBackend::default() };
/// let rate = WriteRate { bytes_per_day: 104_857_600.0, ..WriteRate::default() };
/// let disk = disk_usage(&rate, &log, KubernetesVersion::NEWEST, None);
/// assert_eq!(disk.limit, RetentionLimit::Backups);
/// assert_eq!(disk.history.unwrap().formula, "10 rotated files × 1 day each = 10 days");
/// ```
pub fn disk_usage(
    rate: &WriteRate,
    log: &LogBackend,
    version: KubernetesVersion,
    compression_ratio: Option<f64>,
) -> DiskUsage {
    let mut disk = DiskUsage::bare(RetentionLimit::NoBackend);
    let plan = match Rotation::of(rate, log, version, compression_ratio, &mut disk.notes) {
        Ok(plan) => plan,
        Err(bound) => {
            disk.limit = bound;
            return disk.unbounded_growth(rate);
        }
    };
    disk.limit = plan.bound();
    disk.rotates_at = plan.rotates_at(log);
    let Some(every) = plan.every() else {
        disk.notes
            .push("nothing is written, so no file is ever full".to_owned());
        return disk;
    };
    disk.rotates_every = Metric::new(every, Unit::Days, plan.per_file(&plan.daily_text()));
    plan.at_peak(rate, &mut disk);
    plan.events(rate, &mut disk);
    match plan.backups() {
        Some(backups) => plan.steady(backups, every, &mut disk),
        None => disk.growth = plan.growth(),
    }
    disk
}

/// Computes disk usage from the first event on, in equal steps over a number of days, for a chart. Empty if days or rate are not finite
/// numbers; limited to [`MAX_TIMELINE_STEPS`] steps.
pub fn timeline(
    rate: &WriteRate,
    log: &LogBackend,
    version: KubernetesVersion,
    compression_ratio: Option<f64>,
    days: f64,
    steps: usize,
) -> Vec<TimelinePoint> {
    let (Some(days), Some(daily)) = (positive(days), non_negative(rate.bytes_per_day)) else {
        return Vec::new();
    };
    let steps = steps.clamp(1, MAX_TIMELINE_STEPS);
    let plan = match Rotation::of(rate, log, version, compression_ratio, &mut Vec::new()) {
        Ok(plan) => Some(plan),
        Err(RetentionLimit::NeverRotated) => None,
        Err(_) => return Vec::new(),
    };
    (0..=steps)
        .map(|step| {
            let day = days * step as f64 / steps as f64;
            let total = daily * day;
            plan.as_ref().map_or(
                TimelinePoint {
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

/// Maximum number of steps of a [`timeline`].
pub const MAX_TIMELINE_STEPS: usize = 2000;

/// Returns the number of days to show on a [`timeline`]: a quarter more than it takes to reach the steady state, or a year if there is
/// none. Between one day and ten years.
pub fn timeline_days(disk: &DiskUsage) -> f64 {
    let until_steady = disk.history.as_ref().zip(disk.rotates_every.as_ref());
    let days = until_steady.map_or(366.0, |(history, every)| {
        (history.value + every.value) * 1.25
    });
    days.clamp(1.0, 3653.0)
}

/// Rotation of a log file at a constant rate.
struct Rotation {
    daily: f64,
    /// Bytes of a full file.
    size: f64,
    max_age_days: i64,
    max_backups: i64,
    /// Bytes on disk per byte of a rotated file.
    ratio: f64,
}

impl Rotation {
    fn of(
        rate: &WriteRate,
        log: &LogBackend,
        version: KubernetesVersion,
        compression_ratio: Option<f64>,
        notes: &mut Vec<String>,
    ) -> Result<Self, RetentionLimit> {
        let Some(daily) = non_negative(rate.bytes_per_day) else {
            return Err(RetentionLimit::Unknown);
        };
        if !log.is_enabled() {
            return Err(RetentionLimit::NoBackend);
        }
        for (name, value) in [
            ("maxage", log.max_age_days),
            ("maxbackup", log.max_backups),
            ("maxsize", log.max_size_mb),
        ] {
            if value < 0 {
                notes.push(format!(
                    "kube-apiserver does not start: --audit-log-{name} {value} can't be a negative number"
                ));
                return Err(RetentionLimit::InvalidSettings);
            }
        }
        if log.is_stdout() {
            return Err(RetentionLimit::StandardOutput);
        }
        let Some(megabytes) = log.rotates_at_mb(version) else {
            return Err(RetentionLimit::NeverRotated);
        };
        Ok(Self {
            daily,
            size: megabytes as f64 * BYTES_PER_MEGABYTE,
            max_age_days: log.max_age_days,
            max_backups: log.max_backups,
            ratio: ratio(log, compression_ratio, notes),
        })
    }

    fn daily_text(&self) -> String {
        Unit::BytesPerDay.format(self.daily)
    }

    fn rotates_at(&self, log: &LogBackend) -> Option<Metric> {
        let megabytes = self.size / BYTES_PER_MEGABYTE;
        let unset = if log.max_size_mb == 0 {
            " (0 means 100 before 1.36)"
        } else {
            ""
        };
        let terms = format!("{} MB{unset} × 1,048,576 B", number(megabytes));
        Metric::new(self.size, Unit::Bytes, terms)
    }

    /// Returns the days between rotations; `None` if nothing is written.
    fn every(&self) -> Option<f64> {
        positive(self.size / positive(self.daily)?)
    }

    fn per_file(&self, rate: &str) -> String {
        format!("{} per file ÷ {rate}", bytes(self.size))
    }

    /// Returns the number of rotated files that the age limit keeps at a rotation: the one just rotated, and those rotated less than the
    /// limit ago. A file rotated exactly that long ago is deleted, because some time has passed since it was renamed.
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

    /// Returns the number of rotated files that are kept; `None` if all are.
    fn backups(&self) -> Option<f64> {
        match (self.by_age(), self.by_number()) {
            (Some(age), Some(number)) => Some(age.min(number)),
            (age, number) => age.or(number),
        }
    }

    fn bound(&self) -> RetentionLimit {
        match (self.by_age(), self.by_number()) {
            (Some(age), Some(number)) if age < number => RetentionLimit::Age,
            (_, Some(_)) => RetentionLimit::Backups,
            (Some(_), None) => RetentionLimit::Age,
            // An age that no file reaches, because nothing is written, is still a limit.
            (None, None) if self.max_age_days > 0 => RetentionLimit::Age,
            (None, None) => RetentionLimit::Nothing,
        }
    }

    fn at_peak(&self, rate: &WriteRate, disk: &mut DiskUsage) {
        let Some(peak) = rate.peak_bytes_per_second.and_then(positive) else {
            return;
        };
        let peak_text = Unit::BytesPerSecond.format(peak);
        let seconds = self.size / peak;
        disk.rotates_every_at_peak = Metric::new(seconds, Unit::Seconds, self.per_file(&peak_text));
        if let Some(backups) = self.by_number() {
            let days = backups * seconds / SECONDS_A_DAY;
            let terms = format!(
                "{} rotated files × {} ÷ {peak_text}",
                number(backups),
                bytes(self.size)
            );
            disk.history_at_peak = Metric::new(days, Unit::Days, terms);
        }
    }

    fn events(&self, rate: &WriteRate, disk: &mut DiskUsage) {
        let Some(events) = positive(rate.events_per_day) else {
            return;
        };
        let mean = self.daily / events;
        let terms = format!(
            "{} per file ÷ ({} ÷ {} events per day)",
            bytes(self.size),
            self.daily_text(),
            number(events)
        );
        disk.events_per_file = Metric::new((self.size / mean).floor(), Unit::Events, terms);
    }

    fn steady(&self, backups: f64, every: f64, disk: &mut DiskUsage) {
        let kept = format!("{} rotated files", number(backups));
        let why = if disk.limit == RetentionLimit::Age {
            let age = Unit::Days.format_term(self.max_age_days as f64);
            format!(
                "{kept} ({age} ÷ {} per file, rounded up)",
                Unit::Days.format_term(every)
            )
        } else {
            kept.clone()
        };
        let terms = format!("{why} + 1 current");
        disk.files = Metric::new(backups + 1.0, Unit::Files, terms);
        let compressed = if self.ratio < 1.0 {
            format!(" × {} compressed", number(self.ratio))
        } else {
            String::new()
        };
        let size = bytes(self.size);
        disk.bytes = Metric::new(
            backups * self.size * self.ratio + self.size,
            Unit::Bytes,
            format!("{kept} × {size}{compressed} + {size} current"),
        );
        let terms = format!("{kept} × {} each", Unit::Days.format_term(every));
        disk.history = Metric::new(backups * every, Unit::Days, terms);
    }

    fn growth(&self) -> Option<Metric> {
        let terms = if self.ratio < 1.0 {
            format!("{} × {} compressed", self.daily_text(), number(self.ratio))
        } else {
            self.daily_text()
        };
        Metric::new(self.daily * self.ratio, Unit::BytesPerDay, terms)
    }

    fn moment(&self, day: f64, total: f64) -> TimelinePoint {
        let rotations = (total / self.size).floor();
        let backups = self.backups().map_or(rotations, |most| most.min(rotations));
        let current = (total - rotations * self.size).max(0.0);
        TimelinePoint {
            day,
            files: (backups as u64).saturating_add(1),
            bytes: backups * self.size * self.ratio + current,
        }
    }
}

/// Bytes on disk per byte of a rotated file.
fn ratio(log: &LogBackend, compression_ratio: Option<f64>, notes: &mut Vec<String>) -> f64 {
    if !log.compress {
        return 1.0;
    }
    match compression_ratio.and_then(positive) {
        Some(ratio) => ratio.min(1.0),
        None => {
            notes.push("compression was not measured, so rotated files count in full".to_owned());
            1.0
        }
    }
}

impl DiskUsage {
    fn bare(bound: RetentionLimit) -> Self {
        Self {
            limit: bound,
            rotates_at: None,
            rotates_every: None,
            rotates_every_at_peak: None,
            events_per_file: None,
            files: None,
            bytes: None,
            history: None,
            history_at_peak: None,
            growth: None,
            notes: Vec::new(),
        }
    }

    /// Adds the daily growth of a file that is never rotated, and of standard output.
    fn unbounded_growth(mut self, rate: &WriteRate) -> Self {
        if matches!(
            self.limit,
            RetentionLimit::NeverRotated | RetentionLimit::StandardOutput
        ) && let Some(daily) = non_negative(rate.bytes_per_day)
        {
            let terms = Unit::BytesPerDay.format(daily);
            self.growth = Metric::new(daily, Unit::BytesPerDay, terms);
        }
        self
    }
}

#[cfg(test)]
mod tests;
