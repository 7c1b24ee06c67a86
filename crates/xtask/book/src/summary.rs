//! The list of pages, `docs/SUMMARY.md`: mdBook's list, whose links lead to files anywhere in the repository.
//!
//! The title of a link is the page's path in the site, `[Volume](../crates/audit-volume/VOLUME.md "volume.md")`; a page of `docs` keeps its name.
//! An item `{{findings FOLDER}}` stands for the pages of all codes in a folder, in their order.

use std::fs;
use std::path::Path;

use crate::error::Error;
use crate::page::resolve;

/// A page of the site.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Path of its Markdown file in the repository.
    pub source: String,
    /// Path of its Markdown file in the site.
    pub target: String,
    /// Name in the table of contents.
    pub title: String,
}

/// The list, as mdBook reads it.
#[derive(Debug)]
pub struct Summary {
    /// Text of mdBook's `SUMMARY.md`.
    pub text: String,
    /// All pages, in their order.
    pub pages: Vec<Page>,
}

/// Reads the list.
///
/// # Errors
/// If a page does not exist or two pages have the same path in the site.
pub fn read(root: &Path, list: &str) -> Result<Summary, Error> {
    let mut summary = Summary {
        text: String::new(),
        pages: Vec::new(),
    };
    for line in list.lines() {
        if let Some((before, folder)) = directive(line) {
            for page in findings(root, folder)? {
                summary.add(before, page)?;
            }
        } else if let Some((before, page)) = item(line)? {
            summary.add(before, page)?;
        } else {
            summary.text.push_str(line);
            summary.text.push('\n');
        }
    }
    Ok(summary)
}

impl Summary {
    fn add(&mut self, before: &str, page: Page) -> Result<(), Error> {
        if let Some(other) = self.pages.iter().find(|other| other.target == page.target) {
            return Err(Error::new(format!(
                "`{}` and `{}` have the same path in the site: `{}`",
                other.source, page.source, page.target
            )));
        }
        let Page { title, target, .. } = &page;
        self.text
            .push_str(&format!("{before}[{title}]({target})\n"));
        self.pages.push(page);
        Ok(())
    }
}

/// Parses `  - {{findings FOLDER}}` into the text before and the folder.
fn directive(line: &str) -> Option<(&str, &str)> {
    let (before, rest) = line.split_once("{{findings ")?;
    Some((before, rest.strip_suffix("}}")?))
}

/// Parses `- [TITLE](SOURCE "TARGET")` into the text before and the page. `None` for a line without a link.
fn item(line: &str) -> Result<Option<(&str, Page)>, Error> {
    let Some((before, rest)) = line.split_once('[') else {
        return Ok(None);
    };
    let parts = rest
        .strip_suffix(')')
        .and_then(|rest| rest.split_once("]("));
    let (title, link) =
        parts.ok_or_else(|| Error::new(format!("not a link to a page: `{line}`")))?;
    let (path, target) = match link.split_once(" \"") {
        Some((path, target)) => (path, target.trim_end_matches('"')),
        None => (link, link),
    };
    let page = Page {
        source: resolve("docs", path),
        target: target.to_owned(),
        title: title.to_owned(),
    };
    if page.target.starts_with("..") {
        return Err(Error::new(format!(
            "a page without a path in the site: `{line}`"
        )));
    }
    Ok(Some((before, page)))
}

/// Lists the pages of all codes in a folder of the repository, in the order of their names.
fn findings(root: &Path, folder: &str) -> Result<Vec<Page>, Error> {
    let path = root.join(folder);
    let entries = fs::read_dir(&path).map_err(|error| Error::at(&path, &error))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md") && name != "README.md")
        .collect();
    names.sort();
    let page = |name: &String| {
        let text = crate::read(&path.join(name))?;
        let title = text.lines().next().and_then(|line| line.strip_prefix("# "));
        let title = title
            .ok_or_else(|| Error::new(format!("`{folder}/{name}` does not begin with a title")))?;
        Ok(Page {
            source: format!("{folder}/{name}"),
            target: format!("findings/{name}"),
            title: title.to_owned(),
        })
    };
    names.iter().map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_listed_with_their_places() {
        let list = "# Summary\n\n[Start](index.md)\n\n- [Volume](../crates/audit-volume/VOLUME.md \"volume.md\")\n";
        let summary = read(Path::new("/none"), list).unwrap();
        assert_eq!(
            summary.text,
            "# Summary\n\n[Start](index.md)\n\n- [Volume](volume.md)\n"
        );
        let sources: Vec<&str> = summary
            .pages
            .iter()
            .map(|page| page.source.as_str())
            .collect();
        assert_eq!(sources, ["docs/index.md", "crates/audit-volume/VOLUME.md"]);
    }

    #[test]
    fn a_page_outside_docs_needs_a_path_in_the_site() {
        let error = read(Path::new("/none"), "- [A](../a.md)\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a page without a path in the site: `- [A](../a.md)`"
        );
    }

    #[test]
    fn two_pages_do_not_share_a_path() {
        let error = read(Path::new("/none"), "- [A](a.md)\n- [B](../b.md \"a.md\")\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`docs/a.md` and `b.md` have the same path in the site: `a.md`"
        );
    }

    #[test]
    fn every_code_of_a_folder_has_a_page() {
        let folder = std::env::temp_dir().join(format!("playground-book-{}", std::process::id()));
        fs::create_dir_all(folder.join("f")).unwrap();
        for (name, text) in [
            ("README.md", "# Findings\n"),
            ("B2.md", "# B2: two\n"),
            ("B1.md", "# B1: one\n"),
        ] {
            fs::write(folder.join("f").join(name), text).unwrap();
        }
        let summary = read(&folder, "  - {{findings f}}\n").unwrap();
        assert_eq!(
            summary.text,
            "  - [B1: one](findings/B1.md)\n  - [B2: two](findings/B2.md)\n"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
