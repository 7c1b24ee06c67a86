//! The cost of reading a log, importing a text or checking a file: instructions where they can be counted, otherwise seconds.

use std::fmt;
use std::fs;
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use audit_import::{KubernetesVersion, import};
use audit_log::LogReader;
use audit_log::decompress::{Compression, Decompressor};

/// Seconds of reading from which on the figures are exact.
const ENOUGH: f64 = 0.16;

/// Maximum number of readings of the longest input.
const MAX_ROUNDS: usize = 64;

/// Function that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Reading a log.
    Log,
    /// Importing a text, which includes recognizing it.
    Import,
    /// Checking a file with `audit-policy check`, which includes printing.
    Check,
}

impl Subject {
    /// Argument of the process whose instructions are counted.
    const fn mode(self) -> &'static str {
        match self {
            Self::Log => "--read",
            Self::Import => "--import",
            Self::Check => "check",
        }
    }

    /// Returns the subject of an argument of this program.
    pub(crate) fn of_mode(mode: &str) -> Option<Self> {
        [Self::Log, Self::Import]
            .into_iter()
            .find(|subject| subject.mode() == mode)
    }

    /// Returns the process whose instructions are counted. `None` if the command is not built.
    fn program(self) -> Option<PathBuf> {
        let own = std::env::current_exe().ok()?;
        match self {
            Self::Log | Self::Import => Some(own),
            Self::Check => {
                let name = format!("audit-policy{}", std::env::consts::EXE_SUFFIX);
                Some(own.with_file_name(name)).filter(|command| command.exists())
            }
        }
    }
}

/// Subject, and number of bytes that are passed at once.
type Reading = (Subject, usize);

/// Unit of cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// Instructions of user code, counted by the processor.
    Perf,
    /// Instructions, counted by simulation.
    Callgrind,
    /// Seconds of processor time, which vary with what else runs.
    Seconds,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Perf => "millions of instructions (perf stat -e instructions:u)",
            Self::Callgrind => "millions of instructions (valgrind --tool=callgrind)",
            Self::Seconds => "milliseconds (neither perf nor valgrind can count instructions here)",
        })
    }
}

impl Measure {
    /// Returns the best measure that this machine has.
    pub(crate) fn detect() -> Self {
        let true_program = Path::new("true");
        if perf(true_program, &[]).is_some() {
            Self::Perf
        } else if callgrind(true_program, &[], None).is_some() {
            Self::Callgrind
        } else {
            Self::Seconds
        }
    }

    /// Returns the cost of reading logs of ascending lengths in chunks, in the unit of the measure. `None` if it cannot be measured.
    pub(crate) fn costs(self, logs: &[Vec<u8>], reading: Reading) -> Option<Vec<f64>> {
        if self == Self::Seconds {
            return reading.0.program().map(|_| times(logs, reading));
        }
        logs.iter()
            .map(|log| self.instructions(log, reading))
            .collect()
    }

    /// Counts the instructions of another process that reads a log.
    fn instructions(self, log: &[u8], (subject, chunk): Reading) -> Option<f64> {
        let program = subject.program()?;
        let path = std::env::temp_dir().join(format!("growth-{}.log", std::process::id()));
        fs::write(&path, log).ok()?;
        let chunk = chunk.to_string();
        let file = path.to_string_lossy().into_owned();
        let arguments = |mode| match subject {
            Subject::Log | Subject::Import => vec![mode, file.as_str(), chunk.as_str()],
            Subject::Check => vec![mode, file.as_str()],
        };
        let all = arguments(subject.mode());
        let count = match (self, subject) {
            (Self::Perf, Subject::Check) => perf(&program, &all),
            // Without what the process does except reading.
            (Self::Perf, _) => perf(&program, &all)
                .zip(perf(&program, &arguments("--load")))
                .map(|(all, rest)| all - rest),
            (_, Subject::Check) => callgrind(&program, &all, None),
            _ => callgrind(&program, &all, Some("*growth_read*")),
        };
        // The next log replaces a file that cannot be removed.
        let _ = fs::remove_file(&path);
        count.map(|count| count / 1e6)
    }
}

/// Runs a program and returns the number of instructions that perf counts.
fn perf(program: &Path, arguments: &[&str]) -> Option<f64> {
    let mut command = Command::new("perf");
    command.args(["stat", "-x,", "-e", "instructions:u"]);
    let output = command.arg(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines().last()?.split(',').next()?.parse().ok()
}

/// Runs a program and returns its number of instructions, or those of a function and all that it calls.
fn callgrind(program: &Path, arguments: &[&str], function: Option<&str>) -> Option<f64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.args(function.map(|function| format!("--toggle-collect={function}")));
    let output = command.arg(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.split("Collected : ").nth(1)?;
    count.lines().next()?.trim().parse().ok()
}

/// Reads a log in chunks, or imports or checks a text, and returns the number of items, findings or printed bytes. Its name identifies it for
/// callgrind.
#[inline(never)]
pub(crate) fn growth_read(bytes: &[u8], (subject, chunk): Reading) -> u64 {
    match subject {
        Subject::Log => read_log(bytes, chunk),
        Subject::Import => {
            let text = String::from_utf8_lossy(bytes);
            import(&text, KubernetesVersion::NEWEST).findings.len() as u64
        }
        Subject::Check => check(bytes).unwrap_or_default(),
    }
}

/// Runs the command and returns the number of bytes that it prints.
fn check(bytes: &[u8]) -> Option<u64> {
    let mut command = Command::new(Subject::Check.program()?);
    command.args(["check", "-"]).stderr(Stdio::null());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    // The command reads everything before it prints.
    child.stdin.take()?.write_all(bytes).ok()?;
    Some(child.wait_with_output().ok()?.stdout.len() as u64)
}

fn read_log(bytes: &[u8], chunk: usize) -> u64 {
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

/// Milliseconds of reading each log. Short ones are read more often, so that the same bytes are read in all.
fn times(logs: &[Vec<u8>], reading: Reading) -> Vec<f64> {
    let longest = logs.last().map_or(0, Vec::len);
    // The first reading gets the memory of the allocator from the system, and is not counted.
    let once = logs.last().map_or(0.0, |log| seconds(log, reading, 1));
    let rounds = ((ENOUGH / once.max(1e-4)).ceil() as usize).clamp(1, MAX_ROUNDS);
    let time = |log: &Vec<u8>| {
        let rounds = rounds * (longest / log.len().max(1)).clamp(1, 8);
        seconds(log, reading, rounds) * 1e3
    };
    logs.iter().map(time).collect()
}

/// Seconds of one reading, from a number of readings.
fn seconds(log: &[u8], reading: Reading, rounds: usize) -> f64 {
    let clock = Instant::now();
    let now = || match reading.0 {
        Subject::Log | Subject::Import => thread_seconds(clock),
        Subject::Check => clock.elapsed().as_secs_f64(),
    };
    let start = now();
    for _ in 0..rounds {
        black_box(growth_read(black_box(log), reading));
    }
    (now() - start) / rounds as f64
}

/// Seconds that this thread has run, where the system reports them; otherwise seconds of the clock, which include what else runs.
fn thread_seconds(start: Instant) -> f64 {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = schedule.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |time| time / 1e9)
}
