//! Words that are the same in every cluster, which a redaction keeps.

use std::collections::BTreeSet;

/// Words of Kubernetes and of its messages, and words added for a policy.
#[derive(Debug)]
pub(crate) struct KeptWords {
    /// Sorted, so that words with a prefix can be found.
    words: BTreeSet<String>,
    /// The plurals of resources.
    resources: BTreeSet<&'static str>,
}

/// Fields, parameters of URLs, paths, components, and the words of the server's own messages.
const WORDS: &str = include_str!("../data/words.txt");

impl KeptWords {
    pub(crate) fn new() -> Self {
        let own = WORDS.lines().filter(|line| !line.starts_with('#'));
        let own = own.flat_map(str::split_whitespace);
        let parts = audit_policy::known_names().flat_map(parts);
        Self {
            words: own.chain(parts).map(str::to_owned).collect(),
            resources: audit_policy::known_names().collect(),
        }
    }

    /// Returns true for a word, a version such as `v1beta1`, and a kind of a built-in object.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.words.contains(text) || is_version(text) || self.is_kind(text)
    }

    /// Returns true if a word starts with a text, or is it.
    pub(crate) fn any_starts_with(&self, text: &str) -> bool {
        let mut after = self.words.range(text.to_owned()..);
        self.contains(text) || after.next().is_some_and(|word| word.starts_with(text))
    }

    /// Adds a word.
    pub(crate) fn add(&mut self, word: &str) {
        self.words.insert(word.to_owned());
    }

    /// Returns true for `Pod`, `EndpointSliceList` and `NetworkPolicy`: the singular of a resource, or a list of it.
    fn is_kind(&self, text: &str) -> bool {
        if !text.starts_with(|first: char| first.is_ascii_uppercase()) {
            return false;
        }
        let lower = text.to_ascii_lowercase();
        let singular = lower.strip_suffix("list").unwrap_or(&lower);
        let plurals = [
            singular.to_owned(),
            [singular, "s"].concat(),
            [singular, "es"].concat(),
            [singular.strip_suffix('y').unwrap_or_default(), "ies"].concat(),
        ];
        plurals
            .iter()
            .any(|plural| self.resources.contains(plural.as_str()))
    }
}

/// Returns the parts of a name between characters that are neither letters nor digits.
pub(crate) fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|character: char| !character.is_alphanumeric())
        .filter(|part| !part.is_empty())
}

fn is_version(text: &str) -> bool {
    let number = |text: &str| {
        (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    let stages = ["alpha", "beta"].into_iter();
    let mut parts = stages.filter_map(|stage| rest.split_once(stage));
    number(rest) || parts.any(|(major, minor)| number(major) && number(minor))
}
