//! Text for a terminal: no byte sequence other than printable text and line feeds comes out.

#![no_main]

use audit_text::{escape, escape_byte_lines, escape_bytes, escape_lines};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let line = escape_bytes(bytes);
    assert!(line.chars().all(is_visible), "{line:?}");
    assert_eq!(escape(&line), line, "escaping twice is escaping once");

    let lines = escape_byte_lines(bytes);
    assert!(
        lines
            .chars()
            .all(|character| character == '\n' || is_visible(character))
    );
    assert_eq!(escape_lines(&lines), lines);
    let feeds = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(feeds(lines.as_bytes()), feeds(bytes));

    // Visible characters are kept in order.
    let mut out = line.chars();
    for chunk in bytes.utf8_chunks() {
        for character in chunk
            .valid()
            .chars()
            .filter(|character| is_plain(*character))
        {
            assert!(
                out.any(|other| other == character),
                "{character:?} in {line:?}"
            );
        }
    }
});

/// A second implementation, by the ranges that terminals interpret or hide.
fn is_visible(character: char) -> bool {
    let hidden = [
        (0x00, 0x1f),
        (0x7f, 0x9f),
        (0xad, 0xad),
        (0x61c, 0x61c),
        (0x200b, 0x200f),
        (0x2028, 0x202e),
        (0x2060, 0x206f),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xe0000, 0xe0fff),
    ];
    let code = u32::from(character);
    !hidden
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&code))
}

/// Letters, symbols and pictographs that no terminal interprets.
fn is_plain(character: char) -> bool {
    character.is_ascii_graphic()
        || matches!(character, '\u{c0}'..='\u{24f}' | '\u{4e00}'..='\u{9fff}' | '\u{1f300}'..='\u{1faff}')
}
