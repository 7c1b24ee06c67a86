//! A file of tests with the policy, the version and the settings that it names.

use std::path::Path;

use audit_policy::{KubernetesVersion, LineIndex, Policy, load};
use audit_tests::{FileError, FlagValue, PolicySource, Runner, SettingsSource, Spanned, TestFile};
use audit_types::Span;

use super::read_files::ReadFiles;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{policy_bytes, text};
use crate::known_settings::KnownSettings;
use crate::output::diagnostic;
use crate::policy_file::{PolicyFile, rule_lines};

/// A file of tests that is ready to be run.
pub(super) struct Source {
    /// Name of the file.
    pub(super) name: String,
    /// The tests.
    pub(super) tests: TestFile,
    /// Line of each case, from 1.
    pub(super) lines: Vec<usize>,
    /// The policy.
    pub(super) tested: Tested,
    /// The version.
    pub(super) version: KubernetesVersion,
    flags: Option<Flags>,
}

/// The policy that is tested.
pub(super) struct Tested {
    /// The policy.
    pub(super) policy: Policy,
    /// Name of its file.
    pub(super) file: String,
    /// Line of each rule in that file, from 1.
    pub(super) rule_lines: Vec<usize>,
}

/// A file of tests with its text.
struct Text<'f> {
    file: &'f FileName,
    lines: LineIndex<'f>,
}

impl Text<'_> {
    /// Returns an error in one line, with its place.
    fn placed(&self, span: Span, message: &str, help: &str) -> String {
        let position = self.lines.position(span.start);
        let help = match help.is_empty() {
            true => String::new(),
            false => format!(" (help: {help})"),
        };
        let (file, line, column) = (self.file, position.line, position.column);
        format!("{file}:{line}:{column}: {message}{help}")
    }

    /// Returns the path of a file that the tests name, which is relative to theirs.
    fn sibling(&self, path: &str) -> FileName {
        let folder = (!self.file.is_stdin()).then(|| self.file.path().parent());
        let folder = folder.flatten().unwrap_or(Path::new(""));
        FileName::from(folder.join(path).into_os_string())
    }

    fn line(&self, span: Span) -> usize {
        self.lines.position(span.start).line
    }
}

impl Source {
    /// Reads a file of tests and what it names. `policy` and `version` are those of the call. Files are added to `read` even if they cannot be read.
    ///
    /// # Errors
    /// If a file cannot be read, the file of tests is wrong, or the policy is rejected.
    pub(super) fn read(
        file: &FileName,
        policy: Option<&FileName>,
        version: Option<KubernetesVersion>,
        read: &mut ReadFiles,
    ) -> Result<Self> {
        read.add(file);
        let content = text(file, policy_bytes(file)?)?;
        let place = Text {
            file,
            lines: LineIndex::new(&content),
        };
        let tests = TestFile::parse(&content).map_err(|errors| {
            for FileError {
                message,
                help,
                span,
                ..
            } in &errors
            {
                diagnostic(&place.placed(*span, message, help));
            }
            Error::Reported
        })?;
        let version = version_of(&tests, version, &place)?;
        let tested = match policy {
            Some(policy) => {
                read.add(policy);
                tested(policy, version)?
            }
            None => named_policy(&tests, version, &place, read)?,
        };
        let flags = flags(&tests, version, &place, read)?;
        let lines = tests.tests.iter().map(|case| place.line(case.span));
        Ok(Self {
            name: file.to_string(),
            lines: lines.collect(),
            tests,
            tested,
            version,
            flags,
        })
    }

    /// Returns what runs the cases.
    pub(super) fn runner(&self) -> Runner<'_> {
        let runner = Runner::new(&self.tested.policy, self.version);
        let Some(flags) = &self.flags else {
            return runner;
        };
        runner.with_flags(|name| flags.value(name))
    }
}

/// Returns the version to emulate.
fn version_of(
    tests: &TestFile,
    given: Option<KubernetesVersion>,
    place: &Text<'_>,
) -> Result<KubernetesVersion> {
    match (tests.kubernetes_version, given) {
        (Some(named), Some(given)) if named.value != given => {
            let message = format!("the file is for Kubernetes {}, not {given}", named.value);
            let help = "leave out `--kubernetes-version`, or `kubernetesVersion` in the file";
            Err(Error::Usage(place.placed(named.span, &message, help)))
        }
        (Some(named), _) => Ok(named.value),
        (None, given) => Ok(given.unwrap_or_default()),
    }
}

/// Reads the policy of a file.
pub(super) fn tested(file: &FileName, version: KubernetesVersion) -> Result<Tested> {
    let read = PolicyFile::read(file, version)?;
    let rule_lines = read.rule_lines.clone();
    let policy = read.accepted(file)?.policy;
    Ok(Tested {
        policy,
        file: file.to_string(),
        rule_lines,
    })
}

/// Returns the policy that the tests name.
fn named_policy(
    tests: &TestFile,
    version: KubernetesVersion,
    place: &Text<'_>,
    read: &mut ReadFiles,
) -> Result<Tested> {
    let Some(Spanned { value, span }) = &tests.policy else {
        let help = "name it by `policy: FILE`, or call with `--policy FILE`";
        let message = place.placed(Span::default(), "no policy to test", help);
        return Err(Error::Usage(message));
    };
    let (source, rules) = match value {
        PolicySource::Path(path) => {
            let file = place.sibling(path);
            read.add(&file);
            return tested(&file, version).map_err(|error| match error {
                Error::Read { error, .. } => {
                    let message = format!("cannot read `{file}`: {error}");
                    Error::Usage(place.placed(*span, &message, ""))
                }
                other => other,
            });
        }
        PolicySource::Inline { text, rules, .. } => (text, rules),
        _ => return Err(Error::Usage(place.placed(*span, "unknown source", ""))),
    };
    let loaded = load(source.as_bytes(), version);
    if let Some(warning) = &loaded.warning {
        diagnostic(&place.placed(*span, warning, ""));
    }
    let rule_lines = match rules.is_empty() {
        true => rule_lines(&loaded),
        false => rules.iter().map(|span| place.line(*span)).collect(),
    };
    let error = loaded.error.unwrap_or_default();
    let Some(policy) = loaded.policy else {
        let message = format!("the policy is rejected: {error}");
        return Err(Error::UnusablePolicy(place.placed(*span, &message, "")));
    };
    Ok(Tested {
        policy,
        file: place.file.to_string(),
        rule_lines,
    })
}

/// Flags that the tests name.
enum Flags {
    Listed(Vec<(String, String)>),
    OfFile(KnownSettings),
}

impl Flags {
    fn value(&self, name: &str) -> FlagValue {
        match self {
            Self::Listed(flags) => {
                let found = flags.iter().find(|(own, _)| own == name);
                Ok(found.map(|(_, value)| value.clone()))
            }
            Self::OfFile(settings) => settings.value(name),
        }
    }
}

/// Returns the flags that the tests name. `None` if they name none.
fn flags(
    tests: &TestFile,
    version: KubernetesVersion,
    place: &Text<'_>,
    read: &mut ReadFiles,
) -> Result<Option<Flags>> {
    let Some(Spanned { value, span }) = &tests.settings else {
        return Ok(None);
    };
    let path = match value {
        SettingsSource::Flags(flags) => return Ok(Some(Flags::Listed(flags.clone()))),
        SettingsSource::Path(path) => path,
        _ => return Err(Error::Usage(place.placed(*span, "unknown source", ""))),
    };
    let file = place.sibling(path);
    read.add(&file);
    let known = KnownSettings::read(&file, version).map_err(|error| {
        let reason = error.message().unwrap_or_default();
        Error::Usage(place.placed(*span, &reason, ""))
    })?;
    Ok(Some(Flags::OfFile(known)))
}
