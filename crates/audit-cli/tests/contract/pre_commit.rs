//! The hook for pre-commit: what it runs works on a repository as a whole.

use std::collections::BTreeMap;
use std::fs;

use crate::{BAD, Folder, GOOD};

/// Reads the keys and values of the one hook.
fn hook() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.pre-commit-hooks.yaml");
    let text = fs::read_to_string(path).unwrap();
    let items = text.lines().filter(|line| line.starts_with("- "));
    assert_eq!(items.count(), 1);
    let pairs = text.lines().map(|line| {
        let (key, value) = line[2..].split_once(": ").unwrap();
        (key.to_owned(), value.to_owned())
    });
    pairs.collect()
}

#[test]
fn the_hook_checks_the_policies_of_a_repository() {
    let hook = hook();
    let keys: Vec<&str> = hook.keys().map(String::as_str).collect();
    let known = [
        "args",
        "description",
        "entry",
        "id",
        "language",
        "name",
        "pass_filenames",
        "types_or",
    ];
    assert_eq!(keys, known);
    assert_eq!(hook["id"], "audit-policy-check");
    // Of files that are named, each has to be a policy.
    assert_eq!(hook["pass_filenames"], "false");
    let args: Vec<String> = serde_json::from_str(&hook["args"]).unwrap();
    let mut words: Vec<&str> = hook["entry"].split(' ').collect();
    assert_eq!(words.remove(0), "audit-policy");
    words.extend(args.iter().map(String::as_str));
    let other = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n";
    let folder = Folder::new("pre-commit", &[("s.yaml", other), ("p.yaml", GOOD)]);
    assert_eq!(folder.run(&words).status, 0);
    folder.write("p.yaml", BAD);
    assert_eq!(folder.run(&words).status, 1);
}
