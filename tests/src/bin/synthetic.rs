//! `synthetic FILE bodies|metadata bytes|events N`: writes a synthetic log, unless the same one is there already.
//!
//! Prints one line, `{"path":…,"bytes":…,"events":…}`.

#![forbid(unsafe_code)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use conformance::synthetic::{Contents, Synthetic};

const USAGE: &str = "synthetic FILE bodies|metadata bytes|events N";

/// Number of bytes of a file that are compared with what would be written: more than a round of the recordings, so that a change of any of
/// them is seen.
const COMPARED: u64 = 16 << 20;

/// A log, as it is asked for.
struct Order {
    path: PathBuf,
    contents: Contents,
    length: Length,
}

enum Length {
    /// This number of bytes, or slightly more.
    Bytes(u64),
    Events(u64),
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(order) = Order::of(&words) else {
        eprintln!("usage: {USAGE}");
        return ExitCode::from(2);
    };
    match order.fill() {
        Ok((bytes, events)) => {
            let path = serde_json::Value::from(order.path.to_string_lossy());
            println!("{{\"path\":{path},\"bytes\":{bytes},\"events\":{events}}}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: `{}`: {error}", order.path.display());
            ExitCode::FAILURE
        }
    }
}

impl Order {
    fn of(words: &[String]) -> Option<Self> {
        let [path, contents, unit, number] = words else {
            return None;
        };
        let contents = match contents.as_str() {
            "bodies" => Contents::Bodies,
            "metadata" => Contents::Metadata,
            _ => return None,
        };
        let number = number.parse().ok()?;
        let length = match unit.as_str() {
            "bytes" => Length::Bytes(number),
            "events" => Length::Events(number),
            _ => return None,
        };
        Some(Self {
            path: path.into(),
            contents,
            length,
        })
    }

    /// Sees to it that the file is there; its bytes and its events.
    fn fill(&self) -> io::Result<(u64, u64)> {
        // A pass that writes nothing computes the log's size and events, so that an existing file can be compared with them.
        let mut nowhere = io::sink();
        let expected = self.write(&mut nowhere)?;
        if self.is_there(expected.0)? {
            return Ok(expected);
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        // Renamed when whole: what was broken off never looks finished.
        let partial = self.path.with_extension("partial");
        let mut out = BufWriter::with_capacity(1 << 20, File::create(&partial)?);
        let written = self.write(&mut out)?;
        out.flush()?;
        fs::rename(&partial, &self.path)?;
        Ok(written)
    }

    fn write(&self, out: &mut impl Write) -> io::Result<(u64, u64)> {
        let mut log = Synthetic::new(self.contents)?;
        let mut out = Counted { out, bytes: 0 };
        let events = match self.length {
            Length::Bytes(bytes) => log.write(bytes, &mut out)?,
            Length::Events(events) => {
                log.write_lines(events, &mut out)?;
                events
            }
        };
        Ok((out.bytes, events))
    }

    /// Returns whether there is a file of this size that begins as the log does.
    fn is_there(&self, bytes: u64) -> io::Result<bool> {
        if !is_of_size(&self.path, bytes) {
            return Ok(false);
        }
        let mut found = Vec::new();
        File::open(&self.path)?
            .take(COMPARED)
            .read_to_end(&mut found)?;
        let mut expected = Vec::new();
        Synthetic::new(self.contents)?.write(found.len() as u64, &mut expected)?;
        Ok(expected.starts_with(&found))
    }
}

fn is_of_size(path: &Path, bytes: u64) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == bytes)
}

/// Counts what passes.
struct Counted<'o, W> {
    out: &'o mut W,
    bytes: u64,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
