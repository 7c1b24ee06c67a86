//! Words of a text, with their places.

/// A word, in lower case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// The word as the text has it.
    pub(super) text: &'t str,
    /// The word in lower case.
    pub(super) lower: String,
    /// Line number from 1.
    pub(super) line: usize,
    /// True if only spaces, line ends, marks of comments and underscores are between this word and the previous one.
    pub(super) continues: bool,
}

/// Splits a text into words. Parts of an identifier, such as `isDone` and `is_done`, are words too.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut line = 1;
    let mut continues = false;
    let mut start = None;
    let mut previous = ' ';
    let mut push = |from: usize, to: usize, line, continues| {
        if let Some(text) = text.get(from..to) {
            words.push(Word {
                text,
                lower: text.to_lowercase().replace('’', "'"),
                line,
                continues,
            });
        }
    };
    for (index, character) in text.char_indices() {
        let is_part = character.is_alphanumeric() || character == '\'' || character == '’';
        let is_hump = character.is_uppercase() && previous.is_lowercase();
        previous = character;
        if let Some(from) = start
            && (!is_part || is_hump)
        {
            push(from, index, line, continues);
            start = None;
            continues = true;
        }
        if is_part {
            start.get_or_insert(index);
        } else {
            continues &= is_joint(character);
        }
        if character == '\n' {
            line += 1;
        }
    }
    if let Some(from) = start {
        push(from, text.len(), line, continues);
    }
    words
}

/// Returns whether a phrase may continue after this character.
fn is_joint(character: char) -> bool {
    character.is_whitespace() || matches!(character, '/' | '!' | '*' | '#' | '_' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_continue_over_lines_of_a_comment() {
        let found: Vec<_> = words("/// It is\n/// no-one, isDone so_far")
            .into_iter()
            .map(|word| (word.lower, word.line, word.continues))
            .collect();
        let expected = [
            ("it", 1, false),
            ("is", 1, true),
            ("no", 2, true),
            ("one", 2, false),
            ("is", 2, false),
            ("done", 2, true),
            ("so", 2, true),
            ("far", 2, true),
        ];
        assert_eq!(
            found,
            expected.map(|(word, line, continues)| (word.to_owned(), line, continues))
        );
    }
}
