//! Compares every target's document with a golden file; `golden/README.md` lists the documentation that each is based on. `BLESS=1` rewrites the files
//! for review.

use std::fmt::Write as _;
use std::path::PathBuf;

use apiserver_config::{Settings, WebhookAuth};
use audit_export::{Document, Target, render};
use audit_policy::KubernetesVersion;
use serde_norway::Value;

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages:
  - RequestReceived
rules:
  # Secrets without their contents.
  - level: Metadata
    resources:
      - group: \"\"
        resources: [secrets]
  - level: Request
    verbs: [create, update]
";

/// Both backends, with flags of every kind of value.
fn settings() -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.log.compress = true;
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    settings.webhook.batch.max_wait_ms = 5_000;
    settings.webhook.batch.throttle_qps = 2.5;
    settings
}

fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.join("tests/golden").join(name)
}

/// The document as one page: text, files, then the guide.
fn page(document: &Document) -> String {
    let mut page = format!("==== {}\n{}", document.file_name, document.text);
    for file in &document.files {
        let _ = write!(page, "==== {} ({})\n{}", file.path, file.mode, file.text);
    }
    for (title, list) in [
        ("steps", &document.steps),
        ("verify", &document.verify),
        ("undo", &document.undo),
    ] {
        let _ = writeln!(page, "==== {title}");
        for (number, item) in list.iter().enumerate() {
            let _ = writeln!(page, "{}. {item}", number + 1);
        }
    }
    page
}

#[test]
fn documents_are_the_golden_ones() {
    let bless = std::env::var_os("BLESS").is_some();
    for target in Target::ALL {
        let page = page(&render(&settings(), target));
        let path = path(&format!("{}.txt", target.name()));
        if bless {
            std::fs::write(&path, &page).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(page, golden, "{}", target.name());
    }
    let mut unrotated = settings();
    unrotated.log.max_size_mb = 0;
    let page = page(&render(&unrotated, Target::Logrotate));
    let path = path("logrotate-unrotated.txt");
    if bless {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(page, std::fs::read_to_string(&path).unwrap_or_default());
}

/// The texts of a document that are YAML, with their names.
fn yaml_texts(document: &Document) -> Vec<(String, String)> {
    let main = (document.file_name.clone(), document.text.clone());
    let files = document
        .files
        .iter()
        .map(|file| (file.path.clone(), file.text.clone()));
    std::iter::once(main)
        .chain(files)
        .filter(|(name, _)| name.ends_with(".yaml") || name.ends_with(".yml"))
        .collect()
}

fn parse(name: &str, text: &str) -> Value {
    let value = serde_norway::from_str(text);
    assert!(value.is_ok(), "{name}: {value:?}\n{text}");
    value.unwrap_or_default()
}

/// Goes through every `extraArgs`, `command` and list of flags, and asserts that each value is a text.
fn texts_only(value: &Value, within: bool, name: &str) -> usize {
    match value {
        Value::Mapping(map) => map
            .iter()
            .map(|(key, value)| {
                let key = key.as_str().unwrap_or_default();
                let flags = [
                    "extraArgs",
                    "command",
                    "kube-apiserver-arg",
                    "kube_kubeadm_apiserver_extra_args",
                    "extra_args",
                ]
                .contains(&key);
                texts_only(value, within || flags, name)
            })
            .sum(),
        Value::Sequence(list) => list.iter().map(|one| texts_only(one, within, name)).sum(),
        Value::Tagged(tagged) => texts_only(&tagged.value, within, name),
        _ if within => {
            assert!(value.is_string(), "{name}: {value:?} is not a string");
            1
        }
        _ => 0,
    }
}

/// Settings that strain quoting and types.
fn variants() -> Vec<Settings> {
    let mut variants = vec![settings(), Settings::new(POLICY), Settings::new("")];
    let mut every = settings();
    every.include_defaults = true;
    every.version = KubernetesVersion::OLDEST;
    variants.push(every);
    let mut stdout = settings();
    stdout.log.path = "-".to_owned();
    stdout.webhook.auth = WebhookAuth::ClientCertificate;
    variants.push(stdout);
    let mut nothing = Settings::new(POLICY);
    nothing.policy_path.clear();
    nothing.log.path.clear();
    variants.push(nothing);
    for path in [
        "/var/log/my cluster/x",
        "/a: b/c",
        "/{{ x }}/[c]",
        "/a\"b/'c'",
        "/a\nb/c",
        "/журнал/\u{a0}c",
        "/a #b/c",
    ] {
        let mut hostile = settings();
        hostile.policy_path = path.to_owned();
        hostile.log.path = format!("{path}/audit.log");
        hostile.webhook.config_path = format!("{path}-webhook");
        hostile.webhook.server = format!("https://x{path}");
        variants.push(hostile);
    }
    for policy in [
        "{\"apiVersion\":\"audit.k8s.io/v1\",\"kind\":\"Policy\",\"rules\":[{\"level\":\"None\"}]}",
        "---\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:   # all\n- level: Metadata # {{ x }}\n\n# end\n",
        "apiVersion: audit.k8s.io/v1\r\nkind: Policy\r\nrules:\r\n- level: None\r\n",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]",
        "level: nonsense",
    ] {
        variants.push(Settings {
            policy: policy.to_owned(),
            ..settings()
        });
    }
    variants
}

#[test]
fn yaml_parses_and_keeps_its_types() {
    for settings in variants() {
        for target in Target::ALL {
            let document = render(&settings, target);
            for (name, text) in yaml_texts(&document) {
                let name = format!("{}: {name}", target.name());
                let value = parse(&name, &text);
                texts_only(&value, false, &name);
                for patch in value["nodes"][0]["kubeadmConfigPatches"]
                    .as_sequence()
                    .into_iter()
                    .flatten()
                {
                    let patch = parse(&name, patch.as_str().unwrap());
                    assert_eq!(patch["kind"], "ClusterConfiguration");
                    texts_only(&patch, false, &name);
                }
            }
            let sentences = document
                .steps
                .iter()
                .chain(&document.verify)
                .chain(&document.undo);
            for sentence in sentences.chain([&document.note]) {
                assert!(!sentence.contains(char::is_control) && !sentence.is_empty());
                assert_eq!(sentence.matches('`').count() % 2, 0, "{sentence}");
            }
            for list in [&document.steps, &document.verify, &document.undo] {
                assert!(!list.is_empty(), "{}", target.name());
            }
        }
    }
}

#[test]
fn an_embedded_policy_is_the_policy() {
    let policy = parse("policy", POLICY);
    let value = |target| parse("document", &render(&settings(), target).text);
    assert_eq!(
        value(Target::Talos)["cluster"]["apiServer"]["auditPolicy"],
        policy
    );
    let kops = value(Target::Kops);
    assert_eq!(kops["spec"]["fileAssets"][0]["content"], POLICY);
    let cluster_api = value(Target::ClusterApi);
    assert_eq!(
        cluster_api["spec"]["kubeadmConfigSpec"]["files"][0]["content"],
        POLICY
    );
    let k0sctl = value(Target::K0sctl);
    assert_eq!(k0sctl["spec"]["hosts"][0]["files"][0]["data"], POLICY);
    let k0rdent = value(Target::K0rdent);
    assert_eq!(
        k0rdent["spec"]["config"]["k0s"]["files"][0]["content"],
        POLICY
    );
    let rancher = value(Target::RancherCluster);
    let global = &rancher["spec"]["rkeConfig"]["machineGlobalConfig"];
    assert_eq!(global["audit-policy-file"], POLICY);
    let rke1 = value(Target::Rke1);
    assert_eq!(
        rke1["services"]["kube-api"]["audit_log"]["configuration"]["policy"],
        policy
    );
    let file = |target, key: &str| {
        let document = render(&settings(), target);
        parse("file", &document.files[0].text)[key].clone()
    };
    assert_eq!(file(Target::Gardener, "data")["policy"], POLICY);
    let secret = file(Target::Rke2ControlPlane, "stringData");
    assert_eq!(secret["audit-policy.yaml"], POLICY);
    assert_eq!(file(Target::RancherCluster, "stringData")["policy"], POLICY);
    let rules = value(Target::Kubespray);
    let rules = parse(
        "rules",
        rules["audit_policy_custom_rules"].as_str().unwrap(),
    );
    assert_eq!(rules, policy["rules"]);
}

/// Lines of the second text that the first has not.
fn new_lines(before: &str, after: &str) -> Vec<String> {
    let is_new = |line: &&str| !before.lines().any(|other| other == *line);
    after
        .lines()
        .filter(is_new)
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn one_setting_changes_only_its_lines() {
    let table: [(Target, &[&str], &[&str]); 22] = [
        (
            Target::Flags,
            &["--audit-log-maxage=7"],
            &["--audit-webhook-batch-max-size=9"],
        ),
        (
            Target::Args,
            &["- --audit-log-maxage=7"],
            &["- --audit-webhook-batch-max-size=9"],
        ),
        (
            Target::StaticPod,
            &["- --audit-log-maxage=7"],
            &["- --audit-webhook-batch-max-size=9"],
        ),
        (
            Target::KubeadmV1beta4,
            &["value: \"7\""],
            &["- name: audit-webhook-batch-max-size", "value: \"9\""],
        ),
        (
            Target::KubeadmV1beta3,
            &["audit-log-maxage: \"7\""],
            &["audit-webhook-batch-max-size: \"9\""],
        ),
        (
            Target::KubeadmPatches,
            &["value: --audit-log-maxage=7"],
            &["value: --audit-webhook-batch-max-size=9"],
        ),
        (
            Target::Kind,
            &["value: \"7\"", "audit-log-maxage: \"7\""],
            &[
                "- name: audit-webhook-batch-max-size",
                "value: \"9\"",
                "audit-webhook-batch-max-size: \"9\"",
            ],
        ),
        // minikube has no place for a log.
        (
            Target::Minikube,
            &[],
            &["--extra-config=apiserver.audit-webhook-batch-max-size=9 \\"],
        ),
        (
            Target::K3s,
            &["- \"audit-log-maxage=7\""],
            &["- \"audit-webhook-batch-max-size=9\""],
        ),
        (
            Target::Rke2,
            &["- \"audit-log-maxage=7\""],
            &["- \"audit-webhook-batch-max-size=9\""],
        ),
        (
            Target::Talos,
            &["audit-log-maxage: \"7\""],
            &["audit-webhook-batch-max-size: \"9\""],
        ),
        (
            Target::Kops,
            &["auditLogMaxAge: 7"],
            &["auditWebhookBatchMaxSize: 9"],
        ),
        (
            Target::Kubespray,
            &["audit_log_maxage: 7"],
            &["audit_webhook_batch_max_size: 9"],
        ),
        (
            Target::ClusterApi,
            &["value: \"7\""],
            &["- name: audit-webhook-batch-max-size", "value: \"9\""],
        ),
        (
            Target::Microk8s,
            &["--audit-log-maxage=7"],
            &["--audit-webhook-batch-max-size=9"],
        ),
        (
            Target::K3d,
            &["- arg: --kube-apiserver-arg=audit-log-maxage=7"],
            &["- arg: --kube-apiserver-arg=audit-webhook-batch-max-size=9"],
        ),
        (
            Target::K0s,
            &["audit-log-maxage: \"7\""],
            &["audit-webhook-batch-max-size: \"9\""],
        ),
        (
            Target::K0sctl,
            &["audit-log-maxage: \"7\""],
            &["audit-webhook-batch-max-size: \"9\""],
        ),
        (
            Target::K0rdent,
            &["audit-log-maxage: \"7\""],
            &["audit-webhook-batch-max-size: \"9\""],
        ),
        (
            Target::Rke1,
            &["max_age: 7"],
            &["audit-webhook-batch-max-size: \"9\""],
        ),
        (
            Target::RancherCluster,
            &["- \"audit-log-maxage=7\""],
            &["- \"audit-webhook-batch-max-size=9\""],
        ),
        (
            Target::Rke2ControlPlane,
            &["- \"audit-log-maxage=7\""],
            &["- \"audit-webhook-batch-max-size=9\""],
        ),
    ];
    for (target, age, size) in table {
        let before = render(&settings(), target).text;
        let mut changed = settings();
        changed.log.max_age_days = 7;
        assert_eq!(
            new_lines(&before, &render(&changed, target).text),
            age,
            "{}",
            target.name()
        );
        let mut changed = settings();
        changed.webhook.batch.max_size = 9;
        assert_eq!(
            new_lines(&before, &render(&changed, target).text),
            size,
            "{}",
            target.name()
        );
    }
}
