//! Checks of the texts in the source tree: spelling, and phrases that the project does not use (`phrases.txt`).

mod finding;
mod list;
mod summaries;
mod words;

use std::fs;
use std::process::{Command, ExitCode};

use crate::install;
use crate::programs::TYPOS;
use crate::project::Project;
use crate::run::{self, Error};
use finding::Finding;

/// Findings that are still allowed. The number only ever shrinks.
const MAX_FINDINGS: usize = 0;

/// File with the phrases, relative to the root.
const LIST: &str = "crates/xtask/phrases.txt";

/// Endings of the files that are checked.
const ENDINGS: [&str; 9] = [
    ".rs", ".md", ".js", ".mjs", ".css", ".html", ".toml", ".yaml", ".sh",
];

/// Files and folders with texts that others wrote, that programs generate, or that contain the phrases as examples.
const EXEMPT: [&str; 4] = [
    "tests/data/",
    "web/js/generated/",
    "crates/xtask/src/prose/list.rs",
    LIST,
];

/// Returns the command that checks spelling.
pub fn spelling(project: &Project) -> Command {
    let mut typos = project.command(TYPOS.binary);
    typos.args(["--color", "never", "--format", "brief"]);
    typos
}

/// Looks for phrases to change in all files. Returns whether there are no more than allowed, and the list.
///
/// # Errors
/// If the list of phrases is malformed, or a file cannot be read.
pub fn phrases(project: &Project) -> Result<(bool, String), Error> {
    let list = project.root.join(LIST);
    let list = fs::read_to_string(&list).map_err(|error| Error::at(&list, &error))?;
    let phrases = list::parse(&list)
        .map_err(|line| Error::new(format!("{LIST}:{line}: not `phrase => replacement`")))?;
    let files = run::output(project.command("git").args(["ls-files"])).ok_or_else(|| {
        Error::new("`git ls-files` fails: the files of the project are not known")
    })?;
    let mut report = String::new();
    let mut count = 0;
    for file in files.lines().filter(|file| is_checked(file)) {
        let path = project.root.join(file);
        // Files that are deleted but not committed are still listed.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let mut findings = phrases.find(&text);
        let lines: Vec<&str> = text.lines().collect();
        findings.retain(|finding| {
            let line = lines.get(finding.line.saturating_sub(1));
            !line.is_some_and(|line| is_stable_name(line))
        });
        findings.extend(summaries::find(file, &text));
        findings.sort_by_key(|finding| finding.line);
        for Finding {
            line,
            text,
            instead,
        } in findings
        {
            report.push_str(&format!("{file}:{line}: `{text}`: {instead}\n"));
            count += 1;
        }
    }
    report.push_str(&format!(
        "{count} phrases to change; {MAX_FINDINGS} are allowed\n"
    ));
    Ok(((0..=MAX_FINDINGS).contains(&count), report))
}

/// Checks spelling and phrases, and prints what to change.
///
/// # Errors
/// If a check cannot run.
pub fn check(project: &Project) -> Result<ExitCode, Error> {
    let (is_clean, report) = phrases(project)?;
    print!("{report}");
    install::run(project, &install::pip_programs(project))?;
    run::run(&mut spelling(project))?;
    Ok(if is_clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns whether a line sets the name of a member in JSON. Such names are stable: scripts read them.
fn is_stable_name(line: &str) -> bool {
    line.trim_start().starts_with("#[serde(rename = ")
}

fn is_checked(file: &str) -> bool {
    ENDINGS.iter().any(|ending| file.ends_with(ending))
        && !EXEMPT.iter().any(|start| file.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_json_are_stable() {
        assert!(is_stable_name("    #[serde(rename = \"drain\")]"));
        assert!(!is_stable_name("    #[serde(rename_all = \"camelCase\")]"));
        assert!(!is_stable_name("let drain = 1;"));
    }
}
