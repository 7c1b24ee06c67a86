//! Files and standard input.

use std::fs::File;
use std::io::{self, BufRead, Read};

use audit_policy::{KubernetesVersion, Loaded, Policy, load};
use serde::de::DeserializeOwned;

use crate::Outcome;
use crate::failure::Failure;
use crate::file_name::FileName;
use crate::output::diagnostic;
use crate::wide;

/// The largest policy that is read, in bytes. What is read takes much more than its size in memory; kube-apiserver has no limit, and
/// no policy in use comes near this one.
const MAX_POLICY_BYTES: u64 = 16 << 20;

/// The largest file of settings or of a cluster's profile that is read, in bytes. Settings may contain a policy.
const MAX_JSON_BYTES: u64 = 32 << 20;

/// The longest line with a request that is read, in bytes.
const MAX_REQUEST_BYTES: u64 = 1 << 20;

/// Opens a file, or standard input.
pub(crate) fn open(file: &FileName) -> Result<Box<dyn Read>, Failure> {
    if file.is_stdin() {
        return Ok(Box::new(io::stdin().lock()));
    }
    File::open(file.path())
        .map(|file| Box::new(file) as Box<dyn Read>)
        .map_err(|error| failed(file, error))
}

/// Names the file that cannot be read.
pub(crate) fn failed(file: &FileName, error: io::Error) -> Failure {
    Failure::File {
        file: file.to_string(),
        error,
    }
}

/// Makes sure that nothing is read twice which can be read only once: standard input, or a pipe under two names.
pub(crate) fn check_read_once<'f>(files: impl IntoIterator<Item = &'f FileName>) -> Outcome {
    let mut seen: Vec<(Source, &FileName)> = Vec::new();
    for file in files {
        let Some(source) = Source::of(file) else {
            continue;
        };
        let earlier = seen.iter().find(|(other, _)| *other == source);
        if let Some((_, earlier)) = earlier {
            return Err(Failure::Usage(if earlier.is_stdin() && file.is_stdin() {
                "standard input can be read once only: `-` stands for more than one file".to_owned()
            } else {
                format!(
                    "`{}` and `{}` are one pipe, which can be read once only: save it as a file first",
                    earlier, file
                )
            }));
        }
        seen.push((source, file));
    }
    Ok(())
}

/// What can be read once only.
#[derive(PartialEq, Eq)]
enum Source {
    /// Standard input, where it is not a pipe.
    Standard,
    /// A pipe or a socket, by its device and number there.
    Pipe(u64, u64),
}

impl Source {
    #[cfg(unix)]
    fn of(file: &FileName) -> Option<Self> {
        use std::os::unix::fs::{FileTypeExt, MetadataExt};

        let path = if file.is_stdin() {
            std::path::Path::new("/dev/stdin")
        } else {
            file.path()
        };
        let metadata = std::fs::metadata(path).ok();
        let pipe =
            metadata.filter(|found| found.file_type().is_fifo() || found.file_type().is_socket());
        match pipe {
            Some(found) => Some(Self::Pipe(found.dev(), found.ino())),
            None => file.is_stdin().then_some(Self::Standard),
        }
    }

    #[cfg(not(unix))]
    fn of(file: &FileName) -> Option<Self> {
        file.is_stdin().then_some(Self::Standard)
    }
}

/// Reads a file, up to a limit in bytes.
fn bytes(file: &FileName, max_bytes: u64) -> Result<Vec<u8>, Failure> {
    let input = open(file)?;
    let size = if file.is_stdin() {
        None
    } else {
        std::fs::metadata(file.path())
            .ok()
            .filter(std::fs::Metadata::is_file)
            .map(|found| found.len())
    };
    if let Some(size) = size.filter(|size| *size > max_bytes) {
        return Err(too_large(file, Some(size), max_bytes));
    }
    let mut bytes = Vec::new();
    input
        .take(max_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(file, error))?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(file, None, max_bytes));
    }
    Ok(bytes)
}

fn too_large(file: &FileName, size: Option<u64>, max_bytes: u64) -> Failure {
    failed(file, io::Error::other(too_large_text(size, max_bytes)))
}

/// That something is too large, and whose limit that is; without a size where it has not been read to its end.
fn too_large_text(size: Option<u64>, max_bytes: u64) -> String {
    let size = size.map_or_else(
        || format!("more than {max_bytes} bytes"),
        |size| format!("{size} bytes"),
    );
    format!(
        "too large to read here: {size}, the limit is {max_bytes} (kube-apiserver has no such limit)"
    )
}

/// Reads the bytes of a policy.
pub(crate) fn policy_bytes(file: &FileName) -> Result<Vec<u8>, Failure> {
    bytes(file, MAX_POLICY_BYTES)
}

/// Reads a manifest or a configuration, which has to be text.
pub(crate) fn manifest(file: &FileName) -> Result<String, Failure> {
    let max_bytes = audit_import::MAX_TEXT_BYTES;
    let text = text(file, bytes(file, max_bytes as u64)?)?;
    // A text of UTF-16 may grow.
    if text.len() > max_bytes {
        return Err(too_large(file, Some(text.len() as u64), max_bytes as u64));
    }
    Ok(text)
}

/// Reads a text of JSON.
pub(crate) fn json_text(file: &FileName) -> Result<String, Failure> {
    let text = text(file, bytes(file, MAX_JSON_BYTES)?)?;
    // JSON has no mark before it, but editors write one.
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn text(file: &FileName, bytes: Vec<u8>) -> Result<String, Failure> {
    as_text(bytes).map_err(|name| failed(file, io::Error::other(format!("not valid {name}"))))
}

/// Bytes as text: UTF-8, or UTF-16 with its mark, as some shells of Windows redirect it. Fails with the name of the encoding.
pub(crate) fn as_text(bytes: Vec<u8>) -> Result<String, &'static str> {
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| -> Option<String> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).ok().filter(|_| rest.is_empty())
    };
    let (text, name) = match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => (units(rest, u16::from_le_bytes), "UTF-16"),
        [0xfe, 0xff, rest @ ..] => (units(rest, u16::from_be_bytes), "UTF-16"),
        _ => (String::from_utf8(bytes).ok(), "UTF-8"),
    };
    text.ok_or(name)
}

/// Reads a JSON file; `what` is what it has to be, in the plural.
pub(crate) fn json<T: DeserializeOwned>(file: &FileName, what: &str) -> Result<T, Failure> {
    json_of(file, &json_text(file)?, what)
}

/// The same of a text that has been read.
pub(crate) fn json_of<T: DeserializeOwned>(
    file: &FileName,
    text: &str,
    what: &str,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Input {
        file: file.to_string(),
        line: error.line(),
        error: format!("not {what}: {error}"),
    })
}

/// Hands out the lines of a file with their numbers from 1, without their ends; blank ones are left out.
pub(crate) fn request_lines(
    file: &FileName,
    take: &mut dyn FnMut(usize, &str) -> Outcome,
) -> Outcome {
    let text = wide::as_utf8(open(file)?).map_err(|error| failed(file, error))?;
    let mut input = io::BufReader::with_capacity(1 << 16, text);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        let length = (&mut input)
            .take(MAX_REQUEST_BYTES + 1)
            .read_until(b'\n', &mut bytes)
            .map_err(|error| failed(file, error))?;
        if length == 0 {
            break;
        }
        let wrong = |error: String| Failure::Input {
            file: file.to_string(),
            line,
            error,
        };
        if length as u64 > MAX_REQUEST_BYTES {
            return Err(wrong(too_large_text(None, MAX_REQUEST_BYTES)));
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| wrong("not a request: not valid UTF-8".to_owned()))?;
        // Notepad and its like put a mark before the first line.
        let text = if line == 1 {
            text.trim_start_matches('\u{feff}')
        } else {
            text
        };
        if !text.trim().is_empty() {
            take(line, text.trim())?;
        }
    }
    Ok(())
}

/// Reads a policy that has to be one that the server accepts; the warning that it would log goes to standard error.
pub(crate) fn policy(file: &FileName, version: KubernetesVersion) -> Result<Policy, Failure> {
    accepted(file, &policy_bytes(file)?, version).map(|(policy, _)| policy)
}

/// The same of a policy whose bytes have been read, with its text as UTF-8.
pub(crate) fn accepted(
    file: &FileName,
    bytes: &[u8],
    version: KubernetesVersion,
) -> Result<(Policy, String), Failure> {
    let Loaded {
        policy,
        error,
        text,
        ..
    } = loaded(file, bytes, version);
    let policy = policy.ok_or_else(|| Failure::Unusable {
        file: file.to_string(),
        error: error.unwrap_or_else(|| "it does not load".to_owned()),
    })?;
    Ok((policy, text))
}

/// A policy as the server reads it, accepted or not; the warning that the server would log goes to standard error.
pub(crate) fn loaded(file: &FileName, bytes: &[u8], version: KubernetesVersion) -> Loaded {
    let loaded = load(bytes, version);
    if let Some(warning) = &loaded.warning {
        diagnostic(&format!("{}: {warning}", file));
    }
    loaded
}
