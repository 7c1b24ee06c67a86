//! Rendering of untrusted text, such as names in a log or a policy: invisible characters are shown, and words that can be mistaken for
//! others are marked.

mod scripts;

use std::borrow::Cow;

pub use self::scripts::Script;
use self::scripts::{is_confusable, script_of};

/// Maximum number of characters of a name that is shown completely. The name of a service account can have 150.
const MAX_CHARS: usize = 160;
/// Characters at the beginning and at the end of a longer name that are shown.
const HEAD_CHARS: usize = 110;
const TAIL_CHARS: usize = 30;

/// Private-use characters for the bytes of a log that are not UTF-8, as `audit_log::placeholder` chooses them.
const UNKNOWN_BYTE: u32 = 0x10_FE00;
const FIRST_BYTE: u32 = 0x10_FE80;
const LAST_BYTE: u32 = 0x10_FEFF;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fragment<'a> {
    /// Plain text.
    Plain(&'a str),
    /// A character that is invisible, or that changes the order of others.
    Hidden(char),
    /// A word or a character that can be mistaken for another, and the reason.
    Lookalike(&'a str, String),
}

/// Treatment of line breaks and tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineBreaks {
    /// They are part of the text, as in sentences and source code.
    Keep,
    /// They are unexpected, as in names.
    Spell,
}

/// A text without its middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortened<'a> {
    /// The beginning.
    pub head: &'a str,
    /// The end.
    pub tail: &'a str,
    /// Number of characters of the whole text.
    pub total: usize,
}

/// Returns whether a text is short printable ASCII, which needs no marks.
pub fn is_plain(text: &str) -> bool {
    text.len() <= MAX_CHARS && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Shortens a long text; `None` if it is short enough.
pub fn shortened(text: &str) -> Option<Shortened<'_>> {
    if text.len() <= MAX_CHARS {
        return None;
    }
    let total = text.chars().count();
    if total <= MAX_CHARS {
        return None;
    }
    let head = text.char_indices().nth(HEAD_CHARS)?.0;
    let tail = text.char_indices().rev().nth(TAIL_CHARS - 1)?.0;
    Some(Shortened {
        head: text.get(..head)?,
        tail: text.get(tail..)?,
        total,
    })
}

/// Splits a text into fragments, in order.
pub fn fragments(text: &str, breaks: LineBreaks) -> Vec<Fragment<'_>> {
    let native = native_scripts(text);
    let mut parts = Parts {
        text,
        from: 0,
        found: Vec::new(),
    };
    let mut word = Word::default();
    let mut before: Option<char> = None;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at.saturating_add(character.len_utf8());
        let after = characters.peek().map(|(_, next)| *next);
        let is_between_letters = || {
            [before, after]
                .iter()
                .all(|side| side.is_some_and(char::is_alphabetic))
        };
        if is_hidden(character, breaks) {
            // It does not split a word: `ad` + U+200B + `min` reads as one.
            parts.hidden(at, end, character, &mut word, &native);
        } else if let Some(usual) = sign_like(character).filter(|_| is_between_letters()) {
            parts.end_word(&mut word, at, &native);
            let why = [code_point(character).as_str(), " looks like ", usual].concat();
            parts.lookalike(at, end, why);
        } else if is_word(character) {
            word.add(at, character);
        } else {
            parts.end_word(&mut word, at, &native);
        }
        before = Some(character);
    }
    parts.end_word(&mut word, text.len(), &native);
    parts.plain(text.len());
    parts.found
}

/// Returns a text for attributes: invisible characters as `[U+202E]`, and a note about lookalikes.
pub fn escaped(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut notes: Vec<String> = Vec::new();
    for fragment in fragments(text, LineBreaks::Keep) {
        match fragment {
            Fragment::Plain(text) => out.push_str(text),
            Fragment::Hidden(character) => {
                out.push('[');
                out.push_str(&code_point(character));
                out.push(']');
            }
            Fragment::Lookalike(word, why) => {
                out.push_str(word);
                if !notes.contains(&why) {
                    notes.push(why);
                }
            }
        }
    }
    if !notes.is_empty() {
        out.push_str(" (");
        out.push_str(&notes.join("; "));
        out.push(')');
    }
    Cow::Owned(out)
}

/// Returns `U+202E`; for a byte that is not UTF-8 `\xE9`, and `\x??` if its value is not recorded.
pub fn code_point(character: char) -> String {
    match u32::from(character) {
        code @ FIRST_BYTE..=LAST_BYTE => format!("\\x{:02X}", code & 0xFF),
        UNKNOWN_BYTE => "\\x??".to_owned(),
        code => format!("U+{code:04X}"),
    }
}

/// Returns the name of an invisible character.
pub fn hidden_name(character: char) -> &'static str {
    match character {
        '\t' => "tab",
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "line break",
        '\u{a0}' | '\u{202f}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' | '\u{feff}' | '\u{2060}' => "zero-width space",
        '\u{200c}' | '\u{200d}' => "zero-width joiner",
        '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2068}' => "change of text direction",
        '\u{202d}' | '\u{202e}' => "reversal of text direction",
        '\u{202c}' | '\u{2069}' => "end of a change of text direction",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "mark of text direction",
        '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => "unusual space",
        '\u{0}'..='\u{9f}' => "control character",
        _ if matches!(u32::from(character), UNKNOWN_BYTE | FIRST_BYTE..=LAST_BYTE) => {
            "byte that is not UTF-8"
        }
        _ => "invisible character",
    }
}

/// Fragments found so far.
struct Parts<'a> {
    text: &'a str,
    /// End of the last fragment.
    from: usize,
    found: Vec<Fragment<'a>>,
}

impl Parts<'_> {
    fn plain(&mut self, to: usize) {
        if let Some(text) = self.text.get(self.from..to).filter(|text| !text.is_empty()) {
            self.found.push(Fragment::Plain(text));
        }
        self.from = to;
    }

    fn lookalike(&mut self, from: usize, to: usize, why: String) {
        self.plain(from);
        if let Some(word) = self.text.get(from..to) {
            self.found.push(Fragment::Lookalike(word, why));
        }
        self.from = to;
    }

    fn end_word(&mut self, word: &mut Word, at: usize, native: &[Script]) {
        let word = std::mem::take(word);
        if let (Some(from), Some(why)) = (word.from, word.suspicion(native)) {
            self.lookalike(from.max(self.from), at, why);
        }
    }

    fn hidden(
        &mut self,
        at: usize,
        end: usize,
        character: char,
        word: &mut Word,
        native: &[Script],
    ) {
        let scripts = word.clone();
        self.end_word(word, at, native);
        self.plain(at);
        self.found.push(Fragment::Hidden(character));
        self.from = end;
        if scripts.from.is_some() {
            *word = Word {
                from: Some(end),
                ..scripts
            };
        }
    }
}

/// The current word, with the scripts of its letters.
#[derive(Debug, Clone, Default)]
struct Word {
    from: Option<usize>,
    scripts: Vec<Script>,
    /// All letters look like Latin ones.
    is_disguised: bool,
}

impl Word {
    fn add(&mut self, at: usize, character: char) {
        self.from.get_or_insert(at);
        let Some(script) = script_of(character) else {
            return;
        };
        let is_first = self.scripts.is_empty();
        self.is_disguised = (is_first || self.is_disguised) && is_confusable(character, script);
        if !self.scripts.contains(&script) {
            self.scripts.push(script);
        }
    }

    /// Returns why the word can be mistaken for another.
    fn suspicion(&self, native: &[Script]) -> Option<String> {
        let mut scripts = self.scripts.clone();
        // Chinese, Japanese and Korean texts mix their scripts, and Latin, without spaces.
        if scripts.contains(&Script::EastAsian) {
            scripts.retain(|script| !matches!(script, Script::EastAsian | Script::Latin));
        }
        scripts.sort_unstable_by_key(|script| script.name() != Script::Latin.name());
        match scripts.as_slice() {
            [] => None,
            [only] => (self.is_disguised && !native.contains(only))
                .then(|| [only.name(), " letters that look like Latin"].concat()),
            [first, .., last] => Some(["mixes ", first.name(), " and ", last.name()].concat()),
        }
    }
}

/// Returns the scripts that a text is really written in: one of its words has a letter that does not look like a Latin one.
fn native_scripts(text: &str) -> Vec<Script> {
    let mut found: Vec<Script> = Vec::new();
    for word in text.split(|character| !is_word(character)) {
        let scripts = word
            .chars()
            .filter_map(|letter| Some((letter, script_of(letter)?)));
        let mut letters = scripts.peekable();
        let Some((_, script)) = letters.peek().copied() else {
            continue;
        };
        let mut is_pure = true;
        let mut is_disguised = true;
        for (letter, other) in letters {
            is_pure &= other == script;
            is_disguised &= is_confusable(letter, other);
        }
        if is_pure && !is_disguised && !found.contains(&script) {
            found.push(script);
        }
    }
    found
}

/// Returns whether a character is part of a word: letters, marks and digits.
fn is_word(character: char) -> bool {
    character.is_alphanumeric()
        || script_of(character).is_some()
        || matches!(character, '\u{300}'..='\u{34e}' | '\u{350}'..='\u{36f}')
}

/// Returns the common character that one looks like.
const fn sign_like(character: char) -> Option<&'static str> {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some("-"),
        '\u{2024}' | '\u{3002}' | '\u{ff61}' => Some("."),
        '\u{2d0}' | '\u{2236}' | '\u{589}' | '\u{5c3}' | '\u{a789}' | '\u{fe55}' => Some(":"),
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => Some("/"),
        '\u{fe6b}' => Some("@"),
        _ => None,
    }
}

fn is_hidden(character: char, breaks: LineBreaks) -> bool {
    match character {
        '\n' | '\t' => breaks == LineBreaks::Spell,
        '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{a0}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{1680}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2000}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3000}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffc}'
        | '\u{13430}'..='\u{1345f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{e0000}'..='\u{10ffff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Fragment::{Hidden, Lookalike, Plain};
    use super::*;

    fn of(text: &str) -> Vec<Fragment<'_>> {
        fragments(text, LineBreaks::Spell)
    }

    #[test]
    fn usual_names_are_left_alone() {
        for name in [
            "alice",
            "system:serviceaccount:kube-system:generic-garbage-collector",
            "jürgen.müller@example.org",
            "пользователь-admin",
            "Ελένη",
            "作業员1号",
            "Pod名",
            "김철수",
            "שלום",
            "مرحبا",
            "naïve façade",
            "оса и сад: дюжина",
        ] {
            assert_eq!(of(name), [Plain(name)], "{name}");
        }
        assert_eq!(of(""), []);
    }

    #[test]
    fn invisible_characters_are_set_apart() {
        assert_eq!(
            of("admin\u{202e}nimda"),
            [Plain("admin"), Hidden('\u{202e}'), Plain("nimda")]
        );
        for character in [
            '\0',
            '\u{1b}',
            '\u{7f}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{2028}',
            '\u{202a}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0041}',
            '\n',
            '\t',
        ] {
            let text = ["a", &character.to_string(), "b"].concat();
            assert_eq!(
                of(&text),
                [Plain("a"), Hidden(character), Plain("b")],
                "{character:?}"
            );
        }
        assert_eq!(fragments("a\n\tb", LineBreaks::Keep), [Plain("a\n\tb")]);
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_by_their_value() {
        assert_eq!(
            UNKNOWN_BYTE,
            u32::from(audit_log::placeholder::UNKNOWN_BYTE)
        );
        let text = audit_log::placeholder::decode(b"caf\xe9");
        assert_eq!(escaped(&text), "caf[\\xE9]");
        let last = text.chars().last().unwrap();
        assert_eq!(hidden_name(last), "byte that is not UTF-8");
        assert_eq!(code_point(audit_log::placeholder::UNKNOWN_BYTE), "\\x??");
    }

    #[test]
    fn words_of_two_scripts_are_found() {
        let mixed = |word: &str, why: &str| {
            let text = ["ns/", word, "-x"].concat();
            let expected = [Plain("ns/"), Lookalike(word, why.to_owned()), Plain("-x")];
            assert_eq!(of(&text), expected);
        };
        mixed("\u{430}dmin", "mixes Latin and Cyrillic");
        mixed("adm\u{456}n1", "mixes Latin and Cyrillic");
        mixed("r\u{3bf}ot", "mixes Latin and Greek");
        mixed("\u{585}ps", "mixes Latin and Armenian");
        mixed("a\u{5d0}b", "mixes Latin and Hebrew");
        mixed("\u{430}\u{3bf}", "mixes Cyrillic and Greek");
        mixed("\u{ff41}dmin", "mixes Latin and full-width");
        mixed("\u{1d41a}dmin", "mixes Latin and mathematical");
    }

    #[test]
    fn words_of_one_script_that_look_latin_are_found() {
        let disguised = |word: &str, why: &str| {
            assert_eq!(of(word), [Lookalike(word, why.to_owned())]);
        };
        // "scope" of Cyrillic letters alone, and "root" of full-width ones.
        disguised(
            "\u{455}\u{441}\u{43e}\u{440}\u{435}",
            "Cyrillic letters that look like Latin",
        );
        disguised(
            "\u{ff52}\u{ff4f}\u{ff4f}\u{ff54}",
            "full-width letters that look like Latin",
        );
    }

    #[test]
    fn an_invisible_character_does_not_hide_a_mixed_word() {
        assert_eq!(
            of("ad\u{200b}m\u{456}n"),
            [
                Plain("ad"),
                Hidden('\u{200b}'),
                Lookalike("m\u{456}n", "mixes Latin and Cyrillic".to_owned())
            ]
        );
    }

    #[test]
    fn signs_between_letters_that_look_like_others_are_found() {
        let why = "U+2236 looks like :".to_owned();
        assert_eq!(
            of("system\u{2236}admin"),
            [Plain("system"), Lookalike("\u{2236}", why), Plain("admin")]
        );
        // A dash between words is a dash.
        assert_eq!(of("a \u{2013} b"), [Plain("a \u{2013} b")]);
    }

    #[test]
    fn titles_spell_everything_out() {
        assert_eq!(escaped("alice"), "alice");
        assert_eq!(escaped("a\u{202e}b"), "a[U+202E]b");
        assert_eq!(
            escaped("\u{430}dmin"),
            "\u{430}dmin (mixes Latin and Cyrillic)"
        );
    }

    #[test]
    fn long_names_lose_their_middle() {
        assert_eq!(shortened(&"é".repeat(160)), None);
        let text = "x".repeat(1000) + &"é".repeat(1000);
        let short = shortened(&text).unwrap();
        assert_eq!(short.head, "x".repeat(110));
        assert_eq!(short.tail, "é".repeat(30));
        assert_eq!(short.total, 2000);
        assert!(is_plain("alice") && !is_plain("ali\u{200b}ce") && !is_plain(&"x".repeat(161)));
    }

    #[test]
    fn the_fragments_are_the_text() {
        for text in [
            "a\u{202e}\u{202e}b",
            "\u{200b}",
            "\u{430}b\u{200b}c d",
            "x\u{2236}y",
        ] {
            let joined: String = of(text)
                .into_iter()
                .map(|fragment| match fragment {
                    Plain(text) | Lookalike(text, _) => text.to_owned(),
                    Hidden(character) => character.to_string(),
                })
                .collect();
            assert_eq!(joined, text);
        }
    }
}
