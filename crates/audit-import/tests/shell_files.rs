//! Files that the script of a container writes before it starts kube-apiserver.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use apiserver_config::{KubernetesVersion, Settings};
use audit_import::{import, patch};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// A manifest of a container with this command.
fn manifest(command: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: kube-apiserver}}\nspec:\n  containers:\n  - name: kube-apiserver\n{command}    image: k8s.gcr.io/kube-apiserver:v1.30.1\n"
    )
}

#[test]
fn a_file_that_the_script_writes_is_not_missing() {
    let flags = "--audit-policy-file=/run/p.yaml --audit-log-path=-";
    for (script, expected) in [
        ("exec kube-apiserver FLAGS", vec!["AE011", "AE014"]),
        (
            "cat > /run/p.yaml <<EOF\nkind: Policy\nEOF\nexec kube-apiserver FLAGS",
            vec![],
        ),
        (
            "tee /run/p.yaml <<'EOF' >/dev/null\nkind: Policy\nEOF\nexec kube-apiserver FLAGS",
            vec![],
        ),
        (
            "printf 'kind: Policy\\n' > /run/p.yaml\nexec kube-apiserver FLAGS",
            vec![],
        ),
        (
            "P=/run/p.yaml\necho \"$POLICY\" | base64 -d > \"$P\"\nkube-apiserver FLAGS",
            vec![],
        ),
        ("cp /a/p.yaml /run/p.yaml && kube-apiserver FLAGS", vec![]),
        (
            "echo x > /run/q.yaml; kube-apiserver FLAGS",
            vec!["AE011", "AE014"],
        ),
        // The files of another root directory are not those of the container.
        ("exec chroot /host kube-apiserver FLAGS", vec!["AE014"]),
        (
            "exec nsenter -t 1 -m -- kube-apiserver FLAGS",
            vec!["AE014"],
        ),
        (
            "exec nice -n -5 kube-apiserver FLAGS",
            vec!["AE011", "AE014"],
        ),
        (
            "su kube -s /bin/sh -c \"kube-apiserver FLAGS\"",
            vec!["AE011", "AE014"],
        ),
    ] {
        let script = script.replace("FLAGS", flags).replace('\n', "\n      ");
        let text = manifest(&format!(
            "    command: [/bin/sh, -c]\n    args:\n    - |\n      {script}\n"
        ));
        let read = import(&text, NEWEST);
        assert_eq!(read.settings.policy_path, "/run/p.yaml", "{text}");
        let all = read.all_findings(&text);
        let codes = ["AE011", "AE014", "AE034"];
        let found = all.iter().map(|finding| finding.code.as_ref());
        let mut found: Vec<&str> = found.filter(|code| codes.contains(code)).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn flags_are_added_to_the_server_behind_a_here_document() {
    let before = manifest(
        "    command: [/bin/sh, -c]\n    args:\n    - |\n      cat > /x <<EOF\n      kube-apiserver 'a\n      EOF\n      exec kube-apiserver --v=2\n",
    );
    let text = patch(&Settings::new(""), &before).unwrap().text;
    let line = text
        .lines()
        .find(|line| line.contains("exec kube-apiserver"))
        .unwrap();
    assert!(
        line.contains("--v=2") && line.contains("--audit-policy-file="),
        "{line}"
    );
    assert!(
        text.contains("      kube-apiserver 'a\n      EOF\n"),
        "{text}"
    );
}

/// A server in each branch of a condition: whichever runs gets the flags.
#[test]
fn servers_with_the_same_audit_flags_all_get_the_new_ones() {
    let mut settings = Settings::new("");
    settings.policy_path.clear();
    settings.log.path = "-".to_owned();
    let server = "exec kube-apiserver --secure-port=6443";
    for (script, count) in [
        (
            format!("if [ -f /a ]; then\n{server}\nelse\n{server} --v=4\nfi"),
            2,
        ),
        (
            format!("case $A in\na) {server} ;;\nb) {server} ;;\n*) {server} ;;\nesac"),
            3,
        ),
        (format!("[ -f /a ] && {server} || {server}"), 2),
        (
            format!(
                "if a; then {server} --audit-log-path=/l; else {server} --audit-log-path=/l; fi"
            ),
            2,
        ),
    ] {
        for block in ["|", "|-"] {
            let lines = script.replace('\n', "\n      ");
            let before = manifest(&format!(
                "    command:\n    - sh\n    - -c\n    - {block}\n      {lines}\n"
            ));
            let patched = patch(&settings, &before).unwrap();
            assert_eq!(
                patched.text.matches(" --audit-log-path=-").count(),
                count,
                "{}",
                patched.text
            );
            assert!(!patched.text.contains("/l"), "{}", patched.text);
            assert_eq!(import(&patched.text, NEWEST).settings.log.path, "-");
        }
    }
}

/// The shell reads a CR, and a backslash at the very end, as a part of an argument.
#[test]
fn texts_that_cannot_be_patched_come_with_the_flags_to_add() {
    let server = "exec kube-apiserver --secure-port=6443";
    let folder = "    command:\n    - sh\n    - -c\n";
    for (text, reason) in [
        (
            manifest(&format!("{folder}    - \"set -e\\r\\n{server}\\r\\n\"\n")),
            "CR LF",
        ),
        (
            manifest(&format!("{folder}    - {server} \\\n")),
            "ends with `\\`",
        ),
        (
            manifest(&format!(
                "{folder}    - |-\n      {server} \\\n        --v=2 \\\n"
            )),
            "ends with `\\`",
        ),
        (format!("#!/bin/sh\r\n{server}\r\n"), "a shell script"),
    ] {
        let error = patch(&Settings::new(""), &text).unwrap_err();
        assert!(error.message.contains(reason), "{text}: {error}");
        assert!(
            error.help.contains("by hand: --audit-policy-file="),
            "{text}: {error}"
        );
    }
    // YAML reads CR LF of a block as LF, and a backslash before a line end continues the line.
    for block in ["|", "|-", "|+"] {
        let text = manifest(&format!(
            "{folder}    - {block}\n      set -e\n      {server} \\\n        --v=2\n"
        ));
        for text in [
            text.replace('\n', "\r\n"),
            text.replace("--v=2\n", "--v=2 \\\n\n      # end\n"),
        ] {
            let patched = patch(&Settings::new(""), &text).unwrap();
            let read = import(&patched.text, NEWEST).settings;
            assert_eq!(read.flags(), Settings::new("").flags(), "{}", patched.text);
            let ends = |text: &str, end: &str| text.matches(end).count();
            let is_crlf = text.contains('\r');
            assert_eq!(
                ends(&patched.text, "\r\n"),
                if is_crlf {
                    ends(&patched.text, "\n")
                } else {
                    0
                }
            );
        }
    }
}
