//! Files and texts on their way in: policies go to the editor, everything else is a log for the worker.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DataTransfer, File, FileList};
use yew::Callback;

use crate::intake;
use crate::link::Link;
use crate::state::Action;

/// The files of a list.
pub fn listed(list: Option<FileList>) -> Vec<File> {
    list.map_or_else(Vec::new, |list| {
        (0..list.length()).filter_map(|at| list.get(at)).collect()
    })
}

/// Takes in what was dropped or pasted; false where there is nothing to take.
pub fn take_transfer(data: &DataTransfer, link: &Link, on: &Callback<Action>) -> bool {
    let files = listed(data.files());
    if !files.is_empty() {
        take_files(files, link.clone(), on.clone());
        return true;
    }
    let text = data.get_data("text/plain").unwrap_or_default();
    take_text(text, on)
}

/// Takes in a pasted text; false where it is empty.
pub fn take_text(text: String, on: &Callback<Action>) -> bool {
    if text.trim().is_empty() {
        return false;
    }
    on.emit(if intake::looks_like_policy(&text) {
        Action::PlacePolicy(text)
    } else {
        Action::PasteLog(text)
    });
    true
}

/// Takes in files: the first that is a policy goes to the editor, those that are none are opened as one log.
pub fn take_files(files: Vec<File>, link: Link, on: Callback<Action>) {
    spawn_local(async move {
        let mut policy = None;
        let mut logs = Vec::new();
        for file in files {
            match read_policy(&file).await {
                Some(text) if policy.is_none() => policy = Some(text),
                Some(_) => {}
                None => logs.push(file),
            }
        }
        if !logs.is_empty() {
            link.stage(&logs);
            on.emit(Action::OpenFiles(logs.iter().map(File::name).collect()));
        }
        if let Some(text) = policy {
            on.emit(Action::PlacePolicy(text));
        }
    });
}

/// The text of a file that is a policy.
async fn read_policy(file: &File) -> Option<String> {
    if !intake::may_be_policy(&file.name(), file.size()) {
        return None;
    }
    let text = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text())
        .await
        .ok()?
        .as_string()?;
    intake::looks_like_policy(&text).then_some(text)
}
