//! The table of codes: its pages, their index, and an example of each code.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use audit_policy::ignores::Ignores;
use audit_policy::{Code, KubernetesVersion, LineIndex, PolicyCode, lint, load};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("findings")
}

/// The YAML blocks of a page: a policy with the finding, and a corrected one.
fn examples(page: &str) -> Vec<&str> {
    page.split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

/// Returns the codes that loading, linting and the comments of a policy report.
fn reported(policy: &str) -> Vec<String> {
    let version = KubernetesVersion::NEWEST;
    let loaded = load(policy.as_bytes(), version);
    let lints = lint(&loaded, version);
    let findings = loaded.findings.iter().chain(&lints).cloned();
    let mut ignores = Ignores::read(policy);
    let (mut kept, _) = ignores.apply(findings.collect(), &LineIndex::new(policy));
    let codes: Vec<&str> = PolicyCode::TABLE.iter().map(|code| code.id).collect();
    kept.extend(ignores.findings(&codes));
    kept.iter()
        .map(|finding| finding.code.to_string())
        .collect()
}

#[test]
fn codes_are_in_ascending_order_and_have_their_pages() {
    assert!(PolicyCode::TABLE.is_sorted_by(|one, next| one.id < next.id));
    for code in PolicyCode::TABLE {
        let heading = format!("# {}: {}\n", code.id, code.title);
        assert!(code.page.starts_with(&heading), "{heading}");
    }
    let pages = fs::read_dir(folder()).unwrap().count();
    assert_eq!(pages, PolicyCode::TABLE.len() + 1, "pages and their index");
}

#[test]
fn the_index_of_pages_is_that_of_the_table() {
    let section = |title: &str, is_in: fn(&str) -> bool| {
        let codes = PolicyCode::TABLE.iter().filter(|code| is_in(code.id));
        let lines = codes.map(|code| format!("- [{0}]({0}.md): {1}\n", code.id, code.title));
        format!("\n## {title}\n\n{}", lines.collect::<String>())
    };
    let is_ignored = |id: &str| ("AP010".."AP014").contains(&id);
    let index = [
        "# Findings\n\nEvery finding has a stable code and a page with its meaning, a policy that has it, and a corrected policy. \
         The test suite runs both.\n"
            .to_owned(),
        section("The server rejects the policy", |id| {
            id < "AP010" || id == "AP014"
        }),
        section(
            "The server accepts the policy, but ignores or changes something",
            is_ignored,
        ),
        section("The policy probably does not do what was intended", |id| {
            id >= "AP020"
        }),
    ];
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    assert_eq!(readme, index.concat());
}

#[test]
fn the_first_example_of_each_page_has_the_finding_and_the_second_does_not() {
    for code in PolicyCode::TABLE {
        let examples = examples(code.page);
        let [wrong, right] = examples.as_slice() else {
            assert_eq!(examples.len(), 2, "{}", code.id);
            continue;
        };
        // It takes a proof, which a crate above this one makes; the test of all pages has it.
        if code.id == "AP045" {
            continue;
        }
        let has = |policy: &str| reported(policy).iter().any(|found| found == code.id);
        assert!(has(wrong), "{}: the first example", code.id);
        assert!(!has(right), "{}: the second example", code.id);
    }
}
