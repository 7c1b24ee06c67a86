//! Paths, large lines, rotation and formats in the shippers' configurations. `tests/shippers` of the workspace's root runs them.

use apiserver_config::{Format, Settings, flag_of};
use audit_export::{Target, check_target, render};
use audit_policy::KubernetesVersion;
use audit_types::Severity;
use serde_norway::Value;

const SHIPPERS: [Target; 4] = [
    Target::FluentBit,
    Target::Fluentd,
    Target::Vector,
    Target::Rsyslog,
];

type Change = fn(&mut Settings);
type Found = &'static [(&'static str, &'static str)];

fn changed(change: Change) -> Settings {
    let mut settings = Settings::default();
    change(&mut settings);
    settings
}

fn text(target: Target, change: Change) -> String {
    render(&changed(change), target).text
}

/// Lines of the second text that the first has not.
fn new_lines(before: &str, after: &str) -> Vec<String> {
    let is_new = |line: &&str| !before.lines().any(|other| other == *line);
    let lines = after.lines().filter(is_new);
    lines.map(|line| line.trim().to_owned()).collect()
}

#[test]
fn one_setting_changes_only_its_lines() {
    let table: [(Target, Change, &[&str]); 14] = [
        (
            Target::FluentBit,
            |s| s.log.path = "/a/b.log".into(),
            &["path: /a/b.log"],
        ),
        (
            Target::Fluentd,
            |s| s.log.path = "/a/b.log".into(),
            &[
                r#"path "/a/b.log,/a/b-????-??-??T*.log""#,
                r#"exclude_path ["/a/b-????-??-??T*.gz"]"#,
            ],
        ),
        (
            Target::Vector,
            |s| s.log.path = "/a/b".into(),
            &[
                "- /a/b",
                r#"- "/a/b-????-??-??T*""#,
                r#"- "/a/b-????-??-??T*.gz""#,
            ],
        ),
        (
            Target::Rsyslog,
            |s| s.log.path = "/a/b.log".into(),
            &[r#"file="/a/b.log""#],
        ),
        // No line is longer than the file may grow.
        (
            Target::FluentBit,
            |s| s.log.max_size_mb = 50,
            &["buffer_max_size: 52428800"],
        ),
        (
            Target::Fluentd,
            |s| s.log.max_size_mb = 50,
            &["chunk_limit_size 52428800"],
        ),
        (
            Target::Vector,
            |s| s.log.max_size_mb = 50,
            &["max_line_bytes: 52428800"],
        ),
        (
            Target::Rsyslog,
            |s| s.log.max_size_mb = 50,
            &[r#"maxMessageSize="52428800""#],
        ),
        // Nor than a large event is cut to.
        (
            Target::Vector,
            |s| s.log.truncate.enabled = true,
            &["max_line_bytes: 102400"],
        ),
        // Whoever empties the file is to be noticed.
        (
            Target::Rsyslog,
            |s| s.log.max_size_mb = 0,
            &[r#"reopenOnTruncate="on""#],
        ),
        (Target::Fluentd, |s| s.log.max_age_days = 7, &[]),
        (Target::Vector, |s| s.log.max_backups = 7, &[]),
        (Target::FluentBit, |s| s.log.compress = true, &[]),
        (Target::Rsyslog, |s| s.policy.push_str("rules: []"), &[]),
    ];
    for (target, change, expected) in table {
        let new = new_lines(&text(target, |_| {}), &text(target, change));
        assert_eq!(new, expected, "{}", target.name());
    }
}

#[test]
fn logrotate_keeps_what_the_server_was_to_keep() {
    let plain = changed(|s| s.log.max_size_mb = 0);
    let before = render(&plain, Target::Logrotate).text;
    let table: [(Change, &[&str]); 6] = [
        (|s| s.log.max_age_days = 7, &["maxage 7"]),
        (|s| s.log.max_age_days = 0, &[]),
        (|s| s.log.max_backups = 3, &["rotate 3"]),
        // The server's 0 keeps all, logrotate's none.
        (|s| s.log.max_backups = 0, &["rotate -1"]),
        (|s| s.log.compress = true, &["compress", "delaycompress"]),
        (
            |s| s.log.path = "/a b/{c}.log".into(),
            &["\"/a b/?c?.log\" {"],
        ),
    ];
    for (change, expected) in table {
        let mut settings = plain.clone();
        change(&mut settings);
        let after = render(&settings, Target::Logrotate).text;
        assert_eq!(new_lines(&before, &after), expected);
    }
    assert!(before.contains("copytruncate") && !before.contains("create\n    "));
}

#[test]
fn logrotate_does_nothing_where_the_server_rotates() {
    let changes: [Change; 4] = [
        |_| {},
        |s| {
            s.log.max_size_mb = 0;
            s.version = KubernetesVersion::from_minor(35).unwrap();
        },
        |s| s.log.path = "-".into(),
        |s| s.log.path.clear(),
    ];
    for change in changes {
        let text = text(Target::Logrotate, change);
        assert!(text.lines().all(|line| line.starts_with('#')), "{text}");
    }
}

#[test]
fn the_legacy_format_is_shipped_as_it_is() {
    for target in SHIPPERS {
        let document = render(&changed(|s| s.log.format = Format::Legacy), target);
        for word in ["managedFields", "stageTimestamp", "parse_json", "mmjson"] {
            assert!(!document.text.contains(word), "{}: {word}", target.name());
        }
        assert!(
            document
                .steps
                .iter()
                .any(|step| step.contains("legacy format"))
        );
        assert!(
            document
                .files
                .iter()
                .all(|file| !file.path.ends_with(".lua"))
        );
    }
}

#[test]
fn without_a_file_the_document_says_what_to_do_instead() {
    let changes: [Change; 2] = [|s| s.log.path = "-".into(), |s| s.log.path.clear()];
    for target in SHIPPERS {
        for change in changes {
            let document = render(&changed(change), target);
            assert!(document.steps[0].contains("/var/log/containers/"));
            assert_eq!(document.text, text(target, |_| {}), "{}", target.name());
        }
    }
}

/// A path, and its spelling in each tool's configuration.
const HOSTILE: [(&str, [&str; 5]); 6] = [
    (
        "/a b/c.log",
        [
            r#"path: "/a b/c.log""#,
            r#"path "/a b/c.log,/a b/c-????-??-??T*.log""#,
            r#"- "/a b/c.log""#,
            r#"file="/a b/c.log""#,
            r#""/a b/c.log" {"#,
        ],
    ),
    (
        "/a\"b'c.log",
        [
            r#"path: "/a\"b'c.log""#,
            r#"path "/a\"b'c.log,/a\"b'c-????-??-??T*.log""#,
            r#"- "/a\"b'c.log""#,
            r#"file="/a\"b'c.log""#,
            r#""/a?b?c.log" {"#,
        ],
    ),
    (
        "/a\nb.log",
        [
            r#"path: "/a\nb.log""#,
            r#"path "/a\nb.log,/a\nb-????-??-??T*.log""#,
            r#"- "/a\nb.log""#,
            r#"file="/a\nb.log""#,
            r#""/a?b.log" {"#,
        ],
    ),
    (
        "/{{ x }}/#{1}.log",
        [
            r#"path: "/\\{\\{ x \\}\\}/#\\{1\\}.log""#,
            r#"path "/{{ x }}/\#{1}.log,/\\{\\{ x \\}\\}/\#\\{1\\}-????-??-??T*.log""#,
            r#"- "/{{ x }}/#{1}.log""#,
            r#"file="/\\{\\{ x \\}\\}/#\\{1\\}.log""#,
            r#""/?? x ??/??1?.log" {"#,
        ],
    ),
    (
        "/[a]*/$b\\%c.log",
        [
            r#"path: "/\\[a\\]\\*/$b\\\\%c.log""#,
            r#"path "/\\[a\\]\\*/$b\\\\%%c.log,/\\[a\\]\\*/$b\\\\%%c-????-??-??T*.log""#,
            r#"- "/[[]a][*]/$$b\\%c.log""#,
            r#"file="/\\[a\\]\\*/$b\\\\%c.log""#,
            r#""/?a??/?b?%c.log" {"#,
        ],
    ),
    (
        "/журнал/é.log",
        [
            "path: \"/журнал/é.log\"",
            "path \"/журнал/é.log,/журнал/é-????-??-??T*.log\"",
            "- \"/журнал/é.log\"",
            "file=\"/журнал/é.log\"",
            "\"/журнал/é.log\" {",
        ],
    ),
];

#[test]
fn a_hostile_path_stays_one_path() {
    let targets = SHIPPERS.into_iter().chain([Target::Logrotate]);
    for (position, target) in targets.enumerate() {
        for (path, lines) in HOSTILE {
            let mut settings = changed(|s| s.log.max_size_mb = 0);
            let plain = render(&settings, target).text.lines().count();
            settings.log.path = path.to_owned();
            let text = render(&settings, target).text;
            let line = lines[position];
            let found = text.lines().any(|one| one.trim() == line);
            assert!(found, "{}: {line}\n{text}", target.name());
            assert_eq!(text.lines().count(), plain, "{}: {path:?}", target.name());
        }
    }
}

#[test]
fn the_program_within_the_yaml_is_the_program() {
    let vector: Value = serde_norway::from_str(&text(Target::Vector, |_| {})).unwrap();
    let program = vector["transforms"]["kube_audit_event"]["source"].as_str();
    assert!(
        program.is_some_and(|text| text.starts_with(". = object!") && text.ends_with("\"%+\")\n"))
    );
    let fluent_bit: Value = serde_norway::from_str(&text(Target::FluentBit, |_| {})).unwrap();
    let script = &fluent_bit["pipeline"]["filters"][0]["script"];
    let document = render(&Settings::default(), Target::FluentBit);
    assert_eq!(script.as_str(), Some(document.files[0].path.as_str()));
}

#[test]
fn targets_say_what_goes_wrong_with_them() {
    const ROTATES: (&str, &str) = ("AE010", "audit-log-maxsize");
    let table: [(Target, Change, Found); 9] = [
        (Target::Rsyslog, |_| {}, &[]),
        (
            Target::Rsyslog,
            |s| s.log.path = "-".into(),
            &[("AE008", "audit-log-path")],
        ),
        (
            Target::Vector,
            |s| s.log.path.clear(),
            &[("AE008", "audit-log-path")],
        ),
        (
            Target::Fluentd,
            |s| s.log.path = "/a,b".into(),
            &[("AE003", "audit-log-path")],
        ),
        (
            Target::FluentBit,
            |s| s.log.path = "/${a}".into(),
            &[("AE003", "audit-log-path")],
        ),
        (Target::Vector, |s| s.log.path = "/${a},b".into(), &[]),
        (Target::Logrotate, |_| {}, &[ROTATES]),
        (Target::Logrotate, |s| s.log.max_size_mb = 0, &[]),
        (Target::Logrotate, |s| s.log.path = "-".into(), &[]),
    ];
    for (target, change, expected) in table {
        let found = check_target(&changed(change), target);
        let codes: Vec<_> = found
            .iter()
            .map(|one| (one.code.as_ref(), flag_of(one)))
            .collect();
        assert_eq!(codes, expected, "{}", target.name());
        assert!(found.iter().all(|one| one.severity == Severity::Warning));
    }
}
