//! Differences between Kubernetes versions for the same text: one table per difference, one row per version. The facts are those of the release
//! branches of k8s.io/apiserver.

#![allow(clippy::unwrap_used, reason = "a test")]

use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Severity, load};

const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
/// The versions at which something changed, and those before.
const MINORS: [u8; 8] = [20, 22, 23, 24, 25, 26, 35, 36];

fn at(text: &str, minor: u8) -> Loaded {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    assert_eq!(version.minor(), minor);
    load(text.as_bytes(), version)
}

/// The finding of that code; every row has exactly one.
fn finding(loaded: &Loaded, code: &str) -> Option<Diagnostic> {
    let mut found = loaded
        .findings
        .iter()
        .filter(|finding| finding.code == code);
    let first = found.next().cloned();
    assert_eq!(found.next(), None);
    first
}

/// Says for every version whether the text is accepted, and what the server says.
fn verdicts(text: &str) -> Vec<(bool, Option<String>)> {
    let verdict = |minor| {
        let loaded = at(text, minor);
        (loaded.policy.is_some(), loaded.error.or(loaded.warning))
    };
    MINORS.into_iter().map(verdict).collect()
}

#[test]
fn unknown_fields_are_silently_ignored_before_1_26() {
    let text = format!("{HEAD}rules: [{{level: None, verb: [get], foo: 1}}]\nrules2: 1\n");
    let warning = "Audit policy contains errors, falling back to lenient decoding: strict decoding error: \
                   unknown field \"rules[0].foo\", unknown field \"rules[0].verb\", unknown field \"rules2\"";
    for (minor, verdict) in MINORS.into_iter().zip(verdicts(&text)) {
        let expected = (minor >= 26).then(|| warning.to_owned());
        assert_eq!(verdict, (true, expected), "1.{minor}");
        let help = if minor >= 26 {
            format!("kube-apiserver 1.{minor} ignores this field and logs a warning")
        } else {
            format!("kube-apiserver 1.{minor} silently ignores this field")
        };
        let unknown = finding(&at(&text, minor), "AP010");
        assert_eq!(unknown.map(|finding| finding.help), Some(help));
    }
}

#[test]
fn duplicate_keys_are_not_reported_before_1_26() {
    let yaml = format!("{HEAD}rules:\n- level: None\n  level: Metadata\n");
    let json = r#"{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","level":"Metadata"}]}"#;
    for text in [yaml.as_str(), json] {
        for (minor, (accepted, said)) in MINORS.into_iter().zip(verdicts(text)) {
            assert!(accepted);
            assert_eq!(said.is_some(), minor >= 26, "1.{minor}");
            let repeated = finding(&at(text, minor), "AP011");
            let help = repeated.map(|finding| finding.help).unwrap_or_default();
            let words = if minor >= 26 {
                "logs a warning and continues"
            } else {
                "does not report it"
            };
            assert!(help.ends_with(&format!("1.{minor} {words}")), "{help}");
        }
    }
}

#[test]
fn old_api_versions_load_up_to_1_23_and_with_a_warning_since_1_21() {
    for name in ["v1beta1", "v1alpha1"] {
        let text =
            format!("apiVersion: audit.k8s.io/{name}\nkind: Policy\nrules: [{{level: None}}]\n");
        let deprecated = format!(
            "\"audit.k8s.io/{name}\" is deprecated and will be removed in a future release, use \"audit.k8s.io/v1\" instead"
        );
        let gone = format!(
            "failed decoding: no kind \"Policy\" is registered for version \"audit.k8s.io/{name}\" in scheme \
             \"k8s.io/apiserver/pkg/audit/scheme.go:30\""
        );
        for (minor, verdict) in MINORS.into_iter().zip(verdicts(&text)) {
            let expected = match minor {
                ..=20 => (true, None),
                21..=23 => (true, Some(deprecated.clone())),
                _ => (false, Some(gone.clone())),
            };
            assert_eq!(verdict, expected, "{name} in 1.{minor}");
            let severity = match minor {
                ..=20 => Severity::Info,
                21..=23 => Severity::Warning,
                _ => Severity::Error,
            };
            let old = finding(&at(&text, minor), "AP006");
            assert_eq!(
                old.map(|finding| finding.severity),
                Some(severity),
                "{name} in 1.{minor}"
            );
        }
        assert_eq!(at(&text, 21).warning, Some(deprecated));
    }
}

#[test]
fn every_group_has_a_name_since_1_36() {
    let text = format!("{HEAD}rules: [{{level: None, resources: [{{group: '*'}}]}}]\n");
    let error = "rules[0].resources.group: Invalid value: \"*\": a lowercase RFC 1123 subdomain must consist of lower case \
                 alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', \
                 regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    for (minor, (accepted, said)) in MINORS.into_iter().zip(verdicts(&text)) {
        assert_eq!(accepted, minor >= 36, "1.{minor}");
        assert_eq!(said.as_deref(), (minor < 36).then_some(error), "1.{minor}");
        let star = finding(&at(&text, minor), "AP005");
        let help = star.map(|finding| finding.help);
        let expected = format!("`*` as a group requires 1.36; 1.{minor} rejects it");
        assert_eq!(help, (minor < 36).then_some(expected));
    }
}

#[test]
fn managed_fields_are_omitted_since_1_23() {
    let text = format!(
        "{HEAD}omitManagedFields: true\nrules: [{{level: None, omitManagedFields: false}}]\n"
    );
    for minor in MINORS {
        let loaded = at(&text, minor);
        let policy = loaded.policy.clone().unwrap_or_default();
        let rule = policy
            .rules
            .first()
            .and_then(|rule| rule.omit_managed_fields);
        let is_known = minor >= 23;
        assert_eq!(
            (policy.omit_managed_fields, rule),
            (is_known, is_known.then_some(false)),
            "1.{minor}"
        );
        assert_eq!((loaded.error, loaded.warning), (None, None), "1.{minor}");
        let unknown: Vec<_> = loaded
            .findings
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        let expected = if is_known {
            &[][..]
        } else {
            &["`omitManagedFields` was added in 1.23"; 2]
        };
        assert_eq!(unknown, expected, "1.{minor}");
        // As an unknown field it may be anything.
        let wrong = format!("{HEAD}omitManagedFields: [maybe]\nrules: [{{level: None}}]\n");
        assert_eq!(at(&wrong, minor).error.is_none(), !is_known, "1.{minor}");
    }
}
