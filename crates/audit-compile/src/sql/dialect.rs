//! Differences of the dialects of SQL.

use crate::pattern::Pattern;

/// A dialect of SQL. Its functions print expressions of texts and lists that are printed already; positions count from 0.
pub(crate) trait Dialect {
    /// Returns common table expressions, of which the last one is `event`: from a relation with the column `line`, and with an event as JSON in a
    /// column, which may be the same one, to the variables of an event. Of repeated fields, databases read another one than the server, so events
    /// with any are not readable where the dialect can tell.
    fn lines(&self, json: &str, relation: &str) -> String;

    /// The same for the columns of `AKSAudit`: texts, which are empty or null where the event has no value, and the user as JSON.
    fn azure_rows(&self) -> &'static str;

    /// The same for columns that are named and typed as the fields of an event.
    fn columns(&self) -> &'static str;

    /// Returns what the end of the query sets.
    fn settings(&self) -> &'static str {
        ""
    }

    /// Prints a character by its number.
    fn character(&self, character: char) -> String {
        format!("chr({})", u32::from(character))
    }

    /// The part of a text before the first question mark, or all of it.
    fn before(&self, text: &str) -> String {
        format!("split_part({text}, '?', 1)")
    }

    /// The part of a text after the first question mark, or the empty text.
    fn after(&self, text: &str) -> String {
        format!("substr({text}, length({}) + 2)", self.before(text))
    }

    /// A text with its percent-escapes decoded. `url_decode` takes a plus sign for a space.
    fn decoded(&self, text: &str) -> String {
        format!("url_decode(replace({text}, '+', '%2B'))")
    }

    /// The parts of a text between slashes, without slashes at its ends.
    fn segments(&self, text: &str) -> String;

    /// The length of a list.
    fn length(&self, list: &str) -> String;

    /// An item of a list of texts; empty if there are fewer.
    fn segment(&self, list: &str, at: &str) -> String;

    /// Returns a pattern as a regular expression.
    fn regex(&self, pattern: Pattern) -> String {
        pattern.text()
    }

    /// The text of the first group of a pattern; empty if the pattern does not occur.
    fn capture(&self, text: &str, regex: &str) -> String;

    /// A pattern occurs in a text.
    fn matches(&self, text: &str, regex: &str) -> String;

    /// A list has one of some texts.
    fn has_any(&self, list: &str, texts: &str) -> String;

    /// A text starts with another.
    fn starts_with(&self, text: &str, start: &str) -> String {
        format!("starts_with({text}, {start})")
    }

    /// A text contains another.
    fn contains(&self, text: &str, part: &str) -> String;
}
