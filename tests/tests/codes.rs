//! Every code of a finding has a page with a wrong and a right example, and both are run.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use apiserver_config::check;
use audit_import::import;
use audit_policy::{KubernetesVersion, lint, load};

/// A policy for settings that have none.
const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// The code that needs a log. `audit-volume` runs its examples.
const NEEDS_LOG: &str = "AE030";

/// Reads all pages by code.
fn pages() -> BTreeMap<String, String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let folders: Vec<PathBuf> = fs::read_dir(crates)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("findings"))
        .filter(|folder| folder.is_dir())
        .collect();
    let mut pages = BTreeMap::new();
    for entry in folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
    {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if code != "README" {
            let page = fs::read_to_string(&path).unwrap();
            assert!(
                pages.insert(code, page).is_none(),
                "{} twice",
                path.display()
            );
        }
    }
    pages
}

/// Returns the examples of a page: texts between fences.
fn examples(page: &str) -> Vec<&str> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks
        .map(|block| block.split_once('\n').unwrap().1)
        .collect()
}

/// Returns the codes that an example raises.
fn codes(code: &str, example: &str) -> BTreeSet<String> {
    let version = KubernetesVersion::NEWEST;
    if code.starts_with("AP") {
        let loaded = load(example.as_bytes(), version);
        let lints = lint(&loaded, version);
        let findings = loaded.findings.iter().chain(&lints);
        return findings.map(|finding| finding.code.to_string()).collect();
    }
    let mut read = import(example, version);
    if read.settings.policy.is_empty() {
        read.settings.policy = POLICY.to_owned();
    }
    let of_text = read.findings.iter().map(|finding| finding.code.to_string());
    let of_settings = check(&read.settings);
    of_text
        .chain(of_settings.iter().map(|finding| finding.code.to_string()))
        .collect()
}

#[test]
fn every_page_has_a_wrong_and_a_right_example() {
    let pages = pages();
    assert!(pages.len() >= 50, "{}", pages.len());
    for (code, page) in &pages {
        assert!(page.starts_with(&format!("# {code}: ")), "{code}: title");
        let examples = examples(page);
        let [wrong, right] = examples.as_slice() else {
            panic!("{code}: {} examples", examples.len());
        };
        if code == NEEDS_LOG {
            continue;
        }
        let (of_wrong, of_right) = (codes(code, wrong), codes(code, right));
        assert!(
            of_wrong.contains(code),
            "{code}: wrong example: {of_wrong:?}"
        );
        assert!(
            !of_right.contains(code),
            "{code}: right example: {of_right:?}"
        );
    }
}
