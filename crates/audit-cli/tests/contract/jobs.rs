//! `--jobs`: the same output for any number of threads, whatever is between the lines.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::{Folder, GOOD};

/// Number of events of a log: some pieces of a megabyte.
const EVENTS: usize = 8_000;

/// One event; each has an audit ID and a user of its own.
fn event(number: usize) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{number:08}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n{}/pods/p","verb":"get","user":{{"username":"u{number}","groups":["system:authenticated"]}},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl","responseStatus":{{"metadata":{{}},"code":200}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z","stageTimestamp":"2026-01-02T03:04:05.000000Z"}}"#,
        number % 5
    )
}

/// Text before an event with a number.
type Before = fn(usize) -> &'static str;

/// A log with other lines before some events.
fn log(before: impl Fn(usize) -> &'static str) -> String {
    (0..EVENTS)
        .map(|number| format!("{}{}\n", before(number), event(number)))
        .collect()
}

fn write(folder: &Folder, name: &str, bytes: &[u8]) {
    fs::write(folder.0.join(name), bytes).unwrap();
}

fn gz(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_output_is_the_same_for_any_number_of_threads() {
    let folder = Folder::new("jobs", &[("p.yaml", GOOD)]);
    // Name, what is before which event, number of lines, and number of lines that cannot be read.
    let logs: [(&str, Before, usize, usize); 4] = [
        ("plain", |_| "", EVENTS, 0),
        (
            "blank",
            |number| if number == 5_000 { "\n\r\n" } else { "" },
            EVENTS + 2,
            0,
        ),
        (
            "damaged",
            |number| if number % 2_500 == 100 { "oops\n" } else { "" },
            EVENTS + 4,
            4,
        ),
        (
            "indented",
            |number| if number > 3_000 { "  " } else { "" },
            EVENTS,
            0,
        ),
    ];
    for (name, before, lines, unreadable) in logs {
        let text = log(before);
        write(&folder, "a.log", text.as_bytes());
        write(&folder, "a.log.gz", &gz(&text));
        for file in ["a.log", "a.log.gz"] {
            for jobs in ["1", "3"] {
                let words = |format| {
                    [
                        "simulate", "--policy", "p.yaml", "--format", format, "--jobs", jobs, file,
                    ]
                };
                let rows = folder.run(&words("json")).objects();
                assert_eq!(rows.len(), EVENTS, "{name}, {jobs}");
                for (number, row) in rows.iter().enumerate() {
                    assert_eq!(
                        row["auditID"],
                        json!(format!("{number:08}")),
                        "{name}, {jobs}"
                    );
                    assert_eq!(row["file"], json!(file));
                }
                assert_eq!(rows[EVENTS - 1]["line"], json!(lines), "{name}, {jobs}");
                let summary = folder.run(&words("summary")).objects().remove(0);
                // Indented lines are written as the server writes them: without the indent.
                let written: usize = (0..EVENTS).map(|number| event(number).len() + 1).sum();
                assert_eq!(
                    summary["written"],
                    json!({"events": EVENTS, "bytes": written}),
                    "{name}, {jobs}"
                );
                assert_eq!(summary["unreadable"], json!(unreadable), "{name}, {jobs}");
                let events = folder.run(&words("events")).out;
                assert_eq!(events.len(), written, "{name}, {jobs}");
            }
        }
    }
}

#[test]
fn an_estimate_is_the_same_for_any_number_of_threads() {
    let folder = Folder::new("jobs-estimate", &[("p.yaml", GOOD)]);
    write(&folder, "a.log", log(|_| "").as_bytes());
    write(
        &folder,
        "b.log",
        log(|number| if number % 3_000 == 1 { "oops\n" } else { "" }).as_bytes(),
    );
    write(&folder, "c.log.gz", &gz(&log(|_| "")));
    let run = |jobs| {
        let words = [
            "estimate", "--policy", "p.yaml", "--format", "json", "--jobs", jobs,
        ];
        let ran = folder.run(&[&words[..], &["a.log", "b.log", "c.log.gz"]].concat());
        assert_eq!(ran.status, 0);
        ran
    };
    let one = run("1");
    let estimate = one.objects().remove(0);
    // RequestReceived is derived once for each audit ID.
    assert_eq!(estimate["written"]["events"], json!(4 * EVENTS));
    // Lines 2, 3,003 and 6,004 of the second log.
    for line in [2, 3_003, 6_004] {
        assert!(one.err.contains(&format!("b.log:{line}: ")), "{}", one.err);
    }
    for jobs in ["2", "5"] {
        let more = run(jobs);
        assert_eq!(
            (more.out, more.err),
            (one.out.clone(), one.err.clone()),
            "{jobs}"
        );
    }
}

#[test]
fn pieces_of_a_pipe_are_read_as_they_arrive() {
    let folder = Folder::new("jobs-pipe", &[("p.yaml", GOOD)]);
    let text = log(|number| if number == 6_000 { "oops\n" } else { "" });
    let words = [
        "simulate", "--policy", "p.yaml", "--format", "summary", "--jobs", "2", "-",
    ];
    let ran = folder.run_on(&text, &words);
    assert_eq!(ran.object()["written"]["events"], json!(EVENTS));
    assert!(ran.err.contains("-:6001: "), "{}", ran.err);
}

/// An interrupt ends the command even if the log goes on, and what was read so far is named.
#[cfg(unix)]
#[test]
fn an_interrupted_command_says_how_far_it_came() {
    use std::io::{BufRead, BufReader, Read};
    use std::process::Command;

    let folder = Folder::new("jobs-interrupt", &[("p.yaml", GOOD)]);
    let words = ["simulate", "--policy", "p.yaml", "--format", "events", "-"];
    let mut child = folder.command(&words).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = format!("{}\noops\n{}\n", event(1), event(2));
    input.write_all(text.as_bytes()).unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    // The problem is reported once the command reads, so it can be interrupted.
    errors.read_line(&mut line).unwrap();
    assert!(line.contains("-:2: "), "{line}");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(130));
    line.clear();
    errors.read_line(&mut line).unwrap();
    let bytes = text.len();
    assert_eq!(
        line,
        format!("audit-policy: interrupted in `-`: {bytes} B read, 2 events\n")
    );
    // What was simulated is written.
    let mut out = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    assert_eq!(out, format!("{}\n{}\n", event(1), event(2)));
    drop(input);
}

#[test]
fn other_layouts_are_read_in_order_by_any_number_of_threads() {
    let folder = Folder::new("jobs-layouts", &[("p.yaml", GOOD)]);
    let items = (0..EVENTS).map(event).collect::<Vec<_>>();
    let size = |text: &str| text.len() as u64;
    // The last line has no end, a line is longer than what is awaited, and no line is an event.
    let long = format!(
        "{}\"{}\n",
        event(1).trim_end_matches('}'),
        "x".repeat(5 << 20)
    );
    let logs = [
        ("cut", items.join("\n"), EVENTS, 0),
        ("within", format!("{}{{\"kind\":\"Ev", log(|_| "")), EVENTS, 1),
        ("long", format!("{}{long}{}", log(|_| ""), log(|_| "")), 2 * EVENTS, 1),
        ("array", format!("[{}]", items.join(",\n")), EVENTS, 0),
        ("lists", items.chunks(2).map(|two| format!("{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{}]}}\n", two.join(","))).collect(), EVENTS, 0),
    ];
    for (name, text, events, unreadable) in logs {
        assert!(size(&text) > 3_000_000);
        write(&folder, "a.log", text.as_bytes());
        for jobs in ["1", "3"] {
            let words = [
                "simulate", "--policy", "p.yaml", "--format", "summary", "--jobs", jobs, "a.log",
            ];
            let summary = folder.run(&words).object();
            assert_eq!(
                summary["recorded"]["events"],
                json!(events),
                "{name}, {jobs}"
            );
            assert_eq!(summary["unreadable"], json!(unreadable), "{name}, {jobs}");
        }
    }
}

/// A command whose output is closed ends, even if nothing more is in its input.
#[test]
fn closed_output_ends_the_command_while_its_input_is_silent() {
    let folder = Folder::new("jobs-closed", &[("p.yaml", GOOD)]);
    let words = ["simulate", "--policy", "p.yaml", "--format", "json", "-"];
    let mut child = folder.command(&words).spawn().unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(format!("{}\n", event(1)).as_bytes())
        .unwrap();
    // Standard input stays open.
    assert!(child.wait().unwrap().success());
    drop(input);
}

#[test]
fn no_thread_is_too_few() {
    let folder = Folder::new("jobs-none", &[("p.yaml", GOOD), ("a.log", "")]);
    for command in ["simulate", "estimate"] {
        let ran = folder.run(&[command, "--policy", "p.yaml", "--jobs", "0", "a.log"]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("--jobs"), "{}", ran.err);
    }
}
