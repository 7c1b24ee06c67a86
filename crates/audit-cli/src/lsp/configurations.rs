//! The configurations of open documents: for each the nearest `audit-policy.toml`, in its folder or above it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use crate::config::{self, Config};

/// The configurations that were read, by their paths.
#[derive(Default)]
pub(super) struct Configurations(BTreeMap<PathBuf, Known>);

/// A configuration as it was read.
struct Known {
    state: FileState,
    config: Rc<Config>,
}

/// State of a file, by which a change is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileState {
    modified: Option<SystemTime>,
    bytes: u64,
}

/// A configuration that cannot be read, or is wrong: a line for each error. Without its file, the document counts as one without a configuration.
pub(super) struct ConfigError(pub(super) String);

impl Configurations {
    /// Returns the configuration of a document's file. It is read again if its file has changed; an error is returned once for each state of the file.
    pub(super) fn of(&mut self, file: &Path) -> (Rc<Config>, Option<ConfigError>) {
        let Some(path) = file.parent().and_then(config::nearest_to) else {
            return (Rc::default(), None);
        };
        let state = FileState::of(&path);
        if let Some(known) = self.0.get(&path)
            && known.state == state
        {
            return (Rc::clone(&known.config), None);
        }
        let (config, error) = match config::read_file(&path) {
            Ok(config) => (config, None),
            Err(error) => (Config::default(), error.message().map(ConfigError)),
        };
        let config = Rc::new(config);
        let known = Known {
            state,
            config: Rc::clone(&config),
        };
        self.0.insert(path, known);
        (config, error)
    }
}

impl FileState {
    fn of(path: &Path) -> Self {
        let metadata = fs::metadata(path).ok();
        Self {
            modified: metadata.as_ref().and_then(|file| file.modified().ok()),
            bytes: metadata.map_or(0, |file| file.len()),
        }
    }
}
