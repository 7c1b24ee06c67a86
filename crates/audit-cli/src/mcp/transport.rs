//! Messages on standard input and output: one JSON object per line.
//!
//! Unlike the transports of the SDK, it answers a line that is not a message. At the end of the input, it waits until every request is answered.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io::{self, BufReader, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rmcp::RoleServer;
use rmcp::model::{
    ClientJsonRpcMessage, ClientNotification, JsonRpcMessage, RequestId, ServerJsonRpcMessage,
};
use rmcp::transport::Transport;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Mutex as AsyncMutex, Notify};

use super::limits::MAX_WAITING;
use super::messages::{Line, next_line, parse};

/// Messages on standard input and output.
#[derive(Clone)]
pub(super) struct Lines {
    incoming: Arc<AsyncMutex<Receiver<ClientJsonRpcMessage>>>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    waiting: Mutex<Waiting>,
    /// Something has changed in it.
    changed: Notify,
}

#[derive(Default)]
struct Waiting {
    /// Requests without an answer.
    requests: HashSet<RequestId>,
    /// Nobody reads the output.
    is_closed: bool,
}

impl Lines {
    /// Starts to read standard input.
    ///
    /// # Errors
    /// If the system does not allow a thread.
    pub(super) fn of_standard_streams() -> io::Result<Self> {
        let (send, incoming) = channel(1);
        let state = Arc::<State>::default();
        let own = Arc::clone(&state);
        // Nobody waits for its end, because reading cannot be interrupted.
        thread::Builder::new().spawn(move || read(&send, &own))?;
        Ok(Self {
            incoming: Arc::new(AsyncMutex::new(incoming)),
            state,
        })
    }
}

impl State {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a message. If that fails, nobody reads the output, and the server ends.
    fn write(&self, message: &ServerJsonRpcMessage) {
        let mut line = serde_json::to_vec(message).unwrap_or_default();
        line.push(b'\n');
        let mut out = io::stdout().lock();
        let written = out.write_all(&line).and_then(|()| out.flush());
        drop(out);
        let answered = match message {
            JsonRpcMessage::Response(response) => Some(&response.id),
            JsonRpcMessage::Error(error) => error.id.as_ref(),
            _ => None,
        };
        let mut waiting = self.waiting();
        if let Some(id) = answered {
            waiting.requests.remove(id);
        }
        waiting.is_closed |= written.is_err();
        drop(waiting);
        self.changed.notify_one();
    }

    /// Records a message that was received.
    fn record(&self, message: &ClientJsonRpcMessage) {
        let mut waiting = self.waiting();
        match message {
            JsonRpcMessage::Request(request) => {
                waiting.requests.insert(request.id.clone());
            }
            // A cancelled request gets no answer.
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    waiting.requests.remove(id);
                }
            }
            _ => {}
        }
    }

    /// Waits until the number of requests without an answer is below a limit. Returns false if nobody reads the output.
    async fn wait_below(&self, limit: usize) -> bool {
        loop {
            {
                let waiting = self.waiting();
                if waiting.is_closed {
                    return false;
                }
                if waiting.requests.len() < limit {
                    return true;
                }
            }
            self.changed.notified().await;
        }
    }

    async fn closed(&self) {
        while self.wait_below(usize::MAX).await {
            self.changed.notified().await;
        }
    }
}

impl Transport<RoleServer> for Lines {
    type Error = Infallible;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Infallible>> + Send + 'static {
        self.state.write(&message);
        std::future::ready(Ok(()))
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        if !self.state.wait_below(MAX_WAITING).await {
            return None;
        }
        let received = async { self.incoming.lock().await.recv().await };
        let message = tokio::select! {
            message = received => message,
            () = self.state.closed() => return None,
        };
        match message {
            Some(message) => {
                self.state.record(&message);
                Some(message)
            }
            None => {
                self.state.wait_below(1).await;
                None
            }
        }
    }

    async fn close(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Reads standard input to its end, and passes its messages on. A line that is not a message is answered here.
fn read(send: &Sender<ClientJsonRpcMessage>, state: &State) {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    loop {
        let answer = match next_line(&mut input) {
            // An input that cannot be read any further has ended.
            Err(_) | Ok(Line::End) => return,
            Ok(Line::TooLong(answer)) => answer,
            Ok(Line::Message(line)) => match parse(&line) {
                Ok(None) => continue,
                Ok(Some(message)) => {
                    if send.blocking_send(message).is_err() {
                        return;
                    }
                    continue;
                }
                Err(answer) => answer,
            },
        };
        state.write(&answer);
    }
}
