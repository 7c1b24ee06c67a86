//! `compile`. The programs run in their tools in `tests/programs`.

use crate::{BAD, Folder, GOOD, keys};

/// A text that jq and Vector also read instead of bytes that are not UTF-8, in the second rule.
const REPLACEMENT: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  users: [alice]\n- level: None\n  users: [\"a\\ufffd\"]\n";

#[test]
fn a_program_has_the_columns_or_keys_of_the_contract() {
    let folder = Folder::new("compile", &[("good.yaml", GOOD)]);
    let program = |target| {
        let ran = folder.run(&["compile", "--policy", "good.yaml", "--to", target]);
        assert_eq!((ran.status, &*ran.err), (0, ""), "{target}");
        ran.out
    };
    let query = program("duckdb");
    assert!(query.ends_with("\nSELECT line, rule, level, outcome FROM with_outcome\n"));
    assert!(query.contains("\n  FROM events)"), "{query}");
    assert!(program("jq").contains("{$rule, $level, $outcome}"));
    assert!(program("vector").ends_with(
        "\n.audit_policy = { \"rule\": rule, \"level\": level, \"outcome\": outcome }\n"
    ));
    let words = [
        "compile",
        "--policy",
        "good.yaml",
        "--to",
        "jq",
        "--input",
        "lines",
    ];
    assert_eq!(folder.run(&words).out, program("jq"));
}

#[test]
fn a_query_copies_the_columns_that_identify_a_row_of_its_schema() {
    let folder = Folder::new("compile-input", &[("good.yaml", GOOD)]);
    let databases = ["duckdb", "clickhouse", "spark", "trino", "bigquery"];
    for (input, columns) in [
        ("lines", "line"),
        ("eks", "line"),
        ("aks", "AuditId, stage"),
        ("columns", "auditID, stage"),
    ] {
        for target in databases {
            let words = ["compile", "--policy", "good.yaml", "--to", target];
            let ran = folder.run(&[&words[..], &["--input", input]].concat());
            assert_eq!((ran.status, &*ran.err), (0, ""), "{target} {input}");
            let end = format!("\nSELECT {columns}, rule, level, outcome FROM with_outcome");
            assert!(ran.out.contains(&end), "{target} {input}: {}", ran.out);
        }
    }
}

#[test]
fn a_schema_that_a_target_does_not_read_is_an_error_with_its_schemas() {
    let folder = Folder::new("compile-no-input", &[("good.yaml", GOOD)]);
    for (target, input, message) in [
        ("jq", "eks", "`jq` does not read `eks`; it reads `lines`"),
        (
            "fluent-bit",
            "aks",
            "`fluent-bit` does not read `aks`; it reads `lines`",
        ),
        (
            "bigquery",
            "gke",
            "`gke` is not supported: its rows have no user groups, request URI, query and stage",
        ),
        ("duckdb", "gke", "`gke` is not supported"),
    ] {
        let words = ["compile", "--policy", "good.yaml", "--to", target];
        let words = [&words[..], &["--input", input]].concat();
        for words in [words.clone(), [&words[..], &["--approximate"]].concat()] {
            let ran = folder.run(&words);
            assert_eq!((ran.status, &*ran.out), (2, ""), "{words:?}");
            assert!(ran.err.contains(message), "{words:?}: {}", ran.err);
        }
    }
}

#[test]
fn targets_are_listed() {
    let folder = Folder::new("compile-list", &[]);
    let ran = folder.run(&["compile", "--list", "--format", "json"]);
    assert_eq!((ran.status, &*ran.err), (0, ""));
    let targets = ran.objects();
    assert_eq!(keys(&targets[0]), ["target", "language", "inputs"]);
    let names: Vec<&str> = targets
        .iter()
        .map(|target| target["target"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "duckdb",
            "clickhouse",
            "spark",
            "trino",
            "bigquery",
            "kusto",
            "fluent-bit",
            "vector",
            "jq"
        ]
    );
    for target in &targets {
        let inputs: Vec<&str> = target["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|input| input.as_str().unwrap())
            .collect();
        let language = target["language"].as_str().unwrap();
        let expected: &[&str] = match language {
            "KQL of Azure Monitor" => &["aks"],
            _ if language.starts_with("SQL") => &["lines", "eks", "aks", "columns"],
            _ => &["lines"],
        };
        assert_eq!(inputs, expected, "{target}");
    }
    let text = folder.run(&["compile", "--list"]).out;
    assert_eq!(text.lines().count(), targets.len());
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with("lines, eks, aks, columns"),
        "{text}"
    );
}

#[test]
fn what_a_target_cannot_express_is_an_error_unless_an_approximation_will_do() {
    let folder = Folder::new("compile-difference", &[("p.yaml", REPLACEMENT)]);
    let words = ["compile", "--policy", "p.yaml", "--to", "jq"];
    let ran = folder.run(&words);
    assert_eq!((ran.status, &*ran.out), (1, ""));
    assert!(
        ran.err.contains("rule 2: `users`: a text contains U+FFFD"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("`jq` cannot express this policy exactly"),
        "{}",
        ran.err
    );
    let ran = folder.run(&[&words[..], &["--approximate"]].concat());
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains(r#""a\ufffd""#), "{}", ran.out);
    assert!(
        ran.err.contains("rule 2: `users`: a text contains U+FFFD"),
        "{}",
        ran.err
    );
    let ran = folder.run(&["compile", "--policy", "p.yaml", "--to", "vector"]);
    assert_eq!((ran.status, &*ran.out), (1, ""));
    assert!(ran.err.contains("which Vector also reads"), "{}", ran.err);
    // JSON with such bytes is not valid for DuckDB, so the event is unknown there.
    let ran = folder.run(&["compile", "--policy", "p.yaml", "--to", "duckdb"]);
    assert_eq!((ran.status, &*ran.err), (0, ""));
}

#[test]
fn wrong_calls_and_policies_have_their_status() {
    let folder = Folder::new("compile-wrong", &[("good.yaml", GOOD), ("bad.yaml", BAD)]);
    for (words, status) in [
        (&["compile", "--policy", "bad.yaml", "--to", "jq"][..], 1),
        (&["compile", "--policy", "good.yaml", "--to", "awk"], 2),
        (&["compile", "--policy", "good.yaml"], 2),
        (&["compile", "--to", "jq"], 2),
        (&["compile", "--list", "--to", "jq"], 2),
        (&["compile", "--policy", "none.yaml", "--to", "jq"], 2),
        (
            &[
                "compile",
                "--policy",
                "good.yaml",
                "--to",
                "jq",
                "--input",
                "ocsf",
            ],
            2,
        ),
    ] {
        let ran = folder.run(words);
        assert_eq!((ran.status, &*ran.out), (status, ""), "{words:?}");
        assert!(!ran.err.is_empty(), "{words:?}");
    }
}

#[test]
fn without_a_schema_the_usual_one_of_the_target_counts() {
    let folder = Folder::new("compile-usual", &[("good.yaml", GOOD)]);
    let words = ["compile", "--policy", "good.yaml", "--to"];
    for (target, input) in [("duckdb", "lines"), ("kusto", "aks")] {
        let usual = folder.run(&[&words[..], &[target]].concat());
        let named = folder.run(&[&words[..], &[target, "--input", input]].concat());
        assert_eq!((usual.status, usual.out), (0, named.out), "{target}");
    }
}
