//! Writing of files: completely or not at all, with their mode, links, encoding and line ends.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use crate::{COMMAND, Folder, GOOD, NESTED};

/// `NESTED` with every fix applied: `verbs` one level up, and the stage that tells nothing left out.
const FIXED: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  verbs: [create]\n  resources:\n  - group: \"\"\n    resources: [pods]\n- level: Metadata\n";

/// The names in a folder: no temporary file may be left in it.
fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(&folder.0).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(folder: &Folder, name: &str) -> u32 {
    fs::metadata(folder.0.join(name))
        .unwrap()
        .permissions()
        .mode()
        & 0o7777
}

/// Returns the message about the one fix of `NESTED`, whose `verbs` are in line 8.
fn moved(file: &str) -> String {
    format!("audit-policy: {file}:8: fixed: move `verbs` to the rule\n")
}

#[test]
fn a_fix_keeps_the_mode_and_the_link() {
    let folder = Folder::new("save-mode", &[("real.yaml", NESTED)]);
    let real = folder.0.join("real.yaml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    fs::create_dir(folder.0.join("links")).unwrap();
    symlink("../real.yaml", folder.0.join("links/a.yaml")).unwrap();
    symlink("links/a.yaml", folder.0.join("b.yaml")).unwrap();
    let ran = folder.run(&["check", "--fix", "b.yaml"]);
    assert_eq!((ran.status, ran.err), (0, moved("b.yaml")));
    assert_eq!(folder.read("real.yaml"), FIXED);
    assert_eq!(mode(&folder, "real.yaml"), 0o640);
    assert!(
        fs::symlink_metadata(folder.0.join("b.yaml"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(names(&folder), ["b.yaml", "links", "real.yaml"]);
}

#[test]
fn a_fix_writes_a_file_with_two_names_under_both() {
    let folder = Folder::new("save-hard-link", &[("a.yaml", NESTED)]);
    fs::hard_link(folder.0.join("a.yaml"), folder.0.join("b.yaml")).unwrap();
    assert_eq!(folder.run(&["check", "--fix", "a.yaml"]).status, 0);
    assert_eq!(
        (folder.read("a.yaml"), folder.read("b.yaml")),
        (FIXED.to_owned(), FIXED.to_owned())
    );
    assert_eq!(fs::metadata(folder.0.join("b.yaml")).unwrap().nlink(), 2);
    assert_eq!(names(&folder), ["a.yaml", "b.yaml"]);
}

#[test]
fn a_fix_that_cannot_be_written_leaves_the_policy_whole() {
    // A disk that takes no more than 2 KiB, or 4, for the policy of 9.
    let policy = format!("{NESTED}# {}\n", "x".repeat(9_000));
    let folder = Folder::new("save-full", &[("p.yaml", &policy)]);
    fs::hard_link(folder.0.join("p.yaml"), folder.0.join("q.yaml")).unwrap();
    for name in ["p.yaml", "q.yaml"] {
        for verb in ["check --fix", "check --fix --format json"] {
            let call = format!("ulimit -f 4; exec \"$0\" {verb} {name}");
            let output = Command::new("sh")
                .args(["-c", &call, COMMAND])
                .current_dir(&folder.0)
                .output()
                .unwrap();
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{err}");
            assert!(
                err.starts_with(&format!("audit-policy: cannot write `{name}`: ")),
                "{err}"
            );
            assert_eq!(folder.read(name), policy);
        }
    }
    assert_eq!(names(&folder), ["p.yaml", "q.yaml"]);
}

#[test]
fn an_archive_that_cannot_be_written_leaves_the_old_one() {
    let policy = format!("{GOOD}# {}\n", "x".repeat(9_000));
    let folder = Folder::new("save-zip", &[("p.yaml", &policy), ("old.zip", "old")]);
    let zip = "export --policy p.yaml --target static-pod --zip";
    let run = |name: &str| {
        let call = format!("ulimit -f 4; exec \"$0\" {zip} {name}");
        Command::new("sh")
            .args(["-c", &call, COMMAND])
            .current_dir(&folder.0)
            .output()
            .unwrap()
    };
    assert_eq!(run("old.zip").status.code(), Some(2));
    assert_eq!(run("new.zip").status.code(), Some(2));
    assert_eq!(folder.read("old.zip"), "old");
    assert_eq!(names(&folder), ["old.zip", "p.yaml"]);
    let words: Vec<&str> = zip.split(' ').chain(["new.zip"]).collect();
    assert_eq!(folder.run(&words).status, 0);
    assert!(
        fs::read(folder.0.join("new.zip"))
            .unwrap()
            .starts_with(b"PK")
    );
}

#[test]
fn a_new_file_has_the_usual_mode() {
    let folder = Folder::new("save-new", &[("p.yaml", GOOD)]);
    let call = "umask 027; exec \"$0\" export --policy p.yaml --target flags --zip new.zip";
    let output = Command::new("sh")
        .args(["-c", call, COMMAND])
        .current_dir(&folder.0)
        .output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    assert_eq!(mode(&folder, "new.zip"), 0o640);
}

#[test]
fn devices_and_pipes_are_written_as_they_are() {
    let folder = Folder::new("save-device", &[("p.yaml", GOOD)]);
    let call = "\"$0\" export --policy p.yaml --target flags --zip /dev/stdout | head -c 2";
    let output = Command::new("sh")
        .args(["-c", call, COMMAND])
        .current_dir(&folder.0)
        .output();
    assert_eq!(output.unwrap().stdout, b"PK");
    if fs::metadata("/dev/full").is_ok() {
        let ran = folder.run(&[
            "export",
            "--policy",
            "p.yaml",
            "--target",
            "flags",
            "--zip",
            "/dev/full",
        ]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("cannot write `/dev/full`"), "{}", ran.err);
    } else {
        println!("skipped: there is no /dev/full");
    }
}

#[test]
fn a_directory_that_takes_no_file_leaves_the_policy_whole() {
    let folder = Folder::new("save-read-only", &[]);
    let inner = folder.0.join("d");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("p.yaml"), NESTED).unwrap();
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o555)).unwrap();
    let ran = folder.run(&["check", "--fix", "d/p.yaml"]);
    let after = folder.read("d/p.yaml");
    fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
    // Root writes into it all the same.
    match ran.status {
        0 => assert_eq!(after, FIXED),
        status => {
            assert_eq!((status, after.as_str()), (2, NESTED));
            assert!(ran.err.contains("cannot write `d/p.yaml`"), "{}", ran.err);
        }
    }
}

#[test]
fn a_fix_keeps_line_ends_marks_and_encoding() {
    let windows = |text: &str| text.replace('\n', "\r\n").into_bytes();
    let marked = |text: &str| format!("\u{feff}{text}").into_bytes();
    let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    let little = |text: &str| wide(text, u16::to_le_bytes);
    let big = |text: &str| wide(&text.replace('\n', "\r\n"), u16::to_be_bytes);
    let encodings = [
        ("windows", windows(NESTED), windows(FIXED)),
        ("marked", marked(NESTED), marked(FIXED)),
        ("little", little(NESTED), little(FIXED)),
        ("big", big(NESTED), big(FIXED)),
    ];
    let folder = Folder::new("save-encoding", &[]);
    for (name, before, after) in encodings {
        let file = folder.0.join(name);
        fs::write(&file, before).unwrap();
        let ran = folder.run(&["check", "--fix", name]);
        assert_eq!((ran.status, ran.err), (0, moved(name)), "{name}");
        assert_eq!(fs::read(&file).unwrap(), after, "{name}");
    }
}

#[test]
fn a_file_in_a_directory_that_is_not_there_is_status_2() {
    let folder = Folder::new("save-nowhere", &[("p.yaml", GOOD)]);
    symlink("gone/a.zip", folder.0.join("link.zip")).unwrap();
    for name in ["gone/a.zip", "link.zip", "p.yaml/a.zip", "."] {
        let ran = folder.run(&[
            "export", "--policy", "p.yaml", "--target", "flags", "--zip", name,
        ]);
        assert_eq!(ran.status, 2, "{name}");
        assert!(
            ran.err
                .starts_with(&format!("audit-policy: cannot write `{name}`: ")),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains(".tmp"), "{}", ran.err);
    }
    // A link to nothing yet is written where it leads.
    fs::create_dir(folder.0.join("gone")).unwrap();
    let ran = folder.run(&[
        "export", "--policy", "p.yaml", "--target", "flags", "--zip", "link.zip",
    ]);
    assert_eq!((ran.status, names(&folder).len()), (0, 3));
    assert!(folder.0.join("gone/a.zip").is_file());
    assert!(
        fs::symlink_metadata(folder.0.join("link.zip"))
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn what_is_not_a_file_is_not_fixed() {
    let folder = Folder::new("save-pipe", &[("n.yaml", NESTED)]);
    let call = "mkfifo pipe; cat n.yaml > pipe & exec \"$0\" check --fix pipe";
    let output = Command::new("sh")
        .args(["-c", call, COMMAND])
        .current_dir(&folder.0)
        .output();
    let output = output.unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(
        err.contains("cannot write `pipe`: it is not a file"),
        "{err}"
    );
    let ran = folder.run_on(NESTED, &["check", "--fix", "-"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, FIXED));
}

#[test]
fn bytes_that_are_not_text_are_not_fixed_away() {
    let folder = Folder::new("save-bytes", &[]);
    let policy = [NESTED.as_bytes(), b"# \xff\n"].concat();
    fs::write(folder.0.join("p.yaml"), &policy).unwrap();
    let ran = folder.run(&["check", "--fix", "p.yaml"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.err
            .contains("p.yaml: not fixed: it contains bytes that are not text"),
        "{}",
        ran.err
    );
    assert_eq!(fs::read(folder.0.join("p.yaml")).unwrap(), policy);
}
