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
