//! RFC 3339 times, as Go's `time.Parse` parses them and the server prints them: in UTC, in whole seconds.

use audit_types::KubernetesVersion;
use audit_types::time::{days, write_rfc_3339};
use kube_yaml::go_time::{self, ParseTimeError};

/// Parses a time and returns it as the server prints it; `None` for Go's zero time. The error is that of Go.
pub(super) fn parse(
    text: &str,
    version: KubernetesVersion,
) -> Result<Option<String>, ParseTimeError> {
    let time = go_time::parse(go_time::RFC_3339, text, version)?;
    let midnight = days(time.year, time.month, time.day) * 86_400;
    let of_day = time.hour * 3_600 + time.minute * 60 + time.second;
    let seconds = midnight + of_day - time.offset;
    let is_zero = seconds == days(1, 1, 1) * 86_400 && !time.has_fraction;
    Ok((!is_zero).then(|| {
        let mut text = String::new();
        write_rfc_3339(seconds, &mut text);
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_utc_in_seconds() {
        for (text, utc) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2024-02-29T23:30:00.123-01:00", "2024-03-01T00:30:00Z"),
            ("1970-01-01T00:30:00+01:00", "1969-12-31T23:30:00Z"),
            ("2000-12-31T00:00:00Z", "2000-12-31T00:00:00Z"),
            // An hour may have one digit, to Go.
            ("2000-12-31T1:02:03Z", "2000-12-31T01:02:03Z"),
        ] {
            let parsed = parse(text, KubernetesVersion::NEWEST);
            assert_eq!(parsed, Ok(Some(utc.to_owned())));
        }
    }

    #[test]
    fn the_zero_time_is_that_very_moment() {
        for (text, is_zero) in [
            ("0001-01-01T00:00:00Z", true),
            ("0001-01-01T01:30:00+01:30", true),
            ("0001-01-01T00:00:00.0000000001Z", true),
            ("0001-01-01T00:00:00.000000001Z", false),
            ("0001-01-01T00:00:01Z", false),
        ] {
            let parsed = parse(text, KubernetesVersion::NEWEST).unwrap();
            assert_eq!(parsed.is_none(), is_zero, "{text}");
        }
    }

    #[test]
    fn other_texts_are_rejected_with_gos_message() {
        for (text, error) in [
            (
                "x",
                r#"parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006""#,
            ),
            (
                "2026-13-01T00:00:00Z",
                r#"parsing time "2026-13-01T00:00:00Z": month out of range"#,
            ),
            (
                "2026-02-30T00:00:00Z",
                r#"parsing time "2026-02-30T00:00:00Z": day out of range"#,
            ),
            (
                "é\u{7f}",
                "parsing time \"\\xc3\\xa9\u{7f}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\\xc3\\xa9\u{7f}\" as \"2006\"",
            ),
            (
                "2026-02-03",
                r#"parsing time "2026-02-03" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T""#,
            ),
        ] {
            assert_eq!(
                parse(text, KubernetesVersion::NEWEST)
                    .unwrap_err()
                    .to_string(),
                error
            );
        }
    }
}
