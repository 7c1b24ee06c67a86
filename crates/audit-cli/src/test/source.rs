//! A file of tests with the policy, the version and the settings that it names.

use std::path::Path;
use std::rc::Rc;

use audit_policy::{KubernetesVersion, Policy, load};
use audit_tests::{FlagValue, PolicySource, Runner, SettingsSource, Spanned, TestFile};
use audit_types::Span;

use super::read_files::ReadFiles;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{policy_bytes, text};
use crate::known_settings::KnownSettings;
use crate::output::diagnostic;
use crate::policy_file::{PolicyFile, rule_lines};
use crate::test_file::Places;

/// A file of tests that is ready to be run.
pub(super) struct Source {
    /// Name of the file.
    pub(super) name: String,
    /// The tests.
    pub(super) tests: TestFile,
    /// Line of each case, from 1.
    pub(super) lines: Vec<usize>,
    /// The policy.
    pub(super) tested: Rc<Tested>,
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

/// Returns the path of a file that the tests name, which is relative to theirs.
fn sibling(tests: &FileName, path: &str) -> FileName {
    let folder = (!tests.is_stdin()).then(|| tests.path().parent());
    let folder = folder.flatten().unwrap_or(Path::new(""));
    FileName::from(folder.join(path).into_os_string())
}

/// Versions that the call and the configuration name.
#[derive(Debug, Clone, Copy)]
pub(super) struct GivenVersion {
    /// That of the call, which a file must not contradict.
    pub(super) of_call: Option<KubernetesVersion>,
    /// That of the configuration, which a file overrides.
    pub(super) of_config: Option<KubernetesVersion>,
}

impl GivenVersion {
    /// Creates the versions of a call.
    pub(super) const fn new(of_call: Option<KubernetesVersion>, config: &Config) -> Self {
        Self {
            of_call,
            of_config: config.kubernetes_version,
        }
    }

    /// Returns the version if a file names none.
    pub(super) fn or_default(self) -> KubernetesVersion {
        self.of_call.or(self.of_config).unwrap_or_default()
    }
}

/// The policy of the call, which is read once for each version.
pub(super) struct GivenPolicy<'f> {
    file: Option<&'f FileName>,
    read: Vec<(KubernetesVersion, Rc<Tested>)>,
}

impl<'f> GivenPolicy<'f> {
    /// Prepares the policy of the call. `None` if the tests name theirs.
    pub(super) const fn new(file: Option<&'f FileName>) -> Self {
        Self {
            file,
            read: Vec::new(),
        }
    }

    /// Returns the policy. `None` if the call names none. The file is added to `read` even if it cannot be read.
    fn tested(
        &mut self,
        version: KubernetesVersion,
        read: &mut ReadFiles,
    ) -> Result<Option<Rc<Tested>>> {
        let Some(file) = self.file else {
            return Ok(None);
        };
        let known = self.read.iter().find(|(own, _)| *own == version);
        if let Some((_, known)) = known {
            return Ok(Some(Rc::clone(known)));
        }
        read.add(file);
        let policy = Rc::new(tested(file, version)?);
        self.read.push((version, Rc::clone(&policy)));
        Ok(Some(policy))
    }
}

impl Source {
    /// Reads a file of tests and what it names. `given` and `version` are those of the call. Files are added to `read` even if they cannot be read.
    ///
    /// # Errors
    /// If a file cannot be read, the file of tests is wrong, or the policy is rejected.
    pub(super) fn read(
        file: &FileName,
        given: &mut GivenPolicy<'_>,
        version: GivenVersion,
        read: &mut ReadFiles,
    ) -> Result<Self> {
        read.add(file);
        let content = text(file, policy_bytes(file)?)?;
        let place = Places::new(file, &content);
        let tests = place.parse(&content)?;
        let version = version_of(&tests, version, &place)?;
        if let Some(note) = tests.version_note(version) {
            diagnostic(&place.message(note.span, &note.value, ""));
        }
        let tested = match given.tested(version, read)? {
            Some(tested) => tested,
            None => Rc::new(named_policy(&tests, version, &place, read)?),
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
    given: GivenVersion,
    place: &Places<'_>,
) -> Result<KubernetesVersion> {
    match (tests.kubernetes_version, given.of_call) {
        (Some(named), Some(given)) if named.value != given => {
            let message = format!("the file is for Kubernetes {}, not {given}", named.value);
            let help = "leave out `--kubernetes-version`, or `kubernetesVersion` in the file";
            Err(Error::Usage(place.message(named.span, &message, help)))
        }
        (Some(named), _) => Ok(named.value),
        (None, _) => Ok(given.or_default()),
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
    place: &Places<'_>,
    read: &mut ReadFiles,
) -> Result<Tested> {
    let Some(Spanned { value, span }) = &tests.policy else {
        let help = "name it by `policy: FILE`, or call with `--policy FILE`";
        let message = place.message(Span::default(), "no policy to test", help);
        return Err(Error::Usage(message));
    };
    let (source, rules) = match value {
        PolicySource::Path(path) => {
            let file = sibling(place.file(), path);
            read.add(&file);
            return tested(&file, version).map_err(|error| match error {
                Error::Read { error, .. } => {
                    let message = format!("cannot read `{file}`: {error}");
                    Error::Usage(place.message(*span, &message, ""))
                }
                other => other,
            });
        }
        PolicySource::Inline { text, rules, .. } => (text, rules),
        _ => return Err(Error::Usage(place.message(*span, "unknown source", ""))),
    };
    let loaded = load(source.as_bytes(), version);
    if let Some(warning) = &loaded.warning {
        diagnostic(&place.message(*span, warning, ""));
    }
    let rule_lines = match rules.is_empty() {
        true => rule_lines(&loaded),
        false => rules.iter().map(|span| place.line(*span)).collect(),
    };
    let error = loaded.error.unwrap_or_default();
    let Some(policy) = loaded.policy else {
        let message = format!("the policy is rejected: {error}");
        return Err(Error::UnusablePolicy(place.message(*span, &message, "")));
    };
    Ok(Tested {
        policy,
        file: place.file().to_string(),
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
    place: &Places<'_>,
    read: &mut ReadFiles,
) -> Result<Option<Flags>> {
    let Some(Spanned { value, span }) = &tests.settings else {
        return Ok(None);
    };
    let path = match value {
        SettingsSource::Flags(flags) => return Ok(Some(Flags::Listed(flags.clone()))),
        SettingsSource::Path(path) => path,
        _ => return Err(Error::Usage(place.message(*span, "unknown source", ""))),
    };
    let file = sibling(place.file(), path);
    read.add(&file);
    let known = KnownSettings::read(&file, version).map_err(|error| {
        let reason = error.message().unwrap_or_default();
        Error::Usage(place.message(*span, &reason, ""))
    })?;
    Ok(Some(Flags::OfFile(known)))
}
