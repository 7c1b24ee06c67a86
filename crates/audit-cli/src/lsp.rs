//! `lsp`: a language server on standard input and output. It reads open documents, and of files only the configuration of each, `audit-policy.toml`.

mod actions;
mod client;
mod completion;
mod configurations;
mod cursor;
mod diagnostics;
mod documents;
mod file_uri;
mod frame;
mod hover;
mod place;
mod positions;
mod region;
mod session;
mod suggest;
mod values;

use std::io::{self, BufReader, IsTerminal};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::thread;

use audit_policy::KubernetesVersion;
use lsp_server::Message;

use crate::error::{Error, Result};
use crate::output::diagnostic;
use frame::FrameError;
use session::{Next, Session};

/// Maximum number of messages that wait while one is handled.
const MAX_WAITING: usize = 64;

/// Serves the editor until it ends the session. `version` is that of the call; the editor's settings go before it, and it goes before the
/// configuration of a document.
///
/// # Errors
/// If the input is not that of an editor, or ends without `exit`, or the editor exits without a `shutdown`.
pub(crate) fn run(version: Option<KubernetesVersion>) -> Result {
    if io::stdin().is_terminal() {
        diagnostic("waiting for the messages of an editor; `check` reports findings on a terminal");
    }
    let (sender, receiver) = sync_channel(MAX_WAITING);
    // Reading on a thread of its own shows whether further changes wait, so that findings are computed for the last one only.
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin().lock());
        loop {
            let message = frame::read(&mut input);
            let is_last = !matches!(message, Ok(Some(_)));
            if sender.send(message).is_err() || is_last {
                break;
            }
        }
    });
    serve(&mut Session::new(version), &receiver)
}

type Read = Result<Option<Message>, FrameError>;

fn serve(session: &mut Session, receiver: &Receiver<Read>) -> Result {
    loop {
        let read = match receiver.try_recv() {
            Ok(read) => read,
            Err(TryRecvError::Empty) => {
                send(session.publish())?;
                match receiver.recv() {
                    Ok(read) => read,
                    Err(_) => Ok(None),
                }
            }
            Err(TryRecvError::Disconnected) => Ok(None),
        };
        let Some(message) = read.map_err(|error| Error::Usage(error.to_string()))? else {
            return end_of_input(session.is_shut_down());
        };
        match session.handle(message) {
            Next::Send(messages) => send(messages)?,
            Next::Exit if session.is_shut_down() => return Ok(()),
            Next::Exit => return Err(Error::Rejected),
        }
    }
}

fn end_of_input(is_shut_down: bool) -> Result {
    if is_shut_down {
        return Ok(());
    }
    let message = "standard input ended before the editor sent `shutdown` and `exit`";
    Err(Error::Usage(message.to_owned()))
}

fn send(messages: Vec<Message>) -> Result {
    let mut out = io::stdout().lock();
    for message in messages {
        message.write(&mut out)?;
    }
    Ok(())
}
