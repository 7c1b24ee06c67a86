//! Opening files and texts: policies in the editor, workspaces, metrics, and everything else as a log.

use audit_workspace::{MAX_BYTES, Workspace, WorkspaceError};
use js_sys::{ArrayBuffer, Uint8Array};
use playground_figures::numbers;
use playground_protocol::MetricsFile;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DataTransfer, File, TextDecoder};
use yew::Callback;

use crate::deferred;
use crate::detect::{self, DETECT_BYTES, MAX_METRICS_BYTES, MAX_POLICY_BYTES};
use crate::embed;
use crate::folder::{self, Dropped, NamedFile};
use crate::rest;
use crate::state::Action;
use crate::state::claims::ClaimsAction;
use crate::state::lessons::LessonsAction;
use crate::state::metrics::MetricsAction;
use crate::state::opening::Skipped;
use crate::state::workspace::WorkspaceAction;
use crate::worker_client::WorkerClient;

/// Maximum number of files that are all inspected. Among more, only those with a matching name are, since it takes time.
const MAX_LOOKS: usize = 200;

/// Opens what was dropped or pasted, folders included; false if there is nothing, or if a host determines what is open.
pub fn open_transfer(data: &DataTransfer, client: &WorkerClient, on: &Callback<Action>) -> bool {
    if embed::is_compact() {
        return false;
    }
    // Dropped items can only be read while the event is handled.
    let dropped = folder::dropped(data);
    if !dropped.is_empty() {
        let (client, on) = (client.clone(), on.clone());
        rest::once_loaded(&on.clone(), move || {
            deferred::open_dropped(dropped, client, on)
        });
        return true;
    }
    let text = data.get_data("text/plain").unwrap_or_default();
    open_pasted_text(text, on)
}

/// Opens a pasted text; false if it is empty.
pub fn open_pasted_text(text: String, on: &Callback<Action>) -> bool {
    if text.trim().is_empty() {
        return false;
    }
    let open = on.clone();
    rest::once_loaded(on, move || deferred::open_text(text, &open));
    true
}

/// Opens a pasted text.
pub fn open_text(text: String, on: &Callback<Action>) {
    on.emit(if Workspace::is_likely(detect::head(&text)) {
        Action::Workspace(WorkspaceAction::Open(String::new(), text))
    } else if detect::is_lesson(&text) {
        Action::Lessons(LessonsAction::OpenFile(text))
    } else if detect::is_policy_tests(&text) {
        Action::Claims(ClaimsAction::Open(None, text))
    } else if detect::is_policy(&text) || detect::is_server_configuration(&text) {
        Action::ReplacePolicy(text)
    } else if detect::is_metrics(&text) {
        let name = String::new();
        Action::Metrics(MetricsAction::Open(vec![MetricsFile { name, text }]))
    } else {
        Action::PasteLog(text)
    });
}

/// Opens dropped files, and the files of dropped folders.
pub fn open_dropped(dropped: Vec<Dropped>, client: WorkerClient, on: Callback<Action>) {
    spawn_local(async move {
        let (files, skipped) = folder::files_of(dropped).await;
        if files.is_empty() && skipped.is_empty() {
            on.emit(Action::ShowError(
                "The folder contains no files.".to_owned(),
            ));
        } else {
            open_all(files, skipped, &client, &on).await;
        }
    });
}

/// Opens chosen files.
pub fn open_files(files: Vec<File>, client: WorkerClient, on: Callback<Action>) {
    rest::once_loaded(&on.clone(), move || deferred::open_files(files, client, on));
}

/// Opens chosen files.
pub fn open_chosen(files: Vec<File>, client: WorkerClient, on: Callback<Action>) {
    spawn_local(async move {
        let files = files.into_iter().map(NamedFile::from).collect();
        open_all(files, Skipped::new(), &client, &on).await;
    });
}

/// Opens the first policy in the editor, metrics in the volume, and all other files as one log.
async fn open_all(
    files: Vec<NamedFile>,
    skipped: Skipped,
    client: &WorkerClient,
    on: &Callback<Action>,
) {
    let mut sorted = SortedFiles {
        skipped,
        ..SortedFiles::default()
    };
    let are_many = files.len() > MAX_LOOKS;
    let is_alone = files.len() == 1;
    for file in files {
        let kind = if are_many && !detect::has_policy_extension(&file.name) {
            Kind::Log
        } else {
            kind_of(&file.file, is_alone).await
        };
        sorted.add(file, kind).await;
    }
    sorted.open(client, on);
}

/// Files by what is done with them.
#[derive(Default)]
struct SortedFiles {
    /// Name and text of the policy.
    policy: Option<(String, String)>,
    /// Name and text of the last workspace.
    workspace: Option<(String, String)>,
    /// Name and text of the last policy tests.
    tests: Option<(String, String)>,
    /// Text of the last lesson.
    lesson: Option<String>,
    logs: Vec<NamedFile>,
    metrics: Vec<MetricsFile>,
    skipped: Skipped,
}

impl SortedFiles {
    /// Adds a file of a kind; reads it, unless it is a log.
    async fn add(&mut self, NamedFile { name, file }: NamedFile, kind: Kind) {
        if kind == Kind::Log {
            self.logs.push(NamedFile { name, file });
            return;
        }
        if kind == Kind::Metrics {
            match text_of_metrics(&file).await {
                Ok(text) => self.metrics.push(MetricsFile { name, text }),
                Err(reason) => self.skipped.push((name, reason)),
            }
            return;
        }
        if kind == Kind::Workspace {
            match text_of_workspace(&file).await {
                Ok(text) => self.workspace = Some((name, text)),
                Err(reason) => self.skipped.push((name, reason)),
            }
            return;
        }
        if kind == Kind::Lesson {
            match text_of_lesson(&file).await {
                Ok(text) => self.lesson = Some(text),
                Err(reason) => self.skipped.push((name, reason)),
            }
            return;
        }
        if kind == Kind::Tests {
            match text_of_tests(&file).await {
                Ok(text) => self.tests = Some((name, text)),
                Err(reason) => self.skipped.push((name, reason)),
            }
            return;
        }
        match self.text_for_editor(&file).await {
            Ok(text) => self.policy = Some((name, text)),
            Err(reason) => self.skipped.push((name, reason)),
        }
    }

    /// Returns the text of a policy, or the reason why it can't be opened.
    async fn text_for_editor(&self, file: &File) -> Result<String, String> {
        if let Some((first, _)) = &self.policy {
            return Err([
                "only one policy can be opened at a time, and `",
                first,
                "` is in the editor",
            ]
            .concat());
        }
        if file.size() > MAX_POLICY_BYTES {
            return Err(too_large(file.size()));
        }
        let text = text_of(file).await;
        text.ok_or_else(|| "it can no longer be read".to_owned())
    }

    /// Opens what was added, and reports what was skipped.
    fn open(self, client: &WorkerClient, on: &Callback<Action>) {
        let mut skipped = self.skipped;
        if !self.logs.is_empty() {
            let files = client.add_files(self.logs.iter().map(|log| &log.file).collect());
            let names = self.logs.into_iter().map(|log| log.name).collect();
            on.emit(Action::OpenFiles {
                files,
                names,
                skipped: std::mem::take(&mut skipped),
            });
        }
        if !self.metrics.is_empty() {
            on.emit(Action::Metrics(MetricsAction::Open(self.metrics)));
        }
        if let Some((name, text)) = self.workspace {
            on.emit(Action::Workspace(WorkspaceAction::Open(
                detect::workspace_name(&name),
                text,
            )));
        }
        if let Some(text) = self.lesson {
            on.emit(Action::Lessons(LessonsAction::OpenFile(text)));
        }
        if let Some((name, text)) = self.policy {
            on.emit(Action::OpenPolicy(name, text));
        }
        if let Some((name, text)) = self.tests {
            on.emit(Action::Claims(ClaimsAction::Open(Some(name), text)));
        }
        // Last, since opening something dismisses earlier messages.
        report_skipped(&skipped, on);
    }
}

/// Returns the text of a workspace, or the reason why there is none.
async fn text_of_workspace(file: &File) -> Result<String, String> {
    if file.size() > MAX_BYTES as f64 {
        let error = WorkspaceError::TooLarge(file.size() as usize);
        return Err(["it is ", &error.to_string()].concat());
    }
    let text = text_of(file).await;
    text.ok_or_else(|| "it can no longer be read".to_owned())
}

/// Returns the text of policy tests, or the reason why there is none.
async fn text_of_tests(file: &File) -> Result<String, String> {
    if file.size() > MAX_POLICY_BYTES {
        let size = numbers::bytes(file.size());
        return Err([
            "it has ",
            &size,
            " of tests; run them with the command `audit-policy test`",
        ]
        .concat());
    }
    let text = text_of(file).await;
    text.ok_or_else(|| "it can no longer be read".to_owned())
}

/// Returns the text of a lesson, or the reason why there is none.
async fn text_of_lesson(file: &File) -> Result<String, String> {
    if file.size() > MAX_POLICY_BYTES {
        return Err(["it is a lesson of ", &numbers::bytes(file.size())].concat());
    }
    let text = text_of(file).await;
    text.ok_or_else(|| "it can no longer be read".to_owned())
}

/// Returns the text of metrics, or the reason why there is none.
async fn text_of_metrics(file: &File) -> Result<String, String> {
    if file.size() > MAX_METRICS_BYTES {
        return Err([
            "these are metrics of ",
            &numbers::bytes(file.size()),
            ", and the limit is ",
            &numbers::bytes(MAX_METRICS_BYTES),
        ]
        .concat());
    }
    let text = text_of(file).await;
    text.ok_or_else(|| "it can no longer be read".to_owned())
}

/// Kind of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Policy,
    Tests,
    Lesson,
    Workspace,
    Metrics,
    Log,
}

fn too_large(bytes: f64) -> String {
    [
        "it is a policy of ",
        &numbers::bytes(bytes),
        ", larger than the editor's limit of ",
        &numbers::bytes(MAX_POLICY_BYTES),
        "; check it with the command `audit-policy check`",
    ]
    .concat()
}

fn report_skipped(skipped: &Skipped, on: &Callback<Action>) {
    let first: Vec<String> = skipped
        .iter()
        .map(|(name, reason)| ["`", name, "` was not opened: ", reason, "."].concat())
        .collect();
    if !first.is_empty() {
        on.emit(Action::ShowError(first.join(" ")));
    }
}

/// Detects the kind of a file by its content, whatever its name and size. A configuration of the server is for the editor only if it is opened alone:
/// among others, the policy is.
async fn kind_of(file: &File, is_alone: bool) -> Kind {
    let head = file.slice_with_f64_and_f64(0.0, DETECT_BYTES as f64);
    let text = match head {
        Ok(head) => text_of(&head).await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    if Workspace::is_likely(&text) {
        Kind::Workspace
    } else if detect::is_lesson(&text) {
        Kind::Lesson
    } else if detect::is_policy_tests(&text) {
        Kind::Tests
    } else if detect::is_policy(&text) || is_alone && detect::is_server_configuration(&text) {
        Kind::Policy
    } else if detect::is_metrics(&text) {
        Kind::Metrics
    } else {
        Kind::Log
    }
}

/// Returns the text of a file; `None` if it cannot be read.
async fn text_of(blob: &Blob) -> Option<String> {
    let buffer: ArrayBuffer = JsFuture::from(blob.array_buffer())
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let bytes = Uint8Array::new(&buffer);
    let encoding = detect::encoding(&bytes.subarray(0, 2).to_vec());
    let decoder = TextDecoder::new_with_label(encoding).ok()?;
    decoder.decode_with_buffer_source(&bytes).ok()
}
