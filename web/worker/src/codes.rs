//! Explanations of codes: the tables of all crates that report findings.

use apiserver_config::SettingCode;
use audit_import::{DocumentCode, ImportCode};
use audit_inspect::LogCode;
use audit_policy::PolicyCode;
use audit_types::{Code, CodeInfo};
use playground_protocol::CodePage;

/// Returns the names of all codes.
pub(crate) fn names() -> Vec<&'static str> {
    all().map(|info| info.id).collect()
}

fn all() -> impl Iterator<Item = &'static CodeInfo> {
    let tables = [
        PolicyCode::TABLE,
        DocumentCode::TABLE,
        SettingCode::TABLE,
        ImportCode::TABLE,
        LogCode::TABLE,
    ];
    tables.into_iter().flatten()
}

/// Returns the page of a code. `None` if there is no such code.
pub(crate) fn code_page(code: &str) -> Option<CodePage> {
    let info = all().find(|info| info.id == code)?;
    let text = info.page.split_once('\n').map_or("", |(_, text)| text);
    Some(CodePage {
        code: info.id.to_owned(),
        title: info.title.to_owned(),
        text: text.trim().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_page() {
        let page = code_page("AP012").unwrap();
        assert_eq!(page.title, "a field at the wrong level");
        assert!(page.text.contains("```yaml\n") && !page.text.starts_with('#'));
        for code in ["AE009", "AE016", "AE030", "AL001", "AL008"] {
            assert!(code_page(code).is_some(), "{code}");
        }
        assert_eq!(code_page("AP999"), None);
    }
}
