//! The documents that are open in the editor.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use audit_policy::KubernetesVersion;
use gen_lsp_types::{TextDocumentContentChangeEvent, TextDocumentItem};

use super::diagnostics::Findings;
use super::positions::{Encoding, Lines};

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
            findings: OnceCell::new(),
        };
        (item.uri.0, document)
    }

    /// Returns the findings. `None` if it contains no policy.
    pub(super) fn findings(&self, version: KubernetesVersion) -> Option<&Findings> {
        let check = || Findings::of(&self.text, &self.file, version);
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
