//! The object around a text: the file that it describes, and the encoding of its contents.

use audit_policy::document::{Kind, Node};

use crate::input_format::InputFormat;

/// Directory of file assets of kOps that name no path; from kOps' documentation of `fileAssets`.
const KOPS_ASSETS: &str = "/srv/kubernetes/assets";

/// Fields with the path of a file.
const PATHS: [&str; 7] = [
    "path",
    "filename",
    "dest",
    "destination",
    "dst",
    "target",
    "filePath",
];

/// Fields with the contents of a file, or with the place of them.
const CONTENTS: [&str; 7] = [
    "content",
    "contents",
    "contentFrom",
    "data",
    "inline",
    "source",
    "src",
];

/// Description of the object around a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Owner {
    /// Path of the file that the object describes.
    pub(super) file: Option<String>,
    /// `true` if the object itself describes the file, not one in it.
    pub(super) writes_file: bool,
    /// `true` if the contents are encoded.
    pub(super) is_base64: bool,
    /// `true` if the object says that the contents are compressed.
    pub(super) is_compressed: bool,
    /// `true` if the object says that `content` is encoded.
    has_encoded_content: bool,
}

impl Owner {
    /// Creates the owner of the text of a file.
    pub(super) fn of_file(file: Option<String>) -> Self {
        Self {
            file,
            ..Self::default()
        }
    }

    /// Returns the description of an object inside another one.
    pub(super) fn of(node: Node<'_>, outer: &Self, format: InputFormat) -> Self {
        let text = |name: &&str| node.get(name).and_then(Node::text);
        let has_contents = CONTENTS.iter().any(|name| node.field(name).is_some());
        let mut file = PATHS
            .iter()
            .find_map(text)
            .filter(|path| has_contents && !path.is_empty())
            .map(str::to_owned);
        if node.field("dstDir").is_some() && has_contents {
            file = uploaded(node, file.as_deref()).or(file);
        }
        if file.is_none()
            && format == InputFormat::Kops
            && node.field("content").is_some()
            && let Some(name) = text(&"name")
        {
            file = Some(format!("{KOPS_ASSETS}/{name}"));
        }
        let encoding = text(&"encoding").unwrap_or_default().to_ascii_lowercase();
        let is_base64 = ["b64", "base64"].iter().any(|name| encoding.contains(name))
            || node.get("isBase64").is_some_and(Node::is_true);
        Self {
            writes_file: file.is_some(),
            file: file.or_else(|| outer.file.clone()),
            has_encoded_content: is_base64,
            is_compressed: encoding.contains("gz"),
            is_base64: outer.is_base64,
        }
    }

    /// Returns the description for a field of the object.
    pub(super) fn of_field(&self, node: Node<'_>, name: &str) -> Self {
        let is_secret = node.get("kind").and_then(Node::text) == Some("Secret");
        let is_data = name == "binaryData" || (name == "data" && is_secret);
        let is_map = node
            .get(name)
            .is_some_and(|data| data.kind() == Kind::Object);
        let is_content = matches!(name, "content" | "contents");
        Self {
            is_base64: self.is_base64
                || (is_data && is_map)
                || (is_content && self.has_encoded_content),
            writes_file: false,
            ..self.clone()
        }
    }
}

/// Returns the path of a file that k0sctl uploads into a directory: its name is that of the source unless it has one of its own.
fn uploaded(node: Node<'_>, name: Option<&str>) -> Option<String> {
    let text = |name: &str| node.get(name).and_then(Node::text);
    let directory = text("dstDir")?.trim_end_matches('/');
    let of_source = || text("src")?.rsplit('/').next();
    let name = name.or_else(of_source).or_else(|| text("name"))?;
    // Names with a pattern are those of the files that it selects.
    if name.starts_with('/') || name.is_empty() {
        return None;
    }
    Some(match name.contains(['*', '?', '[']) {
        true => directory.to_owned(),
        false => format!("{directory}/{name}"),
    })
}
