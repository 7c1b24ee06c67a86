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
        format!(
            "F=/p.yaml\n: > $F\n{}\n",
            appended.join("\n").replace("/p.yaml", "\"$F\"")
        ),
        format!("cat <<< '{POLICY}' > /p.yaml\n"),
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

/// Commands without a script's first line that contain the policy, and its name as messages have it.
#[test]
fn a_list_of_commands_is_not_a_broken_policy() {
    let lines: Vec<_> = POLICY.lines().collect();
    let appended = |file: &str| -> String {
        let lines = lines.iter();
        lines
            .map(|line| format!("echo \"{line}\" >> {file}\n"))
            .collect()
    };
    let literal = POLICY.trim_end();
    for (text, name) in [
        (appended("/p.yaml"), "/p.yaml"),
        (appended("policy.yaml"), "policy.yaml"),
        (appended("$HOME/p.yaml"), "$HOME/p.yaml"),
        (
            format!("sudo rm -f p.yaml\n{}", appended("p.yaml")),
            "p.yaml",
        ),
        (
            format!(
                "kubectl create configmap audit-policy -n kube-system --from-literal=policy.yaml='{literal}'\n"
            ),
            "policy.yaml",
        ),
        (
            format!(
                "kubectl create secret generic p \\\n  --from-literal \"p={literal}\" \\\n  --dry-run=client -o yaml\n"
            ),
            "p",
        ),
    ] {
        let recognized = recognize(&text);
        let found: Vec<_> = recognized.policies().collect();
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        assert_eq!(
            (found[0].1.name(), found[0].0.title.as_str()),
            (name, "a shell command"),
            "{text}"
        );
        let checked = found[0].1.check(&text, NEWEST);
        let loud = checked
            .findings
            .iter()
            .find(|finding| finding.message.contains("Loud"));
        let span = loud.expect(&text).span().unwrap();
        assert_eq!(&text[span.start..span.end], "Loud", "{text}");
        // The quotes are closed, and the text is not meant as YAML.
        let read = import(&text, NEWEST);
        let codes: Vec<_> = read
            .findings
            .iter()
            .map(|finding| finding.code.to_string())
            .collect();
        assert_eq!(codes, ["AE019"], "{text}");
    }
}

/// The place of an encoded policy is that of its code.
#[test]
fn an_encoded_policy_is_checked_with_the_place_of_its_code() {
    // `POLICY`, in Base64.
    let code = "YXBpVmVyc2lvbjogYXVkaXQuazhzLmlvL3YxCmtpbmQ6IFBvbGljeQpydWxlczoKLSBsZXZlbDogTWV0YWRhdGEKLSBsZXZlbDogTG91ZAo=";
    let wrapped = format!("{}\n{}", &code[..76], &code[76..]);
    for (text, place) in [
        (format!("base64 -d <<< {code} > /p.yaml\n"), code),
        (format!("echo '{code}' | base64 -d > /p.yaml\n"), code),
        (
            format!("#!/bin/sh\nbase64 -d > /p.yaml <<EOF\n{wrapped}\nEOF\n"),
            &wrapped,
        ),
        (
            format!("cat <<'EOF' | base64 --decode | sudo tee /p.yaml\n{wrapped}\nEOF\n"),
            &wrapped,
        ),
    ] {
        let recognized = recognize(&text);
        let found: Vec<_> = recognized.policies().collect();
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        let (_, policy) = found[0];
        assert_eq!(
            (policy.file.as_deref(), policy.text.as_str()),
            (Some("/p.yaml"), POLICY)
        );
        assert!(!policy.is_writable(), "{text}");
        let span = policy.span();
        assert_eq!(text[span.start..span.end].trim_end(), place, "{text}");
    }
}

#[test]
fn the_file_of_an_object_is_named() {
    for text in [
        "kubectl create configmap p --from-file=policy.yaml=/etc/k/audit.yaml\n",
        "kubectl -n a create cm p \\\n  --from-file '/etc/k/audit.yaml'\n",
    ] {
        let recognized = recognize(text);
        let finding = recognized.documents[0].not_a_policy().expect(text);
        assert!(
            finding.message.contains("`/etc/k/audit.yaml`"),
            "{}",
            finding.message
        );
    }
}

/// Each command of the list appends a line; together they write the policy.
#[test]
fn commands_of_a_list_write_a_policy_together() {
    let lines: Vec<_> = POLICY.lines().collect();
    let items = |before: &str, after: &str| -> String {
        let lines = lines.iter();
        lines
            .map(|line| format!("- {before}echo '{line}' >> /p.yaml{after}\n"))
            .collect()
    };
    for text in [
        format!(
            "#cloud-config\nruncmd:\n- rm -f /p.yaml\n{}",
            items("\"", "\"")
        ),
        format!("#cloud-config\nbootcmd:\n{}", items("|\n  ", "")),
        format!("#cloud-config\nruncmd:\n{}", items("[sh, -c, \"", "\"]")),
        format!(
            "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nspec:\n  preKubeadmCommands:\n{}",
            items("\"", "\"")
                .replace("- ", "  - ")
                .replace("'  - level", "'- level")
        ),
    ] {
        let recognized = recognize(&text);
        let found: Vec<_> = recognized.policies().collect();
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        let (_, policy) = found[0];
        assert_eq!(
            (policy.file.as_deref(), policy.text.as_str()),
            (Some("/p.yaml"), POLICY)
        );
        let checked = policy.check(&text, NEWEST);
        let loud = checked
            .findings
            .iter()
            .find(|finding| finding.message.contains("Loud"));
        let span = loud.expect(&text).span().unwrap();
        assert_eq!(&text[span.start..span.end], "Loud", "{text}");
    }
}

/// A command that appends to one file can write others, whose policies are read as well.
#[test]
fn a_command_that_writes_a_file_with_others_is_read_for_its_own_files() {
    let escaped = POLICY.replace('\n', "\\n");
    let body: String = POLICY.lines().map(|line| format!("  {line}\n")).collect();
    for own in [
        format!("cat > /own.yaml <<'EOF'\n{body}  EOF\n"),
        format!("printf '{escaped}' > /own.yaml\n"),
        format!("printf '{escaped}' | sudo tee /own.yaml\n"),
    ] {
        let text = format!(
            "#cloud-config\nruncmd:\n- echo 'a b' >> /notes\n- |\n  echo 'c d' >> /notes\n  {own}"
        );
        let recognized = recognize(&text);
        let found: Vec<_> = recognized.policies().collect();
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        let (_, policy) = found[0];
        assert_eq!(
            (policy.file.as_deref(), policy.text.as_str()),
            (Some("/own.yaml"), POLICY),
            "{text}"
        );
        let span = policy.span();
        assert!(text[span.start..span.end].contains("Loud"), "{text}");
    }
}

/// The lines of a here-document are text: a command in it, which another script would run, appends nothing.
#[test]
fn commands_in_here_documents_of_a_list_append_nothing() {
    let lines: Vec<_> = POLICY.lines().collect();
    let (last, first) = lines.split_last().unwrap();
    let first: String = first
        .iter()
        .map(|line| format!("- \"echo '{line}' >> /p.yaml\"\n"))
        .collect();
    let text = format!(
        "#cloud-config\nruncmd:\n{first}- |\n  cat > /later.sh <<'EOF'\n  echo '  omitStages: []' >> /p.yaml\n  EOF\n- \"echo '{last}' >> /p.yaml\"\n"
    );
    let recognized = recognize(&text);
    let found: Vec<_> = recognized.policies().collect();
    assert_eq!(found.len(), 1, "{text}\n{found:#?}");
    assert_eq!(found[0].1.text, POLICY, "{text}");
}
