//! Volumes and files whose contents are keys of a ConfigMap or of a Secret.

use apiserver_config::paths::components;
use audit_policy::document::Node;

/// Maximum number of items that are read.
const MAX_ITEMS: usize = 200;

fn text_of(node: Node<'_>, name: &str) -> String {
    let text = node.get(name).and_then(Node::text);
    text.unwrap_or_default().to_owned()
}

/// A volume whose files are the keys of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectVolume {
    /// Name of the volume.
    pub(crate) volume: String,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// Keys with the paths that their files have. `None` for all keys, each with its own name.
    pub(crate) items: Option<Vec<(String, String)>>,
}

impl ObjectVolume {
    /// Reads an item of `volumes`. `None` for a volume of another kind.
    pub(crate) fn read(item: Node<'_>) -> Option<Self> {
        let of = |field, kind, name| Some((item.get(field)?, kind, name));
        let (source, kind, name) = of("configMap", "ConfigMap", "name")
            .or_else(|| of("secret", "Secret", "secretName"))?;
        let items = source.get("items").map(|items| {
            let items = items.items().take(MAX_ITEMS);
            items
                .map(|item| (text_of(item, "key"), text_of(item, "path")))
                .collect()
        });
        Some(Self {
            volume: text_of(item, "name"),
            kind,
            name: text_of(source, name),
            items,
        })
    }

    /// Returns the key whose file has a path in the volume. `None` if there is none among these keys.
    pub(crate) fn key_of<'k>(&'k self, path: &str, keys: &'k [String]) -> Option<&'k str> {
        match &self.items {
            Some(items) => {
                let mut items = items.iter();
                let item = items.find(|(_, its)| components(its) == components(path));
                item.map(|(key, _)| key.as_str())
                    .filter(|key| keys.iter().any(|known| known == key))
            }
            None => keys.iter().map(String::as_str).find(|key| *key == path),
        }
    }
}

/// A file of the node that is written from a key of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectFile {
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) line: usize,
}

impl ObjectFile {
    /// Reads the files of a Cluster API object: `contentFrom` names a key of a Secret.
    pub(crate) fn of_files(files: Node<'_>, line: &impl Fn(Node<'_>) -> usize) -> Vec<Self> {
        let items = files.items().take(MAX_ITEMS);
        items
            .filter_map(|file| {
                let secret = file.at_path(&["contentFrom", "secret"])?;
                Some(Self {
                    path: text_of(file, "path"),
                    kind: "Secret",
                    name: text_of(secret, "name"),
                    key: text_of(secret, "key"),
                    line: line(file),
                })
            })
            .collect()
    }

    /// Reads the files of Rancher's `machineSelectorFiles`: `items` of a Secret or ConfigMap.
    pub(crate) fn of_sources(selected: Node<'_>, line: &impl Fn(Node<'_>) -> usize) -> Vec<Self> {
        let sources = selected
            .items()
            .filter_map(|files| files.get("fileSources"))
            .flat_map(Node::items);
        let objects = sources.flat_map(|source| {
            [("secret", "Secret"), ("configMap", "ConfigMap")]
                .into_iter()
                .filter_map(move |(field, kind)| Some((source.get(field)?, kind)))
        });
        objects
            .flat_map(|(object, kind)| {
                let items = object.get("items").into_iter().flat_map(Node::items);
                items.map(move |item| Self {
                    path: text_of(item, "path"),
                    kind,
                    name: text_of(object, "name"),
                    key: text_of(item, "key"),
                    line: line(item),
                })
            })
            .take(MAX_ITEMS)
            .collect()
    }
}
