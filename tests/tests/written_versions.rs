//! Events that not every version writes in the same way: the bytes of the log, the sizes of single events and the sums over a table
//! agree for every version and level, and what the record lacks is unknown.

#![allow(clippy::unwrap_used, clippy::panic)]

use audit_log::{Event, Location, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Level, Matcher, Policy, Rule};
use audit_sim::{EventTable, Simulator, Verdicts};

const HEAD: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"@","stage":"ResponseComplete""#;
const TAIL: &str = r#""requestReceivedTimestamp":"2024-01-02T03:04:05.678901Z","stageTimestamp":"2024-01-02T03:04:05.678901Z""#;

/// Text of an event between its stage and its times, text after them, and `true` if its size is known for every version.
fn rows() -> Vec<(Vec<u8>, &'static str, bool)> {
    let row = |fields: &str| (fields.as_bytes().to_vec(), "", true);
    let unsure = |fields: &str| (fields.as_bytes().to_vec(), "", false);
    let mut rows = vec![
        row(r#","requestURI":"/api/v1/namespaces/d/pods/x","verb":"get","user":{"username":"alice"},"responseStatus":{"metadata":{},"status":"Failure","message":"a\bb\f","reason":"NotFound","details":{"name":"\b"},"code":404}"#),
        row(r#","requestURI":"/api/v1/namespaces/default/pods/caf%E9","verb":"get","user":{"username":"alice"},"userAgent":"caf\ufffd","objectRef":{"resource":"pods","name":"caf\ufffd"}"#),
        row(r#","requestURI":"/api/v1/namespaces/d/pods/x","verb":"patch","user":{"username":"alice"},"requestObject":null"#),
        row(r#","requestURI":"/apis/apps/v1/namespaces/d/deployments","verb":"create","user":{"username":"alice"},"requestObject":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"x","creationTimestamp":null},"spec":{"template":{"metadata":{"creationTimestamp":null}}}},"responseObject":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"x","creationTimestamp":"t","managedFields":[{"manager":"m"}]},"spec":{"template":{"metadata":{"creationTimestamp":null}}}}"#),
        unsure(r#","requestURI":"/apis/apps/v1/namespaces/d/deployments","verb":"create","user":{"username":"alice"},"requestObject":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"x"},"spec":{"template":{"metadata":{}}}}"#),
        row(r#","requestURI":"/apis/example.com/v1/namespaces/d/rollouts","verb":"create","user":{"username":"alice"},"requestObject":{"apiVersion":"example.com/v1","kind":"Rollout","metadata":{"name":"x"},"spec":{"template":{"metadata":{"creationTimestamp":null}}}}"#),
        row(r#","requestURI":"/apis/apps/v1/namespaces/d/deployments/x","verb":"delete","user":{"username":"alice"},"requestObject":{"kind":"DeleteOptions","apiVersion":"apps/v1","propagationPolicy":"Background"}"#),
        unsure(r#","requestURI":"/apis/apps/v1/namespaces/d/deployments/x","verb":"delete","user":{"username":"alice"},"requestObject":{"kind":"DeleteOptions","apiVersion":"meta.k8s.io/__internal","propagationPolicy":"Background"}"#),
        row(r#","requestURI":"/api/v1/namespaces/d/pods","verb":"list","user":{"username":"alice"},"userAgent":"a\b","responseObject":{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"creationTimestamp":"t","annotations":{"a":"\f"}}}]}"#),
        (
            br#","requestURI":"/api/v1/namespaces/d/pods","verb":"list","user":{"username":"alice"}"#.to_vec(),
            r#","annotations":{"apiserver.latency.k8s.io/total":"1.2s","authorization.k8s.io/decision":"allow"}"#,
            true,
        ),
    ];
    rows.push((
        b",\"requestURI\":\"/api/v1/namespaces/d/pods/x\",\"verb\":\"patch\",\"user\":{\"username\":\"alice\"},\"userAgent\":\"\xe9\",\"requestObject\":{\"a\":\"\xff \xe2\x82\"}".to_vec(),
        "",
        true,
    ));
    rows
}

fn log() -> Vec<u8> {
    let mut log = Vec::new();
    for (index, (fields, behind, _)) in rows().into_iter().enumerate() {
        log.extend_from_slice(HEAD.replace('@', &index.to_string()).as_bytes());
        log.extend_from_slice(&fields);
        log.extend_from_slice(format!(",{TAIL}{behind}}}\n").as_bytes());
    }
    log
}

fn each(log: &[u8], take: &mut dyn FnMut(Location, &Event<'_>)) {
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(place, event) => take(place, event),
        LogItem::Problem(problem) => panic!("{problem:?}"),
    };
    // In chunks that end anywhere in a line.
    for piece in log.chunks(97) {
        reader.push(piece, &mut take);
    }
    reader.finish(&mut take);
}

fn policy(level: Level, omit_managed_fields: bool) -> Policy {
    let mut policy = Policy::new(vec![Rule::new(level)]);
    policy.omit_managed_fields = omit_managed_fields;
    policy.omit_stages = vec![audit_policy::Stage::RequestReceived];
    policy
}

#[test]
fn sizes_are_those_of_the_lines_in_every_version() {
    let log = log();
    let mut table = EventTable::new();
    each(&log, &mut |place, event| table.push(0, place, event));
    table.finish();
    assert_eq!(table.recorded(), rows().len());
    // Recorded sizes are the lengths in the file, except for the one byte of a raw user agent that the server escapes.
    let recorded = table.recorded_sum().bytes;
    assert_eq!(recorded, log.len() as u64 + 5);
    for level in [Level::Metadata, Level::Request, Level::RequestResponse] {
        for omit in [false, true] {
            let policy = policy(level, omit);
            let verdicts = Verdicts::new(&Matcher::new(&policy), table.requests());
            for version in KubernetesVersion::all() {
                let simulator = Simulator::new(&policy, version);
                let (mut bytes, mut unknown, mut index) = (0, 0, 0);
                each(&log, &mut |_, event| {
                    let simulated = simulator.simulate(event);
                    let line = simulator.line(event, &simulated).unwrap();
                    match simulated.outcome.written_bytes {
                        Some(size) => {
                            assert_eq!(size, line.len() as u64, "{index} {level} {version}")
                        }
                        None => {
                            let (_, _, is_known) = rows().swap_remove(index);
                            assert!(!is_known, "{index} {level} {version}");
                            unknown += 1;
                        }
                    }
                    bytes += simulated.outcome.written_bytes.unwrap_or(0);
                    index += 1;
                });
                let tally = table.evaluate(&verdicts, version).tally;
                assert_eq!((tally.written.bytes, tally.sizes_unknown), (bytes, unknown));
            }
        }
    }
}

#[test]
fn the_newest_version_writes_what_it_recorded() {
    let log = log();
    let policy = policy(Level::RequestResponse, false);
    let simulator = Simulator::new(&policy, KubernetesVersion::NEWEST);
    let mut written = Vec::new();
    each(&log, &mut |_, event| {
        written.extend(simulator.line(event, &simulator.simulate(event)).unwrap());
    });
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // Three things change: two that only older servers print, and a raw byte in a field.
    let expected = text(&log)
        .replace("\"x\",\"creationTimestamp\":null}", "\"x\"}")
        .replace(
            "\"apps/v1\",\"propagationPolicy\"",
            "\"meta.k8s.io/__internal\",\"propagationPolicy\"",
        )
        .replace("\"userAgent\":\"\u{fffd}\"", "\"userAgent\":\"\\ufffd\"");
    let (own, custom) = (
        "\"spec\":{\"template\":{\"metadata\":{\"creationTimestamp\":null}}}}",
        "\"spec\":{\"template\":{\"metadata\":{}}}}",
    );
    let expected: Vec<String> = expected
        .lines()
        .map(|line| {
            if line.contains("example.com/v1") {
                line.to_owned()
            } else {
                line.replace(own, custom)
            }
        })
        .collect();
    assert_eq!(text(&written).lines().collect::<Vec<_>>(), expected);
    assert!(written.windows(5).any(|bytes| bytes == b"\xff \xe2\x82\""));
}
