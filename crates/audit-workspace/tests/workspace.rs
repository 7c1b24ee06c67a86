//! The JSON of a workspace, against its documentation.

use audit_workspace::{
    ClusterProfile, ExportSettings, LessonPlace, LogOrigin, MAX_BYTES, Prices, VERSION,
    ViewSettings, Workspace, WorkspaceError,
};

/// One workspace of each version, as it was written.
const VERSIONS: [&str; 4] = [
    include_str!("versions/1.json"),
    include_str!("versions/2.json"),
    include_str!("versions/3.json"),
    include_str!("versions/4.json"),
];

/// Returns the example from the documentation.
fn documented() -> &'static str {
    let page = include_str!("../WORKSPACE.md");
    let (_, rest) = page.split_once("```json\n").unwrap_or_default();
    rest.split_once("```").unwrap_or_default().0
}

#[test]
fn the_documented_example_round_trips() {
    let workspace = Workspace::from_json(documented()).expect("a workspace");
    assert_eq!(workspace.kubernetes_version, "1.36");
    assert_eq!(workspace.prices.stored_per_gb_month, Some(0.03));
    assert_eq!(workspace.cluster.expect("a cluster").pods, 300);
    assert_eq!(workspace.view.selected, Some(3));
    assert_eq!(workspace.view.impossible, Some(true));
    let title = "Catch-all first".to_owned();
    assert_eq!(workspace.log, Some(LogOrigin::Example(title)));
    assert_eq!(Workspace::from_json(&workspace.to_json()), Ok(workspace));
}

#[test]
fn every_log_origin_round_trips() {
    for log in [
        LogOrigin::Generated,
        LogOrigin::Pasted,
        LogOrigin::Files(vec!["a/audit.log".to_owned()]),
    ] {
        let workspace = Workspace {
            log: Some(log),
            ..Workspace::default()
        };
        assert_eq!(Workspace::from_json(&workspace.to_json()), Ok(workspace));
    }
}

#[test]
fn every_member_except_the_header_has_a_default() {
    let least = r#"{"kind":"AuditPolicyWorkspace","version":1}"#;
    assert_eq!(Workspace::from_json(least), Ok(Workspace::default()));
    let marked = "\u{feff}".to_owned() + least;
    assert_eq!(Workspace::from_json(&marked), Ok(Workspace::default()));
}

#[test]
fn an_unknown_version_is_reported_before_other_errors() {
    let newer = documented().replace("\"version\": 4", "\"version\": 5, \"tests\": []");
    let error = Workspace::from_json(&newer).expect_err("newer");
    assert_eq!(error, WorkspaceError::UnknownVersion(5));
    assert_eq!(
        error.to_string(),
        "a workspace of version 5, and this page reads versions 1 to 4"
    );
    let none = documented().replace("\"version\": 4", "\"version\": 0");
    assert_eq!(
        Workspace::from_json(&none),
        Err(WorkspaceError::UnknownVersion(0))
    );
}

#[test]
fn unknown_or_mistyped_members_are_errors() {
    for (from, to) in [
        ("\"name\"", "\"nmae\""),
        ("\"sort\"", "\"order\""),
        ("\"people\": 5", "\"people\": \"5\""),
        ("\"people\": 5,", ""),
        ("\"version\": 4,", ""),
        ("\"version\": 4", "\"version\": 2.5"),
    ] {
        let text = documented().replace(from, to);
        assert_ne!(text, documented());
        let error = Workspace::from_json(&text).expect_err(to);
        assert!(matches!(error, WorkspaceError::Invalid(_)), "{error}");
    }
    let cut = &documented()[..documented().len() / 2];
    let error = Workspace::from_json(cut).expect_err("cut");
    assert!(matches!(error, WorkspaceError::Invalid(_)), "{error}");
}

#[test]
fn other_texts_are_not_workspaces() {
    for text in [
        "",
        "rules: []",
        "[]",
        r#"{"kind":"Event","auditID":"a"}"#,
        r#"{"version":1}"#,
    ] {
        assert!(!Workspace::is_likely(text), "{text}");
        assert_eq!(
            Workspace::from_json(text),
            Err(WorkspaceError::NotAWorkspace),
            "{text}"
        );
    }
    assert!(Workspace::is_likely(documented()));
}

/// The workspace that `versions/1.json` is.
fn first() -> Workspace {
    Workspace {
        name: "production".to_owned(),
        policy: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n".to_owned(),
        kubernetes_version: "1.36".to_owned(),
        export: ExportSettings {
            target: "static-pod".to_owned(),
            fields: Some(
                [
                    ("audit-log-maxsize", "100"),
                    ("audit-log-path", "/var/log/kubernetes/audit/audit.log"),
                ]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ),
            manifest: "apiVersion: v1\nkind: Pod\n".to_owned(),
        },
        cluster: Some(ClusterProfile {
            control_plane_nodes: 3,
            nodes: 12,
            pods: 300,
            pods_replaced_per_hour: Some(20.0),
            people: 5,
            pipelines: 2,
            busy_controller_reads_per_minute: 0.0,
        }),
        prices: Prices {
            ingested_per_gb: Some(0.5),
            stored_per_gb_month: Some(0.03),
        },
        view: ViewSettings {
            filter: "user:alice outcome:written".to_owned(),
            sort: Some("time".to_owned()),
            descending: true,
            group_by: Some("user".to_owned()),
            ..ViewSettings::default()
        },
        log: Some(LogOrigin::Files(
            ["audit.log", "audit-2026.log"].map(str::to_owned).into(),
        )),
        ..Workspace::default()
    }
}

/// The workspace that `versions/2.json` is.
fn second() -> Workspace {
    Workspace {
        name: "staging – two".to_owned(),
        baseline: Some(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n".to_owned(),
        ),
        kubernetes_version: "1.35".to_owned(),
        export: ExportSettings {
            target: "kubeadm".to_owned(),
            fields: Some([].into()),
            manifest: "apiVersion: v1\n".to_owned(),
        },
        cluster: Some(ClusterProfile {
            control_plane_nodes: 1,
            nodes: 2,
            pods: 30,
            pods_replaced_per_hour: None,
            people: 1,
            pipelines: 0,
            busy_controller_reads_per_minute: 0.0,
        }),
        prices: Prices {
            ingested_per_gb: Some(2.0),
            stored_per_gb_month: None,
        },
        view: ViewSettings {
            filter: "verb:get".to_owned(),
            sort: Some("written".to_owned()),
            descending: true,
            group_by: Some("rule".to_owned()),
            pane: Some("volume".to_owned()),
            tab: Some("written".to_owned()),
            selected: Some(0),
            ..ViewSettings::default()
        },
        log: Some(LogOrigin::Pasted),
        sample: Some(
            "{\"kind\":\"Event\",\"verb\":\"get\"}\n{\"kind\":\"Event\",\"verb\":\"list\"}\n"
                .to_owned(),
        ),
        ..first()
    }
}

/// The workspace that `versions/3.json` is.
fn third() -> Workspace {
    Workspace {
        name: "questions".to_owned(),
        policy: first().policy,
        tests: Some("kind: PolicyTests\ntests: []\n".to_owned()),
        view: ViewSettings {
            query: Some("verb=get,list resource=secrets user=\"CN=a, b\"".to_owned()),
            impossible: Some(true),
            pane: Some("ask".to_owned()),
            ..ViewSettings::default()
        },
        ..Workspace::default()
    }
}

/// The workspace that `versions/4.json` is.
fn fourth() -> Workspace {
    Workspace {
        name: "Lesson: Ours".to_owned(),
        policy: first().policy,
        lesson: Some(LessonPlace {
            id: String::new(),
            text: Some("---\ntitle: Ours\n---\n".to_owned()),
            step: 2,
        }),
        view: ViewSettings {
            pane: Some("lesson".to_owned()),
            ..ViewSettings::default()
        },
        ..Workspace::default()
    }
}

#[test]
fn a_workspace_of_each_version_is_read_and_written_as_the_newest() {
    assert_eq!(
        u64::try_from(VERSIONS.len()),
        Ok(VERSION),
        "one of each version"
    );
    for (text, expected) in VERSIONS
        .into_iter()
        .zip([first(), second(), third(), fourth()])
    {
        assert_eq!(Workspace::from_json(text).as_ref(), Ok(&expected));
        for written in [expected.to_json(), expected.to_compact_json()] {
            assert!(
                written.replace(' ', "").contains("\"version\":4"),
                "{written}"
            );
            assert_eq!(Workspace::from_json(&written).as_ref(), Ok(&expected));
        }
    }
}

#[test]
fn a_member_of_a_later_version_is_an_error() {
    let old = VERSIONS[0];
    for (member, since, from, to) in [
        ("baseline", 2, "\"name\"", "\"baseline\": \"\", \"name\""),
        ("sample", 2, "\"name\"", "\"sample\": \"\", \"name\""),
        (
            "view.pane",
            2,
            "\"filter\"",
            "\"pane\": \"events\", \"filter\"",
        ),
        ("view.tab", 2, "\"filter\"", "\"tab\": \"why\", \"filter\""),
        (
            "view.selected",
            2,
            "\"filter\"",
            "\"selected\": 0, \"filter\"",
        ),
        ("view.query", 3, "\"filter\"", "\"query\": \"\", \"filter\""),
        (
            "view.impossible",
            3,
            "\"filter\"",
            "\"impossible\": false, \"filter\"",
        ),
        (
            "lesson",
            4,
            "\"name\"",
            "\"lesson\": {\"step\": 0}, \"name\"",
        ),
    ] {
        let text = old.replacen(from, to, 1);
        for stated in 1..=VERSION {
            let stated_there = format!("\"version\": {stated}");
            let text = text.replacen("\"version\": 1", &stated_there, 1);
            let read = Workspace::from_json(&text);
            if stated >= since {
                assert!(read.is_ok(), "{text}");
                continue;
            }
            assert_eq!(
                read,
                Err(WorkspaceError::Invalid(format!(
                    "`{member}` needs version {since}, and this is version {stated}"
                )))
            );
        }
    }
}

#[test]
fn defaults_are_not_written() {
    assert_eq!(
        Workspace::default().to_compact_json(),
        r#"{"kind":"AuditPolicyWorkspace","version":4}"#
    );
    // Flags that are all absent are something else than the page's defaults, and an empty baseline is a baseline.
    let workspace = Workspace {
        baseline: Some(String::new()),
        export: ExportSettings {
            fields: Some([].into()),
            ..ExportSettings::default()
        },
        ..Workspace::default()
    };
    assert_eq!(
        workspace.to_compact_json(),
        r#"{"kind":"AuditPolicyWorkspace","version":4,"baseline":"","export":{"fields":{}}}"#
    );
}

#[test]
fn a_text_over_the_limit_is_not_read() {
    let padded = |length: usize| {
        let text = r#"{"kind":"AuditPolicyWorkspace","version":4}"#;
        text.to_owned() + &" ".repeat(length.saturating_sub(text.len()))
    };
    assert_eq!(
        Workspace::from_json(&padded(MAX_BYTES)),
        Ok(Workspace::default())
    );
    let error = Workspace::from_json(&padded(MAX_BYTES + 1)).expect_err("too large");
    assert_eq!(
        error.to_string(),
        "a workspace of 33 MB, larger than the limit of 32 MB"
    );
}

#[test]
fn the_indented_text_is_that_of_any_other_program() {
    let odd = Workspace {
        name: "a \\\" {b: [1,2]}, \\".to_owned(),
        policy: "# \u{1}\t\\\n{}[]".to_owned(),
        log: Some(LogOrigin::Files(Vec::new())),
        ..second()
    };
    for workspace in [first(), second(), third(), odd, Workspace::default()] {
        let text = workspace.to_json();
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(serde_json::to_string_pretty(&value).ok(), Some(text));
    }
}
