//! Notices that a source of the page has changed.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::project::Project;

/// Sources of the page, as in `Trunk.toml`.
const SOURCES: [&str; 5] = ["index.html", "Cargo.toml", "Cargo.lock", "crates", "web"];

/// A folder that the build itself writes.
const GENERATED: &str = "generated";

/// Returns the latest time at which a source was changed, and the number of sources, which a removed file changes.
pub fn newest(project: &Project) -> (SystemTime, usize) {
    let mut found = (SystemTime::UNIX_EPOCH, 0);
    for source in SOURCES {
        look(&project.root.join(source), &mut found);
    }
    found
}

/// Waits a moment: looking at a thousand files takes milliseconds.
pub fn pause() {
    std::thread::sleep(Duration::from_millis(500));
}

fn look(path: &Path, found: &mut (SystemTime, usize)) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if metadata.is_file() {
        found.0 = found.0.max(metadata.modified().unwrap_or(found.0));
        found.1 += 1;
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_skipped = name == GENERATED || name.to_string_lossy().starts_with('.');
        if !is_skipped {
            look(&entry.path(), found);
        }
    }
}
