//! Names of flags where texts spell them as fields.

/// Starts of the names of the server's audit flags.
const STARTS: [&str; 4] = [
    "audit-log-",
    "audit-policy-file",
    "audit-webhook-",
    "audit-dynamic-",
];

/// Returns whether a line names an audit flag anywhere.
pub(crate) fn is_named_in(line: &str) -> bool {
    STARTS.iter().any(|start| line.contains(start))
}

/// Returns whether a text starts with the name of an audit flag.
pub(crate) fn starts(text: &str) -> bool {
    STARTS.iter().any(|start| text.starts_with(start))
}

/// Returns whether a field can be a flag of the server. Others, such as `audit-policy.yaml`, are keys of a ConfigMap or names of volumes.
pub(crate) fn is_flag_name(field: &str) -> bool {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    field.chars().all(is_name) && starts(field)
}
