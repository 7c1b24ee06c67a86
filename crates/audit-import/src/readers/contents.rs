//! Documents in documents: files of cloud-init, keys of a ConfigMap, each read in its own format.

use audit_policy::document::{Document, Node, documents};
use audit_types::{Code, Severity};

use crate::codes::ImportCode;
use crate::flag_lines;
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, ReadDocument};
use crate::recognize::mime;
use crate::recognize::texts;

/// Words of a text that can be about the server's flags, or the webhook's kubeconfig file.
const WORDS: [&str; 7] = [
    "audit-",
    "auditPolicy:",
    "apiServer",
    "kube-apiserver",
    "extraArgs",
    "contexts",
    "profile:",
];

/// Reads the texts of a document.
pub(crate) fn read(
    format: InputFormat,
    root: Node<'_>,
    lines: &Lines<'_>,
    read_document: ReadDocument,
) -> ParsedInput {
    let mut found = ParsedInput::new(format);
    for inner in texts::all(root, format) {
        match &inner.decoded {
            Some(text) => {
                let lines = Lines::on(lines.of(inner.node));
                read_texts(text, &lines, read_document, &mut found);
            }
            None => {
                if let Some((text, inner)) = lines.within(inner.node) {
                    read_texts(text, &inner, read_document, &mut found);
                }
            }
        }
    }
    found.format = format;
    found
}

/// Reads a text, or the parts of a MIME message.
fn read_texts(text: &str, lines: &Lines<'_>, read_document: ReadDocument, found: &mut ParsedInput) {
    let Some(parts) = mime::parts(text) else {
        return read_text(text, lines, read_document, found);
    };
    for part in parts {
        let (body, inner) = lines.part(text, part.body);
        match part.decoded(body) {
            Some(decoded) => {
                let inner = Lines::on(lines.at(part.body));
                read_text(&decoded, &inner, read_document, found);
            }
            None => read_text(body, &inner, read_document, found),
        }
    }
}

/// Reads a text: YAML documents, or flags in lines.
fn read_text(text: &str, lines: &Lines<'_>, read_document: ReadDocument, found: &mut ParsedInput) {
    if !WORDS.iter().any(|word| text.contains(word)) {
        return;
    }
    let mut is_read = false;
    for part in documents(text) {
        match Document::read_part(text, part) {
            Ok(document) => {
                let read = document.root().and_then(|root| read_document(root, lines));
                let read = read.filter(|read| {
                    // Another static pod says nothing about the server.
                    let is_other_pod = read.format == InputFormat::Manifest
                        && read.words.is_empty()
                        && !text.contains("audit");
                    read.format != InputFormat::Events && !is_other_pod
                });
                is_read |= read.is_some();
                if let Some(read) = read {
                    add(read, found);
                }
            }
            Err(error) if text.contains("apiServer") && !text.contains("<<") => {
                is_read = true;
                found.report(
                    ImportCode::UnreadableText,
                    Severity::Error,
                    lines.at(error.span),
                    format!(
                        "a text of the document cannot be read as YAML: {}",
                        error.message
                    ),
                    "the program that it is for cannot read it either",
                );
            }
            Err(_) => {}
        }
    }
    if !is_read && text.contains("audit-") {
        let mut read = flag_lines::read(text);
        for word in &mut read.words {
            word.line = lines.line(word.line);
        }
        // Findings about a script as a whole remain.
        let code = ImportCode::UncertainScript.id();
        read.findings.retain(|finding| finding.code == code);
        for finding in &mut read.findings {
            finding.line = lines.line(finding.line);
        }
        add(read, found);
    }
}

/// Adds the contents of a text. A policy is found by its own reader, with the file that it is written to.
fn add(mut read: ParsedInput, found: &mut ParsedInput) {
    read.policy = None;
    found.add_document(read);
}
