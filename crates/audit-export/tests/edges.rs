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

#[test]
fn rke1_mounts_what_it_does_not_mount_itself() {
    let binds = |log: &str, webhook: &str| -> Vec<String> {
        let mut settings = Settings::new(POLICY);
        settings.log.path = log.to_owned();
        settings.webhook.config_path = webhook.to_owned();
        let text = render(&settings, Target::Rke1).text;
        let (_, binds) = text.split_once("extra_binds:\n").unwrap_or_default();
        binds.lines().map(|line| line.trim().to_owned()).collect()
    };
    assert!(binds("/var/log/kube-audit/audit.log", "").is_empty());
    assert!(binds("-", "/etc/kubernetes/webhook.yaml").is_empty());
    assert_eq!(
        binds("/var/log/audit/audit.log", "/srv/webhook.yaml"),
        [
            "- \"/var/log/audit:/var/log/audit:z\"",
            "- \"/srv/webhook.yaml:/srv/webhook.yaml:ro,z\""
        ]
    );
}

#[test]
fn rke1_writes_a_log_even_if_none_is_configured() {
    let mut settings = Settings::new(POLICY);
    settings.log.path.clear();
    let document = render(&settings, Target::Rke1);
    assert!(document.text.contains("enabled: true"), "{}", document.text);
    let is_noted = |step: &String| step.contains("always writes a log");
    assert!(document.steps.iter().any(is_noted));
    settings.policy_path.clear();
    let text = render(&settings, Target::Rke1).text;
    assert!(text.contains("enabled: false"), "{text}");
}

/// The level of each rule decides which profile is the nearest.
#[test]
fn the_nearest_profile_of_openshift() {
    for (rules, profile, differs) in [
        ("- level: None", "None", false),
        ("- level: Metadata", "Default", true),
        (
            "- {level: RequestResponse, verbs: [create, update, patch, delete]}\n- level: Metadata",
            "WriteRequestBodies",
            true,
        ),
        ("- level: RequestResponse", "AllRequestBodies", true),
        ("- level: Loud", "Default", false),
    ] {
        let policy = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}\n");
        let document = render(&Settings::new(policy), Target::OpenShift);
        assert!(
            document
                .text
                .ends_with(&format!("    profile: {profile}\n")),
            "{rules}: {}",
            document.text
        );
        let note = &document.note;
        assert_eq!(note.contains("at another level"), differs, "{note}");
    }
}

#[test]
fn what_differs_from_a_profile_is_listed() {
    // Of the default profile, a policy of level Metadata differs for tokens and for the URLs that the profile leaves out.
    let document = render(&Settings::new(POLICY), Target::OpenShift);
    let note = &document.note;
    for part in [
        "it records 3 at another level",
        "`create oauthaccesstokens`: RequestResponse instead of Metadata",
        "`get /api`: None instead of Metadata",
        "`get /healthz`: None instead of Metadata",
    ] {
        assert!(note.contains(part), "{part}: {note}");
    }
}

#[test]
fn files_of_k0s_belong_to_its_user() {
    let document = render(&Settings::new(POLICY), Target::K0s);
    for part in [
        "sudo chown kube-apiserver /etc/kubernetes/audit/policy.yaml",
        "sudo install -d -m 700 -o kube-apiserver /var/log/kubernetes/audit",
    ] {
        let has = |step: &String| step.contains(part);
        assert!(document.steps.iter().any(has), "{part}");
    }
    // k0sctl uploads files before this user exists.
    let text = render(&Settings::new(POLICY), Target::K0sctl).text;
    assert!(text.contains("perm: \"0644\"") && !text.contains("user:"));
}

#[test]
fn paths_of_microk8s_are_in_its_snap() {
    let mut settings = Settings::new(POLICY);
    settings.webhook.config_path = "/var/snap/microk8s/common/webhook.yaml".to_owned();
    let text = render(&settings, Target::Microk8s).text;
    for flag in [
        "--audit-policy-file=/var/snap/microk8s/current/args/policy.yaml",
        "--audit-log-path=/var/snap/microk8s/common/var/log/kube-apiserver/audit.log",
        "--audit-webhook-config-file=/var/snap/microk8s/common/webhook.yaml",
    ] {
        assert!(text.lines().any(|line| line == flag), "{flag}:\n{text}");
    }
    settings.log.path = "-".to_owned();
    let text = render(&settings, Target::Microk8s).text;
    assert!(text.contains("--audit-log-path=-\n"), "{text}");
}
