use super::*;
use crate::attributes::Attributes;
use crate::event::Event;

/// Describes the request that is rebuilt: user, groups, verb, resource, stage, level and code.
fn request(record: &str) -> String {
    let Some((rebuilt, _)) = convert(record) else {
        return "-".to_owned();
    };
    assert!(json::value(&rebuilt.text).is_ok(), "{}", rebuilt.text);
    let event = Event {
        missing: rebuilt.missing,
        ..Event::new(&rebuilt.text)
    };
    let Attributes { request, unknown } = Attributes::from_event(&event);
    let groups = if unknown.groups {
        "?".to_owned()
    } else {
        request.groups.join("+")
    };
    format!(
        "{} {groups} {} {} {} {} {}",
        request.user_name().unwrap_or("?"),
        request.verb,
        request.resource,
        event.stage.unwrap_or("?"),
        event.level.unwrap_or("?"),
        event.code().unwrap_or_default()
    )
}

#[test]
fn flat_records_are_events() {
    let whole = r#"ann a+b get pods "ResponseComplete" "Metadata" 200"#;
    let rows = [
        (
            r#"{"_index":"i","fields":{"kubernetes.audit.verb":["get"],"kubernetes.audit.requestURI":["/api/v1/pods/p"],"kubernetes.audit.user.username":["ann"],
            "kubernetes.audit.user.groups":["a","b"],"kubernetes.audit.stage":["ResponseComplete"],"kubernetes.audit.level":["Metadata"],"kubernetes.audit.responseStatus.code":[200],"level":["info"]}}"#,
            whole,
        ),
        (
            r#"{"_source":{"audit.verb":"get","audit.requestURI":"/api/v1/pods/p","audit.user.username":"ann","audit.user.groups":["a","b"],
            "audit.stage":"ResponseComplete","audit.level":"Metadata","audit.responseStatus.code":"200"}}"#,
            whole,
        ),
        (
            r#"{"verb_s":"get","requestURI_s":"/api/v1/pods/p","user_username_s":"ann","user_groups_s":"[\"a\",\"b\"]","stage_s":"ResponseComplete",
            "level_s":"Metadata","responseStatus_code_d":200}"#,
            whole,
        ),
        (
            r#"{"TimeGenerated":"2025-01-01T00:00:00Z","Level":"Metadata","AuditId":"x","Stage":"ResponseComplete","RequestUri":"/api/v1/pods/p","Verb":"get",
            "User":"{\"username\":\"ann\",\"groups\":[\"a\",\"b\"]}","ResponseStatus":{"code":200},"RequestObject":"skipped-too-big-size-object","Type":"AKSAudit"}"#,
            whole,
        ),
        (
            r#"{"log.verb":"get","log.requestURI":"/api/v1/pods/p","log.user.username":"ann","log.requestObject.spec.level":"x"}"#,
            r#"ann ? get pods ? ? 0"#,
        ),
        (
            r#"{"kubernetes.audit.verb":"get","kubernetes.audit.user.username":"ann"}"#,
            "-",
        ),
        (r#"{"a":1,"verb":"get"}"#, "-"),
        (
            r#"{"verb":"get","requestURI":"/api","user":{"username":"ann"}}"#,
            "-",
        ),
        (r#"{"requestURI":["/a","/b"],"verb":"get"}"#, "-"),
    ];
    for (record, expected) in rows {
        assert_eq!(request(record), expected, "{record}");
    }
}

#[test]
fn lists_in_text_are_divided() {
    for (text, expected) in [
        ("a, b", r#"["a","b"]"#),
        ("a\nb", r#"["a","b"]"#),
        (r#"["a","b"]"#, r#"["a","b"]"#),
        ("cn=a,ou=b", r#"["cn=a,ou=b"]"#),
    ] {
        assert_eq!(list(ColumnValue::Text(text)).as_deref(), Ok(expected));
    }
    assert_eq!(list(ColumnValue::Text("-")), Err(Unreadable::Absent));
}

#[test]
fn missing_columns_are_named() {
    let lacks = |names: &[&str]| Columns::find(names).map(|columns| columns.lacks());
    assert_eq!(
        lacks(&[
            "@timestamp",
            "kubernetes.audit.verb",
            "kubernetes.audit.user.username"
        ]),
        Some(vec!["requestURI"])
    );
    assert_eq!(
        lacks(&["AuditId", "User"]),
        Some(vec!["verb", "requestURI"])
    );
    assert_eq!(lacks(&["time", "user"]), None);
}
