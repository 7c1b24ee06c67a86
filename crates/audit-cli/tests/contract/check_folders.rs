//! `check` on folders and patterns.

use std::fs;
use std::time::Instant;

use crate::{BAD, Folder, GOOD};

/// A folder with policies, documents and other files, and the files of it that count, in their order.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(
        name,
        &[
            ("top.yaml", GOOD),
            ("mkdocs.yml", "site_name: about audit.k8s.io\n"),
        ],
    );
    for inner in ["clusters/a", "clusters/b", ".git", "logs"] {
        fs::create_dir_all(folder.0.join(inner)).unwrap();
    }
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: audit\ndata:\n  policy.yaml: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n";
    folder.write("clusters/a/map.yaml", map);
    folder.write(
        "clusters/a/service.yaml",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n",
    );
    folder.write("clusters/b/policy.yaml", GOOD);
    folder.write("clusters/b/README.md", "The group is `audit.k8s.io/v1`.\n");
    folder.write(".git/policy.yaml", GOOD);
    folder.write("logs/audit.log", "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"1\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/\",\"verb\":\"get\",\"user\":{}}\n");
    fs::write(folder.0.join("binary.yaml"), b"\0audit.k8s.io").unwrap();
    folder
}

/// Files of the objects that are printed.
fn files(folder: &Folder, words: &[&str]) -> Vec<String> {
    let ran = folder.run(&[&["check", "--format", "json"], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let objects = ran.objects().into_iter();
    objects
        .map(|object| object["file"].as_str().unwrap().to_owned())
        .collect()
}

/// Pages and reports quote policies.
#[test]
fn markdown_and_reports_count_only_if_they_are_named() {
    let page = format!("# A policy\n\n```yaml\n{GOOD}```\n");
    let quoting = ["a.md", "b.MARKDOWN", "c.mdx"].map(|name| (name, &*page));
    let folder = Folder::new(
        "check-quoting",
        &[&quoting[..], &[("p.yaml", GOOD)]].concat(),
    );
    let written = [
        "--output=sarif=d.sarif",
        "--output=json=e.json",
        "--output=sarif=f.json",
    ];
    let ran = folder.run(&[&["check"], &written[..], &["p.yaml"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(files(&folder, &["."]), ["./p.yaml"]);
    assert_eq!(files(&folder, &["*"]), ["p.yaml"]);
    assert_eq!(files(&folder, &["a.md"]), ["a.md"]);
    assert_eq!(files(&folder, &["*.md"]), ["a.md"]);
}

#[test]
fn a_folder_is_walked_in_the_order_of_names() {
    let folder = folder("check-folder");
    let expected = [
        "./clusters/a/map.yaml",
        "./clusters/b/policy.yaml",
        "./top.yaml",
    ];
    assert_eq!(files(&folder, &["."]), expected);
    assert_eq!(
        files(&folder, &["clusters/b", "top.yaml"]),
        ["clusters/b/policy.yaml", "top.yaml"]
    );
    let ran = folder.run(&["check", "."]);
    let note = "audit-policy: passed over 1 binary file\n";
    assert_eq!(ran.err, note);
}

#[test]
fn a_pattern_selects_files() {
    let folder = folder("check-pattern");
    assert_eq!(
        files(&folder, &["clusters/**/*.yaml"]),
        ["clusters/a/map.yaml", "clusters/b/policy.yaml"]
    );
    assert_eq!(files(&folder, &["*.yaml"]), ["top.yaml"]);
    assert_eq!(
        files(&folder, &["**/{map,top}.yaml"]),
        ["clusters/a/map.yaml", "top.yaml"]
    );
    for (pattern, message) in [
        ("nowhere/*.yaml", "cannot read `nowhere`"),
        (
            "clusters/*.yml",
            "cannot read `clusters/*.yml`: no file matches this pattern",
        ),
        ("clusters/[", "`clusters/[` is not a pattern of files"),
    ] {
        let ran = folder.run(&["check", pattern]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{pattern}");
        assert!(ran.err.contains(message), "{pattern}: {}", ran.err);
    }
}

#[test]
fn a_pattern_without_files_leaves_the_others() {
    let folder = folder("check-pattern-none");
    let ran = folder.run(&[
        "check",
        "--format",
        "sarif",
        "none/*.yaml",
        "*.yml",
        "clusters/*.yml",
        "top.yaml",
    ]);
    assert_eq!(ran.status, 2);
    let log: serde_json::Value = serde_json::from_str(&ran.out).expect("the report has its end");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let files = results
        .iter()
        .map(|result| &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]);
    assert!(files.into_iter().any(|file| file == "top.yaml"), "{log:#}");
    // A malformed pattern is a wrong call: nothing is checked.
    let ran = folder.run(&["check", "top.yaml", "clusters/["]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
}

#[test]
fn a_file_of_several_arguments_is_checked_once() {
    let folder = folder("check-twice");
    assert_eq!(
        files(
            &folder,
            &["clusters/b", "clusters/b/policy.yaml", "clusters/b/*.yaml"]
        ),
        ["clusters/b/policy.yaml"]
    );
    assert_eq!(
        files(&folder, &["clusters/b", "./clusters", "."]),
        [
            "clusters/b/policy.yaml",
            "./clusters/a/map.yaml",
            "./top.yaml"
        ]
    );
}

#[test]
fn what_git_ignores_is_passed_over() {
    let folder = folder("check-gitignore");
    folder.write(".gitignore", "/clusters/a/\n");
    assert_eq!(
        files(&folder, &["."]),
        ["./clusters/b/policy.yaml", "./top.yaml"]
    );
    // A file that is named counts.
    assert_eq!(
        files(&folder, &["clusters/a/map.yaml"]),
        ["clusters/a/map.yaml"]
    );
}

#[test]
fn a_broken_policy_of_a_folder_fails_and_a_folder_without_one_reports_it() {
    let folder = folder("check-broken");
    folder.write("clusters/b/policy.yaml", BAD);
    let ran = folder.run(&["check", "clusters"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("clusters/b/policy.yaml: rejected"),
        "{}",
        ran.out
    );
    let ran = folder.run(&["check", "logs"]);
    assert_eq!((ran.status, &*ran.out), (0, ""));
    assert_eq!(ran.err, "audit-policy: no policy found in these folders\n");
}

#[test]
fn fixes_of_a_folder_are_applied_and_shown() {
    let folder = folder("check-fix-folder");
    let wrong = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n  verbs: [lists]\n";
    folder.write("clusters/b/policy.yaml", wrong);
    let ran = folder.run(&["check", "--fix", "--diff", "clusters"]);
    assert!(
        ran.out.contains("-  verbs: [lists]\n+  verbs: [list]\n"),
        "{}",
        ran.out
    );
    assert_eq!(folder.read("clusters/b/policy.yaml"), wrong);
    folder.run(&["check", "--fix", "clusters"]);
    let fixed = wrong.replace("lists", "list");
    assert_eq!(folder.read("clusters/b/policy.yaml"), fixed);
}

#[test]
fn results_never_replace_a_policy_of_the_folder() {
    let folder = folder("check-output-folder");
    let ran = folder.run(&[
        "check",
        "--output",
        "json=clusters/b/policy.yaml",
        "clusters",
    ]);
    assert_eq!(ran.status, 2);
    assert_eq!(folder.read("clusters/b/policy.yaml"), GOOD);
}

#[test]
fn many_files_are_walked() {
    let folder = Folder::new("check-many", &[("p.yaml", GOOD)]);
    for number in 0..2_000 {
        folder.write(&format!("f{number}.yaml"), "kind: Service\n");
    }
    let start = Instant::now();
    assert_eq!(files(&folder, &["."]), ["./p.yaml"]);
    println!("2,000 files in {:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn a_link_to_a_policy_elsewhere_is_checked_and_one_to_a_neighbour_once() {
    use std::os::unix::fs::symlink;

    let folder = Folder::new("folder-links", &[("real.yaml", GOOD)]);
    fs::create_dir(folder.0.join("d")).unwrap();
    symlink("../real.yaml", folder.0.join("d/audit-policy.yaml")).unwrap();
    symlink("/dev/zero", folder.0.join("d/device.yaml")).unwrap();
    symlink("gone", folder.0.join("d/gone.yaml")).unwrap();
    for words in [["check", "d"], ["check", "d/audit*.yaml"]] {
        let ran = folder.run(&words);
        assert!(
            ran.out.starts_with("d/audit-policy.yaml: accepted"),
            "{}{}",
            ran.out,
            ran.err
        );
    }
    let ran = folder.run(&["check", "--format", "json", "."]);
    assert_eq!(ran.objects().len(), 1, "{}", ran.out);
}

#[test]
fn a_policy_in_utf16_is_text() {
    let folder = Folder::new("folder-utf16", &[]);
    let units = std::iter::once(0xfeff).chain(GOOD.encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    fs::create_dir(folder.0.join("d")).unwrap();
    fs::write(folder.0.join("d/p.yaml"), bytes).unwrap();
    let ran = folder.run(&["check", "d"]);
    assert!(
        ran.out.starts_with("d/p.yaml: accepted"),
        "{}{}",
        ran.out,
        ran.err
    );
}
