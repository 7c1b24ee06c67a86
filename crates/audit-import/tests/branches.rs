//! Branches of a script's conditions are alternatives: a later one does not replace the flags of an earlier one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_import::{Import, InputFormat, KubernetesVersion, import, recognize};
use audit_types::Severity;

fn read(text: &str) -> Import {
    import(text, KubernetesVersion::NEWEST)
}

/// Returns the lines with a finding about a branch.
fn branches(text: &str, read: &Import) -> Vec<usize> {
    let of_branch = read.findings.iter().filter(|finding| {
        finding.code == "AE034" && finding.message.contains("in one branch of a condition")
    });
    of_branch
        .map(|finding| 1 + text[..finding.span().unwrap().start].matches('\n').count())
        .collect()
}

#[test]
fn the_flags_of_the_first_branch_are_read_and_those_of_others_reported() {
    let assigned = "if [ \"$ENV\" = prod ]; then\n  FLAGS=\"--audit-policy-file=/p --audit-log-path=/prod.log --audit-log-maxage=30\"\nelse\n  FLAGS=\"--audit-log-path=/dev.log\"\nfi\nexec kube-apiserver $FLAGS\n";
    let started = "if [ -f /p ]; then\n  exec kube-apiserver --audit-policy-file=/p --audit-log-path=/prod.log --audit-log-maxage=30\nelse\n  exec kube-apiserver --audit-log-path=/dev.log\nfi\n";
    for script in [assigned, started] {
        for text in [
            script.to_owned(),
            format!("#!/bin/sh\nset -e\n{script}"),
            format!("#!/bin/sh\ncat > /a <<EOF\nelse\nEOF\n{script}"),
            format!(
                "#cloud-config\nwrite_files:\n- path: /run.sh\n  content: |\n    {}\n",
                script.trim_end().replace('\n', "\n    ")
            ),
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - sh\n    - -c\n    - |\n      {}\n",
                script.trim_end().replace('\n', "\n      ")
            ),
        ] {
            let read = read(&text);
            let log = &read.settings.log;
            let values = (
                log.path.as_str(),
                log.max_age_days,
                read.settings.policy_path.as_str(),
            );
            assert_eq!(values, ("/prod.log", 30, "/p"), "{text}");
            assert_eq!(
                branches(&text, &read).len(),
                2,
                "{text}\n{:#?}",
                read.findings
            );
            let repeated = read.findings.iter().any(|finding| finding.code == "AE018");
            assert!(!repeated, "{text}");
            assert!(read.others.is_empty(), "{text}");
        }
    }
}

#[test]
fn a_branch_that_always_runs_is_read_without_a_finding() {
    let text = "#!/bin/sh\nif false; then\n  F=--audit-log-path=/a\nelse\n  F=--audit-log-path=/b\nfi\nkube-apiserver $F\n";
    let read = read(text);
    assert_eq!(read.settings.log.path, "/b");
    assert_eq!(branches(text, &read), Vec::<usize>::new());
}

#[test]
fn a_condition_without_else_leaves_the_flags_in_doubt() {
    let text = "#!/bin/sh\nif [ -n \"$AUDIT\" ]; then\n  F=\"$F --audit-log-path=/a\"\nfi\nkube-apiserver $F --audit-policy-file=/p\n";
    let read = read(text);
    assert_eq!(
        (
            read.settings.log.path.as_str(),
            read.settings.policy_path.as_str()
        ),
        ("/a", "/p")
    );
    assert_eq!(branches(text, &read), [3]);
}

/// `/proc/PID/cmdline` has a NUL byte behind each argument, which may contain anything else (proc(5)).
#[test]
fn a_command_line_of_proc_is_read() {
    let text = "/usr/local/bin/kube-apiserver\0--etcd-servers=https://a:2379\0--audit-policy-file=/p\0--audit-log-path\0/var/log/k8s audit.log\0--audit-log-maxage=7\0";
    let read = read(text);
    assert_eq!(read.settings.log.path, "/var/log/k8s audit.log");
    assert_eq!(
        (
            read.settings.policy_path.as_str(),
            read.settings.log.max_age_days
        ),
        ("/p", 7)
    );
    assert_eq!(read.format, InputFormat::Flags);
    assert_eq!(read.title, "the command line of a process");
    let serious = read
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info);
    assert_eq!(serious.count(), 0, "{:#?}", read.findings);
    // UTF-16 without its mark is another text.
    let wide = "kube-apiserver --audit-log-path=/a".replace("", "\0");
    let title = import(wide.trim_start_matches('\0'), KubernetesVersion::NEWEST).title;
    assert_ne!(title, "the command line of a process");
    let recognized = recognize(text);
    let finding = recognized.documents[0].not_a_policy().unwrap();
    assert!(
        finding.message.contains("the command line of a process"),
        "{}",
        finding.message
    );
}
