//! `import`.

use serde_json::json;

use crate::{Folder, GOOD, keys};

/// A shell's command, its last flag with a long dash as an editor makes one.
const PASTED: &str = "kube-apiserver --audit-policy-file=/p.yaml \\\n  --audit-log-path=/var/log/a.log \\\n  —audit-log-maxage=7\n";

#[test]
fn flags_are_printed_one_per_line_and_findings_with_their_line() {
    let folder = Folder::new("import-text", &[("flags", PASTED)]);
    let ran = folder.run(&["import", "flags"]);
    assert_eq!(
        (ran.status, ran.out.as_str()),
        (
            0,
            "--audit-policy-file=/p.yaml\n--audit-log-path=/var/log/a.log\n--audit-log-maxage=7\n"
        )
    );
    assert!(ran.err.contains("flags: read as flags\n"), "{}", ran.err);
    assert!(ran.err.contains("warning[AE007]"), "{}", ran.err);
    let ran = folder.run_on(PASTED, &["import"]);
    assert!(ran.err.contains("-: read as flags\n"), "{}", ran.err);
}

#[test]
fn json_is_what_export_takes_as_settings() {
    let folder = Folder::new("import-json", &[("flags", PASTED), ("p.yaml", GOOD)]);
    let ran = folder.run(&["import", "--format", "json", "flags"]);
    let report = ran.object();
    assert_eq!(
        keys(&report),
        ["file", "source", "settings", "flags", "findings"]
    );
    assert_eq!(
        (&report["file"], &report["source"]),
        (&json!("flags"), &json!("flags"))
    );
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(
            keys(finding),
            ["code", "severity", "line", "message", "help"]
        );
    }
    std::fs::write(folder.0.join("s.json"), &ran.out).unwrap();
    let again = folder.run(&[
        "export",
        "--settings",
        "s.json",
        "--policy",
        "p.yaml",
        "--target",
        "flags",
    ]);
    let flags: Vec<_> = report["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| flag.as_str().unwrap())
        .collect();
    assert_eq!(again.out.lines().collect::<Vec<_>>(), flags);
}

#[test]
fn what_keeps_the_server_from_starting_is_status_1() {
    for (flags, says) in [
        (
            "--audit-log-path=/a/b.log --audit-log-maxsise=5\n",
            "error[AE015] unknown flag: --audit-log-maxsise (the server does not start with it; did you mean `--audit-log-maxsize`?)",
        ),
        (
            "--audit-log-path=/a/b.log --audit-log-maxage=-1\n",
            "-:1: error[AE001] --audit-log-maxage -1 can't be a negative number",
        ),
        (
            "--audit-log-path=/a/b.log --audit-log-mode=batch --audit-log-batch-throttle-enable\n",
            "error[AE001] invalid audit batch log throttle QPS 0, must be a positive number",
        ),
    ] {
        let ran = Folder::new("import-rejected", &[]).run_on(flags, &["import"]);
        assert_eq!(ran.status, 1, "{flags}");
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}

#[test]
fn a_text_without_flags_says_what_it_is() {
    let folder = Folder::new("import-policy", &[("p.yaml", GOOD)]);
    let ran = folder.run(&["import", "p.yaml"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert!(
        ran.err.contains("p.yaml: read as an audit policy\n"),
        "{}",
        ran.err
    );
    assert_eq!(folder.run(&["import", "missing.yaml"]).status, 2);
    assert_eq!(folder.run(&["import", "-", "-"]).status, 2);
}

#[test]
fn several_files_are_a_line_each() {
    let folder = Folder::new("import-many", &[("one", PASTED), ("p.yaml", GOOD)]);
    let ran = folder.run(&["import", "--format", "json", "one", "p.yaml"]);
    let sources: Vec<_> = ran
        .objects()
        .iter()
        .map(|one| one["source"].clone())
        .collect();
    assert_eq!(sources, [json!("flags"), json!("policy")]);
    let ran = folder.run(&["import", "one", "p.yaml"]);
    assert!(
        ran.out.starts_with("# one\n--audit-policy-file=/p.yaml\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.ends_with("# p.yaml\n"), "{}", ran.out);
}

#[test]
fn flags_of_a_backend_that_is_off_are_read_and_said_to_have_no_effect() {
    let folder = Folder::new("import-off", &[]);
    let ran = folder.run_on(
        "- --audit-log-maxage=30\n- --audit-log-maxbackup=10\n",
        &["import"],
    );
    assert_eq!(ran.out, "--audit-log-maxage=30\n--audit-log-maxbackup=10\n");
    assert!(
        ran.err
            .contains("warning[AE008] no path is given for the log"),
        "{}",
        ran.err
    );
}
