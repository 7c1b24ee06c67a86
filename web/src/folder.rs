//! Files of dropped folders, at any depth. Audit logs rotate within a folder.

use js_sys::{Array, Function, Promise};
use playground_figures::numbers;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry,
};

use crate::state::opening::Skipped;

/// Maximum number of files in a log.
const MAX_FILES: usize = 10_000;

/// Maximum depth of folders.
const MAX_DEPTH: usize = 32;

/// A file with the name to show: in a folder, its path.
pub struct NamedFile {
    /// Name.
    pub name: String,
    /// File.
    pub file: File,
}

impl From<File> for NamedFile {
    fn from(file: File) -> Self {
        Self {
            name: file.name(),
            file,
        }
    }
}

/// Returns the files of a list.
pub fn listed(list: Option<FileList>) -> Vec<File> {
    list.map_or_else(Vec::new, |list| {
        (0..list.length()).filter_map(|at| list.get(at)).collect()
    })
}

/// A dropped item.
pub enum Dropped {
    /// A file.
    File(File),
    /// A folder.
    Folder(FileSystemDirectoryEntry),
}

/// Returns the items that were dropped or pasted, in order. Call it while the event is handled: later there are none.
pub fn dropped(data: &DataTransfer) -> Vec<Dropped> {
    let items = data.items();
    let mut dropped = Vec::new();
    for item in (0..items.length()).filter_map(|at| items.get(at)) {
        if item.kind() != "file" {
            continue;
        }
        let entry = item.webkit_get_as_entry().ok().flatten();
        if let Some(entry) = entry.filter(FileSystemEntry::is_directory) {
            dropped.push(Dropped::Folder(entry.unchecked_into()));
        } else if let Ok(Some(file)) = item.get_as_file() {
            dropped.push(Dropped::File(file));
        }
    }
    if dropped.is_empty() {
        dropped.extend(listed(data.files()).into_iter().map(Dropped::File));
    }
    dropped
}

/// Returns the files of dropped items, those of a folder sorted by path, and what could not be read.
pub async fn files_of(dropped: Vec<Dropped>) -> (Vec<NamedFile>, Skipped) {
    let mut files = Vec::new();
    let mut skipped = Skipped::new();
    for one in dropped {
        match one {
            Dropped::File(file) => files.push(NamedFile::from(file)),
            Dropped::Folder(folder) => walk(folder, &mut files, &mut skipped).await,
        }
    }
    if files.len() > MAX_FILES {
        let more = numbers::counted(files.len().saturating_sub(MAX_FILES), "file");
        files.truncate(MAX_FILES);
        let reason = [
            "left out: a log has at most ",
            &numbers::count(MAX_FILES),
            " files",
        ];
        skipped.push((more, reason.concat()));
    }
    (files, skipped)
}

/// Collects the files below a folder.
async fn walk(folder: FileSystemDirectoryEntry, files: &mut Vec<NamedFile>, skipped: &mut Skipped) {
    let mut found: Vec<(String, FileSystemFileEntry)> = Vec::new();
    let mut folders = vec![(folder.name(), folder, 0)];
    while let Some((path, folder, depth)) = folders.pop() {
        if depth > MAX_DEPTH || found.len() > MAX_FILES {
            skipped.push((
                path,
                "this folder was skipped: there are too many files or folders".to_owned(),
            ));
            continue;
        }
        let Ok(entries) = entries_of(&folder.create_reader()).await else {
            skipped.push((path, "this folder cannot be read".to_owned()));
            continue;
        };
        for entry in entries {
            let path = [path.as_str(), "/", &entry.name()].concat();
            if entry.is_directory() {
                folders.push((path, entry.unchecked_into(), depth + 1));
            } else {
                found.push((path, entry.unchecked_into()));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, entry) in found {
        match file_of(&entry).await {
            Ok(file) => files.push(NamedFile { name, file }),
            Err(_) => skipped.push((name, "it cannot be read".to_owned())),
        }
    }
}

/// Returns the entries of a folder. A reader returns them in batches; an empty one is the last.
async fn entries_of(reader: &FileSystemDirectoryReader) -> Result<Vec<FileSystemEntry>, JsValue> {
    let mut entries = Vec::new();
    loop {
        let batch =
            promised(|done, fail| reader.read_entries_with_callback_and_callback(done, fail));
        let batch = Array::from(&JsFuture::from(batch).await?);
        if batch.length() == 0 {
            return Ok(entries);
        }
        entries.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let file = promised(|done, fail| {
        entry.file_with_callback_and_callback(done, fail);
        Ok(())
    });
    JsFuture::from(file).await?.dyn_into()
}

/// Wraps a method with two callbacks in a promise.
fn promised(call: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Promise {
    Promise::new(&mut |done, fail| {
        if let Err(error) = call(&done, &fail) {
            let _ = fail.call1(&JsValue::UNDEFINED, &error);
        }
    })
}
