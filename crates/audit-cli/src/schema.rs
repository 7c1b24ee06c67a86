//! `schema`: the JSON schema of a policy, for editors and validators.

mod file;
mod kubeconform;
mod schemastore;

use std::fs;
use std::io::Write;
use std::path::Path;

use audit_policy::KubernetesVersion;
use audit_policy::json_schema::{UnknownFields, json_schema};

use crate::arguments::{Layout, Schema};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::Output;
use crate::save::save;
use file::{LaidOut, json_text};

/// Prints the schema, or writes the files of a layout.
pub(crate) fn run(arguments: &Schema, version: KubernetesVersion) -> Result {
    if let Some(folder) = &arguments.dir {
        let files = match arguments.layout {
            Layout::Kubeconform => kubeconform::files(version)?,
            Layout::Schemastore => schemastore::files()?,
        };
        return write_all(folder.path(), files);
    }
    let unknown = if arguments.lenient {
        UnknownFields::Ignored
    } else {
        UnknownFields::Rejected
    };
    let mut out = Output::json();
    out.write_all(&json_text(&json_schema(version, unknown))?)?;
    Ok(out.flush()?)
}

/// Writes files into a folder, and makes it and the folders inside.
fn write_all(folder: &Path, files: Vec<LaidOut>) -> Result {
    for LaidOut { path, bytes } in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| Error::Write {
                file: parent.display().to_string(),
                error,
            })?;
        }
        save(&FileName::from(path.into_os_string()), &bytes)?;
    }
    Ok(())
}
