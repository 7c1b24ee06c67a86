//! Names of flags where texts spell them as fields.

/// Starts of the names of the server's audit flags.
const STARTS: [&str; 4] = [
    "audit-log-",
    "audit-policy-file",
    "audit-webhook-",
    "audit-dynamic-",
];

/// Returns whether a field can be a flag of the server. Others, such as `audit-policy.yaml`, are keys of a ConfigMap or names of volumes.
pub(crate) fn is_flag_name(field: &str) -> bool {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    field.chars().all(is_name) && STARTS.iter().any(|start| field.starts_with(start))
}
