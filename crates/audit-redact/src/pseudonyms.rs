//! The pseudonyms: for every name another of the same length and the same kinds of characters, always the same one.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Bound::{Included, Unbounded};

use crate::error::RedactError;
use crate::kept::KeptWords;

/// Kinds of names; the same text has a pseudonym of its own in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A part of a name.
    Name,
    /// Hexadecimal digits of a UUID or an IPv6 address.
    Hex,
    /// A part of an IPv4 address.
    Octet,
}

/// Largest number of pseudonyms of one shape to choose from; more characters than that takes are varied by a hash.
const MAX_CHOICES: u64 = 1 << 48;
/// Number of pseudonyms of a shape up to which a name may get its own text as a pseudonym.
const FEW_CHOICES: u64 = 1000;
/// Tries to find a pseudonym of a shape before the shape counts as used up.
const MAX_TRIES: u64 = 100_000;

/// Assigns pseudonyms.
#[derive(Debug)]
pub(crate) struct Pseudonyms {
    /// Seed of the pseudonyms. Anyone who has it can compute the pseudonym of a guessed name.
    key: u64,
    words: KeptWords,
    assigned: HashMap<(Kind, String), String>,
    used: HashSet<(Kind, String)>,
    /// Number of pseudonyms tried, by kind and shape.
    tried: HashMap<(Kind, String), u64>,
    /// Prefixes of names that URL patterns of the policy match, such as `pay` in `/pay*`.
    prefixes: BTreeSet<String>,
    /// Starts of the pseudonyms of such names.
    replaced_prefixes: BTreeSet<String>,
    kept: BTreeSet<String>,
}

impl Pseudonyms {
    pub(crate) fn new(key: u64) -> Self {
        Self {
            key,
            words: KeptWords::new(),
            assigned: HashMap::new(),
            used: HashSet::new(),
            tried: HashMap::new(),
            prefixes: BTreeSet::new(),
            replaced_prefixes: BTreeSet::new(),
            kept: BTreeSet::new(),
        }
    }

    /// Returns the pseudonym of a part of a name, or the part itself if it is a word of Kubernetes.
    pub(crate) fn name(&mut self, part: &str) -> Result<String, RedactError> {
        if self.words.contains(part) {
            self.kept.insert(part.to_owned());
            return Ok(part.to_owned());
        }
        // The server tells lists by their kind.
        let stem = part
            .strip_suffix("List")
            .filter(|stem| stem.starts_with(|first: char| first.is_ascii_uppercase()));
        match stem {
            Some(stem) => Ok(self.name_or_word(stem)? + "List"),
            None => self.name_or_word(part),
        }
    }

    /// Returns the pseudonym of a part of a value: words of Kubernetes have one too.
    pub(crate) fn value(&mut self, part: &str) -> Result<String, RedactError> {
        let is_known = self.assigned.contains_key(&(Kind::Name, part.to_owned()));
        if !is_known && part.chars().count() <= SHORT {
            return Ok(self.scrambled(part));
        }
        self.name_or_word(part)
    }

    /// Returns the pseudonym of a name if it has one. A word does not have one, even if values contain it.
    pub(crate) fn known(&self, part: &str) -> Option<&str> {
        if self.words.contains(part) {
            return None;
        }
        let key = (Kind::Name, part.to_owned());
        self.assigned.get(&key).map(String::as_str)
    }

    /// Lets names that start with `prefix` have pseudonyms that start with the one of `prefix`. Of two prefixes, the shorter one must be
    /// added first.
    pub(crate) fn add_prefix(&mut self, prefix: &str) -> Result<(), RedactError> {
        let replaced = match self.words.any_starts_with(prefix) {
            true => {
                self.words.add(prefix);
                prefix.to_owned()
            }
            false => self.name(prefix)?,
        };
        self.prefixes.insert(prefix.to_owned());
        self.replaced_prefixes.insert(replaced);
        Ok(())
    }

    /// Returns hexadecimal digits for hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: &str) -> Result<String, RedactError> {
        self.assign(Kind::Hex, "", digits)
    }

    /// Returns a number from 0 to 255 with as many digits.
    pub(crate) fn octet(&mut self, digits: &str) -> Result<String, RedactError> {
        self.assign(Kind::Octet, "", digits)
    }

    /// Returns a number with other digits. Zeros stay, so that it is spelled as before, and the first digits of a long one, so that it still fits
    /// its type.
    pub(crate) fn number(&self, number: &str) -> String {
        const SMALL: usize = 8;
        let seed = self.seed(number);
        let kept = if number.len() > SMALL { 2 } else { 0 };
        let exponent = number.find(['e', 'E']).unwrap_or(number.len());
        let place = |(place, character): (usize, char)| match character {
            '1'..='9' if (kept..exponent).contains(&place) => {
                let digit = 1 + mix(seed ^ place as u64) % 9;
                u32::try_from(digit)
                    .ok()
                    .and_then(|digit| char::from_digit(digit, 10))
            }
            _ => Some(character),
        };
        number.chars().enumerate().filter_map(place).collect()
    }

    /// Returns the parts of names that were replaced, and their pseudonyms, in alphabetical order.
    pub(crate) fn replaced(&self) -> Vec<(String, String)> {
        let assigned = self.assigned.iter();
        let mut names: Vec<_> = assigned
            .filter(|((kind, name), _)| *kind == Kind::Name && !self.words.contains(name))
            .map(|((_, name), pseudonym)| (name.clone(), pseudonym.clone()))
            .collect();
        names.sort_unstable();
        names
    }

    /// Returns the words of Kubernetes that were left as they are.
    pub(crate) fn kept(&self) -> &BTreeSet<String> {
        &self.kept
    }

    fn name_or_word(&mut self, part: &str) -> Result<String, RedactError> {
        let prefix =
            longest_prefix(&self.prefixes, part).filter(|prefix| prefix.len() < part.len());
        let Some(prefix) = prefix.map(str::to_owned) else {
            return self.assign(Kind::Name, "", part);
        };
        let start = self.name(&prefix)?;
        self.assign(Kind::Name, &start, part)
    }

    /// Returns the pseudonym of a part; it starts with `start`, which is as long as what it stands for.
    fn assign(&mut self, kind: Kind, start: &str, part: &str) -> Result<String, RedactError> {
        let key = (kind, part.to_owned());
        if let Some(pseudonym) = self.assigned.get(&key) {
            return Ok(pseudonym.clone());
        }
        let shape = Shape::of(kind, part.get(start.len()..).unwrap_or_default());
        let place = (kind, [start, " ", &shape.name].concat());
        let first = self.tried.get(&place).copied().unwrap_or_default();
        let last = shape.choices.min(first + MAX_TRIES);
        // Shapes with equally many choices are in different orders: otherwise long names of any length would have the same first letters.
        let seed = self.seed(&place.1);
        // Of few pseudonyms, each is needed: a name may get its own.
        let may_stay = shape.choices <= FEW_CHOICES;
        let found = (first..last).find_map(|index| {
            let pseudonym = [start, &shape.pseudonym(index, seed)].concat();
            let is_other = may_stay || pseudonym != part;
            (is_other && self.is_free(kind, start, &pseudonym)).then_some((index, pseudonym))
        });
        let (index, pseudonym) = found.ok_or_else(|| RedactError::TooManyNames {
            length: part.chars().count(),
        })?;
        self.tried.insert(place, index + 1);
        self.used.insert((kind, pseudonym.clone()));
        self.assigned.insert(key, pseudonym.clone());
        Ok(pseudonym)
    }

    fn is_free(&self, kind: Kind, start: &str, pseudonym: &str) -> bool {
        if self.used.contains(&(kind, pseudonym.to_owned())) {
            return false;
        }
        // With another prefix, it would match a pattern of the policy that its name does not match.
        let prefix = longest_prefix(&self.replaced_prefixes, pseudonym).unwrap_or_default();
        kind != Kind::Name || (prefix.len() <= start.len() && !self.words.contains(pseudonym))
    }

    fn seed(&self, text: &str) -> u64 {
        text.bytes()
            .fold(self.key, |hash, byte| mix(hash ^ u64::from(byte)))
    }

    /// Replaces each character by another that depends on all of them. Two texts may give the same.
    fn scrambled(&self, text: &str) -> String {
        let seed = self.seed(text);
        let place = |(place, character): (usize, char)| {
            let choices = Choices::of(character);
            choices.get(mix(seed ^ place as u64) % choices.count())
        };
        text.chars().enumerate().map(place).collect()
    }
}

/// Returns the longest of some texts that a text starts with.
fn longest_prefix<'p>(prefixes: &'p BTreeSet<String>, text: &str) -> Option<&'p str> {
    let mut start = text;
    loop {
        // All texts between a prefix and the text itself start with the prefix.
        let last = prefixes
            .range::<str, _>((Unbounded, Included(start)))
            .next_back()?;
        if text.starts_with(last.as_str()) {
            return Some(last);
        }
        let mut pairs = last.char_indices().zip(start.char_indices());
        let common = pairs.find_map(|((at, a), (_, b))| (a != b).then_some(at));
        start = start.get(..common.unwrap_or_default())?;
    }
}

/// Number of characters of a part of a value that has no pseudonym of its own: there are too few of that length.
const SHORT: usize = 3;

/// Characters that may replace a character: those of its kind with the same length in UTF-8.
#[derive(Debug, Clone, Copy)]
enum Choices {
    Range { first: u32, count: u32 },
    Hex,
}

impl Choices {
    const fn of(character: char) -> Self {
        let (first, count) = match character {
            '0'..='9' => ('0' as u32, 10),
            'a'..='z' => ('a' as u32, 26),
            'A'..='Z' => ('A' as u32, 26),
            // Latin letters, ideographs, and ideographs again: letters of two, three and four bytes.
            _ => match character.len_utf8() {
                2 => (0x100, 0x80),
                3 => (0x4E00, 0x5000),
                _ => (0x20000, 0xA000),
            },
        };
        Self::Range { first, count }
    }

    const fn count(self) -> u64 {
        match self {
            Self::Range { count, .. } => count as u64,
            Self::Hex => 16,
        }
    }

    /// Returns a character; `index` is below the count.
    fn get(self, index: u64) -> char {
        let character = match (self, u32::try_from(index)) {
            (Self::Range { first, .. }, Ok(index)) => char::from_u32(first + index),
            (Self::Hex, Ok(index)) => char::from_digit(index, 16),
            (_, Err(_)) => None,
        };
        character.unwrap_or('x')
    }
}

/// Length and kinds of characters, which a pseudonym has in common with its name.
struct Shape {
    /// The kinds of the characters, a letter each.
    name: String,
    places: Vec<Choices>,
    /// First number of the range, for the part of an address.
    first: u64,
    /// Number of different pseudonyms to choose from.
    choices: u64,
}

impl Shape {
    fn of(kind: Kind, part: &str) -> Self {
        if kind == Kind::Octet {
            let (first, last) = match part.len() {
                1 => (0, 9),
                2 => (10, 99),
                _ => (100, 255),
            };
            return Self {
                name: part.len().to_string(),
                places: Vec::new(),
                first,
                choices: last - first + 1,
            };
        }
        let places: Vec<Choices> = match kind {
            Kind::Hex => part.chars().map(|_| Choices::Hex).collect(),
            Kind::Name | Kind::Octet => part.chars().map(Choices::of).collect(),
        };
        let letter = |choices: &Choices| match choices {
            Choices::Range { first, .. } => char::from_u32(*first).unwrap_or('x'),
            Choices::Hex => 'h',
        };
        let choices = places.iter().try_fold(1u64, |choices, place| {
            let product = choices.saturating_mul(place.count());
            if product > MAX_CHOICES {
                Err(choices)
            } else {
                Ok(product)
            }
        });
        Self {
            name: places.iter().map(letter).collect(),
            choices: choices.unwrap_or_else(|most| most),
            places,
            first: 0,
        }
    }

    /// Returns a pseudonym; each index below the number of choices gives another.
    fn pseudonym(&self, index: u64, seed: u64) -> String {
        let choices = self.choices.max(1);
        let start = mix(seed ^ choices);
        // A step without a common factor visits every choice once.
        let first = mix(start) % choices;
        let step = (first..).find(|step| gcd(*step, choices) == 1).unwrap_or(1);
        let chosen =
            (u128::from(index) * u128::from(step) + u128::from(start)) % u128::from(choices);
        let chosen = u64::try_from(chosen).unwrap_or_default();
        if self.places.is_empty() {
            return (self.first + chosen).to_string();
        }
        let mut rest = chosen;
        let mut left = self.choices;
        let mut hash = mix(seed ^ chosen);
        let mut text = String::with_capacity(self.places.len());
        for place in &self.places {
            let count = place.count();
            if left >= count {
                text.push(place.get(rest % count));
                (rest, left) = (rest / count, left / count);
            } else {
                hash = mix(hash);
                text.push(place.get(hash % count));
            }
        }
        text
    }
}

/// Returns true for texts that mean something else than a string where YAML has no quotes around them.
pub(crate) fn is_special_in_yaml(text: &str) -> bool {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let lower = text.to_ascii_lowercase();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    WORDS.contains(&lower.as_str())
        || ["0x", "0o", "0b"]
            .iter()
            .any(|prefix| lower.strip_prefix(prefix).is_some_and(digits))
        || lower.split_once('e').is_some_and(|(mantissa, exponent)| {
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            !mantissa.is_empty()
                && is_number(mantissa)
                && !exponent.is_empty()
                && is_number(exponent)
        })
}

/// Returns the greatest common divisor.
const fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Mixes the bits of a number (the finalizer of splitmix64).
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
