use super::*;

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;
const BEFORE: fn() -> KubernetesVersion = || KubernetesVersion::from_minor(35).unwrap();

/// A file of 100 MB, in bytes.
const FILE: f64 = 104_857_600.0;

fn log(age: i64, backups: i64, size: i64) -> LogBackend {
    LogBackend {
        max_age_days: age,
        max_backups: backups,
        max_size_mb: size,
        ..LogBackend::default()
    }
}

fn per_day(bytes: f64) -> WriteRate {
    WriteRate {
        bytes_per_day: bytes,
        ..WriteRate::default()
    }
}

fn value(metric: &Option<Metric>) -> Option<f64> {
    metric.as_ref().map(|metric| metric.value)
}

#[test]
fn the_limit_that_keeps_fewer_files_applies() {
    // Files of 100 MB; the rate in files per day; what is kept: rotated files, days of history.
    for (age, backups, files_per_day, bound, kept, history) in [
        (30, 10, 1.0, RetentionLimit::Backups, 10.0, 10.0),
        (30, 10, 0.25, RetentionLimit::Age, 8.0, 32.0),
        (30, 10, 0.01, RetentionLimit::Age, 1.0, 100.0),
        (30, 0, 2.0, RetentionLimit::Age, 60.0, 30.0),
        (0, 10, 0.1, RetentionLimit::Backups, 10.0, 100.0),
        (366, 100, 1.0, RetentionLimit::Backups, 100.0, 100.0),
    ] {
        let disk = disk_usage(
            &per_day(FILE * files_per_day),
            &log(age, backups, 100),
            NEWEST,
            None,
        );
        let name = format!("{age} days, {backups} files, {files_per_day} per day");
        assert_eq!(disk.limit, bound, "{name}");
        assert_eq!(value(&disk.files), Some(kept + 1.0), "{name}");
        assert_eq!(value(&disk.bytes), Some((kept + 1.0) * FILE), "{name}");
        assert_eq!(value(&disk.history), Some(history), "{name}");
        assert_eq!(disk.growth, None, "{name}");
    }
}

#[test]
fn metrics_include_their_arithmetic() {
    let rate = WriteRate {
        bytes_per_day: FILE * 0.25,
        events_per_day: 26_214.4,
        peak_bytes_per_second: Some(1_048_576.0),
    };
    let age = disk_usage(&rate, &log(30, 10, 100), NEWEST, None);
    let backups = disk_usage(&rate, &log(0, 4, 100), NEWEST, None);
    for (metric, formula) in [
        (&age.rotates_at, "100 MB × 1,048,576 B = 105 MB"),
        (
            &age.rotates_every,
            "105 MB per file ÷ 26.2 MB per day = 4 days",
        ),
        (
            &age.rotates_every_at_peak,
            "105 MB per file ÷ 1.05 MB per second = 1 min 40 s",
        ),
        (
            &age.events_per_file,
            "105 MB per file ÷ (26.2 MB per day ÷ 26,214 events per day) = 104,857 events",
        ),
        (
            &age.files,
            "8 rotated files (30 days ÷ 4 days per file, rounded up) + 1 current = 9 files",
        ),
        (
            &age.bytes,
            "8 rotated files × 105 MB + 105 MB current = 944 MB",
        ),
        (&age.history, "8 rotated files × 4 days each = 32 days"),
        (&backups.files, "4 rotated files + 1 current = 5 files"),
        (
            &backups.history_at_peak,
            "4 rotated files × 105 MB ÷ 1.05 MB per second = 6 min 40 s",
        ),
    ] {
        assert_eq!(
            metric.as_ref().map(|metric| metric.formula.as_str()),
            Some(formula)
        );
    }
}

#[test]
fn the_default_keeps_everything_before_1_36_and_100_files_since() {
    let default = |version| LogBackend {
        path: "/var/log/audit.log".to_owned(),
        ..LogBackend::server_default(version)
    };
    let old = disk_usage(&per_day(FILE), &default(BEFORE()), BEFORE(), None);
    assert_eq!(old.limit, RetentionLimit::Nothing);
    assert_eq!((old.files, old.bytes, old.history), (None, None, None));
    assert_eq!(value(&old.growth), Some(FILE));
    assert_eq!(
        old.rotates_at.unwrap().formula,
        "100 MB (0 means 100 before 1.36) × 1,048,576 B = 105 MB"
    );
    let new = disk_usage(&per_day(FILE), &default(NEWEST), NEWEST, None);
    assert_eq!(
        (new.limit, value(&new.files)),
        (RetentionLimit::Backups, Some(101.0))
    );
}

#[test]
fn a_file_that_is_never_rotated_grows() {
    let stdout = LogBackend {
        path: "-".to_owned(),
        ..log(30, 10, 100)
    };
    let off = LogBackend {
        path: String::new(),
        ..log(30, 10, 100)
    };
    for (log, version, bound, growth) in [
        (
            log(30, 10, 0),
            NEWEST,
            RetentionLimit::NeverRotated,
            Some(5.0),
        ),
        (log(30, 10, 0), BEFORE(), RetentionLimit::Age, None),
        (
            stdout.clone(),
            NEWEST,
            RetentionLimit::StandardOutput,
            Some(5.0),
        ),
        (stdout, BEFORE(), RetentionLimit::StandardOutput, Some(5.0)),
        (off, NEWEST, RetentionLimit::NoBackend, None),
        (
            log(-1, 10, 100),
            NEWEST,
            RetentionLimit::InvalidSettings,
            None,
        ),
        (
            log(1, 10, -100),
            NEWEST,
            RetentionLimit::InvalidSettings,
            None,
        ),
    ] {
        let disk = disk_usage(&per_day(5.0), &log, version, None);
        assert_eq!((disk.limit, value(&disk.growth)), (bound, growth));
    }
    let invalid = disk_usage(&per_day(5.0), &log(-1, 10, 100), NEWEST, None);
    assert_eq!(
        invalid.notes,
        ["kube-apiserver does not start: --audit-log-maxage -1 can't be a negative number"]
    );
}

#[test]
fn only_rotated_files_are_compressed() {
    let packing = LogBackend {
        compress: true,
        ..log(0, 10, 100)
    };
    let disk = disk_usage(&per_day(FILE), &packing, NEWEST, Some(0.1));
    assert_eq!(value(&disk.bytes), Some(10.0 * FILE * 0.1 + FILE));
    assert_eq!(
        disk.bytes.unwrap().formula,
        "10 rotated files × 105 MB × 0.100 compressed + 105 MB current = 210 MB"
    );
    // What does not shrink is not counted as growing; what was not measured counts in full, with a note.
    for (measured, notes) in [
        (Some(1.2), 0),
        (None, 1),
        (Some(f64::NAN), 1),
        (Some(0.0), 1),
    ] {
        let disk = disk_usage(&per_day(FILE), &packing, NEWEST, measured);
        assert_eq!(
            (value(&disk.bytes), disk.notes.len()),
            (Some(11.0 * FILE), notes)
        );
    }
    let growing = disk_usage(
        &per_day(FILE),
        &LogBackend {
            max_backups: 0,
            ..packing
        },
        NEWEST,
        Some(0.1),
    );
    assert_eq!(value(&growing.growth), Some(FILE * 0.1));
    let plain = disk_usage(&per_day(FILE), &log(0, 10, 100), NEWEST, Some(0.1));
    assert_eq!(value(&plain.bytes), Some(11.0 * FILE));
}

#[test]
fn the_timeline_rises_and_then_oscillates() {
    let moments = timeline(&per_day(FILE), &log(0, 2, 100), NEWEST, None, 5.0, 10);
    let shown: Vec<(f64, u64, f64)> = moments
        .iter()
        .map(|moment| (moment.day, moment.files, moment.bytes / FILE))
        .collect();
    let expected = [
        (0.0, 1, 0.0),
        (0.5, 1, 0.5),
        (1.0, 2, 1.0),
        (1.5, 2, 1.5),
        (2.0, 3, 2.0),
        (2.5, 3, 2.5),
        (3.0, 3, 2.0),
        (3.5, 3, 2.5),
        (4.0, 3, 2.0),
        (4.5, 3, 2.5),
        (5.0, 3, 2.0),
    ];
    assert_eq!(shown, expected);
    let disk = disk_usage(&per_day(FILE), &log(0, 2, 100), NEWEST, None);
    assert_eq!(timeline_days(&disk), 3.75);
    let endless = timeline(&per_day(FILE), &log(0, 2, 0), NEWEST, None, 5.0, 1);
    assert_eq!(
        endless.last().map(|moment| (moment.files, moment.bytes)),
        Some((1, 5.0 * FILE))
    );
}

#[test]
fn every_metric_is_finite() {
    for bytes in [
        0.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::MAX,
        f64::MIN_POSITIVE,
    ] {
        for (age, backups, size) in [
            (0, 0, 0),
            (30, 10, 100),
            (i64::MAX, i64::MAX, i64::MAX),
            (i64::MIN, 0, 1),
        ] {
            for version in [NEWEST, BEFORE()] {
                let rate = WriteRate {
                    bytes_per_day: bytes,
                    events_per_day: bytes,
                    peak_bytes_per_second: Some(bytes),
                };
                let disk = disk_usage(&rate, &log(age, backups, size), version, Some(bytes));
                let figures = [
                    &disk.rotates_at,
                    &disk.rotates_every,
                    &disk.rotates_every_at_peak,
                    &disk.events_per_file,
                    &disk.files,
                    &disk.bytes,
                    &disk.history,
                    &disk.history_at_peak,
                    &disk.growth,
                ];
                assert!(
                    figures
                        .into_iter()
                        .flatten()
                        .all(|metric| metric.value.is_finite()),
                    "{disk:?}"
                );
                assert!(timeline_days(&disk).is_finite());
                let days = timeline_days(&disk);
                let moments = timeline(&rate, &log(age, backups, size), version, None, days, 7);
                assert!(moments.iter().all(|moment| moment.bytes.is_finite()));
            }
        }
    }
    let still = disk_usage(&per_day(0.0), &log(30, 10, 100), NEWEST, None);
    assert_eq!((still.bytes, still.notes.len()), (None, 1));
    assert!(timeline(&per_day(1.0), &log(30, 10, 100), NEWEST, None, f64::NAN, 7).is_empty());
}
