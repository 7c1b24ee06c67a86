//! Templates: a text with `{{ … }}`, `{% … %}` or `<% … %>` is not YAML before it is rendered.
//!
//! What is certain is still checked: lines that only contain template code are blanked, and values with template code are unknown. Blanking keeps
//! the length, so that spans are those of the template.

mod unclosed;

use audit_policy::document::Document;
use audit_types::sort::SortShort;
use audit_types::{Diagnostic, Span};

pub(super) use unclosed::unclosed;

/// Template languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateLanguage {
    /// Go's `text/template` in a Helm chart.
    Helm,
    /// Go's `text/template`.
    Go,
    /// Jinja, as Ansible and Salt use it.
    Jinja,
    /// ERB, as Puppet and Chef use it.
    Erb,
    /// Terraform's `templatefile`, or an expression in a here-document.
    Terraform,
    /// A shell's here-document with variables.
    Shell,
    /// A text with `${name}`, which may be of a shell, of Terraform, or of another program.
    Variables,
}

impl TemplateLanguage {
    /// Returns the name as messages have it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Helm => "a Helm template",
            Self::Go => "a Go template",
            Self::Jinja => "a Jinja template",
            Self::Erb => "an ERB template",
            Self::Terraform => "a Terraform template",
            Self::Shell => "a text with shell variables",
            Self::Variables => "a text with variables",
        }
    }

    /// Returns whether a script may have it, as far as it is known.
    pub(super) const fn has_variables(self) -> bool {
        matches!(self, Self::Shell | Self::Terraform | Self::Variables)
    }

    /// Returns the way to render it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Helm => "render it first: `helm template`, then check the result",
            Self::Go => "render it first, then check the result",
            Self::Jinja => {
                "render it first, such as with the `template` module of Ansible in check mode and `--diff`, then check the result"
            }
            Self::Erb => "render it first: `erb FILE`, then check the result",
            Self::Terraform => {
                "render it first, such as with `terraform console`, then check the result"
            }
            Self::Variables => {
                "render it with the program that replaces the variables, such as Terraform or `envsubst`, then check the result"
            }
            Self::Shell => {
                "replace the variables first, such as with `envsubst`, then check the result"
            }
        }
    }
}

/// A text with template code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) language: TemplateLanguage,
    /// The text without template code, of the same length.
    pub(super) blanked: String,
    /// Places whose value is unknown, in ascending order.
    pub(super) unknown: Vec<Span>,
}

/// Opening and closing mark of template code.
type Mark = (&'static str, &'static str);

/// Marks of template code.
const MARKS: [Mark; 5] = [
    ("{{", "}}"),
    ("{%", "%}"),
    ("{#", "#}"),
    ("<%", "%>"),
    ("%{", "}"),
];

/// Maximum length of template code between its marks, in bytes.
const MAX_CODE: usize = 4 << 10;

/// Maximum number of bytes at the start of a line that are inspected for a comment.
const MAX_MARGIN: usize = 1 << 10;

/// A piece of template code.
#[derive(Debug, Clone, Copy)]
struct Code {
    span: Span,
    mark: &'static str,
    is_control: bool,
}

/// Words that start a statement of Go's templates.
const CONTROL_WORDS: [&str; 11] = [
    "if", "else", "end", "range", "with", "define", "block", "break", "continue", "/*", "$",
];

/// Marks of a variable where a text is expanded: in here-documents.
const VARIABLE: Mark = ("${", "}");

/// Finds template code. `None` if there is none outside of comments.
pub(super) fn find(text: &str) -> Option<Template> {
    find_expanded(text, None)
}

/// Finds template code in a text that may be a policy, where `${NAME}` and `$NAME` are not values.
pub(super) fn find_in_policy(text: &str) -> Option<Template> {
    find(text).or_else(|| {
        let is_policy = text.contains("audit.k8s.io/") && text.contains("Policy");
        find_expanded(text, is_policy.then(|| language_of_variables(text)))
    })
}

/// Finds template code in a text that is not YAML because of it: code without an end extends to the end of its line.
pub(super) fn find_unclosed(text: &str) -> Option<Template> {
    find_code(text, None, true)
}

/// Finds template code, and variables of the language that expands the text.
pub(super) fn find_expanded(text: &str, by: Option<TemplateLanguage>) -> Option<Template> {
    find_code(text, by, false)
}

fn find_code(text: &str, by: Option<TemplateLanguage>, has_unclosed: bool) -> Option<Template> {
    let marks: Vec<_> = MARKS.iter().chain(by.map(|_| &VARIABLE)).copied().collect();
    let has_variables = by.is_some() && text.contains('$');
    if !has_variables && !marks.iter().any(|(open, _)| text.contains(open)) {
        return None;
    }
    let mut codes = codes(text, &marks, has_unclosed);
    if has_variables {
        let plain = variables(text);
        codes.extend(plain);
        codes.sort_short_by_key(|code| code.span.start);
        codes.dedup_by(|after, before| after.span.start < before.span.end);
    }
    let first = codes.first()?;
    let language = by.unwrap_or_else(|| language(text, &codes, first.mark));
    let groups = lines_of(text, &codes);
    let mut unknown = Vec::new();
    for group in groups.iter().filter(|group| !is_only_code(text, group)) {
        unknown.extend(group.iter().map(|code| code.span));
    }
    // Statements write nothing. Where the text is not YAML without them, they are parts of values.
    let with_blank_statements = blanked(text, &groups, true);
    let is_yaml = |text: &String| Document::read(text).is_ok();
    let blanked = match with_blank_statements.filter(is_yaml) {
        Some(found) => found,
        None => blanked(text, &groups, false)?,
    };
    Some(Template {
        language,
        blanked,
        unknown,
    })
}

/// Returns a text of the same length in which lines of code are blank, and other code is letters: also its statements, unless these are blank.
fn blanked(text: &str, groups: &[&[Code]], has_blank_statements: bool) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    for group in groups {
        let is_whole_line = is_only_code(text, group);
        for code in *group {
            let is_blank = is_whole_line || (has_blank_statements && code.is_control);
            let fill = if is_blank { b' ' } else { b'x' };
            for byte in bytes.get_mut(code.span.start..code.span.end)? {
                if !matches!(*byte, b'\n' | b'\r') {
                    *byte = fill;
                }
            }
        }
        if has_blank_statements
            && !is_whole_line
            && let Some(at) = line_end_before_content(text, group)
        {
            *bytes.get_mut(at)? = b'\n';
        }
    }
    // Whole marks are replaced by ASCII, so this does not fail.
    String::from_utf8(bytes).ok()
}

/// Returns where a line end keeps the indentation of what follows the statements at the start of a line. `None` if the line starts with something else.
fn line_end_before_content(text: &str, group: &[Code]) -> Option<usize> {
    let first = group.first()?;
    let before = text.get(..first.span.start)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let margin = before.get(line..)?;
    if !margin.bytes().all(|byte| byte == b' ') {
        return None;
    }
    let mut end = line;
    for code in group {
        let between = text.get(end..code.span.start)?;
        if !code.is_control || !between.trim().is_empty() {
            break;
        }
        end = code.span.end;
    }
    (end > line).then(|| end - margin.len() - 1)
}

/// Creates the template of a Terraform object with expressions. `None` if there are no expressions.
pub(super) fn of_unknown(text: &str, unknown: Vec<Span>) -> Option<Template> {
    (!unknown.is_empty()).then(|| Template {
        language: TemplateLanguage::Terraform,
        blanked: text.to_owned(),
        unknown,
    })
}

/// Returns the language of a template. `None` if the text has no template code.
pub(crate) fn language_of(text: &str) -> Option<TemplateLanguage> {
    find(text).map(|found| found.language)
}

/// Returns all template code that is not in a comment.
fn codes(text: &str, marks: &[Mark], has_unclosed: bool) -> Vec<Code> {
    let mut codes = Vec::new();
    let mut at = 0;
    let mut margins = Margins::default();
    let mut closings = Closings::default();
    while let Some((start, open, close)) = next_mark(text, at, marks) {
        let inside = start + open.len();
        let margin = margins.before(text, start);
        let rest = text.get(inside..).unwrap_or_default();
        let near = rest.get(..rest.floor_char_boundary(MAX_CODE));
        let near = near.unwrap_or_default();
        let mut length = closings.find(near, inside, close);
        let mut closing = close.len();
        if has_unclosed && matches!(open, "{{" | "{%" | "<%") {
            let line = near.find('\n').unwrap_or(near.len());
            if length.is_none_or(|length| length > line) {
                (length, closing) = (Some(line), 0);
            }
        }
        let code = length.and_then(|length| rest.get(..length));
        let Some(code) = code.filter(|code| is_code(margin, open, code, rest)) else {
            at = inside;
            continue;
        };
        at = inside + code.len() + closing;
        codes.push(Code {
            span: Span::new(start, at),
            mark: open,
            is_control: is_control(open, code),
        });
    }
    codes
}

/// Returns false for what marks enclose in a comment, and for what other languages have between the same marks. `rest` is the text behind the opening
/// mark.
fn is_code(margin: &str, open: &str, code: &str, rest: &str) -> bool {
    let is_comment = margin.trim_start().starts_with('#');
    // `%{` is common in formats of dates and logs; as template code it stands on a line of its own.
    let is_elsewhere = (open == "%{" && !margin.trim().is_empty())
        || (open == "${" && !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    // Without this, a mark far below would make everything between the two template code.
    let is_too_long = open != "{#" && open != "{{" && code.contains('\n');
    !(is_comment || is_elsewhere || is_too_long)
}

/// The starts of lines before ascending offsets. Each byte is searched once.
#[derive(Default)]
struct Margins {
    line_start: usize,
    /// Offset where the last search ended.
    end: usize,
}

impl Margins {
    /// Returns the start of the line before an offset.
    fn before<'t>(&mut self, text: &'t str, offset: usize) -> &'t str {
        let skipped = text.get(self.end..offset).unwrap_or_default();
        if let Some(newline) = skipped.rfind('\n') {
            self.line_start = self.end + newline + 1;
        }
        self.end = offset;
        let line = text.get(self.line_start..offset).unwrap_or_default();
        line.get(..line.len().min(MAX_MARGIN)).unwrap_or(line)
    }
}

/// Searches for closing marks from ascending offsets. Each byte without one is searched once.
#[derive(Default)]
struct Closings {
    /// The mark that the last search without a result was for, and the offset where it ended.
    without: Option<(&'static str, usize)>,
}

impl Closings {
    /// Returns the number of bytes before the closing mark in the part of a text that starts at an offset.
    fn find(&mut self, near: &str, offset: usize, close: &'static str) -> Option<usize> {
        let known = match self.without {
            Some((mark, end)) if mark == close => end.saturating_sub(offset).min(near.len()),
            _ => 0,
        };
        let known = near.floor_char_boundary(known.saturating_sub(close.len()));
        let unknown = near.get(known..).unwrap_or_default();
        let found = unknown.find(close).map(|at| known + at);
        if found.is_none() {
            self.without = Some((close, offset + near.len()));
        }
        found
    }
}

/// Returns the variables without braces: `$NAME`.
fn variables(text: &str) -> Vec<Code> {
    let mut codes = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let is_comment = line.trim_start().starts_with('#');
        for (at, _) in line.match_indices('$').filter(|_| !is_comment) {
            let name = line.get(at + 1..).unwrap_or_default();
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let length = name.find(|c| !is_word(c)).unwrap_or(name.len());
            if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                codes.push(Code {
                    span: Span::new(start + at, start + at + 1 + length),
                    mark: "$",
                    is_control: false,
                });
            }
        }
        start += line.len();
    }
    codes
}

fn next_mark(
    text: &str,
    from: usize,
    marks: &[Mark],
) -> Option<(usize, &'static str, &'static str)> {
    let rest = text.get(from..)?;
    let bytes = rest.as_bytes();
    for (at, pair) in bytes.windows(2).enumerate() {
        let found = marks.iter().find(|(open, _)| open.as_bytes() == pair);
        if let Some((open, close)) = found {
            return Some((from + at, open, close));
        }
    }
    None
}

/// Returns whether code is a statement, which writes nothing itself.
fn is_control(mark: &str, code: &str) -> bool {
    let code = code.trim_start_matches(['-', '~', '+']).trim_start();
    match mark {
        "{{" => CONTROL_WORDS.iter().any(|word| {
            let after = code.strip_prefix(word);
            let is_symbol = !word.starts_with(char::is_alphabetic);
            match after {
                Some(after) if *word == "$" => after.contains(":="),
                Some(after) => is_symbol || !after.starts_with(|c: char| c.is_alphanumeric()),
                None => false,
            }
        }),
        "<%" => !code.starts_with('='),
        "${" => false,
        _ => true,
    }
}

/// Maximum number of variables whose names are inspected.
const MAX_VARIABLES: usize = 1_000;

/// Returns the language of the variables of a text. Terraform has references and calls; those of a shell have capitals or no braces.
fn language_of_variables(text: &str) -> TemplateLanguage {
    let mut of_shell = text.contains('$');
    let mut has_braces = false;
    for (at, _) in text.match_indices(VARIABLE.0).take(MAX_VARIABLES) {
        let inner = text.get(at + 2..).unwrap_or_default();
        let inner = inner.lines().next().unwrap_or_default();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
        let (name, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
        if after.starts_with(['.', '(', '[']) || name.is_empty() && after.starts_with('~') {
            return TemplateLanguage::Terraform;
        }
        let is_lower = name.contains(|c: char| c.is_ascii_lowercase()) && after.starts_with('}');
        of_shell = if has_braces {
            of_shell || !is_lower
        } else {
            !is_lower
        };
        has_braces = true;
    }
    if of_shell {
        TemplateLanguage::Shell
    } else {
        TemplateLanguage::Variables
    }
}

fn language(text: &str, codes: &[Code], mark: &str) -> TemplateLanguage {
    let in_code = |word: &str| {
        codes.iter().any(|code| {
            let code = text.get(code.span.start..code.span.end);
            code.is_some_and(|code| code.contains(word))
        })
    };
    if mark == "<%" {
        return TemplateLanguage::Erb;
    }
    if mark == "%{" {
        return TemplateLanguage::Terraform;
    }
    if codes.iter().any(|code| matches!(code.mark, "{%" | "{#")) {
        return TemplateLanguage::Jinja;
    }
    let of_helm = [
        ".Values",
        ".Release",
        ".Chart",
        ".Capabilities",
        ".Files",
        "include ",
        "nindent",
        "toYaml",
        "tpl ",
    ];
    let of_go = [
        "{{ .",
        "{{.",
        "{{- .",
        "{{ template ",
        "{{- template ",
        " . }}",
        " . -}}",
    ];
    let has_statement = codes.iter().any(|code| code.is_control);
    if of_helm.into_iter().any(in_code) {
        TemplateLanguage::Helm
    } else if has_statement || of_go.into_iter().any(in_code) {
        TemplateLanguage::Go
    } else {
        TemplateLanguage::Jinja
    }
}

/// Groups code that shares a line.
fn lines_of<'c>(text: &str, codes: &'c [Code]) -> Vec<&'c [Code]> {
    let mut groups = Vec::new();
    let mut start = 0;
    for (index, pair) in codes.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let between = text.get(before.span.end..after.span.start);
        if between.is_none_or(|between| between.contains('\n')) {
            groups.extend(codes.get(start..=index));
            start = index + 1;
        }
    }
    groups.extend(codes.get(start..).filter(|rest| !rest.is_empty()));
    groups
}

/// Returns whether the lines of a group only contain code and white space.
fn is_only_code(text: &str, group: &[Code]) -> bool {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return false;
    };
    let before = text.get(..first.span.start).unwrap_or_default();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let after = text.get(last.span.end..).unwrap_or_default();
    let after = after.split('\n').next().unwrap_or_default();
    let between = group.windows(2).filter_map(|pair| {
        let [one, other] = pair else { return None };
        text.get(one.span.end..other.span.start)
    });
    let after = after.trim();
    between
        .chain([before])
        .all(|between| between.trim().is_empty())
        && (after.is_empty() || after.starts_with('#'))
}

/// Codes of findings about one value on its own, which stay true when other parts are rendered.
const ABOUT_ONE_VALUE: [&str; 14] = [
    "AP002", "AP005", "AP006", "AP010", "AP012", "AP013", "AP014", "AP021", "AP023", "AP024",
    "AP028", "AP031", "AP033", "AP036",
];

impl Template {
    /// Returns whether a finding of the blanked text is certain to be true of the rendered one.
    pub(super) fn is_certain(&self, finding: &Diagnostic) -> bool {
        let is_known = |span: Span| {
            let index = self
                .unknown
                .partition_point(|known| known.end <= span.start);
            let next = self.unknown.get(index);
            next.is_none_or(|next| next.start >= span.end.max(span.start + 1))
        };
        let span = finding.span();
        ABOUT_ONE_VALUE.contains(&finding.code.as_ref())
            && span.is_some_and(is_known)
            && finding.secondary.iter().all(|label| is_known(label.span))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail by a panic")]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_variables_is_known_from_their_form() {
        use TemplateLanguage::{Shell, Terraform, Variables};
        for (text, language) in [
            ("- level: ${var.level}", Terraform),
            ("users: ${jsonencode(users)}", Terraform),
            ("- level: ${levels[0]}", Terraform),
            ("- level: ${LEVEL}", Shell),
            ("- level: ${level:-None}", Shell),
            ("- level: $level", Shell),
            ("- level: ${level}", Variables),
        ] {
            assert_eq!(language_of_variables(text), language, "{text}");
        }
    }

    #[test]
    fn the_language_is_named_by_its_code() {
        use TemplateLanguage::{Erb, Go, Helm, Jinja, Terraform};
        for (text, language) in [
            ("{{- range .Values.users }}\n- a\n{{- end }}\n", Helm),
            ("a: {{ include \"x\" . }}\n", Helm),
            ("a: {{ .Level }}\n", Go),
            ("{{ template \"x\" . }}\n", Go),
            ("a: {{ (.Files.Glob \"x\").AsConfig }}\n", Helm),
            ("{{ range $i, $u := .Users }}\n{{end}}\n", Go),
            ("{% for u in users %}\n- {{ u }}\n{% endfor %}\n", Jinja),
            ("a: {{ level }}\n", Jinja),
            ("{# note #}\na: 1\n", Jinja),
            ("a: <%= @level %>\n", Erb),
            ("%{ for u in users ~}\n- ${u}\n%{ endfor ~}\n", Terraform),
        ] {
            assert_eq!(
                find(text).map(|found| found.language),
                Some(language),
                "{text}"
            );
        }
        for text in [
            "a: {b: {c: 1}}\n",
            "# {{ not code }}\na: 1\n",
            "a: {{ never closed\n",
            "a: 50%{x}\n",
            "{\"a\":{\"b\":{}}}",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn lines_of_code_are_blank_and_values_are_unknown() {
        let text = "r:\n{{- if .x }}\n- a: \"{{ .y }}\" # c\n  b: {{ .z }}é\n  {{/* a\n  b */}}\n{{ end }}\n";
        let found = find(text).unwrap();
        let expected = "r:\n            \n- a: \"xxxxxxxx\" # c\n  b: xxxxxxxxé\n        \n        \n         \n";
        assert_eq!(found.blanked, expected);
        assert_eq!(found.unknown.len(), 2);
    }
}
