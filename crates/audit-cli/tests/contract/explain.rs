//! `explain`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::Folder;

#[test]
fn pages_are_printed_by_code_in_either_case() {
    let folder = Folder::new("explain", &[]);
    let one = folder.run(&["explain", "AP020"]);
    assert_eq!(one.status, 0, "{}", one.err);
    assert!(one.out.starts_with("# AP020: "), "{}", one.out);
    assert!(one.out.contains("```yaml\n"), "{}", one.out);
    let two = folder.run(&["explain", "ap020", "AE001"]);
    assert!(two.out.starts_with(&one.out), "{}", two.out);
    assert!(two.out.contains("\n# AE001: "), "{}", two.out);
}

#[test]
fn the_list_has_every_code_with_severity_and_title() {
    let folder = Folder::new("explain-list", &[]);
    let list = folder.run(&["explain", "--list"]);
    assert_eq!(list.status, 0, "{}", list.err);
    let mut codes = BTreeSet::new();
    for line in list.out.lines() {
        let [code, severity, title] = line
            .splitn(3, "  ")
            .map(str::trim)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert!(["info", "warning", "error"].contains(&severity), "{line}");
        let page = folder.run(&["explain", code]).out;
        assert_eq!(page.lines().next().unwrap(), format!("# {code}: {title}"));
        codes.insert(code.to_owned());
    }
    assert_eq!(codes.len(), list.out.lines().count(), "{}", list.out);
    assert_eq!(codes, pages());
    let listed = list.out.lines().filter_map(|line| line.get(..5));
    assert!(listed.eq(&codes), "in order: {}", list.out);
    // One code of each severity.
    for line in [
        "AP005  error    a value that validation rejects",
        "AP020  warning  a rule that can never match",
        "AP022  info     a resource without its subresources",
    ] {
        assert!(list.out.lines().any(|listed| listed == line), "{line}");
    }
}

/// Returns the codes that have a page in the source.
fn pages() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    [
        "apiserver-config",
        "audit-import",
        "audit-inspect",
        "audit-policy",
    ]
    .into_iter()
    .flat_map(|name| fs::read_dir(crates.join(name).join("findings")).unwrap())
    .map(|entry| entry.unwrap().path())
    .map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned())
    .filter(|name| name != "README")
    .collect()
}

#[test]
fn the_list_as_json_is_the_same_list() {
    let folder = Folder::new("explain-json", &[]);
    let text = folder.run(&["explain", "--list"]);
    let list = folder.run(&["explain", "--list", "--format", "json"]);
    assert_eq!(list.status, 0, "{}", list.err);
    let mut lines = String::new();
    for line in list.out.lines() {
        let code: Value = serde_json::from_str(line).unwrap();
        let member = |key: &str| code[key].as_str().unwrap();
        lines += &format!(
            "{}  {:7}  {}\n",
            member("code"),
            member("severity"),
            member("title")
        );
    }
    assert_eq!(lines, text.out);
    assert_eq!(
        list.out.lines().next().unwrap(),
        r#"{"code":"AE001","severity":"error","title":"a value that the server rejects"}"#
    );
    // Pages have one format.
    let page = folder.run(&["explain", "AP001", "--format", "json"]);
    assert_eq!((page.status, page.out.as_str()), (2, ""));
}

#[test]
fn an_unknown_code_is_status_2() {
    let folder = Folder::new("explain-unknown", &[]);
    let ran = folder.run(&["explain", "AP999"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("unknown code `AP999`"), "{}", ran.err);
    assert_eq!(folder.run(&["explain"]).status, 2);
}
