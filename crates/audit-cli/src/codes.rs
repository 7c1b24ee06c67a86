//! All codes of findings, with their pages.

/// A code of a finding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code {
    /// The code: `AP020`.
    pub(crate) id: &'static str,
    /// Title of the page.
    pub(crate) title: &'static str,
    /// The page in Markdown.
    pub(crate) page: &'static str,
}

/// Pages of the findings of policies and of settings. Each starts with `# CODE: title`.
const PAGES: [&str; 50] = [
    include_str!("../../audit-policy/findings/AP001.md"),
    include_str!("../../audit-policy/findings/AP002.md"),
    include_str!("../../audit-policy/findings/AP003.md"),
    include_str!("../../audit-policy/findings/AP004.md"),
    include_str!("../../audit-policy/findings/AP005.md"),
    include_str!("../../audit-policy/findings/AP006.md"),
    include_str!("../../audit-policy/findings/AP007.md"),
    include_str!("../../audit-policy/findings/AP010.md"),
    include_str!("../../audit-policy/findings/AP011.md"),
    include_str!("../../audit-policy/findings/AP012.md"),
    include_str!("../../audit-policy/findings/AP013.md"),
    include_str!("../../audit-policy/findings/AP014.md"),
    include_str!("../../audit-policy/findings/AP020.md"),
    include_str!("../../audit-policy/findings/AP021.md"),
    include_str!("../../audit-policy/findings/AP022.md"),
    include_str!("../../audit-policy/findings/AP023.md"),
    include_str!("../../audit-policy/findings/AP024.md"),
    include_str!("../../audit-policy/findings/AP025.md"),
    include_str!("../../audit-policy/findings/AP026.md"),
    include_str!("../../audit-policy/findings/AP027.md"),
    include_str!("../../audit-policy/findings/AP028.md"),
    include_str!("../../audit-policy/findings/AP029.md"),
    include_str!("../../audit-policy/findings/AP030.md"),
    include_str!("../../audit-policy/findings/AP031.md"),
    include_str!("../../audit-policy/findings/AP032.md"),
    include_str!("../../apiserver-config/findings/AE001.md"),
    include_str!("../../apiserver-config/findings/AE002.md"),
    include_str!("../../apiserver-config/findings/AE003.md"),
    include_str!("../../apiserver-config/findings/AE004.md"),
    include_str!("../../apiserver-config/findings/AE005.md"),
    include_str!("../../apiserver-config/findings/AE006.md"),
    include_str!("../../apiserver-config/findings/AE007.md"),
    include_str!("../../apiserver-config/findings/AE008.md"),
    include_str!("../../apiserver-config/findings/AE009.md"),
    include_str!("../../apiserver-config/findings/AE010.md"),
    include_str!("../../apiserver-config/findings/AE011.md"),
    include_str!("../../apiserver-config/findings/AE012.md"),
    include_str!("../../apiserver-config/findings/AE013.md"),
    include_str!("../../apiserver-config/findings/AE014.md"),
    include_str!("../../apiserver-config/findings/AE015.md"),
    include_str!("../../apiserver-config/findings/AE030.md"),
    include_str!("../../audit-import/findings/AE016.md"),
    include_str!("../../audit-import/findings/AE017.md"),
    include_str!("../../audit-import/findings/AE018.md"),
    include_str!("../../audit-import/findings/AE019.md"),
    include_str!("../../audit-import/findings/AE020.md"),
    include_str!("../../audit-import/findings/AE021.md"),
    include_str!("../../audit-import/findings/AE022.md"),
    include_str!("../../audit-import/findings/AE023.md"),
    include_str!("../../audit-import/findings/AE024.md"),
];

/// Returns all codes in order.
pub(crate) fn all() -> impl Iterator<Item = Code> {
    PAGES.into_iter().filter_map(|page| {
        let (id, title) = page.lines().next()?.strip_prefix("# ")?.split_once(": ")?;
        Some(Code { id, title, page })
    })
}

/// Finds a code, in upper or lower case.
pub(crate) fn find(id: &str) -> Option<Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_page_is_in_the_table() {
        let ids: BTreeSet<String> = all().map(|code| code.id.to_owned()).collect();
        assert_eq!(ids.len(), PAGES.len());
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
