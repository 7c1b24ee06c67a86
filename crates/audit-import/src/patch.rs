//! Settings into the reader's own manifest: everything that is not about auditing stays as it is, byte for byte.

mod fields;
mod flags;
mod list;
mod mounts;
mod sheet;

use std::fmt;

use audit_policy::document::{Document, Node, documents};
use audit_policy::{Severity, Span};
use audit_text::diff::unified;

use crate::found::Lines;
use crate::pod::{Server, server};
use crate::{ImportFinding, MAX_TEXT_BYTES, import, shown};
use apiserver_config::Settings;
use sheet::Sheet;

/// A manifest with the settings in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// The manifest.
    pub text: String,
    /// What it was before.
    pub before: String,
}

impl Patched {
    /// The changes as `diff -u` writes them, of a file of that name; nothing where nothing changed. `patch -p0` applies them.
    pub fn diff(&self, name: &str) -> String {
        unified(&self.before, &self.text, name)
    }
}

/// Why a manifest cannot be patched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchError {
    /// The line, from 1, where there is one to name.
    pub line: Option<usize>,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for PatchError {}

impl PatchError {
    fn new(line: Option<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
            help: help.into(),
        }
    }
}

/// A readable manifest.
#[derive(Clone, Copy)]
struct Manifest<'d> {
    root: Node<'d>,
    server: Server<'d>,
    is_json: bool,
}

/// Puts the settings into the reader's own manifest of kube-apiserver. All else stays as it is: comments, quotes, margins, line ends.
///
/// What comes out is read again, and handed over only if it says the same as the settings.
///
/// ```
/// use apiserver_config::Settings;
/// use audit_import::patch;
///
/// let manifest = "spec:\n  containers:\n  - command:\n    - kube-apiserver # the server\n    name: kube-apiserver\n";
/// let mut settings = Settings::new("");
/// settings.policy_path.clear();
/// settings.log.path = "-".to_owned();
/// let patched = patch(&settings, manifest).unwrap();
/// assert_eq!(patched.diff("m.yaml"), "\
/// --- m.yaml
/// +++ m.yaml
/// @@ -2,4 +2,5 @@
///    containers:
///    - command:
///      - kube-apiserver # the server
/// +    - --audit-log-path=-
///      name: kube-apiserver
/// ");
/// ```
pub fn patch(settings: &Settings, manifest: &str) -> Result<Patched, PatchError> {
    if manifest.len() > MAX_TEXT_BYTES {
        return Err(PatchError::new(
            None,
            format!("the manifest is larger than {} MiB", MAX_TEXT_BYTES >> 20),
            "paste the manifest of kube-apiserver alone",
        ));
    }
    if let Some(error) = lone_return(manifest) {
        return Err(error);
    }
    // The flags name the policy's file and do not hold its text.
    let settings = Settings {
        policy: String::new(),
        ..settings.clone()
    };
    let lines = Lines::new(manifest);
    let part = only_document(manifest, &lines)?;
    let document = Document::read_part(manifest, part).map_err(|error| {
        PatchError::new(
            Some(lines.at(error.span)),
            format!("the manifest cannot be read: {}", error.message),
            "the kubelet cannot read it either: mend it first",
        )
    })?;
    let manifest_read = find(&document, &lines)?;
    let before = import(manifest, settings.version).settings;
    let mut sheet = Sheet::new(manifest);
    flags::edit(&mut sheet, &manifest_read, &settings, &before)?;
    mounts::edit(&mut sheet, &manifest_read, &settings, &lines)?;
    let text = sheet.finish()?;
    verify(&settings, &text)?;
    Ok(Patched {
        text,
        before: manifest.to_owned(),
    })
}

/// YAML ends a line at a carriage return alone, and text is put in by lines that end with a line feed.
fn lone_return(manifest: &str) -> Option<PatchError> {
    let bytes = manifest.as_bytes();
    let is_lone = |at: &usize| bytes.get(*at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n');
    let at = (0..bytes.len()).find(is_lone)?;
    let line = bytes
        .get(..at)?
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1;
    Some(PatchError::new(
        Some(line),
        "the manifest has lines that end with a carriage return alone".to_owned(),
        "save it with line feeds, or with both",
    ))
}

/// The one document of a manifest.
fn only_document(manifest: &str, lines: &Lines<'_>) -> Result<Span, PatchError> {
    let is_written = |span: &Span| {
        let text = manifest.get(span.start..span.end).unwrap_or_default();
        let text = text.strip_prefix("---").unwrap_or(text);
        text.lines().any(|line| {
            let line = line.trim().trim_start_matches('\u{feff}');
            !line.is_empty() && !line.starts_with('#')
        })
    };
    let mut written = documents(manifest).into_iter().filter(is_written);
    let Some(first) = written.next() else {
        return Err(PatchError::new(
            None,
            "there is no manifest here",
            "paste the manifest of kube-apiserver: `/etc/kubernetes/manifests/kube-apiserver.yaml` where kubeadm made it",
        ));
    };
    match written.next() {
        None => Ok(first),
        Some(second) => Err(PatchError::new(
            Some(lines.at(second)),
            "there is more than one document here",
            "the kubelet reads the first only: paste the manifest of kube-apiserver by itself",
        )),
    }
}

fn find<'d>(document: &'d Document<'d>, lines: &Lines<'_>) -> Result<Manifest<'d>, PatchError> {
    let no_server = || {
        PatchError::new(
            None,
            "no container here is kube-apiserver",
            "paste the manifest of kube-apiserver: `/etc/kubernetes/manifests/kube-apiserver.yaml` where kubeadm made it",
        )
    };
    let root = document.root().ok_or_else(no_server)?;
    if let Some((key, span)) = document.repeated_keys().next() {
        return Err(PatchError::new(
            Some(lines.at(span)),
            format!(
                "the field `{}` is given twice",
                shown(key.trim_matches('"'))
            ),
            "the server takes the last one: make one of the two first",
        ));
    }
    let server = server(root).ok_or_else(no_server)?;
    if let Some(other) = server.other {
        return Err(PatchError::new(
            Some(lines.of(other)),
            "another container of the pod looks like kube-apiserver too",
            "a pod has one server: take the other one out first",
        ));
    }
    let first_key = root.fields().map(|field| field.key.start).min();
    let is_json = root.spelled().starts_with('{')
        && first_key.is_some_and(|at| {
            let at = at - root.span().start;
            root.spelled()
                .get(at..)
                .is_some_and(|rest| rest.starts_with('"'))
        });
    Ok(Manifest {
        root,
        server,
        is_json,
    })
}

/// Makes sure that the text says what the settings say.
fn verify(settings: &Settings, text: &str) -> Result<(), PatchError> {
    let read = import(text, settings.version);
    let mut same = read.settings;
    same.include_defaults = settings.include_defaults;
    if same.flags() != settings.flags() {
        return Err(PatchError::new(
            None,
            "the manifest is written in a way that cannot be patched: read again, it would say something else",
            "add the flags and mounts by hand: the static pod's export has them",
        ));
    }
    let of_mounts = |finding: &&ImportFinding| {
        finding.severity == Severity::Error
            && ["AE011", "AE014", "AE020", "AE021"].contains(&finding.code)
    };
    match read.findings.iter().find(of_mounts) {
        None => Ok(()),
        Some(finding) => Err(PatchError::new(
            None,
            format!("with these settings, {}", finding.message),
            finding.help.clone(),
        )),
    }
}
