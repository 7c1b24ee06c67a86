//! Recognizes lines and records of other logs, so that their message says what they are and what to do.

use crate::unrecognized::UnrecognizedKind;

/// Methods of requests in access logs.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Priorities of Falco's rules.
const PRIORITIES: [&str; 8] = [
    "Emergency",
    "Alert",
    "Critical",
    "Error",
    "Warning",
    "Notice",
    "Informational",
    "Debug",
];

/// Fields at the top of an entry of Google Cloud.
const GOOGLE: [&str; 4] = [
    "insertId: ",
    "protoPayload:",
    "logName: projects/",
    "jsonPayload:",
];

/// Length of the shortest text that is taken for Base64.
const MIN_ENCODED: usize = 24;

/// Base64 of the first bytes of gzip, zstd, and an object, with which data is Base64 even if it is damaged.
const ENCODED_STARTS: [&str; 3] = ["H4sI", "KLUv/", "eyJ"];

/// Returns the kind of a line of text. `None` if it is of no known kind.
pub(crate) fn of_text(line: &str) -> Option<UnrecognizedKind> {
    if line.starts_with("{'") && line.contains("': ") {
        return Some(UnrecognizedKind::PythonDictionary);
    }
    if is_access(line) {
        return Some(UnrecognizedKind::AccessLog);
    }
    if is_falco(line) {
        return Some(UnrecognizedKind::Falco);
    }
    let is_google = GOOGLE.iter().any(|field| line.starts_with(field));
    is_google.then_some(UnrecognizedKind::GoogleYaml)
}

/// Returns whether a line contains the first line of an HTTP request in quotes.
fn is_access(line: &str) -> bool {
    !line.starts_with('{')
        && line.split('"').skip(1).take(8).any(|part| {
            let mut words = part.split(' ');
            words.next().is_some_and(|method| METHODS.contains(&method))
                && words
                    .nth(1)
                    .is_some_and(|protocol| protocol.starts_with("HTTP/"))
        })
}

/// Returns whether a line is an alert of Falco: a time of day and a priority.
fn is_falco(line: &str) -> bool {
    let Some((time, text)) = line.split_once(": ") else {
        return false;
    };
    let is_of_time = |byte: u8| byte.is_ascii_digit() || byte == b':' || byte == b'.';
    let word = text.split(' ').next().unwrap_or_default();
    time.len() > 8
        && time.as_bytes().get(8) == Some(&b'.')
        && time.bytes().all(is_of_time)
        && PRIORITIES.contains(&word)
}

/// Returns whether the JSON spelling of a value is a string in Base64.
pub(crate) fn is_encoded(member: &str) -> bool {
    let text = member
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let is_of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\\n".contains(&byte);
    text.is_some_and(|text| {
        text.len() >= MIN_ENCODED
            && (ENCODED_STARTS.iter().any(|start| text.starts_with(start))
                || text.bytes().all(is_of_base64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_other_logs_are_recognized() {
        use UnrecognizedKind::{AccessLog, Falco, GoogleYaml, PythonDictionary};
        for (line, expected) in [
            (
                "192.0.2.1 - - [01/Jan/2025:00:00:00 +0000] \"GET /api HTTP/1.1\" 200 5 \"-\" \"curl\"",
                Some(AccessLog),
            ),
            (
                "[2025-01-01T00:00:00.000Z] \"POST /x HTTP/2\" 201 - 12",
                Some(AccessLog),
            ),
            (
                "{'kind': 'Event', 'level': 'Metadata'}",
                Some(PythonDictionary),
            ),
            ("00:00:00.123456789: Warning A rule (user=ann)", Some(Falco)),
            ("insertId: abc", Some(GoogleYaml)),
            ("protoPayload:", Some(GoogleYaml)),
            ("{\"a\": \"GET /x HTTP/1.1\"}", None),
            ("a \"GET\" b", None),
            ("00:00:00: Warning A rule", None),
            ("Dear all, it's \"late\".", None),
        ] {
            assert_eq!(of_text(line), expected, "{line}");
        }
    }

    #[test]
    fn base64_is_a_string_of_its_letters() {
        for (member, expected) in [
            ("\"H4sIAAAAAAAAADWOwQrCMBBEfyXs\"", true),
            ("\"H4sIAAAAAAAAADWOw!rCMBBEfyXs\"", true),
            ("\"YQ==\"", false),
            ("\"a text that is longer, with spaces\"", false),
            ("{\"a\": 1}", false),
        ] {
            assert_eq!(is_encoded(member), expected, "{member}");
        }
    }
}
