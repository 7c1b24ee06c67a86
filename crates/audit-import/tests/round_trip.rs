//! Round trips: settings and policies that are exported for a target are imported again.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by a panic"
)]

use apiserver_config::{KubernetesVersion, Settings};
use audit_export::{Target, render};
use audit_import::{InputFormat, import, recognize};
use audit_policy::Policy;

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n# All.\nrules:\n  # Users.\n  - level: Metadata\n    omitStages: [RequestReceived]\n    users: [\"jane: doe\"]\n  - level: None\n";

/// Settings that every one of these targets has fields for.
fn settings(policy: &str) -> Settings {
    let mut settings = Settings::new(policy);
    settings.log.max_age_days = 7;
    settings.log.max_backups = 3;
    settings.log.max_size_mb = 50;
    settings.webhook.config_path = "/etc/kubernetes/audit/webhook.yaml".to_owned();
    settings.webhook.batch.max_wait_ms = 1500;
    settings.webhook.batch.max_size = 300;
    settings
}

#[test]
fn settings_and_policies_come_back() {
    let settings = settings(POLICY);
    for (target, format, contains_policy) in [
        (Target::Kops, InputFormat::Kops, true),
        (Target::Kubespray, InputFormat::Kubespray, true),
        (Target::ClusterApi, InputFormat::ClusterApi, true),
        (Target::Kind, InputFormat::Kind, false),
        (Target::K3s, InputFormat::K3s, false),
        (Target::Rke2, InputFormat::Rke2, false),
        (Target::KubeadmV1beta3, InputFormat::KubeadmV1beta3, false),
        (Target::KubeadmV1beta4, InputFormat::KubeadmV1beta4, false),
        (Target::StaticPod, InputFormat::Manifest, false),
    ] {
        let document = render(&settings, target);
        let text = document.text.as_str();
        let mut read = import(text, KubernetesVersion::NEWEST);
        // The certificate is still to be written.
        read.findings
            .retain(|finding| !finding.message.ends_with("is a placeholder"));
        assert_eq!((read.format, read.findings), (format, vec![]), "{text}");
        assert_eq!(read.settings.flags(), settings.flags(), "{text}");
        let policy = if contains_policy {
            read.settings.policy
        } else {
            // The policy is a file of its own next to the document.
            assert_eq!(recognize(text).policies().count(), 0, "{text}");
            continue;
        };
        let expected: Policy = POLICY.parse().unwrap();
        assert_eq!(policy.parse::<Policy>().unwrap(), expected, "{text}");
        assert!(policy.contains("# Users.\n"), "{policy}");
    }
}

#[test]
fn talos_has_its_own_paths() {
    let settings = settings(POLICY);
    let text = render(&settings, Target::Talos).text;
    let read = import(&text, KubernetesVersion::NEWEST);
    let mut expected = settings.clone();
    expected.policy_path = "/system/config/kubernetes/kube-apiserver/auditpolicy.yaml".to_owned();
    expected.log.path = "/var/log/audit/kube/kube-apiserver.log".to_owned();
    assert_eq!(read.settings.flags(), expected.flags(), "{text}");
    assert_eq!(read.settings.policy, POLICY);
}

#[test]
fn a_policy_of_any_shape_comes_back() {
    for policy in [
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n",
        "kind: Policy\napiVersion: audit.k8s.io/v1\nrules:\n    - level: None\n      verbs:\n      - get\n\n    - level: Request\n      resources:\n      - group: \"\"\n        resources: [\"pods/{x}\"]\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {level: None, users: ['a\"b', \"c\\\\d\"]}\n- level: Metadata\n",
    ] {
        let expected: Policy = policy.parse().unwrap();
        for target in [
            Target::Kops,
            Target::Kubespray,
            Target::ClusterApi,
            Target::Talos,
        ] {
            let text = render(&settings(policy), target).text;
            let read = import(&text, KubernetesVersion::NEWEST);
            let found: Policy = read.settings.policy.parse().unwrap();
            assert_eq!(found, expected, "{text}");
        }
    }
}
