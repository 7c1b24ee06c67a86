//! A log with one damaged record: every other event is found, none is invented, and the damage is reported.

#![no_main]

#[path = "../../src/damage.rs"]
#[allow(dead_code)]
mod damage;

use audit_log::decompress::Compression;
use damage::{CONVERTED, KINDS, damage as damage_of, file, length_of, read};
use libfuzzer_sys::fuzz_target;

// Kind of log, record, kind of damage, start, end and chunk size. The rest is garbage.
fuzz_target!(|bytes: &[u8]| {
    let [kind, which, way, a, b, c, d, piece, garbage @ ..] = bytes else {
        return;
    };
    let kinds = KINDS.len() + CONVERTED.len();
    let index = usize::from(*kind) % kinds;
    let kind = KINDS.iter().chain(&CONVERTED).nth(index).expect("a kind");
    let which = usize::from(*which) % 4;
    let (first, second) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
    let garbage = if garbage.is_empty() { b"{" } else { garbage };
    // Longer garbage may be a log itself.
    let garbage = &garbage[..garbage.len().min(24)];
    let damage = damage_of(*way, first, second, length_of(kind, which), garbage);
    let damaged = file(kind, 4, which, &damage);
    // Garbage at the start may make the file one of another kind, which is not read as text.
    if Compression::detect(&damaged.bytes).is_some() {
        return;
    }
    let whole = read(&damaged.bytes, damaged.bytes.len());
    if let Some(fault) = damaged.fault(&whole) {
        panic!("{fault}\n{damaged:?}\n{:?}", whole.problems);
    }
    let pieces = read(&damaged.bytes, usize::from(*piece) + 1);
    assert_eq!(pieces, whole, "in pieces of {piece} + 1: {damaged:?}");
});
