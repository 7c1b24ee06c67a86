//! The performance page: hand-written text, and between markers the figures of the last run.

use std::fs;

use crate::place::Place;
use crate::run::Failure;

/// The page, in the root of the tree.
pub(super) const FILE: &str = "PERFORMANCE.md";

/// A stretch of the page that is written by the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The engine's figures.
    Native,
    /// The page's in Chromium.
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

/// Puts figures in place of those of the run before.
pub(super) fn write(place: &Place, part: Part, figures: &str) -> Result<(), Failure> {
    let path = place.root.join(FILE);
    let page = fs::read_to_string(&path).map_err(|error| Failure::at(&path, &error))?;
    let renewed = renewed(&page, part, figures)
        .ok_or_else(|| Failure::new(format!("`{FILE}` lacks the markers of the figures")))?;
    fs::write(&path, renewed).map_err(|error| Failure::at(&path, &error))
}

fn renewed(page: &str, part: Part, figures: &str) -> Option<String> {
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
    fn only_the_own_part_changes() {
        let (begin, end) = Part::Native.markers();
        let (other, _) = Part::Browser.markers();
        let page = format!("a\n{begin}\nold\n{end}\nb\n{other}\nc\n");
        let expected = format!("a\n{begin}\n\nnew\n\n{end}\nb\n{other}\nc\n");
        assert_eq!(renewed(&page, Part::Native, "new\n"), Some(expected));
        assert_eq!(renewed(&page, Part::Browser, "new"), None);
    }

    #[test]
    fn the_page_has_all_markers() {
        let page = include_str!("../../../../PERFORMANCE.md");
        for part in [Part::Native, Part::Browser] {
            assert!(renewed(page, part, "").is_some(), "{part:?}");
        }
    }
}
