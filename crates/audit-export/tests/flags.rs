//! Every flag that leaves against the full list of the server's audit flags, `schemas/flags.tsv`: its name, and the version that it came with. The
//! list is that of upstream's own code, which the oracle prints.

use std::collections::BTreeSet;

use apiserver_config::{Settings, WebhookBackend};
use audit_export::{Document, Target, render};
use audit_policy::KubernetesVersion;

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/// Volumes and file assets that are named as flags begin.
const NOT_FLAGS: [&str; 3] = ["audit-policy", "audit-log", "audit-webhook"];

struct Fact {
    flag: &'static str,
    since_minor: u8,
    is_alias: bool,
}

fn facts() -> Vec<Fact> {
    let rows = include_str!("schemas/flags.tsv").lines().skip(1);
    rows.map(|row| {
        let mut cells = row.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        Fact {
            flag: cell(),
            // What has no version came before 1.7.
            since_minor: cell().trim_start_matches("1.").parse().unwrap_or(0),
            is_alias: !cell().is_empty(),
        }
    })
    .collect()
}

/// The flags of a version, without other names for the same.
fn known(version: KubernetesVersion) -> BTreeSet<&'static str> {
    facts()
        .into_iter()
        .filter(|fact| version.at_least(fact.since_minor) && !fact.is_alias)
        .map(|fact| fact.flag)
        .collect()
}

/// Both backends, with every flag written out.
fn every(version: KubernetesVersion) -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.version = version;
    settings.include_defaults = true;
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    settings
}

fn variants(version: KubernetesVersion) -> Vec<Settings> {
    let every = every(version);
    let mut differing = every.clone();
    differing.include_defaults = false;
    let mut stdout = every.clone();
    stdout.log.path = "-".to_owned();
    let mut log_only = every.clone();
    log_only.webhook = WebhookBackend::default();
    let mut webhook_only = every.clone();
    webhook_only.log.path.clear();
    vec![every, differing, stdout, log_only, webhook_only]
}

/// The words of a text that begin as audit flags do.
fn flag_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .map(|word| word.trim_start_matches('-'))
        .filter(|word| NOT_FLAGS.iter().any(|begin| word.starts_with(begin)))
        .filter(|word| !NOT_FLAGS.contains(word))
}

fn every_text(document: &Document) -> Vec<&str> {
    let files = document.files.iter().map(|file| file.text.as_str());
    let lists = [&document.steps, &document.verify, &document.undo];
    let sentences = lists.into_iter().flatten().map(String::as_str);
    [document.text.as_str(), document.note.as_str()]
        .into_iter()
        .chain(files)
        .chain(sentences)
        .collect()
}

#[test]
fn the_list_and_the_flags_agree_in_every_version() {
    for version in KubernetesVersion::all() {
        let settings = every(version);
        let flags = settings.flags();
        let names: BTreeSet<_> = flags.iter().map(|flag| flag.name.as_str()).collect();
        assert_eq!(names, known(version), "{version}");
        assert_eq!(names.len(), flags.len(), "{version}");
    }
    // The policy, 8 of the log and 4 of the webhook alone, 9 that each of them has.
    assert_eq!(known(KubernetesVersion::OLDEST).len(), 1 + 8 + 4 + 9 + 9);
}

#[test]
fn no_target_writes_a_flag_that_the_version_does_not_know() {
    let shippers = ["fluent-bit", "fluentd", "vector", "rsyslog", "logrotate"];
    for version in KubernetesVersion::all() {
        let known = known(version);
        for settings in variants(version) {
            for target in Target::ALL {
                let document = render(&settings, target);
                if shippers.contains(&target.name()) {
                    continue;
                }
                for text in every_text(&document) {
                    for word in flag_words(text) {
                        assert!(
                            known.contains(word),
                            "{}: {word} in {version}",
                            target.name()
                        );
                    }
                }
            }
        }
    }
}

/// The targets that take flags by their names write each of them.
#[test]
fn no_flag_is_lost_where_all_are_asked_for() {
    for version in KubernetesVersion::all() {
        for (target, fewer) in [
            (Target::Flags, &[][..]),
            (Target::Shell, &[]),
            (Target::Args, &[]),
            (Target::StaticPod, &[]),
            (Target::KubeadmV1beta4, &[]),
            (Target::KubeadmV1beta3, &[]),
            (Target::KubeadmPatches, &[]),
            (Target::Kind, &[]),
            (Target::K3s, &[]),
            (Target::Rke2, &[]),
            (Target::ClusterApi, &[]),
            (Target::Microk8s, &[]),
            (Target::K3d, &[]),
            (Target::K0s, &[]),
            (Target::K0sctl, &[]),
            (Target::K0rdent, &[]),
            (Target::RancherCluster, &[]),
            // The policy is in a Secret.
            (Target::Rke2ControlPlane, &["audit-policy-file"]),
            // RKE1 has fields with other names for these.
            (
                Target::Rke1,
                &[
                    "audit-policy-file",
                    "audit-log-path",
                    "audit-log-maxage",
                    "audit-log-maxbackup",
                    "audit-log-maxsize",
                    "audit-log-format",
                ],
            ),
            // Talos has its own paths for the policy and the log.
            (Target::Talos, &["audit-policy-file", "audit-log-path"]),
            // minikube's log goes to standard output, which is never rotated.
            (
                Target::Minikube,
                &[
                    "audit-log-maxage",
                    "audit-log-maxbackup",
                    "audit-log-maxsize",
                    "audit-log-compress",
                ],
            ),
        ] {
            let text = render(&every(version), target).text;
            let words: BTreeSet<_> = flag_words(&text).collect();
            let mut expected = known(version);
            expected.retain(|flag| !fewer.contains(flag));
            assert_eq!(words, expected, "{} in {version}", target.name());
        }
    }
}
