//! The performance page: hand-written text, with the results of the last run between markers.

use std::fs;

use crate::project::Project;
use crate::run::Error;

/// Path of the page in the source tree.
pub(super) const FILE: &str = "PERFORMANCE.md";

/// A section of the page that the bench writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Results of the engine.
    Native,
    /// Results of the page in Chromium.
    Browser,
}

impl Part {
    const fn markers(self) -> (&'static str, &'static str) {
        match self {
            Self::Native => (
                "<!-- native figures: written by `cargo xtask bench --native` -->",
                "<!-- end of native figures -->",
            ),
            Self::Browser => (
                "<!-- browser figures: written by `cargo xtask bench --browser` -->",
                "<!-- end of browser figures -->",
            ),
        }
    }
}

/// Replaces the results of the last run.
pub(super) fn write(project: &Project, part: Part, figures: &str) -> Result<(), Error> {
    let path = project.root.join(FILE);
    let page = fs::read_to_string(&path).map_err(|error| Error::at(&path, &error))?;
    let replaced = replaced(&page, part, figures).ok_or_else(|| {
        Error::new(format!(
            "`{FILE}` does not contain the markers of the results"
        ))
    })?;
    fs::write(&path, replaced).map_err(|error| Error::at(&path, &error))
}

fn replaced(page: &str, part: Part, figures: &str) -> Option<String> {
    let (begin, end) = part.markers();
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    let figures = figures.trim();
    Some(format!("{before}{begin}\n\n{figures}\n\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_section_changes() {
        let (begin, end) = Part::Native.markers();
        let (other, _) = Part::Browser.markers();
        let page = format!("a\n{begin}\nold\n{end}\nb\n{other}\nc\n");
        let expected = format!("a\n{begin}\n\nnew\n\n{end}\nb\n{other}\nc\n");
        assert_eq!(replaced(&page, Part::Native, "new\n"), Some(expected));
        assert_eq!(replaced(&page, Part::Browser, "new"), None);
    }

    #[test]
    fn the_page_has_all_markers() {
        let page = include_str!("../../../../PERFORMANCE.md");
        for part in [Part::Native, Part::Browser] {
            assert!(replaced(page, part, "").is_some(), "{part:?}");
        }
    }
}
