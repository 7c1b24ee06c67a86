//! Files under the names that kubeconform looks for: `v1.36.0-standalone-strict/policy-audit-v1.json`.

use std::path::Path;

use audit_policy::KubernetesVersion;
use audit_policy::json_schema::{UnknownFields, api_versions, json_schema};

use super::file::LaidOut;
use crate::error::Result;

/// Returns the files of a version, strict and lenient.
pub(super) fn files(version: KubernetesVersion) -> Result<Vec<LaidOut>> {
    let mut files = Vec::new();
    for (suffix, unknown) in [
        ("-strict", UnknownFields::Rejected),
        ("", UnknownFields::Ignored),
    ] {
        let folder = format!("v{version}.0-standalone{suffix}");
        for api_version in api_versions(version) {
            let name = format!("policy-audit-{api_version}.json");
            let path = Path::new(&folder).join(name);
            files.push(LaidOut::json(path, &json_schema(version, unknown))?);
        }
    }
    Ok(files)
}
