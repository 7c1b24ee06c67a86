//! Settings at the limits of what targets accept, according to their own types and validation.

use apiserver_config::{Settings, flag_of};
use audit_export::{Target, check_target, render};

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

#[test]
fn kops_only_accepts_a_webhook_next_to_the_policy() {
    let is_rejected = |policy: &str, webhook: &str| {
        let mut settings = Settings::new(POLICY);
        settings.policy_path = policy.to_owned();
        settings.webhook.config_path = webhook.to_owned();
        check_target(&settings, Target::Kops)
            .iter()
            .filter(|finding| flag_of(finding) == "audit-webhook-config-file")
            .count()
            == 1
    };
    assert!(!is_rejected(
        "/srv/audit/policy.yaml",
        "/srv/audit/webhook.yaml"
    ));
    assert!(!is_rejected(
        "/srv/audit/policy.yaml",
        "/srv//audit/webhook.yaml"
    ));
    assert!(!is_rejected("/srv/audit/policy.yaml", ""));
    assert!(is_rejected("/srv/audit/policy.yaml", "/srv/webhook.yaml"));
    assert!(is_rejected(
        "/srv/audit/policy.yaml",
        "/srv/audit/in/webhook.yaml"
    ));
    assert!(is_rejected("", "/srv/audit/webhook.yaml"));
}

#[test]
fn kops_roles_have_the_names_of_the_version() {
    for (version, spec, command) in [
        ("1.25", "- Master\n", "roles=master "),
        ("1.26", "- ControlPlane\n", "roles=control-plane "),
    ] {
        let mut settings = Settings::new(POLICY);
        settings.version = version.parse().unwrap();
        let document = render(&settings, Target::Kops);
        assert!(document.text.contains(spec), "{version}");
        assert!(
            document.steps.iter().any(|step| step.contains(command)),
            "{version}"
        );
    }
}

#[test]
fn cluster_api_limits_content_to_10240_characters() {
    for (length, is_noted) in [(10_240, false), (10_241, true)] {
        let mut policy = format!("{POLICY}# ");
        policy.push_str(&"x".repeat(length - policy.len() - 1));
        policy.push('\n');
        assert_eq!(policy.len(), length);
        let steps = render(&Settings::new(policy), Target::ClusterApi).steps;
        let is_reported = steps.iter().any(|step| step.contains("too long"));
        assert_eq!(is_reported, is_noted, "{length}");
    }
}

#[test]
fn rke2_writes_a_log_even_if_none_is_configured() {
    for (path, is_noted) in [("/var/log/audit.log", false), ("-", false), ("", true)] {
        let mut settings = Settings::new(POLICY);
        settings.log.path = path.to_owned();
        let steps = render(&settings, Target::Rke2).steps;
        let is_reported = steps
            .iter()
            .any(|step| step.contains("always writes a log"));
        assert_eq!(is_reported, is_noted, "{path}");
    }
}

#[test]
fn the_documents_of_talos_have_no_webhook() {
    let mut settings = Settings::new(POLICY);
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    let document = render(&settings, Target::Talos);
    assert!(document.text.contains("audit-webhook-config-file"));
    for file in &document.files {
        assert!(!file.text.contains("audit-webhook"), "{}", file.path);
    }
    let staged = |settings: &Settings| {
        let steps = render(settings, Target::Talos).steps;
        steps.iter().any(|step| step.contains("--mode=staged"))
    };
    assert!(staged(&settings));
    settings.webhook.config_path.clear();
    assert!(!staged(&settings));
}
