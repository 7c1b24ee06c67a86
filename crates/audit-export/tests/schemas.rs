//! Every document against the fields that its project publishes: `schemas/*.tsv` holds their names and types, `schemas/sources.tsv` where they were
//! read. A field that no table has, or a value of another type, is a failure.

use std::collections::{BTreeMap, BTreeSet};

use apiserver_config::{Settings, WebhookAuth, WebhookBackend};
use audit_export::{Document, Target, render};
use audit_policy::KubernetesVersion;
use serde_norway::Value;

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Metadata
";

const TABLES: [&str; 8] = [
    include_str!("schemas/kubeadm.tsv"),
    include_str!("schemas/kind.tsv"),
    include_str!("schemas/cluster-api.tsv"),
    include_str!("schemas/kubernetes.tsv"),
    include_str!("schemas/kops.tsv"),
    include_str!("schemas/talos.tsv"),
    include_str!("schemas/others.tsv"),
    include_str!("schemas/distributions.tsv"),
];

/// The types of fields, by document, version and path.
struct Facts(BTreeMap<(String, String), BTreeMap<String, String>>);

/// A document's name and version, as the tables have them.
type Name = (String, String);

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect())
}

impl Facts {
    fn read() -> Self {
        let mut facts = BTreeMap::<Name, BTreeMap<String, String>>::new();
        for row in TABLES.into_iter().flat_map(rows) {
            assert_eq!(row.len(), 5, "{row:?}");
            let [document, version, path, kind, _] = row[..] else {
                continue;
            };
            let name = (document.to_owned(), version.to_owned());
            let fields = facts.entry(name).or_default();
            let before = fields.insert(path.to_owned(), kind.to_owned());
            assert_eq!(before, None, "{row:?} stands twice");
        }
        Self(facts)
    }

    /// Returns the problems of a document, one line per field.
    fn faults(&self, name: &Name, value: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        match self.0.get(name) {
            Some(fields) => walk(fields, "", value, &mut faults),
            None => faults.push(format!("no table has {name:?}")),
        }
        faults
    }
}

/// Goes through a value, and says where it is not what the fields say.
fn walk(fields: &BTreeMap<String, String>, path: &str, value: &Value, faults: &mut Vec<String>) {
    let declared = fields.get(path).map(String::as_str);
    match value {
        _ if declared == Some("any") => {}
        Value::Tagged(tagged) => walk(fields, path, &tagged.value, faults),
        Value::Mapping(map) if declared.is_none() => {
            for (key, value) in map {
                let dot = if path.is_empty() { "" } else { "." };
                let child = format!("{path}{dot}{}", key.as_str().unwrap_or("(no text)"));
                let free = format!("{path}{dot}*");
                if is_known(fields, &child) {
                    walk(fields, &child, value, faults);
                } else if fields.contains_key(&free) {
                    walk(fields, &free, value, faults);
                } else {
                    faults.push(format!("{child} is not a field"));
                }
            }
        }
        Value::Sequence(list) if declared.is_none() => {
            let child = format!("{path}[]");
            if !is_known(fields, &child) {
                faults.push(format!("{path} is not a list"));
            }
            for item in list {
                walk(fields, &child, item, faults);
            }
        }
        leaf => {
            let is_right = match declared {
                Some("string") => leaf.is_string(),
                Some("int") => leaf.is_i64(),
                Some("bool") => leaf.is_bool(),
                Some("quantity") => leaf.is_string() || leaf.is_number(),
                _ => false,
            };
            if !is_right {
                faults.push(format!("{path} is {declared:?}, not {leaf:?}"));
            }
        }
    }
}

/// `true` if a path is a field, or has fields below it.
fn is_known(fields: &BTreeMap<String, String>, path: &str) -> bool {
    let below = |key: &String| {
        key.strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    fields.keys().any(below)
}

/// Name of a text's document in the tables. `None` for the user's policy.
fn name_of(target: Target, value: &Value) -> Option<Name> {
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let (kind, version) = (text("kind"), text("apiVersion"));
    if kind == "Policy" {
        return None;
    }
    let name = match target {
        // kind takes a patch without a version for whatever version it writes: for these nodes, one in which `extraArgs` is a map.
        Target::Kind if kind == "ClusterConfiguration" && version.is_empty() => {
            (kind, "kubeadm.k8s.io/v1beta3")
        }
        _ if !kind.is_empty() => (kind, version),
        Target::Args => ("Args", ""),
        Target::StaticPod => ("Pod", "v1"),
        Target::KubeadmPatches => ("JSONPatch", ""),
        Target::Kops => ("kOps-Cluster", "kops.k8s.io/v1alpha2"),
        Target::Talos => ("Talos-Config", "v1alpha1"),
        Target::K3s => ("k3s-server", ""),
        Target::Rke2 => ("rke2-server", ""),
        Target::Kubespray => ("kubespray-vars", ""),
        Target::Rke1 => ("RKE1-cluster", ""),
        Target::Gke => ("IAM-Policy", ""),
        _ => ("unknown", ""),
    };
    Some((name.0.to_owned(), name.1.to_owned()))
}

fn is_shipper(target: Target) -> bool {
    [
        Target::FluentBit,
        Target::Fluentd,
        Target::Vector,
        Target::Rsyslog,
        Target::Logrotate,
    ]
    .contains(&target)
}

fn parse(text: &str) -> Value {
    let value = serde_norway::from_str(text);
    assert!(value.is_ok(), "{value:?}:\n{text}");
    value.unwrap_or_default()
}

/// The YAML of a document: its text, its files, and what stands as text within them.
fn yaml(document: &Document) -> Vec<Value> {
    let main = (&document.file_name, &document.text);
    let files = document.files.iter().map(|file| (&file.path, &file.text));
    let mut values: Vec<Value> = std::iter::once(main)
        .chain(files)
        .filter(|(name, _)| name.ends_with(".yaml") || name.ends_with(".yml"))
        .map(|(_, text)| parse(text))
        .collect();
    let mut within = Vec::new();
    values.iter().for_each(|value| texts(value, &mut within));
    values.extend(within);
    values
}

/// The texts within a value that are documents themselves.
fn texts(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Mapping(map) => map.values().for_each(|value| texts(value, found)),
        Value::Sequence(list) => list.iter().for_each(|value| texts(value, found)),
        Value::String(text) if text.contains("kind: ") => found.push(parse(text)),
        _ => {}
    }
}

fn both_backends(version: KubernetesVersion) -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.version = version;
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    settings
}

fn variants() -> Vec<Settings> {
    let mut variants = Vec::new();
    for version in [KubernetesVersion::OLDEST, KubernetesVersion::NEWEST] {
        let both = both_backends(version);
        let mut every = both.clone();
        every.include_defaults = true;
        every.webhook.batch.throttle_qps = 2.5;
        let mut stdout = every.clone();
        stdout.log.path = "-".to_owned();
        stdout.webhook.auth = WebhookAuth::ClientCertificate;
        let mut no_log = both.clone();
        no_log.log.path.clear();
        let mut no_webhook = both.clone();
        no_webhook.webhook = WebhookBackend::default();
        let mut nothing = no_webhook.clone();
        nothing.log.path.clear();
        nothing.policy_path.clear();
        let mut no_policy = both.clone();
        no_policy.policy.clear();
        variants.extend([both, every, stdout, no_log, no_webhook, nothing, no_policy]);
    }
    variants
}

#[test]
fn every_field_is_one_of_its_project_and_has_its_type() {
    let facts = Facts::read();
    let mut walked = 0;
    let mut names = BTreeSet::new();
    for settings in variants() {
        for target in Target::ALL.into_iter().filter(|one| !is_shipper(*one)) {
            for value in yaml(&render(&settings, target)) {
                // A policy of the reader's own, or nothing: no policy, or no arguments.
                let Some(name) = name_of(target, &value).filter(|_| !value.is_null()) else {
                    continue;
                };
                let faults = facts.faults(&name, &value);
                assert_eq!(faults, [""; 0], "{}: {name:?}", target.name());
                walked += 1;
                names.insert(name);
            }
        }
    }
    // Of the tables only the two in which kubeadm names a directory of patches are never written out.
    let kept = |name: &&Name| !name.0.starts_with("Init") && !name.0.starts_with("Join");
    let all: BTreeSet<_> = facts.0.keys().filter(kept).cloned().collect();
    assert_eq!(names, all);
    assert!(walked > 400, "{walked}");
}

#[test]
fn a_misspelled_field_and_a_wrong_type_are_found() {
    let facts = Facts::read();
    let name = |kind: &str, version: &str| (kind.to_owned(), version.to_owned());
    let kubeadm = name("ClusterConfiguration", "kubeadm.k8s.io/v1beta4");
    let kops = name("kOps-Cluster", "kops.k8s.io/v1alpha2");
    for (name, text, fault) in [
        (
            &kubeadm,
            "apiServer: {extraArg: []}",
            "apiServer.extraArg is not a field",
        ),
        (
            &kubeadm,
            "apiServer: {extraArgs: {a: b}}",
            "apiServer.extraArgs.a is not a field",
        ),
        (
            &kubeadm,
            "apiServer: {extraArgs: [{name: a, value: 7}]}",
            "apiServer.extraArgs[].value is Some(\"string\"), not Number(7)",
        ),
        (
            &kubeadm,
            "apiServer: {extraVolumes: [{readonly: true}]}",
            "apiServer.extraVolumes[].readonly is not a field",
        ),
        (
            &kops,
            "spec: {kubeAPIServer: {auditLogMaxBackup: 1}}",
            "spec.kubeAPIServer.auditLogMaxBackup is not a field",
        ),
        (
            &kops,
            "spec: {kubeAPIServer: {auditLogMaxAge: \"1\"}}",
            "spec.kubeAPIServer.auditLogMaxAge is Some(\"int\"), not String(\"1\")",
        ),
        (&kops, "spec: {fileAssets: {}}", ""),
        (&kops, "spec: []", "spec is not a list"),
    ] {
        let faults = facts.faults(name, &parse(text));
        assert_eq!(faults.first().map_or("", String::as_str), fault, "{text}");
    }
    let unknown = facts.faults(&name("Cluster", "v9"), &Value::Null);
    assert_eq!(unknown.len(), 1);
}

#[test]
fn every_fact_has_a_source_and_every_source_a_fact() {
    let named: BTreeSet<&str> = TABLES
        .into_iter()
        .flat_map(rows)
        .map(|row| row[4])
        .collect();
    let mut sources = BTreeSet::new();
    for row in rows(include_str!("schemas/sources.tsv")) {
        assert_eq!(row.len(), 4, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        sources.insert(row[0]);
    }
    assert_eq!(named, sources);
}

/// v1beta2 of Cluster API has a least number of items or properties for nearly all of its lists and objects.
#[test]
fn cluster_api_gets_nothing_empty() {
    fn holds_empty(value: &Value) -> bool {
        match value {
            Value::Mapping(map) => map.is_empty() || map.values().any(holds_empty),
            Value::Sequence(list) => list.is_empty() || list.iter().any(holds_empty),
            Value::String(text) => text.is_empty(),
            _ => false,
        }
    }
    for settings in variants() {
        let value = parse(&render(&settings, Target::ClusterApi).text);
        let spec = &value["spec"]["kubeadmConfigSpec"];
        assert!(!holds_empty(spec), "{spec:?}");
    }
}

/// kOps' fields carry the flags' values under other names: `audit-log-maxbackup` is `auditLogMaxBackups`.
#[test]
fn kops_fields_have_the_values_of_their_flags() {
    let letters = |text: &str| text.replace('-', "").to_lowercase();
    let mut settings = both_backends(KubernetesVersion::NEWEST);
    settings.include_defaults = true;
    settings.webhook.batch.throttle_qps = 2.5;
    let value = parse(&render(&settings, Target::Kops).text);
    let server = value["spec"]["kubeAPIServer"].as_mapping().unwrap();
    let flags = settings.flags();
    for (field, value) in server {
        let field = letters(field.as_str().unwrap());
        let flag = flags
            .iter()
            .find(|flag| letters(&flag.name) == field.trim_end_matches('s'))
            .or_else(|| flags.iter().find(|flag| letters(&flag.name) == field))
            .unwrap_or_else(|| panic!("{field} is not a flag"));
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Bool(yes) => yes.to_string(),
            other => other.as_i64().unwrap().to_string(),
        };
        assert_eq!(value, flag.value, "{field}");
    }
    assert_eq!(server.len(), 15);
}
