//! Contents of files at the base.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::git::{Repository, command, not_started};
use crate::error::{Error, Result};

/// Reads objects through one process of `git`, which ends with this value.
pub(super) struct BaseReader {
    child: Child,
    /// `None` at the end only.
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl BaseReader {
    /// Starts the process.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(repository: &Repository) -> Result<Self> {
        let child = command(&repository.root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(|error| not_started(&error))?;
        let (Some(requests), Some(replies)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(&io::Error::other("no pipe")));
        };
        Ok(Self {
            child,
            requests: Some(requests),
            replies: BufReader::new(replies),
        })
    }

    /// Returns the bytes of an object. `None` if there are more than a maximum, or the object is missing, as in a partial clone.
    ///
    /// # Errors
    /// If `git` ends.
    pub(super) fn read(&mut self, object: &str, max_bytes: u64) -> Result<Option<Vec<u8>>> {
        self.exchange(object, max_bytes)
            .map_err(|error| failed(&error))
    }

    fn exchange(&mut self, object: &str, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
        if let Some(requests) = &mut self.requests {
            writeln!(requests, "{object}")?;
            requests.flush()?;
        }
        let mut head = String::new();
        self.replies.read_line(&mut head)?;
        let mut words = head.trim_end().rsplit(' ');
        let size = words.next().unwrap_or_default();
        if size == "missing" {
            return Ok(None);
        }
        let size: u64 = size
            .parse()
            .map_err(|_| io::Error::other("its reply is not understood"))?;
        let mut content = (&mut self.replies).take(size.saturating_add(1));
        if size > max_bytes {
            io::copy(&mut content, &mut io::sink())?;
            return Ok(None);
        }
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        if (bytes.len() as u64) <= size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // The line end behind the content.
        bytes.pop();
        Ok(Some(bytes))
    }
}

impl Drop for BaseReader {
    fn drop(&mut self) {
        // The process ends when its input does.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}

fn failed(error: &io::Error) -> Error {
    Error::Usage(format!("`git cat-file` failed: {error}"))
}
