//! Requested retention compared with the retention that the limits of the log backend allow at a given write rate.

use apiserver_config::{SettingCode, Settings, flag_finding};
use audit_types::{Diagnostic, Severity};

use crate::disk::{BYTES_PER_MEGABYTE, DiskUsage, RetentionLimit, WriteRate, disk_usage};
use crate::metric::Unit;
use audit_types::format::{bytes, number};

/// Size in bytes above which the log may crowd out etcd, which usually shares the disk of a control-plane node.
const LARGE: f64 = 20e9;

/// Disk size in bytes that is assumed for a log without limits.
const A_DISK: f64 = 100e9;

/// Checks the retention of the settings at a write rate and returns a finding `AE030`. `None` if the retention is met, nothing is written to
/// a file, or the rate is not a finite number. `short_log` says why the rate is unreliable, if the log is short; the finding is then only
/// informational.
///
/// ```
/// use apiserver_config::Settings;
/// use audit_volume::disk::WriteRate;
/// use audit_volume::retention::check_retention;
///
/// // Ten files of 100 MB for thirty days: at a gigabyte per day they are full after one.
/// let rate = WriteRate { bytes_per_day: 1_048_576_000.0, ..WriteRate::default() };
/// let finding = check_retention(&rate, &Settings::new(""), None, None).unwrap();
/// assert_eq!(finding.message, "at 1.05 GB per day, 10 files keep 1 day, not 30 days");
/// assert_eq!(finding.help, "set `--audit-log-maxbackup=300` to keep 30 days, which takes 31.6 GB");
/// ```
pub fn check_retention(
    write_rate: &WriteRate,
    settings: &Settings,
    packed: Option<f64>,
    short: Option<&str>,
) -> Option<Diagnostic> {
    let disk = disk_usage(write_rate, &settings.log, settings.version, packed);
    let rate = Unit::BytesPerDay.format(write_rate.bytes_per_day);
    let (flag, severity, message, help) = match disk.limit {
        RetentionLimit::Nothing | RetentionLimit::NeverRotated => without_bound(&disk, settings)?,
        RetentionLimit::Backups => too_few_files(&disk, settings, &rate)?,
        RetentionLimit::Age => too_many_bytes(&disk, settings, &rate)?,
        RetentionLimit::StandardOutput
        | RetentionLimit::NoBackend
        | RetentionLimit::InvalidSettings
        | RetentionLimit::Unknown => return None,
    };
    Some(flag_finding(
        SettingCode::SmallDisk,
        short.map_or(severity, |_| Severity::Info),
        flag,
        message,
        short.map_or(help.clone(), |short| format!("{help}; note that {short}")),
    ))
}

type Finding = (&'static str, Severity, String, String);

fn without_bound(disk: &DiskUsage, settings: &Settings) -> Option<Finding> {
    let daily = disk.growth.as_ref()?.value;
    let flag = if disk.limit == RetentionLimit::NeverRotated {
        "audit-log-maxsize"
    } else {
        "audit-log-maxbackup"
    };
    let files = (A_DISK / 10.0 / size(settings)).floor().max(1.0);
    let days = Unit::Days.format(A_DISK / daily);
    Some((
        flag,
        Severity::Warning,
        format!(
            "the log grows by {} without limit",
            Unit::BytesPerDay.format(daily)
        ),
        format!(
            "a disk of {} is full after {days}; {} files of {} take a tenth of it",
            bytes(A_DISK),
            number(files),
            bytes(size(settings))
        ),
    ))
    .filter(|_| daily > 0.0)
}

fn too_few_files(disk: &DiskUsage, settings: &Settings, rate: &str) -> Option<Finding> {
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
            "at {rate}, {} files keep {}, not {}",
            log.max_backups,
            Unit::Days.format(history),
            Unit::Days.format_term(wanted)
        ),
        format!(
            "set `--audit-log-maxbackup={files:.0}` to keep {}, which takes {}",
            Unit::Days.format_term(wanted),
            bytes(takes)
        ),
    ))
}

fn too_many_bytes(disk: &DiskUsage, settings: &Settings, rate: &str) -> Option<Finding> {
    let most = disk.bytes.as_ref()?.value;
    (most >= LARGE).then(|| {
        let age = Unit::Days.format_term(settings.log.max_age_days as f64);
        (
            "audit-log-maxage",
            Severity::Warning,
            format!("at {rate}, {age} of log take {} on the disk", bytes(most)),
            "every control-plane node needs that space, and etcd is often on the same disk: keep fewer days or write less".to_owned(),
        )
    })
}

/// Returns the bytes of a full file; 100 MB if files are never rotated.
fn size(settings: &Settings) -> f64 {
    let megabytes = settings.log.rotates_at_mb(settings.version).unwrap_or(100);
    megabytes as f64 * BYTES_PER_MEGABYTE
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: f64 = 104_857_600.0;

    fn finding(
        files_per_day: f64,
        age: i64,
        backups: i64,
        size: i64,
    ) -> Option<(String, String, String)> {
        let mut settings = Settings::new("");
        settings.log.max_age_days = age;
        settings.log.max_backups = backups;
        settings.log.max_size_mb = size;
        let write_rate = WriteRate {
            bytes_per_day: files_per_day * FILE,
            ..WriteRate::default()
        };
        let finding = check_retention(&write_rate, &settings, None, None)?;
        assert_eq!(
            (finding.code.as_ref(), finding.severity),
            ("AE030", Severity::Warning)
        );
        Some((
            apiserver_config::flag_of(&finding).to_owned(),
            finding.message,
            finding.help,
        ))
    }

    #[test]
    fn too_few_files_for_the_requested_days_are_reported() {
        // 24 files per day: ten are ten hours.
        let (flag, message, help) = finding(24.0, 30, 10, 100).unwrap();
        assert_eq!(flag, "audit-log-maxbackup");
        assert_eq!(
            message,
            "at 2.52 GB per day, 10 files keep 10 h, not 30 days"
        );
        // 30 × 24 files and the current one.
        assert_eq!(
            help,
            "set `--audit-log-maxbackup=720` to keep 30 days, which takes 75.6 GB"
        );
    }

    #[test]
    fn days_that_fill_a_disk_are_reported() {
        let (flag, message, _) = finding(10.0, 30, 0, 100).unwrap();
        assert_eq!(flag, "audit-log-maxage");
        assert_eq!(
            message,
            "at 1.05 GB per day, 30 days of log take 31.6 GB on the disk"
        );
    }

    #[test]
    fn growth_without_limit_is_reported() {
        let (flag, message, help) = finding(1.0, 0, 0, 100).unwrap();
        assert_eq!(flag, "audit-log-maxbackup");
        assert_eq!(message, "the log grows by 105 MB per day without limit");
        assert_eq!(
            help,
            "a disk of 100 GB is full after 954 days; 95 files of 105 MB take a tenth of it"
        );
        assert_eq!(finding(1.0, 30, 10, 0).unwrap().0, "audit-log-maxsize");
    }

    #[test]
    fn the_page_of_the_finding_shows_it_and_the_fix() {
        let page = include_str!("../../apiserver-config/findings/AE030.md");
        let write_rate = WriteRate {
            bytes_per_day: 1e9,
            ..WriteRate::default()
        };
        let reported: Vec<bool> = page
            .split("```")
            .skip(1)
            .step_by(2)
            .map(|block| {
                let flags = block.split_once('\n').map_or("", |(_, flags)| flags);
                let read = audit_import::import(flags, audit_policy::KubernetesVersion::NEWEST);
                check_retention(&write_rate, &read.settings, None, None).is_some()
            })
            .collect();
        assert_eq!(reported, [true, false]);
    }

    #[test]
    fn for_a_short_log_it_is_informational() {
        let write_rate = WriteRate {
            bytes_per_day: 1e9,
            ..WriteRate::default()
        };
        let short = Some("the log spans only a minute");
        let finding = check_retention(&write_rate, &Settings::new(""), None, short).unwrap();
        assert_eq!(finding.severity, Severity::Info);
        assert!(
            finding
                .help
                .ends_with("; note that the log spans only a minute")
        );
    }

    #[test]
    fn met_retention_is_not_reported() {
        for (files_per_day, age, backups, size) in [
            (0.1, 30, 10, 100),
            (1.0, 0, 10, 100),
            (1.0, 30, 0, 100),
            (0.0, 0, 0, 100),
            (0.0, 30, 10, 100),
            (f64::NAN, 30, 10, 100),
            (1.0, -1, 10, 100),
        ] {
            assert_eq!(
                finding(files_per_day, age, backups, size),
                None,
                "{files_per_day} {age} {backups}"
            );
        }
    }
}
