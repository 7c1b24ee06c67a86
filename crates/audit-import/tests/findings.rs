//! Every code has a page, with a text that has the finding and one that does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod finding;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use apiserver_config::{KubernetesVersion, SettingCode, Upgrade, check};
use audit_import::{ImportCode, import};
use audit_types::Code;
use finding::{code, line};

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// Only reported with a log: `audit-volume` tests its page.
const OF_A_LOG: &str = "AE030";

/// The crates that report findings of settings, each with its pages in `findings`.
fn crates() -> Vec<PathBuf> {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    ["apiserver-config", "audit-export", "audit-import"]
        .map(|name| crates.join(name))
        .to_vec()
}

/// Every page, by its code.
fn pages() -> BTreeMap<String, PathBuf> {
    let folders = crates().into_iter().map(|folder| folder.join("findings"));
    let mut pages = BTreeMap::new();
    for folder in folders.filter(|folder| folder.exists()) {
        for page in fs::read_dir(folder).unwrap() {
            let path = page.unwrap().path();
            let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if code.starts_with("AE") {
                assert!(pages.insert(code, path).is_none(), "a code has two pages");
            }
        }
    }
    pages
}

/// Codes of all findings about a text and its settings.
fn codes(text: &str) -> BTreeSet<&'static str> {
    let mut read = import(text, KubernetesVersion::NEWEST);
    if read.settings.policy.is_empty() {
        read.settings.policy = POLICY.to_owned();
    }
    let upgrade = Upgrade {
        settings: &read.settings,
        given: &read.given.names,
        gates: &read.given.gates,
        older_minor: None,
    };
    let changes = upgrade.changes(KubernetesVersion::OLDEST, KubernetesVersion::NEWEST);
    let of_text = read.findings.iter().chain(&changes).map(code);
    of_text
        .chain(check(&read.settings).iter().map(code))
        .collect()
}

#[test]
fn every_page_has_a_wrong_and_a_right_example() {
    let mut seen = 0;
    for (code, path) in pages() {
        let code = code.as_str();
        let page = fs::read_to_string(path).unwrap();
        assert!(page.starts_with(&format!("# {code}: ")), "{code}: title");
        // Text between fences is an example, with its language on the first line.
        let blocks: Vec<&str> = page.split("```").skip(1).step_by(2).collect();
        let [flawed, fixed] = blocks.as_slice() else {
            panic!("{code}: {} examples", blocks.len());
        };
        let text = |block: &str| {
            block
                .split_once('\n')
                .map_or(String::new(), |(_, text)| text.to_owned())
        };
        if code != OF_A_LOG {
            assert!(
                codes(&text(flawed)).contains(code),
                "{code}: {:?}",
                codes(&text(flawed))
            );
        }
        assert!(!codes(&text(fixed)).contains(code), "{code}: fixed");
        seen += 1;
    }
    assert_eq!(seen, SettingCode::TABLE.len() + ImportCode::TABLE.len());
}

#[test]
fn the_tables_have_the_titles_of_the_pages() {
    let pages = pages();
    let table = SettingCode::TABLE.iter().chain(ImportCode::TABLE);
    let mut count = 0;
    for info in table {
        let page = fs::read_to_string(&pages[info.id]).unwrap();
        assert_eq!(info.page, page);
        let first = page.lines().next().unwrap();
        assert_eq!(first, format!("# {}: {}", info.id, info.title));
        count += 1;
    }
    assert_eq!(count, pages.len());
}

#[test]
fn every_code_in_the_source_has_a_page_and_is_listed() {
    let mut codes = BTreeSet::from([OF_A_LOG.to_owned()]);
    let mut folders: Vec<_> = crates().iter().map(|folder| folder.join("src")).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let quoted = text
                .split('"')
                .filter(|word| word.len() == 5 && word.starts_with("AE0"));
            codes.extend(quoted.map(str::to_owned));
        }
    }
    let pages = pages();
    for code in &codes {
        let page = pages
            .get(code)
            .unwrap_or_else(|| panic!("{code} has no page"));
        let list = fs::read_to_string(page.with_file_name("README.md")).unwrap();
        assert!(
            list.contains(&format!("[{code}]({code}.md)")),
            "{code} is not listed"
        );
    }
    assert_eq!(codes.len(), pages.len(), "{codes:?}");
}

#[test]
fn merged_list_items_are_reported_and_not_patched() {
    let manifest = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n      - --audit-policy-file=/p.yaml\n      - --audit-log-path=/l/a.log\n";
    let read = import(manifest, KubernetesVersion::NEWEST);
    let found = read.findings.iter().find(|finding| finding.code == "AE022");
    assert_eq!(found.map(|finding| line(manifest, finding)), Some(7));
    // They are read as separate items.
    assert_eq!(
        (
            read.settings.policy_path.as_str(),
            read.settings.log.path.as_str()
        ),
        ("/p.yaml", "/l/a.log")
    );
    let error = audit_import::patch(&read.settings, manifest).unwrap_err();
    assert_eq!(error.line, Some(7));
}
