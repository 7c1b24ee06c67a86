//! Templates, texts that do not reach the server, and hostile texts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

mod document;

use audit_import::{KubernetesVersion, TemplateLanguage, recognize};
use document::{indented, only};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

#[test]
fn templates_are_checked_as_far_as_they_are_certain() {
    for (text, language, codes) in [
        (
            include_str!("data/documents/helm.yaml"),
            TemplateLanguage::Helm,
            &["AP051"][..],
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{% for u in users %}\n- level: None\n  users: [\"{{ u }}\"]\n{% endfor %}\n- level: {{ level }}\n- level: Loud\n  verb: [get]\n",
            TemplateLanguage::Jinja,
            &["AP051", "AP005", "AP013"],
        ),
        (
            // Literals inside of blocks, which may share their lines with statements; a value with an alternative is not known.
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{ if .Values.a }}- level: Loud{{ end }}\n- level: None\n  verbs: [get{{ if .Values.b }}, GETT{{ end }}]\n  users: [{{ range .Values.u }}\"{{ . }}\", {{ end }}\"system:masters\"]\n- level: {{ if .Values.c }}Quiet{{ else }}None{{ end }}\n",
            TemplateLanguage::Helm,
            &["AP051", "AP005", "AP028", "AP033"],
        ),
        (
            // Without its statements, this is not YAML.
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: {{ if .Values.c }}'Quiet'{{ else }}'None'{{ end }}\n- level: None\n  nonResourceURLs: [\"/healthz?x=1\"]\n",
            TemplateLanguage::Helm,
            &["AP051", "AP036"],
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: ${LEVEL}\n- level: $OTHER # $x\n- level: Loud\n",
            TemplateLanguage::Shell,
            &["AP051", "AP005"],
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n%{ for u in users ~}\n- level: None\n  users: [\"${u}\"]\n%{ endfor ~}\n- level: Metadata\n",
            TemplateLanguage::Terraform,
            &["AP051"],
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: {{ .Rules }}\n",
            TemplateLanguage::Go,
            &["AP051"],
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{ if .a }}- level: None{{ end }}\n",
            TemplateLanguage::Go,
            &["AP051"],
        ),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n<% if x %>\n- level: <%= @level %>\n<% end %>\n- levels: None\n",
            TemplateLanguage::Erb,
            &["AP051", "AP005", "AP013"],
        ),
        (
            "cat <<EOF >/p\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: ${LEVEL}\nEOF\n",
            TemplateLanguage::Shell,
            &["AP051"],
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-a\ndata:\n  p: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    {{- range .Values.u }}\n    - users: [{{ . | quote }}]\n      level: None\n    {{- end }}\n    - level: Loud\n",
            TemplateLanguage::Helm,
            &["AP051", "AP005"],
        ),
    ] {
        let found = recognize(text);
        let policy = only(&found);
        assert_eq!(policy.template(), Some(language), "{text}");
        let checked = policy.check(text, NEWEST);
        let found: Vec<_> = checked
            .findings
            .iter()
            .map(|finding| finding.code.as_ref())
            .collect();
        assert_eq!(found, codes, "{text}");
        assert!(!checked.is_accepted);
    }
}

#[test]
fn template_code_without_an_end_is_named() {
    let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{- range .Values.x }}\n- level: {{ .level\n{{ end }}\n- level: None\n";
    let found = recognize(text);
    let checked = only(&found).check(text, NEWEST);
    let finding = checked
        .findings
        .iter()
        .find(|finding| finding.code == "AP051")
        .unwrap();
    assert_eq!(
        finding.message,
        "this is a Helm template that cannot be rendered: `{{` is not closed"
    );
    let span = finding.span().unwrap();
    assert_eq!(span.start, text.find("{{ .level").unwrap());
    assert_eq!(&text[span.start..span.end], "{{");
}

#[test]
fn terraform_with_an_open_here_document_has_no_policy() {
    let text = "resource \"x\" \"y\" {\n  content = <<EOF\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n}\n";
    let found = recognize(text);
    let [document] = found.documents.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (document.title.as_str(), document.policies.len()),
        ("a Terraform configuration", 0)
    );
}

#[test]
fn texts_that_do_not_reach_the_server_are_reported_once() {
    let folded = format!(
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  p: >\n{}",
        indented(4)
    );
    let plain = format!(
        "apiVersion: v1\nkind: Secret\ndata:\n  p: |\n{}",
        indented(4)
    );
    for text in [
        folded.as_str(),
        plain.as_str(),
        "apiVersion: v1\nkind: Secret\ndata:\n  audit-policy: a$b\n",
        "kubernetes_audit: true\naudit_policy_custom_rules: >\n  - level: None\n  - level: Metadata\n",
        "kubernetes_audit: true\naudit_policy_custom_rules:\n- level: Metadata\n",
        "audit_policy_custom_rules: |\n  kind: Policy\n  rules:\n  - level: Metadata\n",
    ] {
        let found = recognize(text);
        let document = &found.documents[0];
        let mut codes: Vec<_> = document
            .findings
            .iter()
            .map(|f| f.code.to_string())
            .collect();
        codes.extend(
            document
                .not_a_policy()
                .map(|finding| finding.code.to_string()),
        );
        for policy in &document.policies {
            let checked = policy.check(text, NEWEST);
            assert!(!checked.is_accepted);
            codes.extend(
                checked
                    .findings
                    .iter()
                    .map(|finding| finding.code.to_string()),
            );
        }
        assert_eq!(codes, ["AP052"], "{text}");
    }
}

#[test]
fn large_and_hostile_texts_are_read_in_time() {
    let many = 20_000;
    let texts = [
        "x".repeat((16 << 20) + 1),
        "---\na: 1\n".repeat(many),
        "{{".repeat(many),
        "{{ x }}".repeat(many),
        "<<E\n".repeat(many),
        "```\n".repeat(many),
        format!(
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: \"{}\"\n",
            " \\n:".repeat(many)
        ),
        format!(
            "a: &a [{}]\nb: [{}]\n",
            "x: 1,".repeat(100),
            "*a,".repeat(many)
        ),
        format!("{}apiVersion{}", "[".repeat(many), "]".repeat(many)),
        format!("locals {{\n  a = jsonencode({}\n}}\n", "(".repeat(many)),
        format!(
            "kind: ConfigMap\napiVersion: v1\ndata:\n{}",
            (0..many)
                .map(|n| format!("  k{n}: 'audit-policy-file=/a'\n"))
                .collect::<String>()
        ),
    ];
    for text in texts {
        let found = recognize(&text);
        assert!(found.policies().count() == 0);
    }
    let policies = format!(
        "apiVersion: v1\nkind: ConfigMap\ndata:\n{}",
        (0..250)
            .map(|n| format!("  k{n}: |\n{}", indented(4)))
            .collect::<String>()
    );
    let found = recognize(&policies);
    assert_eq!(found.policies().count(), 200);
    let codes: Vec<_> = found.documents[0]
        .findings
        .iter()
        .map(|finding| finding.code.as_ref())
        .collect();
    assert_eq!(codes, ["AP053"]);
}

#[test]
fn cut_and_damaged_documents_are_read_without_a_panic() {
    let files = [
        include_str!("data/documents/cloudinit.yaml"),
        include_str!("data/documents/cluster-typo.yaml"),
        include_str!("data/documents/cluster.yml"),
        include_str!("data/documents/cm.yaml"),
        include_str!("data/documents/helm.yaml"),
        include_str!("data/documents/vars-folded.yml"),
        "locals {\n  p = jsonencode({\n    rules = [{ level = \"é\" }, var.x]\n    a = \"${b}\"\n  })\n}\n",
        "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"data\":{\"p\":\"kind: Policy\\napiVersion: audit.k8s.io/v1\\n\\u00e9: \\ud83d\\ude00\"}}",
    ];
    let read = |text: &str| {
        let found = recognize(text);
        for (_, policy) in found.policies() {
            for finding in policy.check(text, NEWEST).findings {
                let span = finding.span().unwrap_or_default();
                assert!(text.get(span.start..span.end).is_some(), "{text:?}");
            }
        }
    };
    for file in files {
        let cuts = file.char_indices().map(|(at, _)| at).step_by(7);
        for at in cuts {
            let (before, after) = file.split_at(at);
            read(before);
            read(after);
            for damage in ["{{", "\"", "\n", "é", ": ", "<<E\n", "\t", "|", ">"] {
                read(&format!("{before}{damage}{after}"));
            }
        }
    }
}

/// A name alone is that of a flag, whichever of the server's audit flags it is.
#[test]
fn a_text_with_the_name_of_an_audit_flag_has_flags() {
    for (name, title) in [
        ("audit-log-path", "a text with flags"),
        ("audit-webhook-config-file", "a text with flags"),
        ("audit-policy-file", "a text with flags"),
        ("audit-dynamic-configuration", "a text with flags"),
        ("audit-policies", "a text"),
    ] {
        let text = format!("What is this?\n\"{name}\", it's new: yes\n");
        assert_eq!(recognize(&text).documents[0].title, title, "{text}");
    }
}
