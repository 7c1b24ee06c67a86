//! Names that a misspelled one was meant to be.

/// Number of bytes beyond which a text is not compared: it is not a misspelled name, and a comparison takes time quadratic in the length.
const MAX_BYTES: usize = 200;

/// Returns the number of letters to add, drop, change or swap with the next to turn one word into the other, ignoring case; `usize::MAX` for
/// a text of more than 200 bytes.
///
/// ```
/// assert_eq!(audit_types::spelling::distance("vebrs", "verbs"), 1);
/// ```
pub fn distance(a: &str, b: &str) -> usize {
    if a.len().max(b.len()) > MAX_BYTES {
        return usize::MAX;
    }
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}

/// Returns true if two words differ by at most two letters, and by one if the shorter has fewer than six.
pub fn is_similar(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    if a.len().abs_diff(b.len()) > 2 || shorter < 3 {
        return false;
    }
    distance(a, b) <= if shorter < 6 { 1 } else { 2 }
}

/// Returns the known name with the smallest [`distance`] from a name, if that is at most `max_distance`; the first of several.
///
/// ```
/// use audit_types::spelling::nearest;
///
/// assert_eq!(nearest("Metadatas", ["Request", "Metadata"], 2), Some("Metadata"));
/// assert_eq!(nearest("Everything", ["Request", "Metadata"], 2), None);
/// ```
pub fn nearest<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
    max_distance: usize,
) -> Option<&'k str> {
    known
        .into_iter()
        .map(|known| (distance(name, known), known))
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_words_differ_by_few_letters() {
        for (a, b, similar) in [
            ("secret", "secrets", true),
            ("deployemnts", "deployments", true),
            ("pods", "nodes", false),
            ("apps", "app", true),
            ("jobs", "cronjobs", false),
            ("roles", "rules", true),
            ("", "a", false),
        ] {
            assert_eq!(is_similar(a, b), similar, "{a} {b}");
        }
    }

    #[test]
    fn distances_count_letters() {
        for (one, other, letters) in [
            ("verbs", "verbs", 0),
            ("vebrs", "verbs", 1),
            ("verb", "verbs", 1),
            ("resource", "resources", 1),
            ("", "abc", 3),
            ("usergroup", "userGroups", 1),
        ] {
            assert_eq!(distance(one, other), letters, "{one} {other}");
        }
    }

    #[test]
    fn the_nearest_name_is_the_first_of_the_smallest_distance() {
        for (name, max, expected) in [
            ("Defaultz", 2, Some("Default")),
            ("ab", 1, Some("abc")),
            ("abx", 1, Some("abc")),
            ("xyz", 1, None),
            (&"a".repeat(100_000), usize::MAX - 1, None),
        ] {
            assert_eq!(
                nearest(name, ["Default", "abc", "abe"], max),
                expected,
                "{name}"
            );
        }
    }
}
