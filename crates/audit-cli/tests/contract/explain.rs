//! `explain`.

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
fn the_list_has_every_code_with_its_title() {
    let folder = Folder::new("explain-list", &[]);
    let list = folder.run(&["explain", "--list"]);
    assert_eq!(list.status, 0, "{}", list.err);
    assert!(list.out.lines().count() >= 50, "{}", list.out);
    for line in list.out.lines() {
        let (code, title) = line.split_once("  ").unwrap();
        let page = folder.run(&["explain", code]).out;
        assert!(page.starts_with(&format!("# {code}: ")), "{line}");
        assert!(
            page.lines().next().unwrap().ends_with(title.trim()),
            "{line}"
        );
    }
}

#[test]
fn an_unknown_code_is_status_2() {
    let folder = Folder::new("explain-unknown", &[]);
    let ran = folder.run(&["explain", "AP999"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("unknown code `AP999`"), "{}", ran.err);
    assert_eq!(folder.run(&["explain"]).status, 2);
}
