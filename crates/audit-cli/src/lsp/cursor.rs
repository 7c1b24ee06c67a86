//! The place in an open document that a question of the editor is about.

use audit_policy::KubernetesVersion;

use super::client::Client;
use super::documents::Document;
use super::positions::Lines;

/// A byte of an open document.
pub(super) struct Cursor<'a> {
    pub(super) document: &'a Document,
    pub(super) uri: &'a str,
    /// Offset in the document's text.
    pub(super) at: usize,
    pub(super) lines: &'a Lines<'a>,
    pub(super) client: Client,
    /// Kubernetes version that the editor has selected.
    pub(super) version: KubernetesVersion,
}
