//! What is different between two texts, as `diff -u` writes it.

use similar::TextDiff;

/// The difference of two versions of a file of that name, three lines of context around each change; nothing where they are the same.
/// `patch -p0` applies it.
///
/// ```
/// assert_eq!(audit_export::difference("a\nb\n", "a\nc\n", "f"), "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
/// assert_eq!(audit_export::difference("a\n", "a\n", "f"), "");
/// ```
pub fn difference(before: &str, after: &str, name: &str) -> String {
    if before == after {
        return String::new();
    }
    // Lines end where `patch` has them end: a carriage return by itself is a part of its line.
    let [before, after] =
        [before, after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let mut config = TextDiff::configure();
    let diff = config.newline_terminated(true).diff_slices(&before, &after);
    diff.unified_diff().header(name, name).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_are_those_of_diff() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\n14a\n15\n16\n";
        assert_eq!(
            difference(old, new, "f"),
            "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -12,5 +12,6 @@\n 12\n 13\n 14\n+14a\n 15\n 16\n"
        );
        for (old, new, expected) in [
            ("", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n"),
            ("a\nb\n", "b\n", "--- f\n+++ f\n@@ -1,2 +1 @@\n-a\n b\n"),
            (
                "a",
                "a\nb",
                "--- f\n+++ f\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
            ),
            ("a\r\n", "b\r\n", "--- f\n+++ f\n@@ -1 +1 @@\n-a\r\n+b\r\n"),
            (
                "a\rb\n",
                "a\rc\n",
                "--- f\n+++ f\n@@ -1 +1 @@\n-a\rb\n+a\rc\n",
            ),
        ] {
            assert_eq!(difference(old, new, "f"), expected);
        }
    }
}
