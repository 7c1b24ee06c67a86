//! Policies that lost all indentation, and that the server accepts nevertheless.

use crate::lines::Line;
use crate::token::{Content, Token, is_known};

/// Fields of a policy.
const OF_POLICY: [&str; 6] = [
    "apiVersion",
    "kind",
    "metadata",
    "rules",
    "omitStages",
    "omitManagedFields",
];

/// Returns `true` if fields of rules are in the column of `rules`, and nothing after it is indented. The server takes such fields for unknown
/// ones of the policy and ignores them.
pub(crate) fn is_flat(lines: &[Line]) -> bool {
    let tokens = || lines.iter().map(|line| Token::read(&line.text));
    let Some(rules) = tokens().find(|token| token.dashes == 0 && token.name() == Some("rules"))
    else {
        return false;
    };
    let mut is_after = false;
    let mut has_field = false;
    for token in tokens() {
        let is_content = !matches!(
            token.content,
            Content::Blank | Content::Comment | Content::Marker
        );
        let name = token.name().filter(|_| token.dashes == 0);
        if name == Some("rules") {
            is_after = true;
        } else if is_after && is_content {
            if token.column > rules.column && token.is_structure() {
                return false;
            }
            has_field |= name.is_some_and(|name| is_known(name) && !OF_POLICY.contains(&name));
        }
    }
    has_field
}
