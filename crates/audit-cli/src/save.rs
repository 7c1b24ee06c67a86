//! Writes a file so that no error loses its old contents: the new bytes are written to another file first, which then replaces the old one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::Error;
use crate::file_name::FileName;

/// Symbolic links that are followed to a file that does not exist yet; the kernel follows as many.
const MAX_LINKS: usize = 40;

/// Writes a file. The old contents are kept unless all new bytes could be written.
///
/// The target of a symbolic link is written. Mode and, if possible, owner are kept. A device or a pipe is written directly.
pub(crate) fn save(file: &FileName, bytes: &[u8]) -> Result<(), Error> {
    write(file.path(), bytes).map_err(|error| Error::Write {
        file: file.to_string(),
        error,
    })
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let Some(old) = found(path)? else {
        return replace(&link_target(path)?, bytes, None);
    };
    if !old.is_file() {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.write_all(bytes)?;
        return file.flush();
    }
    if let Some(mut stream) = stream(&old) {
        return stream.write_all(bytes);
    }
    let target = fs::canonicalize(path)?;
    // A read-only file is not replaced either, although its directory would allow that.
    drop(OpenOptions::new().write(true).open(&target)?);
    replace(&target, bytes, Some(&old))
}

/// Returns standard output or standard error if it goes into this file, such as `/dev/stdout` behind `>> log.txt`: replacing the file would lose what
/// else is written there.
#[cfg(unix)]
fn stream(old: &fs::Metadata) -> Option<File> {
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::fs::MetadataExt;
    let same = |stream: BorrowedFd<'_>| {
        let file = File::from(stream.try_clone_to_owned().ok()?);
        let found = file.metadata().ok()?;
        ((found.dev(), found.ino()) == (old.dev(), old.ino())).then_some(file)
    };
    same(io::stdout().as_fd()).or_else(|| same(io::stderr().as_fd()))
}

#[cfg(not(unix))]
const fn stream(_: &fs::Metadata) -> Option<File> {
    None
}

/// Returns the metadata of a file. `None` if it does not exist.
fn found(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the target of a symbolic link whose target does not exist.
fn link_target(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(link) = fs::read_link(&target) else {
            return Ok(target);
        };
        target = directory(&target).join(link);
    }
    Err(io::Error::other("too many symbolic links"))
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Writes the bytes to a temporary file next to the file and renames it into place.
fn replace(target: &Path, bytes: &[u8], old: Option<&fs::Metadata>) -> io::Result<()> {
    let directory = directory(target);
    let mut temporary = temporary_file(directory, old)?;
    temporary.as_file_mut().write_all(bytes)?;
    temporary.as_file().sync_all()?;
    if old.is_some_and(has_other_names) {
        return overwrite(target, bytes, temporary);
    }
    match temporary.persist(target) {
        Ok(_) => {}
        // A file that is a mount, such as in a container, cannot be replaced.
        Err(failed) if old.is_some() && failed.error.kind() == io::ErrorKind::ResourceBusy => {
            return overwrite(target, bytes, failed.file);
        }
        Err(failed) => return Err(failed.error),
    }
    // The file is complete under either name if the directory cannot be synced.
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
    Ok(())
}

/// Creates a file in the directory, with the mode and, if possible, the owner of the old file, or with the default mode if there is none.
fn temporary_file(directory: &Path, old: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".audit-policy-").suffix(".tmp");
    #[cfg(unix)]
    let usual = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    if old.is_none() {
        builder.permissions(usual);
    }
    let temporary = builder.tempfile_in(directory).map_err(|error| {
        // The name of the temporary file, which follows, does not help the user.
        let text = error.to_string();
        let reason = text.split(" at path ").next().unwrap_or_default();
        let text = format!("cannot create a file in its directory: {reason}");
        io::Error::new(error.kind(), text)
    })?;
    if let Some(old) = old {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            // Only root can change the owner, and only members can set a group. Before the mode, because this clears some of its bits.
            if fchown(temporary.as_file(), Some(old.uid()), Some(old.gid())).is_err() {
                let _ = fchown(temporary.as_file(), None, Some(old.gid()));
            }
        }
        temporary.as_file().set_permissions(old.permissions())?;
    }
    Ok(temporary)
}

#[cfg(unix)]
fn has_other_names(old: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(old) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
}

/// Writes into the file itself, which keeps its hard links. If that fails, the old bytes are restored; if that fails too, the new bytes remain in
/// the temporary file.
fn overwrite(target: &Path, bytes: &[u8], temporary: NamedTempFile) -> io::Result<()> {
    let old = fs::read(target)?;
    let mut file = OpenOptions::new().write(true).open(target)?;
    let Err(error) = put(&mut file, bytes) else {
        return Ok(());
    };
    if put(&mut file, &old).is_ok() {
        return Err(error);
    }
    let (_, kept) = temporary.keep().map_err(|failed| failed.error)?;
    let kept = kept.display();
    Err(io::Error::new(
        error.kind(),
        format!("{error}; the new text is in `{kept}`"),
    ))
}

fn put(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}
