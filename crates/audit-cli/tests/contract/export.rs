//! `export`.

use serde_json::json;

use crate::{Folder, GOOD, keys};

const FLAGS: &str = "--audit-policy-file=/etc/kubernetes/audit/policy.yaml
--audit-log-path=/var/log/kubernetes/audit/audit.log
--audit-log-maxage=30
--audit-log-maxbackup=10
";

fn folder(test: &str) -> Folder {
    Folder::new(test, &[("p.yaml", GOOD)])
}

fn words<'w>(more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["export", "--policy", "p.yaml"];
    words.extend(more);
    words
}

#[test]
fn a_target_alone_is_a_file_to_redirect() {
    let folder = folder("export-target");
    let ran = folder.run(&words(&["--target", "flags"]));
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (0, FLAGS, "")
    );
    let ran = folder.run(&words(&["--target", "policy"]));
    assert_eq!(ran.out, GOOD);
    let ran = folder.run(&words(&["--target", "kubeadm-v1beta4"]));
    assert!(
        ran.out.starts_with("apiVersion: kubeadm.k8s.io/v1beta4\n"),
        "{}",
        ran.out
    );
    let ran = folder.run(&words(&["--target", "static-pod"]));
    for part in [
        "type: File\n",
        "type: DirectoryOrCreate\n",
        "readOnly: true\n",
    ] {
        assert!(ran.out.contains(part), "{part} is not in\n{}", ran.out);
    }
}

#[test]
fn json_holds_settings_documents_and_findings() {
    let folder = folder("export-json");
    let report = folder.run(&words(&["--format", "json"])).object();
    assert_eq!(keys(&report), ["settings", "documents", "findings"]);
    let documents = report["documents"].as_array().unwrap();
    let targets: Vec<_> = documents
        .iter()
        .map(|one| one["target"].as_str().unwrap())
        .collect();
    assert_eq!(
        targets,
        [
            "policy",
            "flags",
            "shell",
            "args",
            "static-pod",
            "kubeadm-v1beta4",
            "kubeadm-v1beta3",
            "kubeadm-patches",
            "kind",
            "minikube",
            "microk8s",
            "k3s",
            "k3d",
            "rke2",
            "rke2-control-plane",
            "rancher-cluster",
            "rke1",
            "k0s",
            "k0sctl",
            "k0rdent",
            "talos",
            "kops",
            "kubespray",
            "cluster-api",
            "webhook",
            "gardener",
            "openshift",
            "eks",
            "gke",
            "aks",
            "fluent-bit",
            "fluentd",
            "vector",
            "rsyslog",
            "logrotate"
        ]
    );
    for document in documents {
        assert_eq!(
            keys(document),
            [
                "target", "title", "fileName", "note", "text", "files", "steps", "verify", "undo"
            ]
        );
    }
    assert_eq!(documents[1]["text"], FLAGS);
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["settings"]["policy"], GOOD);
    assert_eq!(report["settings"]["version"], "1.36");
}

#[test]
fn options_are_flags() {
    let folder = folder("export-options");
    let flags = |more: &[&str]| {
        let mut all = vec!["--target", "flags"];
        all.extend(more);
        folder.run(&words(&all)).out
    };
    for (more, flag) in [
        (
            ["--policy-path", "/p.yaml"],
            "--audit-policy-file=/p.yaml\n",
        ),
        (["--log-path", "/a.log"], "--audit-log-path=/a.log\n"),
        (["--max-age", "7"], "--audit-log-maxage=7\n"),
        (["--max-backup", "3"], "--audit-log-maxbackup=3\n"),
        (["--max-size", "50"], "--audit-log-maxsize=50\n"),
        // 100 MB is a default since 1.36 only.
        (
            ["--kubernetes-version", "1.35"],
            "--audit-log-maxsize=100\n",
        ),
    ] {
        let text = flags(&more);
        assert!(text.contains(flag), "{more:?}: {text}");
    }
    assert!(flags(&["--compress"]).contains("--audit-log-compress=true\n"));
    let stdout = "--audit-policy-file=/etc/kubernetes/audit/policy.yaml\n--audit-log-path=-\n";
    assert_eq!(flags(&["--log-path", "-"]), stdout);
}

#[test]
fn settings_that_were_printed_can_be_read_again() {
    let folder = folder("export-settings");
    let report = folder
        .run(&words(&["--format", "json", "--max-age", "7"]))
        .object();
    std::fs::write(folder.0.join("s.json"), report["settings"].to_string()).unwrap();
    let again = folder.run(&["export", "--settings", "s.json", "--format", "json"]);
    assert_eq!(again.object(), report);
    std::fs::write(folder.0.join("s.json"), "{\"nonsense\": 1}").unwrap();
    assert_eq!(folder.run(&["export", "--settings", "s.json"]).status, 2);
}

#[test]
fn what_the_server_rejects_is_status_1() {
    let folder = folder("export-invalid");
    let ran = folder.run(&words(&["--target", "flags", "--max-size", "-1"]));
    assert_eq!(ran.status, 1);
    assert!(
        ran.err
            .contains("--audit-log-maxsize -1 can't be a negative number"),
        "{}",
        ran.err
    );
    // The document stands all the same.
    assert!(ran.out.contains("--audit-log-maxsize=-1\n"), "{}", ran.out);
}

#[test]
fn any_flag_can_be_set_by_its_name() {
    let folder = folder("export-set");
    let ran = folder.run(&words(&[
        "--target",
        "flags",
        "--set",
        "audit-log-maxage=7",
        "--set",
        "audit-webhook-config-file=/w",
        "--set",
        "audit-webhook-batch-max-wait=5s",
    ]));
    for flag in [
        "--audit-log-maxage=7\n",
        "--audit-webhook-config-file=/w\n",
        "--audit-webhook-batch-max-wait=5s\n",
    ] {
        assert!(ran.out.contains(flag), "{flag}: {}", ran.out);
    }
    // What cannot be read gets the server's own words.
    let ran = folder.run(&words(&[
        "--target",
        "flags",
        "--set",
        "audit-log-maxage=x",
    ]));
    assert_eq!(ran.status, 2);
    let words_of_go = r#"invalid argument "x" for "--audit-log-maxage" flag: strconv.ParseInt: parsing "x": invalid syntax"#;
    assert!(ran.err.contains(words_of_go), "{}", ran.err);
}

#[test]
fn a_target_is_saved_as_an_archive() {
    let folder = folder("export-zip");
    let ran = folder.run(&words(&["--target", "static-pod", "--zip", "a.zip"]));
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    let bytes = std::fs::read(folder.0.join("a.zip")).unwrap();
    assert_eq!(bytes.get(..4), Some(b"PK\x03\x04".as_slice()));
    for name in ["etc/kubernetes/audit/policy.yaml", "README.md"] {
        assert!(
            bytes
                .windows(name.len())
                .any(|part| part == name.as_bytes()),
            "{name}"
        );
    }
    assert_eq!(folder.run(&words(&["--zip", "a.zip"])).status, 2);
}

#[test]
fn a_manifest_goes_where_every_other_document_goes() {
    const MANIFEST: &str = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver # ours\n    command:\n    - kube-apiserver\n";
    let folder = Folder::new("export-manifest", &[("p.yaml", GOOD), ("m.yaml", MANIFEST)]);
    let run = |more: &[&str]| {
        let mut all = vec!["--manifest", "m.yaml"];
        all.extend(more);
        folder.run(&words(&all))
    };
    let text = run(&[]).out;
    assert!(text.starts_with(MANIFEST), "{text}");
    assert!(
        text.contains("    - --audit-log-path=/var/log/kubernetes/audit/audit.log\n"),
        "{text}"
    );
    let diff = run(&["--diff"]).out;
    assert!(diff.starts_with("--- m.yaml\n+++ m.yaml\n@@ "), "{diff}");
    let report = run(&["--format", "json"]).object();
    let documents = report["documents"].as_array().unwrap();
    assert_eq!(
        (documents.len(), &documents[0]["target"]),
        (1, &json!("static-pod"))
    );
    assert_eq!(documents[0]["text"], text);
    assert_eq!(run(&["--zip", "m.zip"]).status, 0);
    let bytes = std::fs::read(folder.0.join("m.zip")).unwrap();
    let path = b"etc/kubernetes/manifests/kube-apiserver.yaml";
    assert!(bytes.windows(path.len()).any(|part| part == path));
    for wrong in [
        ["--diff", "--format=json"],
        ["--zip=m.zip", "--diff"],
        ["--zip=m.zip", "--format=json"],
        ["--target", "flags"],
    ] {
        assert_eq!(run(&wrong).status, 2, "{wrong:?}");
    }
    let ran = run(&["--zip", "missing/m.zip"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("cannot write `missing/m.zip`: "),
        "{}",
        ran.err
    );
}

#[test]
fn what_a_manifest_sets_stays_unless_the_call_sets_it() {
    let manifest = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n    - --audit-policy-file=/etc/kubernetes/mine.yaml\n    - --audit-log-path=/var/log/mine/audit.log\n    - --audit-log-maxage=7\n    - --audit-log-mode=blocking\n    - --audit-webhook-config-file=/etc/kubernetes/pki/hook.yaml\n    volumeMounts:\n    - {name: pki, mountPath: /etc/kubernetes/pki, readOnly: true}\n  volumes:\n  - {name: pki, hostPath: {path: /etc/kubernetes/pki}}\n";
    let folder = Folder::new("export-keep", &[("p.yaml", GOOD), ("m.yaml", manifest)]);
    let flags = |more: &[&str]| -> Vec<String> {
        let ran = folder.run(&words(&[&["--manifest", "m.yaml"], more].concat()));
        assert_eq!(ran.status, 0, "{}", ran.err);
        let items = ran
            .out
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- --audit-"));
        items.map(str::to_owned).collect()
    };
    let kept = [
        "policy-file=/etc/kubernetes/mine.yaml",
        "log-path=/var/log/mine/audit.log",
        "log-maxage=7",
        "log-mode=blocking",
        "webhook-config-file=/etc/kubernetes/pki/hook.yaml",
    ];
    let has = |flags: &[String], flag: &str| flags.iter().any(|one| one == flag);
    let all = flags(&[]);
    assert!(kept.iter().all(|flag| has(&all, flag)), "{all:?}");
    for (option, value, replaced, flag) in [
        (
            "--policy-path",
            "/etc/kubernetes/o.yaml",
            0,
            "policy-file=/etc/kubernetes/o.yaml",
        ),
        (
            "--log-path",
            "/var/log/o/a.log",
            1,
            "log-path=/var/log/o/a.log",
        ),
        ("--max-age", "9", 2, "log-maxage=9"),
        ("--set", "audit-log-mode=batch", 3, "log-mode=batch"),
    ] {
        let all = flags(&[option, value]);
        assert!(
            has(&all, flag) || flag == "log-mode=batch",
            "{option}: {all:?}"
        );
        for (index, kept) in kept.iter().enumerate() {
            assert_eq!(
                has(&all, kept),
                index != replaced,
                "{option} {kept}: {all:?}"
            );
        }
    }
}

#[test]
fn what_keeps_the_server_of_a_manifest_from_starting_is_reported() {
    // Kubernetes 1.28 removed `AdvancedAuditing`: a server of 1.27 starts with it.
    for (image, version, status) in [
        ("v1.30.4", "1.36", 1),
        ("v1.27.9", "1.36", 0),
        ("v1.27.9", "1.28", 1),
    ] {
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    image: k/kube-apiserver:{image}\n    command:\n    - kube-apiserver\n    - --feature-gates=AdvancedAuditing=true\n"
        );
        let folder = Folder::new("export-gates", &[("p.yaml", GOOD), ("m.yaml", &manifest)]);
        let ran = folder.run(&words(&[
            "--manifest",
            "m.yaml",
            "--kubernetes-version",
            version,
        ]));
        let finding = "error[AE015] the feature gate `AdvancedAuditing` was removed in 1.28 (the server does not start with it: remove it)\n";
        assert_eq!(
            (ran.status, ran.err.contains(finding)),
            (status, status == 1),
            "{image}: {}",
            ran.err
        );
        assert!(ran.out.contains("--audit-log-path="), "{}", ran.out);
    }
}

#[test]
fn a_log_tells_whether_the_disk_holds_what_is_to_be_kept() {
    // An event a second of 1 MB and more: 100 MB files are full in minutes.
    let line = |second: u32| {
        let padding = "x".repeat(1_000_000);
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"{second}\",\"stage\":\"ResponseComplete\",\
             \"requestURI\":\"/x{padding}\",\"verb\":\"get\",\"user\":{{\"username\":\"u\"}},\"responseStatus\":{{\"metadata\":{{}},\"code\":200}},\
             \"requestReceivedTimestamp\":\"2024-01-01T00:00:{second:02}.000000Z\",\"stageTimestamp\":\"2024-01-01T00:00:{second:02}.000001Z\"}}\n"
        )
    };
    let log: String = (0..30).map(line).collect();
    let folder = Folder::new("export-log", &[("p.yaml", GOOD), ("a.log", &log)]);
    let ran = folder.run(&words(&["--target", "flags", "a.log"]));
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("info[AE030] at "), "{}", ran.err);
    assert!(ran.err.contains(" 10 files keep "), "{}", ran.err);
    assert!(
        ran.err
            .contains("; note that the log spans only 29 seconds"),
        "{}",
        ran.err
    );
}

#[test]
fn a_dash_is_standard_input() {
    let folder = folder("export-stdin");
    let ran = folder.run_on(GOOD, &["export", "--policy", "-", "--target", "policy"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, GOOD));
}

/// Policies that the server rejects, as bytes, and a part of its reason.
fn rejected() -> [(&'static str, Vec<u8>, &'static str); 7] {
    let wide = |text: &str| -> Vec<u8> {
        let units = format!("\u{feff}{text}");
        units.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    [
        (
            "level.yaml",
            crate::BAD.as_bytes().to_vec(),
            crate::BAD_LEVEL,
        ),
        (
            "bytes.yaml",
            [GOOD.as_bytes(), b"# \xff\n"].concat(),
            "invalid leading UTF-8 octet",
        ),
        (
            "cut.yaml",
            [GOOD.as_bytes(), b"# \xe2\x82"].concat(),
            "incomplete UTF-8 octet sequence",
        ),
        ("wide.yaml", wide(crate::BAD), crate::BAD_LEVEL),
        // The first of two reasons is the server's.
        (
            "both.yaml",
            [b"# \xff\n", crate::BAD.as_bytes()].concat(),
            "invalid leading UTF-8 octet",
        ),
        // Without its mark, UTF-16 of plain letters is UTF-8 with a NUL for every letter.
        (
            "bare.yaml",
            wide(GOOD).split_off(2),
            "control characters are not allowed",
        ),
        (
            "nul.yaml",
            [GOOD.as_bytes(), b"# \0\n"].concat(),
            "control characters are not allowed",
        ),
    ]
}

#[test]
fn a_rejected_policy_is_reported_for_every_target() {
    let manifest = "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - name: kube-apiserver\n    command: [kube-apiserver]\n";
    let folder = Folder::new("export-rejected", &[("pod.yaml", manifest)]);
    let all = folder
        .run(&["export", "--policy", "pod.yaml", "--target", "bogus"])
        .err;
    let targets: Vec<&str> = all
        .trim_end()
        .rsplit("the targets are ")
        .next()
        .unwrap()
        .split(", ")
        .collect();
    assert_eq!(targets.len(), 35);
    for (name, bytes, reason) in rejected() {
        std::fs::write(folder.0.join(name), bytes).unwrap();
        let checked = folder.run(&["check", "--format", "json", name]).object();
        assert!(
            checked["error"].as_str().unwrap().contains(reason),
            "{checked}"
        );
        let mut calls: Vec<Vec<&str>> = vec![
            vec![],
            vec!["--manifest", "pod.yaml"],
            vec!["--manifest", "pod.yaml", "--diff"],
            vec!["--manifest", "pod.yaml", "--zip", "a.zip"],
            vec!["--target", "flags", "--zip", "a.zip"],
            vec!["--target", "eks", "--zip", "a.zip"],
        ];
        calls.extend(targets.iter().map(|target| vec!["--target", target]));
        for call in calls {
            let words = [&["export", "--policy", name], &call[..]].concat();
            let ran = folder.run(&words);
            assert_eq!(ran.status, 1, "{words:?}: {}", ran.err);
            assert!(
                ran.err.contains("error[AE002]") && ran.err.contains(reason),
                "{words:?}: {}",
                ran.err
            );
            if call.contains(&"--zip") || call.contains(&"--diff") {
                continue;
            }
            let report = folder.run(&[&words[..], &["--format", "json"]].concat());
            assert_eq!(report.status, 1, "{words:?}");
            // Bytes that are not text cannot be handed out as they are, and are not handed out otherwise.
            let is_text = ["level.yaml", "wide.yaml"].contains(&name);
            assert_eq!(!ran.out.is_empty(), is_text, "{words:?}: {}", ran.out);
            let documents = report.object()["documents"].clone();
            assert_eq!(documents != serde_json::json!([]), is_text, "{words:?}");
            let findings = report.object()["findings"].clone();
            let said = findings
                .as_array()
                .unwrap()
                .iter()
                .filter(|finding| finding["code"] == "AE002");
            let said: Vec<_> = said.collect();
            assert_eq!(said.len(), 1, "{words:?}");
            assert!(
                said[0]["message"].as_str().unwrap().contains(reason),
                "{words:?}: {said:?}"
            );
        }
    }
}

#[test]
fn a_policy_in_utf_16_is_exported_as_text() {
    let folder = Folder::new("export-utf-16", &[("p.yaml", GOOD)]);
    for (name, bytes) in [
        ("little", u16::to_le_bytes as fn(u16) -> [u8; 2]),
        ("big", u16::to_be_bytes),
    ] {
        let text = format!("\u{feff}{GOOD}");
        let bytes: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        std::fs::write(folder.0.join(name), bytes).unwrap();
        let ran = folder.run(&["export", "--policy", name, "--target", "policy"]);
        assert_eq!(
            (ran.status, ran.out.as_str(), ran.err.as_str()),
            (0, GOOD, ""),
            "{name}"
        );
    }
}

#[test]
fn the_servers_warning_is_reported() {
    let folder = Folder::new("export-warning", &[("n.yaml", crate::NESTED)]);
    let ran = folder.run(&["export", "--policy", "n.yaml", "--target", "policy"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, crate::NESTED));
    let warning = r#"unknown field "rules[0].resources[0].verbs""#;
    assert!(ran.err.contains(warning), "{}", ran.err);
}

#[test]
fn a_provider_that_sets_the_flags_gets_no_findings_about_them() {
    let folder = folder("export-managed");
    let flags: [&[&str]; 5] = [
        &[],
        &["--max-size", "0"],
        &["--max-age", "-1"],
        &["--log-path", "/etc/audit.log"],
        &[
            "--set",
            "webhook-server=https://a",
            "--set",
            "audit-webhook-mode=blocking",
            "--policy-path",
            "/tmp/p",
        ],
    ];
    for (target, title) in [("eks", "EKS"), ("gke", "GKE"), ("aks", "AKS")] {
        let note = format!(
            "audit-policy: {title} sets the policy and the flags of kube-apiserver: your policy is not used\n"
        );
        for flags in flags {
            let words = words(&[&["--target", target], flags].concat());
            let ran = folder.run(&words);
            assert_eq!((ran.status, &ran.err), (0, &note), "{words:?}");
            let report = folder
                .run(&[&words[..], &["--format", "json"]].concat())
                .object();
            assert_eq!(report["findings"], json!([]), "{words:?}");
        }
    }
    let ran = folder.run(&words(&["--target", "static-pod", "--max-age", "-1"]));
    assert_eq!(ran.status, 1);
}
