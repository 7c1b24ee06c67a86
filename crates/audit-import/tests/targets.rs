//! Round trips of every target: an export reads back as its settings, or the target is listed with the reason why it does not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod random;

use std::collections::BTreeSet;

use apiserver_config::openshift::AuditProfile;
use apiserver_config::{KubernetesVersion, Settings};
use audit_export::{Document, Target, render};
use audit_import::{InputFormat, import, recognize};
use random::Random;

const POLICY: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\n# All.\nrules:\n  - level: Metadata\n";

/// Settings of both backends, with values of every kind.
fn settings() -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.log.compress = true;
    settings.log.truncate.enabled = true;
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    settings.webhook.batch.max_wait_ms = 1500;
    settings
}

/// Part of the settings that comes back.
enum Expected {
    /// The flags, and whether the policy.
    Same { has_policy: bool },
    /// The flags with some changed by the target, and whether the policy.
    Changed {
        change: fn(&mut Settings),
        has_policy: bool,
    },
    /// Nothing, for this reason.
    Nothing(&'static str),
}

use Expected::{Changed, Nothing, Same};

const FLAGS_ONLY: Expected = Same { has_policy: false };
const ALL: Expected = Same { has_policy: true };
const NO_SETTINGS: Expected = Nothing("a provider sets the policy and the flags");
const NO_FLAGS: Expected = Nothing("a log shipper does not have the server's flags");

/// The round trip of these is tested with their readers.
const ELSEWHERE: [Target; 2] = [Target::Kops, Target::Kubespray];

fn table() -> Vec<(Target, InputFormat, Expected)> {
    use InputFormat as F;
    let talos = Changed {
        change: |settings| {
            settings.policy_path =
                "/system/config/kubernetes/kube-apiserver/auditpolicy.yaml".to_owned();
            settings.log.path = "/var/log/audit/kube/kube-apiserver.log".to_owned();
        },
        has_policy: true,
    };
    let minikube = Changed {
        change: |settings| {
            settings.policy_path = "/etc/ssl/certs/policy.yaml".to_owned();
            settings.log.path = "-".to_owned();
            settings.webhook.config_path = "/etc/ssl/certs/audit-webhook.yaml".to_owned();
        },
        has_policy: false,
    };
    let microk8s = Changed {
        change: |settings| {
            settings.policy_path = "/var/snap/microk8s/current/args/policy.yaml".to_owned();
            settings.log.path =
                "/var/snap/microk8s/common/var/log/kube-apiserver/audit.log".to_owned();
            settings.webhook.config_path =
                "/var/snap/microk8s/current/args/audit-webhook.yaml".to_owned();
        },
        has_policy: false,
    };
    let rke1 = Changed {
        change: |settings| settings.policy_path = "/etc/kubernetes/audit-policy.yaml".to_owned(),
        has_policy: true,
    };
    let rancher = Changed {
        change: |settings| {
            settings.policy_path =
                "/var/lib/rancher/rke2/etc/config-files/audit-policy-file".to_owned();
        },
        has_policy: true,
    };
    // The policy is in a Secret.
    let rke2 = Changed {
        change: |settings| {
            settings.policy_path = "/etc/rancher/rke2/audit-policy.yaml".to_owned();
        },
        has_policy: false,
    };
    // Gardener's own flags come back, with the policy.
    let gardener = Changed {
        change: |settings| {
            *settings = Settings::server_default(settings.version);
            settings.policy_path = "/etc/kubernetes/audit/audit-policy.yaml".to_owned();
            settings.log.path = "/var/lib/audit.log".to_owned();
            settings.log.max_backups = 5;
            settings.log.max_size_mb = 100;
        },
        has_policy: true,
    };
    vec![
        (Target::Policy, F::Policy, Nothing("a policy has no flags")),
        (Target::Flags, F::Flags, FLAGS_ONLY),
        (Target::Shell, F::Flags, FLAGS_ONLY),
        (Target::Args, F::Flags, FLAGS_ONLY),
        (Target::StaticPod, F::Manifest, FLAGS_ONLY),
        (Target::KubeadmV1beta4, F::KubeadmV1beta4, FLAGS_ONLY),
        (Target::KubeadmV1beta3, F::KubeadmV1beta3, FLAGS_ONLY),
        (Target::KubeadmPatches, F::JsonPatch, FLAGS_ONLY),
        (Target::Kind, F::Kind, FLAGS_ONLY),
        (Target::Minikube, F::Flags, minikube),
        (Target::Microk8s, F::Flags, microk8s),
        (Target::K3s, F::K3s, FLAGS_ONLY),
        (Target::K3d, F::K3d, FLAGS_ONLY),
        (Target::Rke2, F::Rke2, FLAGS_ONLY),
        (Target::Rke2ControlPlane, F::Rke2ControlPlane, rke2),
        (Target::RancherCluster, F::RancherCluster, rancher),
        (Target::Rke1, F::Rke1, rke1),
        (Target::K0s, F::K0s, FLAGS_ONLY),
        (Target::K0sctl, F::K0sctl, ALL),
        (Target::K0rdent, F::K0rdent, ALL),
        (Target::Talos, F::Talos, talos),
        (Target::ClusterApi, F::ClusterApi, ALL),
        (
            Target::Webhook,
            F::Kubeconfig,
            Nothing("a kubeconfig has an address and credentials, but no flags"),
        ),
        (Target::Gardener, F::Gardener, gardener),
        (
            Target::OpenShift,
            F::OpenShift,
            Nothing("a profile is exported, which comes back: see `a_profile_of_openshift`"),
        ),
        (Target::Eks, F::ManagedCluster, NO_SETTINGS),
        (Target::Gke, F::ManagedCluster, NO_SETTINGS),
        (Target::Aks, F::ManagedCluster, NO_SETTINGS),
        (Target::FluentBit, F::OtherProgram, NO_FLAGS),
        (Target::Fluentd, F::OtherProgram, NO_FLAGS),
        (Target::Vector, F::OtherProgram, NO_FLAGS),
        (Target::Rsyslog, F::OtherProgram, NO_FLAGS),
        // The server rotates its log itself, so the export is a comment.
        (Target::Logrotate, F::Unknown, NO_FLAGS),
    ]
}

/// The main text, and after it the object that it refers to.
fn pasted(document: &Document, target: Target) -> String {
    let mut text = document.text.clone();
    if target == Target::Gardener {
        text.push_str("---\n");
        text.push_str(&document.files[0].text);
    }
    text
}

#[test]
fn every_export_reads_back_as_its_settings_or_has_a_reason() {
    let settings = settings();
    for (target, format, expected) in table() {
        let name = target.name();
        let (change, has_policy): (fn(&mut Settings), bool) = match expected {
            Same { has_policy } => (|_| {}, has_policy),
            Changed { change, has_policy } => (change, has_policy),
            Nothing(why) => {
                assert!(!why.is_empty(), "{name}");
                let text = render(&settings, target).text;
                let read = import(&text, settings.version);
                assert_eq!(read.format, format, "{name}:\n{text}");
                continue;
            }
        };
        let text = pasted(&render(&settings, target), target);
        let read = import(&text, settings.version);
        assert_eq!(read.format, format, "{name}:\n{text}");
        // That a user must be able to access files is a note.
        let mut findings = read.findings.clone();
        findings.retain(|finding| finding.code != "AE060");
        // The certificate of the webhook is still to be written.
        findings.retain(|finding| !finding.message.ends_with("is a placeholder"));
        assert_eq!(findings, [], "{name}:\n{text}");
        let mut expected = settings.clone();
        change(&mut expected);
        assert_eq!(read.settings.flags(), expected.flags(), "{name}:\n{text}");
        let policy = if has_policy { POLICY } else { "" };
        assert_eq!(read.settings.policy, policy, "{name}");
    }
}

#[test]
fn a_managed_cluster_is_named_with_its_policy() {
    for (target, title, policy) in [
        (
            Target::Eks,
            "a command for EKS",
            "EKS sets the policy of kube-apiserver itself",
        ),
        (
            Target::Gke,
            "an audit configuration of Google Cloud",
            "GKE sets the policy of kube-apiserver itself",
        ),
        (
            Target::Aks,
            "a command for AKS",
            "AKS sets the policy of kube-apiserver itself",
        ),
    ] {
        let text = render(&settings(), target).text;
        let read = import(&text, KubernetesVersion::NEWEST);
        let messages: Vec<_> = read
            .findings
            .iter()
            .map(|found| found.message.as_str())
            .collect();
        assert_eq!(
            (read.title.as_str(), messages),
            (title, vec![&*format!("this is {title}; {policy}")])
        );
        let found = recognize(&text);
        let finding = found.documents[0].not_a_policy().unwrap();
        assert_eq!(
            finding.message,
            format!("not a policy: this is {title}; {policy}")
        );
    }
}

#[test]
fn a_configuration_of_logrotate_is_named() {
    let mut settings = settings();
    settings.log.max_size_mb = 0;
    let text = render(&settings, Target::Logrotate).text;
    let read = import(&text, KubernetesVersion::NEWEST);
    assert_eq!(read.title, "a logrotate configuration", "{text}");
}

#[test]
fn every_file_of_a_talos_export_is_read() {
    let mut settings = settings();
    // It needs a file of its own.
    settings.webhook = Settings::new(POLICY).webhook;
    let document = render(&settings, Target::Talos);
    for file in &document.files {
        let read = import(&file.text, KubernetesVersion::NEWEST);
        assert_eq!(
            (read.format, read.findings),
            (InputFormat::Talos, Vec::new()),
            "{}",
            file.text
        );
    }
    let texts: Vec<&str> = document
        .files
        .iter()
        .map(|file| file.text.as_str())
        .collect();
    let together = import(&texts.join("---\n"), KubernetesVersion::NEWEST);
    let whole = import(&document.text, KubernetesVersion::NEWEST);
    assert_eq!(together.settings.flags(), whole.settings.flags());
    assert_eq!(together.settings.policy, POLICY);
}

#[test]
fn an_export_reads_back_with_the_place_of_its_server() {
    let settings = settings();
    for (target, format, expected) in table() {
        let name = target.name();
        if matches!(expected, Nothing(_)) {
            continue;
        }
        let text = pasted(&render(&settings, target), target);
        let read = import(&text, settings.version);
        assert_eq!(read.format, format, "{name}");
        if let Some(place) = target.server_place() {
            assert_eq!(read.place, place, "{name}:\n{text}");
        }
    }
}

#[test]
fn every_target_is_in_the_table_once() {
    let mut names: Vec<_> = table().iter().map(|(target, ..)| target.name()).collect();
    names.extend(ELSEWHERE.map(Target::name));
    let distinct: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(distinct.len(), names.len());
    assert_eq!(distinct, Target::ALL.map(Target::name).into());
}

#[test]
fn a_profile_of_openshift() {
    for profile in AuditProfile::ALL {
        // The nearest profile of a profile's own policy is that profile.
        let settings = Settings::new(profile.policy(&[]));
        let text = render(&settings, Target::OpenShift).text;
        assert!(text.contains(profile.name()), "{text}");
        let read = import(&text, KubernetesVersion::NEWEST);
        assert_eq!(read.format, InputFormat::OpenShift);
        // The profile `None` records nothing.
        let codes: Vec<_> = read.findings.iter().map(|found| &*found.code).collect();
        let expected: &[&str] = match profile {
            AuditProfile::None => &["AE008"],
            _ => &[],
        };
        assert_eq!(codes, expected);
        assert_eq!(read.settings.policy, settings.policy);
    }
}

#[test]
fn the_policy_of_a_k0rdent_object_comes_back() {
    let document = render(&settings(), Target::K0rdent);
    let deployment = "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata:\n  name: c\n  namespace: kcm-system\nspec:\n  auditPolicy: my-policy\n";
    let text = format!("{deployment}---\n{}", document.files[0].text);
    let read = import(&text, KubernetesVersion::NEWEST);
    assert_eq!(read.findings, []);
    assert_eq!(read.settings.policy, POLICY);
}

#[test]
fn settings_at_random_come_back() {
    let mut random = Random(0x51_7c_c1_b7_27_22_0a_95);
    for _ in 0..100 {
        let settings = random.settings();
        for target in [Target::K0s, Target::K0sctl, Target::K0rdent, Target::K3d] {
            let text = render(&settings, target).text;
            let mut read = import(&text, settings.version);
            read.settings.include_defaults = settings.include_defaults;
            assert_eq!(
                read.settings.flags(),
                settings.flags(),
                "{}:\n{text}",
                target.name()
            );
        }
    }
}

#[test]
fn the_text_of_a_policy_comes_back() {
    let policy = |rest: &str| format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{rest}");
    for text in [
        policy("rules: [{level: Metadata}]"),
        policy("rules:\n- level: None # ends with a comment\n\n\n"),
        policy("# \"quotes\", 'quotes' and \\ {{ braces }} ${variables}\nrules: [{level: None}]\n"),
        policy("rules:\n- level: None\n  users: [\"\u{e9}\u{1f600}\", 'a: b']\n"),
        policy("rules:\n- level: Metadata   \n  \n- level: None\n"),
        format!("# First.\n{}", policy("rules: [{level: None}]\n")),
        format!("\n  \n{}", policy("rules: [{level: None}]\n")),
        policy("rules: [{level: None}]\n").replace('\n', "\r\n"),
        policy("rules:\n- level:\tNone\n"),
    ] {
        let mut settings = settings();
        settings.policy.clone_from(&text);
        let expected: audit_policy::Policy = text.parse().unwrap();
        for target in [Target::K0sctl, Target::K0rdent, Target::Gardener] {
            let exported = pasted(&render(&settings, target), target);
            let read = import(&exported, settings.version).settings.policy;
            let name = target.name();
            let policy = read.parse::<audit_policy::Policy>();
            assert_eq!(policy.ok(), Some(expected.clone()), "{name}:\n{exported}");
            let comments = |text: &str| text.matches('#').count();
            assert_eq!(comments(&read), comments(&text), "{name}:\n{exported}");
        }
    }
}

#[test]
fn an_export_that_is_cut_off_does_not_panic() {
    let settings = settings();
    for target in Target::ALL {
        let document = render(&settings, target);
        for text in
            std::iter::once(&document.text).chain(document.files.iter().map(|file| &file.text))
        {
            for end in (0..text.len()).step_by(37) {
                if let Some(start) = text.get(..end) {
                    let read = import(start, settings.version);
                    assert!(read.findings.len() < 100, "{start}");
                }
            }
        }
    }
}

/// A profile is suggested for a name that is nearly its own.
#[test]
fn a_misspelled_audit_profile_of_openshift_has_a_suggestion() {
    for (name, suggestion) in [
        ("WriteRequestBody", Some("WriteRequestBodies")),
        ("writerequestbodies", Some("WriteRequestBodies")),
        ("Defaults", Some("Default")),
        ("Nome", Some("None")),
        ("Off", None),
        ("Delete", None),
        ("Node", Some("None")),
        ("Metadata", None),
    ] {
        let text = format!(
            "apiVersion: config.openshift.io/v1\nkind: APIServer\nmetadata:\n  name: cluster\nspec:\n  audit:\n    profile: {name}\n"
        );
        let read = import(&text, KubernetesVersion::NEWEST);
        let finding = read
            .findings
            .iter()
            .find(|finding| finding.code == "AE061")
            .unwrap();
        let help = finding.help.as_str();
        let expected = suggestion.map(|near| format!("did you mean `{near}`?"));
        assert_eq!(
            help.contains("did you mean"),
            suggestion.is_some(),
            "{name}: {help}"
        );
        assert!(
            expected.is_none_or(|expected| help.contains(&expected)),
            "{name}: {help}"
        );
    }
}
