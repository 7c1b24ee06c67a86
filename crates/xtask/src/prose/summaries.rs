//! First sentences of doc comments: they start with a verb or a noun.

use super::finding::Finding;

/// Words that a summary does not start with.
const QUESTIONS: [&str; 5] = ["What", "How", "Which", "Whether", "Where"];

/// Finds the summaries to change. Files that are neither Rust nor JavaScript have none.
pub(super) fn find(file: &str, text: &str) -> Vec<Finding> {
    if file.ends_with(".rs") {
        find_by(text, |line| {
            let line = line.trim_start();
            line.strip_prefix("///")
                .or_else(|| line.strip_prefix("//!"))
        })
    } else if file.ends_with(".js") || file.ends_with(".mjs") {
        find_by(text, |line| {
            let line = line.trim_start();
            line.strip_prefix("/**").or_else(|| line.strip_prefix("* "))
        })
    } else {
        Vec::new()
    }
}

/// Finds the summaries to change; `comment` returns the text of a doc comment's line.
fn find_by(text: &str, comment: impl Fn(&str) -> Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Text before the current line of the same comment: none, or a heading.
    let mut is_first = true;
    let mut is_below_errors = false;
    for (index, line) in text.lines().enumerate() {
        let Some(comment) = comment(line).map(|comment| comment.trim_end_matches("*/").trim())
        else {
            is_first = true;
            is_below_errors = false;
            continue;
        };
        // In JavaScript, two comments may follow each other.
        if line.trim_start().starts_with("/**") {
            is_first = true;
        }
        let first_word = comment.split([' ', ',', '.']).next().unwrap_or_default();
        let mut add = |instead: &str| {
            findings.push(Finding {
                line: index + 1,
                text: comment.to_owned(),
                instead: instead.to_owned(),
            });
        };
        if is_first && QUESTIONS.contains(&first_word) {
            add("start with a verb or a noun");
        } else if is_below_errors && first_word == "Where" {
            add("start with “If”");
        }
        is_below_errors = comment == "# Errors" || (is_below_errors && comment.is_empty());
        // The opening line of a JavaScript comment is empty.
        is_first &= comment.is_empty();
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_that_start_with_a_question_are_found() {
        let lines = |file, text| -> Vec<usize> {
            find(file, text)
                .iter()
                .map(|finding| finding.line)
                .collect()
        };
        let rust = "//! What it is.\n\n/// Whether x.\n/// How y.\nfn f() {}\n/// Returns x.\n///\n/// # Errors\n/// Where it fails.\n\
                    fn g() {}\n/// Whatever.\n// How\n";
        assert_eq!(lines("a.rs", rust), [1, 3, 9]);
        let javascript = "/** How it is. */\n/**\n * Which one.\n * What\n */\nconst a = 1;\n";
        assert_eq!(lines("a.mjs", javascript), [1, 3]);
        assert_eq!(lines("a.md", rust), [0; 0]);
    }
}
