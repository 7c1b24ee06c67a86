//! Lines by level and by version.

use super::*;
use crate::sizes::SizeBreakdown;

const RECORDED: &str = r#"{"annotations":{"z":"1","patch.webhook.admission.k8s.io/r0":"p","a":"<"},"verb":"create",
    "user":{"groups":["g"],"username":"u"},"auditID":"1","stage":"ResponseComplete","level":"RequestResponse",
    "responseObject":{"kind":"PodList","items":[{"metadata":{"managedFields":[1],"name":"n"}}]},
    "requestObject":{"metadata":{"name":"n","managedFields":[{"a":1}]},"spec":{"metadata":{"managedFields":[]}}}}"#;

#[test]
fn fields_have_the_servers_order_and_depend_on_the_level() {
    let event = Event::new(RECORDED);
    assert_eq!(
        line(&event, Rendering::at(Level::Metadata)),
        "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\",\"auditID\":\"1\",\"stage\":\"ResponseComplete\",\
         \"verb\":\"create\",\"user\":{\"username\":\"u\",\"groups\":[\"g\"]},\"annotations\":{\"a\":\"\\u003c\",\"z\":\"1\"}}\n"
    );
    let lean = Rendering {
        omit_managed_fields: true,
        ..Rendering::at(Level::RequestResponse)
    };
    let text = line(&event, lean);
    assert!(text.contains(
        r#""requestObject":{"metadata":{"name":"n"},"spec":{"metadata":{"managedFields":[]}}}"#
    ));
    assert!(
        text.contains(r#""responseObject":{"kind":"PodList","items":[{"metadata":{"name":"n"}}]}"#)
    );
    assert!(text.contains(r#""patch.webhook.admission.k8s.io/r0":"p""#));
}

#[test]
fn annotations_are_sorted_by_key_and_the_last_of_duplicate_keys_counts() {
    // More than a sort moves by insertion.
    let keys: Vec<String> = (10..40).map(|number| format!("k{number}")).collect();
    let member = |key: &String, value: &str| format!("\"{key}\":\"{value}\"");
    let first = keys.iter().rev().map(|key| member(key, "first"));
    let last = keys.iter().rev().map(|key| member(key, "last"));
    let recorded: Vec<String> = first.chain(last).collect();
    let raw = format!("{{\"annotations\":{{{}}}}}", recorded.join(","));
    let expected: Vec<String> = keys.iter().map(|key| member(key, "last")).collect();
    let expected = format!("\"annotations\":{{{}}}", expected.join(","));
    let text = line(&Event::new(&raw), Rendering::at(Level::Metadata));
    assert!(text.contains(&expected), "{text}");
}

const REJECTED: &str = r#"{"stage":"ResponseComplete","verb":"get","responseStatus":{"metadata":{},"status":"Failure",
    "message":"pods \"p\" not found","reason":"NotFound","details":{"name":"p","kind":"pods"},"code":404}}"#;
const ENDED: &str = r#"{"stage":"ResponseComplete","verb":"watch","responseStatus":{"metadata":{},"status":"Success",
    "message":"Connection closed early","code":200}}"#;

const OLD: &str = r#"{"stage":"ResponseComplete","verb":"create","userAgent":"a\b\u000c","requestObject":{"kind":"Pod","apiVersion":"v1","metadata":{
    "name":"x\b","creationTimestamp":null},"spec":{"a":"\u0008"}},"responseObject":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"creationTimestamp":"t",
    "managedFields":[1]},"spec":{"template":{"metadata":{"creationTimestamp":null,"labels":{"a":"\f"}}}}}}"#;
const OPTIONS: &str = r#"{"stage":"ResponseComplete","verb":"delete","requestURI":"/apis/apps/v1/namespaces/d/deployments/x","user":{"username":"u"},
    "requestObject":{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/__internal","propagationPolicy":"Background"}}"#;
const SLOW: &str = r#"{"stage":"ResponseComplete","verb":"list","annotations":{"apiserver.latency.k8s.io/total":"1s",
    "patch.webhook.admission.k8s.io/r":"\b"}}"#;

fn written_by(minor: u8, raw: &str) -> String {
    let rendering = Rendering {
        version: KubernetesVersion::from_minor(minor).unwrap(),
        ..Rendering::at(Level::RequestResponse)
    };
    line(&Event::new(raw), rendering)
}

#[test]
fn older_servers_record_less() {
    let bounded =
        r#""responseStatus":{"metadata":{},"status":"Failure","reason":"NotFound","code":404}"#;
    let full = r#""responseStatus":{"metadata":{},"status":"Failure","message":"pods \"p\" not found","reason":"NotFound","details":{"name":"p","kind":"pods"},"code":404}"#;
    assert!(written_by(23, REJECTED).contains(bounded));
    assert!(written_by(24, REJECTED).contains(full));
    let panic = REJECTED.replace("ResponseComplete", "Panic");
    assert!(written_by(20, &panic).contains(full));
    assert!(written_by(20, ENDED).contains("Connection closed early"));

    let metadata =
        r#"{"authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"}}"#;
    assert!(!written_by(34, metadata).contains("authenticationMetadata"));
    assert!(written_by(35, metadata).contains(
        r#","authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"}"#
    ));
}

#[test]
fn a_null_patch_is_a_body() {
    let raw =
        r#"{"level":"Request","stage":"ResponseComplete","verb":"patch","requestObject":null}"#;
    let of = |level| line(&Event::new(raw), Rendering::at(level));
    assert!(of(Level::Request).ends_with(",\"verb\":\"patch\",\"requestObject\":null}\n"));
    assert!(of(Level::Metadata).ends_with(",\"verb\":\"patch\"}\n"));
}

#[test]
fn bytes_of_a_patch_are_written_as_they_came() {
    let recorded = b"{\"level\":\"Request\",\"verb\":\"patch\",\"userAgent\":\"caf\xe9\",\"requestObject\":{ \"a\":\"\xff<\"}}";
    let text = placeholder::decode(recorded);
    let event = Event {
        has_placeholders: true,
        ..Event::new(&text)
    };
    let written = |level| line_bytes(&event, Rendering::at(level));
    let head = |level| {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"{level}\",\"verb\":\"patch\",\"userAgent\":\"caf\\ufffd\""
        )
    };
    let body = b",\"requestObject\":{\"a\":\"\xff\\u003c\"}}\n";
    assert_eq!(
        written(Level::Request),
        [head("Request").as_bytes(), body].concat()
    );
    assert_eq!(
        written(Level::Metadata),
        [head("Metadata").as_bytes(), b"}\n"].concat()
    );
}

#[test]
fn delete_options_have_the_version_that_a_server_gives_them() {
    let of = |minor, raw: &str| {
        let text = written_by(minor, raw);
        let (_, after) = text
            .split_once("DeleteOptions\",\"apiVersion\":\"")
            .unwrap();
        after.split_once('"').unwrap().0.to_owned()
    };
    for (minor, version) in [
        (20, "apps/v1"),
        (21, "apps/v1"),
        (23, "meta.k8s.io/__internal"),
        (24, "meta.k8s.io/__internal"),
        (36, "meta.k8s.io/__internal"),
    ] {
        assert_eq!(of(minor, OPTIONS), version, "{minor}");
    }
    let own = OPTIONS.replace("meta.k8s.io/__internal", "v1");
    assert_eq!(of(22, &own), "v1");
    assert_eq!(of(36, &own), "meta.k8s.io/__internal");
    // Only a body that the server has printed from the type is one.
    let sorted = own.replace(
        "\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"",
        "\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\"",
    );
    assert!(written_by(36, &sorted).contains("\"apiVersion\":\"v1\",\"kind\""));
}

#[test]
fn slow_requests_are_annotated_since_1_24() {
    assert!(written_by(24, SLOW).contains("apiserver.latency.k8s.io/total"));
    assert!(!written_by(23, SLOW).contains("apiserver.latency.k8s.io/total"));
    let only = SLOW.replace("patch.webhook", "apiserver.latency.k8s.io/x");
    assert!(!written_by(23, &only).contains("annotations"));
}

#[test]
fn control_characters_are_longer_before_1_30() {
    for minor in [20, 29] {
        let text = written_by(minor, OLD);
        assert!(text.contains(r#""userAgent":"a\u0008\u000c""#), "{text}");
        assert!(text.contains(r#""name":"x\u0008""#) && text.contains(r#"{"a":"\u000c"}"#));
    }
    let text = written_by(30, OLD);
    assert!(text.contains(r#""userAgent":"a\b\f""#), "{text}");
    assert!(text.contains(r#""name":"x\b""#) && text.contains(r#""spec":{"a":"\b"}"#));
}

#[test]
fn older_api_versions_have_fields_of_their_own() {
    let raw = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/apis/apps/v1/deployments","verb":"list","user":{"username":"u"},
        "sourceIPs":["10.0.0.1"],"userAgent":"k","objectRef":{"resource":"deployments","apiGroup":"apps","apiVersion":"v1","subresource":"scale"},
        "requestReceivedTimestamp":"2024-01-02T03:04:05.999999Z","stageTimestamp":"2024-01-02T03:04:06.000001Z"}"#;
    let of = |api_version, raw: &str| {
        let rendering = Rendering {
            version: KubernetesVersion::from_minor(23).unwrap(),
            api_version,
            ..Rendering::at(Level::Metadata)
        };
        line(&Event::new(raw), rendering)
    };
    let line = |version: &str, reference: &str| {
        format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/{version}\",\"metadata\":{{\"creationTimestamp\":\"2024-01-02T03:04:06Z\"}},\"level\":\"Metadata\",\
             \"timestamp\":\"2024-01-02T03:04:05Z\",\"auditID\":\"1\",\"stage\":\"ResponseComplete\",\"requestURI\":\"/apis/apps/v1/deployments\",\"verb\":\"list\",\
             \"user\":{{\"username\":\"u\"}},\"sourceIPs\":[\"10.0.0.1\"],\"userAgent\":\"k\",\"objectRef\":{reference},\
             \"requestReceivedTimestamp\":\"2024-01-02T03:04:05.999999Z\",\"stageTimestamp\":\"2024-01-02T03:04:06.000001Z\"}}\n"
        )
    };
    assert_eq!(
        of(ApiVersion::V1beta1, raw),
        line(
            "v1beta1",
            r#"{"resource":"deployments","apiGroup":"apps","apiVersion":"v1","subresource":"scale"}"#
        )
    );
    assert_eq!(
        of(ApiVersion::V1alpha1, raw),
        line(
            "v1alpha1",
            r#"{"resource":"deployments","apiVersion":"apps/v1","subresource":"scale"}"#
        )
    );
    let core = raw.replace("\"apiGroup\":\"apps\",", "");
    assert!(of(ApiVersion::V1alpha1, &core).contains("\"apiVersion\":\"v1\",\"subresource\""));
    let timeless = of(ApiVersion::V1beta1, r#"{"auditID":"1"}"#);
    assert!(timeless.contains("\"metadata\":{\"creationTimestamp\":null}"));
    assert!(timeless.contains("\"timestamp\":null"));
}

#[test]
fn bodies_of_another_group_are_recorded_since_1_22() {
    let event = |verb: &str, uri: &str| {
        format!(r#"{{"verb":"{verb}","user":{{}},"requestURI":"{uri}","requestObject":{{"a":1}}}}"#)
    };
    let deployment = "/apis/apps/v1/namespaces/a/deployments/d";
    for (verb, uri, is_recorded) in [
        ("update", format!("{deployment}/scale"), false),
        ("patch", format!("{deployment}/scale"), true),
        ("update", format!("{deployment}/status"), true),
        (
            "create",
            "/api/v1/namespaces/a/pods/p/eviction".to_owned(),
            false,
        ),
        (
            "create",
            "/api/v1/namespaces/a/serviceaccounts/s/token".to_owned(),
            false,
        ),
        (
            "create",
            "/api/v1/namespaces/a/pods/p/binding".to_owned(),
            true,
        ),
    ] {
        let raw = event(verb, &uri);
        let has_body = |minor| written_by(minor, &raw).contains("requestObject");
        assert_eq!(
            (has_body(21), has_body(22)),
            (is_recorded, true),
            "{verb} {uri}"
        );
    }
}

#[test]
fn sizes_are_the_lengths_of_the_lines() {
    let patch = RECORDED.replace("\"create\"", "\"patch\"");
    let impersonated = REJECTED.replace("\"verb\"", "\"authenticationMetadata\":{\"impersonationConstraint\":\"impersonate:user-info\"},\"verb\"");
    let null_patch = patch.replace("\"requestObject\":{", "\"requestObject\":null,\"x\":{");
    let bytes = RECORDED.as_bytes().iter().flat_map(|byte| match byte {
        b'n' => vec![0xE9],
        byte => vec![*byte],
    });
    let bytes: Vec<u8> = bytes.collect();
    let spelled = placeholder::decode(&bytes);
    let mut rows: Vec<Event<'_>> = [
        RECORDED,
        &patch,
        &null_patch,
        REJECTED,
        &impersonated,
        ENDED,
        OLD,
        OPTIONS,
        SLOW,
        "{}",
    ]
    .into_iter()
    .map(Event::new)
    .collect();
    rows.push(Event {
        has_placeholders: true,
        ..Event::new(&spelled)
    });
    for event in rows {
        let raw = event.raw;
        let sizes = SizeBreakdown::measure(&event);
        for level in Level::ALL {
            for omit_managed_fields in [false, true] {
                for version in KubernetesVersion::all() {
                    let rendering = Rendering {
                        level,
                        omit_managed_fields,
                        truncated: false,
                        version,
                        api_version: ApiVersion::V1,
                    };
                    let length = line_bytes(&event, rendering).len() as u64;
                    let size = sizes.size(level, omit_managed_fields, version);
                    assert_eq!(size, length, "{version} {level} {raw}");
                }
            }
        }
    }
}
