use audit_policy::{KubernetesVersion, Matcher, load};
use audit_sim::{Tally, Verdicts};

use super::chunk::ChunkReader;
use crate::log::Log;
use crate::source::Source;

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [u3]\n- level: Metadata\n  verbs: [list]\n- level: Request\n  namespaces: [n1, n5]\n";

/// Returns lines of which some are not an event by themselves.
fn text(seed: usize) -> String {
    let mut text = String::new();
    for number in 0..200 {
        let pick = (number * 31 + seed * 17) % 97;
        text += &match pick {
            5 => "nonsense".to_owned(),
            6 => String::new(),
            7 => "{\n\"auditID\":\"p\",\n\"stage\":\"Panic\"\n}".to_owned(),
            _ => format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{}","stage":"{}","requestURI":"/api/v1/namespaces/n{}/pods/p{}","verb":"{}","user":{{"username":"u{}"}},"sourceIPs":["10.0.0.{}"],"responseStatus":{{"metadata":{{}},"code":200}}}}"#,
                number / 2,
                ["RequestReceived", "ResponseComplete"][pick % 2],
                pick % 7,
                pick % 23,
                ["get", "list", "watch"][pick % 3],
                pick % 5,
                pick % 4,
            ),
        };
        text.push('\n');
    }
    text
}

fn started(bytes: usize) -> Log {
    let mut log = Log::default();
    log.begin_file("a", bytes as f64, Source::Text(Vec::new()));
    log
}

fn tally(log: &Log) -> Tally {
    let version = KubernetesVersion::NEWEST;
    let policy = load(POLICY.as_bytes(), version).policy.unwrap();
    let verdicts = Verdicts::new(&Matcher::new(&policy), log.table.requests());
    log.table.evaluate(&verdicts, version).tally
}

#[test]
fn chunks_of_several_readers_have_the_totals_of_one() {
    for seed in 0..40 {
        let text = text(seed);
        let bytes = text.as_bytes();
        let mut whole = started(bytes.len());
        whole.push(bytes);
        whole.end_file();
        let mut log = started(bytes.len());
        let mut readers = [(); 3].map(|()| ChunkReader::default());
        log.begin_chunks(readers.len());
        let mut ends = vec![0];
        let mut read_apart = 0;
        while let Some(end) = ends.last().copied().filter(|end| *end < bytes.len()) {
            let next = (end + 900).min(bytes.len());
            let newline = bytes[next - 1..].iter().position(|byte| *byte == b'\n');
            ends.push(newline.map_or(bytes.len(), |at| next + at));
        }
        for (index, chunk) in ends.windows(2).enumerate() {
            let lines = &bytes[chunk[0]..chunk[1]];
            let reader = index % readers.len();
            let result = readers[reader].read(1, lines, chunk[0] as f64);
            if let Some((content, _)) = &result {
                log.merge_ids(content, reader);
            }
            match result.filter(|_| log.accepts_chunks()) {
                Some((content, rows)) => {
                    log.append(lines.len() as f64, content, rows, reader);
                    read_apart += 1;
                }
                None => log.push(lines),
            }
        }
        log.end_file();
        assert!(read_apart > 0);
        let listed = |log: &Log| {
            let rows = log.table.rows();
            rows.map(|(id, row)| {
                let request = row.request.to_request();
                format!(
                    "{id:?} {:?} {request:?} {:?} {}",
                    row.place, row.attributes, row.source
                )
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(listed(&log), listed(&whole), "{seed}");
        assert_eq!(tally(&log), tally(&whole), "{seed}");
        assert_eq!(log.estimate(), whole.estimate(), "{seed}");
        assert_eq!(log.report, whole.report, "{seed}");
    }
}
