//! State of reading a policy line by line, and the collections that are open.

use super::frame::{Frame, Progress};

/// Maximum depth of collections; a policy nests five deep. What is deeper has no context.
const MAX_DEPTH: usize = 100;

/// Parts of a policy that can be at a place of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// Nothing is before it on the line.
    LineStart,
    /// A dash is before it.
    Item,
    /// A colon is before it.
    Value,
    /// It is in brackets.
    Flow,
    /// Only a comment.
    Nothing,
}

/// A word at the end of what is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Byte of the line, of its quote if it has one.
    pub(super) start: usize,
    pub(super) quote: Option<char>,
    pub(super) expected: Expected,
}

/// A mapping whose fields are kept when it ends.
#[derive(Debug, Clone)]
struct Watch {
    /// Its first byte. `None` if it begins after the word.
    start: Option<usize>,
    word: usize,
    indent: usize,
    fields: Vec<(String, String)>,
}

/// State of reading.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// The whole text is JSON, in which no block begins.
    pub(super) is_json: bool,
    /// Bytes before the line.
    pub(super) offset: usize,
    /// Open collections, the outermost first.
    pub(super) stack: Vec<Frame>,
    /// A quote of an earlier line that is open.
    pub(super) quote: Option<char>,
    /// Lowest indentation of the lines of a block of text that is open.
    pub(super) text_indent: Option<usize>,
    /// Indentation of the line with the first bracket or quote that is open.
    pub(super) opened: Option<usize>,
    /// Too many collections are open.
    pub(super) is_too_deep: bool,
    step: Option<usize>,
    watch: Option<Watch>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        Self {
            is_json: text.trim_start().starts_with('{'),
            offset: 0,
            stack: Vec::new(),
            quote: None,
            text_indent: None,
            opened: None,
            is_too_deep: false,
            step: None,
            watch: None,
        }
    }

    /// Reads whole lines.
    pub(super) fn lines(&mut self, text: &str) {
        for line in text.split_inclusive('\n') {
            let content = line.strip_suffix('\n').unwrap_or(line);
            self.line(content.strip_suffix('\r').unwrap_or(content), false);
            self.offset += line.len();
        }
    }

    /// Returns the columns by which lists are further right than their key, as the rules are.
    pub(super) fn step(&self) -> usize {
        self.step.unwrap_or(2)
    }

    /// Keeps the fields of a mapping: of the one that starts at a byte, else of the first one after a word with its keys in a column.
    pub(super) fn watch(&mut self, start: Option<usize>, word: usize, indent: usize) {
        self.watch = Some(Watch {
            start,
            word,
            indent,
            fields: Vec::new(),
        });
    }

    /// Returns the fields that were kept.
    pub(super) fn into_watched(mut self) -> Vec<(String, String)> {
        self.truncate(0);
        self.watch.map(|watch| watch.fields).unwrap_or_default()
    }

    /// Closes the innermost collection.
    pub(super) fn pop(&mut self) {
        let (Some(frame), Some(watch)) = (self.stack.pop(), &mut self.watch) else {
            return;
        };
        let is_it = match watch.start {
            Some(start) => frame.start == start,
            None => !frame.is_flow && frame.start >= watch.word && frame.indent == watch.indent,
        };
        if is_it && frame.is_map {
            watch.start = Some(frame.start);
            watch.fields = frame.fields;
        }
    }

    /// Closes collections until as many are open.
    pub(super) fn truncate(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.pop();
        }
    }

    /// Opens a collection, which is the value or item of the one around it.
    pub(super) fn push(&mut self, frame: Frame) {
        if self.stack.len() >= MAX_DEPTH {
            self.is_too_deep = true;
            return;
        }
        if let [root] = self.stack.as_slice()
            && root.key() == "rules"
            && !frame.is_map
            && !frame.is_flow
        {
            self.step = Some(if frame.indent == root.indent { 0 } else { 2 });
        }
        if let Some(outer) = self.stack.last_mut() {
            outer.progress = Progress::Value;
        }
        self.stack.push(frame);
    }

    pub(super) fn top(&self) -> Option<&Frame> {
        self.stack.last()
    }

    /// Forgets all that is open, as at the start of a document.
    pub(super) fn reset(&mut self) {
        self.truncate(0);
        self.quote = None;
        self.text_indent = None;
        self.opened = None;
        self.is_too_deep = false;
    }

    /// Closes quotes and brackets.
    pub(super) fn close_flow(&mut self) {
        while self.top().is_some_and(|top| top.is_flow) {
            self.pop();
        }
        self.quote = None;
        self.opened = None;
    }
}

/// Returns the number of spaces at the start of a line.
pub(super) fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Returns the byte after the quote that ends a quoted text. `text` is what follows the first quote.
pub(super) fn end_of_quoted(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote {
            // Two single quotes are one that does not end the text.
            if quote == '\'' && characters.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            return Some(at + quote.len_utf8());
        }
    }
    None
}

/// Returns whether a character is the space between words.
pub(super) fn is_space(character: Option<char>) -> bool {
    matches!(character, None | Some(' ' | '\t'))
}
