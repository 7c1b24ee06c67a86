//! Contents of a file whose object names another encoding.

use audit_policy::document::Node;

use crate::recognize::base64::{MAGIC, binary, bytes, unpack};
use crate::recognize::owner::Owner;

/// A difference between the contents of a file and the encoding that its object names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mismatch {
    /// The contents are compressed, and are written to the file as they are.
    Compressed,
    /// The contents are the Base64 of a policy, and are written to the file as they are.
    Encoded,
}

/// Returns the difference between a policy's contents and the encoding that cloud-init and Cluster API read. `None` if they agree, or if the
/// contents are not a policy.
pub(super) fn mismatch(
    node: Node<'_>,
    owner: &Owner,
    is_policy: fn(&str) -> bool,
) -> Option<Mismatch> {
    let tagged = binary(node);
    let is_tagged = tagged.is_some();
    if owner.is_compressed || (owner.is_base64 && is_tagged) {
        return None;
    }
    let encoded = tagged.unwrap_or_else(|| node.text().unwrap_or_default().to_owned());
    let raw = bytes(&encoded).ok()?;
    let is_compressed = raw.starts_with(&MAGIC);
    unpack(raw).ok().filter(|text| is_policy(text))?;
    match (is_compressed, owner.is_base64 || is_tagged) {
        (true, _) => Some(Mismatch::Compressed),
        (false, false) => Some(Mismatch::Encoded),
        (false, true) => None,
    }
}
