//! Code blocks of Markdown and here-documents, for programs that take a text out of them.

use audit_types::Span;

use super::script::here_documents;

/// A code block or a here-document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotedBlock {
    /// Its lines, without the first and the last one around them.
    pub span: Span,
    /// `true` for a here-document, `false` for a code block.
    pub is_here_document: bool,
    /// `true` if the shell removes the tabs at the start of its lines.
    pub is_without_tabs: bool,
}

/// Returns the code blocks and here-documents of a text in their order: the first 200.
///
/// ```
/// use audit_import::quoted_blocks;
///
/// let text = "Save this:\n```yaml\nkind: Policy\n```\n";
/// let block = quoted_blocks(text)[0];
/// assert_eq!(&text[block.span.start..block.span.end], "kind: Policy\n");
/// assert!(!block.is_here_document);
/// ```
pub fn quoted_blocks(text: &str) -> Vec<QuotedBlock> {
    let found = here_documents(text).into_iter();
    found
        .map(|found| QuotedBlock {
            span: found.span,
            is_here_document: found.is_here_document,
            is_without_tabs: found.is_stripped,
        })
        .collect()
}
