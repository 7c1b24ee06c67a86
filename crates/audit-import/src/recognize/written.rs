//! The policy's path in flags, the files that a document writes, and whether the two agree.

use std::collections::HashMap;

use apiserver_config::paths::components;
use audit_policy::document::{Kind, Node};
use audit_types::excerpt::excerpt;
use audit_types::{Diagnostic, Document, Severity, Span, spelling};

use super::source_map::SourceMap;
use crate::codes::ImportCode;
use crate::flag_lines;
use crate::pod;
use crate::shell_words::Language;
use crate::unfold::without_nodes;

/// Name of the flag, in the spelling of `name` and `value`.
const FLAG: &str = "audit-policy-file";

/// A file of the server that a flag names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerFile {
    Policy,
    Webhook,
}

impl ServerFile {
    const fn flag(self) -> &'static str {
        match self {
            Self::Policy => FLAG,
            Self::Webhook => "audit-webhook-config-file",
        }
    }

    /// Returns the label of the place where the file is written.
    const fn label(self) -> &'static str {
        match self {
            Self::Policy => "the policy's file",
            Self::Webhook => "the file of the webhook configuration",
        }
    }

    /// Returns what the file is, as messages have it.
    const fn title(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Webhook => "webhook configuration",
        }
    }
}

/// Maximum edit distance of a path that is suggested.
const MAX_DISTANCE: usize = 3;

/// Maximum length of a path that is compared.
const MAX_PATH: usize = 1 << 10;

/// The policy's path where a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReference {
    /// The path.
    pub path: String,
    /// Bytes of the outer text that contain it.
    pub span: Span,
}

/// A file that a document writes to the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenFile {
    pub(super) path: String,
    pub(super) span: Span,
}

/// A path of the node in the server's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileMount {
    /// Path on the node. Empty for a volume of another kind.
    host: String,
    mount: String,
}

/// Maximum number of volumes and mounts of a pod that are read.
const MAX_MOUNTS: usize = 1_000;

impl FileMount {
    /// Reads the mounts that an object describes.
    pub(super) fn read(node: Node<'_>) -> Vec<Self> {
        let text = |name: &str| node.get(name).and_then(Node::text);
        let mount = text("mountPath").or_else(|| text("containerPath"));
        let one = text("hostPath").zip(mount);
        let map = node.get("extraMounts").into_iter().flat_map(Node::fields);
        let of_map = map.filter_map(|field| Some((field.name, field.value.text()?)));
        let mut mounts: Vec<Self> = one
            .into_iter()
            .chain(of_map)
            .map(|(host, mount)| Self {
                host: host.to_owned(),
                mount: mount.to_owned(),
            })
            .collect();
        mounts.extend(Self::of_pod(node));
        mounts
    }

    /// Reads the mounts of the server's container in an object with containers and volumes.
    fn of_pod(spec: Node<'_>) -> Vec<Self> {
        let (Some(_), Some(list)) = (spec.get("containers"), spec.get("volumes")) else {
            return Vec::new();
        };
        let volumes: HashMap<&str, Node<'_>> = list
            .items()
            .take(MAX_MOUNTS)
            .filter_map(|volume| Some((volume.get("name")?.text()?, volume)))
            .collect();
        let Some(server) = pod::server(spec) else {
            return Vec::new();
        };
        let mounts = server.container.get("volumeMounts").into_iter();
        let mounts = mounts.flat_map(Node::items).take(MAX_MOUNTS);
        mounts
            .filter_map(|mount| {
                let text = |name: &str| mount.get(name).and_then(Node::text);
                let volume = volumes.get(text("name")?)?;
                let host = volume.at_path(&["hostPath", "path"]).and_then(Node::text);
                let host = match (host, text("subPath")) {
                    (Some(host), Some(sub_path)) => format!("{host}/{sub_path}"),
                    (host, _) => host.unwrap_or_default().to_owned(),
                };
                Some(Self {
                    host,
                    mount: text("mountPath")?.to_owned(),
                })
            })
            .collect()
    }

    /// Returns whether a path of the container is in a volume that is not a path of the node.
    fn is_elsewhere(&self, path: &str) -> bool {
        self.host.is_empty() && components(path).starts_with(&components(&self.mount))
    }

    /// Returns the path on the node of a path in the container.
    fn on_node(&self, path: &str) -> Option<Vec<String>> {
        if self.host.is_empty() {
            return None;
        }
        let (mount, path) = (components(&self.mount), components(path));
        let rest = path.strip_prefix(mount.as_slice())?;
        let host = components(&self.host);
        Some(
            host.iter()
                .chain(rest)
                .map(|part| (*part).to_owned())
                .collect(),
        )
    }
}

/// Returns whether a field is the flag with a file's path, in any spelling: `auditPolicyFile`, `audit_policy_file`.
fn is_flag(name: &str, of: ServerFile) -> bool {
    letters(name).eq(letters(of.flag()))
}

/// Returns the letters of a name in lower case, without the signs between its words.
fn letters(name: &str) -> impl Iterator<Item = u8> {
    let letters = name
        .bytes()
        .filter(|byte| !matches!(byte, b'-' | b'_' | b'.'));
    letters.map(|byte| byte.to_ascii_lowercase())
}

impl PolicyReference {
    /// Reads the paths that an object names.
    pub(super) fn read(node: Node<'_>, map: &SourceMap, of: ServerFile) -> Vec<Self> {
        let of_name = node
            .get("name")
            .and_then(Node::text)
            .filter(|name| name.trim_start_matches('-') == of.flag())
            .and_then(|_| node.get("value"));
        let of_fields = node
            .fields()
            .filter(|field| is_flag(field.name, of))
            .map(|field| field.value);
        of_name
            .into_iter()
            .chain(of_fields)
            .flat_map(|value| {
                // k0s and Talos accept a list of values.
                let first = (value.kind() == Kind::List).then(|| value.items().last());
                first.flatten().or(Some(value))
            })
            .filter_map(|value| Self::new(value.text()?, map.span(value.span())))
            .collect()
    }

    /// Reads the paths in a text, as `import` reads its flags.
    pub(super) fn in_text(language: Language, text: &str, map: &SourceMap) -> Vec<Self> {
        if !text.contains(FLAG) {
            return Vec::new();
        }
        let words = flag_lines::words(language, text, &mut Vec::new());
        let mut words = words.iter().peekable();
        let mut paths: Vec<(usize, &str)> = Vec::new();
        while let Some(word) = words.next() {
            let bare = word.text.trim_start_matches('-');
            let has_dashes = bare.len() < word.text.len();
            match (bare.strip_prefix(FLAG), words.peek()) {
                (Some(""), Some(next)) if has_dashes => paths.push((next.line, &next.text)),
                (Some(rest), _) => {
                    let path = rest.strip_prefix('=');
                    paths.extend(path.map(|path| (word.line, path)));
                }
                _ => {}
            }
        }
        paths.truncate(MAX_REFERENCES);
        places(text, &paths)
            .into_iter()
            .filter_map(|(path, place)| Self::new(path, map.span(place)))
            .collect()
    }

    /// Creates a reference. `None` if the path is not one as it stands, such as with variables.
    fn new(path: &str, span: Span) -> Option<Self> {
        let path = without_nodes(path);
        let is_literal = !path.contains(['$', '{', '<', '%', '*']);
        (path.starts_with('/') && is_literal && path.len() <= MAX_PATH).then(|| Self {
            path: path.to_owned(),
            span,
        })
    }
}

/// Returns paths with their places, each on its line of a text or, if it is written in another way there, the whole line.
fn places<'p>(text: &str, paths: &[(usize, &'p str)]) -> Vec<(&'p str, Span)> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut rest = paths.iter().peekable();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let mut at = 0;
        while let Some((_, path)) = rest.next_if(|(number, _)| *number == index + 1) {
            let place = line.get(at..).and_then(|after| after.find(path));
            let place = match place.filter(|_| !path.is_empty()) {
                Some(place) => Span::new(at + place, at + place + path.len()),
                None => Span::new(0, line.trim_end().len()),
            };
            at = place.end;
            found.push((*path, Span::new(start + place.start, start + place.end)));
        }
        start += line.len();
    }
    found
}

/// Maximum number of paths that are read from a text.
const MAX_REFERENCES: usize = 100;

/// Reports files that a document writes to another path than the flag names. `written` are the paths of all files of that kind.
pub(super) fn check(
    source: &str,
    of: ServerFile,
    written: &[&str],
    references: &[&PolicyReference],
    files: &[&WrittenFile],
    mounts: &[&FileMount],
) -> Vec<Diagnostic> {
    // A path that stands elsewhere too is used by something that is not understood here, such as a script that moves the file.
    let is_used_elsewhere = |path: &&str| {
        let references = references.iter().filter(|one| one.path == *path).count();
        let of_mounts = mounts.iter().flat_map(|mount| [&mount.host, &mount.mount]);
        let known = 1 + references + of_mounts.filter(|one| *one == path).count();
        source.matches(path).nth(known).is_some()
    };
    if written.is_empty() || written.len() > MAX_REFERENCES || written.iter().any(is_used_elsewhere)
    {
        return Vec::new();
    }
    let mut findings: Vec<Diagnostic> = Vec::new();
    let is_elsewhere = |reference: &&&PolicyReference| {
        let mut mounts = mounts.iter().take(MAX_REFERENCES);
        mounts.any(|mount| mount.is_elsewhere(&reference.path))
    };
    let references_on_node = references.iter().take(MAX_REFERENCES);
    for reference in references_on_node.filter(|reference| !is_elsewhere(reference)) {
        let mut places: Vec<Vec<String>> = mounts
            .iter()
            .take(MAX_REFERENCES)
            .filter_map(|mount| mount.on_node(&reference.path))
            .collect();
        // Without a mount, the server sees the files of the node.
        if places.is_empty() {
            let own = components(&reference.path).into_iter();
            places.push(own.map(str::to_owned).collect());
        }
        let is_written = files.iter().any(|file| {
            let file = components(&file.path);
            places.iter().any(|place| {
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                place.starts_with(&file)
            })
        });
        let is_known = findings
            .iter()
            .any(|known| known.span() == Some(reference.span));
        if !is_written && !is_known {
            let on_node: Vec<String> = places
                .iter()
                .map(|place| format!("/{}", place.join("/")))
                .collect();
            findings.extend(not_written(reference, of, &on_node, written, files));
        }
    }
    findings
}

/// The file that a document writes whose path is nearest to that of a reference.
struct Nearest<'a> {
    /// Path of the file.
    path: &'a str,
    /// Path of the reference on the node.
    place: &'a str,
    /// The file has the path in the container instead of that on the node.
    is_inner: bool,
    /// The file is probably the one that is meant.
    is_near: bool,
}

impl Nearest<'_> {
    /// Returns the message and the help about a reference to a file that is not written.
    fn describe(&self, reference: &PolicyReference, what: &str) -> (String, String) {
        let is_mounted = components(self.place) != components(&reference.path);
        let help = match (self.is_near, is_mounted) {
            (true, false) => format!("did you mean `{}`?", excerpt(self.path)),
            (true, true) if self.is_inner => format!(
                "write the {what} to `{}`, or mount the file that it is written to",
                excerpt(self.place)
            ),
            (true, true) => format!(
                "on the node, the flag's path is `{}`: use the same name in both places",
                excerpt(self.place)
            ),
            (false, _) => format!(
                "the server does not start without the file: write it, or use `{}`",
                excerpt(self.path)
            ),
        };
        let message = if self.is_inner {
            format!(
                "the {what} is written to `{}`, the path in the container; on the node, that is the file `{}`, which this document does not write",
                excerpt(self.path),
                excerpt(self.place)
            )
        } else {
            format!(
                "the flag names the {what} `{}`, which is not among the files that this document writes; the {what} is written to `{}`",
                excerpt(&reference.path),
                excerpt(self.path)
            )
        };
        (message, help)
    }
}

/// Reports a path that no file has. `on_node` are the paths that it can have on the node.
fn not_written(
    reference: &PolicyReference,
    of: ServerFile,
    on_node: &[String],
    written: &[&str],
    files: &[&WrittenFile],
) -> Option<Diagnostic> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let pairs = written
        .iter()
        .filter(|path| path.len() <= MAX_PATH)
        .flat_map(|path| on_node.iter().map(move |place| (*path, place.as_str())));
    let (distance, (path, place)) = pairs
        .map(|(path, place)| (spelling::distance(path, place), (path, place)))
        .min()?;
    // The path in the container instead of that on the node.
    let is_inner = components(path) == components(&reference.path);
    let is_near = distance <= MAX_DISTANCE || name(path) == name(place) || is_inner;
    // Other programs have kubeconfig files, too.
    let is_certain = of == ServerFile::Policy || distance <= MAX_DISTANCE || is_inner;
    if !is_certain {
        return None;
    }
    let nearest = Nearest {
        path,
        place,
        is_inner,
        is_near,
    };
    let (message, help) = nearest.describe(reference, of.title());
    let severity = if is_near {
        Severity::Error
    } else {
        Severity::Warning
    };
    let code = audit_types::Code::id(ImportCode::PolicyNotWritten);
    let mut finding = Diagnostic::new(code, severity, message)
        .with_help(help)
        .labeled(Document::Manifest, reference.span);
    if let Some(file) = files.iter().find(|file| file.path == path) {
        finding = finding.related(Document::Manifest, file.span, of.label());
    }
    Some(finding)
}
