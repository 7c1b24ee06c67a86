//! Examples of policies and logs: code blocks that become live widgets. Without their script they are preformatted text.

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
use serde_json::Value;

use crate::error::Error;
use crate::page::options;

/// Code of the finding that a text has no policy.
const NO_POLICY: &str = "AP050";

/// Texts of which a policy, or a text that is meant to be one, has at least one. The command judges any other mapping as a policy, too: as one with
/// mistakes.
const NAMES: [&str; 3] = ["audit.k8s.io", "kind: Policy", "- level: "];

/// Makes examples live.
pub struct Examples {
    command: PathBuf,
    is_live: bool,
}

/// A code block.
struct Block {
    /// The extent of all of it, fences included.
    all: Range<usize>,
    language: String,
    /// Attributes of the widget, each after a space: those that the info string has, such as `log=ID`.
    attributes: String,
    text: String,
}

impl Examples {
    /// Creates it with the command that recognizes policies. If not `is_live`, all code blocks stay what they are.
    pub fn new(command: &Path, is_live: bool) -> Self {
        Self {
            command: command.to_owned(),
            is_live,
        }
    }

    /// Replaces the code blocks with policies, and with the log next to one.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub fn make_live(&self, text: &str) -> Result<String, Error> {
        if !self.is_live {
            return Ok(text.to_owned());
        }
        let blocks = blocks(text);
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut blocks = blocks.into_iter().enumerate().peekable();
        while let Some((number, block)) = blocks.next() {
            if !self.is_policy(&block)? {
                continue;
            }
            let mut attributes = block.attributes;
            let log = blocks.next_if(|(_, next)| is_log(next));
            if log.is_some() {
                attributes.push_str(&format!(" log=\"log-{number}\""));
            }
            edits.push((block.all, widget(&block.text, &attributes)));
            if let Some((_, log)) = log {
                edits.push((
                    log.all,
                    format!(
                        "<pre id=\"log-{number}\" class=\"log\">{}</pre>\n",
                        escaped(log.text.trim_end())
                    ),
                ));
            }
        }
        let mut text = text.to_owned();
        for (range, new) in edits.into_iter().rev() {
            text.replace_range(range, &new);
        }
        Ok(text)
    }

    /// Returns whether the engine finds a policy in a block, or a text that is meant to be one.
    fn is_policy(&self, block: &Block) -> Result<bool, Error> {
        if block.language != "yaml" || !NAMES.iter().any(|name| block.text.contains(name)) {
            return Ok(false);
        }
        let at = |error: std::io::Error| Error::at(&self.command, &error);
        let mut command = Command::new(&self.command);
        command.args(["check", "--format", "json", "-"]);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(at)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(block.text.as_bytes()).map_err(at)?;
        }
        let output = child.wait_with_output().map_err(at)?;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok(has_policy(&text))
    }
}

/// Reads what `audit-policy check --format json` prints: an object for each policy, or one for a text without any.
fn has_policy(output: &str) -> bool {
    let results = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    results.into_iter().any(|result| {
        let findings = result.get("findings").and_then(Value::as_array);
        findings.is_some_and(|findings| {
            !findings
                .iter()
                .any(|finding| finding.get("code").and_then(Value::as_str) == Some(NO_POLICY))
        })
    })
}

/// Returns whether a block has audit events.
fn is_log(block: &Block) -> bool {
    ["json", "jsonl"].contains(&block.language.as_str()) && block.text.contains("\"auditID\"")
}

/// Lists the fenced code blocks of a text that are not part of a list or quotation.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language)))
                if is_at_line_start(text, range.start) =>
            {
                let mut words = language.split(' ');
                open = Some(Block {
                    all: range,
                    language: words.next().unwrap_or_default().to_owned(),
                    attributes: words.filter_map(attribute).collect(),
                    text: String::new(),
                });
            }
            Event::Text(part) => {
                if let Some(block) = &mut open {
                    block.text.push_str(&part);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

fn is_at_line_start(text: &str, offset: usize) -> bool {
    text.get(..offset)
        .is_some_and(|before| before.is_empty() || before.ends_with('\n'))
}

/// Returns a word of an info string as an attribute of the widget: `log=ID`, `select=AUDIT-ID` or `lazy=viewport`.
fn attribute(word: &str) -> Option<String> {
    let (name, value) = word.split_once('=')?;
    ["log", "select", "lazy"]
        .contains(&name)
        .then(|| format!(" {name}=\"{}\"", escaped(value)))
}

/// Returns the HTML of a widget. Blank lines separate its tags from the text, which Markdown would otherwise end at the first blank line.
fn widget(policy: &str, attributes: &str) -> String {
    let policy = escaped(policy.trim_end());
    format!(
        "<audit-policy-playground{attributes}>\n\n<pre><code class=\"language-yaml\">{policy}\n</code></pre>\n\n</audit-policy-playground>\n"
    )
}

/// Escapes a text for HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blocks_are_found_with_their_extent() {
        let text =
            "a\n\n```yaml\nb: c\n\n# d\n```\n\n- e\n\n  ```yaml\n  f: g\n  ```\n\n```\nh\n```\n";
        let found: Vec<(String, String, String)> = blocks(text)
            .into_iter()
            .map(|block| {
                (
                    block.language,
                    block.text,
                    text[block.all].trim_end().to_owned(),
                )
            })
            .collect();
        let rows = [
            ("yaml", "b: c\n\n# d\n", "```yaml\nb: c\n\n# d\n```"),
            ("", "h\n", "```\nh\n```"),
        ];
        assert_eq!(
            found,
            rows.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
        );
    }

    #[test]
    fn a_widget_shows_its_text_without_a_script() {
        let words = ["yaml", "log=log-1", "onclick=x"];
        let attributes: String = words.into_iter().filter_map(attribute).collect();
        let expected = "<audit-policy-playground log=\"log-1\">\n\n\
                        <pre><code class=\"language-yaml\">a: &lt;b&gt;\n\nc: d &amp; e\n</code></pre>\n\n\
                        </audit-policy-playground>\n";
        assert_eq!(widget("a: <b>\n\nc: d & e\n", &attributes), expected);
    }

    #[test]
    fn the_engine_decides_what_a_policy_is() {
        for (output, expected) in [
            (r#"{"file":"-","accepted":true,"findings":[]}"#, true),
            (
                r#"{"file":"-","accepted":false,"findings":[{"code":"AP001"}]}"#,
                true,
            ),
            (
                r#"{"file":"-","accepted":false,"findings":[{"code":"AP050"},{"code":"AE001"}]}"#,
                false,
            ),
            ("", false),
        ] {
            assert_eq!(has_policy(output), expected, "{output}");
        }
    }

    #[test]
    fn a_log_is_a_block_with_events() {
        let block = |language: &str, text: &str| Block {
            all: 0..0,
            language: language.to_owned(),
            attributes: String::new(),
            text: text.to_owned(),
        };
        assert!(is_log(&block("json", "{\"auditID\":\"1\"}")));
        assert!(!is_log(&block("json", "{\"kind\":\"Pod\"}")));
        assert!(!is_log(&block("text", "\"auditID\"")));
    }
}
