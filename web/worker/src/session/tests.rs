//! Messages to a session, as the page sends them.

use playground_protocol::export::ExportSettings;
use playground_protocol::{
    Column, EventId, FacetValue, MetricsFile, PolicyCheckStatus, RowView, Rows, View,
};

use super::*;

mod analysis;
mod documents;
mod examples;
mod facets;
mod filter;
mod first_part;
mod lines;
mod log_scan;
mod opening;
mod policy_check;
mod share;

fn rows(session: &mut Session) -> Vec<RowView> {
    let mut messages = session.handle_message(ToWorker::Rows {
        start: 0,
        count: 10,
    });
    match messages.pop() {
        Some(ToPage::Rows(rows)) => rows.rows,
        other => panic!("{other:?}"),
    }
}

#[test]
fn derived_events_are_rows_only_if_they_are_written() {
    let mut session = Session::default();
    let text = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"u"},"responseStatus":{"code":200}}"#;
    for (rule, stages) in [
        (
            "{level: Metadata}",
            vec!["RequestReceived", "ResponseComplete"],
        ),
        (
            "{level: Metadata, omitStages: [RequestReceived]}",
            vec!["ResponseComplete"],
        ),
        ("{level: None}", vec!["ResponseComplete"]),
    ] {
        let policy = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{rule}]\n");
        session.handle_message(ToWorker::Policy {
            generation: 1,
            text: policy,
            version: KubernetesVersion::NEWEST,
            part: 0,
        });
        session.handle_message(ToWorker::Paste {
            log: 1,
            text: text.to_owned(),
        });
        let shown: Vec<_> = rows(&mut session)
            .into_iter()
            .map(|row| row.stage)
            .collect();
        assert_eq!(shown, stages, "{rule}");
    }
}

/// Returns settings of an estimate without prices.
fn volume_settings() -> VolumeSettings {
    VolumeSettings {
        version: KubernetesVersion::NEWEST,
        export: ExportSettings::default(),
        price_ingested: None,
        price_stored: None,
    }
}

/// Sends a message and returns the only reply.
fn only(session: &mut Session, message: ToWorker) -> ToPage {
    let mut messages = session.handle_message(message);
    assert_eq!(messages.len(), 1);
    messages.pop().unwrap()
}

fn event(number: usize, fields: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{number}",{fields}}}"#
    )
}

/// Returns a log with users in two groups or none, resources and subresources, addresses of proxies, and events with missing fields.
fn log() -> String {
    let users = [
        r#"{"username":"alice","groups":["dev","dev","system:authenticated"]}"#,
        r#"{"username":"Bob Smith"}"#,
        r#"{"username":"a\"b\\c","groups":["dev"]}"#,
        "{}",
    ];
    let uris = [
        "/api/v1/namespaces/shop/pods",
        "/api/v1/namespaces/shop/pods/web/exec",
        "/apis/apps/v1/deployments",
        "/healthz",
    ];
    let sources = [r#"["10.0.0.1"]"#, r#"["10.0.0.1","10.0.0.22"]"#, "[]"];
    let stages = ["RequestReceived", "ResponseComplete", "Panic"];
    let events = (0..200_usize).map(|number| {
        let stage = stages[number % 3];
        let status = match stage {
            "RequestReceived" => String::new(),
            _ => format!(r#","responseStatus":{{"code":{}}}"#, [200, 403][number % 2]),
        };
        let user = match number % 13 {
            5 => String::new(),
            _ => format!(r#""user":{},"#, users[number % 4]),
        };
        event(
            number,
            &format!(
                r#""stage":"{stage}","requestURI":"{}","verb":"{}",{user}"sourceIPs":{}{status}"#,
                uris[number / 3 % 4],
                ["get", "create", ""][number / 2 % 3],
                sources[number / 5 % 3],
            ),
        )
    });
    events.map(|event| event + "\n").collect()
}

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: None, users: [alice], verbs: [get]}
- {level: Metadata, omitStages: [RequestReceived], resources: [{group: '', resources: [pods]}]}
- {level: Request, verbs: [create], userGroups: [dev]}
";

fn opened() -> Session {
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: POLICY.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: log(),
    });
    session
}

fn all(session: &mut Session, view: View) -> Rows {
    session.handle_message(ToWorker::View(view));
    let message = ToWorker::Rows {
        start: 0,
        count: 2000,
    };
    match only(session, message) {
        ToPage::Rows(rows) => rows,
        other => panic!("{other:?}"),
    }
}

fn facets(session: &mut Session) -> Vec<(Column, Vec<FacetValue>)> {
    match only(session, ToWorker::Facets) {
        ToPage::Facets(facets) => {
            let fields = facets.fields.into_iter();
            fields.map(|facet| (facet.column, facet.values)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn of_text(text: &str) -> View {
    View {
        text: text.to_owned(),
        ..View::default()
    }
}

#[test]
fn an_estimate_is_updated_after_the_log_is_read() {
    let line = |number: usize, body: &str| {
        let fields = r#""stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"u"},"responseStatus":{"metadata":{},"code":200}"#;
        event(number, &[fields, body].concat()) + "\n"
    };
    let body = |number: usize| {
        let body = "x".repeat(number * 100);
        line(number, &format!(r#","responseObject":{{"a":"{body}"}}"#))
    };
    let lacking = line(99, "");
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n"
            .to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let show = || ToWorker::Volume(volume_settings());
    session.begin_log(1);
    session
        .log_being_read()
        .begin_file("a", 0.0, Source::Text(Vec::new()));
    session.log_being_read().push(lacking.as_bytes());
    session.log_being_read().push(lacking.as_bytes());
    session.show_so_far();
    let ToPage::Volume(early) = only(&mut session, show()) else {
        panic!("no estimate");
    };
    assert!(
        early.body_estimates[0].contains("typical size"),
        "{:?}",
        early.body_estimates
    );
    for number in 1..=3 {
        session.log_being_read().push(body(number).as_bytes());
    }
    session.log_being_read().end_file();
    session.finish_log(false);
    let ToPage::Volume(whole) = only(&mut session, show()) else {
        panic!("no estimate");
    };
    assert!(
        whole.body_estimates[0].contains("measured on 3 similar bodies in the log"),
        "{:?}",
        whole.body_estimates
    );
}

#[test]
fn reports_do_not_depend_on_previous_policies() {
    let load = |session: &mut Session, generation: u32, text: &str, version: &str| {
        session.handle_message(ToWorker::Policy {
            generation,
            text: text.to_owned(),
            version: version.parse().unwrap(),
            part: 0,
        })
    };
    let commented = POLICY.replace("rules:", "# why\nrules: # all");
    let without = POLICY.replace(", verbs: [create]", "");
    let rejected = POLICY.replace("Request,", "Loud,");
    let shown = || ToWorker::Volume(volume_settings());
    let mut session = opened();
    let steps = [
        (POLICY, "1.36", true),
        (commented.as_str(), "1.36", true),
        (without.as_str(), "1.36", true),
        (rejected.as_str(), "1.36", true),
        (POLICY, "1.36", true),
        (POLICY, "1.20", true),
        (POLICY, "1.20", false),
        (commented.as_str(), "1.20", false),
        (without.as_str(), "1.20", false),
        (without.as_str(), "1.20", true),
        (commented.as_str(), "1.20", true),
    ];
    for (generation, (text, version, is_shown)) in (2..).zip(steps) {
        session.handle_message(if is_shown {
            shown()
        } else {
            ToWorker::HideVolume
        });
        let messages = load(&mut session, generation, text, version);
        if text == rejected {
            continue;
        }
        let mut fresh = Session::default();
        fresh.handle_message(ToWorker::Paste {
            log: 1,
            text: log(),
        });
        if is_shown {
            fresh.handle_message(shown());
        }
        assert_eq!(
            messages,
            load(&mut fresh, generation, text, version),
            "{text} {version} {is_shown}"
        );
        assert_eq!(
            only(&mut session, shown()),
            only(&mut fresh, shown()),
            "{text} {version}"
        );
    }
}

#[test]
fn a_baseline_is_a_text_and_one_that_is_rejected_is_none() {
    use playground_protocol::BaselinePolicy;
    let mut session = opened();
    let mut pin = |text: Option<&str>| {
        let baseline = text.map(|text| BaselinePolicy {
            text: text.to_owned(),
            version: KubernetesVersion::NEWEST,
            part: 0,
        });
        assert_eq!(
            session.handle_message(ToWorker::SetBaseline(baseline)),
            vec![]
        );
        let ToPage::Volume(report) = only(&mut session, ToWorker::Volume(volume_settings())) else {
            panic!("no estimate");
        };
        (report.baseline, report.written.events)
    };
    // Compared with itself, nothing is lost or gained.
    let (same, events) = pin(Some(POLICY));
    let same = same.unwrap();
    assert_eq!(same.written.events, events);
    assert!(same.lost.is_empty() && same.gained.is_empty());
    let nothing = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n";
    let (none, _) = pin(Some(nothing));
    let none = none.unwrap();
    assert_eq!(none.written.events, 0);
    assert!(!none.gained.is_empty());
    assert!(pin(Some("rules: [")).0.is_none());
    assert!(pin(Some(POLICY)).0.is_some());
    assert!(pin(None).0.is_none());
}
