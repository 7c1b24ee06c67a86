//! Files and standard input.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::utf16;

/// Maximum size of a policy in bytes. Reading needs several times as much memory. kube-apiserver has no limit, and real policies are much smaller.
const MAX_POLICY_BYTES: u64 = 16 << 20;

/// Maximum size in bytes of a file with settings or a cluster's profile. Settings may contain a policy.
const MAX_JSON_BYTES: u64 = 32 << 20;

/// Maximum length of a line with a request in bytes.
const MAX_REQUEST_BYTES: u64 = 1 << 20;

/// Reason why a name in a given text, such as that of a policy in a file of tests, cannot be read.
const NOT_GIVEN: &str = "no file is read here, only the texts of the call";

/// Opens a file, standard input, or a given text.
pub(crate) fn open(file: &FileName) -> Result<Box<dyn Read>, Error> {
    match file.given() {
        Some(Some(contents)) => return Ok(Box::new(io::Cursor::new(Arc::clone(contents)))),
        Some(None) => return Err(failed(file, io::Error::other(NOT_GIVEN))),
        None => {}
    }
    if file.is_stdin() {
        return Ok(Box::new(io::stdin().lock()));
    }
    File::open(file.path())
        .map(|file| Box::new(file) as Box<dyn Read>)
        .map_err(|error| failed(file, error))
}

/// Returns the error of a file that cannot be read.
pub(crate) fn failed(file: &FileName, error: io::Error) -> Error {
    Error::Read {
        file: file.to_string(),
        error,
    }
}

/// Fails if standard input or a pipe, which can be read only once, is used for several files.
pub(crate) fn check_read_once<'f>(files: impl IntoIterator<Item = &'f FileName>) -> Result {
    let mut seen: Vec<(Source, &FileName)> = Vec::new();
    for file in files {
        let Some(source) = Source::of(file) else {
            continue;
        };
        let earlier = seen.iter().find(|(other, _)| *other == source);
        if let Some((_, earlier)) = earlier {
            return Err(Error::Usage(if earlier.is_stdin() && file.is_stdin() {
                "standard input can only be read once: `-` is used for more than one file"
                    .to_owned()
            } else {
                format!(
                    "`{}` and `{}` are the same pipe, which can only be read once: save it as a file first",
                    earlier, file
                )
            }));
        }
        seen.push((source, file));
    }
    Ok(())
}

/// An input that can only be read once.
#[derive(PartialEq, Eq)]
enum Source {
    /// Standard input, if it is not a pipe.
    Standard,
    /// A pipe or a socket, with its device and inode.
    Pipe(u64, u64),
}

impl Source {
    #[cfg(unix)]
    fn of(file: &FileName) -> Option<Self> {
        if file.given().is_some() {
            return None;
        }
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
fn bytes(file: &FileName, max_bytes: u64) -> Result<Vec<u8>, Error> {
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

fn too_large(file: &FileName, size: Option<u64>, max_bytes: u64) -> Error {
    failed(file, io::Error::other(too_large_text(size, max_bytes)))
}

/// Formats the error that something is too large. The size is not known if it has not been read to its end.
fn too_large_text(size: Option<u64>, max_bytes: u64) -> String {
    let size = size.map_or_else(
        || format!("more than {max_bytes} bytes"),
        |size| format!("{size} bytes"),
    );
    format!("too large: {size}, the limit is {max_bytes} (kube-apiserver has no such limit)")
}

/// Reads the bytes of a policy.
pub(crate) fn policy_bytes(file: &FileName) -> Result<Vec<u8>, Error> {
    bytes(file, MAX_POLICY_BYTES)
}

/// Reads a manifest or a configuration, which must be text.
pub(crate) fn manifest(file: &FileName) -> Result<String, Error> {
    let max_bytes = audit_import::MAX_TEXT_BYTES;
    let text = text(file, bytes(file, max_bytes as u64)?)?;
    // UTF-16 can be longer as UTF-8.
    if text.len() > max_bytes {
        return Err(too_large(file, Some(text.len() as u64), max_bytes as u64));
    }
    Ok(text)
}

/// Reads JSON text.
pub(crate) fn json_text(file: &FileName) -> Result<String, Error> {
    let text = text(file, bytes(file, MAX_JSON_BYTES)?)?;
    // JSON has no byte order mark, but some editors write one.
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// Decodes the bytes of a file as text.
pub(crate) fn text(file: &FileName, bytes: Vec<u8>) -> Result<String, Error> {
    as_text(bytes).map_err(|name| failed(file, io::Error::other(format!("not valid {name}"))))
}

/// Decodes UTF-8, or UTF-16 with a byte order mark, as some Windows shells write it. Fails with the name of the encoding.
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

/// Parses a JSON file; `what` names its expected contents in the plural.
pub(crate) fn json<T: DeserializeOwned>(file: &FileName, what: &str) -> Result<T, Error> {
    json_of(file, &json_text(file)?, what)
}

/// Parses the JSON text of a file; `what` names its expected contents in the plural.
pub(crate) fn json_of<T: DeserializeOwned>(
    file: &FileName,
    text: &str,
    what: &str,
) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Input {
        file: file.to_string(),
        line: error.line(),
        error: format!("not {what}: {error}"),
    })
}

/// Calls a function with each line of a file that is not blank, and its number from 1.
pub(crate) fn request_lines(
    file: &FileName,
    take: &mut dyn FnMut(usize, &str) -> Result,
) -> Result {
    let text = utf16::as_utf8(open(file)?).map_err(|error| failed(file, error))?;
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
        let wrong = |error: String| Error::Input {
            file: file.to_string(),
            line,
            error,
        };
        if length as u64 > MAX_REQUEST_BYTES {
            return Err(wrong(too_large_text(None, MAX_REQUEST_BYTES)));
        }
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| wrong("not a request: not valid UTF-8".to_owned()))?;
        // Editors such as Notepad write a byte order mark before the first line.
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
