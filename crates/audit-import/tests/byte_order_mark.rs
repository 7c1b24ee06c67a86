//! A byte order mark at the start of a text only changes the places of what follows it.

#![allow(clippy::string_slice, reason = "a test may fail by a panic")]

use audit_import::{KubernetesVersion, check_documents, import, recognize};
use audit_types::Diagnostic;

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

const TEXTS: [&str; 9] = [
    "profile: cis-1.23\n",
    "kube-apiserver --audit-log-path=/a/b.log --audit-log-maxage=30d\n",
    "k3d cluster create a --k3s-arg '--kube-apiserver-arg=audit-log-path=relative@server:*'\n",
    "resource \"a\" \"b\" {\n  user_data = <<-EOT\n  kube-apiserver --audit-log-path=/a/b.log --audit-log-maxage=x\n  EOT\n}\n",
    "locals {\n  policy = <<-EOT\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n  - level: Metadata\n    verb: [get]\n  EOT\n}\n",
    "apiVersion: v1\nkind: ConfigMap\ndata:\n  p.yaml: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Loud\n",
    "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    audit-log-path: /a/b.log\n",
    "- rule: a\n  condition: b\n  priority: INFO\n",
    "KUBE_APISERVER_ARGS=\"--audit-log-maxage=x\"\n",
];

/// Findings with the text that they are about, by their texts.
fn findings(text: &str, found: &[Diagnostic]) -> Vec<(String, String)> {
    let mut found: Vec<_> = found
        .iter()
        .map(|finding| {
            let spelled = finding.span().map(|span| &text[span.start..span.end]);
            let spelled = spelled.unwrap_or_default().trim_start_matches('\u{feff}');
            (
                format!("{} {}", finding.code, finding.message),
                spelled.to_owned(),
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_text_with_a_mark_is_read_as_one_without() {
    for bare in TEXTS {
        let text = format!("\u{feff}{bare}");
        let (expected, read) = (import(bare, NEWEST), import(&text, NEWEST));
        assert_eq!(read.settings, expected.settings, "{bare}");
        assert_eq!(
            (read.format, &read.title),
            (expected.format, &expected.title)
        );
        assert_eq!(
            findings(&text, &read.findings),
            findings(bare, &expected.findings)
        );
        let (expected, found) = (recognize(bare), recognize(&text));
        let titles = |found: &audit_import::Recognized| {
            let documents = found.documents.iter();
            documents.map(|one| one.title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(titles(&found), titles(&expected), "{bare}");
        let (expected, found) = (
            check_documents(&expected, bare, NEWEST),
            check_documents(&found, &text, NEWEST),
        );
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(
                findings(&text, &found.findings),
                findings(bare, &expected.findings)
            );
        }
    }
}
