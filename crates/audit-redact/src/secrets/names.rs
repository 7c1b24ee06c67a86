//! Names of fields, flags and variables that hold credentials.

/// Ends of names, without case and separators, that say that the value is a credential.
const ENDS: [&str; 15] = [
    "accesskey",
    "accesskeysecret",
    "apikey",
    "authtoken",
    "clientsecret",
    "credentials",
    "encryptionkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secretaccesskey",
    "secretkey",
    "token",
];

/// Names of fields that end like that of a credential and have another meaning.
const OTHERS: [&str; 2] = ["continuetoken", "oldpwd"];

/// Returns true if the name says that its value is a credential, and the value may be one.
pub(super) fn is_credential(name: &str, value: &str) -> bool {
    names_credential(name) && is_given(value)
}

/// Returns true if a name says that its value is a credential.
pub(super) fn names_credential(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    !OTHERS.contains(&plain.as_str()) && ENDS.iter().any(|end| plain.ends_with(end))
}

/// Returns true if a value is not a reference to another place, and not hidden or a word for yes or no.
pub(super) fn is_given(value: &str) -> bool {
    const WORDS: [&str; 6] = ["true", "false", "none", "null", "yes", "no"];
    let value = value.trim_matches(['"', '\'']);
    let is_hidden = value
        .bytes()
        .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'));
    let is_reference = value.starts_with(['$', '<', '%', '/', '@']) || value.contains("{{");
    !value.is_empty() && !is_hidden && !is_reference && !WORDS.contains(&value)
}
