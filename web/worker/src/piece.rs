//! A piece of a log of JSON lines, read by a worker of its own: what it is asked for, and what it answers.

use audit_log::lines::{self, LineCounts};
use audit_sim::{EventTable, SideTables, TableShard, Window};
use serde::{Deserialize, Serialize};

/// A piece of a file: whole lines.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Counts the runs of pieces; a reader forgets what it knows of the run before.
    pub(crate) run: u32,
    /// Counts the pieces of a run.
    pub(crate) number: u32,
    /// The offset of the first byte.
    pub(crate) from: f64,
}

/// What a reader found; the rows travel beside it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Found {
    /// That of what was wanted.
    pub(crate) run: u32,
    /// That of what was wanted.
    pub(crate) number: u32,
    /// Bytes of memory that the reader holds.
    pub(crate) memory: f64,
    /// None where some line is not an event as it stands.
    pub(crate) content: Option<Content>,
}

/// The events of a piece, but for their rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    lines: u64,
    events: u64,
    /// When they were received.
    pub(crate) window: Window,
    /// What belongs to the rows.
    pub(crate) beside: SideTables,
}

impl Content {
    pub(crate) const fn stretch(&self) -> LineCounts {
        LineCounts {
            lines: self.lines,
            events: self.events,
        }
    }
}

/// Reads pieces, one after another.
#[derive(Debug, Default)]
pub(crate) struct PieceReader {
    run: u32,
    table: EventTable,
}

impl PieceReader {
    /// Reads whole lines that start at an offset of their file.
    pub(crate) fn read(
        &mut self,
        run: u32,
        lines: &[u8],
        offset: f64,
    ) -> Option<(Content, Vec<u64>)> {
        if self.run != run {
            *self = Self {
                run,
                table: EventTable::new(),
            };
        }
        let mut window = Window::default();
        let table = &mut self.table;
        let stretch = lines::read(lines, offset as u64, &mut |place, event| {
            window.record(event.time());
            table.push(0, place, event);
        });
        let Some(LineCounts { lines, events }) = stretch else {
            table.discard_rows();
            return None;
        };
        let TableShard {
            rows,
            side_tables: beside,
        } = table.take_shard();
        let content = Content {
            lines,
            events,
            window,
            beside,
        };
        Some((content, rows))
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::{KubernetesVersion, Matcher, load};
    use audit_sim::{Tally, Verdicts};

    use super::*;
    use crate::log::Log;
    use crate::source::Source;

    const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [u3]\n- level: Metadata\n  verbs: [list]\n- level: Request\n  namespaces: [n1, n5]\n";

    /// Lines of which some are no event of their own, by a number.
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
        log.begin("a", bytes as f64, Source::Text(Vec::new()));
        log
    }

    fn tally(log: &Log) -> Tally {
        let version = KubernetesVersion::NEWEST;
        let policy = load(POLICY.as_bytes(), version).policy.unwrap();
        let verdicts = Verdicts::new(&Matcher::new(&policy), log.table.requests());
        log.table.evaluate(&verdicts, version).tally
    }

    #[test]
    fn pieces_of_several_readers_come_to_the_totals_of_one() {
        for seed in 0..40 {
            let text = text(seed);
            let bytes = text.as_bytes();
            let mut whole = started(bytes.len());
            whole.push(bytes);
            whole.end();
            let mut log = started(bytes.len());
            let mut readers = [(); 3].map(|()| PieceReader::default());
            log.begin_pieces(readers.len());
            let mut ends = vec![0];
            let mut apart = 0;
            while let Some(end) = ends.last().copied().filter(|end| *end < bytes.len()) {
                let next = (end + 900).min(bytes.len());
                let newline = bytes[next - 1..].iter().position(|byte| *byte == b'\n');
                ends.push(newline.map_or(bytes.len(), |at| next + at));
            }
            for (number, piece) in ends.windows(2).enumerate() {
                let lines = &bytes[piece[0]..piece[1]];
                let reader = number % readers.len();
                let found = readers[reader].read(1, lines, piece[0] as f64);
                if let Some((content, _)) = &found {
                    log.learn(content, reader);
                }
                match found.filter(|_| log.takes_pieces()) {
                    Some((content, rows)) => {
                        log.append(lines.len() as f64, content, rows, reader);
                        apart += 1;
                    }
                    None => log.push(lines),
                }
            }
            log.end();
            assert!(apart > 0);
            let listed = |log: &Log| {
                let rows = log.table.rows();
                rows.map(|(number, row)| {
                    let request = row.request.to_request();
                    format!(
                        "{number} {:?} {request:?} {:?} {}",
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
}
