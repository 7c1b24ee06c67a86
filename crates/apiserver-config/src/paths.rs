//! Paths by their components.

/// Splits a path into its components: both `/a//b/` and `/a/./b` are `a` and `b`.
pub fn components(path: &str) -> Vec<&str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

/// Returns whether an absolute path is in a directory or is that directory.
pub(crate) fn is_within(path: &str, directory: &str) -> bool {
    path.starts_with('/') && components(path).starts_with(&components(directory))
}
