//! A large log, the same every time: the real recordings over and over, as if a cluster had gone on.
//!
//! Every round gives its requests audit IDs of their own, later times, and other names to the objects that a controller would
//! create again; so the number of distinct requests grows with the log, as it does in a real one.

use std::io::{self, Write};

use serde_json::Value;

use crate::read;

/// Contents of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Everything, bodies included.
    Bodies,
    /// Level Metadata: no bodies.
    Metadata,
}

/// The recordings, as templates.
#[derive(Debug)]
pub struct Synthetic {
    templates: Vec<Template>,
    round: u64,
    next: usize,
    /// The line being printed, kept for its room.
    line: String,
}

/// An event, cut where a later round differs.
#[derive(Debug)]
struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    /// The audit ID's own number.
    Round,
    /// Date and hour of a time.
    Hour,
    /// A name's suffix.
    Suffix,
}

impl Synthetic {
    /// The recordings of both servers, cut into templates.
    ///
    /// # Errors
    /// If the recordings cannot be read.
    pub fn new(contents: Contents) -> io::Result<Self> {
        let mut templates = Vec::new();
        for recording in ["kube-apiserver-1.20", "kube-apiserver-1.36"] {
            let bytes = read(format!("{recording}/base.jsonl.gz"))?;
            let text = String::from_utf8(bytes).map_err(io::Error::other)?;
            for line in text.lines() {
                templates.push(Template::new(line, contents)?);
            }
        }
        Ok(Self {
            templates,
            round: 0,
            next: 0,
            line: String::new(),
        })
    }

    /// Writes whole lines, `bytes` or a little more of them; goes on where the last call ended. How many lines there were.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write(&mut self, bytes: u64, out: &mut impl Write) -> io::Result<u64> {
        let (mut written, mut lines) = (0, 0);
        while written < bytes {
            written += self.write_line(out)?;
            lines += 1;
        }
        Ok(lines)
    }

    /// Writes the next lines and returns the number of bytes.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn write_lines(&mut self, lines: u64, out: &mut impl Write) -> io::Result<u64> {
        let mut written = 0;
        for _ in 0..lines {
            written += self.write_line(out)?;
        }
        Ok(written)
    }

    /// Writes the next line; how many bytes it was.
    fn write_line(&mut self, out: &mut impl Write) -> io::Result<u64> {
        self.line.clear();
        if let Some(template) = self.templates.get(self.next) {
            template.print(self.round, &mut self.line);
        }
        out.write_all(self.line.as_bytes())?;
        self.next += 1;
        if self.next >= self.templates.len() {
            self.next = 0;
            self.round += 1;
        }
        Ok(self.line.len() as u64)
    }
}

impl Template {
    fn new(line: &str, contents: Contents) -> io::Result<Self> {
        let mut event: Value = serde_json::from_str(line)?;
        let line = match (contents, event.as_object_mut()) {
            (Contents::Metadata, Some(fields)) => {
                fields.shift_remove("requestObject");
                fields.shift_remove("responseObject");
                fields.insert("level".to_owned(), "Metadata".into());
                // As the server's encoder escapes; outside strings none of the three occurs.
                event
                    .to_string()
                    .replace('&', "\\u0026")
                    .replace('<', "\\u003c")
                    .replace('>', "\\u003e")
            }
            _ => line.to_owned(),
        };
        let event: Value = serde_json::from_str(&line)?;
        let at = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        // Pods and what controllers make for them come and go under new names; the rest stays.
        let is_fleeting = matches!(
            at("/objectRef/resource"),
            Some("pods" | "events" | "configmaps" | "leases" | "replicasets" | "jobs")
        );
        let name = at("/objectRef/name")
            .filter(|name| is_fleeting && name.len() > 2)
            .map(|name| [("/", name, "?"), ("/", name, "\""), ("\"", name, "\"")]);
        let mut cuts: Vec<(usize, usize, Piece)> = Vec::new();
        if let Some(id) = at("/auditID").filter(|id| !id.is_empty()) {
            let quoted = serde_json::to_string(id)?;
            if let Some(start) = line.find(&quoted) {
                let end = start + quoted.len() - 1;
                cuts.push((end, end, Piece::Round));
            }
        }
        for field in ["requestReceivedTimestamp", "stageTimestamp"] {
            if let Some(time) = at(&format!("/{field}"))
                && let Some(start) = line.rfind(&format!("\"{time}\""))
            {
                cuts.push((start + 1, start + 14, Piece::Hour));
            }
        }
        for (before, name, after) in name.into_iter().flatten() {
            let pattern = [before, name, after].concat();
            for (start, _) in line.match_indices(&pattern) {
                let end = start + pattern.len() - after.len();
                cuts.push((end, end, Piece::Suffix));
            }
        }
        cuts.sort_by_key(|(start, ..)| *start);
        let mut pieces = Vec::new();
        let mut done = 0;
        for (start, end, piece) in cuts {
            if start < done {
                continue;
            }
            pieces.push(Piece::Text(
                line.get(done..start).unwrap_or_default().to_owned(),
            ));
            pieces.push(piece);
            done = end;
        }
        pieces.push(Piece::Text(line.get(done..).unwrap_or_default().to_owned()));
        Ok(Self { pieces })
    }

    fn print(&self, round: u64, out: &mut String) {
        use std::fmt::Write as _;
        for piece in &self.pieces {
            // Writing to a string cannot fail.
            let _ = match piece {
                Piece::Text(text) => out.write_str(text),
                Piece::Round => write!(out, "-{round}"),
                Piece::Hour => write!(
                    out,
                    "2026-{:02}-{:02}T{:02}",
                    round / 672 % 12 + 1,
                    round / 24 % 28 + 1,
                    round % 24
                ),
                Piece::Suffix => write!(out, "-{round}"),
            };
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_event_and_rounds_differ() {
        for contents in [Contents::Bodies, Contents::Metadata] {
            let mut log = Vec::new();
            let mut synthetic = Synthetic::new(contents).unwrap();
            let lines = synthetic.write(12_000_000, &mut log).unwrap();
            let text = String::from_utf8(log).unwrap();
            assert_eq!(text.lines().count() as u64, lines);
            let mut uris = std::collections::HashSet::new();
            for line in text.lines() {
                let event: Value = serde_json::from_str(line).unwrap();
                assert_eq!(event["kind"], "Event");
                let is_bare = contents == Contents::Metadata;
                assert!(!is_bare || event.get("responseObject").is_none());
                uris.insert(crate::text(&event, "requestURI").to_owned());
            }
            assert!(uris.len() > 900, "{}", uris.len());
        }
    }
}
