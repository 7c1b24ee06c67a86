//! Names that look like others: characters that are drawn alike, invisible ones, and one-character differences from well-known names.

use audit_text::is_hidden;
use audit_types::spelling;

/// Users that every cluster has, or that common installations create.
pub(crate) const USERS: [&str; 11] = [
    "system:anonymous",
    "system:apiserver",
    "system:admin",
    "system:kube-scheduler",
    "system:kube-controller-manager",
    "system:kube-proxy",
    "system:cloud-controller-manager",
    "system:konnectivity-server",
    "kubernetes-admin",
    "kubernetes-super-admin",
    "cluster-admin",
];

/// Groups that authentication adds, or that RBAC's default bindings name.
pub(crate) const GROUPS: [&str; 9] = [
    "system:masters",
    "system:nodes",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:bootstrappers",
    "system:cluster-admins",
    "system:monitoring",
    "kubeadm:cluster-admins",
];

/// Namespaces that every cluster has.
pub(crate) const NAMESPACES: [&str; 4] =
    ["kube-system", "kube-public", "kube-node-lease", "default"];

/// Beginnings of names with a meaning, which are followed by a colon.
const PREFIXES: [&str; 2] = ["system:serviceaccount", "system:node"];

/// Minimum number of bytes of a well-known name that others with one changed character are reported for.
const MIN_BYTES: usize = 8;

/// Maximum number of bytes of a name that is examined.
const MAX_BYTES: usize = 512;

/// Returns the text with every character from other alphabets replaced by the ASCII character that it looks like, and without invisible ones.
pub(crate) fn ascii_lookalike(text: &str) -> String {
    text.chars()
        .filter(|character| !is_hidden(*character))
        .map(|character| lookalike(character).unwrap_or(character))
        .collect()
}

/// Returns the text as it looks at a glance: without a difference between `l`, `1` and `I`, `o` and `0`, `m` and `rn`, `w` and `vv`.
fn at_a_glance(text: &str) -> String {
    let characters = ascii_lookalike(text);
    let plain: String = characters
        .chars()
        .map(|character| match character {
            '1' | 'I' | '|' => 'l',
            '0' => 'o',
            other => other.to_ascii_lowercase(),
        })
        .collect();
    plain.replace("rn", "m").replace("vv", "w")
}

/// Returns the well-known name that another name looks like. `None` if it is one, or looks like none.
pub(crate) fn well_known<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    if name.len() > MAX_BYTES || known.contains(&name) {
        return None;
    }
    let glance = at_a_glance(name);
    known.iter().copied().find(|known| {
        // A number behind a name is usual: the second of two.
        let is_numbered = name
            .strip_prefix(known)
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        let is_near = known.len() >= MIN_BYTES
            && !is_numbered
            && name.len().abs_diff(known.len()) <= 2
            && spelling::distance(name, known) <= 1;
        is_near || glance == at_a_glance(known)
    })
}

/// Returns the beginning with a meaning, `system:node` or `system:serviceaccount`, that the beginning of a user's name looks like.
pub(crate) fn prefix(user: &str) -> Option<&'static str> {
    if user.len() > MAX_BYTES {
        return None;
    }
    let (second, _) = user.match_indices(':').nth(1)?;
    well_known(user.get(..second)?, &PREFIXES)
}

/// Returns `true` for a text with a word of ASCII letters and of letters from another alphabet that look like ASCII.
pub(crate) fn mixes_alphabets(text: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric())
        .any(|word| {
            let has_ascii = word
                .chars()
                .any(|character| character.is_ascii_alphabetic());
            let is_other = |character| lookalike(character).is_some() && !is_latin(character);
            let has_lookalike = word.chars().any(is_other);
            has_ascii && has_lookalike
        })
}

/// Returns `true` for a text with characters that cannot be seen.
pub(crate) fn has_hidden(text: &str) -> bool {
    text.chars().any(is_hidden)
}

/// Returns the first character that is not what it looks like.
pub(crate) fn first_odd(text: &str) -> Option<char> {
    text.chars()
        .find(|character| is_hidden(*character) || lookalike(*character).is_some())
}

/// Returns `true` for letters of the Latin alphabet that look like ASCII: words of one language, such as Turkish, have both.
const fn is_latin(character: char) -> bool {
    matches!(character, 'ı' | 'ɩ' | 'ɑ' | 'ɡ')
}

/// Returns the ASCII character that a character from elsewhere looks like in most fonts.
fn lookalike(character: char) -> Option<char> {
    let ascii = match character {
        // Cyrillic.
        'а' | 'А' => 'a',
        'В' => 'b',
        'с' | 'С' => 'c',
        'ԁ' => 'd',
        'е' | 'Е' => 'e',
        'ԍ' => 'g',
        'һ' | 'Н' => 'h',
        'і' | 'І' => 'i',
        'ј' | 'Ј' => 'j',
        'к' | 'К' => 'k',
        'ӏ' | 'Ӏ' => 'l',
        'м' | 'М' => 'm',
        'о' | 'О' => 'o',
        'р' | 'Р' => 'p',
        'ԛ' => 'q',
        'ѕ' | 'Ѕ' => 's',
        'т' | 'Т' => 't',
        'ԝ' => 'w',
        'х' | 'Х' => 'x',
        'у' | 'У' => 'y',
        // Greek.
        'α' | 'Α' => 'a',
        'Β' => 'b',
        'Ε' => 'e',
        'Η' => 'h',
        'ι' | 'Ι' => 'i',
        'κ' | 'Κ' => 'k',
        'Μ' => 'm',
        'η' | 'Ν' => 'n',
        'ο' | 'Ο' => 'o',
        'ρ' | 'Ρ' => 'p',
        'τ' | 'Τ' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'ω' => 'w',
        'χ' | 'Χ' => 'x',
        'γ' | 'Υ' => 'y',
        'Ζ' => 'z',
        // Armenian and Latin.
        'օ' => 'o',
        'ո' => 'n',
        'ս' => 'u',
        'հ' => 'h',
        'ı' | 'ɩ' => 'i',
        'ɑ' => 'a',
        'ɡ' => 'g',
        'ⅼ' => 'l',
        // Punctuation.
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' => '-',
        '\u{a789}' | '\u{2236}' | '\u{fe55}' | '\u{5c3}' => ':',
        '\u{2024}' => '.',
        '\u{2215}' | '\u{2044}' => '/',
        // Fullwidth forms are as far from ASCII as their block.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xfee0)?,
        _ => return None,
    };
    Some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_well_known_ones_are_found() {
        for (name, known, found) in [
            ("system:admln", &USERS[..], Some("system:admin")),
            ("system:аdmin", &USERS, Some("system:admin")),
            ("System:Admin", &USERS, Some("system:admin")),
            (
                "system:kube-schedu1er",
                &USERS,
                Some("system:kube-scheduler"),
            ),
            (
                "system:kube-schedulers",
                &USERS,
                Some("system:kube-scheduler"),
            ),
            (
                "system:kube\u{2010}proxy",
                &USERS,
                Some("system:kube-proxy"),
            ),
            (
                "system:kube-proxy\u{200b}",
                &USERS,
                Some("system:kube-proxy"),
            ),
            ("system:master", &GROUPS, Some("system:masters")),
            ("kube-systern", &NAMESPACES, Some("kube-system")),
            ("kube-sytsem", &NAMESPACES, Some("kube-system")),
            ("defau1t", &NAMESPACES, Some("default")),
            // They are what they look like, or something else.
            ("system:admin", &USERS, None),
            ("admin", &USERS, None),
            ("alice", &USERS, None),
            ("system:kube-scheduler-2", &USERS, None),
            ("system:authenticated", &GROUPS, None),
            ("system:serviceaccounts:kube-system", &GROUPS, None),
            ("defaults", &NAMESPACES, None),
            ("kube-flannel", &NAMESPACES, None),
            ("cluster-admin1", &USERS, None),
            ("kube-system2", &NAMESPACES, None),
            ("kube-systems-lab", &NAMESPACES, None),
        ] {
            assert_eq!(well_known(name, known), found, "{name}");
        }
    }

    #[test]
    fn beginnings_with_a_meaning_are_found() {
        for (user, found) in [
            (
                "system:serviceacount:shop:web",
                Some("system:serviceaccount"),
            ),
            ("system:n0de:n1", Some("system:node")),
            ("system:serviceaccount:shop:web", None),
            ("system:node:n1", None),
            ("system:bootstrap:abc123", None),
            ("system:noted", None),
        ] {
            assert_eq!(prefix(user), found, "{user}");
        }
    }

    #[test]
    fn words_of_one_alphabet_are_not_mixed() {
        for (text, is_mixed) in [
            ("аdmin", true),
            ("p\u{430}yments", true),
            ("иван", false),
            ("сосо", false),
            ("josé", false),
            ("dev-сосо", false),
            ("müller", false),
            ("yıldız", false),
        ] {
            assert_eq!(mixes_alphabets(text), is_mixed, "{text}");
        }
    }
}
