//! Policies as training material prints them are repaired to policies that are equal to the indented ones, by proof. The material is not a part
//! of the repository: the tests are skipped if it is neither in `AUDIT_SHARED` nor next to the workspace. `kinds.rs` has texts of the same kinds.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use std::fs;
use std::path::PathBuf;

use audit_policy::{KubernetesVersion, load};
use audit_repair::{Options, Outcome, repair};

/// Returns a folder of texts that others wrote. `None` if it does not exist.
fn folder(name: &str) -> Option<Vec<(String, String)>> {
    let shared = match std::env::var_os("AUDIT_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let folder = shared.join("corpus").join(name);
    let Ok(files) = fs::read_dir(&folder) else {
        println!("skipped: no texts of others in {}", folder.display());
        return None;
    };
    let files = files.filter_map(|file| {
        let path = file.unwrap().path();
        let name = path.file_name()?.to_str()?.to_owned();
        Some((name, fs::read_to_string(path).ok()?))
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    Some(files)
}

#[test]
fn printed_policies_are_repaired_to_the_indented_ones() {
    let Some(files) = folder("seeds") else { return };
    let mut pairs = 0;
    for (name, text) in &files {
        let Some(stem) = name.strip_suffix("-asprinted.yaml") else {
            continue;
        };
        let partner = ["-reindented.yaml", "-with-header.yaml"]
            .iter()
            .find_map(|end| {
                let partner = format!("{stem}{end}");
                files.iter().find(|(name, _)| *name == partner)
            });
        let Some((_, partner)) = partner else {
            continue;
        };
        let repaired = repair(text, &Options::default());
        assert_eq!(repaired.outcome, Outcome::Repaired, "{name}");
        assert_eq!(repaired.questions, [], "{name}");
        assert!(!repaired.changes.is_empty(), "{name}");
        // Fragments have no header in the partner either.
        let partner = repair(partner, &Options::default()).text;
        assert!(
            common::is_equal(&partner, &repaired.text),
            "{name}:\n{}",
            repaired.text
        );
        pairs += 1;
    }
    assert!(pairs >= 10, "{pairs} pairs");
    println!("{pairs} pairs are equal");
}

#[test]
fn accepted_policies_are_unchanged() {
    let mut accepted = 0;
    for folder_name in ["policies", "seeds"] {
        let Some(files) = folder(folder_name) else {
            return;
        };
        for (name, text) in files {
            let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
            if loaded.policy.is_none() {
                continue;
            }
            let repaired = repair(&text, &Options::default());
            assert_eq!(repaired.changes, [], "{name}");
            assert_eq!(repaired.questions, [], "{name}");
            assert_eq!(repaired.outcome, Outcome::Intact, "{name}");
            assert_eq!(repaired.text, text, "{name}");
            accepted += 1;
        }
    }
    assert!(accepted > 50, "{accepted} policies");
    println!("{accepted} accepted policies are unchanged");
}
