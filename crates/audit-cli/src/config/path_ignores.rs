//! Ignores of the configuration: codes by patterns of paths.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use audit_policy::{Diagnostic, PolicyCode, Span};
use audit_types::Document;
use audit_types::excerpt::quote;
use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};

use super::ignored::{IgnoredBy, IgnoredFinding};
use crate::absolute::absolute;
use crate::file_name::FileName;

/// One ignore of the configuration.
#[derive(Debug, Clone)]
pub(super) struct PathIgnore {
    /// Pattern of paths, relative to the folder of the configuration.
    pub(super) path: String,
    /// Codes with their places in the configuration.
    pub(super) codes: Vec<(&'static str, Span)>,
    pub(super) reason: String,
    /// Line in the configuration, from 1.
    pub(super) line: usize,
}

/// The ignores of a configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct PathIgnores {
    /// Name of the configuration's file.
    file: String,
    /// Folder of the configuration.
    folder: PathBuf,
    ignores: Vec<PathIgnore>,
    /// Two patterns an ignore: for the path itself, and for what is in a folder of that name.
    globs: GlobSet,
}

/// Returns the patterns of a path: for itself, and for what is in a folder of that name.
pub(super) fn globs(path: &str) -> Result<[Glob; 2], globset::Error> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = path.trim_end_matches('/');
    let glob = |pattern: &str| GlobBuilder::new(pattern).literal_separator(true).build();
    Ok([glob(path)?, glob(&format!("{path}/**"))?])
}

impl PathIgnores {
    /// Creates the ignores of a file.
    ///
    /// # Errors
    /// If the patterns are too large together.
    pub(super) fn new(
        file: &FileName,
        folder: PathBuf,
        ignores: Vec<PathIgnore>,
    ) -> Result<Self, globset::Error> {
        let mut builder = GlobSetBuilder::new();
        for ignore in &ignores {
            for glob in globs(&ignore.path)? {
                builder.add(glob);
            }
        }
        Ok(Self {
            file: file.to_string(),
            folder,
            ignores,
            globs: builder.build()?,
        })
    }

    /// Returns the ignores that are about a file. None is about standard input.
    pub(super) fn matching(&self, file: &FileName) -> Matching<'_> {
        let mut indexes = Vec::new();
        if !self.ignores.is_empty()
            && let Some(path) = self.relative(file)
        {
            let found = self.globs.matches(&path).into_iter();
            indexes = found.map(|glob| glob / 2).collect();
            indexes.sort_unstable();
            indexes.dedup();
        }
        Matching { all: self, indexes }
    }

    /// Returns the path of a file relative to the folder of the configuration. `None` if it is outside.
    fn relative(&self, file: &FileName) -> Option<PathBuf> {
        if file.is_stdin() {
            return None;
        }
        let path = absolute(file.path()).ok()?;
        path.strip_prefix(&self.folder).map(Path::to_owned).ok()
    }

    /// Returns a finding about an ignore whose path names no file or folder. `None` if it names one, or is a pattern.
    fn of_no_file(&self, ignore: &PathIgnore) -> Option<Diagnostic> {
        let is_pattern = ignore.path.contains(['*', '?', '[', '{', '\\']);
        let (_, span) = ignore.codes.first()?;
        if is_pattern || self.folder.join(&ignore.path).exists() {
            return None;
        }
        let message = format!("unused ignore: there is no {}", quote(&ignore.path));
        let finding = Diagnostic::of(PolicyCode::UnusedIgnore, message)
            .with_help("paths count from the folder of the configuration")
            .labeled(Document::Settings, *span);
        Some(finding)
    }

    /// Returns a finding for each code of an ignore that takes nothing away, although a file that it is about was checked, and for each ignore of a
    /// file that does not exist.
    pub(super) fn unused(&self, uses: &IgnoreUses) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        for (index, ignore) in self.ignores.iter().enumerate() {
            if !uses.checked.contains(&index) {
                findings.extend(self.of_no_file(ignore));
                continue;
            }
            for (at, (code, span)) in ignore.codes.iter().enumerate() {
                if uses.used.contains(&(index, at)) {
                    continue;
                }
                let path = quote(&ignore.path);
                let message = format!("unused ignore: {path} has no warning or note `{code}`");
                let finding = Diagnostic::of(PolicyCode::UnusedIgnore, message)
                    .with_help("remove the code; errors cannot be ignored")
                    .labeled(Document::Settings, *span);
                findings.push(finding);
            }
        }
        findings
    }
}

/// The ignores that are about one file.
#[derive(Debug, Clone)]
pub(super) struct Matching<'c> {
    all: &'c PathIgnores,
    /// In ascending order.
    indexes: Vec<usize>,
}

impl Matching<'_> {
    /// Returns whether an ignore has a code.
    pub(super) fn has(&self, code: &str) -> bool {
        self.find(code).is_some()
    }

    /// Returns a finding as one that the first ignore with its code takes away. `None` if there is none.
    pub(super) fn ignored(&self, finding: Diagnostic) -> Option<IgnoredFinding> {
        let (index, code, ignore) = self.find(&finding.code)?;
        Some(IgnoredFinding {
            finding,
            by: IgnoredBy::Config {
                file: self.all.file.clone(),
                ignore: index,
                code,
            },
            line: ignore.line,
            reason: ignore.reason.clone(),
        })
    }

    /// Returns the first ignore with a code, its index and that of the code.
    fn find(&self, code: &str) -> Option<(usize, usize, &PathIgnore)> {
        self.indexes.iter().find_map(|index| {
            let ignore = self.all.ignores.get(*index)?;
            let at = ignore.codes.iter().position(|(own, _)| *own == code)?;
            Some((*index, at, ignore))
        })
    }
}

/// Ignores that files were checked for, and their codes that took a finding away.
#[derive(Debug, Default)]
pub(crate) struct IgnoreUses {
    checked: HashSet<usize>,
    used: HashSet<(usize, usize)>,
}

impl IgnoreUses {
    /// Records a file that was checked, and what was taken away.
    pub(super) fn add<'i>(
        &mut self,
        matching: &Matching<'_>,
        ignored: impl IntoIterator<Item = &'i IgnoredFinding>,
    ) {
        self.checked.extend(&matching.indexes);
        for ignored in ignored {
            if let IgnoredBy::Config { ignore, code, .. } = ignored.by {
                self.used.insert((ignore, code));
            }
        }
    }
}
