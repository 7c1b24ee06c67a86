//! Files of SchemaStore's repository: a strict schema for each Kubernetes version, with a policy that it accepts and one that it rejects, and the entry
//! of the catalogue.

use std::path::Path;

use audit_policy::KubernetesVersion;
use audit_policy::json_schema::{UnknownFields, json_schema};
use serde_json::{Map, Value, json};

use super::file::LaidOut;
use crate::error::Result;

/// Name of the schemas without their version.
const NAME: &str = "kubernetes-audit-policy";

/// Names of files that are audit policies.
const FILE_MATCH: [&str; 3] = ["audit-policy.json", "audit-policy.yaml", "audit-policy.yml"];

/// A policy that every version accepts.
const ACCEPTED: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  nonResourceURLs: [/healthz*, /version]
- level: Metadata
  resources:
  - group: ''
    resources: [secrets, configmaps]
- level: Request
  verbs: [create, update]
  resources:
  - group: apps
- level: Metadata
";

/// A policy whose `verbs` is a level too deep, which is the usual mistake.
const REJECTED: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
  resources:
  - group: ''
    resources: [secrets]
    verbs: [create]
";

/// Returns the files of all versions that are verified.
pub(super) fn files() -> Result<Vec<LaidOut>> {
    let mut files = Vec::new();
    let mut versions = Map::new();
    for version in KubernetesVersion::all().filter(|version| version.is_verified()) {
        let name = name_of(version);
        let mut schema = json_schema(version, UnknownFields::Rejected);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("$id".to_owned(), json!(address(version)));
        }
        let own = format!("{name}.json");
        let [schemas, accepted, rejected] = [
            Path::new("src/schemas/json").join(own),
            Path::new("src/test").join(&name).join("audit-policy.yaml"),
            Path::new("src/negative_test")
                .join(&name)
                .join("verbs-in-resources.yaml"),
        ];
        files.push(LaidOut::json(schemas, &schema)?);
        files.push(LaidOut::text(accepted, ACCEPTED));
        files.push(LaidOut::text(rejected, REJECTED));
        versions.insert(version.to_string(), json!(address(version)));
    }
    files.push(LaidOut::json(
        "catalog-entry.json".into(),
        &entry(versions),
    )?);
    Ok(files)
}

/// Returns the entry of the catalogue.
fn entry(versions: Map<String, Value>) -> Value {
    json!({
        "name": "Kubernetes audit policy",
        "description": "Policy that decides what kube-apiserver records about requests",
        "fileMatch": FILE_MATCH,
        "url": address(KubernetesVersion::NEWEST),
        "versions": versions,
    })
}

fn name_of(version: KubernetesVersion) -> String {
    format!("{NAME}-{version}")
}

/// Returns the address under which SchemaStore serves a schema.
fn address(version: KubernetesVersion) -> String {
    format!("https://json.schemastore.org/{}.json", name_of(version))
}
