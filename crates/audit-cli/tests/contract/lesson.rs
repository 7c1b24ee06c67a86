//! `lesson`.

use serde_json::json;

use crate::{Folder, keys};

const LESSON: &str = "---
id: all
track: first steps
title: All
minutes: 1
---
## Step: Everything
Record everything.

```yaml policy
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: None}]
```
```yaml check
tests: [{name: all, requests: {}, atLeast: Metadata}]
```
```yaml answer
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: Metadata}]
```
```yaml wrong is None
apiVersion: audit.k8s.io/v1
kind: Policy
rules: [{level: None, verbs: [get]}, {level: Request}]
```
";

#[test]
fn a_lesson_that_does_what_it_states_passes() {
    let folder = Folder::new("lesson-good", &[("a.md", LESSON)]);
    let ran = folder.run(&["lesson", "check", "a.md"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(ran.out, "passed  a.md:7  Everything\n");
    let ran = folder.run_on(LESSON, &["lesson", "check", "-"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
}

#[test]
fn each_step_is_one_object() {
    let bad = LESSON.replace("[{level: Metadata}]", "[{level: None, verbs: [get]}]");
    let folder = Folder::new("lesson-json", &[("a.md", &bad)]);
    let ran = folder.run(&["lesson", "check", "--format", "json", "a.md"]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let step = ran.object();
    let names = [
        "file", "lesson", "step", "line", "passed", "problems", "answer", "wrong",
    ];
    assert_eq!(keys(&step), names);
    let answer = step["answer"]["policy"].as_str().unwrap();
    assert!(
        answer.ends_with("rules: [{level: None, verbs: [get]}]\n"),
        "{answer}"
    );
    assert_eq!(step["wrong"][0]["reason"], "is None");
    assert_eq!(step["lesson"], "all");
    assert_eq!(step["passed"], json!(false));
    let problem = &step["problems"][0];
    assert_eq!(problem["line"], 7);
    let message = problem["message"].as_str().unwrap();
    assert!(message.starts_with("the model answer does not pass: "));
}

#[test]
fn errors_of_a_lesson_have_their_line() {
    let folder = Folder::new("lesson-errors", &[]);
    folder.write("a.md", &LESSON.replace("yaml check", "yaml checks"));
    folder.write("b.md", "text\n");
    let ran = folder.run(&["lesson", "check", "a.md", "b.md"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert!(
        lines[0].ends_with("a.md:15: unknown block `checks` (help: did you mean `check`?)"),
        "{}",
        ran.err
    );
    assert!(lines[1].contains("b.md:1: the lesson has no front matter"));
    let ran = folder.run(&["lesson", "check", "--kubernetes-version", "1.30", "b.md"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("does not apply to lessons"), "{}", ran.err);
    let ran = folder.run(&["lesson", "check", "missing.md"]);
    assert_eq!(ran.status, 2);
}
