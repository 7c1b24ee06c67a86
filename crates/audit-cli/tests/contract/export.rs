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
            "k3s",
            "rke2",
            "talos",
            "kops",
            "kubespray",
            "cluster-api",
            "webhook",
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
fn what_the_server_refuses_is_status_1() {
    let folder = folder("export-refused");
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
    assert!(ran.err.contains(" the 10 files hold "), "{}", ran.err);
    assert!(
        ran.err.contains("; but the log spans only 29 seconds"),
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
