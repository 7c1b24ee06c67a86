//! Calls of `review` that are wrong, and places where it cannot work.

use super::*;

#[test]
fn a_wrong_call_has_one_message() {
    let folder = repository("review-wrong", &[("p.yaml", GOOD)]);
    for (base, message) in [
        (
            "nowhere",
            "unknown revision `nowhere` (help: fetch it with `git fetch`, or name another one, such as `origin/main`)",
        ),
        (
            "--output=x",
            "unknown revision `--output=x` (help: fetch it with `git fetch`, or name another one, such as `origin/main`)",
        ),
        (
            "base:p.yaml",
            "unknown revision `base:p.yaml` (help: fetch it with `git fetch`, or name another one, such as `origin/main`)",
        ),
        (
            "",
            "unknown revision `` (help: fetch it with `git fetch`, or name another one, such as `origin/main`)",
        ),
    ] {
        let base = format!("--base={base}");
        let ran = folder.run(&["review", &base]);
        assert_eq!((ran.status, &*ran.out), (2, ""), "{base}");
        assert_eq!(ran.err, format!("audit-policy: {message}\n"), "{base}");
    }
    assert!(!folder.0.join("x").exists());
    // No commit in common.
    git(&folder, &["switch", "--quiet", "--orphan", "alone"]);
    let ran = review(&folder, &[]);
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.err,
        "audit-policy: the git repository has no commit yet\n"
    );
    commit(&folder, "alone");
    let ran = review(&folder, &[]);
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.err,
        "audit-policy: `base` and HEAD have no commit in common (help: name a revision that HEAD is based on)\n"
    );
    assert_eq!(folder.run(&["review"]).status, 2);
}

#[test]
fn a_missing_git_a_missing_repository_and_a_shallow_clone_have_one_message() {
    let folder = repository("review-shallow", &[("p.yaml", GOOD)]);
    write(&folder, "p.yaml", LESS);
    commit(&folder, "change");
    let url = format!("file://{}", folder.0.display());
    git(
        &folder,
        &[
            "clone",
            "--quiet",
            "--depth",
            "1",
            "--no-single-branch",
            &url,
            "clone",
        ],
    );
    let run = |name: &str, words: &[&str], path: Option<&str>, inside: &str| {
        let mut command = folder.command(words);
        command
            .current_dir(folder.0.join(inside))
            .env("GIT_CEILING_DIRECTORIES", folder.0.join("none"));
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let out = command.output().unwrap();
        assert_eq!(out.status.code(), Some(2), "{name}");
        assert_eq!(out.stdout, b"", "{name}");
        String::from_utf8(out.stderr).unwrap()
    };
    let base = ["review", "--base", "origin/base"];
    assert_eq!(
        run("shallow", &base, None, "clone"),
        "audit-policy: `origin/base` and HEAD have no commit in common (help: the clone is shallow: fetch all commits, such as with `fetch-depth: 0` of actions/checkout)\n"
    );
    assert_eq!(
        run("unknown", &["review", "--base", "HEAD~1"], None, "clone"),
        "audit-policy: unknown revision `HEAD~1` (help: the clone is shallow: fetch the revision, such as with `fetch-depth: 0` of actions/checkout)\n"
    );
    assert_eq!(
        run("git", &base, Some("/nowhere"), "clone"),
        "audit-policy: `git` was not found (help: install it, or add its folder to PATH)\n"
    );
    fs::create_dir_all(folder.0.join("none/inside")).unwrap();
    assert_eq!(
        run("repository", &base, None, "none/inside"),
        "audit-policy: the working directory is not in a git repository (help: call `review` inside a clone)\n"
    );
}

#[test]
fn a_path_outside_of_the_repository_has_one_message() {
    let folder = repository(
        "review-outside",
        &[("p.yaml", GOOD), (":(top)q.yaml", GOOD)],
    );
    write(&folder, ":(top)q.yaml", BAD);
    let ran = review(&folder, &["/"]);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert_eq!(ran.err, "audit-policy: `/` is outside of the repository\n");
    // A name is not a pattern of Git's own.
    let (status, lines) = json_of(&folder, &[":(top)q.yaml"]);
    assert_eq!((status, lines.len()), (1, 1), "{lines:?}");
}
