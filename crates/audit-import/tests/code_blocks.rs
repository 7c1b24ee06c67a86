//! Policies and flags in code blocks of Markdown: with backquotes or tildes, indented, and with other text around them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may fail by a panic"
)]

use audit_import::{KubernetesVersion, import, recognize};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// A policy with a misspelled field.
const POLICY: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verb: [get]\n";

/// Puts a text into a code block, indented.
fn block((start, end): (&str, &str), margin: &str, text: &str) -> String {
    let lines = [start].into_iter().chain(text.lines()).chain([end]);
    let lines: String = lines.map(|line| format!("{margin}{line}\n")).collect();
    format!("1. Save this file:\n\n{lines}\nThen restart.\n")
}

const BLOCKS: [(&str, &str); 6] = [
    ("```", "```"),
    ("```yaml", "```"),
    ("~~~", "~~~"),
    ("~~~ yaml", "~~~"),
    ("~~~~yaml", "~~~~~"),
    ("````", "````"),
];

#[test]
fn a_policy_in_a_code_block_is_checked_where_it_is() {
    for signs in BLOCKS {
        for margin in ["", "   ", "\t"] {
            let text = block(signs, margin, POLICY);
            let found = recognize(&text);
            let policies: Vec<_> = found.policies().collect();
            let (_, policy) = policies[0];
            let check = policy.check(&text, NEWEST);
            // A tab may not indent YAML.
            assert_eq!(check.is_accepted, margin != "\t", "{text}");
            if !check.is_accepted {
                continue;
            }
            let mut findings = check.findings.iter();
            let misspelled = findings.find(|finding| finding.code == "AP013").unwrap();
            let span = misspelled.span().unwrap();
            assert_eq!(&text[span.start..span.end], "verb", "{text}");
            let edit = &misspelled.fix.as_ref().unwrap().edits[0];
            assert_eq!(&text[edit.span.start..edit.span.end], "verb", "{text}");
        }
    }
}

#[test]
fn flags_in_a_code_block_are_read() {
    for signs in BLOCKS {
        let text = block(signs, "  ", "kube-apiserver --audit-log-path=/a/b.log\n");
        let read = import(&text, NEWEST);
        assert_eq!(read.settings.log.path, "/a/b.log", "{text}");
    }
}
