//! The JSON of a workspace, against its documentation.

use audit_workspace::{LogOrigin, Workspace, WorkspaceError};

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
    let newer = documented().replace("\"version\": 1", "\"version\": 2, \"tests\": []");
    assert_eq!(
        Workspace::from_json(&newer),
        Err(WorkspaceError::UnknownVersion(2))
    );
}

#[test]
fn unknown_or_mistyped_members_are_errors() {
    for (from, to) in [
        ("\"name\"", "\"nmae\""),
        ("\"sort\"", "\"order\""),
        ("\"people\": 5", "\"people\": \"5\""),
        ("\"people\": 5,", ""),
        ("\"version\": 1,", ""),
        ("\"version\": 1", "\"version\": 1.5"),
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
