//! Texts with `*` for any text, compared without regard to case.

use std::fmt;

/// A text in lowercase, in which `*` stands for any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The texts between the asterisks; one if there is no asterisk.
    parts: Vec<String>,
}

impl Pattern {
    /// Returns the pattern of a text without asterisks of that meaning.
    pub fn literal(text: &str) -> Self {
        Self {
            parts: vec![text.to_lowercase()],
        }
    }

    /// Returns the pattern of characters, each with `true` if it was quoted; a quoted asterisk is an ordinary character.
    pub(crate) fn from_characters(characters: &[(char, bool)]) -> Self {
        let mut parts = vec![String::new()];
        for (character, is_quoted) in characters {
            match (character, parts.last_mut()) {
                ('*', _) if !is_quoted => parts.push(String::new()),
                (character, Some(part)) => part.push(*character),
                (_, None) => {}
            }
        }
        let parts = parts.iter().map(|part| part.to_lowercase()).collect();
        Self { parts }
    }

    /// Returns the text if it has no asterisk.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [text] => Some(text),
            _ => None,
        }
    }

    /// Returns the text, with asterisks.
    pub fn text(&self) -> String {
        self.parts.join("*")
    }

    /// Returns the longest text without an asterisk.
    pub fn longest_part(&self) -> &str {
        let longest = self.parts.iter().max_by_key(|part| part.len());
        longest.map_or("", String::as_str)
    }

    /// Returns `true` if it is the empty text.
    pub fn is_empty(&self) -> bool {
        self.as_literal() == Some("")
    }

    /// Returns `true` if a whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.matches_lowercase(&text.to_lowercase())
    }

    /// Returns `true` if a whole text matches, which is in lowercase already.
    pub(crate) fn matches_lowercase(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.as_literal() == Some(text);
        };
        let inner = text.strip_prefix(first.as_str());
        let inner = inner.and_then(|rest| rest.strip_suffix(last.as_str()));
        inner.is_some_and(|inner| contains_in_order(inner, middle))
    }

    /// Returns `true` if a part of a text matches.
    pub fn matches_part(&self, text: &str) -> bool {
        contains_in_order(&text.to_lowercase(), &self.parts)
    }
}

/// Returns `true` if a text contains the parts, one behind the other. The first place of each is as good as any.
fn contains_in_order(text: &str, parts: &[String]) -> bool {
    let mut rest = text;
    parts.iter().all(|part| {
        let found = rest.find(part.as_str());
        let after = found.and_then(|at| rest.get(at + part.len()..));
        rest = after.unwrap_or("");
        after.is_some()
    })
}

impl fmt::Display for Pattern {
    /// Writes it as in a filter, with quotes where they are needed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.printed(|_| false))
    }
}

impl Pattern {
    /// Returns it as in a filter, with quotes where they are needed, and around parts that are special.
    pub(crate) fn printed(&self, is_special: impl Fn(&str) -> bool) -> String {
        if self.is_empty() {
            return "\"\"".to_owned();
        }
        let part = |part: &String| {
            if is_special(part) {
                always_quoted(part)
            } else {
                quoted(part)
            }
        };
        let parts: Vec<String> = self.parts.iter().map(part).collect();
        parts.join("*")
    }
}

/// Quotes a text of a value if it would be read differently without quotes. An empty text stays empty.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain =
        |character: char| !(character.is_whitespace() || matches!(character, '"' | ',' | '*'));
    if text.chars().all(is_plain) && !text.starts_with('!') {
        return text.to_owned();
    }
    always_quoted(text)
}

/// Puts a text between quotes.
pub(crate) fn always_quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    ["\"", &text, "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let characters: Vec<(char, bool)> =
            text.chars().map(|character| (character, false)).collect();
        Pattern::from_characters(&characters)
    }

    #[test]
    fn asterisks_stand_for_any_text() {
        for (text, matching, others) in [
            ("pods", &["pods", "Pods"][..], &["pod", "pods/exec", ""][..]),
            (
                "system:node:*",
                &["system:node:a", "SYSTEM:node:"],
                &["system:nodes"],
            ),
            (
                "*/scale",
                &["deployments/scale", "/scale"],
                &["scale", "x/scale/y"],
            ),
            (
                "a*b*c",
                &["abc", "a-b-c", "abbc", "abcbc"],
                &["acb", "ab", "bc"],
            ),
            ("*", &["", "x"], &[]),
            ("aa*a", &["aaa", "aaxa"], &["aa"]),
            ("", &[""], &["x"]),
        ] {
            let pattern = pattern(text);
            for one in matching {
                assert!(pattern.matches(one), "{text} {one}");
            }
            for one in others {
                assert!(!pattern.matches(one), "{text} {one}");
            }
        }
        assert!(pattern("kube*v1").matches_part("a kubectl/v1.30 b"));
        assert!(!pattern("v1*kube").matches_part("kubectl/v1.30"));
        assert!(!Pattern::literal("a*").matches("ab") && Pattern::literal("a*").matches("A*"));
    }
}
