//! The events that a filter selects, of a log that is read by eye.

use audit_filter::Field;
use audit_policy::KubernetesVersion;
use playground_protocol::{
    Column, FieldValues, OutcomeFilter, ToPage, ToWorker, ValuesRequest, View,
};

use super::{all, facets, of_text, only};
use crate::session::Session;

/// One line per event. The policy records all of them but the probe, and omits RequestReceived.
const LOG: &str = concat!(
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"aaaaaaaa-0000-4000-8000-000000000001","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods?limit=5","verb":"list","user":{"username":"alice","groups":["dev","system:authenticated"]},"sourceIPs":["10.1.0.7"],"userAgent":"kubectl/v1.33.0 (linux/amd64)","responseStatus":{"code":200},"requestReceivedTimestamp":"2025-01-30T09:59:59.000000Z"}"#,
    "\n",
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"aaaaaaaa-0000-4000-8000-000000000002","stage":"ResponseComplete","requestURI":"/apis/apps/v1/namespaces/shop/deployments/web/scale","verb":"update","user":{"username":"bob","groups":["ops","system:authenticated"]},"sourceIPs":["10.2.0.7","192.168.4.1"],"userAgent":"helm/3.14","responseStatus":{"code":403},"requestReceivedTimestamp":"2025-01-31T10:00:00.000000Z"}"#,
    "\n",
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"aaaaaaaa-0000-4000-8000-000000000003","stage":"ResponseComplete","requestURI":"/healthz","verb":"get","user":{"username":"system:node:n1","groups":["system:nodes"]},"sourceIPs":["fd00::1"],"userAgent":"kube-probe/1.33","responseStatus":{"code":500},"requestReceivedTimestamp":"2025-01-31T10:00:30.000000Z"}"#,
    "\n",
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"aaaaaaaa-0000-4000-8000-000000000004","stage":"ResponseStarted","requestURI":"/api/v1/namespaces/shop/pods/web/exec","verb":"create","user":{"username":"Alice Smith"},"responseStatus":{"code":101},"requestReceivedTimestamp":"2025-01-31T10:59:00.000000Z"}"#,
    "\n",
    r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"aaaaaaaa-0000-4000-8000-000000000005","stage":"RequestReceived","requestURI":"/apis/batch/v1beta1/cronjobs","verb":"list","user":{"username":"oidc:carol","groups":["dev"]},"sourceIPs":["10.1.0.70"],"userAgent":"k9s","requestReceivedTimestamp":"2025-01-31T11:00:00.000000Z"}"#,
    "\n",
);

const RULES: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, nonResourceURLs: [/healthz]}
- {level: Request, resources: [{group: apps}]}
- level: Metadata
";

fn session() -> Session {
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: RULES.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: LOG.to_owned(),
    });
    session
}

/// Returns the numbers of the selected lines, from 1.
fn lines(session: &mut Session, text: &str) -> Vec<usize> {
    let rows = all(session, of_text(text)).rows;
    let table = &session.log.table;
    let places = rows.iter().map(|row| table.row(row.event).unwrap().place);
    places.map(|place| place.line as usize).collect()
}

#[test]
fn terms_select_events() {
    let mut session = session();
    for (text, selected) in [
        ("", &[1, 2, 3, 4, 5][..]),
        // Values, names and their aliases.
        ("user:alice", &[1]),
        ("USER:Alice", &[1]),
        ("user:alice,bob", &[1, 2]),
        ("user:alice user:bob", &[1, 2]),
        ("user:alice*", &[1, 4]),
        ("user:\"alice smith\"", &[4]),
        ("user:\"alice*\"", &[]),
        ("user:system:node:*", &[3]),
        ("userGroup:dev", &[1, 5]),
        ("group:dev", &[1, 5]),
        ("usergroup:\"\"", &[4]),
        ("verb:list,get", &[1, 3, 5]),
        ("namespace:shop", &[1, 2, 4]),
        ("ns:shop verb:update", &[2]),
        ("apiGroup:apps,batch", &[2, 5]),
        ("apigroup:\"\" resource:pods", &[1]),
        ("resource:pods/*", &[4]),
        ("resource:*/scale", &[2]),
        ("resource:deploy*", &[2]),
        ("subresource:exec,scale", &[2, 4]),
        ("name:web", &[2, 4]),
        // Exclusion.
        ("-user:alice", &[2, 3, 4, 5]),
        ("-verb:list,get", &[2, 4]),
        ("-verb:list -verb:get", &[2, 4]),
        ("ns:shop -pods", &[2]),
        ("-\"alice smith\" ns:shop", &[1, 2]),
        ("-userGroup:\"\"", &[1, 2, 3, 5]),
        // Status.
        ("code:403", &[2]),
        ("status:403", &[2]),
        ("code:4xx,5XX", &[2, 3]),
        ("code:4*", &[2]),
        ("code:40*,5*", &[2, 3]),
        ("code:41x", &[]),
        ("code:>=400", &[2, 3]),
        ("code:>403", &[3]),
        ("code:<200", &[4]),
        ("code:<=200", &[1, 4]),
        ("code:>=200 code:<500", &[1, 2]),
        ("code:400..499", &[2]),
        ("code:400..499 code:500..599", &[2, 3]),
        ("code:\"\"", &[5]),
        ("-code:200", &[2, 3, 4, 5]),
        // The policy's verdict.
        ("level:none", &[3]),
        ("level:M,R", &[1, 2, 4, 5]),
        ("rule:1", &[3]),
        ("rule:>=2", &[1, 2, 4, 5]),
        ("rule:none", &[]),
        ("outcome:dropped", &[3, 5]),
        ("outcome:written", &[1, 2, 4]),
        ("stage:response", &[1, 2, 3, 4]),
        ("stage:RequestReceived,ResponseStarted", &[4, 5]),
        // Paths; the version of a group is not compared.
        ("path:/healthz", &[3]),
        ("path:/health*", &[3]),
        ("path:/api/v1/namespaces/shop/*", &[1, 4]),
        ("path:/apis/apps/v1/*", &[2]),
        ("path:/apis/*", &[2, 5]),
        ("path:/apis/batch/v1beta1/cronjobs", &[5]),
        ("path:*/exec", &[4]),
        // Clients.
        ("ip:10.1.0.7", &[1]),
        ("source:10.1.0.7", &[1]),
        ("ip:10.0.0.0/8", &[1, 2, 5]),
        ("ip:192.168.0.0/16", &[2]),
        ("ip:10.1.0.7*", &[1, 5]),
        ("ip:fd00:0::1", &[3]),
        ("ip:\"\"", &[4]),
        ("-ip:10.0.0.0/8", &[3, 4]),
        ("useragent:kubectl", &[1]),
        ("userAgent:kube", &[1, 3]),
        ("useragent:kubectl*amd64", &[1]),
        ("useragent:\"\"", &[4]),
        // Times; the log ends at 11:00.
        ("time:2025-01-31", &[2, 3, 4, 5]),
        ("time:>2025-01-31T10:00", &[3, 4, 5]),
        ("time:<2025-01-31", &[1]),
        ("time:>=2025-01-31T10:00 time:<2025-01-31T10:59", &[2, 3]),
        ("time:2025-01-31T10:00..2025-01-31T10:59", &[2, 3, 4]),
        ("time:10:00", &[2, 3]),
        ("time:09:00..10:00", &[1, 2, 3]),
        ("time:-1m", &[4, 5]),
        ("time:+1h", &[1]),
        ("-time:2025-01-31", &[1]),
        // Audit IDs.
        ("auditID:aaaaaaaa-0000-4000-8000-000000000002", &[2]),
        (
            "auditid:AAAAAAAA-0000-4000-8000-000000000002,aaaaaaaa-0000-4000-8000-000000000003",
            &[2, 3],
        ),
        ("auditID:aaaaaaaa-0000-*", &[1, 2, 3, 4, 5]),
        (
            "-auditID:aaaaaaaa-0000-4000-8000-000000000002 code:4xx",
            &[],
        ),
        ("auditID:aaaaaaaa-0000-4000-8000-00000000000", &[]),
        // What is not understood: an unknown field is text, a wrong value is left out.
        ("oidc:carol", &[5]),
        ("usr:alice", &[]),
        ("code:abc user:bob", &[2]),
        ("code:abc,403", &[2]),
        ("verb: code:403", &[2]),
    ] {
        assert_eq!(lines(&mut session, text), selected, "{text}");
    }
}

#[test]
fn a_facet_counts_without_its_own_selection() {
    let mut session = session();
    let mut counts = |view: View, column: Column| -> Vec<(String, usize)> {
        all(&mut session, view);
        let shown = facets(&mut session);
        let (_, values) = shown.into_iter().find(|(of, _)| *of == column).unwrap();
        values
            .into_iter()
            .map(|value| (value.key, value.sum.events))
            .collect()
    };
    let pairs = |pairs: &[(&str, usize)]| -> Vec<(String, usize)> {
        pairs
            .iter()
            .map(|(key, events)| ((*key).to_owned(), *events))
            .collect()
    };
    let verbs = pairs(&[("list", 2), ("create", 1), ("get", 1), ("update", 1)]);
    assert_eq!(counts(of_text("verb:list"), Column::Verb), verbs);
    assert_eq!(counts(of_text("verb:list,get"), Column::Verb), verbs);
    assert_eq!(
        counts(of_text("verb:list,get"), Column::Code),
        pairs(&[("", 1), ("200", 1), ("500", 1)])
    );
    // Exclusions are not a selection: they apply to the field itself too.
    assert_eq!(
        counts(of_text("-verb:list"), Column::Verb),
        pairs(&[("create", 1), ("get", 1), ("update", 1)])
    );
    // Both facets have a selection.
    assert_eq!(
        counts(of_text("verb:list ns:shop"), Column::Verb),
        pairs(&[("create", 1), ("list", 1), ("update", 1)])
    );
    assert_eq!(
        counts(of_text("verb:list ns:shop"), Column::Namespace),
        pairs(&[("", 1), ("shop", 1)])
    );
    let dropped = View {
        outcome: Some(OutcomeFilter::Dropped),
        ..View::default()
    };
    let outcomes = pairs(&[("written", 3), ("dropped-level", 1), ("dropped-stage", 1)]);
    assert_eq!(counts(dropped, Column::Outcome), outcomes);
}

#[test]
fn values_of_the_log_complete_a_filter() {
    let mut session = session();
    let mut options = |field: Field, typed: &str| -> Vec<(String, String)> {
        let request = ValuesRequest {
            field,
            typed: typed.to_owned(),
        };
        match only(&mut session, ToWorker::Values(request)) {
            ToPage::Values(FieldValues { values, .. }) => values
                .into_iter()
                .map(|value| (value.text, value.insert))
                .collect(),
            other => panic!("{other:?}"),
        }
    };
    let plain = |texts: &[&str]| -> Vec<(String, String)> {
        texts
            .iter()
            .map(|text| ((*text).to_owned(), (*text).to_owned()))
            .collect()
    };
    // Those that begin with the text come first, then the more frequent ones.
    assert_eq!(
        options(Field::Verb, ""),
        plain(&["list", "create", "get", "update"])
    );
    assert_eq!(
        options(Field::Verb, "t"),
        plain(&["list", "create", "get", "update"])
    );
    assert_eq!(options(Field::Verb, "up"), plain(&["update"]));
    assert_eq!(options(Field::Verb, "update"), []);
    assert_eq!(options(Field::UserGroup, "ev"), plain(&["dev"]));
    assert_eq!(
        options(Field::User, "smith"),
        [("Alice Smith".to_owned(), "\"Alice Smith\"".to_owned())]
    );
    assert_eq!(options(Field::Code, "5"), plain(&["500"]));
    assert_eq!(
        options(Field::Ip, "10."),
        plain(&["10.1.0.7", "10.1.0.70", "10.2.0.7"])
    );
    assert_eq!(options(Field::Rule, ""), plain(&["1", "2", "3", "none"]));
    assert_eq!(
        options(Field::Level, "req"),
        plain(&["Request", "RequestResponse"])
    );
    assert_eq!(options(Field::UserAgent, "helm"), plain(&["helm/3.14"]));
    assert_eq!(options(Field::Time, ""), []);
}
