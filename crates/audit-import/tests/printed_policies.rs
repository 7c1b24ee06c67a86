//! Policies that a script writes with `printf` and `echo`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_import::{InputFormat, KubernetesVersion, import, recognize};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// The policy of most rows. The server rejects its second level.
const POLICY: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n- level: Loud\n";

/// Ways in which a script writes the policy, with the words around it.
fn scripts() -> Vec<String> {
    let escaped = POLICY.replace('\n', "\\n");
    let lines: Vec<_> = POLICY.lines().collect();
    let quoted: Vec<_> = lines.iter().map(|line| format!("'{line}'")).collect();
    let appended: Vec<_> = lines
        .iter()
        .map(|line| format!("echo \"{line}\" >> /p.yaml"))
        .collect();
    vec![
        format!("printf '{escaped}' > /p.yaml\n"),
        format!("printf '{POLICY}' > /p.yaml\n"),
        format!("printf \"{escaped}\" | sudo tee /p.yaml > /dev/null\n"),
        format!("printf '%s\\n' {} > /p.yaml\n", quoted.join(" \\\n  ")),
        format!("echo '{POLICY}' > /p.yaml\n"),
        format!("echo -e \"{escaped}\" | tee /p.yaml\n"),
        format!("rm -f /p.yaml\n{}\n", appended.join("\n")),
        format!("cat > /other <<EOF\nx\nEOF\necho '{POLICY}' > \"/p.yaml\"\n"),
    ]
}

#[test]
fn a_printed_policy_is_found_with_its_place() {
    for command in scripts() {
        for text in [
            format!("#!/bin/bash\nset -e\n{command}"),
            format!(
                "#cloud-config\nruncmd:\n- |\n  {}\n",
                command.trim_end().replace('\n', "\n  ")
            ),
        ] {
            let recognized = recognize(&text);
            let found: Vec<_> = recognized.policies().collect();
            assert_eq!(found.len(), 1, "{text}\n{found:#?}");
            let (document, policy) = found[0];
            assert_ne!(document.format, InputFormat::Policy, "{text}");
            assert_eq!(policy.file.as_deref(), Some("/p.yaml"), "{text}");
            let checked = policy.check(&text, NEWEST);
            let loud = checked
                .findings
                .iter()
                .find(|finding| finding.message.contains("Loud"));
            let span = loud.expect(&text).span().unwrap();
            assert_eq!(&text[span.start..span.end], "Loud", "{text}");
        }
    }
}

#[test]
fn a_printed_policy_is_the_one_of_the_server() {
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
    let escaped = policy.replace('\n', "\\n");
    for command in [
        format!("printf '{escaped}' > /p.yaml"),
        format!("echo '{policy}' | tee /p.yaml"),
    ] {
        let text = format!(
            "#!/bin/sh\n{command}\nexec kube-apiserver --audit-policy-file=/p.yaml --audit-log-path=/a.log\n"
        );
        let read = import(&text, NEWEST);
        assert_eq!(read.settings.policy_path, "/p.yaml");
        assert_eq!(read.settings.policy.trim_end(), policy.trim_end(), "{text}");
    }
}

/// The text between the quotes of a here-document is not read a second time.
#[test]
fn a_script_in_a_here_document_has_one_policy() {
    let escaped = POLICY.replace('\n', "\\n");
    let text =
        format!("#!/bin/sh\ncat > /run.sh <<'EOF'\n#!/bin/sh\nprintf '{escaped}' > /p.yaml\nEOF\n");
    assert_eq!(recognize(&text).policies().count(), 1);
}
