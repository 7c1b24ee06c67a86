//! Texts of `kubectl create configmap NAME --from-literal=KEY=TEXT`, and of a Secret.

use super::pieces::{Piece, PrintedWord, after, text_of};

const OPTION: &str = "--from-literal";

/// Returns the keys with their texts. Empty for another command.
pub(super) fn of_object(words: &[PrintedWord]) -> Vec<(String, Vec<Piece>)> {
    let mut found = Vec::new();
    let mut is_option = false;
    for word in words {
        let text = text_of(word);
        let rest = match text.strip_prefix(OPTION) {
            Some("") => {
                is_option = true;
                continue;
            }
            Some(rest) => rest.strip_prefix('='),
            None => is_option.then_some(text.as_str()),
        };
        is_option = false;
        let pair = rest.and_then(|rest| rest.split_once('='));
        if let Some((key, value)) = pair {
            let value = after(&word.0, text.len() - value.len());
            found.push((key.to_owned(), value));
        }
    }
    found
}
