//! Checks the links of the finished site: every relative address leads to a file, every fragment to an element, and nothing is loaded from elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::page::resolve;
use crate::site;

/// Checks a site. Returns the number of links.
///
/// # Errors
/// With all dead links.
pub fn check(folder: &Path) -> Result<usize, Error> {
    let mut documents = BTreeMap::new();
    for path in site::pages(folder)? {
        let name: PathBuf = path.strip_prefix(folder).unwrap_or(&path).to_owned();
        documents.insert(
            name.to_string_lossy().replace('\\', "/"),
            Document::read(&crate::read(&path)?),
        );
    }
    let exists = |name: &str| folder.join(name).is_file();
    let dead = dead_links(&documents, &exists);
    if !dead.is_empty() {
        return Err(Error::new(format!(
            "dead links in the site:\n  {}",
            dead.join("\n  ")
        )));
    }
    Ok(documents
        .values()
        .map(|document| document.links.len())
        .sum())
}

/// Links of a page, and the elements that links can lead to.
#[derive(Debug, Default)]
struct Document {
    ids: BTreeSet<String>,
    /// Name of the element and address.
    links: Vec<(String, String)>,
}

impl Document {
    /// Reads the tags of a page. Comments and the content of scripts and styles have none.
    fn read(html: &str) -> Self {
        let mut document = Self::default();
        let mut rest = html;
        while let Some((_, after)) = rest.split_once('<') {
            if let Some(comment) = after.strip_prefix("!--") {
                rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
                continue;
            }
            let Some((tag, after)) = after.split_once('>') else {
                break;
            };
            let name = tag
                .split(|c: char| c.is_whitespace() || c == '/')
                .next()
                .unwrap_or_default();
            rest = match name {
                "script" | "style" => after
                    .split_once(&format!("</{name}"))
                    .map_or("", |(_, rest)| rest),
                _ => after,
            };
            for (attribute, value) in attributes(tag) {
                match attribute {
                    "id" => {
                        document.ids.insert(value);
                    }
                    "href" | "src" | "log" => {
                        document.links.push((format!("{name} {attribute}"), value))
                    }
                    _ => {}
                }
            }
        }
        document
    }
}

/// Lists the attributes of a tag that have a quoted value.
fn attributes(tag: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let Some((value, after)) = after.split_once('"') else {
            break;
        };
        let name = before
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        found.push((
            name,
            value
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&lt;", "<")
                .replace("&amp;", "&"),
        ));
        rest = after;
    }
    found
}

/// Lists the links that lead nowhere, each with its page.
fn dead_links(
    documents: &BTreeMap<String, Document>,
    exists: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let mut dead = Vec::new();
    for (name, document) in documents {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (element, link) in &document.links {
            let is_alive = if element == "audit-policy-playground log" {
                document.ids.contains(link)
            } else if link.starts_with("data:") {
                true
            } else if link.starts_with("https://") || link.starts_with("http://") {
                // A person may follow it; the page itself loads nothing from there.
                element == "a href"
            } else {
                let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
                let file = if path.is_empty() {
                    name.clone()
                } else {
                    resolve(folder, path)
                };
                let is_inside =
                    !path.starts_with('/') && path.matches("../").count() <= folder_depth(name);
                let has_fragment = fragment.is_empty()
                    || documents
                        .get(&file)
                        .is_some_and(|target| target.ids.contains(fragment));
                is_inside && exists(&file) && has_fragment
            };
            if !is_alive {
                dead.push(format!("{name}: {link}"));
            }
        }
    }
    dead
}

fn folder_depth(name: &str) -> usize {
    name.matches('/').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_links_are_found() {
        let a = "<a href=\"b/c.html#x\">1</a><a href=\"#here\"></a><i id=\"here\"></i><script>'<a href=\"no.html\">'</script><!-- <a href=\"no.html\"> -->";
        let c = "<h2 id=\"x\"></h2><a href=\"../a.html#gone\"></a><a href=\"../../a.html\"></a><img src=\"d.png\"><a href=\"https://e.org/#f\"></a>\
                 <link href=\"https://e.org/g.css\"><audit-policy-playground log=\"h\">";
        let documents = BTreeMap::from([
            ("a.html".to_owned(), Document::read(a)),
            ("b/c.html".to_owned(), Document::read(c)),
        ]);
        let files = ["a.html", "b/c.html"];
        let dead = dead_links(&documents, &|name| files.contains(&name));
        let expected = [
            "../a.html#gone",
            "../../a.html",
            "d.png",
            "https://e.org/g.css",
            "h",
        ]
        .map(|link| format!("b/c.html: {link}"));
        assert_eq!(dead, expected);
    }

    #[test]
    fn attributes_are_read_without_their_escapes() {
        let found = attributes("a class=\"b c\" href=\"d?e=1&amp;f=2\" g");
        assert_eq!(
            found,
            [
                ("class", "b c".to_owned()),
                ("href", "d?e=1&f=2".to_owned())
            ]
        );
    }
}
