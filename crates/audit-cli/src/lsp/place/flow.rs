//! Reads a line inside of brackets.

use super::frame::Progress;
use super::reader::{Expected, Reader, Word, end_of_quoted, is_space};

/// Characters that end a text without quotes.
const INDICATORS: [char; 5] = [',', '[', ']', '{', '}'];

impl Reader {
    /// Reads a line from a byte on. See [`Reader::line`].
    pub(super) fn flow(&mut self, line: &str, mut at: usize, is_last: bool) -> Option<Word> {
        loop {
            let rest = line.get(at..)?;
            let start = line.len() - rest.trim_start_matches([' ', '\t']).len();
            let rest = line.get(start..)?;
            let word = |quote| Word {
                start,
                quote,
                expected: Expected::Flow,
            };
            if self.is_too_deep {
                return None;
            }
            let Some(first) = rest.chars().next() else {
                return is_last.then(|| word(None));
            };
            let is_after_space = start == 0 || start > at;
            match first {
                '#' if is_after_space => return None,
                '[' | '{' => {
                    self.open(first, 0, start);
                    at = start + 1;
                }
                ']' | '}' => {
                    self.pop();
                    if !self.is_in_flow() {
                        self.opened = None;
                        return self.block(line, start + 1, Expected::Nothing, is_last);
                    }
                    at = start + 1;
                }
                ',' => {
                    self.set_progress(Progress::Start);
                    at = start + 1;
                }
                ':' => {
                    if self.top().is_some_and(|top| top.progress == Progress::Key) {
                        self.set_progress(Progress::Colon);
                    }
                    at = start + 1;
                }
                '"' | '\'' => {
                    let inside = rest.get(1..).unwrap_or_default();
                    let Some(length) = end_of_quoted(inside, first) else {
                        if is_last {
                            return Some(word(Some(first)));
                        }
                        self.token("");
                        self.quote = Some(first);
                        return None;
                    };
                    self.token(inside.get(..length - 1).unwrap_or_default());
                    at = start + 1 + length;
                    if is_last && at == line.len() {
                        return None;
                    }
                }
                _ => {
                    let end = end_of_plain(rest);
                    if is_last && end == rest.len() && !rest.ends_with([' ', '\t']) {
                        return Some(word(None));
                    }
                    self.token(rest.get(..end).unwrap_or_default().trim_end());
                    at = start + end;
                }
            }
        }
    }

    fn set_progress(&mut self, progress: Progress) {
        if let Some(top) = self.stack.last_mut() {
            top.progress = progress;
        }
    }

    /// Adds a text: a field, its value, or an item.
    fn token(&mut self, text: &str) {
        let Some(top) = self.stack.last_mut() else {
            return;
        };
        match top.progress {
            Progress::Start if top.is_map => top.add_field(text, Progress::Key),
            Progress::Colon | Progress::Start => top.add_scalar(text),
            Progress::Key | Progress::Value => {}
        }
    }
}

/// Returns the length of a text without quotes, at least that of its first character.
fn end_of_plain(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    let first = characters.next().map_or(0, |(_, first)| first.len_utf8());
    let mut is_after_space = false;
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let ends = match character {
            ':' => is_space(next) || next.is_some_and(|next| INDICATORS.contains(&next)),
            '#' => is_after_space,
            _ => INDICATORS.contains(&character),
        };
        if ends {
            return at;
        }
        is_after_space = matches!(character, ' ' | '\t');
    }
    text.len().max(first)
}
