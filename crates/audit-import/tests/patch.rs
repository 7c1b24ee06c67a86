//! Patches of manifests: the result has the settings and nothing else changes, whatever the manifest looks like.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod random;

use apiserver_config::{KubernetesVersion, Settings, check};
use audit_import::{InputFormat, PatchError, import, patch};
use random::Random;
use serde_norway::Value;

const KUBEADM: &str = include_str!("manifests/kubeadm.yaml");
const COMMENTS: &str = include_str!("manifests/comments.yaml");
const FLOW: &str = include_str!("manifests/flow.yaml");
const ARGS: &str = include_str!("manifests/args.yaml");
const JSON: &str = include_str!("manifests/pod.json");
const BARE: &str = include_str!("manifests/bare.yaml");
const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// Every manifest, with both line ends.
fn manifests() -> Vec<String> {
    let all = [KUBEADM, COMMENTS, FLOW, ARGS, JSON, BARE];
    let unix = all.map(str::to_owned);
    let dos = all.map(|text| text.replace('\n', "\r\n"));
    unix.into_iter().chain(dos).collect()
}

fn patched(settings: &Settings, manifest: &str) -> String {
    match patch(settings, manifest) {
        Ok(patched) => patched.text,
        Err(error) => panic!("{error}: {}\n{manifest}", error.help),
    }
}

/// Returns whether a container can have the settings.
fn are_possible(settings: &Settings) -> bool {
    let no_mount = ["AE003", "AE004", "AE005"];
    check(settings)
        .iter()
        .all(|finding| !no_mount.contains(&finding.code.as_ref()))
}

/// A manifest without what is about auditing.
fn rest(text: &str) -> Value {
    let mut pod: Value = serde_norway::from_str(text).unwrap();
    let is_ours = |item: &Value| {
        let text = item.as_str().unwrap_or_default();
        let is_path = text == "-" || (text.starts_with('/') && !text.ends_with("/kube-apiserver"));
        item["name"]
            .as_str()
            .is_some_and(|name| name.starts_with("audit-"))
            || text.starts_with("--audit-")
            || is_path
    };
    let spec = &mut pod["spec"];
    let clean = |list: &mut Value| {
        if let Some(items) = list.as_sequence_mut() {
            items.retain(|item| !is_ours(item));
        }
        if list.as_sequence().is_none_or(Vec::is_empty) {
            *list = Value::Null;
        }
    };
    clean(&mut spec["volumes"]);
    for name in ["command", "args", "volumeMounts"] {
        clean(&mut spec["containers"][0][name]);
    }
    pod
}

#[test]
fn a_manifest_with_the_settings_is_not_changed() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for manifest in manifests() {
        for _ in 0..40 {
            let mut settings = random.settings();
            settings.include_defaults = false;
            if !are_possible(&settings) {
                continue;
            }
            let once = patched(&settings, &manifest);
            let read = import(&once, settings.version).settings;
            assert_eq!(patched(&read, &once), once);
            assert_eq!(patched(&settings, &once), once);
        }
    }
    // The one that audits, and whose mounts are right, as it comes.
    for manifest in [COMMENTS.to_owned(), COMMENTS.replace('\n', "\r\n")] {
        let read = import(&manifest, NEWEST);
        assert_eq!(read.format, InputFormat::Manifest);
        let same = patch(&read.settings, &manifest).unwrap();
        assert_eq!(same.text, manifest);
        assert_eq!(same.diff("f"), "");
    }
}

#[test]
fn a_patched_manifest_has_the_settings_and_the_rest_is_kept() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut possible, mut rejected) = (0, 0);
    for manifest in manifests() {
        let others = rest(&manifest);
        for _ in 0..150 {
            let settings = random.settings();
            let text = match patch(&settings, &manifest) {
                Ok(patched) => patched.text,
                Err(error) => {
                    assert!(
                        !are_possible(&settings),
                        "{error}\n{settings:?}\n{manifest}"
                    );
                    rejected += 1;
                    continue;
                }
            };
            possible += 1;
            let mut read = import(&text, settings.version).settings;
            read.include_defaults = settings.include_defaults;
            assert_eq!(read.flags(), settings.flags(), "{text}");
            assert_eq!(rest(&text), others, "{text}");
            assert_eq!(text.ends_with('\n'), manifest.ends_with('\n'));
            let has_bare_end = text.replace("\r\n", "").contains('\n');
            assert_eq!(has_bare_end, !manifest.contains('\r'), "{text}");
        }
    }
    assert!(possible > 600 && rejected > 150, "{possible} {rejected}");
}

#[test]
fn missing_parts_are_added_to_kubeadms_manifest() {
    let settings = Settings::new("");
    let patched = patch(&settings, KUBEADM).unwrap();
    let expected = "\
--- kube-apiserver.yaml
+++ kube-apiserver.yaml
@@ -39,6 +39,10 @@
     - --service-cluster-ip-range=10.96.0.0/12
     - --tls-cert-file=/etc/kubernetes/pki/apiserver.crt
     - --tls-private-key-file=/etc/kubernetes/pki/apiserver.key
+    - --audit-policy-file=/etc/kubernetes/audit/policy.yaml
+    - --audit-log-path=/var/log/kubernetes/audit/audit.log
+    - --audit-log-maxage=30
+    - --audit-log-maxbackup=10
     image: images.example.com/kube-apiserver:v1.36.0
     imagePullPolicy: IfNotPresent
     livenessProbe:
@@ -94,6 +98,12 @@
     - mountPath: /usr/share/ca-certificates
       name: usr-share-ca-certificates
       readOnly: true
+    - name: audit-policy
+      mountPath: /etc/kubernetes/audit/policy.yaml
+      readOnly: true
+    - name: audit-log
+      mountPath: /var/log/kubernetes/audit
+      readOnly: false
   hostNetwork: true
   priority: 2000001000
   priorityClassName: system-node-critical
@@ -121,4 +131,12 @@
       path: /usr/share/ca-certificates
       type: DirectoryOrCreate
     name: usr-share-ca-certificates
+  - name: audit-policy
+    hostPath:
+      path: /etc/kubernetes/audit/policy.yaml
+      type: File
+  - name: audit-log
+    hostPath:
+      path: /var/log/kubernetes/audit
+      type: DirectoryOrCreate
 status: {}
";
    assert_eq!(patched.diff("kube-apiserver.yaml"), expected);
}

/// The lines that a patch takes out and puts in.
fn lines(settings: &Settings, manifest: &str) -> Vec<String> {
    let patched = patch(settings, manifest).unwrap_or_else(|error| panic!("{error}\n{manifest}"));
    let diff = patched.diff("m");
    let changed = diff
        .lines()
        .skip(2)
        .filter(|line| line.starts_with(['+', '-']));
    changed
        .map(|line| line.trim_end_matches('\r').to_owned())
        .collect()
}

/// The settings of a manifest, changed.
fn changed(manifest: &str, change: fn(&mut Settings)) -> Settings {
    let mut settings = import(manifest, NEWEST).settings;
    change(&mut settings);
    settings
}

#[test]
fn one_change_is_one_line() {
    type Row = (fn(&mut Settings), &'static [&'static str]);
    let table: [Row; 6] = [
        (
            |s| s.log.max_age_days = 9,
            &[
                "-              - \"--audit-log-maxage=7\"",
                "+              - \"--audit-log-maxage=9\"",
            ],
        ),
        (
            // Omitting a flag only sets the default if the manifest does not have it.
            |s| s.log.max_age_days = 366,
            &[
                "-              - \"--audit-log-maxage=7\"",
                "+              - \"--audit-log-maxage=366\"",
            ],
        ),
        (
            |s| s.log.compress = true,
            &["+              - \"--audit-log-compress=true\""],
        ),
        (
            |s| s.policy_path.clear(),
            &[
                "-              - \"--audit-policy-file=/etc/kubernetes/audit/policy.yaml\"   # the policy",
            ],
        ),
        (
            |s| s.log.path.clear(),
            &[
                "-              - \"--audit-log-maxage=7\"",
                "-              - \"--audit-log-path=/var/log/kube/audit.log\"",
                "-              - \"--audit-log-maxsize=100\"  # as the server has it by itself",
            ],
        ),
        (
            // Within what is mounted already.
            |s| {
                s.policy_path = "/etc/kubernetes/audit/new.yaml".to_owned();
                s.log.path = "/var/log/kube/other.log".to_owned();
            },
            &[
                "-              - \"--audit-policy-file=/etc/kubernetes/audit/policy.yaml\"   # the policy",
                "+              - \"--audit-policy-file=/etc/kubernetes/audit/new.yaml\"   # the policy",
                "-              - \"--audit-log-path=/var/log/kube/audit.log\"",
                "+              - \"--audit-log-path=/var/log/kube/other.log\"",
            ],
        ),
    ];
    for (change, expected) in table {
        assert_eq!(lines(&changed(COMMENTS, change), COMMENTS), expected);
    }
}

/// A manifest whose audit files are mounted in this way.
fn mounted(mounts: &str, volumes: &str) -> String {
    format!(
        "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n    - --audit-policy-file=/a/p.yaml\n    \
         - --audit-log-path=/l/a.log\n    volumeMounts:\n{mounts}  volumes:\n{volumes}"
    )
}

#[test]
fn wrong_mounts_are_fixed_in_place() {
    let right = "    - {name: p, mountPath: /a/p.yaml, readOnly: true}\n";
    let right_volume = "  - {name: p, hostPath: {path: /a/p.yaml, type: File}}\n";
    let log = "    - {name: l, mountPath: /l}\n";
    let log_volume = "  - {name: l, hostPath: {path: /l}}\n";
    let table: [(&str, &str, &str, &str, &[&str]); 8] = [
        // A directory as the policy's, and writable.
        (
            "    - mountPath: /a/p.yaml\n      name: p\n",
            "  - name: p\n    hostPath:\n      path: /a/p.yaml # here\n",
            log,
            log_volume,
            &["+      readOnly: true", "+      type: File"],
        ),
        (
            "    - {name: p, mountPath: /a/p.yaml}\n",
            "  - {name: p, hostPath: {path: /a/p.yaml, type: \"DirectoryOrCreate\"}}\n",
            log,
            log_volume,
            &[
                "-    - {name: p, mountPath: /a/p.yaml}",
                "+    - {name: p, mountPath: /a/p.yaml, readOnly: true}",
                "-  - {name: p, hostPath: {path: /a/p.yaml, type: \"DirectoryOrCreate\"}}",
                "+  - {name: p, hostPath: {path: /a/p.yaml, type: \"File\"}}",
            ],
        ),
        // The log's file instead of its directory.
        (
            right,
            right_volume,
            "    - name: l\n      mountPath: '/l/a.log'\n      readOnly: false\n",
            "  - name: l\n    hostPath:\n      type: FileOrCreate\n      path: /data/l/a.log\n",
            &[
                "-      mountPath: '/l/a.log'",
                "+      mountPath: '/l'",
                "-      type: FileOrCreate",
                "-      path: /data/l/a.log",
                "+      type: DirectoryOrCreate",
                "+      path: /data/l",
            ],
        ),
        (
            right,
            right_volume,
            "    - name: l\n      mountPath: /l\n      readOnly: true\n",
            log_volume,
            &["-      readOnly: true", "+      readOnly: false"],
        ),
        (
            right,
            right_volume,
            log,
            "  - name: l\n    emptyDir: {}\n",
            &[
                "-    emptyDir: {}",
                "+    hostPath: {path: /l, type: DirectoryOrCreate}",
            ],
        ),
        // A mount without a volume.
        (
            right,
            right_volume,
            log,
            "",
            &[
                "+  - name: l",
                "+    hostPath:",
                "+      path: /l",
                "+      type: DirectoryOrCreate",
            ],
        ),
        // Names that are taken.
        (
            right,
            right_volume,
            "    - {name: audit-log, mountPath: /else}\n",
            "  - {name: audit-log, hostPath: {path: /else}}\n",
            &[
                "+    - name: audit-log-2",
                "+      mountPath: /l",
                "+      readOnly: false",
                "+  - name: audit-log-2",
                "+    hostPath:",
                "+      path: /l",
                "+      type: DirectoryOrCreate",
            ],
        ),
        // A directory above, which cannot be written: the log's own is mounted within it.
        (
            right,
            right_volume,
            "    - {name: l, mountPath: /, readOnly: true}\n",
            log_volume,
            &[
                "+    - name: audit-log",
                "+      mountPath: /l",
                "+      readOnly: false",
                "+  - name: audit-log",
                "+    hostPath:",
                "+      path: /l",
                "+      type: DirectoryOrCreate",
            ],
        ),
    ];
    for (mount, volume, log_mount, log_volume, expected) in table {
        let manifest = mounted(
            &format!("{mount}{log_mount}"),
            &format!("{volume}{log_volume}"),
        );
        let settings = import(&manifest, NEWEST).settings;
        assert_eq!(lines(&settings, &manifest), expected, "{manifest}");
    }
}

#[test]
fn manifests_that_cannot_be_patched_are_rejected_with_a_line() {
    let pod = |command: &str| {
        format!("kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n{command}")
    };
    let table: [(String, Option<usize>, &str); 15] = [
        (String::new(), None, "the text contains no manifest"),
        (
            pod("    command:\n    - kube-apiserver\r    - --v=2\n"),
            Some(6),
            "some lines of the manifest end with a carriage return only",
        ),
        (
            "# nothing\n---\n".to_owned(),
            None,
            "the text contains no manifest",
        ),
        ("a: [".to_owned(), Some(1), "the manifest cannot be read"),
        (
            "kind: Pod\nspec: {containers: []}\n".to_owned(),
            None,
            "no container is kube-apiserver",
        ),
        (
            "kind: Policy\nrules: []\n".to_owned(),
            None,
            "no container is kube-apiserver",
        ),
        (
            format!("{BARE}\n---\n{BARE}"),
            Some(7),
            "the text contains more than one document",
        ),
        (
            pod(""),
            Some(4),
            "the container `kube-apiserver` has no command",
        ),
        (
            pod("    command: []\n"),
            Some(4),
            "the container's command is empty",
        ),
        (
            pod("    command: [sh, -c, 'eval kube-apiserver --audit-log-path=/a']\n"),
            Some(5),
            "the script runs another script with `eval` or a shell",
        ),
        (
            format!("x: &c [kube-apiserver]\n{}", pod("    command: *c\n")),
            Some(6),
            "an anchor, alias or tag is at a place that must change",
        ),
        (
            pod("    command: &c\n    - kube-apiserver\n"),
            Some(5),
            "an anchor, alias or tag is at a place that must change",
        ),
        (
            pod("    command:\n    - &c kube-apiserver\n"),
            Some(6),
            "this item cannot be changed in place",
        ),
        (
            pod("    command: [kube-apiserver, # first\n      b]\n"),
            Some(5),
            "these brackets contain more than items and commas",
        ),
        (
            format!(
                "{}  - name: other\n    args: [--audit-log-path=/x]\n",
                pod("    command: [kube-apiserver]\n")
            ),
            Some(6),
            "the container `other` also looks like kube-apiserver",
        ),
    ];
    let settings = Settings::new("");
    for (manifest, line, message) in table {
        let error: PatchError = patch(&settings, &manifest).expect_err(&manifest);
        assert!(error.message.starts_with(message), "{error}\n{manifest}");
        assert_eq!(error.line, line, "{error}\n{manifest}");
        assert!(!error.help.is_empty());
    }
    let container = "command:\n- kube-apiserver\n";
    let error = patch(&settings, container).unwrap_err();
    assert!(
        error.message.starts_with("this is a container, not a pod"),
        "{error}"
    );
    let long = format!("a: {}", "x".repeat(3 << 20));
    assert!(
        patch(&settings, &long)
            .unwrap_err()
            .message
            .contains("larger than 2 MiB")
    );
}

#[test]
fn hostile_manifests_are_rejected_or_patched_in_time() {
    let head = "kind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n";
    let many = 4_000;
    for manifest in [
        format!("{head}{}", "    - --audit-log-path=/a\n".repeat(many)),
        (0..many).fold(head.to_owned(), |text, n| {
            text + &format!("    - --audit-{n}\n")
        }),
        format!(
            "{head}    volumeMounts:\n{}",
            "    - {name: a, mountPath: /a}\n".repeat(many)
        ),
        format!(
            "{head}  volumes:\n{}",
            "  - {name: audit-log, emptyDir: {}}\n".repeat(many)
        ),
        format!(
            "kind: Pod\nspec: {{containers: [{{name: kube-apiserver, command: [{}]}}]}}\n",
            "--audit-log-path=/a, ".repeat(many)
        ),
        format!(
            "kind: Pod\nspec: {{containers: [{}]}}\n",
            "{name: kube-apiserver}, ".repeat(many)
        ),
        "\n".repeat(many),
    ] {
        let mut settings = Settings::new("");
        let _ = patch(&settings, &manifest);
        settings.log.path.clear();
        let _ = patch(&settings, &manifest);
    }
}
