//! `cargo run --release -p conformance --bin growth [-- [--kib N] [WORD]]`: how the cost of reading a log, importing a text or checking a file grows
//! with its length, for healthy logs and texts of every kind and for inputs made to be slow. Prints the cost of N KiB (1,024 by default) and of 2, 4 and 8
//! times that, and the exponent between the first and the last: 1 is linear, 2 is quadratic. Fails where one is over the limit. The cost is the number
//! of instructions, which is the same in each run, or the time where instructions cannot be counted; the first line says which. WORD selects
//! the inputs with it in their name; the names of texts start with `import` or `check`, and texts have an eighth of the length. Those that start with
//! `check` run the command: build it first, with `cargo build --release -p audit-cli`.

#![allow(clippy::print_stdout)]

mod inputs;
mod measure;
mod repeated;
mod texts;

use std::hint::black_box;
use std::process::ExitCode;

use inputs::{Input, inputs};
use measure::{Measure, Subject, growth_read};

/// The target.
const LIMIT: f64 = 1.1;

/// Default length of the shortest input in KiB.
const KIB: usize = 1024;

/// Prints the row of an input and returns its exponent.
fn row(input: &Input, kib: usize, measure: Measure) -> Option<f64> {
    let make = |factor| (input.make)((kib << 10) * factor);
    let logs = [1, 2, 4, 8].map(make);
    let costs = measure.costs(&logs, (input.subject, input.chunk))?;
    let (first, last) = costs.first().zip(costs.last())?;
    let exponent = (last / first.max(1e-6)).log2() / 3.0;
    print!("{:<62}", input.name);
    for cost in &costs {
        print!("{cost:>10.1}");
    }
    let mark = if exponent > LIMIT { "  over" } else { "" };
    println!("{exponent:>8.3}{mark}");
    Some(exponent)
}

/// Reads, imports, or only loads a file: the process whose instructions are counted.
fn child(mode: &str, file: &str, chunk: &str) -> ExitCode {
    let Some((log, chunk)) = std::fs::read(file).ok().zip(chunk.parse().ok()) else {
        return ExitCode::FAILURE;
    };
    if let Some(subject) = Subject::of_mode(mode) {
        black_box(growth_read(black_box(&log), (subject, chunk)));
    }
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (kib, word) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [mode @ ("--read" | "--import" | "--load"), file, chunk] => {
            return child(mode, file, chunk);
        }
        ["--kib", kib] => (kib.parse().unwrap_or(KIB), String::new()),
        ["--kib", kib, word] => (kib.parse().unwrap_or(KIB), word.to_owned()),
        [word] => (KIB, word.to_owned()),
        _ => (KIB, String::new()),
    };
    let measure = Measure::detect();
    println!("{kib} KiB and 2, 4 and 8 times that, in {measure}");
    println!(
        "{:<62}{:>10}{:>10}{:>10}{:>10}{:>8}",
        "input", "1x", "2x", "4x", "8x", "growth"
    );
    let (mut rows, mut over, mut most) = (0, Vec::new(), 0.0_f64);
    for input in inputs()
        .into_iter()
        .chain(texts::texts())
        .filter(|input| input.name.contains(&word))
    {
        let measured = row(&input, kib, measure);
        // Times vary with what else runs: a second try decides.
        let exponent = match measured {
            Some(first) if first > LIMIT && measure == Measure::Seconds => {
                row(&input, kib, measure).map(|second| first.min(second))
            }
            measured => measured,
        };
        let Some(exponent) = exponent else {
            println!("{:<62}could not be measured", input.name);
            over.push(input.name);
            continue;
        };
        rows += 1;
        most = most.max(exponent);
        if exponent > LIMIT {
            over.push(input.name);
        }
    }
    println!(
        "{rows} inputs, the highest exponent is {most:.3}, over {LIMIT} or not measured: {}",
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
