//! Texts that a shell script contains in its commands: `printf '…' > FILE`, `echo "…" | sudo tee -a FILE`, `{ echo "…"; echo "…"; } > FILE`,
//! `echo … | base64 -d > FILE`, `base64 -d <<< … > FILE`, `kubectl create configmap NAME --from-literal=KEY='…'`.

mod escape;
mod literal;
mod pieces;
mod pipeline;
mod reader;
mod text;
mod variables;

use audit_types::Span;

pub(super) use self::pieces::PrintedFile;
use self::pieces::{Building, Piece, text_of};
use self::pipeline::Destination;
use self::reader::{MAX_UNCLOSED, Reader, Words};
use self::variables::Variables;

/// Maximum number of files.
const MAX_FILES: usize = 200;

/// Returns the files that `printf`, `echo` and here-strings of a script write, and the texts that it gives to `kubectl`, outside of the spans, which are
/// in ascending order. Texts that are appended to a file belong to it.
pub(super) fn files(script: &str, outside_of: &[Span]) -> Vec<PrintedFile> {
    let variables = Variables::read(script, outside_of);
    let mut files = Files::new(&variables);
    let mut group: Option<Group> = None;
    let (mut at, mut unclosed) = (0, 0);
    for start in commands(script) {
        let body = outside_of.partition_point(|span| span.end <= start);
        let is_inside = outside_of.get(body).is_some_and(|body| body.start <= start);
        if start < at || is_inside {
            continue;
        }
        let mut reader = Reader { script, at: start };
        let Some(mut command) = reader.words() else {
            unclosed += 1;
            if unclosed > MAX_UNCLOSED {
                break;
            }
            continue;
        };
        group = Group::around(script, start, group);
        at = reader.at;
        for word in command.words.iter_mut().chain(&mut command.input) {
            variables.resolve(word);
        }
        for (key, text) in literal::of_object(&command.words) {
            files.unnamed(key, text);
        }
        let is_reader = command.input.is_some();
        let Some(text) = text_of_command(&command) else {
            group = None;
            continue;
        };
        let is_piped = reader.peek() == Some('|') && !reader.rest().starts_with("||");
        if is_piped || is_reader || command.target.is_some() {
            match pipeline::follow(&mut reader, &command, text, is_reader) {
                Some((destination, text)) => {
                    at = at.max(reader.at);
                    files.write(destination, text);
                }
                None => group = None,
            }
        } else if let Some(group) = &mut group {
            group.text.write(text, true);
        }
        reader.at = at;
        group = group.and_then(|group| group.end(&mut reader, &mut files));
        at = reader.at;
    }
    files.files.into_iter().map(Building::finish).collect()
}

/// Returns the text that a command prints or gets as a here-string. `None` if it does neither.
fn text_of_command(command: &Words) -> Option<Vec<Piece>> {
    let text = match &command.input {
        Some((input, _)) => input.iter().cloned().chain([text::added("\n")]).collect(),
        None => {
            let name = command.words.first().map(text_of)?;
            let prints = PRINTERS.contains(&name.as_str());
            prints.then(|| text::printed(&command.words)).flatten()?
        }
    };
    // A text that another command prints.
    let is_computed = text
        .first()
        .is_some_and(|first| first.is_expanded && first.text.starts_with("$("));
    (!is_computed).then_some(text)
}

/// Files in the order of their first text.
struct Files<'v> {
    variables: &'v Variables,
    files: Vec<Building>,
}

impl<'v> Files<'v> {
    const fn new(variables: &'v Variables) -> Self {
        Self {
            variables,
            files: Vec::new(),
        }
    }

    /// Writes a text to its destination. Files above the limit are left out.
    fn write(&mut self, destination: Destination, text: Vec<Piece>) {
        let Destination::File(file, is_appended) = destination else {
            return self.unnamed(String::new(), text);
        };
        let file = self.variables.path(file);
        if let Some(known) = self.files.iter_mut().find(|known| known.name == file) {
            known.write(text, is_appended);
        } else {
            self.unnamed(file, text);
        }
    }

    /// Adds a text that is not a part of another one.
    fn unnamed(&mut self, name: String, text: Vec<Piece>) {
        if self.files.len() < MAX_FILES {
            let mut new = Building::new(name);
            new.write(text, false);
            self.files.push(new);
        }
    }
}

/// Commands in braces or parentheses that only print, up to the last one that was read.
struct Group {
    text: Building,
    end: usize,
    /// `true` for `<(…)`, whose text is read by another command.
    is_process: bool,
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
                is_process: text.ends_with("<("),
            });
        }
        before.filter(|group| {
            let between = script.get(group.end..start).unwrap_or_default();
            between.chars().all(is_separator)
        })
    }

    /// Writes the text of the group if it ends behind the command that was read, or returns it.
    fn end(mut self, reader: &mut Reader<'_>, files: &mut Files<'_>) -> Option<Self> {
        self.end = reader.at;
        let rest = reader.rest();
        let length = rest.len() - rest.trim_start_matches(is_separator).len();
        if !rest
            .get(length..)
            .is_some_and(|rest| rest.starts_with(['}', ')']))
        {
            return Some(self);
        }
        reader.at += length + 1;
        let text = self.text.pieces;
        if self.is_process {
            files.unnamed(String::new(), text);
            return None;
        }
        let end = reader.at;
        let written = reader
            .words()
            .and_then(|after| pipeline::follow(reader, &after, text, false));
        match written {
            Some((destination, text)) => files.write(destination, text),
            None => reader.at = end,
        }
        None
    }
}

/// Returns whether a character separates commands that run one after the other.
fn is_separator(c: char) -> bool {
    c == ';' || c.is_whitespace()
}

/// Commands that print their arguments.
const PRINTERS: [&str; 2] = ["printf", "echo"];

/// Commands that are read if they get a here-string or the text of an object.
const READERS: [&str; 6] = ["base64", "openssl", "tee", "cat", "kubectl", "oc"];

/// Returns the offsets of every command that may be one of those that are read, without those of comments.
fn commands(script: &str) -> Vec<usize> {
    let is_command = |(start, name): &(usize, &str)| {
        let before = script
            .get(..*start)
            .and_then(|text| text.chars().next_back());
        let after = script.get(start + name.len()..).unwrap_or_default();
        before.is_none_or(|c| c.is_whitespace() || "/;&|({`\"'!".contains(c))
            && after.starts_with([' ', '\t'])
    };
    let reads_text = script.contains("<<<") || script.contains("--from-literal");
    let readers = READERS.iter().filter(|_| reads_text);
    let names = PRINTERS.iter().chain(readers);
    let found = names.flat_map(|name| script.match_indices(name));
    let mut found: Vec<usize> = found.filter(is_command).map(|(start, _)| start).collect();
    found.sort_unstable();
    let mut scanned = 0;
    let mut is_comment = script.trim_start().starts_with('#');
    found.retain(|start| {
        let passed = script.get(scanned..*start).unwrap_or_default();
        if let Some(line) = passed.rfind('\n') {
            let line = passed.get(line..).unwrap_or_default();
            is_comment = line.trim_start().starts_with('#');
        }
        scanned = *start;
        !is_comment
    });
    found
}

#[cfg(test)]
mod tests;
