//! Every fix of every page of findings, for policies in every container: the outer text changes as the policy would change as a file.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use std::fs;
use std::path::Path;

use audit_import::{EmbeddedPolicy, KubernetesVersion, recognize};
use audit_policy::{lint, load};
use audit_types::{Edit, Fix};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// Texts before and after a policy, and its indentation.
const CONTAINERS: [(&str, usize, &str); 7] = [
    (
        "kind: ConfigMap\napiVersion: v1\ndata:\n  p: |\n",
        4,
        "  q: 1\n",
    ),
    ("kind: ConfigMap\napiVersion: v1\ndata:\n  p: |-\n", 3, ""),
    (
        "kind: ConfigMap\napiVersion: v1\ndata:\n  p: |+ # c\n",
        8,
        "\n\n# end\nz: 1\n",
    ),
    (
        "#cloud-config\nwrite_files:\n- path: /p\n  content: |\n",
        4,
        "- path: /q\n",
    ),
    (
        "kind: ConfigMap\napiVersion: v1\ndata:\n  p: |\n    machine:\n      files:\n      - content: |\n",
        10,
        "        path: /p\n",
    ),
    (
        "cluster:\n  apiServer:\n    auditPolicy:\n",
        6,
        "    extraArgs: {}\n",
    ),
    (
        "# c\nservices:\n  kube-api:\n    audit_log:\n      configuration:\n        policy:\n",
        10,
        "nodes: []\n",
    ),
];

/// Returns the examples of all pages of findings about policies.
fn policies() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audit-policy/findings");
    let mut policies = Vec::new();
    for page in fs::read_dir(folder).unwrap() {
        let page = fs::read_to_string(page.unwrap().path()).unwrap();
        let blocks = page.split("```").skip(1).step_by(2);
        policies.extend(blocks.filter_map(|block| Some(block.split_once('\n')?.1.to_owned())));
    }
    policies
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    out
}

/// Returns the fixes of a policy as a file.
fn fixes(policy: &EmbeddedPolicy) -> Vec<Fix> {
    let loaded = load(policy.text.as_bytes(), NEWEST);
    let lints = lint(&loaded, NEWEST);
    let findings = loaded.findings.iter().chain(&lints);
    findings.filter_map(|finding| finding.fix.clone()).collect()
}

#[test]
fn a_fix_changes_the_policy_inside_as_it_changes_a_file() {
    let mut written = 0;
    let mut left_out = 0;
    for policy in policies() {
        for (before, indent, after) in CONTAINERS {
            let margin = " ".repeat(indent);
            let lines = policy.lines().map(|line| match line {
                "" => "\n".to_owned(),
                line => format!("{margin}{line}\n"),
            });
            let outer = format!("{before}{}{after}", lines.collect::<String>());
            let found = recognize(&outer);
            let inside: Vec<_> = found.policies().map(|(_, policy)| policy).collect();
            // A page can have a text that is not a policy, or several documents.
            let [embedded] = inside.as_slice() else {
                continue;
            };
            for fix in fixes(embedded) {
                let edits: Option<Vec<Edit>> = fix
                    .edits
                    .iter()
                    .map(|edit| embedded.source.edit(&embedded.text, &outer, edit))
                    .collect();
                let Some(edits) = edits else {
                    left_out += 1;
                    continue;
                };
                let changed = apply(&outer, &edits);
                let again = recognize(&changed);
                let texts: Vec<_> = again
                    .policies()
                    .map(|(_, policy)| policy.text.clone())
                    .collect();
                let expected = apply(&embedded.text, &fix.edits);
                let trimmed = |text: &str| text.trim_end().to_owned();
                assert_eq!(texts.len(), 1, "{}\n{outer}\n{changed}", fix.title);
                assert_eq!(
                    trimmed(&texts[0]),
                    trimmed(&expected),
                    "{}\n{outer}\n{changed}",
                    fix.title
                );
                assert!(changed.starts_with(before), "{}\n{changed}", fix.title);
                assert!(changed.ends_with(after), "{}\n{changed}", fix.title);
                written += 1;
            }
        }
    }
    assert!(written > 100, "{written}");
    assert!(left_out * 10 < written, "{left_out} of {written}");
}
