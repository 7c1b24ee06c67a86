//! Whether the retention that was asked for is the retention that there will be: a stream held against the limits of the log backend.

use audit_export::{SettingFinding, Settings};
use audit_policy::Severity;

use crate::disk::{BYTES_A_MEGABYTE, Bound, DiskUse, Stream, disk_use};
use crate::figure::Unit;
use audit_types::format::{bytes, number};

/// Bytes that a log should not take unasked of a control-plane node, whose disk etcd shares as a rule.
const LARGE: f64 = 20e9;

/// A disk to reckon with where nothing bounds the log.
const A_DISK: f64 = 100e9;

/// What this stream makes of the settings' retention, as one finding of code `AE030`; none where all is well, where nothing is written to
/// a file, or where the stream is no number to reckon with. `short` says why the stream means little, where the log is a short one; the
/// finding is worth knowing then, and no more.
///
/// ```
/// use audit_export::Settings;
/// use audit_volume::disk::Stream;
/// use audit_volume::retention::retention;
///
/// // Ten files of 100 MB, thirty days: a gigabyte a day is gone after one.
/// let stream = Stream { bytes_a_day: 1_048_576_000.0, ..Stream::default() };
/// let finding = retention(&stream, &Settings::new(""), None, None).unwrap();
/// assert_eq!(finding.message, "at 1.05 GB a day the 10 files hold 1 day, not 30 days");
/// assert_eq!(finding.help, "`--audit-log-maxbackup=300` keeps them all, and takes 31.6 GB");
/// ```
pub fn retention(
    stream: &Stream,
    settings: &Settings,
    packed: Option<f64>,
    short: Option<&str>,
) -> Option<SettingFinding> {
    let disk = disk_use(stream, &settings.log, settings.version, packed);
    let rate = Unit::BytesADay.spell(stream.bytes_a_day);
    let (flag, severity, message, help) = match disk.bound {
        Bound::Nothing | Bound::NeverRotated => without_bound(&disk, settings)?,
        Bound::Backups => too_few_files(&disk, settings, &rate)?,
        Bound::Age => too_many_bytes(&disk, settings, &rate)?,
        Bound::StandardOutput | Bound::NoBackend | Bound::Refused | Bound::Unknown => return None,
    };
    Some(SettingFinding {
        code: "AE030",
        severity: short.map_or(severity, |_| Severity::Info),
        flag,
        message,
        help: short.map_or(help.clone(), |short| format!("{help}; but {short}")),
    })
}

type Said = (&'static str, Severity, String, String);

fn without_bound(disk: &DiskUse, settings: &Settings) -> Option<Said> {
    let daily = disk.growth.as_ref()?.value;
    let flag = if disk.bound == Bound::NeverRotated {
        "audit-log-maxsize"
    } else {
        "audit-log-maxbackup"
    };
    let files = (A_DISK / 10.0 / size(settings)).floor().max(1.0);
    let days = Unit::Days.spell(A_DISK / daily);
    Some((
        flag,
        Severity::Warning,
        format!(
            "the log grows by {}, and nothing bounds it",
            Unit::BytesADay.spell(daily)
        ),
        format!(
            "a disk of {} is full after {days}; {} files of {} are a tenth of it",
            bytes(A_DISK),
            number(files),
            bytes(size(settings))
        ),
    ))
    .filter(|_| daily > 0.0)
}

fn too_few_files(disk: &DiskUse, settings: &Settings, rate: &str) -> Option<Said> {
    let log = &settings.log;
    let (history, every) = (
        disk.history.as_ref()?.value,
        disk.rotates_every.as_ref()?.value,
    );
    let wanted = log.max_age_days as f64;
    if log.max_age_days < 1 || history >= wanted {
        return None;
    }
    let files = (wanted / every).ceil();
    let rotated = disk.bytes.as_ref()?.value - size(settings);
    let takes = rotated / log.max_backups as f64 * files + size(settings);
    Some((
        "audit-log-maxbackup",
        Severity::Warning,
        format!(
            "at {rate} the {} files hold {}, not {}",
            log.max_backups,
            Unit::Days.spell(history),
            Unit::Days.term(wanted)
        ),
        format!(
            "`--audit-log-maxbackup={files:.0}` keeps them all, and takes {}",
            bytes(takes)
        ),
    ))
}

fn too_many_bytes(disk: &DiskUse, settings: &Settings, rate: &str) -> Option<Said> {
    let most = disk.bytes.as_ref()?.value;
    (most >= LARGE).then(|| {
        let age = Unit::Days.term(settings.log.max_age_days as f64);
        (
            "audit-log-maxage",
            Severity::Warning,
            format!("at {rate}, {age} of log take {} on the disk", bytes(most)),
            "every control-plane node needs that room, and etcd often lies on the same disk: keep fewer days, or write less".to_owned(),
        )
    })
}

/// Bytes of a full file; the usual hundred megabytes where files are never full.
fn size(settings: &Settings) -> f64 {
    let megabytes = settings.log.rotates_at_mb(settings.version).unwrap_or(100);
    megabytes as f64 * BYTES_A_MEGABYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: f64 = 104_857_600.0;

    fn said(
        files_a_day: f64,
        age: i64,
        backups: i64,
        size: i64,
    ) -> Option<(&'static str, String, String)> {
        let mut settings = Settings::new("");
        settings.log.max_age_days = age;
        settings.log.max_backups = backups;
        settings.log.max_size_mb = size;
        let stream = Stream {
            bytes_a_day: files_a_day * FILE,
            ..Stream::default()
        };
        let finding = retention(&stream, &settings, None, None)?;
        assert_eq!(
            (finding.code, finding.severity),
            ("AE030", Severity::Warning)
        );
        Some((finding.flag, finding.message, finding.help))
    }

    #[test]
    fn too_few_files_for_the_days_are_said() {
        // 24 files a day: ten are ten hours.
        let (flag, message, help) = said(24.0, 30, 10, 100).unwrap();
        assert_eq!(flag, "audit-log-maxbackup");
        assert_eq!(
            message,
            "at 2.52 GB a day the 10 files hold 10 h, not 30 days"
        );
        // 30 × 24 files and the one being written.
        assert_eq!(
            help,
            "`--audit-log-maxbackup=720` keeps them all, and takes 75.6 GB"
        );
    }

    #[test]
    fn days_that_fill_a_disk_are_said() {
        let (flag, message, _) = said(10.0, 30, 0, 100).unwrap();
        assert_eq!(flag, "audit-log-maxage");
        assert_eq!(
            message,
            "at 1.05 GB a day, 30 days of log take 31.6 GB on the disk"
        );
    }

    #[test]
    fn growth_without_bound_is_said() {
        let (flag, message, help) = said(1.0, 0, 0, 100).unwrap();
        assert_eq!(flag, "audit-log-maxbackup");
        assert_eq!(
            message,
            "the log grows by 105 MB a day, and nothing bounds it"
        );
        assert_eq!(
            help,
            "a disk of 100 GB is full after 954 days; 95 files of 105 MB are a tenth of it"
        );
        assert_eq!(said(1.0, 30, 10, 0).unwrap().0, "audit-log-maxsize");
    }

    #[test]
    fn the_page_of_the_finding_shows_it_and_the_cure() {
        let page = include_str!("../../audit-export/findings/AE030.md");
        let stream = Stream {
            bytes_a_day: 1e9,
            ..Stream::default()
        };
        let said: Vec<bool> = page
            .split("```")
            .skip(1)
            .step_by(2)
            .map(|block| {
                let flags = block.split_once('\n').map_or("", |(_, flags)| flags);
                let read = audit_export::import(flags, audit_policy::KubernetesVersion::NEWEST);
                retention(&stream, &read.settings, None, None).is_some()
            })
            .collect();
        assert_eq!(said, [true, false]);
    }

    #[test]
    fn of_a_short_log_it_is_a_note() {
        let stream = Stream {
            bytes_a_day: 1e9,
            ..Stream::default()
        };
        let short = Some("the log spans only a minute");
        let finding = retention(&stream, &Settings::new(""), None, short).unwrap();
        assert_eq!(finding.severity, Severity::Info);
        assert!(finding.help.ends_with("; but the log spans only a minute"));
    }

    #[test]
    fn what_holds_is_not_spoken_of() {
        for (files_a_day, age, backups, size) in [
            (0.1, 30, 10, 100),
            (1.0, 0, 10, 100),
            (1.0, 30, 0, 100),
            (0.0, 0, 0, 100),
            (0.0, 30, 10, 100),
            (f64::NAN, 30, 10, 100),
            (1.0, -1, 10, 100),
        ] {
            assert_eq!(
                said(files_a_day, age, backups, size),
                None,
                "{files_a_day} {age} {backups}"
            );
        }
    }
}
