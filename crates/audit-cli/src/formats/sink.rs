//! Targets of results: standard output, and files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::arguments::OutputFile;
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::Output;
use crate::save::save;
use crate::terminal::Style;

/// Target of one form of the results.
pub(crate) enum Target {
    /// Standard output.
    Standard(Output),
    /// A file, which is written when all results are there: a call that fails leaves the old one.
    File(FileName, Vec<u8>),
}

impl Target {
    fn finish(self) -> Result {
        match self {
            Self::Standard(mut out) => Ok(out.flush()?),
            Self::File(file, bytes) => save(&file, &bytes),
        }
    }

    /// Returns whether it is standard output.
    pub(crate) const fn is_standard(&self) -> bool {
        matches!(self, Self::Standard(_))
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::File(_, all) => all.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::File(..) => Ok(()),
        }
    }
}

/// The formats of a call, each with what writes it and where it goes; standard output is the first.
pub(crate) struct Sinks<R: ?Sized>(Vec<(Box<R>, Target)>);

impl<R: ?Sized> Sinks<R> {
    /// Creates the sinks of a call. `reporter` returns what writes a format; `Style` is that of text.
    ///
    /// # Errors
    /// If two results have the same file, or one would replace an input.
    pub(crate) fn new<F: Copy>(
        (format, standard): (F, Output),
        files: &[OutputFile<F>],
        inputs: &[&FileName],
        reporter: impl Fn(F, Style) -> Box<R>,
    ) -> Result<Self> {
        let first = reporter(format, Style::of_stdout());
        let mut sinks = vec![(first, Target::Standard(standard))];
        let mut seen: Vec<&FileName> = Vec::new();
        for OutputFile { format, file } in files {
            for input in inputs {
                check_not_read("--output", file, input)?;
            }
            if seen.iter().any(|other| is_same(other, file)) {
                let message = format!("`{file}` is named by two `--output`: name a file for each");
                return Err(Error::Usage(message));
            }
            seen.push(file);
            check_folder(file)?;
            let target = Target::File(file.clone(), Vec::new());
            sinks.push((reporter(*format, Style::PLAIN), target));
        }
        Ok(Self(sinks))
    }

    /// Fails if a result would replace a file that is read although the call does not name it.
    ///
    /// # Errors
    /// If one would.
    pub(crate) fn check_read(&self, input: &FileName) -> Result {
        self.0.iter().try_for_each(|(_, target)| match target {
            Target::Standard(_) => Ok(()),
            Target::File(file, _) => check_not_read("--output", file, input),
        })
    }

    /// Calls each reporter with its target.
    pub(crate) fn each(&mut self, write: impl Fn(&mut R, &mut Target) -> Result) -> Result {
        self.0
            .iter_mut()
            .try_for_each(|(reporter, target)| write(reporter, target))
    }

    /// Returns standard output, for what is not a report, such as a fixed policy.
    pub(crate) fn standard(&mut self) -> Option<&mut Output> {
        self.0.iter_mut().find_map(|(_, target)| match target {
            Target::Standard(out) => Some(out),
            Target::File(..) => None,
        })
    }

    /// Writes what is still to be written.
    pub(crate) fn finish(self) -> Result {
        let mut targets = self.0.into_iter().map(|(_, target)| target);
        targets.try_for_each(Target::finish)
    }
}

/// Fails if the folder of a file does not exist: a call that fixes policies changes nothing then.
///
/// # Errors
/// If it does not.
fn check_folder(file: &FileName) -> Result {
    match real_path(file) {
        Some(_) => Ok(()),
        None => Err(Error::Write {
            file: file.to_string(),
            error: io::Error::other("its folder does not exist"),
        }),
    }
}

/// Fails if a file that an option names is one that is read.
///
/// # Errors
/// If it is.
pub(crate) fn check_not_read(option: &str, file: &FileName, input: &FileName) -> Result {
    if is_same(file, input) {
        let message =
            format!("`{option}` would replace `{input}`, which is read: name another file");
        return Err(Error::Usage(message));
    }
    Ok(())
}

/// Returns whether two names are those of one file, which may not exist yet.
pub(crate) fn is_same(one: &FileName, other: &FileName) -> bool {
    let [one_path, other_path] = [one, other].map(real_path);
    one == other || (one_path.is_some() && one_path == other_path) || are_links(one, other)
}

/// Returns whether two names are those of one file that has several.
#[cfg(unix)]
fn are_links(one: &FileName, other: &FileName) -> bool {
    use std::os::unix::fs::MetadataExt;
    if one.is_stdin() || other.is_stdin() {
        return false;
    }
    let [one, other] = [one, other].map(|file| {
        let found = file
            .path()
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        Some((found.dev(), found.ino()))
    });
    one.is_some() && one == other
}

#[cfg(not(unix))]
const fn are_links(_: &FileName, _: &FileName) -> bool {
    false
}

/// Returns the path of a file without links and dots. `None` if its folder does not exist, or it is standard input.
fn real_path(file: &FileName) -> Option<PathBuf> {
    if file.is_stdin() {
        return None;
    }
    let path = file.path();
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}
