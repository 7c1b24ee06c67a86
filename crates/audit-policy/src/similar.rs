//! Similarity of words, for "did you mean".

/// Returns true if two words differ by at most two letters, and by one if the shorter has fewer than six.
pub(crate) fn is_similar(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    if a.len().abs_diff(b.len()) > 2 || !(3..=64).contains(&shorter) {
        return false;
    }
    let max_distance = if shorter < 6 { 1 } else { 2 };
    strsim::levenshtein(a, b) <= max_distance
}

/// Returns the number of letters to add, drop, change or swap with the next to turn one word into the other, ignoring case.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
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
}
