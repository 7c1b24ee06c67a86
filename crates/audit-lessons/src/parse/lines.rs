//! The parts of a lesson's file: headings of steps, texts, and fenced blocks with a role.

use audit_types::Span;
use audit_types::excerpt::quote;
use audit_types::spelling;

use crate::error::PlacedError;
use crate::text::{is_closing, opening};

/// Maximum number of parts of a file.
const MAX_PARTS: usize = 1000;

/// A part of a file.
#[derive(Debug)]
pub(super) enum Part<'t> {
    /// Heading of a step.
    Step { title: &'t str, span: Span },
    /// Markdown.
    Text { text: &'t str },
    /// A block with a role.
    Block(Block<'t>),
}

/// A fenced block: its info line is `LANGUAGE ROLE NOTE`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block<'t> {
    pub(super) role: Role,
    pub(super) language: &'t str,
    /// Rest of the info line.
    pub(super) note: &'t str,
    pub(super) text: &'t str,
    /// Place of the text in the file.
    pub(super) start: usize,
    /// Place of the info line.
    pub(super) span: Span,
}

/// Role of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Policy,
    Flags,
    Manifest,
    Log,
    Check,
    Hint,
    Learned,
    Answer,
    Wrong,
}

impl Role {
    const ALL: [(&'static str, Self); 9] = [
        ("policy", Self::Policy),
        ("flags", Self::Flags),
        ("manifest", Self::Manifest),
        ("log", Self::Log),
        ("check", Self::Check),
        ("hint", Self::Hint),
        ("learned", Self::Learned),
        ("answer", Self::Answer),
        ("wrong", Self::Wrong),
    ];

    pub(super) fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, role)| *role == self);
        found.map_or("", |(name, _)| name)
    }
}

/// Returns the parts of a file behind its front matter.
///
/// # Errors
/// If a heading or the info line of a block is not known, or a block is not closed.
pub(super) fn parts(text: &str, from: usize) -> Result<Vec<Part<'_>>, PlacedError> {
    let mut reader = Reader {
        text,
        at: from,
        prose: from,
        parts: Vec::new(),
    };
    while let Some((line, span)) = reader.next_line() {
        if let Some((fence, info)) = opening(line) {
            reader.block(fence, info, span)?;
        } else if line.starts_with('#') {
            reader.heading(line, span)?;
        }
        if reader.parts.len() > MAX_PARTS {
            return Err(PlacedError::new("the lesson has too many parts", "", span));
        }
    }
    reader.end_prose(text.len());
    Ok(reader.parts)
}

struct Reader<'t> {
    text: &'t str,
    /// Start of the next line.
    at: usize,
    /// Start of the text that is not yet in a part.
    prose: usize,
    parts: Vec<Part<'t>>,
}

impl<'t> Reader<'t> {
    /// Returns the next line without its end, and its place.
    fn next_line(&mut self) -> Option<(&'t str, Span)> {
        let line = self.text.get(self.at..)?.split_inclusive('\n').next()?;
        let bare = line.trim_end_matches(['\n', '\r']);
        let span = Span::new(self.at, self.at + bare.len());
        self.at += line.len();
        Some((bare, span))
    }

    fn end_prose(&mut self, end: usize) {
        let text = self.text.get(self.prose..end).unwrap_or_default();
        if !text.trim().is_empty() {
            self.parts.push(Part::Text { text });
        }
    }

    fn heading(&mut self, line: &'t str, span: Span) -> Result<(), PlacedError> {
        let title = line.strip_prefix("## Step:").map(str::trim);
        let Some(title) = title.filter(|title| !title.is_empty()) else {
            let message = format!("unknown heading {}", quote(line));
            let help =
                "a step starts with `## Step: title`; the lesson's title is in its front matter";
            return Err(PlacedError::new(message, help, span));
        };
        self.end_prose(span.start);
        self.prose = self.at;
        self.parts.push(Part::Step { title, span });
        Ok(())
    }

    fn block(&mut self, fence: usize, info: &'t str, span: Span) -> Result<(), PlacedError> {
        let start = self.at;
        let end = loop {
            match self.next_line() {
                None => {
                    let help = "end it with as many backticks as it starts with";
                    return Err(PlacedError::new("a block is not closed", help, span));
                }
                Some((line, closing)) if is_closing(line, fence) => break closing.start,
                Some(_) => {}
            }
        };
        let (language, rest) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
        let rest = rest.trim_start();
        // A block without a role is an example in the text.
        if rest.is_empty() {
            return Ok(());
        }
        let (name, note) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let Some((_, role)) = Role::ALL.iter().find(|(own, _)| *own == name) else {
            return Err(unknown_role(name, span));
        };
        self.end_prose(span.start);
        self.prose = self.at;
        self.parts.push(Part::Block(Block {
            role: *role,
            language,
            note: note.trim(),
            text: self.text.get(start..end).unwrap_or_default(),
            start,
            span,
        }));
        Ok(())
    }
}

fn unknown_role(name: &str, span: Span) -> PlacedError {
    let names = || Role::ALL.iter().map(|(name, _)| *name);
    let help = match spelling::nearest(name, names(), 2) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "blocks are `{}`",
            names().collect::<Vec<&str>>().join("`, `")
        ),
    };
    PlacedError::new(format!("unknown block {}", quote(name)), help, span)
}
