//! Exports whose columns are rows of Athena, or parts of lists, of `extra` and of bodies.

use super::*;

/// Rebuilds an event from columns. Returns its JSON without what every event has, and the names of columns that cannot be read.
fn rebuilt(columns: &[(&str, &str)]) -> (String, Vec<String>) {
    let needed = [("verb", "get"), ("requestURI", "/api")];
    let columns = || needed.iter().chain(columns);
    let names: Vec<&str> = columns().map(|(name, _)| *name).collect();
    let values = columns().map(|(_, text)| Some(ColumnValue::Text(text)));
    let event = Columns::find(&names)
        .and_then(|found| found.event(&names, values))
        .expect("an event");
    assert!(json::value(&event.text).is_ok(), "{}", event.text);
    let text = event.text.replace(
        r#""kind":"Event","apiVersion":"audit.k8s.io/v1","requestURI":"/api","verb":"get""#,
        "",
    );
    let inner = text.trim_start_matches(['{', ',']);
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    let bad = event.bad.iter().map(|bad| bad.cause());
    (inner.to_owned(), bad.collect())
}

#[test]
fn columns_are_parts_of_lists_and_objects() {
    let dotted: &[(&str, &str)] = &[
        ("user.username", "ann"),
        ("user.groups.1", "b"),
        ("user.groups.0", "a"),
        ("user.extra.scopes.0", "x"),
        ("user.extra.scopes.1", "y"),
        ("user.extra.authentication.kubernetes.io/pod-name", "p"),
        ("impersonatedUser.groups.0", "c"),
        ("sourceIPs.0", "192.0.2.1"),
        ("objectRef.resource", "pods"),
        ("requestObject.spec.containers.0.image", "i:1"),
        ("requestObject.spec.containers.0.stdin", "true"),
        ("requestObject.spec.containers.1.image", "j"),
        ("requestObject.spec.replicas", "3"),
        ("requestObject.metadata.labels.app.kubernetes.io/name", "n"),
        ("requestObject.metadata.labels.0", "1"),
        ("requestObject.spec.version", "1.10"),
        ("annotations.authorization.k8s.io/decision", "allow"),
    ];
    let (text, bad) = rebuilt(dotted);
    let expected = concat!(
        r#""user":{"username":"ann","groups":["a","b"],"extra":{"authentication.kubernetes.io/pod-name":["p"],"scopes":["x","y"]}},"#,
        r#""impersonatedUser":{"groups":["c"]},"sourceIPs":["192.0.2.1"],"objectRef":{"resource":"pods"},"#,
        r#""requestObject":{"spec":{"containers":[{"image":"i:1","stdin":true},{"image":"j"}],"replicas":3,"version":"1.10"},"#,
        r#""metadata":{"labels":{"app.kubernetes.io/name":"n","0":"1"}}},"annotations":{"authorization.k8s.io/decision":"allow"}"#,
    );
    assert_eq!((text.as_str(), bad), (expected, vec![]));

    // A list without its first item would be another list.
    let (text, _) = rebuilt(&[
        ("user.username", "ann"),
        ("user.groups.0", "-"),
        ("user.groups.1", "b"),
    ]);
    assert_eq!(text, r#""user":{"username":"ann"}"#);
}

#[test]
fn rows_of_athena_are_objects_and_lists() {
    for (name, row, expected) in [
        (
            "user",
            "{username=ann, uid=null, groups=[a, system:authenticated], extra={scopes=[x], authentication.kubernetes.io/pod-name=[p, q]}}",
            r#""user":{"username":"ann","groups":["a","system:authenticated"],"extra":{"scopes":["x"],"authentication.kubernetes.io/pod-name":["p","q"]}}"#,
        ),
        // `O` is not a member of a user.
        (
            "user",
            "{username=CN=ann, O=devs, groups=null}",
            r#""user":{"username":"CN=ann, O=devs"}"#,
        ),
        (
            "objectref",
            "{resource=pods, apigroup=null, apiversion=v1}",
            r#""objectRef":{"resource":"pods","apiVersion":"v1"}"#,
        ),
        (
            "responsestatus",
            "{metadata={}, status=Failure, message=pods \"a\" not found, code=404}",
            r#""responseStatus":{"status":"Failure","message":"pods \"a\" not found","code":404}"#,
        ),
        (
            "sourceips",
            "[192.0.2.1, 192.0.2.2]",
            r#""sourceIPs":["192.0.2.1","192.0.2.2"]"#,
        ),
        (
            "annotations",
            "{authorization.k8s.io/decision=allow, authorization.k8s.io/reason=RBAC: allowed, as said=so}",
            r#""annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed, as said=so"}"#,
        ),
        ("annotations", "{}", r#""annotations":{}"#),
    ] {
        assert_eq!(
            rebuilt(&[(name, row)]),
            (expected.to_owned(), vec![]),
            "{row}"
        );
    }
}

#[test]
fn doubtful_rows_are_named() {
    for (name, row, cause) in [
        // The name may contain the groups.
        (
            "user",
            "{username=ann, groups=[x], uid=1, groups=[a]}",
            "column `user` is not JSON",
        ),
        (
            "user",
            "{username=a}nn, groups=[a]}",
            "column `user` is not JSON",
        ),
        (
            "user",
            "{username=a[nn, groups=[a]}",
            "column `user` is not JSON",
        ),
        (
            "user",
            "{name=ann, groups=[a]}",
            "column `user` is not JSON",
        ),
        (
            "user",
            "{username=ann, groups=[CN=a, O=b]}",
            "column `user` is not JSON",
        ),
        (
            "user",
            "{username=ann, groups=[a",
            "column `user` was cut: only 24 bytes of it are left",
        ),
        (
            "sourceips",
            "[192.0.2.1, 192.0",
            "column `sourceips` was cut: only 17 bytes of it are left",
        ),
    ] {
        let (text, bad) = rebuilt(&[(name, row)]);
        assert_eq!((text.as_str(), bad.len()), ("", 1), "{row}");
        let cut = cause.contains("was cut");
        assert!(
            bad[0].starts_with(cause.split(" cut").next().unwrap_or_default()),
            "{bad:?}"
        );
        assert_eq!(bad[0].contains("was"), cut, "{bad:?}");
    }
}

#[test]
fn a_whole_event_may_be_a_row() {
    let row = "{kind=Event, apiversion=audit.k8s.io/v1, level=Metadata, auditid=a, stage=ResponseComplete, requesturi=/api/v1/pods?limit=5, verb=list, \
               user={username=ann, groups=[a, b]}, sourceips=[192.0.2.1], useragent=kubectl (linux, amd64), responsestatus={code=200}}";
    let event = event_of_row(row).expect("an event");
    assert_eq!(
        event.text,
        concat!(
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/pods?limit=5","#,
            r#""verb":"list","user":{"username":"ann","groups":["a","b"]},"sourceIPs":["192.0.2.1"],"userAgent":"kubectl (linux, amd64)","responseStatus":{"code":200}}"#
        )
    );
    for doubtful in [
        row.replace("(linux", "(, verb=get"),
        row.replace("verb=list, ", ""),
        row.replace("{kind", "{x=1, kind"),
    ] {
        assert_eq!(event_of_row(&doubtful), None, "{doubtful}");
    }
}

#[test]
fn a_cell_of_a_csv_file_may_be_a_row() {
    use crate::reader::{LogItem, LogReader};
    let row = "{level=Metadata, auditid=a, requesturi=/api/v1/pods, verb=list, user={username=\"\"ann\"\", groups=[a, b]}}";
    for (header, cell, expected) in [
        ("id,event", row.to_owned(), Ok(r#""ann\""#)),
        ("auditid,event", row.to_owned(), Ok(r#""ann\""#)),
        (
            "id,event",
            row.replace("verb=", "level="),
            Err("this row contains no audit event"),
        ),
    ] {
        let file = format!("{header}\n1,\"{cell}\"\n");
        let mut found = Vec::new();
        let mut note = |item: LogItem<'_>| match item {
            LogItem::Event(_, event) => {
                found.push(Ok(event.user.unwrap_or_default().to_owned()));
            }
            LogItem::Problem(problem) => found.push(Err(problem.reason.to_string())),
        };
        let mut reader = LogReader::new();
        reader.push(file.as_bytes(), &mut note);
        reader.finish(&mut note);
        match (expected, found.as_slice()) {
            (Ok(name), [Ok(user)]) => assert!(user.contains(name), "{user}"),
            (Err(reason), [Err(found)]) => assert_eq!(found, reason),
            _ => panic!("{header}: {found:?}"),
        }
    }
}
