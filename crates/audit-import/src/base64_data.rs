//! Checks the fields of a kubeconfig file that have the contents of a file in Base64, as Go reads them.

use apiserver_config::placeholder;
use audit_types::excerpt::quote;

/// Problem of a field that is not Base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadData {
    /// The text stands for the contents, which are still missing.
    Placeholder,
    /// The contents themselves.
    Pem,
    /// Any other text, with what is wrong.
    NotBase64(String),
}

/// Checks a text: Base64 of the standard alphabet with padding; line ends are ignored.
pub(crate) fn check(text: &str) -> Result<(), BadData> {
    let trimmed = text.trim();
    if trimmed.starts_with("-----BEGIN ") {
        return Err(BadData::Pem);
    }
    if is_placeholder(trimmed) {
        return Err(BadData::Placeholder);
    }
    let mut letters = 0_usize;
    let mut padding = 0_usize;
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => continue,
            '=' => padding += 1,
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' if padding == 0 => {}
            _ if padding > 0 => {
                return Err(BadData::NotBase64(
                    "it goes on after its end, `=`".to_owned(),
                ));
            }
            ' ' | '\t' => {
                return Err(BadData::NotBase64("it contains white space".to_owned()));
            }
            other => {
                let what = format!("it contains {}", quote(other.encode_utf8(&mut [0; 4])));
                return Err(BadData::NotBase64(what));
            }
        }
        letters += 1;
    }
    if !letters.is_multiple_of(4) || padding > 2 {
        return Err(BadData::NotBase64("its end is missing".to_owned()));
    }
    Ok(())
}

/// Returns whether a text stands for contents: a variable, or a name in capital letters with signs that Base64 does not have.
fn is_placeholder(text: &str) -> bool {
    let is_name = |letter: char| {
        letter.is_ascii_uppercase() || letter.is_ascii_digit() || "-_".contains(letter)
    };
    let is_dots = |letter: char| matches!(letter, '.' | '\u{2026}');
    placeholder(text).is_some()
        || (text.contains(['-', '_']) && text.chars().all(is_name))
        || (!text.is_empty() && text.chars().all(is_dots))
        || text.ends_with("...")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_base64_as_go_reads_it() {
        let not = |what: &str| Err(BadData::NotBase64(what.to_owned()));
        for (text, expected) in [
            ("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==", Ok(())),
            ("", Ok(())),
            ("LS0t\nLS1C\r\n", Ok(())),
            ("DATA+OMITTED", Ok(())),
            ("LS0tLS1", not("its end is missing")),
            ("LS0tLS1CR", not("its end is missing")),
            ("LS0t LS1C", not("it contains white space")),
            ("LS0tLS1CRUd_", not("it contains `_`")),
            ("LS0t==LS", not("it goes on after its end, `=`")),
            ("caf\u{e9}", not("it contains `\u{e9}`")),
            ("/etc/kubernetes/pki/ca.crt", not("it contains `.`")),
            ("-----BEGIN CERTIFICATE-----\nMII\n", Err(BadData::Pem)),
            ("BASE64-OF-CA-CERTIFICATE", Err(BadData::Placeholder)),
            ("<CA>", Err(BadData::Placeholder)),
            ("${CA}", Err(BadData::Placeholder)),
            ("LS0tLS1CRUd...", Err(BadData::Placeholder)),
        ] {
            assert_eq!(check(text), expected, "{text}");
        }
    }
}
