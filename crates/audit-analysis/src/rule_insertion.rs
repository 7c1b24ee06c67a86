//! Insertion of a rule into a policy's text.
//!
//! A rule is inserted as whole lines before another one, with the same indentation; existing text is not changed. If the text is not in plain
//! block style, so that the effect of an insertion is not certain, nothing is inserted.

use std::fmt::Write as _;

use audit_policy::Path;
use audit_policy::{Loaded, Rule};
use audit_text::quote::double;
use audit_types::sort::SortShort;
use serde::Serialize;

/// An insertion into a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextEdit {
    /// Byte offset at which the text is inserted.
    pub at: usize,
    /// Inserted text: whole lines.
    pub insert: String,
}

/// Reason why a rule can't be inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum InsertionError {
    /// The text is not UTF-8, so its offsets are not those of the file.
    Recoded,
    /// The rules are not written as a block list with a dash before each rule, but as JSON or in flow style.
    NotBlockStyle,
    /// The rules contain anchors, aliases or merge keys.
    Anchors,
}

impl InsertionError {
    /// Explains the error in one sentence.
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Recoded => "the policy is not UTF-8, so rules can't be inserted safely",
            Self::NotBlockStyle => {
                "the rules are not written as a list with a dash before each, so rules can't be inserted safely"
            }
            Self::Anchors => {
                "the rules contain anchors or aliases, so rules can't be inserted safely"
            }
        }
    }
}

/// Applies insertions to a text; insertions at the same offset keep their order. `None` if an offset is not in the text.
pub fn apply_insertions(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut ordered: Vec<&TextEdit> = edits.iter().collect();
    ordered.sort_short_by_key(|edit| edit.at);
    let mut changed = String::with_capacity(text.len());
    let mut from = 0;
    for edit in ordered {
        changed.push_str(text.get(from..edit.at)?);
        changed.push_str(&edit.insert);
        from = edit.at;
    }
    changed.push_str(text.get(from..)?);
    Some(changed)
}

/// Writes the rule as a list item without indentation. The text loads as the same rule.
///
/// ```
/// use audit_analysis::rule_yaml;
/// use audit_policy::{Level, Rule};
///
/// let mut rule = Rule::new(Level::Request);
/// rule.verbs = vec!["create".to_owned()];
/// rule.omit_managed_fields = Some(true);
/// assert_eq!(rule_yaml(&rule), "- level: Request\n  verbs: [\"create\"]\n  omitManagedFields: true\n");
/// ```
pub fn rule_yaml(rule: &Rule) -> String {
    let mut text = format!("- level: {}\n", rule.level);
    let mut list = |name: &str, values: &[String]| {
        if !values.is_empty() {
            let _ = writeln!(text, "  {name}: {}", flow(values));
        }
    };
    list("users", &rule.users);
    list("userGroups", &rule.user_groups);
    list("verbs", &rule.verbs);
    list("namespaces", &rule.namespaces);
    list("nonResourceURLs", &rule.non_resource_urls);
    if !rule.resources.is_empty() {
        text.push_str("  resources:\n");
    }
    for entry in &rule.resources {
        let _ = writeln!(text, "  - group: {}", double(&entry.group));
        for (name, values) in [
            ("resources", &entry.resources),
            ("resourceNames", &entry.resource_names),
        ] {
            if !values.is_empty() {
                let _ = writeln!(text, "    {name}: {}", flow(values));
            }
        }
    }
    if !rule.omit_stages.is_empty() {
        let stages: Vec<&str> = rule.omit_stages.iter().map(|stage| stage.name()).collect();
        let _ = writeln!(text, "  omitStages: [{}]", stages.join(", "));
    }
    if let Some(omit) = rule.omit_managed_fields {
        let _ = writeln!(text, "  omitManagedFields: {omit}");
    }
    text
}

fn flow(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| double(value)).collect();
    format!("[{}]", values.join(", "))
}

/// Returns the insertion of a rule before another one, or after the last one if `before` is the number of rules.
///
/// # Errors
///
/// Returns an error if the effect of an insertion into the text is not certain.
pub fn insert_rule(
    loaded: &Loaded,
    source: &[u8],
    before: usize,
    rule: &Rule,
) -> Result<TextEdit, InsertionError> {
    let text = loaded.text.as_str();
    if text.as_bytes() != source {
        return Err(InsertionError::Recoded);
    }
    let spans = loaded.rule_spans();
    let list = loaded
        .locate(&Path::root().field("rules"))
        .map(|located| located.value)
        .ok_or(InsertionError::NotBlockStyle)?;
    let mut end = list.start;
    for span in &spans {
        // A rule or list that is an alias is defined elsewhere.
        if span.start < end || span.end > list.end {
            return Err(InsertionError::Anchors);
        }
        end = span.end;
    }
    let rules = text.get(list.start..list.end).unwrap_or_default();
    if has_references(rules) {
        return Err(InsertionError::Anchors);
    }
    let previous = before.checked_sub(1).and_then(|rule| spans.get(rule));
    let is_last = before == spans.len();
    let neighbor = if is_last { previous } else { spans.get(before) };
    let span = neighbor.ok_or(InsertionError::NotBlockStyle)?;
    let line = Line::of(text, span.start).ok_or(InsertionError::NotBlockStyle)?;
    let indent = line.indent_of_dash().ok_or(InsertionError::NotBlockStyle)?;
    let margin = " ".repeat(indent);
    let lines = rule_yaml(rule);
    let lines = lines.lines().map(|line| format!("{margin}{line}"));
    if is_last {
        return Ok(after_rule(text, span.end, lines));
    }
    let floor = previous.map_or(0, |span| span.end);
    let at = above_comments(text, line.start, indent, floor);
    let line_end = line_end_before(text, at);
    let insert = lines.map(|line| format!("{line}{line_end}")).collect();
    Ok(TextEdit { at, insert })
}

/// Returns the insertion of lines after the line in which a rule ends, which may be the last one and without an end.
fn after_rule(text: &str, end: usize, lines: impl Iterator<Item = String>) -> TextEdit {
    let rest = text.get(end..).unwrap_or_default();
    if let Some(found) = rest.find('\n') {
        let at = end + found + 1;
        let line_end = line_end_before(text, at);
        let insert = lines.map(|line| format!("{line}{line_end}")).collect();
        return TextEdit { at, insert };
    }
    let insert = lines.map(|line| format!("\n{line}")).collect();
    TextEdit {
        at: text.len(),
        insert,
    }
}

/// The part of a line before an offset.
struct Line<'t> {
    start: usize,
    before: &'t str,
}

impl<'t> Line<'t> {
    fn of(text: &'t str, at: usize) -> Option<Self> {
        let start = line_start(text.get(..at)?);
        Some(Self {
            start,
            before: text.get(start..at)?,
        })
    }

    /// Returns the indentation of the dash, if nothing else precedes the item.
    fn indent_of_dash(&self) -> Option<usize> {
        let margin = self.before.trim_end_matches(' ').strip_suffix('-')?;
        let is_apart = self.before.ends_with(' ');
        (is_apart && margin.bytes().all(|byte| byte == b' ')).then_some(margin.len())
    }
}

fn line_start(before: &str) -> usize {
    before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// Returns the start of the comment directly above a line, or of the line itself if there is none.
fn above_comments(text: &str, line: usize, indent: usize, floor: usize) -> usize {
    let mut at = line;
    loop {
        let Some(above) = text.get(..at).and_then(|above| above.strip_suffix('\n')) else {
            return at;
        };
        let above = above.strip_suffix('\r').unwrap_or(above);
        let start = line_start(above);
        let content = above.get(start..).unwrap_or_default();
        let margin = content.len() - content.trim_start_matches(' ').len();
        let is_comment = content.trim_start_matches(' ').starts_with('#');
        if !is_comment || margin > indent || start < floor {
            return at;
        }
        at = start;
    }
}

/// Returns the line ending before an offset.
fn line_end_before(text: &str, at: usize) -> &'static str {
    let above = text.get(..at).unwrap_or_default();
    if above.ends_with("\r\n") {
        "\r\n"
    } else if above.ends_with('\r') {
        "\r"
    } else {
        "\n"
    }
}

/// Returns whether something looks like an anchor, an alias or a merge key. Quoted strings and comments may look like one too; this only
/// means fewer suggestions.
fn has_references(text: &str) -> bool {
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let begins = matches!(
            before,
            ' ' | '\n' | '\r' | '\t' | '[' | ',' | '{' | '-' | ':'
        );
        let named = letters
            .peek()
            .is_some_and(|next| !next.is_whitespace() && !matches!(next, '&' | '*'));
        if begins && named && matches!(letter, '&' | '*') {
            return true;
        }
        if begins && letter == '<' && letters.peek() == Some(&'<') {
            return true;
        }
        before = letter;
    }
    false
}

#[cfg(test)]
mod tests {
    use audit_policy::{GroupResources, KubernetesVersion, Level, Stage, load};

    use super::*;

    const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

    fn rule() -> Rule {
        let mut rule = Rule::new(Level::None);
        rule.users = vec!["system:kube-\"proxy\"".to_owned()];
        rule.verbs = vec!["watch".to_owned()];
        rule.resources = vec![GroupResources::new("", ["pods/status"])];
        rule
    }

    fn inserted(text: &str, before: usize) -> Result<String, InsertionError> {
        let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
        assert_eq!(loaded.error, None, "{text}");
        let edit = insert_rule(&loaded, text.as_bytes(), before, &rule())?;
        let changed = apply_insertions(text, &[edit]).unwrap();
        let again = load(changed.as_bytes(), KubernetesVersion::NEWEST);
        let mut rules = loaded.policy.unwrap().rules;
        rules.insert(before, rule());
        assert_eq!(
            again.policy.map(|policy| policy.rules),
            Some(rules),
            "{changed}"
        );
        Ok(changed)
    }

    #[test]
    fn a_written_rule_loads_as_the_same_rule() {
        let strange = [
            "a: b",
            "[x]",
            "true",
            "a,b",
            "#",
            "\"\\",
            "\u{1f}\u{202e}\u{85}",
            "",
        ];
        let values = || strange.map(str::to_owned).to_vec();
        let mut of_resources = Rule::new(Level::Request);
        of_resources.users = values();
        of_resources.user_groups = values();
        of_resources.verbs = values();
        of_resources.namespaces = values();
        of_resources.omit_stages = vec![Stage::RequestReceived, Stage::Panic];
        of_resources.omit_managed_fields = Some(false);
        let mut named = GroupResources::new("apps", ["deployments", "*/scale"]);
        named.resource_names = vec!["a\u{1b}b".to_owned()];
        of_resources.resources = vec![named, GroupResources::new("", Vec::<String>::new())];
        let mut of_urls = Rule::new(Level::None);
        of_urls.non_resource_urls = vec!["/healthz*".to_owned(), "*".to_owned()];
        for rule in [of_resources, of_urls, Rule::new(Level::Metadata)] {
            let text = format!("{HEAD}rules:\n{}", rule_yaml(&rule));
            let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
            let rules = loaded.policy.map(|policy| policy.rules);
            assert_eq!(rules, Some(vec![rule]), "{text}");
        }
    }

    #[test]
    fn an_inserted_rule_is_indented_like_its_neighbors() {
        let text = format!(
            "{HEAD}rules:\n  # Secrets, but not much of them.\n  - level: Metadata\n    verbs: [get]\n\n  # The rest.\n  - level: Request\n"
        );
        let expected = format!(
            "{HEAD}rules:\n  # Secrets, but not much of them.\n  - level: Metadata\n    verbs: [get]\n\n\
             \x20 - level: None\n    users: [\"system:kube-\\\"proxy\\\"\"]\n    verbs: [\"watch\"]\n    resources:\n    - group: \"\"\n      resources: [\"pods/status\"]\n\
             \x20 # The rest.\n  - level: Request\n"
        );
        assert_eq!(inserted(&text, 1), Ok(expected));
    }

    #[test]
    fn rules_are_inserted_into_every_plain_layout() {
        for rules in [
            "rules:\n- level: Metadata\n- level: Request\n",
            "rules:\n-   level: Metadata\n-   level: Request",
            "rules:\n    - verbs: [get] # x\n      level: Metadata\n    # y\n\n    - level: Request\n",
            "rules:\n- {level: Metadata}\n- {level: Request, verbs: [get]}\n",
            "\"rules\":\n- \"level\": Metadata\n- level: Request\nomitStages: [Panic]\n",
            "rules: # all of them\n- level: Metadata\n- level: Request\n...\nmore\n",
        ] {
            for text in [
                format!("{HEAD}{rules}"),
                format!("{rules}{HEAD}"),
                format!("{HEAD}{rules}").replace('\n', "\r\n"),
            ] {
                if load(text.as_bytes(), KubernetesVersion::NEWEST)
                    .error
                    .is_some()
                {
                    continue;
                }
                for before in [0, 1, 2] {
                    assert!(inserted(&text, before).is_ok(), "{text}");
                }
            }
        }
        let windows = format!("{HEAD}rules:\n- level: Metadata\n").replace('\n', "\r\n");
        let changed = inserted(&windows, 0).unwrap();
        assert_eq!(
            changed.matches('\n').count(),
            changed.matches("\r\n").count()
        );
    }

    #[test]
    fn an_uncertain_insertion_is_an_error() {
        use InsertionError::{Anchors, NotBlockStyle};
        for (rules, reason) in [
            (
                "rules: [{level: Metadata}, {level: Request}]\n",
                NotBlockStyle,
            ),
            (
                "rules:\n-\n  level: Metadata\n- level: Request\n",
                NotBlockStyle,
            ),
            (
                "rules:\n- &one\n  level: Metadata\n- level: Request\n",
                Anchors,
            ),
            ("rules:\n- &one {level: Metadata}\n- *one\n", Anchors),
            (
                "x: &all\n- level: Metadata\n- level: Request\nrules: *all\n",
                Anchors,
            ),
            (
                "rules:\n- level: Metadata\n  users: &u [a]\n- level: Request\n  users: *u\n",
                Anchors,
            ),
            (
                "x: &m {level: Metadata}\nrules:\n- <<: *m\n- level: Request\n",
                Anchors,
            ),
        ] {
            assert_eq!(
                inserted(&format!("{HEAD}{rules}"), 0),
                Err(reason),
                "{rules}"
            );
        }
        let json = r#"{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[
            {"level":"Metadata"}]}"#;
        assert_eq!(inserted(json, 0), Err(NotBlockStyle));
        let utf16: Vec<u8> = format!("\u{feff}{HEAD}rules:\n- level: Metadata\n")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let loaded = load(&utf16, KubernetesVersion::NEWEST);
        assert_eq!(loaded.error, None);
        assert_eq!(
            insert_rule(&loaded, &utf16, 0, &rule()),
            Err(InsertionError::Recoded)
        );
    }

    #[test]
    fn several_insertions_keep_their_order() {
        let edit = |at: usize, insert: &str| TextEdit {
            at,
            insert: insert.to_owned(),
        };
        let edits = [edit(2, "C"), edit(1, "A"), edit(2, "D"), edit(1, "B")];
        assert_eq!(apply_insertions("xyz", &edits).as_deref(), Some("xAByCDz"));
        assert_eq!(apply_insertions("x", &[edit(5, "A")]), None);
    }
}
