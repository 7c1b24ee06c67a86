//! The engine without a browser: runs the benches of the package `conformance` and formats their output as tables.

use super::figures::{Figures, Target, machine, target_table};
use super::load::Load;
use crate::project::Project;
use crate::run::{self, Error};

/// Required speed of an answer, as a multiple of the speed at which jq reads the log.
const TIMES_JQ: f64 = 15.0;

/// Lines of a bench below a heading: names and results.
#[derive(Debug, PartialEq, Eq)]
struct Section<'t> {
    heading: &'t str,
    rows: Vec<(&'t str, &'t str)>,
}

/// Runs the benches.
pub(super) fn measure(project: &Project) -> Result<Figures, Error> {
    // Built first, so that the compiler does not count as other work.
    let build = "bench --locked --quiet --no-run -p conformance --bench scan --bench evaluate";
    run::run(project.command("cargo").args(build.split(' ')))?;
    let load = Load::before();
    let (scanned, scan) = bench(project, "scan")?;
    let (evaluated, evaluate) = bench(project, "evaluate")?;
    let sections = sections(&scan);
    let jq = run::output(project.command("jq").arg("--version"));
    let mut text = format!(
        "On {}{}; one thread{}.\n\n",
        machine(),
        load.and_after(),
        jq.map_or_else(String::new, |version| format!("; {version}"))
    );
    text.push_str(&stages(&sections));
    text.push('\n');
    text.push_str(&rates(&evaluate));
    text.push('\n');
    text.push_str(&target_table(&[compared_with_jq(&sections)]));
    Ok(Figures {
        text,
        is_complete: scanned && evaluated,
    })
}

/// Runs a bench. Returns whether it succeeded, and its output.
fn bench(project: &Project, name: &str) -> Result<(bool, String), Error> {
    println!("measuring: {name}");
    let log = project.result_file(&format!("bench-{name}.log"));
    let mut cargo = project.command("cargo");
    cargo.args("bench --locked --quiet -p conformance --bench".split(' '));
    let (succeeded, text) = run::run_logged(cargo.arg(name), &log)?;
    println!("{text}");
    Ok((succeeded, text))
}

/// Groups indented lines under the unindented line before them. Other lines of cargo have no colon or no lines below them.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines() {
        let Some((name, found)) = line.split_once(": ") else {
            continue;
        };
        match (line.starts_with(' '), sections.last_mut()) {
            (true, Some(section)) => section.rows.push((name.trim(), found)),
            (true, None) => {}
            (false, _) => sections.push(Section {
                heading: line,
                rows: Vec::new(),
            }),
        }
    }
    sections.retain(|section| !section.rows.is_empty());
    sections
}

/// Formats the stages of an answer, one column per log.
fn stages(sections: &[Section<'_>]) -> String {
    let mut text = "| stage |".to_owned();
    for section in sections {
        text.push_str(&format!(" {} |", section.heading));
    }
    text.push_str(&format!("\n| --- |{}\n", " --- |".repeat(sections.len())));
    let names = sections.first().map(|section| section.rows.iter());
    for (name, _) in names.into_iter().flatten() {
        text.push_str(&format!("| {name} |"));
        for section in sections {
            let found = section.rows.iter().find(|(other, _)| other == name);
            text.push_str(&format!(" {} |", found.map_or("–", |(_, found)| found)));
        }
        text.push('\n');
    }
    text
}

/// Formats the rates of evaluation without reading.
fn rates(text: &str) -> String {
    let mut table = "| evaluation, without reading | |\n| --- | --- |\n".to_owned();
    for line in text.lines() {
        if let Some((name, found)) = line.split_once(": ")
            && found.contains("requests per second")
        {
            table.push_str(&format!("| {name} | {found} |\n"));
        }
    }
    table
}

fn compared_with_jq(sections: &[Section<'_>]) -> Target {
    let times: Vec<f64> = sections.iter().filter_map(times_jq).collect();
    let least = times.iter().copied().reduce(f64::min);
    let is_whole = !times.is_empty() && times.len() == sections.len();
    Target {
        name: "file in memory → complete answer, one thread, against jq",
        required: "≥ 15 times",
        measured: least.filter(|_| is_whole).map(|least| {
            let each: Vec<String> = times.iter().map(|times| format!("{times:.1}")).collect();
            (format!("{} times", each.join(" and ")), least >= TIMES_JQ)
        }),
    }
}

/// `…; the answer comes 17.4 times as fast, …`
fn times_jq(section: &Section<'_>) -> Option<f64> {
    let (_, found) = section.rows.iter().find(|(name, _)| *name == "jq")?;
    let (_, rest) = found.split_once("the answer comes ")?;
    rest.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "\
   Compiling conformance: something
Bodies: 230390 events, 910 bytes per event
  read events: 1.23 GB/s, 740 ns per event
  jq: 0.090 GB/s; the answer comes 17.4 times as fast, bare reading 20.1 times
Metadata: 318000 events, 659 bytes per event
  read events: 1.10 GB/s, 599 ns per event
  jq: 0.080 GB/s; the answer comes 14.9 times as fast, bare reading 20.1 times
";

    #[test]
    fn a_bench_becomes_a_table() {
        let sections = sections(PRINTED);
        assert_eq!(sections.len(), 2);
        let table = stages(&sections);
        assert!(table.starts_with("| stage | Bodies: 230390 events, 910 bytes per event |"));
        assert!(table.contains(
            "| read events | 1.23 GB/s, 740 ns per event | 1.10 GB/s, 599 ns per event |\n"
        ));
        let rates = rates(
            "292 distinct requests, 17 rules\nevaluate: 9.1 million requests per second (median)\n",
        );
        assert!(rates.ends_with("| evaluate | 9.1 million requests per second (median) |\n"));
    }

    #[test]
    fn the_slowest_log_decides() {
        let target = compared_with_jq(&sections(PRINTED));
        assert_eq!(
            target.measured,
            Some(("17.4 and 14.9 times".to_owned(), false))
        );
        assert_eq!(compared_with_jq(&sections("")).measured, None);
        let one = PRINTED.replacen("  jq: 0.090", "  qj: 0.090", 1);
        assert_eq!(compared_with_jq(&sections(&one)).measured, None);
    }
}
