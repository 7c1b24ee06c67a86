//! Compression of the written lines, measured on a sample that is spread evenly over the log.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use audit_log::Event;
use audit_policy::{KubernetesVersion, Policy};
use audit_sim::Simulator;
use audit_volume::compression::Compression;
use flate2::write::GzEncoder;

/// Maximum bytes of lines that are kept.
const MAX_BYTES: usize = 1 << 20;

/// Consecutive events that are sampled together: lines compress well because they resemble their neighbors.
const RUN: u64 = 64;

/// Compression level that kube-apiserver uses for rotated files.
const GZIP_LEVEL: u32 = 6;

/// Written lines of every `stride`th run of events.
pub(super) struct CompressionSample {
    /// One run of this many is kept; a power of two.
    stride: Arc<AtomicU64>,
    lines: Vec<(u64, Vec<u8>)>,
    bytes: usize,
}

/// Makes the lines of a sample, of any part of a log.
#[derive(Clone)]
pub(crate) struct LineSampler {
    simulator: Simulator,
    stride: Arc<AtomicU64>,
}

impl LineSampler {
    /// Creates a sampler of the lines that a server with this policy writes.
    pub(super) fn new(policy: &Policy, version: KubernetesVersion) -> Self {
        Self {
            simulator: Simulator::new(policy, version),
            stride: Arc::new(AtomicU64::new(1)),
        }
    }

    /// Creates an empty sample for the lines.
    pub(super) fn sample(&self) -> CompressionSample {
        CompressionSample {
            stride: Arc::clone(&self.stride),
            lines: Vec::new(),
            bytes: 0,
        }
    }

    /// Returns the line of an event, with its number in all logs; `None` if the sample does not need it.
    pub(super) fn line(&self, number: u64, event: &Event<'_>) -> Option<Vec<u8>> {
        // A part that is read ahead may see a smaller stride; the sample leaves out what it has too much.
        let stride = self.stride.load(Ordering::Relaxed);
        if !(number / RUN).is_multiple_of(stride) {
            return None;
        }
        let simulated = self.simulator.simulate(event);
        self.simulator.line(event, &simulated)
    }
}

impl CompressionSample {
    fn stride(&self) -> u64 {
        self.stride.load(Ordering::Relaxed)
    }

    /// Adds the line of the event with this number in all logs, or leaves it out. Events come in their order.
    pub(super) fn add(&mut self, number: u64, line: Vec<u8>) {
        let run = number / RUN;
        if !run.is_multiple_of(self.stride()) {
            return;
        }
        self.bytes += line.len();
        self.lines.push((run, line));
        while self.bytes > MAX_BYTES && self.lines.len() > 1 {
            self.thin(run);
        }
    }

    /// Makes room: removes every other run, or the last line if there is only one run.
    fn thin(&mut self, run: u64) {
        if self.lines.first().is_some_and(|(first, _)| *first == run) {
            self.lines.pop();
        } else {
            let stride = self.stride().saturating_mul(2);
            self.stride.store(stride, Ordering::Relaxed);
            self.lines.retain(|(run, _)| run.is_multiple_of(stride));
        }
        self.bytes = self.lines.iter().map(|(_, line)| line.len()).sum();
    }

    /// Compresses the lines; `None` if nothing is written.
    pub(super) fn measure(&self) -> Option<Compression> {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
        for (_, line) in &self.lines {
            encoder.write_all(line).ok()?;
        }
        let compressed_bytes = encoder.finish().ok()?.len();
        (self.bytes > 0).then(|| Compression {
            sample_events: self.lines.len(),
            sample_bytes: self.bytes,
            compressed_bytes,
            ratio: compressed_bytes as f64 / self.bytes as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::load;

    use super::*;

    const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;

    fn sample(events: u32, extra: &str) -> CompressionSample {
        let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
        let policy = load(text, VERSION).policy;
        let sampler = LineSampler::new(&policy.unwrap_or_default(), VERSION);
        let mut sample = sampler.sample();
        for number in 0..u64::from(events) {
            let raw = format!(
                r#"{{"level":"Metadata","auditID":"{number:08}","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{{"username":"{extra}"}}}}"#
            );
            if let Some(line) = sampler.line(number, &Event::new(&raw)) {
                sample.add(number, line);
            }
        }
        sample
    }

    #[test]
    fn a_small_log_is_packed_whole() {
        let small = sample(100, "alice");
        assert_eq!((small.lines.len(), small.stride()), (100, 1));
        assert!(small.measure().is_some_and(|packing| packing.ratio < 0.5));
        assert_eq!(sample(0, "alice").measure(), None);
    }

    #[test]
    fn a_large_log_is_sampled_in_runs_over_all_of_it() {
        // About 1,200 bytes a line: 4,000 lines are five times what is kept, so that one run of eight is left.
        let large = sample(4_000, &"x".repeat(1_000));
        assert!(large.bytes <= MAX_BYTES && large.bytes > MAX_BYTES / 4);
        assert_eq!(large.stride(), 8);
        let runs: std::collections::BTreeSet<u64> =
            large.lines.iter().map(|(run, _)| *run).collect();
        assert_eq!(runs, (0..8).map(|run| run * 8).collect());
        assert_eq!(large.lines.len(), 8 * 64);
    }

    #[test]
    fn lines_that_are_too_long_leave_one() {
        let huge = sample(3, &"x".repeat(MAX_BYTES));
        assert_eq!(huge.lines.len(), 1);
        assert!(huge.measure().is_some());
    }
}
