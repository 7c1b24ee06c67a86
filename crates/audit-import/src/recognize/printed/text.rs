//! Texts that `printf` and `echo` print.

use audit_types::Span;

use super::escape::escape;
use super::pieces::{MAX_FILE_BYTES, Piece, PrintedWord, length_of, text_of};

/// Returns what a command prints. `None` if it is more than a file may have.
pub(super) fn printed(words: &[PrintedWord]) -> Option<Vec<Piece>> {
    let (name, arguments) = words.split_first()?;
    let pieces = if text_of(name) == "printf" {
        formatted(arguments)
    } else {
        Some(echoed(arguments))
    }?;
    (length_of(&pieces) <= MAX_FILE_BYTES).then_some(pieces)
}

/// Returns a text that the script does not spell.
pub(super) fn added(text: &str) -> Piece {
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
pub(super) fn unescaped(word: &[Piece]) -> Vec<Piece> {
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
