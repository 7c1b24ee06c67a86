//! Files that let one run wait for another, which uses the same folder.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::run::Error;

/// A lock that is held until this is dropped, or the program ends in whatever way.
#[derive(Debug)]
pub struct Lock {
    /// `None` if the file system has no locks.
    _file: Option<File>,
}

impl Lock {
    /// Waits until no other run holds the lock, and holds it. `wait` is printed if another run does.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub fn hold(path: &Path, wait: &str) -> Result<Self, Error> {
        let file = open(path)?;
        let file = match file.try_lock() {
            Ok(()) => Some(file),
            Err(TryLockError::WouldBlock) => {
                println!("{wait}");
                file.lock().map_err(|error| Error::at(path, &error))?;
                Some(file)
            }
            Err(TryLockError::Error(_)) => None,
        };
        Ok(Self { _file: file })
    }
}

fn open(path: &Path) -> Result<File, Error> {
    let at = |error: std::io::Error| Error::at(path, &error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    // The content does not matter, and another run may have it open.
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options.open(path).map_err(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_until_it_is_dropped() {
        let path = std::env::temp_dir().join(format!("xtask-lock-{}", std::process::id()));
        let is_free = || open(&path).unwrap().try_lock().is_ok();
        let lock = Lock::hold(&path, "").unwrap();
        let is_locking = lock._file.is_some();
        assert_eq!(is_free(), !is_locking);
        drop(lock);
        assert!(is_free());
        fs::remove_file(path).unwrap();
    }
}
