//! Files that a shell script writes with `printf` and `echo`: `printf '…' > FILE`, `echo "…" | sudo tee -a FILE`, `{ echo "…"; echo "…"; } > FILE`.

mod escape;

use std::iter;

use audit_types::Span;

use self::escape::escape;
use super::source_map::{Segment, SourceMap, WriteBack};

/// Maximum number of files, and of bytes of each.
const MAX_FILES: usize = 200;
const MAX_FILE_BYTES: usize = 1 << 20;

/// Maximum number of commands with a quote that is not closed: each is read to the end of the script.
const MAX_UNCLOSED: usize = 16;

/// Characters that end a command.
const ENDS: [char; 5] = ['\n', ';', '|', '&', ')'];

/// A file and the text that commands write into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PrintedFile {
    pub(super) file: String,
    pub(super) text: String,
    /// Map of the text to the script.
    pub(super) map: SourceMap,
    /// `true` if variables in it are replaced.
    pub(super) is_expanded: bool,
}

/// Returns the files that `printf` and `echo` of a script write, outside of the spans, which are in ascending order. Texts that are appended to a
/// file belong to it.
pub(super) fn files(script: &str, outside_of: &[Span]) -> Vec<PrintedFile> {
    let mut files = Files::default();
    let mut group: Option<Group> = None;
    let (mut at, mut unclosed) = (0, 0);
    for start in commands(script) {
        let body = outside_of.partition_point(|span| span.end <= start);
        let is_inside = outside_of.get(body).is_some_and(|body| body.start <= start);
        if start < at || is_inside {
            continue;
        }
        let mut reader = Reader { script, at: start };
        let Some(words) = reader.words() else {
            unclosed += 1;
            if unclosed > MAX_UNCLOSED {
                break;
            }
            continue;
        };
        group = Group::around(script, start, group);
        at = reader.at;
        let Some(text) = printed(&words.words) else {
            group = None;
            continue;
        };
        let is_piped = reader.peek() == Some('|');
        match words.target.or_else(|| reader.tee()) {
            Some((file, is_appended)) => {
                at = at.max(reader.at);
                files.write(file, text, is_appended);
            }
            None if is_piped => group = None,
            None => {
                if let Some(group) = &mut group {
                    group.text.write(text, true);
                }
            }
        }
        let Some(open) = &mut group else { continue };
        reader.at = at;
        open.end = at;
        if let Some(target) = reader.end_of_group() {
            let text = group.take().map(|group| group.text.pieces);
            if let (Some((file, is_appended)), Some(text)) = (target, text) {
                at = reader.at;
                files.write(file, text, is_appended);
            }
        }
    }
    files.files.into_iter().map(Building::finish).collect()
}

/// Files in the order of their first text.
#[derive(Default)]
struct Files {
    files: Vec<Building>,
}

impl Files {
    /// Writes a text into a file, or appends it. Files above the limit are left out.
    fn write(&mut self, file: String, text: Vec<Piece>, is_appended: bool) {
        if let Some(known) = self.files.iter_mut().find(|known| known.file == file) {
            known.write(text, is_appended);
        } else if self.files.len() < MAX_FILES {
            let mut new = Building::new(file);
            new.write(text, false);
            self.files.push(new);
        }
    }
}

/// Commands in braces or parentheses that only print, up to the last one that was read.
struct Group {
    text: Building,
    end: usize,
}

impl Group {
    /// Returns the group that a command is in: a new one after its bracket, or the one before if nothing else is in between.
    fn around(script: &str, start: usize, before: Option<Self>) -> Option<Self> {
        let text = script.get(..start).unwrap_or_default().trim_end();
        let is_parenthesis = text.ends_with('(') && !text.ends_with("$(");
        let is_brace = text.ends_with('{') && text.len() < start;
        if is_parenthesis || is_brace {
            return Some(Self {
                text: Building::new(String::new()),
                end: start,
            });
        }
        before.filter(|group| {
            let between = script.get(group.end..start).unwrap_or_default();
            between.chars().all(is_separator)
        })
    }
}

/// Returns whether a character separates commands that run one after the other.
fn is_separator(c: char) -> bool {
    c == ';' || c.is_whitespace()
}

/// A part of a printed text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    text: String,
    span: Span,
    /// The script spells the text as it is.
    is_verbatim: bool,
    is_expanded: bool,
}

/// A word of a command, and whether it began with a quote.
type PrintedWord = (Vec<Piece>, bool);

struct Building {
    file: String,
    pieces: Vec<Piece>,
    length: usize,
}

impl Building {
    const fn new(file: String) -> Self {
        Self {
            file,
            pieces: Vec::new(),
            length: 0,
        }
    }

    /// Writes a text as the file, or appends it unless the file is too long.
    fn write(&mut self, text: Vec<Piece>, is_appended: bool) {
        if !is_appended {
            self.pieces.clear();
            self.length = 0;
        }
        if self.length <= MAX_FILE_BYTES {
            self.length += length_of(&text);
            self.pieces.extend(text);
        }
    }

    fn finish(self) -> PrintedFile {
        let mut text = String::new();
        let mut segments = Vec::new();
        let spelled = self
            .pieces
            .iter()
            .filter(|piece| piece.span.start < piece.span.end);
        let start = spelled.clone().map(|piece| piece.span.start).min();
        let end = spelled.map(|piece| piece.span.end).max();
        for piece in &self.pieces {
            let inner = Span::new(text.len(), text.len() + piece.text.len());
            if piece.span.start < piece.span.end {
                segments.push(Segment {
                    inner,
                    outer: piece.span,
                    is_verbatim: piece.is_verbatim,
                });
            }
            text.push_str(&piece.text);
        }
        let whole = Span::new(start.unwrap_or(0), end.unwrap_or(0));
        PrintedFile {
            file: self.file,
            is_expanded: self.pieces.iter().any(|piece| piece.is_expanded),
            map: SourceMap::new(segments, whole, WriteBack::WithinLine),
            text,
        }
    }
}

/// Returns the offsets of every `printf` and `echo` that may be a command.
fn commands(script: &str) -> Vec<usize> {
    let is_command = |(start, name): &(usize, &str)| {
        let before = script
            .get(..*start)
            .and_then(|text| text.chars().next_back());
        let after = script.get(start + name.len()..).unwrap_or_default();
        before.is_none_or(|c| c.is_whitespace() || "/;&|({`\"'!".contains(c))
            && after.starts_with([' ', '\t'])
    };
    let found = script
        .match_indices("printf")
        .chain(script.match_indices("echo"));
    let mut found: Vec<usize> = found.filter(is_command).map(|(start, _)| start).collect();
    found.sort_unstable();
    found
}

fn length_of(pieces: &[Piece]) -> usize {
    pieces.iter().map(|piece| piece.text.len()).sum()
}

/// Returns what a command prints. `None` if it is more than a file may have.
fn printed(words: &[PrintedWord]) -> Option<Vec<Piece>> {
    let (name, arguments) = words.split_first()?;
    let pieces = if text_of(name) == "printf" {
        formatted(arguments)
    } else {
        Some(echoed(arguments))
    }?;
    (length_of(&pieces) <= MAX_FILE_BYTES).then_some(pieces)
}

fn text_of((pieces, _): &PrintedWord) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// Returns a text that the script does not spell.
fn added(text: &str) -> Piece {
    Piece {
        text: text.to_owned(),
        span: Span::new(0, 0),
        is_verbatim: false,
        is_expanded: false,
    }
}

/// Returns what `echo` prints. Some shells replace escapes without `-e`; here, they are replaced if the text has no other line ends.
fn echoed(words: &[PrintedWord]) -> Vec<Piece> {
    let is_option = |word: &&PrintedWord| {
        let text = text_of(word);
        let letters = text.strip_prefix('-').unwrap_or_default();
        !letters.is_empty() && letters.chars().all(|c| "neE".contains(c))
    };
    let options: Vec<String> = words.iter().take_while(is_option).map(text_of).collect();
    let has = |letter| options.iter().any(|option| option.contains(letter));
    let words = words.get(options.len()..).unwrap_or_default();
    let has_lines = words.iter().any(|word| text_of(word).contains('\n'));
    let mut pieces = Vec::new();
    for (index, (word, _)) in words.iter().enumerate() {
        if index > 0 {
            pieces.push(added(" "));
        }
        if has('e') || !has('E') && !has_lines {
            pieces.extend(unescaped(word));
        } else {
            pieces.extend(word.iter().cloned());
        }
    }
    if !has('n') {
        pieces.push(added("\n"));
    }
    pieces
}

/// Returns what `printf` prints: its format, as often as there are arguments for it.
fn formatted(words: &[PrintedWord]) -> Option<Vec<Piece>> {
    let is_end = words.first().is_some_and(|word| text_of(word) == "--");
    let words = words.get(usize::from(is_end)..)?;
    let ((format, _), arguments) = words.split_first()?;
    let format = unescaped(format);
    let mut arguments = arguments.iter();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut length = 0;
    loop {
        let before = arguments.len();
        let printed = pieces.len();
        for piece in &format {
            replace(piece, &mut arguments, &mut pieces);
        }
        length += length_of(pieces.get(printed..).unwrap_or_default());
        if arguments.len() == 0 || arguments.len() == before {
            return Some(pieces);
        }
        if length > MAX_FILE_BYTES {
            return None;
        }
    }
}

/// Replaces the conversions `%s`, `%b` and `%%` in a part of a format. Others are kept.
fn replace<'w>(
    piece: &Piece,
    arguments: &mut impl Iterator<Item = &'w PrintedWord>,
    out: &mut Vec<Piece>,
) {
    if !piece.is_verbatim {
        return out.push(piece.clone());
    }
    let mut rest = piece.text.as_str();
    let mut at = piece.span.start;
    while let Some((before, after)) = rest.split_once('%') {
        push_part(before, at, piece, out);
        at += before.len();
        match after.chars().next() {
            Some('%') => out.push(Piece {
                text: "%".to_owned(),
                span: Span::new(at, at + 2),
                is_verbatim: false,
                is_expanded: false,
            }),
            Some('s') => out.extend(
                arguments
                    .next()
                    .into_iter()
                    .flat_map(|(word, _)| word.clone()),
            ),
            Some('b') => out.extend(
                arguments
                    .next()
                    .into_iter()
                    .flat_map(|(word, _)| unescaped(word)),
            ),
            _ => {
                push_part("%", at, piece, out);
                rest = after;
                at += 1;
                continue;
            }
        }
        rest = after.get(1..).unwrap_or_default();
        at += 2;
    }
    push_part(rest, at, piece, out);
}

fn push_part(text: &str, at: usize, piece: &Piece, out: &mut Vec<Piece>) {
    if !text.is_empty() {
        out.push(Piece {
            text: text.to_owned(),
            span: Span::new(at, at + text.len()),
            ..*piece
        });
    }
}

/// Replaces the escapes of `printf` in a word.
fn unescaped(word: &[Piece]) -> Vec<Piece> {
    let mut out = Vec::new();
    for piece in word {
        if !piece.is_verbatim {
            out.push(piece.clone());
            continue;
        }
        let mut rest = piece.text.as_str();
        let mut at = piece.span.start;
        while let Some((before, after)) = rest.split_once('\\') {
            push_part(before, at, piece, &mut out);
            at += before.len();
            let (text, length) = escape(after);
            out.push(Piece {
                text,
                span: Span::new(at, at + 1 + length),
                is_verbatim: false,
                is_expanded: false,
            });
            rest = after.get(length..).unwrap_or_default();
            at += 1 + length;
        }
        push_part(rest, at, piece, &mut out);
    }
    out
}

/// A command up to its end.
struct Words {
    words: Vec<PrintedWord>,
    /// File that the output goes to, and whether it is appended.
    target: Option<(String, bool)>,
}

struct Reader<'s> {
    script: &'s str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.script.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') || self.rest().starts_with("\\\n")
        {
            self.at += if self.rest().starts_with('\\') { 2 } else { 1 };
        }
    }

    /// Reads the words of a command. `None` if a quote is not closed.
    fn words(&mut self) -> Option<Words> {
        let mut words = Vec::new();
        let mut target = None;
        loop {
            self.skip_blanks();
            let start = self.at;
            match self.peek() {
                None => break,
                Some('>') => {
                    let is_appended = self.rest().starts_with(">>");
                    self.at += if is_appended || self.rest().starts_with(">|") {
                        2
                    } else {
                        1
                    };
                    self.skip_blanks();
                    let is_descriptor = self.peek() == Some('&');
                    let file = self.file()?;
                    if !is_descriptor && file.starts_with('/') {
                        target = Some((file, is_appended));
                    }
                }
                Some(c) if ENDS.contains(&c) => break,
                // The end of a script in quotes.
                Some('"' | '\'') if target.is_some() => break,
                Some(_) => {
                    let word = self.word()?;
                    // The number of a file descriptor is not an argument.
                    let is_number = matches!(text_of(&word).as_str(), "1" | "2");
                    if !(is_number && self.peek() == Some('>')) {
                        words.push(word);
                    }
                }
            }
            if self.at == start {
                self.at += self.peek().map_or(1, char::len_utf8);
            }
        }
        Some(Words { words, target })
    }

    /// Reads the file of a redirection, up to a quote that a script around it begins with.
    fn file(&mut self) -> Option<String> {
        if self.peek().is_some_and(|c| c == '\'' || c == '"') {
            return self.word().as_ref().map(text_of);
        }
        let is_end = |c: char| c.is_whitespace() || ENDS.contains(&c) || "'\"><".contains(c);
        let rest = self.rest();
        let end = rest.find(is_end).unwrap_or(rest.len());
        let file = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        Some(file)
    }

    /// Reads `| sudo tee [-a] FILE` after a command.
    fn tee(&mut self) -> Option<(String, bool)> {
        if self.peek() != Some('|') || self.rest().starts_with("||") {
            return None;
        }
        self.at += 1;
        let words = self.words()?.words;
        let words: Vec<String> = words.iter().map(text_of).collect();
        let is_tee = |word: &String| word == "tee" || word.ends_with("/tee");
        let arguments = words.get(words.iter().position(is_tee)? + 1..)?;
        let is_appended = arguments
            .iter()
            .any(|word| word == "-a" || word == "--append");
        let file = arguments.iter().find(|word| word.starts_with('/'))?;
        Some((file.clone(), is_appended))
    }

    /// Reads the end of a group of commands. `None` if another command follows; otherwise the file that the group writes, if it writes one.
    fn end_of_group(&mut self) -> Option<Option<(String, bool)>> {
        let rest = self.rest();
        let length = rest.len() - rest.trim_start_matches(is_separator).len();
        if !rest.get(length..)?.starts_with(['}', ')']) {
            return None;
        }
        self.at += length + 1;
        let target = self.words().and_then(|words| words.target);
        Some(target.or_else(|| self.tee()))
    }

    /// Reads a word. `None` if a quote is not closed.
    fn word(&mut self) -> Option<PrintedWord> {
        let mut pieces = Vec::new();
        let is_quoted = self.peek().is_some_and(|c| c == '\'' || c == '"');
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '>' | '<' => break,
                c if ENDS.contains(&c) => break,
                '\'' => self.single(&mut pieces)?,
                '"' => self.double(&mut pieces)?,
                '$' if self.rest().starts_with("$'") => {
                    self.at += 1;
                    let mut raw = Vec::new();
                    self.single(&mut raw)?;
                    pieces.extend(unescaped(&raw));
                }
                '\\' => {
                    let next = self.rest().chars().nth(1);
                    let length = 1 + next.map_or(0, char::len_utf8);
                    let text = next.filter(|next| *next != '\n').map(String::from);
                    self.push(&mut pieces, text.unwrap_or_default(), length, false);
                }
                other => {
                    let is_special =
                        |c: char| c.is_whitespace() || ENDS.contains(&c) || "'\"\\><".contains(c);
                    let plain = self.rest();
                    let length = plain
                        .find(is_special)
                        .unwrap_or(plain.len())
                        .max(other.len_utf8());
                    let text = plain.get(..length).unwrap_or_default().to_owned();
                    self.push(&mut pieces, text, length, true);
                }
            }
        }
        Some((pieces, is_quoted))
    }

    /// Adds a text that the next bytes spell.
    fn push(&mut self, pieces: &mut Vec<Piece>, text: String, length: usize, is_verbatim: bool) {
        pieces.push(Piece {
            is_expanded: is_verbatim && text.contains(['$', '`']),
            span: Span::new(self.at, self.at + length),
            text,
            is_verbatim,
        });
        self.at += length;
    }

    fn single(&mut self, pieces: &mut Vec<Piece>) -> Option<()> {
        let inner = self.rest().get(1..)?;
        let text = inner.get(..inner.find('\'')?)?.to_owned();
        self.at += 1;
        let length = text.len();
        self.push(pieces, text, length, true);
        // The shell replaces nothing in it.
        pieces.iter_mut().next_back()?.is_expanded = false;
        self.at += 1;
        Some(())
    }

    fn double(&mut self, pieces: &mut Vec<Piece>) -> Option<()> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = rest.find(['"', '\\'])?;
            let text = rest.get(..end)?.to_owned();
            if end > 0 {
                self.push(pieces, text, end, true);
            }
            if self.peek() == Some('"') {
                self.at += 1;
                return Some(());
            }
            let next = self.rest().chars().nth(1)?;
            match next {
                '"' | '\\' | '$' | '`' => self.push(pieces, next.to_string(), 2, false),
                '\n' => self.at += 2,
                _ => {
                    // The backslash stays, for `printf`.
                    let text: String = iter::once('\\').chain([next]).collect();
                    let length = text.len();
                    self.push(pieces, text, length, true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
