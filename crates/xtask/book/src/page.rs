//! Links of a page: between pages of the site they lead to the page; what is only in the repository becomes text.

use std::ops::Range;
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::error::Error;
use crate::page_of;
use crate::summary::Page;

/// A page with the links of the site.
#[derive(Debug)]
pub struct Rewritten {
    /// Its Markdown.
    pub text: String,
    /// Paths of its images in the repository.
    pub images: Vec<String>,
}

/// Replaces the links of a page.
///
/// # Errors
/// If a relative link leads to a file that does not exist.
pub fn rewrite(root: &Path, pages: &[Page], page: &Page, text: &str) -> Result<Rewritten, Error> {
    let folder = page
        .source
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut images = Vec::new();
    for link in links(text) {
        let (path, fragment) = match link.target.split_once('#') {
            Some((path, fragment)) => (path, format!("#{fragment}")),
            None => (link.target.as_str(), String::new()),
        };
        if path.is_empty() || path.contains(':') {
            continue;
        }
        let file = resolve(folder, path);
        let known = [&file, &format!("{file}/README.md")]
            .into_iter()
            .find_map(|file| page_of(pages, file));
        if !root.join(&file).exists() {
            return Err(Error::new(format!(
                "`{}` links to `{}`, which does not exist",
                page.source, link.target
            )));
        }
        if link.is_image {
            let target = relative(&page.target, &image_target(&file));
            edits.push((link.all, format!("![{}]({target})", link.text)));
            images.push(file);
        } else if let Some(known) = known {
            let target = relative(&page.target, &known.target);
            edits.push((link.all, format!("[{}]({target}{fragment})", link.text)));
        } else {
            edits.push((link.all, link.text));
        }
    }
    let mut text = text.to_owned();
    for (range, new) in edits.into_iter().rev() {
        text.replace_range(range, &new);
    }
    Ok(Rewritten { text, images })
}

/// Returns the path of an image in the site.
pub fn image_target(file: &str) -> String {
    format!("images/{}", file.rsplit('/').next().unwrap_or(file))
}

/// A link or image in a text.
struct Link {
    /// The extent of all of it.
    all: Range<usize>,
    /// Its label as Markdown.
    text: String,
    /// The address.
    target: String,
    is_image: bool,
}

/// Lists the inline links and images of a text. A link around an image is not supported, and neither is a link in a label.
fn links(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut open: Option<(Range<usize>, String, bool, Range<usize>)> = None;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                open = Some((
                    range.clone(),
                    dest_url.into_string(),
                    false,
                    range.start + 1..range.start + 1,
                ));
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                open = Some((
                    range.clone(),
                    dest_url.into_string(),
                    true,
                    range.start + 2..range.start + 2,
                ));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some((all, target, is_image, label)) = open.take() {
                    let text = text.get(label).unwrap_or_default().to_owned();
                    links.push(Link {
                        all,
                        text,
                        target,
                        is_image,
                    });
                }
            }
            _ => {
                if let Some((.., label)) = &mut open {
                    label.end = range.end;
                }
            }
        }
    }
    links
}

/// The extensions of Markdown that mdBook reads.
pub fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
}

/// Returns the path that a relative path in a folder leads to, both with `/`.
pub fn resolve(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Returns the relative path from one file to another.
fn relative(from: &str, to: &str) -> String {
    format!("{}{to}", "../".repeat(from.matches('/').count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(source: &str, target: &str) -> Page {
        Page {
            source: source.to_owned(),
            target: target.to_owned(),
            title: String::new(),
        }
    }

    #[test]
    fn links_lead_to_pages_or_become_text() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let pages = [
            page("src/page.rs", "findings/page.md"),
            page("src/main.rs", "main.md"),
        ];
        for (text, expected) in [
            (
                "see [`main`](main.rs#L1) and",
                "see [`main`](../main.md#L1) and",
            ),
            (
                "| a [b](check.rs) | [c](https://x.org/a) |",
                "| a b | [c](https://x.org/a) |",
            ),
            ("[own](#part)", "[own](#part)"),
            (
                "`[no](link.md)` and\n\n```yaml\n[no](link.md)\n```\n",
                "`[no](link.md)` and\n\n```yaml\n[no](link.md)\n```\n",
            ),
            (
                "![a picture](../Cargo.toml)",
                "![a picture](../images/Cargo.toml)",
            ),
        ] {
            assert_eq!(
                rewrite(root, &pages, &pages[0], text).unwrap().text,
                expected
            );
        }
    }

    #[test]
    fn a_dead_link_is_an_error() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let pages = [page("src/page.rs", "page.md")];
        let error = rewrite(root, &pages, &pages[0], "[x](y.md)").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`src/page.rs` links to `y.md`, which does not exist"
        );
    }

    #[test]
    fn relative_paths_are_resolved() {
        for (folder, path, expected) in [
            ("docs", "../a/b.md", "a/b.md"),
            ("", "x", "x"),
            ("a/b", "./c/../d", "a/b/d"),
        ] {
            assert_eq!(resolve(folder, path), expected);
        }
    }
}
