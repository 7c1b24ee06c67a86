//! The kubeconfig of a webhook: its cluster, its server and its user.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod imported;

use audit_import::{InputFormat, import};
use imported::{NEWEST, codes, has, words};

/// A kubeconfig with this cluster and user.
fn kubeconfig(cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n- name: c\n  cluster: {{{cluster}}}\nusers:\n- name: u\n  user: {{{user}}}\ncontexts:\n- name: x\n  context: {{cluster: c, user: u}}\ncurrent-context: x\n"
    )
}

#[test]
fn a_webhooks_kubeconfig_is_checked() {
    let good = kubeconfig(
        "server: 'https://203.0.113.7:8443/a', certificate-authority-data: eA==",
        "token: t",
    );
    assert_eq!(import(&good, NEWEST).format, InputFormat::Kubeconfig);
    assert_eq!(codes(&good), []);
    let json = serde_json(&good);
    assert_eq!(
        (import(&json, NEWEST).format, codes(&json)),
        (InputFormat::Kubeconfig, vec![])
    );
    let without_kind = good.replace("apiVersion: v1\nkind: Config\n", "");
    assert_eq!(
        (import(&without_kind, NEWEST).format, codes(&without_kind)),
        (InputFormat::Kubeconfig, vec![])
    );
    // What stops the server.
    for (from, to) in [
        ("current-context: x\n", ""),
        ("current-context: x", "current-context: y"),
        ("cluster: c,", "cluster: d,"),
        ("cluster: c,", ""),
        ("server: 'https://203.0.113.7:8443/a', ", ""),
        ("server: 'https://203.0.113.7:8443/a'", "server: ''"),
        ("https://203.0.113.7:8443/a", "https://"),
        ("https://203.0.113.7:8443/a", "203.0.113.7:8443/a"),
        ("https://203.0.113.7:8443/a", "tcp://203.0.113.7:8443"),
        (
            "certificate-authority-data: eA==",
            "certificate-authority: /a/ca.crt, insecure-skip-tls-verify: true",
        ),
        (
            "certificate-authority-data: eA==",
            "certificate-authority-data: eA==, insecure-skip-tls-verify: true",
        ),
        ("token: t", "token: t, username: a, password: b"),
        ("kind: Config", "kind: config"),
        ("eA==", "LS0tLS1"),
        ("eA==", "/etc/kubernetes/pki/ca.crt"),
        ("eA==", "'LS0t LS1C'"),
        ("eA==", "-----BEGIN CERTIFICATE-----"),
        (
            "token: t",
            "client-certificate-data: '*', client-key-data: eA==",
        ),
        (
            "token: t",
            "client-certificate-data: eA==, client-key-data: a.key",
        ),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good, "{from}");
        assert!(has(&text, "AE035"), "{to}: {:?}", codes(&text));
    }
    // What may not work, or not safely.
    for (from, to, says) in [
        ("user: u}", "user: v}", "`users` has no user `v`"),
        (
            "203.0.113.7:8443",
            "falco.falco.svc:8443",
            "cluster's own DNS",
        ),
        (
            "203.0.113.7:8443",
            "falco.falco.svc.cluster.local",
            "cluster's own DNS",
        ),
        (
            "203.0.113.7:8443",
            "collector.kube-system:8443",
            "cluster's own DNS",
        ),
        ("203.0.113.7:8443", "falco.falco", "cluster's own DNS"),
        ("203.0.113.7:8443", "falco", "a name without a domain"),
        (
            "https://203",
            "http://203",
            "the token is sent over plain http",
        ),
        (
            "certificate-authority-data: eA==",
            "insecure-skip-tls-verify: true",
            "not verified",
        ),
        (
            "certificate-authority-data: eA==",
            "certificate-authority: ca.crt",
            "relative path",
        ),
        (
            "certificate-authority-data: eA==",
            "certificate-authority: /etc/ca.crt",
            "mount the file",
        ),
        (
            "certificate-authority-data: eA==",
            "certificate-authority-data: BASE64-OF-CA-CERTIFICATE",
            "is a placeholder",
        ),
        (
            "203.0.113.7",
            "127.0.0.1",
            "the node of kube-apiserver itself",
        ),
        (
            "203.0.113.7",
            "localhost",
            "the node of kube-apiserver itself",
        ),
        (
            "https://203.0.113.7:8443/a",
            "203.0.113.7:8443",
            "has no scheme",
        ),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good, "{from}");
        assert!(has(&text, "AE036"), "{to}: {:?}", codes(&text));
        assert!(!has(&text, "AE035"), "{to}: {:?}", codes(&text));
        assert!(words(&text).contains(says), "{to}: {}", words(&text));
    }
    for address in [
        "http://$HOST:8765/a",
        "http://{{ host }}/a",
        "https://<address>/a",
        "${URL}",
    ] {
        let text = kubeconfig(&format!("server: '{address}'"), "");
        assert!(
            has(&text, "AE038") && !has(&text, "AE035"),
            "{:?}",
            codes(&text)
        );
        assert!(!words(&text).contains("DNS"), "{}", words(&text));
    }
    for host in [
        "audit.example.com",
        "my-host.example",
        "audit.example.com.",
        "[2001:db8::1]:8443",
    ] {
        let text = good.replace("203.0.113.7:8443", host);
        assert_eq!(codes(&text), [], "{text}");
    }
    let basic = kubeconfig("server: 'http://203.0.113.7'", "username: a, password: b");
    assert!(words(&basic).contains("the password is sent over plain http"));
    let none = kubeconfig("server: 'http://203.0.113.7'", "").replace("user: u}", "user: ''}");
    assert!(
        words(&none).contains("events are sent over plain http"),
        "{}",
        words(&none)
    );
}

/// The same document as JSON.
fn serde_json(yaml: &str) -> String {
    let value: serde_norway::Value = serde_norway::from_str(yaml).unwrap();
    json(&value)
}

fn json(value: &serde_norway::Value) -> String {
    use serde_norway::Value;
    match value {
        Value::String(text) => format!("\"{text}\""),
        Value::Sequence(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Value::Mapping(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}:{}", json(name), json(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        other => panic!("{other:?}"),
    }
}
