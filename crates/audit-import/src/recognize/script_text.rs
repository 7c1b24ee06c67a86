//! Recognizes scripts among other texts.

use super::printed;
use super::script::here_documents;
use super::text_kind;

/// Returns whether a text is a script, or starts with a command.
pub(crate) fn is_script(source: &str) -> bool {
    text_kind::of(source).is_some_and(|kind| kind.is_certain || writes_files(source))
}

/// Returns whether a text writes files as a shell script does.
pub(super) fn writes_files(source: &str) -> bool {
    !here_documents(source).is_empty() || !printed::files(source, &[]).is_empty()
}
