//! Lines of the Prometheus text format and of OpenMetrics.
//!
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/> and <https://prometheus.io/docs/specs/om/open_metrics_spec/>.

use std::borrow::Cow;

/// A sample: one line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample<'t> {
    pub(super) name: &'t str,
    /// The labels as written, without braces.
    pub(super) labels: &'t str,
    pub(super) value: f64,
    /// Seconds since 1970.
    pub(super) time: Option<f64>,
}

/// Times from this number on are milliseconds, as in the Prometheus text format; OpenMetrics has seconds.
const MIN_MILLISECONDS: f64 = 1e11;

/// Parses a line. `None` for comments and blank lines.
pub(super) fn parse(line: &str) -> Result<Option<Sample<'_>>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let name_end = line
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(line.len());
    let (name, rest) = line.split_at(name_end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it does not start with the name of a metric");
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => {
            let end = labels_end(rest).ok_or("the labels have no end")?;
            let (labels, rest) = rest.split_at(end);
            (labels, rest.get(1..).unwrap_or_default())
        }
        None => ("", rest),
    };
    if !rest.is_empty()
        && labels.is_empty()
        && !rest.starts_with(char::is_whitespace)
        && !line.contains('{')
    {
        return Err("there is no space after the name of the metric");
    }
    let mut words = rest.split_whitespace();
    let value = words.next().ok_or("there is no value")?;
    let value = number(value).ok_or("the value is not a number")?;
    // An exemplar of OpenMetrics follows `#`.
    let time = match words.next() {
        None | Some("#") => None,
        Some(word) => Some(number(word).ok_or("the time is not a number")?),
    };
    let seconds = |time: f64| {
        if time.abs() >= MIN_MILLISECONDS {
            time / 1000.0
        } else {
            time
        }
    };
    Ok(Some(Sample {
        name,
        labels,
        value,
        time: time.map(seconds).filter(|time| time.is_finite()),
    }))
}

/// Parses a number as Go does: `+Inf` and `NaN` in any case.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Returns the offset of the closing brace.
fn labels_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'}' if !quoted => return Some(offset),
            _ => {}
        }
    }
    None
}

/// Iterates over the labels of a sample. Stops at the first that is malformed.
pub(super) fn labels(text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let trimmed = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
        let (name, after) = trimmed.split_once('=')?;
        let after = after.trim_start().strip_prefix('"')?;
        let end = value_end(after)?;
        let (value, after) = after.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        Some((name.trim().trim_matches('"'), unescaped(value)))
    })
}

fn value_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(offset),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some(escaped) => out.push(escaped),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_have_a_name_labels_a_value_and_perhaps_a_time() {
        let sample = |name, labels, value, time| {
            Ok(Some(Sample {
                name,
                labels,
                value,
                time,
            }))
        };
        for (line, expected) in [
            ("up 1", sample("up", "", 1.0, None)),
            ("up\t1", sample("up", "", 1.0, None)),
            (
                "a_total{b=\"c\"} 1.5e+06",
                sample("a_total", "b=\"c\"", 1.5e6, None),
            ),
            ("a{b=\"}\\\"}\"} 2", sample("a", "b=\"}\\\"}\"", 2.0, None)),
            ("a{} +Inf", sample("a", "", f64::INFINITY, None)),
            // Milliseconds, and OpenMetrics' seconds.
            (
                "a 1 1700000000123",
                sample("a", "", 1.0, Some(1_700_000_000.123)),
            ),
            (
                "a 1 1700000000.5",
                sample("a", "", 1.0, Some(1_700_000_000.5)),
            ),
            (
                "a{b=\"c\"} 1 # {trace_id=\"x\"} 0.5 1700000000",
                sample("a", "b=\"c\"", 1.0, None),
            ),
            ("# HELP a b", Ok(None)),
            ("# EOF", Ok(None)),
            ("", Ok(None)),
            ("a{b=\"c\" 1", Err("the labels have no end")),
            ("a{b=\"c\"}", Err("there is no value")),
            ("a b", Err("the value is not a number")),
            (
                "{\"a\":1}",
                Err("it does not start with the name of a metric"),
            ),
        ] {
            assert_eq!(parse(line), expected, "{line}");
        }
    }

    #[test]
    fn labels_are_unescaped() {
        let all: Vec<(&str, Cow<'_, str>)> =
            labels(r#"a="x\"y\\z\n", b = "2","c"="",broken"#).collect();
        assert_eq!(
            all,
            [
                ("a", "x\"y\\z\n".into()),
                ("b", "2".into()),
                ("c", "".into())
            ]
        );
    }
}
