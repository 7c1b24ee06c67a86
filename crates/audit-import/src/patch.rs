//! Patches settings into a manifest: everything that is not about auditing stays as it is, byte for byte.

mod by_hand;
mod error;
mod fields;
mod flags;
mod list;
mod manifest;
mod mounts;
mod scalar;
mod script;
mod text_edits;

use apiserver_config::{SettingCode, Settings};
use audit_policy::document::Document;
use audit_text::diff::unified;
use audit_types::excerpt::excerpt;
use audit_types::{Code, Diagnostic, Severity};

use crate::codes::ImportCode;
use crate::import::{MAX_TEXT_BYTES, import};
use crate::parsed_input::Lines;
use crate::process::{self, Process};
use crate::recognize::script_text::is_script;
use by_hand::by_hand;
use manifest::{find, only_document};
use text_edits::TextEdits;

pub use error::PatchError;

/// A manifest with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// Text of the patched manifest.
    pub text: String,
    /// Text of the original manifest.
    pub before: String,
}

impl Patched {
    /// Returns the changes as a unified diff of a file of that name; empty if nothing changed. `patch -p0` applies it.
    pub fn diff(&self, name: &str) -> String {
        unified(&self.before, &self.text, name)
    }
}

/// Patches the settings into a manifest of kube-apiserver. Everything else stays as it is: comments, quotes, indentation, line ends.
///
/// The result is imported again, and only returned if that gives the same settings.
///
/// ```
/// use apiserver_config::{SettingCode, Settings};
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
            "use only the manifest of kube-apiserver",
        ));
    }
    if let Some(error) = lone_return(manifest) {
        return Err(error);
    }
    // Flags name the policy's file and do not contain its text.
    let settings = Settings {
        policy: String::new(),
        ..settings.clone()
    };
    if is_script(manifest) {
        let reason = "this is a shell script, not the manifest of kube-apiserver";
        return Err(by_hand(None, reason, &settings));
    }
    let lines = Lines::new(manifest);
    let part = only_document(manifest, &lines)?;
    let document = Document::read_part(manifest, part).map_err(|error| {
        PatchError::new(
            Some(lines.at(error.span)),
            format!("the manifest cannot be read: {}", error.message),
            "the kubelet cannot read it either: fix it first",
        )
    })?;
    let manifest_read = find(&document, &lines)?;
    let before = import(manifest, settings.version).settings;
    let mut edits = TextEdits::new(manifest);
    let script = match process::of(manifest_read.server.container) {
        Process::Server => {
            flags::edit(&mut edits, &manifest_read, &settings, &before)?;
            None
        }
        Process::Script(script) => {
            let text = script::edit(&mut edits, &manifest_read, &script, &settings, &before)?;
            Some(text)
        }
        Process::Unknown { name, node } => {
            let reason = format!(
                "the container runs `{}`, which may not pass its arguments to kube-apiserver",
                excerpt(name)
            );
            return Err(by_hand(Some(lines.of(node)), &reason, &settings));
        }
    };
    mounts::edit(&mut edits, &manifest_read, &settings, &lines)?;
    let text = edits.finish()?;
    if let Some(script) = script {
        script::check(&text, &script, &settings)?;
    }
    verify(&settings, &text)?;
    Ok(Patched {
        text,
        before: manifest.to_owned(),
    })
}

/// Rejects a carriage return without line feed: it ends a line in YAML, while edits work on lines that end with a line feed.
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
        "some lines of the manifest end with a carriage return only".to_owned(),
        "save it with LF or CRLF line endings",
    ))
}

/// Codes of findings about mounts.
fn mount_codes() -> [&'static str; 4] {
    [
        SettingCode::OutsideMounts.id(),
        SettingCode::MissingFile.id(),
        ImportCode::UnpairedMount.id(),
        ImportCode::UnsuitableVolume.id(),
    ]
}

/// Checks that the patched manifest gives the settings.
fn verify(settings: &Settings, text: &str) -> Result<(), PatchError> {
    let read = import(text, settings.version);
    let mut same = read.settings;
    same.include_defaults = settings.include_defaults;
    if same.flags() != settings.flags() {
        let reason = "this manifest cannot be patched: the result would have other settings";
        return Err(by_hand(None, reason, settings));
    }
    let of_mounts = |finding: &&Diagnostic| {
        let is_unmounted = finding.code == SettingCode::OutsideMounts.id();
        let is_serious = finding.severity == Severity::Error
            || (is_unmounted && finding.severity == Severity::Warning);
        is_serious && mount_codes().contains(&finding.code.as_ref())
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
