//! Files and standard input.

use std::fs::File;
use std::io::{self, Read};

use audit_policy::{KubernetesVersion, Loaded, Policy, load};
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The name under which standard input is spoken of.
pub(crate) const STANDARD_INPUT: &str = "-";

/// The largest policy or manifest that is read, in bytes; the server has no limit, and no real one comes near this.
const MAX_POLICY_BYTES: u64 = 64 << 20;

/// Opens a file, or standard input.
pub(crate) fn open(file: &str) -> Result<Box<dyn Read>, Failure> {
    if file == STANDARD_INPUT {
        return Ok(Box::new(io::stdin().lock()));
    }
    File::open(file)
        .map(|file| Box::new(file) as Box<dyn Read>)
        .map_err(|error| failed(file, error))
}

/// Names the file that cannot be read.
pub(crate) fn failed(file: &str, error: io::Error) -> Failure {
    Failure::File {
        file: file.to_owned(),
        error,
    }
}

/// Writes a file.
pub(crate) fn save(file: &str, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(file, bytes).map_err(|error| Failure::Unwritten {
        file: file.to_owned(),
        error,
    })
}

/// Reads the bytes of a policy or a manifest.
pub(crate) fn policy_bytes(file: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    open(file)?
        .take(MAX_POLICY_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(file, error))?;
    if bytes.len() as u64 > MAX_POLICY_BYTES {
        let limit = format!("larger than {} MiB", MAX_POLICY_BYTES >> 20);
        return Err(failed(file, io::Error::other(limit)));
    }
    Ok(bytes)
}

/// Reads a JSON file; `what` is what it has to be, in the plural.
pub(crate) fn json<T: DeserializeOwned>(file: &str, what: &str) -> Result<T, Failure> {
    json_of(file, &text(file)?, what)
}

/// The same of a text that has been read.
pub(crate) fn json_of<T: DeserializeOwned>(
    file: &str,
    text: &str,
    what: &str,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Input {
        file: file.to_owned(),
        line: error.line(),
        error: format!("not {what}: {error}"),
    })
}

/// Reads a text.
pub(crate) fn text(file: &str) -> Result<String, Failure> {
    let mut text = String::new();
    open(file)?
        .read_to_string(&mut text)
        .map_err(|error| failed(file, error))?;
    Ok(text)
}

/// Reads a policy that has to be one that the server accepts; the warning that it would log goes to standard error.
pub(crate) fn policy(file: &str, version: KubernetesVersion) -> Result<Policy, Failure> {
    accepted(file, &policy_bytes(file)?, version)
}

/// The same of a policy whose bytes have been read.
pub(crate) fn accepted(
    file: &str,
    bytes: &[u8],
    version: KubernetesVersion,
) -> Result<Policy, Failure> {
    let Loaded {
        policy,
        error,
        warning,
        ..
    } = load(bytes, version);
    if let Some(warning) = warning {
        eprintln!("audit-policy: {file}: {warning}");
    }
    policy.ok_or_else(|| Failure::Unusable {
        file: file.to_owned(),
        error: error.unwrap_or_else(|| "it does not load".to_owned()),
    })
}
