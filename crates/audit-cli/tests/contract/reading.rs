//! Inputs that can only be read once, inputs that cannot be read, and limits.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::{BAD, COMMAND, Folder, GOOD};

const EVENT: &str = r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"alice"},"stageTimestamp":"2024-01-02T03:04:05Z"}"#;

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A zstd frame of one block that is stored as it is.
fn zstd(text: &str) -> Vec<u8> {
    let size = u32::try_from(text.len()).unwrap();
    let mut frame = b"\x28\xb5\x2f\xfd\xa0".to_vec();
    frame.extend(size.to_le_bytes());
    frame.extend((size << 3 | 1).to_le_bytes().iter().take(3));
    frame.extend(text.as_bytes());
    frame
}

/// Lines of many different events, so that what is cut off late still has some.
fn many() -> String {
    (0..2_000)
        .map(|number: u32| {
            let id = number.wrapping_mul(2_654_435_761);
            format!(
                "{}\n",
                EVENT.replace("\"1\"", &format!("\"{id:08x}{number}\""))
            )
        })
        .collect()
}

/// Logs by name, with the events in each, whether something is unreadable, and the status.
fn logs() -> Vec<(&'static str, Vec<u8>, u64, bool, i32)> {
    let cut = |mut bytes: Vec<u8>, length: usize| {
        bytes.truncate(length);
        bytes
    };
    let (line, many) = (format!("{EVENT}\n"), many());
    let (packed, frame) = (gzip(&many), zstd(&line));
    let mut flipped = gzip(&line);
    let end = flipped.len() - 5;
    flipped[end] ^= 0xff;
    vec![
        ("plain", line.clone().into_bytes(), 1, false, 0),
        ("gz", gzip(&line), 1, false, 0),
        ("zst", frame.clone(), 1, false, 0),
        ("empty", Vec::new(), 0, false, 0),
        ("gz of nothing", gzip(""), 0, false, 0),
        // A file with bytes in it is not empty, and no event was read from it.
        ("blank", b"\n \t\r\n".to_vec(), 0, true, 2),
        ("blank lines", b"\n".repeat(1_000), 0, true, 2),
        (
            "blank behind a mark",
            b"\xef\xbb\xbf \n".to_vec(),
            0,
            true,
            2,
        ),
        ("gz of blanks", gzip("\n\n"), 0, true, 2),
        // A list was read, and it does not contain events.
        ("empty list", b"[]".to_vec(), 0, false, 0),
        ("empty list in blanks", b"\n [\n] \n".to_vec(), 0, false, 0),
        (
            "no items",
            br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[]}"#.to_vec(),
            0,
            false,
            0,
        ),
        (
            "one bad line",
            format!("{line}garbage\n").into_bytes(),
            1,
            true,
            0,
        ),
        ("checksum", flipped, 1, true, 0),
        ("gz cut in its head", cut(packed.clone(), 9), 0, true, 2),
        ("gz cut to two bytes", cut(packed.clone(), 2), 0, true, 2),
        (
            "gz that is none",
            b"\x1f\x8b\x08 not gzip at all".to_vec(),
            0,
            true,
            2,
        ),
        ("zst cut", cut(frame.clone(), 20), 0, true, 2),
        ("zst cut in its head", cut(frame, 5), 0, true, 2),
        ("garbage", b"garbage\n".to_vec(), 0, true, 2),
        ("bytes", b"\x00\xff\xfe\x01".to_vec(), 0, true, 2),
        ("foreign", b"{\"a\":1}\n".to_vec(), 0, true, 2),
    ]
}

#[test]
fn a_log_of_which_nothing_can_be_read_is_status_2_and_counted() {
    let folder = Folder::new("reading-logs", &[("p.yaml", GOOD), ("good.log", EVENT)]);
    for (name, bytes, events, is_bad, status) in logs() {
        fs::write(folder.0.join("log"), bytes).unwrap();
        for words in [
            &["simulate", "--policy", "p.yaml", "--format", "summary"][..],
            &[
                "simulate",
                "--policy",
                "p.yaml",
                "--derive-stages",
                "--format",
                "summary",
            ],
            &["estimate", "--policy", "p.yaml", "--format", "json"],
        ] {
            let ran = folder.run(&[words, &["log", "good.log"]].concat());
            assert_eq!(ran.status, status, "{name}: {words:?}: {}", ran.err);
            let report = ran.object();
            let file = &report["files"][0];
            assert_eq!(file["events"], events, "{name}");
            assert_eq!(
                file["unreadable"].as_u64().unwrap() > 0,
                is_bad,
                "{name}: {file}"
            );
            assert_eq!(report["unreadable"], file["unreadable"], "{name}");
            let reasons = file["reasons"].as_array().unwrap();
            assert_eq!(!reasons.is_empty(), is_bad, "{name}: {file}");
            for reason in reasons {
                assert!(!reason["reason"].as_str().unwrap().is_empty(), "{name}");
            }
            // The other log is read all the same.
            assert_eq!(report["files"][1]["events"], 1, "{name}");
            assert_eq!(
                ran.err.is_empty(),
                !is_bad && events > 0,
                "{name}: {}",
                ran.err
            );
        }
        let ran = folder.run(&["export", "--policy", "p.yaml", "--target", "flags", "log"]);
        assert_eq!(ran.status, status, "export: {name}: {}", ran.err);
        assert!(!ran.out.is_empty(), "export: {name}");
    }
}

#[test]
fn a_packed_log_that_is_cut_late_is_read_up_to_there() {
    let folder = Folder::new("reading-cut", &[("p.yaml", GOOD)]);
    let mut packed = gzip(&many());
    packed.truncate(packed.len() - 40);
    fs::write(folder.0.join("log"), packed).unwrap();
    let ran = folder.run(&[
        "simulate", "--policy", "p.yaml", "--format", "summary", "log",
    ]);
    let file = &ran.object()["files"][0];
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        file["events"].as_u64().unwrap() > 1_000 && file["unreadable"].as_u64().unwrap() > 0,
        "{file}"
    );
}

#[test]
fn a_file_that_cannot_be_opened_does_not_keep_the_others_from_being_read() {
    let folder = Folder::new(
        "reading-missing",
        &[
            ("p.yaml", GOOD),
            ("b.yaml", BAD),
            ("a.log", EVENT),
            ("flags", "--audit-log-path=/a.log\n"),
        ],
    );
    let objects = |words: &[&str], status: i32| -> Vec<Value> {
        let ran = folder.run(words);
        assert_eq!(ran.status, status, "{words:?}: {}", ran.err);
        assert!(
            ran.err.contains("cannot read `nowhere`: "),
            "{words:?}: {}",
            ran.err
        );
        ran.objects()
    };
    let checked = objects(
        &["check", "--format", "json", "nowhere", "b.yaml", "p.yaml"],
        2,
    );
    assert_eq!(checked.len(), 2);
    assert_eq!(
        (&checked[0]["accepted"], &checked[1]["accepted"]),
        (&Value::Bool(false), &Value::Bool(true))
    );
    assert_eq!(
        objects(&["import", "--format", "json", "nowhere", "flags"], 2).len(),
        1
    );
    assert_eq!(
        objects(
            &[
                "simulate", "--policy", "p.yaml", "--format", "json", "nowhere", "a.log"
            ],
            2
        )
        .len(),
        1
    );
    let summary = &objects(
        &[
            "simulate", "--policy", "p.yaml", "--format", "summary", "nowhere", "a.log", ".",
        ],
        2,
    )[0];
    assert_eq!(summary["recorded"]["events"], 1);
    assert_eq!(summary["files"].as_array().unwrap().len(), 3);
    let estimate = &objects(
        &[
            "estimate", "--policy", "p.yaml", "--format", "json", "nowhere", "a.log",
        ],
        2,
    )[0];
    assert_eq!(estimate["recorded"]["events"], 1);
    let export = &objects(
        &[
            "export", "--policy", "p.yaml", "--format", "json", "--target", "flags", "nowhere",
            "a.log",
        ],
        2,
    )[0];
    assert_eq!(export["documents"].as_array().unwrap().len(), 1);
}

#[test]
fn standard_input_is_read_once() {
    let folder = Folder::new(
        "reading-stdin",
        &[("p.yaml", GOOD), ("a.log", EVENT), ("requests", "{}\n")],
    );
    let table: [&[&str]; 11] = [
        &["check", "-", "-"],
        &["evaluate", "--policy", "-", "-"],
        &["evaluate", "--policy", "-"],
        &["simulate", "--policy", "-", "-"],
        &["simulate", "--policy", "-", "--derive-stages", "-"],
        &["simulate", "--policy", "p.yaml", "-", "-"],
        &["estimate", "--policy", "-", "--baseline", "-", "a.log"],
        &["estimate", "--policy", "p.yaml", "--settings", "-", "-"],
        &["export", "--policy", "-", "--manifest", "-"],
        &["export", "--policy", "-", "--target", "flags", "-"],
        &["import", "-", "-"],
    ];
    for words in table {
        let ran = folder.run_on(GOOD, words);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(
            ran.err.contains("standard input can only be read once"),
            "{words:?}: {}",
            ran.err
        );
    }
    if fs::metadata("/dev/stdin").is_err() {
        println!("skipped: there is no /dev/stdin");
        return;
    }
    for other in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        if fs::metadata(other).is_err() {
            continue;
        }
        let ran = folder.run_on(GOOD, &["simulate", "--policy", "-", other]);
        assert_eq!(ran.status, 2, "{other}: {}", ran.err);
        assert!(ran.err.contains("the same pipe"), "{other}: {}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn a_log_that_can_be_read_once_only_is_kept_for_the_second_time() {
    let folder = Folder::new("reading-twice", &[("p.yaml", GOOD), ("a.log", EVENT)]);
    let words = [
        "simulate",
        "--policy",
        "p.yaml",
        "--derive-stages",
        "--format",
        "json",
    ];
    let stages = |output: &[u8]| -> Vec<Value> {
        let text = std::str::from_utf8(output).unwrap();
        let line = |line| serde_json::from_str::<Value>(line).unwrap()["stage"].clone();
        text.lines().map(line).collect()
    };
    let expected = ["RequestReceived", "ResponseComplete"];
    for name in ["-", "/dev/stdin"] {
        let ran = folder.run_on(EVENT, &[&words[..], &[name]].concat());
        assert_eq!(
            (ran.status, stages(ran.out.as_bytes())),
            (0, expected.map(Value::from).to_vec()),
            "{name}"
        );
    }
    // A pipe with a name, and one that a shell makes.
    for (shell, log) in [
        ("sh", "mkfifo pipe; cat a.log > pipe & \"$0\" LOG pipe"),
        ("bash", "\"$0\" LOG <(cat a.log)"),
        ("bash", "\"$0\" LOG <(gzip -c a.log)"),
    ] {
        let script = log.replace("LOG", &words.join(" "));
        let output = Command::new(shell)
            .args(["-c", &script, COMMAND])
            .current_dir(&folder.0)
            .stdin(Stdio::null())
            .output();
        let Ok(output) = output else {
            println!("skipped: there is no {shell}");
            continue;
        };
        assert_eq!(
            stages(&output.stdout),
            expected,
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn what_is_too_large_to_read_is_status_2_and_says_whose_limit_it_is() {
    let folder = Folder::new("reading-large", &[("p.yaml", GOOD), ("a.log", EVENT)]);
    let sparse = |name: &str, bytes: u64| {
        let file = fs::File::create(folder.0.join(name)).unwrap();
        file.set_len(bytes).unwrap();
    };
    sparse("policy", (16 << 20) + 1);
    sparse("manifest", (2 << 20) + 1);
    fs::write(
        folder.0.join("grows"),
        [&b"\xff\xfe"[..], &[0x20; 2 << 20][..]]
            .concat()
            .get(..(2 << 20) - 2)
            .unwrap(),
    )
    .unwrap();
    sparse("json", (32 << 20) + 1);
    sparse("line", (1 << 20) + 1);
    let policy = "16777217 bytes, the limit is 16777216";
    let json = "33554433 bytes, the limit is 33554432";
    let manifest = "2097153 bytes, the limit is 2097152";
    // U+2020 is two bytes in UTF-16 and three in UTF-8: (2097152 - 4) / 2 * 3.
    let grown = "3145722 bytes, the limit is 2097152";
    let table: [(&[&str], &str); 12] = [
        (&["check", "policy"], policy),
        (&["evaluate", "--policy", "policy", "a.log"], policy),
        (&["simulate", "--policy", "policy", "a.log"], policy),
        (
            &[
                "estimate",
                "--policy",
                "p.yaml",
                "--baseline",
                "policy",
                "a.log",
            ],
            policy,
        ),
        (&["export", "--policy", "policy"], policy),
        (
            &["export", "--policy", "p.yaml", "--manifest", "manifest"],
            manifest,
        ),
        (&["import", "manifest"], manifest),
        (&["import", "--format", "json", "manifest"], manifest),
        (&["import", "grows"], grown),
        (&["export", "--settings", "json"], json),
        (&["model", "--profile", "json"], json),
        (
            &["evaluate", "--policy", "p.yaml", "line"],
            "more than 1048576 bytes, the limit is 1048576",
        ),
    ];
    for (words, sizes) in table {
        let ran = folder.run(words);
        assert_eq!(
            (ran.status, ran.out.as_str()),
            (2, ""),
            "{words:?}: {}",
            ran.err
        );
        let said = format!("too large: {sizes} (kube-apiserver has no such limit)");
        assert!(ran.err.contains(&said), "{words:?}: {}", ran.err);
    }
    // What never ends is not read to its end.
    if fs::metadata("/dev/zero").is_ok() {
        let ran = folder.run(&["check", "/dev/zero"]);
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains("more than 16777216 bytes"), "{}", ran.err);
    }
}

#[test]
fn settings_and_manifests_are_text_in_utf_8_or_utf_16() {
    let folder = Folder::new("reading-text", &[("p.yaml", GOOD)]);
    let wide = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}")
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let settings = r#"{"policyPath":"/p"}"#;
    let flags = "--audit-policy-file=/p\n";
    for (name, bytes) in [
        ("settings", settings.as_bytes().to_vec()),
        ("marked", format!("\u{feff}{settings}").into_bytes()),
        ("wide", wide(settings)),
    ] {
        fs::write(folder.0.join(name), bytes).unwrap();
        let ran = folder.run(&[
            "export",
            "--policy",
            "p.yaml",
            "--target",
            "flags",
            "--settings",
            name,
        ]);
        assert_eq!(
            (ran.status, ran.out.lines().next()),
            (0, Some("--audit-policy-file=/p")),
            "{name}: {}",
            ran.err
        );
    }
    fs::write(folder.0.join("flags"), wide(flags)).unwrap();
    assert_eq!(folder.run(&["import", "flags"]).out, flags);
    for (name, bytes) in [
        ("bytes", &b"--audit-log-path=/a\xff\n"[..]),
        ("half", b"\xff\xfea\0b"),
    ] {
        fs::write(folder.0.join(name), bytes).unwrap();
        for words in [
            &["import", name, "flags"][..],
            &["export", "--policy", "p.yaml", "--settings", name],
            &["export", "--policy", "p.yaml", "--manifest", name],
            &["model", "--profile", name],
        ] {
            let ran = folder.run(words);
            assert_eq!(ran.status, 2, "{words:?}");
            assert!(
                ran.err
                    .contains(&format!("cannot read `{name}`: not valid UTF-")),
                "{words:?}: {}",
                ran.err
            );
        }
        assert_eq!(
            folder.run(&["import", name, "flags"]).out.lines().last(),
            flags.lines().last()
        );
    }
}

#[test]
fn a_file_that_is_not_a_log_is_one_message() {
    let late = format!("# Notes\nSome words here.\n{EVENT}\noops\n");
    let files = [
        ("p.yaml", GOOD),
        ("README.md", "# Notes\n\nSome words here.\n- one\n"),
        (
            "pod.log",
            "# Notes\n- one\n{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\n",
        ),
        ("late.log", &late),
    ];
    let folder = Folder::new("reading-no-log", &files);
    // File, exit status, starts of the messages, and the number of locations.
    let rows: [(&str, i32, &[&str], u64); 3] = [
        (
            "README.md",
            2,
            &["`README.md` does not contain audit events: "],
            3,
        ),
        (
            "pod.log",
            2,
            &[
                "pod.log:3: this is a Kubernetes `Pod`",
                "`pod.log` does not contain audit events: ",
            ],
            3,
        ),
        // The lines of a log are reported one by one, in its order.
        (
            "late.log",
            0,
            &["late.log:1: ", "late.log:2: ", "late.log:4: "],
            3,
        ),
    ];
    for (file, status, messages, unreadable) in rows {
        for jobs in ["1", "3"] {
            let ran = folder.run(&[
                "simulate", "--policy", "p.yaml", "--format", "summary", "--jobs", jobs, file,
            ]);
            assert_eq!(ran.status, status, "{file}: {}", ran.err);
            let found: Vec<&str> = ran.err.lines().collect();
            assert_eq!(found.len(), messages.len(), "{file}: {}", ran.err);
            for (found, message) in found.iter().zip(messages) {
                assert!(found.contains(message), "{found}");
            }
            assert_eq!(ran.object()["unreadable"], unreadable, "{file}");
        }
    }
    let ran = folder.run(&["simulate", "--policy", "p.yaml", "README.md"]);
    assert!(
        ran.err
            .trim_end()
            .ends_with("; none of its 4 lines is an event"),
        "{}",
        ran.err
    );
}

#[test]
fn a_file_of_other_objects_has_twenty_messages_and_the_number_of_others() {
    let pods = "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\n";
    let folder = Folder::new(
        "reading-pods",
        &[
            ("p.yaml", GOOD),
            ("pods.log", &pods.repeat(50)),
            ("late.log", &format!("{}{EVENT}\n", pods.repeat(50))),
        ],
    );
    let ran = folder.run(&["simulate", "--policy", "p.yaml", "pods.log"]);
    assert_eq!(ran.status, 2);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 22, "{}", ran.err);
    assert!(
        lines
            .iter()
            .any(|line| line.ends_with("pods.log: 30 more places could not be read")),
        "{}",
        ran.err
    );
    // Of a log, each is reported.
    let ran = folder.run(&["simulate", "--policy", "p.yaml", "late.log"]);
    assert_eq!(
        (ran.status, ran.err.lines().count()),
        (0, 50),
        "{}",
        ran.err
    );
}
