//! Paths of the files that an editor's URIs name.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// Returns the path of a `file:` URI of this machine. `None` if it is of another kind, or not a path of the system.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') || path.starts_with("//") {
        return None;
    }
    let path = path.split(['?', '#']).next()?;
    let path: Vec<u8> = percent_decode_str(path).collect();
    if path.contains(&0) {
        return None;
    }
    system_path(path)
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems do not take any bytes"
)]
fn system_path(path: Vec<u8>) -> Option<PathBuf> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    Some(OsString::from_vec(path).into())
}

#[cfg(not(unix))]
fn system_path(path: Vec<u8>) -> Option<PathBuf> {
    let path = String::from_utf8(path).ok()?;
    // `/c:/policies`: a drive has no slash before it.
    let is_drive = path.as_bytes().get(2) == Some(&b':');
    Some(path.get(usize::from(is_drive)..)?.into())
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_path_is_that_of_a_file_uri_of_this_machine() {
        for (uri, path) in [
            (
                "file:///etc/audit-policy.yaml",
                Some("/etc/audit-policy.yaml"),
            ),
            ("file://localhost/a%20b/%C3%A4.yaml", Some("/a b/ä.yaml")),
            ("file:///a%2Fb%25.yaml?x#y", Some("/a/b%.yaml")),
            ("file://host/share/p.yaml", None),
            ("file:////host/share/p.yaml", None),
            ("file:///a%00b", None),
            ("untitled:Untitled-1", None),
            ("p.yaml", None),
            ("", None),
        ] {
            assert_eq!(path_of(uri).as_deref(), path.map(Path::new), "{uri}");
        }
    }
}
