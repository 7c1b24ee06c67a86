//! Here-documents of shell scripts and of Terraform, and code blocks of Markdown.

use audit_types::Span;

use crate::shell_words::here_document_end;

/// Maximum number of here-documents that are read from a text.
const MAX_HERE_DOCUMENTS: usize = 200;

/// Line that ends a code block of Markdown, and starts one that starts it.
const FENCE: &str = "```";

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HereDocument {
    /// Its lines.
    pub(crate) span: Span,
    /// File that it is written to.
    pub(super) file: Option<String>,
    /// `true` if variables in it are replaced.
    pub(super) is_expanded: bool,
}

/// Returns the here-documents of a text.
pub(crate) fn here_documents(text: &str) -> Vec<HereDocument> {
    let mut found = Vec::new();
    if !text.contains("<<") && !text.contains(FENCE) {
        return found;
    }
    let mut at = 0;
    let mut open: Option<(usize, &str, &str)> = None;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match open {
            Some((start, word, opener)) if line.trim() == word => {
                found.push(HereDocument {
                    span: Span::new(start, at),
                    file: file_of(opener),
                    is_expanded: word != FENCE && !is_quoted(opener),
                });
                open = None;
            }
            Some(_) => {}
            None if line.trim_start().starts_with(FENCE) => open = Some((end, FENCE, line)),
            None => open = here_document_end(line.trim()).map(|word| (end, word, line)),
        }
        at = end;
        if found.len() >= MAX_HERE_DOCUMENTS {
            break;
        }
    }
    found
}

/// Returns whether the end word is quoted, so that the shell replaces nothing.
fn is_quoted(opener: &str) -> bool {
    let after = opener.split_once("<<").map_or("", |(_, after)| after);
    after
        .trim_start_matches('-')
        .trim_start()
        .starts_with(['"', '\'', '\\'])
}

/// Returns the file that a line writes its here-document to: `cat > FILE <<EOF`, `tee FILE <<EOF`.
fn file_of(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let after = |index: usize| {
        let mut rest = words.iter().skip(index + 1);
        rest.find(|word| !word.starts_with('-')).copied()
    };
    let found = words.iter().enumerate().find_map(|(index, word)| {
        if matches!(*word, ">" | ">>" | "1>") || *word == "tee" {
            return after(index);
        }
        let bare = word.strip_prefix(">>").or_else(|| word.strip_prefix('>'));
        bare.filter(|bare| !bare.is_empty())
    })?;
    let found = found.trim_matches(['"', '\'']);
    found.starts_with('/').then(|| found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_here_document_is_on_its_line() {
        for (line, file, is_expanded) in [
            ("cat > /a <<EOF", Some("/a"), true),
            ("cat <<'EOF' >/a", Some("/a"), false),
            ("cat <<EOF | sudo tee /a > /dev/null", Some("/a"), true),
            ("sudo tee -a \"/a\" <<-\"EOF\"", Some("/a"), false),
            ("kubectl apply -f - <<EOF", None, true),
            ("cat > $FILE << \\EOF", None, false),
        ] {
            let text = format!("{line}\nx: 1\nEOF\n");
            let found = here_documents(&text);
            let start = line.len() + 1;
            let expected = HereDocument {
                span: Span::new(start, start + 5),
                file: file.map(str::to_owned),
                is_expanded,
            };
            assert_eq!(found, [expected], "{line}");
        }
    }
}
