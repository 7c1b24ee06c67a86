//! `report`.

use serde_json::Value;

use crate::{BAD, BAD_LEVEL, Folder, GOOD, Ran};

/// Computed by `sha256sum` of the bytes of `GOOD`.
const GOOD_HASH: &str = "4c24658bceb8766ff68ad3fce45906665c140cdf35b0468c10123e2dcdaebd48";

/// A policy whose texts are HTML, Markdown and control characters.
const HOSTILE: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None # </pre><script>alert(1)</script>
  users: [\"</td><script>alert(2)</script>\", \"![x](http://example.com/x.png)\", \"a`b|c``d\", \"\\u202e<img src=x>\"]
- level: None
  namespaces: [\"</code><img src=x onerror=alert(3)>\", \"`|<script>\"]
  verbs: [\"</textarea><script>\"]
- level: RequestResponse
";

const PACK: &str = "kind: RequirementPack
id: house
title: House rules
kubernetesVersion: \"1.30\"
tests:
- id: H1
  name: secrets never with bodies
  source: section 1
  requests: {apiGroup: \"\", resource: secrets}
  atMost: Metadata
- id: H2
  name: a token of alice
  source: section 2
  request: {user: alice, verb: create, resource: serviceaccounts/token, namespace: a, name: b}
  level: Metadata
- id: H3
  name: files for 7 days at most
  source: section 3
  setting: {flag: audit-log-maxage, atMost: 7}
";

fn folder(test: &str) -> Folder {
    Folder::new(
        test,
        &[
            ("p.yaml", GOOD),
            ("hostile.yaml", HOSTILE),
            ("pack.yaml", PACK),
        ],
    )
}

/// Runs the command at a fixed time.
fn run_at(folder: &Folder, epoch: &str, words: &[&str]) -> Ran {
    let output = folder
        .command(words)
        .env("SOURCE_DATE_EPOCH", epoch)
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Returns the cells of the row with an ID.
fn row<'r>(report: &'r str, id: &str) -> Vec<&'r str> {
    let start = format!("| {id} |");
    let mut rows = report.lines().filter(|line| line.starts_with(&start));
    let row = rows.next();
    assert!(row.is_some(), "{id}\n{report}");
    row.unwrap().split(" | ").collect()
}

/// Returns what a line has outside of code spans.
fn outside_code(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        text.push_str(before);
        let count = from.len() - from.trim_start_matches('`').len();
        let (ticks, after) = from.split_at(count);
        rest = after;
        let is_whole =
            |at: &usize| !after[..*at].ends_with('`') && !after[at + count..].starts_with('`');
        let mut ends = after.match_indices(ticks).map(|(at, _)| at);
        if !before.ends_with('\\')
            && let Some(end) = ends.find(is_whole)
        {
            rest = &after[end + count..];
        }
    }
    text + rest
}

/// Returns the request that a row has.
fn witness(row: &str) -> Value {
    let start = row.find("{\"user\"").unwrap();
    let mut values = serde_json::Deserializer::from_str(&row[start..]).into_iter();
    values.next().unwrap().unwrap()
}

#[test]
fn markdown_has_the_facts_and_the_policy() {
    let folder = folder("report-markdown");
    let words = ["report", "--policy", "p.yaml", "--format", "markdown"];
    // The last second of the leap day of 2024.
    let ran = run_at(&folder, "1709251199", &words);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    for line in [
        "# Audit policy report: `p.yaml`",
        &format!("| SHA-256 of the policy | `{GOOD_HASH}` |"),
        "| Rules | 1 |",
        "| Kubernetes version | 1.36 |",
        "| Date | 2024-02-29 23:59:59 UTC |",
        "| Settings | not given |",
    ] {
        assert!(
            ran.out.lines().any(|own| own == line),
            "{line}\n{}",
            ran.out
        );
    }
    assert!(ran.out.ends_with(&format!("\n```yaml\n{GOOD}```\n")));
    // By default, every pack.
    for pack in ["cis", "stig", "nsa-cisa", "pci-dss", "bsi"] {
        assert!(ran.out.contains(&format!("\n| `{pack}` |")), "{pack}");
    }
    assert_eq!(row(&ran.out, "CIS-3.2.2-secrets")[2], "**met**");
    assert_eq!(row(&ran.out, "CNTR-K8-000700")[2], "**refuted**");
    assert_eq!(row(&ran.out, "CIS-1.2.17")[2], "**not decidable**");
    assert_eq!(row(&ran.out, "PCI-10.6.1")[2], "**not decidable**");
    assert!(row(&ran.out, "CNTR-K8-000700")[3].contains("rule 1 (line 4)"));
    // CIS and the STIG contradict each other.
    let contradiction = ran.out.lines().find(|line| {
        line.starts_with("| cis CIS-3.2.2-secret-bodies:") && line.contains("stig CNTR-K8-000700:")
    });
    assert!(contradiction.is_some(), "{}", ran.out);
    assert_eq!(run_at(&folder, "1709251199", &words).out, ran.out);
}

#[test]
fn requests_that_refute_have_the_verdict_that_is_stated() {
    let folder = folder("report-witness");
    let ran = folder.run(&[
        "report",
        "--policy",
        "hostile.yaml",
        "--pack",
        "cis",
        "--format",
        "markdown",
    ]);
    for id in ["CIS-3.2.2-secret-bodies", "CIS-3.2.2-exec"] {
        let cells = row(&ran.out, id).join(" | ");
        let request = witness(&cells.replace("\\|", "|")).to_string();
        let evaluated = folder.run_on(&request, &["evaluate", "--policy", "hostile.yaml"]);
        let verdict = evaluated.object();
        let level = if id.ends_with("exec") {
            "None"
        } else {
            "RequestResponse"
        };
        assert_eq!(verdict["level"], level, "{id}: {request}");
        let rule = verdict["rule"].as_u64().unwrap() + 1;
        assert!(cells.contains(&format!("rule {rule} (line ")), "{cells}");
    }
}

#[test]
fn a_page_has_no_script_and_loads_nothing() {
    let folder = folder("report-html");
    for policy in ["p.yaml", "hostile.yaml"] {
        let page = folder.run(&["report", "--policy", policy]).out;
        assert!(page.starts_with("<!DOCTYPE html>\n") && page.ends_with("</html>\n"));
        assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
        assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
        for wrong in [
            "<script", "<img", "<link", "<iframe", "url(", "@import", " src=\"", " href=",
            "\u{202e}",
        ] {
            assert!(!page.contains(wrong), "{policy}: {wrong}\n{page}");
        }
        // Every element that is opened is closed: no text ends one.
        for element in [
            "td", "tr", "table", "div", "small", "pre", "span", "code", "section", "p",
        ] {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} class=")).count()
                + page.matches(&format!("<{element} role=")).count();
            assert_eq!(
                opened,
                page.matches(&format!("</{element}>")).count(),
                "{policy}: {element}"
            );
        }
    }
    let page = folder.run(&["report", "--policy", "hostile.yaml"]).out;
    assert!(page.contains("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn hostile_texts_are_text_in_markdown() {
    let folder = folder("report-hostile");
    let ran = folder.run(&["report", "--policy", "hostile.yaml", "--format", "markdown"]);
    let (report, policy) = ran.out.split_once("\n## Policy\n").unwrap();
    assert!(policy.contains("<script>alert(1)</script>"), "in the fence");
    assert!(policy.contains("\n```yaml\n"), "{policy}");
    for line in report.lines() {
        let text = outside_code(line).replace("<br>", "");
        assert!(!text.contains('<') && !text.contains("]("), "{line}");
    }
}

#[test]
fn settings_decide_claims_about_flags() {
    let folder = folder("report-settings");
    folder.write("flags", "--audit-policy-file=/p.yaml --audit-log-path=/a.log --audit-log-maxage=30 --audit-log-maxbackup=9");
    let exported = folder.run(&[
        "export",
        "--policy",
        "p.yaml",
        "--format",
        "json",
        "--set",
        "audit-log-maxage=29",
    ]);
    folder.write("settings.json", exported.out.lines().next().unwrap());
    for (settings, id, result, evidence) in [
        (
            "flags",
            "CIS-3.2.1",
            "**met**",
            "`--audit-policy-file` is `/p.yaml`",
        ),
        (
            "flags",
            "CIS-1.2.17",
            "**met**",
            "`--audit-log-maxage` is `30`",
        ),
        (
            "flags",
            "CIS-1.2.18",
            "**refuted**",
            "expected at least `10`, but `--audit-log-maxbackup` is `9`",
        ),
        (
            "settings.json",
            "CIS-1.2.17",
            "**refuted**",
            "expected at least `30`, but `--audit-log-maxage` is `29`",
        ),
    ] {
        let words = [
            "report",
            "--policy",
            "p.yaml",
            "--settings",
            settings,
            "--pack",
            "cis",
            "--kubernetes-version",
            "1.34",
            "--format",
            "markdown",
        ];
        let ran = folder.run(&words);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""));
        assert_eq!(row(&ran.out, id)[2..4], [result, evidence], "{settings}");
    }
    // A variable can have any value.
    folder.write(
        "unit",
        "[Service]\nExecStart=/usr/bin/kube-apiserver --audit-policy-file=/p.yaml --audit-log-maxage=${AGE}\n",
    );
    let words = [
        "report",
        "--policy",
        "p.yaml",
        "--settings",
        "unit",
        "--pack",
        "cis",
        "--format",
        "markdown",
    ];
    let ran = folder.run(&words);
    assert_eq!(row(&ran.out, "CIS-3.2.1")[2], "**met**", "{}", ran.out);
    assert_eq!(
        row(&ran.out, "CIS-1.2.17")[2..4],
        ["**not decidable**", "the value is a variable"]
    );
    let none = folder.run(&["report", "--policy", "p.yaml", "--settings", "p.yaml"]);
    assert_eq!(none.status, 2);
    assert!(
        none.err
            .contains("`p.yaml` contains no settings of kube-apiserver"),
        "{}",
        none.err
    );
}

#[test]
fn a_pack_can_be_a_file() {
    let folder = folder("report-pack");
    let words = [
        "report",
        "--policy",
        "p.yaml",
        "--pack",
        "pack.yaml",
        "--format",
        "markdown",
    ];
    let ran = folder.run(&words);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    // The version that the pack names.
    assert!(
        ran.out.contains("| Kubernetes version | 1.30 |"),
        "{}",
        ran.out
    );
    assert_eq!(row(&ran.out, "H1")[2], "**met**");
    assert_eq!(row(&ran.out, "H2")[2], "**met**");
    assert_eq!(row(&ran.out, "H3")[2], "**not decidable**");
    assert!(
        ran.out
            .contains("\n| `house` | House rules | 2 | 0 | 1 |\n"),
        "{}",
        ran.out
    );
    // Flags contradict each other as well.
    let both = folder.run(&[
        "report",
        "--policy",
        "p.yaml",
        "--pack",
        "pack.yaml",
        "--pack",
        "cis",
        "--format",
        "markdown",
    ]);
    let mut lines = both.out.lines();
    assert!(
        lines.any(|line| line.starts_with("| house H3:") && line.contains("cis CIS-1.2.17:")),
        "{}",
        both.out
    );
}

#[test]
fn wrong_packs_are_errors_with_their_place() {
    let folder = folder("report-errors");
    folder.write(
        "tests.yaml",
        "tests:\n- {name: a, requests: {}, atLeast: None}\n",
    );
    folder.write("wrong.yaml", "kind: RequirementPack\nid: a\ntests:\n- {id: a, name: b, source: c, requests: {resorce: pods}, level: None}\n");
    folder.write("other.yaml", &PACK.replace("1.30", "1.31"));
    for (words, error) in [
        (
            &["--pack", "ciss"][..],
            "unknown pack `ciss` (help: did you mean `cis`?)",
        ),
        (
            &["--pack", "hipaa"],
            "unknown pack `hipaa` (help: the packs are cis, stig, nsa-cisa, pci-dss, bsi, falco, sigma, elastic, panther, and a file can be named)",
        ),
        (&["--pack", "absent.yaml"], "cannot read `absent.yaml`"),
        (
            &["--pack", "pack.yaml", "--kubernetes-version", "1.36"],
            "pack.yaml:4:20: the pack is for Kubernetes 1.30, not 1.36 (help:",
        ),
        (
            &["--pack", "pack.yaml", "--pack", "other.yaml"],
            "other.yaml:4:20: the pack is for Kubernetes 1.31, not 1.30 (help:",
        ),
        (
            &["--pack", "tests.yaml"],
            "tests.yaml:1:1: not a pack of requirements (help: add `kind: RequirementPack`",
        ),
        (
            &["--pack", "wrong.yaml"],
            "wrong.yaml:4:42: unknown field `resorce` (help: did you mean `resource`?)",
        ),
    ] {
        let ran = folder.run(&[&["report", "--policy", "p.yaml"], words].concat());
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{words:?}");
        let expected = format!("audit-policy: {error}");
        assert!(ran.err.starts_with(&expected), "{words:?}: {}", ran.err);
    }
    let wrong_time = run_at(&folder, "soon", &["report", "--policy", "p.yaml"]);
    assert_eq!(wrong_time.status, 2);
    assert_eq!(
        wrong_time.err,
        "audit-policy: `SOURCE_DATE_EPOCH` is not a number of seconds since 1970\n"
    );
}

#[test]
fn there_is_no_report_about_a_rejected_policy() {
    let folder = folder("report-rejected");
    folder.write("bad.yaml", BAD);
    let ran = folder.run(&["report", "--policy", "bad.yaml"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains(BAD_LEVEL), "{}", ran.err);
}

#[test]
fn a_log_gives_the_volume() {
    let folder = folder("report-volume");
    let event = |id: u32, second: u32| {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"{id}\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/api/v1/nodes\",\"verb\":\"list\",\
             \"user\":{{\"username\":\"alice\",\"groups\":[\"system:authenticated\"]}},\"objectRef\":{{\"resource\":\"nodes\",\"apiVersion\":\"v1\"}},\"responseStatus\":{{\"metadata\":{{}},\"code\":200}},\
             \"requestReceivedTimestamp\":\"2026-01-01T00:00:{second:02}.000000Z\",\"stageTimestamp\":\"2026-01-01T00:00:{second:02}.000000Z\"}}\n"
        )
    };
    folder.write("a.log", &(event(1, 0) + &event(2, 30)));
    let words = [
        "report", "--policy", "p.yaml", "--log", "a.log", "--format", "markdown",
    ];
    let ran = folder.run(&words);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let (_, volume) = ran.out.split_once("\n## Volume\n").unwrap();
    let (volume, _) = volume.split_once("\n## Policy\n").unwrap();
    assert!(volume.contains("the events in `a.log`"), "{volume}");
    assert!(
        volume.lines().filter(|line| line.starts_with("| ")).count() > 2,
        "{volume}"
    );
    let without = folder.run(&["report", "--policy", "p.yaml", "--format", "markdown"]);
    assert!(!without.out.contains("## Volume"));
    let absent = folder.run(&["report", "--policy", "p.yaml", "--log", "absent.log"]);
    assert_eq!(absent.status, 2);
}
