//! `mcp`: the commands as tools of a Model Context Protocol server on standard input and output.
//!
//! A tool's call becomes a call of the command within the process, so that its answer is what the command prints. Texts come with the call: no file
//! is read or written.

mod answer;
mod arguments;
mod call;
mod limits;
mod messages;
mod parameter;
mod server;
mod tools;
mod transport;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use tokio::runtime::Builder;

use crate::error::{Error, Result};
use call::RunCommand;
use limits::{MAX_CALLS, STACK_BYTES};
use server::Server;
use transport::Lines;

/// Answers messages until the input ends.
///
/// # Errors
/// If the system does not allow threads.
pub(crate) fn run(command: RunCommand) -> Result {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .max_blocking_threads(MAX_CALLS)
        .thread_stack_size(STACK_BYTES)
        .build()
        .map_err(|error| Error::Usage(format!("cannot start the server: {error}")))?;
    let lines = Lines::of_standard_streams()
        .map_err(|error| Error::Usage(format!("cannot start the server: {error}")))?;
    runtime.block_on(serve(Server::new(command), lines));
    // A cancelled call may still run; nobody waits for its answer.
    runtime.shutdown_background();
    Ok(())
}

/// Serves until the input ends. A message that is out of place before the handshake does not end the server.
async fn serve(server: Server, lines: Lines) {
    loop {
        match server.clone().serve(lines.clone()).await {
            Ok(running) => {
                // The reason does not matter: the input has ended, or nobody reads the output.
                let _ = running.waiting().await;
                return;
            }
            Err(
                ServerInitializeError::ExpectedInitializeRequest(_)
                | ServerInitializeError::InitializeFailed(_),
            ) => {}
            Err(_) => return,
        }
    }
}
