//! Where a rule goes in a policy's text, and how it is spelt there.
//!
//! A rule is inserted as whole lines before another one, in the indentation of that one; nothing that is there is touched. Where the text
//! is not plain block style, and what an insertion does is thus not certain, there is none.

use std::fmt::Write as _;

use audit_policy::Path;
use audit_policy::{Loaded, Rule};
use serde::Serialize;

/// An insertion into a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextEdit {
    /// The byte before which it goes.
    pub at: usize,
    /// What is inserted: whole lines.
    pub insert: String,
}

/// Why a rule cannot be inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Unplaceable {
    /// The text is not UTF-8, so that its bytes are not those that were read.
    Recoded,
    /// The rules are not written as a block list with each rule behind its own dash: JSON, or YAML in braces.
    NotBlockStyle,
    /// There are anchors, aliases or merges among the rules.
    Anchors,
}

impl Unplaceable {
    /// What that means, in one sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Recoded => "the policy is not UTF-8, so a place in its text is not certain",
            Self::NotBlockStyle => {
                "the rules are not written as a list with a dash before each, so where a rule would go is not certain"
            }
            Self::Anchors => {
                "there are anchors or aliases among the rules, so what a rule stands for is not certain"
            }
        }
    }
}

/// The text with the insertions made; those of one place come in their order.
pub fn apply(text: &str, edits: &[TextEdit]) -> Option<String> {
    let mut ordered: Vec<&TextEdit> = edits.iter().collect();
    ordered.sort_by_key(|edit| edit.at);
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

/// The rule as a list item, without indentation.
pub(super) fn spell(rule: &Rule) -> String {
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
        let _ = writeln!(text, "  - group: {}", quoted(&entry.group));
        let _ = writeln!(text, "    resources: {}", flow(&entry.resources));
    }
    text
}

fn flow(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

/// A string of JSON, which is one of YAML too, whatever is in it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The insertion of a rule before another.
pub(super) fn insertion(
    loaded: &Loaded,
    source: &[u8],
    before: usize,
    rule: &Rule,
) -> Result<TextEdit, Unplaceable> {
    let text = loaded.text.as_str();
    if text.as_bytes() != source {
        return Err(Unplaceable::Recoded);
    }
    let spans = loaded.rule_spans();
    let list = loaded
        .locate(&Path::root().field("rules"))
        .map(|located| located.value)
        .ok_or(Unplaceable::NotBlockStyle)?;
    let mut end = list.start;
    for span in &spans {
        // A rule that is an alias, or a list that is one, stands elsewhere.
        if span.start < end || span.end > list.end {
            return Err(Unplaceable::Anchors);
        }
        end = span.end;
    }
    let rules = text.get(list.start..list.end).unwrap_or_default();
    if has_references(rules) {
        return Err(Unplaceable::Anchors);
    }
    let span = spans.get(before).ok_or(Unplaceable::NotBlockStyle)?;
    let line = Line::of(text, span.start).ok_or(Unplaceable::NotBlockStyle)?;
    let indent = line.indent_of_dash().ok_or(Unplaceable::NotBlockStyle)?;
    let floor = before
        .checked_sub(1)
        .and_then(|rule| spans.get(rule))
        .map_or(0, |span| span.end);
    let at = above_comments(text, line.start, indent, floor);
    let margin = " ".repeat(indent);
    let line_end = line_end_before(text, at);
    let insert = spell(rule)
        .lines()
        .map(|line| format!("{margin}{line}{line_end}"))
        .collect();
    Ok(TextEdit { at, insert })
}

/// The part of a line before a place.
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

    /// How far in the dash stands, where there is nothing else before the item.
    fn indent_of_dash(&self) -> Option<usize> {
        let margin = self.before.trim_end_matches(' ').strip_suffix('-')?;
        let is_apart = self.before.ends_with(' ');
        (is_apart && margin.bytes().all(|byte| byte == b' ')).then_some(margin.len())
    }
}

fn line_start(before: &str) -> usize {
    before.rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// The start of the comment right above a line, which belongs to what it stands on; the line itself where there is none.
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

/// How the line above a place ends.
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

/// Whether something looks like an anchor, an alias or a merge key. What stands in quotes or comments may look so too; then there is one
/// proposal less.
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
    use audit_policy::{GroupResources, KubernetesVersion, Level, load};

    use super::*;

    const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

    fn rule() -> Rule {
        Rule {
            level: Level::None,
            users: vec!["system:kube-\"proxy\"".to_owned()],
            verbs: vec!["watch".to_owned()],
            resources: vec![GroupResources {
                group: String::new(),
                resources: vec!["pods/status".to_owned()],
                resource_names: Vec::new(),
            }],
            ..Rule::default()
        }
    }

    fn inserted(text: &str, before: usize) -> Result<String, Unplaceable> {
        let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
        assert_eq!(loaded.error, None, "{text}");
        let edit = insertion(&loaded, text.as_bytes(), before, &rule())?;
        let changed = apply(text, &[edit]).unwrap();
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
    fn a_rule_stands_in_the_indentation_of_its_neighbours() {
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
    fn every_plain_layout_takes_a_rule() {
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
                for before in [0, 1] {
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
    fn what_is_not_certain_is_left_alone() {
        use Unplaceable::{Anchors, NotBlockStyle};
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
            insertion(&loaded, &utf16, 0, &rule()),
            Err(Unplaceable::Recoded)
        );
    }

    #[test]
    fn several_insertions_keep_their_places() {
        let edit = |at: usize, insert: &str| TextEdit {
            at,
            insert: insert.to_owned(),
        };
        let edits = [edit(2, "C"), edit(1, "A"), edit(2, "D"), edit(1, "B")];
        assert_eq!(apply("xyz", &edits).as_deref(), Some("xAByCDz"));
        assert_eq!(apply("x", &[edit(5, "A")]), None);
    }
}
