//! Errors of a call, as JSON that the script makes an exception of.

use audit_policy::{KubernetesVersion, UnknownVersionError};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// Maximum size in bytes of a policy or a file of tests, which is that of the command.
pub(crate) const MAX_TEXT_BYTES: usize = 16 << 20;

/// An error of a call.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Error {
    /// Kind of the error, which programs compare.
    code: &'static str,
    message: String,
    /// The remedy; empty if that is not known.
    help: String,
    /// Line in the text, from 1. `None` if the error is not about a place.
    line: Option<usize>,
    /// Column in the text, from 1.
    column: Option<usize>,
}

/// Result of a call.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Creates an error without a place.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            ..Self::default()
        }
    }

    /// Adds the remedy.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Adds the place.
    pub(crate) const fn at(mut self, line: usize, column: usize) -> Self {
        self.line = Some(line);
        self.column = Some(column);
        self
    }
}

impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        Self::from_str(&serde_json::to_string(&error).unwrap_or_default())
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::new("internal", error.to_string())
    }
}

/// Fails if a text is too large to be read within the memory of a module.
pub(crate) fn check_size(length: usize) -> Result<()> {
    if length <= MAX_TEXT_BYTES {
        return Ok(());
    }
    let message = format!("too large: {length} bytes, the limit is {MAX_TEXT_BYTES}");
    Err(Error::new("too-large", message).with_help("kube-apiserver has no such limit"))
}

/// Parses a Kubernetes version. `None` is the newest.
pub(crate) fn version(text: Option<&str>) -> Result<KubernetesVersion> {
    let Some(text) = text else {
        return Ok(KubernetesVersion::NEWEST);
    };
    text.parse()
        .map_err(|error: UnknownVersionError| Error::new("unknown-version", error.to_string()))
}
