//! Files of a Talos machine configuration that Talos does not create.
//!
//! From Talos' source (`writeUserFiles`): `create` is an error outside of `/var`, except for the directory of static pods of older versions and for the
//! part of the configuration of CRI. The node stops booting with it.

use apiserver_config::paths::components;
use audit_policy::document::Node;
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::parsed_input::{Lines, ParsedInput, scalar};

/// Paths outside of `/var` that Talos creates.
const CREATED: [&[&str]; 2] = [
    &["etc", "cri", "conf.d", "20-customization.part"],
    &["etc", "kubernetes", "manifests"],
];

/// Maximum number of files that are read.
const MAX_FILES: usize = 1_000;

/// Reports files that Talos rejects when the node boots.
pub(crate) fn check(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let files = root.at_path(&["machine", "files"]).into_iter();
    for file in files.flat_map(Node::items).take(MAX_FILES) {
        let is_created = file.get("op").is_some_and(|op| scalar(op) == "create");
        let Some(path) = file.get("path").filter(|_| is_created) else {
            continue;
        };
        let name = scalar(path);
        let parts = components(name);
        let is_allowed = parts.first() == Some(&"var")
            || CREATED.iter().any(|known| parts.starts_with(known))
            || apiserver_config::placeholder(name).is_some();
        if !is_allowed {
            found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                lines.of(path),
                format!(
                    "Talos does not create `{}`: `op: create` is for files below `/var` only",
                    excerpt(name)
                ),
                "the node does not boot with it: write the file below `/var`, and mount it from there; `cluster.apiServer.auditPolicy` takes a policy without a file",
            );
        }
    }
}
