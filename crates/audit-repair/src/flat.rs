//! Policies that lost indentation, and that the server accepts nevertheless.

use crate::lines::Line;
use crate::outline::Outline;
use crate::token::{Content, Token, ValueForm, is_known, is_of_policy, is_of_rule};

/// Indentation of an accepted policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// No field of a rule is in the column of `rules`.
    Indented,
    /// Fields of rules are in the column of `rules`, and none of a rule is indented. Nobody writes a policy like that.
    Flat,
    /// A field of a rule is in the column of `rules`, in a policy that is indented. Has the index of the line.
    Stray(usize),
}

/// Returns the shape of a policy. The server takes a field of a rule in the column of `rules` for an unknown one of the policy and ignores it.
pub(crate) fn shape_of(lines: &[Line]) -> Shape {
    let mut rules: Option<Token<'_>> = None;
    let mut stray = None;
    let mut is_indented = false;
    let outline = Outline::new(lines);
    for (index, token) in outline.tokens.iter().enumerate() {
        let name = token.name().filter(|_| token.dashes == 0);
        if token.content == Content::Marker && rules.is_some() {
            break;
        }
        if name == Some("rules") {
            rules.get_or_insert(*token);
        } else if let Some(rules) = rules {
            let is_of_rule = match token.content {
                Content::Key { name, value, .. } if token.dashes == 0 => {
                    let is_list = || outline.form(index, value) == ValueForm::Objects;
                    is_of_rule(name) || (name == "resources" && is_list())
                }
                _ => false,
            };
            is_indented |= token.column > rules.column && is_of_rule;
            let is_field = name.is_some_and(|name| is_known(name) && !is_of_policy(name));
            if is_field && token.column == rules.column {
                stray.get_or_insert(index);
            }
        }
    }
    match stray {
        None => Shape::Indented,
        Some(_) if !is_indented => Shape::Flat,
        Some(index) => Shape::Stray(index),
    }
}
