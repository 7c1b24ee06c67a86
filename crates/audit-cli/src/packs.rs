//! Packs of claims: those that are built in, and files.

use audit_policy::KubernetesVersion;
use audit_tests::{BuiltInPack, FileKind, TestFile, detection_packs, packs};
use audit_types::excerpt::quote;
use audit_types::{Span, spelling};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{policy_bytes, text};
use crate::output::diagnostic;
use crate::program;
use crate::test_file::Places;

/// A pack.
pub(crate) struct Pack {
    /// Short name.
    pub(crate) id: String,
    /// The claims.
    pub(crate) file: TestFile,
    /// Place of the versions that it was written for. `None` if it does not state them, or is built in.
    place: Option<String>,
}

/// A version that a pack names, with what an error about it begins with.
type Named = (KubernetesVersion, String);

fn all_built_in() -> impl Iterator<Item = &'static BuiltInPack> {
    packs().iter().chain(detection_packs())
}

fn built_in(name: &str) -> Option<&'static BuiltInPack> {
    all_built_in().find(|pack| pack.name == name)
}

/// Returns true if a name is that of a pack that is built in.
pub(crate) fn is_built_in(name: &str) -> bool {
    built_in(name).is_some()
}

/// Returns true if a name is that of a file: there is one, or it looks like a path.
pub(crate) fn is_file(name: &FileName) -> bool {
    built_in(name).is_none()
        && (name.is_stdin() || name.contains(['/', '\\', '.']) || name.path().is_file())
}

impl Pack {
    /// Reads the packs, or those of a default if none is named, and returns the version to emulate.
    ///
    /// # Errors
    /// If the name of a pack is unknown, a file is wrong, or a pack is for another version.
    pub(crate) fn read_all(
        names: &[FileName],
        default: &[BuiltInPack],
        given: Option<KubernetesVersion>,
    ) -> Result<(Vec<Self>, KubernetesVersion)> {
        if names.is_empty() {
            // None was chosen for its version: the report has the note.
            let all: Result<Vec<Self>> = default.iter().map(Self::of_built_in).collect();
            return Ok((all?, given.unwrap_or_default()));
        }
        let read: Result<Vec<_>> = names.iter().map(|name| Self::read(name, false)).collect();
        with_version(read?, given)
    }

    /// Reads packs, and files of claims of any kind, and returns the version to emulate.
    ///
    /// # Errors
    /// As [`read_all`](Self::read_all).
    pub(crate) fn read_claims(
        packs: &[FileName],
        files: &[FileName],
        given: Option<KubernetesVersion>,
    ) -> Result<(Vec<Self>, KubernetesVersion)> {
        let packs = packs.iter().map(|name| Self::read(name, false));
        let files = files.iter().map(|name| Self::read(name, true));
        let read: Result<Vec<_>> = packs.chain(files).collect();
        with_version(read?, given)
    }

    fn of_built_in(pack: &BuiltInPack) -> Result<Self> {
        // A test reads each of them.
        let file = pack.parse().map_err(|_| {
            let message = format!("the pack `{}` cannot be read", pack.name);
            Error::Usage(message)
        })?;
        Ok(Self {
            id: pack.name.to_owned(),
            file,
            place: None,
        })
    }

    /// Reads a pack. `is_any_file` is true for a file of any kind that has claims.
    fn read(name: &FileName, is_any_file: bool) -> Result<(Self, Option<Named>)> {
        if let Some(pack) = built_in(name).filter(|_| !is_any_file) {
            return Ok((Self::of_built_in(pack)?, None));
        }
        if !is_any_file && !is_file(name) {
            return Err(unknown(name));
        }
        let content = text(name, policy_bytes(name)?)?;
        let places = Places::new(name, &content);
        let file = places.parse(&content)?;
        if !is_any_file && file.kind != FileKind::RequirementPack {
            let program = program::called();
            let help = format!(
                "add `kind: RequirementPack`, and `id` and `source` to each claim; `{program} test` runs tests"
            );
            let message = "not a pack of requirements";
            let message = places.message(Span::default(), message, &help);
            return Err(Error::Usage(message));
        }
        let named = file.kubernetes_version;
        let named = named.map(|version| (version.value, places.place(version.span)));
        let id = file.id.clone().unwrap_or_else(|| name.to_string());
        let versions = file.kubernetes_versions;
        let place = versions.map(|versions| places.place(versions.span));
        Ok((Self { id, file, place }, named))
    }
}

/// Returns packs with the version that they name, if all name the same.
fn with_version(
    read: Vec<(Pack, Option<Named>)>,
    given: Option<KubernetesVersion>,
) -> Result<(Vec<Pack>, KubernetesVersion)> {
    let mut version = given;
    let mut packs = Vec::new();
    for (pack, named) in read {
        if let Some((named, place)) = named {
            let expected = *version.get_or_insert(named);
            if expected != named {
                let help = "choose the version with `--kubernetes-version`, and packs for it";
                return Err(Error::Usage(format!(
                    "{place}: the pack is for Kubernetes {named}, not {expected} (help: {help})"
                )));
            }
        }
        packs.push(pack);
    }
    let version = version.unwrap_or_default();
    report_other_versions(&packs, version);
    Ok((packs, version))
}

/// Reports packs that were written for other versions.
fn report_other_versions(packs: &[Pack], version: KubernetesVersion) {
    for pack in packs {
        if let Some(note) = pack.file.version_note(version) {
            let place = pack.place.clone();
            let place = place.unwrap_or_else(|| format!("pack {}", quote(&pack.id)));
            diagnostic(&format!("{place}: {}", note.value));
        }
    }
}

fn unknown(name: &FileName) -> Error {
    let known: Vec<&str> = all_built_in().map(|pack| pack.name).collect();
    let help = match spelling::nearest(name, known.iter().copied(), 2) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "the packs are {}, and a file can be named",
            known.join(", ")
        ),
    };
    Error::Usage(format!("unknown pack {} (help: {help})", quote(name)))
}
