//! A word of a shell script, with its place.

use std::ops::Range;

/// A word of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its bytes in the script.
    pub(crate) range: Range<usize>,
    /// Its text without quotes. Expansions are in it as they are written.
    pub(crate) text: String,
    /// Offset in the text of the first expansion. `None` if the shell gives the text to the program as it is.
    pub(crate) expansion: Option<usize>,
    /// `true` if no part of it is in quotes.
    pub(crate) is_bare: bool,
    /// Index of the script's argument that the word is, with `$0` as the first. `None` for a word of the script itself.
    pub(crate) parameter: Option<usize>,
}

impl Word {
    /// Returns whether the word is one argument, whatever its expansions are: a text, or a flag with a variable as its value.
    pub(crate) fn is_one_flag(&self) -> bool {
        self.expansion.is_none_or(|at| {
            let before = self.text.get(..at).unwrap_or_default();
            before.starts_with("--") && before.contains('=')
        })
    }
}
