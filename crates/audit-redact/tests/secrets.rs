//! Facts about likely secrets in events.

#![allow(clippy::unwrap_used)]

use audit_redact::{SecretKind, secret_notes, secrets};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Signed with a key that nobody has; header and payload are `{"alg":"RS256"}` and `{"sub":"system:serviceaccount:a:b"}`.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6YTpiIn0.c2lnbmF0dXJlLW9mLW5vYm9keQ";

fn found(event: &Value) -> Vec<(SecretKind, String, String)> {
    let secrets = secrets(&event.to_string());
    secrets
        .into_iter()
        .map(|secret| (secret.kind, secret.place, secret.shown))
        .collect()
}

fn exec(query: &str) -> Value {
    let url = ["/api/v1/namespaces/a/pods/b/exec?", query].concat();
    json!({"kind": "Event", "requestURI": url})
}

#[test]
fn a_secret_on_the_command_line_of_exec_is_found() {
    for (query, shown) in [
        (
            "command=mysql&command=--password%3Dhunter2&stdin=true",
            "--password=…",
        ),
        ("command=mysql&command=-phunter2", "-p…"),
        (
            "command=mysql&command=--password&command=hunter2",
            "--password …",
        ),
        (
            "command=sh&command=-c&command=PGPASSWORD%3Dhunter2+psql+-U+app",
            "PGPASSWORD=…",
        ),
        (
            "command=sh&command=-c&command=curl%20-u%20admin%3Ahunter2%20http%3A%2F%2Flocalhost",
            "-u …",
        ),
        (
            "command=vault&command=login&command=token%3Dhunter2",
            "token=…",
        ),
        (
            "command=redis-cli&command=--pass-phrase&command=hunter2",
            "--pass-phrase …",
        ),
        (
            "command=env&command=AWS_SECRET_ACCESS_KEY%3Dhunter2&command=aws",
            "AWS_SECRET_ACCESS_KEY=…",
        ),
    ] {
        let expected = (
            SecretKind::CommandLine,
            "requestURI".to_owned(),
            shown.to_owned(),
        );
        assert_eq!(found(&exec(query)), [expected], "{query}");
    }
}

#[test]
fn a_command_line_without_a_secret_is_not_reported() {
    for query in [
        "command=sh&command=-c&command=echo+%24PASSWORD",
        "command=mysql&command=--password%3D%24MYSQL_PASSWORD",
        "command=mysql&command=-P&command=3306",
        "command=docker&command=login&command=--password-stdin",
        "command=ls&command=-la&command=/var/run/secrets/kubernetes.io/serviceaccount/token",
        "command=psql&command=-p&command=5432",
        "command=tool&command=--token-file&command=/tmp/a",
        "command=mkdir&command=-p&command=a",
    ] {
        assert_eq!(found(&exec(query)), [], "{query}");
    }
}

#[test]
fn a_secret_is_found_by_its_form_wherever_it_is() {
    let rows = [
        (TOKEN, SecretKind::JsonWebToken, "eyJ…"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
            SecretKind::PrivateKey,
            "-----BEGIN RSA PRIVATE KEY-----",
        ),
        (
            "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUU=",
            SecretKind::PrivateKey,
            "LS0tLS1CRUdJTi… (Base64)",
        ),
        (
            "Authorization: Basic YWRtaW46aHVudGVyMg==",
            SecretKind::BasicAuthentication,
            "Basic …",
        ),
        (
            "postgres://app:hunter2@db:5432/app",
            SecretKind::BasicAuthentication,
            "://app:…@",
        ),
        (
            "header Bearer 0123456789abcdef0123456789",
            SecretKind::BearerToken,
            "Bearer …",
        ),
        (
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
            SecretKind::ServiceToken,
            "ghp_…",
        ),
    ];
    for (text, kind, shown) in rows {
        for (place, event) in [
            ("userAgent", json!({"userAgent": text})),
            (
                "responseObject.spec.a.0",
                json!({"responseObject": {"spec": {"a": [text]}}}),
            ),
            (
                "requestObject.metadata.annotations.a",
                json!({"requestObject": {"metadata": {"annotations": {"a": json!({"b": text}).to_string()}}}}),
            ),
        ] {
            let seen = found(&event);
            let (seen_kind, seen_place, seen_shown) = seen.first().unwrap();
            assert_eq!(
                (*seen_kind, seen_shown.as_str()),
                (kind, shown),
                "{text} in {place}"
            );
            assert!(seen_place.starts_with(place), "{seen_place} for {place}");
        }
    }
}

#[test]
fn a_setting_in_a_text_is_found_by_its_name() {
    let named = |name: &str| {
        vec![(
            SecretKind::NamedValue,
            "requestObject.data.conf".to_owned(),
            format!("{name}=…"),
        )]
    };
    for (text, expected) in [
        ("password: hunter2", named("password")),
        (
            "spring.datasource.password=hunter2",
            named("spring.datasource.password"),
        ),
        (
            "[client]\nuser=app\n\nDB_PASSWORD=Xk29\nhost=db",
            named("DB_PASSWORD"),
        ),
        (
            "aws_secret_access_key = MY-KEY",
            named("aws_secret_access_key"),
        ),
        ("export API_TOKEN='a b'", named("API_TOKEN")),
        ("- clientSecret: \"x1\"", named("clientSecret")),
        ("password: $PASSWORD\ntoken: true\npassword:", vec![]),
        ("the token: abc", vec![]),
        ("token: this is what a client sends", vec![]),
        ("passwordFile=/run/password", vec![]),
        ("{\"password\":\"\",\"a\":\"password\"}", vec![]),
    ] {
        let event = json!({"requestObject": {"kind": "ConfigMap", "data": {"conf": text}}});
        assert_eq!(found(&event), expected, "{text}");
    }
}

#[test]
fn a_token_of_a_service_account_in_base64_is_found() {
    // `data.token` of a Secret is the Base64 of a token; here in another object.
    let encoded = "ZXlKaGJHY2lPaUpTVXpJMU5pSjkuZXlKemRXSWlPaUp6ZVhOMFpXMDZjMlZ5ZG1salpXRmpZMjkxYm5RNllUcGlJbjAuYzJsbmJtRjBkWEpsTFc5bUxXNXZZbTlrZVE=";
    let seen = found(&json!({"responseObject": {"spec": {"blob": encoded}}}));
    assert_eq!(seen.first().unwrap().0, SecretKind::JsonWebToken);
}

#[test]
fn a_value_is_found_by_the_name_of_its_field() {
    let rows = [
        (
            json!({"spec": {"password": "hunter2"}}),
            "requestObject.spec.password",
            "password: …",
        ),
        (
            json!({"spec": {"dbPassword": "hunter2"}}),
            "requestObject.spec.dbPassword",
            "dbPassword: …",
        ),
        (
            json!({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}),
            "requestObject.env.0",
            "DB_PASSWORD=…",
        ),
        (
            json!({"spec": {"token": "opaque"}}),
            "requestObject.spec.token",
            "token: …",
        ),
    ];
    for (body, place, shown) in rows {
        let expected = (SecretKind::NamedValue, place.to_owned(), shown.to_owned());
        assert_eq!(
            found(&json!({"requestObject": body})),
            [expected],
            "{place}"
        );
    }
}

#[test]
fn a_field_without_a_secret_is_not_reported() {
    for body in [
        json!({"spec": {"automountServiceAccountToken": false}}),
        json!({"spec": {"password": ""}}),
        json!({"spec": {"password": "$(PASSWORD)"}}),
        json!({"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}),
        json!({"spec": {"secretName": "db"}}),
        json!({"spec": {"clusterIP": "10.0.0.1", "url": "https://user@host/"}}),
        json!({"metadata": {"name": "my-token"}}),
        // The ID of a key, which every event of EKS contains, is of no use without the key.
        json!({"user": {"accessKeyId": "AKIAIOSFODNN7EXAMPLE"}}),
        json!({"data": {"a": "b"}, "kind": "ConfigMap"}),
    ] {
        assert_eq!(found(&json!({"requestObject": body.clone()})), [], "{body}");
    }
}

#[test]
fn the_data_of_secrets_is_found() {
    let kind = SecretKind::SecretData;
    let one = json!({"responseObject": {"kind": "Secret", "data": {"password": "aHVudGVyMg=="}}});
    assert_eq!(
        found(&one),
        [(kind, "responseObject.data".to_owned(), "data: …".to_owned())]
    );
    // The items of a list have no kind.
    let list = json!({"objectRef": {"resource": "secrets"}, "responseObject": {"kind": "SecretList", "items": [{"data": {"a": "b"}}]}});
    assert_eq!(
        found(&list),
        [(
            kind,
            "responseObject.items.0.data".to_owned(),
            "data: …".to_owned()
        )]
    );
    let patch =
        json!({"objectRef": {"resource": "secrets"}, "requestObject": {"stringData": {"a": "b"}}});
    assert_eq!(
        found(&patch),
        [(
            kind,
            "requestObject.stringData".to_owned(),
            "stringData: …".to_owned()
        )]
    );
    let empty = json!({"responseObject": {"kind": "Secret", "data": {}}});
    assert_eq!(found(&empty), []);
}

#[test]
fn at_most_twenty_are_reported() {
    let many: Vec<Value> = (0..50).map(|_| json!({"password": "hunter2"})).collect();
    assert_eq!(found(&json!({"requestObject": many})).len(), 20);
}

proptest! {
    #[test]
    fn any_text_is_looked_at(text in ".{0,200}", form in "[a-zA-Z0-9:/@=%.&?{}\"\\\\ -]{0,200}") {
        secrets(&text);
        secrets(&form);
        secrets(&json!({"requestURI": text, "requestObject": {"args": [form.clone()], "a": form}}).to_string());
    }

    #[test]
    fn a_report_does_not_contain_the_secret(secret in "[a-z0-9]{12,20}") {
        let url = ["https://u:", &secret, "@h/"].concat();
        let events = [
            exec(&["command=mysql&command=--password%3D", &secret].concat()),
            exec(&["command=mysql&command=-p", &secret].concat()),
            json!({"requestObject": {"password": secret.clone(), "url": url}}),
        ];
        for event in events {
            for secret_found in secrets(&event.to_string()) {
                let report = format!("{secret_found:?}");
                prop_assert!(!report.contains(&secret), "{}", report);
            }
        }
    }
}

#[test]
fn a_note_says_whether_the_policy_writes_the_secret() {
    let recorded = r#"{"requestURI":"/a?token=hunter22","requestObject":{"password":"hunter2"}}"#;
    let written = r#"{"requestURI":"/a?token=hunter22"}"#;
    let url = "The event seems to contain a password or token on a command line: `token=…` in `requestURI`.";
    let body = "The event seems to contain a password, token or key: `password: …` in `requestObject.password`.";
    assert_eq!(secret_notes(recorded, None), [url, body]);
    assert_eq!(
        secret_notes(recorded, Some(written)),
        [
            [url, " The policy writes it into the log."].concat(),
            [body, " The policy does not write it."].concat()
        ]
    );
}
