//! Facts about all lines of a text that decide where one of them belongs.

use crate::lines::Line;
use crate::token::{Content, Token, ValueForm, form_of, is_known, is_of_policy};

/// All lines as tokens, with what is after each.
pub(crate) struct Outline<'t> {
    pub(crate) tokens: Vec<Token<'t>>,
    /// Index of the next line with content, for each line.
    next: Vec<Option<usize>>,
    /// `true` for a line after which a level comes before the next dash of a rule.
    has_level: Vec<bool>,
    /// Index of the last line that can only be a part of a rule.
    last_of_rules: Option<usize>,
    /// Index of the last key `omitStages` or `omitManagedFields`, which rules and policies have.
    last_of_both: [Option<usize>; 2],
    /// Indexes of the first and the last line of the policy.
    structure: Option<(usize, usize)>,
    /// Lowest column of a key that only policies have.
    pub(crate) base: Option<usize>,
}

/// Fields that rules and policies have.
const IN_BOTH: [&str; 2] = ["omitStages", "omitManagedFields"];

/// Returns `true` for a line that can only be a part of a rule.
fn is_of_rules(token: &Token<'_>) -> bool {
    let name = token.name().unwrap_or_default();
    token.begins_rule() || (is_known(name) && !is_of_policy(name))
}

impl<'t> Outline<'t> {
    pub(crate) fn new(lines: &'t [Line]) -> Self {
        let tokens: Vec<Token<'_>> = lines.iter().map(|line| Token::read(&line.text)).collect();
        let mut next = vec![None; tokens.len()];
        let mut has_level = vec![false; tokens.len()];
        let (mut following, mut level) = (None, false);
        let slots = next.iter_mut().zip(&mut has_level);
        for (index, (token, (next, has_level))) in tokens.iter().zip(slots).enumerate().rev() {
            (*next, *has_level) = (following, level);
            if !matches!(token.content, Content::Blank | Content::Comment) {
                following = Some(index);
            }
            if token.dashes > 0 && token.begins_rule() {
                level = false;
            } else if token.dashes == 0 && token.name() == Some("level") {
                level = true;
            }
        }
        let is_structure = |token: &Token<'_>| token.is_structure();
        let first = tokens.iter().position(is_structure);
        let of_policy = tokens.iter().filter(|token| {
            let name = token.name().unwrap_or_default();
            token.dashes == 0 && matches!(name, "apiVersion" | "kind" | "rules" | "metadata")
        });
        Self {
            structure: first.zip(tokens.iter().rposition(is_structure)),
            base: of_policy.map(|token| token.column).min(),
            last_of_rules: tokens.iter().rposition(is_of_rules),
            last_of_both: IN_BOTH.map(|name| {
                tokens
                    .iter()
                    .rposition(|token| token.dashes == 0 && token.name() == Some(name))
            }),
            tokens,
            next,
            has_level,
        }
    }

    /// Returns `true` if the rules go on after a line: the next one begins there, or a part of the last one is there, or the key is there again.
    pub(crate) fn is_before_rules_end(&self, index: usize, name: &str) -> bool {
        let again = IN_BOTH.iter().zip(self.last_of_both);
        let again = again
            .filter(|(known, _)| **known == name)
            .find_map(|(_, last)| last);
        self.last_of_rules
            .max(again)
            .is_some_and(|last| last > index)
    }

    /// Returns `true` if a level comes after a line and before the next dash of a rule.
    pub(crate) fn has_level_after(&self, index: usize) -> bool {
        self.has_level.get(index).copied().unwrap_or(false)
    }

    /// Returns `true` for a line before or after all lines that a policy can have.
    pub(crate) fn is_outside(&self, index: usize) -> bool {
        self.structure
            .is_none_or(|(first, last)| index < first || index > last)
    }

    /// Returns the form of a key's value. If there is nothing on its line, the next one decides.
    pub(crate) fn form(&self, index: usize, value: &str) -> ValueForm {
        let form = form_of(value);
        let next = self.next.get(index).copied().flatten();
        let Some(next) = next.and_then(|next| self.tokens.get(next)) else {
            return form;
        };
        if form != ValueForm::Empty {
            return form;
        }
        match next.content {
            Content::Key { name, .. } if next.dashes > 0 && is_known(name) => ValueForm::Objects,
            Content::Key { name: "group", .. } => ValueForm::Objects,
            Content::Text(text) if text.starts_with(['[', '{']) && next.dashes == 0 => {
                form_of(text)
            }
            Content::Text(text) if text.starts_with('{') => ValueForm::Objects,
            Content::Text(_) if next.dashes > 0 => ValueForm::Texts,
            _ => form,
        }
    }
}
