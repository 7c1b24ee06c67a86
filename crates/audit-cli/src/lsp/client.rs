//! Capabilities of an editor, as it states them at the start of a session.

use serde_json::Value;

use super::positions::Encoding;

/// Capabilities of the editor.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// Markdown in help; else plain text.
    pub(super) has_markdown: bool,
    /// Markdown in the help of completions.
    pub(super) has_markdown_items: bool,
    /// Completions with a place for the cursor.
    pub(super) has_snippets: bool,
    /// Edits of a version of a document.
    pub(super) has_versions: bool,
    /// Notifications about files, if they are asked for.
    pub(super) has_watchers: bool,
}

impl Client {
    /// Reads the parameters of `initialize`. What is missing or of another type counts as not understood.
    pub(super) fn of(params: &Value) -> Self {
        let list = |path: &str| {
            let list = params.pointer(path).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str)
        };
        let is_true = |path: &str| params.pointer(path).and_then(Value::as_bool) == Some(true);
        let has_markdown = |path: &str| list(path).any(|format| format == "markdown");
        Self {
            encoding: Encoding::among(list("/capabilities/general/positionEncodings")),
            has_markdown: has_markdown("/capabilities/textDocument/hover/contentFormat"),
            has_markdown_items: has_markdown(
                "/capabilities/textDocument/completion/completionItem/documentationFormat",
            ),
            has_snippets: is_true(
                "/capabilities/textDocument/completion/completionItem/snippetSupport",
            ),
            has_versions: is_true("/capabilities/workspace/workspaceEdit/documentChanges"),
            has_watchers: is_true(
                "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration",
            ),
        }
    }
}
