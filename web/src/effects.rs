//! Runs the effects of the state: the only place where they reach the worker, the browser and the editor.

use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::deferred;
use crate::dom_ids;
use crate::download::DownloadWriter;
use crate::editor::{EditorHandle, TextEditorHandle};
use crate::history;
use crate::link;
use crate::offline;
use crate::platform;
use crate::seal;
use crate::state::download::Destination;
use crate::state::lessons::LessonsAction;
use crate::state::share::ShareAction;
use crate::state::{Action, EditorCommand, Effect, FileContent};
use crate::worker_client::WorkerClient;
use crate::workspace_storage::WorkspaceStorage;
use playground_protocol::{EventSelection, LineFormat, LineRequest};

/// Key of the solved steps of lessons in the browser's storage.
const PROGRESS_KEY: &str = "audit-policy-playground.lessons";

/// Runs effects on the worker, the storage and the editor. Clones share them.
#[derive(Clone, Default)]
pub struct EffectRunner {
    /// The worker.
    pub client: WorkerClient,
    /// The browser's storage of the workspace.
    pub storage: WorkspaceStorage,
    /// The policy editor.
    pub editor: EditorHandle,
    /// The editor of the tests.
    pub tests: TextEditorHandle,
    writer: DownloadWriter,
}

impl EffectRunner {
    /// Runs an effect. What follows from it is dispatched by `on`.
    pub fn run(&self, effect: Effect, on: &Callback<Action>) {
        match effect {
            Effect::Send(message) => self.client.send(&message, None),
            Effect::SendWithFiles(message, files) => self.client.send(&message, Some(files)),
            Effect::RestartWorker => {
                self.writer.abort();
                self.client.restart();
            }
            Effect::Seal => spawn_local(seal::seal(on.clone())),
            Effect::CheckSeal => spawn_local(seal::check(self.client.worker(), on.clone())),
            Effect::LoadNewVersion => offline::load_new_version(),
            Effect::OpenDestination(lines, destination) => {
                self.open_destination(lines, destination, on.clone());
            }
            Effect::WriteChunk(chunk) => self.writer.write(chunk, on.clone()),
            Effect::AbortDownload => self.writer.abort(),
            Effect::Print => platform::print(),
            Effect::SaveFile(name, content) => save_file(&name, &content, on),
            Effect::MakeLink(number, workspace) => {
                spawn_local(make_link(number, workspace, on.clone()));
            }
            Effect::OpenFilePicker => platform::click(dom_ids::FILE_PICKER),
            Effect::Focus(id) => after_render(move || {
                platform::focus(id);
            }),
            Effect::Edit(command) => self.edit(command),
            Effect::RevealTest(from, to) => {
                let tests = self.tests.clone();
                after_render(move || tests.reveal(from, to));
            }
            Effect::LoadProgress => {
                // Without storage, there is no progress.
                let text = platform::stored(PROGRESS_KEY).ok().flatten();
                on.emit(Action::Lessons(LessonsAction::ProgressLoaded(
                    text.unwrap_or_default(),
                )));
            }
            Effect::StoreProgress(text) => {
                // Without storage, progress lasts as long as the page.
                let _ = platform::store(PROGRESS_KEY, &text);
            }
            Effect::Storage(effect) => deferred::access_storage(&self.storage, effect, on),
            Effect::History(change) => history::follow(change),
            Effect::AnswerHost(number, answer) => deferred::answer_host(number, answer),
        }
    }

    /// Opens the clipboard at once, or a file once the user has chosen one. Nothing follows if the user chooses none.
    fn open_destination(&self, lines: LineRequest, destination: Destination, on: Callback<Action>) {
        match destination {
            Destination::Clipboard => {
                self.writer.open_clipboard();
                on.emit(Action::StartDownload(lines, destination));
            }
            Destination::File => {
                let writer = self.writer.clone();
                spawn_local(async move {
                    if writer.open_file(file_name(lines)).await {
                        on.emit(Action::StartDownload(lines, destination));
                    }
                });
            }
        }
    }

    fn edit(&self, command: EditorCommand) {
        match command {
            EditorCommand::Focus => {
                let editor = self.editor.clone();
                after_render(move || editor.focus());
            }
            EditorCommand::Reveal(from, to) => self.editor.reveal(from, to),
            EditorCommand::Apply(edits) => self.editor.apply(&edits),
            EditorCommand::Undo => self.editor.undo(),
        }
    }
}

const fn file_name(lines: LineRequest) -> &'static str {
    match (lines.events, lines.format) {
        (EventSelection::Log, _) => "audit-as-written.log",
        (_, LineFormat::Recorded) => "events-as-recorded.jsonl",
        (_, LineFormat::Written) => "events-as-written.jsonl",
    }
}

fn save_file(name: &str, content: &FileContent, on: &Callback<Action>) {
    let saved = match content {
        FileContent::Text(text) => platform::save(name, text),
        FileContent::Bytes(bytes) => platform::save_bytes(name, bytes),
    };
    if saved.is_err() {
        on.emit(Action::ShowError(
            "This browser doesn't allow the page to save files.".to_owned(),
        ));
    }
}

async fn make_link(number: u32, workspace: String, on: Callback<Action>) {
    let link = link::link_to(&workspace).await;
    on.emit(Action::Share(ShareAction::LinkReady(number, link)));
}

/// Runs once the page shows the newest state.
fn after_render(act: impl FnOnce() + 'static) {
    gloo::timers::callback::Timeout::new(0, act).forget();
}
