//! Comments that take findings away: `# audit-policy: ignore[AP030] reason`.
//!
//! A comment counts for the findings of its line. Alone on a line, it counts for those of the next line that is not a comment.

use std::collections::HashMap;

use audit_types::{Diagnostic, Document, Edit, Fix, LineIndex, Severity, Span};

use crate::codes::PolicyCode;
use crate::load::Loaded;

/// Start of a comment for this program, behind the `#`.
const MARK: &str = "audit-policy:";

/// Form of a comment, as help shows it.
const FORM: &str =
    "write `# audit-policy: ignore[AP030] reason`, on the line of the finding or above it";

/// The comments of a text that take findings away.
///
/// ```
/// use audit_policy::ignores::Ignores;
/// use audit_policy::{KubernetesVersion, lint, load};
/// use audit_types::LineIndex;
///
/// let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\n# audit-policy: ignore[AP030] needed after a crash\nrules:\n- level: Metadata\n";
/// let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
/// let findings = lint(&loaded, KubernetesVersion::NEWEST);
/// let mut ignores = Ignores::read(text);
/// let (kept, ignored) = ignores.apply(findings, &LineIndex::new(text));
/// assert!(kept.iter().all(|finding| finding.code != "AP030"));
/// assert_eq!(ignored[0].reason, "needed after a crash");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ignores {
    comments: Vec<Comment>,
    /// Comment and code, by line of the findings and the code's name.
    places: HashMap<(usize, String), (usize, usize)>,
}

/// A comment for this program.
#[derive(Debug, Clone)]
struct Comment {
    /// Its line, from 1.
    line: usize,
    span: Span,
    /// Bytes that are removed with it: its line, or the white space before it as well.
    removed: Span,
    codes: Vec<NamedCode>,
    reason: String,
    /// Why it is not understood. `None` if it is.
    problem: Option<&'static str>,
}

/// A code that a comment names.
#[derive(Debug, Clone)]
struct NamedCode {
    name: String,
    use_of: Use,
}

/// Effect of a code in a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// There is no such finding.
    None,
    /// A finding was taken away.
    Ignored,
    /// There is such a finding, and it is an error.
    Error,
}

/// A finding that a comment takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The finding.
    pub finding: Diagnostic,
    /// Line of the comment, from 1.
    pub line: usize,
    /// The comment's reason; may be empty.
    pub reason: String,
}

impl Ignores {
    /// Reads the comments of a policy. Text in its strings is not a comment.
    pub fn of(loaded: &Loaded) -> Self {
        match loaded.text.contains(MARK) {
            true => Self::read_outside(&loaded.text, &loaded.long_strings()),
            false => Self::default(),
        }
    }

    /// Reads the comments of a document around policies, which may be in strings of several lines. There are none in JSON.
    pub fn read(text: &str) -> Self {
        Self::read_outside(text, &[])
    }

    /// Reads the comments outside of strings, which are in order of position.
    fn read_outside(text: &str, strings: &[Span]) -> Self {
        let mut ignores = Self::default();
        if !text.contains(MARK) || text.trim_start().starts_with('{') {
            return ignores;
        }
        let mut waiting: Vec<usize> = Vec::new();
        let mut start = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let number = index.saturating_add(1);
            let comment = Comment::of(line, start, number);
            let comment = comment.filter(|comment| !is_within(strings, comment.span.start));
            let is_comment = line.trim_start().starts_with('#') && !is_within(strings, start);
            if let Some(comment) = comment {
                let index = ignores.comments.len();
                ignores.comments.push(comment);
                // A finding about the whole text is on its first line, which may be this one.
                ignores.place(index, number);
                waiting.push(index);
            }
            start = start.saturating_add(line.len());
            if !is_comment {
                for comment in waiting.drain(..) {
                    ignores.place(comment, number);
                }
            }
        }
        ignores
    }

    /// Makes a comment count for the findings of a line.
    fn place(&mut self, comment: usize, line: usize) {
        let Some(found) = self.comments.get(comment) else {
            return;
        };
        for (index, code) in found.codes.iter().enumerate() {
            let key = (line, code.name.clone());
            self.places.entry(key).or_insert((comment, index));
        }
    }

    /// Takes findings away. `lines` are those of the text that was read, which the findings' spans count bytes of. Returns what is left, and what was taken away. An error is never taken
    /// away.
    pub fn apply(
        &mut self,
        findings: Vec<Diagnostic>,
        lines: &LineIndex<'_>,
    ) -> (Vec<Diagnostic>, Vec<Ignored>) {
        if self.comments.is_empty() {
            return (findings, Vec::new());
        }
        let (mut kept, mut ignored) = (Vec::new(), Vec::new());
        for finding in findings {
            let start = finding.span().unwrap_or_default().start;
            let key = (lines.position(start).line, finding.code.to_string());
            let place = self.places.get(&key).copied();
            let comment = place.and_then(|(comment, _)| self.comments.get_mut(comment));
            let (Some(comment), Some((_, code))) = (comment, place) else {
                kept.push(finding);
                continue;
            };
            let is_error = finding.severity == Severity::Error;
            if let Some(code) = comment.codes.get_mut(code) {
                code.use_of = if is_error { Use::Error } else { Use::Ignored };
            }
            if is_error {
                kept.push(finding);
            } else {
                let (line, reason) = (comment.line, comment.reason.clone());
                ignored.push(Ignored {
                    finding,
                    line,
                    reason,
                });
            }
        }
        (kept, ignored)
    }

    /// Returns findings about the comments, once all findings of the text were applied: comments that are not understood, name what is not the
    /// code of a finding, take nothing away or have no reason. `codes` are the names of all codes.
    pub fn findings(&self, codes: &[&str]) -> Vec<Diagnostic> {
        let comments = self.comments.iter();
        comments
            .flat_map(|comment| comment.findings(codes))
            .collect()
    }
}

impl Comment {
    /// Reads the comment of a line, which starts at a byte of the text. `None` if there is no such comment.
    fn of(line: &str, start: usize, number: usize) -> Option<Self> {
        let content = line.trim_end();
        let (at, rest) = marked(content)?;
        let from = start.saturating_add(at);
        let span = Span::new(from, start.saturating_add(content.len()));
        let before = content.get(..at).unwrap_or_default().trim_end();
        let removed = if before.is_empty() {
            Span::new(start, start.saturating_add(line.len()))
        } else {
            Span::new(start.saturating_add(before.len()), span.end)
        };
        let mut comment = Self {
            line: number,
            span,
            removed,
            codes: Vec::new(),
            reason: String::new(),
            problem: None,
        };
        if let Err(problem) = comment.read(rest) {
            comment.problem = Some(problem);
        }
        Some(comment)
    }

    /// Reads what follows the mark.
    fn read(&mut self, rest: &str) -> Result<(), &'static str> {
        let rest = rest.trim_start().strip_prefix("ignore");
        let rest = rest.ok_or("the comment is not understood")?;
        let rest = rest.trim_start().strip_prefix('[');
        let rest = rest.ok_or("the comment ignores nothing: it names no code")?;
        let (codes, reason) = rest
            .split_once(']')
            .ok_or("the comment is not understood: `]` is missing")?;
        let names = codes.split(',').map(str::trim);
        let names = names.filter(|name| !name.is_empty());
        self.codes = names
            .map(|name| NamedCode {
                name: name.to_ascii_uppercase(),
                use_of: Use::None,
            })
            .collect();
        reason.trim().clone_into(&mut self.reason);
        if self.codes.is_empty() {
            return Err("the comment ignores nothing: it names no code");
        }
        Ok(())
    }

    fn findings(&self, codes: &[&str]) -> Vec<Diagnostic> {
        let found = |code, message: String| {
            Diagnostic::of(code, message).labeled(Document::Policy, self.span)
        };
        if let Some(problem) = self.problem {
            return vec![found(PolicyCode::UnusedIgnore, problem.to_owned()).with_help(FORM)];
        }
        let is_used = self.codes.iter().any(|code| code.use_of == Use::Ignored);
        let mut findings = Vec::new();
        for code in &self.codes {
            let name = &code.name;
            let finding = match code.use_of {
                Use::Ignored => continue,
                Use::Error => found(
                    PolicyCode::UnusedIgnore,
                    format!("`{name}` is not ignored: it is an error here"),
                )
                .with_help("correct the error; only warnings and notes can be ignored"),
                Use::None if codes.contains(&&**name) => found(
                    PolicyCode::UnusedIgnore,
                    format!("the comment ignores nothing: there is no finding `{name}` here"),
                )
                .with_help(
                    "remove the comment, or put it on the line of the finding or right above it",
                ),
                Use::None => found(
                    PolicyCode::UnusedIgnore,
                    format!("`{name}` is not the code of a finding"),
                )
                .with_help("`audit-policy explain --list` lists all codes"),
            };
            let is_removable = !is_used && findings.is_empty() && code.use_of == Use::None;
            findings.push(if is_removable {
                let edit = Edit {
                    span: self.removed,
                    text: String::new(),
                };
                // A text in quotes or in a block can look like a comment, so somebody has to look at it.
                finding.with_fix(Some(Fix::new("remove the comment", vec![edit]).as_choice()))
            } else {
                finding
            });
        }
        if is_used && self.reason.is_empty() {
            let message = "the ignored finding has no reason".to_owned();
            let help = "write behind the `]` why the policy is right as it is";
            findings.push(found(PolicyCode::UnexplainedIgnore, message).with_help(help));
        }
        findings
    }
}

/// Returns whether a byte is inside one of several spans, which are in order.
fn is_within(spans: &[Span], at: usize) -> bool {
    let behind = spans.partition_point(|span| span.end <= at);
    spans.get(behind).is_some_and(|span| span.start <= at)
}

/// Returns the byte at which the comment for this program starts in a line, and what follows its mark. A `#` in quotes starts no comment.
fn marked(line: &str) -> Option<(usize, &str)> {
    let mut quote: Option<char> = None;
    let (mut before, mut is_escaped) = (' ', false);
    for (at, character) in line.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some('"') if character == '\\' => is_escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            // Inside a word, it is an apostrophe.
            None if matches!(character, '"' | '\'') && starts_value(before) => {
                quote = Some(character);
            }
            None if character == '#' && before.is_whitespace() => {
                return marked_in_comment(line, at);
            }
            None => {}
        }
        before = character;
    }
    None
}

/// Returns the same in a comment, which starts at a byte: other text may be in front.
fn marked_in_comment(line: &str, mut from: usize) -> Option<(usize, &str)> {
    loop {
        let at = from + line.get(from..)?.find('#')?;
        let before = line.get(..at)?.chars().next_back();
        let rest = line.get(at + 1..)?;
        if before.is_none_or(char::is_whitespace)
            && let Some(rest) = rest.trim_start().strip_prefix(MARK)
        {
            return Some((at, rest));
        }
        from = at + 1;
    }
}

/// Returns true if a value of YAML can start behind a character.
const fn starts_value(before: char) -> bool {
    before.is_whitespace() || matches!(before, '[' | '{' | ',' | ':' | '\'' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [&str; 3] = ["AP001", "AP020", "AP025"];

    /// A finding at the first occurrence of a word.
    fn finding(text: &str, code: &'static str, severity: Severity, word: &str) -> Diagnostic {
        let start = text.find(word).unwrap();
        let span = Span::new(start, start + word.len());
        Diagnostic::new(code, severity, "m").labeled(Document::Policy, span)
    }

    /// Applies the comments of a text to a warning `AP020` at `here`. Returns whether it is ignored, and the messages about the comments.
    fn applied(text: &str) -> (bool, Vec<String>) {
        let found = vec![finding(text, "AP020", Severity::Warning, "here")];
        let mut ignores = Ignores::read(text);
        let (kept, ignored) = ignores.apply(found, &LineIndex::new(text));
        assert_eq!(kept.len() + ignored.len(), 1);
        let about = ignores.findings(&CODES).into_iter();
        (kept.is_empty(), about.map(|about| about.message).collect())
    }

    #[test]
    fn a_text_in_quotes_starts_no_comment() {
        for (text, is_ignored) in [
            ("here: \"# audit-policy: ignore[AP020] why\"", false),
            ("here: 'a # audit-policy: ignore[AP020] why'", false),
            ("here: [\"a\\\" # audit-policy: ignore[AP020] why\"]", false),
            ("here: ['it''s # audit-policy: ignore[AP020] why']", false),
            ("here: \"a\" # audit-policy: ignore[AP020] why", true),
            ("here: ['it''s'] # audit-policy: ignore[AP020] why", true),
            ("here: it's # audit-policy: ignore[AP020] why", true),
            ("here # \"a # audit-policy: ignore[AP020] why", true),
            // Not a comment: no space in front of it.
            ("here: a# audit-policy: ignore[AP020] why", false),
        ] {
            assert_eq!(applied(text).0, is_ignored, "{text}");
        }
    }

    #[test]
    fn a_comment_counts_on_its_line_and_for_the_next() {
        for text in [
            "here # audit-policy: ignore[AP020] why",
            "# audit-policy: ignore[AP020] why\nhere",
            "a: b\r\n  #audit-policy:ignore[ap020]why\r\n  here\r\n",
            "# audit-policy: ignore[AP020] why\n# more about it\nhere",
            "# audit-policy: ignore[AP020] why\n# audit-policy: ignore[AP025, AP020] why\nhere",
        ] {
            assert!(applied(text).0, "{text}");
        }
        assert_eq!(applied("here # audit-policy: ignore[AP020] why").1, [""; 0]);
        let none = "the comment ignores nothing: there is no finding `AP020` here";
        for text in [
            "# audit-policy: ignore[AP020] why\n\nhere",
            "# audit-policy: ignore[AP020] why\na: b\nhere",
            "here\n# audit-policy: ignore[AP020] why",
        ] {
            assert_eq!(applied(text), (false, vec![none.to_owned()]), "{text}");
        }
        // Not a comment, or not for this program.
        for text in [
            "here#audit-policy: ignore[AP020]",
            "here # audit: ignore",
            "{ # audit-policy: ignore[AP020]\nhere",
        ] {
            assert_eq!(applied(text), (false, Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_a_comment_lacks_is_a_finding() {
        for (text, is_ignored, message) in [
            (
                "here # audit-policy: ignore[AP020]",
                true,
                "the ignored finding has no reason",
            ),
            (
                "here # audit-policy: ignore[AP020, AP025] why",
                true,
                "the comment ignores nothing: there is no finding `AP025` here",
            ),
            (
                "here # audit-policy: ignore[AP999] why",
                false,
                "`AP999` is not the code of a finding",
            ),
            (
                "here # audit-policy: ignore why",
                false,
                "the comment ignores nothing: it names no code",
            ),
            (
                "here # audit-policy: ignore[ , ] why",
                false,
                "the comment ignores nothing: it names no code",
            ),
            (
                "here # audit-policy: ignore[AP020 why",
                false,
                "the comment is not understood: `]` is missing",
            ),
            (
                "here # audit-policy: disable AP020",
                false,
                "the comment is not understood",
            ),
        ] {
            assert_eq!(
                applied(text),
                (is_ignored, vec![message.to_owned()]),
                "{text}"
            );
        }
    }

    #[test]
    fn an_error_is_never_ignored() {
        let text = "here # audit-policy: ignore[AP001] why";
        let found = vec![finding(text, "AP001", Severity::Error, "here")];
        let mut ignores = Ignores::read(text);
        let (kept, ignored) = ignores.apply(found.clone(), &LineIndex::new(text));
        assert_eq!((kept, ignored), (found, Vec::new()));
        let about = ignores.findings(&CODES);
        assert_eq!(about.len(), 1);
        assert_eq!(
            about[0].message,
            "`AP001` is not ignored: it is an error here"
        );
        assert_eq!(about[0].fix, None);
    }

    #[test]
    fn a_comment_without_effect_can_be_removed() {
        for (text, fixed) in [
            (
                "a: b # audit-policy: ignore[AP020] why\nc: d\n",
                "a: b\nc: d\n",
            ),
            (
                "a: b\n  # audit-policy: ignore[AP020] why\nc: d\n",
                "a: b\nc: d\n",
            ),
            ("a: b\n# audit-policy: ignore[AP020]", "a: b\n"),
        ] {
            let about = Ignores::read(text).findings(&CODES);
            let fix = about[0].fix.as_ref().unwrap();
            let [Edit { span, text: new }] = &fix.edits[..] else {
                panic!("one edit: {text}");
            };
            let mut after = text.to_owned();
            after.replace_range(span.start..span.end, new);
            assert_eq!(after, fixed);
        }
        // One of its codes has an effect.
        let text = "here # audit-policy: ignore[AP020, AP025] why";
        let found = vec![finding(text, "AP020", Severity::Info, "here")];
        let mut ignores = Ignores::read(text);
        ignores.apply(found, &LineIndex::new(text));
        assert_eq!(ignores.findings(&CODES)[0].fix, None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(#| |\\n|é|audit-policy:|ignore|\\[|\\]|AP020|,){0,40}") {
            let mut ignores = Ignores::read(&text);
            let found = vec![Diagnostic::new("AP020", Severity::Info, "m")];
            let (kept, ignored) = ignores.apply(found, &LineIndex::new(&text));
            proptest::prop_assert_eq!(kept.len() + ignored.len(), 1);
            for about in ignores.findings(&CODES) {
                let span = about.span().unwrap();
                proptest::prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }
}
