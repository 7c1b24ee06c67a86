//! Gigabytes per second from the bytes of a log to the evaluation, natively on one thread, by stage, and compared with jq on the same bytes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::hint::black_box;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use audit_log::{LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher, load};
use audit_sim::{EventTable, Tally, Verdicts};
use conformance::read;
use conformance::synthetic::{Contents, Synthetic};

const BYTES: u64 = 200 << 20;
const CHUNK: usize = 4 << 20;
const ROUNDS: usize = 3;

fn main() {
    let policy = load(
        &read("bench/seventeen-rules.yaml").unwrap(),
        KubernetesVersion::NEWEST,
    )
    .policy
    .unwrap();
    let matcher = Matcher::new(&policy);
    for contents in [Contents::Bodies, Contents::Metadata] {
        let mut log = Vec::new();
        let lines = Synthetic::new(contents)
            .unwrap()
            .write(BYTES, &mut log)
            .unwrap();
        println!(
            "{contents:?}: {lines} events, {:.0} bytes per event",
            log.len() as f64 / lines as f64
        );
        let best = |name: &str, work: &mut dyn FnMut()| {
            let seconds = (0..ROUNDS)
                .map(|_| {
                    let start = Instant::now();
                    work();
                    start.elapsed().as_secs_f64()
                })
                .fold(f64::INFINITY, f64::min);
            println!(
                "  {name}: {:.2} GB/s, {:.0} ns per event",
                log.len() as f64 / seconds / 1e9,
                seconds * 1e9 / lines as f64
            );
            seconds
        };
        let reading = best("read events", &mut || {
            let mut count = 0;
            each_event(&log, |_, _| count += 1);
            assert_eq!(count, lines);
        });
        let table = || {
            let mut table = EventTable::new();
            each_event(&log, |place, event| table.push(0, place, event));
            table
        };
        best("read into the table", &mut || {
            black_box(table());
        });
        let whole = best("read, judge, sum up", &mut || {
            black_box(answer(&matcher, &table()));
        });
        let filled = table();
        println!("  {} distinct requests", filled.requests().len());
        best("judge and sum up again", &mut || {
            black_box(answer(&matcher, &filled));
        });
        if let Some(jq) = jq(&log) {
            println!(
                "  jq: {:.3} GB/s; the answer comes {:.1} times as fast, bare reading {:.1} times",
                log.len() as f64 / jq / 1e9,
                jq / whole,
                jq / reading
            );
        }
    }
}

fn each_event(log: &[u8], mut note: impl FnMut(audit_log::Location, &audit_log::Event<'_>)) {
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(place, event) => note(place, event),
        LogItem::Problem(problem) => panic!("{problem:?}"),
    };
    for chunk in log.chunks(CHUNK) {
        reader.push(chunk, &mut take);
    }
    reader.finish(&mut take);
}

fn answer(matcher: &Matcher, table: &EventTable) -> Tally {
    let verdicts = Verdicts::new(matcher, table.requests());
    table.evaluate(&verdicts, KubernetesVersion::NEWEST).tally
}

/// Returns the seconds that jq takes to read three fields of each event, the best of the same number of rounds; `None` if it is not
/// installed. It reads a tenth of the log.
fn jq(log: &[u8]) -> Option<f64> {
    let end = log[..log.len() / 10]
        .iter()
        .rposition(|byte| *byte == b'\n')?
        + 1;
    let rounds: Option<Vec<f64>> = (0..ROUNDS).map(|_| jq_once(&log[..end])).collect();
    let best = rounds?.into_iter().fold(f64::INFINITY, f64::min);
    Some(best * log.len() as f64 / end as f64)
}

fn jq_once(log: &[u8]) -> Option<f64> {
    let start = Instant::now();
    let mut child = Command::new("jq")
        .arg("-c")
        .arg("[.verb, .user.username, .requestURI]")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(log).ok()?;
    child.wait().ok()?.success().then_some(())?;
    Some(start.elapsed().as_secs_f64())
}
