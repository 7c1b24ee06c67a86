//! Codes of findings of all crates, with their pages.

use apiserver_config::SettingCode;
use audit_import::{DocumentCode, ImportCode};
use audit_inspect::LogCode;
use audit_policy::PolicyCode;
use audit_types::{Code, CodeInfo};

/// Returns all codes: those of policies, of documents with policies, of settings, of imports and of logs, each in ascending order.
pub(crate) fn all() -> impl Iterator<Item = &'static CodeInfo> {
    PolicyCode::TABLE
        .iter()
        .chain(DocumentCode::TABLE)
        .chain(SettingCode::TABLE)
        .chain(ImportCode::TABLE)
        .chain(LogCode::TABLE)
}

/// Returns the names of all codes.
pub(crate) fn names() -> Vec<&'static str> {
    all().map(|code| code.id).collect()
}

/// Finds a code, in upper or lower case.
pub(crate) fn find(id: &str) -> Option<&'static CodeInfo> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}
