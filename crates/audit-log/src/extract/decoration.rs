//! Text around an event on its line that comes from printing it: labels of Loki, color codes of terminals, quotes.

use crate::csv;
use crate::extract::cut_records::named;
use crate::extract::prefix;
use crate::extract::record;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extractor, Result};
use crate::extract::wrapper::Wrapper;
use crate::json;

/// Start of a control sequence of a terminal.
const SEQUENCE_START: &str = "\u{1b}[";

impl Extractor {
    /// Extracts from a text that is not JSON because of what was printed around or between its parts. `None` for a text without
    /// events, or with nothing like that around them.
    pub(super) fn decorated(
        &mut self,
        text: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Option<Result> {
        if !record::holds_event(text) {
            let plain = without_colors(text)?;
            let line = prefix::parse(&plain).filter(|line| line.wrapper == Wrapper::AwsTail)?;
            return Some(Self::line_without_event(&line).map_or(Ok(()), Err));
        }
        if let Some(plain) = without_colors(text) {
            return Some(self.colored(text, plain.trim_ascii(), source, route, out));
        }
        if let Some(start) = prefix::after_labels(text) {
            let inside = route.inside(Wrapper::Loki);
            let line = text.get(start..).unwrap_or_default();
            let result = self.text(line, &source.part(start), inside, out);
            return Some(result.map_err(|reason| named(reason, line, inside, "")));
        }
        let (start, object) = in_quotes(text)?;
        let inside = route.inside(Wrapper::InQuotes);
        if json::value(object).is_ok() {
            return Some(self.text(object, &source.part(start), inside, out));
        }
        // A field of a CSV file without a header.
        let single = csv::undoubled(object);
        json::value(&single).ok()?;
        Some(self.text(&single, &source.doubled(object, start), inside, out))
    }

    /// Extracts from a text without its color codes. Codes can be between any two tokens, so events have the location of the whole text.
    fn colored(
        &mut self,
        text: &str,
        plain: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Result {
        let place = SourceMap::Joined(source.location(0, text.trim_ascii_end().len()));
        // A wrapper between the codes says more.
        let inside = if json::value(plain).is_ok() {
            route.inside(Wrapper::Colored)
        } else {
            route.through(Wrapper::Colored)
        };
        let result = self.text(plain, &place, inside, out);
        result.map_err(|reason| named(reason, plain, inside, ""))
    }
}

/// Removes the sequences that set colors, such as `ESC [ 1 ; 32 m`. `None` if the text has no control sequence.
fn without_colors(text: &str) -> Option<String> {
    let mut parts = text.split(SEQUENCE_START);
    let mut plain = parts.next()?.to_owned();
    let mut has_any = false;
    for part in parts {
        has_any = true;
        let is_parameter = |character: char| matches!(character, ' '..='?');
        let rest = part.trim_start_matches(is_parameter);
        let mut rest = rest.chars();
        // The last character of the sequence.
        rest.next();
        plain.push_str(rest.as_str());
    }
    has_any.then_some(plain)
}

/// Returns the object in a text that has a quote before it, after it, or both, and a comma at most, and the start of the object.
fn in_quotes(text: &str) -> Option<(usize, &str)> {
    const QUOTES: [char; 3] = ['\'', '"', '`'];
    let line = text.trim_ascii_end();
    let line = line.strip_suffix(',').unwrap_or(line);
    let start = usize::from(line.starts_with(QUOTES));
    let end = line.len() - usize::from(line.ends_with(QUOTES));
    let object = line.get(start..end)?;
    let has_quote = object.len() < line.len();
    (has_quote && object.starts_with('{') && object.ends_with('}')).then_some((start, object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_sequences_are_removed() {
        for (text, plain) in [
            ("{\"a\":1}", None),
            ("\u{1b}[32m{\"a\":1}\u{1b}[0m", Some("{\"a\":1}")),
            ("\u{1b}[1;39m{\u{1b}[0m}", Some("{}")),
            ("\u{1b}[38;5;200mé\u{1b}[K", Some("é")),
            ("\u{1b}[", Some("")),
        ] {
            assert_eq!(without_colors(text).as_deref(), plain, "{text:?}");
        }
    }

    #[test]
    fn quotes_are_around_an_object() {
        for (text, expected) in [
            ("'{}'", Some((1, "{}"))),
            ("{}'\n", Some((0, "{}"))),
            ("\"{},\"", None),
            ("`{}`,", Some((1, "{}"))),
            ("{}", None),
            ("{},", None),
            ("'a'", None),
            ("'", None),
        ] {
            assert_eq!(in_quotes(text), expected, "{text}");
        }
    }
}
