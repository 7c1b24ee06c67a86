//! Side effects as data: what a change of the state asks for, for [`crate::effects`] to run.

use playground_protocol::{Edit, LineChunk, LineRequest, ToWorker};

use super::download::Destination;
use super::embed::HostAnswer;
use super::kept::StorageEffect;
use super::trail::HistoryEffect;

/// A side effect of a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Sends a message to the worker.
    Send(ToWorker),
    /// Sends a message to the worker with the files that are stored under this number.
    SendWithFiles(ToWorker, u32),
    /// Opens the browser's window for printing.
    Print,
    /// Ends the worker and starts another one.
    RestartWorker,
    /// Loads what is left and forbids the page every connection. A [`super::seal::SealAction`] follows.
    Seal,
    /// Checks the seal: attempts requests from the page and the worker, which must fail. A [`super::seal::SealAction`] follows.
    CheckSeal,
    /// Loads the page again, in its newer version.
    LoadNewVersion,
    /// Opens the destination of a download. [`super::Action::StartDownload`] follows once it is open.
    OpenDestination(LineRequest, Destination),
    /// Writes a chunk of a download to its destination. [`super::Action::ChunkWritten`] follows.
    WriteChunk(LineChunk),
    /// Closes the destination of the download that was cancelled. A file on disk stays as it was.
    AbortDownload,
    /// Offers a file to save.
    SaveFile(String, FileContent),
    /// Makes a link with a workspace, for the request of this number. [`super::share::ShareAction::LinkReady`] follows.
    MakeLink(u32, String),
    /// Opens the browser's file picker.
    OpenFilePicker,
    /// Moves the focus to the element of this id, once it is rendered.
    Focus(&'static str),
    /// Runs a command of the editor.
    Edit(EditorCommand),
    /// Scrolls to a range of the tests and selects it, in UTF-16 code units.
    RevealTest(usize, usize),
    /// Reads which steps of lessons are solved. A [`super::lessons::LessonsAction`] follows.
    LoadProgress,
    /// Keeps which steps of lessons are solved.
    StoreProgress(String),
    /// Accesses the browser's storage of workspaces. A [`super::workspace::WorkspaceAction`] may follow.
    Storage(StorageEffect),
    /// Changes the browser's history.
    History(HistoryEffect),
    /// Answers the message of this number to the page around this one.
    AnswerHost(u32, HostAnswer),
}

/// Content of a file to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileContent {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// A command of the policy editor. Offsets are UTF-16 code units of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditorCommand {
    /// Moves the focus into the text.
    Focus,
    /// Scrolls to a range of the text and selects it.
    Reveal(usize, usize),
    /// Changes the text as if it had been typed.
    Apply(Vec<Edit>),
    /// Undoes the last change.
    Undo,
}
