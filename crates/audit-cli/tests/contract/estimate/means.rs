//! Disk, wires, bill, packing and truncation.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{AGENT, assert_near, at, event, folder, report, words};

/// Two events of that size a day apart: twice that a day.
fn a_day_apart(size: usize) -> String {
    let get = |time: &str| event(time, "alice", "get", "/version", size);
    [
        get("2026-01-02T00:00:00.000000Z"),
        get("2026-01-03T00:00:00.000000Z"),
    ]
    .concat()
}

const MEBIBYTE: f64 = 1_048_576.0;

#[test]
fn disks_are_bound_by_number_age_or_nothing() {
    // One file of 1 MB fills in a day.
    let folder = folder("estimate-disk", &a_day_apart(524_288));
    let bound = |more: &[&str]| report(&folder, "all.yaml", more)["disk"].clone();
    // Three rotated files and the one being written; three days of history.
    let disk = bound(&["--max-size", "1", "--max-backup", "3", "--max-age", "0"]);
    assert_eq!(disk["bound"], "backups");
    for (key, value, unit) in [
        ("rotatesAt", MEBIBYTE, "bytes"),
        ("rotatesEvery", 1.0, "days"),
        ("eventsAFile", 2.0, "events"),
        ("files", 4.0, "files"),
        ("bytes", 4.0 * MEBIBYTE, "bytes"),
        ("history", 3.0, "days"),
    ] {
        assert_near(&disk[key]["value"], value);
        assert_eq!(disk[key]["unit"], unit, "{key}");
    }
    assert_eq!(
        disk["history"]["formula"],
        "3 rotated files × 1 day each = 3 days"
    );
    // Two days are two files.
    let disk = bound(&["--max-size", "1", "--max-backup", "10", "--max-age", "2"]);
    assert_eq!(disk["bound"], "age");
    assert_near(&disk["bytes"]["value"], 3.0 * MEBIBYTE);
    let rows: [(&[&str], &str); 4] = [
        (&["--max-backup", "0", "--max-age", "0"], "nothing"),
        (&["--max-size", "0"], "neverRotated"),
        (&["--log-path", "-"], "standardOutput"),
        (&["--log-path", ""], "noBackend"),
    ];
    for (more, name) in rows {
        let disk = bound(more);
        assert_eq!(disk["bound"], name, "{more:?}");
        let grows = name != "noBackend";
        assert_eq!(disk["growth"].is_null(), !grows, "{more:?}");
        if grows {
            assert_near(&disk["growth"]["value"], MEBIBYTE);
        }
    }
    // Before 1.36 a size of 0 is 100.
    let older = bound(&["--max-size", "0", "--kubernetes-version", "1.35"]);
    assert_near(&older["rotatesAt"]["value"], 100.0 * MEBIBYTE);
}

#[test]
fn settings_are_those_that_export_prints() {
    let folder = folder("estimate-settings", &a_day_apart(524_288));
    let settings = json!({"version": "1.35", "log": {"maxSizeMb": 0, "maxBackups": 7}});
    std::fs::write(folder.0.join("s.json"), settings.to_string()).unwrap();
    let disk = report(&folder, "all.yaml", &["--settings", "s.json"])["disk"].clone();
    assert_near(&disk["rotatesAt"]["value"], 100.0 * MEBIBYTE);
    let more = ["--settings", "s.json", "--max-size", "1", "--max-age", "0"];
    let disk = report(&folder, "all.yaml", &more)["disk"].clone();
    assert_near(&disk["bytes"]["value"], 8.0 * MEBIBYTE);
}

#[test]
fn text_has_the_arithmetic_on_request() {
    let folder = folder("estimate-explain", &a_day_apart(524_288));
    let options = ["--max-size", "1", "--max-backup", "3", "--max-age", "0"];
    let text = folder.run(&words("all.yaml", &options)).out;
    let formula = "3 rotated files × 1 day each = 3 days";
    assert!(text.contains("  History kept: 3 days\n"), "{text}");
    assert!(!text.contains(formula), "{text}");
    let more = [&["--explain"], &options[..]].concat();
    let text = folder.run(&words("all.yaml", &more)).out;
    let line = format!("  History kept: 3 days\n      {formula}\n");
    assert!(text.contains(&line), "{text}");
    let day = "  Bytes per day: 1.05 MB\n      1.05 MB ÷ 1 day × 1 day\n";
    assert!(text.contains(day), "{text}");
}

#[test]
fn a_bill_is_gigabytes_times_prices() {
    // A million bytes per day: 30.4375 million per month, and 1.048576 days of them in the one rotated file.
    let folder = folder("estimate-bill", &a_day_apart(500_000));
    let options = ["--max-size", "1", "--max-backup", "1", "--max-age", "0"];
    let prices = ["--price-ingested", "1000", "--price-stored", "1000"];
    let bill = report(&folder, "all.yaml", &[&options[..], &prices].concat())["bill"].clone();
    for (key, value) in [
        ("ingested", 0.030_437_5),
        ("stored", 0.001_048_576),
        ("costOfIngested", 30.437_5),
        ("costOfStored", 1.048_576),
        // 30.44 and 1.05.
        ("cost", 31.49),
    ] {
        assert_near(&bill[key]["value"], value);
    }
    let bill = report(&folder, "all.yaml", &options)["bill"].clone();
    assert_eq!(bill["cost"], Value::Null);
    let text = folder.run(&words("all.yaml", &options)).out;
    assert!(!text.contains("Cost of a log service"), "{text}");
    // What is kept forever has no price per month.
    let endless = ["--max-backup", "0", "--max-age", "0", "--price-stored", "1"];
    let text = folder.run(&words("all.yaml", &endless)).out;
    assert!(text.contains("cost of storage can't be computed"), "{text}");
}

#[test]
fn webhook_figures_use_its_settings() {
    let folder = folder("estimate-webhook-settings", &a_day_apart(1_000));
    let settings = r#"{"webhook":{"configPath":"/w","batch":{"maxSize":100,"throttleQps":5}}}"#;
    std::fs::write(folder.0.join("s.json"), settings).unwrap();
    let webhook = report(&folder, "all.yaml", &["--settings", "s.json"])["webhook"].clone();
    // Five batches of a hundred a second.
    assert_near(&webhook["drain"]["value"], 500.0);
}

#[test]
fn a_webhook_has_the_defaults_of_the_server() {
    let folder = folder("estimate-webhook", &a_day_apart(1_000));
    let webhook = report(&folder, "all.yaml", &[])["webhook"].clone();
    assert_eq!(webhook["mode"], "batch");
    // 10 batches of 400 events per second; a queue of 10,000 events of 1,000 bytes.
    assert_near(&webhook["drain"]["value"], 4_000.0);
    assert_near(&webhook["buffer"]["value"], 10_000_000.0);
    assert_near(&webhook["peak"]["dropped"]["value"], 0.0);
}

#[test]
fn the_queue_before_the_log_drops_what_it_has_no_room_for() {
    // Ten events within a second, and one 100 seconds later.
    let many = event(&at(0), "alice", "get", "/version", 1_000).repeat(10);
    let log = many + &event(&at(100), "alice", "get", "/version", 1_000);
    let folder = folder("estimate-queue", &log);
    let settings = json!({"log": {"mode": "batch", "batch": {
        "bufferSize": 5, "maxSize": 1, "throttleEnable": true, "throttleQps": 1.0, "throttleBurst": 1
    }}});
    std::fs::write(folder.0.join("s.json"), settings.to_string()).unwrap();
    let queue = report(&folder, "all.yaml", &["--settings", "s.json"])["log"].clone();
    // (10 − 1) × 1 second, less 1 in the burst and 5 in the queue.
    assert_near(&queue["peak"]["dropped"]["value"], 3.0);
    assert_near(&queue["peak"]["queued"]["value"], 5.0);
    let title = "Queue of the log backend\n";
    let text = folder
        .run(&words("all.yaml", &["--settings", "s.json"]))
        .out;
    assert!(
        text.contains(title) && text.contains("  Dropped during the peak: 3 events\n"),
        "{text}"
    );
    let text = folder.run(&words("all.yaml", &[])).out;
    assert!(!text.contains(title), "{text}");
}

#[test]
fn packing_is_measured_on_the_written_lines() {
    let log = a_day_apart(1_000)
        + &event(
            "2026-01-03T00:00:00.000000Z",
            AGENT,
            "list",
            "/api/v1/pods",
            1_000,
        );
    let folder = folder("estimate-packing", &log);
    let options = [
        "--compress",
        "--max-size",
        "1",
        "--max-backup",
        "3",
        "--max-age",
        "0",
    ];
    let report = report(&folder, "lists.yaml", &options);
    // The list is not written, and the other two lines are as they were.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&log.as_bytes()[..2_000]).unwrap();
    let packed = encoder.finish().unwrap().len();
    let compression = &report["compression"];
    assert_eq!(compression["sampleEvents"], 2);
    assert_eq!(compression["sampleBytes"], 2_000);
    assert_eq!(compression["packedBytes"], packed);
    let ratio = packed as f64 / 2_000.0;
    assert_near(&compression["ratio"], ratio);
    assert_near(
        &report["disk"]["bytes"]["value"],
        (3.0 * ratio + 1.0) * MEBIBYTE,
    );
    let text = folder.run(&words("lists.yaml", &options)).out;
    assert!(
        text.contains("Compression was measured on 2 written events with 2.00 KB.\n"),
        "{text}"
    );
}

#[test]
fn truncation_cuts_bodies_and_discards_the_rest() {
    // A create with a body of 500 bytes at level Request, and a get at Metadata.
    let body = format!(r#"{{"data":"{}"}}"#, "x".repeat(489));
    assert_eq!(body.len(), 500);
    let created = event(&at(0), "alice", "create", "/api/v1/namespaces/a/pods", 600)
        .replace("\"level\":\"Metadata\"", "\"level\":\"Request\"")
        .replace(
            ",\"requestReceivedTimestamp\"",
            &format!(",\"requestObject\":{body},\"requestReceivedTimestamp\""),
        )
        .replace("}\n", ",\"annotations\":{\"a\":\"b\"}}\n");
    let got = event(&at(100), "alice", "get", "/version", 1_500);
    let folder = folder("estimate-truncation", &[created, got].concat());
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Request\n  verbs: [create]\n- level: Metadata\n";
    std::fs::write(folder.0.join("bodies.yaml"), policy).unwrap();
    let cut = report(
        &folder,
        "bodies.yaml",
        &["--truncate-max-event-size", "1000"],
    );
    let cut = &cut["truncation"]["cut"];
    // The body goes with its key, and the annotation comes.
    let saved = ",\"requestObject\":".len() + 500 - ",\"audit.k8s.io/truncated\":\"true\"".len();
    assert_eq!(cut["bodiesLost"], json!({"events": 1, "bytes": saved}));
    assert_eq!(cut["discarded"], json!({"events": 1, "bytes": 1_500}));
    assert_eq!(
        cut["examplesOfDiscarded"],
        json!([{"file": "a.log", "line": 2}])
    );
    let text = folder
        .run(&words(
            "bodies.yaml",
            &["--truncate-max-event-size", "1000"],
        ))
        .out;
    for line in [
        "Truncation of events larger than 1,000 bytes\n",
        "  Bodies removed: 1 event, 485 B\n",
        "  Events discarded: 1 event, 1.50 KB\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let whole = report(
        &folder,
        "bodies.yaml",
        &["--truncate-max-event-size", "2000"],
    );
    assert_eq!(whole["truncation"]["cut"]["discarded"]["events"], 0);
}
