//! What targets do with settings at the edge of what they can hold, as their own types and validation have it.

use apiserver_config::Settings;
use audit_export::{Target, check_target, render};

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

#[test]
fn kops_takes_a_webhook_only_beside_a_policy() {
    let refused = |policy: &str, webhook: &str| {
        let mut settings = Settings::new(POLICY);
        settings.policy_path = policy.to_owned();
        settings.webhook.config_path = webhook.to_owned();
        check_target(&settings, Target::Kops)
            .iter()
            .filter(|finding| finding.flag == "audit-webhook-config-file")
            .count()
            == 1
    };
    assert!(!refused(
        "/srv/audit/policy.yaml",
        "/srv/audit/webhook.yaml"
    ));
    assert!(!refused(
        "/srv/audit/policy.yaml",
        "/srv//audit/webhook.yaml"
    ));
    assert!(!refused("/srv/audit/policy.yaml", ""));
    assert!(refused("/srv/audit/policy.yaml", "/srv/webhook.yaml"));
    assert!(refused(
        "/srv/audit/policy.yaml",
        "/srv/audit/in/webhook.yaml"
    ));
    assert!(refused("", "/srv/audit/webhook.yaml"));
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
fn cluster_api_takes_at_most_10240_characters_of_content() {
    for (length, told) in [(10_240, false), (10_241, true)] {
        let mut policy = format!("{POLICY}# ");
        policy.push_str(&"x".repeat(length - policy.len() - 1));
        policy.push('\n');
        assert_eq!(policy.len(), length);
        let steps = render(&Settings::new(policy), Target::ClusterApi).steps;
        let is_told = steps.iter().any(|step| step.contains("too long"));
        assert_eq!(is_told, told, "{length}");
    }
}

#[test]
fn rke2_writes_a_log_though_none_is_asked_for() {
    for (path, told) in [("/var/log/audit.log", false), ("-", false), ("", true)] {
        let mut settings = Settings::new(POLICY);
        settings.log.path = path.to_owned();
        let steps = render(&settings, Target::Rke2).steps;
        let is_told = steps.iter().any(|step| step.contains("in any case"));
        assert_eq!(is_told, told, "{path}");
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
