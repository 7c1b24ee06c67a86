//! Files whose contents are keys of a ConfigMap or of a Secret: in a volume of a pod, or on a node. If the text contains the object, it has the policy that the flag
//! names, or not.
//!
//! Control planes that run as a Deployment or a StatefulSet of another cluster have their policy in such a volume.

use apiserver_config::paths::components;
use audit_policy::document::{Document, Node, documents};
use audit_types::excerpt::excerpt;
use audit_types::{Severity, Span, spelling};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::objects::{ObjectFile, ObjectVolume};
use crate::parsed_input::ParsedInput;
use crate::pod::text_of;
use crate::recognize::{Recognized, kind::is_list};
use crate::volumes::deepest;

/// Maximum number of documents, and of items of a list, that are searched.
const MAX_OBJECTS: usize = 200;

/// Maximum number of keys that a message lists.
const MAX_KEYS: usize = 3;

/// Maximum edit distance of a key that is suggested.
const MAX_DISTANCE: usize = 4;

/// The policy's file in a volume of an object.
#[derive(Debug, Default)]
pub(crate) struct MountedPolicy {
    /// The policy. Empty if the text does not contain it, or only a template of it.
    pub(crate) text: String,
    pub(crate) finding: Option<LineFinding>,
}

/// Finds the policy that a volume of an object contains at the flag's path. `None` if the path is in no such volume.
pub(crate) fn policy(
    text: &str,
    documents: &Recognized,
    path: &str,
    found: &ParsedInput,
) -> Option<MountedPolicy> {
    let file = found.object_files.iter().find(|file| file.path == path);
    if let Some(file) = file {
        return Some(of_file(text, documents, file));
    }
    let mount = deepest(path, &found.mounts)?;
    let volume = found
        .objects
        .iter()
        .find(|object| object.volume == mount.name)?;
    let rest =
        components(path).split_off(components(&mount.path).len().min(components(path).len()));
    let sub_path = mount
        .sub_path
        .as_deref()
        .map(components)
        .unwrap_or_default();
    let file = [sub_path, rest].concat().join("/");
    if file.contains('$') {
        return Some(MountedPolicy::default());
    }
    let Some((span, keys)) = object(text, volume.kind, &volume.name) else {
        return Some(MountedPolicy::default());
    };
    let Some(key) = volume.key_of(&file, &keys) else {
        let line = line_of_flag(found).unwrap_or(mount.line);
        return Some(MountedPolicy {
            finding: Some(missing(volume, &file, &keys, line)),
            ..MountedPolicy::default()
        });
    };
    Some(MountedPolicy {
        text: policy_of_key(documents, span, key),
        finding: None,
    })
}

/// Finds the policy in the object that a file is written from.
fn of_file(text: &str, documents: &Recognized, file: &ObjectFile) -> MountedPolicy {
    let Some((span, keys)) = object(text, file.kind, &file.name) else {
        return MountedPolicy::default();
    };
    if !keys.contains(&file.key) {
        let known = keys.iter().take(MAX_KEYS);
        let known: Vec<String> = known.map(|key| format!("`{}`", excerpt(key))).collect();
        return MountedPolicy {
            finding: Some(finding(
                ImportCode::PolicyNotWritten,
                Severity::Error,
                file.line,
                format!(
                    "the policy is written from the key `{}` of the {} `{}`, which has no such key",
                    excerpt(&file.key),
                    file.kind,
                    excerpt(&file.name)
                ),
                match known.is_empty() {
                    true => "add the key with the policy".to_owned(),
                    false => format!("its keys are {}", known.join(", ")),
                },
            )),
            ..MountedPolicy::default()
        };
    }
    MountedPolicy {
        text: policy_of_key(documents, span, &file.key),
        finding: None,
    }
}

/// Returns the policy that is the value of a key of an object in a document. Empty if it is none, or a template.
fn policy_of_key(documents: &Recognized, span: Span, key: &str) -> String {
    let ends = [format!("data.{key}"), format!("stringData.{key}")];
    let policy = documents.policies().find(|(document, policy)| {
        document.span == span
            && policy.template().is_none()
            && ends.iter().any(|end| policy.path.ends_with(end.as_str()))
    });
    policy.map_or(String::new(), |(_, policy)| policy.text.clone())
}

fn line_of_flag(found: &ParsedInput) -> Option<usize> {
    let mut words = found.words.iter().rev();
    let word = words.find(|word| word.text.starts_with("--audit-policy-file"))?;
    Some(word.line)
}

/// Returns the document with an object, and the object's keys.
fn object(text: &str, kind: &str, name: &str) -> Option<(Span, Vec<String>)> {
    let is_it = |root: &Node<'_>| {
        text_of(*root, "kind") == kind
            && root
                .at_path(&["metadata", "name"])
                .and_then(Node::text)
                .is_some_and(|its| its == name)
    };
    documents(text)
        .into_iter()
        .take(MAX_OBJECTS)
        .find_map(|span| {
            let document = Document::read_part(text, span).ok()?;
            let root = document.root()?;
            let items = root.get("items").filter(|_| is_list(root));
            let items = items.into_iter().flat_map(Node::items).take(MAX_OBJECTS);
            let object = std::iter::once(root).chain(items).find(is_it)?;
            let data = ["data", "stringData", "binaryData"];
            let fields = data.iter().filter_map(|name| object.get(name));
            let keys = fields.flat_map(Node::fields);
            Some((span, keys.map(|field| field.name.to_owned()).collect()))
        })
}

/// Reports that the object has no key for the policy's file.
fn missing(volume: &ObjectVolume, file: &str, keys: &[String], line: usize) -> LineFinding {
    let ObjectVolume { kind, name, .. } = volume;
    let names: Vec<&str> = match &volume.items {
        Some(items) => items.iter().map(|(_, path)| path.as_str()).collect(),
        None => keys.iter().map(String::as_str).collect(),
    };
    let known: Vec<String> = names
        .iter()
        .take(MAX_KEYS)
        .map(|name| format!("`{}`", excerpt(name)))
        .collect();
    let near = spelling::nearest(file, names.iter().copied(), MAX_DISTANCE);
    let help = match (near, known.is_empty()) {
        (Some(near), _) => format!("did you mean `{}`?", excerpt(near)),
        (None, false) => format!(
            "the volume has {}: use one of these names in the flag",
            known.join(", ")
        ),
        (None, true) => "the server does not start without the file: add the key".to_owned(),
    };
    finding(
        ImportCode::PolicyNotWritten,
        Severity::Error,
        line,
        format!(
            "the flag names the policy `{}` of the volume `{}`, and the {kind} `{}` gives it no file of this name",
            excerpt(file),
            excerpt(&volume.volume),
            excerpt(name)
        ),
        help,
    )
}
