//! The documents that are open in the editor.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use audit_policy::KubernetesVersion;
use gen_lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem};

use super::diagnostics::Findings;
use super::file_uri::path_of;
use super::positions::{Encoding, Lines};
use crate::config::{Config, FileSettings};
use crate::file_name::FileName;

/// Maximum size of a document in bytes.
const MAX_BYTES: usize = 16 << 20;

/// Maximum number of open documents.
const MAX_DOCUMENTS: usize = 1000;

/// Maximum number of changes in a message. Each is found in the text that the one before has made.
const MAX_CHANGES: usize = 10_000;

/// An open document.
pub(super) struct Document {
    /// Number that the editor gives to each state of the text.
    pub(super) version: i32,
    pub(super) text: String,
    /// Name of a file with the ending of the document's language.
    pub(super) file: String,
    /// Path of its file. `None` if it does not have one on this machine.
    path: Option<PathBuf>,
    /// The configuration that is about it.
    config: Rc<Config>,
    /// `None` until it is checked.
    findings: OnceCell<Option<Findings>>,
}

impl Document {
    fn new(item: TextDocumentItem) -> (String, Self) {
        let language = serde_json::to_value(&item.language_id);
        let language = language
            .as_ref()
            .ok()
            .and_then(|language| language.as_str());
        let file = match language {
            Some("yaml" | "json" | "jsonc") => "policy.yaml".to_owned(),
            _ => item.uri.0.clone(),
        };
        let document = Self {
            version: item.version,
            text: item.text,
            file,
            path: path_of(&item.uri.0),
            config: Rc::default(),
            findings: OnceCell::new(),
        };
        (item.uri.0, document)
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Changes the configuration that is about it. Returns whether it is another one.
    pub(super) fn set_config(&mut self, config: Rc<Config>) -> bool {
        let is_other = !Rc::ptr_eq(&self.config, &config);
        if is_other {
            self.config = config;
            self.findings = OnceCell::new();
        }
        is_other
    }

    /// Returns the Kubernetes version to emulate: that of the call or the editor, or that of the configuration, or the newest.
    pub(super) fn version(&self, selected: Option<KubernetesVersion>) -> KubernetesVersion {
        selected
            .or(self.config.kubernetes_version)
            .unwrap_or_default()
    }

    /// Returns how it is checked. A document without a file has the name of standard input, which no ignore is about.
    pub(super) fn settings(&self, version: KubernetesVersion) -> FileSettings<'_> {
        let name = self.path.as_ref().map(|path| path.as_os_str().to_owned());
        let name = FileName::from(name.unwrap_or_else(|| OsString::from("-")));
        self.config.file_settings(&name, version)
    }

    /// Returns the findings. `None` if it contains no policy.
    pub(super) fn findings(&self, version: KubernetesVersion) -> Option<&Findings> {
        let check = || Findings::of(&self.text, &self.file, &self.settings(version));
        self.findings.get_or_init(check).as_ref()
    }
}

/// Reason why a document is not checked any more.
#[derive(Debug, thiserror::Error)]
pub(super) enum DocumentError {
    #[error("`{0}` is larger than {limit} MiB: it is not checked until it is opened again", limit = MAX_BYTES >> 20)]
    Size(String),
    #[error("`{0}` is not checked: more than {MAX_DOCUMENTS} documents are open")]
    Count(String),
    #[error(
        "`{0}` has more than {MAX_CHANGES} changes at once: it is not checked until it is opened again"
    )]
    Changes(String),
}

/// The open documents by their URI.
#[derive(Default)]
pub(super) struct Documents(BTreeMap<String, Document>);

impl Documents {
    pub(super) fn get(&self, uri: &str) -> Option<&Document> {
        self.0.get(uri)
    }

    pub(super) fn get_mut(&mut self, uri: &str) -> Option<&mut Document> {
        self.0.get_mut(uri)
    }

    pub(super) fn uris(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(super) fn open(&mut self, item: TextDocumentItem) -> Result<(), DocumentError> {
        let (uri, document) = Document::new(item);
        if document.text.len() > MAX_BYTES {
            return Err(DocumentError::Size(uri));
        }
        if self.0.len() >= MAX_DOCUMENTS && !self.0.contains_key(&uri) {
            return Err(DocumentError::Count(uri));
        }
        self.0.insert(uri, document);
        Ok(())
    }

    pub(super) fn close(&mut self, uri: &str) {
        self.0.remove(uri);
    }

    /// Applies changes in their order. One of a document that is not open has no effect.
    pub(super) fn change(
        &mut self,
        uri: &str,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) -> Result<(), DocumentError> {
        let Some(document) = self.0.get_mut(uri) else {
            return Ok(());
        };
        if changes.len() > MAX_CHANGES {
            self.0.remove(uri);
            return Err(DocumentError::Changes(uri.to_owned()));
        }
        document.version = version;
        document.findings = OnceCell::new();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    let span = Lines::new(&document.text, encoding).span(change.range);
                    document
                        .text
                        .replace_range(span.start..span.end, &change.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change) => {
                    document.text = change.text;
                }
            }
            if document.text.len() > MAX_BYTES {
                self.0.remove(uri);
                return Err(DocumentError::Size(uri.to_owned()));
            }
        }
        Ok(())
    }

    /// Forgets all findings, such as when another Kubernetes version is selected.
    pub(super) fn forget_findings(&mut self) {
        for document in self.0.values_mut() {
            document.findings = OnceCell::new();
        }
    }
}
