//! The list of phrases, and where they occur in a text.

use std::collections::HashMap;

use super::finding::Finding;
use super::words::{Word, words};

/// A phrase of the list, or an exception.
struct Phrase {
    /// Words in lower case.
    words: Vec<String>,
    /// Index of its entry.
    entry: usize,
    is_exception: bool,
}

/// All phrases, by their first word.
#[derive(Default)]
pub(super) struct Phrases {
    by_first_word: HashMap<String, Vec<Phrase>>,
    /// Replacement per entry.
    instead: Vec<String>,
}

/// Parses the list: `phrase, phrase => replacement | except: phrase` per line. Fails with the number of a malformed line.
pub(super) fn parse(list: &str) -> Result<Phrases, usize> {
    let mut phrases = Phrases::default();
    for (index, line) in list.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (names, instead) = line.split_once(" => ").ok_or(index + 1)?;
        let (instead, exceptions) = match instead.split_once(" | except: ") {
            Some((instead, exceptions)) => (instead, exceptions),
            None => (instead, ""),
        };
        let entry = phrases.instead.len();
        phrases.instead.push(instead.trim().to_owned());
        for (names, is_exception) in [(names, false), (exceptions, true)] {
            for name in names.split(',').filter(|name| !name.trim().is_empty()) {
                phrases.add(name, entry, is_exception);
            }
        }
    }
    Ok(phrases)
}

impl Phrases {
    fn add(&mut self, name: &str, entry: usize, is_exception: bool) {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        if let Some(first) = words.first() {
            let same = self.by_first_word.entry(first.clone()).or_default();
            same.push(Phrase {
                words,
                entry,
                is_exception,
            });
        }
    }

    /// Finds the phrases of a text that are not part of an exception.
    pub(super) fn find(&self, text: &str) -> Vec<Finding> {
        let words = words(text);
        let mut found: Vec<(usize, &Phrase)> = Vec::new();
        for (start, word) in words.iter().enumerate() {
            for phrase in self.by_first_word.get(&word.lower).into_iter().flatten() {
                if is_at(phrase, words.get(start..).unwrap_or_default()) {
                    found.push((start, phrase));
                }
            }
        }
        let is_allowed = |(start, phrase): &(usize, &Phrase)| {
            found.iter().any(|(other, exception)| {
                exception.is_exception
                    && exception.entry == phrase.entry
                    && other <= start
                    && start + phrase.words.len() <= other + exception.words.len()
            })
        };
        let kept = found.iter().filter(|found| !is_allowed(found));
        kept.filter_map(|(start, phrase)| {
            let words = words.get(*start..start + phrase.words.len())?;
            let text: Vec<&str> = words.iter().map(|word| word.text).collect();
            Some(Finding {
                line: words.first()?.line,
                text: text.join(" "),
                instead: format!("write “{}”", self.instead.get(phrase.entry)?),
            })
        })
        .collect()
    }
}

/// Returns whether the words start with a phrase, uninterrupted.
fn is_at(phrase: &Phrase, words: &[Word<'_>]) -> bool {
    let mut pairs = phrase.words.iter().zip(words);
    words.len() >= phrase.words.len()
        && pairs.by_ref().enumerate().all(|(index, (expected, word))| {
            *expected == word.lower && (index == 0 || word.continues)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_except_in_their_exceptions() {
        let phrases = parse(
            "# a\n\nis no => is not a | except: there is no, is no longer\nmend, mended => fix\n",
        )
        .unwrap_or_default();
        let found = |text: &str| -> Vec<(usize, String)> {
            let findings = phrases.find(text).into_iter();
            findings
                .map(|finding| (finding.line, finding.text))
                .collect()
        };
        let one = |line, text: &str| vec![(line, text.to_owned())];
        assert_eq!(found("/// x\n/// It is\n/// no map."), one(2, "is no"));
        assert_eq!(found("There is no map. It is no longer one."), []);
        assert_eq!(found("So it is. No map."), []);
        assert_eq!(
            found("fn is_mended() { Mend }"),
            [one(1, "mended"), one(1, "Mend")].concat()
        );
        assert_eq!(found("amend, recommend"), []);
    }

    #[test]
    fn a_malformed_line_is_an_error() {
        assert_eq!(parse("a => b\nc\n").err(), Some(2));
    }
}
