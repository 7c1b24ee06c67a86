//! All codes of findings, with their pages.

use apiserver_config::SettingCode;
use audit_import::ImportCode;
use audit_policy::{Code, CodeInfo, PolicyCode};

/// Returns all codes: those of policies, then those of settings and imported texts, each in ascending order.
pub(crate) fn all() -> Vec<&'static CodeInfo> {
    let mut of_settings: Vec<_> = SettingCode::TABLE.iter().chain(ImportCode::TABLE).collect();
    of_settings.sort_by_key(|code| code.id);
    PolicyCode::TABLE.iter().chain(of_settings).collect()
}

/// Finds a code, in upper or lower case. `None` if there is no such code.
pub(crate) fn find(id: &str) -> Option<&'static CodeInfo> {
    all()
        .into_iter()
        .find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_page_is_in_the_table() {
        let codes = all();
        let ids: BTreeSet<String> = codes.iter().map(|code| code.id.to_owned()).collect();
        assert_eq!(ids.len(), codes.len());
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut files = BTreeSet::new();
        for folder in [
            "apiserver-config/findings",
            "audit-import/findings",
            "audit-policy/findings",
        ] {
            for entry in std::fs::read_dir(crates.join(folder)).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                files.extend(
                    name.strip_suffix(".md")
                        .filter(|id| *id != "README")
                        .map(str::to_owned),
                );
            }
        }
        assert_eq!(ids, files);
    }
}
