//! Arrays of bash: what `"${NAME[@]}"` is after `NAME=(…)` and `NAME+=(…)`.

use std::collections::HashMap;

use crate::script_word::Word;

/// Maximum size of the words that all uses of a script's arrays add, in bytes. An array may contain others twice, and so on.
const MAX_BYTES: usize = 1 << 20;

/// `NAME=(…)`, or `NAME+=(…)`.
#[derive(Debug)]
pub(super) struct ArrayAssignment {
    pub(super) name: String,
    /// `true` for `+=`.
    pub(super) is_added: bool,
    pub(super) words: Vec<Word>,
}

impl ArrayAssignment {
    /// Returns an assignment without words, if a word before `(` starts one.
    pub(super) fn start(word: &Word) -> Option<Self> {
        if !word.is_bare || word.expansion.is_some() {
            return None;
        }
        let name = word.text.strip_suffix('=')?;
        let plain = name.strip_suffix('+');
        let own = plain.unwrap_or(name);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_valid = !own.is_empty()
            && !own.starts_with(|c: char| c.is_ascii_digit())
            && own.chars().all(is_name);
        is_valid.then(|| Self {
            name: own.to_owned(),
            is_added: plain.is_some(),
            words: Vec::new(),
        })
    }
}

/// The arrays that a script has assigned so far.
#[derive(Debug, Default)]
pub(super) struct Arrays {
    known: HashMap<String, Vec<Word>>,
    /// Size of the words that were added so far.
    size: usize,
}

impl Arrays {
    /// Reads an assignment.
    pub(super) fn assign(&mut self, assignment: ArrayAssignment) {
        let ArrayAssignment {
            name,
            is_added,
            words,
        } = assignment;
        let words = self.replace(words);
        let array = self.known.entry(name).or_default();
        if !is_added {
            array.clear();
        }
        array.extend(words);
    }

    /// Replaces the words of a command that are known arrays by their words.
    pub(super) fn replace(&mut self, words: Vec<Word>) -> Vec<Word> {
        let mut out = Vec::with_capacity(words.len());
        for word in words {
            match self.used(&word) {
                Some(array) => {
                    self.size += array.iter().map(size).sum::<usize>();
                    out.extend(array);
                }
                None => out.push(word),
            }
        }
        out
    }

    /// Returns the words of the array that a word is. `None` for another word, or if the shell would split or join them.
    fn used(&self, word: &Word) -> Option<Vec<Word>> {
        let array = self.known.get(used_name(word)?)?;
        let is_split = |word: &Word| {
            word.expansion.is_some()
                || word.text.is_empty()
                || word
                    .text
                    .contains(|c: char| c.is_whitespace() || "*?[".contains(c))
        };
        let size: usize = array.iter().map(size).sum();
        let is_kept = !word.is_bare || word.text.contains('+') || !array.iter().any(is_split);
        (is_kept && self.size + size <= MAX_BYTES).then(|| array.clone())
    }
}

/// Returns the name of the array that a word is: `${NAME[@]}`, without quotes also `${NAME[*]}`, or `${NAME[@]+"${NAME[@]}"}`, which bash before 4.4 needs for an empty array.
fn used_name(word: &Word) -> Option<&str> {
    if word.expansion != Some(0) {
        return None;
    }
    let inner = word.text.strip_prefix("${")?.strip_suffix('}')?;
    let (name, index) = inner.split_once('[')?;
    let guarded = |index: &str| {
        let (guard, value) = index.split_once("]+")?;
        let value = value.strip_prefix("\"${")?.strip_suffix("[@]}\"")?;
        (guard == "@" && value == name).then_some(())
    };
    let is_all = index == "@]" || index == "*]" && word.is_bare || guarded(index).is_some();
    is_all.then_some(name)
}

/// Returns the size of a word in memory, about.
fn size(word: &Word) -> usize {
    size_of::<Word>() + word.text.len()
}
