//! Imports of flags: every export of flags is read back, and pasted texts are read or reported.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod finding;
mod random;

use apiserver_config::{Flag, KubernetesVersion};
use audit_export::{Target, render};
use audit_import::import;
use audit_types::Diagnostic;
use finding::{code, line};
use random::Random;

#[test]
fn flags_to_settings_to_flags_is_the_identity() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..10_000 {
        let settings = random.settings();
        for target in [Target::Flags, Target::Shell, Target::Args] {
            let text = render(&settings, target).text;
            let mut read = import(&text, settings.version);
            // A command without flags is reported.
            read.findings
                .retain(|finding| !settings.flags().is_empty() || finding.code != "AE032");
            assert_eq!(read.findings, [], "{text}");
            read.settings.include_defaults = settings.include_defaults;
            assert_eq!(read.settings.flags(), settings.flags(), "{text}");
        }
    }
}

fn arguments(text: &str) -> Vec<String> {
    let read = import(text, KubernetesVersion::NEWEST);
    read.settings.flags().iter().map(Flag::argument).collect()
}

fn codes(text: &str) -> Vec<(&'static str, usize)> {
    let findings = import(text, KubernetesVersion::NEWEST).findings;
    findings
        .iter()
        .map(|finding| (code(finding), line(text, finding)))
        .collect()
}

#[test]
fn pasted_texts_are_read() {
    for text in [
        "--audit-log-path=/a.log\n--audit-log-maxage=7\n--audit-log-compress=true",
        "kube-apiserver --v=2 --audit-log-path /a.log --audit-log-maxage 7 --audit-log-compress --secure-port 6443",
        "exec kube-apiserver \\\n  --audit-log-path='/a.log' \\\r\n  --audit-log-maxage=\"7\" \\\n  --audit-log-compress=T",
        "    - kube-apiserver\n    - --audit-log-path=/a.log # the log\n    - '--audit-log-maxage=7'\n    - \"--audit-log-compress=true\"\n",
        "- --audit-log-path\n- /a.log\n- --audit_log_maxage=7\n- --audit-log-compress\n",
        "[\"--audit-log-path=/a.log\", \"--audit-log-maxage=7\", '--audit-log-compress=1']",
        "# audit\n--audit-log-path=/a.log\n\n--audit-log-compress=1 --audit-log-maxage=7 # a week",
    ] {
        assert_eq!(codes(text), [], "{text}");
        let expected = [
            "--audit-log-path=/a.log",
            "--audit-log-maxage=7",
            "--audit-log-compress=true",
        ];
        assert_eq!(arguments(text), expected, "{text}");
    }
    assert_eq!(arguments("--audit-log-path -"), ["--audit-log-path=-"]);
    assert_eq!(
        arguments("--audit-webhook-config-file=/w --audit-webhook-batch-initial-backoff=1m"),
        [
            "--audit-webhook-config-file=/w",
            "--audit-webhook-initial-backoff=60s"
        ]
    );
}

#[test]
fn lookalike_characters_are_reported_and_read() {
    for text in [
        "\u{2013}\u{2013}audit-log-path=/a.log",
        "--v=2\u{a0}--audit-log-path=/a.log",
        "--audit-log-path=\u{201c}/a.log\u{201d}",
        "--audit-log-path=/a.log\u{200b}",
        "- \u{2212}\u{2212}audit-log-path=/a.log",
        "\u{2014}audit-log-path=/a.log",
    ] {
        assert_eq!(codes(text).first(), Some(&("AE007", 1)), "{text}");
        assert_eq!(arguments(text), ["--audit-log-path=/a.log"], "{text}");
    }
    // Within real quotes a character is itself.
    assert_eq!(codes("'--audit-log-path=/a\u{2013}b'"), []);
    assert_eq!(
        arguments("'--audit-log-path=/a\u{2013}b'"),
        ["--audit-log-path=/a\u{2013}b"]
    );
}

#[test]
fn unreadable_flags_are_reported() {
    type Row = (&'static str, &'static str, &'static str);
    let table: [Row; 12] = [
        (
            "--audit-log-maxbackups=3",
            "AE015",
            "unknown flag: --audit-log-maxbackups",
        ),
        (
            "--audit-log-max-age=3",
            "AE015",
            "unknown flag: --audit-log-max-age",
        ),
        (
            "--audit-dynamic-configuration",
            "AE015",
            "unknown flag: --audit-dynamic-configuration",
        ),
        (
            "-audit-log-maxage=3",
            "AE015",
            "`-audit-log-maxage=3` does not start with two dashes",
        ),
        (
            "--feature-gates=X=true,AdvancedAuditing=false",
            "AE015",
            "the feature gate `AdvancedAuditing` was removed in 1.28",
        ),
        (
            "--audit-log-maxage=week",
            "AE016",
            "invalid argument \"week\" for \"--audit-log-maxage\" flag: strconv.ParseInt: parsing \"week\": invalid syntax",
        ),
        (
            "--audit-log-compress=yes",
            "AE016",
            "invalid argument \"yes\" for \"--audit-log-compress\" flag: strconv.ParseBool: parsing \"yes\": invalid syntax",
        ),
        (
            "--audit-log-mode=strict",
            "AE016",
            "invalid audit log mode strict, allowed modes are \"batch,blocking,blocking-strict\"",
        ),
        (
            "--audit-log-format=text",
            "AE016",
            "invalid audit log format text, allowed formats are \"legacy,json\"",
        ),
        (
            "--audit-log-path",
            "AE016",
            "flag needs an argument: --audit-log-path",
        ),
        (
            "--audit-log-path='/a",
            "AE017",
            "a quote is not closed before the end of the line",
        ),
        (
            "--audit-log-maxage=1 --audit-log-maxage=2",
            "AE018",
            "`--audit-log-maxage` is set twice",
        ),
    ];
    for (text, code, message) in table {
        let found = import(text, KubernetesVersion::NEWEST).findings;
        let first: Option<&Diagnostic> = found.first();
        assert_eq!(
            first.map(|f| (f.code.as_ref(), f.message.as_str())),
            Some((code, message))
        );
    }
    let text = "\n--audit-log-maxbackups=3";
    let found = import(text, KubernetesVersion::NEWEST).findings;
    assert!(found[0].help.contains("`--audit-log-maxbackup`") && line(text, &found[0]) == 2);
}

#[test]
fn a_list_as_training_material_prints_it_is_read() {
    let text = "    - --audit-policy-file=/etc/kubernetes/audit-policy.yaml\n    - --audit-log-path=/var/log/a.log\n    - --audit-log-compress\n    \
                - --audit-log-mode=batch\n    - --audit-log-truncate-enabled\n    - --audit-log-format=json\n";
    assert_eq!(codes(text), []);
    assert_eq!(
        arguments(text),
        [
            "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
            "--audit-log-path=/var/log/a.log",
            "--audit-log-compress=true",
            "--audit-log-mode=batch",
            "--audit-log-truncate-enabled=true",
        ]
    );
}

#[test]
fn findings_of_a_multiline_command_have_their_line() {
    let text = "kube-apiserver --audit-policy-file=/p.yaml \\\n  \u{2013}-audit-log-path=/l/a.log \\\n  --audit-log-maxage=\"7 \\\n\" --audit-log-maxsise=5\n";
    let read = import(text, KubernetesVersion::NEWEST);
    assert_eq!(read.settings.log.path, "/l/a.log");
    let places: Vec<_> = read
        .findings
        .iter()
        .map(|finding| (code(finding), line(text, finding)))
        .collect();
    // The value of maxage ends on the fourth line, where the unknown flag stands, too.
    assert_eq!(places, [("AE007", 2), ("AE016", 4), ("AE015", 4)]);
}

#[test]
fn a_space_instead_of_the_equals_sign_makes_an_unknown_flag() {
    let text = "command:\n- kube-apiserver\n- --audit-log-path /var/log/a.log\n- --audit-policy-file=/a b.yaml\n";
    let read = import(text, KubernetesVersion::NEWEST);
    let said: Vec<_> = read
        .findings
        .iter()
        .map(|finding| (line(text, finding), finding.message.as_str()))
        .collect();
    assert_eq!(said, [(3, "unknown flag: --audit-log-path /var/log/a.log")]);
    // It is read as what was meant; a blank behind the sign is a part of the value.
    assert_eq!(read.settings.log.path, "/var/log/a.log");
    assert_eq!(read.settings.policy_path, "/a b.yaml");
}

#[test]
fn an_unrelated_configuration_has_no_flags() {
    let text = "services:\n  web:\n    audit_log:\n      enabled: true\n";
    let read = import(text, KubernetesVersion::NEWEST);
    assert_eq!(read.format, audit_import::InputFormat::Unknown);
    assert_eq!(read.findings.first().map(code), Some("AE019"));
}

#[test]
fn a_finding_is_at_the_value_that_the_server_uses() {
    let rows = [
        (
            "--audit-log-mode=blocking\n--audit-log-mode=batch\n",
            "AE010",
            5,
        ),
        ("--audit-log-maxage=1\n--audit-log-maxage=-3\n", "AE001", 5),
        (
            "# --audit-policy-file\n--audit-policy-file=b.yaml\n",
            "AE003",
            5,
        ),
    ];
    for (flags, code, expected) in rows {
        let text = format!(
            "kube-apiserver \\\n--audit-log-path=/l/a.log \\\n--audit-policy-file=/p \\\n{flags}"
        );
        let text = text.replace("\\\n", "\n");
        let read = import(&text, KubernetesVersion::NEWEST);
        let all = read.all_findings(&text);
        let found = all.iter().find(|finding| finding.code == code);
        let start = found.unwrap().span().unwrap().start;
        let line = text.get(..start).unwrap().matches('\n').count() + 1;
        assert_eq!(line, expected, "{text}");
    }
}
