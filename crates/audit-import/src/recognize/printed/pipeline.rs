//! Commands that a printed text goes through before it is in a file: `| base64 -d | gunzip | sudo tee FILE`.

use super::pieces::{Piece, PrintedWord, decoded, text_of};
use super::reader::{Reader, Words};
use crate::program::base_name;

/// Destination of a text.
#[derive(Debug)]
pub(super) enum Destination {
    /// A file, and whether the text is appended.
    File(String, bool),
    /// A program that reads it.
    Program,
}

/// Effect of a command on the text that it reads.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// It prints the text.
    Print,
    /// It decodes Base64.
    Decode,
    /// It writes the text to a file, and whether it appends it.
    Write(String, bool),
    /// It creates an object of it.
    Create,
    Other,
}

/// Returns what a command does with the text that it reads.
fn stage(words: &[PrintedWord]) -> Stage {
    let texts: Vec<String> = words.iter().map(text_of).collect();
    let names = texts.iter().map(|text| base_name(text));
    let is_program = |name: &str| {
        matches!(
            name,
            "tee" | "base64" | "openssl" | "gunzip" | "gzip" | "zcat" | "cat" | "kubectl" | "oc"
        )
    };
    let Some((at, name)) = names.enumerate().find(|(_, name)| is_program(name)) else {
        return Stage::Other;
    };
    let arguments = texts.get(at + 1..).unwrap_or_default();
    let has = |options: &[&str]| {
        arguments
            .iter()
            .any(|word| options.contains(&word.as_str()))
    };
    let has_letter = |letters: [char; 2]| {
        let mut short = arguments
            .iter()
            .filter(|word| word.starts_with('-') && !word.starts_with("--"));
        short.any(|word| word.contains(letters))
    };
    match name {
        "tee" => {
            let file = arguments.iter().find(|word| !word.starts_with('-'));
            let is_appended = has(&["-a", "--append"]);
            file.map_or(Stage::Print, |file| Stage::Write(file.clone(), is_appended))
        }
        "base64" if has(&["--decode"]) || has_letter(['d', 'D']) => Stage::Decode,
        "openssl" if has(&["base64", "-base64", "-a"]) && has(&["-d"]) => Stage::Decode,
        // The decoder decompresses what is compressed.
        "gunzip" | "zcat" => Stage::Print,
        "gzip" if has(&["--decompress"]) || has_letter(['d', 'd']) => Stage::Print,
        "cat" => Stage::Print,
        "kubectl" | "oc" => Stage::Create,
        _ => Stage::Other,
    }
}

/// Follows a text from the command that has printed or read it, up to a file or program. `None` if that is not known.
pub(super) fn follow(
    reader: &mut Reader<'_>,
    command: &Words,
    text: Vec<Piece>,
    is_reader: bool,
) -> Option<(Destination, Vec<Piece>)> {
    let mut text = text;
    if is_reader && let Some(found) = apply(&command.words, &mut text)? {
        return Some((found, text));
    }
    let mut target = command.target.clone();
    while target.is_none() {
        if reader.peek() != Some('|') || reader.rest().starts_with("||") {
            return None;
        }
        reader.at += 1;
        let next = reader.words()?;
        if let Some(found) = apply(&next.words, &mut text)? {
            return Some((found, text));
        }
        target = next.target;
    }
    let (file, is_appended) = target?;
    Some((Destination::File(file, is_appended), text))
}

/// Applies a command to a text. Returns the destination if the command has one, and `None` if the text is not known behind it.
fn apply(words: &[PrintedWord], text: &mut Vec<Piece>) -> Option<Option<Destination>> {
    match stage(words) {
        Stage::Print => Some(None),
        Stage::Decode => {
            *text = decoded(text)?;
            Some(None)
        }
        Stage::Write(file, is_appended) => Some(Some(Destination::File(file, is_appended))),
        Stage::Create => Some(Some(Destination::Program)),
        Stage::Other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_their_name_and_options() {
        for (command, expected) in [
            ("base64 -d", Stage::Decode),
            ("/usr/bin/base64 --decode", Stage::Decode),
            ("base64 -D", Stage::Decode),
            ("base64 -di", Stage::Decode),
            ("base64 -w0", Stage::Other),
            ("openssl base64 -A -d", Stage::Decode),
            ("openssl enc -base64 -d", Stage::Decode),
            ("openssl base64", Stage::Other),
            ("gzip -dc", Stage::Print),
            ("gzip -9", Stage::Other),
            ("zcat", Stage::Print),
            ("sudo -E tee /f", Stage::Write("/f".to_owned(), false)),
            ("tee --append f", Stage::Write("f".to_owned(), true)),
            ("kubectl apply -f -", Stage::Create),
            ("sed s/a/b/", Stage::Other),
        ] {
            let mut reader = Reader {
                script: command,
                at: 0,
            };
            let words = reader.words().expect("words").words;
            assert_eq!(stage(&words), expected, "{command}");
        }
    }
}
