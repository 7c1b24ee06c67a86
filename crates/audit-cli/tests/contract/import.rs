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
        ["file", "source", "settings", "flags", "findings", "version"]
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

#[test]
fn an_upgrade_lists_each_change() {
    let flags = "--audit-policy-file=/p.yaml\n--audit-log-path=/a/b.log\n--audit-log-version=audit.k8s.io/v1beta1\n";
    let folder = Folder::new("import-upgrade", &[]);
    let codes = |ran: &crate::Ran| -> Vec<String> {
        let report = ran.object();
        let changes = report["upgrade"].as_array().unwrap().clone();
        changes
            .iter()
            .map(|change| change["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let call = |from: &str, to: &str| {
        folder.run_on(
            flags,
            &[
                "import",
                "--format",
                "json",
                "--kubernetes-version",
                from,
                "--upgrade-to",
                to,
            ],
        )
    };
    let ran = call("1.22", "1.23");
    assert_eq!((ran.status, codes(&ran)), (0, vec![]), "{}", ran.err);
    assert!(
        ran.err
            .contains("nothing about auditing changes from 1.22 to 1.23"),
        "{}",
        ran.err
    );
    let ran = call("1.23", "1.36");
    assert_eq!(
        (ran.status, codes(&ran)),
        (1, vec!["AE042".into(), "AE043".into(), "AE043".into()])
    );
    assert_eq!(call("1.36", "1.24").status, 2);
    // The image's version is the current one; without any, all changes are listed.
    let pod = "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    image: k/kube-apiserver:v1.35.1\n    command: [kube-apiserver, --audit-log-path=/l/a.log]\n";
    let ran = folder.run_on(pod, &["import", "--format", "json", "--upgrade-to", "1.36"]);
    assert_eq!(
        (&ran.object()["version"], codes(&ran)),
        (&json!("1.35"), vec!["AE043".into(), "AE043".into()])
    );
    let ran = folder.run_on(flags, &["import", "--upgrade-to", "1.37"]);
    assert!(
        ran.err.contains("changes since 1.20 are listed"),
        "{}",
        ran.err
    );
}

#[test]
fn a_feature_gate_that_an_older_version_removed_does_not_change() {
    // 1.19 removed `DynamicAuditing`, and 1.28 `AdvancedAuditing`.
    for (tag, gate, changes, today) in [
        ("v1.30.4", "DynamicAuditing", 0, 1),
        ("v1.18.3", "DynamicAuditing", 1, 1),
        ("v1.28.3", "AdvancedAuditing", 0, 1),
        ("v1.27.9", "AdvancedAuditing", 1, 0),
    ] {
        let pod = format!(
            "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    image: k/kube-apiserver:{tag}\n    command: [kube-apiserver, --feature-gates={gate}=true]\n"
        );
        let folder = Folder::new("import-upgrade-gates", &[("a.yaml", &pod)]);
        let ran = folder.run(&["import", "--upgrade-to", "1.36", "a.yaml"]);
        let found = ["[AE042]", "[AE015]"].map(|code| ran.err.matches(code).count());
        assert_eq!(found, [changes, today], "{tag} {gate}: {}", ran.err);
    }
}

#[test]
fn a_configuration_that_the_new_kubeadm_cannot_read_is_the_first_change() {
    // 1.22 removed `v1beta1`, and 1.27 `v1beta2`: release notes of the pull requests 101129 and 114540 of Kubernetes.
    for (api, named, to, is_removed) in [
        ("v1beta2", "v1.22.3", "1.26", false),
        ("v1beta2", "v1.22.3", "1.27", true),
        ("v1beta2", "v1.22.3", "1.36", true),
        ("v1beta1", "v1.21.0", "1.22", true),
        ("v1beta3", "v1.22.3", "1.30", false),
    ] {
        let text = format!(
            "kind: ClusterConfiguration\napiVersion: kubeadm.k8s.io/{api}\nkubernetesVersion: {named}\napiServer:\n  extraArgs:\n    audit-log-path: /l/a.log\n    audit-log-version: audit.k8s.io/v1beta1\n"
        );
        let folder = Folder::new("import-upgrade-kubeadm", &[("a.yaml", &text)]);
        let call = ["import", "--upgrade-to", to, "a.yaml", "--format"];
        let report = folder.run(&[&call[..], &["json"]].concat()).object();
        let first = &report["upgrade"][0];
        let message = first["message"].as_str().unwrap_or_default();
        let found = message.contains(&format!("removed `kubeadm.k8s.io/{api}`"));
        assert_eq!(found, is_removed, "{api} {to}: {message}");
        if is_removed {
            assert_eq!(
                (&first["code"], &first["line"]),
                (&json!("AE042"), &json!(2))
            );
            let printed = folder.run(&[&call[..], &["text"]].concat()).err;
            let codes = printed.lines().filter(|line| line.contains("[A"));
            assert!(
                codes
                    .clone()
                    .next()
                    .is_some_and(|line| line.contains(message)),
                "{printed}"
            );
        }
    }
}

#[test]
fn findings_before_an_upgrade_are_for_the_version_of_the_text() {
    let pod = "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    image: k/kube-apiserver:v1.30.4\n    command: [kube-apiserver, --audit-log-path=/l/a.log]\n";
    let folder = Folder::new("import-upgrade-version", &[("a.yaml", pod)]);
    let run = |more: &[&str]| folder.run(&[&["import", "a.yaml"], more].concat()).err;
    let upgrade = ["--upgrade-to", "1.36"];
    let other = "but findings are for ";
    assert!(!run(&upgrade).contains(other), "{}", run(&upgrade));
    // A version that the call sets is the one that changes begin with.
    let given = run(&[&upgrade[..], &["--kubernetes-version", "1.32"]].concat());
    assert!(given.contains("but findings are for 1.32"), "{given}");
    assert!(run(&[]).contains("but findings are for 1.36"));
}

#[test]
fn an_upgrade_concludes_nothing_about_arguments_that_the_text_does_not_contain() {
    let folder = Folder::new("import-upgrade-partial", &[]);
    let script = "kube-apiserver --audit-log-path=/l/a.log \"$@\"\n";
    let words = [
        "import",
        "--kubernetes-version",
        "1.35",
        "--upgrade-to",
        "1.36",
    ];
    let ran = folder.run_on(script, &words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err.contains(
            "nothing about auditing changes from 1.35 to 1.36 for the arguments that the text contains; the server gets others, too\n"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn a_value_that_is_a_variable_is_not_an_error() {
    let flags = "--audit-policy-file=${SNAP_DATA}/args/p.yaml\n--audit-log-path=%h/audit.log\n--audit-log-maxage={{ audit_log_maxage }}\n--audit-log-mode=<mode>\n--audit-log-maxsize=-1\n";
    let ran = Folder::new("import-variables", &[]).run_on(flags, &["import", "--format", "json"]);
    let report = ran.object();
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            (
                finding["code"].as_str().unwrap().to_owned(),
                finding["line"].as_u64(),
            )
        })
        .collect();
    let expected = [
        ("AE038", 1),
        ("AE038", 2),
        ("AE038", 3),
        ("AE038", 4),
        ("AE001", 5),
    ];
    let expected = expected.map(|(code, line)| (code.to_owned(), Some(line)));
    assert_eq!(found, expected, "{}", ran.out);
}

#[test]
fn an_empty_file_is_reported() {
    let ran = Folder::new("import-empty", &[]).run_on("\n", &["import"]);
    assert!(
        ran.err.contains("info[AE019] the file is empty"),
        "{}",
        ran.err
    );
}

#[test]
fn dynamic_auditing_is_an_error_from_1_19_on() {
    // Kubernetes 1.13 introduced the gate and the flag, and 1.19 removed both.
    for (version, status) in [
        ("", 1),
        ("--kubernetes-version=v1.20.4 ", 1),
        ("--kubernetes-version=v1.18.3 ", 0),
        ("--kubernetes-version=v1.12.0 ", 1),
    ] {
        let text = format!(
            "minikube start {version}--extra-config=apiserver.audit-dynamic-configuration=true --feature-gates=DynamicAuditing=true\n"
        );
        let folder = Folder::new("import-dynamic", &[("start.sh", &text)]);
        let ran = folder.run(&["import", "start.sh"]);
        assert_eq!(ran.status, status, "{version}{}", ran.err);
        assert_eq!(
            ran.err.matches("[AE015]").count(),
            2,
            "{version}{}",
            ran.err
        );
    }
}

/// Codes of the findings of a text, the help of the last one, and the exit status.
fn imported(name: &str, text: &str) -> (Vec<String>, String, i32) {
    let ran = Folder::new(name, &[]).run_on(text, &["import", "--format", "json"]);
    let report = ran.object();
    let findings = report["findings"].as_array().unwrap();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let codes = findings.iter().map(|finding| text(finding, "code"));
    let help = findings.last().map(|finding| text(finding, "help"));
    (codes.collect(), help.unwrap_or_default(), ran.status)
}

#[test]
fn a_file_from_which_nothing_can_be_read_has_status_2() {
    for (text, status) in [
        ("# nothing\n", 2),
        ("{}\n", 2),
        ("[]\n", 2),
        ("\n", 0),
        ("kube-apiserver --secure-port=6443\n", 0),
        ("--audit-log-path=-\n", 0),
    ] {
        let (codes, _, found) = imported("import-nothing", text);
        assert_eq!(found, status, "{text}");
        assert!(!codes.is_empty(), "{text}");
    }
}

#[test]
fn empty_values_are_reported() {
    for (text, codes, status) in [
        ("--audit-log-path=\n", ["AE008", "AE008"].as_slice(), 0),
        (
            "--audit-log-path=\"\" --audit-policy-file=''\n",
            &["AE008", "AE008"],
            0,
        ),
        (
            "--audit-policy-file=/p.yaml --audit-log-path=\n",
            &["AE008"],
            0,
        ),
        // kube-apiserver: invalid argument "" for "--audit-log-maxage" flag.
        (
            "--audit-policy-file=/p.yaml --audit-log-path=/l/a.log --audit-log-maxage=\n",
            &["AE016"],
            1,
        ),
    ] {
        let (found, _, found_status) = imported("import-empty-values", text);
        assert_eq!(found, codes, "{text}");
        assert_eq!(found_status, status, "{text}");
    }
}

#[test]
fn what_a_text_passes_on_may_set_the_rest() {
    for text in [
        "kube-apiserver --audit-log-path=/l/a.log \"$@\"\n",
        "kube-apiserver --audit-policy-file=/p.yaml ${FLAGS}\n",
        "locals {\n  args = concat(var.base, [\"--audit-policy-file=/p.yaml\"])\n}\n",
    ] {
        let (codes, _, status) = imported("import-partial", text);
        assert_eq!((codes, status), (Vec::new(), 0), "{text}");
    }
}

#[test]
fn findings_about_a_process_of_the_node_do_not_name_mounts() {
    let unit = |flags: &str| format!("[Service]\nExecStart=/usr/bin/kube-apiserver {flags}\n");
    let k3s = |path: &str| {
        format!("kube-apiserver-arg:\n- audit-policy-file=/p.yaml\n- audit-log-path={path}\n")
    };
    for (text, codes) in [
        (
            unit("--audit-policy-file=/p.yaml --audit-log-path=/dev/stdout"),
            ["AE037"].as_slice(),
        ),
        (
            unit("--audit-policy-file=/p.yaml --audit-log-path=/proc/self/fd/1"),
            &["AE037"],
        ),
        (
            unit("--audit-policy-file=/p.yaml --audit-log-path=- --audit-log-maxage=7"),
            &["AE037"],
        ),
        (
            unit("--audit-policy-file=/p.yaml --audit-log-path=a.log"),
            &["AE003"],
        ),
        // Without a mount, nothing is hidden.
        (
            unit("--audit-policy-file=/p.yaml --audit-log-path=/etc/a.log"),
            &[],
        ),
        (k3s("/dev/stdout"), &["AE037"]),
        (k3s("/a.log"), &[]),
    ] {
        let (found, help, _) = imported("import-host", &text);
        assert_eq!(found, codes, "{text}");
        for word in ["container", "kubelet", "mount", "volume", "hostPath"] {
            assert!(!help.contains(word), "{word}: {help}");
        }
    }
}
