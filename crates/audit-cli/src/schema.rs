//! `schema`: the JSON schema of a policy, for editors and validators.

use std::fs;
use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_policy::json_schema::{UnknownFields, api_versions, json_schema};

use crate::arguments::Schema;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::Output;
use crate::save::save;

/// Prints the schema, or writes the files of kubeconform.
pub(crate) fn run(arguments: &Schema, version: KubernetesVersion) -> Result {
    if let Some(folder) = &arguments.dir {
        return write_all(folder, version);
    }
    let unknown = if arguments.lenient {
        UnknownFields::Ignored
    } else {
        UnknownFields::Rejected
    };
    let mut out = Output::json();
    out.write_all(&text(version, unknown)?)?;
    Ok(out.flush()?)
}

/// Returns the schema as a file has it.
fn text(version: KubernetesVersion, unknown: UnknownFields) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(&json_schema(version, unknown))?;
    text.push(b'\n');
    Ok(text)
}

/// Writes the schemas in the layout of kubeconform: `v1.36.0-standalone-strict/policy-audit-v1.json`.
fn write_all(folder: &FileName, version: KubernetesVersion) -> Result {
    for (suffix, unknown) in [
        ("-strict", UnknownFields::Rejected),
        ("", UnknownFields::Ignored),
    ] {
        let inner = folder
            .path()
            .join(format!("v{version}.0-standalone{suffix}"));
        fs::create_dir(&inner)
            .or_else(|error| if inner.is_dir() { Ok(()) } else { Err(error) })
            .map_err(|error| Error::Write {
                file: inner.display().to_string(),
                error,
            })?;
        for api_version in api_versions(version) {
            let path = inner.join(format!("policy-audit-{api_version}.json"));
            save(
                &FileName::from(path.into_os_string()),
                &text(version, unknown)?,
            )?;
        }
    }
    Ok(())
}
