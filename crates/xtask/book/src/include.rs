//! Lines of a page in `docs` that stand for a text of the repository.
//!
//! - `{{command}}`: the reference that `audit-policy reference` prints.
//! - `{{section PATH HEADING}}`: the text below a heading of another Markdown file, up to the next heading of the same or a higher level.
//! - `{{file PATH INFO}}`: a file as a code block with an info string, such as `yaml log=ID` for a policy with a log.
//! - `{{log ID PATH}}`: a file with events for the policies of the page, which is not shown.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::page::resolve;
use crate::summary::Page;

/// Replaces such lines. Other pages than those of `docs` have none.
///
/// # Errors
/// If a text does not exist.
pub fn expand(root: &Path, command: &Path, page: &Page, text: &str) -> Result<String, Error> {
    if !page.source.starts_with("docs/") {
        return Ok(text.to_owned());
    }
    let mut expanded = String::new();
    for line in text.lines() {
        let words = line
            .strip_prefix("{{")
            .and_then(|line| line.strip_suffix("}}"));
        match words.map(|words| words.split_once(' ').unwrap_or((words, ""))) {
            Some(("command", "")) => expanded.push_str(&reference(command)?),
            Some(("section", rest)) => expanded.push_str(&section(root, page, rest)?),
            Some(("file", rest)) => expanded.push_str(&file(root, rest)?),
            Some(("log", rest)) => expanded.push_str(&log(root, rest)?),
            Some((name, _)) => {
                return Err(Error::new(format!(
                    "unknown line `{{{{{name}…}}}}` in `{}`",
                    page.source
                )));
            }
            None => expanded.push_str(line),
        }
        expanded.push('\n');
    }
    Ok(expanded)
}

/// Returns the reference of the command, which it prints from the definitions of its arguments.
fn reference(command: &Path) -> Result<String, Error> {
    let output = Command::new(command)
        .arg("reference")
        .output()
        .map_err(|error| Error::at(command, &error))?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "`{} reference` ended with {}",
            command.display(),
            output.status
        )));
    }
    String::from_utf8(output.stdout).map_err(|_| Error::new("the reference is not valid UTF-8"))
}

/// Returns a section without its heading. Its links are relative to the page that it is put into.
fn section(root: &Path, page: &Page, words: &str) -> Result<String, Error> {
    let (path, heading) = words.split_once(' ').unwrap_or((words, ""));
    let text = crate::read(&root.join(path))?;
    let found = section_of(&text, heading)
        .ok_or_else(|| Error::new(format!("no heading `{heading}` in `{path}`")))?;
    Ok(moved_links(found, path, &page.source))
}

fn section_of<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    let mut start = None;
    let mut offset = 0;
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        is_code ^= line.starts_with("```");
        if level > 0 && !is_code {
            match start {
                None if line.trim_start_matches('#').trim() == heading => {
                    start = Some((offset + line.len(), level))
                }
                Some((from, own)) if level <= own => return text.get(from..offset).map(str::trim),
                _ => {}
            }
        }
        offset += line.len();
    }
    start.and_then(|(from, _)| text.get(from..)).map(str::trim)
}

/// Makes the relative links of a text of one file relative to another.
fn moved_links(text: &str, from: &str, to: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let up = "../".repeat(to.matches('/').count());
    let mut parts = text.split("](");
    let mut moved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        moved.push_str("](");
        let target = part.split_once(')').map_or("", |(target, _)| target);
        if target.contains(':') || target.is_empty() {
            moved.push_str(part);
        } else if let Some(fragment) = target.strip_prefix('#') {
            moved.push_str(&format!(
                "{up}{from}#{fragment}{}",
                part.get(target.len()..).unwrap_or_default()
            ));
        } else {
            moved.push_str(&format!(
                "{up}{}{}",
                resolve(folder, target),
                part.get(target.len()..).unwrap_or_default()
            ));
        }
    }
    moved
}

fn file(root: &Path, words: &str) -> Result<String, Error> {
    let (path, info) = words.split_once(' ').unwrap_or((words, ""));
    let text = crate::read(&root.join(path))?;
    Ok(format!("```{info}\n{}\n```", text.trim_end()))
}

/// Returns the element that a widget reads events from. Browsers neither run nor show it.
fn log(root: &Path, words: &str) -> Result<String, Error> {
    let (id, path) = words.split_once(' ').unwrap_or((words, ""));
    let text = crate::read(&root.join(path))?;
    // Within a string of JSON, this is the same character, and nothing can end the element.
    let text = text.trim_end().replace('<', "\\u003c");
    Ok(format!(
        "<script type=\"application/json-lines\" id=\"{id}\">\n{text}\n</script>\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_at_the_next_heading_of_its_level() {
        let text =
            "# A\n\n## B\n\none\n\n```sh\n# not a heading\n```\n\n### C\n\ntwo\n\n## D\n\nthree\n";
        assert_eq!(
            section_of(text, "B"),
            Some("one\n\n```sh\n# not a heading\n```\n\n### C\n\ntwo")
        );
        assert_eq!(section_of(text, "D"), Some("three"));
        assert_eq!(section_of(text, "E"), None);
    }

    #[test]
    fn links_of_a_section_lead_to_the_same_files() {
        let text = "[a](b.md) [c](#d) [e](https://f) [g](../h/i.md#j)";
        let expected =
            "[a](../crates/x/b.md) [c](../crates/x/R.md#d) [e](https://f) [g](../crates/h/i.md#j)";
        assert_eq!(moved_links(text, "crates/x/R.md", "docs/y.md"), expected);
    }
}
