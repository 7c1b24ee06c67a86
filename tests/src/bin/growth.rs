//! `cargo run --release -p conformance --bin growth`: how the time to read a log grows with its length, for healthy logs of every kind
//! and for inputs made to be slow. Prints the times for 1, 2, 4 and 8 times a length, and the exponent between the first and the last:
//! 1 is linear, 2 is quadratic. Fails where one is over the limit. A word after the command reads only inputs with it in their name.

#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use audit_log::LogReader;
use audit_log::decompress::{Compression, Decompressor};
use conformance::damage::{CONVERTED, Damage, KINDS, event, file};
use flate2::write::GzEncoder;

/// The target.
const LIMIT: f64 = 1.1;

/// Lengths are multiples of parts of this.
const BYTES: usize = 1 << 20;

/// Bytes of the longest input. Above 32 MiB, glibc gets the memory of a buffer from the system each time, and the page faults, not the reader,
/// would grow with the length.
const LONGEST: usize = 16 << 20;

/// Seconds for the longest from which on the figures tell something.
const ENOUGH: f64 = 0.16;

/// The most readings of the longest input.
const MOST_ROUNDS: usize = 64;

type Make = Box<dyn Fn(usize) -> Vec<u8>>;

struct Input {
    name: String,
    make: Make,
    chunk: usize,
}

fn repeated(head: &str, text: &str, tail: &str) -> Make {
    let (head, text, tail) = (head.to_owned(), text.to_owned(), tail.to_owned());
    Box::new(move |bytes| {
        let count = bytes / text.len().max(1);
        [head.as_str(), &text.repeat(count), tail.as_str()]
            .concat()
            .into_bytes()
    })
}

/// Texts that are repeated: name, what comes before, what is repeated, what comes after.
fn hostile() -> Vec<(&'static str, String, String, &'static str)> {
    let plain = |name, head: &str, text: &str, tail| (name, head.to_owned(), text.to_owned(), tail);
    let one = event(1);
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05.1Z stdout {tag} {text}\n");
    let list = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#;
    let half = &one[..one.len() / 2];
    vec![
        plain("one long line of letters", "", "x", ""),
        plain("one long line with an open string", "{\"a\":\"", "x", ""),
        plain("one long line with an open list", "{\"a\":[", "1,", ""),
        plain("blank lines", "", "\n", ""),
        plain("blank lines with CRLF", "", "\r\n", ""),
        plain("blanks", "", " ", ""),
        plain("a brace and blank lines", "{", "\n", ""),
        plain("a bracket and blank lines", "[", "\n", ""),
        plain("a value and blanks", "{}", " ", ""),
        plain("NUL bytes", "", "\0", ""),
        plain("NUL bytes in lines", "", "\0\n", ""),
        plain("NUL bytes in a list", list, "\0", "]}"),
        plain("braces", "", "{", ""),
        plain("brackets", "", "[", ""),
        plain("closing braces", "[", "}", ""),
        plain("quotes", "", "\"", ""),
        plain("backslashes", "{\"", "\\", ""),
        plain("braces and quotes", "", "{\"", ""),
        plain("brackets and quotes", "", "[\"", ""),
        plain("braces, a line each", "", "{\n", ""),
        plain("brackets, a line each", "", "[\n", ""),
        plain("open keys", "", "{\"a\":", ""),
        plain("open keys, a line each", "", "{\"a\":\n", ""),
        plain(
            "open events",
            "",
            "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":",
            "",
        ),
        plain(
            "open events, a line each",
            "",
            "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":\n",
            "",
        ),
        plain("open events behind commas", "[", ",{\"auditID\":[1", ""),
        plain("open lists of events", "", "{\"auditID\":[", ""),
        plain("braces at the end of strings", "{\"a\":1,{", "\"x{\",", ""),
        plain("lists in lists", "", "{\"items\":[", ""),
        plain("lists of lists", "{\"records\":", "[", ""),
        plain("EventLists in EventLists", "", list, ""),
        plain("commas in an array", "[", ",", "]"),
        plain("empty items in an array", "[", "{},", "{}]"),
        plain("empty items in a document", "{\"records\":[", "{},", "{}]}"),
        plain("numbers in a document", "{\"records\":[", "1,", "1]}"),
        plain("stray words in an array", "[", "x,", "]"),
        plain("stray words in a document", "{\"records\":[", "x,", "]}"),
        plain("keys in a document", "{", "\"a\":1,", "\"records\":[]}"),
        plain("colons", "{\"a\"", ":", ""),
        ("events on one line", String::new(), one.clone(), ""),
        (
            "halves of events on one line",
            String::new(),
            half.to_owned(),
            "",
        ),
        (
            "halves of events, a line each",
            String::new(),
            format!("{half}\n"),
            "",
        ),
        (
            "halves of events in an array",
            "[".to_owned(),
            format!("{half},"),
            "]",
        ),
        (
            "halves of events in an EventList",
            list.to_owned(),
            format!("{half},"),
            "]}",
        ),
        (
            "a half in front of each event",
            list.to_owned(),
            format!("{half},{one},"),
            "]}",
        ),
        (
            "events that swallow others",
            "[".to_owned(),
            "{\"auditID\":\"a\",\"stage\":\"Panic\",\"sourceIPs\":[".to_owned(),
            "",
        ),
        (
            "parts of one container line",
            cri("P", "{\"a\":\""),
            cri("P", "x"),
            "",
        ),
        (
            "first parts of container lines",
            String::new(),
            cri("P", "{\"a\":\""),
            "",
        ),
        (
            "container lines joined to one",
            String::new(),
            cri("F", &one).trim_end().to_owned(),
            "",
        ),
        (
            "container lines behind a brace",
            "{\n".to_owned(),
            cri("F", &one),
            "",
        ),
        (
            "parts of one Docker line",
            String::new(),
            "{\"log\":\"{\\\"a\\\":\\\"\",\"stream\":\"stdout\",\"time\":\"t\"}\n".to_owned(),
            "",
        ),
        (
            "events in one string",
            "{\"log\":\"".to_owned(),
            one.replace('\\', r"\\").replace('"', "\\\"") + "\\n",
            "\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
        ),
        (
            "journald lines",
            String::new(),
            "Jan 02 03:04:05 n1 api[12]: {\"a\":\n".to_owned(),
            "",
        ),
        (
            "lines with a text prefix",
            String::new(),
            "[pod/a] {\n".to_owned(),
            "",
        ),
        plain("quotes in a CSV file", "_raw\n", "\"", ""),
        plain("open fields of a CSV file", "_raw\n", "\"a\n", ""),
        plain("a long field of a CSV file", "_raw\n\"", "a\n", ""),
        plain("text after a quote in a CSV file", "_raw\n\"a\"", "x", ""),
        plain("separators in a CSV file", "_raw,x\n", ",", ""),
        plain("rows without an event", "auditID,verb\n", "a,b\n", ""),
        (
            "cut events in records",
            String::new(),
            r#"{"log":"{\"auditID\":\"a\",\"stage\":\"Panic\",\"x\":["}"#.to_owned() + "\n",
            "",
        ),
        (
            "parts of one cut event",
            r#"{"log":"{\"auditID\":\"a\",\"x\":\""}"#.to_owned() + "\n",
            r#"{"log":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#.to_owned() + "\n",
            "",
        ),
        plain(
            "legacy text lines",
            "",
            "2024-01-02T03:04:05Z AUDIT: id=\"1\" uri=\"/\" method=\"get\"\n",
            "",
        ),
        plain(
            "a long legacy text line",
            "2024-01-02T03:04:05Z AUDIT: id=\"",
            "\\\"",
            "",
        ),
        plain(
            "flattened keys",
            "{",
            "\"a.b.requestURI\":\"/\",",
            "\"a.verb\":1}",
        ),
        (
            "lines that are not UTF-8",
            String::new(),
            "{\"a\u{ff}\n".to_owned(),
            "",
        ),
    ]
}

fn inputs() -> Vec<Input> {
    let mut inputs = Vec::new();
    for (name, head, text, tail) in hostile() {
        for (size, chunk) in [("", 1 << 20), (", small chunks", 64)] {
            inputs.push(Input {
                name: format!("{name}{size}"),
                make: repeated(&head, &text, tail),
                chunk,
            });
        }
    }
    for kind in KINDS.into_iter().chain(CONVERTED) {
        for (state, is_damaged) in [("", false), (", one damaged", true)] {
            let make: Make = Box::new(move |bytes| {
                let count = bytes / 1000;
                let damage = Damage::Insert(
                    if is_damaged { 30 } else { 0 },
                    if is_damaged {
                        b"\"{".to_vec()
                    } else {
                        Vec::new()
                    },
                );
                file(&kind, count, count / 2, &damage).bytes
            });
            inputs.push(Input {
                name: format!("{}{state}", kind.name),
                make,
                chunk: 1 << 20,
            });
        }
    }
    inputs
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn packed() -> Vec<(&'static str, Make)> {
    // The format's own way to say "ab" without packing it, as a frame of its own.
    const FRAME: [u8; 11] = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0, b'a', b'b'];
    vec![
        (
            "gzip",
            Box::new(|bytes| gzip(&event(1).into_bytes().repeat(bytes * 8 / 900))),
        ),
        (
            "gzip of blank lines",
            Box::new(|bytes| gzip(&b"\n".repeat(bytes * 16))),
        ),
        (
            "gzip of one long line",
            Box::new(|bytes| gzip(&b"x".repeat(bytes * 16))),
        ),
        (
            "many gzip members",
            Box::new(|bytes| gzip(b"{}\n").repeat(bytes / 23)),
        ),
        (
            "many empty gzip members",
            Box::new(|bytes| gzip(b"").repeat(bytes / 23)),
        ),
        (
            "many zstd frames",
            Box::new(|bytes| FRAME.repeat(bytes / 11 / 8)),
        ),
        (
            "many zstd frames to skip",
            Box::new(|bytes| {
                [
                    &[0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0, b'a', b'b'][..],
                    &b"\x50\x2a\x4d\x18\0\0\0\0".repeat(bytes / 8),
                ]
                .concat()
            }),
        ),
        (
            "UTF-16",
            Box::new(|bytes| {
                event(1)
                    .repeat(bytes / 900)
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect()
            }),
        ),
    ]
}

fn read(bytes: &[u8], chunk: usize) -> u64 {
    let mut items = 0;
    let mut reader = LogReader::new();
    let mut unpacker = Compression::detect(bytes).map(Decompressor::new);
    for bytes in bytes.chunks(chunk) {
        match &mut unpacker {
            // What cannot be unpacked ends there.
            Some(unpacker) => {
                let _ = unpacker.push(bytes, &mut |text| reader.push(text, &mut |_| items += 1));
            }
            None => reader.push(bytes, &mut |_| items += 1),
        }
    }
    if let Some(unpacker) = unpacker {
        let _ = unpacker.finish(&mut |text| reader.push(text, &mut |_| items += 1));
    }
    reader.finish(&mut |_| items += 1);
    items
}

/// Seconds that this thread has run, where the system tells; else seconds of the clock, which count what else runs here.
fn now(start: Instant) -> f64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = schedule.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |time| time / 1e9)
}

/// Seconds for one reading, from this number of readings.
fn seconds(bytes: &[u8], chunk: usize, rounds: usize) -> f64 {
    let clock = Instant::now();
    let start = now(clock);
    for _ in 0..rounds {
        black_box(read(black_box(bytes), chunk));
    }
    (now(clock) - start) / rounds as f64
}

/// Prints the row of an input; its exponent.
fn row(input: &Input) -> f64 {
    let mut length = BYTES / 8;
    while length < LONGEST / 8 && seconds(&(input.make)(length * 8), input.chunk, 1) < ENOUGH {
        length *= 2;
    }
    // The system's clock ticks every few milliseconds, so that short times are those of many readings. The first reading of all is not
    // counted: it is the one for which the allocator gets its memory from the system.
    let longest = seconds(&(input.make)(length * 8), input.chunk, 1);
    let rounds = ((ENOUGH / longest.max(1e-4)).ceil() as usize).clamp(1, MOST_ROUNDS);
    // The short ones are read more often, so that the same bytes are read in all.
    let times: Vec<f64> = [1, 2, 4, 8]
        .into_iter()
        .map(|factor| {
            let rounds = rounds * 8 / factor;
            seconds(&(input.make)(length * factor), input.chunk, rounds)
        })
        .collect();
    let exponent = (times.last().copied().unwrap_or_default()
        / times.first().copied().unwrap_or(1.0).max(1e-6))
    .log2()
        / 3.0;
    print!("{:<62}{:>9}", input.name, length >> 10);
    for time in &times {
        print!("{:>9.1}", time * 1e3);
    }
    println!(
        "{exponent:>8.2}{}",
        if exponent > LIMIT { "  over" } else { "" }
    );
    exponent
}

fn main() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_default();
    println!(
        "{:<62}{:>9}{:>9}{:>9}{:>9}{:>9}{:>8}",
        "input", "KiB", "1x ms", "2x", "4x", "8x", "growth"
    );
    let packed = packed().into_iter().map(|(name, make)| Input {
        name: name.to_owned(),
        make,
        chunk: 1 << 20,
    });
    let (mut rows, mut over, mut most) = (0, Vec::new(), 0.0_f64);
    for input in inputs()
        .into_iter()
        .chain(packed)
        .filter(|input| input.name.contains(&word))
    {
        // Other busy programs make times longer: a second try decides.
        let mut exponent = row(&input);
        if exponent > LIMIT {
            exponent = exponent.min(row(&input));
        }
        rows += 1;
        most = most.max(exponent);
        if exponent > LIMIT {
            over.push(input.name);
        }
    }
    println!(
        "{rows} inputs, the highest exponent is {most:.2}, over {LIMIT}: {}",
        over.len()
    );
    for name in &over {
        println!("  {name}");
    }
    if over.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
